"""How often each count occurs: all that an estimator may use which no relabelling of categories changes.

With N ≲ 10 K the distinct counts are far fewer than the categories, and a sum over categories becomes a
sum over them.
"""

import numpy as np

from mcdiv.core.arrays import Array, Counts


def distinct_counts(counts: Counts) -> tuple[Counts, Array]:
    """Counts (R, K) as counts n and times, which broadcast to (R, J): Σ_k f(n_k) = Σ_j times_j f(n_j), J ≤ K."""
    values, columns = _columns(counts)
    if values.size >= counts.shape[-1]:
        return counts, np.ones((1, 1))
    return values, _tally(columns, values.size)


def fingerprints(counts: Counts) -> tuple[Counts, Array]:
    """Counts (R, K) as the distinct counts (J,) of all rows and how often each row has them (R, J)."""
    values, columns = _columns(counts)
    return values, _tally(columns, values.size)


def rows_at_once(counts: Counts, entries: int) -> int:
    """How many rows of counts (R, K) may have their fingerprints taken together, if these may hold so many entries."""
    rows, categories = counts.shape
    highest = int(counts.max()) + 1
    # J is at most highest + 1, and at most rows × K.
    return int(max(1, min(rows, max(entries // highest, int((entries / categories) ** 0.5)))))


def _columns(counts: Counts) -> tuple[Counts, Counts]:
    """The distinct counts in order, and for every entry which of them it is."""
    if int(counts.max()) < 4 * counts.size:
        values = np.flatnonzero(np.bincount(counts.ravel()))
        columns = np.zeros(int(values[-1]) + 1, dtype=np.int64)
        columns[values] = np.arange(values.size)
        return values, columns[counts]
    values, columns = np.unique(counts, return_inverse=True)
    return values, columns.reshape(counts.shape)


def _tally(columns: Counts, width: int) -> Array:
    rows = len(columns)
    cells = columns + np.arange(0, rows * width, width)[:, np.newaxis]
    return np.bincount(cells.ravel(), minlength=rows * width).reshape(rows, width).astype(np.float64)
