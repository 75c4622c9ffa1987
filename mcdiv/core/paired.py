"""Paired differences: estimators compared two by two on the outcomes for which both are finite.

All pairs of a condition at once: arrays have shape (pairs,).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.moments import Moments
from mcdiv.core.performance import ERROR, FEATURES, FINITE, FOURTH, MISSING, SQUARE, Measured
from mcdiv.core.rounding import sums_of_few, without_roundings
from mcdiv.core.weighted import SAME

#: what is compared: the mean of a feature, and the feature that is its square
_COMPARED = {"abs_bias": (ERROR, SQUARE), "mse": (SQUARE, FOURTH)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Two estimators compared on the outcomes for which both are finite, first minus second."""

    #: "abs_bias" and "mse"
    differences: dict[str, Measured]
    #: what the differences are of: the |bias| and the MSE of the first and of the second on these outcomes
    levels: dict[str, tuple[float, float]]
    #: the share of outcomes that one of them or both have no finite estimate for
    left_out: float


def compare(moments: Moments, first: int, second: int, *, simulated: bool) -> Paired:
    """Differences in |bias| and in MSE between the estimators at two positions, as `comparisons` has them."""
    return comparisons(moments, [(first, second)], simulated=simulated)[0]


@np.errstate(all="ignore")  # what overflows, or is a share of nothing, is ∞ or NaN
def comparisons(moments: Moments, pairs: Iterable[tuple[int, int]], *, simulated: bool) -> list[Paired]:
    """Differences in |bias| and in MSE, of each pair on the outcomes for which both are finite."""
    positions = np.array(list(pairs), dtype=np.int64).reshape(-1, 2).T
    features = positions[:, np.newaxis] * FEATURES + np.arange(FEATURES)[:, np.newaxis]
    common = _both(moments, features[0, FINITE], features[1, FINITE])
    found = [_difference(moments, features, common, *of, simulated=simulated) for of in _COMPARED.values()]
    left_out = without_roundings(1 - common, np.ones(len(common)))
    never = common == 0
    return [
        Paired(differences=dict.fromkeys(_COMPARED, MISSING), levels={}, left_out=1.0)
        if nothing
        else Paired(
            differences=dict(zip(_COMPARED, (difference for difference, _ in of), strict=True)),
            levels=dict(zip(_COMPARED, (levels for _, levels in of), strict=True)),
            left_out=lost,
        )
        for nothing, lost, *of in zip(never.tolist(), left_out.tolist(), *found, strict=True)
    ]


def _difference(
    moments: Moments, features: Counts, common: Array, feature: int, squared: int, *, simulated: bool
) -> list[tuple[Measured, tuple[float, float]]]:
    """First minus second of |mean|, and the two; `features` has shape (2, FEATURES, pairs)."""
    a, b = features
    # Features are 0 where the estimate is not finite, so a product with the other's indicator is one on both.
    levels = [_both(moments, x[feature], y[FINITE]) / common for x, y in ((a, b), (b, a))]
    signs = [np.copysign(1.0, level) for level in levels]
    sizes = [np.abs(level) for level in levels]
    difference = sizes[0] - sizes[1]
    signed = ((a[feature], signs[0]), (b[feature], -signs[1]))
    everywhere = sums_of_few(*(s * t * _covariance(moments, i, j) for i, s in signed for j, t in signed))
    own = [_both(moments, x[squared], y[FINITE]) / common for x, y in ((a, b), (b, a))]
    crossed = signs[0] * signs[1] * _both(moments, a[feature], b[feature]) / common
    somewhere = sums_of_few(*own, -crossed, -crossed, -difference * difference)
    spread = np.where(common == 1, everywhere, somewhere)
    count = moments.weight * common
    mcse = np.sqrt(np.where(spread < 0, 0.0, spread) / (count - 1))
    mcse = np.where(np.rint(count) <= 1, math.nan, mcse) if simulated else np.zeros(len(common))
    equal = np.abs(difference) <= SAME * np.maximum(*sizes)
    values = np.where(equal, 0.0, difference)
    every = zip(values.tolist(), mcse.tolist(), *(size.tolist() for size in sizes), strict=True)
    return [(Measured(value=value, mcse=error), (one, other)) for value, error, one, other in every]


def _both(moments: Moments, i: Counts, j: Counts) -> Array:
    """The means of the products of two features."""
    return _covariance(moments, i, j) + moments.mean[i] * moments.mean[j]


def _covariance(moments: Moments, i: Counts, j: Counts) -> Array:
    """The covariances of two features."""
    return np.asarray(moments.scatter[i, j] / moments.weight)
