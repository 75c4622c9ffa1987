"""What is done to a finished figure, whoever drew it: a line below its title, the shape of a slide, dark, one panel."""

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from mcdiv.results.plots.figure_style import DARK, SLIDE, color_bar, on_slide, slide_size
from mcdiv.results.plots.legends import legend_below
from mcdiv.results.plots.wrapping import in_lines

#: inches of a figure of one panel, but for a slide
_ALONE = (7.5, 5.6)
#: pixels of a slide from left to right
_PIXELS = 1920
_PROPERTIES: tuple[tuple[type[Artist], tuple[str, ...]], ...] = (
    (Line2D, ("color", "markerfacecolor", "markeredgecolor")),
    (Text, ("color",)),
    (Patch, ("facecolor", "edgecolor")),
    (Collection, ("facecolor", "edgecolor")),
)


def noted(figure: Figure, note: str) -> None:
    """Say this in a line below the title."""
    size = 1.2 * mpl.rcParams["font.size"]
    said = in_lines(note, figure.get_figwidth(), size)
    figure.suptitle("\n".join(filter(None, [figure.get_suptitle(), said])), fontsize="large")
    figure.set_figheight(figure.get_figheight() + 1.25 * size / 72 * len(said.split("\n")))


def in_style(figure: Figure) -> Figure:
    """With the shape and the colours of the style that is on."""
    if on_slide():
        _as_slide(figure, *figure.get_size_inches())
    if mpl.rcParams["figure.facecolor"] == DARK:
        _darken(figure, figure.axes)
    return figure


def _as_slide(figure: Figure, width: float, height: float) -> None:
    """A slide that holds so many inches, in as many pixels as a screen has."""
    figure.set_size_inches(*slide_size(width, height))
    figure.set_dpi(_PIXELS / figure.get_figwidth())


def one_panel_each(draw: Callable[[], Figure]) -> list[Figure]:
    """A figure for each panel of the one that is drawn; a panel has the colours that it has among the others."""
    first = draw()
    return [_alone(draw() if index else first, index) for index in range(len(_panels(first)))]


def _panels(figure: Figure) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]


def _alone(figure: Figure, index: int) -> Figure:
    """The figure with one of its panels, and a legend of what is in this one."""
    kept = _panels(figure)[index]
    scale = _scale(figure, kept)
    for axes in figure.axes:
        if axes is not kept:
            axes.remove()
    spec, wide = kept.get_subplotspec(), _ALONE[0]
    if kept.get_legend() is not None and spec is not None:  # which may be beside it
        wide = max(wide, figure.get_figwidth() / spec.get_gridspec().ncols)
    kept.set_subplotspec(GridSpec(1, 1, figure=figure)[0, 0])
    kept.tick_params(labelleft=True)
    kept.xaxis.label.set_visible(True)
    kept.yaxis.label.set_visible(True)
    if scale is not None:
        bar = color_bar(kept, kept, scale.get_ylabel(), scale.get_ylim())
        if mpl.rcParams["figure.facecolor"] == DARK:
            _darken(bar, [bar])
    slide = on_slide()
    figure.set_size_inches(*(SLIDE if slide else (wide, _ALONE[1])))
    figure.set_dpi(_PIXELS / SLIDE[0] if slide else figure.dpi)
    size = 1.2 * mpl.rcParams["font.size"]
    figure.suptitle(in_lines(figure.get_suptitle(), figure.get_figwidth(), size), fontsize="large")
    handles, labels = kept.get_legend_handles_labels()
    if figure.legends and labels:
        for legend in tuple(figure.legends):
            legend.remove()
        legend_below(figure, dict(zip(labels, handles, strict=True)))
        if slide:
            figure.set_size_inches(*SLIDE)
    return figure


def _scale(figure: Figure, kept: Axes) -> Axes | None:
    """The scale of the colours of a panel, which several may share; None where it has none."""
    norms = [mesh.norm for mesh in kept.collections if isinstance(mesh, QuadMesh)]
    bars = [mesh.colorbar for axes in _panels(figure) for mesh in axes.collections if mesh.colorbar is not None]
    return next((bar.ax for bar in bars if any(bar.norm is norm for norm in norms)), None)


def _darken(part: Figure | Axes, panels: Sequence[Axes]) -> None:
    """Every grey becomes its opposite, from black on white to white on nearly black; colours stay."""
    for axes in panels:
        for axis in (axes.xaxis, axes.yaxis):
            _darken_axis(axis)
    ticks = set(part.findobj(lambda artist: isinstance(artist, Tick)))
    within_ticks = {part for tick in ticks for part in tick.get_children()}
    for kind, names in _PROPERTIES:
        for artist in part.findobj(kind):
            if artist not in within_ticks and not (isinstance(part, Figure) and artist is part.patch):
                _opposite(artist, names)
    for text in part.findobj(Text):
        if isinstance(text, Text) and (box := text.get_bbox_patch()) is not None:
            _opposite(box, ("facecolor", "edgecolor"))


def _darken_axis(axis: Axis) -> None:
    """Ticks are made when they are drawn: what they will look like is said beforehand."""
    rc = mpl.rcParams
    colors: dict[str, Any] = {
        "color": rc["xtick.color"],
        "grid_color": rc["grid.color"],
        "labelcolor": rc["text.color"],
    }
    axis.set_tick_params(which="both", **{name: _of_grey(color) for name, color in colors.items()})


def _opposite(artist: Artist, names: tuple[str, ...]) -> None:
    values = {name: getattr(artist, f"get_{name}")() for name in names}
    for name, value in values.items():
        if isinstance(artist, Collection):
            getattr(artist, f"set_{name}")([_of_grey(color) for color in value])
        elif not (isinstance(value, str) and value in ("none", "auto")):
            getattr(artist, f"set_{name}")(_of_grey(value))


def _of_grey(color: Any) -> Any:
    """Its opposite, as bright as the background is where it was white; a colour that is no grey as it is."""
    red, green, blue, alpha = to_rgba(color)
    if max(red, green, blue) - min(red, green, blue) > 0.02:
        return color
    background = to_rgba(DARK)[0]
    light = background + (1 - background) * (1 - green)
    return light, light, light, alpha
