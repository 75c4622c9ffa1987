"""The table behind a zip plot."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from mcdiv.engine.ranked_intervals import RankedIntervals
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.results.tables.frames import CONDITION, frame, places

ZIP = [*CONDITION, "estimand", "estimator", "interval", "level", "unit", "true_value", "replicates"]
ZIP += ["ranked_by", "centile", "size", "estimate", "low", "high", "covers"]


def zip_table(scenario: str, ranked: Iterable[RankedIntervals], units: str) -> pd.DataFrame:
    """A row for each centile: the interval of the replicate there. `size` is |z|, or the error in `unit`."""
    condition_of = places(scenario)

    def records(one: RankedIntervals) -> Iterable[dict[str, Any]]:
        unit = scale_of(one.task.estimand, units)
        fixed = condition_of(one.condition) | {
            "estimand": one.task.estimand,
            "estimator": one.task.label,
            "interval": one.interval,
            "level": one.level,
            "unit": unit_of(one.task.estimand, units),
            "true_value": one.true_value / unit,
            "replicates": one.replicates,
            "ranked_by": one.ranked_by,
        }
        sizes = one.sizes / (unit if one.ranked_by == "abs_error" else 1.0)
        columns = (one.centiles, sizes, one.estimates / unit, one.low / unit, one.high / unit, one.covers.astype(int))
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield fixed | dict(zip(("centile", "size", "estimate", "low", "high", "covers"), row, strict=True))

    return frame((record for one in ranked for record in records(one)), ZIP)
