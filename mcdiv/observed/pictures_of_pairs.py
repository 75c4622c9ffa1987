"""The picture of a paired comparison: differences by item or group, and the mean difference under random signs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, stdtrit

from mcdiv.core.arrays import Array
from mcdiv.core.number_format import counted, percent_of_level
from mcdiv.files import disk
from mcdiv.observed.paired_words import p_sign_text
from mcdiv.significance.null_bins import edges_of
from mcdiv.significance.paired import Clusters, PairedComparison, sums_of
from mcdiv.significance.sign_flips import flipped_sums

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: items or groups that have a line each; of more there is a histogram
MAX_NAMES = 60
_BINS = 40
#: differences whose sums are near a normal law, about
_CURVE = 8


def write_picture(
    found: PairedComparison, differences: Array, clusters: Clusters, names: Sequence[str], seed: int, path: Path
) -> None:
    """Draw a comparison of these differences, shape (n,), into a new file; `names` are those of the groups."""
    from mcdiv.results import plots

    with plots.style():
        content = plots.render(draw(found, differences, clusters, names, seed), path.suffix.removeprefix("."))
    disk.replace_file(path.parent, path.name, content, new=True)


def draw(found: PairedComparison, differences: Array, clusters: Clusters, names: Sequence[str], seed: int) -> Figure:
    """Two panels: the differences with their mean, and what random signs make of the mean."""
    from mcdiv.results.plots.figure_style import panels, titled
    from mcdiv.results.plots.legends import shared_legend

    figure, (left, right) = panels(2, columns=2, width=6.4, height=4.6)
    many = found.items if found.groups is None else found.groups
    if many <= MAX_NAMES:
        figure.set_figheight(max(figure.get_figheight(), 0.2 * many + 1.8))
        _lines(left, found, differences, clusters, names)
    else:
        _histogram(left, found, differences, clusters)
    unit = "" if found.units == "1" else f" [{found.units}]"
    left.set_xlabel(f"b − a{unit}" if found.groups is None else f"mean of b − a in a group{unit}")
    left.axvline(0, color="0.4", lw=1)
    left.axvline(found.difference, color="0.15", lw=2, label="mean of all items")
    if math.isfinite(found.interval[0]):
        left.axvspan(
            *found.interval, color="0.55", alpha=0.3, lw=0, label=f"its {percent_of_level(found.level)} interval"
        )
    _flips(right, found, differences, clusters, seed)
    right.set_xlabel(f"|mean of b − a|{unit} if each sign is random")
    shared_legend(figure, [left, right])
    of = counted(found.items, "item") + ("" if found.groups is None else f" in {counted(found.groups, 'group')}")
    return titled(figure, f"{of}: sign-flip p = {p_sign_text(found)}")


def _lines(axes: Axes, found: PairedComparison, differences: Array, clusters: Clusters, names: Sequence[str]) -> None:
    """A dot for each item, or for each group with the t interval of its items, the smallest at the top."""
    from mcdiv.results.plots.figure_style import COLORS

    means, reach, labels = (
        differences,
        np.full(len(differences), np.nan),
        [f"item {i + 1:,}" for i in range(len(differences))],
    )
    if clusters is not None:
        means, reach = _of_groups(differences, clusters, found.level)
        labels = list(names)
    order = np.argsort(means, kind="stable")
    places = np.arange(len(order))
    bars = np.isfinite(reach[order])
    label = f"mean of a group, {percent_of_level(found.level)} t interval of its items" if bars.any() else None
    style: dict[str, Any] = {"color": COLORS[0], "capsize": 2, "lw": 1.2, "fmt": "none"}
    axes.errorbar(means[order][bars], places[bars], xerr=reach[order][bars], label=label, **style)
    axes.plot(means[order], places, "o", ms=4, color=COLORS[0])
    axes.set_yticks(places, [labels[i] for i in order], fontsize="x-small")
    axes.set_ylim(len(order) - 0.4, -0.6)


def _of_groups(differences: Array, clusters: Any, level: float) -> tuple[Array, Array]:
    """Means of the groups, and how far their t intervals reach; NaN of a single item, or without any spread."""
    sizes = np.bincount(clusters)
    means = np.bincount(clusters, differences) / sizes
    squares = np.bincount(clusters, (differences - means[clusters]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.sqrt(squares / (sizes - 1) / sizes)
    quantiles = -stdtrit(np.maximum(sizes - 1, 1), (1 - level) / 2)
    return means, np.where((sizes > 1) & (errors > 0), quantiles * errors, np.nan)


def _histogram(axes: Axes, found: PairedComparison, differences: Array, clusters: Clusters) -> None:
    from mcdiv.results.plots.figure_style import COLORS

    values = differences if clusters is None else _of_groups(differences, clusters, found.level)[0]
    axes.hist(values, bins=_BINS, color=COLORS[9], edgecolor=COLORS[0], lw=0.5)
    axes.set_ylabel("items" if clusters is None else "groups")


def _flips(axes: Axes, found: PairedComparison, differences: Array, clusters: Clusters, seed: int) -> None:
    """Bars of |mean| over patterns of signs, hatched from the observed mean on; the normal law on them."""
    from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, explain_empty

    sums = sums_of(differences, clusters)
    observed = abs(found.difference)
    if not found.differing:
        explain_empty(axes, "no sign changes anything")
        return
    flipped, every = flipped_sums(sums, seed)
    values = np.sort(flipped / found.items)
    edges = edges_of(float(values[-1]), observed) if every else edges_of(float(np.quantile(values, 0.999)), observed)
    below = np.searchsorted(values, edges * (1 - 1e-12))
    shares = np.diff(below) / len(values)
    reached = edges[:-1] >= observed * (1 - 1e-12)
    dark: dict[str, Any] = {"facecolor": "0.85", "edgecolor": LINE_COLOR, "hatch": "///", "lw": 0.5}
    light: dict[str, Any] = {"color": COLORS[0]}
    for some, look, label in ((~reached, light, "nearer to 0 than observed"), (reached, dark, "at least as far")):
        if some.any():
            axes.bar(edges[:-1][some], shares[some], edges[1], align="edge", label=label, **look)
    if found.differing >= _CURVE:
        sd = math.sqrt(float((np.asarray(sums, dtype=np.float64) ** 2).sum())) / found.items
        normal = np.diff(2 * ndtr(edges / sd))
        axes.plot(edges[:-1] + edges[1] / 2, normal, "o-", ms=3, color=COLORS[1], label="normal law")
    axes.set_xlim(0, edges[-1])
    if observed <= edges[-1]:
        axes.axvline(observed, color=LINE_COLOR, lw=2, label="observed")
    axes.set_ylabel(f"share of {'all' if every else f'{len(values):,} drawn'} patterns")
