"""What all tables share: the columns of a condition, whole numbers, units, records for JSON."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from mcdiv.engine.plan import Condition

CONDITION = ["scenario", "condition", "truth", "model", "categories", "sample_size", "model_sample_size"]
_WHOLE = ["condition", "categories", "sample_size", "model_sample_size", "rank", "replicates", "path", "heads"]
_WHOLE += ["batch_size", "step", "steps", "arrived_at", "smallest_fitted", "largest_fitted", "fitted", "within_error"]
_WHOLE += ["truths", "covers", "null_replicates"]


def frame(records: Iterable[Mapping[str, Any]], columns: list[str]) -> pd.DataFrame:
    """A table with these columns; what a record lacks stays empty."""
    rows = list(records)
    if not rows:
        whole, other = pd.array([], dtype="Int64"), np.array([], dtype=object)
        return pd.DataFrame({name: whole if name in _WHOLE else other for name in columns})
    return pd.DataFrame({name: _listed(name, [row.get(name) for row in rows]) for name in columns})


def _listed(name: str, values: list[Any]) -> Any:
    return pd.Series(values).astype("Int64") if name in _WHOLE else values


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same with whole numbers that can be missing where they are counts."""
    return table.astype({name: "Int64" for name in _WHOLE if name in table.columns})


def places(scenario: str) -> Callable[[Condition], dict[str, Any]]:
    """The columns that name a condition, made once for all of its rows."""
    made: dict[int, dict[str, Any]] = {}

    def condition_of(condition: Condition) -> dict[str, Any]:
        if condition.number not in made:
            made[condition.number] = {
                "scenario": scenario,
                "condition": condition.number,
                "truth": condition.truth.label,
                "model": condition.model.label if condition.model else None,
                "categories": condition.truth.categories,
                "sample_size": condition.sample_size,
                "model_sample_size": condition.model_sample_size,
            }
        return made[condition.number]

    return condition_of


def with_parameters(table: pd.DataFrame, conditions: Iterable[Condition]) -> pd.DataFrame:
    """A table with a column for each parameter of truth and model after the others: truth_family, truth_k, model_s …

    A parameter that is a list has no column, as the label tells it; nor has one that no condition gives a value. The
    last is `drawn_from`, where samples are not drawn from the truth.
    """
    known = {condition.number: parameters_of(condition) for condition in conditions}
    names = [name for name in dict.fromkeys(itertools.chain.from_iterable(known.values())) if name not in table.columns]
    rows = table["condition"].tolist()
    found = {name: _column([known[number].get(name) for number in rows], table.index) for name in names}
    return pd.concat([table, pd.DataFrame(found)], axis=1) if found else table


def parameters_of(condition: Condition) -> dict[str, Any]:
    """The parameters of truth and model by the names of their columns."""
    found: dict[str, Any] = {}
    for role, chosen in (("truth", condition.truth), ("model", condition.model)):
        if chosen is not None:
            found[f"{role}_family"] = chosen.family
            found |= {
                f"{role}_{name}": value
                for name, value in chosen.parameters
                if value != "" and isinstance(value, (int, float, Fraction, str))
            }
    return found if condition.drawn_from is None else found | {"drawn_from": condition.drawn_from.label}


def _column(values: list[Any], index: "pd.Index[Any]") -> "pd.Series[Any]":
    """Whole numbers, numbers or texts, with nothing where a family has no such parameter."""
    given = [value for value in values if value is not None]
    if all(isinstance(value, int) for value in given):
        return pd.Series([pd.NA if value is None else value for value in values], index=index, dtype="Int64")
    if any(isinstance(value, str) for value in given):
        return pd.Series([None if value is None else str(value) for value in values], index=index, dtype="str")
    return pd.Series([math.nan if value is None else float(value) for value in values], index=index, dtype="float64")


def to_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as records for JSON, no digit lost: None where there is no value, "inf" where it is infinite."""

    def plain(value: Any) -> Any:
        if pd.isna(value):
            return None
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(value)
        return int(value) if isinstance(value, (int, np.integer)) else value

    return [
        {name: plain(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    ]
