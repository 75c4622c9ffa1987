"""From moments to what performance measures are made of: bias, variance, MSE, each with its MCSE.

Each is a smooth function of feature means; its MCSE is the delta method on their covariance. So
it needs no normal estimates, as the textbook s/√(2(R−1)) for a standard deviation does. It does need the
events that decide it to be among the replicates: how many there are goes with every MCSE.
"""

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.controls import Expected, controlled
from mcdiv.core.moments import Moments
from mcdiv.core.rare_events import EVENTS_TO_TRUST
from mcdiv.core.rounding import without_rounding

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
    features = np.zeros((*estimates.shape, FEATURES))
    finite = np.isfinite(estimates)
    features[..., FINITE] = finite
    error = estimates - centre
    if not finite.all():
        undefined = np.isnan(estimates)
        error = np.where(finite, error, 0.0)
        features[..., INFINITE], features[..., UNDEFINED] = ~(finite | undefined), undefined
    features[..., ERROR] = error
    with np.errstate(over="ignore"):
        square = np.square(error)
        features[..., SQUARE], features[..., FOURTH] = square, np.square(square)
    return features.reshape(len(estimates), -1)


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


def _column(estimator: int, feature: int) -> int:
    return estimator * FEATURES + feature
