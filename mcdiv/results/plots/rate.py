"""How fast the bias falls: log |bias| against log N with the slope of a fitted line."""

import math
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core.rounding import ROUNDING
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    SETTING,
    finish,
    first_setting,
    measured,
    panels,
    plain_ticks,
    series_styles,
)
from mcdiv.results.plots.picture import Picture, Tables, register

#: sizes a line is fitted to, and how far they must reach, at the least; biases below so many MCSE are drowned in it
_MIN_SIZES, _MIN_RANGE, _SURE = 3, 8.0, 2.0


def rows(tables: Tables) -> pd.DataFrame:
    """A row per estimator and N: |bias|, whether the line was fitted to it, and the slope or why there is none."""
    summary = first_setting(tables["summary"], SETTING)
    fitted = [_fitted(line) for _, line in summary.groupby(["estimand", "estimator"], sort=False)]
    lines = pd.concat(fitted, ignore_index=True) if fitted else summary
    return lines if len(lines) and (lines["size_of_bias"] > 0).any() else pd.DataFrame()


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per estimand that has a bias."""
    names = in_order(rows.loc[rows["size_of_bias"] > 0, "estimand"])
    most = int(rows.groupby("estimand")["estimator"].nunique().max())
    below_panel = 1.3 * (most + 1) * mpl.rcParams["font.size"] / 72  # inches that a legend of so many lines takes
    figure, grid = panels(len(names), columns=min(2, len(names)), width=7.2, height=4.0 + below_panel)
    styles = series_styles(rows["estimator"])
    for axes, name in zip(grid, names, strict=True):
        group = rows[rows["estimand"] == name]
        for estimator, line in group.groupby("estimator", sort=False):
            style, used = styles[str(estimator)], line[line["fitted"]]
            points, drowned = line[line["size_of_bias"] > 0], line[~line["fitted"] & (line["size_of_bias"] > 0)]
            axes.plot(points["sample_size"].astype(float), points["size_of_bias"], **{**style, "ls": "none"})
            hollow = {**style, "ls": "none", "mfc": "white", "mec": style["color"], "mew": 1.5}
            axes.plot(drowned["sample_size"].astype(float), drowned["size_of_bias"], **hollow)
            axes.plot([], [], **style, label=f"{estimator}: {_words(line.iloc[0])}")
            if math.isfinite(line["slope"].iloc[0]):
                sizes = used["sample_size"].to_numpy(float)[[0, -1]]
                ends = np.exp(line["intercept"].iloc[0]) * sizes ** line["slope"].iloc[0]
                axes.plot(sizes, ends, color=style["color"], ls=style["ls"], lw=1.6)
        axes.set(xscale="log", yscale="log", xlabel="sample size N")
        axes.set_ylabel(f"|bias| of {measured(rows, name)}")
        plain_ticks(axes)
        below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 4.5}
        axes.legend(**below, title="slope ± standard error", fontsize="small")
    return finish(figure, "How fast the bias falls: |bias| ∝ N^slope", rows)


def _fitted(line: pd.DataFrame) -> pd.DataFrame:
    """The rows of one estimator in ascending N."""
    line = line.sort_values("sample_size")
    bias = line["exact_bias"].fillna(line["bias"])
    has_exact = line["exact_bias"].notna()
    error = line["bias_mcse"].where(~has_exact, 0.0).fillna(0.0)
    size = bias.abs().where(np.isfinite(bias) & (bias.abs() > ROUNDING * line["true_value"].abs()), 0.0)
    used = (size > 0) & (size > _SURE * error)
    keys = [*SETTING, "settings", "sample_size", "estimand", "estimator", "unit"]
    values = {"size_of_bias": size, "mcse": error, "exact": has_exact, "fitted": used}
    fit = _fit(line.loc[used, "sample_size"].to_numpy(float), size[used].to_numpy(float), error[used].to_numpy(float))
    note = _note(line["sample_size"][used], bias[used], drowned=int(((size > 0) & ~used).sum()))
    if not math.isfinite(fit["slope"]) and not (size > 0).any():
        note = "no bias"
    return line[keys].assign(**values, **fit, note=note)


def _fit(sizes: Any, values: Any, errors: Any) -> dict[str, float]:
    """Least squares of log value on log N; weighted by what the MCSE leaves where every value has one."""
    if len(sizes) < _MIN_SIZES or sizes.max() < _MIN_RANGE * sizes.min():
        return {"slope": math.nan, "slope_se": math.nan, "intercept": math.nan}
    x, y = np.log(sizes), np.log(values)
    simulated = bool((errors > 0).all())
    weights = (values / errors) ** 2 if simulated else np.ones(len(x))
    center = np.average(x, weights=weights)
    spread = float((weights * (x - center) ** 2).sum())
    slope = float((weights * (x - center) * y).sum()) / spread
    intercept = float(np.average(y, weights=weights)) - slope * center
    scatter = float((weights * (y - intercept - slope * x) ** 2).sum()) / (len(x) - 2)
    # A line that fits worse than the MCSEs allow is not as certain as they say.
    variance = max(1.0, scatter) if simulated else scatter
    return {"slope": slope, "slope_se": math.sqrt(variance / spread), "intercept": intercept}


def _note(sizes: "pd.Series[Any]", bias: "pd.Series[Any]", *, drowned: int) -> str:
    if len(sizes) < _MIN_SIZES:
        return "bias drowned in its MCSE" if drowned else f"fewer than {_MIN_SIZES} sizes"
    if sizes.max() < _MIN_RANGE * sizes.min():
        return f"N spans less than a factor of {_MIN_RANGE:g}"
    if (bias > 0).any() and (bias < 0).any():
        return "changes its sign"
    return f"{drowned} drowned in MCSE" if drowned else ""


def _words(row: pd.Series) -> str:
    if not math.isfinite(row["slope"]):
        return f"none ({row['note']})" if row["note"] != "no bias" else "no bias"
    slope = f"{row['slope']:.2f} ± {row['slope_se']:.2f}".replace("-", "−")
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
