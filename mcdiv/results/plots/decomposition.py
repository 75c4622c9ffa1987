"""Mean plug-in entropy and KL stacked at each N: together they are the exact cross-entropy, apart they are off."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.estimands.contract import symbol_of
from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, count, finish, first_setting, panels
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.picture import Picture, Tables, register

_PARTS = ["entropy", "kl_divergence"]


def rows(tables: Tables) -> pd.DataFrame:
    """A row per N and part of the sum: the mean of its plug-in estimates and its true value."""
    summary = tables["summary"]
    chosen = summary[(summary["estimator"] == "plugin") & summary["estimand"].isin(_PARTS)]
    chosen = first_setting(chosen[np.isfinite(chosen["true_value"]) & np.isfinite(chosen["mean"])])
    smallest = chosen["model_sample_size"].min()
    chosen = chosen[chosen["model_sample_size"].isna() | (chosen["model_sample_size"] == smallest)]
    estimands = chosen.groupby("sample_size")["estimand"].nunique()
    chosen = chosen[chosen["sample_size"].isin(estimands.index[estimands == len(_PARTS)])]
    keys = ["truth", "model", "model_sample_size", "categories", "sample_size"]
    parts: pd.DataFrame = chosen[[*keys, "estimand", "unit", "true_value", "mean"]].reset_index(drop=True)
    return parts


def draw(rows: pd.DataFrame) -> Figure:
    """Bars of the means, and lines where the exact values are."""
    means = rows.pivot_table(index="sample_size", columns="estimand", values="mean", sort=True)
    exact = rows.drop_duplicates("estimand").set_index("estimand")["true_value"]
    total, bottom = float(exact.sum()), np.zeros(len(means))
    figure, [axes] = panels(1, width=10)
    places = np.arange(len(means))
    for index, (name, symbol) in enumerate(zip(_PARTS, ("Ĥ", "K̂L"), strict=True)):
        style = {"color": COLORS[index], "edgecolor": LINE_COLOR, "hatch": "///" if index else None}
        axes.bar(places, means[name], width=0.7, bottom=bottom, label=f"mean of {symbol} (plug-in)", **style)
        bottom = bottom + means[name].to_numpy()
    for name, low, high in (("entropy", 0.0, exact["entropy"]), ("kl_divergence", exact["entropy"], total)):
        label = "exact H(P) and KL(P‖Q)" if name == "entropy" else None
        axes.bar(places, high - low, 0.84, low, facecolor="none", edgecolor=LINE_COLOR, lw=1.4, label=label)
    for name, value, line in (("cross_entropy", total, "-"), ("entropy", float(exact["entropy"]), "--")):
        axes.axhline(value, color=LINE_COLOR, lw=1.2, ls=line, label=f"exact {symbol_of(name)}: {value:.4g}")
    coin = rows["categories"].iloc[0] == 2
    axes.set(xlabel="flips N" if coin else "draws N", ylabel=f"information [{rows['unit'].iloc[0]}]")
    axes.set_xticks(places, [count(n) for n in means.index])
    axes.set_ylim(0, 1.12 * max(float(bottom.max()), total) or 1)
    shared_legend(figure, [axes])
    axes.xaxis.grid(visible=False)
    return finish(figure, "H(P, Q) = KL(P‖Q) + H(P)", rows)


register(
    Picture(
        name="decomposition",
        caption="The mean plug-in estimates of H(P) and KL(P‖Q), stacked at each N, and the exact values outlined. "
        "The divergence is too high by as much as the entropy is too low: the sum is right at every N.",
        data=rows,
        complete=["estimand"],  # the third is their sum
        draw=draw,
    )
)
