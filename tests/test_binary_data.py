"""Arrays and JSON as data: what they hold by hand, doubts, and files that are hostile."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of

BIOM = {
    "format": "Biological Observation Matrix 1.0.0",
    "rows": [{"id": "OTU1", "metadata": None}, {"id": "OTU2", "metadata": None}],
    "columns": [{"id": "A", "metadata": None}, {"id": "B", "metadata": None}],
    "matrix_type": "sparse",
    "shape": [2, 2],
    "data": [[0, 0, 3], [1, 0, 1], [1, 1, 5.0]],
}

JSON: list[tuple[Any, dict[str, Any], dict[str, dict[str, int]]]] = [
    ({"oak": 3, "elm": 2.0}, {}, {"": {"oak": 3, "elm": 2}}),
    ({"a": {"oak": 3}, "b": {"oak": 1, "elm": 2}}, {}, {"a": {"oak": 3}, "b": {"oak": 1, "elm": 2}}),
    (["oak", "elm", "oak"], {}, {"": {"oak": 2, "elm": 1}}),
    ([6, 1, 6], {"layout": "draws"}, {"": {"6": 2, "1": 1}}),
    ([6, 1, 6], {"layout": "counts"}, {"": {"1": 6, "2": 1, "3": 6}}),
    (
        [[1, 2, 0], [3, 0, 4]],
        {"samples": "rows"},
        {"row 1": {"1": 1, "2": 2, "3": 0}, "row 2": {"1": 3, "2": 0, "3": 4}},
    ),
    ([[1, 2], [3, 0]], {"samples": "columns"}, {"row 1": {"1": 1, "2": 3}, "row 2": {"1": 2, "2": 0}}),
    ([{"k": "oak", "n": 3}, {"k": "elm", "n": 2}], {}, {"": {"oak": 3, "elm": 2}}),
    (BIOM, {}, {"A": {"OTU1": 3, "OTU2": 1}, "B": {"OTU1": 0, "OTU2": 5}}),
    (
        BIOM | {"matrix_type": "dense", "data": [[3, 0], [1, 5]]},
        {},
        {"A": {"OTU1": 3, "OTU2": 1}, "B": {"OTU1": 0, "OTU2": 5}},
    ),
]


@pytest.mark.parametrize(("value", "reading", "expected"), JSON)
def test_json_is_read_as_what_it_holds(
    folder: Path, value: Any, reading: dict[str, Any], expected: dict[str, dict[str, int]]
) -> None:
    (folder / "a.json").write_text(json.dumps(value))
    tallies = read_tallies("a.json", reading_of(**reading))
    assert {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies} == expected


NO_JSON = [
    ('{"a": 3', "a.json:1: not JSON: Expecting ',' delimiter"),
    ("[" * 100_000, "a.json: is nested too deeply"),
    ('{"a": 1, "a": 2}', "a.json: 'a' is there twice in one object"),
    ('{"a": NaN}', "a.json: category 'a': expected a whole number >= 0, got 'nan'"),
    ('{"a": "3x"}', "a.json: category 'a': expected a whole number >= 0, got '3x'"),
    ("[1, 2]", "a.json: 2 numbers may be counts, with --layout counts; or draws, with --layout draws"),
    (
        "[[1, 2], [3, 4]]",
        "a.json: 2 rows of 2 numbers may be 2 samples of 2 categories, with --layout samples-in-rows; or",
    ),
    ("[[1, 2], [3]]", "a.json: expected an object of counts, or a list of symbols, numbers or records, or of rows"),
    ('[1, "a"]', "got several kinds in one list"),
    ("[]", "a.json: expected an object of counts, or a list of symbols, numbers or records, got nothing"),
    ("3", "got int"),
    ("{}", "got nothing"),
    (f"[{'9' * 5000}]", "a.json: not JSON that can be read"),
    (f"[{'9' * 50}]", "got several kinds in one list"),
    (json.dumps(BIOM | {"data": [[7, 0, 1]]}), "a.json: a cell is beyond the 2 rows and 2 columns"),
    (json.dumps(BIOM | {"rows": 3}), "a.json: not a BIOM table: TypeError"),
]


@pytest.mark.parametrize(("text", "said"), NO_JSON, ids=[each[1][:40] for each in NO_JSON])
def test_json_that_cannot_be_read_is_one_line(folder: Path, text: str, said: str) -> None:
    (folder / "a.json").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.json", reading_of())
    (line,) = caught.value.problems
    assert said in line


def test_an_array_of_numpy_is_read_once_its_layout_is_named(folder: Path) -> None:
    np.save(folder / "a.npy", np.array([6, 1, 6]))
    (tally,) = read_tallies("a.npy", reading_of(layout="draws"))
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"6": 2, "1": 1}
    np.savez(folder / "a.npz", counts=np.array([[6.0, 1.0, 0.0]]))
    (tally,) = read_tallies("a.npz", reading_of())
    assert tally.counts.tolist() == [6, 1, 0]
    np.save(folder / "b.npy", np.array(["oak", "elm", "oak"]))
    (tally,) = read_tallies("b.npy", reading_of())
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"oak": 2, "elm": 1}


def test_arrays_that_are_doubtful_broken_or_hold_objects_are_one_line(folder: Path) -> None:
    np.save(folder / "numbers.npy", np.array([6, 1]))
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(folder / "cube.npy", np.ones((2, 2, 2)))
    np.save(folder / "complex.npy", np.ones(2) * 1j)
    np.savez(folder / "two.npz", a=np.ones(2), b=np.ones(2))
    (folder / "text.npy").write_text("no array")
    (folder / "empty.npy").write_bytes(b"")
    (folder / "broken.npz").write_bytes((folder / "two.npz").read_bytes()[:50])
    np.save(folder / "head.npy", np.ones(2))
    (folder / "head.npy").write_bytes((folder / "head.npy").read_bytes().replace(b"(2,)", b"(2, "))
    with zipfile.ZipFile(folder / "member.npz", "w") as archive:
        archive.writestr("a.npy", "no array")
    said = {
        "numbers.npy": "2 numbers may be counts",
        "objects.npy": "not an array that can be read: Object arrays cannot be loaded",
        "cube.npy": "got 3 dimensions",
        "complex.npy": "got 1 dimension of complex128",
        "two.npz": "holds 2 arrays; expected one: a, b",
        "text.npy": "not an array that can be read",
        "empty.npy": "not an array that can be read",
        "broken.npz": "not an array that can be read",
        "head.npy": "not an array that can be read",
        "member.npz": "what it holds, 'a', is no array",
    }
    for name, words in said.items():
        with pytest.raises(ScenarioError) as caught:
            read_tallies(name, reading_of())
        (line,) = caught.value.problems
        assert line.startswith(f"{name}: ")
        assert words in line
