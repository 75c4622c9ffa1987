"""Many lines of a table at once, where every cell is as plain as it looks: counted by column, as bytes.

What the csv module would read in another way, such as a quote in a quoted cell or a line of another width, is not
plain: then the lines are left to it.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Counts
from mcdiv.files.counts.cells import cell_tally

#: characters that are looked at together
PIECE = 2**20
_NEWLINE, _QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True)
class PlainLines:
    """Lines that all have the same number of cells, without quotes, none of them blank."""

    before: int
    #: UTF-8; each line ends with a line feed
    data: bytes
    #: shape (lines, width): where each cell ends, at a delimiter or a line feed
    stops: Counts
    delimiter: str

    @property
    def lines(self) -> int:
        """How many."""
        return len(self.stops)

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells, row by row."""
        return [line.split(self.delimiter) for line in self._text_lines()]

    def cells(self, column: int) -> list[str]:
        """The cells of a column."""
        return self._text_lines() if self.stops.shape[1] == 1 else [row[column] for row in self.rows]

    def tally(self, column: int) -> Counter[str]:
        """How often each cell of a column is there, in the order in which they first are."""
        before = self.stops[:, column - 1] if column else np.append(-1, self.stops[:-1, -1])
        return cell_tally(self.data, before + 1, self.stops[:, column])

    def _text_lines(self) -> list[str]:
        return self.data[:-1].decode().split("\n")


def plain_lines(piece: str, delimiter: str, width: int, before: int) -> PlainLines | None:
    """Whole lines, where they are plain; None where they may not be."""
    if "\0" in piece or piece.startswith("\ufeff"):
        return None
    if "\r" in piece:
        if piece.count("\r") > piece.count("\r\n"):
            return None
        piece = piece.replace("\r\n", "\n")
    text = (piece if piece.endswith("\n") else piece + "\n").encode()
    if '"' in piece:
        if not _only_around_cells(np.frombuffer(text, dtype=np.uint8), delimiter):
            return None
        text = text.replace(b'"', b"")
    stops = _stops(np.frombuffer(text, dtype=np.uint8), delimiter, width)
    if stops is None:
        return None
    lengths = np.diff(stops[:, -1], prepend=-1) - 1
    blank = width == 1 and not lengths.all()
    return None if blank or lengths.max() > csv.field_size_limit() else PlainLines(before, text, stops, delimiter)


def _stops(data: NDArray[Any], delimiter: str, width: int) -> Counts | None:
    """Where each cell ends, line by line; None unless each line has so many cells."""
    newline = data == _NEWLINE
    places = np.flatnonzero(newline | (data == ord(delimiter)))
    if len(places) != width * np.count_nonzero(newline):
        return None
    stops = places.reshape(-1, width)
    return stops if newline[stops[:, -1]].all() else None


def _only_around_cells(data: NDArray[Any], delimiter: str) -> bool:
    """Whether each quote opens a cell or closes it, with no quote, delimiter or line break between the two."""
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    ends = (data == _NEWLINE) | (data == ord(delimiter))
    cell = np.cumsum(ends)
    after_end = (opening == 0) | ends[np.maximum(opening - 1, 0)]
    return bool(after_end.all() and ends[closing + 1].all() and (cell[opening] == cell[closing]).all())
