"""The exact values of the estimands in each setting of a study, with SciPy's beside those that it has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mcdiv.core.number_format import figure
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of, symbol_of, unit_of
from mcdiv.results.report.html_table import Column

#: settings that are listed
_MAX_SETTINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A truth, a model ("" where there is none), and a value for each column."""

    truth: str
    model: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactValues:
    """The values of all settings."""

    columns: Sequence[Column]
    settings: Sequence[Setting]
    #: how many more settings there are
    more: int
    #: whether SciPy has any of them
    scipy: bool


def exact_values(rows: Sequence[Row], decomposition: pd.DataFrame, units: str) -> ExactValues:
    """A column for each estimand, followed by SciPy's where it has one, and a line for each truth and model."""
    estimands = list(dict.fromkeys(row.task.estimand for row in rows))
    theirs = {
        name: dict(zip(decomposition["condition"].tolist(), decomposition[column].tolist(), strict=True))
        for name in estimands
        if (column := f"scipy_{name}") in decomposition.columns and decomposition[column].notna().any()
    }
    columns = []
    for name in estimands:
        unit = unit_of(name, units)
        heads = [symbol_of(name), *(["SciPy’s"] if name in theirs else [])]
        columns += [Column(head=head, unit="" if unit == "1" else unit) for head in heads]
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows:
        name = row.task.estimand
        values = [row.true_value / scale_of(name, units)]
        values += [theirs[name].get(row.condition.number, math.nan)] if name in theirs else []
        setting = (row.condition.truth.label, row.condition.model.label if row.condition.model else "")
        found.setdefault(setting, {}).setdefault(name, values)
    settings = [
        Setting(
            truth=truth, model=model, values=[figure(value) for name in estimands for value in values.get(name, [])]
        )
        for (truth, model), values in found.items()
    ]
    more = max(0, len(settings) - _MAX_SETTINGS)
    return ExactValues(columns=columns, settings=settings[:_MAX_SETTINGS], more=more, scipy=bool(theirs))
