"""Which estimator is best where: a map over sample sizes and whatever else a scenario varies."""

import string
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from mcdiv.estimands.contract import in_order, symbol_of
from mcdiv.results.plots.figure_style import (
    COLORS,
    LINE_COLOR,
    SETTING,
    at_most,
    count,
    differing,
    first_settings,
    setting,
    titled,
)
from mcdiv.results.plots.legends import legend_below
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: settings drawn, a line of the map each, on paper and on a slide, and the most cells a letter is written into
_MAX_LINES, _MAX_LETTERED_CELLS = (60, 12), 400
_TIED = 2.0
#: letters in a line of what a line of the map is called
_WIDEST = 40


def rows(tables: Tables) -> pd.DataFrame:
    """A row per cell and estimator that is best there by RMSE, or cannot be told from the best."""
    summary = first_settings(tables["summary"], at_most(*_MAX_LINES))
    grid = summary[SETTING].drop_duplicates()
    if len(grid) < 2 or summary["sample_size"].nunique() < 2:
        return pd.DataFrame()
    several = summary.groupby(["condition", "estimand"])["estimator"].transform("count") > 1
    summary = summary[several].assign(best_rmse=summary["exact_rmse"].fillna(summary["rmse"]))
    summary = summary[np.isfinite(summary["best_rmse"])]
    summary = summary.assign(
        rank=summary["rank"] - summary.groupby(["condition", "estimand"])["rank"].transform("min") + 1
    )
    tied = summary[(summary["rank"] == 1) | _near(summary, tables["comparison"])]
    ties = tied.groupby(["condition", "estimand"])["estimator"].transform("count")
    keys = [*SETTING, "condition", "sample_size", "estimand", "estimator", "unit"]
    winners: pd.DataFrame = tied.assign(tied=ties)[[*keys, "best_rmse", "rank", "tied"]].reset_index(drop=True)
    return winners


def draw(rows: pd.DataFrame) -> Figure:
    """A map per estimand: the colour and the letter of the best; ties are hatched and have all their letters."""
    names = in_order(rows["estimand"])
    lines = [group for _, group in rows.groupby(SETTING, dropna=False, sort=False)]
    varied = differing(rows)
    labels, sizes = (
        [textwrap.fill(setting(line, varied), _WIDEST) for line in lines],
        sorted(rows["sample_size"].unique()),
    )
    order = list(dict.fromkeys(rows["estimator"]))
    size, tall = mpl.rcParams["font.size"], max(1.0, 0.7 * max(label.count("\n") + 1 for label in labels))
    beside = max(2.6, 0.8 + 0.6 * size / 72 * max(len(part) for label in labels for part in label.split("\n")))
    width = max(9.0, beside + (1.4 + 0.62 * len(sizes)) * len(names))
    figure = Figure(figsize=(width, 2.6 + 0.42 * tall * len(lines)), dpi=120)
    grid = figure.subplots(1, len(names), squeeze=False, sharey=True)[0]
    for axes, name in zip(grid, names, strict=True):
        _map(axes, [line[line["estimand"] == name] for line in lines], sizes, order)
        axes.set_title(symbol_of(name))
        axes.set_xlabel("sample size N")
    grid[0].set_yticks(np.arange(len(lines)) + 0.5, labels, fontsize="small" if len(lines) > 12 else None)
    keys = [
        Patch(facecolor=_color(i), edgecolor=LINE_COLOR, label=f"{_letter(i)}  {name}") for i, name in enumerate(order)
    ]
    if (rows["tied"] > 1).any():
        keys.append(Patch(facecolor="white", edgecolor=LINE_COLOR, hatch="////", label="tie within 2 MCSE"))
    legend_below(figure, {str(key.get_label()): key for key in keys})
    same = setting(rows, [name for name in SETTING if name not in varied])
    return titled(figure, f"Estimator with the smallest RMSE\n{same}".rstrip())


def _map(axes: "Axes", lines: Sequence[pd.DataFrame], sizes: list[int], order: list[str]) -> None:
    places: dict[Any, int] = {size: x for x, size in enumerate(sizes)}
    cells = np.full((len(lines), len(sizes)), np.nan)
    for y, line in enumerate(lines):
        for size, cell in line.groupby("sample_size"):
            x, first = places[size], cell.sort_values("rank", kind="stable")["estimator"]
            cells[y, x] = order.index(first.iloc[0])
            if len(cell) > 1:
                axes.add_patch(Rectangle((x, y), 1, 1, fill=False, hatch="////", edgecolor="0.35", lw=0))
            if cells.size <= _MAX_LETTERED_CELLS:
                letters = "".join(_letter(order.index(name)) for name in first[:3]) + ("…" if len(first) > 3 else "")
                box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5}
                axes.text(x + 0.5, y + 0.5, letters, ha="center", va="center", fontsize="small", bbox=box)
    style: dict[str, Any] = {"edgecolors": "white", "linewidth": 0.8, "zorder": 0}
    colors = ListedColormap([_color(i) for i in range(len(order))])
    axes.pcolormesh(cells, vmin=-0.5, vmax=len(order) - 0.5, cmap=colors, **style)
    axes.set_xticks(np.arange(len(sizes)) + 0.5, [count(size) for size in sizes])
    axes.tick_params(axis="x", rotation=90 if len(sizes) > 8 else 0)
    axes.grid(visible=False)


def _near(summary: pd.DataFrame, comparison: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows have an MSE that the paired differences do not tell from that of the best."""
    key = ["condition", "estimand", "estimator"]
    ties = comparison[comparison["mse_difference"].abs() <= _TIED * comparison["mse_difference_mcse"]]
    best = set(summary.loc[summary["rank"] == 1, key].itertuples(index=False, name=None))
    columns = [ties[name] for name in ("condition", "estimand", "estimator_a", "estimator_b")]
    pairs = list(zip(*columns, strict=True))
    near = {(c, e, b) for c, e, a, b in pairs if (c, e, a) in best} | {
        (c, e, a) for c, e, a, b in pairs if (c, e, b) in best
    }
    # Exact values tell apart what a simulation cannot.
    simulated = summary["exact_rmse"].isna()
    is_near = pd.Series([row in near for row in summary[key].itertuples(index=False, name=None)], index=summary.index)
    return is_near & simulated


def _letter(index: int) -> str:
    return string.ascii_uppercase[index % 26] + ("′" if index >= 26 else "")


def _color(index: int) -> tuple[float, float, float]:
    """The colour of an estimator, lighter in every round of ten."""
    light = 0.45 * (index // len(COLORS))
    red, green, blue = (part + (1 - part) * min(light, 0.9) for part in to_rgb(COLORS[index % len(COLORS)]))
    return red, green, blue


register(
    Picture(
        name="best",
        caption="The estimator with the smallest RMSE at each sample size and each truth, model or M of a grid. "
        "Letters name the estimators; in hatched cells several are within 2 Monte Carlo "
        "standard errors of each other.",
        data=rows,
        complete=["estimator"],  # the others are best nowhere
        draw=draw,
    )
)
