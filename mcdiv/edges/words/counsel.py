"""Advice in words: estimators in the order of their RMSE, and no winner that the numbers do not separate."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcdiv.core.performance import Measured
from mcdiv.core.units import nats_per
from mcdiv.estimators.contract import SYMBOLS
from mcdiv.study.numerals import percent, rounded
from mcdiv.study.results import Pair, Row

#: a ratio of errors that nobody would act on
_HARDLY = 1.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Counsel:
    """Which estimators of one estimand err least in a study."""

    caption: str
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...]


def counsel(rows: Sequence[Row], pairs: Sequence[Pair], units: str) -> Iterator[Counsel]:
    """Estimators in the order of their RMSE; no winner where the numbers do not separate them."""
    for estimand in dict.fromkeys(row.task.estimand for row in rows):
        ordered = sorted((row for row in rows if row.task.estimand == estimand), key=_by_rank)
        alike = [ordered[0], *(row for row in ordered[1:] if _alike(ordered[0], row, pairs))]
        condition, unit = ordered[0].condition, nats_per(units)
        lines = tuple(
            (
                str(row.rank or "–"),
                row.task.label,
                *(rounded(_scaled(row, measure, unit)) for measure in ("rmse", "bias", "sd")),
            )
            for row in ordered
        )
        yield Counsel(
            caption=f"{SYMBOLS[estimand]}: what errors are like where the truth is the counts, smoothed to "
            f"{len(condition.truth.pmf()):,} categories, at N = {condition.sample_size:,} ({units})",
            header=("rank", "estimator", "RMSE ± MCSE", "bias ± MCSE", "sd ± MCSE"),
            lines=lines,
            sentences=tuple(_counsel_sentences(estimand, ordered, alike)),
        )


def _counsel_sentences(estimand: str, ordered: Sequence[Row], alike: Sequence[Row]) -> Iterator[str]:
    names = [row.task.label for row in ordered if row in alike]
    symbol = SYMBOLS[estimand]
    least = ordered[0].value("rmse")
    if math.isnan(least):
        yield f"No estimator of {symbol} has an error to rank it by."
        return
    if len(names) == 1:
        others = f"; {ordered[1].task.label} errs {_times(ordered[1].value('rmse'), least)}" if len(ordered) > 1 else ""
        yield f"In a case like this {names[0]} errs least for {symbol}{others}."
    else:
        exact = all("rmse" in row.exact for row in alike)
        apart = ", exactly alike" if exact else f"; {ordered[0].replicates:,} replicates do not separate them"
        yield f"In a case like this {', '.join(names[:-1])} and {names[-1]} err least for {symbol}{apart}."
    plugin = next((row for row in ordered if row.task.name == "plugin"), None)
    if plugin is not None and plugin not in (*alike, *ordered[1:2]):
        yield f"The plug-in errs {_times(plugin.value('rmse'), least)}."
    for row in ordered:
        for share, what in (("infinite_share", "infinite"), ("undefined_share", "undefined")):
            if row.value(share) > 0:
                of = f"{row.task.label} is {what} for {percent(row.value(share))} of such samples"
                yield f"{of}, which its errors leave out: it ranks after all that never are."


def _times(value: float, least: float) -> str:
    if least > 0 and value / least < _HARDLY:
        return "hardly more"
    return f"{value / least:.3g} times as much" if least > 0 else "more"


def _alike(best: Row, row: Row, pairs: Sequence[Pair]) -> bool:
    pair = next(pair for pair in pairs if {id(pair.first), id(pair.second)} == {id(best), id(row)})
    return pair.verdict("mse") == "indistinguishable"


def _by_rank(row: Row) -> float:
    return row.rank or math.inf


def _scaled(row: Row, measure: str, unit: float) -> Measured:
    if measure in row.exact:
        return Measured(value=row.exact[measure] / unit, mcse=0.0)
    reported = row.reported(measure)
    return Measured(value=reported.value / unit, mcse=reported.mcse / unit)
