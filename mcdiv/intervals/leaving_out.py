"""What an estimator gives without one of the draws: the raw material of the jackknife and of BCa's acceleration.

Draws from categories that the estimator cannot tell apart give the same value, so it is evaluated once for
each distinct count, not once for each draw.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Sample
from mcdiv.intervals.contract import Case


def leave_one_out(case: Case) -> Iterator[tuple[Array, Array]]:
    """For the draws from P, then those from a sampled Q: values (R, D) and how many draws give each, (R, D).

    A sample of a single draw has nothing to leave out, and its one value is the estimate itself.
    """
    sample = case.sample
    known = [] if sample.q is None else [np.broadcast_to(sample.q, sample.counts.shape)]
    second = [] if sample.counts_q is None else [sample.counts_q]
    yield _without_one(case, sample.counts, [*second, *known], second=False)
    if sample.counts_q is not None:
        yield _without_one(case, sample.counts_q, [sample.counts], second=True)


def _without_one(case: Case, counts: Counts, others: list[NDArray[Any]], *, second: bool) -> tuple[Array, Array]:
    place, weights = _kinds(counts, others)
    values = np.repeat(case.estimates[:, None], weights.shape[1], axis=1)
    several = counts.sum(axis=1) > 1
    for slot in range(weights.shape[1]):
        rows = np.flatnonzero((weights[:, slot] > 0) & several)
        if not rows.size:
            continue
        less = counts[rows].copy()
        less[np.arange(len(rows)), place[rows, slot]] -= 1
        some = _rows(case.sample, rows)
        values[rows, slot] = case.estimate(replace(some, counts_q=less) if second else replace(some, counts=less))
    return values, weights


def _kinds(counts: Counts, others: list[NDArray[Any]]) -> tuple[Counts, Array]:
    """Of each row: a category of every kind (R, D), and the draws of that kind (R, D), 0 where there are fewer."""
    rows, categories = counts.shape
    keys = [counts.ravel(), *(other.ravel() for other in others)]
    kind = np.unique(np.stack([key.astype(np.float64) for key in keys]), axis=1, return_inverse=True)[1]
    kind = np.where(counts > 0, kind.reshape(rows, categories), -1)
    order = np.argsort(kind, axis=1, kind="stable")
    ordered = np.take_along_axis(kind, order, axis=1)
    starts = np.diff(ordered, axis=1, prepend=-1) != 0
    slot = np.cumsum(starts, axis=1) - 1
    width = int(slot[:, -1].max()) + 1
    place = np.zeros((rows, width), dtype=np.int64)
    weights = np.zeros((rows, width))
    row, column = np.nonzero(ordered >= 0)
    draws = np.take_along_axis(counts, order, axis=1)
    np.add.at(weights, (row, slot[row, column]), draws[row, column])
    first_row, first_column = np.nonzero(starts & (ordered >= 0))
    place[first_row, slot[first_row, first_column]] = order[first_row, first_column]
    return place, weights


def _rows(sample: Sample, rows: Counts) -> Sample:
    second = None if sample.counts_q is None else sample.counts_q[rows]
    q = sample.q if sample.q is None or sample.q.ndim == 1 else sample.q[rows]
    return replace(sample, counts=sample.counts[rows], counts_q=second, q=q)
