"""Lines whose cells stand between blanks: label and count, `uniq -c`, a printed Series, matrices, R's write.table.

Which of these a file is, its first lines say by their shape; what else there is between blanks are plain tokens.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import COUNTING, Reading, count_of, is_number, label_of, pointed
from mcdiv.files.counts.looked import OF_PMFS
from mcdiv.files.counts.table import ROWS, ListedRows, Rows, twice
from mcdiv.files.counts.text import Text

#: lines by which the shape is told
_SEEN = 200
#: below a Series as pandas prints it, such as that of value_counts()
_PRINTED = re.compile(r"(?:Name: (.*), )?(?:Length: \d+, )?dtype: \w+")
_CELL = re.compile(r'"(?:[^"]|"")*"(?=\s|$)|\S+')


class Blanks:
    """A table whose cells stand between blanks."""

    def __init__(
        self, text: Text, first: str, header: list[str], *, named: bool, cells: Callable[[str], list[str]]
    ) -> None:
        self.text, self.header, self._named, self._cells = text, header, named, cells
        self.unnamed = ""
        self.said: Sequence[str] = ()
        self._lines = text.lines_from(first)
        self._line = text.number
        if wrong := twice(header):
            raise text.error(wrong)

    def some_rows(self) -> Iterator[Rows]:
        """The rows, many at a time, each as wide as the header; there is at least one."""
        before = self._line - 1
        if self._named:
            next(self._lines)
            before += 1
        while lines := list(islice(self._lines, ROWS)):
            rows = list(map(self._cells, lines))
            some = ListedRows(before, rows)
            self.text.number = before = before + len(lines)
            self.text.tell()
            for place, row in enumerate(rows):
                if len(row) not in (0, len(self.header)):
                    raise self.error_at(some, place, f"expected {len(self.header)} columns, got {len(row)}")
            yield some

    def error(self, message: str) -> ScenarioError:
        """A mistake in the header."""
        return self.text.error(message, self._line)

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""
        return self.text.error(message, some.before + place + 1)


def blank_separated(text: Text, first: str, reading: Reading) -> Blanks | None:
    """The table that the first lines are, or None where they are plain tokens."""
    cells = first.split()
    if reading.layout in OF_PMFS and len(cells) > 1 and all(map(is_number, cells)) and not text.ahead(1):
        return Blanks(text, first, [str(i + 1) for i in range(len(cells))], named=False, cells=_cells)
    if reading.symbols or not first.endswith(("\n", "\r")):
        return None
    lines = [line for line in [first, *text.ahead(_SEEN)] if line.strip()]
    rows = list(map(_cells, lines))
    if len(rows) < 2 or (rows[0][0].lower() in COUNTING and all(map(is_number, rows[0][1:]))):
        return None
    if _counts_first(lines):
        return Blanks(text, first, ["1", "2"], named=False, cells=_count_and_label)
    if footer := _PRINTED.fullmatch(lines[-1].strip()):
        named = not is_number(rows[0][-1])
        header = [label_of(lines[0].strip()) if named else "", footer[1] or "2"]
        return Blanks(text, first, header, named=named, cells=_label_and_count)
    names, header = [label_of(cell.strip()) for cell in rows[0]], _header(rows, reading)
    if not header:
        _refuse_mixture(text, first, rows, reading)
    named = not any(map(is_number, names)) and header[-1:] == names[-1:]
    return Blanks(text, first, header, named=named, cells=_cells) if header else None


def _refuse_mixture(text: Text, first: str, rows: list[list[str]], reading: Reading) -> None:
    """Where words and numbers stand in lines of different lengths, as in a format that nobody here reads."""
    tokens = [is_number(cell) for row in rows for cell in row]
    if reading.layout is None and len({*map(len, rows)}) > 1 and 0.2 < sum(tokens) / len(tokens) <= 0.5:
        wrong = "words and numbers stand in lines of different lengths, which is no table"
        ways = "if all are symbols, say --symbols; for running text say --text words"
        raise text.error(f"{wrong}{_table_below(text, first, rows)}; {ways}")


def _table_below(text: Text, first: str, rows: list[list[str]]) -> str:
    """The command that reads the table below a title, as R prints one, where all the lines below are of one length."""
    below = next((i for i in range(1, len(rows) - 1) if len({*map(len, rows[i:])}) == 1 < len(rows[i])), None)
    if below is None:
        return ""
    filled = [number for number, line in enumerate([first, *text.ahead(_SEEN)], start=text.number) if line.strip()]
    return f"; if a table begins in line {filled[below]}: tail -n +{filled[below]} {text.source} | mcdiv estimate -"


def _header(rows: list[list[str]], reading: Reading) -> list[str]:
    """The names of the columns, numbers where there are none; nothing where the rows are no table."""
    width = len(rows[-1])
    if width < 2 or any(len(row) != width for row in rows[1:]):
        return []
    names = [label_of(cell.strip()) for cell in rows[0]]
    # Where most are numbers, one that is none is a mistake, told where it stands, and no sign of plain tokens.
    numbers = [2 * sum(is_number(pointed(row[i])) for row in rows[1:]) > len(rows) - 1 for i in range(width)]
    if len(names) == width - 1 and not any(map(is_number, names)):  # as R's write.table has it
        return ["", *names] if any(numbers) and (width > 2 or numbers[0]) else []
    tabular = (any(numbers) and numbers.count(False) < 2) or reading.names_columns
    if len(names) != width or not tabular:
        return []
    return [str(i + 1) for i in range(width)] if any(map(is_number, names)) else names


def _counts_first(lines: list[str]) -> bool:
    """Whether every line is a count and what it counts, as `uniq -c` has it."""
    parts = [line.split(maxsplit=1) for line in lines]
    return all(len(p) == 2 and count_of(p[0]) is not None and not is_number(p[1].split()[0]) for p in parts)


def _count_and_label(line: str) -> list[str]:
    return [part.rstrip() for part in line.split(maxsplit=1)]


def _label_and_count(line: str) -> list[str]:
    return [] if _PRINTED.fullmatch(line.strip()) else [part.strip() for part in line.strip().rsplit(maxsplit=1)]


def _cells(line: str) -> list[str]:
    found = _CELL.findall(line)
    return [cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in found]
