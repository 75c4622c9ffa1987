"""Two scores of each item, from columns of one table or of two tables with the same items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.number_format import counted
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_table
from mcdiv.files.counts.category_counts import label_of, pointed
from mcdiv.files.counts.layouts.choice import refuse_thousands
from mcdiv.files.counts.looked import Column, Looked, columns_named, look
from mcdiv.files.counts.missing import is_missing
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
    #: what of the files was left out, and an encoding that is not UTF-8; a clause each
    said: tuple[str, ...] = ()


@dataclass(slots=True)
class _Columns:
    """Columns of one table; a number that is missing is NaN, a label "", where these are to be left out."""

    scores: list[str]
    numbers: dict[str, Array] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


def read_scores(first: str, second: str | None, columns: ScoreColumns, reading: Reading | None = None) -> ScoresOfItems:
    """The scores of a file, or of two ("-" is standard input); a ScenarioError names file, line and column."""
    asked = replace(Reading() if reading is None else reading, by=None, table=True)
    if second is not None:
        return _of_two(first, second, columns, asked)
    if columns.item is not None:
        raise ScenarioError(["--item matches the rows of two files; there is one"])
    read = _read(first, columns, [columns.a, columns.b], asked)
    a, b = (read.numbers.pop(name) for name in read.scores)
    return _scores(read, a, b, (read.scores[0], read.scores[1]), columns)


def _of_two(first: str, second: str, columns: ScoreColumns, reading: Reading) -> ScoresOfItems:
    if first == second == "-":
        raise ScenarioError(["standard input is given twice; expected a file for one of the two"])
    one = _read(first, columns, [columns.a], reading)
    other = _read(second, columns, [columns.b or columns.a], reading, again=True)
    (a,), (b,) = one.scores, other.scores
    if first == second and a == b:
        raise ScenarioError([f"{first}: column '{a}' is given for both scores; expected two columns, or two files"])
    order = _order(first, second, one, other, columns)
    scores = one.numbers.pop(a), other.numbers.pop(b)[order]
    _check_same_items(first, second, one, other, order)
    names = (a, b) if a != b else (f"{a} ({first})", f"{b} ({second})")
    one.said += [f"{second}: {said}" for said in other.said]
    return _scores(one, *scores, names, columns)


def _scores(read: _Columns, a: Array, b: Array, names: tuple[str, str], columns: ScoreColumns) -> ScoresOfItems:
    groups = None if columns.by is None else read.labels[columns.by]
    sizes = None if columns.byte_counts is None else read.numbers[columns.byte_counts]
    lacking = np.isnan(a) | np.isnan(b)
    lacking |= False if groups is None else np.array([not group for group in groups])
    lacking |= False if sizes is None else np.isnan(sizes)
    if lacking.all():
        raise ScenarioError(["every item lacks a score"])
    lost = int(lacking.sum())
    return ScoresOfItems(
        a=a[~lacking],
        b=b[~lacking],
        groups=None if groups is None else [group for group, lack in zip(groups, lacking, strict=True) if not lack],
        byte_counts=None if sizes is None else sizes[~lacking],
        names=names,
        said=(*read.said, *([f"{counted(lost, 'item')} without a value left out"] if lost else [])),
    )


def _read(
    source: str, columns: ScoreColumns, scores: Sequence[str | None], reading: Reading, *, again: bool = False
) -> _Columns:
    """The columns of a file; of a second one (`again`), groups and bytes only where it has them."""

    def columns_of(table: Table) -> _Columns:
        named = [columns.by, columns.byte_counts]
        by, sizes = (None if again and name not in table.header else name for name in named)
        used = [name for name in (*scores, sizes, by, columns.item) if name is not None]
        # A layout of its own, as scores have no totals; no file is read differently for it.
        looked = look(table, replace(reading, layout="scores"), used)
        chosen = _chosen(looked, used, scores)
        numbers = [*chosen, *([] if sizes is None else [sizes])]
        labels = [name for name in (by, columns.item) if name is not None]
        if doubled := [name for i, name in enumerate(used) if name in used[:i]]:
            raise table.error(f"column '{doubled[0]}' is given for two things; expected a column for each")
        kept = replace(looked, columns=tuple(map(looked.column, numbers)))
        if reading.layout is None:
            refuse_thousands(kept, "--layout scores", ",")
        return _cells(looked, chosen, numbers, labels, columns.item)

    read, encoded = read_table(source, columns_of, reading)
    read.said += [encoded] if encoded else []
    return read


def _chosen(looked: Looked, used: Sequence[str], asked: Sequence[str | None]) -> list[str]:
    """The columns of scores: those named, and where some are not, the only ones that are left."""
    left = [column.name for column in looked.columns if column.name not in used]
    unnamed = sum(name is None for name in asked)
    if unnamed not in (0, len(left)):
        option = "--a and --b" if len(asked) > 1 else "--a (--b for the second file)"
        header = columns_named(looked.table)
        raise looked.table.error(f"which columns hold the scores? Choose them with {option}: {header}")
    names = [name if name is not None else left.pop(0) for name in asked]
    if len({*names}) < len(names):
        raise looked.table.error(f"column '{names[0]}' is given for both scores; expected two columns")
    return names


def _cells(looked: Looked, scores: list[str], numbers: list[str], labels: list[str], item: str | None) -> _Columns:
    parts: dict[str, list[Array]] = {name: [] for name in numbers}
    read = _Columns(scores=scores, labels={name: [] for name in labels}, said=looked.said)
    places = {name: looked.column(name) for name in (*numbers, *labels)}
    for some in looked.rows():
        for name in numbers:
            parts[name].append(_numbers(looked, some, places[name]))
        for name in labels:
            read.labels[name] += _labels(looked, some, places[name], needed=name == item)
    read.numbers = {name: np.concatenate(part) for name, part in parts.items()}
    return read


def _numbers(looked: Looked, some: Rows, column: Column) -> Array:
    cells = [row[column.place] for row in some.rows if row]
    try:
        found = np.array(cells, dtype=np.float64)
    except ValueError:
        found = np.array([_number(cell) for cell in cells])
    drop = looked.reading.missing == "drop"
    wrong = (i for i, cell in enumerate(cells) if not math.isfinite(found[i]) and not (drop and is_missing(cell)))
    if np.isfinite(found).all() or (first := next(wrong, None)) is None:
        return found
    place = [i for i, row in enumerate(some.rows) if row][first]
    cell = cells[first].strip()[:60]
    message = f"column '{column.name}'" + (f": expected a number, got '{cell}'" if cell else " has no number here")
    hint = "; leave such items out with --missing drop" if is_missing(cell) else ""
    raise looked.table.error_at(some, place, message + hint)


def _number(cell: str) -> float:
    """The number that a cell holds; NaN where it holds none."""
    try:
        return float(pointed(cell.strip()))
    except ValueError:
        return _TRUTH.get(cell.strip().casefold(), math.nan)


def _labels(looked: Looked, some: Rows, column: Column, *, needed: bool) -> list[str]:
    cells = [label_of(row[column.place].strip()) for row in some.rows if row]
    if all(cells) or (looked.reading.missing == "drop" and not needed):
        return cells
    place = next(i for i, row in enumerate(some.rows) if row and not row[column.place].strip())
    hint = "" if needed else "; leave such items out with --missing drop"
    raise looked.table.error_at(some, place, f"column '{column.name}' is empty here{hint}")


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
        both = enumerate(zip(here, there, strict=True))
        differing = next((i for i, pair in both if pair[0] != pair[1] and not any(map(_is_lacking, pair))), None)
        if differing is not None:
            said = f"item {differing + 1:,} has '{here[differing]}' in {first} and '{there[differing]}' in {second}"
            raise ScenarioError([f"column '{name}': {said}; expected the same items"])


def _is_lacking(value: str | float) -> bool:
    """Whether a cell is one that --missing leaves out."""
    return value == "" or value != value  # noqa: PLR0124  # NaN
