"""Ratios of the policy and of what draws, along a sequence, as weights: ρ_t = p_t/o_t of the token at place t.

The own-token ratio is ρ_t, as in PPO and GRPO; the cumulative ratio ρ_1 ⋯ ρ_t, as in importance sampling per decision;
the sequence ratio the product over all tokens; the sequence-mean ratio its T-th root for T tokens, as in GSPO. What is
weighted is infinite where p = 0; its product with a ratio of 0 is the limit p → 0, and left undefined for the mean.
"""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.policies.sequences import Along
from mcdiv.policies.terms import Term, Weight, importance_weight, minus_log_ratio


def token_weight(along: Along, clip: float) -> Weight:
    """ρ_t, shape (E,)."""
    return importance_weight(along.tree.p, along.tree.drawn, clip)


def cumulative_weight(along: Along, clip: float) -> Weight:
    """ρ_1 ⋯ ρ_t, shape (E,)."""
    return importance_weight(along.reach, along.drawn_reach, clip)


def prefix_weight(along: Along, clip: float) -> Weight:
    """The same of the tokens before, shape (V,)."""
    return importance_weight(along.visits, along.drawn_visits, clip)


def sequence_weight(along: Along, clip: float) -> Weight:
    """ρ_1 ⋯ ρ_T, shape (leaves,)."""
    return importance_weight(along.weights, along.drawn_weights, clip)


def mean_weight(along: Along, clip: float) -> Weight:
    """(ρ_1 ⋯ ρ_T)^(1/T), shape (leaves,)."""
    drawn = along.tree.drawn > 0
    logs = np.where(drawn, minus_log_ratio(along.tree.p, along.tree.drawn), 0.0)
    means = np.exp(along.summed(logs) / along.lengths)
    return importance_weight(means, np.ones_like(means), clip)


def sequence_mass(along: Along, term: Term) -> Array:
    """P times the sum of a term over the tokens, shape (leaves,); its limit where P is 0."""
    return along.tree.sums_of_products(along.tree.p, term.value_mass)[along.tree.ends]
