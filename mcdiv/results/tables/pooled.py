"""The table of means over truths."""

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from mcdiv.engine.pooled import PooledRow
from mcdiv.estimands.contract import scale_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.tables.frames import frame

POOLED = [
    *["scenario", "truth", "model", "sample_size", "model_sample_size", "truths", "estimand", "estimator", "interval"],
    *["measure", "value", "mcse", "mcse_given_truths", "unit", "source", "true_value"],
]


def pooled_table(scenario: str, rows: Iterable[PooledRow], units: str) -> pd.DataFrame:
    """In long form: a row for every law of truths, Q, N, M, estimand, estimator, interval and measure."""

    def records(row: PooledRow) -> Iterable[dict[str, Any]]:
        estimand = row.task.estimand
        for name, found in row.measures.items():
            power = MEASURES[name].unit_power
            scale = scale_of(estimand, units, power)
            if MEASURES[name].instead and math.isnan(found.value):
                continue  # another stands for it here
            yield {
                "scenario": scenario,
                "truth": row.law or None,
                "model": row.model.label if row.model else None,
                "sample_size": row.sample_size,
                "model_sample_size": row.model_sample_size,
                "truths": row.truths,
                "estimand": estimand,
                "estimator": row.task.label,
                "interval": row.interval,
                "measure": name,
                "value": found.value / scale,
                "mcse": found.mcse / scale,
                "mcse_given_truths": found.mcse_given_truths / scale,
                "unit": MEASURES[name].unit(estimand, units),
                "source": found.source,
                "true_value": row.true_value / scale_of(estimand, units),
            }

    return frame((record for row in rows for record in records(row)), POOLED)
