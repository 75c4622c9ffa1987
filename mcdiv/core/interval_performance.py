"""From moments to performance measures of intervals: coverage, width, standard errors; each with its MCSE."""

import math

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.moments import Moments
from mcdiv.core.performance import Measured

#: features per interval: undefined?, covers the true value?, covers the estimates' mean?, finite width?, width (0
#: where it is not finite), finite standard error?, its square (0 likewise)
INTERVAL_FEATURES = 7
UNDEFINED, COVERED, COVERED_MEAN, BOUNDED, WIDTH, SURE, SQUARE = range(INTERVAL_FEATURES)

#: measures in the order of the tables, and the power of the unit each is in
INTERVAL_MEASURES = {
    "coverage": 0,
    "bias_eliminated_coverage": 0,
    "width": 1,
    "modse": 1,
    "undefined_interval_share": 0,
}
#: an interval closed in exact arithmetic also holds what rounding puts this far beside its end
_ROUNDING = 1e-12


def features_of_intervals(low: Nats, high: Nats, error: Nats, true_value: float, mean: float) -> Array:
    """Features (R, INTERVAL_FEATURES) of intervals and standard errors (R,); one that is undefined covers nothing."""
    defined = ~(np.isnan(low) | np.isnan(high))
    bounded = np.isfinite(low) & np.isfinite(high)
    sure = np.isfinite(error)
    columns = [
        ~defined,
        _holds(low, high, true_value),
        _holds(low, high, mean),
        bounded,
        np.where(bounded, high, 0.0) - np.where(bounded, low, 0.0),
        sure,
        np.where(sure, error, 0.0) ** 2,
    ]
    return np.stack(columns, axis=-1, dtype=np.float64)


def interval_performance(
    moments: Moments, position: int, *, simulated: bool, law: Moments | None = None
) -> dict[str, Measured]:
    """All measures of the interval at this position, in nats.

    Coverage counts undefined intervals as misses. Width and ModSE, the root of the mean squared standard
    error, are of those that are finite. Without simulation there is no MCSE. How rare misses are is read from
    the moments of the exact law where that is known.
    """
    start, mean = position * INTERVAL_FEATURES, (law or moments).mean

    def share(feature: int) -> Measured:
        value = float(moments.mean[start + feature])
        spread = max(0.0, value * (1 - value))
        if not simulated:
            return Measured(value=value, mcse=0.0)
        behind = moments.weight * min(float(mean[start + feature]), 1 - float(mean[start + feature]))
        return Measured(value=value, mcse=math.sqrt(spread / moments.weight), events=behind)

    square = _mean_where(moments, start + SQUARE, start + SURE, simulated=simulated)
    modse = math.sqrt(square.value) if square.value >= 0 else math.nan
    return {
        "coverage": share(COVERED),
        "bias_eliminated_coverage": share(COVERED_MEAN),
        "width": _mean_where(moments, start + WIDTH, start + BOUNDED, simulated=simulated),
        "modse": Measured(value=modse, mcse=square.mcse / (2 * modse) if modse > 0 else square.mcse),
        "undefined_interval_share": share(UNDEFINED),
    }


def _holds(low: Nats, high: Nats, value: float) -> Array:
    slack = _ROUNDING * max(1.0, abs(value)) if math.isfinite(value) else 0.0
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
