"""The table of means over truths: every averaged measure of each estimator and interval, with both of its errors."""

import math
from collections.abc import Callable, Sequence

from mcdiv.core.number_format import rounded
from mcdiv.core.performance import Measured
from mcdiv.engine.pooled import PooledRow
from mcdiv.estimands.contract import scale_of, symbol_of, units_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.report.html_table import (
    EMPTY,
    MAX_LINES,
    Cell,
    Column,
    HtmlTable,
    Line,
    count,
    number_cell,
    text_cell,
    without_empty_columns,
)

#: measures on the page, and their heads; the others are in the CSV file
_HEADS = {"bias": "bias", "sd": "sd", "rmse": "RMSE", "coverage": "coverage", "width": "width"}
_HEADS |= {"type_i_error": "type I error", "power": "power"}
#: what the error of a mean contains
ERROR_OF_MEANS = {
    "draws": "± is the MCSE of the mean over all that could be drawn: it includes the spread between truths.",
    "truth": "± is the MCSE of a mean over so many truths, as if they were drawn at random: it includes the spread "
    "between them.",
}
_GIVEN = "MCSE for these truths only: what their replicates leave open; 0 where all values are exact"


def pooled_means(rows: Sequence[PooledRow], units: str) -> HtmlTable:
    """A line for every law of truths, Q, N, M, estimand, estimator and interval."""
    shown_in = units_of((row.task.estimand for row in rows), units)
    what_differs = [part for part in _conditions() if len({part[1](row).text for row in rows}) > 1]
    parts: list[tuple[Column, Callable[[PooledRow], Cell]]] = [
        *what_differs,
        (Column(head="estimand", number=False), lambda row: text_cell(symbol_of(row.task.estimand))),
        (Column(head="estimator", number=False), lambda row: text_cell(row.task.label)),
        (Column(head="interval", number=False), lambda row: text_cell(row.interval) if row.interval else EMPTY),
        (Column(head="true value", unit=shown_in), lambda row: number_cell(row.true_value / _scale(row, 1, units))),
    ]
    for name, head in _HEADS.items():
        unit = shown_in if MEASURES[name].unit_power else "%"
        parts.append((Column(head=head, unit=unit, about=_about(name)), _mean(name, units)))
        if name in ("bias", "coverage"):
            column = Column(head=f"{head}: MCSE given these truths", unit=unit, about=_GIVEN)
            parts.append((column, _given_truths(name, units)))
    return without_empty_columns(
        HtmlTable(
            name="pooled",
            caption=f"{count(len(rows), 'row')}; {_common(rows)}",
            columns=[column for column, _ in parts],
            lines=[Line(cells=[read(row) for _, read in parts]) for row in rows[:MAX_LINES]],
            more=max(0, len(rows) - MAX_LINES),
        )
    )


def _conditions() -> list[tuple[Column, Callable[[PooledRow], Cell]]]:
    """Columns that are there where they differ from line to line."""
    return [
        (Column(head="truths from", number=False), lambda row: text_cell(row.law) if row.law else EMPTY),
        (Column(head="truths"), lambda row: number_cell(row.truths, "{:,}")),
        (Column(head="Q", number=False), lambda row: text_cell(row.model.label) if row.model else EMPTY),
        (Column(head="N"), lambda row: number_cell(row.sample_size, "{:,}")),
        (Column(head="M"), lambda row: number_cell(row.model_sample_size or math.nan, "{:,}")),
    ]


def _common(rows: Sequence[PooledRow]) -> str:
    """What is the same in every line."""
    counts = sorted({row.truths for row in rows})
    truths = count(counts[0], "truth") if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,} truths"
    laws, models = {row.law for row in rows}, {row.model.label for row in rows if row.model}
    parts = [f"each a mean over {truths}" + (f" from {rows[0].law}" if len(laws) == 1 and rows[0].law else "")]
    parts += [f"Q = {label}" for label in models if len(models) == 1]
    for symbol, sizes in (("N", {row.sample_size for row in rows}), ("M", {row.model_sample_size for row in rows})):
        parts += [f"{symbol} = {size:,}" for size in sizes if size and len(sizes) == 1]
    return ", ".join(parts)


def _about(name: str) -> str:
    averaged = MEASURES[name].averaged
    return "" if averaged == name else f"the square root of the mean {MEASURES[averaged].title}"


def _mean(name: str, units: str) -> Callable[[PooledRow], Cell]:
    """The mean with its error, the spread between truths included."""

    def read(row: PooledRow) -> Cell:
        if name not in row.measures:
            return EMPTY
        found, scale = row.measures[name], _scale_of(name, row, units)
        mean = Measured(value=found.value / scale, mcse=found.mcse / scale)
        return EMPTY if math.isnan(mean.value) else Cell(text=rounded(mean), key=mean.value)

    return read


def _given_truths(name: str, units: str) -> Callable[[PooledRow], Cell]:
    def read(row: PooledRow) -> Cell:
        if name not in row.measures:
            return EMPTY
        error = row.measures[name].mcse_given_truths / _scale_of(name, row, units)
        return EMPTY if math.isnan(error) else Cell(text=f"{error:.2g}", key=error)

    return read


def _scale_of(name: str, row: PooledRow, units: str) -> float:
    """What a value is divided by to be shown: shares are shown in per cent."""
    return 0.01 if MEASURES[name].statistic == "share" else _scale(row, MEASURES[name].unit_power, units)


def _scale(row: PooledRow, power: int, units: str) -> float:
    return scale_of(row.task.estimand, units, power)
