"""Many lines of a table at once, where every cell is as plain as it looks: counted by column, by pandas.

What the csv module would read in another way, such as a quote in a quoted cell or a line of another width, is not
plain: then the lines are left to it.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: characters that are looked at together
PIECE = 2**22
_NEWLINE, _QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True)
class PlainLines:
    """Lines that all have the same number of cells, without quotes, none of them blank."""

    before: int
    #: how many
    lines: int
    #: each ends with a line feed
    text: str
    delimiter: str
    width: int

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells, row by row."""
        return [line.split(self.delimiter) for line in self.text[:-1].split("\n")]

    def cells(self, column: int) -> list[str]:
        """The cells of a column."""
        return self.text[:-1].split("\n") if self.width == 1 else [row[column] for row in self.rows]

    def tally(self, column: int) -> Counter[str]:
        """How often each cell of a column is there, in the order in which they first are."""
        import pandas as pd

        frame = pd.read_csv(
            io.StringIO(self.text),
            sep=self.delimiter,
            header=None,
            names=range(self.width),
            usecols=[column],
            dtype=object,  # "category" would make numbers of categories that look like some
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            skip_blank_lines=False,
            low_memory=False,
        )
        codes, labels = pd.factorize(frame[column])
        return Counter(dict(zip(labels.tolist(), np.bincount(codes).tolist(), strict=True)))


def plain_lines(piece: str, delimiter: str, width: int, before: int) -> PlainLines | None:
    """Whole lines, where they are plain; None where they may not be."""
    if "\0" in piece or piece.startswith("\ufeff"):
        return None
    if "\r" in piece:
        if piece.count("\r") > piece.count("\r\n"):
            return None
        piece = piece.replace("\r\n", "\n")
    piece = piece if piece.endswith("\n") else piece + "\n"
    data = np.frombuffer(piece.encode(), dtype=np.uint8)
    if '"' in piece:
        if not _only_around_cells(data, delimiter):
            return None
        piece = piece.replace('"', "")
        data = np.frombuffer(piece.encode(), dtype=np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    longest = int(np.diff(ends, prepend=-1).max()) - 1
    if longest > csv.field_size_limit() or not _of_width(data, ends, delimiter, width):
        return None
    return PlainLines(before, len(ends), piece, delimiter, width)


def _of_width(data: NDArray[Any], ends: NDArray[Any], delimiter: str, width: int) -> bool:
    """Whether each line has so many cells, and is not blank."""
    marks = np.flatnonzero(data == ord(delimiter))
    if len(marks) != (width - 1) * len(ends):
        return False
    if width == 1:
        return int(np.diff(ends, prepend=-1).min()) > 1
    first, last = marks[:: width - 1], marks[width - 2 :: width - 1]
    return bool((last < ends).all() and (first[1:] > ends[:-1]).all())


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
