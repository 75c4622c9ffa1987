"""The mean of G where nothing differs: what its law is centred on, in small samples more or less than K − 1.

Against a known pmf, over samples of N draws from it; of a table, over all tables with its margins.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf, kinds_of
from mcdiv.core.binomial import binomial_windows
from mcdiv.core.log_ratios import kl_terms

#: counts whose variance is larger are not listed: the error of the expansion is below 1e-6 then
_LISTED = 1000.0
#: the window of a count reaches this many standard deviations and counts to each side of its mean
_WINDOW_SD, _WINDOW_COUNTS = 9.5, 60
_ENTRIES = 2**20


@lru_cache(maxsize=64)
def mean_against_pmf(q: tuple[float, ...], draws: int) -> float:
    """E G = 2 Σ E n ln(n/Nq) over samples of so many draws from Q."""
    chances, times = np.unique([each for each in q if each > 0], return_counts=True)
    listed = draws * chances * (1 - chances) <= _LISTED
    means = np.zeros(len(chances))
    rest, expected = 1 - chances, draws * chances
    means[~listed] = (rest * (1 + (1 + chances) / (6 * expected)))[~listed]
    if listed.any():
        counts, weights, lengths = binomial_windows(draws, chances[listed])
        terms = weights * kl_terms(counts.astype(np.float64), np.repeat(expected[listed], lengths))
        means[listed] = 2 * np.add.reduceat(terms, np.concatenate([[0], np.cumsum(lengths)[:-1]]))
    return float(times @ means)


def mean_of_tables(rows: Counts, columns: Counts) -> Array:
    """E G of tables (..., R, C) given their margins, shapes (..., R) and (..., C) → (...)."""
    first, second = np.broadcast_arrays(rows[..., :, np.newaxis], columns[..., np.newaxis, :])
    total = np.broadcast_to(rows.sum(axis=-1)[..., np.newaxis, np.newaxis], first.shape)
    cells = [each.ravel() for each in (np.minimum(first, second), np.maximum(first, second), total)]
    one, kind = kinds_of(*cells)
    means = _mean_of_cells(*(each[one] for each in cells))[kind.reshape(first.shape)]
    return np.asarray(means.sum(axis=(-2, -1)))


def _mean_of_cells(row: Counts, column: Counts, total: Counts) -> Array:
    """2 E [n ln(n/e) − n + e] of hypergeometric counts n with mean e = row · column/total, shapes (D,)."""
    a, b = row / total, column / total
    expected = row * b
    variance = expected * (1 - a) * (1 - b)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (1 - a) * (1 - b)
        means = rest * (1 + 1 / total - (1 - 2 * a) * (1 - 2 * b) / (3 * expected) + rest / (2 * expected))
    reach = _WINDOW_SD * np.sqrt(np.minimum(variance, _LISTED)) + _WINDOW_COUNTS
    listed = np.flatnonzero(variance <= _LISTED)
    listed = listed[np.argsort(reach[listed], kind="stable")]
    size = max(1, _ENTRIES // int(2 * (_WINDOW_SD * np.sqrt(_LISTED) + _WINDOW_COUNTS) + 2))
    for start in range(0, len(listed), size):
        some = listed[start : start + size]
        means[some] = _listed(row[some], column[some], total[some], expected[some], int(reach[some].max()) + 1)
    return means


def _listed(row: Counts, column: Counts, total: Counts, expected: Array, reach: int) -> Array:
    """The same, summed over windows of counts around the means."""
    low = np.maximum(np.maximum(0, row + column - total), expected.astype(np.int64) - reach)[:, np.newaxis]
    counts: NDArray[np.float64] = (low + np.arange(2 * reach + 2)).astype(np.float64)
    row, column, total = (each[:, np.newaxis] for each in (row, column, total))
    possible = counts <= np.minimum(row, column)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.log((row - counts) / (counts + 1)) + np.log((column - counts) / (total - row - column + counts + 1))
    logs = np.zeros_like(counts)
    logs[:, 1:] = np.cumsum(np.where(possible[:, 1:], up[:, :-1], 0.0), axis=1)
    logs = np.where(possible, logs, -np.inf)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    mean = np.broadcast_to(expected[:, np.newaxis], counts.shape)
    terms = np.where(possible, 2 * kl_terms(np.where(possible, counts, 0.0), mean), 0.0)
    return np.asarray((weights * terms).sum(axis=1) / weights.sum(axis=1))


def means_against_pmfs(q: Pmf, draws: Counts) -> Array:
    """`mean_against_pmf` of rows: Q (K,) or (R, K), draws (R,)."""
    if q.ndim == 1:
        known = tuple(q.tolist())
        found = {int(each): mean_against_pmf(known, int(each)) for each in np.unique(draws)}
        return np.array([found[int(each)] for each in draws])
    return np.array([mean_against_pmf(tuple(row.tolist()), int(each)) for row, each in zip(q, draws, strict=True)])
