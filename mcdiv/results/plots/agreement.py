"""Simulation against exact values: z-scores beside the law they should have."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, panels, titled
from mcdiv.results.plots.picture import Picture, Tables, register

#: measures that are means of what every replicate gives: their z-scores are close to normal
_MEASURES = ["bias", "coverage"]
_WIDTH, _END = 0.5, 5.0


def rows(tables: Tables) -> pd.DataFrame:
    """z = (simulated − exact)/MCSE of every row that has one."""
    table = tables["performance"]
    chosen = table[table["measure"].isin(_MEASURES) & np.isfinite(table["z"])]
    keys = ["truth", "model", "sample_size", "model_sample_size", "estimand", "estimator", "interval", "measure"]
    scores: pd.DataFrame = chosen[[*keys, "value", "exact", "mcse", "z"]].reset_index(drop=True)
    return scores


def draw(rows: pd.DataFrame) -> Figure:
    """A histogram; what lies beyond its ends is in the last bars."""
    figure, [axes] = panels(1, width=9)
    edges = np.arange(-_END, _END + _WIDTH / 2, _WIDTH)
    bottom = np.zeros(len(edges) - 1)
    for index, name in enumerate(name for name in _MEASURES if name in set(rows["measure"])):
        inside = rows.loc[rows["measure"] == name, "z"].clip(-_END + _WIDTH / 2, _END - _WIDTH / 2)
        heights = np.histogram(inside, edges)[0]
        style = {
            "color": COLORS[index],
            "edgecolor": LINE_COLOR,
            "hatch": "///" if index else None,
            "label": f"z of the {name}",
        }
        axes.bar(edges[:-1], heights, _WIDTH, bottom, align="edge", **style)
        bottom = bottom + heights
    grid = np.linspace(-_END, _END, 201)
    expected = len(rows) * _WIDTH * np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
    axes.plot(grid, expected, color=LINE_COLOR, lw=1.8, ls="--", label="standard normal")
    axes.set(xlabel="z = (simulated − exact)/MCSE", ylabel="values", xlim=(-_END, _END))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper right")
    beyond = int((rows["z"].abs() > 3).sum())
    return titled(
        figure,
        f"Simulation against exact: {len(rows):,} z-scores, mean of z² {(rows['z'] ** 2).mean():.2f}\n"
        f"{beyond or 'none'} beyond ±3; estimators see the same draws: their z-scores move together",
    )


register(
    Picture(
        name="agreement",
        caption="How far simulated values are from the exact ones, in Monte Carlo standard errors, beside the "
        "standard normal law. Values beyond ±3 should be rare; those of one condition come from the same "
        "draws, so they deviate together.",
        data=rows,
        draw=draw,
    )
)
