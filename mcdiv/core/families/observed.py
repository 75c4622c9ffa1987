"""Observed counts taken as a distribution."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np

from mcdiv.core.arrays import Pmf
from mcdiv.core.distributions import distribution
from mcdiv.core.domains import COUNTS, NAME


@distribution
def counts(
    values: Annotated[Sequence[int], COUNTS],
    smoothing: Literal["none", "laplace", "coverage"] = "none",
    name: Annotated[str, NAME] = "",
) -> Pmf:
    """Observed counts taken as the truth (in a scenario `file: data.csv` reads them), as they are or smoothed.

    Beside a file, `layout`, `column` and the other options of `mcdiv estimate` say how it is read, and `group` names
    one of several samples in it: {file: otu.tsv, layout: samples-in-columns, group: S1}.

    none: n/N. laplace: (n + 1)/(N + K). coverage: C = 1 − f₁/N of the probability in proportion to the counts, the
    rest in equal parts to the categories with count 0, if there are any (Good 1953; f₁ = N counts as N − 1).
    """
    n = np.array(values, dtype=np.float64)
    total, unseen = float(n.sum()), n == 0
    if smoothing == "laplace":
        return np.asarray((n + 1) / (total + len(n)))
    if smoothing == "none" or not unseen.any():
        return np.asarray(n / total)
    lost = min(float((n == 1).sum()), total - 1) / total
    return np.asarray(np.where(unseen, lost / unseen.sum(), (1 - lost) * n / total))
