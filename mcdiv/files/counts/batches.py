"""Batches of Arrow as a table: a column is counted as it is, and a cell is made a text only where it is asked for."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading, label_of
from mcdiv.files.counts.table import Rows, twice

#: what pandas calls an index without a name
_INDEX = re.compile(r"__index_level_\d+__")


@contextmanager
def translated(path: Path, kind: str) -> Iterator[None]:
    """Whatever pyarrow cannot read is one line."""
    try:
        import pyarrow
    except ImportError:
        raise ScenarioError([f"{path}: {kind} needs pyarrow: pip install 'mcdiv[parquet]'"]) from None
    if kind == "Feather" and begins_with(path, b"FEA1"):
        raise ScenarioError([f"{path}: is version 1 of Feather; expected version 2, which pandas and R write today"])
    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        if isinstance(error, ScenarioError) or (isinstance(error, OSError) and error.strerror):
            raise
        told = " ".join(str(error).split()) or type(error).__name__
        raise ScenarioError([f"{path}: not a {kind} file that can be read: {told[:200]}"]) from None


def begins_with(path: Path, mark: bytes) -> bool:
    """Whether these are the first bytes of a file."""
    with path.open("rb") as handle:
        return handle.read(len(mark)) == mark


class Batches:
    """A table in batches of Arrow, an index without a name in front as in a CSV of pandas."""

    def __init__(self, path: Path, kind: str, batches: Iterator[Any], reading: Reading) -> None:
        self.path, self.kind, self._batches = path, kind, batches
        self.unnamed = ""
        self.said: Sequence[str] = ()
        with translated(path, kind):
            empty = next(batches)
            names = [name.strip() for name in empty.schema.names]
        self._places = sorted(range(len(names)), key=lambda place: _INDEX.fullmatch(names[place]) is None)
        self.header = ["" if _INDEX.fullmatch(names[place]) else label_of(names[place]) for place in self._places]
        _refuse_nested(empty.schema, names, reading, path)
        if not names:
            raise self.error("the table has no columns")
        if wrong := twice(self.header):
            raise self.error(wrong)

    def some_rows(self) -> Iterator[Rows]:
        """The rows, a batch at a time; there is at least one."""
        before = 0
        for batch in self._batches:
            if batch.num_rows:
                yield BatchRows(before, self, tuple(batch.column(place) for place in self._places))
                before += batch.num_rows
        if not before:
            raise self.error("the table has no rows")

    def error(self, message: str) -> ScenarioError:
        """A mistake in the columns."""
        return ScenarioError([f"{self.path}: {message}"])

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""
        return self.error(f"row {some.before + place + 1}: {message}")


@dataclass(frozen=True)
class BatchRows:
    """The rows of a batch; a cell is looked at where it is asked for."""

    before: int
    table: Batches
    columns: Sequence[Any]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells as texts, a missing one empty."""
        return list(map(list, zip(*map(self.cells, range(len(self.columns))), strict=True)))

    def cells(self, column: int) -> list[str]:
        """The cells of a column."""
        with translated(self.table.path, self.table.kind):
            return _texts(_readable(self.columns[column]))

    def tally(self, column: int) -> Counter[str]:
        """How often each cell of a column is there, in the order in which they first are."""
        with translated(self.table.path, self.table.kind):
            return _tally(_readable(self.columns[column]))


def _tally(column: Any) -> Counter[str]:
    from pyarrow import types

    if types.is_floating(column.type):  # 0.0 and −0.0 are one there, and two texts
        return Counter(_texts(column))
    counts = column.value_counts()
    found: Counter[str] = Counter()
    for cell, times in zip(_texts(counts.field("values")), counts.field("counts").to_pylist(), strict=True):
        found[cell] += times
    return found


def _texts(column: Any) -> list[str]:
    return ["" if cell is None or cell != cell else str(cell) for cell in column.to_pylist()]  # noqa: PLR0124  NaN


def _refuse_nested(schema: Any, names: Sequence[str], reading: Reading, path: Path) -> None:
    """A ScenarioError where a cell would hold several values."""
    from pyarrow import types

    for field, name in zip(schema, names, strict=True):
        kind = _kind(field.type)
        if types.is_nested(kind) and name not in reading.ignore:
            wrong = f"column '{name}' holds {kind}; expected a number or a text in each cell"
            raise ScenarioError([f"{path}: {wrong}; leave the column out with --ignore {name}"])


def _readable(column: Any) -> Any:
    """The same column, bytes as text."""
    from pyarrow import string, types

    kind = _kind(column.type)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return column.cast(kind).cast(string())
    return column


def _kind(kind: Any) -> Any:
    from pyarrow import types

    return kind.value_type if types.is_dictionary(kind) else kind
