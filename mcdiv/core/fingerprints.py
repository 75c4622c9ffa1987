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
_BLOCK = 2**15
#: from so many categories on, and with at most one large count in so many, small counts are tallied in words
_WIDE, _RARE = 100, 16


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
    return tally_up_to(counts.shape[-1] - 1, counts) or (counts, np.ones((1, 1)))


def tally_up_to(most: int, counts: Counts) -> tuple[Counts, Array] | None:
    """The `fingerprints` of counts (R, K), or None where there are more than so many distinct counts."""
    values, times_of = _distinct(counts)
    return (values, times_of()) if values.size <= most else None


def fingerprints(counts: Counts, multiplicity: Array | None = None) -> tuple[Counts, Array]:
    """Counts (R, K) as the distinct counts (J,) of all rows, and how often each row has them (R, J).

    Counts with a `multiplicity` are told apart already, but for equal ones in one row.
    """
    if multiplicity is not None and counts.ndim == 1:
        return counts, multiplicity
    if multiplicity is None:
        values, times_of = _distinct(counts)
        return values, times_of()
    values, index_of = _values_in_order(counts)
    cells = index_of(counts) + np.arange(0, len(counts) * values.size, values.size)[:, np.newaxis]
    times = np.zeros(len(counts) * values.size)
    np.add.at(times, cells.ravel(), multiplicity.ravel())
    return values, times.reshape(-1, values.size)


def relabelled(counts: Counts) -> tuple[Counts, Counts]:
    """Of rows (R, K) the places (D,) of those that no relabelling makes equal, and which of them each row is (R,)."""
    kinds: dict[bytes, int] = {}
    place = np.empty(len(counts), dtype=np.int64)
    for i, row in enumerate(counts):
        place[i] = kinds.setdefault(np.concatenate(np.unique(row[row > 0], return_counts=True)).tobytes(), len(kinds))
    return np.unique(place, return_index=True)[1], place


def by_count(rule: Callable[[Counts], Array], counts: Counts) -> Array:
    """f(n) for every count, of any shape: through a table where that is less work than the counts."""
    highest = int(counts.max())
    return np.take(rule(np.arange(highest + 1)), counts) if 4 * (highest + 1) <= counts.size else rule(counts)


def rows_at_once(counts: Counts, entries: int) -> int:
    """How many rows of counts (R, K) may have their fingerprints taken together, if these may hold so many entries."""
    rows, categories = len(counts), int(counts.shape[-1])
    # J is at most the highest count + 1, and at most rows × K.
    return max(1, min(rows, max(entries // (int(counts.max()) + 1), math.isqrt(entries // categories))))


def _distinct(counts: Counts) -> tuple[Counts, Callable[[], Array]]:
    """The distinct counts (J,) of all rows in order, and what then makes how often each row has them (R, J)."""
    if (found := _mostly_small(counts) or _below_categories(counts)) is not None:
        return found
    values, index_of = _values_in_order(counts)
    return values, lambda: _tally(counts, values.size, index_of)


def _mostly_small(counts: Counts) -> tuple[Counts, Callable[[], Array]] | None:
    """`_distinct` counts; None for few categories, or where too many counts are large.

    A word of 64 bits has a field for each small count n, wide enough for the number of categories, so that the sum of
    2^(n × width) over a row tallies all of these at once. Larger counts are shifted out of it, and tallied one by one.
    """
    rows, categories = counts.shape
    if categories < _WIDE:
        return None
    width = categories.bit_length()
    fields = np.arange(0, 65 - width, width, dtype=np.uint64)
    words, large = np.empty(rows, dtype=np.uint64), []
    for part in _parts(counts):
        block = counts[part].astype(np.int64, copy=False)
        words[part] = np.left_shift(1, block.view(np.uint64) * width).sum(axis=-1)
        large.append(block[block >= fields.size])
        if _RARE * large[-1].size > block.size:
            return None
    small = words[:, np.newaxis] >> fields & (2**width - 1)
    occur, above = np.flatnonzero(small.any(axis=0)), np.concatenate(large)
    values, index_of = _values_in_order(above)

    def times() -> Array:
        table = np.zeros((rows, occur.size + values.size))
        table[:, : occur.size] = small[:, occur]
        row = np.repeat(np.arange(rows), categories - small.sum(axis=-1).astype(np.int64))
        np.add.at(table.reshape(-1), row * table.shape[1] + occur.size + index_of(above), 1.0)
        return table

    return np.concatenate([occur, values]), times


def _below_categories(counts: Counts) -> tuple[Counts, Callable[[], Array]] | None:
    """`_distinct` counts, rows tallied in one look at them; None where a count reaches the number of categories."""
    rows, categories = counts.shape
    pieces = []
    for part in _parts(counts):
        block = counts[part]
        width = int(block.max()) + 1
        if width > categories:
            return None
        cells = block + np.arange(0, len(block) * width, width)[:, np.newaxis]
        pieces.append(np.bincount(cells.ravel(), minlength=len(block) * width).reshape(-1, width))
    occurs = np.zeros(max(piece.shape[1] for piece in pieces), dtype=bool)
    for piece in pieces:
        occurs[: piece.shape[1]] |= piece.any(axis=0)
    values = np.flatnonzero(occurs)

    def times() -> Array:
        table = np.zeros((rows, values.size))
        for part, piece in zip(_parts(counts), pieces, strict=True):
            some = values[: np.searchsorted(values, piece.shape[1])]
            table[part, : some.size] = piece[:, some]
        return table

    return values, times


def _parts(counts: Counts) -> list[slice]:
    """Rows that are tallied at once."""
    size = max(1, _BLOCK // counts.shape[1])
    return [slice(first, first + size) for first in range(0, len(counts), size)]


def _values_in_order(counts: Counts) -> tuple[Counts, Callable[[Counts], Counts]]:
    """The distinct counts in order, and the function that gives the index of a count among them."""
    if int(counts.max(initial=0)) < 4 * counts.size:
        values = np.flatnonzero(np.bincount(counts.ravel()))
        table = np.zeros(int(values[-1]) + 1, dtype=np.int64)
        table[values] = np.arange(values.size)
        return values, lambda n: np.take(table, n)
    values = np.unique(counts)
    return values, lambda n: np.searchsorted(values, n)


def _tally(counts: Counts, width: int, index_of: Callable[[Counts], Counts]) -> Array:
    times = np.empty((len(counts), width))
    for part in _parts(counts):
        cells = index_of(counts[part])
        cells = cells + np.arange(0, len(cells) * width, width)[:, np.newaxis]
        times[part] = np.bincount(cells.ravel(), minlength=len(cells) * width).reshape(-1, width)
    return times
