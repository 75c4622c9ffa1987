"""From a plan to what is found: every block is done by somebody, and the results are folded in order.

Nothing of a study is simulated anywhere else: tables and pictures are made of the findings.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mcdiv.engine.agreement import disagreements
from mcdiv.engine.bands import Band, bands
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.interval_block import IntervalBlock, IntervalRow, interval_blocks, interval_rows
from mcdiv.engine.paths import Paths, simulate_paths
from mcdiv.engine.plan import Block, Condition, Kind, Plan, Task
from mcdiv.engine.problems import Problem, failed, imprecise, rare_events
from mcdiv.engine.records import Pair, Row
from mcdiv.engine.sampling_law import Piece, sampling_law
from mcdiv.engine.summary import Collector
from mcdiv.engine.work import Work
from mcdiv.scenario.model import Scenario

R = TypeVar("R")
#: told after every block: how many are done, and of how many at most
Progress = Callable[[int, int], None]


class BlockRunner(Protocol):
    """Whoever has the work done: the results come back in the order of the pieces."""

    def __call__(self, works: Iterable[Work[R]], /) -> Iterator[R]:
        """The result of each piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a study found, in nats and in the order of the tables."""

    plan: Plan
    rows: list[Row]
    pairs: list[Pair]
    intervals: list[IntervalRow]
    #: disagreements of simulated and exact values, failed estimates, what is imprecise, what rests on rare events
    problems: list[Problem]
    #: those that were done of the estimators, condition by condition
    blocks: list[Block]

    @property
    def scenario(self) -> Scenario:
        """What was asked."""
        return self.plan.scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrations:
    """What samples and estimates look like, for tables and pictures."""

    paths: list[Paths] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    laws: list[Piece] = field(default_factory=list)


def simulate(plan: Plan, runner: BlockRunner, on_progress: Progress) -> Findings:
    """Do all blocks of a study: first the estimators, then the intervals around them."""
    progress = _ProgressCounter(sum(_most(plan, condition) for condition in plan.conditions), on_progress)
    collectors, blocks = _estimators(plan, runner, progress)
    rows: list[Row] = []
    pairs: list[Pair] = []
    failures: list[Problem] = []
    means: dict[tuple[int, Task], float] = {}
    for collector in collectors:
        condition = collector.condition
        found = collector.rows(plan.tasks)
        rows += found
        pairs += collector.pairs(found)
        failures += [failed(condition, collector.replicates, f) for f in collector.failures() if f.task in plan.tasks]
        if plan.scenario.intervals:
            measured = collector.rows(plan.measured(condition))
            means |= {(condition.number, row.task): row.value("mean") for row in measured}
    intervals = _intervals(list(interval_blocks(plan, blocks, means)), runner, progress)
    progress.finish()
    return Findings(
        plan=plan,
        rows=rows,
        pairs=pairs,
        intervals=intervals,
        problems=[*disagreements(rows, intervals), *failures, *_imprecise(plan, rows), *rare_events(rows)],
        blocks=blocks,
    )


def illustrate(plan: Plan) -> Illustrations:
    """Literal experiments with their exact bands, and laws of estimates."""
    return Illustrations(paths=list(simulate_paths(plan)), bands=list(bands(plan)), laws=list(sampling_law(plan)))


def _estimators(plan: Plan, runner: BlockRunner, progress: "_ProgressCounter") -> tuple[list[Collector], list[Block]]:
    """The sums of every condition, and the blocks that were done, condition by condition.

    Stage by stage, until all rows are precise enough or have all their replicates.
    """
    collectors = {condition.number: Collector(condition) for condition in plan.conditions}
    going = list(collectors.values())
    done: list[Block] = []
    for stage in itertools.count():
        blocks = [block for c in going for block in plan.blocks(c.condition, stage)]
        if not blocks:
            break
        for result in progress.counted(runner(EstimateBlock(block=block) for block in blocks)):
            collectors[result.block.condition.number].add(result)
        done += blocks
        # Looked at between stages only, and condition by condition: so no runner can make a difference.
        late = []
        for collector in going:
            if _wants_more(plan, collector):
                late.append(collector)
            else:
                progress.skip(_left(plan, collector.condition, collector.replicates))
        going = late
    return list(collectors.values()), sorted(done, key=lambda block: block.condition.number)


def _intervals(blocks: Sequence[IntervalBlock], runner: BlockRunner, progress: "_ProgressCounter") -> list[IntervalRow]:
    done = zip(blocks, progress.counted(runner(blocks)), strict=True)
    rows = []
    for _, group in itertools.groupby(done, key=lambda pair: pair[0].block.condition.number):
        works, results = zip(*group, strict=True)
        rows += interval_rows(works[0], results)
    return rows


def _wants_more(plan: Plan, collector: Collector) -> bool:
    return not isinstance(plan.scenario.replicates, int) and bool(_imprecise(plan, collector.rows(plan.tasks)))


def _imprecise(plan: Plan, rows: list[Row]) -> list[Problem]:
    until = plan.scenario.replicates
    return [] if isinstance(until, int) else list(imprecise(rows, until, plan.scenario.units))


class _ProgressCounter:
    """Reports how many blocks are done, and of how many: the fraction never falls, and ends at one."""

    def __init__(self, total: int, report: Progress) -> None:
        self._done, self._total, self._report = 0, total, report

    def counted(self, results: Iterator[R]) -> Iterator[R]:
        """The same results, each counted and reported."""
        for result in results:
            self._done += 1
            self._report(self._done, self._total)
            yield result

    def skip(self, blocks: int) -> None:
        """So many blocks are not needed after all."""
        self._total -= blocks

    def finish(self) -> None:
        """All that is needed is done."""
        self._report(self._total, self._total)


def _most(plan: Plan, condition: Condition) -> int:
    """The most blocks that a condition can come to have, those of its intervals among them."""
    if condition.enumerable:
        return 2 if plan.intervals(condition) else 1
    return 1 + _left(plan, condition, 0)


def _left(plan: Plan, condition: Condition, replicates: int) -> int:
    """The most blocks that can come after so many replicates."""
    return plan.most_blocks(condition, replicates) * (2 if plan.intervals(condition) else 1)


def exact_row(condition: Condition, task: Task) -> Row:
    """The exact performance of one task in one condition; ValueError with what the estimator raised."""
    kind: Kind = "enumeration" if condition.enumerable else "linearity"
    block = Block(condition=condition, kind=kind, tasks=(task,), seed=0, index=0, start=0, replicates=0, exact=True)
    done = EstimateBlock(block=block).run()
    for failure in done.failures:
        raise ValueError(f"{task.name}: {failure.message}")
    collector = Collector(condition)
    collector.add(done)
    return collector.rows([task])[0]
