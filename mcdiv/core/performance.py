"""From moments to what performance measures are made of: bias, variance, MSE, each with its MCSE.

Each is a smooth function of feature means; its MCSE is the delta method on their covariance. So
it needs no normal estimates, as the textbook s/√(2(R−1)) for a standard deviation does. It does need the
events that decide it to be among the replicates: how many there are goes with every MCSE.
"""

import math
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.controls import Expected, controlled
from mcdiv.core.moments import Moments
from mcdiv.core.rare_events import EVENTS_TO_TRUST, events, kurtosis
from mcdiv.core.rounding import sum_of_few, without_rounding
from mcdiv.core.weighted import SAME

#: features per estimator: finite?, error, its square and fourth power (0 where not finite), infinite?, undefined?
FEATURES = 6
FINITE, ERROR, SQUARE, FOURTH, INFINITE, UNDEFINED = range(FEATURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The value of a performance measure, and its Monte Carlo standard error (NaN where it has none)."""

    value: float
    mcse: float
    #: how many rare events the MCSE rests on: replicates over kurtosis (∞ where nothing was simulated)
    events: float = math.inf

    @property
    def trusted(self) -> bool:
        """Whether enough events stand behind the MCSE for a z made with it to be about normal."""
        return self.events >= EVENTS_TO_TRUST

    @property
    def root(self) -> "Measured":
        """Its square root, the MCSE by the delta method; an MCSE at 0 stays as it is."""
        value = math.sqrt(self.value) if self.value >= 0 else math.nan
        mcse = self.mcse / (2 * value) if value > 0 else self.mcse
        return Measured(value=value, mcse=mcse, events=self.events)


#: of what cannot be told
MISSING = Measured(value=math.nan, mcse=math.nan)


def features_of(estimates: Nats, centre: float) -> Array:
    """Features of estimates of several estimators, (R, E) → (R, E·FEATURES); errors are measured from `centre`."""
    finite = np.isfinite(estimates)
    error = np.where(finite, estimates, centre) - centre
    undefined = np.isnan(estimates)
    with np.errstate(over="ignore"):
        square = error**2
        columns = [finite, error, square, square**2, ~(finite | undefined), undefined]
    return np.stack(columns, axis=-1, dtype=np.float64).reshape(len(estimates), -1)


def centre_of(true_value: float) -> float:
    """What errors are measured from: the true value, or 0 where that is infinite."""
    return true_value if math.isfinite(true_value) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSummary:
    """What the errors of an estimator come to: what the measures of its performance are functions of, in nats.

    All but the shares are conditional on the estimate being finite, and missing where it never is.
    """

    true_value: float
    mean: Measured
    #: the mean error and the mean squared error; missing where the true value is infinite
    bias: Measured
    mse: Measured
    variance: Measured
    #: shares of estimates that are infinite, and that are undefined
    infinite: Measured
    undefined: Measured

    @classmethod
    def exact(cls, bias: float, variance: float, true_value: float) -> "ErrorSummary":
        """That of estimates which are always finite, from an exact bias and variance (NaN where it is not known)."""
        if without_rounding(math.sqrt(variance), max(abs(true_value), abs(true_value + bias))) == 0:
            variance = 0.0
        return cls(
            true_value=true_value,
            mean=Measured(value=true_value + bias, mcse=0.0),
            bias=Measured(value=bias, mcse=0.0),
            mse=Measured(value=variance + bias**2, mcse=0.0),
            variance=Measured(value=variance, mcse=0.0),
            infinite=Measured(value=0.0, mcse=0.0),
            undefined=Measured(value=0.0, mcse=0.0),
        )


def summary_of(
    moments: Moments, estimator: int, true_value: float, *, simulated: bool, law: Moments | None = None
) -> ErrorSummary:
    """The errors of the estimator at this position, in nats (variance and MSE in nats²).

    Without simulation there is no MCSE, and no R − 1. How rare the events behind an MCSE are is read from the
    moments of the exact law where that is known.
    """
    finite, error, square = (_column(estimator, feature) for feature in (FINITE, ERROR, SQUARE))
    mean, behind = moments.mean, _events(moments, law or moments, estimator, simulated=simulated)
    share = float(mean[finite])
    infinite, undefined = (
        _share(float(mean[_column(estimator, feature)]), moments.weight, behind[feature], simulated=simulated)
        for feature in (INFINITE, UNDEFINED)
    )
    if share == 0:
        none = dict.fromkeys(("mean", "bias", "mse", "variance"), MISSING)
        return ErrorSummary(true_value=true_value, infinite=infinite, undefined=undefined, **none)
    columns = slice(finite, square + 1)
    block = moments.scatter[columns, columns] / moments.weight
    bias, mse, variance = _without_roundings(
        float(mean[error] / share),
        float(mean[square] / share),
        _variance(float(block[ERROR, ERROR]), mean, finite),
        centre_of(true_value),
    )
    count = moments.weight * share
    bessel = count / (count - 1) if simulated and round(count) > 1 else 1.0 if not simulated else math.nan

    # Errors are off by roundings of the estimates, hence their squares by those of twice the error times the estimate.
    size = max(abs(centre_of(true_value)), abs(centre_of(true_value) + bias))
    blur = mse + 2 * math.sqrt(mse) * size

    def mcse(coefficients: list[float], correction: float, scale: float = 0.0) -> float:
        # Influence of one outcome on a measure, as coefficients of its features: the delta method.
        if not simulated or (variance == 0 and round(count) > 1):
            return 0.0
        spread = _spread_of(np.array(coefficients) / share, block)
        if without_rounding(math.sqrt(spread), scale) == 0:
            spread = 0.0
        return math.sqrt(spread / moments.weight * correction)

    average = Measured(value=bias, mcse=mcse([-bias, 1, 0], bessel), events=behind[ERROR])
    squared = Measured(value=mse, mcse=mcse([-mse, 0, 1], bessel, blur), events=behind[SQUARE])
    spread = mcse([2 * bias * bias - mse, -2 * bias, 1], bessel**2, blur)
    is_finite = math.isfinite(true_value)
    return ErrorSummary(
        true_value=true_value,
        mean=replace(average, value=centre_of(true_value) + bias),
        bias=average if is_finite else MISSING,
        mse=squared if is_finite else MISSING,
        variance=Measured(value=variance * bessel, mcse=spread, events=behind[SQUARE]),
        infinite=infinite,
        undefined=undefined,
    )


def bias_with_controls(
    moments: Moments, estimator: int, true_value: float, expected: Expected, ties: Array
) -> Measured | None:
    """The bias regressed on the control variates that the moments end with; None where they can tell nothing.

    Their means are exact for all outcomes, and not for those alone whose estimate is finite.
    """
    finite, error = _column(estimator, FINITE), _column(estimator, ERROR)
    if moments.mean[finite] < 1 or not math.isfinite(true_value):
        return None
    regressed = controlled(moments, error, expected, ties)
    return None if regressed is None else Measured(value=regressed[0], mcse=regressed[1])


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
    """Differences in |bias| and in MSE on the outcomes for which both are finite."""
    a, b = (range(_column(i, 0), _column(i, FEATURES)) for i in (first, second))
    common = _both(moments, a[FINITE], b[FINITE])
    if common == 0:
        return Paired(differences=dict.fromkeys(("abs_bias", "mse"), MISSING), levels={}, left_out=1.0)
    differences, on_common = {}, {}
    for name, feature, squared in (("abs_bias", ERROR, SQUARE), ("mse", SQUARE, FOURTH)):
        # Features are 0 where the estimate is not finite, so a product with the other's indicator is one on both.
        levels = [_both(moments, x[feature], y[FINITE]) / common for x, y in ((a, b), (b, a))]
        signs = [math.copysign(1.0, level) for level in levels]
        on_common[name] = abs(levels[0]), abs(levels[1])
        difference = abs(levels[0]) - abs(levels[1])
        if common == 1:
            gradient = {a[feature]: signs[0], b[feature]: -signs[1]}
            pairs = product(gradient, repeat=2)
            spread = sum_of_few(*(gradient[i] * gradient[j] * _covariance(moments, i, j) for i, j in pairs))
        else:
            own = [_both(moments, x[squared], y[FINITE]) / common for x, y in ((a, b), (b, a))]
            crossed = signs[0] * signs[1] * _both(moments, a[feature], b[feature]) / common
            spread = sum_of_few(*own, -crossed, -crossed, -difference * difference)
        count = moments.weight * common
        mcse = math.nan if round(count) <= 1 else math.sqrt(max(spread, 0.0) / (count - 1))
        equal = abs(difference) <= SAME * max(map(abs, levels))
        differences[name] = Measured(value=0.0 if equal else difference, mcse=mcse if simulated else 0.0)
    return Paired(differences=differences, levels=on_common, left_out=without_rounding(1 - common, 1.0))


def _both(moments: Moments, i: int, j: int) -> float:
    """The mean of the product of two features."""
    return _covariance(moments, i, j) + float(moments.mean[i]) * float(moments.mean[j])


def _covariance(moments: Moments, i: int, j: int) -> float:
    """The covariance of two features."""
    return float(moments.scatter[i, j]) / moments.weight


def _column(estimator: int, feature: int) -> int:
    return estimator * FEATURES + feature


def _events(moments: Moments, law: Moments, estimator: int, *, simulated: bool) -> list[float]:
    """By feature: how many rare events the replicates hold, if these are as rare as in `law`."""
    if not simulated:
        return [math.inf] * FEATURES
    finite, error, square, fourth, *_ = (_column(estimator, feature) for feature in range(FEATURES))
    share = float(law.mean[finite])
    behind = [moments.weight * min(float(m), 1 - float(m)) for m in law.mean[finite : finite + FEATURES]]
    count = moments.weight * share
    behind[ERROR] = events(count, kurtosis(law, finite, error, square)) if share else 0.0
    behind[SQUARE] = min(behind[ERROR], events(count, kurtosis(law, finite, square, fourth))) if share else 0.0
    return behind


def _variance(spread: float, mean: Array, finite: int) -> float:
    """Variance of the finite estimates, from that of errors which are 0 where the estimate is not finite."""
    share, level = float(mean[finite]), float(mean[finite + ERROR])
    # Where all finite estimates agree, the two differ by roundings only.
    return max(sum_of_few(spread, -level * level * (1 - share) / share), 0.0) / share


def _without_roundings(bias: float, mse: float, variance: float, centre: float) -> tuple[float, float, float]:
    """Bias, MSE and variance; 0 where they are roundings of the estimates, which are about as large as their mean."""
    size = max(abs(centre), abs(centre + bias))
    bias = without_rounding(bias, max(size, math.sqrt(mse)))
    if without_rounding(math.sqrt(variance), size) > 0 or math.isnan(variance):
        return bias, mse, variance
    return bias, bias * bias, 0.0


def _spread_of(gradient: Array, covariance: Array) -> float:
    """The variance of a combination of features; those it does not use do not matter, whether finite or not."""
    used = np.flatnonzero(gradient)
    with np.errstate(over="ignore", invalid="ignore"):
        if used.size < gradient.size:
            gradient, covariance = gradient[used], covariance[used[:, np.newaxis], used]
        spread = float(gradient @ covariance @ gradient)
    return max(spread, 0.0)  # in this order, or a NaN would be lost


def _share(value: float, replicates: float, behind: float, *, simulated: bool) -> Measured:
    mcse = math.sqrt(max(0.0, value * (1 - value)) / replicates) if simulated else 0.0
    return Measured(value=value, mcse=mcse, events=behind)
