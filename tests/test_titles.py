"""What stands above the names of the columns is left out where that is clear, and said; never a row of the table."""

from pathlib import Path

import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import CategoryCounts, Reading, read_tallies

TABLE = [["species", "n"], ["oak", "4"], ["elm", "2"]]
TITLES = {
    "a title": [["Trees of 2024"]],
    "a title and a blank row": [["Trees of 2024"], []],
    "a title and a source": [["Trees"], ["Source: office of trees"]],
    "blank rows": [[], []],
}


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.xlsx"])
@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.usefixtures("folder")
def test_a_table_below_titles_is_read_as_without_them(name: str, titles: list[list[str]], width: int) -> None:
    wide = [row + [""] * (width - len(row)) for row in titles]
    (tally,) = written(name, [*wide, *TABLE])
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"oak": 4, "elm": 2}
    said = [f"'{row[0]}'" for row in titles if row]
    assert (f"{', '.join(said)} above the names of the columns: left out" in tally.read_as) == bool(said)


def written(name: str, rows: list[list[str]]) -> list[CategoryCounts]:
    """What a file with these rows counts."""
    if name.endswith(".xlsx"):
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
        book.save(name)
    else:
        mark = "," if name.endswith(".csv") else "\t"
        Path(name).write_text("".join(mark.join(row) + "\n" for row in rows), encoding="utf-8")
    return read_tallies(name, Reading())


@pytest.mark.usefixtures("folder")
def test_a_mistake_below_a_title_is_told_where_it_stands() -> None:
    with pytest.raises(ScenarioError, match=r"^a\.csv:5: column 'n': expected a whole number >= 0, got '2\.5'$"):
        written("a.csv", [["Trees", ""], ["", ""], ["species", "n"], ["oak", "4"], ["elm", "2.5"]])


NO_TITLES = {
    "a column without a name whose first value is missing": [["species", ""], ["oak", "NA"], ["elm", "3"]],
    "names of rows without a name": [["", "n"], ["oak", "few"], ["elm", "3"]],
    "a number": [["2024", ""], ["oak", "n"], ["elm", "3"]],
    "words alone": [["species", ""], ["oak", "tall"], ["elm", "high"]],
    "names with a gap": [["Trees", "", ""], ["species", "", "n"], ["oak", "", "3"]],
    "a row that is not full": [["Trees", ""], ["species", "n"], ["oak", ""], ["elm", "3"]],
    "a word among the numbers": [["Trees", ""], ["species", "n"], ["oak", "3"], ["elm", "many"]],
}


@pytest.mark.parametrize("rows", NO_TITLES.values(), ids=NO_TITLES)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx"])
@pytest.mark.usefixtures("folder")
def test_what_may_be_no_title_is_not_left_out(name: str, rows: list[list[str]]) -> None:
    try:
        found = written(name, rows)
    except ScenarioError as error:
        assert len(error.problems) == 1
    else:
        assert all("above the names" not in tally.read_as for tally in found)
