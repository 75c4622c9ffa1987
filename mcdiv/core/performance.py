"""From moments to performance measures: bias, variance, RMSE …, each with its Monte Carlo standard error.

Every measure is a smooth function of feature means; its MCSE is the delta method on their covariance. So
it is right for skewed and heavy-tailed estimates too, where the textbook s/√(2(R−1)) for a standard
deviation can be several times too small or too large: that one assumes normal estimates.
"""

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.controls import Expected, controlled
from mcdiv.core.moments import Moments

#: features per estimator: finite?, error, squared error (both 0 where not finite), undefined?
FEATURES = 4
FINITE, ERROR, SQUARE, UNDEFINED = range(FEATURES)

#: measures in the order of the tables, and the power of the unit each is in; bias_cv is the bias with control variates
MEASURES = {
    "mean": 1,
    "bias": 1,
    "bias_cv": 1,
    "relative_bias": 0,
    "sd": 1,
    "variance": 2,
    "mse": 2,
    "rmse": 1,
    "infinite_share": 0,
    "undefined_share": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The value of a performance measure, and its Monte Carlo standard error (NaN where it has none)."""

    value: float
    mcse: float


def features_of(estimates: Nats, centre: float) -> Array:
    """Features of estimates of several estimators, (R, E) → (R, E·FEATURES); errors are measured from `centre`."""
    finite = np.isfinite(estimates)
    error = np.where(finite, estimates, centre) - centre
    features = np.stack([finite, error, error**2, np.isnan(estimates)], axis=-1, dtype=np.float64)
    return features.reshape(len(estimates), -1)


def centre_of(true_value: float) -> float:
    """What errors are measured from: the true value, or 0 where that is infinite."""
    return true_value if math.isfinite(true_value) else 0.0


def performance(moments: Moments, estimator: int, true_value: float, *, simulated: bool) -> dict[str, Measured]:
    """All measures but bias_cv of the estimator at this position, in nats (variance and MSE in nats²).

    Bias, variance, MSE and what follows from them are conditional on the estimate being finite. The bias
    is NaN where the true value is infinite. Without simulation there is no MCSE, and no R − 1.
    """
    finite, error, square, undefined = _columns(estimator)
    mean = moments.mean
    share = float(mean[finite])
    infinite = max(0.0, 1.0 - share - float(mean[undefined]))
    shares = {
        "infinite_share": _share(infinite, moments.weight, simulated=simulated),
        "undefined_share": _share(float(mean[undefined]), moments.weight, simulated=simulated),
    }
    if share == 0:
        missing = [name for name in MEASURES if name not in shares and name != "bias_cv"]
        return {name: Measured(value=math.nan, mcse=math.nan) for name in missing} | shares
    count = moments.weight * share
    bias, mse = float(mean[error] / share), float(mean[square] / share)
    # Influence of one outcome on each measure, as coefficients of its features: the delta method.
    columns = slice(finite, square + 1)
    block = moments.scatter[columns, columns] / moments.weight
    variance = _variance(float(block[ERROR, ERROR]), bias, share)

    def mcse(coefficients: list[float], correction: float = 1.0) -> float:
        if not simulated:
            return 0.0
        if round(count) <= 1:
            return math.nan
        gradient = np.array(coefficients) / share
        return math.sqrt(max(0.0, float(gradient @ block @ gradient)) / moments.weight * correction)

    bessel = count / (count - 1) if simulated and round(count) > 1 else 1.0 if not simulated else math.nan
    bias_mcse = mcse([-bias, 1, 0], bessel)
    mse_mcse = mcse([-mse, 0, 1], bessel)
    variance_mcse = mcse([2 * bias**2 - mse, -2 * bias, 1], bessel**2)
    return {
        "mean": Measured(value=centre_of(true_value) + bias, mcse=bias_mcse),
        **_biases(bias, bias_mcse, true_value),
        "sd": _root(variance * bessel, variance_mcse),
        "variance": Measured(value=variance * bessel, mcse=variance_mcse),
        **_errors(mse, mse_mcse, true_value),
        **shares,
    }


def bias_with_controls(
    moments: Moments, estimator: int, true_value: float, expected: Expected, alike: Array
) -> Measured | None:
    """The bias regressed on the control variates that the moments end with; None where they can tell nothing.

    Their means are exact for all outcomes, and not for those alone whose estimate is finite.
    """
    finite, error, *_ = _columns(estimator)
    if moments.mean[finite] < 1 or not math.isfinite(true_value):
        return None
    found = controlled(moments, error, expected, alike)
    return None if found is None else Measured(value=found[0], mcse=found[1])


def compare(moments: Moments, first: int, second: int, *, simulated: bool) -> dict[str, Measured]:
    """Paired differences between two estimators on the same outcomes, first minus second: in |bias| and in MSE."""
    results = {}
    for name, column in (("abs_bias", ERROR), ("mse", SQUARE)):
        coefficients = np.zeros(len(moments.mean))
        difference = 0.0
        for estimator, side in ((first, 1.0), (second, -1.0)):
            finite, value = (_columns(estimator)[i] for i in (FINITE, column))
            share = float(moments.mean[finite])
            if share == 0:
                return {measure: Measured(value=math.nan, mcse=math.nan) for measure in ("abs_bias", "mse")}
            level = float(moments.mean[value]) / share
            sign = side * (math.copysign(1.0, level) if name == "abs_bias" else 1.0)
            difference += sign * level
            coefficients[value] += sign / share
            coefficients[finite] -= sign * level / share
        spread = max(0.0, float(coefficients @ moments.covariance @ coefficients))
        count = moments.weight
        mcse = 0.0 if not simulated else math.sqrt(spread / (count - 1)) if round(count) > 1 else math.nan
        results[name] = Measured(value=difference, mcse=mcse)
    return results


def _columns(estimator: int) -> tuple[int, int, int, int]:
    start = estimator * FEATURES
    return start + FINITE, start + ERROR, start + SQUARE, start + UNDEFINED


def _variance(spread: float, bias: float, share: float) -> float:
    """Variance of the finite estimates, from that of errors which are 0 where the estimate is not finite."""
    between = bias**2 * share * (1 - share)
    # Where all finite estimates agree, the two differ by roundings only.
    return (spread - between) / share if spread - between > 1e-14 * between else 0.0


def _share(value: float, replicates: float, *, simulated: bool) -> Measured:
    return Measured(value=value, mcse=math.sqrt(max(0.0, value * (1 - value)) / replicates) if simulated else 0.0)


def _root(square: float, mcse: float) -> Measured:
    value = math.sqrt(square)
    return Measured(value=value, mcse=mcse / (2 * value) if value > 0 else mcse)


def _biases(bias: float, mcse: float, true_value: float) -> dict[str, Measured]:
    missing = Measured(value=math.nan, mcse=math.nan)
    if not math.isfinite(true_value):
        return {"bias": missing, "relative_bias": missing}
    relative = Measured(value=bias / true_value, mcse=mcse / abs(true_value)) if true_value else missing
    return {"bias": Measured(value=bias, mcse=mcse), "relative_bias": relative}


def _errors(mse: float, mcse: float, true_value: float) -> dict[str, Measured]:
    if not math.isfinite(true_value):
        missing = Measured(value=math.nan, mcse=math.nan)
        return {"mse": missing, "rmse": missing}
    return {"mse": Measured(value=mse, mcse=mcse), "rmse": _root(mse, mcse)}
