"""Exact mean and variance of additive statistics T = Σ_k f_k(n_k) of multinomial counts, for any K.

The mean is linear: E T = Σ_k E f_k(n_k), each over one binomial window. For the variance, multinomial
counts are Poisson counts given their sum: the law of (partial sum, partial T) is combined category by
category, and read off where the sum is N.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.binomial import binomial_window, poisson_window

#: multiplications that the variance may take
WORK_LIMIT = 2e9
_NEGLIGIBLE = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Categories that are alike: the same probability under P (and under Q, where there is one)."""

    p: float
    q: float | None
    #: how many categories
    size: int


def levels_of(p: Pmf, q: Pmf | None) -> list[Level]:
    """The categories that can occur, grouped by (p_k, q_k)."""
    pairs = np.stack([p, p if q is None else q])[:, p > 0]
    values, sizes = np.unique(pairs, axis=1, return_counts=True)
    return [
        Level(p=float(a), q=None if q is None else float(b), size=int(size))
        for (a, b), size in zip(values.T, sizes, strict=True)
    ]


Windows: TypeAlias = list[tuple[Level, Counts, Array]]


def windows_of(levels: list[Level], draws: int) -> Windows:
    """The binomial window of each level."""
    return [(level, *binomial_window(draws, level.p)) for level in levels]


def mean_of(term: Callable[[Counts, Level], Array], windows: Windows) -> float:
    """E Σ_k f(n_k, level of k): the sum over levels of the binomial expectation."""
    return sum(level.size * float(weights @ term(counts, level)) for level, counts, weights in windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Joint law of (sum, T) over some categories: probability, and first and second moment of T, by sum."""

    start: int
    mass: Array
    first: Array
    second: Array


def variance_of(term: Callable[[Counts, Level], Array], levels: list[Level], draws: int) -> float:
    """Var Σ_k f(n_k, level of k), or NaN where it would take more than WORK_LIMIT multiplications."""
    if _work(levels, draws) > WORK_LIMIT:
        return np.nan
    whole: _Part | None = None
    for level in levels:
        part = _power(_single(term, level, draws), level.size, draws)
        whole = part if whole is None else _combine(whole, part, draws)
    assert whole is not None  # P has at least one category
    at = draws - whole.start
    mean = whole.first[at] / whole.mass[at]
    return max(0.0, float(whole.second[at] / whole.mass[at] - mean**2))


def _single(term: Callable[[Counts, Level], Array], level: Level, draws: int) -> _Part:
    counts, mass = poisson_window(draws * level.p, draws)
    values = term(counts, level)
    # Measured from the mean, so that the second moment is the variance and not a small difference.
    window, weights = binomial_window(draws, level.p)
    values = values - float(weights @ term(window, level))
    return _trim(_Part(start=int(counts[0]), mass=mass, first=mass * values, second=mass * values**2))


def _combine(a: _Part, b: _Part, draws: int) -> _Part:
    size = draws + 1 - a.start - b.start  # sums above N cannot lead to N

    def convolve(x: Array, y: Array) -> Array:
        return np.convolve(x, y)[:size]

    return _trim(
        _Part(
            start=a.start + b.start,
            mass=convolve(a.mass, b.mass),
            first=convolve(a.first, b.mass) + convolve(a.mass, b.first),
            second=convolve(a.second, b.mass) + 2 * convolve(a.first, b.first) + convolve(a.mass, b.second),
        )
    )


def _power(part: _Part, times: int, draws: int) -> _Part:
    """The part of so many equal categories, by doubling."""
    if times == 1:
        return part
    half = _power(part, times // 2, draws)
    doubled = _combine(half, half, draws)
    return _combine(doubled, part, draws) if times % 2 else doubled


def _trim(part: _Part) -> _Part:
    """Drop the ends that carry next to nothing, and scale the rest: only ratios to the mass are ever used."""
    top = float(part.mass.max())
    kept = np.flatnonzero(part.mass > top * _NEGLIGIBLE)
    window = slice(int(kept[0]), int(kept[-1]) + 1)
    return _Part(
        start=part.start + window.start,
        mass=part.mass[window] / top,
        first=part.first[window] / top,
        second=part.second[window] / top,
    )


def _work(levels: list[Level], draws: int) -> float:
    width = min(draws, 25 * np.sqrt(draws) + 40)
    return float(
        sum(6 * width * (min(width, 25 * np.sqrt(draws * a.p) + 40) + width * np.log2(a.size)) for a in levels)
    )
