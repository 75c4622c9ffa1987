"""Tables of categories with numbers that are no counts: the pmf that they are, or counts where N is said."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.number_format import counted, figure
from mcdiv.files.counts.category_counts import CategoryCounts, Reading, is_number, label_of, pointed
from mcdiv.files.counts.layouts.counts import category_and_number
from mcdiv.files.counts.layouts.long import refuse_nested
from mcdiv.files.counts.looked import OF_PMFS, Column, Looked
from mcdiv.files.counts.missing import is_missing, missing_message
from mcdiv.files.counts.table import each_row


def columns_of(looked: Looked) -> tuple[Column | None, Column] | None:
    """The column of the categories, if they have names, and that of the numbers; None where these are not clear.

    Of two columns of numbers, the first has the categories.
    """
    if found := category_and_number(looked):
        return found
    reading = looked.reading
    free = len(looked.columns) == 2 and reading.column is None and reading.weights is None
    return (looked.columns[0], looked.columns[1]) if free else None


def misfit(looked: Looked) -> str:
    """Why a table is none of categories with numbers; empty where it is one."""
    if _is_one_row(looked):
        return ""
    if not looked.numbers and looked.reading.weights is None:
        return "no column holds numbers"
    return "" if columns_of(looked) else "which column holds the categories, and which the numbers?"


def values_of(looked: Looked, accepts: Callable[[float], bool], expected: str) -> dict[str, dict[str, float]]:
    """The numbers by group and category, which is the number of the row where categories have no names."""
    if _is_one_row(looked):
        return {"": _of_one_row(looked, accepts, expected)}
    columns = columns_of(looked)
    assert columns is not None
    category, number = columns
    groups: dict[str, dict[str, float]] = {}
    rows: Counter[str] = Counter()
    dropped = 0
    for some, place, row in each_row(looked.rows()):
        group = "" if looked.by is None else row[looked.by.place]
        rows[group] += 1
        cell = str(rows[group]) if category is None else row[category.place]
        text = pointed(row[number.place].strip())
        if looked.reading.missing == "drop" and (is_missing(cell) or is_missing(text)):
            dropped += 1
            continue
        if category is not None and looked.reading.missing is None and is_missing(cell):
            raise looked.table.error_at(some, place, f"column '{category.name}' {missing_message(cell)}")
        if not is_number(text) or not accepts(float(text)):
            wrong = f"column '{number.name}': expected {expected}, got '{text[:60]}'"
            raise looked.table.error_at(some, place, wrong)
        found = groups.setdefault(group, {})
        if (label := label_of(cell)) in found:
            raise looked.table.error_at(some, place, f"category '{label}' is there twice")
        found[label] = float(text)
    refuse_nested(looked, (label for found in groups.values() for label in found))
    if dropped:
        looked.said.append(f"{counted(dropped, 'row')} without a value left out")
    return groups


def _is_one_row(looked: Looked) -> bool:
    """Whether there is nothing but one row of several numbers: the columns are the categories."""
    reading = looked.reading
    free = (reading.column, reading.weights, looked.by) == (None, None, None)
    one = len(looked.columns) > 1 and all(column.numeric and len(column.cells) == 1 for column in looked.columns)
    return free and reading.layout in OF_PMFS and one


def _of_one_row(looked: Looked, accepts: Callable[[float], bool], expected: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for column in looked.columns:
        text = pointed(column.cells[0].strip())
        if not is_number(text) or not accepts(float(text)):
            raise looked.table.error(f"column '{column.name}': expected {expected}, got '{text[:60]}'")
        found[label_of(column.name)] = float(text)
    looked.said.append("each column of the only row is a category")
    return found


def tallies(reading: Reading, groups: dict[str, tuple[list[str], Array]], read_as: str) -> list[CategoryCounts]:
    """Pmfs by group, or counts where the reading says of how many draws."""
    draws = reading.draws
    if draws is None:
        return [CategoryCounts.of_pmf(group, labels, pmf, read_as) for group, (labels, pmf) in groups.items()]
    found = []
    for group, (labels, pmf) in groups.items():
        counts = _rounded(pmf, draws)
        off = figure(float(np.abs(counts - draws * pmf).max()))
        said = f"{read_as}, times --draws and rounded (by {off} of a draw at most)"
        found.append(CategoryCounts.of(group, dict(zip(labels, counts.tolist(), strict=True)), said))
    return found


def _rounded(pmf: Array, draws: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """Whole numbers that sum to N: those with the largest remainders are rounded up."""
    exact = draws * pmf
    counts = np.floor(exact).astype(np.int64)
    up = np.argsort(counts - exact, kind="stable")[: draws - int(counts.sum())]
    counts[up] += 1
    return counts
