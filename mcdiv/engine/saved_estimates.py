"""Estimates on request, replicate by replicate, with the standard error and the interval around each.

They are made again from the same random streams rather than held during the study.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Sample
from mcdiv.core.outcomes import BLOCK_ENTRIES
from mcdiv.engine.block import outcomes_of, samples_of
from mcdiv.engine.estimates import estimates_of, ungrouped
from mcdiv.engine.interval_block import bounds_around
from mcdiv.engine.plan import Block, Condition, Plan, Task
from mcdiv.engine.saving import kept_of
from mcdiv.scenario.choices import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRequest:
    """A block, and what each of its replicates has a row for."""

    block: Block
    kept: tuple[tuple[Task, Choice | None], ...]
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEstimates:
    """The estimates of one block, in nats; a row for each replicate, or distinct outcome where these are listed."""

    condition: Condition
    kept: tuple[tuple[Task, Choice | None], ...]
    #: shape (kept, 4, rows): estimate, standard error, lower and upper end; NaN where there is none
    values: Array
    #: shape (rows,): the first replicate, and how many have the same outcome; None where none were simulated
    replicates: Array | None
    weights: Array | None
    #: shape (rows,); None where outcomes are not listed
    probabilities: Array | None


#: whoever has work done: what a function makes of each item, in their order
Mapped: TypeAlias = Callable[
    [Callable[[EstimateRequest], SavedEstimates], Iterable[EstimateRequest]], Iterator[SavedEstimates]
]


def saved_estimates(plan: Plan, blocks: Iterable[Block], mapped: Mapped) -> Iterator[SavedEstimates]:
    """The estimates of blocks, in their order."""
    works = (
        EstimateRequest(block=block, kept=tuple(kept_of(plan, block.condition)), level=plan.scenario.level)
        for block in blocks
        if block.kind != "linearity"
    )
    return mapped(estimates_of_block, works)


def estimates_of_block(work: EstimateRequest) -> SavedEstimates:
    """The estimates of a block; outcomes that no replicate had are left out, unless nothing was simulated at all."""
    block = work.block
    size, (outcomes, times) = max(1, BLOCK_ENTRIES // block.condition.truth.categories), outcomes_of(block)
    numbers = block.start + np.concatenate([[0], np.cumsum(times)[:-1]])
    met = times > 0 if block.replicates else np.ones(len(times), dtype=bool)
    if not met.all():
        outcomes, times, numbers = outcomes.where(met), times[met], numbers[met]
    parts = [
        np.stack([_values(work, task, interval, ungrouped(some)) for task, interval in work.kept])
        for _, some in samples_of(outcomes, block.condition, size)
    ]
    return SavedEstimates(
        condition=block.condition,
        kept=work.kept,
        values=np.concatenate(parts, axis=2),
        replicates=numbers if block.replicates else None,
        weights=times if block.replicates else None,
        probabilities=outcomes.weights if block.kind == "enumeration" else None,
    )


def _values(work: EstimateRequest, task: Task, interval: Choice | None, sample: Sample) -> Array:
    """Estimate, standard error, lower and upper end, shape (4, R)."""
    if interval is None:
        estimates = estimates_of(task, sample)[0]
        return np.stack([estimates, *[np.full(len(estimates), np.nan)] * 3])
    # No interval may look at the truth.
    low, high, error, estimates = bounds_around(task, interval, replace(sample, p=None), work.level)
    return np.stack([estimates, error, low, high])
