"""Who does the blocks: this thread, several threads, several processes, or Dask. Results come back in any order.

The engines are existing ones behind one interface, that of concurrent.futures. What is done here: blocks are handed
out a few at a time, and handed out again where a worker died.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from mcdiv.errors import BackendError

B = TypeVar("B")
R = TypeVar("R")
#: what code and libraries a process has, by name
About = Callable[[], Mapping[str, str]]
#: a context in which nothing is interrupted
Held = Callable[[], AbstractContextManager[Any]]

BACKENDS = ("serial", "threads", "processes", "dask")

#: blocks handed out beyond those being worked on: enough to keep every worker busy, few enough to hold
_AHEAD = 4
#: how often workers may die with nothing finished in between, before it is taken for the fault of the work
MAX_RETRIES = 4
#: seconds for a scheduler to answer, and for its first worker to be there
_PATIENCE = 4


class WorkerPool(Protocol):
    """Workers: blocks with their places go in, results with those places come out as they are done."""

    def __call__(self, work: Callable[[B], R], blocks: Iterable[tuple[int, B]], /) -> Iterator[tuple[int, R]]:
        """The result of `work` for each block."""


def opened(
    name: str,
    workers: int | None = None,
    scheduler: str | None = None,
    about: About = dict,
    held: Held = nullcontext,
) -> AbstractContextManager[WorkerPool]:
    """The workers of a backend while the context is open; BackendError where they cannot be had.

    `scheduler` is the address of a Dask cluster that is there already; its workers must have what `about` tells.
    Processes are started within `held`. Where the context ends with an error, no worker is waited for.
    """
    if name not in BACKENDS:
        raise ValueError(f"backend: expected {', '.join(BACKENDS)}, got {name!r}")
    if scheduler is not None and name != "dask":
        raise ValueError(f"scheduler: it goes with the backend dask, got {name!r}")
    count = workers or default_workers()
    if name == "dask":
        return _dask(count, scheduler, about)
    return _processes(count, held) if name == "processes" else {"serial": _serial, "threads": _threads}[name](count)


def default_workers() -> int:
    """As many as this process may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _serial(workers: int) -> Iterator[WorkerPool]:
    """One block after the other."""

    def pool_of_workers(work: Callable[[B], R], blocks: Iterable[tuple[int, B]]) -> Iterator[tuple[int, R]]:
        return ((place, work(block)) for place, block in blocks)

    _keep_memory()
    yield pool_of_workers


@contextmanager
def _threads(workers: int) -> Iterator[WorkerPool]:
    """Several threads: NumPy leaves the interpreter while it computes."""
    _keep_memory()
    with _left_behind(ThreadPoolExecutor(workers)) as pool:
        yield partial(_handed_out, RestartableExecutor(lambda: pool), workers)


@contextmanager
def _processes(workers: int, held: Held) -> Iterator[WorkerPool]:
    """Several processes: for estimators written in pure Python."""
    context = get_context("spawn")
    with held():
        _start_tracker()
    leash, end = context.Pipe(duplex=False)
    make_executor = partial(ProcessPoolExecutor, workers, mp_context=context, initializer=_settle_in, initargs=(leash,))
    executor = RestartableExecutor(make_executor, held)
    try:
        yield partial(_handed_out, executor, workers)
    except BaseException:
        end.close()
        executor.pool.shutdown(wait=False, cancel_futures=True)
        raise
    else:
        executor.pool.shutdown(cancel_futures=True)
    finally:
        end.close()
        leash.close()


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
def _left_behind(pool: Executor) -> Iterator[Executor]:
    """An executor that is waited for where all went well: a thread cannot be ended, and its block may take hours."""
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


class RestartableExecutor:
    """An executor, and a new one when its workers died."""

    def __init__(self, make_executor: Callable[[], Executor], held: Held = nullcontext) -> None:
        self._make_executor, self._held = make_executor, held
        self.pool = make_executor()

    def submit(self, work: Callable[[B], R], block: B) -> Future[R]:
        """Hand a block out; a process that is not there yet is started here."""
        with self._held():
            return self.pool.submit(work, block)

    def restart(self) -> None:
        """Leave these workers behind, and have new ones."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._make_executor()


def _handed_out(
    executor: RestartableExecutor, workers: int, work: Callable[[B], R], blocks: Iterable[tuple[int, B]]
) -> Iterator[tuple[int, R]]:
    queue = iter(blocks)
    running: dict[Future[R], tuple[int, B]] = {}
    failures = 0
    try:
        while True:
            while len(running) < workers + _AHEAD and (following := next(queue, None)) is not None:
                running[_submitted(executor, work, following[1])] = following
            if not running:
                return
            lost = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                taken = running.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor:
                    lost.append(taken)
                else:
                    failures = 0
                    yield taken[0], result
            if lost:  # a worker died, and took with it what the others were doing
                failures += 1
                if failures > MAX_RETRIES:
                    raise BackendError("the workers die again and again: too little memory for one block each, perhaps")
                lost += running.values()
                executor.restart()
                running = {_submitted(executor, work, block): (place, block) for place, block in lost}
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


def _keep_memory() -> None:
    """Memory that blocks give back stays with this process."""
    # The C library (glibc) gives memory back to the system above a size that grows with the largest array it has freed,
    # up to this one. Blocks want the same memory again and again: a tenth of their time was getting it anew.
    np.empty(2**25 - 2**16, dtype=np.uint8)


def _prepare_worker() -> None:
    """Make a process that only does blocks ready for them; BLAS has one thread here as it has where they come from."""
    _keep_memory()
    threadpool_limits(1)


def _settle_in(leash: Connection) -> None:
    """What a worker process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who hands out the work
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()
    _prepare_worker()


def _follow(leash: Connection) -> None:
    """End with whoever hands out the work: one that is killed cannot tell its workers."""
    parent = parent_process()
    wait_for([leash, *([parent.sentinel] if parent else [])])
    os._exit(1)


@contextmanager
def _dask(workers: int, scheduler: str | None, about: About) -> Iterator[WorkerPool]:
    """A Dask cluster: the one at this address, or one of this machine's processes."""
    try:
        import distributed
    except ImportError:
        raise BackendError("the backend dask needs Dask: pip install 'mcdiv[dask]'") from None
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters to a run is said once, in one line
    with _cluster(distributed, workers) if scheduler is None else _given(distributed, scheduler) as where:
        client = _connected(distributed, where, scheduler or "the local cluster")
        try:
            expected = dict(about())
            _refuse_others(client, about, expected, scheduler or "the local cluster")
            room = max(1, sum(client.nthreads().values()))
            executor = RestartableExecutor(partial(client.get_executor, pure=False))

            def pool_of_workers(work: Callable[[B], R], blocks: Iterable[tuple[int, B]]) -> Iterator[tuple[int, R]]:
                return _told_plainly(_handed_out(executor, 2 * room, partial(_checked, about, expected, work), blocks))

            yield pool_of_workers
        finally:
            client.close(timeout=_PATIENCE)


@contextmanager
def _cluster(distributed: Any, workers: int) -> Iterator[Any]:
    with _deaf_to_ctrl_c():
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
    try:
        yield cluster
    finally:
        cluster.close(timeout=_PATIENCE)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started meanwhile inherit it: Ctrl-C is for the one who hands out the work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _given(distributed: Any, scheduler: str) -> Iterator[str]:
    try:
        asyncio.run(asyncio.wait_for(_greet(distributed, scheduler), _PATIENCE))
    except Exception as error:  # whatever a stranger there makes of our greeting
        why = _first_line(error) or f"silent for {_PATIENCE} s"
        raise BackendError(f"no Dask scheduler answers at {scheduler}: {why}") from None
    yield scheduler


def _connected(distributed: Any, where: Any, name: str) -> Any:
    client = distributed.Client(where, timeout=_PATIENCE, set_as_default=False)
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except Exception:
        client.close(timeout=_PATIENCE)
        raise BackendError(f"the Dask scheduler at {name} has no worker: start one with 'dask worker {name}'") from None
    return client


async def _greet(distributed: Any, scheduler: str) -> Any:
    """Who answers at an address. A client asked to try would wait for a stranger who never says a word."""
    arguments = distributed.Security().get_connection_args("client")
    async with distributed.rpc(scheduler, connection_args=arguments) as remote:
        return await asyncio.wait_for(remote.identity(), _PATIENCE)


def _refuse_others(client: Any, about: About, expected: Mapping[str, str], name: str) -> None:
    """Workers must have the same code and libraries: all that are there now, by name."""
    for worker, found in sorted(client.run(about, on_error="return").items()):
        if isinstance(found, Exception):
            raise BackendError(f"Dask worker {worker}: cannot run mcdiv: {_first_line(found)}")
        _refuse_other(f"Dask worker {worker}", found, expected)


def _refuse_other(worker: str, found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    for what, wanted in expected.items():
        if found.get(what) != wanted:
            raise BackendError(f"{worker} has {what} {found.get(what)}, here is {wanted}; they must be the same")


def _checked(about: About, expected: Mapping[str, str], work: Callable[[B], R], block: B) -> R:
    """A block on a Dask worker, which may have joined after the others were asked."""
    from distributed import get_worker

    _refuse_other(f"Dask worker {get_worker().address}", _own(about), expected)
    return work(block)


@cache
def _own(about: About) -> Mapping[str, str]:
    _prepare_worker()
    return about()


def _told_plainly(results: Iterator[R]) -> Iterator[R]:
    from distributed import KilledWorker

    try:
        yield from results
    except KilledWorker as error:
        raise BackendError(f"Dask gives up a block: its workers died again and again: {_first_line(error)}") from None
    except (CancelledError, ImportError, OSError) as error:
        raise BackendError(f"the Dask cluster is lost: {_first_line(error) or 'its scheduler is gone'}") from None


def _first_line(error: BaseException) -> str:
    return (str(error).split("\n") or [""])[0][:200]
