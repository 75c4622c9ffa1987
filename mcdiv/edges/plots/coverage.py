"""How often intervals hold the true value, with the level they are meant to have and the band chance leaves."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.edges.plots.looks import INK, looks_of, panels, plain_ticks, shared_legend
from mcdiv.edges.plots.picture import Picture, Tables, enter
from mcdiv.estimators.contract import SYMBOLS

#: panels drawn
_MOST = 6


def rows(tables: Tables) -> pd.DataFrame:
    """Coverage of each interval, around the first estimator it is built around, exact where that is known."""
    table = tables["intervals"]
    around = table.drop_duplicates("interval").set_index("interval")["estimator"]
    chosen = table[table["estimator"] == table["interval"].map(around)]
    numbers = chosen.groupby(["estimand", "truth"], sort=False).ngroup()
    place = ["truth", "model", "sample_size", "model_sample_size", "estimand", "estimator", "interval", "level"]
    columns = [*place, "coverage", "coverage_mcse", "exact_coverage", "replicates"]
    return chosen.loc[numbers < _MOST, columns].reset_index(drop=True)


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per estimand and truth."""
    rows = rows.assign(shown=rows["exact_coverage"].fillna(rows["coverage"]))
    groups = list(rows.groupby(["estimand", "truth"], sort=False))
    figure, grid = panels(len(groups), columns=min(2, len(groups)))
    level, looks = float(rows["level"].iloc[0]), looks_of(rows["interval"])
    for axes, ((estimand, truth), group) in zip(grid, groups, strict=False):
        for name, line in group.groupby("interval", sort=False):
            means = line.groupby("sample_size")["shown"].mean()
            axes.plot(means.index.astype(float), means, label=str(name), **looks[str(name)])
        spread = 2 * np.sqrt(level * (1 - level) / max(1, int(group["replicates"].min())))
        axes.axhspan(level - spread, level + spread, color="0.8", zorder=0)
        axes.axhline(level, color=INK, lw=2.2, ls="--", zorder=1)
        axes.set(xscale="log", xlabel="draws N", ylabel=f"coverage of {SYMBOLS[str(estimand)]}", ylim=(-0.03, 1.03))
        axes.set_title(str(truth), fontsize="small")
        plain_ticks(axes)
    shared_legend(figure, grid)
    figure.suptitle(f"How often intervals meant to cover {level:.0%} do", fontsize="large")
    return figure


enter(
    Picture(
        name="coverage",
        caption="How often each interval holds the true value, by sample size, against the level it is meant to have, "
        "the dashed line; the grey band is what chance leaves of so many replicates.",
        data=rows,
        draw=draw,
    )
)
