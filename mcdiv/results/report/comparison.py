"""The table of every estimator in every condition; estimators that are as good as the best are shaded."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import ESTIMANDS, scale_of, symbol_of, units_of
from mcdiv.measures.contract import MEASURES, Measure, names_of
from mcdiv.results.leaders import Leaders
from mcdiv.results.report.columns import (
    common_values,
    condition_columns,
    exact_cell,
    of_condition,
    share_cell,
    simulated_cell,
)
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


def comparison_table(
    rows: Sequence[Row], pairs: Sequence[Pair], tables: Mapping[str, pd.DataFrame], units: str
) -> HtmlTable:
    """Every estimator in every condition, a line each."""
    parts, leaders = list(_comparison_parts(rows, tables, units)), Leaders.of(rows, pairs)
    best = {(number, row.task) for number, name in leaders.rows for row in leaders.best(number, name, "rmse")}
    return without_empty_columns(
        HtmlTable(
            name="summary",
            caption=f"{count(len(rows), 'row')}; {common_values([row.condition for row in rows])}",
            columns=[column for column, _ in parts],
            lines=[
                Line(cells=[read(row) for _, read in parts], shaded=(row.condition.number, row.task) in best)
                for row in rows[:MAX_LINES]
            ],
            more=max(0, len(rows) - MAX_LINES),
            shade="smallest RMSE of its condition, or within 2 MCSE of it",
        )
    )


def _comparison_parts(
    rows: Sequence[Row], tables: Mapping[str, pd.DataFrame], units: str
) -> Iterator[tuple[Column, Callable[[Row], Cell]]]:
    """Columns with what stands in them; those that matter most come before those that explain them."""
    shown_in = units_of((row.task.estimand for row in rows), units)
    scipy, several = _scipy_of(tables["decomposition"]), not tables["comparison"].empty
    simulated = any(row.simulated for row in rows)

    def theirs(row: Row) -> Cell:
        return number_cell(scipy.get((row.condition.number, row.task.estimand), math.nan))

    for column, read in condition_columns([row.condition for row in rows]):
        yield column, of_condition(read)
    yield Column(head="estimand", number=False), lambda row: text_cell(symbol_of(row.task.estimand))
    yield Column(head="estimator", number=False), lambda row: text_cell(row.task.label)
    yield (
        Column(head="true value", unit=shown_in),
        lambda row: number_cell(row.true_value / scale_of(row.task.estimand, units)),
    )
    yield Column(head="SciPy’s", unit=shown_in, about="the same computed by SciPy"), theirs
    for name, head in (("bias", "bias"), ("bias_cv", "bias with controls"), ("rmse", "RMSE"), ("sd", "sd")):
        if name == "sd" and several:
            yield Column(head="rank", about="by RMSE, in its condition"), lambda row: number_cell(row.rank or math.nan)
        if simulated:
            yield Column(head=head, unit=shown_in, about="simulated"), simulated_cell(name, units)
        if name != "bias_cv":
            yield Column(head=f"exact {head}", unit=shown_in, about="without simulation"), exact_cell(name, units)
    for entry in _further(rows):
        unit = {0: "%" if entry.percent or entry.statistic == "share" else "", 1: shown_in}.get(
            entry.unit_power, f"{units}²"
        )
        if simulated:
            yield Column(head=entry.title, unit=unit, about="simulated"), simulated_cell(entry.name, units)
        yield Column(head=f"exact {entry.title}", unit=unit, about="without simulation"), exact_cell(entry.name, units)
    yield (
        Column(head="z", about="(simulated − exact)/MCSE of the bias"),
        lambda row: number_cell(row.z("bias"), "{:.2f}"),
    )
    yield Column(head="infinite", about="share of estimates that are infinite"), share_cell("infinite_share")
    yield Column(head="undefined", about="share of estimates that are undefined"), share_cell("undefined_share")


def _further(rows: Sequence[Row]) -> list[Measure]:
    """The measures of estimators that not every study has, as far as these rows have them."""
    there = {name for row in rows for name in (*row.simulated, *row.exact)}
    return [MEASURES[name] for name in names_of(usual=False) if name in there]


def _scipy_of(decomposition: pd.DataFrame) -> dict[tuple[int, str], float]:
    values_of: dict[tuple[int, str], float] = {}
    for name in ESTIMANDS:
        if f"scipy_{name}" in decomposition.columns:
            values = zip(decomposition["condition"].tolist(), decomposition[f"scipy_{name}"].tolist(), strict=True)
            values_of |= {(number, name): value for number, value in values}
    return values_of
