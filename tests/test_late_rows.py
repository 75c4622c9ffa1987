"""A table is told by its first rows; what contradicts them further down is refused with its place."""

from pathlib import Path

import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, arrow, blanks, delimited, frames, read_tallies

FIRST = 8
#: the names of the columns, a row of the table, and the place of the cell that is changed in one below
TABLES = {
    "counts": (["word", "n"], lambda i: [f"w{i}", "3"], 1),
    "counts by another name": (["word", "hits"], lambda i: [f"w{i}", "3"], 1),
    "samples in rows": (["site", "oak", "elm"], lambda i: [f"s{i}", "3", str(i % 4)], 1),
    "spectrum": (["count", "categories"], lambda i: [str(i + 1), "2"], 1),
}


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for module in (arrow, blanks, delimited, frames):
        monkeypatch.setattr(module, "ROWS", FIRST)
    monkeypatch.setattr(delimited, "PIECE", 12)


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """A file with these rows of texts."""
    if name.endswith(".parquet"):
        pd = pytest.importorskip("pandas")
        pytest.importorskip("pyarrow")
        pd.DataFrame(rows, columns=header).to_parquet(name)
        return
    mark = "," if name.endswith(".csv") else " "
    Path(name).write_text("".join(mark.join(row) + "\n" for row in [header, *rows]), encoding="utf-8")


@pytest.mark.parametrize("cell", ["2.5", "tree", "-1", "NA", "1e3"])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.parquet"])
def test_a_cell_that_is_no_count_is_told_where_it_stands(name: str, table: str, cell: str) -> None:
    header, row_at, place = TABLES[table]
    rows = [row_at(i) for i in range(3 * FIRST)]
    rows[2 * FIRST + 1][place] = cell
    write(name, header, rows)
    where = "row 18" if name.endswith(".parquet") else f"{name}:19"
    with pytest.raises(ScenarioError, match=rf"{where}: column '{header[place]}'.* '{cell}'"):
        read_tallies(name, Reading())


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.parquet"])
def test_a_second_header_is_no_row(name: str, table: str) -> None:
    header, row_at, _ = TABLES[table]
    rows = [row_at(i) for i in range(3 * FIRST)]
    rows[2 * FIRST] = header
    write(name, header, rows)
    with pytest.raises(ScenarioError, match=f"expected a whole number >= 0, got '{header[0]}'|got '{header[1]}'"):
        read_tallies(name, Reading())


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_name_that_is_a_symbol_far_below_is_a_doubt(name: str) -> None:
    write(name, ["state"], [["wake" if i % 2 else "sleep"] for i in range(3 * FIRST)] + [["state"]])
    with pytest.raises(ScenarioError, match="'state' is a symbol as well as the column's name"):
        read_tallies(name, Reading())


def test_a_word_in_a_column_of_numbers_between_blanks_makes_no_tokens_of_all() -> None:
    Path("a.txt").write_text("oak 3\nelm x\nash 2\nfir 1\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="got 'x'"):
        read_tallies("a.txt", Reading(column="1", weights="2"))
    with pytest.raises(ScenarioError, match="'x'"):
        read_tallies("a.txt", Reading())


def test_a_word_above_numbers_that_are_symbols_is_a_doubt() -> None:
    Path("a.txt").write_text("state\n3\n5\n3\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="'state' may be a symbol or the name of a column"):
        read_tallies("a.txt", Reading(layout="draws"))
    (tally,) = read_tallies("a.txt", Reading(symbols=True))
    assert tally.labels == ("state", "3", "5")
    (tally,) = read_tallies("a.txt", Reading(column="state"))
    assert (tally.labels, tally.counts.tolist()) == (("3", "5"), [2, 1])
