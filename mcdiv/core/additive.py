"""Exact mean and variance of additive statistics T = Σ_k f_k(n_k) of multinomial counts, for any K.

The mean is linear: E T = Σ_k E f_k(n_k), each over one binomial window. For the variance, multinomial
counts are Poisson counts given their sum: the joint law of (sum, T) is built up over groups of categories,
and read off where the sum is N.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf, kinds_of
from mcdiv.core.binomial import (
    binomial_windows,
    poisson_limits,
    poisson_windows,
    similar_width,
    window_entries,
    window_pieces,
)
from mcdiv.core.rounding import sum_of

#: multiplications that the variance may take
WORK_LIMIT = 2e9
#: entries of windows that are held at once
PIECE = 2**18
_NEGLIGIBLE = 1e-30
#: laws that are convolved one by one: few, or wide ones
_FEW, _WIDE = 32, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Counts that the categories of some levels can have, and their probabilities."""

    #: of each level, shape (L,): its probability under P, and under Q (P again where there is no Q)
    p: Array
    q: Array
    #: how many categories it stands for, shape (L,)
    size: NDArray[np.int64]
    #: one window after the other, shape (T,), and the level that each entry belongs to
    counts: Counts
    weights: Array
    level: NDArray[np.int64]

    @property
    def pmfs(self) -> tuple[Array, Array]:
        """The probabilities of each entry's category, under P and under Q."""
        return self.p[self.level], self.q[self.level]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryLevels:
    """Categories that can occur, grouped by (p_k, q_k); for a sample of `draws`."""

    #: of each level, shape (L,): its probability under P, and under Q (P again where there is no Q)
    p: Array
    q: Array
    #: how many categories it stands for, shape (L,)
    size: NDArray[np.int64]
    #: N
    draws: int

    @property
    def entries(self) -> int:
        """How many counts the windows of all levels hold."""
        return window_entries(self.draws, self.p)

    def windows(self) -> Iterator[Windows]:
        """The windows of all levels, some levels at a time: a million of them at N = 10⁹ would take 15 GB."""
        for some in window_pieces(self.draws, self.p, PIECE):
            counts, weights, lengths = binomial_windows(self.draws, self.p[some])
            yield Windows(
                p=self.p[some],
                q=self.q[some],
                size=self.size[some],
                counts=counts,
                weights=weights,
                level=np.repeat(np.arange(len(lengths)), lengths),
            )


#: f(counts, p, q), elementwise: what a category with these probabilities adds when it has so many draws
Term: TypeAlias = Callable[[Counts, Array, Array], Array]


def levels_of(p: Pmf, q: Pmf | None, draws: int) -> CategoryLevels:
    """The levels of a pair of pmfs."""
    possible = p > 0
    first, second = p[possible], (p if q is None else q)[possible]
    one, kind = kinds_of(first, second)
    return CategoryLevels(p=first[one], q=second[one], size=np.bincount(kind), draws=draws)


def mean_of(values: Array, windows: Windows) -> float:
    """E Σ_k f(n_k), given f at every entry of the windows: every category's binomial expectation, summed."""
    weighted = windows.weights * values
    return sum_of(weighted if (windows.size == 1).all() else weighted * windows.size[windows.level])


def variance_of(term: Term, levels: CategoryLevels) -> float:
    """Var Σ_k f(n_k), or NaN where it would take more than WORK_LIMIT multiplications."""
    draws = levels.draws
    if _work(levels) > WORK_LIMIT:
        return np.nan
    groups = [_joined(group, draws) for group in _singles(term, levels)]
    while len(groups) > 1:
        pairs = zip(groups[::2], groups[1::2], strict=False)
        groups = [_combine(a, b, draws) for a, b in pairs] + groups[len(groups) // 2 * 2 :]
    whole = groups[0]
    mass, first, second = whole.law[:, 0, draws - int(whole.start[0])]
    return max(0.0, float(second / mass - (first / mass) ** 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """Joint laws of (sum, T), each over some categories."""

    #: sum that the first entry of each law stands for, shape (L,)
    start: NDArray[np.int64]
    #: probability up to a factor, and first and second moment of T times that, by sum; shape (3, L, W)
    law: Array


def _singles(term: Term, levels: CategoryLevels) -> Iterator[_Parts]:
    """The parts of one level after the other, some levels of similar width at a time."""
    # Measured from the mean, so that the second moment is the variance and not a small difference.
    means = np.concatenate([_means(term, windows) for windows in levels.windows()])
    rates = levels.draws * levels.p
    low, high = poisson_limits(rates, levels.draws)
    for rows in similar_width(high - low + 1, levels.size):
        counts, mass = poisson_windows(rates[rows], levels.draws)
        level = np.broadcast_to(np.arange(rows.start, rows.stop)[:, None], counts.shape)
        possible = np.clip(counts, 0, levels.draws).ravel()
        values = term(possible, levels.p[level].ravel(), levels.q[level].ravel()).reshape(counts.shape)
        values = np.where(mass > 0, values - means[rows, None], 0.0)
        parts = _trim(counts[:, 0], np.stack([mass, mass * values, mass * values**2]))
        yield _power(parts, int(levels.size[rows.start]), levels.draws)


def _means(term: Term, windows: Windows) -> Array:
    values = term(windows.counts, windows.p[windows.level], windows.q[windows.level])
    return np.asarray(np.bincount(windows.level, windows.weights * values), dtype=np.float64)


def _power(parts: _Parts, times: int, draws: int) -> _Parts:
    """The parts of so many equal categories, by doubling."""
    if times == 1:
        return parts
    half = _power(parts, times // 2, draws)
    doubled = _combine(half, half, draws)
    return _combine(doubled, parts, draws) if times % 2 else doubled


def _joined(parts: _Parts, draws: int) -> _Parts:
    """All parts as one. Neighbours have like probabilities: joined two by two, they grow together."""
    while len(parts.start) > 1:
        if len(parts.start) % 2:
            nothing = np.zeros((3, 1, parts.law.shape[2]))
            nothing[0, 0, 0] = 1
            parts = _Parts(start=np.append(parts.start, 0), law=np.concatenate([parts.law, nothing], axis=1))
        even, odd = (_Parts(start=parts.start[i::2], law=parts.law[:, i::2]) for i in (0, 1))
        parts = _combine(even, odd, draws)
    return parts


def _combine(a: _Parts, b: _Parts, draws: int) -> _Parts:
    start, law = a.start + b.start, _convolved(a.law, b.law)
    law *= start[:, None] + np.arange(law.shape[2]) <= draws  # sums above N cannot lead to N
    return _trim(start, law)


def _convolved(a: Array, b: Array) -> Array:
    """Law by law, shapes (3, L, W): the moments of a sum of two independent T."""
    if a.shape[1] < _FEW or min(a.shape[2], b.shape[2]) >= _WIDE:
        pairs = ((a[:, i], b[:, i]) for i in range(a.shape[1]))
        return np.stack([_convolved_one(one, other) for one, other in pairs], axis=1)
    a, b = (a, b) if a.shape[2] >= b.shape[2] else (b, a)
    law, width = np.zeros((*a.shape[:2], a.shape[2] + b.shape[2] - 1)), a.shape[2]
    for j in range(b.shape[2]):
        mass, first, second = b[:, :, j, None]
        law[:, :, j : j + width] += a * mass
        law[1, :, j : j + width] += a[0] * first
        law[2, :, j : j + width] += 2 * a[1] * first + a[0] * second
    return law


def _convolved_one(a: Array, b: Array) -> Array:
    def product(i: int, j: int) -> Array:
        return np.convolve(a[i], b[j])

    return np.stack([product(0, 0), product(1, 0) + product(0, 1), product(2, 0) + 2 * product(1, 1) + product(0, 2)])


def _trim(start: NDArray[np.int64], law: Array) -> _Parts:
    """Drop the ends that carry next to nothing, and scale the rest: only ratios to the mass are ever used."""
    top = law[0].max(axis=1)
    kept = law[0] > top[:, None] * _NEGLIGIBLE
    first, last = kept.argmax(axis=1), kept.shape[1] - 1 - kept[:, ::-1].argmax(axis=1)
    columns = first[:, None] + np.arange(int((last - first).max()) + 1)
    some = np.take_along_axis(law, np.minimum(columns, kept.shape[1] - 1)[None], axis=2)
    return _Parts(start=start + first, law=np.where(columns <= last[:, None], some, 0.0) / top[:, None])


def _work(levels: CategoryLevels) -> float:
    """About how many multiplications `variance_of` takes: six convolutions, pair by pair and for every doubling."""
    rate = levels.draws * levels.p
    joined = np.minimum(levels.draws, 25 * np.sqrt(rate * levels.size) + 40)
    doublings = float((6 * joined**2).sum())
    width = min(levels.draws, 25 * np.sqrt(levels.draws) + 40)
    return float(doublings + (6 * width**2 + 150 * len(rate)) * np.log2(1 + len(rate)))
