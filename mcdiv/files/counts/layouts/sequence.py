"""The layout of a sequence: draws whose order counts."""

from mcdiv.files.counts.category_counts import CategoryCounts
from mcdiv.files.counts.layouts.contract import layout
from mcdiv.files.counts.layouts.draws import column_of
from mcdiv.files.counts.layouts.long import category_counts
from mcdiv.files.counts.looked import Looked


def _misfit(looked: Looked) -> str:
    if looked.by is not None or looked.reading.weights is not None:
        return f"{'--by' if looked.by is not None else '--weights'} does not go with draws in their order"
    return "" if column_of(looked) is not None else "which column holds the symbols?"


@layout(
    "sequence",
    misfit=_misfit,
    example=("states.csv", "state\nwake\nwake\nsleep\nsleep\nsleep\nwake\n", "--layout sequence --order 1"),
    written_by="recordings of states, notes, words or bases; the only token of a text is taken character by character",
    guessed=False,
)
def sequence(looked: Looked) -> list[CategoryCounts]:
    """Each row is one draw, in the order of the rows; with --order k each draw goes with the k draws before it."""
    column = column_of(looked)
    assert column is not None
    return category_counts(looked, column, None)
