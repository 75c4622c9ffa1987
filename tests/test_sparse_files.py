"""Sparse matrices of SciPy as data: what they hold by hand, doubts, and files that are no such matrix."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of

ROWS = {"row 1": {"1": 4, "2": 0, "3": 1}, "row 2": {"1": 0, "2": 5, "3": 0}}
COLUMNS = {"column 1": {"1": 4, "2": 0}, "column 2": {"1": 0, "2": 5}, "column 3": {"1": 1, "2": 0}}


def counts_in(name: str, **asked: Any) -> dict[str, dict[str, int]]:
    tallies = read_tallies(name, reading_of(**asked))
    return {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies}


def problem_of(name: str, **asked: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, reading_of(**asked))
    (line,) = caught.value.problems
    assert "\n" not in line
    return line


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
def test_every_kind_that_scipy_saves_is_the_same_matrix(folder: Path, kind: str) -> None:
    matrix = sparse.coo_array(np.array([[4, 0, 1], [0, 5, 0]])).asformat(kind)
    sparse.save_npz(folder / "a.npz", matrix)
    assert counts_in("a.npz", samples="rows") == ROWS
    assert counts_in("a.npz", samples="columns") == COLUMNS


def test_options_that_say_nothing_of_a_matrix_are_refused(folder: Path) -> None:
    sparse.save_npz(folder / "a.npz", sparse.coo_array(np.array([[4, 0, 1], [0, 5, 0]])))
    assert problem_of("a.npz", column="k") == "a.npz: --column does not apply: the file holds a matrix of counts"
    assert "--layout draws does not apply to a matrix" in problem_of("a.npz", layout="draws")


def test_a_matrix_that_points_beyond_itself_is_refused(folder: Path) -> None:
    parts = {"format": b"csr", "shape": [1, 2], "data": [1, 1], "indices": [0, 10**6], "indptr": [0, 2]}
    np.savez(folder / "a.npz", **{name: np.array(part) for name, part in parts.items()})
    assert "a.npz: not an array that can be read" in problem_of("a.npz")
    np.savez(folder / "b.npz", **{name: np.array(part) for name, part in (parts | {"format": b"new"}).items()})
    assert "b.npz: not an array that can be read" in problem_of("b.npz")


WRONG = [
    (np.array([[1, -3]]), "a.npz: expected whole numbers >= 0, got -3"),
    (np.array([[1, 0.5]]), "expected whole numbers >= 0, got 0.5"),
    (np.array([[1, 1j]]), "expected counts, got a matrix of complex128"),
    (np.array([[0, 0]]), "there are no draws: all counts are 0"),
    (
        np.array([[1, 0], [1, 1]]),
        "may be 2 samples of 2 categories, with --layout samples-in-rows",
    ),
]


@pytest.mark.parametrize(("cells", "said"), WRONG)
def test_a_matrix_that_cannot_be_read_is_one_line(folder: Path, cells: Any, said: str) -> None:
    sparse.save_npz(folder / "a.npz", sparse.csr_array(cells))
    assert said in problem_of("a.npz")


def test_a_matrix_too_large_to_be_spread_out_is_refused(folder: Path) -> None:
    sparse.save_npz(folder / "a.npz", sparse.coo_array(([1], ([0], [0])), shape=(10**5, 10**5)))
    assert "100,000 rows of 100,000 columns are more than 16,777,216 cells; in Python" in problem_of("a.npz")
