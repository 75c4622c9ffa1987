"""From a scenario to its records: every block is done by somebody, and the results are folded in order."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mcdiv.study.coverage import (
    IntervalBlock,
    IntervalResult,
    IntervalRow,
    interval_blocks,
    interval_rows,
    measure_intervals,
)
from mcdiv.study.engine import Fault, run_block
from mcdiv.study.plan import Condition, Task, blocks_of, conditions_of, measured_tasks, tasks_of
from mcdiv.study.results import Collector, Pair, Row
from mcdiv.study.scenario import Scenario

B = TypeVar("B")
R = TypeVar("R")
#: told after every block: how many are done, and of how many
Progress = Callable[[int, int], None]


class Crew(Protocol):
    """Whoever does the work: the results come back in the order of the blocks."""

    def __call__(self, work: Callable[[B], R], blocks: Iterable[B], /) -> Iterator[R]:
        """The result of `work` for each block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a study found, in nats and in the order of the tables."""

    rows: list[Row]
    pairs: list[Pair]
    #: with the condition and its replicates
    faults: list[tuple[Condition, int, Fault]]
    intervals: list[IntervalRow]


def measure(scenario: Scenario, seed: int, crew: Crew, on_progress: Progress) -> Findings:
    """Do all blocks of a scenario: first the estimators, then the intervals around them."""
    tasks = tasks_of(scenario)
    blocks = [block for condition in conditions_of(scenario) for block in blocks_of(scenario, condition, seed)]
    total = len(blocks) * (2 if scenario.intervals else 1)
    told = itertools.count(1)

    def counted(results: Iterator[R]) -> Iterator[R]:
        for result in results:
            on_progress(min(next(told), total), total)
            yield result

    rows: list[Row] = []
    pairs: list[Pair] = []
    faults: list[tuple[Condition, int, Fault]] = []
    means: dict[tuple[int, Task], float] = {}
    done = counted(crew(run_block, blocks))
    for _, group in itertools.groupby(done, key=lambda result: result.block.condition.number):
        collector = Collector.of(group)
        condition = collector.condition
        found = collector.rows(tasks)
        rows += found
        pairs += collector.pairs(found)
        faults += [(condition, scenario.replicates, fault) for fault in collector.faults() if fault.task in tasks]
        if scenario.intervals:
            measured = collector.rows(measured_tasks(scenario, condition))
            means |= {(condition.number, row.task): row.value("mean") for row in measured}
    intervals = _intervals(list(interval_blocks(scenario, blocks, means)), crew, counted)
    on_progress(total, total)
    return Findings(rows=rows, pairs=pairs, faults=faults, intervals=intervals)


def _intervals(
    blocks: Sequence[IntervalBlock], crew: Crew, counted: Callable[[Iterator[IntervalResult]], Iterator[IntervalResult]]
) -> list[IntervalRow]:
    done = zip(blocks, counted(crew(measure_intervals, blocks)), strict=True)
    rows = []
    for _, group in itertools.groupby(done, key=lambda pair: pair[0].block.condition.number):
        works, results = zip(*group, strict=True)
        rows += interval_rows(works[0], results)
    return rows
