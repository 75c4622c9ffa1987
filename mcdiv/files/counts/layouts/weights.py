"""The layout of weights: numbers in proportion to the probabilities."""

import math

import numpy as np

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Looked


def _misfit(looked: Looked) -> str:
    if wrong := valued.misfit(looked):
        return wrong
    columns = valued.columns_of(looked)
    named = columns is not None and columns[0] is not None and not columns[0].numeric
    shares = named and columns is not None and (columns[1].decimal or columns[1].is_share)
    return "" if shares or looked.reading.layout == "weights" else "its numbers are whole"


@layout(
    "weights",
    misfit=_misfit,
    example=("sounds.csv", "sound,weight\ni,211.5\nu,1797.4\n", ""),
    written_by="frequencies per million, survey weights, expected counts, relative abundances",
)
def weights(looked: Looked) -> list[CategoryCounts]:
    """Each row is a category and a number >= 0 in proportion to its probability, of an unknown number of draws."""
    groups = valued.values_of(looked, lambda value: 0 <= value < math.inf, "a weight >= 0")
    found = {}
    for group, values in groups.items():
        total = math.fsum(values.values())
        if not 0 < total < math.inf:
            raise looked.table.error(f"the weights{f' of {group}' if group else ''} sum to {total:g}")
        found[group] = list(values), np.array(list(values.values())) / total
    return valued.tallies(looked.reading, found, "weights by category, divided by their sum")
