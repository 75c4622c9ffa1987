"""A table: rows of cells below the names of the columns, whatever format it is from. What it counts: see `layouts`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import count_of

#: rows that are looked at together
ROWS = 2**16


class Rows(Protocol):
    """Some rows of a table, and how many rows or lines are before them."""

    @property
    def before(self) -> int:
        """How many rows or lines there are before them."""

    @property
    def rows(self) -> list[list[str]]:
        """The cells, row by row; a blank line is an empty row."""

    def cells(self, column: int) -> list[str]:
        """The cells of a column, without blank lines."""

    def tally(self, column: int) -> Counter[str]:
        """How often each cell of a column is there, in the order in which they first are."""


@dataclass(frozen=True, slots=True)
class ListedRows:
    """Rows that were read cell by cell."""

    before: int
    rows: list[list[str]]

    def cells(self, column: int) -> list[str]:
        """The cells of a column, without blank lines."""
        return [row[column] for row in self.rows if row]

    def tally(self, column: int) -> Counter[str]:
        """How often each cell of a column is there, in the order in which they first are."""
        return Counter(self.cells(column))


class Table(Protocol):
    """Rows of cells below the names of the columns, whatever format they are from."""

    header: list[str]
    #: why its first row may be no names, so that its columns are 1, 2, …; empty where there is no such doubt
    unnamed: str
    #: what of it was left out before any column was looked at, a clause each
    said: Sequence[str]

    def some_rows(self) -> Iterator[Rows]:
        """The rows, many at a time, each as wide as the header; there is at least one."""

    def error(self, message: str) -> ScenarioError:
        """A mistake in the names of the columns."""

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""


def twice(header: Sequence[str]) -> str:
    """What is wrong with names of columns of which one is there twice; empty if none is."""
    again = next((name for name, times in Counter(header).items() if times > 1), None)
    return "" if again is None else f"column '{again}' is there twice" if again else "two columns have no name"


def refusal_of_names(number: str, what: str) -> str:
    """Why a first line, or row, with a number is no header."""
    wrong = f"'{number}' is a number, and the first {what} has to name the columns"
    ways = f"put such a {what} above, or give the columns other names"
    return f"{wrong}; {ways}; where nothing names them, they are 1, 2, …"


def each_row(parts: Iterator[Rows]) -> Iterator[tuple[Rows, int, list[str]]]:
    """Row by row, with its place."""
    return ((some, place, row) for some in parts for place, row in enumerate(some.rows) if row)


def count_at(table: Table, some: Rows, place: int, column: int) -> int:
    """The count in a cell."""
    text = some.rows[place][column].strip()
    count = count_of(text)
    if count is None:
        wrong = f"column '{table.header[column]}': expected a whole number >= 0, got '{text[:60]}'"
        raise table.error_at(some, place, wrong)
    return count
