"""What of an estimator's estimates is kept for measures that bias, variance and MSE do not give, and those measures.

Of features of the errors their moments; for quantiles every distinct estimate with its weight.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.moments import Moments, fold, moments_of
from mcdiv.core.performance import MISSING, Measured
from mcdiv.core.rare_events import events, kurtosis
from mcdiv.core.weighted import distinct
from mcdiv.measures.contract import MEASURES, Measure
from mcdiv.measures.law import EstimateLaw, errors_of
from mcdiv.measures.rejection_share import RejectionShare

#: the first feature is whether the estimate is finite; the step of a derivative, in standard errors of a mean
_FINITE, _STEP = 0, 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What is kept of one estimator's estimates in some outcomes, for the measures that ask for it."""

    #: moments of the features over replicates, and over all outcomes; None where there are none
    simulated: Moments | None
    enumerated: Moments | None
    #: distinct estimates in ascending order, undefined ones left out, shape (V,); none where no measure asks
    values: Array
    #: how many replicates had each, and its probability where outcomes are listed; shape (1 or 2, V)
    weights: Array
    #: replicates in which the test rejects and all of them, the probability that it does and that of all outcomes (NaN
    #: where these are not listed); shape (4,), or (0,) where nothing is tested
    rejections: Array


def are_collected(measures: Iterable[str]) -> list[Measure]:
    """Those measures for which estimates are looked at by themselves."""
    entries = (MEASURES[name] for name in measures)
    return [entry for entry in entries if entry.needs in ("features", "law")]


def collect(
    measures: Iterable[str],
    estimates: Nats,
    times: Array,
    probabilities: Array | None,
    true_value: float,
    rejected: Array | None = None,
) -> Collected:
    """What of these estimates (R,) is kept, `times` replicates having had each; `rejected`: where a test rejects."""
    entries = are_collected(measures)
    features, occurred = _features_of(entries, estimates, true_value), times > 0
    values, weights = np.empty(0), np.empty((1, 0))
    if any(entry.needs == "law" for entry in entries):
        values, sums = distinct(estimates, *([times] if probabilities is None else [times, probabilities]))
        weights = np.stack(sums)
    return Collected(
        simulated=moments_of(features[occurred], times[occurred]) if occurred.any() else None,
        enumerated=None if probabilities is None else moments_of(features, probabilities),
        values=values,
        weights=weights,
        rejections=np.empty(0) if rejected is None else _rejections(rejected, times, probabilities),
    )


def _rejections(rejected: Array, times: Array, probabilities: Array | None) -> Array:
    known = (math.nan, math.nan) if probabilities is None else (rejected @ probabilities, probabilities.sum())
    return np.array([rejected @ times, times.sum(), *known], dtype=np.float64)


def joined(parts: Sequence[Collected]) -> Collected:
    """All parts together, in their order."""
    if len(parts) == 1:
        return parts[0]
    simulated = [part.simulated for part in parts if part.simulated is not None]
    enumerated = [part.enumerated for part in parts if part.enumerated is not None]
    values, sums = distinct(
        np.concatenate([part.values for part in parts]), *np.concatenate([part.weights for part in parts], axis=1)
    )
    return Collected(
        simulated=fold(simulated) if simulated else None,
        enumerated=fold(enumerated) if enumerated else None,
        values=values,
        weights=np.stack(sums),
        rejections=np.sum([part.rejections for part in parts], axis=0),
    )


def simulated_measures(measures: Iterable[str], collected: Collected, true_value: float) -> dict[str, Measured]:
    """The measures of the replicates, by name."""
    moments = collected.simulated
    if moments is None:
        return {}
    found = _measures(
        measures, moments, collected.enumerated, collected, collected.weights[0], true_value, simulated=True
    )
    if not collected.rejections.size:
        return found
    met, replicates, probability, total = collected.rejections.tolist()
    share = RejectionShare.simulated(met / replicates, replicates, probability / total, true_value)
    return found | _of_rejections(measures, share)


def exact_measures(measures: Iterable[str], collected: Collected, true_value: float) -> dict[str, Measured]:
    """The measures of the exact law, by name; none where outcomes are not listed."""
    if collected.enumerated is None:
        return {}
    found = _measures(
        measures, collected.enumerated, None, collected, collected.weights[-1], true_value, simulated=False
    )
    if not collected.rejections.size:
        return found
    _, _, probability, total = collected.rejections.tolist()
    return found | _of_rejections(measures, RejectionShare.exact(min(probability / total, 1.0), true_value))


def _of_rejections(measures: Iterable[str], share: RejectionShare) -> dict[str, Measured]:
    """Those measures of a test that this condition has, by name."""
    entries = [MEASURES[name] for name in measures if MEASURES[name].needs == "rejections"]
    return {entry.name: measured for entry in entries if (measured := entry.rule(share)) is not None}


def exact_errors(measures: Iterable[str], collected: Collected, true_value: float, replicates: int) -> dict[str, float]:
    """MCSEs that so many replicates have by the exact law, of the measures that are made of features."""
    if collected.enumerated is None or not replicates:
        return {}
    law, entries = collected.enumerated.of_replicates(replicates), are_collected(measures)
    tested: dict[str, Measured] = {}
    if collected.rejections.size:
        _, _, probability, total = collected.rejections.tolist()
        share = min(probability / total, 1.0)
        tested = _of_rejections(measures, RejectionShare.simulated(share, replicates, share, true_value))
    return {name: measured.mcse for name, measured in tested.items()} | {
        entry.name: _of_features(entry, law, law, first, true_value, simulated=True).mcse
        for entry, first in _with_columns(entries)
    }


def _measures(
    measures: Iterable[str],
    moments: Moments,
    law: Moments | None,
    collected: Collected,
    weights: Array,
    true_value: float,
    *,
    simulated: bool,
) -> dict[str, Measured]:
    entries = are_collected(measures)
    results: dict[str, Measured] = {
        entry.name: _of_features(entry, moments, law or moments, first, true_value, simulated=simulated)
        for entry, first in _with_columns(entries)
    }
    occurred = weights > 0
    kept = EstimateLaw(
        values=collected.values[occurred],
        weights=weights[occurred],
        true_value=true_value,
        replicates=float(weights.sum()) if simulated else None,
    )
    return results | {entry.name: entry.rule(kept) for entry in entries if entry.needs == "law"}


def _features_of(entries: Sequence[Measure], estimates: Nats, true_value: float) -> Array:
    """Whether each estimate is finite, then every feature of its error and that squared; 0 where it is not finite."""
    finite = np.isfinite(estimates) & math.isfinite(true_value)
    errors = errors_of(np.where(finite, estimates, 0.0), true_value if math.isfinite(true_value) else 0.0)
    columns = [finite.astype(np.float64)]
    for entry in entries:
        for feature in entry.features.values():
            values = np.where(finite, np.asarray(feature(errors), dtype=np.float64), 0.0)
            with np.errstate(over="ignore"):
                columns += [values, values**2]
    return np.stack(columns, axis=1)


def _with_columns(entries: Iterable[Measure]) -> list[tuple[Measure, int]]:
    """The measures made of features, each with the column of its first one."""
    found, column = [], _FINITE + 1
    for entry in entries:
        if entry.features:
            found.append((entry, column))
            column += 2 * len(entry.features)
    return found


def _of_features(
    entry: Measure, moments: Moments, law: Moments, first: int, true_value: float, *, simulated: bool
) -> Measured:
    """A function of the means of features given that the estimate is finite; its MCSE by the delta method."""
    share = float(moments.mean[_FINITE])
    if share == 0:
        return MISSING
    columns = [first + 2 * place for place in range(len(entry.features))]
    means, count = moments.mean[columns] / share, moments.weight * share
    value = float(entry.rule(*means))
    if not simulated:
        return Measured(value=value, mcse=0.0)
    if round(count) <= 1:
        return Measured(value=value, mcse=math.nan, events=0.0)
    steps = _STEP * np.sqrt(np.diag(moments.covariance)[columns] / moments.weight)
    gradient = np.zeros(len(columns))
    for place in np.flatnonzero(steps > 0):
        step = np.zeros(len(columns))
        step[place] = steps[place]
        gradient[place] = (entry.rule(*(means + step)) - entry.rule(*(means - step))) / (2 * steps[place])
    # Influence of one outcome: Σ g_j (f_j − m_j) given that it is finite.
    influence, used = np.array([-float(gradient @ means), *gradient]) / share, [_FINITE, *columns]
    spread = max(float(influence @ moments.covariance[np.ix_(used, used)] @ influence), 0.0)
    behind = min(events(count, kurtosis(law, _FINITE, column, column + 1)) for column in columns)
    return Measured(value=value, mcse=math.sqrt(spread / moments.weight * count / (count - 1)), events=behind)
