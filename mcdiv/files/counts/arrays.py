"""The reader of NumPy's files, and what arrays of numbers may mean that nobody has named."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, Reading
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.sparse_files import saved_matrix


@reader(suffixes=[".npy", ".npz"])
def numpy_array(path: Path, reading: Reading) -> NDArray[Any] | list[CategoryCounts]:
    """An array as NumPy saves it, a .npz of one array, or a sparse matrix as SciPy saves it. Objects are not read."""
    try:
        with path.open("rb") as handle:
            loaded = np.load(handle, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return array_meant(loaded, reading, str(path))
            names = loaded.files
            if {"format", "shape"} <= {*names}:
                return saved_matrix(path, reading)
            if len(names) != 1:
                raise ScenarioError([f"{path}: holds {len(names)} arrays; expected one: {', '.join(names[:5])}"])
            if not isinstance(only := loaded[names[0]], np.ndarray):
                raise ScenarioError([f"{path}: what it holds, '{names[0]}', is no array"])
            return array_meant(only, reading, str(path))
    except (ScenarioError, OSError):
        raise
    except Exception as error:  # a broken file ends in errors of many kinds
        raise ScenarioError([f"{path}: not an array that can be read: {' '.join(str(error).split())}"]) from None


def array_meant(array: NDArray[Any], reading: Reading, name: str) -> NDArray[Any]:
    """The array as it is read, a row for each sample; a ScenarioError where its numbers may mean two things."""
    if array.dtype.kind not in "iufbU" or array.ndim not in (1, 2) or not array.size:
        kind = f"{counted(array.ndim, 'dimension')} of {array.dtype}" if array.size else "nothing"
        raise ScenarioError([f"{name}: expected numbers or texts in one dimension or two, got {kind}"])
    if array.dtype.kind not in "iuf" or reading.symbols or reading.layout:
        return array.T if reading.layout == "samples-in-columns" and array.ndim == 2 else array
    if array.ndim == 1:
        ways = "counts, with --layout counts; or draws, with --layout draws"
        raise ScenarioError([f"{name}: {len(array):,} numbers may be {ways}"])
    rows, columns = array.shape
    if rows > 1:
        ways = f"{rows:,} samples of {columns:,} categories, with --layout samples-in-rows"
        other = f"{columns:,} samples of {rows:,} categories, with --layout samples-in-columns"
        raise ScenarioError([f"{name}: {rows:,} rows of {columns:,} numbers may be {ways}; or {other}"])
    return array
