"""The reader of delimited tables with a header line: rows of cells, many at a time, with the lines they stand in."""

import csv
from collections.abc import Iterator
from itertools import islice

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading, is_number, label_of
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.table import ROWS, Rows, twice
from mcdiv.files.counts.text import Text


@reader(suffixes=[".csv", ".tsv"])
def delimited(text: Text, reading: Reading) -> "Delimited":
    """A table with a header line, separated by commas, semicolons or tabs, below remarks in lines that begin with #."""
    first = "" if reading.text else text.after_remarks()
    if wrong := reading.reason_unsupported(table=True):
        raise ScenarioError([f"{text.name}: {wrong}"])
    return Delimited(text, first)


class Delimited:
    """A delimited table with a header line."""

    def __init__(self, text: Text, first: str) -> None:
        self.text = text
        lines = text.lines_from(first)
        self._reader = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
        self.header = [label_of(name.strip()) for row in self._next_rows(1, text.number - 1) for name in row]
        self._line = text.number = text.number_at(self._reader.line_num)
        if numbers := [name for name in self.header if is_number(name)]:
            wrong = f"'{numbers[0]}' is a number, and the first line has to name the columns"
            raise text.error(f"{wrong}; put such a line above, or give the columns other names")
        if wrong := twice(self.header):
            raise text.error(wrong)

    def some_rows(self) -> Iterator[Rows]:
        """The rows below the header, many at a time, each as wide as the header; there is at least one."""
        width, empty = len(self.header), True
        while rows := self._next_rows(ROWS, self.text.number):
            before, self.text.number = self.text.number, self.text.number_at(self._reader.line_num)
            self.text.tell()
            some = Rows(before, rows)
            if not set(map(len, rows)) <= {0, width}:
                place, row = next((i, row) for i, row in enumerate(rows) if len(row) not in (0, width))
                raise self.error_at(some, place, f"expected {width} columns, got {len(row)}")
            empty = empty and not any(rows)
            yield some
        if empty:
            hint = "" if self.text.name.lower().endswith((".csv", ".tsv")) else "; for running text say --text words"
            raise self.text.error(f"there are no rows below the header{hint}")

    def error(self, message: str) -> ScenarioError:
        """A mistake in the header."""
        return self.text.error(message, self._line)

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""
        return self.text.error(message, _line(some, place))

    def _next_rows(self, most: int, before: int) -> list[list[str]]:
        """So many rows below that line, or those that are left."""
        rows: list[list[str]] = []
        try:
            rows += islice(self._reader, most)
        except csv.Error as error:
            # A quote that is never closed takes in all lines below: what matters is where its row begins.
            first = _line(Rows(before, rows), len(rows) - 1) + 1
            raise self.text.error(f"not a table: {error} in the row that begins here", first) from None
        return rows


def _line(some: Rows, place: int) -> int:
    """The number of the line in which a row ends; a quoted cell may hold line breaks."""
    return some.before + sum(1 + sum(cell.count("\n") for cell in row) for row in some.rows[: place + 1])
