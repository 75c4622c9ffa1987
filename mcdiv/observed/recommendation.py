"""Advice in words: estimators in the order of their RMSE, and no winner that the numbers do not separate."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mcdiv.core.number_format import counted, figure, joined, percent, percent_of_level, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.engine.plan import Task
from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.observed.group import Group
from mcdiv.observed.interval_advice import NEAR, Tried, coverage_text

#: a ratio of errors that nobody would act on
_HARDLY = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Which estimators of one estimand are most accurate in a study."""

    caption: str
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...]


def recommendations(
    rows: Sequence[Row], pairs: Sequence[Pair], units: str, estimates: Mapping[Task, float]
) -> Iterator[Recommendation]:
    """Estimators in the order of their RMSE, with their estimates; no winner unless the numbers show it."""
    for estimand in dict.fromkeys(row.task.estimand for row in rows):
        ordered = sorted((row for row in rows if row.task.estimand == estimand), key=_by_rank)
        condition, unit = ordered[0].condition, scale_of(estimand, units)
        lines = tuple(
            (
                str(row.rank or "–"),
                row.task.label,
                figure(estimates[row.task]),
                *(rounded(_scaled(row, measure, unit)) for measure in ("rmse", "bias", "sd")),
            )
            for row in ordered
        )
        size = f"N = {condition.sample_size:,}"
        size += f" and M = {condition.model_sample_size:,}" if condition.model_sample_size else ""
        yield Recommendation(
            caption=f"{symbol_of(estimand)}: errors of its estimators where the truth is your counts, smoothed over "
            f"{counted(condition.truth.categories, 'category', 'categories')}, at {size} "
            f"({units_of([estimand], units)})",
            header=("rank", "estimator", "estimate", "RMSE ± MCSE", "bias ± MCSE", "sd ± MCSE"),
            lines=lines,
            sentences=tuple(_sentences(symbol_of(estimand), ordered, pairs)),
        )


def of_intervals(group: Group) -> Iterator[Recommendation]:
    """Intervals in the order of their ranks, with what they are here; none where there is no study of them."""
    tried = () if group.advice is None else group.advice.intervals
    level = percent_of_level(group.level)
    for estimand in dict.fromkeys(each.line.estimand for each in tried):
        some = [each for each in tried if each.line.estimand == estimand]
        yield Recommendation(
            caption=f"{symbol_of(estimand)}: {level} intervals on the same data ({units_of([estimand], group.units)})",
            header=("rank", "interval", "around", "here", "covers, % ± MCSE", "mean width ± MCSE"),
            lines=tuple(_interval_line(each, scale_of(estimand, group.units)) for each in some),
            sentences=(_how_ranked(group.level),),
        )


def _interval_line(each: Tried, unit: float) -> tuple[str, ...]:
    line, coverage, width = each.line, each.coverage, each.width
    return (
        str(each.rank),
        line.interval,
        line.estimator,
        span(line.low, line.high, line.standard_error, line.end_error),
        coverage_text(coverage),
        rounded(Measured(value=width.value / unit, mcse=width.mcse / unit)),
    )


def _how_ranked(level: float) -> str:
    near = percent_of_level(level - NEAR * (1 - level))
    return (
        f"Those that cover in {near} of samples or more, or within 3 MCSE of {percent_of_level(level)}, are ranked by "
        "width; the others come after them, by coverage."
    )


def _sentences(symbol: str, ordered: Sequence[Row], pairs: Sequence[Pair]) -> Iterator[str]:
    best, rest = ordered[0], ordered[1:]
    if math.isnan(best.value("rmse")):
        yield f"No estimator of {symbol} has an error to rank it by."
        return
    # Errors compare only where as many samples are left out of them.
    ties = [best, *(row for row in rest if _lost(row) == _lost(best) and _indistinguishable(best, row, pairs))]
    others = [row for row in rest if row not in ties and _lost(row) == _lost(best)]
    if not rest:
        yield f"{best.task.label} is the only estimator of {symbol} compared."
    elif len(ties) > 1:
        exact = all("rmse" in row.exact for row in ties)
        how = "their RMSEs are equal" if exact else f"{best.replicates:,} replicates do not separate them"
        yield f"On data like yours, {joined(row.task.label for row in ties)} are most accurate for {symbol}; {how}."
    else:
        next_one = f"; the RMSE of {others[0].task.label} is {_times(others[0], best)}" if others else ""
        yield f"On data like yours, {best.task.label} is most accurate for {symbol}{next_one}."
    plugin = next((row for row in others[1:] if row.task.name == "plugin"), None)
    if plugin is not None:
        yield f"The RMSE of the plug-in is {_times(plugin, best)}."
    yield from _lost_sentences(ordered)


def _lost_sentences(ordered: Sequence[Row]) -> Iterator[str]:
    """Which estimators have no finite value in some samples, and what that does to their rank."""
    always = any(_lost(row) == 0 for row in ordered)
    for row in ordered:
        shares = [(row.value(f"{what}_share"), what) for what in ("infinite", "undefined")]
        if parts := [f"{what} in {percent(share)}" for share, what in shares if share > 0]:
            rank = (
                " so it ranks below the estimators that are always finite"
                if always
                else " and how large that share is decides its rank"
            )
            only = "" if math.isnan(row.value("rmse")) else f" Its RMSE covers only the rest,{rank}."
            yield f"{row.task.label} is {' and '.join(parts)} of such samples.{only}"


def _lost(row: Row) -> float:
    """The share of samples without a finite estimate, as it is ranked by."""
    return round(row.value("infinite_share") + row.value("undefined_share"), 12)


def _times(row: Row, best: Row) -> str:
    value, least = row.value("rmse"), best.value("rmse")
    if least > 0 and value / least < _HARDLY:
        return "hardly larger"
    return f"{value / least:.3g} times as large" if least > 0 else "larger"


def _indistinguishable(best: Row, row: Row, pairs: Sequence[Pair]) -> bool:
    pair = next(pair for pair in pairs if {id(pair.first), id(pair.second)} == {id(best), id(row)})
    return pair.outcome("mse") == "indistinguishable"


def _by_rank(row: Row) -> float:
    return row.rank or math.inf


def _scaled(row: Row, measure: str, unit: float) -> Measured:
    if measure in row.exact:
        return Measured(value=row.exact[measure] / unit, mcse=0.0)
    reported = row.reported(measure)
    return Measured(value=reported.value / unit, mcse=reported.mcse / unit)
