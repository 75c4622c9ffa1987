"""What a picture is: its rows, and how they are drawn. The rows are all there is to see, and can be had as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import pandas as pd
from matplotlib.figure import Figure

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


PLOTS: Catalogue[Picture] = Catalogue("plot")


def register(picture: Picture) -> None:
    """Put a picture into the catalogue; characters that the font lacks are drawn as boxes."""
    PLOTS.add(picture.name, replace(picture, draw=lambda rows: picture.draw(drawable(rows))))


#: an earlier name of `register`, for plug-ins
enter = register
