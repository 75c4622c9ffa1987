"""The variance of one estimator over that of another on the same outcomes, with the MCSE of a paired comparison."""

import math

import numpy as np

from mcdiv.core.moments import Moments
from mcdiv.core.performance import ERROR, FEATURES, FINITE, FOURTH, MISSING, SQUARE, Measured
from mcdiv.core.rare_events import events, kurtosis


@np.errstate(over="ignore", invalid="ignore")
def variance_ratio(
    moments: Moments, first: int, second: int, *, simulated: bool, law: Moments | None = None
) -> Measured:
    """Var of the estimator at the first position over Var of that at the second; missing where one does not vary.

    Of the outcomes for which both are finite; where these are not all, the MCSE is missing. How rare the events behind
    it are is read from the moments of the exact law where that is known.
    """
    both = [position * FEATURES for position in (first, second)]
    common = _mean_of_product(moments, both[0] + FINITE, both[1] + FINITE)
    if not common > 0:
        return MISSING
    means, variances = [], []
    for own, other in (both, both[::-1]):
        mean = _mean_of_product(moments, own + ERROR, other + FINITE) / common
        square = _mean_of_product(moments, own + SQUARE, other + FINITE) / common
        # Where both are always finite the scatter has it without cancellation.
        always = float(moments.scatter[own + ERROR, own + ERROR]) / moments.weight
        means.append(mean)
        variances.append(always if common == 1 else square - mean * mean)
    if not (min(variances) > 0 and math.isfinite(max(variances))):
        return MISSING
    ratio = variances[0] / variances[1]
    if not simulated:
        return Measured(value=ratio, mcse=0.0)
    if common < 1 or round(moments.weight) <= 1:
        return Measured(value=ratio, mcse=math.nan, events=0.0)
    # Influence of one outcome on ln ratio: d₁²/Var₁ − d₂²/Var₂, and d² = e² − 2 ē e + ē², as coefficients of e and e².
    used = [own + feature for own in both for feature in (ERROR, SQUARE)]
    influence = np.array([-2 * means[0], 1, 2 * means[1], -1]) / np.repeat(variances, 2)
    spread = max(float(influence @ moments.covariance[np.ix_(used, used)] @ influence), 0.0)
    known, count = law or moments, moments.weight
    behind = min(events(count, kurtosis(known, own + FINITE, own + SQUARE, own + FOURTH)) for own in both)
    return Measured(value=ratio, mcse=ratio * math.sqrt(spread / count), events=behind)


def _mean_of_product(moments: Moments, i: int, j: int) -> float:
    return float(moments.scatter[i, j] / moments.weight + moments.mean[i] * moments.mean[j])
