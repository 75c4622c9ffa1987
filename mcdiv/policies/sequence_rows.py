"""Every estimator of the gradient of KL of sequences at one tree: its mean, its spread, and the claim that holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.policies.sequence_gradients import (
    SEQUENCE_ESTIMATORS,
    Score,
    SequenceEstimator,
    prefix_gradient,
    reverse_gradient,
    reverse_prefix_gradient,
    sequence_moments,
    true_gradient,
)
from mcdiv.policies.sequences import Along
from mcdiv.policies.tree import coins
from mcdiv.policies.tree_form import tree_of
from mcdiv.policies.verdicts import BIASED, EXACT, OTHER_DIVERGENCE, WRONG_DIRECTION, Comparison, verdict_of

#: what holds where the probabilities of the prefixes are taken for constants
PREFIXES_FIXED = " with prefixes held fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRow:
    """What one sequence drawn from the policy says of ∇KL(P‖Q) in the logits of all prefixes."""

    entry: SequenceEstimator
    #: the expected gradient beside those of the divergences, by the parameters of the tree
    comparison: Comparison
    #: the trace of the covariance of the gradient that one sequence gives; NaN where it is not finite
    trace_covariance: float
    verdict: str
    #: how many sequences make it as good as one of the best that is exact and varies; 0 if it does not vary, ∞ if it
    #: is not exact
    draws: float
    #: the probability that the gradient of a sequence is infinite or undefined
    infinite_share: float

    def findings(self) -> dict[str, float | str]:
        """How it compares, by the names of columns."""
        return {
            "relative_error": self.comparison.relative_error,
            "cosine": self.comparison.cosine,
            "trace_covariance": self.trace_covariance,
            "verdict": self.verdict,
            "draws": self.draws,
            "infinite_share": self.infinite_share,
        }


def sequence_rows(along: Along) -> list[SequenceRow]:
    """All estimators of the catalogue."""
    rows = [_row(entry, along) for entry in SEQUENCE_ESTIMATORS.values()]
    exact = [row.trace_covariance for row in rows if row.verdict == EXACT]
    best = min(filter(None, exact), default=math.nan)
    return [replace(row, draws=_draws(row, best)) for row in rows]


def _row(entry: SequenceEstimator, along: Along) -> SequenceRow:
    with np.errstate(invalid="ignore", over="ignore"):
        score = entry.rule(along)
        comparison, trace = _compared(along, score)
        share = _infinite_share(along, score)
    elsewhere = [_compared(place, entry.rule(place)) for place in fixed_trees()]
    return SequenceRow(
        entry=entry,
        comparison=comparison,
        trace_covariance=trace,
        verdict=_verdict(along, comparison, [each for each, _ in elsewhere]),
        draws=math.nan,
        infinite_share=share,
    )


def _compared(along: Along, score: Score) -> tuple[Comparison, float]:
    """The expected gradient beside the true ones, and the trace of the covariance."""
    moments, parameters = sequence_moments(along, score), along.tree.is_parameter
    kl, reverse = _divergences(along)
    comparison = Comparison(
        mean=moments.mean[parameters], scale=moments.scale[parameters], kl=kl, reverse=reverse, on_policy=True
    )
    return comparison, moments.trace if math.isfinite(moments.trace) else math.nan


def _divergences(along: Along) -> tuple[Array, Array]:
    finite = math.isfinite(along.kl)
    kl = true_gradient(along) if finite else np.full(along.tree.p.shape, np.nan)
    return kl[along.tree.is_parameter], reverse_gradient(along)[along.tree.is_parameter]


def _verdict(along: Along, here: Comparison, elsewhere: Sequence[Comparison]) -> str:
    """The claim that holds of sequences; if there is none, the one that holds of what follows each prefix."""
    claim = verdict_of(here, elsewhere)
    if claim not in (BIASED, WRONG_DIRECTION):
        return claim
    places = [(along, here), *zip(fixed_trees(), elsewhere, strict=True)]
    fixed, *others = (_with_prefixes_fixed(place, comparison) for place, comparison in places)
    of_prefixes = verdict_of(fixed, others)
    return of_prefixes + PREFIXES_FIXED if of_prefixes in (EXACT, OTHER_DIVERGENCE) else claim


def _with_prefixes_fixed(along: Along, comparison: Comparison) -> Comparison:
    parameters = along.tree.is_parameter
    kl = prefix_gradient(along) if math.isfinite(along.kl) else np.full(along.tree.p.shape, np.nan)
    return replace(comparison, kl=kl[parameters], reverse=reverse_prefix_gradient(along)[parameters])


def _infinite_share(along: Along, score: Score) -> float:
    """The probability of the sequences of which a coefficient or an exact gradient is not finite."""
    lost = ~np.isfinite(score.own)
    if score.exact is not None:
        lost |= ~np.isfinite(score.exact)
    never = along.summed(np.where(lost & (along.reach > 0), 1.0, 0.0)) > 0
    if score.whole is not None:
        never |= ~np.isfinite(score.whole)
    return float(along.weights[never].sum())


def _draws(row: SequenceRow, best: float) -> float:
    if row.verdict != EXACT:
        return math.inf
    return row.trace_covariance / best if row.trace_covariance else 0.0


@cache
def fixed_trees() -> tuple[Along, ...]:
    """Trees without symmetry, at which a claim has to hold as well: three coins, and four prefixes of three tokens."""
    flipped = coins(np.array([0.7, 0.45, 0.2]), np.array([0.35, 0.6, 0.55]))
    deepest = _node((2, 7, 4), (9, 1, 5))
    after_c = _node((1, 6, 3), (4, 2, 7), b=deepest)
    nested = _node((5, 2, 8), (3, 6, 4), a=_node((3, 1, 5), (2, 8, 3)), c=after_c)
    tree, _ = tree_of(nested)
    assert tree is not None
    return Along(tree=flipped), Along(tree=tree)


def _node(policy: Sequence[int], reference: Sequence[int], **then: object) -> dict[str, object]:
    sides = {"policy": policy, "reference": reference}
    pmfs = {
        name: {token: weight / sum(weights) for token, weight in zip("abc", weights, strict=True)}
        for name, weights in sides.items()
    }
    return pmfs | {"then": then}
