"""The layout of logits: a row for each category."""

import math

import numpy as np

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts import valued
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Looked


@layout(
    "logits",
    misfit=valued.misfit,
    example=("model.csv", "token,logit\nthe,2.0\na,1.0\nan,-1.5\n", "--logits"),
    written_by="classifiers and language models, before the softmax",
    guessed=False,
)
def logits(looked: Looked) -> list[CategoryCounts]:
    """Each row is a category and its logit z; its probability is e^z, divided by the sum."""
    groups = valued.values_of(looked, lambda value: value < math.inf, "a logit below inf")
    found = {}
    for group, values in groups.items():
        z = np.array(list(values.values()))
        if z.max() == -math.inf:
            raise looked.table.error("every logit is −inf")
        scaled = np.exp(z - z.max())
        found[group] = list(values), scaled / math.fsum(scaled.tolist())
    return valued.tallies(looked.reading, found, "logits by category, their softmax")
