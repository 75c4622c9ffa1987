"""Finished runs held against each other: estimators ranked by |bias| and by RMSE, never beyond what 2 MCSE separate.

Within a run that is what its comparison.csv says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
import pandas as pd

from mcdiv.core.arrays import Array

#: what makes two rows comparable: the same question at the same place
PLACE = ["truth", "model", "sample_size", "model_sample_size", "estimand", "unit"]
_TIE, _ROUNDINGS = 1e-9, 1e-12
_MEASURED = {"bias": "abs_bias", "rmse": "rmse_value"}
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
    for measure, column in _MEASURED.items():
        exact = rows[f"exact_{measure}"]
        rows[column] = exact.fillna(rows[measure]).abs()
        rows[f"{column}_simulated"], rows[f"{column}_exact"] = rows[measure].abs(), exact.notna()
        rows[f"{column}_mcse"] = rows[f"{measure}_mcse"].where(exact.isna(), 0.0).fillna(0.0)
    # An estimator that can be infinite or undefined has no finite RMSE: it comes last.
    lost = rows["infinite_share"].fillna(0) + rows["undefined_share"].fillna(0) > 0
    rows.loc[lost, [name for column in _MEASURED.values() for name in (column, f"{column}_simulated")]] = np.inf
    groups = []
    for _, group in rows.groupby(PLACE, dropna=False, sort=False):
        marked = group.copy()
        for column, difference in (("abs_bias", "abs_bias_difference"), ("rmse_value", "mse_difference")):
            found = _Measure.of(group, column)
            marked[f"rank_{column}"] = pd.Series(found.ranks(), index=group.index, dtype="Int64")
            marked[f"verdict_{column}"] = _verdicts(marked, column, found, paired, difference)
        groups.append(marked.sort_values(["rank_rmse_value", "rmse_value"], kind="stable"))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """|bias| or RMSE of the rows of a place.

    Where only one of two values of a run is exact, the simulated ones are compared: what chance did to one of them
    it did to the other.
    """

    #: of each row: exact where known, else simulated; and as simulated
    values: Array
    simulated: Array
    #: of each two rows: whether they are compared as simulated
    as_simulated: np.ndarray
    #: the power of which the mean is simulated
    power: int

    @staticmethod
    def of(group: pd.DataFrame, column: str) -> "_Measure":
        exact, run = group[f"{column}_exact"].to_numpy(), group["run"].to_numpy()
        return _Measure(
            values=group[column].to_numpy(dtype=np.float64),
            simulated=group[f"{column}_simulated"].to_numpy(dtype=np.float64),
            as_simulated=(run[:, None] == run) & ~(exact[:, None] & exact),
            power=1 if column == "abs_bias" else 2,
        )

    def ranks(self) -> list[int | None]:
        """One more than how many others have less; None where there is no value."""
        less = np.where(self.as_simulated, self.simulated[:, None] > self.simulated, self.values[:, None] > self.values)
        return [None if np.isnan(value) else 1 + int(row.sum()) for value, row in zip(self.values, less, strict=True)]

    def times(self, row: int, best: int) -> float:
        """How many times that of the best: its value and how much more the row has, on the same replicates."""
        if not self.as_simulated[row, best]:
            return float(self.values[row] / self.values[best])
        more = self.simulated[row] ** self.power - self.simulated[best] ** self.power
        return float(max(1 + more / self.values[best] ** self.power, 0.0) ** (1 / self.power))


def _verdicts(group: pd.DataFrame, column: str, measure: _Measure, paired: _Paired, difference: str) -> Sequence[str]:
    """best, indistinguishable (from the best, within 2 MCSE), or how many times worse."""
    finite = np.isfinite(measure.values)
    if not finite.any():
        return ["not comparable"] * len(group)
    least = int(group[f"rank_{column}"].where(finite).argmin())
    best = group.iloc[least]

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
    noiseless = best[column] > max(2 * best[f"{column}_mcse"], _ROUNDINGS * _size(best))
    close = [bool(np.isfinite(row[column])) and near(row) for _, row in group.iterrows()]
    alone = sum(close) == 1
    return [
        ("best" if alone else "indistinguishable")
        if together
        else "not always finite"
        if not finite[place]
        else f"×{measure.times(place, least):.3g}"
        if noiseless
        else "worse"
        for place, together in enumerate(close)
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
    unit = "" if row["unit"] == "1" else f" [{row['unit']}]"
    return f"{row['estimand']}{unit}, P = {row['truth']}{model}, N = {int(row['sample_size'])}{drawn}"
