"""The picture of --plot: its name checked before anything is computed, and written as a new file."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FORMATS = (".svg", ".png", ".pdf")


def check_picture(path: Path) -> None:
    """A ScenarioError where the name says no format, or the file exists."""
    from mcdiv.errors import ScenarioError
    from mcdiv.files.disk import raise_if_exists

    if path.suffix not in _FORMATS:
        raise ScenarioError([f"--plot {path}: expected a name that ends in .svg, .png or .pdf"])
    raise_if_exists(path)


def write_picture(path: Path, figure: "Figure") -> None:
    """The figure in the format that the name says."""
    from mcdiv.files.disk import replace_file
    from mcdiv.results.plots.rendering import render

    replace_file(path.parent, path.name, render(figure, path.suffix.removeprefix(".")), new=True)
