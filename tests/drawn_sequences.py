"""A tree of sequences that are drawn from another policy, for the tests of them."""

from collections.abc import Iterator
from typing import Any

#: prefix → tokens → probabilities under the policy, the reference and what draws, in shares; sequences of 1 to 3 tokens
PREFIXES: dict[str, dict[str, tuple[int, int, int]]] = {
    "": {"a": (5, 3, 6), "b": (3, 3, 2), "end": (2, 4, 2)},
    "a": {"a": (6, 5, 3), "end": (4, 5, 7)},
    "b": {"b": (8, 4, 7), "end": (2, 6, 3)},
    "bb": {"a": (9, 2, 5), "end": (1, 8, 5)},
}
SIDES = ("policy", "reference", "drawn_from")
#: a sequence: each token with the prefix before it
Tokens = list[tuple[str, str]]


def nested(prefix: str = "") -> dict[str, Any]:
    tokens = PREFIXES[prefix]
    then = {token: nested(prefix + token) for token in tokens if prefix + token in PREFIXES}
    pmfs = {side: {token: f"{shares[i]}/10" for token, shares in tokens.items()} for i, side in enumerate(SIDES)}
    return {**pmfs, "then": then}


def paths(prefix: str = "") -> Iterator[Tokens]:
    for token in PREFIXES[prefix]:
        rest = paths(prefix + token) if prefix + token in PREFIXES else [[]]
        yield from ([(prefix, token), *more] for more in rest)
