"""The reader of delimited tables with a header line: rows of cells, many at a time, with the lines they stand in."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from shlex import quote

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.above import said_of, titles_of
from mcdiv.files.counts.category_counts import Reading, is_number, label_of
from mcdiv.files.counts.contract import reader
from mcdiv.files.counts.foreign import refuse_foreign
from mcdiv.files.counts.plain_lines import PIECE, plain_lines
from mcdiv.files.counts.table import ROWS, ListedRows, Rows, refusal_of_names, twice
from mcdiv.files.counts.text import Text


@reader(suffixes=[".csv", ".tsv"])
def delimited(text: Text, reading: Reading) -> "Delimited":
    """A table with a header line, separated by commas, semicolons or tabs, below remarks in lines that begin with #."""
    first = "" if reading.text else text.after_remarks()
    if wrong := reading.reason_unsupported(table=True):
        raise ScenarioError([f"{text.name}: {wrong}"])
    refuse_foreign(text, first, reading)
    return Delimited(text, first, reading)


class Delimited:
    """A delimited table with a header line."""

    def __init__(self, text: Text, first: str, reading: Reading, delimiter: str | None = None) -> None:
        self.text = text
        said = re.fullmatch(r'"?sep=([,;\t])"?', first.rstrip("\r\n"))  # for a spreadsheet, above the header
        first = text.after_remarks() if said else first
        titles = titles_of(text, first) or []
        for _ in titles:
            first = text.after_remarks()
        self.said: Sequence[str] = said_of(titles)
        lines = text.lines_from(first)
        self._delimiter = delimiter = said[1] if said else delimiter or max(",;\t", key=first.count)
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self.unnamed = ""
        #: columns behind the others without a name and without a cell that is filled
        self._blank = 0
        (row,) = self._next_rows(1, text.number - 1) or [[]]
        self._line = text.number
        #: rows that were read to tell the header, and how many lines are before them
        self._held = ListedRows(text.number - 1, [])
        self.header = self._header(row, delimiter, reading)
        if wrong := twice(self.header):
            raise self.error(wrong)

    def _header(self, row: list[str], delimiter: str, reading: Reading) -> list[str]:
        """The names of the columns: the first line, or a remark above numbers, or numbers where a layout is named."""
        if remark := _names_in_remark(self.text.last_remark, row, delimiter, reading):
            self._held = ListedRows(self._held.before, [row])
            return remark
        names = [label_of(name.strip()) for name in row]
        if numbers := [name for name in names if is_number(name)]:
            numbered = [str(i + 1) for i in range(len(row))]
            named, refused = reading.named_columns(), refusal_of_names(numbers[0], "line")
            if reading.layout is None and (reading.table or named - {*numbered}):
                raise self.error(refused)
            self.unnamed = refused if reading.layout is None and not named else ""
            self._held = ListedRows(self._held.before, [row])
            return numbered
        _refuse_doubtful_remark(self.text, names, reading)
        self._line = self.text.number = self.text.number_at(self._reader.line_num)
        self._held = ListedRows(self._line, [])
        below = self._row_below(delimiter) if delimiter == "\t" or names[-1:] == [""] else []
        filled = max((i for i, name in enumerate(names, 1) if name), default=0)
        if 0 < filled < len(names) == len(below) and not any(cell.strip() for cell in below[filled:]):
            self._blank = len(names) - filled
            return names[:filled]
        # R's write.table has no name for its row names.
        return ["", *names] if delimiter == "\t" and len(below) == len(names) + 1 and below[-1].strip() else names

    def _row_below(self, delimiter: str) -> list[str]:
        """The row that comes next, still to be read; a mistake in it is told where it is read."""
        with closing(self.text.peeked()) as lines, suppress(csv.Error):
            return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
        return []

    def some_rows(self) -> Iterator[Rows]:
        """The rows below the header, many at a time, each as wide as the header; there is at least one."""
        width, empty = len(self.header) + self._blank, True
        for some in self._parts():
            if isinstance(some, ListedRows) and not set(map(len, some.rows)) <= {0, width}:
                place, row = next((i, row) for i, row in enumerate(some.rows) if len(row) not in (0, width))
                raise self.error_at(some, place, f"expected {width} columns, got {len(row)}")
            empty = empty and isinstance(some, ListedRows) and not any(some.rows)
            yield self._without_blank(some) if self._blank else some
        if empty:
            hint = "" if self.text.name.lower().endswith((".csv", ".tsv")) else "; for running text say --text words"
            raise self.text.error(f"there are no rows below the header{hint}")

    def _without_blank(self, some: Rows) -> Rows:
        """The rows without the columns that are blank; an error where one is not."""
        rows = [row[: -self._blank] for row in some.rows]
        for place, row in enumerate(some.rows):
            if filled := next((cell for cell in row[len(self.header) :] if cell.strip()), ""):
                raise self.error_at(some, place, f"'{filled[:60]}' stands below no name of a column")
        return ListedRows(some.before, rows)

    def _parts(self) -> Iterator[Rows]:
        """The rows below the header, many plain lines at once, and those that are not plain by the csv module."""
        before, held, width = self._held.before, self._held.rows, len(self.header) + self._blank
        piece = "" if held else self.text.first_lines(ROWS)
        while True:
            while piece and (plain := plain_lines(piece, self._delimiter, width, before)):
                self.text.passed += plain.lines
                before = self._told(before + plain.lines)
                yield plain
                piece = self.text.whole_lines(PIECE)
            self.text.put_back(piece)
            rows, before_rows, held = [*held, *self._next_rows(ROWS, before, held)], before, []
            before = self._told(self.text.number_at(self._reader.line_num))
            if rows:
                yield ListedRows(before_rows, rows)
            piece = "" if self.text.waiting else self.text.whole_lines(PIECE)
            if not piece and not self.text.waiting:
                return

    def _told(self, number: int) -> int:
        """The number of the line read last, told to who waits."""
        self.text.number = number
        self.text.tell()
        return number

    def error(self, message: str) -> ScenarioError:
        """A mistake in the header."""
        return self.text.error(message, self._line)

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""
        return self.text.error(message, _line(some, place))

    def _next_rows(self, most: int, before: int, held: Sequence[list[str]] = ()) -> list[list[str]]:
        """So many rows, or those that are left, below those held below that line."""
        rows: list[list[str]] = []
        try:
            rows += islice(self._reader, most)
        except csv.Error as error:
            # A quote that is never closed takes in all lines below: what matters is where its row begins.
            first = _line(ListedRows(before, [*held, *rows]), len(held) + len(rows) - 1) + 1
            raise self.text.error(f"not a table: {error} in the row that begins here", first) from None
        return rows


def _names_in_remark(remark: str, row: list[str], delimiter: str, reading: Reading) -> list[str]:
    """The names in a commented header, as QIIME has it: as many as there are cells below, some of them numbers."""
    if not remark.startswith("#"):
        return []
    names = [label_of(name.strip()) for name in next(csv.reader([remark.lstrip("#").lstrip(" ")], delimiter=delimiter))]
    if len(names) == len(row) > 1 and any(map(is_number, row)) and not all(map(is_number, names)):
        return names
    return names if len(row) == 1 and names == [reading.column] else []


def _refuse_doubtful_remark(text: Text, names: list[str], reading: Reading) -> None:
    """Where one word that follows # at once may be the name of the only column, as well as the line below."""
    if len(names) == 1 and reading.column is None and re.fullmatch(r"#\w+", text.last_remark):
        remark, first = text.last_remark[1:], names[0]
        wrong = f"'{remark}' in the remark above may be the name of the column, and '{first}' a symbol"
        ways = f"say --column {quote(remark)} if so, or --column {quote(first)} if '{first}' is the name"
        raise text.error(f"{wrong}; {ways}")


def _line(some: Rows, place: int) -> int:
    """The number of the line in which a row ends; a quoted cell may hold line breaks."""
    return some.before + sum(1 + sum(cell.count("\n") for cell in row) for row in some.rows[: place + 1])
