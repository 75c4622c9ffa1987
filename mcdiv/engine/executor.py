"""Blocks are handed to an executor a few at a time, and handed out again where a worker died."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from mcdiv.errors import BackendError

B = TypeVar("B")
R = TypeVar("R")


#: what code and libraries a process has, by name
Versions = Callable[[], Mapping[str, str]]


#: a context in which nothing is interrupted
Uninterrupted = Callable[[], AbstractContextManager[Any]]


#: blocks handed out beyond those being worked on: enough to keep every worker busy, few enough to hold
_QUEUED_AHEAD = 4


#: how often workers may die with nothing finished in between, before it is taken for the fault of the work
MAX_RETRIES = 4


class WorkerPool(Protocol):
    """Workers: blocks with their places go in, results with those places come out as they are done."""

    def __call__(self, work: Callable[[B], R], blocks: Iterable[tuple[int, B]], /) -> Iterator[tuple[int, R]]:
        """The result of `work` for each block."""


class RestartableExecutor:
    """An executor, and a new one when its workers died."""

    def __init__(self, make_executor: Callable[[], Executor], uninterrupted: Uninterrupted = nullcontext) -> None:
        self._make_executor, self._uninterrupted = make_executor, uninterrupted
        self.pool = make_executor()

    def submit(self, work: Callable[[B], R], block: B) -> Future[R]:
        """Hand a block out; a process that is not there yet is started here."""
        with self._uninterrupted():
            return self.pool.submit(work, block)

    def restart(self) -> None:
        """Leave these workers behind, and have new ones."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._make_executor()


def hand_out(
    executor: RestartableExecutor, workers: int, work: Callable[[B], R], blocks: Iterable[tuple[int, B]]
) -> Iterator[tuple[int, R]]:
    """Results with their places, as they are done; BackendError where workers die again and again."""
    queue = iter(blocks)
    running: dict[Future[R], tuple[int, B]] = {}
    failures = 0
    try:
        while True:
            while len(running) < workers + _QUEUED_AHEAD and (following := next(queue, None)) is not None:
                running[_submitted(executor, work, following[1])] = following
            if not running:
                return
            unfinished = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor:
                    unfinished.append(item)
                else:
                    failures = 0
                    yield item[0], result
            if unfinished:  # a worker died, and took with it what the others were doing
                failures += 1
                if failures > MAX_RETRIES:
                    raise BackendError("the workers die again and again: too little memory for one block each, perhaps")
                unfinished += running.values()
                executor.restart()
                running = {_submitted(executor, work, block): (place, block) for place, block in unfinished}
    finally:
        for future in running:
            future.cancel()


def _submitted(executor: RestartableExecutor, work: Callable[[B], R], block: B) -> Future[R]:
    try:
        return executor.submit(work, block)
    except BrokenExecutor as error:  # noticed only now: it is told like any other block's end
        failed: Future[R] = Future()
        failed.set_exception(error)
        return failed


def keep_memory() -> None:
    """Memory that blocks give back stays with this process."""
    # The C library (glibc) gives memory back to the system above a size that grows with the largest array it has freed,
    # up to this one. Blocks want the same memory again and again: a tenth of their time was getting it anew.
    np.empty(2**25 - 2**16, dtype=np.uint8)


def prepare_worker() -> None:
    """Make a process that only does blocks ready for them; BLAS has one thread here as it has where they come from."""
    keep_memory()
    threadpool_limits(1)
