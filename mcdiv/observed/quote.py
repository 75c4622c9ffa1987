"""Which estimate to quote with which interval, a sentence for each estimand; or that none can be trusted, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mcdiv.core.number_format import counted, figure, joined, percent_of_level, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.estimands.contract import estimand_of, scale_of, symbol_of, unit_of
from mcdiv.estimators.entry import Property
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
        best = _best(group, found)
        if best is None:
            yield f"{symbol}: none of these intervals can be trusted here: {advice.reason or _why_none(group, found)}."
        else:
            yield from _passed_over(group, found[: found.index(best)])
            yield f"Quote {_quoted(group, best)}"


def quoted(group: Group) -> set[tuple[str, str, str]]:
    """Estimand, estimator and interval of what is to be quoted."""
    advice = group.advice
    if group.observed.pmf is not None or advice is None:
        return set()
    by_estimand: dict[str, list[Tried]] = {}
    for each in advice.intervals:
        by_estimand.setdefault(each.line.estimand, []).append(each)
    best = [_best(group, found) for found in by_estimand.values()]
    return {(each.line.estimand, each.line.estimator, each.line.interval) for each in best if each is not None}


def _best(group: Group, found: Sequence[Tried]) -> Tried | None:
    """The first that is fit; with unseen categories, one around an estimator that does not ask for their number.

    To the study's truth they are equally likely. That suits estimators that shrink towards equal probabilities, on no
    better grounds than theirs: their coverage in the study is not that on other truths.
    """
    fit = [each for each in found if not _unfit(group, each)]
    if (group.observed.sample.counts[0] > 0).all():
        return next(iter(fit), None)
    return next(filter(_blind_to_alphabet, fit), next(iter(fit), None))


def _blind_to_alphabet(each: Tried) -> bool:
    return Property.IGNORES_UNSEEN in each.row.task.entry.properties


def _passed_over(group: Group, before: Sequence[Tried]) -> Iterator[str]:
    """Why intervals of a better rank are not quoted, where their coverage is not believed."""
    fit = [each for each in before if not _unfit(group, each)]
    if fit:
        names = joined(dict.fromkeys(each.line.estimator for each in fit))
        yield (
            f"{symbol_of(fit[0].line.estimand)}: intervals around {names} rank higher and are not quoted. Their "
            "estimates may depend on the size of the alphabet, and your smoothed counts, whose unseen categories are "
            "equally likely, suit such estimators: for another true distribution they can cover far less."
        )


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
        f"{'' if coverage.mcse else 'exactly '}{coverage_text(coverage)} % of samples, to the extent that the true "
        "distribution resembles your smoothed counts."
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
