"""What tested estimates look like if P = Q, where the test begins to reject, and their law with P as it is."""

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mcdiv.core.number_format import percent
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    COLORS,
    LINE_COLOR,
    SETTING,
    differing,
    explain_empty,
    finish,
    first_settings,
    measured,
    panels,
    setting,
)
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values: TypeAlias = NDArray[np.float64]

#: rows of panels, a setting each, and columns, a sample size each
_MAX_SETTINGS, _MAX_SIZES = 3, 3
#: what has less probability at the end of a panel is not drawn
_TAIL = 1e-3
_IF_NULL = "if P\u00a0=\u00a0Q"
_KEPT: dict[str, Any] = {"color": COLORS[9], "edgecolor": COLORS[0], "lw": 0.5}
_REJECTED: dict[str, Any] = {"facecolor": "0.85", "edgecolor": LINE_COLOR, "hatch": "///", "lw": 0.5}


def rows(tables: Tables) -> pd.DataFrame:
    """The bins of the first tested estimand, in a few settings and at three sample sizes."""
    if "null_law" not in tables or tables["null_law"].empty:
        return pd.DataFrame()
    table = tables["null_law"]
    table = table[table["estimand"] == in_order(table["estimand"])[0]]
    table = first_settings(table, _MAX_SETTINGS)
    sizes = sorted(table["sample_size"].unique())
    chosen = {sizes[0], sizes[(len(sizes) - 1) // 2], sizes[-1]}
    return table[table["sample_size"].isin(chosen)].reset_index(drop=True)


def draw(rows: pd.DataFrame) -> Figure:
    """A row of panels for each setting, a column for each N."""
    settings = rows.groupby(SETTING, dropna=False, sort=False).ngroup()
    sizes = sorted(rows["sample_size"].unique())
    figure, grid = panels(settings.nunique() * len(sizes), columns=len(sizes), width=5.4, height=3.9)
    for index, axes in enumerate(grid):
        place, size = index // len(sizes), sizes[index % len(sizes)]
        law = rows[(settings == place) & (rows["sample_size"] == size)]
        if law.empty:
            axes.set_visible(False)
            continue
        _panel(axes, law)
        where = [setting(law, differing(rows)), f"N = {size:,}", _said(law)]
        axes.set_title("; ".join(filter(None, where)), fontsize="small")
        axes.set(
            xlabel=f"{law['estimator'].iloc[0]} {measured(law, str(law['estimand'].iloc[0]))}", ylabel="probability"
        )
    shared_legend(figure, grid)
    level = percent(float(rows["level"].iloc[0]))
    return finish(figure, f"Estimates if P = Q, and what the test at level {level} rejects{_source(rows)}", rows)


def _source(rows: pd.DataFrame) -> str:
    simulated = (rows["null_replicates"] > 0) | (rows["replicates"] > 0)
    return " (exact)" if not simulated.any() else "" if not simulated.all() else " (simulated)"


def _said(law: pd.DataFrame) -> str:
    """How often the test rejects, in either case, and how often an estimate is infinite."""
    said = f"rejects in {_percent(law['null_rejected'].sum())} {_IF_NULL}"
    if float(law["true_value"].iloc[0]) > 0 and law["rejected"].notna().all():
        said += f", in {_percent(law['rejected'].sum())} as P is"
    infinite = law.loc[np.isinf(law["high"]), "null_probability"].sum()
    return said + (f"; {_percent(infinite)} are infinite {_IF_NULL}" if infinite > 0 else "")


def _percent(share: float) -> str:
    return percent(min(1.0, float(share))).replace(" ", "\u00a0")  # in one line


def _panel(axes: "Axes", law: pd.DataFrame) -> None:
    shown = law[np.isfinite(law["high"])]
    if shown.empty:
        explain_empty(axes, "no finite estimate")
        return
    names = ("low", "high", "null_probability", "null_rejected", "probability", "chi_squared")
    low, high, *heights = (shown[name].to_numpy(float) for name in names)
    value, critical = (float(law[name].iloc[0]) for name in ("true_value", "critical_value"))
    differs = value > 0 and bool(np.isfinite(heights[2]).all())
    marks = [each for each in (critical, value) if math.isfinite(each)]
    _limit(axes, low, heights[0] + (heights[2] if differs else 0.0), marks)
    distinct = not (high - low).any()
    width = _widths(low, high)
    low, heights = (low - width / 2, heights) if distinct else (low, [each * _scale(width) for each in heights])
    null, rejected, here, approximate = heights
    axes.bar(low, null - rejected, width, align="edge", label="if P = Q, not rejected", **_KEPT)
    axes.bar(low, rejected, width, bottom=null - rejected, align="edge", label="if P = Q, rejected", **_REJECTED)
    middle = low + width / 2
    if np.isfinite(approximate).any():
        axes.plot(middle, approximate, ".", ms=5, color=COLORS[1], label="if P = Q, by χ²")
    if differs and distinct:
        axes.plot(middle, here, "o", ms=5, mfc="none", color=COLORS[3], label="with P as it is (rings)")
    elif differs:
        axes.step(middle, here, where="mid", color=COLORS[3], lw=1.6, label="with P as it is (line)")
    if math.isfinite(critical):
        axes.axvline(critical, color=LINE_COLOR, lw=1.6, ls="--", label="critical value")
    if 0 < value < math.inf:
        axes.axvline(value, color=COLORS[3], lw=1.6, ls=":", label="true value")
    axes.set_ylim(0, 1.08 * max(float(np.nanmax(each, initial=0.0)) for each in heights))
    axes.locator_params(nbins=5)


def _widths(low: Values, high: Values) -> Values:
    """Of bins; distinct estimates have a bar each, as wide as the least distance between two, but no hair."""
    if (high - low).any():
        return high - low
    span = float(np.ptp(low)) or abs(float(low[0])) or 1.0
    return np.full(len(low), max(0.8 * float(np.diff(low).min(initial=span / 16)), span / 200))


def _scale(width: Values) -> Values:
    """What heights are multiplied by: the outer bins are wider, and what they hold is spread over their width."""
    return np.asarray(width[len(width) // 2] / width)


def _limit(axes: "Axes", low: Values, probability: Values, marks: list[float]) -> None:
    """The axis holds all but the far end of the law, and what is marked."""
    above = np.cumsum(probability[::-1])[::-1]
    ends = [float(low[0]), float(low[above >= _TAIL].max(initial=low[0])), *marks]
    margin = 0.04 * ((max(ends) - min(ends)) or abs(ends[0]) or 1.0)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)


register(
    Picture(
        name="null_law",
        caption="What estimates look like if P = Q: bars, of which the test rejects the hatched part although "
        "P = Q is true. Line or rings: their law with P as it is, if that is not Q; the part of it beyond the critical "
        "value is the power. Needs `test`.",
        data=rows,
        draw=draw,
        takes="a test of P = Q, which a scenario has with `test: {null: model}`",
    )
)
