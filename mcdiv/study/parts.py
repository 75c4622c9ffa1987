"""What of a block is remembered apart, so that a later run computes only what is missing.

A block falls into parts that do not depend on each other: its estimands (whose estimators share one covariance), or
task by task where only exact values are wanted, or its intervals. A part is a block itself, which asks for less.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, TypeAlias, get_type_hints

from mcdiv.core.distributions import FAMILIES
from mcdiv.estimators.contract import find
from mcdiv.intervals.contract import INTERVALS
from mcdiv.study.columns import Column, Columns
from mcdiv.study.coverage import IntervalBlock, IntervalResult, measure_intervals
from mcdiv.study.engine import BlockResult, run_block
from mcdiv.study.packing import canonical, packed, unpacked
from mcdiv.study.plan import Block

Work: TypeAlias = Block | IntervalBlock
Result: TypeAlias = BlockResult | IntervalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is missing of a block, and the columns of it that are known."""

    work: Work
    known: Mapping[Hashable, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of an order, and which columns are worth keeping."""

    result: Result
    columns: Mapping[Hashable, Column]


def carry_out(order: Order) -> Delivery:
    """Do what is missing of a block: what a worker does for a run that remembers."""
    columns = Columns(order.known)
    work = order.work
    result = run_block(work, columns) if isinstance(work, Block) else measure_intervals(work, columns)
    return Delivery(result=result, columns=columns.worth_keeping())


def parts_of(work: Work) -> list[Work]:
    """The parts of a block."""
    if isinstance(work, IntervalBlock):
        return [replace(work, targets=(target,)) for target in work.targets]
    if work.kind == "linearity":
        return [replace(work, tasks=(task,)) for task in work.tasks]
    estimands = dict.fromkeys(task.estimand for task in work.tasks)
    return [replace(work, tasks=tuple(task for task in work.tasks if task.estimand == name)) for name in estimands]


def together(parts: Sequence[Work]) -> Work:
    """Some parts of a block as one piece of work."""
    first = parts[0]
    if isinstance(first, IntervalBlock):
        return replace(
            first, targets=tuple(t for part in parts if isinstance(part, IntervalBlock) for t in part.targets)
        )
    return replace(first, tasks=tuple(t for part in parts if isinstance(part, Block) for t in part.tasks))


def share_of(result: Result, part: Work) -> Result:
    """What a result says of one part."""
    names = {*_named(part), *(task.estimand for task in part.tasks)} if isinstance(part, Block) else {*_named(part)}

    def concerned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: entry for key, entry in value.items() if key in names}
        if isinstance(value, tuple):
            return tuple(entry for entry in value if entry.task in names)
        return value

    changes = {field.name: concerned(getattr(result, field.name)) for field in fields(result) if field.name != "block"}
    return replace(result, block=_block_of(part), **changes)


def joined(work: Work, shares: Sequence[Result]) -> Result:
    """The result of a block from those of its parts, in their order."""

    def merged(values: list[Any]) -> Any:
        if isinstance(values[0], dict):
            return {key: entry for value in values for key, entry in value.items()}
        return tuple(entry for value in values for entry in value) if isinstance(values[0], tuple) else values[0]

    names = (field.name for field in fields(shares[0]) if field.name != "block")
    changes = {name: merged([getattr(share, name) for share in shares]) for name in names}
    return replace(shares[0], block=_block_of(work), **changes)


def pack(share: Result, part: Work) -> bytes:
    """The result of a part as bytes; the block is known to whoever asks for it."""
    values = tuple(getattr(share, field.name) for field in fields(share) if field.name != "block")
    return packed(values, _named(part))


def unpack(content: bytes, part: Work) -> Result:
    """What `pack` made of the result of this part; ValueError where it is none."""
    kind = IntervalResult if isinstance(part, IntervalBlock) else BlockResult
    values = unpacked(_values_of(kind), content, _named(part))
    names = [field.name for field in fields(kind) if field.name != "block"]
    result: Result = kind(block=_block_of(part), **dict(zip(names, values, strict=True)))
    return result


def modules_of(work: Work) -> tuple[str, ...]:
    """The modules whose code, with all that they import, decides the result."""
    block = _block_of(work)
    tasks = [target.task for target in work.targets] if isinstance(work, IntervalBlock) else list(work.tasks)
    found = {run_block.__module__ if isinstance(work, Block) else measure_intervals.__module__}
    found |= {FAMILIES[d.family].rule.__module__ for d in (block.condition.truth, block.condition.model) if d}
    found |= {entry.module for task in tasks if (entry := find(task.estimand, task.name, task.design))}
    if isinstance(work, IntervalBlock):
        found |= {INTERVALS[target.interval.name].module for target in work.targets}
    return tuple(sorted(found))


class Keys:
    """The content key of everything that is remembered: a hash of all that decides it.

    `code` gives the fingerprint of what these modules compute.
    """

    def __init__(self, code: Callable[[tuple[str, ...]], str]) -> None:
        self._code = code
        #: texts that all blocks of a condition share
        self._conditions: dict[int, str] = {}
        self._asked: dict[tuple[int, Hashable], str] = {}

    def of_parts(self, work: Work) -> dict[bytes, Work]:
        """The parts of a block, each under its key."""
        place = self._place(_block_of(work))
        return {_hash("part", place, self._ask(part, (_named(part), _level(part)))): part for part in parts_of(work)}

    def of_columns(self, work: Work) -> dict[Hashable, bytes]:
        """What a block asks for column by column, as its `Columns` name them, and the key of each.

        A column of a full enumeration holds for any number of replicates and any seed.
        """
        block = _block_of(work)
        if block.kind == "linearity":
            return {}
        if block.kind == "enumeration" and block.exact:
            block = replace(block, seed=0, replicates=0)
        place = self._place(block)
        return {name: _hash("column", place, self._ask(alone, (name, _level(work)))) for name, alone in _alone(work)}

    def _ask(self, part: Work, wanted: tuple[Hashable, float]) -> str:
        """What is asked of a block, and the code that answers it."""
        key = (_block_of(part).condition.number, (type(part), wanted))
        if key not in self._asked:
            self._asked[key] = "\x1f".join([self._code(modules_of(part)), canonical(wanted)])
        return self._asked[key]

    def _place(self, block: Block) -> str:
        """Everything of a block but what is asked of it: its condition by content, not by number."""
        condition = block.condition
        if condition.number not in self._conditions:
            self._conditions[condition.number] = canonical(replace(condition, number=0))
        rest = [f.name for f in fields(block) if f.name not in ("condition", "tasks")]
        settings = (f"{name}={canonical(getattr(block, name))}" for name in rest)
        return "\x1f".join([self._conditions[condition.number], *settings])


def _alone(work: Work) -> Iterator[tuple[Hashable, Work]]:
    """The columns of a block, and the block that asks for each alone."""
    if isinstance(work, IntervalBlock):
        for target in work.targets:
            yield (target.task, target.interval), replace(work, targets=(target,))
        return
    for task in work.tasks:
        yield task, replace(work, tasks=(task,))


def _level(work: Work) -> float:
    return work.level if isinstance(work, IntervalBlock) else 0.0


def _hash(*texts: str) -> bytes:
    return hashlib.sha256("\x1e".join(texts).encode()).digest()


def _block_of(work: Work) -> Block:
    return work.block if isinstance(work, IntervalBlock) else work


def _named(part: Work) -> tuple[Hashable, ...]:
    return part.targets if isinstance(part, IntervalBlock) else part.tasks


@cache
def _values_of(kind: type[Result]) -> Any:
    """The type of a result's fields as one tuple."""
    hints = get_type_hints(kind)
    return tuple[tuple(hints[field.name] for field in fields(kind) if field.name != "block")]  # type: ignore[misc]
