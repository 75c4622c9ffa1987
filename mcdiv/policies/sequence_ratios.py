"""The estimators of the gradient of KL(P‖Q) of sequences that were drawn from another policy: ratios as weights.

A weight w_t multiplies what token t adds. Detached it is a number; differentiated it adds its own slope times what it
multiplies. A ratio that is clipped passes no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array
from mcdiv.core.cards import Card, card_of
from mcdiv.policies.sequence_gradients import Score, SequenceEstimator, prefix_slopes
from mcdiv.policies.sequence_weights import (
    cumulative_weight,
    mean_weight,
    prefix_weight,
    sequence_mass,
    sequence_weight,
    token_weight,
)
from mcdiv.policies.sequences import Along

#: of the tree, of k1, k2 or k3 and of the clip: Σ_t w_t ∇k_t, and what differentiating the weights adds to it
Parts: TypeAlias = Callable[[Along, str, float], tuple[Score, Score]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RatioEstimator:
    """An estimator whose clip is still to be given."""

    name: str
    rule: Callable[[Along, float], Score]
    card: Card

    def at(self, clip: float, suffix: str) -> SequenceEstimator:
        """The same with its clip, ∞ for none."""
        return SequenceEstimator(name=self.name + suffix, rule=lambda along: self.rule(along, clip), card=self.card)


def token_loss(along: Along, clip: float, *, ratio: str, term: str, differentiated: bool) -> Score:
    """The sum over the tokens of a weight times k1, k2 or k3, differentiated.

    Formula: Σ_t w_t k_t;  c_t = w_t k′_t, and with w differentiated w_t k′_t + Σ_u k_u ∂w_u/∂ ln p_t
    Valid:   all that P has is drawn. With w differentiated, the cumulative and the sequence ratio make k1 and k3 exact.
    Source:  by definition
    """
    detached, more = _TOKENS[ratio](along, term, clip)
    return detached.plus(more) if differentiated else detached


def return_to_go(along: Along, clip: float, *, ratio: str) -> Score:
    """Each token is charged with its own k1 and those after it, as numbers, with a weight.

    Formula: c_t = w_t Σ_{u ≥ t} d_u;  with the cumulative ratio c_t = Σ_{u ≥ t} w_u d_u
    Valid:   all that P has is drawn. Exact with the cumulative and with the sequence ratio.
    Source:  the cumulative ratio: Precup, Sutton & Singh (2000), Eligibility traces for off-policy policy evaluation
    """
    return _REWARDS[ratio](along, clip)


def sequence_loss(along: Along, clip: float, *, ratio: str, term: str, differentiated: bool) -> Score:
    """A weight times k2 or k3 of the whole sequence, differentiated.

    Formula: w k;  c_t = w k′, and with w differentiated w k′ + k ∂w/∂ ln p_t
    Valid:   all that P has is drawn. Exact with the sequence ratio: k2 with it detached, k3 with it differentiated.
    Source:  by definition
    """
    of_all, mean = along.sequence_terms[term], ratio == "sequence-mean"
    weight = mean_weight(along, clip) if mean else sequence_weight(along, clip)
    if mean:
        slope, value = weight.factor * of_all.slope, weight.factor * of_all.value / along.lengths
    else:
        slope = weight.times(of_all.slope, of_all.slope_mass)
        value = weight.times(of_all.value, of_all.value_mass)
    none = np.zeros(along.tree.p.shape)
    return Score(none, ((none + 1, slope + np.where(weight.unclipped, value, 0.0) if differentiated else slope),))


def exact_loss(along: Along, clip: float, *, differentiated: bool) -> Score:
    """The divergence of what comes next at each visited prefix times the ratio of the prefix.

    Formula: Σ_t w_{t−1} KL_t with w_{t−1} = Π_{u<t} p_u/o_u;  w_{t−1} ∇KL_t, and with w differentiated besides
             c_t = Σ_{u > t} w_{u−1} KL_u
    Valid:   all that P has is drawn. With w differentiated it is exact.
    Source:  by definition
    """
    weight, prefix = prefix_weight(along, clip), along.tree.prefix
    none, slopes = np.zeros(along.tree.p.shape), weight.factor[prefix] * prefix_slopes(along)
    if not differentiated:
        return Score(none, exact=slopes)
    own, charged, _ = _ahead(along, np.where(weight.unclipped, weight.factor * along.prefix_kl, 0.0)[prefix])
    return Score(own, charged, slopes)


def _own_token(along: Along, name: str, clip: float) -> tuple[Score, Score]:
    term, weight = along.terms[name], token_weight(along, clip)
    value = np.where(weight.unclipped, weight.times(term.value, term.value_mass), 0.0)
    return Score(weight.times(term.slope, term.slope_mass)), Score(value)


def _cumulative(along: Along, name: str, clip: float) -> tuple[Score, Score]:
    term, weight, before = along.terms[name], cumulative_weight(along, clip), along.visits[along.tree.prefix]
    value = np.where(weight.unclipped, weight.times(term.value, before * term.value_mass), 0.0)
    ahead = _ahead(along, value)
    return Score(weight.times(term.slope, before * term.slope_mass)), ahead._replace(own=ahead.own + value)


def _sequence(along: Along, name: str, clip: float) -> tuple[Score, Score]:
    term, weight, none = along.terms[name], sequence_weight(along, clip), np.zeros(along.tree.p.shape)
    value = weight.times(along.summed(term.value), sequence_mass(along, term))
    slope = _limit(clip, along.tree.p > 0, term.slope)
    charged = [(slope, weight.factor), *_only_impossible(along, term.slope_mass)]
    return Score(none, tuple(charged)), Score(none, ((none + 1, np.where(weight.unclipped, value, 0.0)),))


def _sequence_mean(along: Along, name: str, clip: float) -> tuple[Score, Score]:
    term, weight, none = along.terms[name], mean_weight(along, clip), np.zeros(along.tree.p.shape)
    value = weight.factor * along.summed(term.value) / along.lengths
    return (
        Score(none, ((term.slope, weight.factor),)),
        Score(none, ((none + 1, np.where(weight.unclipped, value, 0.0)),)),
    )


_TOKENS: Mapping[str, Parts] = {
    "own-token": _own_token,
    "cumulative": _cumulative,
    "sequence": _sequence,
    "sequence-mean": _sequence_mean,
}


def _own_token_reward(along: Along, clip: float) -> Score:
    term, weight = along.terms["k1"], token_weight(along, clip)
    own = weight.times(term.value, term.value_mass) - weight.factor * along.tree.sums_so_far(term.value)
    return Score(own, ((weight.factor, along.sequence_log_ratio),))


def _cumulative_reward(along: Along, clip: float) -> Score:
    term, weight, before = along.terms["k1"], cumulative_weight(along, clip), along.visits[along.tree.prefix]
    value = weight.times(term.value, before * term.value_mass)
    ahead = _ahead(along, value)
    return ahead._replace(own=ahead.own + value)


def _sequence_reward(along: Along, clip: float) -> Score:
    weight, term, none = sequence_weight(along, clip), along.terms["k1"], np.zeros(along.tree.p.shape)
    whole = weight.times(along.sequence_log_ratio, sequence_mass(along, term))
    before = _limit(clip, along.visits[along.tree.prefix] > 0, _before(along))
    return Score(none, ((0.0 - before, weight.factor), (none + 1, whole)))


def _mean_reward(along: Along, clip: float) -> Score:
    weight, none = mean_weight(along, clip), np.zeros(along.tree.p.shape)
    whole = weight.factor * along.sequence_log_ratio
    return Score(none, ((0.0 - _before(along), weight.factor), (none + 1, whole)))


_REWARDS: Mapping[str, Callable[[Along, float], Score]] = {
    "own-token": _own_token_reward,
    "cumulative": _cumulative_reward,
    "sequence": _sequence_reward,
    "sequence-mean": _mean_reward,
}


def _ahead(along: Along, per_branch: Array) -> Score:
    """c_t = what is summed along the sequence after token t."""
    sums = along.tree.sums_so_far(per_branch)
    return Score(0.0 - sums, ((np.ones_like(sums), sums[along.tree.ends]),))


def _before(along: Along) -> Array:
    """d summed over the tokens before each, shape (E,)."""
    parent = along.tree.parent
    return np.where(parent < 0, 0.0, along.tree.sums_so_far(along.log_ratio)[parent])


def _limit(clip: float, possible: NDArray[np.bool_], values: Array) -> Array:
    """The values, and 0 where a weight of 0 multiplies what is infinite; one that is clipped up is not 0."""
    return values if clip < 1 else np.where(possible, values, 0.0)


def _only_impossible(along: Along, mass: Array) -> Iterator[tuple[Array, Array]]:
    """What the limit of W k′_t adds at a token with p = 0, which is p k′/o there: where no other token has p = 0."""
    impossible = (along.tree.p == 0) & (along.tree.drawn > 0)
    if not (times := np.where(impossible, mass / np.where(impossible, along.tree.drawn, 1.0), 0.0)).any():
        return
    once = along.summed(np.where(impossible, 1.0, 0.0)) == 1
    p, o = (
        along.tree.products_so_far(np.where(impossible, 1.0, pmf))[along.tree.ends]
        for pmf in (along.tree.p, along.tree.drawn)
    )
    yield times, np.where(once & (o > 0), p / np.where(o > 0, o, 1.0), 0.0)


def _entries() -> Iterator[_RatioEstimator]:
    """One for each ratio, term and way to differentiate; the clip is still to be given."""
    for term in ("k1", "k2", "k3"):
        for ratio in _TOKENS:
            yield from _both(f"token {term} x {ratio} ratio", token_loss, ratio=ratio, term=term)
    for ratio in _REWARDS:
        yield _entry(f"k1 in reward, return to go x {ratio} ratio", return_to_go, ratio=ratio)
    for term in ("k2", "k3"):
        for ratio in ("sequence", "sequence-mean"):
            yield from _both(f"{term} of the sequence x {ratio} ratio", sequence_loss, ratio=ratio, term=term)
    yield from _both("exact KL at each prefix x cumulative ratio", exact_loss)


def _both(name: str, rule: Callable[..., Score], **given: str) -> Iterator[_RatioEstimator]:
    for said in ("detached", "differentiated"):
        yield _entry(f"{name}, {said}", rule, differentiated=said == "differentiated", **given)


def _entry(name: str, rule: Callable[..., Score], **given: str | bool) -> _RatioEstimator:
    return _RatioEstimator(name=name, rule=partial(rule, **given), card=card_of(rule))


RATIO_ESTIMATORS: Mapping[str, _RatioEstimator] = {entry.name: entry for entry in _entries()}


def ratio_estimators(clip: float | None) -> Iterator[SequenceEstimator]:
    """All of them, each with its ratio as it is and, where that is asked for, clipped to 1 ± clip."""
    for entry in RATIO_ESTIMATORS.values():
        yield entry.at(np.inf, "")
        if clip is not None:
            yield entry.at(clip, ", clipped")
