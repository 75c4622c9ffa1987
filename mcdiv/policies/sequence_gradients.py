"""Gradients of the KL divergence of sequences, in the logits at every prefix: the true ones, and what a sequence gives.

For one sequence an estimator's gradient at a visited prefix is c (e − p) + g: e is the token drawn there, c a number,
and g the same whatever is drawn. So the expected gradient and the trace of its covariance need of all sequences through
a branch only the probability with which they are drawn and the first two moments of c.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import NamedTuple, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.rounding import without_rounding, without_roundings
from mcdiv.policies.gradients import GradientMoments
from mcdiv.policies.sequences import Along


class Score(NamedTuple):
    """What an estimator puts before the score of each token, c = own + Σ times · whole, and what it adds to that."""

    #: shape (E,): what depends on the token and those before it
    own: Array
    #: shapes (E,) and (leaves,): what depends on the token, and what depends on the whole sequence
    charged: tuple[tuple[Array, Array], ...] = ()
    #: shape (E,): g, a gradient without a score
    exact: Array | None = None

    def plus(self, other: Score) -> Score:
        """The sum of two without a g of their own."""
        return Score(self.own + other.own, (*self.charged, *other.charged))


Rule: TypeAlias = Callable[[Along], Score]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SequenceEstimator:
    """An estimator of ∇KL(P‖Q) of sequences from one sequence."""

    name: str
    rule: Rule
    card: Card


SEQUENCE_ESTIMATORS: Catalogue[SequenceEstimator] = Catalogue(
    "gradient of sequences", "mcdiv.policies.sequence_estimators"
)


def sequence_gradient(name: str) -> Callable[[Rule], Rule]:
    """Enter a function of what is summed along sequences into the catalogue."""

    def register(rule: Rule) -> Rule:
        SEQUENCE_ESTIMATORS.add(name, SequenceEstimator(name=name, rule=rule, card=card_of(rule)))
        return rule

    return register


def true_gradient(along: Along) -> Array:
    """∇KL(P‖Q) of sequences, shape (E,): P(prefix) p (d + KL ahead − KL from here)."""
    tree = along.tree
    ahead = np.zeros(tree.p.shape)
    ahead[tree.parent[tree.first_branches][1:]] = along.kl_ahead[1:]
    return _at_visits(along, tree.p * (_log_ratio(along) + ahead - along.kl_ahead[tree.prefix]))


def prefix_gradient(along: Along) -> Array:
    """The part of it that is left where the probabilities of the prefixes are held fixed."""
    return _at_visits(along, prefix_slopes(along))


def drawn_prefix_gradient(along: Along) -> Array:
    """The same over the prefixes that are drawn, whatever the policy makes of them."""
    return _at_visits(along, prefix_slopes(along), along.drawn_visits)


def reverse_gradient(along: Along) -> Array:
    """∇KL(Q‖P) of sequences: Q(prefix) (p − q)."""
    tree = along.tree
    return along.visits_by(tree.products_so_far(tree.q))[tree.prefix] * (tree.p - tree.q)


def reverse_prefix_gradient(along: Along) -> Array:
    """∇KL(Q‖P) at each prefix, over the prefixes that P visits: P(prefix) (p − q)."""
    return _at_visits(along, along.tree.p - along.tree.q)


def drawn_reverse_prefix_gradient(along: Along) -> Array:
    """The same over the prefixes that are drawn."""
    return _at_visits(along, along.tree.p - along.tree.q, along.drawn_visits)


def prefix_slopes(along: Along) -> Array:
    """∇KL of what comes next, shape (E,): p (d − KL)."""
    return along.tree.p * (_log_ratio(along) - along.prefix_kl[along.tree.prefix])


def sequence_moments(along: Along, score: Score) -> GradientMoments:
    """Mean and spread of the gradient that one sequence gives, shape (E,); the trace is over the parameters."""
    tree, visits = along.tree, along.drawn_visits[along.tree.prefix]
    first, second = _moments_of_c(along, score)
    exact = np.zeros(tree.p.shape) if score.exact is None else score.exact
    mean = first - tree.p * tree.per_prefix(first)[tree.prefix] + visits * exact
    scale = abs(first) + tree.p * tree.per_prefix(abs(first))[tree.prefix] + abs(visits * exact)
    parameters = np.where(tree.is_parameter, 1.0, 0.0)
    p_squared = parameters * tree.p**2
    score_squared = parameters * (1 - tree.p) ** 2 + tree.per_prefix(p_squared)[tree.prefix] - p_squared
    across = parameters * exact - tree.per_prefix(parameters * tree.p * exact)[tree.prefix]
    squared = float((second * score_squared + 2 * first * across + visits * parameters * exact**2).sum())
    trace = without_rounding(squared - float((parameters * mean**2).sum()), squared)
    return GradientMoments(mean=without_roundings(mean, scale), scale=scale, trace=trace)


def _moments_of_c(along: Along, score: Score) -> tuple[Array, Array]:
    """First and second moment of c at each branch, times the probability of drawing the branch."""
    reach, weights, own = along.drawn_reach, along.drawn_weights, score.own
    times = [each for each, _ in score.charged]
    wholes = [np.where(weights > 0, whole, 0.0) for _, whole in score.charged]
    weighed = [weights * whole for whole in wholes]
    means = [factor * along.tree.sums_over_sequences(terms) for factor, terms in zip(times, weighed, strict=True)]
    first = reach * own
    for mean in means:
        first = first + mean
    second = own * (reach * own + 2 * sum(means)) if means else first * own
    for i, j in combinations_with_replacement(range(len(times)), 2):
        square = along.tree.sums_over_sequences(weighed[i] * wholes[j])
        second = second + (1 if i == j else 2) * times[i] * times[j] * square
    return np.where(reach > 0, first, 0.0), np.where(reach > 0, second, 0.0)


def _at_visits(along: Along, per_branch: Array, visits: Array | None = None) -> Array:
    """A vector at each prefix times the probability of the prefix, under the policy where no other is given."""
    weights = (along.visits if visits is None else visits)[along.tree.prefix]
    return np.where(weights > 0, weights * per_branch, 0.0)


def _log_ratio(along: Along) -> Array:
    """d, and 0 where p = 0, also of a token that is drawn."""
    return np.where(along.tree.p > 0, along.log_ratio, 0.0)
