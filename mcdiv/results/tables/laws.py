"""The laws of estimates as tables, in the scenario's units: bands of the literal experiments, distributions, tests."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from mcdiv.engine.bands import LEVEL, Band
from mcdiv.engine.sampling_law import Piece
from mcdiv.engine.tested_laws import TestedBin
from mcdiv.estimands.contract import USUAL_ESTIMANDS, scale_of, unit_of
from mcdiv.results.tables.frames import CONDITION, frame, places

BANDS = ["scenario", "truth", "model", "sample_size", "quantity", "level", "low", "high", "probability", "unit"]
DISTRIBUTION = [
    *CONDITION,
    "estimand",
    "estimator",
    "unit",
    "true_value",
    "low",
    "high",
    "probability",
    "share",
    "replicates",
]

NULL_LAW = [*CONDITION, "estimand", "estimator", "unit", "true_value", "level", "critical_value", "low", "high"]
NULL_LAW += ["null_probability", "null_rejected", "chi_squared", "null_replicates"]
NULL_LAW += ["probability", "rejected", "replicates"]


def bands_table(scenario: str, bands: Iterable[Band], units: str) -> pd.DataFrame:
    """Where p̂ and the plug-in estimates of the literal experiments should be: a row per checkpoint and quantity."""
    records = []
    for band in bands:
        unit = scale_of(band.quantity, units) if band.quantity in USUAL_ESTIMANDS else 1.0
        records.append(
            {
                "scenario": scenario,
                "truth": band.truth.label,
                "model": band.model.label if band.model else None,
                "sample_size": band.sample_size,
                "quantity": band.quantity,
                "level": LEVEL,
                "low": band.low / unit,
                "high": band.high / unit,
                "probability": band.probability,
                "unit": unit_of(band.quantity, units) if band.quantity in USUAL_ESTIMANDS else "1",
            }
        )
    return frame(records, BANDS)


def distribution_table(scenario: str, pieces: Iterable[Piece], units: str) -> pd.DataFrame:
    """What estimates look like: a row per estimate, or per bin, with its probability and its share."""
    condition_of = places(scenario)

    def record(piece: Piece) -> dict[str, Any]:
        unit = scale_of(piece.task.estimand, units)
        return condition_of(piece.condition) | {
            "estimand": piece.task.estimand,
            "estimator": piece.task.label,
            "unit": unit_of(piece.task.estimand, units),
            "true_value": piece.true_value / unit,
            "low": piece.low / unit,
            "high": piece.high / unit,
            "probability": piece.probability,
            "share": piece.share,
            "replicates": piece.replicates,
        }

    return frame(map(record, pieces), DISTRIBUTION)


def null_law_table(scenario: str, bins: Iterable[TestedBin], units: str) -> pd.DataFrame:
    """What tested estimates look like if P = Q, and as P is: a row per estimate, or per bin."""
    condition_of = places(scenario)

    def record(one: TestedBin) -> dict[str, Any]:
        unit = scale_of(one.task.estimand, units)
        values = {name: getattr(one, name) for name in NULL_LAW[NULL_LAW.index("true_value") :]}
        in_units = {name: values[name] / unit for name in ("true_value", "critical_value", "low", "high")}
        names = {"estimand": one.task.estimand, "estimator": one.task.label, "unit": unit_of(one.task.estimand, units)}
        return condition_of(one.condition) | names | values | in_units

    return frame(map(record, bins), NULL_LAW)
