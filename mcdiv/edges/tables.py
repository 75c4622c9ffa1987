"""From records in nats to tidy tables in the scenario's units; and SciPy's answers, as an independent check.

This is the only place outside the tests where scipy.stats is used, and nothing here is computed from it.
"""

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.distributions import Distribution
from mcdiv.core.information import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.core.interval_performance import INTERVAL_MEASURES
from mcdiv.core.performance import MEASURES
from mcdiv.core.units import nats_per
from mcdiv.study.coverage import IntervalRow
from mcdiv.study.engine import Fault
from mcdiv.study.plan import Condition
from mcdiv.study.results import Pair, Row, Shortfall

CONDITION = ["scenario", "condition", "truth", "model", "categories", "sample_size", "model_sample_size"]
SUMMARY = [
    *CONDITION,
    *["estimand", "estimator", "unit", "true_value", "mean", "bias", "bias_mcse", "sd", "sd_mcse", "rmse", "rmse_mcse"],
    *["exact_bias", "exact_sd", "exact_rmse", "z_bias", "rank", "replicates", "infinite_share", "undefined_share"],
]
PERFORMANCE = [*CONDITION, "estimand", "estimator", "interval", "measure", "value", "mcse", "unit"]
PERFORMANCE += ["exact", "z", "source"]
INTERVALS = [*CONDITION, "estimand", "estimator", "interval", "level", "unit", "true_value"]
INTERVALS += [column for name in INTERVAL_MEASURES for column in (name, f"{name}_mcse", f"exact_{name}")]
INTERVALS += ["z_coverage", "replicates"]
_ESTIMANDS = ["entropy", "kl_divergence", "cross_entropy"]
_SCIPY = [f"scipy_{name}" for name in _ESTIMANDS]
DECOMPOSITION = [*CONDITION, *_ESTIMANDS, "residual", *_SCIPY, "max_abs_difference", "unit"]
_VALUES = ["entropy", "cross_entropy", "kl_divergence", "residual", *_SCIPY, "max_abs_difference", "unit"]
CONVERGENCE_COIN = ["scenario", "truth", "model", "path", "sample_size", "heads", "p_hat", *_VALUES]
CONVERGENCE = ["scenario", "truth", "model", "path", "sample_size", "total_variation", *_VALUES]
COMPARISON = [
    *CONDITION,
    *["estimand", "estimator_a", "estimator_b", "unit", "abs_bias_difference", "abs_bias_difference_mcse"],
    *["mse_difference", "mse_difference_mcse", "verdict"],
]
PROBLEMS = [*CONDITION, "estimand", "estimator", "kind", "replicates", "share", "first_replicate", "message", "replay"]

#: probabilities of literal experiments that are looked at together
_ENTRIES = 2**20
_WHOLE = ["condition", "categories", "sample_size", "model_sample_size", "rank", "replicates", "path", "heads"]


def summary_table(scenario: str, rows: Iterable[Row], units: str) -> pd.DataFrame:
    """The results table: a row per condition × estimand × estimator."""
    unit = nats_per(units)

    condition_of = _places(scenario)

    def record(row: Row) -> dict[str, Any]:
        reported = {name: row.reported(name) for name in MEASURES}
        found: dict[str, Any] = {"true_value": row.true_value / unit, "mean": reported["mean"].value / unit}
        for name in ("bias", "sd", "rmse"):
            found[name] = reported[name].value / unit
            found[f"{name}_mcse"] = reported[name].mcse / unit
            found[f"exact_{name}"] = row.exact.get(name, math.nan) / unit
        shares = {name: reported[name].value for name in ("infinite_share", "undefined_share")}
        place = {"estimand": row.task.estimand, "estimator": row.task.label, "unit": units}
        counted = {"z_bias": row.z("bias"), "rank": row.rank, "replicates": row.replicates}
        return condition_of(row.condition) | place | found | counted | shares

    return _frame((record(row) for row in rows), SUMMARY)


def performance_table(scenario: str, rows: Iterable[Row], intervals: Iterable[IntervalRow], units: str) -> pd.DataFrame:
    """The same in long form, and the intervals: a row per measure."""

    condition_of = _places(scenario)

    def records(row: Row | IntervalRow) -> Iterable[dict[str, Any]]:
        around = row.interval if isinstance(row, IntervalRow) else None
        for measure, power in (MEASURES if around is None else INTERVAL_MEASURES).items():
            unit = nats_per(units) ** power
            reported = row.reported(measure)
            if measure == "bias_cv" and math.isnan(reported.value):
                continue  # nothing was regressed here
            yield condition_of(row.condition) | {
                "estimand": row.task.estimand,
                "estimator": row.task.label,
                "interval": around,
                "measure": measure,
                "value": reported.value / unit,
                "mcse": reported.mcse / unit,
                "unit": unit_name(units, power),
                "exact": row.exact.get(measure, math.nan) / unit,
                "z": row.z(measure),
                "source": "monte_carlo" if row.simulated else "exact",
            }

    everything: list[Row | IntervalRow] = [*rows, *intervals]
    return _frame((record for row in everything for record in records(row)), PERFORMANCE)


def intervals_table(scenario: str, rows: Iterable[IntervalRow], units: str) -> pd.DataFrame:
    """How the intervals did: a row per condition × estimand × estimator × interval."""

    condition_of = _places(scenario)

    def record(row: IntervalRow) -> dict[str, Any]:
        found = condition_of(row.condition) | {
            "estimand": row.task.estimand,
            "estimator": row.task.label,
            "interval": row.interval,
            "level": row.level,
            "unit": units,
            "true_value": row.true_value / nats_per(units),
            "z_coverage": row.z("coverage"),
            "replicates": row.replicates,
        }
        for measure, power in INTERVAL_MEASURES.items():
            unit, reported = nats_per(units) ** power, row.reported(measure)
            found |= {
                measure: reported.value / unit,
                f"{measure}_mcse": reported.mcse / unit,
                f"exact_{measure}": row.exact.get(measure, math.nan) / unit,
            }
        return found

    return _frame((record(row) for row in rows), INTERVALS)


def decomposition_table(scenario: str, conditions: Iterable[Condition], units: str) -> pd.DataFrame:
    """H(P, Q) = KL(P‖Q) + H(P) at the true pmfs of every condition, beside SciPy's values."""
    known: dict[tuple[str, str], dict[str, Any]] = {}

    condition_of = _places(scenario)

    def record(condition: Condition) -> dict[str, Any]:
        key = (condition.truth.content, condition.model.content if condition.model else "")
        if key not in known:
            p = condition.truth.pmf()[None]
            q = condition.model.pmf()[None] if condition.model else None
            known[key] = {name: values[0] for name, values in _information(p, q, units).items()}
        return condition_of(condition) | known[key] | {"unit": units}

    return _frame((record(condition) for condition in conditions), DECOMPOSITION)


def convergence_table(
    scenario: str,
    paths: Iterable[tuple[Distribution, Distribution | None, int, Counts, Counts | None]],
    checkpoints: Sequence[int],
    units: str,
) -> pd.DataFrame:
    """Literal experiments of a truth and a model, some paths at a time.

    How many came before, and the counts (paths, checkpoints, K), of Q too if it is drawn.
    """
    frames, families = [], set()
    for truth, model, before, counts, counts_q in paths:
        frames.append(_paths(scenario, truth, model, before, counts, counts_q, np.asarray(checkpoints), units))
        families.add(truth.family)
    columns = CONVERGENCE_COIN if families == {"coin"} else CONVERGENCE
    return _typed(pd.concat(frames, ignore_index=True)[columns]) if frames else _frame([], columns)


def comparison_table(scenario: str, pairs: Iterable[Pair], units: str) -> pd.DataFrame:
    """Paired differences between estimators, first minus second."""
    unit = nats_per(units)

    condition_of = _places(scenario)

    def record(pair: Pair) -> dict[str, Any]:
        bias, mse = pair.differences["abs_bias"], pair.differences["mse"]
        return condition_of(pair.first.condition) | {
            "estimand": pair.first.task.estimand,
            "estimator_a": pair.first.task.label,
            "estimator_b": pair.second.task.label,
            "unit": units,
            "abs_bias_difference": bias.value / unit,
            "abs_bias_difference_mcse": bias.mcse / unit,
            "mse_difference": mse.value / unit**2,
            "mse_difference_mcse": mse.mcse / unit**2,
            "verdict": f"smaller |bias|: {pair.verdict('abs_bias')}; smaller MSE: {pair.verdict('mse')}",
        }

    return _frame((record(pair) for pair in pairs), COMPARISON)


def problems_table(
    scenario: str,
    faults: Iterable[tuple[Condition, int, Fault]],
    shortfalls: Iterable[Shortfall],
    units: str,
    plugins: Sequence[str] = (),
) -> pd.DataFrame:
    """Infinite, undefined and failed estimates: how many, the first, and the command that shows that again.

    And the rows that are not as precise as was asked for.
    """

    condition_of = _places(scenario)

    def record(condition: Condition, replicates: int, fault: Fault) -> dict[str, Any]:
        return condition_of(condition) | {
            "estimand": fault.task.estimand,
            "estimator": fault.task.label,
            "kind": fault.kind,
            "replicates": fault.replicates,
            "share": fault.replicates / replicates,
            "first_replicate": fault.first,
            "message": fault.message,
            "replay": _replay(condition, fault, plugins),
        }

    def missed(shortfall: Shortfall) -> dict[str, Any]:
        row, power = shortfall.row, MEASURES[shortfall.measure]
        found, wanted = (f"{value / nats_per(units) ** power:.3g}" for value in (shortfall.mcse, shortfall.wanted))
        message = f"{shortfall.measure} has an MCSE of {found} {unit_name(units, power)}, asked for was {wanted}"
        place = {"estimand": row.task.estimand, "estimator": row.task.label, "kind": "imprecise"}
        return condition_of(row.condition) | place | {"replicates": row.replicates, "message": message}

    records = [*(record(*entry) for entry in faults), *map(missed, shortfalls)]
    return _frame(records, PROBLEMS)


def unit_name(units: str, power: int) -> str:
    """The unit of a measure: nats, nats² or 1."""
    return {0: "1", 1: units, 2: f"{units}²"}[power]


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


def _places(scenario: str) -> Callable[[Condition], dict[str, Any]]:
    """The columns that name a condition, made once for all of its rows."""
    known: dict[int, dict[str, Any]] = {}

    def place(condition: Condition) -> dict[str, Any]:
        if condition.number not in known:
            known[condition.number] = {
                "scenario": scenario,
                "condition": condition.number,
                "truth": condition.truth.label,
                "model": condition.model.label if condition.model else None,
                "categories": len(condition.truth.pmf()),
                "sample_size": condition.sample_size,
                "model_sample_size": condition.model_sample_size,
            }
        return known[condition.number]

    return place


def _frame(records: Iterable[Mapping[str, Any]], columns: list[str]) -> pd.DataFrame:
    return _typed(pd.DataFrame.from_records(list(records), columns=columns))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({name: "Int64" for name in _WHOLE if name in table.columns})


def _information(p: Array, q: Array | None, units: str) -> dict[str, NDArray[np.float64]]:
    """The three quantities of rows of pmfs in our formulas and in SciPy's, and how far these are apart."""
    unit, missing = nats_per(units), np.full(len(p), np.nan)
    ours = {"entropy": entropy_nats(p), "cross_entropy": missing, "kl_divergence": missing}
    plain: Array = np.asarray(stats.entropy(p, axis=-1))
    theirs = {"entropy": plain, "cross_entropy": missing, "kl_divergence": missing}
    if q is not None:
        ours |= {"cross_entropy": cross_entropy_nats(p, q), "kl_divergence": kl_divergence_nats(p, q)}
        relative: Array = np.asarray(stats.entropy(p, np.broadcast_to(q, p.shape), axis=-1))
        theirs |= {"cross_entropy": plain + relative, "kl_divergence": relative}
    ours = {name: values / unit for name, values in ours.items()}
    theirs = {name: values / unit for name, values in theirs.items()}
    # Infinity minus infinity is not a residual: there it stays empty, and equal infinities do not differ.
    with np.errstate(invalid="ignore"):
        residual = ours["cross_entropy"] - (ours["kl_divergence"] + ours["entropy"])
        gaps = [np.where(ours[name] == theirs[name], 0.0, np.abs(ours[name] - theirs[name])) for name in ours]
    return {
        **ours,
        "residual": residual,
        **{f"scipy_{name}": values for name, values in theirs.items()},
        "max_abs_difference": np.fmax.reduce(gaps),
    }


def _paths(
    scenario: str,
    truth: Distribution,
    model: Distribution | None,
    before: int,
    counts: Counts,
    counts_q: Counts | None,
    checkpoints: NDArray[np.int64],
    units: str,
) -> pd.DataFrame:
    paths, steps, categories = counts.shape
    rows, drawn = counts.reshape(-1, categories), None if counts_q is None else counts_q.reshape(-1, categories)
    size = max(1, _ENTRIES // categories)
    some = [slice(start, start + size) for start in range(0, len(rows), size)]
    parts = [_shares(rows[at], None if drawn is None else drawn[at], truth, model, units) for at in some]
    place = {
        "scenario": scenario,
        "truth": truth.label,
        "model": model.label if model else None,
        "path": np.repeat(before + np.arange(1, paths + 1), steps),
        "sample_size": np.tile(checkpoints, paths),
        "heads": rows[:, 0],
    }
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return pd.DataFrame({**place, **columns, "unit": units})


def _shares(
    rows: Counts, drawn: Counts | None, truth: Distribution, model: Distribution | None, units: str
) -> dict[str, NDArray[np.float64]]:
    """What the shares of categories in some rows of counts say, of Q too if it is drawn."""
    p_hat = rows / rows.sum(axis=-1, keepdims=True)
    q = None if model is None else model.pmf()
    if drawn is not None:
        q = drawn / drawn.sum(axis=-1, keepdims=True)
    distance = np.abs(p_hat - truth.pmf()).sum(axis=-1) / 2
    return {"p_hat": p_hat[:, 0], "total_variation": distance, **_information(p_hat, q, units)}


def _replay(condition: Condition, fault: Fault, plugins: Iterable[str]) -> str:
    """The command that shows the replicate again; which folder is not said: the bytes are the same in any."""
    which = ["--condition", str(condition.number), "--replicate", str(fault.first), "--estimator", fault.task.label]
    given = [part for plugin in plugins for part in ("--plugin", plugin)]
    return shlex.join(["mcdiv", "replay", "RESULTS", *which, *given])
