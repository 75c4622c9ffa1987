"""Means over the truths of a study, each truth counting alike: what an estimator does on average over them.

Two errors go with such a mean. Where the truths are a sample (drawn from a Dirichlet law, say) it is that of a mean of
so many truths, the spread between them included; where these truths are all that is meant, only that of the replicates.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mcdiv.core.distributions import Distribution
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition, Task
from mcdiv.engine.records import Row
from mcdiv.measures.contract import MEASURES, wanted

#: over what means are taken: all truths, those that differ in their seed alone, or nothing
Pool: TypeAlias = Literal["truth", "draws"] | None
Source: TypeAlias = Literal["exact", "monte_carlo", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A measure over several truths: exact values where they are known, else simulated ones."""

    value: float
    #: of the mean over the law that the truths are a sample of: their spread over √truths; NaN of a single truth
    mcse: float
    #: of the mean over these truths: what the replicates leave open, 0 where all values are exact
    mcse_given_truths: float
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledRow:
    """How one estimator, or one interval around it, did over several truths with the same Q, N and M."""

    #: what they are draws from; empty where they are all truths of the study
    law: str
    model: Distribution | None
    sample_size: int
    model_sample_size: int | None
    task: Task
    #: None of an estimator
    interval: str | None
    truths: int
    #: the mean of the true values, in nats
    true_value: float
    #: by measure, in nats
    measures: Mapping[str, Pooled]

    def value(self, measure: str) -> float:
        """The value of a measure, NaN where there is none."""
        return self.measures[measure].value if measure in self.measures else math.nan


def pooled(over: Pool, rows: Iterable[Row], intervals: Iterable[IntervalRow] = ()) -> list[PooledRow]:
    """A row for every Q, N, M, estimand, estimator and interval, in the order of the first truth's rows.

    Over all truths, or over those that differ in their seed alone; no row where nothing is pooled.
    """
    if over is None:
        return []
    groups: dict[tuple[object, ...], list[Row | IntervalRow]] = {}
    everything: list[Row | IntervalRow] = [*rows, *intervals]
    for row in everything:
        at = row.condition
        key = (law_of(over, at), at.model, at.sample_size, at.model_sample_size, row.task, _interval_of(row))
        groups.setdefault(key, []).append(row)
    return [_pooled_row(str(law), group) for (law, *_), group in groups.items()]


def law_of(over: Pool, condition: Condition) -> str:
    """What stands for the truths that a condition is pooled with: what they are draws from, or nothing for all."""
    return condition.truth.law if over == "draws" else ""


def _interval_of(row: Row | IntervalRow) -> str | None:
    return row.interval if isinstance(row, IntervalRow) else None


def _pooled_row(law: str, rows: Sequence[Row | IntervalRow]) -> PooledRow:
    at, interval = rows[0].condition, _interval_of(rows[0])
    there = [*rows[0].simulated, *rows[0].exact]
    names = [entry.name for entry in wanted(there, interval=interval is not None) if entry.averaged]
    return PooledRow(
        law=law,
        model=at.model,
        sample_size=at.sample_size,
        model_sample_size=at.model_sample_size,
        task=rows[0].task,
        interval=interval,
        truths=len(rows),
        true_value=math.fsum(row.true_value for row in rows) / len(rows),
        measures={name: _pooled_measure(rows, name) for name in names},
    )


def _pooled_measure(rows: Sequence[Row | IntervalRow], name: str) -> Pooled:
    averaged = MEASURES[name].averaged
    exact = [averaged in row.exact for row in rows]
    values = np.array([row.value(averaged) for row in rows])
    errors = np.array([0.0 if known else _mcse(row, averaged) for row, known in zip(rows, exact, strict=True)])
    mean, count = math.fsum(values) / len(values) if np.isfinite(values).all() else math.nan, len(rows)
    spread = float(values.std(ddof=1)) if count > 1 and not math.isnan(mean) else math.nan
    of_law = Measured(value=mean, mcse=spread / math.sqrt(count))
    of_these = Measured(value=mean, mcse=math.sqrt(math.fsum(errors**2)) / count)
    if averaged != name:
        of_law, of_these = of_law.root, of_these.root
    return Pooled(
        value=of_law.value,
        mcse=of_law.mcse,
        mcse_given_truths=of_these.mcse,
        source="exact" if all(exact) else "mixed" if any(exact) else "monte_carlo",
    )


def _mcse(row: Row | IntervalRow, name: str) -> float:
    return row.simulated[name].mcse if name in row.simulated else math.nan
