"""Numbers by category or in order, as a file has them: none is refused, whatever it may stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading, is_number
from mcdiv.files.counts.contract import reader_of
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.looked import look
from mcdiv.files.counts.text import OnBytes, opened
from mcdiv.files.counts.values import table_in

#: by category, by group and category, or in order
Numbers: TypeAlias = Mapping[str, float] | Mapping[str, Mapping[str, float]] | NDArray[np.float64]
_NOTHING: OnBytes = lambda done, total: None  # noqa: E731
#: what cuts a line of numbers
_MARKS = str.maketrans(",;\t", "   ")


def rows_of_numbers(source: str, encoding: str | None = None) -> NDArray[np.float64] | None:
    """A file of numbers and nothing else: a line or a column of them is one row; None where it holds anything else."""
    if "text" not in reader_of(source).takes:
        return None
    with opened(source, _NOTHING, encoding) as text:
        rows = []
        for line in text.lines():
            if (cells := line.translate(_MARKS).split()) and not line.startswith("#"):
                if not all(map(is_number, cells)):
                    return None
                rows.append([float(cell) for cell in cells])
                if len(rows[-1]) != len(rows[0]):
                    raise text.error(f"expected {len(rows[0])} numbers, as above, got {len(rows[-1])}")
    table = np.array(rows)
    return table.ravel() if 1 in table.shape else table


def numbers_in(contents: Any, reading: Reading, name: str) -> Numbers | None:
    """The numbers of what a reader returned; None where it holds counts or draws."""
    if (table := table_in(contents, name)) is not None:
        looked = look(table, replace(reading, layout=None))
        columns = valued.columns_of(looked)
        if columns is None or (columns[1].is_count and reading.layout is None):
            return None
        groups = valued.values_of(looked, lambda _: True, "a number")
        return groups if len(groups) > 1 else next(iter(groups.values()))
    if isinstance(contents, Mapping):
        return _by_category(contents, name)
    array = np.asarray(contents) if isinstance(contents, np.ndarray) else None
    return None if array is None or array.dtype.kind not in "iuf" else array.astype(np.float64)


def _by_category(contents: Mapping[Any, Any], name: str) -> Numbers:
    grouped = bool(contents) and all(isinstance(each, Mapping) for each in contents.values())
    groups = contents if grouped else {"": contents}
    for group in groups.values():
        for key, value in _pairs(group):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ScenarioError([f"{name}: category '{key[:60]}': expected a number, got '{str(value)[:60]}'"])
    read = {str(group): dict(_pairs(values)) for group, values in groups.items()}
    return read if grouped else read[""]


def _pairs(values: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    return ((str(key), value) for key, value in values.items())
