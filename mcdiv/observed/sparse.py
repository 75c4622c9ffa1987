"""Sparse matrices of counts, a row for each sample: read a few rows at a time, and never made dense as a whole.

An estimate from counts alone depends on how often each count occurs in a row, not on where. So a row is as good as the
counts that are stored of it, over an alphabet of as many categories as the matrix has columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mcdiv.core.arrays import COUNT_LIMIT, Counts

#: entries that are made dense at once
_ENTRIES = 2**21


def stored_counts(matrix: Any) -> Iterator[Counts]:
    """The counts that are stored of each row, some rows at a time, shape (R, W), with zeros behind them.

    Raises
    ------
    ValueError
        An entry is not a whole number >= 0, or a row has no draws; the message names it.
    """
    rows = matrix.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy() if rows is matrix else rows
        rows.sum_duplicates()
    _check(rows)
    lengths = np.diff(rows.indptr)
    start = 0
    while start < len(lengths):
        stop, widest = start, 0
        while stop < len(lengths) and (stop == start or (stop + 1 - start) * max(widest, lengths[stop]) <= _ENTRIES):
            widest = max(widest, int(lengths[stop]))
            stop += 1
        yield _side_by_side(rows.data, rows.indptr[start : stop + 1], widest)
        start = stop


def _side_by_side(counts: Any, bounds: Any, widest: int) -> Counts:
    lengths = np.diff(bounds)
    dense = np.zeros((len(lengths), widest), dtype=np.int64)
    dense[np.arange(widest) < lengths[:, None]] = counts[bounds[0] : bounds[-1]]
    return dense


def _check(rows: Any) -> None:
    counts = rows.data
    if counts.dtype.kind not in "biuf":
        raise ValueError(f"counts: expected numbers, got a sparse matrix of {counts.dtype}")
    wrong = np.flatnonzero(~((counts >= 0) & (counts < COUNT_LIMIT) & (counts == np.floor(counts))))
    if wrong.size:
        row = int(np.searchsorted(rows.indptr, wrong[0], side="right")) - 1
        place = f"counts[{row}, {int(rows.indices[wrong[0]])}]"
        raise ValueError(f"{place} is {counts[wrong[0]].item()!r}; expected a whole number >= 0")
    draws = np.asarray(rows.sum(axis=1, dtype=np.float64)).ravel()
    if len(empty := np.flatnonzero(draws == 0)):
        raise ValueError(f"counts[{int(empty[0])}] has no draws: all its counts are 0")
    if len(full := np.flatnonzero(draws >= COUNT_LIMIT)):
        raise ValueError(f"counts[{int(full[0])}] has {draws[full[0]]:.6g} draws in all; expected a sum below 2^53")
