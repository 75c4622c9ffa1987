"""Exact mean and variance of additive statistics T = Σ_k f_k(n_k) of multinomial counts, for any K.

The mean is linear: E T = Σ_k E f_k(n_k), each over one binomial window. For the variance, multinomial
counts are Poisson counts given their sum: the joint law of (sum, T) is built up over groups of categories,
and read off where the sum is N.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.binomial import binomial_window, poisson_window

#: multiplications that the variance may take
WORK_LIMIT = 2e9
_NEGLIGIBLE = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Counts that a category can have, and their probabilities, for each level: categories that are alike."""

    #: of each level, shape (L,): its probability under P, and under Q (P again where there is no Q)
    p: Array
    q: Array
    #: how many categories it stands for, shape (L,)
    size: NDArray[np.int64]
    #: one window after the other, shape (T,), and the level that each entry belongs to
    counts: Counts
    weights: Array
    level: NDArray[np.int64]
    #: N
    draws: int


#: f(counts, p, q), elementwise: what a category with these probabilities adds when it has so many draws
Term: TypeAlias = Callable[[Counts, Array, Array], Array]


def windows_of(p: Pmf, q: Pmf | None, draws: int) -> Windows:
    """The windows of all categories that can occur, grouped by (p_k, q_k)."""
    pairs, size = np.unique(np.stack([p, p if q is None else q])[:, p > 0], axis=1, return_counts=True)
    counts, weights = zip(*(binomial_window(draws, float(probability)) for probability in pairs[0]), strict=True)
    return Windows(
        p=pairs[0],
        q=pairs[1],
        size=size,
        counts=np.concatenate(counts),
        weights=np.concatenate(weights),
        level=np.repeat(np.arange(len(size)), [len(entry) for entry in counts]),
        draws=draws,
    )


def mean_of(values: Array, windows: Windows) -> float:
    """E Σ_k f(n_k), given f at every entry of the windows: every category's binomial expectation, summed."""
    return float((windows.weights * values * windows.size[windows.level]).sum())


def variance_of(term: Term, windows: Windows) -> float:
    """Var Σ_k f(n_k), or NaN where it would take more than WORK_LIMIT multiplications."""
    draws = windows.draws
    if _work(windows) > WORK_LIMIT:
        return np.nan
    parts = [_power(part, int(size), draws) for part, size in zip(_singles(term, windows), windows.size, strict=True)]
    # Neighbours have like probabilities: joined two by two, the parts grow together.
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [_combine(a, b, draws) for a, b in pairs] + parts[len(parts) // 2 * 2 :]
    whole = parts[0]
    at = draws - whole.start
    mean = whole.first[at] / whole.mass[at]
    return max(0.0, float(whole.second[at] / whole.mass[at] - mean**2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Joint law of (sum, T) over some categories: probability, and first and second moment of T, by sum."""

    start: int
    mass: Array
    first: Array
    second: Array


def _singles(term: Term, windows: Windows) -> list[_Part]:
    """The part of one category of each level."""
    found = [poisson_window(windows.draws * float(p), windows.draws) for p in windows.p]
    starts = np.cumsum([len(counts) for counts, _ in found])[:-1]
    level = np.repeat(np.arange(len(found)), [len(counts) for counts, _ in found])
    counts, mass = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    # Measured from the mean, so that the second moment is the variance and not a small difference.
    expected = windows.weights * term(windows.counts, windows.p[windows.level], windows.q[windows.level])
    values = term(counts, windows.p[level], windows.q[level]) - np.bincount(windows.level, expected)[level]
    columns = (np.split(column, starts) for column in (counts, mass, mass * values, mass * values**2))
    return [
        _trim(_Part(start=int(n[0]), mass=mass, first=first, second=second))
        for n, mass, first, second in zip(*columns, strict=True)
    ]


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


def _work(windows: Windows) -> float:
    """About how many multiplications `variance_of` takes: six convolutions, pair by pair and for every doubling."""
    rate = windows.draws * windows.p
    joined = np.minimum(windows.draws, 25 * np.sqrt(rate * windows.size) + 40)
    doublings = float((6 * joined**2).sum())
    width = min(windows.draws, 25 * np.sqrt(windows.draws) + 40)
    return float(doublings + (6 * width**2 + 150 * len(rate)) * np.log2(1 + len(rate)))
