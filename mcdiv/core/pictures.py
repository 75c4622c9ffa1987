"""The catalogue of pictures, so low in the house that a plug-in enters a picture as it enters an estimator.

What a picture is, and those that ship, are in `results/plots/`; they are loaded when somebody looks.
"""

from typing import Any

from mcdiv.core.catalogue import Catalogue

PLOTS: Catalogue[Any] = Catalogue("plot", source="mcdiv.results.plots")
