"""The reader of sparse matrices in the Matrix Market format; pandas reads the numbers."""

import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.sparse_files import matrix_meant, refuse_large
from mcdiv.files.counts.text import Text

if TYPE_CHECKING:
    import pandas as pd

_HEADER = re.compile(r"%%MatrixMarket\s+matrix\s+(\w+)\s+(\w+)\s+(\S+)\s*", re.IGNORECASE)
_NOT_WHOLE = re.compile(r"^[^%\n]*?([^%\s]*[^%\s\d+-][^%\s]*)", re.MULTILINE)
_WANTED = "%%MatrixMarket matrix, coordinate or array, integer, real or pattern, general or symmetric"


@reader(suffixes=[".mtx"])
def matrix_market(text: Text, reading: Reading) -> list[CategoryCounts]:
    """A matrix of counts in the Matrix Market format, as SciPy, R and Cell Ranger write it, sparse or not."""
    lines = text.lines()
    first = next(lines, "")
    found = _HEADER.fullmatch(first)
    kinds = tuple(word.lower() for word in found.groups()) if found else ("", "", "")
    layout, field, symmetry = kinds
    fits = layout in ("coordinate", "array") and field in ("integer", "real", "pattern")
    if not fits or symmetry not in ("general", "symmetric") or (layout, field) == ("array", "pattern"):
        raise text.error(f"expected {_WANTED}, got '{first[:80]}'")
    size = next((line for line in lines if line.strip() and not line.startswith("%")), "")
    numbers = size.split()
    if len(numbers) != (3 if layout == "coordinate" else 2) or not all(re.fullmatch(r"\d{1,18}", n) for n in numbers):
        raise text.error(f"expected the numbers of rows, columns and entries, got '{size[:80]}'")
    rows, columns, entries = *map(int, numbers[:2]), int(numbers[-1])
    refuse_large((rows, columns), text.name)
    if symmetry == "symmetric" and rows != columns:
        raise text.error(f"a symmetric matrix has as many rows as columns, got {rows:,} and {columns:,}")
    width = (2 if layout == "coordinate" else 0) + (field != "pattern")
    values = _numbers(text, width, whole=field != "real")
    if layout == "array":
        matrix = _dense(values[0].to_numpy(), rows, columns, symmetric=symmetry == "symmetric", text=text)
    else:
        if len(values) != entries:
            raise ScenarioError([f"{text.name}: expected {entries:,} entries, as the file says, got {len(values):,}"])
        matrix = _sparse(values, rows, columns, symmetric=symmetry == "symmetric", text=text)
    return matrix_meant(matrix, reading, text.name)


def _numbers(text: Text, width: int, *, whole: bool) -> "pd.DataFrame":
    """What follows, a row for each entry."""
    import pandas as pd

    body = "".join(text.pieces())
    if whole and (found := _NOT_WHOLE.search(body)):
        raise ScenarioError([f"{text.name}: expected whole numbers, as the file says, got '{found[1][:60]}'"])
    if not body.strip():
        return pd.DataFrame({column: np.zeros(0) for column in range(width)})
    try:
        frame = pd.read_csv(io.StringIO(body), sep=r"\s+", header=None, comment="%", dtype=np.float64, na_filter=False)
    except (ValueError, OverflowError) as error:
        told = " ".join(str(error).split())
        raise ScenarioError([f"{text.name}: not numbers that can be read: {told[:200]}"]) from None
    if frame.shape[1] != width:
        raise ScenarioError([f"{text.name}: expected {width} numbers in a line, got {frame.shape[1]}"])
    return frame


def _sparse(values: "pd.DataFrame", rows: int, columns: int, *, symmetric: bool, text: Text) -> Any:
    from scipy.sparse import coo_array

    places = values.iloc[:, :2].to_numpy()
    inside = (places >= 1) & (places <= [rows, columns]) & (places == np.floor(places))
    if not inside.all():
        wrong = places[~inside.all(axis=1)][0].tolist()
        where = ", ".join(f"{number:g}" for number in wrong)
        raise ScenarioError([f"{text.name}: there is no place {where} in {rows:,} rows and {columns:,} columns"])
    i, j = (places.T - 1).astype(np.int64)
    data = values[2].to_numpy() if values.shape[1] == 3 else np.ones(len(values))
    if symmetric:
        others = i != j
        i, j, data = np.r_[i, j[others]], np.r_[j, i[others]], np.r_[data, data[others]]
    return coo_array((data, (i, j)), shape=(rows, columns))


def _dense(values: Any, rows: int, columns: int, *, symmetric: bool, text: Text) -> Any:
    """The matrix whose columns stand below each other; of a symmetric one, only from the diagonal on."""
    from scipy.sparse import coo_array

    expected = rows * (rows + 1) // 2 if symmetric else rows * columns
    if len(values) != expected:
        raise ScenarioError([f"{text.name}: expected {expected:,} numbers, got {len(values):,}"])
    if not symmetric:
        return coo_array(values.reshape(columns, rows).T)
    table = np.zeros((rows, rows))
    table.T[np.triu_indices(rows)] = values
    return coo_array(np.where(table == 0, table.T, table))
