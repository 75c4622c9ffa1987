"""Confidence intervals of the noncentrality λ of a statistic that is about noncentral χ² distributed.

At λ = 0 the statistic has its law under "no difference", and the interval holds 0 exactly where the χ² test does not
reject. So it has one tail near 0 and two tails far from it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, chndtr, ndtr, ndtri

from mcdiv.core.arrays import Array, Counts

#: from this statistic on the law is taken in Sankaran's normal approximation, which is off by less than 1e-5
LARGE = 1e5
_STEPS = 200
_PRECISION = 1e-12


def noncentral_chi2_cdf(x: Array, freedom: Array, noncentrality: Array, large: NDArray[np.bool_]) -> Array:
    """P(X ≤ x) of χ'²(λ), where `large`, by Sankaran (1963), On the non-central chi-square distribution."""
    mean, double = freedom + noncentrality, freedom + 2 * noncentrality
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        power = 1 - 2 * mean * (freedom + 3 * noncentrality) / (3 * double**2)
        spread = double / mean**2
        centre = 1 + power * (power - 1) * spread * (1 - (2 - power) * (1 - 3 * power) * spread / 2)
        width = power * np.sqrt(2 * spread) * (1 + (1 - power) * (1 - 3 * power) * spread / 2)
        normal = ndtr(((x / mean) ** power - centre) / width)
    small = ~large
    exact = chndtr(np.where(small, x, 1.0), np.where(small, freedom, 1.0), np.where(small, noncentrality, 1.0))
    return np.where(small, exact, normal)


def noncentrality_interval(statistic: Array, freedom: Array, level: float, ratio: Array) -> tuple[Array, Array]:
    """Lower and upper ends for λ, shapes (R,): all λ at which the statistic is in neither of two tails.

    The upper tail has probability α − β(λ) and the lower one β(λ), with α = 1 − level and
    β(λ) = (α/2) max(0, 2 P_λ(the test rejects) − 1): one tail where the test seldom rejects, equal ones where it always
    does (a tail function: Puza & O'Neill, 2006, Interval estimation via tail functions). With a fixed β = α/2 these are
    the intervals of Steiger & Fouladi (1997).

    `ratio` is the variance of the statistic far from 0 over that of the noncentral χ² law, 4λ. It goes in as
    statistic/r ~ χ'²(λ/r) of freedom/r degrees of freedom, whose mean is freedom + λ, with r = 1 at λ = 0 and r = ratio
    from √λ = √statistic on.
    """
    alpha = 1 - level
    critical = chdtri(freedom, alpha)
    root = np.sqrt(statistic)
    infinite = np.isinf(statistic)
    x = np.where(infinite, 0.0, statistic)
    large = np.maximum(x, critical) > LARGE

    def tails(delta: Array, rows: Counts) -> tuple[Array, Array]:
        """P_λ(X ≤ statistic) and β(λ)."""
        share = np.divide(delta, root[rows], out=np.ones_like(delta), where=root[rows] > delta)
        r = 1 + (ratio[rows] - 1) * share
        law = freedom[rows] / r, delta**2 / r, large[rows]
        power = 1 - noncentral_chi2_cdf(critical[rows] / r, *law)
        return noncentral_chi2_cdf(x[rows] / r, *law), alpha / 2 * np.maximum(0.0, 2 * power - 1)

    def above_low(delta: Array, rows: Counts) -> Array:
        below, lower = tails(delta, rows)
        return (1 - below) - (alpha - lower)

    def above_high(delta: Array, rows: Counts) -> Array:
        below, lower = tails(delta, rows)
        return lower - below

    widest = np.sqrt(np.maximum(1.0, ratio))
    high = _root(above_high, np.zeros_like(x), np.sqrt(x) + np.sqrt(critical) + widest * (3 - ndtri(alpha / 2)))
    low = _root(above_low, np.zeros_like(x), np.where(x <= critical, 0.0, high))
    return np.where(infinite, np.inf, low**2), np.where(infinite, np.inf, high**2)


def _root(function: Callable[[Array, Counts], Array], low: Array, high: Array) -> Array:
    """The last place between two ends where increasing functions are not above 0; the lower end if there is none.

    Chandrupatla (1997), A new hybrid quadratic/bisection algorithm: inverse quadratic interpolation where the last
    three places allow it, else a halving.
    """
    rows = np.arange(len(low))
    at_low, at_high = function(low, rows), function(high, rows)
    found = np.where(at_low > 0, low, high)
    rows = rows[(at_low <= 0) & (at_high > 0)]
    # The newest place, the nearest one across the root, and the one before.
    x, across, fx, f_across = low[rows], high[rows], at_low[rows], at_high[rows]
    share = np.full(len(rows), 0.5)
    for _ in range(_STEPS):
        if not rows.size:
            break
        new = x + share * (across - x)
        value = function(new, rows)
        same = (value > 0) == (fx > 0)
        before, f_before = np.where(same, x, across), np.where(same, fx, f_across)
        across, f_across = np.where(same, across, x), np.where(same, f_across, fx)
        x, fx = new, value
        found[rows] = x
        least = _PRECISION / 2 * np.maximum(x, across) / np.abs(across - x)
        going_on = least < 0.5
        rows, least = rows[going_on], least[going_on]
        places = (each[going_on] for each in (x, across, before, fx, f_across, f_before))
        x, across, before, fx, f_across, f_before = places
        share = np.clip(_next_share(x, across, before, fx, f_across, f_before), least, 1 - least)
    return found


def _next_share(x: Array, across: Array, before: Array, fx: Array, f_across: Array, f_before: Array) -> Array:
    """How far on the way from x to the place across the root the next place is."""
    xi, phi = (x - across) / (before - across), (fx - f_across) / (f_before - f_across)
    with np.errstate(divide="ignore", invalid="ignore"):
        quadratic = fx / (f_across - fx) * f_before / (f_across - f_before)
        quadratic += (before - x) / (across - x) * fx / (f_before - fx) * f_across / (f_before - f_across)
    return np.where((phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi), quadratic, 0.5)
