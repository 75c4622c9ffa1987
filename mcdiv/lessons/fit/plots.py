"""The picture of a fit: the loss and the divergence fall together, H(P̂) apart, to p̂ and not to p."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from mcdiv.core.number_format import joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLORS = sns.color_palette("colorblind", 10)
_LINES: list[Any] = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (5, 5))]
_MARKERS = "osD^vPX<"
_LINE_COLOR = "0.15"
#: fits drawn, and what is too small to be more than a rounding
_MAX_FITS, _MIN_VALUE = 8, 1e-18
_WORDS = {"gradient_descent": "gradient descent", "sgd": "mini-batches", "newton": "Newton"}
_FIT = ["method", "learning_rate", "batch_size"]


def learning(steps: pd.DataFrame, fits: pd.DataFrame) -> Figure:
    """Four panels: the two losses, the excess on a logarithmic axis, Q on its way to P̂, and the floor by N."""
    fits = fits[(fits["truth"] == fits["truth"].iloc[0]) & (fits["model"] == fits["model"].iloc[0])]
    steps = steps[(steps["truth"] == fits["truth"].iloc[0]) & (steps["model"] == fits["model"].iloc[0])]
    size = _shown_size(fits)
    shown = steps[steps["sample_size"] == size]
    final = fits[fits["sample_size"] == size].iloc[0]
    figure = Figure(figsize=(13.5, 10.2))
    grid = figure.subplots(2, 2)
    curves = [rows for _, rows in shown.groupby(_FIT, dropna=False, sort=False)][:_MAX_FITS]
    _losses(grid[0, 0], curves)
    _excess(grid[0, 1], curves)
    _model(grid[1, 0], curves, final)
    _floors(grid[1, 1], fits)
    handles, labels = grid[0, 1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))
    draws = f"{'flips' if final['categories'] == 2 else 'draws'} N = {size:,}"
    figure.suptitle(
        "Minimising cross-entropy is minimising KL: one minimiser, one gradient, H(P̂) apart\n"
        f"P = {final['truth']}, start Q = {final['model']}, {draws}",
        fontsize="large",
    )
    return figure


def _losses(axes: "Axes", curves: list[pd.DataFrame]) -> None:
    """The loss and the divergence of every fit; the band between them is the same everywhere."""
    unit = curves[0]["unit"].iloc[0]
    floor = float(curves[0]["entropy"].iloc[0])
    for place, rows in enumerate(curves):
        for name, width in (("cross_entropy", 2.4), ("kl_divergence", 1.4)):
            axes.plot(rows["step"], rows[name], color=_COLORS[place], ls=_LINES[place], lw=width)
    axes.axhline(floor, color=_LINE_COLOR, lw=1.2, ls=":")
    axes.axhline(0, color=_LINE_COLOR, lw=1.2, ls=":")
    last = float(curves[0]["step"].iloc[-1])
    if floor > 0:
        axes.annotate(
            "", (0.72 * last, 0), (0.72 * last, floor), arrowprops={"arrowstyle": "<->", "color": _LINE_COLOR}
        )
        _label(axes, 0.74 * last, floor / 2, f"H(P̂) = {floor:.4g}")
    start = curves[0].iloc[0]
    axes.set(xlabel="step", ylabel=f"information [{unit}]", title="loss H(P̂, Q), thick, and KL(P̂‖Q), thin")
    axes.set_ylim(-0.04 * start["cross_entropy"], 1.06 * _finite_top(curves, "cross_entropy"))


def _excess(axes: "Axes", curves: list[pd.DataFrame]) -> None:
    """What is left above the floor: a straight line where it falls by the same factor every step."""
    unit = curves[0]["unit"].iloc[0]
    for place, rows in enumerate(curves):
        seen = rows[np.isfinite(rows["kl_divergence"]) & (rows["kl_divergence"] > _MIN_VALUE)]
        marks: dict[str, Any] = {"marker": _MARKERS[place], "markevery": max(1, len(seen) // 12), "ms": 6}
        style: dict[str, Any] = {"color": _COLORS[place], "ls": _LINES[place], "lw": 1.8, "label": _name(rows.iloc[0])}
        axes.plot(seen["step"], seen["kl_divergence"], mec=_LINE_COLOR, mew=0.6, **style, **marks)
    axes.set(yscale="log", xlabel="step", ylabel=f"H(P̂, Q) − H(P̂) = KL(P̂‖Q) [{unit}]", title="above the floor")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(axes.get_xlim()[0], float(curves[0]["step"].iloc[-1]) * 1.02)


def _model(axes: "Axes", curves: list[pd.DataFrame], final: pd.Series) -> None:
    """Where the model goes: a coin's q to p̂, otherwise the largest |q_k − p̂_k| to 0."""
    coin = final["categories"] == 2
    column = "q_heads" if coin else "distance"
    for place, rows in enumerate(curves):
        axes.plot(rows["step"], rows[column], color=_COLORS[place], ls=_LINES[place], lw=1.8)
    label = "q, the model's P(heads)" if coin else "largest |q − p̂| of a category"
    axes.set(xlabel="step", ylabel=label, title="to p̂, which is not p" if coin else "to P̂, which is not P")
    if not coin:
        axes.set_ylim(bottom=0)
        return
    p_hat, p = float(final["p_hat"]), float(final["p"])
    axes.axhline(p_hat, color=_LINE_COLOR, lw=1.6, ls="--", label=f"p̂ = {p_hat:.4g}, {final['heads']} heads")
    axes.axhline(p, color=_COLORS[3], lw=1.6, ls=":", label=f"p = {p:.4g}, the truth")
    axes.legend(loc="best")


def _floors(axes: "Axes", fits: pd.DataFrame) -> None:
    """The floor H(P̂) of these data by N within one and two exact sd of its exact mean, and what p̂ costs against P."""
    rows = fits.drop_duplicates("sample_size").sort_values("sample_size")
    sizes, unit, truth = rows["sample_size"].astype(float), rows["unit"].iloc[0], float(rows["true_entropy"].iloc[0])
    mean, sd = truth + rows["exact_floor_bias"], rows["exact_floor_sd"].fillna(0)
    axes.axhline(truth, color=_LINE_COLOR, lw=1.6, ls="--", label=f"H(P) = {truth:.4g}")
    if len(rows) > 1:
        axes.fill_between(sizes, mean - sd, mean + sd, color=_COLORS[9], alpha=0.3, lw=0, label="E H(P̂) ± sd, exact")
        axes.plot(sizes, mean, color=_COLORS[0], lw=1.4)
    else:
        axes.errorbar(sizes, mean, yerr=sd, fmt="_", color=_COLORS[0], ms=14, capsize=4, label="E H(P̂) ± sd, exact")
    axes.plot(
        sizes, rows["floor"], "o", color=_COLORS[0], ms=8, mec=_LINE_COLOR, mew=0.7, label="floor H(P̂) of these data"
    )
    finite = np.isfinite(rows["minimiser_true_cross_entropy"])
    cost, infinite = rows[finite], [f"{size:,}" for size in rows.loc[~finite, "sample_size"]]
    axes.plot(
        cost["sample_size"].astype(float),
        cost["minimiser_true_cross_entropy"],
        "^",
        color=_COLORS[1],
        ms=8,
        mec=_LINE_COLOR,
        mew=0.7,
        label="H(P, P̂): its minimiser against the truth" + (f"; ∞ at N = {joined(infinite)}" if infinite else ""),
    )
    title = "finite data: floor too low on average, cost too high"
    axes.set(xscale="log", xlabel="sample size N", ylabel=f"information [{unit}]", title=title)
    axes.set_xticks(sizes, [f"{int(size):,}" for size in sizes])
    axes.minorticks_off()
    axes.legend(loc="best", fontsize="small")


def _shown_size(fits: pd.DataFrame) -> int:
    """The smallest sample whose frequencies are not the truth's, nor certain: where the gap can be seen."""
    sizes = fits.drop_duplicates("sample_size").sort_values("sample_size")
    with_floor = sizes[(sizes["floor"] > 0) & (sizes["minimiser_true_kl_divergence"] > 0)]
    finite = with_floor[np.isfinite(with_floor["minimiser_true_kl_divergence"])]
    for rows in (finite, with_floor, sizes):
        if len(rows):
            return int(rows["sample_size"].iloc[0])
    return int(fits["sample_size"].iloc[0])


def _name(row: pd.Series) -> str:
    """gradient descent, rate 0.5; mini-batches of 5, rate 0.5; Newton."""
    words = _WORDS[row["method"]]
    words += "" if pd.isna(row["batch_size"]) else f" of {row['batch_size']:,}"
    return words + ("" if pd.isna(row["learning_rate"]) else f", rate {row['learning_rate']:g}")


def _label(axes: "Axes", x: float, y: float, text: str) -> None:
    axes.text(x, y, text, va="center", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2})


def _finite_top(curves: list[pd.DataFrame], name: str) -> float:
    tops = [float(rows[name][np.isfinite(rows[name])].max()) for rows in curves]
    return max([top for top in tops if top > 0], default=1.0)
