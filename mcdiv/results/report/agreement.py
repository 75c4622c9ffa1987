"""Does the simulation agree with the exact values? In a sentence; the picture beside it is one of the pictures."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mcdiv.core.number_format import percent
from mcdiv.estimands.contract import symbol_of

#: means of what every replicate gives: their z are close to normal, and the z of other measures go with these
_MEASURES = ("bias", "coverage")
_NAMES = ["truth", "model", "sample_size", "estimand", "estimator", "interval", "measure", "z"]


def agreement(tables: Mapping[str, pd.DataFrame]) -> str:
    """How far simulated bias and coverage are from their exact values; empty where there are none."""
    table = tables["performance"]
    rows = table[table["measure"].isin(_MEASURES) & table["z"].notna()][_NAMES].to_dict("records")
    if not rows:
        return ""
    squares = [row["z"] ** 2 for row in rows]
    near = sum(square <= 4 for square in squares) / len(rows)
    farthest = max(rows, key=lambda row: abs(row["z"]))
    what = " and ".join(measure for measure in _MEASURES if any(row["measure"] == measure for row in rows))
    return (
        f"{len(rows):,} simulated values of {what} have an exact value beside them. {percent(near)} of the z = "
        "(simulated − exact)/MCSE are between −2 and 2 (95 % are expected), the mean of z² is "
        f"{sum(squares) / len(rows):.2f} (1 is expected), and the farthest is {_words(farthest)}. Rows of one "
        "condition share their samples, so they deviate together."
    )


def _words(row: Mapping[Any, Any]) -> str:
    z = f"{row['z']:.2f}".replace("-", "−")
    around = "" if pd.isna(row["interval"]) else f", {row['interval']}"
    model = "" if pd.isna(row["model"]) else f", Q = {row['model']}"
    symbol = symbol_of(row["estimand"])
    condition = f"P = {row['truth']}{model}, N = {row['sample_size']:,}"
    return f"{z} ({row['measure']} of {row['estimator']} for {symbol}{around}, {condition})"
