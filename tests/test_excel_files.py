"""Excel workbooks as data: what they hold by hand, what is refused, and broken files."""

import random
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of


def saved(*sheets: list[list[Any]]) -> str:
    """A workbook of these cells."""
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter("a.xlsx", engine="openpyxl") as book:
        for i, rows in enumerate(sheets):
            pd.DataFrame(rows, dtype=object).to_excel(book, sheet_name=f"part {i + 1}", header=False, index=False)
    return "a.xlsx"


def counts_in(name: str, **asked: Any) -> dict[str, dict[str, int]]:
    tallies = read_tallies(name, reading_of(**asked))
    return {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies}


def problem_of(name: str, **asked: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, reading_of(**asked))
    (line,) = caught.value.problems
    assert "\n" not in line
    return line


BLANK: list[Any] = [None, None]
TREES: list[list[Any]] = [["species", "n"], ["oak", 3], ["elm", 2.0]]
SHEETS: list[tuple[list[list[Any]], dict[str, Any], dict[str, dict[str, int]]]] = [
    (TREES, {}, {"": {"oak": 3, "elm": 2}}),
    ([BLANK, *TREES, BLANK], {}, {"": {"oak": 3, "elm": 2}}),
    ([[None, *row] for row in TREES], {}, {"": {"oak": 3, "elm": 2}}),
    ([["die"], [6], [1.0], [6]], {"layout": "draws"}, {"": {"6": 2, "1": 1}}),
    ([[6], [1], [6]], {"layout": "draws"}, {"": {"6": 2, "1": 1}}),
    ([["k"], ["oak"], ["#N/A"], ["oak"]], {"missing": "drop"}, {"": {"oak": 2}}),
    (
        [[None, "oak", "elm"], ["north", 3, 0], ["south", 1, 5]],
        {"layout": "samples-in-rows"},
        {"north": {"oak": 3, "elm": 0}, "south": {"oak": 1, "elm": 5}},
    ),
]


@pytest.mark.parametrize(("rows", "asked", "expected"), SHEETS)
def test_a_sheet_is_read_as_what_it_holds(
    folder: Path, rows: list[list[Any]], asked: dict[str, Any], expected: dict[str, dict[str, int]]
) -> None:
    assert counts_in(saved(rows), **asked) == expected


def test_rows_are_counted_across_the_pieces_in_which_they_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcdiv.files.counts.excel.ROWS", 2000)
    drawn = random.Random(1).choices(["oak", "elm"], k=5000)
    assert counts_in(saved([["k"], *([each] for each in drawn)])) == {"": Counter(drawn)}


REFUSED: list[tuple[list[list[Any]], str]] = [
    ([["k", "n"], ["oak", "#REF!"]], "a.xlsx: row 2 of the sheet holds the error #REF!"),
    ([["k", "n"], ["oak", 1], BLANK, ["elm", 1]], "row 3 of the sheet is blank, and row 4 is not; expected one table"),
    ([["k", "n", None], ["oak", 1, None], ["elm", 1, "see"]], "row 3 of the sheet has 'see' beside the table"),
    ([["k", "n"], ["oak", None], ["elm", 2]], "a.xlsx: row 1: column 'n'"),
    ([["k"], ["oak"], [" "], ["elm"]], "row 3 of the sheet is blank"),
    ([["k", "k"], ["oak", "elm"]], "column 'k' is there twice"),
    ([[6], [1]], "'6' is a number, and the first row has to name the columns"),
    ([["k"]], "a.xlsx: the table has no rows"),
    ([BLANK], "a.xlsx: the sheet is empty"),
]


@pytest.mark.parametrize(("rows", "said"), REFUSED)
def test_a_sheet_that_cannot_be_read_says_where(folder: Path, rows: list[list[Any]], said: str) -> None:
    assert said in problem_of(saved(rows))


def test_several_sheets_are_refused_with_their_names(folder: Path) -> None:
    assert problem_of(saved(TREES, TREES)) == "a.xlsx: has 2 sheets; expected one: 'part 1', 'part 2'"


def test_a_formula_is_not_computed(folder: Path) -> None:
    """Its value is what the program that saved it last found; here there was none."""
    assert "column 'n'" in problem_of(saved([["k", "n"], ["oak", "=1+1"], ["elm", 2]]))


def test_what_is_no_workbook_is_named(folder: Path) -> None:
    pytest.importorskip("openpyxl")
    (folder / "text.xlsx").write_text("oak elm")
    (folder / "empty.xlsx").write_bytes(b"")
    (folder / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0 and more")
    with zipfile.ZipFile(folder / "zip.xlsx", "w") as archive:
        archive.writestr("a.txt", "oak")
    for name in ("text", "empty", "zip"):
        assert "not an Excel workbook that can be read" in problem_of(f"{name}.xlsx")
    assert "is an old .xls, or protected by a password" in problem_of("old.xlsx")
    assert problem_of("none.xlsx") == "none.xlsx: there is no such file"


def test_a_workbook_that_unpacks_to_more_than_it_may_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcdiv.files.counts.excel._LARGEST", 1000)
    assert "more than 1,000; save the sheet as CSV" in problem_of(saved(TREES))


@pytest.mark.slow
def test_a_cell_at_the_far_corner_makes_no_large_table(folder: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(saved(TREES))
    book.active["XFD1048576"] = "far"
    book.save("a.xlsx")
    assert "row 4 of the sheet is blank, and row 1048576 is not" in problem_of("a.xlsx")


def test_without_openpyxl_one_line_names_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.xlsx").write_bytes(b"PK")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert problem_of("a.xlsx") == "a.xlsx: Excel needs openpyxl: pip install 'mcdiv[excel]'"
