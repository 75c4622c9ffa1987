"""How intervals do: which ones a scenario asks for, what a worker measures of them, and the records that come of it.

Intervals are measured after the estimators, on the same outcomes: bias-eliminated coverage asks how often an
interval holds the mean of the estimates, which is known only then.
"""

import itertools
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np

from mcdiv.core.arrays import Array, Sample
from mcdiv.core.interval_performance import IntervalSummary, features_of_intervals
from mcdiv.core.moments import Moments, fold, moments_of
from mcdiv.core.outcomes import BLOCK_ENTRIES
from mcdiv.core.performance import MISSING, Measured
from mcdiv.core.rare_events import share_bound
from mcdiv.engine.block import outcomes_of, samples_of
from mcdiv.engine.cache.columns import Column, Columns
from mcdiv.engine.estimates import estimates_of, ungrouped
from mcdiv.engine.exact import true_value
from mcdiv.engine.plan import Block, Condition, Plan, Task
from mcdiv.engine.work import Part, modules_behind
from mcdiv.intervals.contract import INTERVALS, bounds_of
from mcdiv.measures.contract import of_interval
from mcdiv.scenario.choices import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An interval around an estimator, and the mean of that estimator's estimates."""

    task: Task
    interval: Choice
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalBlock:
    """A block whose estimators are done, and the intervals to measure on its outcomes; see `work.Work`."""

    block: Block
    targets: tuple[Target, ...]
    level: float

    @property
    def decided_by(self) -> Block:
        """The block, whatever is measured: an interval's features are always the same."""
        return self.block.unmeasured

    @property
    def requested(self) -> tuple[Target, ...]:
        """The intervals."""
        return self.targets

    @property
    def settings(self) -> tuple[float, ...]:
        """The level of the intervals."""
        return (self.level,)

    @property
    def result_type(self) -> "type[IntervalResult]":
        """Moments by target."""
        return IntervalResult

    def parts(self) -> list[Part]:
        """Each interval by itself."""
        return [(target,) for target in self.targets]

    def restricted_to(self, parts: Iterable[Part]) -> Self:
        """The same block with some of its intervals."""
        targets: Any = tuple(itertools.chain.from_iterable(parts))
        return replace(self, targets=targets)

    def names_of(self, part: Part) -> set[Any]:
        """Its targets."""
        return set(part)

    def columns(self) -> Iterator[tuple[Hashable, Self]]:
        """The bounds of each interval, with its estimates."""
        for target in self.targets:
            yield (target.task, target.interval), self.restricted_to([(target,)])

    def modules(self) -> tuple[str, ...]:
        """This file, the distributions, the estimators and the intervals."""
        found = {measure_intervals.__module__} | modules_behind(
            self.decided_by, (target.task for target in self.targets)
        )
        return tuple(sorted(found | {INTERVALS[target.interval.name].module for target in self.targets}))

    def run(self, columns: Columns | None = None) -> "IntervalResult":
        """Measure them."""
        return measure_intervals(self, columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalResult:
    """What a worker gives back, target by target: moments over replicates, and over all outcomes."""

    block: Block
    simulated: dict[Target, Moments]
    enumerated: dict[Target, Moments]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalRow:
    """How one interval did in one condition."""

    condition: Condition
    task: Task
    interval: str
    level: float
    true_value: float
    #: replicates simulated, 0 if none
    replicates: int
    #: by measure, in nats; empty where nothing was simulated, or no outcomes could be listed
    simulated: Mapping[str, Measured]
    exact: Mapping[str, float]
    #: MCSEs that so many replicates have by the exact law, by measure; only where it is known, and in no table
    exact_mcse: Mapping[str, float] = field(default_factory=dict)

    def value(self, measure: str) -> float:
        """The best value there is: exact where known, else simulated."""
        if measure in self.exact:
            return self.exact[measure]
        return self.simulated[measure].value if measure in self.simulated else math.nan

    def reported(self, measure: str) -> Measured:
        """The simulated value with its MCSE, or the exact one (MCSE 0) where nothing was simulated."""
        if self.simulated:
            return self.simulated.get(measure, MISSING)
        return Measured(value=self.exact.get(measure, math.nan), mcse=0.0 if measure in self.exact else math.nan)

    def trusted(self, measure: str) -> bool:
        """Whether enough events stand behind the MCSE of a simulated measure for its z to be about normal."""
        return measure in self.simulated and self.simulated[measure].trusted

    def bound(self, share: str) -> float:
        """95 % bound of a share that all replicates or none of them had; NaN for others, and where it is exact."""
        known = share in self.exact or share not in self.simulated
        return math.nan if known else share_bound(self.simulated[share].value, self.replicates)

    def z(self, measure: str) -> float:
        """(simulated − exact)/MCSE, or NaN where one of them is missing."""
        if measure not in self.simulated or measure not in self.exact or not self.simulated[measure].mcse > 0:
            return math.nan
        return (self.simulated[measure].value - self.exact[measure]) / self.simulated[measure].mcse


def interval_blocks(
    plan: Plan, blocks: Iterable[Block], means: Mapping[tuple[int, Task], float]
) -> Iterator[IntervalBlock]:
    """The blocks of a study once more, for the intervals; means are by number of the condition and task."""
    for block in blocks:
        pairs = plan.intervals(block.condition)
        if block.kind == "linearity" or not pairs:
            continue
        number = block.condition.number
        targets = tuple(Target(task=task, interval=choice, mean=means[number, task]) for task, choice in pairs)
        yield IntervalBlock(block=block, targets=targets, level=plan.scenario.level)


def measure_intervals(work: IntervalBlock, columns: Columns | None = None) -> IntervalResult:
    """Do one block; `columns` may know some of the bounds."""
    block, columns = work.block, columns or Columns(expensive_from=None)
    p = block.condition.truth.pmf()
    q = block.condition.model.pmf() if block.condition.model else None
    outcomes, times = outcomes_of(block)
    simulated: dict[Target, list[Moments]] = {}
    enumerated: dict[Target, list[Moments]] = {}
    for rows, some in samples_of(outcomes, block.condition, max(1, BLOCK_ENTRIES // len(p))):
        sample = replace(ungrouped(some), p=None)  # no interval may look at the truth
        met = times[rows] > 0
        # Each target by itself: what is found of one must not depend on which others are asked for.
        for target in work.targets:
            truth = true_value(target.task.estimand, p, q, block.condition.truth.shape)
            key, make = (target.task, target.interval), partial(_bounds, work, target, sample)
            low, high, error, estimates = columns.of(key, rows, make)[0]
            features = features_of_intervals(low, high, error, truth, target.mean, estimates)
            if met.any():
                simulated.setdefault(target, []).append(moments_of(features[met], times[rows][met]))
            if block.exact:
                enumerated.setdefault(target, []).append(moments_of(features, outcomes.weights[rows]))
    return IntervalResult(
        block=block,
        simulated={target: fold(parts) for target, parts in simulated.items()},
        enumerated={target: fold(parts) for target, parts in enumerated.items()},
    )


def interval_rows(work: IntervalBlock, results: Iterable[IntervalResult]) -> list[IntervalRow]:
    """The records of one condition from the results of its blocks, in order; `work` is any of the blocks."""
    results = list(results)
    condition = work.block.condition
    p, q = condition.truth.pmf(), condition.model.pmf() if condition.model else None
    rows = []
    for target in work.targets:
        simulated = [result.simulated[target] for result in results if target in result.simulated]
        enumerated = [result.enumerated[target] for result in results if target in result.enumerated]
        law = fold(enumerated) if enumerated else None
        asked = work.block.measures
        found = {}
        if simulated:
            found = of_interval(IntervalSummary(moments=fold(simulated), simulated=True, law=law), asked)
        known = of_interval(IntervalSummary(moments=law, simulated=False), asked) if law else {}
        replicates = sum(result.block.replicates for result in results)
        by_law = {}
        if law and found:
            by_law = of_interval(IntervalSummary(moments=law.of_replicates(replicates), simulated=True))
        rows.append(
            IntervalRow(
                condition=condition,
                task=target.task,
                interval=target.interval.label,
                level=work.level,
                true_value=true_value(target.task.estimand, p, q, condition.truth.shape),
                replicates=replicates,
                simulated=found,
                exact={name: m.value for name, m in known.items() if not math.isnan(m.value)},
                exact_mcse={name: m.mcse for name, m in by_law.items()},
            )
        )
    return rows


def _bounds(work: IntervalBlock, target: Target, sample: Sample) -> Column:
    return bounds_around(target.task, target.interval, sample, work.level), {}


def bounds_around(task: Task, interval: Choice, sample: Sample, level: float) -> Array:
    """Lower and upper bounds, standard errors and estimates, shape (4, R), of samples without their truth."""
    bounds, estimates = bounds_of(
        INTERVALS[interval.name],
        dict(interval.parameters),
        task.estimand,
        lambda some: estimates_of(task, some)[0],
        sample,
        level,
    )
    return np.stack([bounds.low, bounds.high, bounds.error, estimates])
