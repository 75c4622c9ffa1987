"""The laws of estimates as tables, in the scenario's units: bands of the literal experiments, distributions."""

from collections.abc import Iterable

import pandas as pd

from mcdiv.core.units import nats_per
from mcdiv.edges.tables.frames import CONDITION, frame, places
from mcdiv.estimators.contract import ESTIMANDS
from mcdiv.study.bands import LEVEL, Band
from mcdiv.study.sampling_law import Piece

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


def bands_table(scenario: str, bands: Iterable[Band], units: str) -> pd.DataFrame:
    """Where p̂ and the plug-in estimates of the literal experiments should be: a row per checkpoint and quantity."""
    records = []
    for band in bands:
        unit = nats_per(units) if band.quantity in ESTIMANDS else 1.0
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
                "unit": units if band.quantity in ESTIMANDS else "1",
            }
        )
    return frame(records, BANDS)


def distribution_table(scenario: str, pieces: Iterable[Piece], units: str) -> pd.DataFrame:
    """What estimates look like: a row per estimate, or per bin, with its probability and its share."""
    unit, place = nats_per(units), places(scenario)
    records = [
        place(piece.condition)
        | {
            "estimand": piece.task.estimand,
            "estimator": piece.task.label,
            "unit": units,
            "true_value": piece.true_value / unit,
            "low": piece.low / unit,
            "high": piece.high / unit,
            "probability": piece.probability,
            "share": piece.share,
            "replicates": piece.replicates,
        }
        for piece in pieces
    ]
    return frame(records, DISTRIBUTION)
