"""The picture of `mcdiv estimate --plot`: estimates with their intervals, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mcdiv.core.number_format import counted, percent_of_level
from mcdiv.results.plots.figure_style import drawable, measured, panels, series_styles, style, titled
from mcdiv.results.plots.legends import legend_below

#: samples whose names are shown, and estimators in one picture
MAX_NAMES, MAX_ESTIMATORS = 40, 4


def draw(table: pd.DataFrame, order: Sequence[str]) -> Figure:
    """A panel for each estimand; `table` has the columns of `mcdiv estimate --output`, `order` the samples' names."""
    rows = drawable(table)
    names = drawable(pd.DataFrame({"group": list(order)}))["group"].tolist()
    estimators = _shown(list(dict.fromkeys(rows["estimator"])))
    styles = series_styles(estimators)
    estimands = list(dict.fromkeys(rows["estimand"]))
    named = len(names) <= MAX_NAMES
    with style():
        figure, axes = panels(len(estimands), width=9.0, height=max(2.2, 0.32 * len(names)) if named else 4.6)
        for panel, estimand in zip(axes, estimands, strict=True):
            some = rows[(rows["estimand"] == estimand) & rows["estimator"].isin(estimators)]
            _panel(panel, some, names, styles, named=named)
        handles = dict(zip(*reversed(axes[0].get_legend_handles_labels()), strict=True))
        legend_below(figure, handles)
        level = percent_of_level(float(rows["level"].iloc[0]))
        return titled(figure, f"Estimates with {level} intervals of {counted(len(names), 'sample')}")


def _shown(estimators: list[str]) -> list[str]:
    """All of a few; of many the first, and one that corrects it."""
    if len(estimators) <= MAX_ESTIMATORS:
        return estimators
    return [estimators[0], "chao_shen" if "chao_shen" in estimators else estimators[-1]]


def _panel(axes: Axes, rows: pd.DataFrame, names: list[str], styles: dict[str, dict[str, Any]], *, named: bool) -> None:
    places = {name: place for place, name in enumerate(names, start=1)}
    step = 0.7 / max(1, len(styles))
    for number, (estimator, look) in enumerate(styles.items()):
        some = rows[rows["estimator"] == estimator]
        at = some["group"].map(places).to_numpy(float) + (number - (len(styles) - 1) / 2) * step
        values, low, high = (some[name].to_numpy(float) for name in ("value", "low", "high"))
        shown = np.isfinite(values)
        lines = axes.hlines if named else axes.vlines
        ends = shown & np.isfinite(low) & np.isfinite(high)
        lines(at[ends], low[ends], high[ends], color=look["color"], lw=1.6 if named else 0.8, zorder=2)
        x, y = (values[shown], at[shown]) if named else (at[shown], values[shown])
        size = 6 if named else 3
        axes.plot(x, y, label=estimator, zorder=3, **(look | {"ls": "none", "ms": size, "mew": 0.5}))
    label = measured(rows, str(rows["estimand"].iloc[0]))
    if named:
        axes.set_yticks(range(1, len(names) + 1), names)
        axes.set(ylim=(len(names) + 0.6, 0.4), xlabel=label, ylabel="")
        axes.yaxis.grid(visible=False)
    else:
        axes.set(xlim=(0, len(names) + 1), xlabel="samples, in the order of the table", ylabel=label)
        axes.xaxis.grid(visible=False)
