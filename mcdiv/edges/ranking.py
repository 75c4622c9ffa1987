"""Finished runs held against each other: estimators ranked by |bias| and by RMSE, never beyond what 2 MCSE separate."""

from collections.abc import Iterable, Sequence
from io import StringIO

import numpy as np
import pandas as pd

#: what makes two rows comparable: the same question at the same place
PLACE = ["truth", "model", "sample_size", "model_sample_size", "estimand", "unit"]
_TIE = 1e-9
_SHOWN = ["run", "estimator", "abs_bias", "abs_bias_mcse", "verdict_abs_bias", "rmse", "rmse_mcse", "verdict_rmse"]


def ranked(runs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """All rows of the runs' summary tables (folder, CSV text) with ranks and verdicts, a row per estimator and run."""
    frames = [pd.read_csv(StringIO(text)).assign(run=folder) for folder, text in runs]
    rows = pd.concat(frames, ignore_index=True)
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
        for column in ("abs_bias", "rmse_value"):
            marked[f"verdict_{column}"] = _verdicts(group[column], group[f"{column}_mcse"])
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


def _verdicts(values: pd.Series, mcse: pd.Series) -> Sequence[str]:
    """best, indistinguishable (from the best, within 2 MCSE), or how many times worse."""
    finite = values[np.isfinite(values)]
    if finite.empty:
        return ["not comparable"] * len(values)
    place = finite.idxmin()
    best, error = float(values[place]), float(mcse[place])
    near = [abs(v - best) <= max(2 * np.hypot(m, error), _TIE * best) for v, m in zip(values, mcse, strict=True)]
    alone = sum(near) == 1
    return [
        ("best" if alone else "indistinguishable")
        if close
        else "infinite"
        if not np.isfinite(value)
        else f"×{value / best:.3g}"
        if best > 0
        else "worse"
        for value, close in zip(values, near, strict=True)
    ]


def _value(value: float, mcse: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.4g}" if not mcse > 0 else f"{value:.4g} ± {mcse:.1g}"


def _title(row: pd.Series) -> str:
    model = "" if pd.isna(row["model"]) else f", Q = {row['model']}"
    drawn = "" if pd.isna(row["model_sample_size"]) else f", M = {int(row['model_sample_size'])}"
    return f"{row['estimand']} [{row['unit']}], P = {row['truth']}{model}, N = {int(row['sample_size'])}{drawn}"
