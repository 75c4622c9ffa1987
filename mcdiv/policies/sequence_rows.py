"""Every estimator of the gradient of KL of sequences at one tree: its mean, its spread, and the claim that holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.policies.sequence_gradients import (
    SEQUENCE_ESTIMATORS,
    Score,
    SequenceEstimator,
    drawn_prefix_gradient,
    drawn_reverse_prefix_gradient,
    prefix_gradient,
    reverse_gradient,
    reverse_prefix_gradient,
    sequence_moments,
    true_gradient,
)
from mcdiv.policies.sequence_ratios import RATIO_ESTIMATORS, ratio_estimators
from mcdiv.policies.sequences import Along
from mcdiv.policies.tree import Tree, coins
from mcdiv.policies.tree_form import tree_of
from mcdiv.policies.verdicts import (
    BEYOND_FLOATS,
    BIASED,
    EXACT,
    INFINITE,
    ON_POLICY_ONLY,
    OTHER_DIVERGENCE,
    WHERE_ALL_IS_DRAWN,
    WRONG_DIRECTION,
    Comparison,
    verdict_of,
)

#: what holds where the probabilities of the prefixes are taken for constants: those under the policy, and those with
#: which the prefixes are drawn
PREFIXES_FIXED, DRAWN_PREFIXES_FIXED = " with prefixes held fixed", " with the drawn prefixes held fixed"
#: the roundings of p and q are 1e-16 of them, those of sums are taken for 1e-14
_INPUT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRow:
    """What one sequence says of ∇KL(P‖Q) in the logits of all prefixes."""

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
        return self.comparison.is_exact(self.verdict)

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


def sequence_rows(along: Along, clip: float | None = None) -> list[SequenceRow]:
    """All estimators of the catalogue; where another policy draws, those with each ratio, clipped ones besides."""
    here = _Place.of(along)
    places = fixed_places() if along.tree.o is None else (*fixed_places(), *fixed_places_off_policy())
    rows = [_row(entry, here, places) for entry in _entries(along, clip)]
    best = min((row.trace_covariance for row in rows if row.exact_here and row.trace_covariance), default=math.nan)
    return [replace(row, draws=_draws(row, best)) for row in rows]


def _entries(along: Along, clip: float | None) -> Iterator[SequenceEstimator]:
    off_policy = along.tree.o is not None
    yield from (entry for entry in SEQUENCE_ESTIMATORS.values() if not (off_policy and entry.name in RATIO_ESTIMATORS))
    if off_policy:
        yield from ratio_estimators(clip)


def _row(entry: SequenceEstimator, here: _Place, places: Sequence[_Place]) -> SequenceRow:
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        score = entry.rule(here.along)
        comparison, trace = here.compared(score)
        share = _infinite_share(here.along, score)
        elsewhere = [(place, place.compared(entry.rule(place.along))[0]) for place in places]
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
    """A tree with the gradients of both divergences there, of sequences and with the prefixes held fixed.

    These are over the prefixes that the policy visits, and over those that are drawn.
    """

    along: Along
    kl: Array
    reverse: Array
    prefix_kl: Array
    prefix_reverse: Array
    drawn_kl: Array
    drawn_reverse: Array
    #: sizes of which the roundings of p and q are a share: near P = Q they are larger than those of the logarithms
    inputs: Array

    @classmethod
    def of(cls, along: Along) -> _Place:
        """The gradients by the parameters; those of an infinite divergence are NaN."""
        parameters, finite = along.tree.is_parameter, math.isfinite(along.kl)
        reach = np.maximum(along.reach, along.drawn_reach)
        none = np.full(int(parameters.sum()), np.nan)
        return cls(
            along=along,
            kl=true_gradient(along)[parameters] if finite else none,
            reverse=reverse_gradient(along)[parameters],
            prefix_kl=prefix_gradient(along)[parameters] if finite else none,
            prefix_reverse=reverse_prefix_gradient(along)[parameters],
            drawn_kl=drawn_prefix_gradient(along)[parameters] if finite else none,
            drawn_reverse=drawn_reverse_prefix_gradient(along)[parameters],
            inputs=_INPUT * (reach * along.length_ahead[along.tree.prefix])[parameters],
        )

    def compared(self, score: Score) -> tuple[Comparison, float]:
        """The expected gradient beside the true ones, and the trace of its covariance."""
        moments, parameters = sequence_moments(self.along, score), self.along.tree.is_parameter
        mean, scale = moments.mean[parameters], moments.scale[parameters] + self.inputs
        comparison = Comparison(
            mean=mean,
            scale=scale,
            kl=self.kl,
            reverse=self.reverse,
            on_policy=self.along.on_policy,
            covered=not self.along.not_covered,
        )
        return comparison, moments.trace

    def with_prefixes_fixed(self, comparison: Comparison) -> Comparison:
        """The same beside the gradients where the probabilities of the prefixes are constants."""
        return replace(comparison, kl=self.prefix_kl, reverse=self.prefix_reverse)

    def with_drawn_prefixes_fixed(self, comparison: Comparison) -> Comparison:
        """The same where they are the probabilities with which the prefixes are drawn."""
        return replace(comparison, kl=self.drawn_kl, reverse=self.drawn_reverse)


def _verdict(here: _Place, comparison: Comparison, elsewhere: Sequence[tuple[_Place, Comparison]]) -> str:
    """The claim that holds of sequences; if there is none, the one that holds of what follows each prefix."""
    claim = verdict_of(comparison, [each for _, each in elsewhere])
    if claim == INFINITE and here.along.all_finite:
        return BEYOND_FLOATS
    if claim not in (BIASED, WRONG_DIRECTION):
        return claim
    of_prefixes = {
        suffix: verdict_of(fixed(here, comparison), [fixed(place, each) for place, each in elsewhere])
        for suffix, fixed in (
            (PREFIXES_FIXED, _Place.with_prefixes_fixed),
            (DRAWN_PREFIXES_FIXED, _Place.with_drawn_prefixes_fixed),
        )
    }
    for qualifier in ("", WHERE_ALL_IS_DRAWN, ON_POLICY_ONLY):
        for suffix, found in of_prefixes.items():
            if found in (EXACT + qualifier, OTHER_DIVERGENCE + qualifier):
                return found.removesuffix(qualifier) + suffix + qualifier
    return claim


def _infinite_share(along: Along, score: Score) -> float:
    """The probability of the sequences of which a coefficient or an exact gradient is not finite."""
    lost = ~np.isfinite(score.own)
    if score.exact is not None:
        lost |= ~np.isfinite(score.exact)
    for times, _ in score.charged:
        lost |= ~np.isfinite(times)
    never = along.summed(np.where(lost & (along.drawn_reach > 0), 1.0, 0.0)) > 0
    for _, whole in score.charged:
        never |= ~np.isfinite(whole)
    return float(along.drawn_weights[never].sum())


def _draws(row: SequenceRow, best: float) -> float:
    if not row.exact_here:
        return math.inf
    return row.trace_covariance / best if row.trace_covariance else 0.0


@cache
def fixed_places() -> tuple[_Place, ...]:
    """Trees without symmetry, at which a claim has to hold as well: three coins, and four prefixes of three tokens."""
    flipped = coins(*_COINS)
    return _Place.of(Along(tree=flipped)), _Place.of(Along(tree=_three_tokens()))


@cache
def fixed_places_off_policy() -> tuple[_Place, ...]:
    """The same drawn from another policy, and drawn from one with which any ratio is clipped."""
    flipped = coins(*_COINS, np.array([0.5, 0.65, 0.4]))
    near, far = (_three_tokens((4, 5, 7), (6, 2, last), (3, 8, 2), (last, 4, 7)) for last in (5, 1e-60))
    return tuple(_Place.of(Along(tree=tree)) for tree in (flipped, near, far))


_COINS = np.array([0.7, 0.45, 0.2]), np.array([0.35, 0.6, 0.55])
_Weights: TypeAlias = Sequence[float]


def _three_tokens(*drawn_from: _Weights) -> Tree:
    """Four prefixes: the start, a, c and c b; with what draws at each of them, or without."""
    start, after_a, after_c, deepest = drawn_from or (None,) * 4
    nested = _node(
        *((5, 2, 8), (3, 6, 4), start),
        a=_node((3, 1, 5), (2, 8, 3), after_a),
        c=_node((1, 6, 3), (4, 2, 7), after_c, b=_node((2, 7, 4), (9, 1, 5), deepest)),
    )
    tree, _ = tree_of(nested)
    assert tree is not None
    return tree


def _node(policy: _Weights, reference: _Weights, drawn_from: _Weights | None, **then: object) -> dict[str, object]:
    sides = {"policy": policy, "reference": reference} | ({} if drawn_from is None else {"drawn_from": drawn_from})
    pmfs = {
        name: {token: weight / sum(weights) for token, weight in zip("abc", weights, strict=True)}
        for name, weights in sides.items()
    }
    return pmfs | {"then": then}
