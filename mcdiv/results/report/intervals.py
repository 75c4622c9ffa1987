"""The table of every interval in every condition; intervals that cover as often as they should are shaded."""

from collections.abc import Callable, Sequence

from mcdiv.core.number_format import percent
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.estimands.contract import symbol_of, units_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.report.columns import common_values, condition_columns, exact_cell, of_condition, simulated_cell
from mcdiv.results.report.html_table import (
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
from mcdiv.results.words.coverage import covers

_INTERVAL_HEADS = {
    "coverage": "coverage",
    "width": "width",
    "modse": "ModSE",
    "relative_error_modse": "relative error of ModSE",
    "bias_eliminated_coverage": "coverage of the mean",
}


def interval_table(rows: Sequence[IntervalRow], units: str) -> HtmlTable:
    """Every interval in every condition; those that cover as often as they should are shaded."""
    shown_in = units_of((row.task.estimand for row in rows), units)
    parts: list[tuple[Column, Callable[[IntervalRow], Cell]]] = [
        *((column, of_condition(read)) for column, read in condition_columns([row.condition for row in rows])),
        (Column(head="estimand", number=False), lambda row: text_cell(symbol_of(row.task.estimand))),
        (Column(head="estimator", number=False), lambda row: text_cell(row.task.label)),
        (Column(head="interval", number=False), lambda row: text_cell(row.interval)),
    ]
    parts += [
        (Column(head=f"{prefix}{head}", unit=shown_in if MEASURES[name].unit_power else "%"), read(name, units))
        for name, head in _INTERVAL_HEADS.items()
        for prefix, read in (("", simulated_cell), ("exact ", exact_cell))
    ]
    parts.append((Column(head="z", about="of the coverage"), lambda row: number_cell(row.z("coverage"), "{:.2f}")))
    return without_empty_columns(
        HtmlTable(
            name="intervals",
            caption=f"{count(len(rows), 'row')}; {common_values([row.condition for row in rows])}; "
            f"level {percent(rows[0].level)}",
            columns=[column for column, _ in parts],
            lines=[Line(cells=[read(row) for _, read in parts], shaded=covers(row)) for row in rows[:MAX_LINES]],
            more=max(0, len(rows) - MAX_LINES),
            shade="covers at least as often as its level says, or within 2 MCSE of that",
        )
    )
