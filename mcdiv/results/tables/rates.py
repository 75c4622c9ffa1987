"""The table of rates: with which power of N bias and RMSE fall."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from mcdiv.core.power_law import NoSlope
from mcdiv.engine.rates import Rate
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.measures.contract import MEASURES
from mcdiv.results.tables.frames import frame

RATES = [
    *["scenario", "truth", "model", "categories", "model_sample_size", "estimand", "estimator", "measure"],
    *["slope", "slope_se", "constant", "unit", "smallest_fitted", "largest_fitted", "fitted", "within_error"],
    *["source", "note"],
]
#: why there is no slope, in words
REASONS: dict[NoSlope, str] = {
    "": "",
    "no value": "no finite value",
    "zero": "0 at every N",
    "within error": "fewer than 3 values are more than 2 MCSE from 0",
    "few sizes": "fewer than 3 values that are not 0",
    "narrow": "N spans less than a factor of 8",
    "changes sign": "changes its sign",
}


def rates_table(scenario: str, rates: Iterable[Rate], units: str) -> pd.DataFrame:
    """A row per setting × estimand × estimator × measure: |value| ≈ constant · N^slope."""

    def record(rate: Rate) -> dict[str, Any]:
        fitted, estimand = rate.fitted_sizes, rate.task.estimand
        power = MEASURES[rate.measure].unit_power
        notes = [REASONS[rate.law.reason], "of finite estimates" if rate.conditional else ""]
        notes.append("M goes along with N" if rate.m_along_n else "")
        return {
            "scenario": scenario,
            "truth": rate.truth.label,
            "model": rate.model.label if rate.model else None,
            "categories": rate.truth.categories,
            "model_sample_size": rate.model_sample_size,
            "estimand": estimand,
            "estimator": rate.task.label,
            "measure": rate.measure,
            "slope": rate.slope,
            "slope_se": rate.slope_se,
            "constant": rate.constant / scale_of(estimand, units, power),
            "unit": unit_of(estimand, units, power),
            "smallest_fitted": min(fitted, default=None),
            "largest_fitted": max(fitted, default=None),
            "fitted": len(fitted),
            "within_error": rate.law.within_error,
            "source": rate.source if fitted else "",
            "note": "; ".join(filter(None, notes)),
        }

    return frame((record(rate) for rate in rates), RATES)
