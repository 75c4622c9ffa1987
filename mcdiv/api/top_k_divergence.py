"""`mcdiv policy --top-k` from Python: what the k largest probabilities say of a divergence and an entropy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mcdiv.core.arrays import Pmf, as_pmf
from mcdiv.core.catalogue import quoted
from mcdiv.core.domains import NONNEGATIVE, Domain
from mcdiv.core.labels import Distributed, check_fill, matched
from mcdiv.core.number_format import figure
from mcdiv.policies.top_k import Kept, TopKValue, divergence_values, entropy_values, kept_of
from mcdiv.policies.top_k_words import kept_sentences, top_k_markdown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TopKDivergence:
    """What the kept probabilities say of KL(P‖Q) and of H(P), beside both."""

    #: the places of the kept categories, ascending from 0
    kept: tuple[int, ...]
    #: whose largest probabilities they have
    kept_by: Literal["policy", "reference"]
    #: the probability of the kept under P
    policy_share: float
    #: the same under Q
    reference_share: float
    #: the rows of `values`
    rows: tuple[TopKValue, ...]
    _kept: Kept

    @property
    def values(self) -> pd.DataFrame:
        """A row for each number: estimand, quantity, value in nats, relation to the estimand, meaning."""
        import pandas as pd

        return pd.DataFrame.from_records([row._asdict() for row in self.rows])

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which categories are kept, and where that could be otherwise."""
        return tuple(kept_sentences(self._kept))

    def markdown(self) -> str:
        """The numbers as a block of Markdown for a review."""
        return top_k_markdown(self._kept, self.rows)

    def __repr__(self) -> str:
        """How many categories are kept, and KL with a bucket for the others."""
        bucket = next(row.value for row in self.rows if row.quantity == "tail bucket")
        kept = len(self.kept)
        said = f"{kept:,} of {kept + self._kept.others:,} categories, KL(P‖Q) at least {figure(bucket)} nats"
        return f"<mcdiv.TopKDivergence: {said}>"


def top_k_divergence(
    policy: Distributed,
    reference: Distributed,
    k: int,
    *,
    kept_by: Literal["policy", "reference"] = "policy",
    clip: float | None = None,
    normalise: bool = False,
    fill: float | None = None,
) -> TopKDivergence:
    """What the k largest probabilities say of KL(P‖Q) and H(P): the usual substitutes, and what they are.

    Parameters
    ----------
    policy, reference : array_like, shape (K,)
        P and Q of KL(P‖Q); each sums to 1. In distillation P is the teacher and Q the student, or for the reverse
        divergence the other way round. Two of pandas, or two dicts, are paired by their labels.
    k : int
        How many categories are kept, 1 to K; of equally probable ones the first.
    kept_by : {"policy", "reference"}
        Whose k largest probabilities are kept.
    clip : float, optional
        Adds the sum over all categories with each term p ln(p/q) at most this.
    normalise : bool
        Divide each pmf by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.

    Returns
    -------
    TopKDivergence
        `.values` has a row for each number, with its `relation` to the estimand, KL(P‖Q) or H(P): exact, lower bound,
        upper bound, or no bound. A bound is one for every P and Q with these kept values; "tail bucket" and "largest
        possible" of the divergence, "smallest possible" and "largest possible" of the entropy are the best there are.
        `.sentences` says what is kept, and whether there are ties; `.markdown()` has all as a block.

    Raises
    ------
    ValueError
        A pmf is none, lengths or labels differ, k is not between 1 and K, or the clip is negative.

    Notes
    -----
    One bucket for all other categories is data processing (Cover & Thomas, 2006, Elements of Information Theory,
    section 2.8): it never makes a divergence larger. KL(P‖Q) is convex, so its largest value is at an extreme point.

    Examples
    --------
    >>> found = top_k_divergence([0.5, 0.25, 0.05, 0.1, 0.1], [0.6, 0.3, 0.04, 0.03, 0.03], k=2)
    >>> found.values[["quantity", "value", "relation"]].round(4).head(6)
                         quantity   value     relation
    0                        full  0.1152        exact
    1               truncated sum -0.1367     no bound
    2  truncated sum clamped at 0  0.0000     no bound
    3                renormalised  0.0000     no bound
    4    sum of nonnegative terms  0.0133  lower bound
    5                 tail bucket  0.0923  lower bound
    """
    check_fill(fill)
    given = matched({"policy": policy, "reference": reference}, fill=fill)
    p, q = (_pmf(name, values, normalise=normalise) for name, values in given.items())
    return top_k_of(p, q, k, kept_by, clip)


def top_k_of(p: Pmf, q: Pmf, k: Any, kept_by: Any, clip: Any) -> TopKDivergence:
    """The same of pmfs that are checked, but for their lengths."""
    if p.size != q.size:
        raise ValueError(f"policy has {p.size} categories, reference has {q.size}; they must be the same")
    wanted = Domain(
        expected=f"a whole number from 1 to {p.size:,}, the number of categories",
        accepts=lambda x: 1 <= x <= p.size,
        whole=True,
    )
    number, bound = int(_number("k", k, wanted)), None if clip is None else float(_number("clip", clip, NONNEGATIVE))
    if kept_by not in ("policy", "reference"):
        raise ValueError(f"kept_by: expected policy or reference, got {quoted(kept_by)}")
    kept = kept_of(p, q, number, kept_by)
    return TopKDivergence(
        kept=tuple(kept.places.tolist()),
        kept_by=kept.by,
        policy_share=math.fsum(kept.p.tolist()),
        reference_share=math.fsum(kept.q.tolist()),
        rows=(*divergence_values(p, q, kept, bound), *entropy_values(p, kept)),
        _kept=kept,
    )


def _number(name: str, value: Any, domain: Domain) -> Any:
    for _, message in domain.problems(value):
        raise ValueError(f"{name}: {message}")
    return domain.parse(value)


def _pmf(name: str, values: Any, *, normalise: bool) -> Pmf:
    found = as_pmf(values, name=name, normalise=normalise)
    if found.ndim != 1:
        raise ValueError(f"{name}: expected one pmf, shape (K,), got shape {found.shape}")
    return found
