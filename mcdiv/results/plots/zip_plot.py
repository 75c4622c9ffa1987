"""Intervals of replicates, ranked by how far off their estimates are: a zip plot.

Source: Morris, White & Crowther (2019), Using simulation studies to evaluate statistical methods, Stat Med 38:2074
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mcdiv.core.number_format import percent_of_level
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, SETTING, finish, first_setting, measured, panels
from mcdiv.results.plots.legends import legend_below
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: rows of panels, an interval around an estimator each, and sample sizes
_MAX_SERIES, _MAX_SIZES = 4, 3
_COVERS, _MISSES = COLORS[9], COLORS[3]
_SERIES = ["estimator", "interval"]


def rows(tables: Tables) -> pd.DataFrame:
    """The intervals at each centile, of the first setting and estimand and of three sample sizes, with the coverage."""
    if "zip" not in tables or tables["zip"].empty:
        return pd.DataFrame()
    table = first_setting(tables["zip"], SETTING)
    table = table[table["estimand"] == in_order(table["estimand"])[0]]
    sizes = sorted(table["sample_size"].unique())
    chosen = {sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]}
    few = table.groupby(_SERIES, sort=False).ngroup() < _MAX_SERIES
    table = table[few & table["sample_size"].isin(chosen)]
    key = ["condition", "estimand", *_SERIES]
    coverage = tables["intervals"][[*key, "coverage", "coverage_mcse"]]
    keys = [*SETTING, "condition", "sample_size", "estimand", *_SERIES, "level", "unit", "true_value", "replicates"]
    names = ["ranked_by", "centile", "size", "estimate", "low", "high", "covers"]
    drawn: pd.DataFrame = table[[*keys, *names]].merge(coverage, on=key, how="left").reset_index(drop=True)
    return drawn


def draw(rows: pd.DataFrame) -> Figure:
    """A row of panels for each interval around an estimator, a column for each N."""
    series = list(dict.fromkeys(rows[_SERIES].itertuples(index=False, name=None)))
    sizes = sorted(rows["sample_size"].unique())
    figure, grid = panels(len(series) * len(sizes), columns=len(sizes), width=5.0, height=4.2)
    for index, axes in enumerate(grid):
        (estimator, interval), size = series[index // len(sizes)], sizes[index % len(sizes)]
        here = (rows["estimator"] == estimator) & (rows["interval"] == interval) & (rows["sample_size"] == size)
        if not here.any():
            axes.set_visible(False)
            continue
        _panel(axes, rows[here])
        axes.set_title(f"{interval} around {estimator}, N = {size:,}", fontsize="small")
    legend_below(figure, _legend(rows))
    level = percent_of_level(float(rows["level"].iloc[0]))
    return finish(figure, f"{level} intervals, ranked by {_sizes(rows['ranked_by'])}\n{_drawn(rows)}", rows)


def _panel(axes: "Axes", rows: pd.DataFrame) -> None:
    """A line for each interval that is defined, from the estimates nearest to the truth upwards."""
    true = float(rows["true_value"].iloc[0])
    low, high, heights = (rows[name].to_numpy(dtype=float) for name in ("low", "high", "centile"))
    ends = np.concatenate([low, high, [true]])
    ends = ends[np.isfinite(ends)]
    left, right = ends.min(), ends.max()
    margin = 0.04 * (right - left) if right - left > 1e-9 * abs(true) else 0.5 * (abs(true) or 1.0)
    left, right = left - margin, right + margin
    covers, defined = rows["covers"].to_numpy() == 1, ~(np.isnan(low) | np.isnan(high))
    width = min(3.0, 240 / len(rows))
    for some, color in ((covers, _COVERS), (defined & ~covers, _MISSES)):
        from_, to = np.clip(low[some], left, right), np.clip(high[some], left, right)
        axes.hlines(100 * heights[some], from_, to, color=color, lw=width)
        axes.plot(from_[from_ == to], 100 * heights[some][from_ == to], ".", color=color, ms=3)
    undefined = 100 * heights[~defined]
    axes.plot(np.full(len(undefined), left + margin / 2), undefined, "x", color=_MISSES, ms=4, clip_on=True)
    axes.axvline(true, color=LINE_COLOR, lw=1.4, ls=":")
    coverage, mcse = 100 * float(rows["coverage"].iloc[0]), 200 * float(rows["coverage_mcse"].iloc[0])
    axes.axhspan(coverage - mcse, coverage + mcse, color="0.55", alpha=0.5, lw=0)
    axes.axhline(coverage, color=LINE_COLOR, lw=1.2)
    axes.axhline(100 * float(rows["level"].iloc[0]), color=LINE_COLOR, lw=1.4, ls="--")
    axes.set(xlim=(left, right), ylim=(0, 100), xlabel=measured(rows, str(rows["estimand"].iloc[0])))
    axes.set_ylabel(f"centile of {_sizes(rows['ranked_by'])} [%]")
    axes.locator_params(axis="x", nbins=5)
    axes.ticklabel_format(axis="x", useOffset=False)


def _sizes(ranked_by: Iterable[str]) -> str:
    """What the intervals are ranked by."""
    words = {"abs_z": "|z|", "abs_error": "|error|"}
    return " or ".join(words[one] for one in dict.fromkeys(ranked_by))


def _drawn(rows: pd.DataFrame) -> str:
    """How many intervals there are, and which of them are lines."""
    lines = rows.groupby(["condition", *_SERIES]).size().unique()
    many = sorted(rows["replicates"].unique())
    if many[0] == 0:
        return f"Exact: the intervals at {max(lines):,} even centiles of their law"
    total = f"{many[0]:,}" if len(many) == 1 else f"{many[0]:,} to {many[-1]:,}"
    if max(lines) == many[-1]:
        return f"All {total} replicates"
    return f"{'Up to ' if len(lines) > 1 else ''}{max(lines):,} of {total} replicates, at even centiles"


def _legend(rows: pd.DataFrame) -> dict[str, Any]:
    """What the lines are, as far as there are such."""
    undefined = rows["low"].isna() | rows["high"].isna()
    covers = rows["covers"] == 1
    level = percent_of_level(float(rows["level"].iloc[0]))
    simulated = bool((rows["coverage_mcse"] > 0).any())
    kinds = {
        "covers the true value": (covers.any(), Line2D([], [], color=_COVERS, lw=3)),
        "does not": ((~covers & ~undefined).any(), Line2D([], [], color=_MISSES, lw=3)),
        "undefined: does not": (undefined.any(), Line2D([], [], color=_MISSES, marker="x", ls="none")),
        "true value": (True, Line2D([], [], color=LINE_COLOR, ls=":")),
        "coverage": (True, Line2D([], [], color=LINE_COLOR, lw=1.2)),
        "±2 MCSE": (simulated, Patch(facecolor="0.55", alpha=0.5)),
        f"level, {level}": (True, Line2D([], [], color=LINE_COLOR, ls="--")),
    }
    return {label: handle for label, (there, handle) in kinds.items() if there}


register(
    Picture(
        name="zip",
        caption="Intervals of replicates, ranked by how far the estimate is off: by |z|, the error over "
        "the standard error, or by |error| where an interval has no standard error. Those that miss the true value "
        "should be the ones above the level, the dashed line. Needs `intervals` and `save: estimates`.",
        data=rows,
        draw=draw,
        takes="the intervals of replicates, which a run of a scenario with `intervals` and `save: estimates` keeps",
    )
)
