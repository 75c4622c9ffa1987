"""Any one measure of a study, a row per condition and estimator: for pictures that can show each of them."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mcdiv.core.number_format import concise
from mcdiv.core.performance import Measured
from mcdiv.measures.contract import MEASURES
from mcdiv.results.plots.figure_style import SETTING, measured
from mcdiv.results.plots.picture import Tables

#: measures that say themselves how many estimates fail
_SHARES = ("infinite_share", "undefined_share")
_KEY = ["condition", "estimand", "estimator"]


def values_of(tables: Tables, measure: str) -> pd.DataFrame:
    """The measure in every condition, exact where that is known.

    `value` with its `mcse` (0 where it is `exact`), `best` as the value it has at its best (NaN where there is none),
    `left_out` as the share of estimates that are not finite and that the value leaves out; and all columns of
    performance.csv that say what varies. `interval` is there for measures of intervals alone.
    """
    table = tables["performance"]
    rows = table[table["measure"] == measure]
    simulated = rows["source"] == "monte_carlo"
    exact = rows["exact"].where(simulated, rows["value"])
    best, left_out = _best(rows, tables, measure), left_out_of(rows, table, measure)
    rows = rows.assign(value=exact.fillna(rows["value"]), exact=exact.notna(), best=best, left_out=left_out)
    rows = rows.assign(mcse=rows["mcse"].where(~rows["exact"], 0.0))
    unused = ["scenario", "z", "source", "bound", "events"]
    unused += ["interval"] if rows["interval"].isna().all() else []
    return rows.drop(columns=unused).reset_index(drop=True)


def title_of(measure: str) -> str:
    """What axes and titles call a measure."""
    return MEASURES[measure].title if measure in MEASURES else measure.replace("_", " ")


def label_of(rows: pd.DataFrame, estimand: str) -> str:
    """A measure of an estimand with its unit: "RMSE of H(P) [nats]"."""
    return f"{title_of(rows['measure'].iloc[0])} of {measured(rows, estimand)}"


def source_of(rows: pd.DataFrame) -> str:
    """Where the values come from, in words for a title."""
    exact = rows.loc[np.isfinite(rows["value"]), "exact"]
    return "exact" if exact.all() else "exact where that is known, else simulated" if exact.any() else "simulated"


def words_of(value: float, mcse: float) -> str:
    """A value as a cell holds it: 0.530(2), with one digit of its MCSE in brackets."""
    return "undefined" if math.isnan(value) else concise(Measured(value=value, mcse=mcse))


def can_be_on_both_sides(measure: str, best: float) -> bool:
    """Whether a measure can be below its best value as well as above."""
    low, high = MEASURES[measure].range if measure in MEASURES else (-math.inf, math.inf)
    return low < best < high


def series_names(rows: pd.DataFrame) -> "pd.Series[str]":
    """Whose a value is: the estimator, or the interval around it."""
    if "interval" not in rows.columns:
        return rows["estimator"].astype(str)
    around = rows["estimator"].nunique() > 1
    return rows["interval"] + (" around " + rows["estimator"] if around else "")


def _best(rows: pd.DataFrame, tables: Tables, measure: str) -> Sequence[float]:
    """What the measure would be at its best."""
    best = MEASURES[measure].best if measure in MEASURES else "none"
    if best in ("zero", "one"):
        return [float(best == "one")] * len(rows)
    if best == "truth":
        return _looked_up(rows, tables["summary"], _KEY, "true_value")
    if best == "level" and "intervals" in tables:
        return _looked_up(rows, tables["intervals"], ["interval"], "level")
    return [math.nan] * len(rows)


def left_out_of(rows: pd.DataFrame, table: pd.DataFrame, measure: str) -> Sequence[float]:
    """The share of estimates that each value of a measure leaves out, looked up in `table`."""
    if measure in _SHARES or rows["interval"].notna().any():
        return [0.0] * len(rows)
    shares = table[table["measure"].isin(_SHARES)]
    share = shares["exact"].fillna(shares["value"])
    lost = shares.assign(lost=share)[[*_KEY, "lost"]].groupby(_KEY, as_index=False).sum()
    return _looked_up(rows, lost, _KEY, "lost")


def _looked_up(rows: pd.DataFrame, table: pd.DataFrame, key: list[str], column: str) -> list[float]:
    known = table[[*key, column]].drop_duplicates(key)
    found: list[float] = rows[key].merge(known, on=key, how="left")[column].astype(float).tolist()
    return found


#: what a picture of any measure keeps of these rows, if it has it
KEPT = [*SETTING, "sample_size", "estimand", "estimator", "interval", "measure", "value", "mcse", "exact", "unit"]
