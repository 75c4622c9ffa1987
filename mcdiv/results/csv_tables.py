"""Tables as CSV and back: texts, typed tables, and the records in nats that a run made those tables of.

Whoever tells of a run from its files starts here, so that he tells the same as the run itself.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from mcdiv.core.escapes import csv_cell, printable
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.engine.records import Pair, Row
from mcdiv.errors import StoreError
from mcdiv.estimands.contract import scale_of
from mcdiv.measures.contract import MEASURES

_TEXT = ["scenario", "truth", "model", "estimand", "estimator", "estimator_a", "estimator_b", "interval", "unit"]
_TEXT += ["measure", "source", "verdict", "kind", "message", "replay", "note", "ranked_by"]
_TEXT += ["truth_family", "truth_name", "truth_smoothing", "model_family", "model_name", "model_smoothing"]
_WHOLE = ["condition", "categories", "sample_size", "model_sample_size", "rank", "replicates", "path", "heads"]
_WHOLE += ["first_replicate", "smallest_fitted", "largest_fitted", "fitted", "within_error", "truths", "covers"]
_WHOLE += ["null_replicates"]
_INTEGER = re.compile("-?[0-9]+")

#: (value, MCSE, exact value, events behind the MCSE, whether it was simulated) by measure
_Measures = dict[str, tuple[float, float, float, float, bool]]


def to_csv(table: pd.DataFrame) -> str:
    """A table as CSV: one header line, '.' decimals, 17 significant digits, nothing where there is no value.

    Text is printable, and none of it a formula.
    """
    if table.empty:
        return table.to_csv(index=False, lineterminator="\n")
    texts = [column for _, column in table.items() if not pd.api.types.is_numeric_dtype(column)]
    cells = {str(column.name): column.map(as_cell, na_action="ignore") for column in texts}
    return table.assign(**cells).to_csv(index=False, float_format="%.17g", lineterminator="\n")


def as_cell(value: object) -> object:
    """A value for a CSV file: text is printable and no formula."""
    return csv_cell(printable(value)) if isinstance(value, str) else value


def read_table(text: str) -> pd.DataFrame:
    """A table of a run from its CSV text: every digit kept, labels as text even where they look like numbers."""
    if text and text.find("\n") == len(text) - 1:  # a table without rows, for which pandas takes its time
        return pd.DataFrame({name: _typed(name, []) for name in next(csv.reader([text]), [])})
    table = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)
    return pd.DataFrame({name: _typed(str(name), column.tolist()) for name, column in table.items()})


def _typed(name: str, cells: list[str]) -> Any:
    """A column without an index: pandas would compare those of all columns."""
    if name in _WHOLE:
        return _whole(cells)
    if name not in _TEXT:
        if name.startswith(("truth_", "model_")) and all(_INTEGER.fullmatch(cell) for cell in cells if cell):
            return _whole(cells)
        # Not pandas' own reader of numbers: it may be off by the last digit, and how to forbid that changes.
        try:
            return np.array([cell or "nan" for cell in cells], dtype=np.float64)
        except ValueError:
            pass
    return pd.Series([cell or None for cell in cells], dtype="str").array


def _whole(cells: list[str]) -> Any:
    return pd.array([int(cell) if cell else pd.NA for cell in cells], dtype="Int64")


def rows_of(tables: Mapping[str, pd.DataFrame], plan: Plan) -> list[Row]:
    """The rows of summary.csv as the records they were made of."""
    records, measures = _Records(plan), _measures(tables["performance"], plan.scenario.units)
    return [
        Row(
            condition=records.condition(number),
            task=records.task(number, estimand, estimator),
            true_value=true_value * scale_of(estimand, plan.scenario.units),
            replicates=int(replicates),
            rank=None if pd.isna(rank) else int(rank),
            **_simulated_and_exact(measures.get((number, estimand, estimator, ""), {})),
        )
        for number, estimand, estimator, true_value, replicates, rank in _columns(
            tables["summary"], ["condition", "estimand", "estimator", "true_value", "replicates", "rank"]
        )
    ]


def interval_rows_of(tables: Mapping[str, pd.DataFrame], plan: Plan) -> list[IntervalRow]:
    """The rows of intervals.csv as the records they were made of."""
    records, measures = _Records(plan), _measures(tables["performance"], plan.scenario.units)
    names = ["condition", "estimand", "estimator", "interval", "level", "true_value", "replicates"]
    return [
        IntervalRow(
            condition=records.condition(number),
            task=records.task(number, estimand, estimator),
            interval=interval,
            level=level,
            true_value=true_value * scale_of(estimand, plan.scenario.units),
            replicates=int(replicates),
            **_simulated_and_exact(measures.get((number, estimand, estimator, interval), {})),
        )
        for number, estimand, estimator, interval, level, true_value, replicates in _columns(tables["intervals"], names)
    ]


def pairs_of(tables: Mapping[str, pd.DataFrame], rows: Iterable[Row], units: str) -> list[Pair]:
    """The rows of comparison.csv as the records they were made of."""
    held = {(row.condition.number, row.task.estimand, row.task.label): row for row in rows}
    names = ["condition", "estimand", "estimator_a", "estimator_b", "abs_bias_difference", "abs_bias_difference_mcse"]
    names += ["mse_difference", "mse_difference_mcse", "left_out_share", "abs_bias_a", "abs_bias_b", "mse_a", "mse_b"]
    pairs = []
    for number, estimand, first, second, bias, bias_mcse, mse, mse_mcse, left_out, *levels in _columns(
        tables["comparison"], names
    ):
        unit, square = scale_of(estimand, units), scale_of(estimand, units, 2)
        differences = {
            "abs_bias": Measured(value=bias * unit, mcse=bias_mcse * unit),
            "mse": Measured(value=mse * square, mcse=mse_mcse * square),
        }
        one, other = held[number, estimand, first], held[number, estimand, second]
        known = {"abs_bias": tuple(x * unit for x in levels[:2]), "mse": tuple(x * square for x in levels[2:])}
        known = {name: both for name, both in known.items() if not math.isnan(both[0])}
        pairs.append(Pair(first=one, second=other, differences=differences, levels=known, left_out=left_out))
    return pairs


class _Records:
    """Conditions by number and tasks by label, as the scenario has them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._conditions = {condition.number: condition for condition in plan.conditions}
        self._tasks: dict[int, dict[tuple[str, str], Task]] = {}

    def condition(self, number: int) -> Condition:
        if number not in self._conditions:
            raise StoreError(f"the tables have a condition {number} that scenario.yaml has not; run it again")
        return self._conditions[number]

    def task(self, number: int, estimand: str, label: str) -> Task:
        # Which intervals fit, and what they bring along, depends on the number of categories alone.
        condition = self.condition(number)
        size = condition.truth.categories if self._plan.scenario.intervals else 0
        if size not in self._tasks:
            listed = self._plan.measured(condition)
            self._tasks[size] = {(task.estimand, task.label): task for task in listed}
        try:
            return self._tasks[size][estimand, label]
        except KeyError:
            raise StoreError(f"the tables have {label} of {estimand}, scenario.yaml has not; run it again") from None


def _measures(table: pd.DataFrame, units: str) -> dict[tuple[int, str, str, str], _Measures]:
    """Measures in nats by (condition, estimand, estimator, interval or "")."""
    by_row: dict[tuple[int, str, str, str], _Measures] = {}
    names = ["condition", "estimand", "estimator", "interval", "measure", "value", "mcse", "exact", "events", "source"]
    for number, estimand, estimator, interval, measure, value, mcse, exact, events, source in _columns(table, names):
        if measure in MEASURES:  # one of a plug-in may not be there
            scale = scale_of(estimand, units, MEASURES[measure].unit_power)
            around = "" if pd.isna(interval) else interval
            entry = (value * scale, mcse * scale, exact * scale, events, source == "monte_carlo")
            by_row.setdefault((number, estimand, estimator, around), {})[measure] = entry
    return by_row


def _simulated_and_exact(measures: _Measures) -> dict[str, Any]:
    simulated, exact = {}, {}
    for name, (value, mcse, exact_value, events, was_simulated) in measures.items():
        if was_simulated:
            simulated[name] = Measured(value=value, mcse=mcse, events=events)
        if not math.isnan(exact_value):
            exact[name] = exact_value
    return {"simulated": simulated, "exact": exact}


def _columns(table: pd.DataFrame, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    try:
        return zip(*(table[name].tolist() for name in names), strict=True)
    except KeyError as missing:
        raise StoreError(f"the tables have no column {missing}: another version wrote them; run it again") from None
