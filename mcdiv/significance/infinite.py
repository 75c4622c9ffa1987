"""The probability that a statistic is infinite where nothing differs, because a category was not seen."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Pmf
from mcdiv.significance.null_design import NullDesign, poisson_pmf

#: a sum of probabilities below it is that of any of them, relatively within half of it
_NO_TWO = 1e-9
#: categories that are this much less likely to make the statistic infinite than another one do not count
_NEGLIGIBLE = 1e-17
#: categories whose subsets are listed
_LISTED = 12
#: of these, the probabilities of not being seen are at most so much in all: then no difference of them loses digits
_SELDOM = 0.5

Complex: TypeAlias = NDArray[np.complex128]

#: points of a contour integral times categories, beyond which it is not taken
_MAX_POINTS = 2**24


def infinite_probability(design: NullDesign) -> float:
    """P(the statistic is infinite); NaN where that would take too long.

    It is infinite where some category makes it so: not seen ("psi" against the reference), seen in one sample only
    ("psi"), in the first only ("kl"). Categories of which that is as good as impossible are one with each other.
    """
    if not design.can_be_infinite:
        return 0.0
    chances = _one_infinite(design)
    # That two categories do so is less probable than if they were independent.
    if (either := float(chances.sum())) < _NO_TWO:
        return either
    p = design.p[chances > _NEGLIGIBLE * chances.max()]
    unseen = [np.exp(draws * np.log1p(-p)).sum() for draws in (design.draws, design.second or design.draws)]
    found = _by_subsets(design, p) if len(p) <= _LISTED and max(unseen) <= _SELDOM else _by_contour(design, p)
    return min(1.0, max(0.0, found))


def _one_infinite(design: NullDesign) -> Array:
    """The probabilities that each category makes the statistic infinite, shape (K,)."""
    none = np.exp(design.draws * np.log1p(-design.p))
    if design.second is None:
        return np.asarray(none)
    none_q = np.exp(design.second * np.log1p(-design.p))
    return np.asarray((1 - none) * none_q + (none * (1 - none_q) if design.statistic == "psi" else 0.0))


def _by_subsets(design: NullDesign, p: Pmf) -> float:
    """From the probabilities that exactly some of these categories are not seen in a sample, for all subsets."""
    lacking, exactly = _unseen(design.draws, p)
    if design.second is None:
        return float(exactly[1:].sum())
    _, exactly_q = _unseen(design.second, p)
    if design.statistic == "kl":  # finite where the first sample lacks all that the second lacks
        return float(exactly_q[1:] @ (1 - lacking[1:]))
    return float(exactly[0] * exactly_q[1:].sum() + exactly[1:] @ (1 - exactly_q[1:]))


def _unseen(draws: int, p: Pmf) -> tuple[Array, Array]:
    """P(at least the categories of a subset are not seen), and P(exactly these); shapes (2^C,), category k is bit k."""
    together = np.zeros(1)
    for each in p.tolist():
        together = np.concatenate([together, together + each])
    with np.errstate(divide="ignore"):
        lacking = np.exp(draws * np.log1p(-np.minimum(together, 1.0)))
    exactly = lacking.copy()
    for k in range(len(p)):
        pairs = exactly.reshape(-1, 2, 2**k)
        pairs[:, 0] -= pairs[:, 1]
    return lacking, exactly


def _by_contour(design: NullDesign, p: Pmf) -> float:
    """From generating functions. The terms are the probabilities that a category is the first that makes it infinite.

    None is what is left of 1, and small ones have all their digits. Counts are independent Poisson counts, given their
    sums, whose generating function is a product; the coefficient of N (and M) draws is a mean over roots of unity.
    What it is at the conjugates is the conjugate: half of the first roots are enough.
    """
    x, weight = _circle(design.draws)
    x, weight = x[: len(x) // 2 + 1], weight[: len(x) // 2 + 1]
    weight[1:-1] *= 2
    y, weight_q = _circle(design.second) if design.second is not None else (np.ones(1, dtype=complex), np.ones(1))
    if len(x) * len(y) * len(p) > _MAX_POINTS:
        return math.nan
    finite_so_far = np.ones((len(x), len(y)), dtype=complex)
    total, rest = 0.0, 1.0
    for each in p.tolist():
        rest = max(0.0, rest - each)
        anything, infinite = _of_category(design, each, x, y)
        others = _power(x, design.draws * rest) * (1.0 if design.second is None else _power(y, design.second * rest).T)
        total += float(np.real(weight @ (finite_so_far * infinite * others) @ weight_q))
        finite_so_far *= anything - infinite
    return total


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
    points = 2 * math.ceil(11 * math.sqrt(draws) + 32)
    x = np.exp(2j * np.pi * np.arange(points) / points)
    return x, x ** -(draws % points) / (points * float(poisson_pmf(np.array([draws]), draws)[0]))
