"""The probability that a statistic is infinite where nothing differs, because a category was not seen."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.significance.null_design import NullDesign, poisson_pmf

#: a sum of probabilities below it is that of any of them, relatively within half of it
_NO_TWO = 1e-9

Complex: TypeAlias = NDArray[np.complex128]

#: points of a contour integral times categories, beyond which it is not taken
_MAX_POINTS = 2**24


def infinite_probability(design: NullDesign) -> float:
    """P(the statistic is infinite); NaN where that would take too long.

    It is infinite where some category makes it so: not seen ("psi" against the reference), seen in one sample only
    ("psi"), in the first only ("kl"). The terms are the probabilities that a category is the first of these: none
    is what is left of 1, and small ones have all their digits. Counts are independent Poisson counts, given their
    sums, whose generating function is a product; the coefficient of N (and M) draws is a mean over roots of unity.
    """
    if not design.can_be_infinite:
        return 0.0
    # That two categories do so is less probable than if they were independent.
    if (either := sum(_one_infinite(design, float(p)) for p in design.p)) < _NO_TWO:
        return either
    x, weight = _circle(design.draws)
    y, weight_q = _circle(design.second) if design.second is not None else (np.ones(1, dtype=complex), np.ones(1))
    if len(x) * len(y) * len(design.p) > _MAX_POINTS:
        return math.nan
    finite_so_far = np.ones((len(x), len(y)), dtype=complex)
    total, rest = 0.0, 1.0
    for p in design.p:
        rest -= float(p)
        anything, infinite = _of_category(design, float(p), x, y)
        others = _power(x, design.draws * rest) * (1.0 if design.second is None else _power(y, design.second * rest).T)
        total += float(np.real(weight @ (finite_so_far * infinite * others) @ weight_q))
        finite_so_far *= anything - infinite
    return min(1.0, max(0.0, total))


def _one_infinite(design: NullDesign, p: float) -> float:
    """The probability that a category makes the statistic infinite."""
    none = math.exp(design.draws * math.log1p(-p))
    if design.second is None:
        return none
    none_q = math.exp(design.second * math.log1p(-p))
    return (1 - none) * none_q + (none * (1 - none_q) if design.statistic == "psi" else 0.0)


def _of_category(design: NullDesign, p: float, x: Complex, y: Complex) -> tuple[Complex, Complex]:
    """The generating functions of all that a category may do, and of what makes the statistic infinite."""
    mean, none = design.draws * p, math.exp(-design.draws * p)
    if design.second is None:
        return _power(x, mean), np.full((1, 1), none, dtype=complex)
    mean_q, none_q = design.second * p, math.exp(-design.second * p)
    first, second = _power(x, mean), _power(y, mean_q).T
    infinite = (first - none) * none_q
    if design.statistic == "psi":
        infinite = infinite + none * (second - none_q)
    return first * second, infinite


def _power(points: Complex, mean: float) -> Complex:
    """The generating function of a Poisson count, a column."""
    return np.exp(mean * (points - 1))[:, np.newaxis]


def _circle(draws: int) -> tuple[Complex, Complex]:
    """Roots of unity, and what makes of a generating function its coefficient of that many draws, given that many."""
    points = math.ceil(22 * math.sqrt(draws) + 64)
    x = np.exp(2j * np.pi * np.arange(points) / points)
    return x, x ** -(draws % points) / (points * float(poisson_pmf(np.array([draws]), draws)[0]))
