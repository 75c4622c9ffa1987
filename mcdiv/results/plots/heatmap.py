"""Any measure over two factors of a grid, as colours and numbers; a map for each estimator."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.any_measure import (
    KEPT,
    can_be_on_both_sides,
    label_of,
    series_names,
    source_of,
    title_of,
    values_of,
    words_of,
)
from mcdiv.results.plots.factors import Factor, factors, independent
from mcdiv.results.plots.figure_style import LINE_COLOR, at_most, color_bar, finish
from mcdiv.results.plots.legends import legend_below
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: maps drawn at most, and in a line
_MAX_MAPS, _ACROSS = 12, 4
#: levels of a factor that are drawn at most, on paper and on a slide: the first ones
_MAX_LEVELS = 24, 8
#: inches: of a cell at the least and of all maps in a line at the most
_CELL, _WIDEST = 0.8, 15.0
#: largest over smallest value from which on the colours are logarithmic
_DECADES = 30.0
#: Not quite grey: numbers lie on colours, which stay as they are on dark slides.
_LIGHT, _DARK = (1.0, 1.0, 0.96), (0.1, 0.1, 0.14)
#: the width of a digit, in font sizes
_LETTER = 0.66
#: the hatch of a cell without a finite value, and the mark of one that leaves out some estimates
_NO_VALUE, _LEFT_OUT = "xxxx", "†"

#: what the axes across and down say at each place
Labels: TypeAlias = tuple[dict[int, str], dict[int, str]]


def rows(tables: Tables, measure: str) -> pd.DataFrame:
    """A row per cell and estimator, of the two factors with most levels, of which the first are drawn.

    The other factors have the value they have first.
    """
    table = values_of(tables, measure)
    if table.empty:
        return pd.DataFrame()
    chosen = independent(table, factors(table))
    two = sorted(chosen, key=lambda one: -len(one.levels))[:2]
    if len(two) < 2:
        return pd.DataFrame()
    fixed = []
    for other in (one for one in chosen if one not in two):
        first = other.places(table) == other.places(table).iloc[0]
        fixed.append(f"{other.symbol} = {other.word(table.loc[first, other.column].iloc[0])}")
        table = table[first]
    for factor in two:
        table = table[factor.places(table) < at_most(*_MAX_LEVELS)]
    across, down = sorted(two, key=lambda one: (one.column != "sample_size", -len(one.levels)))
    placed = _placed(_placed(table, "column", across), "row", down).assign(fixed=", ".join(fixed))
    maps = at_most(_MAX_MAPS, _ACROSS)  # a slide has one line of them, of the first estimand
    names, estimands = series_names(placed), in_order(placed["estimand"])[: at_most(maps, 1)]
    placed = placed.assign(series=names)[placed["estimand"].isin(estimands)]
    within = placed.groupby("estimand", sort=False)["series"].transform(lambda one: pd.factorize(one)[0])
    columns = [*(name for name in KEPT if name in placed.columns), "best", "left_out", "fixed", "series"]
    columns += [f"{place}{part}" for place in ("column", "row") for part in ("", "_label", "_factor")]
    cells: pd.DataFrame = placed.loc[within < max(1, maps // len(estimands)), columns].reset_index(drop=True)
    return cells


def _placed(table: pd.DataFrame, name: str, factor: Factor) -> pd.DataFrame:
    """With the place of each row along a factor, and what the axis says there."""
    labels = [factor.word(level) for level in table[factor.column]]
    columns: dict[str, Any] = {"": factor.places(table), "_label": labels, "_factor": [factor.symbol] * len(table)}
    return table.assign(**{f"{name}{part}": column for part, column in columns.items()})


def draw(rows: pd.DataFrame) -> Figure:
    """A map per estimand and estimator; those of an estimand have one colour scale."""
    blocks = {name: rows[rows["estimand"] == name] for name in in_order(rows["estimand"])}
    columns = min(_ACROSS, max(block["series"].nunique() for block in blocks.values()))
    lines = {name: -(-block["series"].nunique() // columns) for name, block in blocks.items()}
    across, down = (_labels(rows, place) for place in ("column", "row"))
    size = mpl.rcParams["font.size"] / 72
    beside = 0.6 * size * max(map(len, down.values())) + 0.5
    cell = min(max(_CELL, 7 * size * 0.62), (_WIDEST - beside) / (columns * len(across)))
    wide, tall = max(2.4, cell * len(across)), max(1.6, 2.4 * size * len(down))
    figure = Figure(
        figsize=(max(8.0, beside + 1.6 + columns * (wide + 0.3)), sum(lines.values()) * (tall + 4.5 * size) + 1.4),
        dpi=120,
    )
    grid = figure.subplots(sum(lines.values()), columns, squeeze=False)
    kinds: dict[str, Any] = {}
    start = 0
    for name, block in blocks.items():
        panels = list(grid[start : start + lines[name]].ravel())
        start += lines[name]
        kinds |= _block(panels, block, label_of(rows, name), (across, down), wide / len(across), columns)
    if kinds:
        legend_below(figure, kinds)
    return _titled(figure, rows)


def _labels(rows: pd.DataFrame, place: str) -> dict[int, str]:
    """What the axis says at each of its places, in order."""
    known = rows[[place, f"{place}_label"]].drop_duplicates().sort_values(place)
    return dict(zip(known[place], known[f"{place}_label"], strict=True))


def _titled(figure: Figure, rows: pd.DataFrame) -> Figure:
    first = rows.iloc[0]
    word = title_of(first["measure"])
    title = f"{word[0].upper()}{word[1:]} by {first['row_factor']} and {first['column_factor']}: {source_of(rows)}"
    return finish(figure, "\n".join(filter(None, [title, first["fixed"]])), rows)


def _block(
    panels: list["Axes"],
    rows: pd.DataFrame,
    label: str,
    labels: Labels,
    cell: float,
    columns: int,
) -> dict[str, Any]:
    """The maps of one estimand in lines of so many, and what the legend says of them."""
    colors = _colors(rows)
    kinds: dict[str, Any] = {}
    series = list(rows.groupby("series", sort=False))
    for axes in panels[len(series) :]:
        axes.set_visible(False)
    for place, (axes, (name, one)) in enumerate(zip(panels, series, strict=False)):
        kinds |= _map(axes, one, colors, labels, cell)
        first_in_line = place % columns == 0
        axes.tick_params(labelleft=first_in_line)
        axes.yaxis.label.set_visible(first_in_line)
        axes.set_title(str(name))
        axes.set_xlabel(rows["column_factor"].iloc[0])
        axes.set_ylabel(rows["row_factor"].iloc[0])
    drawn = panels[: len(series)]
    if np.isfinite(rows["value"]).any():
        color_bar(drawn[0], panels, label, _span(rows))
    return kinds


def _colors(rows: pd.DataFrame) -> dict[str, Any]:
    """Colours that part at the best value where values can be on both sides of it; else dark is large."""
    low, high = _span(rows)
    best = rows["best"].unique()
    if len(best) == 1 and can_be_on_both_sides(rows["measure"].iloc[0], float(best[0])):
        far = max(high - best[0], best[0] - low) or 1.0
        return {"cmap": "vlag", "norm": Normalize(best[0] - far, best[0] + far)}
    if 0 < low < high / _DECADES:
        return {"cmap": "mako_r", "norm": LogNorm(low, high)}
    return {"cmap": "mako_r", "norm": Normalize(low, high)}


def _span(rows: pd.DataFrame) -> tuple[float, float]:
    """The least and the largest value that a colour has."""
    finite = rows.loc[np.isfinite(rows["value"]), "value"]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    return (low, high) if low < high else (low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)


def _map(axes: "Axes", rows: pd.DataFrame, colors: dict[str, Any], labels: Labels, cell: float) -> dict[str, Any]:
    """One map, and what the legend says of its marks."""
    across, down = labels
    values, words = np.full((len(down), len(across)), np.nan), np.full((len(down), len(across)), "", dtype=object)
    places = [(list(down).index(y), list(across).index(x)) for y, x in zip(rows["row"], rows["column"], strict=True)]
    for place, value, mcse, lost in zip(places, rows["value"], rows["mcse"], rows["left_out"], strict=True):
        values[place] = value if math.isfinite(value) else np.nan
        words[place] = words_of(value, mcse) + (_LEFT_OUT if lost > 0 and math.isfinite(value) else "")
    size = min(0.8 * mpl.rcParams["font.size"], 72 * 0.9 * cell / (_LETTER * max(map(len, words.ravel()))))
    if size < 0.5 * mpl.rcParams["font.size"]:  # too small to read: marks alone
        words = np.where(np.char.endswith(words.astype(str), _LEFT_OUT), _LEFT_OUT, "")
        size = 0.8 * mpl.rcParams["font.size"]
    # Its own labels would each be measured on a canvas of their own.
    sns.heatmap(values, ax=axes, cbar=False, linewidths=0.8, xticklabels=False, yticklabels=False, **colors)
    for (y, x), word in np.ndenumerate(words):
        axes.text(
            x + 0.5, y + 0.5, word, ha="center", va="center", fontsize=size, color=_ink(float(values[y, x]), colors)
        )
    for y, x in (place for place in places if math.isnan(values[place])):
        axes.add_patch(Rectangle((x, y), 1, 1, fill=False, hatch=_NO_VALUE, edgecolor="0.75", lw=0, zorder=0))
    axes.set_xticks(np.arange(len(across)) + 0.5, list(across.values()), rotation=90 if len(across) > 8 else 0)
    axes.set_yticks(np.arange(len(down)) + 0.5, list(down.values()), rotation=0)
    axes.grid(visible=False)
    return dict(_marks(rows))


def _marks(rows: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    """What the legend says of cells without a number, and of those whose number leaves something out."""
    if not np.isfinite(rows["value"]).all():
        why = "no finite value"
        yield why, Patch(facecolor="white", edgecolor="0.75", hatch=_NO_VALUE, label=why)
    if (np.isfinite(rows["value"]) & (rows["left_out"] > 0)).any():
        why = f"{_LEFT_OUT} some estimates are infinite or undefined: the value is of the others"
        yield why, Line2D([], [], ls="none", label=why)


def _ink(value: float, colors: Mapping[str, Any]) -> Any:
    """A colour in which a number can be read on that of its cell."""
    if math.isnan(value):
        return LINE_COLOR
    red, green, blue, _ = mpl.colormaps[colors["cmap"]](colors["norm"](value))
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else _LIGHT


register(
    Picture(
        name="heatmap",
        caption="A measure over the two factors of a grid that have most levels, a map for each estimator. A number is "
        "exact, or has one digit of its Monte Carlo standard error in brackets. Where a measure can miss its best "
        "value both ways, as a bias can, the colours part there.",
        takes="two or more factors that vary",
        data=rows,
        draw=draw,
        measure="rmse",
        usual=False,
    )
)
