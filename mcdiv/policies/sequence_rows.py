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
#: the roundings of p and q are 1e-16 of them, those of sums are taken for 1e-14
_INPUT = 0.1


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

    @property
    def exact_here(self) -> bool:
        """Whether the expected gradient is ∇KL(P‖Q) here, and not by coincidence."""
        return self.verdict == EXACT

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
    here = _Place.of(along)
    rows = [_row(entry, here) for entry in SEQUENCE_ESTIMATORS.values()]
    best = min((row.trace_covariance for row in rows if row.exact_here and row.trace_covariance), default=math.nan)
    return [replace(row, draws=_draws(row, best)) for row in rows]


def _row(entry: SequenceEstimator, here: _Place) -> SequenceRow:
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        score = entry.rule(here.along)
        comparison, trace = here.compared(score)
        share = _infinite_share(here.along, score)
    elsewhere = [place.compared(entry.rule(place.along))[0] for place in fixed_places()]
    return SequenceRow(
        entry=entry,
        comparison=comparison,
        trace_covariance=trace if math.isfinite(trace) else math.nan,
        verdict=_verdict(here, comparison, elsewhere),
        draws=math.nan,
        infinite_share=share,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A tree with the gradients of both divergences there, of sequences and with the prefixes held fixed."""

    along: Along
    kl: Array
    reverse: Array
    prefix_kl: Array
    prefix_reverse: Array
    #: sizes of which the roundings of p and q are a share: near P = Q they are larger than those of the logarithms
    inputs: Array

    @classmethod
    def of(cls, along: Along) -> _Place:
        """The gradients by the parameters; those of an infinite divergence are NaN."""
        parameters, finite = along.tree.is_parameter, math.isfinite(along.kl)
        none = np.full(int(parameters.sum()), np.nan)
        return cls(
            along=along,
            kl=true_gradient(along)[parameters] if finite else none,
            reverse=reverse_gradient(along)[parameters],
            prefix_kl=prefix_gradient(along)[parameters] if finite else none,
            prefix_reverse=reverse_prefix_gradient(along)[parameters],
            inputs=_INPUT * (along.reach * along.length_ahead[along.tree.prefix])[parameters],
        )

    def compared(self, score: Score) -> tuple[Comparison, float]:
        """The expected gradient beside the true ones, and the trace of its covariance."""
        moments, parameters = sequence_moments(self.along, score), self.along.tree.is_parameter
        mean, scale = moments.mean[parameters], moments.scale[parameters] + self.inputs
        return Comparison(mean=mean, scale=scale, kl=self.kl, reverse=self.reverse, on_policy=True), moments.trace

    def with_prefixes_fixed(self, comparison: Comparison) -> Comparison:
        """The same beside the gradients where the probabilities of the prefixes are constants."""
        return replace(comparison, kl=self.prefix_kl, reverse=self.prefix_reverse)


def _verdict(here: _Place, comparison: Comparison, elsewhere: Sequence[Comparison]) -> str:
    """The claim that holds of sequences; if there is none, the one that holds of what follows each prefix."""
    claim = verdict_of(comparison, elsewhere)
    if claim not in (BIASED, WRONG_DIRECTION):
        return claim
    fixed = [place.with_prefixes_fixed(each) for place, each in zip(fixed_places(), elsewhere, strict=True)]
    of_prefixes = verdict_of(here.with_prefixes_fixed(comparison), fixed)
    return of_prefixes + PREFIXES_FIXED if of_prefixes in (EXACT, OTHER_DIVERGENCE) else claim


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
    if not row.exact_here:
        return math.inf
    return row.trace_covariance / best if row.trace_covariance else 0.0


@cache
def fixed_places() -> tuple[_Place, ...]:
    """Trees without symmetry, at which a claim has to hold as well: three coins, and four prefixes of three tokens."""
    flipped = coins(np.array([0.7, 0.45, 0.2]), np.array([0.35, 0.6, 0.55]))
    deepest = _node((2, 7, 4), (9, 1, 5))
    after_c = _node((1, 6, 3), (4, 2, 7), b=deepest)
    nested = _node((5, 2, 8), (3, 6, 4), a=_node((3, 1, 5), (2, 8, 3)), c=after_c)
    tree, _ = tree_of(nested)
    assert tree is not None
    return _Place.of(Along(tree=flipped)), _Place.of(Along(tree=tree))


def _node(policy: Sequence[int], reference: Sequence[int], **then: object) -> dict[str, object]:
    sides = {"policy": policy, "reference": reference}
    pmfs = {
        name: {token: weight / sum(weights) for token, weight in zip("abc", weights, strict=True)}
        for name, weights in sides.items()
    }
    return pmfs | {"then": then}
