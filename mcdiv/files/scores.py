"""Two scores of each item, from columns of one table or of two tables with the same items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.catalogue import did_you_mean
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import table_of
from mcdiv.files.counts.category_counts import label_of
from mcdiv.files.counts.table import Rows, Table

_TRUTH = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreColumns:
    """Names of the columns; None where none is named."""

    a: str | None = None
    b: str | None = None
    by: str | None = None
    byte_counts: str | None = None
    #: of two files, what tells which rows are of the same item; None: their order
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresOfItems:
    """Two scores of each item; arrays of shape (n,)."""

    a: Array
    b: Array
    groups: list[str] | None
    byte_counts: Array | None
    #: what the scores are called, such as "nll_a" and "nll_b"
    names: tuple[str, str]


@dataclass(slots=True)
class _Columns:
    numbers: dict[str, Array] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)


def read_scores(first: str, second: str | None, columns: ScoreColumns) -> ScoresOfItems:
    """The scores of a file, or of two ("-" is standard input); a ScenarioError names file, line and column."""
    if second is not None:
        return _of_two(first, second, columns)
    if columns.item is not None:
        raise ScenarioError(["--item matches the rows of two files; there is one"])
    with table_of(first) as table:
        names = _chosen(table, columns, [columns.a, columns.b])
        read = _read(table, names, columns)
    a, b = (read.numbers[name] for name in names)
    return _scores(read, a, b, (names[0], names[1]), columns)


def _of_two(first: str, second: str, columns: ScoreColumns) -> ScoresOfItems:
    if first == second == "-":
        raise ScenarioError(["standard input is given twice; expected a file for one of the two"])
    with table_of(first) as table:
        (a,) = _chosen(table, columns, [columns.a])
        one = _read(table, [a], columns)
    with table_of(second) as table:
        (b,) = _chosen(table, columns, [columns.b or columns.a])
        if first == second and a == b:
            raise table.error(f"column '{a}' is given for both scores; expected two columns, or two files")
        by, sizes = (name if name in table.header else None for name in (columns.by, columns.byte_counts))
        other = _read(table, [b], ScoreColumns(by=by, byte_counts=sizes, item=columns.item))
    order = _order(first, second, one, other, columns)
    scores = one.numbers.pop(a), other.numbers.pop(b)[order]
    _check_same_items(first, second, one, other, order)
    names = (a, b) if a != b else (f"{a} ({first})", f"{b} ({second})")
    return _scores(one, *scores, names, columns)


def _scores(read: _Columns, a: Array, b: Array, names: tuple[str, str], columns: ScoreColumns) -> ScoresOfItems:
    return ScoresOfItems(
        a=a,
        b=b,
        groups=None if columns.by is None else read.labels[columns.by],
        byte_counts=None if columns.byte_counts is None else read.numbers[columns.byte_counts],
        names=names,
    )


def _chosen(table: Table, columns: ScoreColumns, asked: Sequence[str | None]) -> list[str]:
    """The columns of scores: those named, and where some are not, the only ones that are left."""
    taken = {*asked, columns.by, columns.byte_counts, columns.item}
    left = [name for name in table.header if name not in taken]
    unnamed = sum(name is None for name in asked)
    if unnamed not in (0, len(left)):
        option = "--a and --b" if len(asked) > 1 else "--a (--b for the second file)"
        raise table.error(f"which columns hold the scores? Choose them with {option}: {', '.join(table.header)}")
    names = [name if name is not None else left.pop(0) for name in asked]
    if len({*names}) < len(names):
        raise table.error(f"column '{names[0]}' is given for both scores; expected two columns")
    return names


def _read(table: Table, scores: Sequence[str], columns: ScoreColumns) -> _Columns:
    numbers = [*scores, *([columns.byte_counts] if columns.byte_counts is not None else [])]
    labels = [name for name in (columns.by, columns.item) if name is not None]
    used = [*numbers, *labels]
    if again := [name for i, name in enumerate(used) if name in used[:i]]:
        raise table.error(f"column '{again[0]}' is given for two things; expected a column for each")
    places = {name: _place(table, name) for name in used}
    parts: dict[str, list[Array]] = {name: [] for name in numbers}
    read = _Columns(labels={name: [] for name in labels})
    for some in table.some_rows():
        for name in numbers:
            parts[name].append(_numbers(table, some, places[name]))
        for name in labels:
            read.labels[name] += _labels(table, some, places[name])
    read.numbers = {name: np.concatenate(part) for name, part in parts.items()}
    return read


def _place(table: Table, name: str) -> int:
    if label_of(name) not in table.header:
        raise table.error(did_you_mean("column", name, table.header))
    return table.header.index(label_of(name))


def _numbers(table: Table, some: Rows, column: int) -> Array:
    cells = [row[column] for row in some.rows if row]
    try:
        found = np.array(cells, dtype=np.float64)
    except ValueError:
        found = np.array([_number(cell) for cell in cells])
    if np.isfinite(found).all():
        return found
    place = next(i for i, row in enumerate(some.rows) if row and not math.isfinite(_number(row[column])))
    cell = some.rows[place][column].strip()[:60]
    wrong = f"column '{table.header[column]}': expected a number, got '{cell}'"
    raise table.error_at(some, place, wrong if cell else f"column '{table.header[column]}' has no number here")


def _number(cell: str) -> float:
    """The number that a cell holds; NaN where it holds none."""
    try:
        return float(cell)
    except ValueError:
        return _TRUTH.get(cell.strip().casefold(), math.nan)


def _labels(table: Table, some: Rows, column: int) -> list[str]:
    cells = [label_of(row[column].strip()) for row in some.rows if row]
    if all(cells):
        return cells
    place = next(i for i, row in enumerate(some.rows) if row and not row[column].strip())
    raise table.error_at(some, place, f"column '{table.header[column]}' is empty here")


def _order(first: str, second: str, one: _Columns, other: _Columns, columns: ScoreColumns) -> list[int]:
    """Where the items of the first table are in the second."""
    sizes = [len(next(iter(read.numbers.values()))) for read in (one, other)]
    if columns.item is None:
        if sizes[0] != sizes[1]:
            wrong = (
                f"{first} has {sizes[0]:,} rows, {second} has {sizes[1]:,}; expected the same items in the same order"
            )
            raise ScenarioError([f"{wrong} (or a column that names the items, with --item)"])
        return list(range(sizes[0]))
    places = [{item: i for i, item in enumerate(read.labels[columns.item])} for read in (one, other)]
    for name, read, place in zip((first, second), (one, other), places, strict=True):
        if len(place) < len(items := read.labels[columns.item]):
            item = next(item for i, item in enumerate(items) if place[item] != i)
            raise ScenarioError(
                [f"{name}: column '{columns.item}' has '{item[:60]}' twice; expected a name for each item"]
            )
    for name, here, there in ((second, places[0], places[1]), (first, places[1], places[0])):
        if lost := [item for item in here if item not in there]:
            rest = f" ({len(lost):,} items are missing)" if len(lost) > 1 else ""
            raise ScenarioError(
                [f"{name}: there is no item '{lost[0][:60]}'{rest}; expected the same items in both files"]
            )
    return [places[1][item] for item in places[0]]


def _check_same_items(first: str, second: str, one: _Columns, other: _Columns, order: list[int]) -> None:
    """Where both tables have a column of groups or of bytes, it tells whether rows are of the same items."""
    pairs = [(name, labels, other.labels[name]) for name, labels in one.labels.items() if name in other.labels]
    pairs += [(n, x.tolist(), other.numbers[n].tolist()) for n, x in one.numbers.items() if n in other.numbers]
    for name, here, unordered in pairs:
        there = [unordered[i] for i in order]
        differing = next((i for i, pair in enumerate(zip(here, there, strict=True)) if pair[0] != pair[1]), None)
        if differing is not None:
            said = f"item {differing + 1:,} has '{here[differing]}' in {first} and '{there[differing]}' in {second}"
            raise ScenarioError([f"column '{name}': {said}; expected the same items"])
