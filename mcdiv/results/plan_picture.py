"""The picture of `mcdiv plan`: values around the planned sample sizes, and the goal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mcdiv.results.plots.figure_style import LINE_COLOR, series_style, style, titled
from mcdiv.results.plots.legends import legend_below

#: points up to which each has a marker
_MARKED = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCurve:
    """What is drawn of one estimator."""

    label: str
    sample_size: int
    #: N, value and MCSE of each point
    points: Sequence[tuple[int, float, float]]


def draw(curves: Sequence[PlannedCurve], *, goal: str, wanted: Sequence[float], label: str) -> Figure:
    """A line for each estimator, with a mark where its plan is; `wanted`: where the goal is, one line or two."""
    with style():
        figure = Figure(figsize=(8.5, 4.8), dpi=120)
        axes = figure.subplots()
        for height in wanted:
            axes.axhline(height, color=LINE_COLOR, lw=1, ls=":", label="goal", zorder=1)
        for i, each in enumerate(curves):
            size, value, mcse = np.array(each.points, dtype=np.float64).T
            look = series_style(i)
            marker = look["marker"] if len(size) <= _MARKED else "none"
            name = f"{each.label}: N = {each.sample_size:,}"
            axes.errorbar(size, value, yerr=2 * mcse, **look | {"marker": marker, "ms": 4, "lw": 1.2}, label=name)
            axes.axvline(each.sample_size, color=look["color"], lw=1.4, ls=look["ls"], zorder=1)
        axes.set(xlabel="sample size N", ylabel=label)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        legend_below(figure, handles)
        return titled(figure, f"How many draws: {goal}")
