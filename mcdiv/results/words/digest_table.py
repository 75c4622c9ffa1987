"""A table of the digest: its texts, and which of them are marked as the best."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from mcdiv.results.words.grid import spread

#: columns of numbers, one for each N, that a table has at most
MAX_SIZES = 6
#: stands before what is marked, where colour cannot
MARK = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTable:
    """Texts in lines and columns."""

    #: what it shows, in a word or two
    title: str
    #: the first `texts` of its columns are text, the others numbers
    header: tuple[str, ...]
    texts: int
    lines: tuple[tuple[str, ...], ...]
    #: (line, column) of what is marked
    marked: Collection[tuple[int, int]] = ()

    @property
    def printed(self) -> Sequence[tuple[str, ...]]:
        """The lines with their marks as text."""
        return [
            tuple(f"{MARK}{text}" if (i, j) in self.marked else text for j, text in enumerate(line))
            for i, line in enumerate(self.lines)
        ]

    @property
    def width(self) -> int:
        """How many letters its lines have, with two between columns."""
        return sum(max(map(len, column)) + 2 for column in zip(self.header, *self.printed, strict=True))


def fitting(sizes: Sequence[int], width: int, table: Callable[[Sequence[int]], DigestTable]) -> DigestTable:
    """The table of as many sizes as fit this width, of two at the least."""
    for most in range(MAX_SIZES, 2, -1):
        found = table(spread(sizes, most))
        if found.width <= width:
            return found
    return table(spread(sizes, 2))
