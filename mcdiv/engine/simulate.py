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
from mcdiv.engine.interval_block import IntervalBlock, IntervalResult, IntervalRow, interval_blocks, interval_rows
from mcdiv.engine.paths import Paths, simulate_paths
from mcdiv.engine.plan import Block, Condition, Kind, Plan, Task
from mcdiv.engine.problems import Problem, failed, imprecise, rare_events
from mcdiv.engine.records import Pair, Row
from mcdiv.engine.sampling_law import Piece, sampling_law
from mcdiv.engine.summary import Collector
from mcdiv.engine.tested_laws import TestedBin, tested_laws
from mcdiv.engine.work import Work
from mcdiv.measures.contract import MEASURES
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
    tested: list[TestedBin] = field(default_factory=list)


def simulate(plan: Plan, runner: BlockRunner, on_progress: Progress) -> Findings:
    """Do all blocks of a study: first the estimators, then the intervals around them."""
    progress = _ProgressCounter(sum(_most(plan, condition) for condition in plan.conditions), on_progress)
    intervals = _Intervals(plan, runner, progress)
    collectors, blocks = _estimators(plan, runner, progress, intervals)
    rows: list[Row] = []
    pairs: list[Pair] = []
    failures: list[Problem] = []
    for collector in collectors:
        condition = collector.condition
        found = collector.rows(plan.tasks)
        rows += found
        pairs += collector.pairs(found)
        failures += [failed(condition, collector.replicates, f) for f in collector.failures() if f.task in plan.tasks]
    around = intervals.rows(collectors, blocks)
    progress.finish()
    return Findings(
        plan=plan,
        rows=rows,
        pairs=pairs,
        intervals=around,
        problems=[*disagreements(rows, around), *failures, *_imprecise(plan, rows, around), *rare_events(rows)],
        blocks=blocks,
    )


def illustrate(plan: Plan) -> Illustrations:
    """Literal experiments with their exact bands, and laws of estimates, of tested ones also if P = Q."""
    return Illustrations(
        paths=list(simulate_paths(plan)),
        bands=list(bands(plan)),
        laws=list(sampling_law(plan)),
        tested=list(tested_laws(plan)),
    )


class _Intervals:
    """Measures intervals: at the end, or after each stage where their precision decides how many replicates there are.

    Then what was measured with the same means of the estimates is kept, and only that of new blocks is progress.
    """

    def __init__(self, plan: Plan, runner: BlockRunner, progress: "_ProgressCounter") -> None:
        self._plan, self._runner, self._progress = plan, runner, progress
        until = plan.scenario.replicates
        self.decide = not isinstance(until, int) and MEASURES[until.measure].of_interval
        self._kept: dict[IntervalBlock, IntervalResult] = {}
        self._counted: set[Block] = set()

    def rows(self, collectors: Iterable[Collector], blocks: Iterable[Block]) -> list[IntervalRow]:
        """The records of these blocks, whose estimators are done, condition by condition."""
        if not self._plan.scenario.intervals:
            return []
        means = {
            (collector.condition.number, row.task): row.value("mean")
            for collector in collectors
            for row in collector.rows(self._plan.measured(collector.condition))
        }
        works = list(interval_blocks(self._plan, blocks, means))
        done = zip(
            works, self._again(works) if self.decide else self._progress.counted(self._runner(works)), strict=True
        )
        rows = []
        for _, group in itertools.groupby(done, key=lambda pair: pair[0].block.condition.number):
            same, results = zip(*group, strict=True)
            rows += interval_rows(same[0], results)
        return rows

    def _again(self, works: Sequence[IntervalBlock]) -> Iterator[IntervalResult]:
        """The results of all, of which some were there."""
        missing = [work for work in works if work not in self._kept]
        new = [work for work in missing if work.block not in self._counted]
        old = [work for work in missing if work.block in self._counted]
        self._counted |= {work.block for work in new}
        self._kept |= dict(zip(old, self._runner(old), strict=True))
        self._kept |= dict(zip(new, self._progress.counted(self._runner(new)), strict=True))
        return iter([self._kept[work] for work in works])


def _estimators(
    plan: Plan, runner: BlockRunner, progress: "_ProgressCounter", intervals: _Intervals
) -> tuple[list[Collector], list[Block]]:
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
        late = _want_more(plan, going, done, intervals)
        for collector in going:
            if collector not in late:
                progress.skip(_left(plan, collector.condition, collector.replicates))
        going = late
    return list(collectors.values()), sorted(done, key=lambda block: block.condition.number)


def _want_more(plan: Plan, going: Sequence[Collector], done: Sequence[Block], intervals: _Intervals) -> list[Collector]:
    """Those of the conditions whose rows lack the precision asked for."""
    if isinstance(plan.scenario.replicates, int):
        return []
    if intervals.decide:
        numbers = {collector.condition.number for collector in going}
        blocks = sorted(
            (block for block in done if block.condition.number in numbers), key=lambda block: block.condition.number
        )
        problems = _imprecise(plan, [], intervals.rows(going, blocks))
    else:
        problems = _imprecise(plan, [row for collector in going for row in collector.rows(plan.tasks)], [])
    late = {problem.condition.number for problem in problems}
    return [collector for collector in going if collector.condition.number in late]


def _imprecise(plan: Plan, rows: Sequence[Row], intervals: Sequence[IntervalRow]) -> list[Problem]:
    until = plan.scenario.replicates
    if isinstance(until, int):
        return []
    concerned = intervals if MEASURES[until.measure].of_interval else rows
    return list(imprecise(concerned, until, plan.scenario.units))


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
