"""The exact law of an algorithm that draws: it is run once for every way that all its draws can come out.

`Chance` stands in for NumPy's Generator. Each draw is a choice between outcomes whose probabilities are written here
from their definitions; the law is the sum of the products, and no random number is drawn.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np


class CutError(Exception):
    """This branch is not followed any further."""


class Chance:
    """A generator whose draws follow a script, and then take the first outcome each."""

    def __init__(
        self, script: Sequence[int], *, cuts: Iterable[float] = (), most: int = 0, least: float = 1e-16
    ) -> None:
        """`cuts`: where it matters on which side a uniform number lies. Poisson counts above `most` are all alike.

        Branches less probable than `least` are cut off.
        """
        self._script, self._most, self._least = script, most, least
        edges = sorted({0.0, 1.0, *cuts})
        self._uniform = [((low + high) / 2, high - low) for low, high in itertools.pairwise(edges)]
        #: what was taken, of how many
        self.taken: list[tuple[int, int]] = []
        self.probability = 1.0

    def choice(self, outcomes: Iterable[tuple[Any, float]]) -> Any:
        possible = [(value, p) for value, p in outcomes if p > 0]
        step = len(self.taken)
        place = self._script[step] if step < len(self._script) else 0
        value, p = possible[place]
        self.taken.append((place, len(possible)))
        self.probability *= p
        if self.probability < self._least:
            raise CutError
        return value

    def _each(self, law: Callable[..., Iterable[tuple[int, float]]], *given: Any, size: Any = None) -> np.ndarray:
        arrays = np.broadcast_arrays(*given, *([] if size is None else [np.empty(size)]))[: len(given)]
        drawn = [self.choice(law(*values)) for values in zip(*(a.ravel().tolist() for a in arrays), strict=True)]
        return np.array(drawn, dtype=np.int64).reshape(arrays[0].shape)

    def spawn(self, children: int) -> list["Chance"]:
        return [self] * children

    def random(self, size: int) -> np.ndarray:
        return np.array([self.choice(self._uniform) for _ in range(size)])

    def integers(self, high: int, size: Any) -> np.ndarray:
        return self._each(lambda _: [(value, 1 / high) for value in range(high)], np.zeros(size))

    def binomial(self, n: Any, p: Any) -> np.ndarray:
        return self._each(binomial, n, p)

    def poisson(self, rate: np.ndarray, size: Any) -> np.ndarray:
        def law(lam: float) -> list[tuple[int, float]]:
            some = [(k, math.exp(-lam) * lam**k / math.factorial(k)) for k in range(self._most + 1)]
            return [*some, (self._most + 1, 1 - sum(p for _, p in some) if lam else 0.0)]

        return self._each(law, rate, size=size)

    def hypergeometric(self, good: Any, bad: Any, draws: Any) -> np.ndarray:
        return self._each(hypergeometric, good, bad, draws)

    def multinomial(self, n: Any, p: np.ndarray, size: int | None = None) -> np.ndarray:
        totals = np.broadcast_to(n, np.shape(n) if size is None else (size,))
        rows = [self.choice(multinomial(int(total), p).items()) for total in totals.ravel()]
        return np.array(rows, dtype=np.int64).reshape(*totals.shape, len(p))

    def multivariate_hypergeometric(self, colors: np.ndarray, draws: int, method: str) -> np.ndarray:
        ways = itertools.product(*(range(color + 1) for color in colors.tolist()))
        chosen = [way for way in ways if sum(way) == draws]
        all_ways = math.comb(int(colors.sum()), draws)
        return np.array(
            self.choice(
                (way, math.prod(map(math.comb, colors.tolist(), way)) / all_ways)
                for way in chosen
            ),
            dtype=np.int64,
        )  # fmt: skip


def law_of(algorithm: Callable[[Chance], Hashable], **about: Any) -> tuple[dict[Hashable, float], float]:
    """The probability of everything that an algorithm can return, and of what was cut off."""
    found: dict[Hashable, float] = defaultdict(float)
    script: list[int] | None = []
    lost = 0.0
    while script is not None:
        chance = Chance(script, **about)
        try:
            found[algorithm(chance)] += chance.probability
        except CutError:
            lost += chance.probability
        script = _following(chance.taken)
    return dict(found), lost


def binomial(n: int, p: float) -> list[tuple[int, float]]:
    return [(k, math.comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]


def hypergeometric(good: int, bad: int, draws: int) -> list[tuple[int, float]]:
    ways = math.comb(good + bad, draws)
    return [(k, math.comb(good, k) * math.comb(bad, draws - k) / ways) for k in range(min(good, draws) + 1)]


def multinomial(n: int, p: Iterable[float]) -> dict[tuple[int, ...], float]:
    """Every count vector of n draws with its probability."""
    first, *rest = p
    if not rest:
        return {(n,): float(first) ** n}
    return {
        (k, *others): math.comb(n, k) * float(first) ** k * probability
        for k in range(n + 1)
        for others, probability in multinomial(n - k, rest).items()
    }


def _following(taken: list[tuple[int, int]]) -> list[int] | None:
    """The script of the next branch: the last choice that has another outcome takes it."""
    while taken and taken[-1][0] + 1 == taken[-1][1]:
        taken = taken[:-1]
    return [*(place for place, _ in taken[:-1]), taken[-1][0] + 1] if taken else None
