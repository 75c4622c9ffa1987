"""Several processes on this machine, which end with whoever hands out the work."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for

from mcdiv.engine.executor import RestartableExecutor, Uninterrupted, WorkerPool, hand_out, prepare_worker


@contextmanager
def process_pool(workers: int, uninterrupted: Uninterrupted) -> Iterator[WorkerPool]:
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
