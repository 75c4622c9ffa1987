"""The catalogue of pictures, so low in the house that a plug-in enters a picture as it enters an estimator.

What a picture is, and those that ship, are in `results/plots/`; they are loaded when somebody looks.
"""

from collections.abc import Iterable
from typing import Any

from mcdiv.core.catalogue import Catalogue, did_you_mean

PLOTS: Catalogue[Any] = Catalogue("plot", source="mcdiv.results.plots")
#: the picture that is none of the results of a study, and what draws it
OF_A_FIT, FIT = "learning", "mcdiv fit SCENARIO"


def unknown_plot(name: object, known: Iterable[str]) -> str:
    """Say that no study has such a picture: what may have been meant, or what draws the picture of a fit."""
    if name == OF_A_FIT:
        return f"plot '{name}' is the picture of a fit, not of the results of a run; {FIT} draws it"
    return did_you_mean("plot", name, known)
