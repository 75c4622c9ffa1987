"""What a file comes to: how often each category occurred, and how the file is to be read."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mcdiv.core.arrays import COUNT_LIMIT, Counts, Pmf, Shape
from mcdiv.files.counts.successive import DrawsInOrder

#: names of a column that says how often each row counts
COUNTING = ("count", "counts", "n", "frequency", "freq", "weight", "weights")
#: names of a column that holds the categories
NAMING = ("category", "categories", "symbol", "symbols", "label", "labels", "value", "values", "name", "names")
#: a number with all its digits, as numpy.savetxt has it; 1.2e+05 may be rounded
_ALL_DIGITS = re.compile(r"(\d)\.(\d+)[eE]\+?(\d{1,2})", re.ASCII)
#: what has more digits is no count, whatever it is
_DIGITS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read; what is left out is told by the file itself."""

    #: the column of the symbols, and the column of how often each row counts
    column: str | None = None
    weights: str | None = None
    #: the column whose values tell groups apart
    by: str | None = None
    text: Literal["letters", "words", "characters", "bytes"] | None = None
    #: plain tokens are symbols also where they are whole numbers
    symbols: bool = False
    #: what the rows and columns of a table are, by the name of a layout
    layout: str | None = None
    #: columns that are left out
    ignore: tuple[str, ...] = ()
    #: what becomes of cells such as NA
    missing: Literal["drop", "category"] | None = None
    #: the columns of how often, and of how many categories so often
    spectrum: tuple[str, str] | None = None
    #: N, where a file has weights or probabilities in place of counts
    draws: int | None = None
    #: whether probabilities that do not sum to 1 are divided by their sum
    normalise: bool = False
    #: how many draws before the next one belong to it; None where draws are taken one by one
    order: int | None = None
    #: whether it has to be a table, as a model is
    table: bool = False

    @property
    def names_columns(self) -> bool:
        """Whether what was asked makes sense of a table alone."""
        return self.table or bool(self.of_tables())

    def named_columns(self) -> set[str]:
        """The names of columns that were given."""
        return {*filter(None, (self.column, self.weights, self.by)), *self.ignore, *(self.spectrum or ())}

    def of_tables(self) -> list[str]:
        """The options that were given of those that are for tables alone."""
        tokens = self.layout in (None, "draws", "counts", "sequence")
        return [
            *(f"--{name}" for name in ("column", "weights", "by", "draws") if getattr(self, name) is not None),
            *(f"--{name}" for name in ("ignore", "spectrum") if getattr(self, name)),
            *([] if tokens else ["--layout"]),
        ]

    def options(self) -> list[str]:
        """The options of a command that were given."""
        names = ["column", "weights", "by", "text", "symbols", "layout", "ignore", "missing", "spectrum"]
        names += ["draws", "order"]
        return [f"--{name}" for name in names if getattr(self, name) not in (None, False, ())]

    def reason_unsupported(self, *, table: bool) -> str | None:
        """Why a table (or what is none) cannot be read like this, or None if it can."""
        plain = [f"--{name}" for name in ("text", "symbols") if getattr(self, name)]
        others = [*plain, *self.of_tables(), *(["--layout"] if self.layout in ("draws", "counts", "sequence") else [])]
        if plain and len(others) > 1:
            return f"{' and '.join(others[:2])} do not go together"
        if plain and table:
            return f"{plain[0]} is not for tables; choose the column of the symbols with --column"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCounts:
    """How often each category occurred in one group of observations."""

    #: what the group is called; empty where there is one alone
    group: str
    #: the categories; numbers from 1 where they have no names
    labels: tuple[str, ...]
    #: shape (K,)
    counts: Counts
    #: how the file was understood
    read_as: str
    #: whether the labels, or at least their order, tell which category is which
    told_apart: bool
    #: shape (K,): probabilities, where the file has these or weights, and nobody knows of how many draws; the counts
    #: are then 0
    pmf: Pmf | None = None
    #: what the file itself warns of
    caution: str = ""
    #: what of the file is not counted, a part of a sentence each
    left_out: tuple[str, ...] = ()
    #: shape (K, K): pairs of successive draws, the first in the rows, where the file has the draws one by one in few
    #: categories
    successors: Counts | None = None
    #: shape (N,): the place of each draw's category, −1 for one left out; None where the order was not asked for
    sequence: Counts | None = None
    #: how many draws X stands for, where the categories are pairs of these and the next draw
    order: int | None = None
    #: shape (K,): how many categories each count stands for, where these are too many to be listed; None: one
    multiplicity: Counts | None = None
    #: rows and columns, where the categories are the cells of a table, row by row
    shape: Shape | None = None

    @classmethod
    def of(
        cls,
        group: str,
        counts: Mapping[str, int],
        read_as: str,
        *,
        told_apart: bool = True,
        in_order: DrawsInOrder | None = None,
    ) -> "CategoryCounts":
        """A tally that was collected category by category; OverflowError where floats could not tell its draws."""
        total = sum(counts.values())
        if total >= COUNT_LIMIT:
            raise OverflowError(f"the counts add up to {total:.6g}; expected less than 2^53")
        merged: Counter[str] = Counter()
        for label, count in counts.items():
            merged[label_of(label)] += count
        return cls(
            group=group,
            labels=tuple(merged),
            counts=np.array(list(merged.values()), dtype=np.int64),
            read_as=read_as,
            told_apart=told_apart,
            successors=None if in_order is None else in_order.successors(merged, label_of),
            sequence=None if in_order is None else in_order.sequence(merged, label_of),
        )

    @classmethod
    def of_pmf(cls, group: str, labels: Sequence[str], pmf: Pmf, read_as: str) -> "CategoryCounts":
        """Probabilities of these categories, of an unknown number of draws."""
        nothing = np.zeros(len(labels), dtype=np.int64)
        return cls(group=group, labels=tuple(labels), counts=nothing, read_as=read_as, told_apart=True, pmf=pmf)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return int((self.counts if self.multiplicity is None else self.counts * self.multiplicity).sum())

    def sizes(self, labels: Sequence[str]) -> Counts:
        """The counts in the order of these categories; of probabilities, 1 where they are above 0."""
        pmf = self.pmf_over(labels, len(labels))
        return self.ordered(labels) if pmf is None else (pmf > 0).astype(np.int64)

    def pmf_over(self, labels: Sequence[str], size: int) -> Pmf | None:
        """The probabilities in the order of these categories, up to so many, 0 where there is none."""
        if self.pmf is None:
            return None
        known = dict(zip(self.labels, self.pmf.tolist(), strict=True))
        return np.array([known.get(label, 0.0) for label in labels] + [0.0] * (size - len(labels)))

    def ordered(self, labels: Sequence[str]) -> Counts:
        """The counts in the order of these categories, 0 where one did not occur."""
        if tuple(labels) == self.labels:
            return self.counts
        known = dict(zip(self.labels, self.counts.tolist(), strict=True))
        return np.array([known.get(label, 0) for label in labels], dtype=np.int64)


def numbered(group: str, counts: Iterable[int], read_as: str, *, told_apart: bool = True) -> CategoryCounts:
    """A tally of categories without names."""
    labelled = {str(number): count for number, count in enumerate(counts, start=1)}
    return CategoryCounts.of(group, labelled, read_as, told_apart=told_apart)


def label_of(text: str) -> str:
    """The name of a category: é is one letter, however it is written."""
    return unicodedata.normalize("NFC", text)


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


def pointed(text: str) -> str:
    """A number with a decimal comma as one with a point; any other text as it is."""
    fits = "," in text and re.fullmatch(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?", text)
    return text.replace(",", ".") if fits else text


def count_of(text: str) -> int | None:
    """The count that a cell or a token is (2.0, 2,0 and 2.00e+00 are one, 2,000 may be another), or None."""
    if (found := _ALL_DIGITS.fullmatch(text)) and not found[2][int(found[3]) :].strip("0"):
        text = found[1] + found[2][: int(found[3])] if len(found[2]) >= int(found[3]) else text
    whole = text if text.isdigit() or not re.fullmatch(r"\d+(\.0*|,00?)", text) else re.split("[.,]", text)[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= _DIGITS else None
