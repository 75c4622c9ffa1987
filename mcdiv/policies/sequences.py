"""What estimators of the KL divergence of sequences return: exact mean, bias and spread of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.log_ratios import kl_terms, minus_log1p
from mcdiv.core.rounding import without_rounding
from mcdiv.policies.terms import k1, k3
from mcdiv.policies.tree import Tree
from mcdiv.policies.verdicts import size


class SequenceValue(NamedTuple):
    """What an estimator of KL(P‖Q) of sequences returns."""

    estimator: str
    #: of one sequence drawn from the policy, nats
    mean: float
    #: mean − KL; NaN where both are infinite
    bias: float
    #: √n times the standard deviation over batches of n sequences, for large n; NaN where the mean is infinite
    sd: float
    #: the probability that it is infinite for a sequence
    infinite_share: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Along:
    """A tree with what is summed along its sequences; d = ln(p/q), and everything is 0 where p = 0."""

    tree: Tree

    @cached_property
    def log_ratio(self) -> Array:
        """d = ln(p/q), shape (E,)."""
        return self._where_drawn(k1(self.tree.p, self.tree.q).value)

    @cached_property
    def k3(self) -> Array:
        """q/p − 1 + d, shape (E,)."""
        return self._where_drawn(k3(self.tree.p, self.tree.q).value)

    @cached_property
    def k3_slope(self) -> Array:
        """dk3/d ln p = 1 − q/p, shape (E,)."""
        return self._where_drawn(k3(self.tree.p, self.tree.q).slope)

    @cached_property
    def reach(self) -> Array:
        """Probability of the sequence up to and with each branch under the policy, shape (E,)."""
        return self.tree.products_so_far(self.tree.p)

    @cached_property
    def visits(self) -> Array:
        """Probability of each prefix under the policy, shape (V,)."""
        return self.visits_by(self.reach)

    def _where_drawn(self, per_branch: Array) -> Array:
        return np.where(self.tree.p > 0, per_branch, 0.0)

    def visits_by(self, reach: Array) -> Array:
        """Probability of each prefix, shape (V,), from that of each branch."""
        leading = self.tree.parent[self.tree.first_branches]
        return np.where(leading < 0, 1.0, reach[leading])

    @cached_property
    def prefix_kl(self) -> Array:
        """KL divergence of what comes next, shape (V,)."""
        return self.tree.per_prefix(kl_terms(self.tree.p, self.tree.q))

    @cached_property
    def kl_ahead(self) -> Array:
        """KL divergence of the rest of the sequence, shape (V,)."""
        return self.tree.means_from(self.prefix_kl)

    @property
    def kl(self) -> float:
        """KL(P‖Q) of sequences."""
        return float(self.kl_ahead[0])

    @property
    def reverse_kl(self) -> float:
        """KL(Q‖P) of sequences."""
        turned = replace(self.tree, p=self.tree.q, q=self.tree.p)
        return float(turned.means_from(turned.per_prefix(kl_terms(turned.p, turned.q)))[0])

    @property
    def impossible(self) -> float:
        """The probability under P of the sequences that Q cannot draw."""
        return float(self.weights[np.isinf(self.sequence_log_ratio)].sum())

    @property
    def never_drawn(self) -> float:
        """The probability under Q of the sequences that P cannot draw."""
        possible = self.tree.products_so_far(np.where(self.tree.p > 0, 1.0, 0.0))[self.tree.ends]
        return float(self.tree.products_so_far(self.tree.q)[self.tree.ends][possible == 0].sum())

    @cached_property
    def weights(self) -> Array:
        """Probability of each sequence under the policy, shape (leaves,)."""
        return self.reach[self.tree.ends]

    @cached_property
    def lengths(self) -> Array:
        """Tokens of each sequence, the one that ends it among them."""
        sizes = np.diff(self.tree.levels)
        return np.repeat(np.arange(1.0, len(sizes) + 1), sizes)[self.tree.ends]

    @cached_property
    def sequence_log_ratio(self) -> Array:
        """ln(P/Q) of each sequence."""
        return self.summed(self.log_ratio)

    @cached_property
    def sequence_k3(self) -> Array:
        """Q/P − 1 + ln(P/Q) of each sequence."""
        total = self.sequence_log_ratio
        near = abs(total) < 0.5
        with np.errstate(over="ignore"):
            direct = np.expm1(-total) + total
            return np.where(near, minus_log1p(np.expm1(np.where(near, -total, 0.0))), direct)

    @cached_property
    def visited_kl(self) -> Array:
        """The divergences of all prefixes visited, shape (leaves,)."""
        return self.summed(self.prefix_kl[self.tree.prefix])

    def summed(self, per_branch: Array) -> Array:
        """Sums along each sequence, shape (leaves,)."""
        return self.tree.sums_so_far(per_branch)[self.tree.ends]

    def mean(self, per_sequence: Array) -> float:
        """The mean over sequences drawn from the policy; those it never draws do not count."""
        seen = self.weights > 0
        return float((self.weights[seen] * per_sequence[seen]).sum())

    @cached_property
    def length_ahead(self) -> Array:
        """Expected number of tokens from each prefix on, shape (V,)."""
        return self.tree.means_from(np.ones(len(self.prefix_kl)))

    @property
    def mean_length(self) -> float:
        """Expected number of tokens, the one that ends the sequence among them."""
        return float(self.length_ahead[0])


def sequence_values(along: Along) -> list[SequenceValue]:
    """Every estimator of KL(P‖Q) of sequences with mean, bias and spread."""
    with np.errstate(over="ignore", under="ignore"):
        return _values(along)


def _values(along: Along) -> list[SequenceValue]:
    total, lengths, kl, mean_length = along.sequence_log_ratio, along.lengths, along.kl, along.mean_length
    token_k2, token_k3 = along.summed(along.log_ratio**2 / 2), along.summed(along.k3)
    per_token = kl / mean_length
    # Where a ratio is infinite, so is the mean of a batch, with a spread that is undefined.
    batch_errors = per_token + (total - per_token * lengths) / mean_length if np.isfinite(kl) else total
    return [
        _value(along, "sum of token k1", total, bias=0.0),
        _value(along, "sum of token k2", token_k2),
        _value(along, "sum of token k3", token_k3, bias=0.0 - _never_drawn_next(along)),
        _value(along, "k2 of the sequence ratio", total**2 / 2),
        _value(along, "k3 of the sequence ratio", along.sequence_k3, bias=0.0 - along.never_drawn),
        _value(along, "mean over sequences of token-mean k1", total / lengths),
        _value(along, "mean over sequences of token-mean k3", token_k3 / lengths),
        _value(along, "token mean of k1 over a large batch", batch_errors),
        _value(along, "exact KL at each visited prefix (Rao-Blackwell)", along.visited_kl, bias=0.0),
    ]


def _value(along: Along, name: str, per_sequence: Array, *, bias: float | None = None) -> SequenceValue:
    """The record of an estimator; a bias that is known exactly is given, and decides its mean."""
    seen = along.weights > 0
    weights, values = along.weights[seen], per_sequence[seen]
    infinite = float(weights[np.isinf(values)].sum())
    mean = along.kl + bias if bias is not None else float((weights * values).sum())
    if not np.isfinite(mean):
        return SequenceValue(name, mean, np.nan if np.isinf(along.kl) else mean, np.nan, infinite)
    if bias is None:
        bias = without_rounding(mean - along.kl, mean + along.kl)
    return SequenceValue(name, mean, bias, size(np.sqrt(weights) * (values - mean)), infinite)


def _never_drawn_next(along: Along) -> float:
    """What of the reference the policy never draws, summed over the prefixes it visits: k3 never sees that."""
    lost = along.tree.per_prefix(np.where(along.tree.p > 0, 0.0, along.tree.q))
    return float(along.tree.means_from(lost)[0])
