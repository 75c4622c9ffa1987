"""What thresholds and features mean, in sentences that are true for whatever was asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import counted, figure, joined, percent, rounded, rounded_up
from mcdiv.core.performance import Measured
from mcdiv.observed.drift import FeatureDrift
from mcdiv.significance.null_law import LEFT_OUT
from mcdiv.significance.simulated_law import MAX_WEIGHT
from mcdiv.significance.statistics import STATISTICS
from mcdiv.significance.thresholds import Alarm, Threshold

#: features that a sentence names
_NAMED = 8
#: a mean number of features that is not told from fewer
_LEAST = 0.01
#: a probability of an infinite value that is not worth a sentence
_SELDOM = 1e-9
#: a probability down to which a computed law is right
_SURE = 10 * LEFT_OUT
#: a standard error that a share in per cent need not have beside it
_NEGLIGIBLE = 1e-6
#: hits of R replicates of which none was one are rarer than this over R, with 95 % confidence
_NONE_OF_R = 3 * MAX_WEIGHT


def threshold_text(threshold: Threshold) -> str:
    """The threshold to the digits that its error supports."""
    return rounded(Measured(value=threshold.value, mcse=threshold.mcse))


def p_value_text(drift: FeatureDrift) -> str:
    """A p-value to the digits that its error supports; – without current counts."""
    if drift.p_value is None or drift.p_value_mcse is None:
        return "–"
    if not drift.p_value_mcse and drift.p_value < _SURE:
        return f"below {figure(_SURE)}"
    return rounded(Measured(value=drift.p_value, mcse=drift.p_value_mcse))


def sentences(threshold: Threshold) -> Iterator[str]:
    """What one threshold says."""
    symbol = STATISTICS[threshold.statistic].symbol
    if math.isinf(threshold.value):
        yield f"There is no threshold at a rate of {_rate(threshold.rate)}: {_infinite(threshold, symbol)}"
        floor = ", nor is psi with --floor" * (threshold.statistic == "psi")
        yield f"More draws or fewer categories make that rarer; js is never infinite{floor}."
    else:
        how = "exact" if threshold.exact else f"from {threshold.replicates:,} replicates"
        rare = "no check is" if not threshold.alarm_rate else f"{percent(threshold.alarm_rate)} of checks are"
        yield f"Alarm where {symbol} is above {threshold_text(threshold)}: without drift {rare} ({how})."
        if threshold.infinite > _SELDOM:
            yield _infinite(threshold, symbol)
    yield from _of_chi_squared(threshold, symbol)
    if threshold.alarms:
        shares = [f"≥ {figure(alarm.at)} in {_alarms(threshold, alarm)}" for alarm in threshold.alarms]
        yield f"Without drift {symbol} is {joined(shares)} of checks."


def _alarms(threshold: Threshold, alarm: Alarm) -> str:
    """How often a value is reached; where no replicate did, or fewer than a law can tell, less than what."""
    most = _at_most(threshold, alarm)
    return _share(alarm.probability, alarm.mcse) if most is None else f"less than {percent(rounded_up(most))}"


def _at_most(threshold: Threshold, alarm: Alarm) -> float | None:
    """A bound, where that is all that is known: with 95 % confidence where replicates say it."""
    if threshold.exact:
        return _SURE if alarm.probability < _SURE else None
    unseen = _NONE_OF_R / threshold.replicates
    seen = alarm.mcse or alarm.probability > threshold.infinite or threshold.infinite > 10 * unseen
    return None if seen else threshold.infinite + unseen


def _infinite(threshold: Threshold, symbol: str) -> str:
    return f"{symbol} is infinite in {_share(threshold.infinite, threshold.infinite_mcse)} of checks without drift."


def _of_chi_squared(threshold: Threshold, symbol: str) -> Iterator[str]:
    if threshold.chi_squared is None or threshold.chi_squared_alarm_rate is None:
        return
    rate = percent(threshold.chi_squared_alarm_rate)
    yield f"The χ² approximation has {symbol} above {figure(threshold.chi_squared)}, which alarms in {rate} of checks."


def _share(share: float, mcse: float) -> str:
    """A share in per cent, with its error where it has one."""
    if mcse <= _NEGLIGIBLE * share:
        return percent(share)
    return f"{rounded(Measured(value=100 * share, mcse=100 * mcse))} %"


def of_current(drift: FeatureDrift) -> Iterator[str]:
    """What the current counts of a single feature say."""
    if drift.observed is not None:
        symbol = STATISTICS[drift.threshold.statistic].symbol
        where = "above the threshold" if drift.alarm else "not above the threshold"
        yield f"The current counts have {symbol} = {figure(drift.observed)}, {where} (p-value {p_value_text(drift)})."


def several_sentences(drifts: Sequence[FeatureDrift], correct: str | None, rate: float) -> Iterator[str]:
    """What the thresholds of several features say together."""
    first = drifts[0].threshold
    symbol = STATISTICS[first.statistic].symbol
    missing = sum(math.isinf(each.threshold.value) for each in drifts)
    if missing:
        said = f"{symbol} is infinite in more than {_rate(first.rate)} of checks without drift"
        yield f"{counted(missing, 'feature has', 'features have')} no threshold: {said}."
    if drifts[0].alarm is not None:
        above = [each.feature for each in drifts if each.alarm]
        names = f": {joined(above[:_NAMED])}" if len(above) <= _NAMED and above else ""
        verb = "is" if len(above) == 1 or len(drifts) == 1 else "are"
        yield f"{len(above):,} of {counted(len(drifts), 'feature')} {verb} above the threshold{names}."
    expected = sum(each.threshold.alarm_rate for each in drifts)
    of_each = _correction(correct, rate, first)
    yield f"Without drift {_about(expected)} of {len(drifts):,} would be, on average; {of_each}."
    for place, alarm in enumerate(first.alarms):
        bounds = [_at_most(each.threshold, each.threshold.alarms[place]) for each in drifts]
        often = sum(
            each.threshold.alarms[place].probability if bound is None else bound
            for each, bound in zip(drifts, bounds, strict=True)
        )
        number = _about(often) if all(bound is None for bound in bounds) else _less_than(often)
        yield f"Without drift {symbol} is ≥ {figure(alarm.at)} in {number} of {len(drifts):,}, on average."


def _correction(correct: str | None, rate: float, first: Threshold) -> str:
    if correct is None:
        return f"each has a rate of {_rate(first.rate)}"
    whether = "" if correct == "bonferroni" else ", if features are independent"
    return f"each has a rate of {_rate(first.rate)}, and at most {_rate(rate)} of checks alarm anywhere{whether}"


def _rate(rate: float) -> str:
    """A rate that was asked for, to three digits."""
    return f"{100 * rate:.3g} %".replace("e-", "e−")


def _less_than(number: float) -> str:
    """A bound of a mean number of features."""
    return f"less than {figure(rounded_up(max(number, _LEAST)))}"


def _about(number: float) -> str:
    """A mean number of features."""
    if 0 < number < _LEAST:
        return f"less than {_LEAST:g}"
    return f"{number:.2g}" if number < 100 else f"{number:,.0f}"
