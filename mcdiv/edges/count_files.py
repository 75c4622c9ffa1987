"""Files of observations → how often each category occurred: tables of counts or symbols, plain tokens, running text.

What a table means is told by its header and its columns, and said back to the reader; where that leaves a doubt,
it is an error that names the choices. Files are read piece by piece: only the tally is held.
"""

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Literal, TextIO, TypeAlias

import numpy as np

from mcdiv.core.arrays import Counts
from mcdiv.core.catalogue import unknown
from mcdiv.study.errors import ScenarioError

#: rows, and characters of running text, that are looked at together
_ROWS, _PIECE = 2**16, 2**20
#: categories that a table of frequencies may stand for
_MOST_CATEGORIES = 10**7
#: a count has fewer
_DIGITS = 16
_FREQUENCIES = ["count", "categories"]
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

#: told how many bytes were read, and of how many (0 where nobody knows)
OnBytes: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read; what is left out is told by the file itself."""

    #: the column of the symbols, and the column of how often each row counts
    column: str | None = None
    weights: str | None = None
    #: the column whose values tell groups apart
    by: str | None = None
    text: Literal["letters", "words"] | None = None
    #: plain tokens are symbols also where they are whole numbers
    symbols: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often each category occurred in one group of observations."""

    #: what the group is called; empty where there is one alone
    group: str
    #: the categories; numbers from 1 where they have no names
    labels: tuple[str, ...]
    #: shape (K,)
    counts: Counts
    #: how the file was understood
    read_as: str

    @classmethod
    def of(cls, group: str, counts: Mapping[str, int], read_as: str) -> "Tally":
        """A tally that was collected category by category."""
        return cls(
            group=group, labels=tuple(counts), counts=np.array(list(counts.values()), dtype=np.int64), read_as=read_as
        )

    def ordered(self, labels: Sequence[str]) -> Counts:
        """The counts in the order of these categories, 0 where one did not occur."""
        if tuple(labels) == self.labels:
            return self.counts
        known = dict(zip(self.labels, self.counts.tolist(), strict=True))
        return np.array([known.get(label, 0) for label in labels], dtype=np.int64)


def read_tallies(source: str, reading: Reading, on_bytes: OnBytes = lambda done, total: None) -> list[Tally]:
    """The groups of a file ("-" is standard input), in the order in which they first occur.

    Raises
    ------
    ScenarioError
        The file cannot be read or does not say what it counts; one line names file, line and column.
    """
    with _opened(source, on_bytes) as text:
        if reading.text:
            return [_text(text.pieces(), reading.text, text.name)]
        first = text.after_remarks()
        table = source.lower().endswith((".csv", ".tsv")) or any(mark in first for mark in ",;\t")
        if table or reading.column or reading.weights or reading.by:
            tallies = _Table(text, first).tallies(reading)
        else:
            tallies = [_tokens(text.pieces(first), text.name, as_symbols=reading.symbols)]
    for tally in tallies:
        if not tally.counts.any():
            where = f", group '{tally.group}'" if tally.group else ""
            raise ScenarioError([f"{text.name}{where}: there are no draws: all counts are 0"])
    return tallies


def title_of(path: Path) -> str:
    """The first remark of a file."""
    with path.open(encoding="utf-8") as handle:
        return handle.readline().lstrip("# ").rstrip()


def read_pmf(source: str) -> dict[str, float]:
    """A model: a table of two columns, category and probability."""
    with _opened(source, lambda done, total: None) as text:
        table = _Table(text, text.after_remarks())
        if len(table.header) != 2:
            raise text.error(f"expected two columns, category and probability, got {len(table.header)}")
        model: dict[str, float] = {}
        for some, place, (label, value) in _each(table.some_rows()):
            if label in model:
                raise text.error(f"category '{label}' is there twice", some.line(place))
            if not _is_number(value):
                wrong = f"column '{table.header[1]}': expected a probability, got '{value[:60]}'"
                raise text.error(wrong, some.line(place))
            model[label] = float(value)
    return model


def aligned(first: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The categories of both, the first ones before the others."""
    return tuple(dict.fromkeys([*first, *others]))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of a table, and the number of the line before them."""

    before: int
    rows: list[list[str]]

    def line(self, place: int) -> int:
        """The number of the line in which a row ends; a quoted cell may hold line breaks."""
        return self.before + sum(1 + sum(cell.count("\n") for cell in row) for row in self.rows[: place + 1])


class _Table:
    """A delimited table with a header line."""

    def __init__(self, text: "_Text", first: str) -> None:
        self.text = text
        mark = max(",;\t", key=first.count)
        self.header = [name.strip() for name in next(csv.reader([first], delimiter=mark), [])]
        self._reader = csv.reader(text.handle, delimiter=mark)
        if twice := [name for name, times in Counter(self.header).items() if times > 1]:
            raise text.error(f"column '{twice[0]}' is there twice")

    def some_rows(self) -> Iterator[_Rows]:
        """The rows below the header, many at a time, each as wide as the header; there is at least one."""
        width, empty = len(self.header), True
        while rows := list(islice(self._reader, _ROWS)):
            before, self.text.number = self.text.number, self.text.number_at(self._reader.line_num)
            self.text.tell()
            some = _Rows(before, rows)
            if not set(map(len, rows)) <= {0, width}:
                place, row = next((i, row) for i, row in enumerate(rows) if len(row) not in (0, width))
                raise self.text.error(f"expected {width} columns, got {len(row)}", some.line(place))
            empty = empty and not any(rows)
            yield some
        if empty:
            raise self.text.error("there are no rows below the header")

    def tallies(self, reading: Reading) -> list[Tally]:
        """What the table counts."""
        by = None if reading.by is None else self._place(reading.by)
        if reading.column is None and reading.weights is None:
            return [self._frequencies()] if self.header == _FREQUENCIES and by is None else self._guessed(by)
        weights = None if reading.weights is None else self._place(reading.weights)
        if reading.column is not None:
            return self._long(self.some_rows(), self._place(reading.column), weights, by)
        others = [i for i in range(len(self.header)) if i not in (weights, by)]
        if len(others) != 1:
            raise self._doubt("categories")
        return self._long(self.some_rows(), others[0], weights, by)

    def _guessed(self, by: int | None) -> list[Tally]:
        """Wide, long with counts, or symbols: decided by which columns of the first rows hold numbers."""
        rows = self.some_rows()
        first = next(rows)
        free = [i for i in range(len(self.header)) if i != by]
        full = [row for row in first.rows if row]
        # One stray cell does not make names of a column of counts: it is told as a mistake where it stands.
        numeric = [i for i in free if 2 * sum(_is_number(row[i]) for row in full) > len(full)]
        names = [i for i in free if i not in numeric]
        rows = chain([first], rows)
        if len(free) == 1:
            return self._listed(rows, free[0], by) if numeric else self._long(rows, free[0], None, by)
        if len(numeric) == 1 and len(names) == 1:
            return self._long(rows, names[0], numeric[0], by)
        if len(numeric) > 1 and len(names) <= 1:
            return self._wide(rows, numeric, names[0] if names and by is None else by)
        raise self._doubt("symbols")

    def _long(self, parts: Iterator[_Rows], column: int, weights: int | None, by: int | None) -> list[Tally]:
        groups: dict[str, Counter[str]] = {}
        for some in parts:
            if by is None and weights is None:
                groups.setdefault("", Counter()).update([row[column] for row in some.rows if row])
            else:
                for place, row in enumerate(some.rows):
                    if row:
                        counter = groups.setdefault("" if by is None else row[by], Counter())
                        counter[row[column]] += 1 if weights is None else self._count(some, place, weights)
            if any("" in counter for counter in groups.values()):
                place = next(i for i, row in enumerate(some.rows) if row and not row[column])
                wrong = f"column '{self.header[column]}' is empty; leave such rows out"
                raise self.text.error(wrong, some.line(place))
        counted = f", counted by '{self.header[weights]}'" if weights is not None else ""
        read_as = f"the symbols of column '{self.header[column]}'{counted}"
        return [Tally.of(group, counts, read_as) for group, counts in groups.items()]

    def _listed(self, parts: Iterator[_Rows], column: int, by: int | None) -> list[Tally]:
        groups: dict[str, list[int]] = {}
        for some, place, row in _each(parts):
            groups.setdefault("" if by is None else row[by], []).append(self._count(some, place, column))
        read_as = f"one category in each row, counted by '{self.header[column]}'"
        return [_numbered(group, counts, read_as) for group, counts in groups.items()]

    def _wide(self, parts: Iterator[_Rows], columns: Sequence[int], by: int | None) -> list[Tally]:
        groups: dict[str, Counts] = {}
        for number, (some, place, row) in enumerate(_each(parts), start=1):
            counts = np.array([self._count(some, place, i) for i in columns], dtype=np.int64)
            group = f"row {number}" if by is None else row[by]
            groups[group] = groups[group] + counts if group in groups else counts
        labels = tuple(self.header[i] for i in columns)
        read_as = f"one sample in each row, its categories in {len(columns)} columns"
        alone = len(groups) == 1 and by is None
        return [
            Tally(group="" if alone else group, labels=labels, counts=counts, read_as=read_as)
            for group, counts in groups.items()
        ]

    def _frequencies(self) -> Tally:
        counts: list[int] = []
        for some, place, _ in _each(self.some_rows()):
            count, times = self._count(some, place, 0), self._count(some, place, 1)
            if len(counts) + times > _MOST_CATEGORIES:
                wrong = f"the table stands for more than {_MOST_CATEGORIES:,} categories"
                raise self.text.error(wrong, some.line(place))
            counts += [count] * times
        return _numbered("", counts, "how many categories occurred how often")

    def _count(self, some: _Rows, place: int, column: int) -> int:
        text = some.rows[place][column].strip()
        whole = text.partition(".")[0] if re.fullmatch(r"\d+\.0*", text) else text
        if not (whole.isascii() and whole.isdigit() and len(whole) < _DIGITS):
            wrong = f"column '{self.header[column]}': expected a whole number >= 0, got '{text[:60]}'"
            raise self.text.error(wrong, some.line(place))
        return int(whole)

    def _place(self, name: str) -> int:
        if name not in self.header:
            raise self.text.error(unknown("column", name, self.header))
        return self.header.index(name)

    def _doubt(self, what: str) -> ScenarioError:
        return self.text.error(f"which column holds the {what}? Choose one with --column: {', '.join(self.header)}")


class _Text:
    """A text that is read once, from the beginning, row by row or in pieces."""

    def __init__(self, name: str, handle: TextIO, size: int, on_bytes: OnBytes) -> None:
        self.name, self.handle = name, handle
        #: of the line read last, from 1
        self.number = 0
        self._header = 0
        self._size, self._on_bytes = size, on_bytes

    def error(self, message: str, number: int | None = None) -> ScenarioError:
        """A mistake in the file, in the line read last unless told otherwise."""
        return ScenarioError([f"{self.name}:{number or max(1, self.number)}: {message}"])

    def after_remarks(self) -> str:
        """The first line that is neither blank nor a remark (or its beginning, where it is very long)."""
        while line := self.handle.readline(_PIECE):
            self.number += 1
            if line.strip() and not line.startswith("#"):
                self._header = self.number
                return line
        raise ScenarioError([f"{self.name}: the file is empty"])

    def number_at(self, lines: int) -> int:
        """The number of the line so many below the header."""
        return self._header + lines

    def tell(self) -> None:
        """Tell how far the reading is."""
        if self._size > _PIECE:
            self._on_bytes(self.handle.buffer.raw.tell(), self._size)  # type: ignore[attr-defined]

    def pieces(self, first: str = "") -> Iterator[str]:
        """What follows, cut at blanks."""
        rest = first
        while piece := self.handle.read(_PIECE):
            self.tell()
            rest += piece
            end = max(rest.rfind(" "), rest.rfind("\n")) + 1
            yield rest[:end]
            rest = rest[end:]
        yield rest


def _each(parts: Iterator[_Rows]) -> Iterator[tuple[_Rows, int, list[str]]]:
    """Row by row, with its place."""
    return ((some, place, row) for some in parts for place, row in enumerate(some.rows) if row)


def _numbered(group: str, counts: list[int], read_as: str) -> Tally:
    labels = tuple(map(str, range(1, len(counts) + 1)))
    return Tally(group=group, labels=labels, counts=np.array(counts, dtype=np.int64), read_as=read_as)


def _text(pieces: Iterator[str], unit: str, name: str) -> Tally:
    counts: Counter[str] = Counter()
    for piece in pieces:
        folded = piece.casefold()
        counts.update(_WORD.findall(folded) if unit == "words" else filter(str.isalpha, folded))
    if not counts:
        raise ScenarioError([f"{name}: the text has no {unit}"])
    return Tally.of("", counts, f"{unit} of a text, capital and small alike")


def _tokens(pieces: Iterator[str], name: str, *, as_symbols: bool) -> Tally:
    """Tokens between blanks: counts where most of the first ones are numbers, else symbols."""
    counts: Counter[str] = Counter()
    numbers: list[int] = []
    counted: bool | None = False if as_symbols else None
    for piece in pieces:
        tokens = piece.split()
        if counted is None and tokens:
            counted = 2 * sum(map(_is_number, tokens)) > len(tokens)
        if not counted:
            counts.update(tokens)
            continue
        for token in tokens:
            if not (token.isascii() and token.isdigit() and len(token) < _DIGITS):
                place = f"{name}: number {len(numbers) + 1}"
                wanted = "expected a whole number >= 0 (or say --symbols)"
                raise ScenarioError([f"{place}: {wanted}, got '{token[:60]}'"])
            numbers.append(int(token))
    if not counted:
        return Tally.of("", counts, "symbols between blanks")
    return _numbered("", numbers, "counts, one for each category")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@contextmanager
def _opened(source: str, on_bytes: OnBytes) -> Iterator[_Text]:
    """A UTF-8 file to read; what goes wrong on the way is a ScenarioError."""
    name = "standard input" if source == "-" else source
    number = 0
    try:
        size = 0 if source == "-" else Path(source).stat().st_size
        with nullcontext(sys.stdin.buffer) if source == "-" else Path(source).open("rb") as raw:
            handle = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            text = _Text(name, handle, size, on_bytes)
            try:
                yield text
            finally:
                number = text.number
                handle.detach()  # standard input stays open
    except OSError as error:
        raise ScenarioError([f"{name}: {_reason(error)}"]) from None
    except UnicodeDecodeError:
        raise ScenarioError([f"{name}: not a text file (not UTF-8 after line {number})"]) from None
    except csv.Error as error:
        raise ScenarioError([f"{name}:{number}: not a table: {error}"]) from None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return "is a folder" if isinstance(error, IsADirectoryError) else (error.strerror or str(error)).lower()
