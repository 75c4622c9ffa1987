"""The pictures: each is one function from tables to a figure. Nothing is computed here that a table does not hold.

Estimators differ by colour, marker and line at once, so that a picture reads in greyscale too.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from mcdiv.core.catalogue import Catalogue
from mcdiv.estimators.contract import SYMBOLS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: table name → table
Tables: TypeAlias = Mapping[str, pd.DataFrame]
#: a picture, or None where the tables hold nothing to draw
Plot: TypeAlias = Callable[[Tables], Figure | None]

PLOTS: Catalogue[Plot] = Catalogue("plot")

_COLOURS = sns.color_palette("colorblind", 10)
_MARKERS = "osD^vPX<>*"
_LINES: list[Any] = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (5, 5)), (0, (8, 2)), "-"]
_INK = "0.15"
_MOST_ROWS = 3
#: relative to the true value; smaller differences are not drawn as if they were something
_ROUNDING = 1e-12
_SETTING = ("truth", "model", "model_sample_size")


def plot(draw: Plot) -> Plot:
    """Enter a picture into the catalogue under its function's name."""
    PLOTS.add(draw.__name__, draw)
    return draw


@plot
def convergence(tables: Tables) -> Figure | None:
    """Literal experiments, flip by flip: p̂ and the plug-in estimates closing in on the exact values."""
    paths = tables["convergence"]
    if paths.empty:
        return None
    first, shown = _first_pair(paths)
    exact, _ = _first_pair(tables["decomposition"])
    unit = str(first["unit"].iloc[0])
    share = "p_hat" if "p_hat" in first.columns else "total_variation"
    panels = [share, *(name for name in SYMBOLS if name in first.columns and np.isfinite(first[name]).any())]
    figure, grid = _panels(len(panels), columns=2 if len(panels) > 1 else 1)
    for axes, name in zip(grid, panels, strict=False):
        for number, path in first.groupby("path"):
            look = {"color": _COLOURS[1], "lw": 2.4, "zorder": 3} if number == 1 else {"color": _COLOURS[0], "lw": 1.0}
            values = path[name].where(np.isfinite(path[name]))
            axes.plot(path["sample_size"], values, alpha=1 if number == 1 else 0.45, **look)
        if name in SYMBOLS:
            target, label = float(exact[name].iloc[0]), f"plug-in {SYMBOLS[name]} [{unit}]"
        else:
            target, label = (
                (_heads(first), "p̂, share of heads") if share == "p_hat" else (0.0, "total variation |p̂ − p|/2")
            )
        if np.isfinite(target):
            axes.axhline(target, color=_INK, lw=2.2, ls="--", label=f"exact: {target:.4g}")
            axes.legend(loc="best")
        else:
            axes.set_title("exact: +∞; a path ends where its estimate is infinite", fontsize="small")
        axes.set(xscale="log", xlabel="flips N" if share == "p_hat" else "draws N", ylabel=label)
        _plain_ticks(axes)
    count = int(first["path"].nunique())
    word = "flip by flip" if share == "p_hat" else "draw by draw"
    others = f"{count} experiments followed {word}, one of them in bold" if count > 1 else f"one experiment, {word}"
    return _finish(figure, others + shown, first.assign(model_sample_size=None))


@plot
def decomposition(tables: Tables) -> Figure | None:
    """Mean plug-in entropy and KL stacked at each N: together they are the exact cross-entropy, apart they are off."""
    summary, exact = tables["summary"], tables["decomposition"]
    chosen = summary[(summary["estimator"] == "plugin") & np.isfinite(summary["true_value"])]
    rows, shown = _first_pair(chosen)
    rows = rows[rows["model_sample_size"].isna() | (rows["model_sample_size"] == rows["model_sample_size"].min())]
    means = rows.pivot_table(index="sample_size", columns="estimand", values="mean", sort=True)
    if not {"entropy", "kl_divergence"} <= set(means.columns) or means.empty:
        return None
    truth, _ = _first_pair(exact)
    unit = str(truth["unit"].iloc[0])
    figure, [axes] = _panels(1, width=10)
    places = np.arange(len(means))
    axes.bar(places, means["entropy"], width=0.7, color=_COLOURS[0], edgecolor=_INK, label="mean of Ĥ (plug-in)")
    axes.bar(
        places,
        means["kl_divergence"],
        width=0.7,
        bottom=means["entropy"],
        color=_COLOURS[1],
        edgecolor=_INK,
        hatch="///",
        label="mean of K̂L (plug-in)",
    )
    for name, line in (("cross_entropy", "-"), ("entropy", "--")):
        value = float(truth[name].iloc[0])
        axes.axhline(value, color=_INK, lw=2.2, ls=line, label=f"exact {SYMBOLS[name]}: {value:.4g}")
    axes.set(xlabel="flips N" if rows["categories"].iloc[0] == 2 else "draws N", ylabel=f"information [{unit}]")
    axes.set_xticks(places, [_count(n) for n in means.index])
    tops = means["entropy"] + means["kl_divergence"]
    axes.set_ylim(0, 1.12 * max(float(tops.max()), float(truth["cross_entropy"].iloc[0])) or 1)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    axes.xaxis.grid(visible=False)
    return _finish(figure, f"H(P, Q) = KL(P‖Q) + H(P){shown}", rows)


@plot
def bias(tables: Tables) -> Figure | None:
    """Bias by sample size: simulated values with ±2 MCSE on the exact curves."""
    return _by_sample_size(tables, "bias", log=False)


@plot
def coverage(tables: Tables) -> Figure | None:
    """Coverage of the intervals by sample size, with the level they are meant to have and the band chance leaves."""
    table = tables["intervals"]
    if table.empty:
        return None
    known = table.assign(shown=table["exact_coverage"].fillna(table["coverage"]))
    around = known.drop_duplicates("interval").set_index("interval")["estimator"]
    chosen = known[known["estimator"] == known["interval"].map(around)]
    panels = list(chosen.groupby(["estimand", "truth"], sort=False))[: 2 * _MOST_ROWS]
    figure, grid = _panels(len(panels), columns=min(2, len(panels)))
    level = float(table["level"].iloc[0])
    for axes, ((estimand, truth), rows) in zip(grid, panels, strict=False):
        for place, name in enumerate(rows["interval"].unique()):
            line = rows[rows["interval"] == name]
            look: dict[str, Any] = {"color": _COLOURS[place % 10], "marker": _MARKERS[place % 10]}
            means = line.groupby("sample_size")["shown"].mean()
            axes.plot(means.index, means, label=str(name), ls=_LINES[place % 10], **look)
        spread = 2 * np.sqrt(level * (1 - level) / max(1, int(rows["replicates"].min())))
        axes.axhspan(level - spread, level + spread, color="0.8", zorder=0)
        axes.axhline(level, color=_INK, lw=2.2, ls="--", zorder=1)
        axes.set(xscale="log", xlabel="draws N", ylabel=f"coverage of {SYMBOLS[str(estimand)]}", ylim=(-0.03, 1.03))
        axes.set_title(str(truth), fontsize="small")
        _plain_ticks(axes)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    figure.suptitle(f"How often intervals meant to cover {level:.0%} do", fontsize="large")
    return figure


@plot
def rmse(tables: Tables) -> Figure | None:
    """RMSE by sample size on logarithmic axes, with a guide that falls as 1/√N."""
    return _by_sample_size(tables, "rmse", log=True)


def render(figure: Figure, kind: str) -> bytes:
    """A figure as PNG or SVG, the same bytes for the same figure."""
    buffer = BytesIO()
    metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    with mpl.rc_context({"svg.hashsalt": "mcdiv", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()


def style() -> Any:
    """The one place for looks: a context manager under which figures are made."""
    looks = {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("notebook", font_scale=1.15),
        "figure.constrained_layout.use": True,
        "axes.edgecolor": "0.3",
        "grid.color": "0.88",
        "legend.frameon": True,
        "legend.framealpha": 0.9,
        "savefig.facecolor": "white",
    }
    return mpl.rc_context(looks)


def _by_sample_size(tables: Tables, measure: str, *, log: bool) -> Figure | None:
    summary = tables["summary"]
    drawable = summary[np.isfinite(summary[measure]) | np.isfinite(summary[f"exact_{measure}"])]
    pairs = list(drawable.groupby(["truth", "model", "model_sample_size"], dropna=False, sort=False))
    if not pairs:
        return None
    names = [name for name in SYMBOLS if name in set(drawable["estimand"])]
    looks = {name: i % len(_MARKERS) for i, name in enumerate(dict.fromkeys(drawable["estimator"]))}
    shown_pairs = pairs[:_MOST_ROWS]
    figure, grid = _panels(len(names) * len(shown_pairs), columns=len(names), width=5.4)
    for row, (_, pair) in enumerate(shown_pairs):
        for column, name in enumerate(names):
            axes = grid[row * len(names) + column]
            group = pair[pair["estimand"] == name]
            for estimator, rows in group.groupby("estimator", sort=False):
                _draw_estimator(axes, rows, measure, str(estimator), looks[str(estimator)])
            _guide(axes, group, measure, log=log)
            unit = str(drawable["unit"].iloc[0])
            axes.set(xscale="log", xlabel="sample size N", ylabel=f"{_word(measure)} of {SYMBOLS[name]} [{unit}]")
            if len(shown_pairs) > 1:
                axes.set_title(_setting(pair, _differing(drawable)), fontsize="small")
            _plain_ticks(axes)
    _shared_legend(figure, grid)
    more = f" (first {_MOST_ROWS} of {len(pairs)} settings)" if len(pairs) > _MOST_ROWS else ""
    title = f"{'RMSE' if log else 'Bias'} by sample size: points simulated ± 2 MCSE, lines exact"
    return _finish(figure, title + more, drawable)


def _draw_estimator(axes: "Axes", rows: pd.DataFrame, measure: str, name: str, look: int) -> None:
    colour, sizes = _COLOURS[look], rows["sample_size"].to_numpy(dtype=float)
    exact = rows[f"exact_{measure}"].to_numpy()
    simulated = rows["replicates"].to_numpy() > 0
    if np.isfinite(exact).any():
        axes.plot(sizes, exact, color=colour, ls=_LINES[look], lw=1.8)
    axes.plot([], [], color=colour, ls=_LINES[look], marker=_MARKERS[look], ms=7, mec=_INK, mew=0.7, label=name)
    if simulated.any():
        axes.errorbar(
            sizes,
            rows[measure],
            yerr=2 * rows[f"{measure}_mcse"].fillna(0),
            fmt=_MARKERS[look],
            color=colour,
            ms=7,
            mec=_INK,
            mew=0.7,
            capsize=3,
            ls="none" if np.isfinite(exact).any() else _LINES[look],
        )


def _guide(axes: "Axes", rows: pd.DataFrame, measure: str, *, log: bool) -> None:
    scale = _ROUNDING * float(rows["true_value"].abs().max())
    if rows[measure].abs().max() <= scale:  # the estimates are all alike: what is left are roundings
        axes.set_ylim(-1, 1)
    if not log:
        axes.axhline(0, color=_INK, lw=1.2)
        return
    values = rows[measure].fillna(rows[f"exact_{measure}"])
    positive = rows[values > scale]
    if not positive.empty:
        axes.set_yscale("log")
        sizes = np.sort(positive["sample_size"].unique().astype(float))
        start = float(values[values > scale].max())
        axes.plot(sizes, 1.3 * start * np.sqrt(sizes[0] / sizes), color="0.45", lw=1.2, ls=":", label="1/√N")


def _panels(count: int, *, columns: int = 1, width: float = 6.2) -> tuple[Figure, Sequence["Axes"]]:
    rows = -(-count // columns)
    # A Figure of its own, not pyplot's: nothing global, nothing to close.
    figure = Figure(figsize=(width * columns, 4.4 * rows + 0.8))
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_visible(False)
    return figure, list(grid[:count])


def _finish(figure: Figure, title: str, rows: pd.DataFrame) -> Figure:
    """Title the figure, with all that is the same for the rows drawn."""
    alike = [name for name in _SETTING if name not in _differing(rows)]
    figure.suptitle(f"{title}\n{_setting(rows, alike)}".rstrip(), fontsize="large")
    return figure


def _differing(rows: pd.DataFrame) -> list[str]:
    return [name for name in _SETTING if rows[name].nunique(dropna=False) > 1]


def _setting(rows: pd.DataFrame, names: Sequence[str]) -> str:
    """P, Q and M of the first row, as far as they are asked for and there."""
    first = rows.iloc[0]
    symbols = {"truth": "P", "model": "Q", "model_sample_size": "M"}
    return ", ".join(f"{symbols[name]} = {first[name]}" for name in names if not pd.isna(first[name]))


def _first_pair(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The rows of the first truth and model, and how a title says that there are others."""
    pairs = rows[["truth", "model"]].drop_duplicates()
    if len(pairs) <= 1:
        return rows, ""
    truth, model = pairs.iloc[0]
    same = (rows["truth"] == truth) & ((rows["model"] == model) | (rows["model"].isna() & pd.isna(model)))
    return rows[same], f" (first of {len(pairs)} settings)"


def _heads(paths: pd.DataFrame) -> float:
    """P(heads), from the coin's label, which is all a table says of it: 'coin(p=1/3)'."""
    return float(Fraction(str(paths["truth"].iloc[0]).removeprefix("coin(p=").removesuffix(")")))


def _word(measure: str) -> str:
    return "RMSE" if measure == "rmse" else measure


def _plain_ticks(axes: "Axes") -> None:
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _count(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if axes.get_yscale() == "linear":
        axes.ticklabel_format(axis="y", useOffset=False)


def _count(value: float) -> str:
    """A number of draws, short: 5, 1,000, 20k, 1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1000 if letter == 'k' else size):g}{letter}"
    return f"{value:,.0f}"


def _shared_legend(figure: Figure, grid: Sequence["Axes"]) -> None:
    handles: dict[str, Any] = {}
    for axes in grid:
        handles |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=min(5, len(handles)))
