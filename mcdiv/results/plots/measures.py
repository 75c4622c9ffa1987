"""A picture by sample size of each measure that not every study has."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mcdiv.core.catalogue import Catalogue
from mcdiv.measures.contract import BEST, MEASURES, Measure
from mcdiv.results.plots.any_measure import left_out_of
from mcdiv.results.plots.by_sample_size import MAX_ROWS, draw
from mcdiv.results.plots.figure_style import LINE_COLOR, SETTING, first_settings
from mcdiv.results.plots.picture import PLOTS, Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def catalogue() -> Catalogue[Picture]:
    """The pictures there are, those of measures of plug-ins among them."""
    for entry in MEASURES.values():
        if not (entry.usual or entry.of_interval or entry.name in PLOTS):
            register(_picture(entry))
    return PLOTS


def usual() -> list[str]:
    """The names of those that a run draws without being asked."""
    return [name for name, picture in catalogue().snapshot().items() if picture.usual]


def rows(measure: str, tables: Tables) -> pd.DataFrame:
    """The measure, its MCSE and its exact value, of the first few settings."""
    table = tables["performance"]
    some: pd.DataFrame = table[
        (table["measure"] == measure) & (np.isfinite(table["value"]) | np.isfinite(table["exact"]))
    ]
    if some.empty:
        return some
    values = {measure: some["value"], f"{measure}_mcse": some["mcse"], f"exact_{measure}": some["exact"]}
    keys = [*SETTING, "sample_size", "estimand", "estimator", "unit"]
    lost = left_out_of(some, table, measure)
    shown = first_settings(some.assign(**values, left_out=lost), MAX_ROWS)[[*keys, *values, "left_out", "source"]]
    # What was not simulated has an exact value alone, as in the summary.
    as_in_summary: pd.DataFrame = shown.assign(replicates=(shown.pop("source") == "monte_carlo").astype(int))
    return as_in_summary.reset_index(drop=True)


def _picture(entry: Measure) -> Picture:
    return Picture(
        name=entry.name,
        caption=f"{entry.title[0].upper()}{entry.title[1:]} of every estimator by sample size: simulated values with "
        "±2 Monte Carlo standard errors, and the exact value, where it is known, as a line. "
        + entry.card.summary
        + (f" At its best it is {BEST[entry.best]}." if entry.best != "none" else ""),
        data=partial(rows, entry.name),
        draw=partial(draw, entry.name, entry.title, partial(_panel, entry)),
    )


def _panel(entry: Measure, axes: "Axes", rows: pd.DataFrame) -> None:
    if entry.best == "zero":
        axes.axhline(0, color=LINE_COLOR, lw=1.2)
    if not rows[[entry.name, f"exact_{entry.name}"]].abs().max().max() > 0:
        axes.set_ylim(-1, 1)
