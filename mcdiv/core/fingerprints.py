"""How often each count occurs: all that an estimator may use which no relabelling of categories changes.

With N ≲ 10 K the distinct counts are far fewer than the categories, and a sum over categories becomes a
sum over them.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, over_categories

#: counts that are tallied at once: few enough to stay in the cache
_BLOCK = 2**16


def draws_of(counts: Counts, multiplicity: Array | None = None) -> Counts:
    """N, the draws in each sample, shape (...)."""
    if multiplicity is None:
        return np.asarray(over_categories(counts))
    # Whole numbers below 2^53, whatever the order in which they are added.
    total = multiplicity @ counts if counts.ndim == 1 else (multiplicity * counts).sum(axis=-1)
    return np.asarray(np.rint(total).astype(np.int64))


def alphabet_of(counts: Counts, multiplicity: Array | None = None) -> int:
    """K, the number of categories, seen or not."""
    return int(counts.shape[-1]) if multiplicity is None else round(float(multiplicity[0].sum()))


def having(condition: NDArray[np.bool_], multiplicity: Array | None = None) -> Counts:
    """How many categories have counts of which something holds, shape (...)."""
    if multiplicity is None:
        return np.asarray(condition.sum(axis=-1))
    if condition.ndim == 1:
        return np.asarray((multiplicity @ condition.astype(np.float64)).astype(np.int64))
    return np.asarray(np.where(condition, multiplicity, 0.0).sum(axis=-1).astype(np.int64))


def expanded(counts: Counts, multiplicity: Array) -> Counts:
    """Counts (R, K) from those that stand for several categories, (R, D) or (D,): in some order."""
    values = np.broadcast_to(counts, multiplicity.shape)
    return np.repeat(values.ravel(), multiplicity.ravel().astype(np.int64)).reshape(len(multiplicity), -1)


def distinct_counts(counts: Counts) -> tuple[Counts, Array]:
    """Counts (R, K) as counts n and times, which broadcast to (R, J): Σ_k f(n_k) = Σ_j times_j f(n_j), J ≤ K."""
    if tally := _dense_tally(counts):
        values, times = tally
    else:
        values, index_of = _values_in_order(counts)
        times = _tally(counts, values.size, index_of) if values.size < counts.shape[-1] else np.ones((1, 1))
    return (values, times) if values.size < counts.shape[-1] else (counts, np.ones((1, 1)))


def fingerprints(counts: Counts, multiplicity: Array | None = None) -> tuple[Counts, Array]:
    """Counts (R, K) as the distinct counts (J,) of all rows, and how often each row has them (R, J).

    Counts with a `multiplicity` are told apart already, but for equal ones in one row.
    """
    if multiplicity is not None and counts.ndim == 1:
        return counts, multiplicity
    if multiplicity is None and (tally := _dense_tally(counts)):
        return tally
    values, index_of = _values_in_order(counts)
    if multiplicity is not None:
        cells = index_of(counts) + np.arange(0, len(counts) * values.size, values.size)[:, np.newaxis]
        times = np.zeros(len(counts) * values.size)
        np.add.at(times, cells.ravel(), multiplicity.ravel())
        return values, times.reshape(-1, values.size)
    return values, _tally(counts, values.size, index_of)


def by_count(rule: Callable[[Counts], Array], counts: Counts) -> Array:
    """f(n) for every count, of any shape: through a table where that is less work than the counts."""
    highest = int(counts.max())
    return np.take(rule(np.arange(highest + 1)), counts) if 4 * (highest + 1) <= counts.size else rule(counts)


def rows_at_once(counts: Counts, entries: int) -> int:
    """How many rows of counts (R, K) may have their fingerprints taken together, if these may hold so many entries."""
    rows, categories = len(counts), int(counts.shape[-1])
    # J is at most the highest count + 1, and at most rows × K.
    return max(1, min(rows, max(entries // (int(counts.max()) + 1), math.isqrt(entries // categories))))


def _dense_tally(counts: Counts) -> tuple[Counts, Array] | None:
    """The distinct counts (J,) and how often each row has them (R, J); None where a count reaches the categories."""
    rows, categories = counts.shape
    size = max(1, _BLOCK // categories)
    pieces = []
    for first in range(0, rows, size):
        block = counts[first : first + size]
        width = int(block.max()) + 1
        if width > categories:
            return None
        cells = block + np.arange(0, len(block) * width, width)[:, np.newaxis]
        pieces.append(np.bincount(cells.ravel(), minlength=len(block) * width).reshape(-1, width))
    occurs = np.zeros(max(piece.shape[1] for piece in pieces), dtype=bool)
    for piece in pieces:
        occurs[: piece.shape[1]] |= piece.any(axis=0)
    values = np.flatnonzero(occurs)
    times = np.zeros((rows, values.size))
    for first, piece in zip(range(0, rows, size), pieces, strict=True):
        some = values[: np.searchsorted(values, piece.shape[1])]
        times[first : first + size, : some.size] = piece[:, some]
    return values, times


def _values_in_order(counts: Counts) -> tuple[Counts, Callable[[Counts], Counts]]:
    """The distinct counts in order, and the function that gives the index of a count among them."""
    if int(counts.max()) < 4 * counts.size:
        values = np.flatnonzero(np.bincount(counts.ravel()))
        table = np.zeros(int(values[-1]) + 1, dtype=np.int64)
        table[values] = np.arange(values.size)
        return values, lambda n: np.take(table, n)
    values = np.unique(counts)
    return values, lambda n: np.searchsorted(values, n)


def _tally(counts: Counts, width: int, index_of: Callable[[Counts], Counts]) -> Array:
    rows, categories = counts.shape
    times = np.empty((rows, width))
    size = max(1, _BLOCK // categories)
    starts = np.arange(0, size * width, width)[:, np.newaxis]
    for first in range(0, rows, size):
        block = counts[first : first + size]
        cells = index_of(block) + starts[: len(block)]
        times[first : first + size] = np.bincount(cells.ravel(), minlength=len(block) * width).reshape(-1, width)
    return times
