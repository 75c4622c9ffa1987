"""Matrix Market files: those that SciPy writes hold what they were written from, and broken ones are one line."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import io, sparse

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of

_TABLE = np.array([[4, 0, 1], [0, 5, 0]])
_SQUARE = np.array([[4, 2, 0], [2, 0, 1], [0, 1, 3]])


def table_in(name: str, **asked: Any) -> list[list[int]]:
    return [tally.counts.tolist() for tally in read_tallies(name, reading_of(**asked))]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("kind", ["coordinate", "array"])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_what_scipy_writes_is_the_matrix_that_it_was(kind: str, dtype: type) -> None:
    def written(table: Any) -> None:
        io.mmwrite("a.mtx", sparse.coo_array(table.astype(dtype)) if kind == "coordinate" else table.astype(dtype))

    written(_TABLE)
    assert table_in("a.mtx", samples="rows") == _TABLE.tolist()
    assert table_in("a.mtx", samples="columns") == _TABLE.T.tolist()
    Path("b.mtx.gz").write_bytes(gzip.compress(Path("a.mtx").read_bytes()))
    assert table_in("b.mtx.gz", samples="rows") == _TABLE.tolist()
    written(_SQUARE)
    assert "symmetric" in Path("a.mtx").read_text().partition("\n")[0]
    assert table_in("a.mtx", samples="rows") == _SQUARE.tolist()


@pytest.mark.usefixtures("folder")
def test_a_pattern_has_ones_and_an_entry_that_is_there_twice_is_added() -> None:
    Path("a.mtx").write_text("%%MatrixMarket matrix coordinate pattern general\n% a remark\n2 2 3\n1 1\n1 2\n1 1\n")
    with pytest.raises(ScenarioError, match="may be 2 samples of 2 categories"):
        table_in("a.mtx")
    with pytest.raises(ScenarioError, match="group 'row 2': there are no draws"):
        table_in("a.mtx", samples="rows")
    assert table_in("a.mtx", samples="columns") == [[2, 0], [1, 0]]


_HEAD = "%%MatrixMarket matrix coordinate integer general\n"
_REAL = _HEAD.replace("integer", "real")
WRONG = {
    "1 2 3\n": "a.mtx:1: expected %%MatrixMarket matrix, coordinate or array, integer, real or pattern",
    "%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 0\n": "a.mtx:1: expected %%MatrixMarket matrix",
    "%%MatrixMarket matrix coordinate integer skew-symmetric\n1 1 0\n": "a.mtx:1: expected %%MatrixMarket matrix",
    _HEAD: "expected the numbers of rows, columns and entries, got ''",
    _HEAD + "2 2\n": "a.mtx:2: expected the numbers of rows, columns and entries, got '2 2'",
    _HEAD + "2 2 -1\n": "expected the numbers of rows, columns and entries, got '2 2 -1'",
    _HEAD + "2 2 2\n1 1 4\n": "a.mtx: expected 2 entries, as the file says, got 1",
    _HEAD + "2 2 1\n1 3 4\n": "a.mtx: there is no place 1, 3 in 2 rows and 2 columns",
    _HEAD + "2 2 1\n0 1 4\n": "a.mtx: there is no place 0, 1 in 2 rows and 2 columns",
    _REAL + "2 2 1\n1 1.5 4\n": "a.mtx: there is no place 1, 1.5 in 2 rows and 2 columns",
    _HEAD + "2 2 1\n1 1\n": "a.mtx: expected 3 numbers in a line, got 2",
    _HEAD + "2 2 2\n1 1 4\n1 1 4 4\n": "a.mtx: not numbers that can be read",
    _HEAD + "2 2 2\n1 1 4\n1 1\n": "a.mtx: ",
    _REAL + "2 2 1\n1 1 x\n": "a.mtx: not numbers that can be read",
    _HEAD + "1 2 1\n1 1 -4\n": "a.mtx: expected whole numbers >= 0, got -4.0",
    _REAL + "1 2 1\n1 1 nan\n": "a.mtx: ",
    _REAL + "1 2 1\n1 1 1e300\n": "a.mtx: expected whole numbers >= 0, got 1e+300",
    _HEAD + "1 2 1\n1 1 1e9\n": "a.mtx: expected whole numbers, as the file says, got '1e9'",
    _HEAD + "% x\n1 2 1\n% y\n1 1 7.0\n": "a.mtx: expected whole numbers, as the file says, got '7.0'",
    _HEAD + "1 2 0\n": "there are no draws: all counts are 0",
    _HEAD + "999999999 999999999 0\n": "are more than 16,777,216 cells",
    _HEAD + "0 0 0\n": "a.mtx: the matrix is empty",
    "%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n": "a.mtx: expected 4 numbers, got 3",
    "%%MatrixMarket matrix coordinate integer symmetric\n1 2 0\n": "as many rows as columns, got 1 and 2",
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", WRONG)
def test_a_broken_matrix_is_one_line(text: str) -> None:
    Path("a.mtx").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        table_in("a.mtx")
    (line,) = caught.value.problems
    assert "\n" not in line
    assert WRONG[text] in line
