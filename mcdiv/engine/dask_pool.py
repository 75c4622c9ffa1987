"""Dask: a cluster of this machine's processes, or one that is there already."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    CancelledError,
)
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, TypeVar

from mcdiv.engine.executor import RestartableExecutor, Versions, WorkerPool, hand_out, prepare_worker
from mcdiv.errors import BackendError

B = TypeVar("B")
R = TypeVar("R")


#: seconds for a scheduler to answer, and for its first worker to be there
_TIMEOUT = 4


@contextmanager
def dask_pool(workers: int, scheduler: str | None, versions: Versions) -> Iterator[WorkerPool]:
    """A Dask cluster: the one at this address, or one of this machine's processes."""
    try:
        import distributed
    except ImportError:
        raise BackendError("the backend dask needs Dask: pip install 'mcdiv[dask]'") from None
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters to a run is said once, in one line
    with (
        _local_cluster(distributed, workers)
        if scheduler is None
        else _existing_cluster(distributed, scheduler) as address
    ):
        client = _connected(distributed, address, scheduler or "the local cluster")
        try:
            expected = dict(versions())
            _check_workers(client, versions, expected, scheduler or "the local cluster")
            threads = max(1, sum(client.nthreads().values()))
            executor = RestartableExecutor(partial(client.get_executor, pure=False))

            def pool_of_workers(work: Callable[[B], R], blocks: Iterable[tuple[int, B]]) -> Iterator[tuple[int, R]]:
                return _translate_errors(
                    hand_out(executor, 2 * threads, partial(_run_checked, versions, expected, work), blocks)
                )

            yield pool_of_workers
        finally:
            client.close(timeout=_TIMEOUT)


@contextmanager
def _local_cluster(distributed: Any, workers: int) -> Iterator[Any]:
    with _ignore_sigint():
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
    try:
        yield cluster
    finally:
        cluster.close(timeout=_TIMEOUT)


@contextmanager
def _ignore_sigint() -> Iterator[None]:
    """Processes started meanwhile inherit it: Ctrl-C is for the one who hands out the work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def _existing_cluster(distributed: Any, scheduler: str) -> Iterator[str]:
    try:
        asyncio.run(asyncio.wait_for(_identity_of(distributed, scheduler), _TIMEOUT))
    except Exception as error:  # whatever a stranger there makes of our greeting
        reason = _first_line(error) or f"silent for {_TIMEOUT} s"
        raise BackendError(f"no Dask scheduler answers at {scheduler}: {reason}") from None
    yield scheduler


def _connected(distributed: Any, address: Any, name: str) -> Any:
    client = distributed.Client(address, timeout=_TIMEOUT, set_as_default=False)
    try:
        client.wait_for_workers(1, timeout=_TIMEOUT)
    except Exception:
        client.close(timeout=_TIMEOUT)
        raise BackendError(f"the Dask scheduler at {name} has no worker: start one with 'dask worker {name}'") from None
    return client


async def _identity_of(distributed: Any, scheduler: str) -> Any:
    """Who answers at an address. A client asked to try would wait for a stranger who never says a word."""
    arguments = distributed.Security().get_connection_args("client")
    async with distributed.rpc(scheduler, connection_args=arguments) as remote:
        return await asyncio.wait_for(remote.identity(), _TIMEOUT)


def _check_workers(client: Any, versions: Versions, expected: Mapping[str, str], name: str) -> None:
    """Workers must have the same code and libraries: all that are there now, by name."""
    for worker, own in sorted(client.run(versions, on_error="return").items()):
        if isinstance(own, Exception):
            raise BackendError(f"Dask worker {worker}: cannot run mcdiv: {_first_line(own)}")
        _check_versions(f"Dask worker {worker}", own, expected)


def _check_versions(worker: str, own: Mapping[str, str], expected: Mapping[str, str]) -> None:
    for name, version in expected.items():
        if own.get(name) != version:
            raise BackendError(f"{worker} has {name} {own.get(name)}, here is {version}; they must be the same")


def _run_checked(versions: Versions, expected: Mapping[str, str], work: Callable[[B], R], block: B) -> R:
    """A block on a Dask worker, which may have joined after the others were asked."""
    from distributed import get_worker

    _check_versions(f"Dask worker {get_worker().address}", _own_versions(versions), expected)
    return work(block)


@cache
def _own_versions(versions: Versions) -> Mapping[str, str]:
    prepare_worker()
    return versions()


def _translate_errors(results: Iterator[R]) -> Iterator[R]:
    from distributed import KilledWorker

    try:
        yield from results
    except KilledWorker as error:
        raise BackendError(f"Dask gives up a block: its workers died again and again: {_first_line(error)}") from None
    except (CancelledError, ImportError, OSError) as error:
        raise BackendError(f"the Dask cluster is lost: {_first_line(error) or 'its scheduler is gone'}") from None


def _first_line(error: BaseException) -> str:
    return (str(error).split("\n") or [""])[0][:200]
