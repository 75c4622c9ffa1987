"""How all pictures look: style, colours, panels, titles, legends.

Estimators differ by colour, marker and line at once, so that a picture reads in greyscale too.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from mcdiv.core.escapes import one_line
from mcdiv.core.number_format import figure as number
from mcdiv.estimands.contract import symbol_of
from mcdiv.results.plots.wrapping import in_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

#: the styles there are
STYLES = ("paper", "slides", "slides-dark")
#: inches of a slide, 16:9, and the background of a dark one
SLIDE, DARK = (13.333, 7.5), "#1c1c1c"
#: inches of a slide: what a panel takes at the least, its labels included, and what all leave to titles and legends
_LEAST, _AROUND = (4.4, 2.6), 1.7

COLORS: list[Any] = list(sns.color_palette("colorblind", 10))
MARKERS = "osD^vPX<>*"
LINES: list[Any] = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (5, 5)), (0, (8, 2))]
LINE_COLOR = "0.15"
#: powers of ten on a logarithmic axis from which on they are its only ticks
_MIN_POWERS = 2
#: what tells two settings of one study apart
SETTING = ["truth", "model", "model_sample_size"]


def style(kind: str = "paper") -> Any:
    """A context manager under which figures are made; slides are 16:9, with larger letters and thicker lines."""
    room = {"figure.constrained_layout.h_pad": 0.09, "figure.constrained_layout.w_pad": 0.09}
    slide: dict[str, Any] = {} if kind == "paper" else {"figure.figsize": SLIDE, **room}
    if kind == "slides-dark":
        slide["figure.facecolor"] = DARK
    context = sns.plotting_context("notebook", font_scale=1.15) if kind == "paper" else sns.plotting_context("talk")
    settings: Any = {
        **sns.axes_style("whitegrid"),
        **context,
        **slide,
        "font.sans-serif": _fonts(),
        "figure.constrained_layout.use": True,
        "axes.edgecolor": "0.3",
        "grid.color": "0.88",
        "legend.frameon": True,
        "legend.framealpha": 0.9,
        "savefig.facecolor": "white",
        "text.parse_math": False,  # a label with $ in it is a label
    }
    return mpl.rc_context(settings)


@cache
def _fonts() -> list[str]:
    """Those of the style's fonts that are there: matplotlib looks for the others again for every word."""
    there = {font.name for font in fontManager.ttflist}
    return [name for name in sns.axes_style("whitegrid")["font.sans-serif"] if name in there] or ["sans-serif"]


@contextmanager
def defaults() -> Iterator[None]:
    """Under matplotlib's own settings, whatever a file of settings or a program has made of them."""
    with mpl.rc_context():
        mpl.rcdefaults()
        yield


def panels(
    count: int, *, columns: int = 1, width: float = 6.2, height: float = 4.4, least: float = _LEAST[1]
) -> tuple[Figure, list["Axes"]]:
    """A figure with so many panels; on a slide they are lower, down to `least`, so that their letters stay large."""
    rows = -(-count // columns)
    if on_slide():
        width = min(width, max(_LEAST[0], SLIDE[0] / columns))
        height = min(height, max(least, (SLIDE[1] - _AROUND) / rows))
    # A Figure of its own, not pyplot's: nothing global, nothing to close.
    figure = Figure(figsize=(across(width * columns), height * rows + 0.8), dpi=120)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[count:]:
        axes.set_visible(False)
    return figure, list(grid[:count])


def across(inches: float) -> float:
    """How wide a figure is whose panels take so many inches: a slide is wide before anything is set in lines."""
    return max(inches, SLIDE[0] if on_slide() else 7.5)


def on_slide() -> bool:
    """Whether the style that is on is one of slides."""
    return tuple(mpl.rcParams["figure.figsize"]) == SLIDE


def at_most(on_paper: int, on_a_slide: int) -> int:
    """How much is drawn in the style that is on: a slide has a size, and its letters are to be read from afar."""
    return on_a_slide if on_slide() else on_paper


def slide_size(width: float, height: float) -> tuple[float, float]:
    """Inches of the smallest slide that holds so many."""
    wide = SLIDE[0] / SLIDE[1]
    high = max(SLIDE[1], height, width / wide)
    return high * wide, high


def drawable(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose words can be drawn: control characters are written out, and what the font lacks is a box."""
    font = get_font(findfont(FontProperties()))
    charmap = font.get_charmap()

    @cache
    def drawn(word: object) -> object:
        return "".join(c if ord(c) in charmap else "□" for c in one_line(word)) if isinstance(word, str) else word

    texts = [column for _, column in rows.items() if not pd.api.types.is_numeric_dtype(column)]
    return rows.assign(**{str(column.name): column.map(drawn, na_action="ignore") for column in texts})


def measured(rows: pd.DataFrame, estimand: str) -> str:
    """An estimand with the unit that these rows give it in, if it has one: "H(P) [bits]"."""
    unit = rows.loc[rows["estimand"] == estimand, "unit"].iloc[0]
    return symbol_of(estimand) if unit == "1" else f"{symbol_of(estimand)} [{unit}]"


def explain_empty(axes: "Axes", why: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color="0.35")


def series_style(index: int) -> dict[str, Any]:
    """Colour, line and marker of the series with this index."""
    return {
        "color": COLORS[index % len(COLORS)],
        "ls": LINES[index % len(LINES)],
        # Shifted in every round: the eleventh has the first one's colour, but not its marker.
        "marker": MARKERS[(index + index // len(COLORS)) % len(MARKERS)],
        "ms": 7,
        "mec": LINE_COLOR,
        "mew": 0.7,
    }


def series_styles(names: Iterable[object]) -> dict[str, dict[str, Any]]:
    """A style for each name, in the order in which they come."""
    return {str(name): series_style(index) for index, name in enumerate(dict.fromkeys(names))}


def first_setting(rows: pd.DataFrame, by: Sequence[str] = ("truth", "model")) -> pd.DataFrame:
    """The rows of the first setting."""
    return first_settings(rows, 1, by)


def first_settings(rows: pd.DataFrame, most: int, by: Sequence[str] = SETTING) -> pd.DataFrame:
    """The rows of the first few settings."""
    rows = with_m_along_n(rows)
    return rows[rows.groupby(list(by), dropna=False, sort=False).ngroup() < most]


def with_m_along_n(rows: pd.DataFrame) -> pd.DataFrame:
    """M in words where there is one for each N (`zip`): these are the sizes of one setting, not several settings."""
    if "model_sample_size" not in rows.columns or rows["model_sample_size"].nunique() < 2:
        return rows
    together = rows.groupby(["truth", "model"], dropna=False, sort=False)
    words = pd.Series(index=rows.index, dtype=object)
    for _, group in together[["sample_size", "model_sample_size"]]:
        sizes = group["model_sample_size"]
        if sizes.nunique() > 1 and group.drop_duplicates()["sample_size"].is_unique:
            alike = (sizes == group["sample_size"]).all()
            words[group.index] = "N" if alike else f"{sizes.min():,.0f} to {sizes.max():,.0f}"
    return rows.assign(model_sample_size=words.fillna(rows["model_sample_size"]))


def finish(figure: Figure, title: str, rows: pd.DataFrame) -> Figure:
    """Title the figure, with all that is the same for the rows drawn."""
    same = [name for name in (*SETTING, "drawn_from") if name in rows.columns and name not in differing(rows)]
    return titled(figure, f"{title}\n{setting(rows, same)}".rstrip())


def titled(figure: Figure, text: str) -> Figure:
    """Title the figure, in lines that fit its width; the panels' titles and labels in lines that fit these."""
    size = mpl.rcParams["font.size"]
    title = in_lines(text, figure.get_figwidth(), 1.2 * size)
    lines = title.split("\n")
    figure.set_figheight(figure.get_figheight() + 1.5 * size / 72 * max(0, len(lines) - 2))
    figure.suptitle(title, fontsize="large")
    if on_slide():
        _label_once(figure)
    below = sum(1 - -len(each.get_texts()) // getattr(each, "_ncols", 1) for each in figure.legends)
    around = 1.5 * size / 72 * (len(lines) + below + on_slide())  # a slide has room for one more line of the title
    beside = (6 if on_slide() else 4) * size / 72  # inches that the label and the numbers of an axis take
    across, down = slide_size(*figure.get_size_inches()) if on_slide() else figure.get_size_inches()
    for axes in figure.axes:
        spec = axes.get_subplotspec()
        rows, columns = (1, 1) if spec is None else spec.get_gridspec().get_geometry()
        width = across / columns - beside
        axes.title.set_text(in_lines(axes.get_title(), width, float(axes.title.get_fontsize())))
        axes.set_xlabel(in_lines(axes.get_xlabel(), width, size))
        height = (down - around) / rows - (4.5 + axes.get_title().count("\n")) * size / 72
        axes.set_ylabel(in_lines(axes.get_ylabel(), height, size))
    if on_slide():
        figure.set_figheight(figure.get_figheight() + 1.5 * size / 72 * _further_lines(figure))
    return figure


def _further_lines(figure: Figure) -> int:
    """How many lines the titles and labels of panels take beyond one each, from top to bottom."""
    lines: dict[int, int] = {}
    for axes in figure.axes:
        if (spec := axes.get_subplotspec()) is not None:
            label = axes.get_xlabel() if axes.xaxis.label.get_visible() else ""
            here = axes.get_title().count("\n") + label.count("\n")
            lines[spec.rowspan.start] = max(here, lines.get(spec.rowspan.start, 0))
    return sum(lines.values())


def _label_once(figure: Figure) -> None:
    """Nothing is said below a panel that the one below it says, and nothing beside it that its left neighbour says."""
    there = {}
    for axes in (axes for axes in figure.axes if axes.get_visible() and axes.get_subplotspec() is not None):
        spec: Any = axes.get_subplotspec()
        there[spec.rowspan.start, spec.colspan.start] = axes
    for (row, column), axes in there.items():
        below, left = there.get((row + 1, column)), there.get((row, column - 1))
        axes.xaxis.label.set_visible(below is None or below.get_xlabel() != axes.get_xlabel())
        axes.yaxis.label.set_visible(left is None or left.get_ylabel() != axes.get_ylabel())


def source_label(*, simulated: bool, has_exact: "pd.Series[bool]") -> str:
    """What points and lines are, in words for a title; `has_exact`: which rows have an exact value."""
    if not simulated:
        return "exact"
    if not has_exact.any():
        return "simulated ± 2 MCSE"
    return "points simulated ± 2 MCSE, lines exact" + ("" if has_exact.all() else " where that is known")


def differing(rows: pd.DataFrame) -> list[str]:
    """What tells the settings of these rows apart."""
    return [name for name in SETTING if name in rows.columns and rows[name].nunique(dropna=False) > 1]


def setting(rows: pd.DataFrame, names: Sequence[str]) -> str:
    """P, Q, M and O of the first row, as far as they are asked for and there."""
    first = rows.iloc[0]
    symbols = {"truth": "P", "model": "Q", "model_sample_size": "M", "drawn_from": "drawn from O"}
    return ", ".join(f"{symbols[name]} = {first[name]}" for name in names if not pd.isna(first[name]))


def plain_ticks(axes: "Axes", sizes: Iterable[float] = ()) -> None:
    """Numbers of draws as words say them, no powers of ten, no offsets; of `sizes`, one alone has a tick of its own."""
    if axes.get_xscale() == "log":
        log_ticks(axes.xaxis, count)
        if len(only := set(sizes)) == 1:
            (size,) = only
            axes.set_xscale("linear")  # one size has no scale
            axes.set_xlim(size / 2, 3 * size / 2)
            axes.set_xticks([size], [count(size)])
    if axes.get_yscale() == "log":
        low, high = axes.get_ylim()
        if high < 1.01 * low:  # one value but for roundings
            axes.set_ylim(low / 2, 2 * high)
        log_ticks(axes.yaxis, lambda value: f"{value:.6g}")
    else:
        axes.ticklabel_format(axis="y", useOffset=False)


def plain_numbers(axis: "Axis") -> None:
    """Numbers as they are, no power of ten at the end of the axis."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def color_bar(axes: "Axes", beside: "Axes | Sequence[Axes]", label: str, ends: tuple[float, float]) -> "Axes":
    """The colours of the map in these axes as a scale beside some axes, from the least to the largest value there."""
    bar = axes.figure.colorbar(axes.collections[0], ax=beside, label=label)
    bar.ax.set_ylim(*ends)
    bar.ax.set_label("<colorbar>")
    plain_ticks(bar.ax)
    return bar.ax


def log_ticks(axis: "Axis", words: Callable[[float], str]) -> None:
    """Numbers of a logarithmic axis in these words: powers of ten, or 1, 2 and 5 times these where they are few."""
    low, high = axis.get_view_interval()
    powers = math.floor(math.log10(high) + 1e-9) - math.ceil(math.log10(max(low, 1e-300)) - 1e-9) + 1
    few = powers < _MIN_POWERS or high < 60 * max(low, 1e-300)
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axis.set_minor_locator(NullLocator())


def count(value: float) -> str:
    """A number of draws, short: 5, 1,000, 20k, 1M; nothing for less than one draw."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{value / (1000 if letter == 'k' else size):g}{letter}"
    return f"{value:,.0f}" if value >= 1 else ""
