"""Distances between P and Q that are no logarithms: total variation, Hellinger, χ²."""

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import relative_difference
from mcdiv.estimands.contract import estimand


@estimand(symbol="TV(P, Q)", unit_power=0, additive=True, divergence=True, limits=lambda categories, q: (0.0, 1.0))
def total_variation(p: Pmf, q: Pmf) -> Array:
    """The largest difference that P and Q make to the probability of any event.

    Formula: TV(P, Q) = Σ |p − q| / 2
    Valid:   any P and Q; between 0 and 1
    Source:  by definition
    """
    return np.asarray(np.abs(p - q) / 2)


@estimand(
    symbol="Hel(P, Q)",
    unit_power=0,
    divergence=True,
    limits=lambda categories, q: (0.0, 1.0),
    null_statistic=lambda value: 8 * value**2,
)
def hellinger(p: Pmf, q: Pmf) -> Array:
    """Hellinger distance: a metric that total variation bounds on both sides.

    Formula: Hel(P, Q) = √(Σ (√p − √q)² / 2) = √(1 − Σ √(pq))
    Valid:   any P and Q; between 0 and 1
    Source:  Hellinger (1909); as a distance of pmfs: Matusita (1955)
    """
    return np.asarray(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2))


def _chi_squared_slopes(p: Pmf, q: Pmf) -> tuple[Array, Array]:
    excess = relative_difference(p, q)
    with np.errstate(over="ignore"):
        return 2 * excess, -excess * (excess + 2)


@estimand(
    symbol="χ²(P‖Q)",
    unit_power=0,
    additive=True,
    divergence=True,
    slopes=_chi_squared_slopes,
    null_statistic=lambda value: value,
)
def chi_squared(p: Pmf, q: Pmf) -> Array:
    """The mean squared excess of p/q over 1 under Q: Pearson's statistic divided by the number of draws.

    Formula: χ²(P‖Q) = Σ (p − q)² / q
    Valid:   any P and Q; at least 0, and ∞ where a category of P has q = 0
    Source:  Pearson (1900)
    """
    possible = q > 0
    with np.errstate(over="ignore"):
        terms = (p - q) * ((p - q) / np.where(possible, q, 1.0))
    return np.where(possible, terms, np.where(p > 0, np.inf, 0.0))
