"""Parquet and Feather as data: what they hold by hand, what cannot be read, and broken files."""

import datetime
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of

KINDS = ("parquet", "feather")


def saved(frame: pd.DataFrame, kind: str) -> str:
    pytest.importorskip("pyarrow")
    getattr(frame, f"to_{kind}")(f"a.{kind}")
    return f"a.{kind}"


def counts_in(name: str, **asked: Any) -> dict[str, dict[str, int]]:
    tallies = read_tallies(name, reading_of(**asked))
    return {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies}


def problem_of(name: str, **asked: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, reading_of(**asked))
    (line,) = caught.value.problems
    assert "\n" not in line
    return line


TABLES: list[tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, int]]]] = [
    ({"k": ["oak", "elm", "oak"], "n": [3, 2, 4]}, {}, {"": {"oak": 7, "elm": 2}}),
    ({"k": ["oak", "elm", "oak"]}, {}, {"": {"oak": 2, "elm": 1}}),
    ({"k": pd.Categorical(["oak", "elm", "oak"])}, {}, {"": {"oak": 2, "elm": 1}}),
    ({"k": [b"oak", b"elm", b"oak"]}, {}, {"": {"oak": 2, "elm": 1}}),
    ({"k": ["oak", None, "oak"], "n": [3, 2, 4]}, {"missing": "drop"}, {"": {"oak": 7}}),
    (
        {"die": pd.Series([6, 1, None, 6], dtype="Int64")},
        {"missing": "drop", "layout": "draws"},
        {"": {"6": 2, "1": 1}},
    ),
    ({"k": ["oak", "elm"], "more": [[1], [2]]}, {"ignore": "more"}, {"": {"oak": 1, "elm": 1}}),
    ({"k": ["oak", "elm", "oak"], "g": ["a", "a", "b"]}, {"by": "g"}, {"a": {"oak": 1, "elm": 1}, "b": {"oak": 1}}),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("columns", "asked", "expected"), TABLES)
def test_a_table_is_read_as_what_it_holds(
    folder: Path, kind: str, columns: dict[str, Any], asked: dict[str, Any], expected: dict[str, dict[str, int]]
) -> None:
    assert counts_in(saved(pd.DataFrame(columns), kind), **asked) == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_number_is_the_same_category_in_batches_with_and_without_a_missing_value(
    folder: Path, kind: str
) -> None:
    drawn = random.Random(1).choices([1, 6, None], k=200_000)
    drawn[:70_000] = [6] * 70_000
    wanted = Counter(map(str, filter(None, drawn)))
    name = saved(pd.DataFrame({"die": pd.Series(drawn, dtype="Int64")}), kind)
    assert counts_in(name, missing="drop", layout="draws") == {"": wanted}


def test_an_index_without_a_name_stands_in_front_as_in_a_csv_of_pandas(folder: Path) -> None:
    name = saved(pd.DataFrame({"oak": [3, 1], "elm": [0, 5]}, index=["north", "south"]), "parquet")
    expected = {"north": {"oak": 3, "elm": 0}, "south": {"oak": 1, "elm": 5}}
    assert counts_in(name, layout="samples-in-rows") == expected


@pytest.mark.parametrize("kind", KINDS)
def test_tables_that_cannot_be_read_say_why(folder: Path, kind: str) -> None:
    assert "row 2: column 'k' is empty; leave such rows out with --missing drop" in problem_of(
        saved(pd.DataFrame({"k": ["oak", None]}), kind)
    )
    assert "column 'k' holds list<" in problem_of(saved(pd.DataFrame({"k": [[1], [2]]}), kind))
    assert problem_of(saved(pd.DataFrame({"k": []}), kind)) == f"a.{kind}: the table has no rows"
    assert "Invalid UTF8 payload" in problem_of(saved(pd.DataFrame({"k": [b"\xff", b"a"]}), kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_such_file_is_one_line(folder: Path, kind: str) -> None:
    pytest.importorskip("pyarrow")
    for content in (b"", b"oak elm oak\n" * 9, b"PAR1", b"ARROW1\0\0"):
        (folder / f"a.{kind}").write_bytes(content)
        assert f"not a {kind.capitalize()} file that can be read" in problem_of(f"a.{kind}")
    (folder / "old.feather").write_bytes(b"FEA1 and more")
    assert "is version 1 of Feather" in problem_of("old.feather")
    assert problem_of(f"none.{kind}") == f"none.{kind}: there is no such file"


@pytest.mark.parametrize("kind", KINDS)
def test_without_pyarrow_one_line_names_the_extra(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"a.{kind}").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert problem_of(f"a.{kind}") == f"a.{kind}: {kind.capitalize()} needs pyarrow: pip install 'mcdiv[parquet]'"


CELLS: dict[str, list[Any]] = {
    "texts": ["oak", "elm", "oak", "7", "07", "oak"],
    "whole numbers": [3, 1, 3, 3],
    "decimals": [0.0, -0.0, 0.5, 0.0],
    "truths": [True, False, True],
    "bytes": [b"oak", b"elm", b"oak"],
    "dates": [datetime.date(2026, 1, 2), datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", CELLS.values(), ids=CELLS)
@pytest.mark.usefixtures("folder")
def test_symbols_of_a_batch_are_counted_as_their_texts(kind: str, cells: list[Any]) -> None:
    name = saved(pd.DataFrame({"x": cells, "other": range(len(cells))}), kind)
    texts = [cell.decode() if isinstance(cell, bytes) else str(cell) for cell in cells]
    found = counts_in(name, column="x")[""]
    assert list(found.items()) == list(Counter(texts).items())


def test_a_file_and_a_stream_of_arrow_are_read_alike(folder: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"species": ["oak", "elm", "oak"], "n": [3, 1, 2]})
    for make in (pa.ipc.new_file, pa.ipc.new_stream):
        with pa.OSFile("a.arrow", "wb") as handle, make(handle, table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
        assert counts_in("a.arrow") == {"": {"oak": 5, "elm": 1}}
    whole = (folder / "a.arrow").read_bytes()
    (folder / "a.csv").write_bytes(whole)
    assert problem_of("a.csv") == "a.csv: is a stream of Arrow; give it a name that ends with .arrow"
    for end in range(5, len(whole) - 9, 7):  # cut off, or changed, it is read or refused in one line
        for broken in (whole[:end], whole[:end] + bytes([whole[end] ^ 255]) + whole[end + 1 :]):
            (folder / "b.arrow").write_bytes(broken)
            try:
                counts_in("b.arrow")
            except ScenarioError as error:
                assert len(error.problems) == 1
