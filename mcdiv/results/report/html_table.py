"""Tables as the page shows them: columns with units, lines, and cells to the digits that their MCSE supports."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mcdiv.core.number_format import figure

#: lines of a table on the page; all of them are in its CSV file
MAX_LINES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in one key of a table."""

    text: str
    #: its MCSE, where it has one
    error: str = ""
    #: what the column is sorted by; None for what goes last
    key: float | str | None = None
    code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The head of a column."""

    head: str
    unit: str = ""
    #: what the head means, for whoever rests on it
    about: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table, shaded where it is as good as the best."""

    cells: Sequence[Cell]
    shaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlTable:
    """A table on the page."""

    #: name of the CSV file that holds all of it
    name: str
    caption: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    #: lines that the page leaves to the CSV file
    more: int = 0
    #: what a shaded line is, for whoever does not see the shade
    shade: str = ""


EMPTY = Cell(text="–")


def text_cell(text: str) -> Cell:
    """A cell of text."""
    return Cell(text=text, key=text)


def number_cell(value: float, form: str = "") -> Cell:
    """A cell of a number without an error: to six digits, or in a form."""
    if math.isnan(value):
        return EMPTY
    return Cell(text=form.format(value).replace("-", "−") if form else figure(value), key=value)


def without_empty_columns(table: HtmlTable) -> HtmlTable:
    """Without columns that have nothing to say in any line."""
    filled = [i for i, _ in enumerate(table.columns) if any(line.cells[i] != EMPTY for line in table.lines)]
    return replace(
        table,
        columns=[table.columns[i] for i in filled],
        lines=[replace(line, cells=[line.cells[i] for i in filled]) for line in table.lines],
    )


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
