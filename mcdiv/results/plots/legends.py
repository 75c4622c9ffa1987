"""Legends of figures: one below all panels, how its estimators look, and the words in it that explain marks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.results.plots.figure_style import LINE_COLOR, series_style, series_styles
from mcdiv.results.plots.wrapping import text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: what a legend says of series whose values leave some estimates out, and the mark of these
LEFT_OUT, _MARK = "†: finite estimates only", "†"
#: lines of a legend below the panels beyond which its letters are smaller, and by how much
_MANY_LINES, _SMALLER = 5, 0.8
#: how labels begin that explain the others, and come last
_NOTES = ("hollow", _MARK)


def estimator_styles(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """A style for each estimator, the same in all pictures of a study, whichever estimators a picture shows."""
    if "place" not in rows.columns:
        return series_styles(rows["estimator"])
    places = rows.drop_duplicates("estimator").set_index("estimator")["place"].sort_values()
    return {str(name): series_style(int(place)) for name, place in places.items()}


def estimator_labels(rows: pd.DataFrame) -> dict[str, str]:
    """What a legend calls each estimator, with a mark where values leave out estimates that are not finite."""
    lost = set(rows.loc[rows["left_out"] > 0, "estimator"]) if "left_out" in rows.columns else set()
    return {str(name): f"{name} {_MARK}" if name in lost else str(name) for name in rows["estimator"].unique()}


def left_out(summary: pd.DataFrame) -> "pd.Series[float]":
    """The share of estimates that are infinite or undefined, which bias and RMSE leave out."""
    return summary.reindex(columns=["infinite_share", "undefined_share"]).fillna(0).sum(axis=1)


def explain_left_out(axes: "Axes", labels: Collection[str]) -> None:
    """Say in the legend what the mark is, where a label has it."""
    if any(label.endswith(_MARK) for label in labels):
        axes.plot([], [], ls="none", label=LEFT_OUT)


def hollow(style: Mapping[str, Any]) -> dict[str, Any]:
    """The points of a series that are within 2 MCSE of 0."""
    return {**style, "ls": "none", "mfc": "white", "mec": style["color"], "mew": 1.5}


def explain_hollow(axes: "Axes", why: str = "hollow: within 2 MCSE of 0") -> None:
    """Say in the legend what a hollow point is."""
    style = hollow({"color": LINE_COLOR, "marker": "o", "ms": 7})
    axes.plot([], [], **style, label=why)


def shared_legend(figure: Figure, grid: Sequence["Axes"], first: Iterable[str] = ()) -> None:
    """One legend for all panels, below them; `first`: the labels that come before all others, in their order."""
    handles: dict[str, Any] = {}
    for axes in grid:
        handles |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    order = sorted(dict.fromkeys([*first, *handles]), key=lambda label: label.startswith(_NOTES))
    legend_below(figure, {label: handles[label] for label in order if label in handles})


def legend_below(figure: Figure, handles: Mapping[str, Any]) -> None:
    """A legend below all panels, in as many columns as the figure is wide, and the figure higher for a long one.

    One of many lines has smaller letters: it is not to take as much room as the panels.
    """
    size = mpl.rcParams["legend.fontsize"]
    lines, columns = legend_shape(handles, figure.get_figwidth(), size)
    if lines > _MANY_LINES:
        size *= _SMALLER
        lines, columns = legend_shape(handles, figure.get_figwidth(), size)
    figure.set_figheight(figure.get_figheight() + 1.6 * size / 72 * max(0, lines - 2))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=columns, fontsize=size)


def legend_shape(labels: Collection[str], inches: float, size: float) -> tuple[int, int]:
    """Lines and columns of a legend that is at most so many inches wide, in letters of this size."""
    lines = max(1, -(-len(labels) // max(1, int(inches / _width(labels, size)))))
    return lines, max(1, -(-len(labels) // lines))


def legend_size(labels: Collection[str], size: float) -> tuple[float, float]:
    """Inches of a legend in one column, from left to right and from top to bottom, with a title and two notes."""
    return _width(labels, size), 1.6 * (len(labels) + 3) * size / 72


def _width(labels: Collection[str], size: float) -> float:
    """Inches of a column of a legend: the longest label with its sign and the room between."""
    return (max(map(text_width, labels), default=0.0) + 5) * size / 72
