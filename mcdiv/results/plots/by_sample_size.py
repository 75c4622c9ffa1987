"""Bias and RMSE of every estimator by sample size: simulated values with ±2 MCSE on the exact curves."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mcdiv.core.rounding import ROUNDING
from mcdiv.estimands.contract import in_order
from mcdiv.results.plots.figure_style import (
    LINE_COLOR,
    SETTING,
    differing,
    explain_empty,
    finish,
    first_settings,
    measured,
    panels,
    plain_ticks,
    setting,
    source_label,
)
from mcdiv.results.plots.legends import (
    estimator_labels,
    estimator_styles,
    explain_hollow,
    explain_left_out,
    hollow,
    left_out,
    shared_legend,
)
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values: TypeAlias = NDArray[np.float64]

#: settings drawn, a row of panels each
MAX_ROWS = 3


def rows(measure: str, tables: Tables) -> pd.DataFrame:
    """The measure, its MCSE and its exact value, and what it leaves out, of the first few settings."""
    summary = tables["summary"]
    columns = [measure, f"{measure}_mcse", f"exact_{measure}"]
    some = np.isfinite(summary[measure]) | np.isfinite(summary[f"exact_{measure}"])
    keys = [*SETTING, "sample_size", "estimand", "estimator", "unit", "true_value", "replicates"]
    chosen = first_settings(summary[some], MAX_ROWS)
    return chosen[[*keys, *columns]].assign(left_out=left_out(chosen)).reset_index(drop=True)


def draw(measure: str, word: str, finish_panel: Callable[["Axes", pd.DataFrame], None], rows: pd.DataFrame) -> Figure:
    """A row of panels per setting, a column per estimand."""
    names = in_order(rows["estimand"])
    pairs = [pair for _, pair in rows.groupby(SETTING, dropna=False, sort=False)]
    styles, labels = estimator_styles(rows), estimator_labels(rows)
    logarithmic = finish_panel in (_rmse_panel, _log_panel)
    figure, grid = panels(len(names) * len(pairs), columns=len(names) if len(names) > 1 else len(pairs), width=5.4)
    for index, axes in enumerate(grid):
        pair, name = pairs[index // len(names)], names[index % len(names)]
        group = pair[pair["estimand"] == name]
        unsure = [
            _draw_estimator(axes, line, measure, labels[str(one)], styles[str(one)], logarithmic=logarithmic)
            for one, line in group.groupby("estimator", sort=False)
        ]
        axes.set(xscale="log", xlabel="sample size N", ylabel=f"{word} of {measured(rows, name)}")
        if group.empty:
            explain_empty(axes, f"no finite {word}" + " above 0" * (finish_panel is _log_panel))
        else:
            finish_panel(axes, group)
            if (np.concatenate(unsure) >= axes.get_ylim()[0]).any():
                explain_hollow(axes)
        explain_left_out(axes, [labels[name] for name in group["estimator"].unique()])
        if len(pairs) > 1:
            axes.set_title(setting(pair, differing(rows)), fontsize="small")
        plain_ticks(axes, group["sample_size"])
    shared_legend(figure, grid, first=[labels[name] for name in styles])
    how = source_label(simulated=bool((rows["replicates"] > 0).any()), has_exact=np.isfinite(rows[f"exact_{measure}"]))
    return finish(figure, f"{word[0].upper()}{word[1:]} by sample size: {how}", rows)


def _draw_estimator(
    axes: "Axes", rows: pd.DataFrame, measure: str, label: str, style: dict[str, Any], *, logarithmic: bool
) -> Values:
    """Draw one, and return the values that are within 2 MCSE of 0, whose points are hollow."""
    sizes, exact = rows["sample_size"].to_numpy(dtype=float), rows[f"exact_{measure}"].to_numpy(dtype=float)
    has_exact, simulated = bool(np.isfinite(exact).any()), bool((rows["replicates"] > 0).any())
    values = rows[measure].to_numpy(dtype=float)
    if has_exact:  # markers are for what was simulated, and on the curve only where nothing was
        curve = np.where(np.isfinite(exact), exact, values)  # it goes on where no exact value is known
        axes.plot(sizes, curve, **{**style, "lw": 1.8, "marker": "" if simulated else style["marker"]})
    axes.plot([], [], **style, label=label)
    if not simulated:
        return np.array([])
    error = 2 * rows[f"{measure}_mcse"].fillna(0).to_numpy(dtype=float)
    unsure = np.abs(values) <= error
    down = np.where(unsure & logarithmic, 0.0, error)  # to 0 would be to the end of the axis, over all the others
    line = "none" if has_exact else style["ls"]
    axes.errorbar(sizes, values, yerr=(down, error), capsize=3, **{**style, "ls": line})
    axes.plot(sizes[unsure], values[unsure], **{**hollow(style), "zorder": 4})
    hollow_values: Values = values[unsure]
    return hollow_values


def _bias_panel(axes: "Axes", rows: pd.DataFrame) -> None:
    if rows["bias"].abs().max() <= _scale(rows):  # the estimates are all alike: what is left are roundings
        axes.set_ylim(-1, 1)
    axes.axhline(0, color=LINE_COLOR, lw=1.2)


def _rmse_panel(axes: "Axes", rows: pd.DataFrame) -> None:
    values = rows["rmse"].fillna(rows["exact_rmse"])
    positive = values > _scale(rows)
    if not positive.any():
        axes.set_ylim(-1, 1)
        return
    axes.set_yscale("log")
    sizes = np.sort(rows.loc[positive, "sample_size"].unique().astype(float))
    start = float(values[positive].max())
    if len(sizes) == 1:
        return  # a guide has two ends
    for power, line, label in ((0.5, ":", "1/√N"), (1.0, (0, (6, 3)), "1/N")):
        axes.plot(sizes, 1.3 * start * (sizes[0] / sizes) ** power, color="0.45", lw=1.2, ls=line, label=label)


def _sizes(rows: pd.DataFrame) -> pd.DataFrame:
    """The sizes of biases, without rows whose exact bias is 0 but for roundings: a logarithmic axis has no 0."""
    none = rows["exact_bias"].abs() <= ROUNDING * rows["true_value"].abs()
    sizes = rows.assign(bias=rows["bias"].abs(), exact_bias=rows["exact_bias"].abs())
    some = (sizes["bias"] > 0) | (sizes["exact_bias"] > 0)
    nonzero: pd.DataFrame = sizes[some & ~none].reset_index(drop=True)
    return nonzero


def _log_panel(axes: "Axes", rows: pd.DataFrame) -> None:
    exact, bias = (rows[name][rows[name] > 0] for name in ("exact_bias", "bias"))
    axes.set_yscale("log", nonpositive="clip")
    sure = bias[bias > 2 * rows.loc[bias.index, "bias_mcse"].fillna(0)]
    shown = pd.concat([exact, sure if len(sure) else bias])
    # What chance alone made small need not be seen to its end.
    low = 0.5 * shown.min() if len(exact) else max(0.5 * bias.min(), 0.1 * shown.min())
    axes.set_ylim(low, 2 * shown.max())


def _scale(rows: pd.DataFrame) -> float:
    return ROUNDING * float(rows["true_value"].abs().max())


register(
    Picture(
        name="bias",
        caption="Bias of every estimator by sample size: simulated values with ±2 Monte Carlo standard errors, and "
        "the exact bias, where it is known, as a line. At 0 an estimator is right on average; a hollow point is "
        "within 2 standard errors of it.",
        data=partial(rows, "bias"),
        draw=partial(draw, "bias", "bias", _bias_panel),
    )
)
register(
    Picture(
        name="bias_log",
        caption="The size of the bias by sample size, both axes logarithmic. Hollow points are within 2 Monte Carlo "
        "standard errors of 0: they may be only noise, and their bars go up only.",
        data=lambda tables: _sizes(rows("bias", tables)),
        draw=partial(draw, "bias", "size of the bias", _log_panel),
    )
)
register(
    Picture(
        name="rmse",
        caption="Root mean squared error of every estimator by sample size, both axes logarithmic, with guides that "
        "fall as 1/√N and as 1/N.",
        data=partial(rows, "rmse"),
        draw=partial(draw, "rmse", "RMSE", _rmse_panel),
    )
)
