"""Whether successive draws depend on each other, where their order is known, and what follows."""

import math
import sys
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, entr

from mcdiv.core.arrays import Counts
from mcdiv.core.number_format import counted, figure
from mcdiv.core.units import Units, nats_per
from mcdiv.files.counts.successive import MAX_DRAWS
from mcdiv.significance.words import p_text

#: the p-value from which on down dependence is reported
_ALPHA = 0.01
#: expected pairs in each cell from which on G is about χ² distributed
_EXPECTED = 5
#: what its mean may be too large by, as a share of its sd
_EXCESS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Pairs of successive draws, and what they say of independence."""

    #: pairs
    pairs: int
    #: likelihood-ratio statistic of independence, 2 · pairs · I(X₁; X₂), and its degrees of freedom
    g: float
    freedom: int
    #: P(χ² ≥ G)
    p_value: float
    #: plug-in entropies in nats: of the second of a pair, and of the second given the first
    entropy: float
    conditional_entropy: float


def succession(table: Counts) -> Succession | None:
    """What pairs of successive draws (K, K), the first in rows, say; None where there are too few for the χ² law.

    It is also None where each category comes in one run: such draws look sorted, and their order shows nothing.
    """
    looks_sorted = _sorted(table)
    table = table[:, table.any(axis=0)][table.any(axis=1)]
    pairs = int(table.sum())
    if min(table.shape) < 2 or looks_sorted:
        return None
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    freedom = (len(rows) - 1) * (len(columns) - 1)
    # Williams (1976), Improved likelihood ratio tests for complete contingency tables: how far the mean is above χ²'s.
    excess = (pairs * (1 / rows).sum() - 1) * (pairs * (1 / columns).sum() - 1) / (6 * pairs)
    if int(rows.min()) * int(columns.min()) < _EXPECTED * pairs or excess > _EXCESS * math.sqrt(2 * freedom):
        return None
    of_rows, of_columns, of_pairs = (float(entr(each / pairs).sum()) for each in (rows, columns, table))
    g = max(0.0, 2 * pairs * (of_rows + of_columns - of_pairs))
    return Succession(
        pairs=pairs,
        g=g,
        freedom=freedom,
        p_value=float(chdtrc(freedom, g)),
        entropy=of_columns,
        conditional_entropy=of_pairs - of_rows,
    )


def succession_sentence(table: Counts | None, units: Units, of: str = "") -> str:
    """What dependence of successive draws means for the estimates; empty where none is seen."""
    if table is None or (seen := succession(table)) is None or seen.p_value > _ALPHA:
        return ""
    scale = nats_per(units)
    first = f" (the first {MAX_DRAWS:,})" if seen.pairs >= MAX_DRAWS - 1 else ""
    freedom = counted(seen.freedom, "degree", "degrees")
    p = p_text(max(seen.p_value, sys.float_info.min), _ALPHA)
    conditional, entropy = (figure(each / scale) for each in (seen.conditional_entropy, seen.entropy))
    return (
        f"Successive draws{of}{first} do not look independent: G = {figure(seen.g)} for {counted(seen.pairs, 'pair')}, "
        f"{freedom} of freedom, p = {p} (χ²). Given the draw before, the plug-in entropy of a draw is {conditional} "
        f"{units}, and {entropy} without it. Standard errors and intervals assume independent draws: unless the order "
        "of the draws means nothing, they can be far too small, or too large where draws alternate."
    )


def _sorted(table: Counts) -> bool:
    """Whether each category comes in one run, as in a sorted file: one change fewer than categories."""
    changes = int(table.sum() - np.trace(table))
    return changes < int((table.any(axis=0) | table.any(axis=1)).sum())
