"""The pictures: each is its rows and a function that draws them. Nothing is computed here that a table does not hold.

One file per picture or family; the order of these lines is that of every listing. What they share is in `figure_style`.
"""

# isort: off
from mcdiv.results.plots import convergence as convergence
from mcdiv.results.plots import decomposition as decomposition
from mcdiv.results.plots import by_sample_size as by_sample_size
from mcdiv.results.plots import rate as rate
from mcdiv.results.plots import distribution as distribution
from mcdiv.results.plots import side_by_side as side_by_side
from mcdiv.results.plots import best as best
from mcdiv.results.plots import coverage as coverage
from mcdiv.results.plots import agreement as agreement

# isort: on
from mcdiv.results.plots.figure_style import FORMATS, STYLES, drawable, render, style
from mcdiv.results.plots.measures import catalogue
from mcdiv.results.plots.picture import PLOTS, Picture, Tables

__all__ = ["FORMATS", "PLOTS", "STYLES", "Picture", "Tables", "catalogue", "drawable", "render", "style"]

catalogue()
