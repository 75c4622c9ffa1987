"""The picture of `mcdiv threshold`: the statistic of every feature beside its threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mcdiv.core.number_format import counted
from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, drawable, style, titled
from mcdiv.results.plots.legends import legend_below
from mcdiv.significance.statistics import STATISTICS

#: features drawn
MAX_FEATURES = 60
_ALARM, _QUIET = "alarm", "no alarm"


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    """What is drawn of a table of thresholds: the features furthest above their thresholds, largest first."""
    excess = table["observed"].astype(float) if table["observed"].notna().any() else table["threshold"]
    with np.errstate(invalid="ignore"):
        ratio = (excess / table["threshold"]).fillna(0.0)
    order = ratio.sort_values(ascending=False, kind="stable").index[:MAX_FEATURES]
    return drawable(table.loc[order].reset_index(drop=True))


def draw(table: pd.DataFrame) -> Figure:
    """A line for each feature: a dot for its statistic, a bar for its threshold, a tick for that of the χ² law."""
    rows = rows_of(table)
    with style():
        figure = Figure(figsize=(8.5, 0.3 * len(rows) + 2.2), dpi=120)
        axes = figure.subplots()
        finite = rows[["threshold", "observed", "chi_squared"]].astype(float).replace(np.inf, np.nan)
        beyond = 1.15 * float(np.nanmax(finite.to_numpy(), initial=0.0) or 1.0)
        places = np.arange(len(rows))
        threshold = rows["threshold"].to_numpy(float)
        axes.barh(places, np.minimum(threshold, beyond), color="0.86", height=0.7, label="threshold", zorder=1)
        chi_squared = rows["chi_squared"].to_numpy(float)
        axes.plot(chi_squared, places, ls="none", marker="|", ms=11, mew=1.6, color=LINE_COLOR, label="χ² threshold")
        _observed(axes, rows, beyond)
        # Not on the bar, where a dot or the tick of the χ² law may be.
        notes = np.where(np.isinf(threshold), ": no threshold", "")
        axes.set_yticks(places, rows["feature"].astype(str) + notes)
        axes.set(xlim=(0, beyond), ylim=(len(rows) - 0.4, -0.6), xlabel=_label(rows), ylabel="")
        axes.yaxis.grid(visible=False)
        handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        legend_below(figure, handles)
        return titled(figure, _title(table, rows))


def _observed(axes: Axes, rows: pd.DataFrame, beyond: float) -> None:
    """Dots of the current counts; infinite ones at the edge."""
    if rows["observed"].isna().all():
        return
    observed = rows["observed"].to_numpy(float)
    shown = rows.assign(place=np.arange(len(rows)), shown=np.minimum(observed, beyond))
    shown["said"] = np.where(rows["alarm"].to_numpy(bool), _ALARM, _QUIET)
    sns.scatterplot(
        shown,
        x="shown",
        y="place",
        hue="said",
        style="said",
        hue_order=[_ALARM, _QUIET],
        style_order=[_ALARM, _QUIET],
        palette=[COLORS[3], COLORS[0]],
        markers=["D", "o"],
        edgecolor=LINE_COLOR,
        s=55,
        ax=axes,
        zorder=3,
        clip_on=False,
        legend=False,
    )
    for name, marker, color in ((_ALARM, "D", COLORS[3]), (_QUIET, "o", COLORS[0])):
        axes.plot([], [], ls="none", marker=marker, color=color, mec=LINE_COLOR, label=name)
    for place in np.flatnonzero(np.isinf(observed)):
        axes.annotate("∞", (beyond, place), xytext=(8, 0), textcoords="offset points", va="center")


def _label(rows: pd.DataFrame) -> str:
    name = str(rows["statistic"].iloc[0])
    return f"{STATISTICS[name].symbol} [nats]" if name in ("psi", "kl", "js") else STATISTICS[name].symbol


def _title(table: pd.DataFrame, rows: pd.DataFrame) -> str:
    rate = f"{100 * float(table['rate'].iloc[0]):.3g} %"
    left = f"; {len(rows)} of {len(table):,} are shown" if len(rows) < len(table) else ""
    if table["alarm"].isna().all():
        return f"Thresholds at a false-alarm rate of {rate} per feature{left}"
    alarms = int(table["alarm"].astype(bool).sum())
    return f"{alarms:,} of {counted(len(table), 'feature')} above the threshold, rate {rate} per feature{left}"
