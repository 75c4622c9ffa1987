"""Which estimate to quote with which interval, a sentence for each estimand; or that none can be trusted, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mcdiv.core.number_format import counted, figure, percent_of_level, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.estimands.contract import estimand_of, scale_of, symbol_of, unit_of
from mcdiv.observed.certain import why_certain
from mcdiv.observed.diagnostics import BEYOND, EXCLUDES, range_of
from mcdiv.observed.estimates import Line
from mcdiv.observed.group import Group
from mcdiv.observed.recommend import smoothed_pmf, too_large, unseen_categories, without_alphabet

if TYPE_CHECKING:
    from mcdiv.observed.interval_advice import Tried


def quotes(group: Group) -> Iterator[str]:
    """The last of what is said of a group; nothing of probabilities, of which no estimate has an interval."""
    if group.observed.pmf is not None:
        return
    advice = group.advice
    if advice is None:
        said = "How often these intervals cover on data like yours is not known"
        studied = group.observed.order is None and too_large(group.observed) is None
        yield f"{said}: --advise computes it." if studied else f"{said}."
        return
    for estimand in dict.fromkeys(line.estimand for line in group.lines):
        symbol = symbol_of(estimand)
        found = [each for each in advice.intervals if each.line.estimand == estimand]
        best = next((each for each in found if not _unfit(group, each)), None)
        if best is None:
            yield f"{symbol}: none of these intervals can be trusted here: {advice.reason or _why_none(group, found)}."
        else:
            yield f"Quote {_quoted(group, best)}"


def quoted(group: Group) -> set[tuple[str, str, str]]:
    """Estimand, estimator and interval of what is to be quoted."""
    advice = group.advice
    if group.observed.pmf is not None or advice is None:
        return set()
    found: dict[str, Tried] = {}
    for each in advice.intervals:
        if not _unfit(group, each):
            found.setdefault(each.line.estimand, each)
    return {(name, each.line.estimator, each.line.interval) for name, each in found.items()}


def _quoted(group: Group, best: Tried) -> str:
    from mcdiv.observed.interval_advice import coverage_text

    line, coverage = best.line, best.coverage
    unit = unit_of(line.estimand, group.units)
    value = rounded(Measured(value=line.value, mcse=line.standard_error)).partition(" ± ")[0]
    value = value if unit == "1" else f"{value} {unit}"
    least, most = _range(group, line)
    ends = span(max(line.low, least), min(line.high, most), line.standard_error, line.end_error)
    cut = ", cut to what is possible" if BEYOND in line.notes else ""
    return (
        f"{symbol_of(line.estimand)} = {value}, with the {percent_of_level(group.level)} interval {ends} "
        f"({line.interval} around {line.estimator}{cut}): on data like yours it covers in "
        f"{'' if coverage.mcse else 'exactly '}{coverage_text(coverage)} % of samples."
    )


def _unfit(group: Group, each: Tried) -> str:
    """Why an interval is not to be quoted; empty where it is."""
    line = each.line
    if not each.covers:
        return "coverage"
    if not (math.isfinite(line.value) and math.isfinite(line.low) and math.isfinite(line.high)) or each.lost > 0:
        return "infinite"
    if not line.high - line.low > 1e-12 * abs(line.value) and not why_certain(group.observed, line.estimand):
        return "width 0"
    least, most = _range(group, line)
    if EXCLUDES in line.notes or not least - 1e-9 <= line.value <= most * (1 + 1e-9):
        return "impossible"
    return "alphabet" if 2 * _shift(group, line.estimand) > line.high - line.low else ""


def _why_none(group: Group, found: Sequence[Tried]) -> str:
    from mcdiv.observed.interval_advice import coverage_text

    reasons = [_unfit(group, each) for each in found]
    if not found:
        return "no interval was tried"
    if "alphabet" in reasons:
        estimand, unit = found[0].line.estimand, unit_of(found[0].line.estimand, group.units)
        unseen = counted(unseen_categories(group.observed.sample.counts[0]), "unseen category", "unseen categories")
        by = f"{figure(float(f'{_shift(group, estimand):.3g}'))}{'' if unit == '1' else ' ' + unit}"
        return (
            f"the {unseen} assumed are a lower bound (Chao, 1984), and twice as many would move the true value by "
            f"{by}, more than half the width of any interval that covers"
        )
    if set(reasons) == {"coverage"}:
        closest = max(found, key=lambda each: each.coverage.value)
        what, share = f"{closest.line.interval} around {closest.line.estimator}", coverage_text(closest.coverage)
        return (
            f"on data like yours none of them covers in about {percent_of_level(group.level)} of samples; "
            f"{what} comes closest, with {share} %"
        )
    return (
        "those that cover on data like yours are infinite or undefined there or here, have a width of 0 here, or the "
        "estimate is outside them or impossible"
    )


def _range(group: Group, line: Line) -> tuple[float, float]:
    """The least and the largest value that the estimand can have, in its units."""
    observed, unit = group.observed, scale_of(line.estimand, group.units)
    least, most = range_of(line.estimand, observed.sample, alphabet_known=observed.alphabet_known)
    return least / unit, most / unit


def _shift(group: Group, estimand: str) -> float:
    """By how much the true value of the study would change with twice as many unseen categories, in its units."""

    observed = group.observed
    if not without_alphabet(observed):
        return 0.0
    values = [
        float(np.ravel(estimand_of(estimand).value(smoothed_pmf(observed, times)[np.newaxis], observed.sample.q))[0])
        for times in (1, 2)
    ]
    return abs(values[1] - values[0]) / scale_of(estimand, group.units)
