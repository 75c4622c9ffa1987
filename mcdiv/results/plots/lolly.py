"""Any measure of every estimator in a few conditions, with bars of 2 MCSE, on a stick from its best value."""

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.any_measure import KEPT, label_of, series_names, source_of, title_of, values_of, words_of
from mcdiv.results.plots.figure_style import (
    COLORS,
    LINE_COLOR,
    SETTING,
    at_most,
    differing,
    finish,
    first_settings,
    plain_numbers,
    setting,
    with_m_along_n,
)
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: conditions drawn, a column of panels each
_MAX_CONDITIONS = 4
#: estimands drawn, a row of panels each, on paper and on a slide
_MAX_ESTIMANDS = 12, 2
#: inches of a panel at the least, from top to bottom
_LEAST = 1.6
_LEFT_OUT = "hollow: of the finite estimates; others are infinite or undefined"


def rows(tables: Tables, measure: str) -> pd.DataFrame:
    """The measure at four sample sizes of the first setting, or of the first four settings where there is one N."""
    table = with_m_along_n(values_of(tables, measure))
    if table.empty:
        return pd.DataFrame()
    sizes = np.sort(table["sample_size"].unique())
    chosen = first_settings(table, 1 if len(sizes) > 1 else _MAX_CONDITIONS)
    there = np.sort(chosen["sample_size"].unique())
    some = there[np.unique(np.linspace(0, len(there) - 1, _MAX_CONDITIONS).round().astype(int))]
    chosen = chosen[chosen["sample_size"].isin(some)]
    chosen = chosen[chosen["estimand"].isin(in_order(chosen["estimand"])[: at_most(*_MAX_ESTIMANDS)])]
    columns = [*(name for name in KEPT if name in chosen.columns), "best", "left_out"]
    drawn: pd.DataFrame = chosen.assign(series=series_names(chosen))[[*columns, "series"]].reset_index(drop=True)
    return drawn


def draw(rows: pd.DataFrame) -> Figure:
    """A row of panels per estimand, a column per condition."""
    names, varied = in_order(rows["estimand"]), differing(rows)
    conditions = list(rows.groupby([*SETTING, "sample_size"], dropna=False, sort=False).groups.values())
    blocks = [rows[rows["estimand"] == name] for name in names]
    size = mpl.rcParams["font.size"] / 72
    heights = [max(_LEAST, 2.1 * size * (block["series"].nunique() + 1)) for block in blocks]
    beside = 0.66 * size * rows["series"].str.len().max()
    shape = (max(8.0, beside + 3.4 * len(conditions)), sum(heights) + 6 * size * len(blocks) + 1.6)
    canvas = Figure(figsize=shape, dpi=120)
    grid = canvas.subplots(
        len(names), len(conditions), squeeze=False, sharex="row", gridspec_kw={"height_ratios": heights}
    )
    for line, block in zip(grid, blocks, strict=True):
        order = list(dict.fromkeys(block["series"]))[::-1]
        for axes, labels in zip(line, conditions, strict=True):
            group = block[block.index.isin(labels)]
            _panel(axes, group, order)
            axes.set_yticks(range(len(order)), order)
            axes.tick_params(labelleft=axes is line[0])
            axes.set_xlabel(label_of(rows, str(block["estimand"].iloc[0])))
            first = rows.loc[labels]
            axes.set_title(", ".join(filter(None, [setting(first, varied), f"N = {first['sample_size'].iloc[0]:,}"])))
        _widen(line[0], block)
    shared_legend(canvas, list(grid.ravel()))
    word = title_of(rows["measure"].iloc[0])
    return finish(canvas, f"{word[0].upper()}{word[1:]}: {source_of(rows)}", rows)


def _widen(axes: "Axes", rows: pd.DataFrame) -> None:
    """Room around a single value: its axis would be one of roundings."""
    shown = rows[["value", "best"]].to_numpy(float)
    shown = shown[np.isfinite(shown)]
    if len(shown) and np.ptp(shown) == 0 and not (rows["mcse"] > 0).any():
        axes.set_xlim(shown[0] - 1, shown[0] + 1)


def _panel(axes: "Axes", rows: pd.DataFrame, order: list[str]) -> None:
    """The estimators of one condition."""
    places = np.array([order.index(name) for name in rows["series"]])
    value, best, mcse = (rows[name].to_numpy(float) for name in ("value", "best", "mcse"))
    finite, exact = np.isfinite(value), rows["exact"].to_numpy(bool)
    hollow = finite & (rows["left_out"].to_numpy(float) > 0)
    known = finite & np.isfinite(best)
    axes.hlines(places[known], best[known], value[known], color="0.5", lw=1.6)
    for at in np.unique(best[np.isfinite(best)]):
        axes.axvline(at, color=LINE_COLOR, lw=1.4, ls="--", zorder=1)
    style: dict[str, Any] = {"ls": "none", "mec": LINE_COLOR, "mew": 0.9, "ms": 8}
    for chosen, marker, label in ((exact, "D", "exact"), (~exact, "o", "simulated")):
        for which, face in ((chosen & finite & ~hollow, COLORS[0]), (chosen & hollow, "white")):
            if which.any():
                axes.plot(value[which], places[which], marker=marker, mfc=face, **style)
        if (chosen & finite).any():
            axes.plot([], [], marker=marker, mfc=COLORS[0], label=label, **style)
    some = finite & ~exact & (mcse > 0)
    if some.any():
        bars = {"fmt": "none", "ecolor": COLORS[1], "capsize": 6, "zorder": 4}
        axes.errorbar(value[some], places[some], xerr=2 * mcse[some], label="± 2 MCSE", **bars)
    if hollow.any():
        axes.plot([], [], marker="o", mfc="white", label=_LEFT_OUT, **style)
    for place, number in zip(places[~finite], value[~finite], strict=True):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2}  # over the line of the best value
        across: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "ha": "center", "va": "center", "bbox": box}
        axes.text(0.5, place, words_of(number, 0.0), **across)
    axes.set_ylim(-0.7, len(order) - 0.3)
    axes.yaxis.grid(visible=False)
    axes.locator_params(axis="x", nbins=3)
    plain_numbers(axes.xaxis)


register(
    Picture(
        name="lolly",
        caption="A measure of every estimator at up to four sample sizes, or in the first four settings of a study "
        "with one sample size. The dashed line is the best value the measure can have, where there is one. Diamonds "
        "are exact, dots simulated, with bars of ±2 Monte Carlo standard errors.",
        data=rows,
        draw=draw,
        measure="bias",
        usual=False,
    )
)
