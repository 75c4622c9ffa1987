"""How often intervals hold the true value, with the level they are meant to have and the band chance leaves."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core.number_format import joined
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.plots.figure_style import (
    LINE_COLOR,
    first_setting,
    on_slide,
    panels,
    plain_ticks,
    series_styles,
    setting,
    source_label,
    titled,
)
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

_MAX_PANELS = 6


def rows(tables: Tables) -> pd.DataFrame:
    """Coverage of each interval, around the first estimator it is built around, exact where that is known."""
    table = tables["intervals"]
    around = table.drop_duplicates("interval").set_index("interval")["estimator"]
    chosen = table[table["estimator"] == table["interval"].map(around)]
    chosen = first_setting(chosen, ["model", "model_sample_size"])
    panels = chosen.groupby(["estimand", "truth"], sort=False).ngroup()
    keys = ["truth", "model", "sample_size", "model_sample_size", "estimand", "estimator", "interval", "level"]
    columns = [*keys, "coverage", "coverage_mcse", "exact_coverage", "replicates"]
    return chosen.loc[panels < _MAX_PANELS, columns].reset_index(drop=True)


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per estimand and truth."""
    rows = rows.assign(shown=rows["exact_coverage"].fillna(rows["coverage"]))
    groups = list(rows.groupby(["estimand", "truth"], sort=False))
    figure, grid = panels(len(groups), columns=min(3 if on_slide() and len(groups) != 4 else 2, len(groups)))
    level, styles = float(rows["level"].iloc[0]), series_styles(rows["interval"])
    for axes, ((estimand, truth), group) in zip(grid, groups, strict=False):
        for name, line in group.groupby("interval", sort=False):
            style, sizes = styles[str(name)], line["sample_size"].astype(float)
            axes.plot(sizes, line["shown"], color=style["color"], ls=style["ls"], lw=1.6)
            axes.plot(sizes, line["coverage"].fillna(line["shown"]), **{**style, "ls": "none"})
            axes.plot([], [], **style, label=str(name))
            error = 2 * line["coverage_mcse"].fillna(0).to_numpy(float)
            axes.errorbar(sizes, line["coverage"], yerr=error, fmt="none", ecolor=style["color"], capsize=3)
        if (replicates := int(group["replicates"].min())) > 0:
            spread = 2 * np.sqrt(level * (1 - level) / replicates)
            axes.axhspan(level - spread, level + spread, color="0.8", zorder=0)
        axes.axhline(level, color=LINE_COLOR, lw=2.2, ls="--", zorder=1)
        axes.set(
            xscale="log", xlabel="sample size N", ylabel=f"coverage of {symbol_of(str(estimand))}", ylim=(-0.03, 1.03)
        )
        axes.set_title(f"P = {truth}", fontsize="small")
        plain_ticks(axes, group["sample_size"])
    shared_legend(figure, grid)
    return titled(figure, f"How often intervals meant to cover {100 * level:.10g} % do: {_how(rows)}{_same(rows)}")


def _how(rows: pd.DataFrame) -> str:
    return source_label(simulated=bool((rows["replicates"] > 0).any()), has_exact=rows["exact_coverage"].notna())


def _same(rows: pd.DataFrame) -> str:
    """What is the same for all panels, on a line of its own."""
    around = rows["estimator"].unique()
    same = f"intervals around {joined(map(str, around))}" if len(around) > 1 else f"estimator {around[0]}"
    return "\n" + ", ".join(filter(None, [same, setting(rows, ["model", "model_sample_size"])]))


register(
    Picture(
        name="coverage",
        caption="How often each interval holds the true value, by sample size, against the level it is meant to have, "
        "the dashed line. Simulated values of a correct interval would lie in the grey band 95 times out of 100.",
        takes="`intervals` in the scenario",
        data=rows,
        draw=draw,
    )
)
