"""Who does the blocks: this thread, several threads, several processes. Results come back in any order."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from functools import partial
from multiprocessing import get_context
from typing import TypeAlias, TypeVar, cast

from threadpoolctl import threadpool_limits

B = TypeVar("B")
R = TypeVar("R")
Backend: TypeAlias = Callable[[Callable[[B], R], Iterable[B], int], Iterator[R]]

#: blocks handed out beyond those being worked on: enough to keep every worker busy, few enough to hold
_AHEAD = 4


def serial(work: Callable[[B], R], blocks: Iterable[B], workers: int) -> Iterator[R]:
    """One block after the other."""
    with threadpool_limits(1):
        yield from map(work, blocks)


def threads(work: Callable[[B], R], blocks: Iterable[B], workers: int) -> Iterator[R]:
    """Several threads: NumPy leaves the interpreter while it computes."""
    # BLAS on one thread each: its own threads would stall beside busy cores, and change the last digits.
    with threadpool_limits(1), ThreadPoolExecutor(workers) as pool:
        yield from _handed_out(pool, work, blocks, workers)


def processes(work: Callable[[B], R], blocks: Iterable[B], workers: int) -> Iterator[R]:
    """Several processes: for estimators written in pure Python."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        yield from _handed_out(pool, work, blocks, workers)


def in_order(name: str, work: Callable[[B], R], blocks: Iterable[B], workers: int) -> Iterator[R]:
    """The results of a backend in the order of the blocks; those that come early wait for their turn."""
    early: dict[int, R] = {}
    following = 0
    backend = cast("Backend[tuple[int, B], tuple[int, R]]", BACKENDS[name])
    for place, result in backend(partial(_numbered, work), enumerate(blocks), workers):
        early[place] = result
        while following in early:
            yield early.pop(following)
            following += 1


BACKENDS: dict[str, Backend[object, object]] = {"serial": serial, "threads": threads, "processes": processes}


def default_workers() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _numbered(work: Callable[[B], R], block: tuple[int, B]) -> tuple[int, R]:
    return block[0], work(block[1])


def _handed_out(pool: Executor, work: Callable[[B], R], blocks: Iterable[B], workers: int) -> Iterator[R]:
    queue = iter(blocks)
    running: set[Future[R]] = set()
    try:
        while True:
            for block in queue:
                running.add(pool.submit(work, block))
                if len(running) >= workers + _AHEAD:
                    break
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _one_thread() -> None:
    # Only libraries that are loaded can be told, and a fresh process has not loaded NumPy's yet.
    import numpy  # noqa: F401

    threadpool_limits(1)
