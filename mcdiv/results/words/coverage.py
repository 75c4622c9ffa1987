"""How often intervals cover where they cover least: a sentence for each estimand."""

import math
from collections.abc import Iterator, Sequence

from mcdiv.core.number_format import percent_of_level
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.estimands.contract import symbol_of


def coverage_sentences(rows: Sequence[IntervalRow]) -> Iterator[str]:
    """How often each interval covers where it covers least, the most reliable first: a sentence per estimand."""
    for estimand, level in dict.fromkeys((row.task.estimand, row.level) for row in rows):
        worst: dict[str, IntervalRow] = {}
        for row in rows:
            if row.task.estimand == estimand and not row.value("coverage") >= _least(worst.get(row.interval)):
                worst[row.interval] = row
        ordered = sorted(worst.values(), key=lambda row: -row.value("coverage"))
        least = ", ".join(f"{row.interval} {100 * row.value('coverage'):.1f} % ({_where(row)})" for row in ordered)
        yield (
            f"Lowest coverage of {percent_of_level(level)} intervals for {symbol_of(estimand)}: {least}; all are in "
            "intervals.csv."
        )


def _where(row: IntervalRow) -> str:
    at = row.condition
    model = f", Q = {at.model.label}" if at.model and row.task.estimand != "entropy" else ""
    drawn = f", M = {at.model_sample_size:,}" if at.model_sample_size and model else ""
    return f"{row.task.label}, P = {at.truth.label}{model}, N = {at.sample_size:,}{drawn}"


def _least(row: IntervalRow | None) -> float:
    return math.inf if row is None else row.value("coverage")
