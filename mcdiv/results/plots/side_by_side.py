"""Estimators side by side at the largest N: bias and RMSE, best first."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    COLORS,
    LINE_COLOR,
    SETTING,
    SLIDE,
    across,
    finish,
    first_setting,
    measured,
    on_slide,
    plain_numbers,
)
from mcdiv.results.plots.legends import estimator_labels, explain_left_out, left_out, shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

_MEASURES = {"bias": "bias", "rmse": "RMSE"}


def rows(tables: Tables) -> pd.DataFrame:
    """Bias and RMSE of every estimator at the largest N of the first setting, in the order of their ranks."""
    summary = first_setting(tables["summary"], SETTING)
    largest = summary[summary["sample_size"] == summary["sample_size"].max()]
    ranked = largest.assign(best=largest["exact_rmse"].fillna(largest["rmse"]))
    ranked = ranked[np.isfinite(ranked["best"])]
    several = ranked.groupby("estimand")["estimator"].transform("count") > 1
    ranked = ranked.assign(left_out=left_out(ranked))
    columns = [f"{pre}{name}{post}" for name in _MEASURES for pre, post in (("", ""), ("", "_mcse"), ("exact_", ""))]
    keys = [*SETTING, "sample_size", "estimand", "estimator", "unit", "replicates", "left_out"]
    order = ranked[several].sort_values(["rank", "best"], kind="stable")
    measures: pd.DataFrame = order[[*keys, *columns]].reset_index(drop=True)
    return measures


def draw(rows: pd.DataFrame) -> Figure:
    """A row of two panels per estimand; lengths from 0."""
    names = in_order(rows["estimand"])
    heights = [int((rows["estimand"] == name).sum()) + 1.6 for name in names]
    labels = estimator_labels(rows)
    pitch = 0.42 if not on_slide() else min(0.42, max(0.3, (SLIDE[1] - 2.2) / sum(heights)))
    figure = Figure(figsize=(across(12.4), pitch * sum(heights) + 2.2), dpi=120)
    # The last number of one panel's axis and the first of the next must not run together.
    figure.set_layout_engine("constrained", w_pad=1.5 * mpl.rcParams["xtick.labelsize"] / 72)
    grid = figure.subplots(len(names), 2, squeeze=False, gridspec_kw={"height_ratios": heights})
    for line, name in zip(grid, names, strict=True):
        group = rows[rows["estimand"] == name].iloc[::-1]
        places = np.arange(len(group))
        for axes, (measure, word) in zip(line, _MEASURES.items(), strict=True):
            values, exact = group[measure].to_numpy(float), group[f"exact_{measure}"].to_numpy(float)
            simulated = group["replicates"].to_numpy() > 0
            axes.hlines(places, 0, np.where(np.isfinite(exact), exact, values), color=COLORS[0], lw=2.4)
            if np.isfinite(exact).any():
                axes.plot(exact, places, "D", ms=9, mfc="white", mec=LINE_COLOR, mew=1.3, ls="none", label="exact")
            error = 2 * np.nan_to_num(group[f"{measure}_mcse"].to_numpy(float))[simulated]
            style = {"fmt": "o", "ms": 4.5, "color": COLORS[1], "mec": LINE_COLOR, "mew": 0.5, "capsize": 3}
            if simulated.any():
                axes.errorbar(values[simulated], places[simulated], xerr=error, label="simulated ± 2 MCSE", **style)
            axes.axvline(0, color=LINE_COLOR, lw=1.2)
            axes.set(xlabel=f"{word} of {measured(group, name)}", ylim=(-0.7, len(group) - 0.3))
            axes.set_yticks(places, group["estimator"].map(labels) if measure == "bias" else [""] * len(group))
            axes.yaxis.grid(visible=False)
            axes.locator_params(axis="x", nbins=_ticks(12.4 / 2 - 1.6))
            plain_numbers(axes.xaxis)
    explain_left_out(grid[0, 0], list(labels.values()))
    shared_legend(figure, [grid[0, 0]])
    return finish(figure, f"Estimators at N = {int(rows['sample_size'].iloc[0]):,}, smallest RMSE on top", rows)


def _ticks(inches: float) -> int:
    """How many numbers such as −0.00025 fit side by side."""
    return max(2, int(72 * inches / (0.6 * 9 * mpl.rcParams["xtick.labelsize"])))


register(
    Picture(
        name="estimators",
        caption="Bias and RMSE of every estimator at the largest sample size, the smallest RMSE on top, those "
        "that are sometimes infinite or undefined last. Diamonds are exact, dots simulated with ±2 Monte Carlo "
        "standard errors.",
        data=rows,
        draw=draw,
    )
)
