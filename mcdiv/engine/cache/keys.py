"""What of a piece of work is remembered apart, so that a later run computes only what is missing."""

import hashlib
import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Generic, TypeVar, get_type_hints

from mcdiv.engine.cache.codec import canonical, packed, unpacked
from mcdiv.engine.cache.columns import Column, Columns
from mcdiv.engine.plan import Block
from mcdiv.engine.work import Part, Work

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRequest(Generic[R]):
    """What is missing of a block, and the columns of it that are known."""

    work: Work[R]
    known: Mapping[Hashable, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResponse(Generic[R]):
    """What came of a request, and the columns that were expensive to make."""

    result: R
    columns: Mapping[Hashable, Column]


def execute(request: BlockRequest[R]) -> BlockResponse[R]:
    """Do what is missing of a block: what a worker does for a run that remembers."""
    columns = Columns(request.known)
    return BlockResponse(result=request.work.run(columns), columns=columns.expensive())


def pack(work: Work[R], result: R, part: Part) -> bytes:
    """What a result says of one part as bytes; the block is known to whoever asks for it."""
    names = work.names_of(part)

    def concerned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: entry for key, entry in value.items() if key in names}
        if isinstance(value, tuple):
            return tuple(entry for entry in value if entry.task in names)
        return value

    return packed(tuple(concerned(getattr(result, name)) for name in _values(work.result_type)), part)


def joined(work: Work[R], contents: Mapping[Part, bytes]) -> R:
    """The result of a block from what `pack` made of its parts, in their order; ValueError where it is none."""
    hints = _values(work.result_type)
    shares = [unpacked(tuple[tuple(hints.values())], content, part) for part, content in contents.items()]  # type: ignore[misc]

    def merged(values: Sequence[Any]) -> Any:
        if isinstance(values[0], dict):
            return {key: entry for value in values for key, entry in value.items()}
        return tuple(itertools.chain.from_iterable(values)) if isinstance(values[0], tuple) else values[0]

    values = map(merged, zip(*shares, strict=True))
    return work.result_type(block=work.block, **dict(zip(hints, values, strict=True)))


@cache
def _values(kind: Callable[..., Any]) -> dict[str, Any]:
    """The type of each field of a result but its block."""
    return {name: hint for name, hint in get_type_hints(kind).items() if name != "block"}


class Keys:
    """The content key of everything that is remembered: a hash of all that decides it.

    `code` gives the hash of what these modules compute.
    """

    def __init__(self, code: Callable[[tuple[str, ...]], str]) -> None:
        self._code = code
        #: texts that all blocks of a condition share: of itself, and of what is asked of them
        self._conditions: dict[int, str] = {}
        self._parts: dict[Hashable, dict[Part, str]] = {}
        self._columns: dict[Hashable, dict[Hashable, str]] = {}

    def of(self, work: Work[Any]) -> tuple[dict[bytes, Part], bytes]:
        """The parts of a block, each under its key, and the key that tells whether any of its columns is there."""
        kind = _kind(work)
        if kind not in self._parts:
            self._parts[kind] = {part: self._asked(work.restricted_to([part]), part) for part in work.parts()}
        place, place_of_columns = self._places(work)
        keys = {_hash("part", place, asked): part for part, asked in self._parts[kind].items()}
        return keys, _hash("any column", place_of_columns)

    def of_columns(self, work: Work[Any]) -> dict[Hashable, bytes]:
        """What a block asks for column by column, as its `Columns` name them, and the key of each."""
        kind = _kind(work)
        if kind not in self._columns:
            self._columns[kind] = {name: self._asked(alone, name) for name, alone in work.columns()}
        _, place = self._places(work)
        return {name: _hash("column", place, asked) for name, asked in self._columns[kind].items()}

    def _asked(self, alone: Work[Any], name: Hashable) -> str:
        """What is asked of a block, and the code that answers it."""
        return "\x1f".join([self._code(alone.modules()), canonical((name, alone.settings))])

    def _places(self, work: Work[Any]) -> tuple[str, str]:
        """Where the parts of a block are, and where its columns are.

        A column holds whatever is measured; one of a full enumeration also for any number of replicates and any seed.
        """
        block, place, plain = work.block, self._place(work.decided_by), work.block.unmeasured
        anywhere = block.kind == "enumeration" and block.exact
        return place, self._place(replace(plain, seed=0, replicates=0) if anywhere else plain)

    def _place(self, block: Block) -> str:
        """Everything of a block but what is asked of it: its condition by content, not by number."""
        condition = block.condition
        if condition.number not in self._conditions:
            self._conditions[condition.number] = canonical(replace(condition, number=0))
        rest = [f.name for f in fields(block) if f.name not in ("condition", "tasks")]
        settings = (f"{name}={canonical(getattr(block, name))}" for name in rest)
        return "\x1f".join([self._conditions[condition.number], *settings])


def _kind(work: Work[Any]) -> Hashable:
    """What all blocks of a condition share that are asked for the same."""
    return work.block.condition.number, work.block.kind, work.requested, work.settings


def _hash(*texts: str) -> bytes:
    return hashlib.sha256("\x1e".join(texts).encode()).digest()
