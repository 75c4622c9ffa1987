"""What the k largest probabilities say of a KL divergence and an entropy: the usual substitutes, and the bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr

from mcdiv.core.arrays import Array
from mcdiv.core.log_ratios import kl_terms
from mcdiv.core.number_format import counted
from mcdiv.core.rounding import ROUNDING

KeptBy: TypeAlias = Literal["policy", "reference"]
Relation: TypeAlias = Literal["exact", "lower bound", "upper bound", "no bound"]
#: what of a probability may be a rounding of the sums it is a difference of
_ROUNDING = 1e-12


class TopKValue(NamedTuple):
    """A number made of the kept probabilities, or one that they stand for."""

    #: what it says something of: kl_divergence or entropy
    estimand: str
    quantity: str
    #: nats; NaN where it is undefined
    value: float
    #: whether it is that, a bound of it, or neither
    relation: Relation
    #: how it is made, and why it is a bound or none
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The kept categories, and what is left of the others together."""

    #: shape (k,): their places, ascending
    places: NDArray[np.int64]
    #: shape (k,)
    p: Array
    q: Array
    p_rest: float
    q_rest: float
    #: how many categories are left out, and how many of them are as probable as the last one kept
    others: int
    tied: int
    by: KeptBy

    @property
    def p_cap(self) -> float:
        """What no other probability of the policy exceeds."""
        return min(float(self.p.min()), self.p_rest) if self.by == "policy" else self.p_rest

    @property
    def q_floor(self) -> float:
        """What no other probability of the reference is below, for all that the kept ones say."""
        cap = min(float(self.q.min()), self.q_rest) if self.by == "reference" else self.q_rest
        least = self.q_rest - (self.others - 1) * cap
        return least if least > _ROUNDING * self.q_rest else 0.0


def kept_of(p: Array, q: Array, k: int, by: KeptBy) -> Kept:
    """The k largest categories, of equal ones the first."""
    ranked = p if by == "policy" else q
    order = np.argsort(-ranked, kind="stable")
    places, rest = np.sort(order[:k]), order[k:]
    return Kept(
        places=places,
        p=p[places],
        q=q[places],
        p_rest=math.fsum(p[rest].tolist()),
        q_rest=math.fsum(q[rest].tolist()),
        others=len(rest),
        tied=int((ranked[rest] == ranked[order[k - 1]]).sum()),
        by=by,
    )


def divergence_values(p: Array, q: Array, kept: Kept, clip: float | None) -> list[TopKValue]:
    """KL(P‖Q), what is computed in its place, and its bounds."""
    terms = kl_terms(kept.p, kept.q)
    unsigned = float(terms.sum())
    truncated = unsigned + math.fsum((kept.p - kept.q).tolist())
    bucket = unsigned + float(kl_terms(np.array([kept.p_rest]), np.array([kept.q_rest]))[0])
    none: Relation = "no bound" if kept.others else "exact"
    lower: Relation = "lower bound" if kept.others else "exact"
    rows: list[tuple[str, float, Relation, str]] = [
        ("full", float(kl_terms(p, q).sum()), "exact", "Σ p ln(p/q) over all categories"),
        ("truncated sum", truncated, none, "Σ p ln(p/q) over the kept: what it leaves out can have either sign"),
        ("truncated sum clamped at 0", max(truncated, 0.0), none, "the same, and 0 where that is negative"),
        ("renormalised", *_renormalised(kept, none)),
        ("sum of nonnegative terms", unsigned, lower, "Σ p ln(p/q) − p + q over the kept; never above the tail bucket"),
        ("tail bucket", bucket, lower, "the others as one category: data processing; the best bound there is"),
    ]
    if clip is not None:
        clipped = float(np.minimum(rel_entr(p, q), clip).sum())
        why = f"Σ min(p ln(p/q), {clip:g}) over all categories: no term grows, and the sum can be negative"
        rows.append((f"terms clipped at {clip:g}", clipped, "lower bound", why))
    most, why = _most(kept, bucket)
    rows.append(("largest possible", most, "upper bound" if kept.others else "exact", why))
    return [_explained(kept, "kl_divergence", row) for row in rows]


def entropy_values(p: Array, kept: Kept) -> list[TopKValue]:
    """H(P), and what the kept probabilities say of it."""
    of_kept, cap, rest = float(entr(kept.p).sum()), kept.p_cap, kept.p_rest
    whole = math.floor(rest / cap) if cap > 0 else 0
    least = of_kept + whole * float(entr(cap)) + float(entr(max(rest - whole * cap, 0.0)))
    most = of_kept + (float(entr(rest)) + rest * math.log(kept.others) if rest > 0 else 0.0)
    lower: Relation = "lower bound" if kept.others else "exact"
    upper: Relation = "upper bound" if kept.others else "exact"
    few = "as few categories as can be, none above the last one kept" if kept.by == "policy" else "one category"
    rows: list[tuple[str, float, Relation, str]] = [
        ("full", float(entr(p).sum()), "exact", "−Σ p ln p over all categories"),
        ("sum over the kept", of_kept, lower, "−Σ p ln p over the kept: no term is negative"),
        ("smallest possible", least, lower, f"the rest of P on {few}"),
        ("largest possible", most, upper, f"the rest of P evenly on {counted(kept.others, 'other')}"),
    ]
    return [_explained(kept, "entropy", row) for row in rows]


def _explained(kept: Kept, estimand: str, row: tuple[str, float, Relation, str]) -> TopKValue:
    name, value, relation, meaning = row
    same = relation == "exact" and not kept.others and name != "full"
    return TopKValue(estimand, name, value, relation, "every category is kept" if same else meaning)


def _renormalised(kept: Kept, relation: Relation) -> tuple[float, Relation, str]:
    """The divergence of the conditional distributions."""
    p_mass, q_mass = math.fsum(kept.p.tolist()), math.fsum(kept.q.tolist())
    if p_mass == 0:
        return math.nan, "no bound", "undefined: P has no probability on the kept"
    value = math.inf if q_mass == 0 else _without_roundings(float(kl_terms(kept.p / p_mass, kept.q / q_mass).sum()))
    return value, relation, "KL of both given that a kept category is drawn; KL ≥ P(kept) × it"


def _without_roundings(divergence: float) -> float:
    """A divergence of quotients that are off by 1e-16 or so: it is off by the square of that."""
    return 0.0 if divergence < ROUNDING**2 else divergence


def _most(kept: Kept, bucket: float) -> tuple[float, str]:
    """The largest KL(P‖Q) with these kept values, and why.

    It is convex in both, so largest where the rest of P is on one category, whose q is as small as can be.
    """
    if kept.others <= 1 or kept.p_rest == 0 or math.isinf(bucket):
        return bucket, "nothing is left open: it is KL with one bucket for the rest"
    if kept.q_floor == 0:
        return math.inf, "Q may be 0 where the rest of P is: the kept values bound KL from below only"
    most = bucket + kept.p_rest * math.log(kept.q_rest / kept.q_floor)
    return most, f"the rest of P on one category with q = {kept.q_floor:.6g}, the least that Q can have there"
