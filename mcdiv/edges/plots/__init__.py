"""The pictures: each is its rows and a function that draws them. Nothing is computed here that a table does not hold.

One file per picture or family; the order of these lines is that of every listing. Looks are in one place, `looks`.
"""

# isort: off
from mcdiv.edges.plots import convergence as convergence
from mcdiv.edges.plots import decomposition as decomposition
from mcdiv.edges.plots import by_sample_size as by_sample_size
from mcdiv.edges.plots import rate as rate
from mcdiv.edges.plots import distribution as distribution
from mcdiv.edges.plots import side_by_side as side_by_side
from mcdiv.edges.plots import best as best
from mcdiv.edges.plots import coverage as coverage
from mcdiv.edges.plots import agreement as agreement

# isort: on
from mcdiv.edges.plots.looks import FORMATS, STYLES, drawable, render, style
from mcdiv.edges.plots.measures import known
from mcdiv.edges.plots.picture import PLOTS, Picture, Tables

__all__ = ["FORMATS", "PLOTS", "STYLES", "Picture", "Tables", "drawable", "known", "render", "style"]

known()
