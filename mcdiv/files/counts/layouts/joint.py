"""The layout of a joint distribution: a contingency table, or a row for each pair."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from shlex import quote

from mcdiv.core.domains import MAX_ALPHABET
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import CategoryCounts, label_of
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import TOTALS, Column, Looked, called
from mcdiv.files.counts.missing import is_missing, missing_message
from mcdiv.files.counts.table import count_at, each_row


@dataclass(frozen=True, slots=True)
class _Table:
    """A contingency table: the column of the values of X, if it has one, and a column for each value of Y."""

    x: Column | None
    ys: list[Column]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A row for each pair: the columns of X and Y, and of how often the row counts."""

    x: Column
    y: Column
    weights: Column | None


def _meant(looked: Looked) -> _Table | _Pairs | str:
    """What the columns are, or why that is not clear."""
    if looked.reading.column is not None or looked.reading.weights is not None or len(looked.names) > 1:
        return _pairs(looked)
    if looked.by is not None:
        return "--by is for tables with a row for each pair; name X with --column"
    if len(looked.numbers) > 2 or (looked.names and len(looked.numbers) == 2):
        return _Table(next(iter(looked.names), None), looked.numbers)
    if looked.names and len(looked.columns) == 2 and not looked.numbers[0].is_count:
        return _pairs(looked)
    if len(looked.numbers) == 2:
        ways = "are X and Y with a row for each pair, or two values of Y with a row for each X"
        pairs = f"say --column {quote(looked.columns[0].name)} if they are pairs"
        return f"its two columns {ways}; {pairs}, or else name the values of X in a column before them"
    return "it has no two columns"


def _pairs(looked: Looked) -> _Pairs | str:
    weights = None if looked.reading.weights is None else looked.column(looked.reading.weights)
    named = None if looked.reading.column is None else looked.column(looked.reading.column)
    left = [c for c in looked.columns if all(c.place != other.place for other in (weights, named) if other is not None)]
    if weights is None:
        weights = next((column for column in left if column.is_count), None)
        left = [column for column in left if column is not weights]
    wanted = 2 if named is None else 1
    if len(left) != wanted:
        return (
            "which two columns hold X and Y, and which, if any, how often each row counts (--ignore leaves others out)?"
        )
    return _Pairs(named or left[0], left[-1], weights)


def _misfit(looked: Looked) -> str:
    meant = _meant(looked)
    if isinstance(meant, str):
        return meant
    if looked.reading.layout is None and not (isinstance(meant, _Table) and _is_square(meant)):
        return "the names of its rows are not those of its columns"
    return ""


def _is_square(table: _Table) -> bool:
    """Whether rows and columns have the same names, as in a confusion matrix."""
    return table.x is not None and {*map(label_of, table.x.cells)} == {y.name for y in table.ys}


@layout(
    "joint",
    misfit=_misfit,
    example=("hair.csv", "hair,hazel,blue\nblack,15,20\nfair,10,94\n", "--layout joint"),
    written_by="R's table(x, y), pandas' crosstab, SPSS; or two columns with a value of each variable",
)
def joint(looked: Looked) -> list[CategoryCounts]:
    """Counts of pairs (X, Y): a row for each X and a column for each Y, or a row for each pair."""
    meant = _meant(looked)
    assert not isinstance(meant, str)
    groups: dict[str, dict[tuple[str, str], int]] = {}
    if isinstance(meant, _Table):
        groups[""] = _cells(looked, meant)
    else:
        for group, pair, count in _each_pair(looked, meant):
            cells = groups.setdefault(group, {})
            cells[pair] = cells.get(pair, 0) + count
    if not groups:
        raise looked.table.error("every value is missing")
    return [_tally(looked, group, cells, meant) for group, cells in groups.items()]


def _cells(looked: Looked, meant: _Table) -> dict[tuple[str, str], int]:
    cells: dict[tuple[str, str], int] = {}
    rows: dict[str, None] = {}
    for some, place, row in each_row(looked.rows()):
        x = label_of(row[meant.x.place]) if meant.x else str(len(rows) + 1)
        if x in rows:
            raise looked.table.error_at(some, place, f"row '{x}' is there twice; each value of X has one")
        rows[x] = None
        if len(rows) * len(meant.ys) > MAX_ALPHABET:
            raise looked.table.error_at(some, place, f"there are more than {MAX_ALPHABET:,} pairs")
        for column in meant.ys:
            cells[x, column.name] = count_at(looked.table, some, place, column.place)
    last = next(reversed(rows))
    sums = {column.name: sum(cells[x, column.name] for x in rows) for column in meant.ys}
    called_so = len(rows) > 2 and last.strip().lower() in {*TOTALS, "all"}
    if called_so and all(2 * cells[last, y] == total for y, total in sums.items()):
        looked.said.append(f"the last row, '{last}', is the sum of the others: left out")
        return {pair: count for pair, count in cells.items() if pair[0] != last}
    return cells


def _each_pair(looked: Looked, meant: _Pairs) -> Iterator[tuple[str, tuple[str, str], int]]:
    """Group, pair and count of each row."""
    dropped = 0
    for some, place, row in each_row(looked.rows()):
        used = [column for column in (meant.x, meant.y, meant.weights) if column is not None]
        blank = next((column for column in used if is_missing(row[column.place])), None)
        if blank is not None and looked.reading.missing == "drop":
            dropped += 1
            continue
        if blank is not None and looked.reading.missing is None:
            raise _missing(looked, looked.table.error_at(some, place, ""), blank, row)
        x, y = (
            label_of(row[column.place]) if row[column.place].strip() else "(empty)" for column in (meant.x, meant.y)
        )
        count = 1 if meant.weights is None else count_at(looked.table, some, place, meant.weights.place)
        yield "" if looked.by is None else row[looked.by.place], (x, y), count
    if dropped:
        looked.said.append(f"{counted(dropped, 'row')} without a value left out")


def _missing(looked: Looked, at: ScenarioError, column: Column, row: list[str]) -> ScenarioError:
    return ScenarioError([f"{str(at).rstrip()} {called(column)} {missing_message(row[column.place])}"])


def _tally(looked: Looked, group: str, cells: dict[tuple[str, str], int], meant: _Table | _Pairs) -> CategoryCounts:
    """The table of all values of X and Y in a group, its cells row by row."""
    xs, ys = (list(dict.fromkeys(pair[i] for pair in cells)) for i in (0, 1))
    if len(xs) * len(ys) > MAX_ALPHABET:
        raise looked.table.error(f"{len(xs):,} values of X and {len(ys):,} of Y are more than {MAX_ALPHABET:,} pairs")
    labels = tuple(f"{x}, {y}" for x in xs for y in ys)
    if len({*labels}) < len(labels):
        raise looked.table.error("two pairs have the same name, as values of X and Y have commas in them")
    if isinstance(meant, _Table):
        kind = f"a table of counts with {counted(len(xs), 'row')} (X) and {counted(len(ys), 'column')} (Y)"
    else:
        by = "" if meant.weights is None else f", counted by '{meant.weights.name}'"
        kind = f"pairs of {called(meant.x)} (X, {len(xs):,} values) and {called(meant.y)} (Y, {len(ys):,} values){by}"
    counts = dict(zip(labels, (cells.get((x, y), 0) for x in xs for y in ys), strict=True))
    return replace(CategoryCounts.of(group, counts, kind), shape=(len(xs), len(ys)))
