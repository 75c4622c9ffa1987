"""Finished runs held against each other: estimators ranked by |bias| and by RMSE, never beyond what 2 MCSE separate.

Within a run that is what its comparison.csv says.
"""

from collections.abc import Iterable, Sequence
from io import StringIO

import numpy as np
import pandas as pd

#: what makes two rows comparable: the same question at the same place
PLACE = ["truth", "model", "sample_size", "model_sample_size", "estimand", "unit"]
_TIE, _ROUNDINGS = 1e-9, 1e-12
#: (difference, MCSE) by (measure, run, condition, estimand, the two estimators)
_Paired = dict[tuple[str, str, int, str, frozenset[str]], tuple[float, float]]
_SHOWN = ["run", "estimator", "abs_bias", "abs_bias_mcse", "verdict_abs_bias", "rmse", "rmse_mcse", "verdict_rmse"]


def ranked(runs: Iterable[tuple[str, str, str]]) -> pd.DataFrame:
    """All rows of the runs' tables with ranks and verdicts, a row per estimator and run.

    A run is its folder and the CSV texts of its summary and comparison: two estimators of one run saw the same
    replicates, and the differences that it kept decide. Between runs the MCSEs are those of independent samples.
    """
    runs = list(runs)
    frames = [pd.read_csv(StringIO(text)).assign(run=folder) for folder, text, _ in runs]
    rows, paired = pd.concat(frames, ignore_index=True), _paired(runs)
    for measure, column in (("bias", "abs_bias"), ("rmse", "rmse_value")):
        exact = rows[f"exact_{measure}"]
        rows[column] = exact.fillna(rows[measure]).abs()
        rows[f"{column}_mcse"] = rows[f"{measure}_mcse"].where(exact.isna(), 0.0).fillna(0.0)
    # An estimator that can be infinite or undefined has no finite RMSE: it comes last.
    lost = rows["infinite_share"].fillna(0) + rows["undefined_share"].fillna(0) > 0
    rows.loc[lost, ["abs_bias", "rmse_value"]] = np.inf
    groups = []
    for _, group in rows.groupby(PLACE, dropna=False, sort=False):
        marked = group.copy()
        for column, difference in (("abs_bias", "abs_bias_difference"), ("rmse_value", "mse_difference")):
            marked[f"verdict_{column}"] = _verdicts(group, column, paired, difference)
            marked[f"rank_{column}"] = group[column].rank(method="min").astype("Int64")
        groups.append(marked.sort_values("rmse_value", kind="stable"))
    columns = ["run", *PLACE, "estimator", "abs_bias", "abs_bias_mcse", "rank_abs_bias", "verdict_abs_bias"]
    columns += ["rmse_value", "rmse_value_mcse", "rank_rmse_value", "verdict_rmse_value"]
    names = {"rmse_value": "rmse", "rmse_value_mcse": "rmse_mcse", "rank_rmse_value": "rank_rmse"}
    return pd.concat(groups)[columns].rename(columns={**names, "verdict_rmse_value": "verdict_rmse"})


def ranking_lines(ranking: pd.DataFrame) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """A titled table for each place: (title, header, lines)."""
    several = ranking["run"].nunique() > 1
    header = ("run",) * several + ("estimator", "|bias|", "", "RMSE", "")
    tables = []
    for _, group in ranking.groupby(PLACE, dropna=False, sort=False):
        lines = [
            (
                *([run] if several else []),
                name,
                _value(bias, bias_mcse),
                bias_verdict,
                _value(rmse, rmse_mcse),
                rmse_verdict,
            )
            for run, name, bias, bias_mcse, bias_verdict, rmse, rmse_mcse, rmse_verdict in zip(
                *(group[column] for column in _SHOWN), strict=True
            )
        ]
        tables.append((_title(group.iloc[0]), header, lines))
    return tables


def _paired(runs: Iterable[tuple[str, str, str]]) -> _Paired:
    """The differences that the runs kept, and their MCSEs, by measure, run, condition, estimand and estimators."""
    found: _Paired = {}
    for folder, _, text in runs:
        for row in pd.read_csv(StringIO(text)).to_dict("records"):
            place = (folder, row["condition"], row["estimand"], frozenset((row["estimator_a"], row["estimator_b"])))
            for measure in ("abs_bias_difference", "mse_difference"):
                found[measure, *place] = row[measure], row[f"{measure}_mcse"]
    return found


def _verdicts(group: pd.DataFrame, column: str, paired: _Paired, difference: str) -> Sequence[str]:
    """best, indistinguishable (from the best, within 2 MCSE), or how many times worse."""
    values = group[column]
    finite = values[np.isfinite(values)]
    if finite.empty:
        return ["not comparable"] * len(group)
    best = group.loc[finite.idxmin()]

    def near(row: pd.Series) -> bool:
        if row.name == best.name:
            return True
        names = frozenset((row["estimator"], best["estimator"]))
        key = (difference, row["run"], row["condition"], row["estimand"], names)
        if row["run"] == best["run"] and key in paired:
            between, error = paired[key]
        else:
            between, error = row[column] - best[column], np.hypot(row[f"{column}_mcse"], best[f"{column}_mcse"])
        return not abs(between) > max(2 * error, _TIE * best[column])

    # Nothing is told in multiples of a best value that is noise itself.
    unit = best[column] if best[column] > max(2 * best[f"{column}_mcse"], _ROUNDINGS * _size(best)) else 0.0
    close = [bool(np.isfinite(row[column])) and near(row) for _, row in group.iterrows()]
    alone = sum(close) == 1
    return [
        ("best" if alone else "indistinguishable")
        if together
        else "not always finite"
        if not np.isfinite(value)
        else f"×{value / unit:.3g}"
        if unit > 0
        else "worse"
        for value, together in zip(values, close, strict=True)
    ]


def _size(row: pd.Series) -> float:
    """What the errors of a row are measured against: where they are 1e-14 of it, they are roundings."""
    sizes = [abs(row[name]) for name in ("true_value", "mean") if np.isfinite(row[name])]
    return max(sizes, default=0.0)


def _value(value: float, mcse: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.4g}" if not mcse > 0 else f"{value:.4g} ± {mcse:.1g}"


def _title(row: pd.Series) -> str:
    model = "" if pd.isna(row["model"]) else f", Q = {row['model']}"
    drawn = "" if pd.isna(row["model_sample_size"]) else f", M = {int(row['model_sample_size'])}"
    return f"{row['estimand']} [{row['unit']}], P = {row['truth']}{model}, N = {int(row['sample_size'])}{drawn}"
