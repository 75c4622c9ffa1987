"""A figure as files. SVG and PNG come from one drawing: to walk through a figure takes longer than to paint it."""

import math
from codecs import getwriter
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox, TransformedPath
from PIL import Image

from mcdiv.results.plots.layout import lay_out, remembered

#: the file formats there are
FORMATS = ("svg", "png", "pdf")
#: letters above which the width of a line in pixels and in points differ to the eye
_LONG = 12
# matplotlib has no types for its canvases and renderers.
_AGG: Any = FigureCanvasAgg
_AGG_RENDERER: Any = RendererAgg
_SVG: Any = RendererSVG


def render(figure: Figure, kind: str) -> bytes:
    """A figure as a file, the same bytes for the same figure."""
    return render_all(figure, [kind])[kind]


def render_all(figure: Figure, kinds: Iterable[str]) -> dict[str, bytes]:
    """A figure as files of several kinds, each as it is alone."""
    kinds, canvas = list(kinds), _AGG(figure)
    files: dict[str, bytes] = {}
    # Not savefig, which draws everything twice.
    with mpl.rc_context({"svg.hashsalt": "mcdiv", "svg.fonttype": "path"}):
        pixels = canvas.get_renderer()
        with remembered(figure, pixels):
            lay_out(figure)
            if {"svg", "png"} & set(kinds):
                files = _drawn(figure, pixels, kinds)
        if "pdf" in kinds:
            files["pdf"] = _pdf(figure)
    return {kind: files[kind] for kind in kinds}


def _drawn(figure: Figure, pixels: Any, kinds: Iterable[str]) -> dict[str, bytes]:
    """SVG, PNG or both."""
    svg = BytesIO()
    width, height = figure.get_size_inches() * 72
    nothing = dict.fromkeys(["Date", "Creator"])
    vectors = _SVG(width, height, getwriter("utf-8")(svg), image_dpi=figure.dpi, metadata=nothing)
    pixels.clear()
    painted = "png" in kinds
    figure.draw(_Both(figure, pixels, vectors, painted=painted) if "svg" in kinds else pixels)
    if "svg" in kinds:
        vectors.finalize()
    return {"svg": svg.getvalue(), "png": _png(np.asarray(pixels.buffer_rgba()), figure.dpi) if painted else b""}


def _png(pixels: Any, dots: float) -> bytes:
    """Pixels of shape (height, width, 4), so many to the inch; one that hides all below it needs no fourth value."""
    file = BytesIO()
    opaque = pixels[..., 3].min() == 255
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]) if opaque else pixels)
    image.save(file, format="png", dpi=(dots, dots), compress_level=1)
    return file.getvalue()


def _pdf(figure: Figure) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    file, dots = BytesIO(), figure.dpi
    pdf: Any = FigureCanvasPdf
    pdf(figure).print_pdf(file, metadata=dict.fromkeys(["CreationDate", "Creator", "Producer"]))
    figure.dpi = dots  # PDF sets 72, with which a PNG of the same figure would be small, and its labels cut
    return file.getvalue()


class _InPoints:
    """Paints in points, 72 to the inch, what was measured in pixels."""

    def __init__(self, figure: Figure, vectors: Any, pixels: Any) -> None:
        self.vectors, self._pixels = vectors, pixels
        labels = [part for axes in figure.axes for part in (axes.title, axes.xaxis.label, axes.yaxis.label)]
        self._texts = {line: text for text in (*labels, *figure.texts) for line in text.get_text().split("\n")}
        self._factor = 72 / pixels.dpi
        self._scale = Affine2D().scale(self._factor)

    def _scaled(self, gc: Any) -> Any:
        """The graphics context, with what it cuts off."""
        found = self.vectors.new_gc()
        found.copy_properties(gc)
        rectangle, (path, transform) = gc.get_clip_rectangle(), gc.get_clip_path()
        if rectangle is not None:
            found.set_clip_rectangle(Bbox(rectangle.get_points() * self._factor))
        if path is not None:
            found.set_clip_path(TransformedPath(path, transform + self._scale))
        return found

    def draw_path(self, gc: Any, path: Any, transform: Any, *color: Any) -> None:
        self.vectors.draw_path(self._scaled(gc), path, transform + self._scale, *color)

    def draw_markers(self, gc: Any, marker: Any, marker_transform: Any, path: Any, transform: Any, *color: Any) -> None:
        scale = self._scale
        self.vectors.draw_markers(self._scaled(gc), marker, marker_transform + scale, path, transform + scale, *color)

    def draw_path_collection(self, gc: Any, master: Any, *shapes: Any, **named: Any) -> None:
        paths, transforms, offsets, offset, *how = shapes
        places = master + self._scale, paths, transforms, offsets, offset + self._scale
        self.vectors.draw_path_collection(self._scaled(gc), *places, *how, **named)

    def draw_quad_mesh(self, gc: Any, master: Any, *mesh: Any) -> None:
        width, height, corners, offsets, offset, *how = mesh
        places = master + self._scale, width, height, corners, offsets, offset + self._scale
        self.vectors.draw_quad_mesh(self._scaled(gc), *places, *how)

    def draw_gouraud_triangles(self, gc: Any, corners: Any, colors: Any, transform: Any) -> None:
        self.vectors.draw_gouraud_triangles(self._scaled(gc), corners, colors, transform + self._scale)

    def draw_image(self, gc: Any, x: float, y: float, image: Any, *_: Any) -> None:
        self.vectors.draw_image(self._scaled(gc), x * self._factor, y * self._factor, image)

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = None, mtext: Any = None
    ) -> None:
        # y is from the top, and the top of the pixels is a whole one.
        _, height = self._pixels.get_canvas_width_height()
        x, y = x * self._factor, self.vectors.height - (height - y) * self._factor
        if (before := _share_before(mtext or self._texts.get(s), angle)) and len(s) > _LONG:
            wide, _, _ = self._pixels.get_text_width_height_descent(s, prop, ismath)
            narrow, _, _ = self.vectors.get_text_width_height_descent(s, prop, ismath)
            shift, turned = before * (wide * self._factor - narrow), math.radians(angle)
            x, y = x + shift * math.cos(turned), y - shift * math.sin(turned)
        self.vectors.draw_text(self._scaled(gc), x, y, s, prop, angle, ismath, mtext)


def _share_before(text: Any, angle: float) -> float:
    """How much of a line is before the point it is put at, along the line.

    A long line is a little wider in pixels than in points; that point is to stay.
    """
    if text is None:
        return 0.0
    upright = angle == 90 and text.get_rotation_mode() != "anchor"
    place = text.get_verticalalignment() if upright else text.get_horizontalalignment()
    return {"center": 0.5, "right": 1.0, "top": 1.0}.get(place, 0.0)


def _stroke(name: str) -> Any:
    def draw(self: "_Both", *args: Any, **named: Any) -> None:
        for renderer in self.renderers:
            getattr(renderer, name)(*args, **named)

    return draw


class _Both(RendererBase):
    """Measures in pixels, and paints in SVG, and in pixels too where these are wanted."""

    def __init__(self, figure: Figure, pixels: Any, vectors: Any, *, painted: bool) -> None:
        super().__init__()
        self._pixels, self._points = pixels, _InPoints(figure, vectors, pixels)
        self._painted = [pixels] if painted else []
        self.renderers: list[Any] = [*self._painted, self._points]
        self.dpi = pixels.dpi
        for name in ("get_text_width_height_descent", "points_to_pixels", "get_canvas_width_height"):
            setattr(self, name, getattr(pixels, name))
        for name in ("open_group", "close_group"):
            setattr(self, name, getattr(vectors, name))

    draw_path = _stroke("draw_path")
    draw_markers = _stroke("draw_markers")
    draw_path_collection = _stroke("draw_path_collection")
    draw_quad_mesh = _stroke("draw_quad_mesh")
    draw_gouraud_triangles = _stroke("draw_gouraud_triangles")
    draw_image = _stroke("draw_image")
    draw_text = _stroke("draw_text")

    def start_rasterizing(self) -> None:
        """What comes now, such as the scale of a colour map, is an image in SVG too."""
        self.renderers = [*self._painted, _AGG_RENDERER(self._pixels.width, self._pixels.height, self.dpi)]

    def stop_rasterizing(self) -> None:
        """Put the image into the SVG."""
        image = np.asarray(self.renderers[-1].buffer_rgba())
        self.renderers = [*self._painted, self._points]
        down, across = (np.flatnonzero(image[..., 3].any(axis=axis)) for axis in (1, 0))
        if down.size:
            part = image[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
            bottom = self._points.vectors.height * self.dpi / 72 - down[-1] - 1
            self._points.draw_image(self.new_gc(), float(across[0]), float(bottom), part[::-1])
