"""Who does the work of a study: what the ledger holds is read, the rest is handed out, and all comes in order.

Every result is kept as soon as it is there; only then does it wait for its turn. So nothing that was computed is lost,
and what a study finds depends on nothing but its blocks.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar, cast

import numpy as np
import scipy

import mcdiv
from mcdiv.engine.block import run_block
from mcdiv.engine.cache import source_hash
from mcdiv.engine.cache.codec import packed, unpacked
from mcdiv.engine.cache.keys import BlockRequest, BlockResponse, Keys, execute, joined, pack
from mcdiv.engine.cache.ledger import Ledger
from mcdiv.engine.executor import WorkerPool
from mcdiv.engine.interval_block import IntervalBlock
from mcdiv.engine.work import Part, Work
from mcdiv.errors import OutOfTime
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.estimators.registry import ESTIMATORS
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES
from mcdiv.policies.contract import GRADIENT_ESTIMATORS

B = TypeVar("B")
R = TypeVar("R")
#: the modules that compute, whatever is asked for
ENGINE = (run_block.__module__, IntervalBlock.__module__)

#: blocks looked up in one question to the ledger
_LOOKUP_BATCH = 16


@cache
def environment_versions() -> dict[str, str]:
    """What a process computes with: every worker must have the same."""
    catalogues = (ESTIMANDS, ESTIMATORS, GRADIENT_ESTIMATORS, INTERVALS, MEASURES)
    modules = {entry.module for catalogue in catalogues for entry in catalogue.values()}
    code = code_hashes(name for name in modules if name.startswith("mcdiv."))
    return {"mcdiv": mcdiv.__version__, **libraries(), "source of mcdiv": source_hash.combined(code)}


def libraries() -> dict[str, str]:
    """The versions of the libraries that decide the digits."""
    return {"NumPy": np.__version__, "SciPy": scipy.__version__}


def code_hashes(modules: Iterable[str]) -> dict[str, str]:
    """The hash of each source file that computes: of the engine, and of these modules."""
    return source_hash.hashes({*ENGINE, *modules})


def code_version() -> str:
    """One word for the engine and the libraries: what another one computed will not be asked for."""
    return source_hash.combined(libraries() | code_hashes(()))


class Deadline:
    """The end of the time a run may take, by a clock that never goes backwards.

    It starts with the first block that is to be computed: what a run does before, such as to read what earlier ones
    computed, takes longer each time, and would in the end leave no time to compute anything.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock, self._end = seconds, clock, math.inf

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        now = self._clock()
        if self._seconds is not None and self._end == math.inf:
            self._end = now + self._seconds
        return now >= self._end


class BlockRunner:
    """Workers, with a memory if there is a ledger. When the time is over, blocks that were begun are finished."""

    def __init__(
        self,
        pool: WorkerPool,
        ledger: Ledger | None = None,
        deadline: Deadline | None = None,
        wrap: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda work: work,
    ) -> None:
        """`wrap` is put around all work on its way to a worker."""
        self._pool, self._ledger, self._wrap = pool, ledger, wrap
        self._deadline = deadline or Deadline(None)
        self._keys = Keys(_code)
        self._out_of_time = False
        #: blocks asked for so far, those of them that the ledger held, and those that were computed
        self.requested = self.cached = self.computed = 0

    def __call__(self, works: Iterable[Work[R]]) -> Iterator[R]:
        """The result of each piece of work, in their order; OutOfTime where there is no time for all."""
        return self.map(_run, works) if self._ledger is None else self._remembering(self._ledger, works)

    def map(self, function: Callable[[B], R], items: Iterable[B]) -> Iterator[R]:
        """What a function makes of each item, in their order; the ledger is not asked."""
        in_time = itertools.takewhile(lambda _: self._has_time(), enumerate(items))
        return self._in_order(self._pool(self._wrap(function), in_time), {})

    def _remembering(self, ledger: Ledger, works: Iterable[Work[R]]) -> Iterator[R]:
        #: what came before its turn: a result, or None where the ledger has it
        early: dict[int, R | None] = {}
        started: dict[int, CacheLookup[R]] = {}

        def requests() -> Iterator[tuple[int, BlockRequest[R]]]:
            for place, lookup in enumerate(self._lookups(ledger, works)):
                self.requested += 1
                if not lookup.missing:
                    self.cached += 1
                    early[place], started[place] = None, lookup
                elif self._has_time():
                    started[place] = lookup
                    yield place, self._request(ledger, lookup)
                else:
                    return

        def kept() -> Iterator[tuple[int, R]]:
            for place, response in self._pool(self._wrap(execute), requests()):
                self.computed += 1
                yield place, self._keep(ledger, started.pop(place), response)

        for place, result in enumerate(self._in_order(kept(), early)):
            yield self._read(ledger, started.pop(place), {}) if result is None else result

    def _in_order(self, results: Iterator[tuple[int, R]], early: dict[int, R]) -> Iterator[R]:
        """Results that come before their turn wait for it."""
        following = 0
        for place, result in itertools.chain(results, [(-1, None)]):
            if place >= 0:
                early[place] = cast("R", result)
            while following in early:
                yield early.pop(following)
                following += 1
        if self._out_of_time:
            raise OutOfTime

    def _has_time(self) -> bool:
        self._out_of_time = self._out_of_time or self._deadline.passed
        return not self._out_of_time

    def _lookups(self, ledger: Ledger, works: Iterable[Work[R]]) -> Iterator["CacheLookup[R]"]:
        """What of each block is not in the ledger: some are looked up at once, which costs hardly more than one."""
        queue = iter(works)
        while batch := list(itertools.islice(queue, _LOOKUP_BATCH)):
            keys = [self._keys.of(work) for work in batch]
            held = ledger.holding(key for parts, any_column in keys for key in (*parts, any_column))
            for work, (parts, any_column) in zip(batch, keys, strict=True):
                missing = {key: part for key, part in parts.items() if key not in held}
                has_columns = any_column in held
                yield CacheLookup(
                    work=work, parts=parts, missing=missing, any_column=any_column, has_columns=has_columns
                )

    def _request(self, ledger: Ledger, lookup: "CacheLookup[R]") -> BlockRequest[R]:
        """What a worker is to do of a block."""
        whole = len(lookup.missing) == len(lookup.parts)
        work = lookup.work if whole else lookup.work.restricted_to(lookup.missing.values())
        if not lookup.has_columns:
            return BlockRequest(work=work, known={})
        keys = self._keys.of_columns(work)
        held = ledger.holding(keys.values())
        found = {name: ledger.get(key) for name, key in keys.items() if key in held}
        return BlockRequest(
            work=work, known={name: unpacked(_COLUMN, content) for name, content in found.items() if content}
        )

    def _keep(self, ledger: Ledger, lookup: "CacheLookup[R]", response: BlockResponse[R]) -> R:
        """Put what was missing of a block into the ledger; the result of the block."""
        fresh = {key: pack(lookup.work, response.result, part) for key, part in lookup.missing.items()}
        columns = self._keys.of_columns(lookup.work) if response.columns else {}
        expensive = {columns[name]: packed(column) for name, column in response.columns.items()}
        ledger.store(fresh | expensive | ({lookup.any_column: b""} if expensive else {}))
        whole = len(fresh) == len(lookup.parts)  # what was kept reads back as it is, bit by bit
        return response.result if whole else self._read(ledger, lookup, fresh)

    def _read(self, ledger: Ledger, lookup: "CacheLookup[R]", fresh: Mapping[bytes, bytes]) -> R:
        """The result of a block from the bytes of its parts."""
        contents = {}
        for key, part in lookup.parts.items():
            content = fresh.get(key) or ledger.get(key)
            assert content is not None  # looked up, and nothing is ever dropped while a run goes on
            contents[part] = content
        return joined(lookup.work, contents)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLookup(Generic[R]):
    """A block as it was looked up in the ledger: its parts under their keys, and those that are not there."""

    work: Work[R]
    parts: Mapping[bytes, Part]
    missing: Mapping[bytes, Part]
    #: key under which it stands that there are columns of it, and whether there are
    any_column: bytes
    has_columns: bool


def _run(work: Work[R]) -> R:
    """What a worker does for a run that remembers nothing."""
    return work.run()


@cache
def _code(modules: tuple[str, ...]) -> str:
    return source_hash.combined(libraries() | source_hash.hashes(modules))


_COLUMN: Any = tuple[np.ndarray, dict[int, str]]
