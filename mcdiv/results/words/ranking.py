"""A ranking of estimators as it is printed: who is best where, each place, and what is not compared."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from mcdiv.core.number_format import counted, figure, percent, rounded
from mcdiv.core.performance import Measured
from mcdiv.results.finished import PLACE

#: places whose tables are printed without being asked for
FEW_PLACES = 6
MAX_NAMES = 3
_BEST = ("best", "indistinguishable", "only one")
_HEADS = {"truth": "P", "model": "Q", "sample_size": "N", "model_sample_size": "M"}

#: (title, header, lines)
Table: TypeAlias = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def ranking_tables(ranking: pd.DataFrame, *, details: bool = False) -> Iterator[Table]:
    """Of each estimand the best of each place, and how often each estimator is among them; then each place."""
    groups = [group for _, group in ranking.groupby(PLACE, dropna=False, sort=False)]
    for estimand in dict.fromkeys(ranking["estimand"]):
        own = [group for group in groups if group["estimand"].iloc[0] == estimand and len(group) > 1]
        if len(own) > 1:
            yield _best(estimand, own)
            yield _standings(estimand, pd.concat(own))
    if details or len(groups) <= FEW_PLACES:
        yield from map(_place, groups)


def remarks(ranking: pd.DataFrame, *, details: bool = False) -> Iterator[str]:
    """What could not be compared, and what is not printed."""
    places = ranking.groupby(PLACE, dropna=False, sort=False)
    if ranking["run"].nunique() > 1:
        alone = [group for _, group in places if group["run"].nunique() == 1]
        if alone:
            of = ", ".join(dict.fromkeys(str(group["run"].iloc[0]) for group in alone))
            yield f"Not compared between runs: {counted(len(alone), 'setting')} that only one run has ({of})."
            yield f"The first of them: {_title(alone[0].iloc[0])}."
    shares = ranking[["abs_bias_left_out_share", "mse_left_out_share"]].max().max()
    if shares > 0:
        yield "'left out' is the share of replicates for which this estimator or the best one is not finite."
    lost = ranking[ranking["verdict_rmse"].eq("not comparable") & ranking["rank_rmse"].notna()]
    if not lost.empty and ranking["run"].nunique() > 1:
        names = ", ".join(dict.fromkeys(lost["estimator"]))
        yield f"Estimators that are not always finite are compared within their own run only: {names}."
    if not details and len(places) > FEW_PLACES:
        yield f"--details prints a table for each of the {len(places):,} settings; --csv and --json, every digit."


def _best(estimand: str, groups: Sequence[pd.DataFrame]) -> Table:
    """A line for each place: which estimators have the least |bias|, and which the least RMSE."""
    heads = pd.DataFrame([group.iloc[0][PLACE] for group in groups])
    varying = [name for name in _HEADS if heads[name].nunique(dropna=False) > 1]
    lines = []
    for group in groups:
        place = [_shown(group[name].iloc[0]) for name in varying]
        lines.append((*place, *(cell for name in ("abs_bias", "rmse") for cell in _winners(group, name))))
    unit, common = heads["unit"].iloc[0], list(_common(heads, [name for name in _HEADS if name not in varying]))
    title = ", ".join([f"Best estimators of {estimand}{'' if unit == '1' else f' [{unit}]'}", *common])
    header = (*(_HEADS[name] for name in varying), "smallest |bias|", "", "smallest RMSE", "")
    return f"{title} (indistinguishable: within 2 MCSE)", header, lines


def _common(heads: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if not pd.isna(heads[name].iloc[0]):
            yield f"{_HEADS[name]} = {_shown(heads[name].iloc[0])}"


def _winners(group: pd.DataFrame, measure: str) -> tuple[str, str]:
    """The names of the best ones of a place, that with the least value first, and that value."""
    ordered = group.sort_values(f"rank_{measure}", kind="stable")
    near = ordered[ordered[f"verdict_{measure}"].isin(_BEST)]
    if near.empty:
        return "not comparable", "–"
    several = group["run"].nunique() > 1
    names = [f"{name} ({run})" if several else name for name, run in zip(near["estimator"], near["run"], strict=True)]
    first = near.iloc[0]
    value = _value(first[measure], first[f"{measure}_mcse"])
    if len(names) == len(group):
        return f"all {len(names)} indistinguishable", value
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more, value


def _standings(estimand: str, rows: pd.DataFrame) -> Table:
    """How often each estimator is among the best, and how far its RMSE is from the best at most."""
    several = rows["run"].nunique() > 1
    lines: list[tuple[int, tuple[str, ...]]] = []
    for (run, name), own in rows.groupby(["run", "estimator"], sort=False):
        among = {measure: int(own[f"verdict_{measure}"].isin(_BEST).sum()) for measure in ("abs_bias", "rmse")}
        ratios = own["rmse_ratio"].to_numpy(dtype=np.float64)
        most = "–" if np.isnan(ratios).any() else f"×{max(ratios.max(), 1.0):.3g}"
        found = (f"{name} ({run})" if several else str(name), *(f"{count} of {len(own)}" for count in among.values()))
        lines.append((among["rmse"], (*found, most)))
    lines.sort(key=lambda line: -line[0])
    title = f"{estimand}: settings in which each estimator is best or indistinguishable from the best"
    return title, ("estimator", "|bias|", "RMSE", "largest RMSE / best"), [line for _, line in lines]


def _place(group: pd.DataFrame) -> Table:
    several = group["run"].nunique() > 1
    shares = ("abs_bias_left_out_share", "mse_left_out_share")
    left_out = bool((group[list(shares)].max() > 0).any())
    lines = []
    for row in group.to_dict("records"):
        cells = [str(row["run"])] if several else []
        cells.append(str(row["estimator"]))
        for measure, share in zip(("abs_bias", "rmse"), shares, strict=True):
            cells += [_value(row[measure], row[f"{measure}_mcse"]), str(row[f"verdict_{measure}"])]
            cells += [percent(row[share]) if row[share] > 0 else ""] if left_out else []
        lines.append(tuple(cells))
    more = ("left out",) * left_out
    header = (*(("run",) * several), "estimator", "|bias|", "", *more, "RMSE", "", *more)
    return _title(group.iloc[0]), header, lines


def _title(row: "pd.Series[Any]") -> str:
    unit = "" if row["unit"] == "1" else f" [{row['unit']}]"
    return ", ".join([f"{row['estimand']}{unit}", *_common(row.to_frame().T, list(_HEADS))])


def _shown(value: Any) -> str:
    return "–" if pd.isna(value) else value if isinstance(value, str) else f"{value:,}"


def _value(value: float, mcse: float) -> str:
    if not np.isfinite(value):
        return "∞" if value == np.inf else "–"
    return figure(value) if not mcse > 0 else rounded(Measured(value=value, mcse=mcse))
