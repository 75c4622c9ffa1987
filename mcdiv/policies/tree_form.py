"""From nested mappings to a tree, with all that is wrong with them.

    policy: {a: 0.6, end: 0.4}
    reference: {a: 0.5, end: 0.5}
    then:
      a:
        policy: {a: 0.3, end: 0.7}
        reference: {a: 0.6, end: 0.4}

A token that `then` does not have ends the sequence. With `drawn_from` beside `policy`, at every prefix or at none,
sequences are drawn from that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from mcdiv.core.arrays import SUM_TOLERANCE, Array
from mcdiv.core.catalogue import did_you_mean, quoted
from mcdiv.core.domains import PROBABILITY, Problem
from mcdiv.errors import Fault
from mcdiv.policies.tree import MAX_LEAVES, MAX_STEPS, Places, Tree

_KEYS = ("policy", "reference", "drawn_from", "then")


def tree_of(nested: object) -> tuple[Tree | None, list[Problem]]:
    """The tree, or None and what is wrong: where, as keys from the outermost mapping, and what."""
    growing = _Growing()
    level: list[tuple[Any, int]] = [(nested, -1)]
    while level:
        growing.levels.append(len(growing.tokens))
        following: list[tuple[Any, int]] = []
        for node, parent in level:
            following += growing.add(node, parent)
            if growing.leaves + len(following) > MAX_LEAVES:
                return None, [((), f"has more than {MAX_LEAVES:,} sequences")]
        if len(growing.levels) > MAX_STEPS:
            return None, [((), f"has sequences of more than {MAX_STEPS:,} tokens")]
        level = following
    return growing.finished()


class _Growing:
    """The branches so far, and what was wrong with them."""

    def __init__(self) -> None:
        self.levels: list[int] = []
        self.tokens: list[Hashable] = []
        self.parent: list[int] = []
        self.sizes: list[int] = []
        self.ends: list[bool] = []
        #: by the name of the pmf; the start says which there are
        self.given: dict[str, list[Any]] = {}
        self.leaves = 0
        self.problems: list[Problem] = []

    def add(self, node: object, parent: int) -> list[tuple[Any, int]]:
        """Add the branches of one prefix; what follows them, each with the branch that leads to it."""
        if not self.given:
            has_own = isinstance(node, Mapping) and "drawn_from" in node
            self.given = {name: [] for name in ("policy", "reference", *["drawn_from"] * has_own)}
        if not isinstance(node, dict) or not _is_plain(node, self.given):
            wrong = _wrong_with(node, self.given)
            self.problems += [((*self.path(parent), *path), message) for path, message in wrong]
            if wrong or not isinstance(node, Mapping):
                return []
        policy, then = node["policy"], node.get("then") or {}
        first = len(self.tokens)
        self.tokens += policy
        self.sizes.append(len(policy))
        self.parent += [parent] * len(policy)
        for name, values in self.given.items():
            pmf = node[name]
            values += [pmf[token] for token in policy]
        self.leaves += len(policy) - len(then)
        if not then:
            self.ends += [True] * len(policy)
            return []
        self.ends += [token not in then for token in policy]
        return [(then[token], first + place) for place, token in enumerate(policy) if token in then]

    def path(self, branch: int) -> tuple[str | int, ...]:
        """The keys that lead to what follows a branch."""
        keys: list[str | int] = []
        while branch >= 0:
            keys += [_key(self.tokens[branch]), "then"]
            branch = self.parent[branch]
        return tuple(reversed(keys))

    def finished(self) -> tuple[Tree | None, list[Problem]]:
        """The tree, if nothing is wrong."""
        prefix = np.repeat(np.arange(len(self.sizes)), self.sizes)
        pmfs = [self._pmf(name, prefix) for name in self.given] if self.tokens else []
        if self.problems:
            return None, self.problems
        tree = Tree(
            p=pmfs[0],
            q=pmfs[1],
            prefix=prefix,
            parent=np.array(self.parent),
            ends=np.array(self.ends),
            levels=(*self.levels, len(self.tokens)),
            is_parameter=np.ones(len(prefix), dtype=bool),
            tokens=tuple(self.tokens),
            o=pmfs[2] if len(pmfs) > 2 else None,
        )
        return tree, []

    def _pmf(self, name: str, prefix: Places) -> Array:
        """The probabilities of each branch given its prefix, divided by their sums; what is wrong becomes a problem."""
        given = self.given[name]
        values = np.full(len(given), np.nan)
        for place, value in enumerate(given):
            if type(value) is float and 0 <= value <= 1:
                values[place] = value
                continue
            try:
                values[place] = float(PROBABILITY.parse(value))
            except ValueError as error:
                where = (*self.path(self.parent[place]), name, _key(self.tokens[place]))
                self.problems.append((where, str(error)))
        sums = np.bincount(prefix, values)
        for place in np.flatnonzero(abs(sums - 1) > SUM_TOLERANCE).tolist():
            branch = int(np.searchsorted(prefix, place))
            said = f"sums to {sums[place]:.12g}; probabilities must sum to 1 (within 1e-9)"
            self.problems.append(((*self.path(self.parent[branch]), name), said))
        with np.errstate(divide="ignore", invalid="ignore"):  # where a problem was found
            return np.asarray(values / sums[prefix])


def _is_plain(node: dict[Any, Any], pmfs: Iterable[str]) -> bool:
    """Whether nothing is wrong with what stands at a prefix, but for its numbers, looked at quickly."""
    policy, then = node.get("policy"), node.get("then")
    found = [node.get(name) for name in pmfs]
    return (
        type(policy) is dict
        and len(policy) > 0
        and all(type(pmf) is dict and pmf.keys() == policy.keys() for pmf in found)
        and len(node) == len(found) + ("then" in node)
        and (then is None or (type(then) is dict and then.keys() <= policy.keys()))
    )


def _wrong_with(node: object, pmfs: Iterable[str]) -> list[Problem]:
    """What is wrong with what stands at a prefix, but for its numbers."""
    if not isinstance(node, Mapping):
        return [
            ((), f"expected 'policy' and 'reference', each a mapping of tokens to probabilities, got {quoted(node)}")
        ]
    wrong: list[Problem] = [
        ((_key(key),), Fault(did_you_mean("key", key, _KEYS), at="name")) for key in node if key not in _KEYS
    ]
    if "drawn_from" in node and "drawn_from" not in pmfs:
        wrong.append((("drawn_from",), Fault("is not there at the start; give it at every prefix", at="name")))
    for name in pmfs:
        if not isinstance(node.get(name), Mapping) or not node[name]:
            got = f", got {quoted(node[name])}" if name in node else ""
            wrong.append(((name,), f"expected a mapping of tokens to probabilities{got}"))
    then = node.get("then")
    if then is not None and not isinstance(then, Mapping):
        wrong.append((("then",), f"expected a mapping of tokens to what follows them, got {quoted(then)}"))
    return wrong or list(_unmatched({name: node[name] for name in pmfs}, then or {}))


def _unmatched(pmfs: dict[str, Mapping[Any, Any]], then: Mapping[Any, Any]) -> list[Problem]:
    policy = pmfs["policy"]
    if all(pmf.keys() == policy.keys() for pmf in pmfs.values()) and then.keys() <= policy.keys():
        return []
    first = {token: name for name in reversed(pmfs) for token in pmfs[name]}
    lost = [
        ((name,), f"has no entry for {quoted(token)}, which {first[token]} has; add it with 0")
        for name, pmf in pmfs.items()
        for token in first
        if token not in pmf
    ]
    unknown = [
        (("then", _key(token)), Fault(did_you_mean("token", token, map(str, policy)), at="name"))
        for token in then
        if token not in policy
    ]
    return [*lost, *unknown]


def _key(token: Hashable) -> str | int:
    return token if isinstance(token, (str, int)) else quoted(token)
