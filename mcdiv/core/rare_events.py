"""How far a Monte Carlo standard error can be trusted: how many rare events it rests on, and what zero of R can mean.

A standard error is measured on the replicates themselves. Where a few of them decide it, it is as uncertain as
their number; where none was met, it is 0 and says nothing.
"""

import math

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.moments import Moments

#: events that an MCSE must rest on for (simulated − exact)/MCSE to be about normal
EVENTS_TO_TRUST = 30
#: fewer events than this make an MCSE uncertain by 16 % and more …
FEW_EVENTS = 10
#: … and they are rare where each stands for so many replicates (a normal law: 3, the squares of its errors: 15)
RARE = 20
#: probability with which a one-sided bound of a share is wrong
BOUND_ERROR = 0.05


def kurtosis(moments: Moments, indicator: int, feature: int, square: int) -> float:
    """Kurtosis of a feature where an indicator is 1, as `kurtoses` has it."""
    return float(kurtoses(moments, *(np.array([column]) for column in (indicator, feature, square)))[0])


@np.errstate(all="ignore")  # what overflows is NaN in the end
def kurtoses(moments: Moments, indicator: Counts, feature: Counts, square: Counts) -> Array:
    """Kurtosis of each feature where an indicator is 1: 3 for a normal law, about 1/ε for an event of probability ε.

    `square` is the feature's square, and both are 0 where the indicator is. NaN where the feature does not vary,
    or where its fourth power overflows.
    """
    share = moments.mean[indicator]
    mean, mean_square = moments.mean[feature] / share, moments.mean[square] / share
    # Given that the indicator is 1: Cov(x, y) = cov(x, y)/s − x̄ ȳ (1 − s), with x̄ and ȳ the means given that.
    scatter, weight, lost = moments.scatter, moments.weight * share, 1 - share
    variance = scatter[feature, feature] / weight - mean * mean * lost
    mixed = scatter[feature, square] / weight - mean * mean_square * lost
    fourth = scatter[square, square] / weight - mean_square * mean_square * lost
    # With d = x − x̄: x² = x̄² + 2 x̄ d + d², hence Var d² = Var x² − 4 x̄ Cov(x, x²) + 4 x̄² Var x.
    spread = fourth - 4 * mean * mixed + 4 * mean * mean * variance
    told = (variance > 1e-26 * mean_square) & np.isfinite(spread)
    return np.where(told, 1 + np.maximum(spread, 0.0) / variance / variance, math.nan)


def events(replicates: float, heaviness: float) -> float:
    """How many events of probability 1/kurtosis the replicates hold; what is not finite is too heavy for any."""
    return replicates / heaviness if math.isfinite(heaviness) else 0.0


def events_of(replicates: Array, heaviness: Array) -> Array:
    """`events` of each."""
    return np.where(np.isfinite(heaviness), replicates / heaviness, 0.0)


def are_few(number: float, replicates: float) -> bool:
    """Whether an MCSE that rests on so many events rests on rare ones, too few of them."""
    return number < FEW_EVENTS and replicates > RARE * number


def share_bound(share: float, replicates: int) -> float:
    """One-sided 95 % bound (Clopper–Pearson) of a share that was 0 or 1 in all replicates; NaN for any other.

    A share of 0 is at most 1 − 0.05^(1/R), about 3/R; one of 1 is at least 1 minus that.
    """
    if replicates < 1 or share not in (0, 1):
        return math.nan
    reach = -math.expm1(math.log(BOUND_ERROR) / replicates)
    return reach if share == 0 else 1 - reach
