"""Who does the blocks: this thread, several threads, several processes, or Dask. Results come back in any order.

The engines are existing ones behind one interface, that of concurrent.futures; `executor` hands the blocks out.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    Executor,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from typing import TypeVar

from mcdiv.engine.dask_pool import Versions, dask_pool
from mcdiv.engine.executor import RestartableExecutor, Uninterrupted, WorkerPool, hand_out, keep_memory, prepare_worker

B = TypeVar("B")
R = TypeVar("R")

BACKENDS = ("serial", "threads", "processes", "dask")


def open_pool(
    name: str,
    workers: int | None = None,
    scheduler: str | None = None,
    versions: Versions = dict,
    uninterrupted: Uninterrupted = nullcontext,
) -> AbstractContextManager[WorkerPool]:
    """The workers of a backend while the context is open; BackendError where they cannot be had.

    `scheduler` is the address of a Dask cluster that is there already; its workers must have these `versions`.
    Processes are started within `uninterrupted`. Where the context ends with an error, no worker is waited for.
    """
    if name not in BACKENDS:
        raise ValueError(f"backend: expected {', '.join(BACKENDS)}, got {name!r}")
    if scheduler is not None and name != "dask":
        raise ValueError(f"scheduler: it goes with the backend dask, got {name!r}")
    count = workers or default_workers()
    if name == "dask":
        return dask_pool(count, scheduler, versions)
    return (
        _processes(count, uninterrupted)
        if name == "processes"
        else {"serial": _serial, "threads": _threads}[name](count)
    )


def default_workers() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _serial(workers: int) -> Iterator[WorkerPool]:
    """One block after the other."""

    def pool_of_workers(work: Callable[[B], R], blocks: Iterable[tuple[int, B]]) -> Iterator[tuple[int, R]]:
        return ((place, work(block)) for place, block in blocks)

    keep_memory()
    yield pool_of_workers


@contextmanager
def _threads(workers: int) -> Iterator[WorkerPool]:
    """Several threads: NumPy leaves the interpreter while it computes."""
    keep_memory()
    with _abandoned_on_error(ThreadPoolExecutor(workers)) as pool:
        yield partial(hand_out, RestartableExecutor(lambda: pool), workers)


@contextmanager
def _processes(workers: int, uninterrupted: Uninterrupted) -> Iterator[WorkerPool]:
    """Several processes: for estimators written in pure Python."""
    context = get_context("spawn")
    with uninterrupted():
        _start_tracker()
    parent_alive, end = context.Pipe(duplex=False)
    make_executor = partial(
        ProcessPoolExecutor, workers, mp_context=context, initializer=_initialize_worker, initargs=(parent_alive,)
    )
    executor = RestartableExecutor(make_executor, uninterrupted)
    try:
        yield partial(hand_out, executor, workers)
    except BaseException:
        end.close()
        executor.pool.shutdown(wait=False, cancel_futures=True)
        raise
    else:
        executor.pool.shutdown(cancel_futures=True)
    finally:
        end.close()
        parent_alive.close()


def _start_tracker() -> None:
    """Start the process that cleans up after this one, should it be killed: silently, as nobody could help it."""
    if os.name != "posix":
        return
    sys.warnoptions.append("ignore::UserWarning")
    try:
        resource_tracker.ensure_running()  # with the options of this interpreter
    finally:
        sys.warnoptions.pop()


@contextmanager
def _abandoned_on_error(pool: Executor) -> Iterator[Executor]:
    """An executor that is waited for where all went well: a thread cannot be ended, and its block may take hours."""
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _initialize_worker(parent_alive: Connection) -> None:
    """What a worker process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who hands out the work
    threading.Thread(target=_exit_with_parent, args=(parent_alive,), daemon=True).start()
    prepare_worker()


def _exit_with_parent(parent_alive: Connection) -> None:
    """End with whoever hands out the work: one that is killed cannot tell its workers."""
    parent = parent_process()
    wait_for([parent_alive, *([parent.sentinel] if parent else [])])
    os._exit(1)
