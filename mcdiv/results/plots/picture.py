"""What a picture is: its rows, and how they are drawn. The rows are all there is to see, and can be had as a table."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core import pictures
from mcdiv.core.catalogue import Catalogue
from mcdiv.results.plots.figure_style import drawable

#: table name → table
Tables: TypeAlias = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture."""

    name: str
    #: what one sees and how to read it, in one or two sentences
    caption: str
    #: exactly what is drawn, tidy; empty where there is nothing to draw
    data: Callable[[Tables], pd.DataFrame]
    #: pure, and recomputes no estimate
    draw: Callable[[pd.DataFrame], Figure]
    #: the file that holds it; `register` fills it in
    module: str = ""


PLOTS: Catalogue[Picture] = pictures.PLOTS


def register(picture: Picture) -> None:
    """Put a picture into the catalogue; characters that the font lacks are drawn as boxes."""
    rule: Any = picture.draw
    while isinstance(rule, partial):
        rule = rule.func
    if not (picture.name.isidentifier() and picture.caption.strip()):
        place = f"{getattr(sys.modules.get(rule.__module__), '__file__', rule.__module__)}: picture '{picture.name}'"
        raise ValueError(f"{place}: expected a name of letters, digits and '_', and a caption")
    drawn = replace(picture, draw=lambda rows: picture.draw(drawable(rows)), module=rule.__module__)
    PLOTS.add(picture.name, drawn)


#: an earlier name of `register`, for plug-ins
enter = register
