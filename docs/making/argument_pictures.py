"""The pictures of the arguments: bars of a page's exact numbers, and curves of what its question gives elsewhere."""

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

import mcdiv
from mcdiv.results.plots import render, style
from mcdiv.results.plots.figure_style import COLORS, LINE_COLOR, panels, plain_ticks, titled


def picture(title: str, wanted: Mapping[str, Any], values: Mapping[str, float]) -> bytes:
    """A page's picture, as SVG."""
    with style():
        return render(drawn(title, wanted, values), "svg")


def drawn(title: str, wanted: Mapping[str, Any], values: Mapping[str, float]) -> Figure:
    """A page's picture, in the style that is on."""
    draw = {"bars": _bars, "alarms": _alarms, "spreads": _spreads}[wanted["draw"]]
    return titled(draw(wanted, values), title)


def _bars(wanted: Mapping[str, Any], values: Mapping[str, float]) -> Figure:
    """A bar for each number, which stands beside it."""
    named = wanted["bars"]
    figure, [axes] = panels(1, width=8, height=1.2 + 0.5 * len(named))
    lengths = [values[name] if isinstance(name, str) else float(name) for name in named.values()]
    places = range(len(named) - 1, -1, -1)
    axes.barh(list(places), lengths, color=[COLORS[i % len(COLORS)] for i in range(len(named))], height=0.6)
    low, high = min(0.0, *lengths), max(0.0, *lengths)
    room = 0.25 * (high - low)  # for the numbers
    for place, length in zip(places, lengths, strict=True):
        inside = length < 0
        line = wanted.get("line", length)
        start = line if 0 < line - length < room else length  # beyond a line that would cross it
        text = f" {length:.3g} ".replace("-", "−")
        axes.annotate(text, (start, place), va="center", ha="right" if inside else "left")
    axes.set_yticks(list(places), list(named))
    axes.set_xlabel(wanted["axis"])
    axes.set_xlim(low - room if low < 0 else 0.0, high + room)
    axes.axvline(0, color=LINE_COLOR, linewidth=1)
    if "line" in wanted:
        at = wanted["line"]
        label = wanted["line_label"]
        axes.axvline(at, color=LINE_COLOR, linestyle="--", linewidth=1.2, label=label)
        axes.legend(loc="lower right")
    axes.grid(visible=False, axis="y")
    return figure


def _alarms(wanted: Mapping[str, Any], values: Mapping[str, float]) -> Figure:
    """How often a threshold alarms without drift, by the number of draws."""
    statistic, at, sizes = wanted["statistic"], wanted["at"], wanted["sizes"]
    shares = [mcdiv.alarm_probability([0.1] * 10, n=n, statistic=statistic, at=at) for n in sizes]
    figure, [axes] = panels(1, width=8, height=3.6)
    axes.plot(sizes, shares, "o-", color=COLORS[0])
    axes.set(
        xlabel="draws of a check", ylabel=f"checks without drift with {statistic.upper()} ≥ {at}", ylim=(-0.03, 1.05)
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.axhline(0.05, color=LINE_COLOR, linestyle="--", linewidth=1.2)
    axes.annotate("5 %", (sizes[0], 0.06), color=LINE_COLOR)
    return figure


def _spreads(wanted: Mapping[str, Any], values: Mapping[str, float]) -> Figure:
    """The standard deviation of one draw of k1 and k3, of coins against a reference, by the policy's P(heads)."""
    q = wanted["reference"]
    coins = [i / 200 for i in range(1, 200)]
    figure, [axes] = panels(1, width=8, height=3.6)
    for i, (name, line) in enumerate({"k1": "-", "k3": "--"}.items()):
        axes.plot(coins, [_sd(name, p, q) for p in coins], line, color=COLORS[i], label=name)
    axes.set(xlabel="P(heads) of the policy", ylabel="sd of one draw [nats]", yscale="log", ylim=(1e-4, 30))
    plain_ticks(axes)
    axes.legend(title=f"reference: P(heads) = {q}")
    return figure


def _sd(name: str, p: float, q: float) -> float:
    """Of two outcomes: √(p (1 − p)) times the distance of their values."""

    def value(x: float, y: float) -> float:
        return math.log(x / y) + (y / x - 1 if name == "k3" else 0.0)

    return math.sqrt(p * (1 - p)) * abs(value(p, q) - value(1 - p, 1 - q))
