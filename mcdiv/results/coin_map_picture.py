"""The picture of `mcdiv policy --plot`: for coins, which gradient of the KL term points where, and how k3 spreads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mcdiv.core.arrays import Array, Pmf
from mcdiv.policies.coin_map import CoinMap, coin_map
from mcdiv.policies.rows import GradientRow
from mcdiv.policies.words import short
from mcdiv.results.plots.figure_style import LINE_COLOR, panels, style, titled
from mcdiv.results.plots.legends import legend_below

#: between levels of a multiple of ∇KL, or of the sd of k1
_BETWEEN = (0.0, 0.5, 0.9, 1.1, 2.0)
_LEVELS = {
    "below 0: the wrong way": "#7f2704",
    "0 to 0.5": "#f79a4f",
    "0.5 to 0.9": "#fdd9b5",
    "0.9 to 1.1": "#ffffff",
    "1.1 to 2": "#bcd7eb",
    "above 2": "#4a94c6",
}
#: above 1 there are dots, as greys are alike on both sides of 1
_HATCHES = [None, None, None, None, "..", ".."]
_COLUMNS = 3


def draw(rows: Sequence[GradientRow], policy: Pmf, reference: Pmf, o: Pmf | None, clip: float | None) -> Figure:
    """A panel for each expected gradient that is not the same multiple of ∇KL everywhere, and one of sds."""
    found = coin_map(rows, o)
    shown = [each for each in found.gradients if each.constant is None]
    with style():
        figure, axes = panels(len(shown) + 1, columns=_COLUMNS, width=4.0, height=4.5)
        for panel, each in zip(axes, shown, strict=False):
            _draw_map(panel, found, each.multiple, "; ".join(each.names))
        weighted = "" if o is None else ", both weighted"
        _draw_map(axes[-1], found, found.sd_ratio, f"sd of k3 as a value, over that of k1{weighted}")
        for panel in axes:
            panel.plot(
                policy[0], reference[0], ls="none", marker="o", ms=9, mfc="white", mec=LINE_COLOR, mew=2, clip_on=False
            )
        patches = [
            Patch(fc=color, ec=LINE_COLOR, hatch=hatch) for color, hatch in zip(_LEVELS.values(), _HATCHES, strict=True)
        ]
        legend_below(figure, dict(zip(_LEVELS, patches, strict=True)))
        return titled(figure, _title(found, o, clip))


def _draw_map(axes: Axes, found: CoinMap, values: Array, title: str) -> None:
    bounded = np.clip(values, -1.0, 9.0).T
    ends, colors = [-2.0, *_BETWEEN, 10.0], list(_LEVELS.values())
    axes.contourf(found.policies, found.references, bounded, ends, colors=colors, hatches=_HATCHES)
    axes.contour(found.policies, found.references, bounded, _BETWEEN, colors=LINE_COLOR, linewidths=0.8)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=title)
    axes.set(xlabel="policy P(heads)", ylabel="reference Q(heads)")
    axes.title.set_fontsize("small")
    axes.grid(visible=False)


def _title(found: CoinMap, o: Pmf | None, clip: float | None) -> str:
    drawn = "the policy" if o is None else f"a coin with P(heads) = {short(float(o[0]))}"
    clipped = "" if clip is None or o is None else f", weights clipped to 1 ± {short(clip)}"
    said = [f"Expected gradient of a coin as a multiple of ∇KL(P‖Q), drawn from {drawn}{clipped}"]
    for value, word in ((1.0, "1 everywhere"), (0.0, "0 everywhere")):
        names = [name for each in found.gradients if each.constant == value for name in each.names]
        if names:
            said.append(f"{word}: {'; '.join(names)}")
    return "\n".join(said)
