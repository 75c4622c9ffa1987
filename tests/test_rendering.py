"""Figures as files: what is found once and kept while a figure is drawn changes none of its bytes."""

from contextlib import nullcontext
from io import BytesIO
from typing import Any

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from mcdiv.results.plots import render_all, rendering, style
from mcdiv.results.plots.figure_style import log_ticks


def _figure() -> Figure:
    """Ticks of several kinds, a label beside them, a legend, and titles in two lines."""
    figure = Figure(figsize=(7, 3), dpi=120)
    linear, logarithmic = figure.subplots(1, 2)
    linear.plot([1, 2, 30000], [1e-7, 3e-7, -2e-7], label="a line with a long name")
    linear.set(title="two\nlines", xlabel="N", ylabel="bias [bits]")
    logarithmic.loglog([1, 10, 5000], [3, 2, 1], "o-", label="points")
    log_ticks(logarithmic.xaxis, str)
    logarithmic.set_xlabel("sample size N")
    figure.legend(loc="outside lower center")
    return figure


def test_what_is_remembered_while_a_figure_is_drawn_changes_no_byte_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with style():
        files = render_all(_figure(), ["svg", "png"])
        monkeypatch.setattr(rendering, "remembered", lambda *_: nullcontext())
        assert render_all(_figure(), ["svg", "png"]) == files


def test_nothing_is_remembered_of_a_figure_once_it_is_drawn() -> None:
    with style():
        figure = _figure()
        render_all(figure, ["svg"])
    held: list[Any] = [*figure.findobj(Text), *(axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis))]
    assert not {"_get_layout", "_update_ticks", "_get_ticklabel_bboxes"} & {name for one in held for name in vars(one)}


@pytest.mark.parametrize(("background", "alpha"), [("white", None), ("none", 0), ((1, 1, 1, 0.5), 128)])
def test_only_a_picture_that_is_opaque_has_no_transparency(background: Any, alpha: int | None) -> None:
    figure = Figure(figsize=(1, 1), dpi=50, facecolor=background)
    pixels = imread(BytesIO(render_all(figure, ["png"])["png"]))
    assert pixels.shape == (50, 50, 3 if alpha is None else 4)
    # The renderer keeps values to a 255th.
    assert alpha is None or abs(pixels[..., 3] - alpha / 255).max() <= 1.01 / 255
