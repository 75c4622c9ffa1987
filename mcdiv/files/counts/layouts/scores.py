"""The layout of scores: for `mcdiv paired`, which compares them; there is no entropy of them."""

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.looked import Looked


def _misfit(looked: Looked) -> str:
    return "an entropy is of counts, not of scores; mcdiv paired compares two columns of scores (--a, --b)"


@layout(
    "scores",
    misfit=_misfit,
    example=("scores.csv", "item,nll_a,nll_b\nq1,1.2,0.9\nq2,0.4,0.5\nq3,2.2,1.8\n", "--layout scores"),
    written_by="evaluations of two models on the same items",
    guessed=False,
)
def scores(looked: Looked) -> list[CategoryCounts]:
    """Each row is an item with its scores, such as −ln q under two models: refused, as `mcdiv paired` compares them."""
    raise looked.table.error(_misfit(looked))
