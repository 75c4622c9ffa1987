"""From moments to the errors of estimators: bias, variance, MSE and shares, each with its MCSE.

All estimators of a condition at once, simulated and exact: arrays have shape (E, …), each source after the other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.moments import Moments
from mcdiv.core.performance import (
    ERROR,
    FEATURES,
    FINITE,
    FOURTH,
    INFINITE,
    MISSING,
    SQUARE,
    UNDEFINED,
    ErrorSummary,
    Measured,
    centre_of,
)
from mcdiv.core.rare_events import events_of, kurtoses
from mcdiv.core.rounding import sums_of_few, without_roundings

#: the features whose means are measures as they are, and those that the events of bias, MSE and variance are of
_SHARES, _OF_ERRORS = [INFINITE, UNDEFINED], [ERROR, SQUARE, SQUARE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where errors are summarised from."""

    moments: Moments
    #: whether there are MCSEs, and R − 1
    simulated: bool
    #: from which exact law it is read how rare the events behind an MCSE are; None: from these moments
    law: Moments | None = None


def summary_of(
    moments: Moments, estimator: int, true_value: float, *, simulated: bool, law: Moments | None = None
) -> ErrorSummary:
    """The errors of the estimator at this position, as `summaries_of` has them."""
    source = Source(moments=moments, simulated=simulated, law=law)
    return summaries_of([source], [estimator], true_value)[0][0]


@np.errstate(all="ignore")  # what overflows, or is a share of nothing, is ∞ or NaN
def summaries_of(sources: Sequence[Source], estimators: Sequence[int], true_value: float) -> list[list[ErrorSummary]]:
    """By source: the errors of the estimators at these positions, in nats (variance and MSE in nats²)."""
    columns = np.array(estimators)[:, np.newaxis] * FEATURES + np.arange(FEATURES)
    events = np.concatenate([_events(source, columns) for source in sources])
    weight = np.repeat([source.moments.weight for source in sources], len(columns))
    simulated = np.repeat([source.simulated for source in sources], len(columns))
    mean = np.concatenate([source.moments.mean[columns] for source in sources])
    value = mean[:, _SHARES]
    spread = np.where(simulated[:, np.newaxis], value * (1 - value), 0.0)
    mcse = np.sqrt(np.where(spread > 0, spread, 0.0) / weight[:, np.newaxis])
    shares = _listed(value, mcse, events[:, _SHARES])
    used = columns[:, : SQUARE + 1]
    places = used[:, :, np.newaxis], used[:, np.newaxis, :]
    block = np.concatenate([source.moments.scatter[places] / source.moments.weight for source in sources])
    values = _of_errors(mean, block, weight, simulated, centre_of(true_value))
    errors = _listed(*values, events[:, _OF_ERRORS])
    known = (mean[:, FINITE] != 0).tolist()
    found = [_summary(true_value, of, lost, known=k) for of, lost, k in zip(errors, shares, known, strict=True)]
    return [found[start : start + len(columns)] for start in range(0, len(found), len(columns))]


def _summary(true_value: float, errors: list[Measured], shares: list[Measured], *, known: bool) -> ErrorSummary:
    """What the measures are functions of; `known`: whether an estimate is ever finite."""
    infinite, undefined = shares
    bias, mse, variance = errors if known else [MISSING] * 3
    is_finite = math.isfinite(true_value)
    return ErrorSummary(
        true_value=true_value,
        mean=Measured(value=centre_of(true_value) + bias.value, mcse=bias.mcse, events=bias.events),
        bias=bias if is_finite else MISSING,
        mse=mse if is_finite else MISSING,
        variance=variance,
        infinite=infinite,
        undefined=undefined,
    )


def _listed(value: Array, mcse: Array, events: Array) -> list[list[Measured]]:
    """The measures of each estimator, of arrays of shape (E, measures)."""
    rows = zip(value.tolist(), mcse.tolist(), events.tolist(), strict=True)
    return [[Measured(value=v, mcse=m, events=e) for v, m, e in zip(*row, strict=True)] for row in rows]


def _of_errors(
    mean: Array, block: Array, weight: Array, simulated: NDArray[np.bool_], centre: float
) -> tuple[Array, Array]:
    """Bias, MSE and variance of each estimator with their MCSEs; of no use where its estimates are never finite."""
    share = mean[:, FINITE]
    bias, mse, variance = _without_roundings(
        mean[:, ERROR] / share, mean[:, SQUARE] / share, _variance(block[:, ERROR, ERROR], mean), centre
    )
    count = weight * share
    several = np.rint(count) > 1
    bessel = np.where(simulated, np.where(several, count / (count - 1), math.nan), 1.0)
    # Errors are off by roundings of the estimates, hence their squares by those of twice the error times the estimate.
    blur = mse + 2 * np.sqrt(mse) * _larger(abs(centre), abs(centre + bias))
    # Influence of one outcome on bias, MSE and variance, as coefficients of its features: the delta method.
    influences = np.zeros((3, len(share), 3))
    influences[0, :, FINITE], influences[0, :, ERROR] = -bias, 1
    influences[1, :, FINITE], influences[1, :, SQUARE] = -mse, 1
    influences[2, :, FINITE], influences[2, :, ERROR], influences[2, :, SQUARE] = 2 * bias * bias - mse, -2 * bias, 1
    spread = _spreads(influences / share[:, np.newaxis], block)
    spread = np.where(without_roundings(np.sqrt(spread), np.stack([np.zeros_like(blur), blur, blur])) == 0, 0.0, spread)
    mcse = np.sqrt(spread / weight * np.stack([bessel, bessel, bessel * bessel]))
    mcse = np.where(~simulated | ((variance == 0) & several), 0.0, mcse)
    return np.stack([bias, mse, variance * bessel], axis=1), mcse.T


def _events(source: Source, columns: Counts) -> Array:
    """By estimator and feature: how many rare events the replicates hold, if these are as rare as in the law."""
    if not source.simulated:
        return np.full(columns.shape, math.inf)
    law, weight = source.law or source.moments, source.moments.weight
    finite, error, square, fourth = columns[:, : FOURTH + 1].T
    mean = law.mean[columns]
    behind = weight * np.minimum(mean, 1 - mean)
    count, never = weight * mean[:, FINITE], mean[:, FINITE] == 0
    heaviness = kurtoses(law, finite, np.stack([error, square]), np.stack([square, fourth]))
    of_errors, of_squares = np.where(never, 0.0, events_of(count, heaviness))
    behind[:, ERROR], behind[:, SQUARE] = of_errors, np.minimum(of_errors, of_squares)
    return behind


def _variance(spread: Array, mean: Array) -> Array:
    """Variance of the finite estimates, from that of errors which are 0 where the estimate is not finite."""
    share, level = mean[:, FINITE], mean[:, ERROR]
    # Where all finite estimates agree, the two differ by roundings only.
    left = sums_of_few(spread, -level * level * (1 - share) / share)
    return np.asarray(np.where(left < 0, 0.0, left) / share)


def _without_roundings(bias: Array, mse: Array, variance: Array, centre: float) -> tuple[Array, Array, Array]:
    """Bias, MSE and variance; 0 where they are roundings of the estimates, which are about as large as their mean."""
    size = _larger(abs(centre), abs(centre + bias))
    bias = without_roundings(bias, _larger(size, np.sqrt(mse)))
    spread = (without_roundings(np.sqrt(variance), size) > 0) | np.isnan(variance)
    return bias, np.where(spread, mse, bias * bias), np.where(spread, variance, 0.0)


def _larger(a: Array | float, b: Array) -> Array:
    """The larger of two; the first where the second is NaN."""
    return np.where(b > a, b, a)


def _spreads(gradients: Array, covariances: Array) -> Array:
    """Variances of combinations of features; those that one does not use do not matter, whether finite or not."""
    used = gradients != 0
    needed = used[..., :, np.newaxis] & used[..., np.newaxis, :]
    left = np.matmul(gradients[..., np.newaxis, :], np.where(needed, covariances, 0.0))
    spreads = np.matmul(left, gradients[..., :, np.newaxis])[..., 0, 0]
    return np.where(spreads < 0, 0.0, spreads)
