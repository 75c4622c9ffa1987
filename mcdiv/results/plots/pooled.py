"""Bias and RMSE averaged over the truths of a study, by sample size."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    LINE_COLOR,
    first_setting,
    measured,
    panels,
    plain_ticks,
    setting,
    titled,
    with_m_along_n,
)
from mcdiv.results.plots.legends import estimator_styles, shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

_MEASURES = {"bias": "mean bias", "rmse": "RMSE"}
_KEYS = ["truth", "model", "model_sample_size"]


def rows(tables: Tables) -> pd.DataFrame:
    """The mean bias and RMSE of each estimator over the truths, of the first law of truths, Q and M."""
    table = tables["pooled"] if "pooled" in tables else pd.DataFrame()
    if table.empty:
        return pd.DataFrame()
    chosen = table[table["measure"].isin(list(_MEASURES)) & table["interval"].isna() & np.isfinite(table["value"])]
    settings = len(with_m_along_n(chosen)[_KEYS].drop_duplicates())
    chosen = first_setting(chosen, _KEYS).assign(settings=settings)
    columns = ["settings", "truths", "sample_size", "estimand", "estimator", "measure", "value", "mcse", "unit"]
    shown: pd.DataFrame = chosen[[*_KEYS, *columns]].reset_index(drop=True)
    return shown


def draw(rows: pd.DataFrame) -> Figure:
    """A row of two panels for each estimand."""
    names = in_order(rows["estimand"])
    figure, grid = panels(2 * len(names), columns=2, width=5.4)
    styles = estimator_styles(rows)
    for index, axes in enumerate(grid):
        name, (measure, word) = names[index // 2], list(_MEASURES.items())[index % 2]
        group = rows[(rows["estimand"] == name) & (rows["measure"] == measure)]
        for estimator, line in group.groupby("estimator", sort=False):
            error = 2 * line["mcse"].fillna(0).to_numpy(dtype=float)
            sizes, values = line["sample_size"].to_numpy(dtype=float), line["value"].to_numpy(dtype=float)
            axes.errorbar(sizes, values, yerr=error, capsize=3, label=str(estimator), **styles[str(estimator)])
        axes.set(xscale="log", xlabel="sample size N", ylabel=f"{word} of {measured(rows, name)}")
        if measure == "bias":
            axes.axhline(0, color=LINE_COLOR, lw=1.2)
        plain_ticks(axes, group["sample_size"])
    shared_legend(figure, grid)
    truths = sorted(rows["truths"].unique())
    many = f"{truths[0]:,} truths" if len(truths) == 1 else f"{truths[0]:,} to {truths[-1]:,} truths"
    left = "" if rows["settings"].iloc[0] == 1 else f" (first of {rows['settings'].iloc[0]} settings)"
    return titled(figure, f"Means over {many} ± 2 MCSE{left}\n{setting(rows, _KEYS)}".rstrip())


register(
    Picture(
        name="pooled",
        caption="Bias and RMSE averaged over the truths of a study, by sample size. The bars are ±2 Monte Carlo "
        "standard errors of a mean over so many truths, the spread between the truths included.",
        takes="`pool` in the scenario",
        data=rows,
        draw=draw,
    )
)
