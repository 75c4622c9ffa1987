"""How often intervals cover: a table of intervals by N, and a sentence for each estimand."""

import math
from collections.abc import Callable, Iterator, Sequence

from mcdiv.core.number_format import joined, percent_of_level, rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.estimands.contract import estimand_of, symbol_of
from mcdiv.results.words.digest_table import DigestTable, fitting
from mcdiv.results.words.grid import setting_of
from mcdiv.results.words.grid_tables import size_head

MAX_LINES = 12
#: what is marked in the table
MARKED = "coverage of at least the level, or within 2 MCSE of it"


def covers(row: IntervalRow) -> bool:
    """Whether an interval covers as often as its level says, or cannot be told from one that does."""
    if "coverage" in row.exact:
        return row.exact["coverage"] >= row.level - 1e-12
    reported = row.reported("coverage")
    return reported.value + 2 * reported.mcse >= row.level


def coverage_table(
    rows: Sequence[IntervalRow], width: int, written: Callable[[Measured], str] = rounded
) -> DigestTable | None:
    """Coverage in per cent, a line for each interval and a column for each N; the lowest of several settings."""
    lines: dict[tuple[str, str, str], dict[int, IntervalRow]] = {}
    for row in _known(rows):
        at = lines.setdefault((row.task.estimand, row.task.label, row.interval), {})
        size = row.condition.sample_size
        if size not in at or row.value("coverage") < at[size].value("coverage"):
            at[size] = row
    if not lines:
        return None
    shown, left = dict(list(lines.items())[:MAX_LINES]), len(lines) - MAX_LINES
    several = len({setting_of(row.condition) for row in rows}) > 1
    first = (f"{'lowest ' * several}coverage [%] of", "estimator", "interval")

    def table(sizes: Sequence[int]) -> DigestTable:
        return DigestTable(
            title="Lowest coverage" if several else "Coverage",
            header=(*first, *map(size_head, sizes)),
            texts=len(first),
            lines=(
                *(
                    (symbol_of(estimand), *names, *(written(_percent(at[n])) if n in at else "–" for n in sizes))
                    for (estimand, *names), at in shown.items()
                ),
                *[("…", f"{left:,} more in", "intervals.csv", *("" for _ in sizes))] * (left > 0),
            ),
            marked={
                (i, len(first) + j)
                for i, at in enumerate(shown.values())
                for j, n in enumerate(sizes)
                if n in at and covers(at[n])
            },
        )

    return fitting(sorted({row.condition.sample_size for row in rows}), width, table)


def coverage_sentences(rows: Sequence[IntervalRow]) -> Iterator[str]:
    """Which intervals cover as often as they should in every condition, and the lowest coverage, for each estimand."""
    for estimand, level in dict.fromkeys((row.task.estimand, row.level) for row in _known(rows)):
        there = [row for row in _known(rows) if row.task.estimand == estimand]
        names = list(dict.fromkeys(row.interval for row in there))
        good = [name for name in names if all(covers(row) for row in there if row.interval == name)]
        everywhere = " in every condition" if len({row.condition.number for row in there}) > 1 else ""
        within = "" if all("coverage" in row.exact for row in there) else ", or within 2 MCSE of that"
        told = f"at least {percent_of_level(level)} of the time{everywhere}{within}"
        lowest = min(there, key=lambda row: row.value("coverage"))
        named = len(names) > 1 and lowest.interval != lowest.task.label
        which = f"{lowest.interval}, {_where(lowest)}" if named else _where(lowest)
        yield (
            f"Intervals for {symbol_of(estimand)} that cover {told}: {joined(good) if good else 'none'}. "
            f"The lowest coverage is {rounded(_percent(lowest))} % ({which}); all are in intervals.csv."
        )


def _known(rows: Sequence[IntervalRow]) -> list[IntervalRow]:
    return [row for row in rows if not math.isnan(row.value("coverage"))]


def _percent(row: IntervalRow) -> Measured:
    """Coverage in per cent, exact where it is known."""
    mcse = 0.0 if "coverage" in row.exact else row.reported("coverage").mcse
    value = 100 * row.value("coverage")
    return Measured(value=value if mcse else float(f"{value:.4g}"), mcse=100 * mcse)


def _where(row: IntervalRow) -> str:
    at = row.condition
    model = f", Q = {at.model.label}" if at.model and estimand_of(row.task.estimand).needs_model else ""
    drawn = f", M = {at.model_sample_size:,}" if at.model_sample_size and model else ""
    return f"{row.task.label}, P = {at.truth.label}{model}, N = {at.sample_size:,}{drawn}"
