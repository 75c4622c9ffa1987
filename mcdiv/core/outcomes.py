"""Weighted outcomes: every possible count vector with its probability, or simulated ones.

Three ways to get them, one shape behind which they all look alike: `enumerate_outcomes` (weights are
probabilities), `multiplicities` (how many of R replicates had each of them, drawn at once),
`draw_outcomes` (individual replicates, weight 1).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import SFC64, Generator, SeedSequence
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf, Shape
from mcdiv.core.binomial import binomial_table, binomial_window
from mcdiv.core.levels import BATCH, ProbabilityLevels, draw_fingerprints, levels_if_cheaper
from mcdiv.core.samplers import draw_counts

#: outcomes are enumerated while their count vectors hold no more entries than this (count vectors × K)
ENUMERATION_LIMIT = 2**22
#: above this many draws an alphabet of three or more is not enumerated (a table of its square is needed)
TABLE_DRAWS = 2000
#: entries in the count vectors of one block of individual draws; threads share one interpreter, and wait for it more
#: often the smaller blocks are (B12 of the benchmarks)
BLOCK_ENTRIES = 2**19
#: replicates of the levels that together make R: see `multiplicities`. Levels end at 10^5, 10^6 … 10^9, so that
#: round numbers need no thinning; none may hold 10^9, which NumPy could not thin
FIRST_LEVEL, LEVEL_GROWTH, MAX_LEVEL = 10**5, 10, 9 * 10**8
#: numbers of outcomes that a float can hold are below this
_LARGEST = 2**1023


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Weighted outcomes of one condition."""

    #: draws from P, shape (R, K); with `multiplicity`, shape (R, D) or (D,)
    counts: Counts
    #: how many categories each count stands for, shape (R, D); None where it is one
    multiplicity: Array | None = None
    #: draws from Q when the model is sampled too, shape (R, K)
    counts_q: Counts | None = None
    #: probabilities, multiplicities or ones, shape (R,)
    weights: Array
    #: of a joint alphabet
    shape: Shape | None = None

    def where(self, kept: NDArray[np.bool_]) -> "Outcomes":
        """Some of the outcomes."""
        second = None if self.counts_q is None else self.counts_q[kept]
        return replace(self, counts=self.counts[kept], counts_q=second, weights=self.weights[kept])

    def at(self, row: int) -> "Outcomes":
        """One of the outcomes."""
        one, shared = slice(row, row + 1), self.multiplicity is not None and self.counts.ndim == 1
        return replace(
            self,
            counts=self.counts if shared else self.counts[one],
            multiplicity=None if self.multiplicity is None else self.multiplicity[one],
            counts_q=None if self.counts_q is None else self.counts_q[one],
            weights=self.weights[one],
        )


def stream(seed: int, *address: int) -> Generator:
    """The random stream at an address: randomness is addressed, not consumed, so that no result depends on another."""
    return Generator(SFC64(SeedSequence(seed, spawn_key=address)))


def enumerable(p: Pmf, draws: int, q: Pmf | None = None, draws_q: int | None = None) -> bool:
    """Whether `enumerate_outcomes` takes this condition."""
    return count_outcomes(p, draws, q, draws_q) * len(p) <= ENUMERATION_LIMIT


def count_outcomes(p: Pmf, draws: int, q: Pmf | None = None, draws_q: int | None = None) -> float:
    """How many outcomes `enumerate_outcomes` would list; inf where it takes no such condition."""
    return _vectors(p, draws) * (1.0 if q is None or draws_q is None else _vectors(q, draws_q))


def enumerate_outcomes(p: Pmf, draws: int, q: Pmf | None = None, draws_q: int | None = None) -> Outcomes:
    """Every outcome that can occur, with its probability.

    A coin's outcomes are those of the binomial window, which leaves out less than 1e-20.
    """
    counts, weights = _enumerate(p, draws)
    if q is None or draws_q is None:
        return Outcomes(counts=counts, weights=weights)
    counts_q, weights_q = _enumerate(q, draws_q)
    rows, rows_q = len(weights), len(weights_q)
    joint = np.multiply.outer(weights, weights_q).ravel()
    kept = joint > 0
    return Outcomes(
        counts=np.repeat(counts, rows_q, axis=0)[kept],
        counts_q=np.tile(counts_q, (rows, 1))[kept],
        weights=joint[kept],
    )


def multiplicities(weights: Array, replicates: int, seed: int, address: int) -> Array:
    """How many of R replicates had each outcome, given their probabilities, shape (rows,): one multinomial draw, any R.

    The replicates are drawn in levels of fixed size, each on its own stream, and a level that R ends
    within is drawn whole and then cut. So the replicates of a smaller R are among those of a larger one.
    """
    probabilities = weights / weights.sum()
    times = np.zeros(len(probabilities), dtype=np.int64)
    for index, (start, size) in enumerate(_levels(replicates)):
        generator = stream(seed, address, index)
        level = generator.multinomial(size, probabilities)
        if start + size > replicates:
            level = _first(replicates - start, size, level, generator)
        times += level
    return times.astype(np.float64)


def draw_outcomes(
    p: Pmf,
    draws: int,
    replicates: int,
    generator: Generator,
    q: Pmf | None = None,
    draws_q: int | None = None,
    shape: Shape | None = None,
) -> Outcomes:
    """Individual replicates. Fewer replicates from an equal generator are the first ones of more.

    Where P has few distinct probabilities, there is no model and the alphabet is not joint, columns stand for several
    categories: nothing that is asked of such a sample depends on which they are.
    """
    levels = levels_drawn(p, draws, q, shape)
    if levels is not None:
        counts, multiplicity = draw_fingerprints(levels, draws, replicates, generator)
        return Outcomes(counts=counts, multiplicity=multiplicity, weights=np.ones(replicates))
    if q is None or draws_q is None:
        counts = draw_counts(p, draws, replicates, generator)
        return Outcomes(counts=counts, weights=np.ones(replicates), shape=shape)
    second = generator.spawn(1)[0]
    return Outcomes(
        counts=draw_counts(p, draws, replicates, generator),
        counts_q=draw_counts(q, draws_q, replicates, second),
        weights=np.ones(replicates),
        shape=shape,
    )


def levels_drawn(p: Pmf, draws: int, q: Pmf | None = None, shape: Shape | None = None) -> ProbabilityLevels | None:
    """The levels of P where fingerprints are drawn, which do not tell the categories apart; None where counts are."""
    return levels_if_cheaper(p, draws) if q is None and shape is None else None


def block_size(p: Pmf, draws: int, q: Pmf | None = None, shape: Shape | None = None) -> int:
    """Replicates in a block of individual draws: fixed by the condition, so that more replicates keep the earlier."""
    if levels_drawn(p, draws, q, shape):
        return BATCH
    return max(1, BLOCK_ENTRIES // len(p))


def _first(wanted: int, size: int, level: NDArray[np.int64], generator: Generator) -> NDArray[np.int64]:
    """Outcomes of the first so many of a level's replicates.

    The level is halved again and again, always at the same places: so fewer are among more.
    """
    taken = np.zeros_like(level)
    while 0 < wanted < size:
        half, occupied = size // 2, np.flatnonzero(level)
        first = np.zeros_like(level)
        first[occupied] = generator.multivariate_hypergeometric(level[occupied], half, method="marginals")
        if wanted < half:
            level, size = first, half
        else:
            taken, level, size, wanted = taken + first, level - first, size - half, wanted - half
    return taken + level if wanted else taken


def _levels(replicates: int) -> Iterator[tuple[int, int]]:
    start, end = 0, FIRST_LEVEL
    while start < replicates:
        yield start, end - start
        start, end = end, min(end * LEVEL_GROWTH, end + MAX_LEVEL)


def _vectors(p: Pmf, draws: int) -> float:
    possible = int(np.count_nonzero(p > 0))
    if possible <= 1:
        return 1.0
    if possible == 2:
        return float(min(draws + 1, int(2 * (9.5 * math.sqrt(draws / 4) + 62))))
    ways = 0 if draws > TABLE_DRAWS else math.comb(draws + possible - 1, possible - 1)
    return float(ways) if 0 < ways < _LARGEST else math.inf


def _enumerate(p: Pmf, draws: int) -> tuple[Counts, Array]:
    """Count vectors (R, K) and their probabilities (R,)."""
    possible = np.flatnonzero(p > 0)
    if len(possible) == 1:
        compositions, weights = np.array([[draws]]), np.ones(1)
    elif len(possible) == 2:
        first, weights = binomial_window(draws, float(p[possible[0]]))
        compositions = np.stack([first, draws - first], axis=1)
    else:
        compositions, weights = _compositions(p[possible], draws)
    counts = np.zeros((len(weights), len(p)), dtype=np.int64)
    counts[:, possible] = compositions
    return counts, weights


def _compositions(p: Pmf, draws: int) -> tuple[Counts, Array]:
    """All ways to share the draws among three or more categories: category by category, each share a binomial."""
    rest = np.array([draws])
    weights = np.ones(1)
    columns: list[Counts] = []
    tails = np.cumsum(p[::-1])[::-1]
    for k in range(len(p) - 1):
        table = binomial_table(draws, min(1.0, float(p[k] / tails[k])))
        ways = rest + 1
        starts = np.repeat(np.cumsum(ways) - ways, ways)
        share = np.arange(len(starts)) - starts
        parent = np.repeat(np.arange(len(rest)), ways)
        weights = weights[parent] * table[rest[parent], share]
        columns = [column[parent] for column in columns] + [share]
        rest = rest[parent] - share
        kept = weights > 0
        weights, rest, columns = weights[kept], rest[kept], [column[kept] for column in columns]
    return np.stack([*columns, rest], axis=1), weights
