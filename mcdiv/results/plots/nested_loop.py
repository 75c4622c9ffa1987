"""A measure in all conditions of a grid, in nested order, above the steps of the factors: a nested-loop plot.

Source: Rücker & Schwarzer (2014), Presenting simulation results in a nested loop plot, BMC Med Res Methodol 14:129.
"""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from mcdiv.core.rounding import ROUNDING
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.any_measure import KEPT, label_of, series_names, source_of, title_of, values_of
from mcdiv.results.plots.factors import Factor, factors, independent
from mcdiv.results.plots.figure_style import (
    LINE_COLOR,
    SETTING,
    explain_empty,
    finish,
    panels,
    series_styles,
    with_m_along_n,
)
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register
from mcdiv.results.plots.wrapping import letters_per_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: conditions whose steps can still be told apart
_MAX_STEPS = 300
#: points with a marker on a line
_MARKED = 24
#: changes of the outermost factor up to which each has a line across the panel
_MAX_LINES = 24
#: inches: a panel without its factors, and how wide it is
_HEIGHT, _WIDTH = 3.4, 9.0
#: lines of text that have room where the steps of a factor are, and the most that its levels take above them
_STEPS, _MAX_LINES_OF_LEVELS = 2.2, 3


def rows(tables: Tables, measure: str) -> pd.DataFrame:
    """The measure of every estimator, exact where that is known, with the place of each condition in nested order."""
    table = with_m_along_n(values_of(tables, measure))
    varying = factors(table)
    if not np.isfinite(table["value"]).any() or len(independent(table, varying)) < 2:
        return pd.DataFrame()
    places = pd.DataFrame({factor.column: factor.places(table) for factor in varying})
    ordered = _first(table.loc[places.sort_values(list(places.columns), kind="stable").index])
    ordered = ordered.assign(step=ordered.groupby("condition", sort=False).ngroup() + 1, series=series_names(ordered))
    true = tables["summary"][["condition", "estimand", "true_value"]].drop_duplicates()
    ordered = ordered.merge(true, on=["condition", "estimand"], how="left")
    names = dict.fromkeys(["step", *KEPT, *places.columns, "series", "best", "left_out", "true_value"])
    return ordered[[name for name in names if name in ordered.columns]]


def _first(ordered: pd.DataFrame) -> pd.DataFrame:
    """Those of the first few settings, as many as have room."""
    settings = ordered.groupby(SETTING, dropna=False, sort=False)
    steps = settings["condition"].nunique().cumsum()
    return ordered[settings.ngroup() < max(1, int((steps <= _MAX_STEPS).sum()))]


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per estimand: a line of steps for each estimator, those of the factors below."""
    varying, names = factors(rows), in_order(rows["estimand"])
    styles = series_styles(rows["series"])
    height = _HEIGHT + sum(map(_room, varying))
    figure, grid = panels(len(names), width=_WIDTH, height=height, least=height)
    for axes, name in zip(grid, names, strict=True):
        group = rows[rows["estimand"] == name]
        for label, line in group.groupby("series", sort=False):
            _draw_series(axes, line, int(rows["step"].max()), str(label), styles[str(label)])
        _finish_panel(axes, rows, group, varying)
        axes.set(xlabel="condition, in nested order", ylabel=label_of(group, name))
    shared_legend(figure, grid)
    title = title_of(rows["measure"].iloc[0])
    order = f"{varying[0].symbol} changes slowest, {varying[-1].symbol} fastest"
    return finish(figure, f"{title[0].upper()}{title[1:]} by condition: {_how(rows)}\n{order}", rows)


def _room(factor: Factor) -> float:
    """Inches of a factor."""
    return (_STEPS + 1.2 * len(_levels(factor))) * float(mpl.rcParams["font.size"]) / 72


def _how(rows: pd.DataFrame) -> str:
    """Where the values come from, and what they leave out."""
    bands = ", bands ± 2 MCSE" if (rows["mcse"] > 0).any() else ""
    gaps = "" if np.isfinite(rows["value"]).all() else "; a gap is no finite value"
    left_out = "; of finite estimates only" if (rows["left_out"] > 0).any() else ""
    return source_of(rows) + bands + gaps + left_out


def _draw_series(axes: "Axes", line: pd.DataFrame, steps: int, label: str, style: dict[str, Any]) -> None:
    """A step for each condition, with ±2 MCSE, and a marker on some of the steps."""
    values = _by_step(line, "value", steps)
    errors = 2 * np.nan_to_num(_by_step(line, "mcse", steps))
    axes.plot(*_corners(values), color=style["color"], ls=style["ls"], lw=1.5)
    if errors.any():
        across, low = _corners(values - errors)
        axes.fill_between(across, low, _corners(values + errors)[1], color=style["color"], alpha=0.2, lw=0)
    some = slice(0, None, -(-steps // _MARKED))
    axes.plot(np.arange(1, steps + 1)[some], values[some], **{**style, "ls": "none"})
    axes.plot([], [], **style, label=label)


def _by_step(line: pd.DataFrame, column: str, steps: int) -> NDArray[np.float64]:
    """The finite values of a column by step, NaN elsewhere."""
    values = np.full(steps, np.nan)
    values[line["step"].to_numpy() - 1] = line[column].to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def _corners(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners of steps of width 1, the first around 1."""
    ends = np.arange(len(values) + 1) + 0.5
    return np.repeat(ends, 2)[1:-1], np.repeat(values, 2)


def _finish_panel(axes: "Axes", rows: pd.DataFrame, group: pd.DataFrame, varying: Sequence[Factor]) -> None:
    """The best value, the axes, and the steps of the factors in a field of their own below the values."""
    steps = int(rows["step"].max())
    axes.plot(*_corners(_by_step(group.drop_duplicates("step"), "best", steps)), color=LINE_COLOR, lw=1.0)
    if not np.isfinite(group["value"]).any():
        explain_empty(axes, "no finite value")
    axes.margins(y=0.06)
    if not group["value"].abs().max() > ROUNDING * group["true_value"].abs().max():  # what is left are roundings
        axes.set_ylim(-1, 1)
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high])
    bottom, line = low, (high - low) / _HEIGHT * float(mpl.rcParams["font.size"]) / 72
    for factor in varying:
        bottom -= (high - low) / _HEIGHT * _room(factor)
        _trace(axes, rows, factor, bottom, 1.2 * line)
    bottom -= line
    axes.axhspan(bottom, low, color="0.95", zorder=0)
    axes.set(xlim=(0.5, steps + 0.5), ylim=(bottom, high))
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True, min_n_ticks=1))
    axes.xaxis.grid(visible=False)
    axes.ticklabel_format(axis="y", useOffset=False)
    changes = np.flatnonzero(np.diff(varying[0].places(rows.drop_duplicates("step")).to_numpy()))
    for change in changes if len(changes) <= _MAX_LINES else ():
        axes.axvline(change + 1.5, color="0.75", lw=0.8, zorder=0)


def _trace(axes: "Axes", rows: pd.DataFrame, factor: Factor, bottom: float, height: float) -> None:
    """The steps of a factor from its first level to its last, and above them what the levels are."""
    places = factor.places(rows.drop_duplicates("step")).to_numpy(dtype=float)
    axes.plot(*_corners(bottom + height * places / max(1, len(factor.levels) - 1)), color=LINE_COLOR, lw=1.2)
    size = 0.8 * mpl.rcParams["font.size"]
    words = "\n".join(_levels(factor))
    axes.text(0.01, bottom + 1.15 * height, words, fontsize=size, va="bottom", transform=axes.get_yaxis_transform())


def _levels(factor: Factor) -> list[str]:
    """The levels in a few lines, from the lowest step to the highest; of many the first and the last."""
    words = [factor.word(level) for level in factor.levels]
    letters = letters_per_line(_WIDTH - 1.2, 0.8 * mpl.rcParams["font.size"])
    some = (", ".join(words), f"{words[0]} … {words[-1]} ({len(words)} levels)", f"{len(words)} levels")
    for text in some:
        lines = textwrap.wrap(f"{factor.symbol}: {text}", letters)
        if len(lines) <= _MAX_LINES_OF_LEVELS:
            break
    return lines


register(
    Picture(
        name="nested_loop",
        caption="A measure of every estimator in all conditions of a grid with two or more factors, a step for each: "
        "the bias, or another with `mcdiv plot --measure`. The steps below say where each factor is, from its first "
        "level at the bottom to its last; the last factor changes fastest. Values are exact where that is known, else "
        "simulated with bands of ±2 Monte Carlo standard errors.",
        measure="bias",
        usual=False,
        takes="two or more factors that vary",
        data=rows,
        draw=draw,
    )
)
