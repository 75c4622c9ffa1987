"""From moments of intervals to what their measures are made of: shares and means, each with its MCSE."""

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.moments import Moments
from mcdiv.core.performance import MISSING, Measured
from mcdiv.core.rare_events import events, kurtosis
from mcdiv.core.rounding import ROUNDING

#: features per interval: undefined?, covers the true value?, covers the estimates' mean?, finite width?, width (0
#: where it is not finite), finite standard error?, its square (0 likewise), finite estimate?, its deviation from the
#: estimates' mean and the square of that (0 likewise)
INTERVAL_FEATURES = 10
UNDEFINED, COVERED, COVERED_MEAN, BOUNDED, WIDTH, SURE, SQUARE, FINITE, DEVIATION, DEVIATION_SQUARE = range(
    INTERVAL_FEATURES
)

#: an interval closed in exact arithmetic also holds what rounding puts this far beside its end
ROUNDING_OF_ENDS = 1e-12


def features_of_intervals(
    low: Nats, high: Nats, error: Nats, true_value: float, mean: float, estimates: Nats | None = None
) -> Array:
    """Features (R, INTERVAL_FEATURES) of intervals and standard errors (R,); one that is undefined covers nothing.

    `mean` is that of the finite estimates; without `estimates` their spread is unknown.
    """
    estimates = np.full(len(low), np.nan) if estimates is None else estimates
    finite = np.isfinite(estimates) & math.isfinite(mean)
    deviation = np.where(finite, estimates - mean, 0.0) if finite.any() else np.zeros(len(low))
    deviation[np.abs(deviation) <= ROUNDING * abs(mean)] = 0.0
    defined = ~(np.isnan(low) | np.isnan(high))
    bounded = np.isfinite(low) & np.isfinite(high)
    sure = np.isfinite(error)
    columns = [
        ~defined,
        holds(low, high, true_value),
        holds(low, high, mean),
        bounded,
        np.where(bounded, high, 0.0) - np.where(bounded, low, 0.0),
        sure,
        np.where(sure, error, 0.0) ** 2,
        finite,
        deviation,
        deviation**2,
    ]
    return np.stack(columns, axis=-1, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalSummary:
    """What the intervals of one rule come to, in nats: shares of the features, and means of some of them.

    Without simulation there is no MCSE. How rare an event is is read from the moments of the exact law where that is
    known.
    """

    moments: Moments
    simulated: bool
    law: Moments | None = None

    def share(self, feature: int) -> Measured:
        """The share of all intervals that have something."""
        value = float(self.moments.mean[feature])
        spread = max(0.0, value * (1 - value))
        if not self.simulated:
            return Measured(value=value, mcse=0.0)
        known = float((self.law or self.moments).mean[feature])
        behind = self.moments.weight * min(known, 1 - known)
        return Measured(value=value, mcse=math.sqrt(spread / self.moments.weight), events=behind)

    def mean_where(self, feature: int, indicator: int) -> Measured:
        """The mean of a feature given an indicator: a ratio of means, its MCSE by the delta method."""
        return _mean_where(self.moments, feature, indicator, simulated=self.simulated)

    def error_ratio(self) -> Measured:
        """The root mean squared standard error over the sd of the estimates; the MCSE by the delta method."""
        mean, count = self.moments.mean, self.moments.weight * float(self.moments.mean[FINITE])
        sure, finite = float(mean[SURE]), float(mean[FINITE])
        if not (sure > 0 and finite > 0) or (self.simulated and round(count) <= 1):
            return MISSING
        square, deviation = float(mean[SQUARE]) / sure, float(mean[DEVIATION]) / finite
        variance = float(mean[DEVIATION_SQUARE]) / finite - deviation**2
        if not variance > 0:
            return MISSING
        ratio = math.sqrt(square / variance)
        if not self.simulated:
            return Measured(value=ratio, mcse=0.0)
        if square == 0:
            return Measured(value=ratio, mcse=math.nan, events=0.0)
        # Influence of one outcome on ln ratio = ½ ln E s² − ½ ln Var θ̂, as coefficients of its features.
        used = [SURE, SQUARE, FINITE, DEVIATION, DEVIATION_SQUARE]
        of_error = [-1 / sure, 1 / (sure * square)]
        of_spread = [(variance - deviation**2), 2 * deviation, -1]
        influence = np.array([*of_error, *(one / (finite * variance) for one in of_spread)]) / 2
        spread = max(float(influence @ self.moments.covariance[np.ix_(used, used)] @ influence), 0.0)
        behind = events(count, kurtosis(self.law or self.moments, FINITE, DEVIATION, DEVIATION_SQUARE))
        mcse = ratio * math.sqrt(spread / self.moments.weight)
        return Measured(value=ratio * math.sqrt((count - 1) / count), mcse=mcse, events=behind)  # R − 1 in the sd


def holds(low: Nats, high: Nats, value: float) -> Array:
    """Whether intervals hold a value, as 1 and 0; one that is undefined does not."""
    slack = ROUNDING_OF_ENDS * max(1.0, abs(value)) if math.isfinite(value) else 0.0
    return np.asarray((low - slack <= value) & (value <= high + slack), dtype=np.float64)


def _mean_where(moments: Moments, value: int, indicator: int, *, simulated: bool) -> Measured:
    """Mean of a feature given its indicator: a ratio of means, its MCSE by the delta method."""
    share = float(moments.mean[indicator])
    if share == 0:
        return Measured(value=math.nan, mcse=math.nan)
    mean = float(moments.mean[value]) / share
    if not simulated:
        return Measured(value=mean, mcse=0.0)
    count = moments.weight * share
    if round(count) <= 1:
        return Measured(value=mean, mcse=math.nan)
    scatter = moments.scatter
    spread = scatter[value, value] - 2 * mean * scatter[value, indicator] + mean**2 * scatter[indicator, indicator]
    return Measured(value=mean, mcse=math.sqrt(max(0.0, float(spread)) / count / (count - 1)))
