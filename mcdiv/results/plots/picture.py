"""What a picture is: its rows, and how they are drawn. The rows are all there is to see, and can be had as a table.

Here every one is told to say what it leaves out of its study, and gets the shape and the colours of the style.
"""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import pandas as pd
from matplotlib.figure import Figure

from mcdiv.core import pictures
from mcdiv.core.catalogue import Catalogue
from mcdiv.results.plots.figure_style import drawable
from mcdiv.results.plots.shown import shown
from mcdiv.results.plots.slides import in_style, noted

#: table name → table
Tables: TypeAlias = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture."""

    name: str
    #: what one sees and how to read it, in one or two sentences
    caption: str
    #: exactly what is drawn, tidy; empty where there is nothing to draw
    data: Callable[..., pd.DataFrame]
    #: pure, and recomputes no estimate
    draw: Callable[[pd.DataFrame], Figure]
    #: of a picture that shows any one measure: the one it shows unless told otherwise; `data` takes it as well
    measure: str = ""
    #: what it takes that a study may not have; said where there is nothing to draw
    takes: str = ""
    #: whether a run draws it without being asked; the others are drawn where they are named
    usual: bool = True
    #: columns of the rows whose few values are no choice among those of the study, but what the picture is about
    complete: Collection[str] = ()
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
    data, draw = partial(_rows, picture), partial(_figure, picture)
    PLOTS.add(picture.name, replace(picture, data=data, draw=draw, module=rule.__module__))


def _rows(picture: Picture, tables: Tables, study: Tables | None = None, measure: str = "") -> pd.DataFrame:
    """The rows, what of the study they show, and `place`, which of its estimators each is of: a style goes by that.

    `study` has all of its tables, where these are a selection.
    """
    rows = picture.data(tables, measure or picture.measure) if picture.measure else picture.data(tables)
    summary = tables["summary"]
    if "drawn_from" in summary.columns and not rows.empty:  # one for the whole study
        rows = rows.assign(drawn_from=summary["drawn_from"].iloc[0])
    if "estimator" in rows.columns:
        order = (study or tables)["summary"]["estimator"].unique().tolist()
        rows = rows.assign(place=rows["estimator"].map({name: place for place, name in enumerate(order)}))
    return rows if rows.empty else rows.assign(shown=shown(rows, tables, picture.complete, study))


def _figure(picture: Picture, rows: pd.DataFrame) -> Figure:
    rows = drawable(rows)
    figure = picture.draw(rows)
    if "shown" in rows.columns and (note := rows["shown"].iloc[0]):
        noted(figure, note)
    return in_style(figure)


#: an earlier name of `register`, for plug-ins
enter = register
