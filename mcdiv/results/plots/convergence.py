"""Literal experiments, draw by draw: p̂ and the plug-in estimates closing in on the exact values, in exact bands."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core.number_format import percent_of_level
from mcdiv.estimands.contract import USUAL_ESTIMANDS, symbol_of
from mcdiv.results.plots.figure_style import (
    COLORS,
    LINE_COLOR,
    explain_empty,
    finish,
    first_setting,
    panels,
    plain_ticks,
)
from mcdiv.results.plots.picture import Picture, Tables, register

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHARES = {"p_hat": "p̂, share of heads", "total_variation": "total variation |p̂\u00a0−\u00a0p|/2"}
_KEYS = ["truth", "model", "unit"]


def rows(tables: Tables) -> pd.DataFrame:
    """In long form: a row per quantity × path × checkpoint, and one per quantity with its exact value."""
    if tables["convergence"].empty:
        return pd.DataFrame()
    paths, exact = first_setting(tables["convergence"]), first_setting(tables["decomposition"]).iloc[:1]
    quantities = [name for name in (*_SHARES, *USUAL_ESTIMANDS) if name in paths.columns and paths[name].notna().any()]
    if "p_hat" in quantities:
        quantities = [name for name in quantities if name != "total_variation"]
    # A path of one finite value is no line: where all are like that, there is nothing to see.
    seen = {name: paths[np.isfinite(paths[name])].groupby("path").size().max() > 1 for name in quantities}
    drawn = [name for name in quantities if seen[name] or name in _SHARES or np.isfinite(exact[name].iloc[0])]
    keys = [*_KEYS, "path", "sample_size"]
    long = paths.melt(id_vars=keys, value_vars=drawn, var_name="quantity", value_name="value").assign(kind="path")
    exact_values = {"p_hat": _heads(paths), "total_variation": 0.0} | {
        n: exact[n].iloc[0] for n in drawn if n in USUAL_ESTIMANDS
    }
    lines = (
        paths[_KEYS].iloc[[0] * len(drawn)].assign(quantity=drawn, value=[exact_values[n] for n in drawn], kind="exact")
    )
    table = pd.concat([long, lines, _bands(tables, paths, drawn)], ignore_index=True)
    return table[[*_KEYS, "quantity", "kind", "path", "sample_size", "value", "low", "high", "level"]]


def draw(rows: pd.DataFrame) -> Figure:
    """A panel per quantity; the first experiment in bold."""
    names = list(dict.fromkeys(rows["quantity"]))
    coin = "p_hat" in names
    figure, grid = panels(len(names), columns=2 if len(names) > 1 else 1)
    for axes, name in zip(grid, names, strict=False):
        _panel(axes, rows[rows["quantity"] == name])
        unit = rows["unit"].iloc[0]
        label = _SHARES.get(name) or f"plug-in {symbol_of(name)} [{unit}]"
        axes.set_xlim(0.9, 1.1 * float(rows["sample_size"].max()))
        axes.set(xscale="log", xlabel="flips N" if coin else "draws N", ylabel=label)
        plain_ticks(axes)
    count = int(rows["path"].nunique())
    word = "flip by flip" if coin else "draw by draw"
    title = f"{count} experiments followed {word}, one of them in bold" if count > 1 else f"One experiment, {word}"
    return finish(figure, title, rows)


def _bands(tables: Tables, paths: pd.DataFrame, drawn: list[str]) -> pd.DataFrame:
    """The bands of the quantities drawn; none in the tables of runs that did not compute any."""
    if "bands" not in tables:
        return pd.DataFrame(columns=["low", "high", "level"], dtype=float)
    table = tables["bands"]
    first = paths.iloc[0]
    same = (table["truth"] == first["truth"]) & (
        table["model"].fillna("") == ("" if pd.isna(first["model"]) else first["model"])
    )
    bands: pd.DataFrame = table[same & table["quantity"].isin(drawn)]
    return bands.assign(kind="band", unit=first["unit"])


def _panel(axes: "Axes", rows: pd.DataFrame) -> None:
    band = rows[(rows["kind"] == "band") & np.isfinite(rows["high"].astype(float))]
    if len(band) > 1:
        label = f"exact {percent_of_level(float(band['level'].iloc[0]))} band"
        sizes, low, high = (band[name].to_numpy(dtype=float) for name in ("sample_size", "low", "high"))
        axes.fill_between(sizes, low, high, color="0.8", lw=0, label=label, zorder=0.5)
    for number, path in rows[rows["kind"] == "path"].groupby("path"):
        style: dict[str, Any] = {"color": COLORS[0], "lw": 1.0, "alpha": 0.45}
        if number == 1:
            style = {"color": COLORS[1], "lw": 2.4, "zorder": 3}
        axes.plot(path["sample_size"].astype(float), path["value"].where(np.isfinite(path["value"])), **style)
    if not np.isfinite(rows.loc[rows["kind"] == "path", "value"]).any():
        explain_empty(axes, "no finite estimate")
    target = float(rows.loc[rows["kind"] == "exact", "value"].iloc[0])
    if np.isfinite(target):
        axes.axhline(target, color=LINE_COLOR, lw=2.2, ls="--", label=f"exact: {target:.4g}")
        axes.legend(loc="best")
        if not np.isfinite(rows.loc[rows["kind"] == "path", "value"]).all():
            axes.set_title("where a path has a gap, its estimate is infinite", fontsize="small")
    else:
        axes.set_title("exact: +∞; a path ends where its estimate is infinite", fontsize="small")


def _heads(paths: pd.DataFrame) -> float:
    """P(heads), from the coin's label, which is all a table says of it: 'coin(p=1/3)'."""
    label = str(paths["truth"].iloc[0])
    return float(Fraction(label.removeprefix("coin(p=").removesuffix(")"))) if "p_hat" in paths.columns else np.nan


register(
    Picture(
        name="convergence",
        caption="Literal experiments followed draw by draw, each a line, one of them in bold. They close in on the "
        "exact value, the dashed line; where there is a grey band, at each N at least 95 % lie within it; it is exact.",
        takes="`paths` in the scenario",
        data=rows,
        draw=draw,
    )
)
