"""What cannot be read in a picture: texts cut, on each other or in a panel without room, and axes without a scale.

And legends that leave the panels too little of the canvas.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from measuring import unmeasured

from mcdiv.results.plots.layout import lay_out, remembered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: inches that a panel must have at the least, and dots by which the boxes of two texts may touch
_ROOM, _TOUCH = 1.2, 1.5
#: what legends may take: of the canvas, or, where they are above or below all panels, of its height
_OF_LEGENDS = 1 / 3


def faults(figure: Figure) -> list[str]:
    """A line for each fault of a figure, which is laid out and walked through as for a file; painting takes as long."""
    with unmeasured(), remembered(figure, _renderer(figure)):  # from here on it is matplotlib
        lay_out(figure)
        figure.draw_without_rendering()
        return illegible(figure)


def _renderer(figure: Figure) -> Any:
    return FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]


def illegible(figure: Figure) -> list[str]:
    """A line for each fault of a figure in which all has its place."""
    renderer = _renderer(figure)
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in _texts(figure)]
    lines = [f"cut: {words!r}" for words, box in boxes if not _holds(figure.bbox, box)]
    lines += [f"overprinted: {a!r} and {b!r}" for (a, one), (b, two) in combinations(boxes, 2) if _overlap(one, two)]
    for axes in _visible(figure):
        size = axes.get_window_extent(renderer)
        if min(size.width, size.height) < _ROOM * figure.dpi:
            lines.append(f"no room: a panel of {size.width / figure.dpi:.1f} × {size.height / figure.dpi:.1f} inches")
        logarithmic = [axis for axis in (axes.xaxis, axes.yaxis) if axis.get_scale() == "log"]
        lines += [f"no scale: {axis.label.get_text()!r}" for axis in logarithmic if len(_numbers(axis)) < 2]
    if (share := _share_of_legends(figure, renderer)) > _OF_LEGENDS:
        lines.append(f"half legend: {share:.2f} of the canvas")
    return lines


def _share_of_legends(figure: Figure, renderer: Any) -> float:
    """How much of the canvas legends take, or of its height those that have no panel beside them."""
    panels = [axes.get_window_extent(renderer) for axes in _visible(figure)]
    found: list[Any] = [*figure.legends, *(axes.get_legend() for axes in _visible(figure))]
    boxes = [legend.get_window_extent(renderer) for legend in found if legend is not None]
    area = sum(box.width * box.height for box in boxes) / (figure.bbox.width * figure.bbox.height)
    apart = [box for box in boxes if not any(box.y0 < panel.y1 and panel.y0 < box.y1 for panel in panels)]
    return max([area, *(box.height / figure.bbox.height for box in apart)])


def _visible(figure: Figure) -> list["Axes"]:
    return [axes for axes in figure.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]


def _texts(figure: Figure) -> Iterator[Text]:
    """All that is written and seen."""
    found: list[Any] = [*figure.texts]
    for legend in figure.legends:
        found += [*legend.get_texts(), legend.get_title()]
    for axes in (axes for axes in figure.axes if axes.get_visible()):
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        found += [axes.xaxis.get_offset_text(), axes.yaxis.get_offset_text()]
        if (legend := axes.get_legend()) is not None:
            found += [*legend.get_texts(), legend.get_title()]
        for axis in (axes.xaxis, axes.yaxis):
            found += [number for number in _numbers(axis) if number.get_visible()]
    return (text for text in found if text.get_visible() and text.get_text().strip())


def _numbers(axis: Any) -> list[Text]:
    """What stands at the ticks between the ends of an axis, the others not being drawn."""
    scaled = axis.get_transform().transform
    low, high = sorted(scaled(axis.get_view_interval()))
    slack = 1e-9 * (high - low)
    ticks = axis.get_major_ticks(len(axis.get_majorticklocs()))
    within = [tick.label1 for tick in ticks if low - slack <= scaled(tick.get_loc()) <= high + slack]
    return [label for label in within if label.get_text().strip()]


def _holds(outer: Bbox, inner: Bbox) -> bool:
    low = inner.x0 >= outer.x0 - 1 and inner.y0 >= outer.y0 - 1
    return low and inner.x1 <= outer.x1 + 1 and inner.y1 <= outer.y1 + 1


def _overlap(one: Bbox, two: Bbox) -> bool:
    wide, high = min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)
    return min(wide, high) > _TOUCH
