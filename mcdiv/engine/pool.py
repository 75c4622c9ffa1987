"""Who does the blocks: this thread, several threads, several processes, or Dask. Results come back in any order.

The engines are existing ones behind one interface, that of concurrent.futures; `executor` hands the blocks out.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import TypeVar

from mcdiv.engine.executor import RestartableExecutor, Uninterrupted, Versions, WorkerPool, hand_out, keep_memory

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
    # What the others take, multiprocessing and asyncio, is not loaded for a run in threads.
    if name == "dask":
        from mcdiv.engine.dask_pool import dask_pool

        return dask_pool(count, scheduler, versions)
    if name == "processes":
        from mcdiv.engine.process_pool import process_pool

        return process_pool(count, uninterrupted)
    return (_serial if name == "serial" else _threads)(count)


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
def _abandoned_on_error(pool: Executor) -> Iterator[Executor]:
    """An executor that is waited for where all went well: a thread cannot be ended, and its block may take hours."""
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
