"""Who does the work of a study: what the ledger holds is read, the rest is handed out, and all comes in order.

Every result is kept as soon as it is there; only then does it wait for its turn. So nothing that was computed is lost,
and what a study finds depends on nothing but its blocks.
"""

import itertools
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
import scipy

import mcdiv
from mcdiv.edges import sources
from mcdiv.edges.backends import Hands
from mcdiv.edges.ledger import Ledger
from mcdiv.estimators.contract import ESTIMATORS
from mcdiv.intervals.contract import INTERVALS
from mcdiv.study.coverage import measure_intervals
from mcdiv.study.engine import run_block
from mcdiv.study.errors import OutOfTime
from mcdiv.study.packing import packed, unpacked
from mcdiv.study.parts import (
    Delivery,
    Keys,
    Order,
    Result,
    Work,
    carry_out,
    joined,
    pack,
    share_of,
    together,
    unpack,
)

B = TypeVar("B")
R = TypeVar("R")
#: the modules that compute, whatever is asked for
ENGINE = (run_block.__module__, measure_intervals.__module__)


@cache
def about() -> dict[str, str]:
    """What a process computes with: every worker must have the same."""
    modules = {entry.module for entry in ESTIMATORS.values()} | {entry.module for entry in INTERVALS.values()}
    code = code_of(name for name in modules if name.startswith("mcdiv."))
    return {"mcdiv": mcdiv.__version__, **libraries(), "source of mcdiv": sources.combined(code)}


def libraries() -> dict[str, str]:
    """The versions of the libraries that decide the digits."""
    return {"NumPy": np.__version__, "SciPy": scipy.__version__}


def code_of(modules: Iterable[str]) -> dict[str, str]:
    """The fingerprint of each source file that computes: of the engine, and of these modules."""
    return sources.fingerprints({*ENGINE, *modules})


def era() -> str:
    """One word for the engine and the libraries: what another one computed will not be asked for."""
    return sources.combined(libraries() | code_of(()))


class Deadline:
    """The end of the time a run may take, by a clock that never goes backwards."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self._end is not None and time.monotonic() >= self._end


class Crew:
    """Workers, with a memory if there is a ledger. When the time is over, blocks that were begun are finished."""

    def __init__(
        self,
        hands: Hands,
        ledger: Ledger | None = None,
        deadline: Deadline | None = None,
        around: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda work: work,
    ) -> None:
        """`around` is put around all work on its way to a worker."""
        self._hands, self._ledger, self._around = hands, ledger, around
        self._deadline = deadline or Deadline(None)
        self._keys = Keys(_code)
        self._late = False
        #: blocks asked for so far, and those of them that the ledger held
        self.asked = self.known = 0

    def __call__(self, work: Callable[[B], R], blocks: Iterable[B]) -> Iterator[R]:
        """The result of `work` for each block, in their order; OutOfTime where there is no time for all."""
        if self._ledger is not None and cast("Any", work) in (run_block, measure_intervals):
            return cast("Iterator[R]", self._remembering(self._ledger, cast("Iterable[Work]", blocks)))
        in_time = itertools.takewhile(lambda _: self._has_time(), enumerate(blocks))
        return self._in_order(self._hands(self._around(work), in_time), {})

    def _remembering(self, ledger: Ledger, blocks: Iterable[Work]) -> Iterator[Result]:
        #: what came before its turn: a result, or None where the ledger has it
        early: dict[int, Result | None] = {}
        begun: dict[int, _Looked] = {}

        def orders() -> Iterator[tuple[int, Order]]:
            for place, block in enumerate(blocks):
                self.asked += 1
                looked = self._look(ledger, block)
                if not looked.missing:
                    self.known += 1
                    early[place], begun[place] = None, looked
                elif self._has_time():
                    begun[place] = looked
                    yield place, self._order(ledger, looked)
                else:
                    return

        def kept() -> Iterator[tuple[int, Result]]:
            for place, delivery in self._hands(self._around(carry_out), orders()):
                yield place, self._keep(ledger, begun.pop(place), delivery)

        for place, result in enumerate(self._in_order(kept(), early)):
            yield self._read(ledger, begun.pop(place), {}) if result is None else result

    def _in_order(self, results: Iterator[tuple[int, R]], early: dict[int, R]) -> Iterator[R]:
        """Results that come before their turn wait for it."""
        following = 0
        for place, result in itertools.chain(results, [(-1, None)]):
            if place >= 0:
                early[place] = cast("R", result)
            while following in early:
                yield early.pop(following)
                following += 1
        if self._late:
            raise OutOfTime

    def _has_time(self) -> bool:
        self._late = self._late or self._deadline.passed
        return not self._late

    def _look(self, ledger: Ledger, block: Work) -> "_Looked":
        """What of a block is not in the ledger; every key is made once."""
        parts = self._keys.of_parts(block)
        missing = {key: part for key, part in parts.items() if key not in ledger}
        work = together(list(missing.values())) if missing else None
        columns = self._keys.of_columns(work) if work is not None else {}
        return _Looked(block=block, parts=parts, missing=missing, columns=columns)

    def _order(self, ledger: Ledger, looked: "_Looked") -> Order:
        found = {name: ledger.get(key) for name, key in looked.columns.items()}
        known = {name: unpacked(_COLUMN, text) for name, text in found.items() if text}
        return Order(work=together(list(looked.missing.values())), known=known)

    def _keep(self, ledger: Ledger, looked: "_Looked", delivery: Delivery) -> Result:
        """Put what was missing of a block into the ledger; the result of the block."""
        fresh = {key: pack(share_of(delivery.result, part), part) for key, part in looked.missing.items()}
        columns = {looked.columns[name]: packed(column) for name, column in delivery.columns.items()}
        ledger.store(fresh | columns)
        if len(fresh) == len(looked.parts):  # nothing to join: what was kept reads back as it is, bit by bit
            return joined(looked.block, [delivery.result])
        return self._read(ledger, looked, fresh)

    def _read(self, ledger: Ledger, looked: "_Looked", fresh: Mapping[bytes, bytes]) -> Result:
        """The result of a block from the bytes of its parts."""
        shares = []
        for key, part in looked.parts.items():
            content = fresh.get(key) or ledger.get(key)
            assert content is not None  # looked up, and nothing is ever dropped while a run goes on
            shares.append(unpack(content, part))
        return joined(looked.block, shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """A block as it was looked up in the ledger: its parts under their keys, and those that are not there."""

    block: Work
    parts: Mapping[bytes, Work]
    missing: Mapping[bytes, Work]
    #: keys of the columns of what is missing
    columns: Mapping[Hashable, bytes]


@cache
def _code(modules: tuple[str, ...]) -> str:
    return sources.combined(libraries() | sources.fingerprints(modules))


_COLUMN: Any = tuple[np.ndarray, dict[int, str]]
