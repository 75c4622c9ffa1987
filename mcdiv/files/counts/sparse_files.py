"""Sparse matrices of counts, whatever file they are from: which way the samples go has to be said."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.arrays import COUNT_LIMIT
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading

#: cells that samples may have together, as each is spread out over all categories
_CELLS = 2**24
_WAYS = ("samples-in-rows", "samples-in-columns")


def saved_matrix(path: Path, reading: Reading) -> list[CategoryCounts]:
    """What scipy.sparse.save_npz wrote."""
    from scipy.sparse import load_npz

    matrix = load_npz(path)
    if matrix.ndim != 2:
        raise ScenarioError([f"{path}: expected a sparse matrix, got {counted(matrix.ndim, 'dimension')}"])
    refuse_large(matrix.shape, path)
    if hasattr(matrix, "check_format"):  # a broken file may point anywhere
        matrix.check_format(full_check=True)
    return matrix_meant(matrix, reading, path)


def matrix_meant(matrix: Any, reading: Reading, path: Path | str) -> list[CategoryCounts]:
    """The samples of a matrix; a ScenarioError where they may be its rows or its columns."""
    rows, columns = matrix.shape
    if options := [option for option in reading.options() if option != "--layout"]:
        raise ScenarioError([f"{path}: {options[0]} does not apply: the file holds a matrix of counts"])
    if reading.layout not in (None, *_WAYS):
        raise ScenarioError([f"{path}: --layout {reading.layout} does not apply to a matrix; say {' or '.join(_WAYS)}"])
    if reading.layout is None and rows > 1:
        ways = f"{counted(rows, 'sample')} of {counted(columns, 'category', 'categories')}, with --layout {_WAYS[0]}"
        other = f"{counted(columns, 'sample')} of {counted(rows, 'category', 'categories')}, with --layout {_WAYS[1]}"
        raise ScenarioError([f"{path}: a matrix of {rows:,} rows and {columns:,} columns may be {ways}; or {other}"])
    by_column = reading.layout == _WAYS[1]
    samples = (matrix.T if by_column else matrix).tocsr()
    samples.sum_duplicates()
    return _samples(samples, "column" if by_column else "row", path)


def _samples(matrix: Any, what: str, path: Path | str) -> list[CategoryCounts]:
    rows, columns = matrix.shape
    names = [f"{what} {i}" if rows > 1 else "" for i in range(1, rows + 1)]
    labels = [str(i + 1) for i in range(columns)]
    other = "row" if what == "column" else "column"
    return named_samples(matrix, names, labels, f"one sample in each {what}, a category in each {other}", path)


def named_samples(
    matrix: Any, names: Sequence[str], labels: Sequence[str], read_as: str, path: Path | str
) -> list[CategoryCounts]:
    """The samples that are the rows of a matrix in CSR, each spread out over all categories."""
    counts = matrix.data
    if counts.dtype.kind not in "biuf":
        raise ScenarioError([f"{path}: expected counts, got a matrix of {counts.dtype}"])
    wrong = counts[~((counts >= 0) & (counts < COUNT_LIMIT) & (counts == np.floor(counts)))]
    if wrong.size:
        raise ScenarioError([f"{path}: expected whole numbers >= 0, got {wrong[0].item()!r}"])
    found = []
    for name, start, stop in zip(names, matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        dense = np.zeros(len(labels), dtype=np.int64)
        dense[matrix.indices[start:stop]] = counts[start:stop]
        if (total := float(dense.sum(dtype=np.float64))) >= COUNT_LIMIT:
            of = f"{name}: " if name else ""
            raise ScenarioError([f"{path}: {of}the counts add up to {total:.6g}; expected less than 2^53"])
        found.append(CategoryCounts(group=name, labels=tuple(labels), counts=dense, read_as=read_as, told_apart=True))
    return found


def refuse_large(shape: tuple[int, ...], path: Path | str) -> None:
    """Raise where a matrix has no cells, or more than samples can have that are spread out."""
    rows, columns = shape
    if rows < 1 or columns < 1:
        raise ScenarioError([f"{path}: the matrix is empty"])
    if rows * columns > _CELLS:
        wrong = f"{rows:,} rows of {columns:,} columns are more than {_CELLS:,} cells"
        raise ScenarioError([f"{path}: {wrong}; in Python mcdiv.estimate takes such a matrix itself, never spread out"])
