"""What of a block is remembered apart, so that a later run computes only what is missing.

A block falls into parts that do not depend on each other: its estimands (whose estimators share one covariance), or
task by task where only exact values are wanted, or its intervals.
"""

import hashlib
import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, get_type_hints

from mcdiv.core.distributions import FAMILIES
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.registry import find
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES
from mcdiv.study.columns import Column, Columns
from mcdiv.study.coverage import IntervalBlock, IntervalResult, Target, measure_intervals
from mcdiv.study.engine import BlockResult, run_block, source_of
from mcdiv.study.packing import canonical, packed, unpacked
from mcdiv.study.plan import Block, Task

Work: TypeAlias = Block | IntervalBlock
Result: TypeAlias = BlockResult | IntervalResult
#: some of what is asked of a block
Part: TypeAlias = tuple[Task, ...] | tuple[Target, ...]
#: the type of each field of a result but its block
_VALUES = {
    kind: {name: hint for name, hint in get_type_hints(kind).items() if name != "block"}
    for kind in (BlockResult, IntervalResult)
}


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


def parts_of(work: Work) -> list[Part]:
    """The parts of a block."""
    if isinstance(work, IntervalBlock):
        return [(target,) for target in work.targets]
    if work.kind == "linearity":
        return [(task,) for task in work.tasks]
    estimands = dict.fromkeys(task.estimand for task in work.tasks)
    return [tuple(task for task in work.tasks if task.estimand == name) for name in estimands]


def asking(work: Work, parts: Iterable[Part]) -> Work:
    """The same block, asked for these parts alone."""
    names: Any = tuple(itertools.chain.from_iterable(parts))
    return replace(work, targets=names) if isinstance(work, IntervalBlock) else replace(work, tasks=names)


def pack(result: Result, part: Part) -> bytes:
    """What a result says of one part as bytes; the block is known to whoever asks for it."""
    names = {*part, *(task.estimand for task in part if isinstance(task, Task))}

    def concerned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: entry for key, entry in value.items() if key in names}
        if isinstance(value, tuple):
            return tuple(entry for entry in value if entry.task in names)
        return value

    return packed(tuple(concerned(getattr(result, name)) for name in _VALUES[type(result)]), part)


def joined(work: Work, contents: Mapping[Part, bytes]) -> Result:
    """The result of a block from what `pack` made of its parts, in their order; ValueError where it is none."""
    kind = IntervalResult if isinstance(work, IntervalBlock) else BlockResult
    hints = _VALUES[kind]
    shares = [unpacked(tuple[tuple(hints.values())], content, part) for part, content in contents.items()]  # type: ignore[misc]

    def merged(values: Sequence[Any]) -> Any:
        if isinstance(values[0], dict):
            return {key: entry for value in values for key, entry in value.items()}
        return tuple(itertools.chain.from_iterable(values)) if isinstance(values[0], tuple) else values[0]

    values = map(merged, zip(*shares, strict=True))
    result: Result = kind(block=_block_of(work), **dict(zip(hints, values, strict=True)))
    return result


def modules_of(work: Work) -> tuple[str, ...]:
    """The modules whose code, with all that they import, decides the result."""
    block = _block_of(work)
    tasks = [target.task for target in work.targets] if isinstance(work, IntervalBlock) else list(work.tasks)
    found = {run_block.__module__ if isinstance(work, Block) else measure_intervals.__module__}
    found |= {FAMILIES[d.family].rule.__module__ for d in (block.condition.truth, block.condition.model) if d}
    found |= {entry.module for task in tasks if (entry := find(task.estimand, task.name, task.design))}
    found |= {estimand_of(task.estimand).module for task in tasks}
    found |= {MEASURES[name].module for name in block.measures}
    if isinstance(work, IntervalBlock):
        found |= {INTERVALS[target.interval.name].module for target in work.targets}
    return tuple(sorted(found))


class Keys:
    """The content key of everything that is remembered: a hash of all that decides it.

    `code` gives the fingerprint of what these modules compute.
    """

    def __init__(self, code: Callable[[tuple[str, ...]], str]) -> None:
        self._code = code
        #: texts that all blocks of a condition share: of itself, and of what is asked of them
        self._conditions: dict[int, str] = {}
        self._parts: dict[Hashable, dict[Part, str]] = {}
        self._columns: dict[Hashable, dict[Hashable, str]] = {}

    def of(self, work: Work) -> tuple[dict[bytes, Part], bytes]:
        """The parts of a block, each under its key, and the key that tells whether any of its columns is there."""
        kind = _kind(work)
        if kind not in self._parts:
            self._parts[kind] = {part: self._asked(asking(work, [part]), part) for part in parts_of(work)}
        place, place_of_columns = self._places(work)
        keys = {_hash("part", place, asked): part for part, asked in self._parts[kind].items()}
        return keys, _hash("any column", place_of_columns)

    def of_columns(self, work: Work) -> dict[Hashable, bytes]:
        """What a block asks for column by column, as its `Columns` name them, and the key of each."""
        kind = _kind(work)
        if kind not in self._columns:
            self._columns[kind] = {name: self._asked(alone, name) for name, alone in _alone(work)}
        _, place = self._places(work)
        return {name: _hash("column", place, asked) for name, asked in self._columns[kind].items()}

    def _asked(self, alone: Work, name: Hashable) -> str:
        """What is asked of a block, and the code that answers it."""
        return "\x1f".join([self._code(modules_of(alone)), canonical((name, _level(alone)))])

    def _places(self, work: Work) -> tuple[str, str]:
        """Where the parts of a block are, and where its columns are.

        Columns, and what is found of intervals, hold whatever is measured; a column of a full enumeration also for any
        number of replicates and any seed.
        """
        block = _block_of(work)
        plain = replace(block, measures=())
        place = self._place(plain if isinstance(work, IntervalBlock) else block)
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


def _kind(work: Work) -> Hashable:
    """What all blocks of a condition share that are asked for the same."""
    block = _block_of(work)
    names = work.targets if isinstance(work, IntervalBlock) else work.tasks
    return block.condition.number, block.kind, names, _level(work)


def _alone(work: Work) -> Iterator[tuple[Hashable, Work]]:
    """The columns of a block, and the block that asks for each alone; exact values are not had outcome by outcome."""
    if isinstance(work, IntervalBlock):
        for target in work.targets:
            yield (target.task, target.interval), replace(work, targets=(target,))
        return
    for task in dict.fromkeys(map(source_of, work.tasks)) if work.kind != "linearity" else ():
        yield task, replace(work, tasks=(task,))


def _level(work: Work) -> float:
    return work.level if isinstance(work, IntervalBlock) else 0.0


def _hash(*texts: str) -> bytes:
    return hashlib.sha256("\x1e".join(texts).encode()).digest()


def _block_of(work: Work) -> Block:
    return work.block if isinstance(work, IntervalBlock) else work
