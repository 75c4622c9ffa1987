"""P with few distinct probabilities: how many categories were seen r times, drawn without drawing who they are.

N draws over m equally likely categories: m independent Poisson counts with a mean a little below N/m are one
multinomial draw over r = 0, 1, 2 …; given their sum they have the law of that many draws. The draws still missing,
some 3√N of them, are the same problem again, smaller by so much that a billion draws take five such steps; which
categories they meet is a draw without replacement. Nothing here takes longer for more categories or draws, but
for the range of r. Exact in law: Poisson probabilities below 1e-30 of the largest are left out, no more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.samplers import SHORTFALL

#: distinct probabilities that P may have, and draws for each category
MAX_LEVELS, MAX_DRAWS_PER_CATEGORY = 8, 500.0
#: categories that NumPy's hypergeometric law can take
MAX_CATEGORIES = 10**9
#: a level is drawn by fingerprint if it has more categories than this for every count that it can have
CATEGORIES_PER_COUNT = 8
#: all of it pays if there are this many times fewer columns than categories
GAIN = 4
#: replicates that are drawn together, whole: so that fewer are the first ones of more
BATCH = 1024
#: draws that are thrown one by one
_FEW = 96
_NEGLIGIBLE = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityLevels:
    """A pmf with few distinct probabilities."""

    #: each of them, and how many categories have it; shape (L,)
    p: Array
    size: Counts

    @classmethod
    def of(cls, p: Pmf) -> "ProbabilityLevels | None":
        """The levels of a pmf, or None if there are too many."""
        if np.unique(p[:: max(1, len(p) // 1024)]).size > MAX_LEVELS:
            return None
        values, size = np.unique(p, return_counts=True)
        return cls(p=values, size=size) if len(values) <= MAX_LEVELS else None

    def is_cheaper(self, draws: int) -> bool:
        """Whether fingerprints are less work than counts."""
        if self.size.max() > MAX_CATEGORIES:
            return False
        width = _width(draws * self.p)
        columns = np.minimum(self.size, CATEGORIES_PER_COUNT * width).sum()
        return bool(GAIN * columns <= self.size.sum() and self._by_fingerprint(draws).any())

    def _by_fingerprint(self, draws: int) -> Array:
        """Which levels are drawn by fingerprint; the others, category by category."""
        few = self.p * draws <= MAX_DRAWS_PER_CATEGORY
        return np.asarray(few & (self.size > CATEGORIES_PER_COUNT * _width(draws * self.p)))


def levels_if_cheaper(p: Pmf, draws: int) -> ProbabilityLevels | None:
    """The levels of a pmf if fingerprints are less work than counts, and None otherwise."""
    levels = ProbabilityLevels.of(p) if len(p) >= GAIN * CATEGORIES_PER_COUNT else None
    return levels if levels is not None and levels.is_cheaper(draws) else None


def draw_fingerprints(
    levels: ProbabilityLevels, draws: int, replicates: int, generator: Generator
) -> tuple[Counts, Array]:
    """Counts, shape (D,) or (R, D), and how many categories have them, shape (R, D).

    Fewer replicates from an equal generator are the first ones of more.
    """
    starts = range(0, replicates, BATCH)
    blocks = [_block(levels, draws, generator) for _ in starts]
    width = max(fingerprint.shape[1] for fingerprint, _ in blocks)
    fingerprint = np.concatenate([_widened(fingerprint, width) for fingerprint, _ in blocks])[:replicates]
    single = np.concatenate([single for _, single in blocks])[:replicates]
    values = np.arange(width)
    if not single.shape[1]:
        return values, fingerprint.astype(np.float64)
    counts = np.concatenate([np.broadcast_to(values, fingerprint.shape), single], axis=1)
    return counts, np.concatenate([fingerprint, np.ones(single.shape)], axis=1)


def _block(levels: ProbabilityLevels, draws: int, generator: Generator) -> tuple[Counts, Counts]:
    """BATCH replicates: how many categories of levels drawn by fingerprint met 0, 1, 2 … draws; all other counts."""
    shares = levels.p * levels.size
    share = generator.multinomial(draws, shares / shares.sum(), size=BATCH)
    fingerprint = np.zeros((BATCH, 1), dtype=np.int64)
    single = []
    for level, by_fingerprint in enumerate(levels._by_fingerprint(draws)):
        size = int(levels.size[level])
        if by_fingerprint:
            of_level = _fingerprints(share[:, level], size, generator)
            width = max(fingerprint.shape[1], of_level.shape[1])
            fingerprint = _widened(fingerprint, width) + _widened(of_level, width)
        else:
            single.append(generator.multinomial(share[:, level], np.full(size, 1 / size)))
    return fingerprint, np.concatenate([np.zeros((BATCH, 0), dtype=np.int64), *single], axis=1)


def _fingerprints(draws: Counts, size: int, generator: Generator) -> Counts:
    """How many of `size` equally likely categories met 0, 1, 2 … of each row's draws; (R,) → (R, J)."""
    if draws.max() <= _FEW:
        return _draw_uniform(draws, size, generator)
    rate = np.maximum(draws - SHORTFALL * np.sqrt(draws), 0.0) / size
    fingerprint = _poisson_fingerprints(rate, size, generator)
    values = np.arange(fingerprint.shape[1])
    over = np.flatnonzero(fingerprint @ values > draws)
    while over.size:  # once in a thousand rows
        again = _poisson_fingerprints(rate[over], size, generator)
        width = max(again.shape[1], fingerprint.shape[1])
        fingerprint, again, values = _widened(fingerprint, width), _widened(again, width), np.arange(width)
        fingerprint[over] = again
        over = over[again @ values > draws[over]]
    return _added(fingerprint, _fingerprints(draws - fingerprint @ values, size, generator), generator)


def _poisson_fingerprints(rate: Array, size: int, generator: Generator) -> Counts:
    """The same for independent Poisson counts: one multinomial draw per row, its likeliest cells first."""
    top = float(rate.max())
    values = np.arange(1, int(top + 14 * top**0.5 + 40))
    # Up to a factor, from the ratios of neighbours.
    weights = np.cumprod(np.concatenate([np.ones((len(rate), 1)), rate[:, np.newaxis] / values], axis=1), axis=1)
    largest = (weights / weights.max(axis=1, keepdims=True)).max(axis=0)
    order = np.argsort(-largest, kind="stable")
    order = order[largest[order] > _NEGLIGIBLE]
    weights = weights[:, order]
    tails = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    shares = np.divide(weights, tails, out=np.ones_like(weights), where=tails > 0)
    fingerprint = np.zeros((len(rate), int(order.max()) + 1), dtype=np.int64)
    rest = np.full(len(rate), size)
    for column, value in enumerate(order[:-1]):
        fingerprint[:, value] = generator.binomial(rest, shares[:, column])
        rest -= fingerprint[:, value]
        if not rest.any():
            break
    fingerprint[:, order[-1]] += rest
    return _trimmed(fingerprint)


def _added(fingerprint: Counts, more: Counts, generator: Generator) -> Counts:
    """Fingerprints of the sum of two independent samples: which categories met more, drawn without replacement."""
    total = np.zeros((len(fingerprint), fingerprint.shape[1] + more.shape[1] - 1), dtype=np.int64)
    waiting = fingerprint.copy()
    order = np.argsort(-fingerprint.sum(axis=0), kind="stable")
    for extra in range(more.shape[1] - 1, 0, -1):
        left, others = more[:, extra].copy(), waiting.sum(axis=1)
        for value in order:
            if not left.any():
                break
            others -= waiting[:, value]
            # NumPy takes fewer than 10⁹ of a kind; where all categories are of one kind, one less is no different.
            chosen = generator.hypergeometric(np.minimum(waiting[:, value], MAX_CATEGORIES - 1), others, left)
            total[:, value + extra] += chosen
            waiting[:, value] -= chosen
            left -= chosen
    total[:, : fingerprint.shape[1]] += waiting
    return _trimmed(total)


def _draw_uniform(draws: Counts, size: int, generator: Generator) -> Counts:
    """Fingerprints of few draws: thrown one by one, sorted, and runs of equal ones counted."""
    rows, most = len(draws), int(draws.max())
    drawn = generator.integers(size, size=(rows, most))
    # Draws that a row does not have lie apart from all others, each by itself.
    index = np.arange(most)
    drawn = np.sort(np.where(index < draws[:, np.newaxis], drawn, size + index), axis=1)
    first = np.ones((rows, most), dtype=bool)
    first[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    starts = np.flatnonzero(first)
    lengths = np.diff(starts, append=drawn.size)
    real = drawn.ravel()[starts] < size
    row, lengths = starts[real] // max(1, most), lengths[real]
    width = int(lengths.max(initial=0)) + 1
    fingerprint = np.bincount(row * width + lengths, minlength=rows * width).reshape(rows, width)
    fingerprint[:, 0] = size - fingerprint.sum(axis=1)
    return fingerprint


def _width(rate: Array) -> Array:
    """About how many counts a category can have with so many draws expected."""
    return np.asarray(rate + 8 * np.sqrt(rate) + 8)


def _widened(fingerprint: Counts, width: int) -> Counts:
    return np.pad(fingerprint, [(0, 0), (0, width - fingerprint.shape[1])])


def _trimmed(fingerprint: Counts) -> Counts:
    """Without the counts at the end that nobody has."""
    return fingerprint[:, : int(np.flatnonzero(fingerprint.any(axis=0))[-1]) + 1]
