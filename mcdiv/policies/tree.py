"""A tree of steps with an end: at each prefix a policy, a reference and what draws, as arrays over branches.

A branch is one token after one prefix. Branches are in the order of their depth, and those of one prefix lie side by
side; a branch that ends is a leaf, a whole sequence. Sums along sequences go down the tree and sums over sequences go
up, level by level, so that both cost as much as there are branches.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array

Places = NDArray[np.int64]
MAX_LEAVES = 10**6
#: tokens of the longest sequence
MAX_STEPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Tree:
    """The branches of a tree, E of them, of V prefixes; the first prefix is the empty one."""

    #: shape (E,): probability of the token after its prefix, under the policy and under the reference
    p: Array
    q: Array
    #: shape (E,): the prefix that the branch leaves
    prefix: Places
    #: shape (E,): the branch that leads to that prefix; -1 at the start
    parent: Places
    #: shape (E,): whether the sequence ends with it
    ends: NDArray[np.bool_]
    #: where each level begins, and where the last one ends: the tokens at place t are levels[t] … levels[t + 1]
    levels: tuple[int, ...]
    #: shape (E,): whether the logit of the branch is a parameter; of a coin only that of going on is
    is_parameter: NDArray[np.bool_]
    #: shape (E,): the token, as it was given
    tokens: tuple[Hashable, ...]
    #: shape (E,): probability of the token after its prefix where sequences are drawn; None where the policy draws
    o: Array | None = None

    @property
    def drawn(self) -> Array:
        """Shape (E,): probability of the token after its prefix under what draws."""
        return self.p if self.o is None else self.o

    @property
    def first_branches(self) -> Places:
        """Shape (V,): the first branch of each prefix."""
        return np.flatnonzero(np.diff(self.prefix, prepend=-1))

    def per_prefix(self, values: Array) -> Array:
        """Sums over the branches of each prefix, shape (V,)."""
        return np.asarray(np.bincount(self.prefix, values))

    def sums_so_far(self, values: Array) -> Array:
        """Sums along the sequence up to and with each branch, shape (E,)."""
        sums = values.copy()
        for begin, end in pairwise(self.levels[1:]):
            sums[begin:end] += sums[self.parent[begin:end]]
        return sums

    def products_so_far(self, values: Array) -> Array:
        """Products along the sequence up to and with each branch, shape (E,); too small ones are 0."""
        products = values.copy()
        with np.errstate(under="ignore"):
            for begin, end in pairwise(self.levels[1:]):
                products[begin:end] *= products[self.parent[begin:end]]
        return products

    def sums_of_products(self, values: Array, masses: Array) -> Array:
        """Σ_u m_u Π_{v≠u} x_v over the branches of the sequence up to and with each one, shape (E,)."""
        sums = masses.copy()
        before = self.products_so_far(values)
        with np.errstate(under="ignore"):
            for begin, end in pairwise(self.levels[1:]):
                above = self.parent[begin:end]
                sums[begin:end] = masses[begin:end] * before[above] + values[begin:end] * sums[above]
        return sums

    def sums_over_sequences(self, at_leaves: Array) -> Array:
        """Sums over the sequences that take each branch, shape (E,), of a number for each leaf in order."""
        sums = np.zeros(self.p.shape)
        sums[self.ends] = at_leaves
        for before, begin, end in reversed(list(zip(self.levels, self.levels[1:], self.levels[2:], strict=False))):
            sums[before:begin] += np.bincount(self.parent[begin:end] - before, sums[begin:end], begin - before)
        return sums

    def means_from(self, per_prefix: Array) -> Array:
        """What a number per visited prefix is expected to sum to from each prefix on, shape (V,), under the policy."""
        means, firsts = per_prefix.copy(), self.first_branches
        leading = self.parent[firsts]
        for begin, end in reversed(list(pairwise(np.searchsorted(firsts, self.levels).tolist()))[1:]):
            branches = leading[begin:end]
            above, weights = self.prefix[branches], self.p[branches]
            weighted = np.where(weights > 0, weights, 1.0) * np.where(weights > 0, means[begin:end], 0.0)
            means[above[0] : above[-1] + 1] += np.bincount(above - above[0], weighted)
        return means

    def parameter_names(self) -> tuple[str, ...]:
        """What each parameter is the logit of: the tokens up to and with it; of coins, going on at a step."""
        if not self.is_parameter.all():
            return tuple(f"step {level + 1}" for level in range(len(self.levels) - 1))
        return tuple(" ".join(map(str, self.prefix_of(branch))) for branch in range(len(self.tokens)))

    def prefix_of(self, branch: int) -> tuple[Hashable, ...]:
        """The tokens up to and with a branch."""
        found = []
        while branch >= 0:
            found.append(self.tokens[branch])
            branch = int(self.parent[branch])
        return tuple(reversed(found))


def coins(policy: Array, reference: Array, drawn_from: Array | None = None) -> Tree:
    """A step after the other, at each of which the sequence goes on with that probability, and else ends.

    After the last step it ends either way. The parameters are the logits of going on.
    """
    steps = len(policy)
    p, q, o = (None if on is None else np.column_stack([on, 1 - on]).ravel() for on in (policy, reference, drawn_from))
    assert p is not None
    assert q is not None
    places = np.arange(2 * steps)
    return Tree(
        p=p,
        q=q,
        prefix=places // 2,
        parent=np.where(places < 2, -1, places - places % 2 - 2),
        ends=(places % 2 == 1) | (places == 2 * steps - 2),
        levels=tuple(range(0, 2 * steps + 1, 2)),
        is_parameter=places % 2 == 0,
        tokens=("on", "end") * steps,
        o=o,
    )
