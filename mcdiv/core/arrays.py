"""What flows through the mathematics, and the two doors that check it.

Everything behind the doors trusts its arrays: `as_counts` and `as_pmf` are where a user's mistake is
found and named.
"""

import logging
import math
import sys
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Pmf: TypeAlias = NDArray[np.float64]
Nats: TypeAlias = NDArray[np.float64]
#: rows and columns (K, L) of a joint alphabet: its cells are the categories, row by row
Shape: TypeAlias = tuple[int, int]

_LOG = logging.getLogger("mcdiv")
SUM_TOLERANCE = 1e-9  # how far a pmf's sum may be from 1
MAX_DENSE = 2**26  # entries of a sparse matrix that is made dense
COUNT_LIMIT = 2**53  # beyond it neighbouring counts are the same float
#: roundings of the last digit that the sum of a pmf of a narrower type may be from 1
_ROUNDINGS = 16
_DOUBLE = float(np.finfo(np.float64).eps)
#: of an array; NumPy has 64, and some are needed on the way
_MAX_DIMENSIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All that an estimator may look at: batches on the leading axes, categories on the last.

    Where a column stands for several categories, the sample says how many: what a permutation of the
    categories leaves as it was needs no more, and a million categories are a dozen columns.
    """

    #: draws from P per category, or from `o` where that is given; shape (..., K)
    counts: Counts
    #: how many categories each count stands for (None: one), shape (R, D); then counts are (R, D), or (D,)
    multiplicity: Array | None = None
    #: the model, when it is known; shape (..., K)
    q: Pmf | None = None
    #: draws from Q per category, when the model is known only through them; shape (..., K)
    counts_q: Counts | None = None
    #: the truth, only for estimators that by definition know both pmfs; shape (..., K)
    p: Pmf | None = None
    #: what the counts were drawn from, for the same estimators, where it is not P; shape (..., K)
    o: Pmf | None = None
    #: of a joint alphabet; None of any other
    shape: Shape | None = None


def over_categories(values: NDArray[Any]) -> NDArray[Any]:
    """Sum over the last axis; over a few columns one by one, which for many rows is several times faster."""
    if values.ndim == 2 and values.shape[1] <= 4 < len(values):
        total = values[:, 0].copy()
        for k in range(1, values.shape[1]):
            total += values[:, k]
        return total
    return np.asarray(values.sum(axis=-1))


def as_counts(values: ArrayLike, *, name: str = "counts", table: bool = False) -> Counts:
    """Check counts, shape (..., K); with `table` they are (..., K, L), and its cells come back on one axis.

    Raises
    ------
    ValueError
        An entry is not a whole number >= 0, or a row has no draws or 2^53 and more; the message names the entry or row.
    """
    array, _ = _numbers(values, name)
    if array.dtype.kind == "f" and not ((array >= 0) & (array < COUNT_LIMIT) & (array == np.floor(array))).all():
        _refuse_entries(name, array)
    counts = _on_one_axis(array.astype(np.int64, copy=False).view(), name, table=table)
    counts.setflags(write=False)
    # One look at all entries: as an unsigned number, a negative one is beyond 2^63.
    highest = counts.view(np.uint64).max(axis=-1)
    if int(highest.max()) >= COUNT_LIMIT:
        _refuse_entries(name, array)
    empty = np.flatnonzero(highest == 0)
    if empty.size:
        raise ValueError(f"{name}{_row(counts, int(empty[0]))} has no draws: all its counts are 0")
    if int(highest.max()) * counts.shape[-1] >= COUNT_LIMIT:
        _refuse_full(name, counts)
    return counts


def _refuse_entries(name: str, array: NDArray[Any]) -> NoReturn:
    """Say which entry is no count."""
    _refuse(name, array, ~np.isfinite(array) | (array < 0) | (array != np.floor(array)), "a whole number >= 0")
    _refuse(name, array, array >= COUNT_LIMIT, "a count below 2^53")
    raise AssertionError(name)  # one of the two holds


def _refuse_full(name: str, counts: Counts) -> None:
    draws = counts.sum(axis=-1, dtype=np.float64)  # whole numbers would start again at −2^63
    full = np.flatnonzero(draws >= COUNT_LIMIT)
    if full.size:
        place, total = int(full[0]), float(draws.flat[full[0]])
        raise ValueError(f"{name}{_row(counts, place)} has {total:.6g} draws in all; expected a sum below 2^53")


def as_pmf(values: ArrayLike, *, name: str = "p", normalise: bool = False, table: bool = False) -> Pmf:
    """Check probabilities, shape (..., K); with `table` they are (..., K, L), and its cells come back on one axis.

    Rows in double precision are taken as they are. Those of a narrower type, whose entries are rounded to fewer
    digits, are divided by their sum; so is any row where `normalise` says so, whatever it sums to: the largest
    |sum − 1| is logged.

    Raises
    ------
    ValueError
        An entry is negative or not finite, or a row does not sum to 1: within 1e-9, in float32 within 2e-6 and in
        float16 within 0.02. The message names the entry, or the row and its sum. Or `normalise` is no bool.
    """
    if not isinstance(normalise, (bool, np.bool_)):
        raise ValueError(f"normalise: expected True or False, got {normalise!r:.60}")
    array, precision = _numbers(values, name)
    array = np.asarray(array, dtype=np.float64)
    if not (array.min() >= 0 and array.max() < np.inf):  # NaN is neither
        _refuse(name, array, ~np.isfinite(array) | (array < 0), "a probability")
    array = _on_one_axis(array, name, table=table)
    tolerance = max(SUM_TOLERANCE, _ROUNDINGS * precision)
    if normalise:  # by a power of two first, exactly: the sum of finite weights may not be finite
        exponents = np.frexp(array.max(axis=-1, keepdims=True))[1]
        array = np.ldexp(array, -exponents)
    with np.errstate(over="ignore"):
        sums = array.sum(axis=-1, keepdims=True)
    wrong = np.flatnonzero(sums == 0 if normalise else ~(np.abs(sums - 1) <= tolerance))
    if wrong.size:
        row = int(wrong[0])
        said = f"{name}{_row(array, row)} sums to {float(np.ravel(sums)[row]):.12g}; "
        wanted = f"probabilities must sum to 1 (within {tolerance:.0e}); normalise=True divides by the sum"
        raise ValueError(said + ("expected a sum above 0" if normalise else wanted.replace("e-0", "e-")))
    if normalise and _LOG.isEnabledFor(logging.INFO):
        with np.errstate(over="ignore"):
            _LOG.info("%s: the largest |sum - 1| taken away is %.6g", name, np.abs(np.ldexp(sums, exponents) - 1).max())
    return np.asarray(array / sums) if normalise or precision > _DOUBLE else array


def shape_of(values: ArrayLike) -> Shape:
    """Rows and columns of a table that `as_counts` or `as_pmf` takes."""
    rows, columns = np.shape(values)[-2:]
    return rows, columns


def _on_one_axis(array: NDArray[Any], name: str, *, table: bool) -> NDArray[Any]:
    """The cells of tables (..., K, L) on one axis, row by row; any other array as it is."""
    if not table:
        return array
    if array.ndim < 2:
        raise ValueError(f"{name}: expected a table, shape (..., rows, columns), got shape {array.shape}")
    return array.reshape(*array.shape[:-2], -1)


def is_sparse(values: object) -> bool:
    """Whether these are a sparse matrix or array of SciPy."""
    sparse = sys.modules.get("scipy.sparse")  # who has one has loaded it
    return sparse is not None and bool(sparse.issparse(values))


def _made_dense(values: Any, name: str) -> NDArray[Any]:
    size = math.prod(values.shape)
    if size > MAX_DENSE:
        wrong = (
            f"a sparse matrix of {' × '.join(f'{length:,}' for length in values.shape)} is too large to be made dense"
        )
        raise ValueError(f"{name}: {wrong}; only mcdiv.estimate from counts alone takes one as it is")
    return np.asarray(values.toarray())


def check_batches(**given: NDArray[Any] | None) -> tuple[int, ...]:
    """The shape (...) that the leading axes of these arrays broadcast to; a ValueError where they do not."""
    shapes = {name: array.shape[:-1] for name, array in given.items() if array is not None}
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        said = " and ".join(f"{name} has {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"rows do not go together: {said}; expected as many of each, or one") from None


def as_numbers(values: ArrayLike, *, name: str) -> NDArray[Any]:
    """Check that these are numbers, shape (..., K), finite or not; a ValueError says what they are instead."""
    return _numbers(values, name)[0]


def _numbers(values: ArrayLike, name: str) -> tuple[NDArray[Any], float]:
    """The values as whole numbers or in double precision, and the distance from 1 to the next number of their type."""
    if is_sparse(values):
        values = _made_dense(values, name)
    try:
        array = np.asarray(values)
    except Exception:  # what an object raises that cannot become an array is its own affair
        expected = f"numbers, in rows of equal length and at most {_MAX_DIMENSIONS} dimensions"
        raise ValueError(f"{name}: expected {expected}, got {_quoted(values)}") from None
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected numbers, got {_quoted(values)}")
    if np.ma.isMaskedArray(values):
        raise ValueError(f"{name}: masked arrays are not read; leave the masked rows out")
    if array.ndim == 0:
        raise ValueError(f"{name}: expected a number for each category, got {_quoted(values)} alone")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one category on the last axis, got shape {array.shape}")
    if array.ndim > _MAX_DIMENSIONS:
        raise ValueError(f"{name}: expected at most {_MAX_DIMENSIONS} dimensions, got {array.ndim}")
    if array.dtype.kind != "f":
        return array, 0.0
    precision = float(np.finfo(array.dtype).eps)
    with np.errstate(over="ignore"):  # of an extended type: infinite here, and refused as that
        return array.astype(np.float64, copy=False), precision


def _quoted(values: object) -> str:
    """What was given, on one line and cut where it is long."""
    text = " ".join(str(values).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse(name: str, array: NDArray[Any], wrong: NDArray[np.bool_], expected: str) -> None:
    if wrong.any():
        index = np.unravel_index(int(np.flatnonzero(wrong)[0]), array.shape)
        where = ", ".join(str(int(i)) for i in index)
        raise ValueError(f"{name}[{where}] is {array[index].item()!r}; expected {expected}")


def _row(array: NDArray[Any], flat_row: int) -> str:
    if array.ndim == 1:
        return ""
    index = np.unravel_index(flat_row, array.shape[:-1])
    return f"[{', '.join(str(int(i)) for i in index)}]"


def kinds_of(*keys: NDArray[Any]) -> tuple[Counts, Counts]:
    """Where each of the distinct tuples (a_i, b_i, …) is, in their order, (D,), and which of them each is, (L,).

    The keys have shape (L,). `np.unique` of rows gives the same in twenty times the time.
    """
    order = np.lexsort(keys[::-1])
    ordered = [key[order] for key in keys]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([key[1:] != key[:-1] for key in ordered], axis=0)
    kind = np.empty(len(order), dtype=np.int64)
    kind[order] = np.cumsum(new) - 1
    return order[new], kind
