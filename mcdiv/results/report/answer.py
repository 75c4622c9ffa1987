"""The answer in short, what else there is to say, and whether the study is as it should be."""

import math
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from mcdiv.core.number_format import percent, rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.checks import Verdict
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.words.digest import Digest

#: what problems.csv calls a kind: whether that is in order, and in words
_KINDS = {
    "disagreement": (False, "whose simulated and exact values disagree"),
    "exception": (False, "where estimators raised"),
    "imprecise": (False, "less precise than asked for"),
    "rare_events": (False, "with MCSEs that rest on too few rare events"),
    "infinite": (True, "with infinite estimates"),
    "undefined": (True, "with undefined estimates"),
}


def answer(told: Digest, intervals: Sequence[IntervalRow]) -> tuple[Sequence[str], Sequence[str]]:
    """Two texts that answer, and the others: the first estimand and the last, or the intervals asked for."""
    first, *others = told.of_estimands
    if intervals:
        return [first, _coverage(intervals)], [*others, *told.further]
    return [first, *others[-1:]], [*others[:-1], *told.further]


def status(checks: Sequence[Verdict], problems: pd.DataFrame) -> Sequence[tuple[bool, str]]:
    """What is in order and what is not: (in order?, words)."""
    missed, count = sum(not check.met for check in checks), len(checks)
    lines: list[tuple[bool, str]] = []
    if missed:
        lines.append((False, f"{missed} of {count} stated answers not met"))
    elif count:
        lines.append((True, "the stated answer is met" if count == 1 else f"all {count} stated answers are met"))
    for kind, number in Counter(map(str, problems["kind"])).items():
        fine, text = _KINDS.get(kind, (True, kind))
        lines.append((fine, f"{number:,} row{'' if number == 1 else 's'} {text}"))
    return lines or [(True, "complete")]


def _coverage(rows: Sequence[IntervalRow]) -> str:
    """The intervals that cover most and least, each where it covers least."""
    estimand, worst = rows[0].task.estimand, dict[str, IntervalRow]()
    for row in rows:
        if row.task.estimand == estimand and not math.isnan(row.value("coverage")):
            least = worst.setdefault(row.interval, row)
            worst[row.interval] = row if row.value("coverage") < least.value("coverage") else least
    if not worst:
        return f"No interval for {symbol_of(estimand)} has a coverage."
    best, last = (end(worst.values(), key=lambda row: row.value("coverage")) for end in (max, min))
    most = f"Of the {percent(rows[0].level)} intervals for {symbol_of(estimand)}, {_least(best)}"
    return f"{most}; {_least(last)}." if last is not best else f"{most}."


def _least(row: IntervalRow) -> str:
    simulated = row.reported("coverage")
    exact = "coverage" in row.exact
    share = Measured(value=100 * row.value("coverage"), mcse=0.0 if exact else 100 * simulated.mcse)
    where = f"P = {row.condition.truth.label}, N = {row.condition.sample_size:,}"
    text = f"{share.value:.1f}" if exact else rounded(share)
    return f"{row.interval} covers {text} % where it covers least ({where}{', exact' if exact else ''})"
