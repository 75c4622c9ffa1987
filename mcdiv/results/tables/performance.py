"""From the records of a study in nats to tidy tables in its units."""

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pandas as pd

from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.records import Pair, Row
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.measures.contract import MEASURES, wanted
from mcdiv.results.tables.frames import CONDITION, frame, places, with_parameters

SUMMARY = [
    *CONDITION,
    *["estimand", "estimator", "unit", "true_value", "mean", "bias", "bias_mcse", "sd", "sd_mcse", "rmse", "rmse_mcse"],
    *["exact_bias", "exact_sd", "exact_rmse", "z_bias", "rank", "replicates", "infinite_share", "undefined_share"],
    *["infinite_share_bound", "undefined_share_bound"],
]
PERFORMANCE = [*CONDITION, "estimand", "estimator", "interval", "measure", "value", "mcse", "unit"]
PERFORMANCE += ["exact", "z", "source", "bound", "events"]
INTERVALS = [*CONDITION, "estimand", "estimator", "interval", "level", "unit", "true_value"]
_OF_INTERVALS = ("coverage", "bias_eliminated_coverage", "width", "modse", "undefined_interval_share")
INTERVALS += [column for name in _OF_INTERVALS for column in (name, f"{name}_mcse", f"exact_{name}")]
INTERVALS += ["z_coverage", "replicates"]
#: added to the table later
_MORE_OF_INTERVALS = ("relative_error_modse",)
INTERVALS += [column for name in _MORE_OF_INTERVALS for column in (name, f"{name}_mcse", f"exact_{name}")]
COMPARISON = [
    *CONDITION,
    *["estimand", "estimator_a", "estimator_b", "unit", "abs_bias_difference", "abs_bias_difference_mcse"],
    *["mse_difference", "mse_difference_mcse", "verdict", "left_out_share"],
    *["abs_bias_a", "abs_bias_b", "mse_a", "mse_b"],
]


def _units(units: str) -> Callable[[str, int], tuple[float, str]]:
    """What divides a measure of an estimand in nats, and what its unit is called; looked up once, not for every row."""

    @cache
    def unit_at(estimand: str, power: int) -> tuple[float, str]:
        return scale_of(estimand, units, power), unit_of(estimand, units, power)

    return unit_at


def summary_table(scenario: str, rows: Iterable[Row], units: str) -> pd.DataFrame:
    """The results table: a row per condition × estimand × estimator."""
    condition_of, unit_at = places(scenario), _units(units)

    def record(row: Row) -> dict[str, Any]:
        unit, named = unit_at(row.task.estimand, 1)
        shares = {name: row.reported(name).value for name in ("infinite_share", "undefined_share")}
        values: dict[str, Any] = {"true_value": row.true_value / unit, "mean": row.reported("mean").value / unit}
        for name in ("bias", "sd", "rmse"):
            values[name] = row.reported(name).value / unit
            values[f"{name}_mcse"] = row.reported(name).mcse / unit
            values[f"exact_{name}"] = row.exact.get(name, math.nan) / unit
        shares |= {f"{name}_bound": row.bound(name) for name in shares}
        task = {"estimand": row.task.estimand, "estimator": row.task.label, "unit": named}
        counted = {"z_bias": row.z("bias"), "rank": row.rank, "replicates": row.replicates}
        return condition_of(row.condition) | task | values | counted | shares

    rows = list(rows)
    return with_parameters(frame(map(record, rows), SUMMARY), (row.condition for row in rows))


def performance_table(scenario: str, rows: Iterable[Row], intervals: Iterable[IntervalRow], units: str) -> pd.DataFrame:
    """The same in long form, and the intervals: a row per measure."""

    condition_of, unit_at = places(scenario), _units(units)

    def records(row: Row | IntervalRow) -> Iterable[dict[str, Any]]:
        around = row.interval if isinstance(row, IntervalRow) else None
        source = "monte_carlo" if row.simulated else "exact"
        for entry in wanted([*row.simulated, *row.exact], interval=around is not None):
            measure = entry.name
            unit, named = unit_at(row.task.estimand, entry.unit_power)
            reported = row.reported(measure)
            if entry.instead and math.isnan(reported.value):
                continue  # another stands for it here
            yield condition_of(row.condition) | {
                "estimand": row.task.estimand,
                "estimator": row.task.label,
                "interval": around,
                "measure": measure,
                "value": reported.value / unit,
                "mcse": reported.mcse / unit,
                "unit": "%" if entry.percent else named,
                "exact": row.exact.get(measure, math.nan) / unit,
                "z": row.z(measure),
                "source": source,
                "bound": row.bound(measure) if entry.statistic == "share" else math.nan,
                "events": reported.events if row.simulated else math.nan,
            }

    everything: list[Row | IntervalRow] = [*rows, *intervals]
    table = frame((record for row in everything for record in records(row)), PERFORMANCE)
    return with_parameters(table, (row.condition for row in everything))


def intervals_table(scenario: str, rows: Iterable[IntervalRow], units: str) -> pd.DataFrame:
    """How the intervals did: a row per condition × estimand × estimator × interval."""

    condition_of = places(scenario)

    def record(row: IntervalRow) -> dict[str, Any]:
        cells = condition_of(row.condition) | {
            "estimand": row.task.estimand,
            "estimator": row.task.label,
            "interval": row.interval,
            "level": row.level,
            "unit": unit_of(row.task.estimand, units),
            "true_value": row.true_value / scale_of(row.task.estimand, units),
            "z_coverage": row.z("coverage"),
            "replicates": row.replicates,
        }
        for measure in (*_OF_INTERVALS, *_MORE_OF_INTERVALS):
            unit = scale_of(row.task.estimand, units, MEASURES[measure].unit_power)
            reported = row.reported(measure)
            cells |= {
                measure: reported.value / unit,
                f"{measure}_mcse": reported.mcse / unit,
                f"exact_{measure}": row.exact.get(measure, math.nan) / unit,
            }
        return cells

    rows = list(rows)
    return with_parameters(frame(map(record, rows), INTERVALS), (row.condition for row in rows))


def comparison_table(scenario: str, pairs: Iterable[Pair], units: str) -> pd.DataFrame:
    """Paired differences between estimators, first minus second, on the replicates for which both are finite."""
    condition_of, unit_at = places(scenario), _units(units)

    def record(pair: Pair) -> dict[str, Any]:
        estimand = pair.first.task.estimand
        unit, named = unit_at(estimand, 1)
        bias, mse = pair.differences["abs_bias"], pair.differences["mse"]
        return condition_of(pair.first.condition) | {
            "estimand": estimand,
            "estimator_a": pair.first.task.label,
            "estimator_b": pair.second.task.label,
            "unit": named,
            "abs_bias_difference": bias.value / unit,
            "abs_bias_difference_mcse": bias.mcse / unit,
            "mse_difference": mse.value / unit**2,
            "mse_difference_mcse": mse.mcse / unit**2,
            "verdict": f"smaller |bias|: {pair.verdict('abs_bias')}; smaller MSE: {pair.verdict('mse')}",
            "left_out_share": pair.left_out,
            **{
                f"{name}_{side}": level / unit ** (2 if name == "mse" else 1)
                for name, levels in pair.levels.items()
                for side, level in zip("ab", levels, strict=True)
            },
        }

    pairs = list(pairs)
    return with_parameters(frame(map(record, pairs), COMPARISON), (pair.first.condition for pair in pairs))
