"""What a draw does to an estimate, by leaving it out: the raw material of the jackknife and of BCa's acceleration.

Draws from categories that the estimator cannot tell apart do the same, so it is evaluated once for each
distinct count, not once for each draw.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Sample, kinds_of
from mcdiv.intervals.contract import ROUNDING, IntervalInput

#: one draw among more than this many moves an estimate by roundings only: several are left out together then, but
#: no more than this part of a category, within which the estimator is as good as straight
_MANY, _PART = 10**8, 10**4


def influences(case: IntervalInput) -> Iterator[tuple[Array, Array]]:
    """For the draws from P, then those from a sampled Q: influences (R, D) and how many draws have each, (R, D).

    The influence of draw j is θ̂₋ⱼ − mean, so that they sum to 0. A sample of a single draw has nothing to leave out,
    and its influence is 0.
    """
    sample = case.sample
    fixed = [] if sample.q is None else [np.broadcast_to(sample.q, sample.counts.shape)]
    if sample.shape is not None:  # which row and column a draw is of matters, whatever their counts
        fixed.append(np.broadcast_to(np.arange(sample.counts.shape[-1]), sample.counts.shape))
    second = [] if sample.counts_q is None else [sample.counts_q]
    yield _without_one(case, sample.counts, [*second, *fixed], second=False)
    if sample.counts_q is not None:
        yield _without_one(case, sample.counts_q, [sample.counts], second=True)


def _without_one(
    case: IntervalInput, counts: Counts, others: list[NDArray[Any]], *, second: bool
) -> tuple[Array, Array]:
    category, weights = _kinds(counts, others)
    draws = counts.sum(axis=1, keepdims=True)
    own = np.take_along_axis(counts, category, axis=1)
    left_out = np.clip(draws // _MANY, 1, np.maximum(own // _PART, 1))
    moves = np.zeros(weights.shape)
    for slot in range(weights.shape[1]):
        rows = np.flatnonzero((weights[:, slot] > 0) & (draws[:, 0] > 1))
        if not rows.size:
            continue
        less = counts[rows].copy()
        less[np.arange(len(rows)), category[rows, slot]] -= left_out[rows, slot]
        some = _rows(case.sample, rows)
        values = case.estimate(replace(some, counts_q=less) if second else replace(some, counts=less))
        with np.errstate(invalid="ignore"):  # infinite less infinite is undefined, and is said to be so
            moves[rows, slot] = (values - case.estimates[rows]) / left_out[rows, slot]
    with np.errstate(invalid="ignore"):
        mean = np.where(weights > 0, weights * moves, 0.0).sum(axis=1, keepdims=True) / draws
        influence = np.where(weights > 0, moves - mean, 0.0)
    size = np.where(np.isfinite(case.estimates), np.abs(case.estimates), 0.0)
    influence[np.abs(influence) * left_out <= ROUNDING * size[:, np.newaxis]] = 0.0
    return influence, weights


def _kinds(counts: Counts, others: list[NDArray[Any]]) -> tuple[Counts, Array]:
    """Of each row: a category of every kind (R, D), and the draws of that kind (R, D), 0 where there are fewer."""
    rows, categories = counts.shape
    _, kind = kinds_of(counts.ravel(), *(other.ravel() for other in others))
    kind = np.where(counts > 0, kind.reshape(rows, categories), -1)
    order = np.argsort(kind, axis=1, kind="stable")
    ordered = np.take_along_axis(kind, order, axis=1)
    starts = np.diff(ordered, axis=1, prepend=-1) != 0
    slot = np.cumsum(starts, axis=1) - 1
    width = int(slot[:, -1].max()) + 1
    category = np.zeros((rows, width), dtype=np.int64)
    weights = np.zeros((rows, width))
    row, column = np.nonzero(ordered >= 0)
    draws = np.take_along_axis(counts, order, axis=1)
    np.add.at(weights, (row, slot[row, column]), draws[row, column])
    first_row, first_column = np.nonzero(starts & (ordered >= 0))
    category[first_row, slot[first_row, first_column]] = order[first_row, first_column]
    return category, weights


def _rows(sample: Sample, rows: Counts) -> Sample:
    second = None if sample.counts_q is None else sample.counts_q[rows]
    q = sample.q if sample.q is None or sample.q.ndim == 1 else sample.q[rows]
    return replace(sample, counts=sample.counts[rows], counts_q=second, q=q)
