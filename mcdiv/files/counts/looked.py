"""What a table looks like before anything is decided: its columns, and which of them hold no counts and no symbols.

A layout is chosen by what is seen here (`layouts`). Left out, and said: row numbers, totals, bookkeeping of known
programs, and what --ignore names.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from shlex import quote

from mcdiv.core.catalogue import did_you_mean
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import COUNTING, Reading, count_of, is_number, label_of, pointed
from mcdiv.files.counts.table import ROWS, Rows, Table

#: rows by which totals are recognised; those below are held to them
_SEEN = 1000
#: layouts of a number for each category
OF_PMFS = ("weights", "probabilities", "logprobs", "logits")
#: names of a column that promise whole numbers
_WHOLE = {"n", "count", "counts"}
#: names of a column of row numbers; R calls one without a name X, pandas Unnamed: 0
_INDEX = {"", "unnamed: 0", "index", "rownames", "row names", "rowid", "rownum", "row number"}
#: of these, the ones that stand for no name
_NAMELESS = {"", "unnamed: 0"}
#: marks in names that stand for blanks
_MARKS = str.maketrans("#_.-", "    ")
#: names of sums
TOTALS = {"total", "totals", "sum", "sums", "grand total", "row total"}
#: what pandas calls them; a word, too
_MARGIN = "all"
#: columns that featureCounts writes beside the counts, and the one of the genes
_PLACES, _GENES = {"chr", "start", "end", "strand", "length"}, "geneid"
#: names of a column of shares, of an unknown number of draws
_SHARES = {"%", "percent", "percentage", "per cent", "pct", "share", "proportion", "fraction", "probability", "prob"}
_SHARES |= {"relative abundance", "relative frequency", "rel abundance", "rel freq", "tpm", "fpkm", "rpkm", "cpm"}
#: columns that describe the categories of a row, beside their name
_DESCRIBING = {"taxonomy", "consensus lineage", "consensuslineage", "lineage"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and its cells in the first rows."""

    place: int
    name: str
    cells: Sequence[str]
    #: how often each of them is there, in the order in which they first are
    times: Mapping[str, int]
    #: whether most of the cells are numbers: one that is none is a mistake, told where it stands
    numeric: bool

    @property
    def heading(self) -> str:
        """Its name as it is compared with known ones."""
        return " ".join(self.name.lower().translate(_MARKS).split())

    @property
    def is_count(self) -> bool:
        """Whether it is called a count."""
        return self.name.lower() in COUNTING or self.heading in COUNTING

    @property
    def is_share(self) -> bool:
        """Whether it is called a share."""
        return self.heading in _SHARES

    @property
    def decimal(self) -> bool:
        """Whether it holds numbers >= 0 of which one has decimals, and its name does not promise whole ones."""
        if not self.numeric or self.name.lower() in _WHOLE:
            return False
        numbers = [cell for cell in (pointed(cell.strip()) for cell in self.times) if is_number(cell)]
        return any(count_of(cell) is None for cell in numbers) and all(0 <= float(c) < math.inf for c in numbers)

    @property
    def repeats(self) -> bool:
        """Whether two of its cells are alike."""
        return len(self.times) < len(self.cells)

    @property
    def runs(self) -> bool:
        """Whether its cells are whole numbers of which each is one more than the one above."""
        first = count_of(self.cells[0])
        return first is not None and all(count_of(cell) == i for i, cell in enumerate(self.cells, start=first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A table with its first rows seen."""

    table: Table
    reading: Reading
    first: Rows
    rest: Iterator[Rows]
    #: those that may hold symbols or counts
    columns: tuple[Column, ...]
    #: the column of --by
    by: Column | None
    #: sums of the others, by the places of their columns
    totals: tuple[int, ...] = ()
    #: what was left out, a sentence each; the rows below may add to it
    said: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[Column]:
        """The columns of numbers."""
        return [column for column in self.columns if column.numeric]

    @property
    def names(self) -> list[Column]:
        """The other columns."""
        return [column for column in self.columns if not column.numeric]

    @property
    def beginning(self) -> "Looked":
        """The same table as if it ended below the first rows."""
        return replace(self, rest=iter(()), said=list(self.said))

    def rows(self) -> Iterator[Rows]:
        """All rows; a total that is none any more is an error."""
        return (
            map(self._held_to_totals, chain([self.first], self.rest)) if self.totals else chain([self.first], self.rest)
        )

    def column(self, name: str) -> Column:
        """The column of that name, free or not."""
        place = place_of(self.table, name)
        return next((c for c in self.columns if c.place == place), _column(self.table, self.first, place))

    def _held_to_totals(self, some: Rows) -> Rows:
        for total in self.totals:
            for i, row in enumerate(some.rows):
                others = (row[column.place] for column in self.numbers)
                if row and count_of(row[total].strip()) != sum(count_of(cell.strip()) or 0 for cell in others):
                    name = self.table.header[total]
                    wrong = f"column '{name}' is the sum of the others above, and here it is not"
                    raise self.table.error_at(some, i, f"{wrong}; leave it out with --ignore {quote(name)}")
        return some


def look(table: Table, reading: Reading, used: Sequence[str] = ()) -> Looked:
    """Read the first rows of a table, and see what holds no counts and no symbols; `used`: columns that are kept."""
    rest = table.some_rows()
    first = next((some for some in rest if some.cells(0)), None)
    if first is None:
        raise table.error("there are no rows below the header")
    by = None if reading.by is None else place_of(table, reading.by)
    ignored = {place_of(table, name) for name in reading.ignore}
    places = [place for place in range(len(table.header)) if place not in ignored and place != by]
    looked = Looked(
        table=table,
        reading=reading,
        first=first,
        rest=rest,
        columns=tuple(_column(table, first, place) for place in places),
        by=None if by is None else _column(table, first, by),
        said=[*table.said, *(f"column '{table.header[place]}' is ignored" for place in sorted(ignored))],
    )
    asked = (*used, reading.column, reading.weights, *(reading.spectrum or ()))
    named = {place_of(table, name) for name in asked if name is not None}
    return _without_totals(_without_index(_without_bookkeeping(looked, named), named), named)


def columns_named(table: Table) -> str:
    """The columns that an option can name."""
    return ", ".join(filter(None, table.header))


def place_of(table: Table, name: str) -> int:
    """Where the column of that name stands."""
    if label_of(name) not in table.header:
        raise table.error(did_you_mean("column", name, list(filter(None, table.header))))
    return table.header.index(label_of(name))


def _column(table: Table, first: Rows, place: int) -> Column:
    cells = first.cells(place)
    times = Counter(cells)
    numbers = sum(often for cell, often in times.items() if is_number(pointed(cell.strip())))
    return Column(place, table.header[place], cells, times, numeric=2 * numbers > len(cells))


def _without(looked: Looked, columns: Sequence[Column], why: str, totals: Sequence[Column] = ()) -> Looked:
    """The table without some of its columns, which is said."""
    left = {column.place for column in columns}
    return replace(
        looked,
        columns=tuple(column for column in looked.columns if column.place not in left),
        totals=(*looked.totals, *(column.place for column in totals)),
        said=[*looked.said, *(f"{called(column)} {why}: left out" for column in columns)],
    )


def _without_bookkeeping(looked: Looked, named: set[int]) -> Looked:
    """Without what mothur, QIIME and featureCounts write beside the counts."""
    headings = {column.heading for column in looked.columns}
    known = {"numotus"} & headings
    known |= {c.heading for c in looked.columns if known and c.heading == "label" and len({*c.cells}) == 1}
    texts = [column for column in looked.columns if not column.numeric or column.heading == "otu id"]
    known |= _DESCRIBING if len(texts) > 1 else set()
    known |= _PLACES if {*_PLACES, _GENES} <= headings else set()
    left = [column for column in looked.columns if column.heading in known and column.place not in named]
    return _without(looked, left, "describes the counts")


def _without_index(looked: Looked, named: set[int]) -> Looked:
    """Without row numbers, as R and pandas write them; beside nothing but a count they are the categories."""
    for column in looked.columns:
        called = column.heading in _INDEX or column.name == "X"
        if not called or column.place in named or _only_names_counts(looked, column, named):
            continue
        if _counts_up(column):
            return _without(looked, [column], f"has the row numbers{_seen(column)}")
        if not named and _may_name_rows(looked, column):
            return _without(
                looked, [column], f"has numbers that are all different{_seen(column)}, as names of rows are"
            )
    return looked


def _seen(column: Column) -> str:
    """Where that was looked up, if it may be otherwise below."""
    return f" in the first {ROWS:,} rows" if len(column.cells) >= ROWS else ""


def _may_name_rows(looked: Looked, column: Column) -> bool:
    """Whether it stands first without a name, before other numbers, and its own are whole and all different."""
    before_numbers = column.place == 0 and len(looked.numbers) > 1
    different = not column.repeats and None not in map(count_of, column.times)
    return column.heading in _NAMELESS and before_numbers and different


def _only_names_counts(looked: Looked, column: Column, named: set[int]) -> bool:
    """Whether it stands alone, or beside nothing but a count: then its numbers are the categories."""
    others = [other for other in looked.columns if other is not column]
    counts = looked.reading.layout in OF_PMFS or any(other.is_count or other.place in named for other in others)
    return not others or (len(others) == 1 and counts)


def _counts_up(column: Column) -> bool:
    """Whether its cells are 1, 2, 3, … or 0, 1, 2, …; of one row only where the column has no name."""
    return column.cells[0] in ("0", "1") and column.runs and (len(column.cells) > 1 or not column.name)


def _without_totals(looked: Looked, named: set[int]) -> Looked:
    """Without a column that is called a total and is one; what only may be one is a doubt, unless a layout is named."""
    numbers = [column for column in looked.numbers if column.place not in named]
    if len(numbers) < 3 or looked.reading.layout in ("draws", "counts", "spectrum", "scores"):
        return looked
    rows = [[count_of(cell.strip()) for cell in cells[:_SEEN]] for cells in (column.cells for column in numbers)]
    sums = [sum(value or 0 for value in row) for row in zip(*rows, strict=True) if None not in row]
    if len(sums) < len(rows[0]):  # what is no count has no sum
        return looked
    for column, values in zip(numbers, rows, strict=True):
        called = column.heading in {*TOTALS, _MARGIN} or column.is_count
        equal = any(sums) and all(value is not None and 2 * value == s for value, s in zip(values, sums, strict=True))
        if called and equal:
            return _without(looked, [column], "is the sum of the others", totals=[column])
        if looked.reading.layout is None and (column.heading in TOTALS or (equal and len(sums) > 2)):
            raise _doubtful_total(looked.table, column, is_sum=equal)
    return looked


def _doubtful_total(table: Table, column: Column, *, is_sum: bool) -> ScenarioError:
    wrong = "is the sum of the others in every row" if is_sum else "is not the sum of the others"
    leave = f"leave it out with --ignore {quote(column.name)}"
    return table.error(f"column '{column.name}' {wrong}; {leave}, or count it as a category by naming the --layout")


def called(column: Column) -> str:
    """What a message calls a column."""
    return f"column '{column.name}'" if column.name else "the column without a name"
