"""What a reader returned → tallies, or the probabilities of a model: the same for every format."""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.batches import Batches
from mcdiv.files.counts.blanks import Blanks
from mcdiv.files.counts.category_counts import CategoryCounts, Reading, count_of, is_number, label_of, numbered, pointed
from mcdiv.files.counts.delimited import Delimited
from mcdiv.files.counts.frames import Frames
from mcdiv.files.counts.layouts.choice import summary, tallies_of_table
from mcdiv.files.counts.looked import OF_PMFS
from mcdiv.files.counts.successive import DrawsInOrder
from mcdiv.files.counts.table import Table, each_row

#: category and value, group by group
_Groups: TypeAlias = dict[str, list[tuple[Any, Any]]]
#: kinds of numbers that NumPy has
_NUMBERS = "iuf"


def tallies_of(contents: Any, reading: Reading, name: str) -> list[CategoryCounts]:
    """How often each category occurred, group by group: in a table, in counts by category or in an array."""
    if isinstance(contents, list) and contents and all(isinstance(each, CategoryCounts) for each in contents):
        return contents
    table = table_in(contents, name)
    if table is None and reading.layout in OF_PMFS:
        table, reading = _table_of_values(contents, reading, name)
    if table is not None:
        if wrong := reading.reason_unsupported(table=True):
            raise ScenarioError([f"{name}: {wrong}"])
        return tallies_of_table(table, reading)
    groups = _by_category(contents)
    of_arrays = reading.layout in ("draws", "counts", "sequence", "samples-in-rows", "samples-in-columns")
    fitting = {"--symbols"} | ({"--layout", "--order"} if of_arrays else set())
    for option in reading.options():
        if option not in fitting or groups is not None:
            kind = "an array" if groups is None else "counts by category"
            raise ScenarioError([f"{name}: {option} does not apply: the file holds {kind}"])
    if groups is None:
        return _of_array(contents, reading, name)
    return [CategoryCounts.of(group, _counted(pairs, name), "counts by category") for group, pairs in groups.items()]


def _table_of_values(contents: Any, reading: Reading, name: str) -> tuple[Table, Reading]:
    """Numbers by category or in an array, a row of it for each pmf, as a table with a row for each number."""
    import pandas as pd

    groups = _by_category(contents)
    if groups is None:
        array = np.asarray(contents)
        if array.dtype.kind not in _NUMBERS or array.ndim not in (1, 2):
            raise ScenarioError([f"{name}: expected numbers for --layout {reading.layout}, got {array.dtype}"])
        rows = np.atleast_2d(array)
        names = [f"row {i}" if len(rows) > 1 else "" for i in range(1, len(rows) + 1)]
        groups = {group: list(enumerate(row, 1)) for group, row in zip(names, rows.tolist(), strict=True)}
    cells = [(group, str(category), value) for group, pairs in groups.items() for category, value in pairs]
    frame = pd.DataFrame(cells, columns=["group", "category", "value"], dtype=object)
    if len(groups) > 1:
        return Frames(name, iter([frame])), replace(reading, by="group")
    return Frames(name, iter([frame[["category", "value"]]])), reading


def said_back(tallies: Sequence[CategoryCounts]) -> list[CategoryCounts]:
    """With how much they come to, and what was left out, behind how they were read."""
    more = f"; {summary(tallies)}"
    return [replace(tally, read_as="; ".join([tally.read_as + more, *tally.left_out])) for tally in tallies]


def model_of(contents: Any, name: str) -> dict[str, float]:
    """The probabilities of a table with two columns, or of values by category."""
    if (table := table_in(contents, name)) is not None:
        return _model_of_table(table)
    groups = _by_category(contents)
    if groups is None or len(groups) > 1:
        kind = "an array" if groups is None else f"{len(groups)} groups"
        raise ScenarioError([f"{name}: expected probabilities by category, got {kind}"])
    model: dict[str, float] = {}
    for pairs in groups.values():
        for key, value in pairs:
            if (label := label_of(str(key))) in model:
                raise ScenarioError([f"{name}: category '{label}' is there twice"])
            if not _is_probability(str(value)):
                raise ScenarioError([f"{name}: category '{label}': expected a probability, got '{str(value)[:60]}'"])
            model[label] = float(value)
    return model


def _model_of_table(table: Table) -> dict[str, float]:
    if len(table.header) != 2:
        raise table.error(f"expected two columns, category and probability, got {len(table.header)}")
    model: dict[str, float] = {}
    for some, place, (cell, value) in each_row(table.some_rows()):
        if (label := label_of(cell)) in model:
            raise table.error_at(some, place, f"category '{label}' is there twice")
        value = pointed(value.strip())  # noqa: PLW2901
        if not _is_probability(value):
            wrong = f"column '{table.header[1]}': expected a probability, got '{value[:60]}'"
            raise table.error_at(some, place, wrong)
        model[label] = float(value)
    return model


def _is_probability(text: str) -> bool:
    return is_number(text) and 0 <= float(text) <= 1


def table_in(contents: Any, name: str) -> Table | None:
    """What a reader returned as a table, where it is one."""
    if isinstance(contents, (Batches, Blanks, Delimited, Frames)):
        return contents
    pandas = sys.modules.get("pandas")  # who has a DataFrame has loaded it
    if pandas is not None and isinstance(contents, pandas.DataFrame):
        return Frames(name, iter([contents]))
    return Frames(name, _each_frame(contents, name)) if isinstance(contents, Iterator) else None


def _each_frame(contents: Iterator[Any], name: str) -> Iterator[Any]:
    for each in contents:
        pandas = sys.modules.get("pandas")
        if pandas is None or not isinstance(each, pandas.DataFrame):
            raise ScenarioError([f"{name}: its reader gives one {type(each).__name__} after the other, not DataFrames"])
        yield each


def _by_category(contents: Any) -> _Groups | None:
    """Values by category, or by group and category, where that is what was returned."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(contents, pandas.Series):
        return {"": list(contents.items())}
    if not isinstance(contents, Mapping):
        return None
    if contents and all(isinstance(each, Mapping) for each in contents.values()):
        return {str(group): list(each.items()) for group, each in contents.items()}
    return {"": list(contents.items())}


def _counted(pairs: list[tuple[Any, Any]], name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for key, value in pairs:
        count = count_of(str(value))
        if count is None:
            wrong = f"expected a whole number >= 0, got '{str(value)[:60]}'"
            wrong += "; say --layout weights if it is none" if _is_weight(value) else ""
            raise ScenarioError([f"{name}: category '{str(key)[:60]}': {wrong}"])
        counts[str(key)] += count
    return counts


def _is_weight(value: Any) -> bool:
    return isinstance(value, float) and 0 < value < math.inf


def _of_array(contents: Any, reading: Reading, name: str) -> list[CategoryCounts]:
    """Numbers are counts, a row for each sample; what are no numbers, or are said to be symbols, are draws."""
    array = np.asarray(contents)
    if array.ndim not in (1, 2):
        kind = f"{array.ndim} dimensions" if array.ndim else type(contents).__name__
        wanted = "a table, counts by category, or an array of one or two dimensions"
        raise ScenarioError([f"{name}: expected {wanted} from its reader, got {kind}"])
    if array.dtype.kind in _NUMBERS and not reading.symbols and reading.layout not in ("draws", "sequence"):
        return _of_numbers(array, name)
    if array.ndim == 2:
        raise ScenarioError([f"{name}: expected numbers in an array of two dimensions, or symbols in one dimension"])
    symbols = [str(each) for each in array.tolist()]
    if empty := [place for place, symbol in enumerate(symbols, start=1) if not symbol.strip()]:
        raise ScenarioError([f"{name}: symbol {empty[0]:,} is empty"])
    draws = DrawsInOrder(keep=reading.order is not None)
    draws.add(symbols)
    read_as = f"symbols, the first being '{''.join(symbols[:1])[:60]}'"
    return [CategoryCounts.of("", Counter(symbols), read_as, in_order=draws)]


def _of_numbers(array: "np.ndarray[Any, Any]", name: str) -> list[CategoryCounts]:
    wrong = np.argwhere(~(np.isfinite(array) & (array >= 0) & (array == np.floor(array))))
    if len(wrong):
        place = ", ".join(f"{what} {i + 1:,}" for what, i in zip(_PLACES[array.ndim], wrong[0].tolist(), strict=True))
        raise ScenarioError([f"{name}: {place}: expected a whole number >= 0, got {array[tuple(wrong[0])]}"])
    if array.ndim == 1:
        return [numbered("", map(int, array.tolist()), "counts, one for each category")]
    read_as = f"one sample in each row, its categories in {array.shape[1]:,} columns"
    rows = enumerate(array.tolist(), start=1)
    return [numbered(f"row {i}" if len(array) > 1 else "", map(int, row), read_as) for i, row in rows]


_PLACES = {1: ("number",), 2: ("row", "column")}
