"""The pictures: each is its rows and a function that draws them. Nothing is computed here that a table does not hold.

One file per picture or family; importing this package imports every file in it, so that a new file needs no list.
"""

import pkgutil
from importlib import import_module

from mcdiv.results.plots.figure_style import STYLES, defaults, drawable, style
from mcdiv.results.plots.picture import PLOTS, Picture, Tables, register
from mcdiv.results.plots.rendering import FORMATS, render, render_all
from mcdiv.results.plots.slides import in_style, one_panel_each

__all__ = [
    "FORMATS",
    "PLOTS",
    "STYLES",
    "Picture",
    "Tables",
    "catalogue",
    "defaults",
    "drawable",
    "in_style",
    "one_panel_each",
    "register",
    "render",
    "render_all",
    "style",
    "usual",
]

#: the order of every listing; the others come after them
_FIRST = (
    "convergence",
    "decomposition",
    "by_sample_size",
    "rate",
    "distribution",
    "side_by_side",
    "best",
    "coverage",
    "agreement",
)

for _name in (*_FIRST, *(module.name for module in pkgutil.iter_modules(__path__))):
    import_module(f"{__name__}.{_name}")

from mcdiv.results.plots.measures import catalogue, usual  # noqa: E402  it has the file that is third in the order above

catalogue()
