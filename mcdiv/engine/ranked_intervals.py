"""Intervals in the order in which the estimates are off, for a zip plot: of each kind some, at even centiles."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.interval_performance import ROUNDING_OF_ENDS, holds
from mcdiv.engine.exact import true_value
from mcdiv.engine.plan import Condition, Task
from mcdiv.engine.saved_estimates import SavedEstimates

#: centiles of one interval in one condition: as many lines as a picture has room for
MAX_CENTILES = 200

#: |estimate − true value|/standard error, or where an interval has no standard error |estimate − true value|
RankedBy: TypeAlias = Literal["abs_z", "abs_error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedIntervals:
    """One interval of one condition, in nats: at each centile the replicate that is there."""

    condition: Condition
    task: Task
    interval: str
    level: float
    true_value: float
    #: how many were ranked, 0 where all outcomes were, by their probabilities
    replicates: int
    ranked_by: RankedBy
    #: shape (centiles,), between 0 and 1, ascending
    centiles: Array
    #: shape (centiles,): what they are ranked by; an infinite one comes after all others, and NaN last
    sizes: Array
    #: shape (centiles,)
    estimates: Nats
    low: Nats
    high: Nats
    #: shape (centiles,): 1 where the interval holds the true value; an undefined one does not
    covers: Array


def ranking(saved: Iterable[SavedEstimates], level: float, found: list[RankedIntervals]) -> Iterator[SavedEstimates]:
    """The same estimates passed on; what they come to is added to `found`, condition by condition."""
    for _, group in itertools.groupby(saved, key=lambda part: part.condition):
        parts = []
        for part in group:
            if any(interval for _, interval in part.kept):
                parts.append(part)
            yield part
        found += _ranked(parts, level)


def _ranked(parts: Sequence[SavedEstimates], level: float) -> Iterator[RankedIntervals]:
    """The intervals of one condition."""
    if not parts:
        return
    first = parts[0]
    at, weights = first.condition, np.concatenate([_weights(part) for part in parts])
    replicates = 0 if first.weights is None else int(weights.sum())
    for row, (task, interval) in enumerate(first.kept):
        true = true_value(task.estimand, at.p, at.q, at.truth.shape)
        if interval is None or not math.isfinite(true):
            continue
        estimates, errors, low, high = np.concatenate([part.values[row] for part in parts], axis=1)
        by: RankedBy = "abs_error" if np.isnan(errors).all() else "abs_z"
        differences = np.abs(estimates - true)
        sizes = _sizes(differences, errors if by == "abs_z" else np.ones(len(errors)), true)
        chosen, centiles = at_centiles(sizes, differences, weights, min(MAX_CENTILES, replicates or MAX_CENTILES))
        yield RankedIntervals(
            condition=at,
            task=task,
            interval=interval.label,
            level=level,
            true_value=true,
            replicates=replicates,
            ranked_by=by,
            centiles=centiles,
            sizes=sizes[chosen],
            estimates=estimates[chosen],
            low=low[chosen],
            high=high[chosen],
            covers=holds(low[chosen], high[chosen], true),
        )


def _weights(part: SavedEstimates) -> Array:
    weights = part.probabilities if part.weights is None else part.weights
    assert weights is not None  # what is not simulated is listed
    return np.asarray(weights, dtype=np.float64)


def _sizes(differences: Array, errors: Array, true: float) -> Array:
    """Difference over error, shape (R,): 0 where the difference is a rounding, else ∞ where the error is 0."""
    none = differences <= ROUNDING_OF_ENDS * max(1.0, abs(true))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(none, 0.0, differences / errors)


def at_centiles(sizes: Array, differences: Array, weights: Array, count: int) -> tuple[Array, Array]:
    """Which values are in the middle of each of so many equal parts of the total weight, and these centiles.

    Values come in ascending order, infinity and then NaN last; equal ones in that of their differences.
    """
    order = np.lexsort((differences, sizes))
    centiles = (np.arange(count) + 0.5) / count
    below = np.cumsum(weights[order])
    places = np.searchsorted(below, centiles * below[-1], side="left")
    return order[np.minimum(places, len(order) - 1)], centiles
