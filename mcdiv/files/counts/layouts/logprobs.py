"""The layout of log-probabilities: a row for each category."""

import math

import numpy as np

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Looked

#: how far the sum may be from 1: what is further was not rounded, but has another base
_FAR = 1e-2


@layout(
    "logprobs",
    misfit=valued.misfit,
    example=("model.csv", "token,logprob\nthe,-0.693147\na,-1.386294\nan,-1.386294\n", "--logprobs"),
    written_by="language models",
    guessed=False,
)
def logprobs(looked: Looked) -> list[CategoryCounts]:
    """Each row is a category and the natural logarithm of its probability; the sum of the probabilities is said."""
    groups = valued.values_of(looked, lambda value: value < math.inf, "a logarithm below inf")
    found, off = {}, 0.0
    for group, values in groups.items():
        logs = np.array(list(values.values()))
        largest = float(logs.max())
        total = math.fsum(np.exp(logs).tolist()) if largest < 1 else math.inf
        if largest == -math.inf or (abs(total - 1) > _FAR and not looked.reading.normalise):
            wrong = (
                f"the probabilities{f' of {group}' if group else ''} sum to {total:.6g}; expected natural logarithms"
            )
            ways = "--normalise divides them by their sum, --logits says that they are logits"
            raise looked.table.error(f"{wrong} of probabilities that sum to 1; {ways}")
        off = max(off, abs(total - 1))
        scaled = np.exp(logs - largest)
        found[group] = list(values), scaled / math.fsum(scaled.tolist())
    return valued.tallies(
        looked.reading, found, f"log-probabilities by category (|sum of probabilities − 1| = {off:.2g})"
    )
