"""How fast the bias falls: log |bias| against log N with the slope of a fitted line."""

import math
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core.power_law import MIN_RANGE, MIN_SIZES, NoSlope, fit_power_law
from mcdiv.core.rounding import ROUNDING
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    SETTING,
    finish,
    first_setting,
    measured,
    panels,
    plain_ticks,
)
from mcdiv.results.plots.legends import (
    estimator_labels,
    estimator_styles,
    explain_hollow,
    explain_left_out,
    hollow,
    left_out,
    legend_size,
)
from mcdiv.results.plots.picture import Picture, Tables, register

_HOLLOW = "hollow: not in the fit"
#: entries of a legend beyond which its letters are smaller
_FEW = 10
#: why there is no slope, in words of a legend
_NOTES: dict[NoSlope, str] = {
    "": "",
    "no value": "no finite bias",
    "zero": "no bias",
    "within error": "bias drowned in its MCSE",
    "few sizes": f"fewer than {MIN_SIZES} sizes",
    "narrow": f"N spans less than a factor of {MIN_RANGE:g}",
    "changes sign": "changes its sign",
}


def rows(tables: Tables) -> pd.DataFrame:
    """A row per estimator and N: |bias|, whether the line was fitted to it, and the slope or why there is none."""
    summary = first_setting(tables["summary"], SETTING)
    fitted = [_fitted(line) for _, line in summary.groupby(["estimand", "estimator"], sort=False)]
    lines = pd.concat(fitted, ignore_index=True) if fitted else summary
    return lines if len(lines) and (lines["size_of_bias"] > 0).any() else pd.DataFrame()


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per estimand that has a bias, the slopes beside it: there are as many as estimators."""
    names = in_order(rows.loc[rows["size_of_bias"] > 0, "estimand"])
    labels, styles = estimator_labels(rows), estimator_styles(rows)
    keys = {name: _keys(group, labels) for name, group in rows.groupby("estimand", sort=False)}
    size = mpl.rcParams["font.size"] * (0.8 if max(map(len, keys.values())) <= _FEW else 0.68)
    shapes = [legend_size(key.values(), size) for key in keys.values()]
    wide, high = max(width for width, _ in shapes), max(height for _, height in shapes)
    figure, grid = panels(len(names), width=6.2 + wide, height=max(4.4, high), least=max(2.6, high))
    for axes, name in zip(grid, names, strict=True):
        group = rows[rows["estimand"] == name]
        for estimator, line in group.groupby("estimator", sort=False):
            style, used = styles[str(estimator)], line[line["fitted"]]
            points, drowned = line[line["size_of_bias"] > 0], line[~line["fitted"] & (line["size_of_bias"] > 0)]
            axes.plot(points["sample_size"].astype(float), points["size_of_bias"], **{**style, "ls": "none"})
            axes.plot(drowned["sample_size"].astype(float), drowned["size_of_bias"], **hollow(style))
            axes.plot([], [], **style, label=keys[name][str(estimator)])
            if math.isfinite(line["slope"].iloc[0]):
                sizes = used["sample_size"].to_numpy(float)[[0, -1]]
                ends = np.exp(line["intercept"].iloc[0]) * sizes ** line["slope"].iloc[0]
                axes.plot(sizes, ends, color=style["color"], ls=style["ls"], lw=1.6)
        axes.set(xscale="log", yscale="log", xlabel="sample size N")
        axes.set_ylabel(f"|bias| of {measured(rows, name)}")
        if (~group["fitted"] & (group["size_of_bias"] > 0)).any():
            explain_hollow(axes, _HOLLOW)
        explain_left_out(axes, [labels[each] for each in group["estimator"].unique()])
        plain_ticks(axes, group["sample_size"])
        title = "slope ± standard error" if np.isfinite(group["slope"]).any() else "no slope"
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), borderaxespad=0.8, title=title, fontsize=size)
    some = np.isfinite(rows["slope"]).any()
    return finish(figure, f"How fast the bias falls: {'|bias| ∝ N^slope' if some else 'no line can be fitted'}", rows)


def _fitted(line: pd.DataFrame) -> pd.DataFrame:
    """The rows of one estimator in ascending N."""
    line = line.sort_values("sample_size")
    bias = line["exact_bias"].fillna(line["bias"])
    bias = bias.where(~(bias.abs() <= ROUNDING * line["true_value"].abs()), 0.0)
    has_exact = line["exact_bias"].notna()
    mcse = line["bias_mcse"].where(~has_exact, 0.0)
    law = fit_power_law(line["sample_size"].to_numpy(float), bias.to_numpy(float), mcse.to_numpy(float))
    size = bias.abs().where(np.isfinite(bias), 0.0)
    keys = [*SETTING, "sample_size", "estimand", "estimator", "unit"]
    values: dict[str, Any] = {"size_of_bias": size, "mcse": mcse.fillna(0.0), "exact": has_exact, "fitted": law.used}
    fit = {"slope": law.slope, "slope_se": law.slope_se, "intercept": law.intercept}
    note = _NOTES[law.reason] or (f"{law.within_error} drowned in MCSE" if law.within_error else "")
    return line[keys].assign(**values, **fit, note=note, left_out=left_out(line))


def _keys(group: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, str]:
    """What the legend says of each estimator."""
    lines = group.groupby("estimator", sort=False)
    return {str(estimator): f"{labels[str(estimator)]}: {_words(line.iloc[0])}" for estimator, line in lines}


def _words(row: pd.Series) -> str:
    if not math.isfinite(row["slope"]):
        return f"none ({row['note']})" if row["note"] != "no bias" else "no bias"
    error = row["slope_se"]
    digits = 2 if not 0 < error < 0.005 else min(4, math.ceil(-math.log10(error)))  # 0.00 would be none
    slope = f"{row['slope']:.{digits}f} ± {error:.{digits}f}".replace("-", "−")
    return f"{slope} ({row['note']})" if row["note"] else slope


register(
    Picture(
        name="rate",
        caption="The size of the bias by sample size on logarithmic axes with a fitted line; its slope is the power "
        "of N with which the bias falls, near −1 for the plug-in once N is large. Hollow points are within 2 "
        "Monte Carlo standard errors of 0 and are left out of the fit.",
        data=rows,
        draw=draw,
    )
)
