"""A tree with what is summed along its sequences: ratios, divergences, and how probable each sequence is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.log_ratios import kl_terms, minus_log1p
from mcdiv.policies.terms import TERMS, Term
from mcdiv.policies.tree import Tree


@dataclass(frozen=True, kw_only=True, eq=False)
class Along:
    """A tree with what is summed along its sequences; a token that neither P has nor is drawn counts as 0."""

    tree: Tree

    @cached_property
    def terms(self) -> dict[str, Term]:
        """k1, k2 and k3 of the tokens, shape (E,): infinite or undefined where p = 0 and the token is drawn."""
        return {name: self._where_possible(rule(self.tree.p, self.tree.q)) for name, rule in TERMS.items()}

    def _where_possible(self, term: Term) -> Term:
        possible = (self.tree.p > 0) | (self.tree.drawn > 0)
        return replace(term, value=np.where(possible, term.value, 0.0), slope=np.where(possible, term.slope, 0.0))

    @cached_property
    def log_ratio(self) -> Array:
        """d = ln(p/q), shape (E,)."""
        return self.terms["k1"].value

    @property
    def k3(self) -> Array:
        """q/p − 1 + d, shape (E,)."""
        return self.terms["k3"].value

    @property
    def k3_slope(self) -> Array:
        """dk3/d ln p = 1 − q/p, shape (E,)."""
        return self.terms["k3"].slope

    @property
    def on_policy(self) -> bool:
        """Whether the policy draws."""
        return self.tree.o is None or bool(np.array_equal(self.tree.o, self.tree.p))

    @property
    def all_finite(self) -> bool:
        """Whether nothing that is drawn is infinite, but for what is larger than any float."""
        return bool(((self.tree.p > 0) & (self.tree.q > 0))[self.drawn_reach > 0].all())

    @cached_property
    def reach(self) -> Array:
        """Probability of the sequence up to and with each branch under the policy, shape (E,)."""
        return self.tree.products_so_far(self.tree.p)

    @cached_property
    def drawn_reach(self) -> Array:
        """The same under what draws."""
        return self.reach if self.tree.o is None else self.tree.products_so_far(self.tree.o)

    @cached_property
    def visits(self) -> Array:
        """Probability of each prefix under the policy, shape (V,)."""
        return self.visits_by(self.reach)

    @cached_property
    def drawn_visits(self) -> Array:
        """The same under what draws."""
        return self.visits_by(self.drawn_reach)

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
        """The probability under Q of the sequences that have probability 0 under P."""
        possible = self.tree.products_so_far(np.where(self.tree.p > 0, 1.0, 0.0))[self.tree.ends]
        return float(self.tree.products_so_far(self.tree.q)[self.tree.ends][possible == 0].sum())

    @cached_property
    def weights(self) -> Array:
        """Probability of each sequence under the policy, shape (leaves,)."""
        return self.reach[self.tree.ends]

    @cached_property
    def drawn_weights(self) -> Array:
        """The same under what draws."""
        return self.drawn_reach[self.tree.ends]

    @property
    def not_covered(self) -> float:
        """The probability under P of the sequences that are never drawn."""
        return float(self.weights[self.drawn_weights == 0].sum())

    @property
    def drawn_impossible(self) -> float:
        """The probability of drawing a sequence with a token to which P gives 0."""
        impossible = self.summed(np.where((self.tree.p == 0) & (self.tree.drawn > 0), 1.0, 0.0)) > 0
        return float(self.drawn_weights[impossible].sum())

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
        with np.errstate(over="ignore", invalid="ignore"):
            direct = np.expm1(-total) + total
            direct = np.where(np.isneginf(total), np.inf, direct)
            return np.where(near, minus_log1p(np.expm1(np.where(near, -total, 0.0))), direct)

    @cached_property
    def sequence_terms(self) -> dict[str, Term]:
        """k2 and k3 of whole sequences, shape (leaves,), with their limits where P is 0."""
        log, p, q = self.sequence_log_ratio, self.weights, self.tree.products_so_far(self.tree.q)[self.tree.ends]
        with np.errstate(over="ignore"):
            slope = 0.0 - np.expm1(0.0 - log)
        k2 = Term(value=log**2 / 2, slope=log, value_mass=_mass(p, log**2 / 2), slope_mass=_mass(p, log))
        k3 = Term(
            value=self.sequence_k3,
            slope=slope,
            value_mass=np.where(np.isfinite(self.sequence_k3), _mass(p, self.sequence_k3), kl_terms(p, q)),
            slope_mass=np.where(np.isfinite(slope), _mass(p, slope), p - q),
        )
        return {"k2": k2, "k3": k3}

    @cached_property
    def visited_kl(self) -> Array:
        """The divergences of all prefixes visited, shape (leaves,)."""
        return self.summed(self.prefix_kl[self.tree.prefix])

    def summed(self, per_branch: Array) -> Array:
        """Sums along each sequence, shape (leaves,)."""
        return self.tree.sums_so_far(per_branch)[self.tree.ends]

    def mean(self, per_sequence: Array) -> float:
        """The mean over the sequences that are drawn; those that never are do not count."""
        seen = self.drawn_weights > 0
        return float((self.drawn_weights[seen] * per_sequence[seen]).sum())

    @cached_property
    def length_ahead(self) -> Array:
        """Expected number of tokens from each prefix on, shape (V,)."""
        return self.tree.means_from(np.ones(len(self.prefix_kl)))

    @property
    def mean_length(self) -> float:
        """Expected number of tokens, the one that ends the sequence among them."""
        return float(self.length_ahead[0])

    @property
    def drawn_length(self) -> float:
        """The same of what is drawn."""
        return self.mean_length if self.on_policy else self.mean(self.lengths)


def _mass(p: Array, values: Array) -> Array:
    """p times values, 0 where p = 0."""
    return np.where(p > 0, p * np.where(p > 0, values, 0.0), 0.0)
