"""What our pictures take from seaborn: the style "whitegrid", its contexts, and its palette for colour-blind readers.

Written out, since to import seaborn is to import scipy.stats, which takes as long as to draw all pictures of a study.
A test holds them equal to seaborn's own.
"""

from typing import Any

#: `color_palette("colorblind")`
COLORS: list[Any] = [
    "#0173b2",
    "#de8f05",
    "#029e73",
    "#d55e00",
    "#cc78bc",
    "#ca9161",
    "#fbafe4",
    "#949494",
    "#ece133",
    "#56b4e9",
]

#: `axes_style("whitegrid")`, but for the colour map of images, which no picture leaves open
WHITEGRID: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": ".8",
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.labelcolor": ".15",
    "axes.spines.bottom": True,
    "axes.spines.left": True,
    "axes.spines.right": True,
    "axes.spines.top": True,
    "figure.facecolor": "white",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "Bitstream Vera Sans", "sans-serif"],
    "grid.color": ".8",
    "grid.linestyle": "-",
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": ".15",
    "xtick.bottom": False,
    "xtick.color": ".15",
    "xtick.direction": "out",
    "xtick.top": False,
    "ytick.color": ".15",
    "ytick.direction": "out",
    "ytick.left": False,
    "ytick.right": False,
}
_LETTERS = {
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "font.size": 12,
    "legend.fontsize": 11,
    "legend.title_fontsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
}
_LINES = {
    "axes.linewidth": 1.25,
    "grid.linewidth": 1,
    "lines.linewidth": 1.5,
    "lines.markersize": 6,
    "patch.linewidth": 1,
    "xtick.major.size": 6,
    "xtick.major.width": 1.25,
    "xtick.minor.size": 4,
    "xtick.minor.width": 1,
    "ytick.major.size": 6,
    "ytick.major.width": 1.25,
    "ytick.minor.size": 4,
    "ytick.minor.width": 1,
}


def context(scale: float, letters: float = 1) -> dict[str, float]:
    """Sizes of letters and lines: `plotting_context("notebook", letters)` at scale 1, "talk" at 1.5."""
    sizes = {name: size * scale * letters for name, size in _LETTERS.items()}
    return sizes | {name: size * scale for name, size in _LINES.items()}
