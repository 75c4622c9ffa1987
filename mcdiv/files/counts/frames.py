"""DataFrames as a table: what a reader of a binary format, or of a library's, returns."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import label_of
from mcdiv.files.counts.table import ROWS, ListedRows, Rows, twice

if TYPE_CHECKING:
    import pandas as pd


class Frames:
    """DataFrames with the same columns, one below the other; their index is not read."""

    def __init__(self, name: str, frames: "Iterator[pd.DataFrame]", said: Sequence[str] = ()) -> None:
        self.name, self.unnamed = name, ""
        self.said: Sequence[str] = said
        first = next(frames, None)
        self._frames: Iterator[pd.DataFrame] = iter(()) if first is None else chain([first], frames)
        self.header = [] if first is None else _header(first)
        if not self.header:
            raise self.error("the table has no columns")
        if wrong := twice(self.header):
            raise self.error(wrong)

    def some_rows(self) -> Iterator[Rows]:
        """The rows, many at a time, each as wide as the header; there is at least one."""
        before = 0
        for frame in self._frames:
            if _header(frame) != self.header:
                raise self.error(f"below row {before} the columns are others: {', '.join(_header(frame))}")
            for start in range(0, len(frame), ROWS):
                rows = _rows(frame.iloc[start : start + ROWS])
                yield ListedRows(before, rows)
                before += len(rows)
        if not before:
            raise self.error("the table has no rows")

    def error(self, message: str) -> ScenarioError:
        """A mistake in the columns."""
        return ScenarioError([f"{self.name}: {message}"])

    def error_at(self, some: Rows, place: int, message: str) -> ScenarioError:
        """A mistake in one of some rows."""
        return self.error(f"row {some.before + place + 1}: {message}")


def _header(frame: "pd.DataFrame") -> list[str]:
    return [label_of(str(name).strip()) for name in frame.columns]


def _rows(frame: "pd.DataFrame") -> list[list[str]]:
    """The cells as texts, a missing one empty."""
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    return [list(row) for row in zip(*map(_cells, columns), strict=True)]


def _cells(column: Any) -> list[str]:
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    return ["" if missing else str(cell) for cell, missing in pairs]
