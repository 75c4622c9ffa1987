"""The estimators of finished runs against each other, place by place: which has the least |bias|, and the least RMSE.

Within a run the paired differences that it kept decide, so that every verdict is that of its comparison.csv. Between
runs nothing is paired: only estimators that never fail are compared, by their own MCSEs.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from mcdiv.core.rounding import ROUNDING
from mcdiv.core.weighted import SAME
from mcdiv.results.finished import (
    PLACE,
    Difference,
    Entry,
    FinishedRun,
    Paired,
    by_place,
    common_units,
    entries_of,
    paired_of,
)

COLUMNS = ["run", *PLACE, "estimator", "abs_bias", "abs_bias_mcse", "rank_abs_bias", "verdict_abs_bias"]
COLUMNS += ["rmse", "rmse_mcse", "rank_rmse", "verdict_rmse"]
COLUMNS += ["abs_bias_ratio", "abs_bias_difference", "abs_bias_difference_mcse", "abs_bias_left_out_share"]
COLUMNS += ["rmse_ratio", "mse_difference", "mse_difference_mcse", "mse_left_out_share"]
#: what is ranked → the columns of summary.csv, what pairs hold the difference of, and the power of the errors in it
MEASURES = {"abs_bias": ("bias", "abs_bias", 1), "rmse": ("rmse", "mse", 2)}
#: a larger ratio says that the best value is next to nothing, and no more
MAX_RATIO = 1000.0
#: of the rows of a place, by their numbers: the first minus the second
_Differences: TypeAlias = Mapping[tuple[int, int], Difference]


def ranked(runs: Sequence[FinishedRun]) -> pd.DataFrame:
    """A row for each place, run and estimator, best RMSE first; `mcdiv.compare` tells the columns."""
    units = common_units(runs)
    paired = {id(run): paired_of(run, units) for run in runs}
    places = by_place(entry for run in runs for entry in entries_of(run, units))
    records = [record for place, group in places.items() for record in _records(place, group, paired)]
    table = pd.DataFrame.from_records(records, columns=COLUMNS)
    whole = ["sample_size", "model_sample_size", *(f"rank_{name}" for name in MEASURES)]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _records(place: tuple[Any, ...], group: Sequence[Entry], paired: Mapping[int, Paired]) -> list[dict[str, Any]]:
    """The rows of one place."""
    between = {name: _differences(group, name, paired) for name in MEASURES}
    ranks = {name: _ranks(group, name, between[name]) for name in MEASURES}
    order = sorted(range(len(group)), key=lambda i: ranks["rmse"][i] or len(group) + 1)
    records = []
    for i in order:
        record: dict[str, Any] = dict(zip(PLACE, place, strict=True))
        record |= {"run": group[i].run.name, "estimator": group[i].estimator}
        for name, (column, _, _) in MEASURES.items():
            record[name], record[f"{name}_mcse"] = group[i].value(column)
            record[f"rank_{name}"] = ranks[name][i]
            known = [j for j in order if ranks[name][j] is not None]
            best = min(known, key=lambda j: ranks[name][j] or 0, default=None)
            record |= _against(group, i, best, name, between[name])
        records.append(record)
    return records


def _differences(group: Sequence[Entry], name: str, paired: Mapping[int, Paired]) -> _Differences:
    """Every entry of a place minus every other."""
    unknown = Difference(value=math.nan, mcse=math.nan)
    found = {}
    for i, first in enumerate(group):
        for j, second in enumerate(group):
            if first.run is second.run:
                key = (MEASURES[name][1], first.condition, first.estimand, first.estimator, second.estimator)
                found[i, j] = paired[id(first.run)].get(key, unknown)
            else:
                found[i, j] = unknown if first.lost or second.lost else _between_runs(first, second, name)
    return found


def _between_runs(first: Entry, second: Entry, name: str) -> Difference:
    """The difference of two values of different runs.

    Runs with one seed may have had the same replicates: its MCSE is then at most the sum of both, and that is taken.
    """
    column, _, power = MEASURES[name]
    (a, a_mcse), (b, b_mcse) = first.value(column), second.value(column)
    if power == 2:
        a, a_mcse, b, b_mcse = a * a, 2 * a * a_mcse, b * b, 2 * b * b_mcse
    same = first.run.seed is not None and first.run.seed == second.run.seed
    mcse = a_mcse + b_mcse if same else math.hypot(a_mcse, b_mcse)
    roundings = max(SAME * max(a, b), (ROUNDING * max(first.size, second.size)) ** power)
    return Difference(value=0.0 if abs(a - b) <= roundings else a - b, mcse=mcse, levels=(a, b))


def _ranks(group: Sequence[Entry], name: str, between: _Differences) -> list[int | None]:
    """One more than how many others precede: those that fail less often, and of the same share those with less."""
    column = MEASURES[name][0]

    def precedes(i: int, j: int) -> bool:
        if group[i].lost != group[j].lost:
            return group[i].lost < group[j].lost
        return between[i, j].value < 0

    known = {i for i, one in enumerate(group) if one.is_exact(column) or not math.isnan(one.simulated[column][0])}
    return [1 + sum(precedes(j, i) for j in known) if i in known else None for i in range(len(group))]


def _against(group: Sequence[Entry], i: int, best: int | None, name: str, between: _Differences) -> dict[str, Any]:
    """How an entry stands to the best of its place, in a word and in numbers."""
    column, difference, power = MEASURES[name]
    found: Difference | None = None
    ratio, verdict = math.nan, "not comparable"
    if i == best:
        near = [j for j in range(len(group)) if j != i and between[j, i].outcome == "indistinguishable"]
        found, ratio = Difference(value=0.0, mcse=0.0), 1.0
        verdict = "indistinguishable" if near else "only one" if len(group) == 1 else "best"
    elif best is not None:
        found = between[i, best]
        ratio = _ratio(found, _noise(group[i], group[best], column), group[best].size, power)
        verdict = found.outcome
        verdict = {"more": _times(ratio), "less": "less where both are finite"}.get(verdict, verdict)
    return {
        f"verdict_{name}": verdict,
        f"{name}_ratio": ratio,
        f"{difference}_difference": found.value if found else math.nan,
        f"{difference}_difference_mcse": found.mcse if found else math.nan,
        f"{difference}_left_out_share": found.left_out if found else math.nan,
    }


def _noise(entry: Entry, best: Entry, column: str) -> float:
    """The MCSE of the best value, as it is compared with another."""
    if entry.run is not best.run:
        return best.value(column)[1]
    return 0.0 if entry.is_exact(column) and best.is_exact(column) else best.simulated[column][1]


def _ratio(found: Difference, noise: float, size: float, power: int) -> float:
    """How many times the best value, on the same replicates; NaN where that is noise, a rounding or next to nothing."""
    level, least = (float(value ** (1 / power)) for value in found.levels)
    if not (least > 2 * noise and least > 100 * ROUNDING * size and level <= MAX_RATIO * least):
        return math.nan
    return level / least


def _times(ratio: float) -> str:
    """A ratio above 1 with as many digits as it takes to see that."""
    if math.isnan(ratio):
        return "worse"
    digits = next((digits for digits in (3, 4, 5) if float(f"{ratio:.{digits}g}") > 1), None)
    return "less than ×1.0001" if digits is None else f"×{ratio:.{digits}g}"
