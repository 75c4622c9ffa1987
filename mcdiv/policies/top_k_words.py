"""What is said of the k largest probabilities: which are kept, and the numbers as a block of Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mcdiv.core.number_format import counted, figure, percent
from mcdiv.policies.top_k import Kept, TopKValue

SYMBOLS = {"kl_divergence": "KL(P‖Q)", "entropy": "H(P)"}
COLUMNS = ("of", "number", "value [nats]", "what it is", "how it is made, and why")


def kept_sentences(kept: Kept) -> list[str]:
    """Which categories are kept, and where that could be otherwise."""
    whose = "P" if kept.by == "policy" else "Q"
    k = len(kept.places)
    shares = f"{percent(math.fsum(kept.p.tolist()))} of P and {percent(math.fsum(kept.q.tolist()))} of Q"
    largest = "most probable category" if k == 1 else f"{k:,} most probable categories"
    said = [f"Kept: the {largest} of {whose}, of {k + kept.others:,}, with {shares}."]
    if kept.tied:
        verb = "is" if kept.tied == 1 else "are"
        tied = counted(kept.tied, "category left out", "categories left out")
        said.append(
            f"{tied} {verb} as probable as the last one kept: others kept in their place can give other values."
        )
    return said


def top_k_cells(row: TopKValue) -> tuple[str, ...]:
    """A row of the table."""
    return SYMBOLS[row.estimand], row.quantity, figure(row.value), row.relation, row.meaning


def top_k_markdown(kept: Kept, rows: Sequence[TopKValue]) -> str:
    """The numbers as a block to paste into a review."""
    table = [f"| {' | '.join(COLUMNS)} |", "|---|---|--:|---|---|"]
    table += [f"| {' | '.join(top_k_cells(row))} |" for row in rows]
    return "\n".join(["**What do the largest probabilities say?**", "", " ".join(kept_sentences(kept)), "", *table])
