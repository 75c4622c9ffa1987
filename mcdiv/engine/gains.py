"""Measures that compare an estimator with the first one listed, on the same replicates: added to its row."""

import math
from collections.abc import Sequence
from dataclasses import replace

from mcdiv.core.moments import Moments
from mcdiv.core.performance import Measured
from mcdiv.core.variance_ratio import variance_ratio
from mcdiv.engine.records import Row
from mcdiv.measures.contract import MEASURES, Measure


def with_gains(
    rows: Sequence[Row], measures: Sequence[str], simulated: Moments | None, law: Moments | None
) -> list[Row]:
    """The rows of one estimand in one condition, each but the first with those measures that need the first."""
    entries = [MEASURES[name] for name in measures if MEASURES[name].needs == "gain"]
    if not entries or not rows:
        return list(rows)
    return [
        rows[0],
        *(_with_gain(row, place, rows[0], entries, simulated, law) for place, row in enumerate(rows[1:], start=1)),
    ]


def _with_gain(
    row: Row, place: int, first: Row, entries: Sequence[Measure], simulated: Moments | None, law: Moments | None
) -> Row:
    if any(one.flat(one.value("sd")) for one in (first, row)):
        return row  # what varies by roundings has no ratio
    found: dict[str, dict[str, Measured]] = {"simulated": {}, "exact": {}, "expected": {}}
    ratios: dict[str, Measured] = {}
    if simulated:
        ratios["simulated"] = variance_ratio(simulated, 0, place, simulated=True, law=law)
    if law:
        ratios["exact"] = variance_ratio(law, 0, place, simulated=False)
    elif {"variance"} <= first.exact.keys() & row.exact.keys():
        ratios["exact"] = Measured(value=first.exact["variance"] / row.exact["variance"], mcse=0.0)
    if law and simulated:
        ratios["expected"] = variance_ratio(law.of_replicates(row.replicates), 0, place, simulated=True)
    for source, ratio in ratios.items():
        found[source] = {entry.name: entry.rule(ratio) for entry in entries}
    return replace(
        row,
        simulated={**row.simulated, **found["simulated"]},
        exact={**row.exact, **{name: one.value for name, one in found["exact"].items() if not math.isnan(one.value)}},
        exact_mcse={**row.exact_mcse, **{name: one.mcse for name, one in found["expected"].items()}},
    )
