"""Columns that several tables of the page share: the condition, and simulated and exact measures with their units."""

import math
from collections.abc import Callable, Sequence

from mcdiv.core.number_format import figure, percent, value_and_error
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.report.html_table import EMPTY, Cell, Column, number_cell, text_cell


def condition_columns(conditions: Sequence[Condition]) -> list[tuple[Column, Callable[[Condition], Cell]]]:
    """Columns for what differs between the conditions, and N in any case."""
    columns: list[tuple[Column, Callable[[Condition], Cell]]] = []
    if len({c.truth.label for c in conditions}) > 1:
        columns.append((Column(head="P", number=False), lambda c: text_cell(c.truth.label)))
    if len({c.model.label for c in conditions if c.model}) > 1:
        columns.append((Column(head="Q", number=False), lambda c: text_cell(c.model.label) if c.model else EMPTY))
    columns.append((Column(head="N"), lambda c: number_cell(c.sample_size, "{:,}")))
    if any(c.model_sample_size for c in conditions):
        columns.append((Column(head="M"), lambda c: number_cell(c.model_sample_size or math.nan, "{:,}")))
    return columns


def common_values(conditions: Sequence[Condition]) -> str:
    """What is the same for all conditions."""
    truths, models = {c.truth.label for c in conditions}, {c.model.label for c in conditions if c.model}
    parts = [
        f"P = {next(iter(truths))}" if len(truths) == 1 else "",
        f"Q = {next(iter(models))}" if len(models) == 1 else "",
    ]
    several = f"{len(truths)} truths" + f", {len(models)} models" * bool(models)
    drawn = f", drawn from O = {conditions[0].drawn_from.label}" if conditions[0].drawn_from else ""
    return (", ".join(filter(None, parts)) or several) + drawn


def of_condition(read: Callable[[Condition], Cell]) -> Callable[[Row | IntervalRow], Cell]:
    """A cell that the condition of a row decides."""
    return lambda row: read(row.condition)


def simulated_cell(name: str, units: str) -> Callable[[Row | IntervalRow], Cell]:
    """What was simulated, with its MCSE."""

    def read(row: Row | IntervalRow) -> Cell:
        if not row.simulated:
            return EMPTY
        scale = _scale(name, row, units)
        reported = row.reported(name)
        if isinstance(row, Row) and row.constant:  # of an error there is nothing but roundings
            small = abs(reported.value) <= 1e-12 * abs(row.true_value)
            return number_cell(0.0 if small else reported.value / scale)
        value, error = value_and_error(Measured(value=reported.value / scale, mcse=reported.mcse / scale))
        if 0 < reported.mcse / scale < 1e-6:  # as a power of ten, and the value to its usual digits
            value = figure(reported.value / scale)
        return Cell(text=value, error=error, key=None if math.isnan(reported.value) else reported.value / scale)

    return read


def exact_cell(name: str, units: str) -> Callable[[Row | IntervalRow], Cell]:
    """The exact value, or nothing where there is none."""
    return lambda row: number_cell(row.exact.get(name, math.nan) / _scale(name, row, units))


def share_cell(name: str) -> Callable[[Row], Cell]:
    """A share in percent, or nothing where it is 0."""

    def read(row: Row) -> Cell:
        share = row.value(name)
        return Cell(text=percent(share), key=share) if share > 0 else EMPTY

    return read


def _scale(name: str, row: Row | IntervalRow, units: str) -> float:
    """What a value is divided by to be shown: shares are shown in per cent."""
    if MEASURES[name].statistic == "share":
        return 0.01
    return scale_of(row.task.estimand, units, MEASURES[name].unit_power)
