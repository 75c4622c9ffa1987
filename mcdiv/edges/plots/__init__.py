"""The pictures: each is its rows and a function that draws them. Nothing is computed here that a table does not hold.

One file per picture or family; the order here is that of every listing. Looks are in one place, `looks`.
"""

from mcdiv.edges.plots import (  # noqa: I001 — the order of the pictures
    convergence,
    decomposition,
    by_sample_size,
    coverage,
)
from mcdiv.edges.plots.looks import render, style
from mcdiv.edges.plots.picture import PLOTS, Picture, Tables

__all__ = [
    "PLOTS",
    "Picture",
    "Tables",
    "by_sample_size",
    "convergence",
    "coverage",
    "decomposition",
    "render",
    "style",
]
