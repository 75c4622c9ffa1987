"""The layout of probabilities: a row for each category."""

import math

import numpy as np

from mcdiv.core.arrays import SUM_TOLERANCE
from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Looked


@layout(
    "probabilities",
    misfit=valued.misfit,
    example=("model.csv", "letter,p\na,0.5\nb,0.25\nc,0.25\n", "--layout probabilities"),
    written_by="any model; with few digits, or float32, say --normalise",
    guessed=False,
)
def probabilities(looked: Looked) -> list[CategoryCounts]:
    """Each row is a category and its probability; they sum to 1, or --normalise divides them by their sum."""
    groups = valued.values_of(looked, lambda value: 0 <= value < math.inf, "a probability")
    found, off = {}, 0.0
    for group, values in groups.items():
        total = math.fsum(values.values())
        of = f" of {group}" if group else ""
        if not 0 < total < math.inf:
            raise looked.table.error(f"the probabilities{of} sum to {total:g}")
        if abs(total - 1) > SUM_TOLERANCE and not looked.reading.normalise:
            wrong = f"the probabilities{of} sum to {total:.12g}; expected 1 (within 1e-9)"
            raise looked.table.error(f"{wrong}; --normalise divides them by their sum")
        off = max(off, abs(total - 1))
        found[group] = list(values), np.array(list(values.values())) / total
    return valued.tallies(
        looked.reading, found, f"probabilities by category, divided by their sum (|sum − 1| = {off:.2g})"
    )
