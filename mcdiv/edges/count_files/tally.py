"""What a file comes to: how often each category occurred, and how the file is to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mcdiv.core.arrays import Counts

#: a count has fewer digits
DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read; what is left out is told by the file itself."""

    #: the column of the symbols, and the column of how often each row counts
    column: str | None = None
    weights: str | None = None
    #: the column whose values tell groups apart
    by: str | None = None
    text: Literal["letters", "words"] | None = None
    #: plain tokens are symbols also where they are whole numbers
    symbols: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often each category occurred in one group of observations."""

    #: what the group is called; empty where there is one alone
    group: str
    #: the categories; numbers from 1 where they have no names
    labels: tuple[str, ...]
    #: shape (K,)
    counts: Counts
    #: how the file was understood
    read_as: str

    @classmethod
    def of(cls, group: str, counts: Mapping[str, int], read_as: str) -> "Tally":
        """A tally that was collected category by category."""
        return cls(
            group=group, labels=tuple(counts), counts=np.array(list(counts.values()), dtype=np.int64), read_as=read_as
        )

    def ordered(self, labels: Sequence[str]) -> Counts:
        """The counts in the order of these categories, 0 where one did not occur."""
        if tuple(labels) == self.labels:
            return self.counts
        known = dict(zip(self.labels, self.counts.tolist(), strict=True))
        return np.array([known.get(label, 0) for label in labels], dtype=np.int64)


def numbered(group: str, counts: list[int], read_as: str) -> Tally:
    """A tally of categories without names."""
    labels = tuple(map(str, range(1, len(counts) + 1)))
    return Tally(group=group, labels=labels, counts=np.array(counts, dtype=np.int64), read_as=read_as)


def aligned(first: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The categories of both, the first ones before the others."""
    return tuple(dict.fromkeys([*first, *others]))


def is_number(text: str) -> bool:
    """Whether a cell or a token looks like a number, fitting or not."""
    try:
        float(text)
    except ValueError:
        return False
    return True
