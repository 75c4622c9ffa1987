"""The probability that a plug-in estimate from a coin is close: exact at any N, and bounded for ranges of N.

An estimate is close where the frequency of heads lies in an interval around p, and perhaps in a second one on the
other side of the point where the estimand turns. So it is a difference of binomial tails, whatever N is. Two facts make
statements about all N of a range: with more draws there are more heads, and Chernoff's bound falls with N.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, rel_entr

from mcdiv.core.arrays import Array, Counts
from mcdiv.estimands.contract import Estimand, estimand_of
from mcdiv.planning.question import TIE, Question

#: where the curve of an estimand is looked at for being monotone on both sides of its turning point
_POINTS = 1001
#: relative error of a product of two floats, generously
_ULP = 1e-15
#: how far, in heads, the rounding of an end reaches
_SLACK = 1e-5
#: ranges with fewer N are looked at one by one
_ONE_BY_ONE = 16
#: ranges whose bounds are found together
_AT_ONCE = 64
#: estimands that fall and rise at most once on a coin; one from a plug-in may do anything
_SHIPPED = "mcdiv.estimands"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinLaw:
    """Which frequencies of heads give close estimates."""

    curve: "Curve"
    #: probability of the rarer face, whose draws are called heads
    p: float
    #: the interval around p, both ends in it; 0 and 1 where it has no end
    low: float
    high: float
    #: the other interval, if there is one
    other: tuple[float, float] | None

    def probability(self, draws: int) -> float:
        """P(the estimate is close), exact."""
        return float(self.probabilities(np.array([draws]))[0])

    def probabilities(self, draws: Counts) -> Array:
        """The same for several N, shape (N,)."""
        first, last = self._heads(self.low, self.high, draws)
        close = np.where(first <= last, 1 - below(first, draws, self.p) - above(last, draws, self.p), 0.0)
        if self.other is not None:
            start, end = self._heads(*self.other, draws)
            close += np.where(start <= end, above(start - 1, draws, self.p) - above(end, draws, self.p), 0.0)
        return close

    def least(self, fewest: Counts, most: Counts) -> Array:
        """A lower bound of that probability for every N from `fewest` to `most`, for several such ranges.

        Of N draws fewer than low·N show heads with a probability of at most P(X < low·most) at `fewest` draws, as more
        draws have more heads; and likewise above.
        """
        first = np.ceil(self.low * most * (1 + _ULP)).astype(np.int64)
        last = np.floor(self.high * fewest * (1 - _ULP)).astype(np.int64) if self.high < 1 else most
        return 1 - below(first, fewest, self.p) - above(last, most, self.p)

    def reached_for_good(self, confidence: float) -> float:
        """An N from which on Chernoff's bound alone shows that the probability is at least this."""
        rates = [_divergence(end, self.p) for end in (self.low, self.high) if 0 < end < 1]
        if not rates:
            return 1
        if min(rates) == 0 or confidence >= 1:
            return math.inf
        short, long = 0.0, math.log(len(rates) / (1 - confidence)) / min(rates)
        for _ in range(60):
            middle = (short + long) / 2
            enough = sum(math.exp(-rate * middle) for rate in rates) <= 1 - confidence
            short, long = (short, middle) if enough else (middle, long)
        return math.ceil(long)

    def last_failure(self, confidence: float, before: int) -> int:
        """The largest N below `before` with a smaller probability than this; 0 if there is none.

        Ranges of N that the bound clears are done; others are halved, and short ones looked at one by one; the largest
        N come first.
        """
        ranges = [(1, before - 1)] if before > 1 else []
        while ranges:
            some, ranges = ranges[-_AT_ONCE:], ranges[:-_AT_ONCE]
            bounds = self.least(*np.array(some).T)
            some = [each for each, bound in zip(some, bounds, strict=True) if bound < confidence]
            # The short ones that no longer one follows.
            first = max((i + 1 for i, each in enumerate(some) if each[1] - each[0] >= _ONE_BY_ONE), default=0)
            some, short = some[:first], some[first:]
            if short:
                draws = np.concatenate([np.arange(fewest, most + 1) for fewest, most in short])
                failed = np.flatnonzero(self.probabilities(draws) < confidence - TIE)
                if failed.size:
                    return int(draws[failed[-1]])
            ranges += [half for each in some for half in _halves(*each)]
        return 0

    def _heads(self, low: float, high: float, draws: Counts) -> tuple[Counts, Counts]:
        """The fewest and the most heads in an interval of frequencies; at its very ends each frequency is looked up."""
        column = draws[:, np.newaxis]
        ends = np.floor(np.multiply.outer((low, high), draws)).astype(np.int64)
        heads = np.clip(ends[..., np.newaxis] + np.arange(-1, 3), 0, column)
        fits = self.curve.close(heads / column)
        # The next interval may be near.
        fits &= (heads >= low * column - _SLACK) & (heads <= high * column + _SLACK)
        # One that holds no frequency at all ends before it begins.
        first = np.where(fits[0], heads[0], column + 1).min(axis=-1)
        last = np.where(fits[1], heads[1], -1).max(axis=-1)
        return first, last


def _halves(fewest: int, most: int) -> list[tuple[int, int]]:
    if most - fewest < _ONE_BY_ONE:
        return [(fewest, most)]
    middle = (fewest + most) // 2
    return [(fewest, middle), (middle + 1, most)]


def below(heads: ArrayLike, draws: ArrayLike, p: float) -> Array:
    """P(X < heads) of Binomial(draws, p)."""
    heads, draws = np.broadcast_arrays(heads, draws)
    inside = np.clip(heads, 1, draws)
    return np.where(heads <= 0, 0.0, np.where(heads > draws, 1.0, betaincc(inside, draws - inside + 1, p)))


def above(heads: ArrayLike, draws: ArrayLike, p: float) -> Array:
    """P(X > heads) of Binomial(draws, p)."""
    heads, draws = np.broadcast_arrays(heads, draws)
    inside = np.clip(heads, 0, draws - 1)
    return np.where(heads < 0, 1.0, np.where(heads >= draws, 0.0, betainc(inside + 1, draws - inside, p)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """An estimand as a function of the frequency of the rarer face, and which of its values are close to the truth."""

    estimand: Estimand
    #: the model's probability of that face, where there is a model
    model: float | None
    true_value: float
    tolerance: float
    #: where it turns: on both sides of it, it is monotone; 0 where it does not
    turn: float

    def values(self, x: Array) -> Array:
        """The estimand at these frequencies, in nats."""
        q = None if self.model is None else np.array([self.model, 1 - self.model])
        return self.estimand.value(np.stack([x, 1 - x], axis=-1), q)

    def close(self, x: Array) -> NDArray[np.bool_]:
        """Whether the estimate at these frequencies is close; an infinite one is not."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.abs(self.values(x) - self.true_value) <= self.tolerance)

    @property
    def monotone(self) -> bool:
        """Whether it is as it is said to be, at many points."""
        grids = (np.linspace(start, end, _POINTS) for start, end in ((0.0, self.turn), (self.turn, 1.0)))
        steps = [np.diff(self.values(grid)) for grid in grids]
        return all(bool(np.all(each >= -TIE) or np.all(each <= TIE)) for each in steps)

    def close_part(self, end: float) -> tuple[float, float] | None:
        """The close frequencies between the turning point and an end; None: there are none.

        Errors change their sign once there at most, and are smallest where they do, or else at the turn or the end.
        """
        start, below = self.turn, self.values(np.array([self.turn, end])) < self.true_value
        if start == end:
            return None
        inside = start if self.close(np.array([start]))[0] else end
        if below[0] != below[1]:
            inside = border(lambda x: (self.values(x) < self.true_value) == below[0], start, end)[1]
        if not self.close(np.array([inside]))[0]:
            return None
        ends = [
            outside if self.close(np.array([outside]))[0] else border(self.close, inside, outside)[0]
            for outside in (start, end)
        ]
        return min(ends), max(ends)


def border(holds: Callable[[Array], NDArray[np.bool_]], start: float, end: float) -> tuple[float, float]:
    """Neighbouring floats between which what holds at the start, and not at the end, ceases to hold."""
    while True:
        points = np.linspace(start, end, 65)
        cut = int(np.argmin(holds(points)))
        if points[cut - 1] == start and points[cut] == end:
            return start, end
        start, end = float(points[cut - 1]), float(points[cut])


def coin_law(question: Question) -> CoinLaw | None:
    """The law of a plug-in estimate from a coin; None where the estimate is another one, or the truth no coin."""
    target, pmf = estimand_of(question.task.estimand), question.truth.pmf()
    plug_in = question.task.name == "plugin" and question.task.design in ("sample", "model_known")
    if not plug_in or not question.goal.is_probability or len(pmf) != 2 or pmf.min() == 0 or target.needs_joint:
        return None
    if not target.module.startswith(_SHIPPED):
        return None
    rarer = int(pmf.argmin())
    model = float(question.model.pmf()[rarer]) if question.model else None
    curve = Curve(
        estimand=target,
        model=model,
        true_value=question.true_value,
        tolerance=question.goal.tolerance(question.true_value),
        turn=0.5 if model is None else model if target.divergence else 0.0,
    )
    if not curve.monotone:
        return None
    p = float(pmf[rarer])
    parts = [part for part in map(curve.close_part, (0.0, 1.0)) if part is not None]
    if len(parts) == 2 and parts[1][0] - parts[0][1] <= _ULP:
        parts = [(parts[0][0], parts[1][1])]
    around = next((part for part in parts if part[0] <= p <= part[1]), None)
    if around is None:
        return None
    other = next((part for part in parts if part != around), None)
    return CoinLaw(curve=curve, p=p, low=around[0], high=around[1], other=other)


def _divergence(x: float, p: float) -> float:
    """KL of coins, which is the rate at which the probability of such a frequency falls."""
    return float(rel_entr(x, p) + rel_entr(1 - x, 1 - p))
