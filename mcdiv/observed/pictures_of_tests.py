"""Pictures of tests: the law of one statistic where nothing differs, with the observed value; p-values of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcdiv.core.catalogue import quoted
from mcdiv.core.number_format import figure as number
from mcdiv.core.number_format import percent
from mcdiv.errors import ScenarioError
from mcdiv.files import disk
from mcdiv.observed.several_samples import Samples
from mcdiv.significance.null_bins import NullBins, bins_of_model, bins_of_table
from mcdiv.significance.p_values import Precision
from mcdiv.significance.statistics import STATISTICS
from mcdiv.significance.tested import Tested
from mcdiv.significance.words import null_hypothesis, p_value_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: p-values drawn by name, and the smallest that is told from 0
MAX_NAMES, LEAST = 60, 1e-6


def check_picture(path: str) -> None:
    """That a picture can be written there: a suffix of a kind there is, and no file yet."""
    from mcdiv.results import plots

    if Path(path).suffix.removeprefix(".") not in plots.FORMATS:
        *first, last = (f".{kind}" for kind in plots.FORMATS)
        raise ScenarioError([f"--plot: expected a file ending in {', '.join(first)} or {last}, got '{quoted(path)}'"])
    disk.raise_if_exists(Path(path))


def write_picture(tests: Sequence[tuple[Samples, Tested]], precision: Precision, path: str) -> None:
    """Draw the tests into a new file."""
    from mcdiv.results import plots

    check_picture(path)
    with plots.style():
        drawn = _law(*tests[0], precision) if len(tests) == 1 else draw_p_values([tested for _, tested in tests])
        content = plots.render(drawn, Path(path).suffix.removeprefix("."))
    disk.replace_file(Path(path).parent, Path(path).name, content, new=True)


def _law(samples: Samples, tested: Tested, precision: Precision) -> Figure:
    if samples.model is not None:
        bins = bins_of_model(tested, samples.model, precision)
    else:
        bins = bins_of_table(tested, samples.table, precision)
    return draw_law(tested, bins)


def draw_law(tested: Tested, bins: NullBins) -> Figure:
    """Bars of the law where nothing differs, the χ² approximation on them, and the observed value."""
    from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, panels, titled

    figure, (axes,) = panels(1, width=7.5)
    width = bins.edges[1]
    reached = bins.edges[:-1] >= tested.statistic * (1 - 1e-12)
    light: dict[str, Any] = {"color": COLORS[0], "label": "smaller than observed"}
    dark: dict[str, Any] = {"facecolor": "0.85", "edgecolor": LINE_COLOR, "hatch": "///", "lw": 0.5}
    dark["label"] = "at least as large"
    for some, look in ((~reached, light), (reached, dark)):
        if some.any():
            axes.bar(bins.edges[:-1][some], bins.probabilities[some], width, align="edge", **look)
    if bins.chi_squared is not None:
        axes.plot(bins.edges[:-1] + width / 2, bins.chi_squared, "o-", ms=3, color=COLORS[1], label="χ² approximation")
    inside = tested.statistic <= bins.edges[-1]
    if inside:
        axes.axvline(tested.statistic, color=LINE_COLOR, lw=2, label=f"observed: p = {p_value_text(tested)}")
    symbol, how = STATISTICS[tested.name].symbol, "simulated" if bins.replicates else "exact"
    axes.set(xlabel=f"{symbol} = {STATISTICS[tested.name].formula}", ylabel=f"probability of a bin, {how}")
    axes.set_xlim(0, bins.edges[-1])
    axes.legend()
    beyond = f"; infinite with probability {percent(bins.infinite)}" * (bins.infinite > 0)
    seen = "" if inside else f"; observed: {number(tested.statistic)}, p = {p_value_text(tested)}"
    return titled(figure, f"{symbol} if {null_hypothesis(tested)}{beyond}{seen}")


def draw_p_values(tests: Sequence[Tested]) -> Figure:
    """Every test's p-value, the smallest first, on a logarithmic axis with the level."""
    from matplotlib.figure import Figure

    from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, log_ticks, titled
    from mcdiv.results.plots.legends import shared_legend

    ordered = sorted(tests, key=lambda tested: tested.p_value)[:MAX_NAMES]
    figure = Figure(figsize=(7.5, 2.3 + 0.22 * len(ordered)), dpi=120)
    axes = figure.subplots()
    places = np.arange(len(ordered))
    for rejects, marker, label in ((True, "o", "rejects"), (False, "D", "does not reject")):
        some = [i for i, tested in enumerate(ordered) if tested.rejects == rejects]
        values = [max(ordered[i].p_value, LEAST) for i in some]
        face = COLORS[0] if rejects else "none"
        if some:
            axes.plot(values, places[some], marker, color=COLORS[0], mfc=face, label=label)
    axes.axvline(tests[0].alpha, color=LINE_COLOR, ls="--", label=f"level {number(tests[0].alpha)}")
    axes.set(xscale="log", xlabel=f"p-value, those below {number(LEAST)} at it")
    log_ticks(axes.xaxis, number)
    axes.set_yticks(places, [tested.group for tested in ordered])
    axes.set_ylim(len(ordered) - 0.5, -0.5)
    shared_legend(figure, [axes])
    rejected = sum(tested.rejects for tested in tests)
    shown = f"; the {len(ordered)} smallest" * (len(ordered) < len(tests))
    return titled(figure, f"{rejected:,} of {len(tests):,} tests by {STATISTICS[tests[0].name].symbol} reject{shown}")
