"""BIOM tables of version 2: HDF5 files made here as the format has them, and broken ones, which are one line."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

h5py = pytest.importorskip("h5py")

#: observations in rows, samples in columns
_TABLE = {"data": [3.0, 1.0, 4.0], "indices": [0, 0, 1], "indptr": [0, 1, 3]}


def write(name: str = "a.biom", **changes: Any) -> None:
    parts = {"rows": ["OTU1", "OTU2"], "columns": ["S1", "S2"], **_TABLE, **changes}
    with h5py.File(name, "w") as file:
        file.attrs["format-version"] = (2, 1)
        file["observation/ids"] = np.array([each.encode() for each in parts["rows"]])
        file["sample/ids"] = np.array([each.encode() for each in parts["columns"]])
        for part in ("data", "indices", "indptr"):
            file[f"observation/matrix/{part}"] = np.array(parts[part])


def problem_of(name: str = "a.biom", **asked: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, Reading(**asked))
    (line,) = caught.value.problems
    assert "\n" not in line
    return line


@pytest.mark.usefixtures("folder")
def test_its_samples_are_the_columns_over_all_observations() -> None:
    write()
    tallies = read_tallies("a.biom", Reading())
    found = {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies}
    assert found == {"S1": {"OTU1": 3, "OTU2": 1}, "S2": {"OTU1": 0, "OTU2": 4}}
    assert tallies[0].read_as == "counts by category; 2 samples of 2 categories, 8 draws"
    assert "--layout does not apply: the file says what its samples are" in problem_of(layout="counts")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"data": [3.0, 0.5, 4.0]}, "a.biom: expected whole numbers >= 0, got 0.5"),
    ({"indices": [0, 7, 1]}, "a.biom: not a BIOM table that can be read"),
    ({"indptr": [0, 9]}, "a.biom: not a BIOM table that can be read"),
    ({"rows": ["OTU1", "OTU1"]}, "a.biom: an id of observations is there twice"),
    ({"data": list(range(99))}, "a.biom: the matrix has more entries than its ids have pairs"),
    ({"data": [[1.0]]}, "a.biom: the matrix has more entries"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_a_broken_table_is_one_line(changes: dict[str, Any], said: str) -> None:
    write(**changes)
    assert said in problem_of()


@pytest.mark.usefixtures("folder")
def test_more_ids_than_a_file_can_hold_are_one_line_and_are_not_made() -> None:
    write()
    with h5py.File("a.biom", "a") as file:
        del file["sample/ids"]
        file.create_dataset("sample/ids", shape=(10**12,), dtype="S9", chunks=(1000,))
    assert "a.biom: expected a list of ids of samples, got 1,000,000,000,000 in" in problem_of()


@pytest.mark.usefixtures("folder")
def test_an_hdf5_file_without_a_table_is_one_line() -> None:
    with h5py.File("a.biom", "w") as file:
        file["x"] = 1
    assert "a.biom: not a BIOM table that can be read" in problem_of()
    write()
    Path("a.csv").write_bytes(Path("a.biom").read_bytes())
    assert (
        problem_of("a.csv")
        == "a.csv: is an HDF5 file; of these, BIOM tables are read, with a name that ends with .biom"
    )


@pytest.mark.usefixtures("folder")
def test_without_h5py_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert problem_of() == "a.biom: BIOM tables in HDF5 need h5py: pip install 'mcdiv[biom]'"
