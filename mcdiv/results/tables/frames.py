"""What all tables share: the columns of a condition, whole numbers, units, records for JSON."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mcdiv.engine.plan import Condition

CONDITION = ["scenario", "condition", "truth", "model", "categories", "sample_size", "model_sample_size"]
_WHOLE = ["condition", "categories", "sample_size", "model_sample_size", "rank", "replicates", "path", "heads"]
_WHOLE += ["batch_size", "step", "steps", "arrived_at", "smallest_fitted", "largest_fitted", "fitted", "within_error"]
_WHOLE += ["truths"]


def frame(records: Iterable[Mapping[str, Any]], columns: list[str]) -> pd.DataFrame:
    """A table with these columns; what a record lacks stays empty."""
    return typed(pd.DataFrame.from_records(list(records), columns=columns))


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
