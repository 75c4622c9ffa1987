"""What a table counts: which of its columns hold categories, counts and groups, and what they add up to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import (
    COUNTING,
    CategoryCounts,
    Reading,
    count_of,
    is_number,
    label_of,
    numbered,
)

#: rows that are looked at together
ROWS = 2**16
_FREQUENCIES = ["count", "categories"]
#: names of columns that are said back
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table, an empty one for a blank line, and how many rows or lines are before them."""

    before: int
    rows: list[list[str]]


class Table(Protocol):
    """Rows of cells below the names of the columns, whatever format they are from."""

    header: list[str]

    def some_rows(self) -> Iterator[Rows]:
        """The rows, many at a time, each as wide as the header; there is at least one."""

    def error(self, message: str) -> ScenarioError:
        """A mistake in the names of the columns."""

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""


def twice(header: Sequence[str]) -> str:
    """What is wrong with names of columns of which one is there twice; empty if none is."""
    return next((f"column '{name}' is there twice" for name, times in Counter(header).items() if times > 1), "")


@dataclass(frozen=True, slots=True)
class Layout:
    """A table, and what was asked of it."""

    table: Table
    reading: Reading

    def tallies(self) -> list[CategoryCounts]:
        """What the table counts."""
        reading = self.reading
        by = None if reading.by is None else self._place(reading.by)
        if reading.column is None and reading.weights is None:
            return self._by_header(by) or self._guessed(by)
        weights = None if reading.weights is None else self._place(reading.weights)
        if reading.column is not None:
            return self._long(self.table.some_rows(), self._place(reading.column), weights, by)
        others = [i for i in range(len(self.table.header)) if i not in (weights, by)]
        if len(others) != 1:
            raise self._doubt("categories")
        return self._long(self.table.some_rows(), others[0], weights, by)

    def _by_header(self, by: int | None) -> list[CategoryCounts] | None:
        """What a table counts whose header says so, else None."""
        if self.table.header == _FREQUENCIES and by is None:
            return [self._frequencies()]
        free = [i for i in range(len(self.table.header)) if i != by]
        counting = [i for i in free if self.table.header[i].lower() in COUNTING]
        others = [i for i in free if i not in counting]
        if not counting or len(free) == 1:
            return None
        if len(counting) > 1 or len(others) > 1:
            wrong = f"which column holds the categories that '{self.table.header[counting[0]]}' counts?"
            choices = f"Say so with --column and --weights: {', '.join(self.table.header)}"
            raise self.table.error(f"{wrong} {choices} (or rename it, if it is a category itself)")
        return self._long(self.table.some_rows(), others[0], counting[0], by)

    def _guessed(self, by: int | None) -> list[CategoryCounts]:
        """Wide, long with counts, or symbols: decided by which columns of the first rows hold numbers."""
        rows = self.table.some_rows()
        first = next(rows)
        free = [i for i in range(len(self.table.header)) if i != by]
        full = [row for row in first.rows if row]
        # One stray cell does not make names of a column of counts: it is told as a mistake where it stands.
        numeric = [i for i in free if 2 * sum(is_number(row[i]) for row in full) > len(full)]
        names = sorted({*free} - {*numeric})
        rows = chain([first], rows)
        if len(free) == 1 and numeric:
            return self._listed(rows, free[0], by)
        if len(free) == 1:
            return self._named(self._long(rows, free[0], None, by), self.table.header[free[0]])
        if len(numeric) == 1 and len(names) == 1:
            return self._long(rows, names[0], numeric[0], by)
        if len(numeric) > 1 and len(names) <= 1:
            return self._wide(rows, numeric, names[0] if names and by is None else by)
        raise self._stray(first, names) or self._doubt("symbols")

    def _stray(self, some: Rows, columns: Sequence[int]) -> ScenarioError | None:
        """What is no number in a column that has numbers, too: a likelier mistake than a column of names."""
        for column in columns:
            strays = [place for place, row in enumerate(some.rows) if row and not is_number(row[column])]
            if len(strays) < sum(map(bool, some.rows)):
                cell = some.rows[strays[0]][column][:60]
                wrong = f"column '{self.table.header[column]}' has numbers, and here it has '{cell}'"
                choices = f"if it holds the symbols, say so with --column: {', '.join(self.table.header)}"
                return self.table.error_at(some, strays[0], f"{wrong}; {choices}")
        return None

    def _named(self, tallies: list[CategoryCounts], name: str) -> list[CategoryCounts]:
        """Symbols whose column has a name: the first of them may only stand where it belongs."""
        if any(name in tally.labels for tally in tallies):
            wrong = f"'{name}' is a symbol as well as the column's name"
            raise self.table.error(f"{wrong}; put a header above, or say --column {name} if it is one")
        return tallies

    def _long(self, parts: Iterator[Rows], column: int, weights: int | None, by: int | None) -> list[CategoryCounts]:
        groups: dict[str, Counter[str]] = {}
        for some in parts:
            if by is None and weights is None:
                groups.setdefault("", Counter()).update([row[column] for row in some.rows if row])
            else:
                for place, row in enumerate(some.rows):
                    if row:
                        counter = groups.setdefault("" if by is None else row[by], Counter())
                        counter[row[column]] += 1 if weights is None else self._count(some, place, weights)
            if any(not label.strip() for counter in groups.values() for label in counter):
                place = next(i for i, row in enumerate(some.rows) if row and not row[column].strip())
                wrong = f"column '{self.table.header[column]}' is empty; leave such rows out"
                raise self.table.error_at(some, place, wrong)
        counted = f", counted by '{self.table.header[weights]}'" if weights is not None else ""
        read_as = f"the symbols of column '{self.table.header[column]}'{counted}"
        return [CategoryCounts.of(group, counts, read_as) for group, counts in groups.items()]

    def _listed(self, parts: Iterator[Rows], column: int, by: int | None) -> list[CategoryCounts]:
        groups: dict[str, list[int]] = {}
        for some, place, row in each_row(parts):
            groups.setdefault("" if by is None else row[by], []).append(self._count(some, place, column))
        read_as = f"one category in each row, counted by '{self.table.header[column]}'"
        return [numbered(group, counts, read_as) for group, counts in groups.items()]

    def _wide(self, parts: Iterator[Rows], columns: Sequence[int], by: int | None) -> list[CategoryCounts]:
        for column in columns:
            if not self.table.header[column]:
                raise self.table.error(f"column {column + 1} has no name, and is a category")
        groups: dict[str, Counter[str]] = {}
        for number, (some, place, row) in enumerate(each_row(parts), start=1):
            counter = groups.setdefault(f"row {number}" if by is None else row[by], Counter())
            for column in columns:
                counter[self.table.header[column]] += self._count(some, place, column)
        named = ", ".join(self.table.header[i] for i in columns[:_SHOWN]) + ", …" * (len(columns) > _SHOWN)
        read_as = f"one sample in each row, its categories in {len(columns)} columns: {named}"
        alone = len(groups) == 1 and by is None
        return [CategoryCounts.of("" if alone else group, counts, read_as) for group, counts in groups.items()]

    def _frequencies(self) -> CategoryCounts:
        counts: list[int] = []
        for some, place, _ in each_row(self.table.some_rows()):
            count, times = self._count(some, place, 0), self._count(some, place, 1)
            if len(counts) + times > MAX_ALPHABET:
                wrong = f"the table stands for more than {MAX_ALPHABET:,} categories"
                raise self.table.error_at(some, place, wrong)
            counts += [count] * times
        return numbered("", counts, "how many categories occurred how often", told_apart=False)

    def _count(self, some: Rows, place: int, column: int) -> int:
        text = some.rows[place][column].strip()
        count = count_of(text)
        if count is None:
            wrong = f"column '{self.table.header[column]}': expected a whole number >= 0, got '{text[:60]}'"
            raise self.table.error_at(some, place, wrong)
        return count

    def _place(self, name: str) -> int:
        if label_of(name) not in self.table.header:
            raise self.table.error(did_you_mean("column", name, self.table.header))
        return self.table.header.index(label_of(name))

    def _doubt(self, what: str) -> ScenarioError:
        choices = ", ".join(self.table.header)
        return self.table.error(f"which column holds the {what}? Choose one with --column: {choices}")


def each_row(parts: Iterator[Rows]) -> Iterator[tuple[Rows, int, list[str]]]:
    """Row by row, with its place."""
    return ((some, place, row) for some in parts for place, row in enumerate(some.rows) if row)
