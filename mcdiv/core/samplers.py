"""Count vectors of N independent draws from a pmf, shape (R, K): three ways, each exact, chosen by N and K.

- category by category, each count a binomial given those before it: few categories (NumPy's multinomial);
- draw by draw from an alias table: few draws for each category;
- Poisson counts, which are multinomial given their sum, and an alias table for the draws still missing: many
  draws for each of many categories.

Every way reads its streams row after row, so fewer replicates from an equal generator are the first ones
of more. P with few distinct probabilities has a faster way still, in `levels`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator

from mcdiv.core.arrays import Array, Counts, Pmf

SamplingMethod: TypeAlias = Literal["categories", "draws", "poisson"]

#: draw by draw pays up to this many draws for each category, and this many categories at least
DRAWS_PER_CATEGORY, MIN_FOR_DRAWS = 4, 10
#: Poisson counts pay from so many categories on
MIN_FOR_POISSON = 100
#: Poisson counts aim this many standard deviations below N: more than N draws come once in a thousand rows
SHORTFALL = 3.0
#: draws, and counts, worked on at once: few enough to stay in the cache
_AT_ONCE = 2**16
#: an alias table's probabilities are whole multiples of one in so many, and sum to 1 with no error larger than this
_IN_ALL, _MAX_ERROR = 2**62, 1e-12


def draw_counts(
    p: Pmf, draws: int, replicates: int, generator: Generator, method: SamplingMethod | None = None
) -> Counts:
    """Counts of so many replicates, by the method that suits N and K unless one is named."""
    # NumPy wants sums of 1 within 1e-12, where a pmf may be off by 1e-9.
    p = p / p.sum()
    return _METHODS[method or choose_method(len(p), draws)](p, draws, replicates, generator)


def choose_method(categories: int, draws: int) -> SamplingMethod:
    """The fastest method for this many categories and draws, as measured for Zipf's law."""
    if categories >= MIN_FOR_DRAWS and draws <= DRAWS_PER_CATEGORY * categories:
        return "draws"
    return "poisson" if categories >= MIN_FOR_POISSON else "categories"


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasTable:
    """A pmf as equal cells, a power of two of them, each shared by at most two categories."""

    #: the part of each cell that belongs to the category of its own number, and who has the rest; shape (cells,)
    own: Array
    other: Counts

    @classmethod
    def of(cls, p: Pmf) -> "AliasTable":
        """Fill light cells from heavy ones, both in order: what is missing so far says which heavy one it is.

        In whole numbers, 2⁶² in all: rounded sums would differ in the last bit where they are equal, and name the
        wrong heavy cell.
        """
        cells = 1 << (len(p) - 1).bit_length()
        whole = _IN_ALL // cells
        parts = np.zeros(cells, dtype=np.int64)
        parts[: len(p)] = np.rint(p * (_IN_ALL / p.sum()))
        parts[parts.argmax()] += _IN_ALL - parts.sum()
        light, heavy = np.flatnonzero(parts < whole), np.flatnonzero(parts >= whole)
        missing, surplus = np.cumsum(whole - parts[light]), np.cumsum(parts[heavy] - whole)
        before = missing - (whole - parts[light])
        other = np.arange(cells)
        other[light] = heavy[np.searchsorted(surplus, before, side="right")]
        # A heavy cell fills a light one to the end, and is itself filled by the next with what it gave too much.
        given = np.append(0, missing)[np.searchsorted(before, surplus)]
        parts[heavy] = whole - (given - surplus)
        other[heavy[:-1]] = heavy[1:]
        table = cls(own=parts / whole, other=other)
        off = float(np.abs(table.law()[: len(p)] - p / p.sum()).sum())
        if not off <= _MAX_ERROR:
            raise ArithmeticError(f"an alias table of {len(p)} categories is off by {off:.3g} from its pmf")
        return table

    def law(self) -> Pmf:
        """The probability of each cell's category, shape (cells,): all its parts together."""
        whole = _IN_ALL // len(self.own)
        total = np.rint(self.own * whole).astype(np.int64)
        np.add.at(total, self.other, whole - total)  # the right side is there before anything is added
        return total / _IN_ALL

    def draw(self, draws: int, generator: Generator) -> Counts:
        """The categories of independent draws, one uniform number for each; shape (draws,)."""
        # The number of cells is a power of two, so that nothing of the uniform number is rounded away.
        position = generator.random(draws) * len(self.own)
        cell = position.astype(np.int64)
        position -= cell
        return np.where(position < self.own.take(cell), cell, self.other.take(cell))


def _by_category(p: Pmf, draws: int, replicates: int, generator: Generator) -> Counts:
    return generator.multinomial(draws, p, size=replicates)


def _by_draw(p: Pmf, draws: int, replicates: int, generator: Generator) -> Counts:
    return _draw_from_table(_table(p.tobytes()), len(p), np.full(replicates, draws), generator)


def _by_poisson(p: Pmf, draws: int, replicates: int, generator: Generator) -> Counts:
    thrower, redrawer = generator.spawn(2)
    rate = max(0.0, draws - SHORTFALL * draws**0.5)
    counts: Counts = generator.poisson(rate * p, size=(replicates, len(p)))
    missing = draws - counts.sum(axis=1)
    counts += _draw_from_table(_table(p.tobytes()), len(p), np.maximum(missing, 0), thrower)
    # Rows with too many draws are drawn anew: given that a row had at most N, it is multinomial, and so is a new one.
    over = np.flatnonzero(missing < 0)
    counts[over] = redrawer.multinomial(draws, p, size=len(over))
    return counts


@lru_cache(maxsize=2)
def _table(p: bytes) -> AliasTable:
    """The table of a pmf, kept from block to block: for a large alphabet it takes as long as some replicates."""
    return AliasTable.of(np.frombuffer(p))


def _draw_from_table(table: AliasTable, categories: int, draws: Counts, generator: Generator) -> Counts:
    """Counts (R, K) of so many draws for each row."""
    counts = np.empty((len(draws), categories), dtype=np.int64)
    size = max(1, _AT_ONCE // max(categories, int(draws.max(initial=0))))
    for first in range(0, len(draws), size):
        some = draws[first : first + size]
        cells = table.draw(int(some.sum()), generator)
        cells += np.repeat(np.arange(0, len(some) * categories, categories), some)
        tally = np.bincount(cells, minlength=len(some) * categories)
        counts[first : first + size] = tally.reshape(-1, categories)
    return counts


_METHODS = {"categories": _by_category, "draws": _by_draw, "poisson": _by_poisson}
