"""A comparison in which nothing differs: what is drawn, and what a category adds to the statistic at its counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.binomial import poisson_windows
from mcdiv.significance.statistics import STATISTICS, against_pmf, of_tables, terms_against, terms_of_tables

#: quotients that differ by no more are equal but for roundings
_ROUNDING = 4e-16
#: more than any window reaches
_UNBOUNDED = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class NullDesign:
    """N draws from the reference, compared with the reference itself or with M more draws from it."""

    statistic: str
    #: the reference, shape (K,); every entry positive
    p: Pmf
    draws: int
    #: M, where the reference is seen through a second sample only
    second: int | None = None
    #: of "psi": shares below it count as this share, on both sides
    floor: float = 0.0

    @property
    def can_be_infinite(self) -> bool:
        """Whether the statistic is infinite where a category was not seen."""
        return not self.floor and (self.statistic == "psi" or (self.statistic == "kl" and self.second is not None))


def terms_of(design: NullDesign, category: NDArray[np.int64] | int, counts: Counts, others: Counts | None) -> Array:
    """What a category adds at counts n (and m), elementwise; inf where that is infinite."""
    if design.second is None or others is None:
        return _against_reference(design, counts, np.broadcast_to(design.p[category], counts.shape))
    if design.floor:
        return _with_floor(counts / design.draws, others / design.second, design.floor)
    tables = np.stack([counts.ravel(), others.ravel()])
    terms = terms_of_tables(design.statistic, tables, np.array([design.draws, design.second]))
    return np.asarray(terms).reshape(counts.shape)


def _against_reference(design: NullDesign, counts: Counts, p: Array) -> Array:
    shares = counts / design.draws
    if design.floor:
        return _with_floor(shares, p, design.floor)
    terms = terms_against(design.statistic, counts, p, design.draws)
    # 3 of 10 draws agree with a probability of 0.1 + 0.2, which is not 0.3.
    return np.where(np.abs(shares - p) <= _ROUNDING * p, 0.0, terms)


def _with_floor(p: Array, q: Array, floor: float) -> Array:
    return STATISTICS["psi"].terms(np.maximum(p, floor), np.maximum(q, floor))


def observed_value(design: NullDesign, counts: Counts, reference: Counts) -> float:
    """The statistic of counts (K,) against a reference sample (K,), or against its shares where these are known."""
    if design.floor:
        return float(_with_floor(counts / counts.sum(), reference / reference.sum(), design.floor).sum())
    if design.second is None:
        return float(against_pmf(design.statistic, counts, reference / reference.sum()))
    return float(of_tables(design.statistic, np.stack([counts, reference])))


def poisson_pmf(counts: Counts, mean: float) -> Array:
    """Probabilities of Poisson counts (C,), from ratios of neighbours; mean > 0."""
    windows, weights = poisson_windows(np.array([mean]), _UNBOUNDED)
    window, pmf = windows[0], weights[0] / weights[0].sum()
    places = counts - window[0]
    inside = (places >= 0) & (places < len(window))
    return np.where(inside, pmf[np.where(inside, places, 0)], 0.0)
