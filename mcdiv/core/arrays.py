"""What flows through the mathematics, and the two doors that check it.

Everything behind the doors trusts its arrays: `as_counts` and `as_pmf` are where a user's mistake is
found and named.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Pmf: TypeAlias = NDArray[np.float64]
Nats: TypeAlias = NDArray[np.float64]

SUM_TOLERANCE = 1e-9  # how far a pmf's sum may be from 1
LARGEST_COUNT = 2**53  # beyond it neighbouring counts are the same float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All that an estimator may look at: batches on the leading axes, categories on the last.

    Where a column stands for several categories, the sample says how many: what a permutation of the
    categories leaves as it was needs no more, and a million categories are a dozen columns.
    """

    #: draws from P per category, shape (..., K)
    counts: Counts
    #: how many categories each count stands for (None: one), shape (R, D); then counts are (R, D), or (D,)
    categories: Array | None = None
    #: the model, when it is known; shape (..., K)
    q: Pmf | None = None
    #: draws from Q per category, when the model is known only through them; shape (..., K)
    counts_q: Counts | None = None
    #: the truth, only for estimators that by definition know both pmfs; shape (..., K)
    p: Pmf | None = None


def over_categories(values: NDArray[Any]) -> NDArray[Any]:
    """Sum over the last axis; over a few columns one by one, which for many rows is several times faster."""
    if values.ndim == 2 and values.shape[1] <= 4 < len(values):
        total = values[:, 0].copy()
        for k in range(1, values.shape[1]):
            total += values[:, k]
        return total
    return np.asarray(values.sum(axis=-1))


def as_counts(values: ArrayLike, *, name: str = "counts", alphabet_size: int | None = None) -> Counts:
    """Check counts, shape (..., K), and pad them with unseen categories up to `alphabet_size`.

    Raises
    ------
    ValueError
        An entry is not a whole number >= 0, a row has no draws or 2^53 and more, or more categories were given
        than `alphabet_size`; the message names the entry or row.
    """
    array = _numbers(values, name)
    _refuse(name, array, ~np.isfinite(array) | (array < 0) | (array != np.floor(array)), "a whole number >= 0")
    _refuse(name, array, array >= LARGEST_COUNT, "a count below 2^53")
    counts = array.astype(np.int64)
    draws = counts.sum(axis=-1, dtype=np.float64)  # whole numbers would start again at −2^63
    empty, full = np.flatnonzero(draws == 0), np.flatnonzero(draws >= LARGEST_COUNT)
    if empty.size:
        raise ValueError(f"{name}{_row(counts, int(empty[0]))} has no draws: all its counts are 0")
    if full.size:
        place, total = int(full[0]), float(draws.flat[full[0]])
        raise ValueError(f"{name}{_row(counts, place)} has {total:.6g} draws in all; expected a sum below 2^53")
    return counts if alphabet_size is None else _pad(counts, alphabet_size, name)


def as_pmf(values: ArrayLike, *, name: str = "p") -> Pmf:
    """Check probabilities, shape (..., K). They are never renormalised.

    Raises
    ------
    ValueError
        An entry is negative or not finite, or a row does not sum to 1 within 1e-9; the message names the
        entry, or the row and its sum.
    """
    array = np.asarray(_numbers(values, name), dtype=np.float64)
    _refuse(name, array, ~np.isfinite(array) | (array < 0), "a probability")
    sums = array.sum(axis=-1)
    wrong = np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)
    if wrong.size:
        row = int(wrong[0])
        total = float(np.ravel(sums)[row])
        raise ValueError(f"{name}{_row(array, row)} sums to {total:.12g}; probabilities must sum to 1 (within 1e-9)")
    return array


def _numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name}: expected rows of equal length") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected numbers, got {str(values)[:60]}")
    if np.ma.isMaskedArray(values):
        raise ValueError(f"{name}: masked arrays are not read; leave the masked rows out")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name}: expected at least one category on the last axis, got shape {array.shape}")
    return array


def _refuse(name: str, array: NDArray[Any], wrong: NDArray[np.bool_], expected: str) -> None:
    if wrong.any():
        place = np.unravel_index(int(np.flatnonzero(wrong)[0]), array.shape)
        where = ", ".join(str(int(i)) for i in place)
        raise ValueError(f"{name}[{where}] is {array[place].item()!r}; expected {expected}")


def _row(array: NDArray[Any], flat_row: int) -> str:
    if array.ndim == 1:
        return ""
    place = np.unravel_index(flat_row, array.shape[:-1])
    return f"[{', '.join(str(int(i)) for i in place)}]"


def _pad(counts: Counts, alphabet_size: int, name: str) -> Counts:
    if isinstance(alphabet_size, bool) or not isinstance(alphabet_size, (int, np.integer)) or alphabet_size < 1:
        raise ValueError(f"alphabet_size: expected a whole number >= 1, got {alphabet_size!r}")
    missing = int(alphabet_size) - counts.shape[-1]
    if missing < 0:
        # Zeros given beyond the alphabet are no categories; draws there are a contradiction.
        seen = (counts > 0).reshape(-1, counts.shape[-1]).any(axis=0)
        if seen.sum() > alphabet_size:
            raise ValueError(f"alphabet_size is {alphabet_size}, but {name} has draws in {seen.sum()} categories")
        kept = np.sort(np.argsort(~seen, kind="stable")[: int(alphabet_size)])
        return counts[..., kept]
    return np.pad(counts, [(0, 0)] * (counts.ndim - 1) + [(0, missing)])
