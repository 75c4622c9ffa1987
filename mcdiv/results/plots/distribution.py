"""What estimates really look like: exact probabilities, simulated shares, and a normal law for contrast."""

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, explain_empty, finish, measured, on_slide, panels
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values: TypeAlias = NDArray[np.float64]

#: stems that can still be told apart, and those whose ends have room for a mark
_STEMS, _CAPS = 60, 25
#: points of a line around a bar at the most
_OUTLINE = 0.5
#: where a curve is drawn
_POINTS = 300
#: fewer values are no curve
_MIN_CURVE = 8


def rows(tables: Tables) -> pd.DataFrame:
    """The distributions, with the mean and sd of the normal law that is drawn beside each."""
    if "distribution" not in tables or tables["distribution"].empty:
        return pd.DataFrame()
    summary, table = tables["summary"], tables["distribution"]
    moments = summary[["condition", "estimand", "estimator", "mean", "sd", "exact_bias", "exact_sd", "true_value"]]
    moments = moments.assign(
        mean=(moments["true_value"] + moments["exact_bias"]).fillna(moments["mean"]),
        sd=moments["exact_sd"].fillna(moments["sd"]),
    )
    joined = table.merge(moments.drop(columns=["exact_bias", "exact_sd", "true_value"]), how="left")
    # One estimate that all samples give is nothing to look at; nor is one among infinite ones.
    finite = joined[np.isfinite(joined["high"])].groupby("estimand").size()
    sizes = joined.groupby("estimand")["sample_size"].nunique()
    varied = joined["estimand"].isin(finite.index[finite > sizes[finite.index]])
    if {"entropy", "kl_divergence"} <= set(joined.loc[varied, "estimand"]):
        varied &= joined["estimand"] != "cross_entropy"  # a mean of draws, and as near to normal as these are
    return joined[varied].reset_index(drop=True)


def draw(rows: pd.DataFrame) -> Figure:
    """A row of panels per estimand, a column per N."""
    sizes, names = sorted(rows["sample_size"].unique()), in_order(rows["estimand"])
    figure, grid = panels(len(sizes) * len(names), columns=len(sizes), width=5.4, height=3.7, least=3.3)
    for index, axes in enumerate(grid):
        name, size = names[index // len(sizes)], sizes[index % len(sizes)]
        law = rows[(rows["estimand"] == name) & (rows["sample_size"] == size)]
        if law.empty:
            axes.set_visible(False)
            continue
        _panel(axes, law)
        estimator = law["estimator"].iloc[0]
        axes.set_title(f"N = {size:,}{_infinite(law)}", fontsize="small")
        simulated, exact = (bool(np.isfinite(law[column]).any()) for column in ("share", "probability"))
        word = "share or probability" if simulated and exact else "probability" if exact else "share"
        axes.set(xlabel=f"{estimator} {measured(law, name)}", ylabel=word)
    shared_legend(figure, grid)
    return finish(figure, "What the estimates look like", rows)


def _panel(axes: "Axes", law: pd.DataFrame) -> None:
    shown = law[np.isfinite(law["high"])]
    if shown.empty:
        explain_empty(axes, "no finite estimate")
        return
    low, high, exact, share = (shown[name].to_numpy(float) for name in ("low", "high", "probability", "share"))
    constant = _is_constant(shown)
    stems, has_exact = bool((low == high).all()), bool(np.isfinite(exact).any())
    if not stems:  # the outer bins are wider, for the tails: what they hold is spread over their width
        inner = (high - low)[len(low) // 2]
        exact, share = exact * inner / (high - low), share * inner / (high - low)
    # What is simulated has the colour of the rings.
    what, edge, inside = (
        ("exact probability", COLORS[0], COLORS[9]) if has_exact else ("simulated share", COLORS[1], "#f6dfb4")
    )
    if stems:
        axes.plot([], [], color=edge, lw=2.4, label=f"{what} (stems)")
        axes.vlines(low, 0, exact if has_exact else share, color=edge, lw=2.4 if len(low) <= _STEMS else 1.0)
    else:
        heights = exact if has_exact else share
        style = {"color": inside, "edgecolor": edge, "lw": _OUTLINE}
        axes.bar(low, heights, width=high - low, align="edge", **style, label=f"{what} (bars)")
    middle = (low + high) / 2
    if stems and has_exact:
        mark = {"ls": "none", "marker": "_", "ms": 9, "mew": 2} if len(low) <= _CAPS else {"lw": 0}
        axes.plot(middle, exact, color=COLORS[0], **mark)
    if has_exact and np.isfinite(share).any():
        small = 5 if len(low) <= _STEMS else 2.5
        seen = (share > 0) | (exact > 0.01 * np.nanmax(exact))  # a ring at 0 where there is no bar to see is none
        ring: dict[str, Any] = {"ms": small, "mfc": "none", "mec": COLORS[1], "mew": 1.1}
        axes.plot(middle[seen], share[seen], "o", **ring, label="simulated share (rings)")
    if len(middle) >= _MIN_CURVE and not constant:
        same: dict[str, Any] = {
            "color": LINE_COLOR,
            "lw": 1.1,
            "ls": "--",
            "label": "normal law of the same mean and sd",
        }
        axes.plot(*_normal(shown), **same)
    value = float(law["true_value"].iloc[0])
    if math.isfinite(value):
        axes.axvline(value, color=COLORS[3], lw=1.6, ls=":", label="true value")
    likely = (np.nan_to_num(exact if has_exact else share) > 1e-4) | (np.nan_to_num(share) > 1e-4)
    _limits(axes, low[likely], high[likely], value if constant or abs(value) < math.inf else math.nan)
    axes.set_ylim(bottom=0)
    axes.locator_params(nbins=5)
    if on_slide():
        axes.locator_params(axis="x", nbins=3)
    _outline(axes, float((high - low)[len(low) // 2]))


def _outline(axes: "Axes", width: float) -> None:
    """Lines around the bars, so thin that between narrow ones there is more bar than line."""
    left, right = axes.get_xlim()
    points = 72 * axes.get_window_extent().width / axes.figure.dpi * width / (right - left)
    for bar in axes.patches:
        bar.set_linewidth(min(_OUTLINE, 0.15 * points))


def _normal(shown: pd.DataFrame) -> tuple[Values, Values]:
    """A normal law as a curve on one scale: what it gives to a bar, or as high on average as the stems are.

    Stems that are not evenly spaced have no width of their own. A mean over them is weighted by their probabilities, so
    that improbable ones in between count for little; of a normal law on even stems the scale is their distance.
    """
    low, high, exact, share = (shown[name].to_numpy(float) for name in ("low", "high", "probability", "share"))
    mean, sd, middle = float(shown["mean"].iloc[0]), float(shown["sd"].iloc[0]), (low + high) / 2
    masses = np.nan_to_num(np.where(np.isfinite(exact), exact, share))

    def density(values: Values) -> Values:
        return np.exp(-(((values - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))

    if (low == high).all():
        scale = float((masses**2).sum() / (masses * density(low)).sum())
    else:
        scale = float(masses.sum()) * float((high - low)[len(low) // 2])  # the others are infinite
    values = np.linspace(max(middle[0], mean - 5 * sd), min(middle[-1], mean + 5 * sd), _POINTS)
    return values, scale * density(values)


def _is_constant(shown: pd.DataFrame) -> bool:
    """Whether the estimates are all the same."""
    return not float(shown["sd"].iloc[0]) > 0


def _limits(axes: "Axes", low: Values, high: Values, value: float) -> None:
    if not low.size:
        return
    ends = [low.min(), high.max(), *([value] if math.isfinite(value) else [])]
    span = max(ends) - min(ends)
    margin = 0.04 * span if span > 1e-9 * max(map(abs, ends)) else 0.5 * (abs(ends[0]) or 1.0)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    if span < 1e-3 * max(map(abs, ends)):  # the axis has an offset, which is written where its label would be
        axes.xaxis.labelpad = 1.3 * mpl.rcParams["xtick.labelsize"]


def _infinite(law: pd.DataFrame) -> str:
    """How many estimates are infinite, which no axis can show."""
    rest = law[~np.isfinite(law["high"])]
    amount = float(rest["probability"].fillna(rest["share"]).sum())
    share = f"{100 * amount:.3g}" if amount < 0.999 else "> 99.9"
    return f"; {share} % are infinite" if amount > 0 else ""


register(
    Picture(
        name="distribution",
        caption="What estimates look like at three sample sizes: exact probabilities as stems or bars with simulated "
        "shares as rings; where none is known exactly, simulated shares as stems or bars. The dashed line is a normal "
        "law of the same mean and sd, over stems on a scale that makes it as high as they are on average. Near a hard "
        "limit, such as 1 bit for a fair coin, estimates are far from normal.",
        data=rows,
        draw=draw,
    )
)
