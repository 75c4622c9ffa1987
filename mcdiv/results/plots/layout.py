"""Where everything in a figure goes, found once for all kinds of file.

matplotlib finds the ticks of an axis up to eleven times for one picture, and lays out a label whenever it is measured
or drawn. Here that is done again only where the axis has moved or has another range, or the label another text.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text


def lay_out(figure: Figure) -> None:
    """Find the places of everything, and leave them so."""
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        for axes in figure.axes:
            for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts, *axes.spines.values()):
                artist.set_in_layout(in_layout=False)  # within its panel, which is measured anyway
        engine.execute(figure)
        figure.set_layout_engine("none")


@contextmanager
def remembered(figure: Figure, renderer: Any) -> Iterator[None]:
    """A context in which ticks and labels are found once for each place of an axis, and a text is measured once.

    Nothing but layout may change the figure meanwhile, and whatever else it is drawn with must measure as `renderer`.
    """
    memory = _Memory()
    memory.of_renderer(renderer)
    legends = [*figure.legends, *filter(None, (axes.get_legend() for axes in figure.axes))]
    for text in [*figure.texts, *(text for legend in legends for text in legend.get_texts())]:
        memory.of_text(text)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            memory.of_axis(axis)
            memory.of_text(axis.label)
    try:
        yield
    finally:
        memory.forget()


class _Memory:
    """Methods of artists that keep their last answer; what this matplotlib does not have is left alone."""

    def __init__(self) -> None:
        self._held: list[tuple[Any, str]] = []

    def of_renderer(self, renderer: Any) -> None:
        self._set(renderer, "get_text_width_height_descent", cache(renderer.get_text_width_height_descent))

    def of_axis(self, axis: Axis) -> None:
        def place() -> Any:
            return axis.axes.bbox.bounds, tuple(axis.get_view_interval())

        def with_labels(ticks: Any) -> Any:
            for tick in ticks:
                self.of_text(tick.label1)
            return ticks

        self._keep(axis, "_update_ticks", place, with_labels)
        self._keep(axis, "_get_ticklabel_bboxes", place)

    def of_text(self, text: Text) -> None:
        self._keep(text, "_get_layout", text.get_text)

    def forget(self) -> None:
        for owner, name in self._held:
            del vars(owner)[name]

    def _keep(self, owner: Any, name: str, state: Callable[[], Any], then: Callable[[Any], Any] | None = None) -> None:
        """Call a method again only where the state has changed."""
        if name in vars(owner) or not hasattr(owner, name):
            return
        method, last = getattr(owner, name), [None, None]

        def answer(*args: Any) -> Any:
            now = state()
            if last[0] != now:
                found = method(*args)
                last[:] = now, then(found) if then else found
            return last[1]

        self._set(owner, name, answer)

    def _set(self, owner: Any, name: str, answer: Callable[..., Any]) -> None:
        setattr(owner, name, answer)
        self._held.append((owner, name))
