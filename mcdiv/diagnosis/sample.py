"""What k1, k2 and k3 of a sample can be by chance: the law of their mean over N draws from P."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, xlogy

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import log_ratio, ratio_excess
from mcdiv.diagnosis.window import Window
from mcdiv.significance.partial_sums import ExactLaw, Part, exact_law

Method: TypeAlias = Literal["exact", "lattice", "normal"]
#: of outcomes that are listed in one step, and of points of a lattice
_MOST_LISTED, _MOST_POINTS = 2**20, 2**21
#: draws up to which outcomes are listed
_MOST_DRAWS = 2**14
#: (Shevtsova 2011), the constant in the Berry–Esseen inequality of equal laws
_BERRY_ESSEEN = 0.4748
#: relative error of what is exact but for roundings
_ROUNDINGS = 1e-11
#: a probability that is 0 in floats is below it
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """A probability, how it was got, and what it is off by at most."""

    probability: float
    method: Method
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """One of k1, k2 and k3, as the mean over N draws from P, in nats."""

    name: str
    #: KL(P‖Q) for k1 and k3
    mean: float
    #: of the mean over N draws; ∞ where a draw may be infinite
    sd: float
    #: that it is below 0
    negative: Chance
    #: that it is at most, and at least, the number that was got, to its digits; None without one
    at_most: Chance | None
    at_least: Chance | None


def samples_of(p: Pmf, q: Pmf, draws: int, window: Window | None) -> tuple[Sampled, ...]:
    """k1, k2 and k3 of N draws from P, shapes (K,): pmfs."""
    seen = p > 0
    p, q = p[seen], q[seen]
    logs = log_ratio(q, p)
    return tuple(
        _sampled(name, p, values, draws, window)
        for name, values in (("k1", -logs), ("k2", logs * logs / 2), ("k3", ratio_excess(q, p)))
    )


def _sampled(name: str, p: Pmf, values: Array, draws: int, window: Window | None) -> Sampled:
    law = _MeanOfDraws(p, values, draws)
    asked = window is not None and not math.isnan(window.value)
    mean = float(p @ values)
    sd = math.sqrt(float(p @ (values - mean) ** 2) / draws) if math.isfinite(mean) else math.inf
    return Sampled(
        name=name,
        mean=mean,
        sd=sd,
        negative=law.below(0.0),
        at_most=law.at_most(window.high) if asked and window is not None else None,
        at_least=law.at_least(window.low) if asked and window is not None else None,
    )


class _MeanOfDraws:
    """The law of the mean of N independent draws of a value that may be +∞."""

    def __init__(self, p: Pmf, values: Array, draws: int) -> None:
        finite = np.isfinite(values)
        lost = float(p[~finite].sum())
        #: that no draw is infinite
        self._all_finite = math.exp(draws * math.log1p(-lost)) if lost < 1 else 0.0
        self._values, places = np.unique(values[finite], return_inverse=True)
        self._p = np.bincount(places.ravel(), weights=p[finite], minlength=len(self._values))
        if finite.any():
            self._p = self._p / self._p.sum()
        self._draws = draws

    def below(self, value: float) -> Chance:
        """P(mean < value)."""
        return self._left(value, ties=False)

    def at_most(self, value: float) -> Chance:
        """P(mean ≤ value), ties included."""
        return self._left(value, ties=True)

    def at_least(self, value: float) -> Chance:
        """P(mean ≥ value), ties included."""
        if not len(self._values) or value > self._values[-1]:
            return Chance(probability=1 - self._all_finite, method="exact", error=0.0)
        if value <= self._values[0]:
            return Chance(probability=1.0, method="exact", error=0.0)
        if (law := self._rising) is not None:
            within = float(law.reaching(self._draws * (value - self._values[0]))[0])
            return self._exact(1 - self._all_finite + self._all_finite * within)
        left = self._approximate(value, ties=False)
        return Chance(probability=1 - left.probability, method=left.method, error=left.error)

    def _left(self, value: float, *, ties: bool) -> Chance:
        if value == math.inf and ties:
            return Chance(probability=1.0, method="exact", error=0.0)
        first, last = (self._values[0], self._values[-1]) if len(self._values) else (math.inf, math.inf)
        if value < first or (value == first and not ties):
            return Chance(probability=0.0, method="exact", error=0.0)
        if value > last or (value == last and ties):
            return Chance(probability=self._all_finite, method="exact", error=0.0)
        if (law := self._falling) is None:
            return self._approximate(value, ties=ties)
        reach = self._draws * (last - value)
        return self._exact(self._all_finite * float((law.reaching if ties else law.exceeding)(reach)[0]))

    def _exact(self, probability: float) -> Chance:
        return Chance(probability=min(probability, 1.0), method="exact", error=_ROUNDINGS * max(probability, _TINY))

    @cached_property
    def _rising(self) -> ExactLaw | None:
        return self._law(self._values - self._values[0])

    @cached_property
    def _falling(self) -> ExactLaw | None:
        return self._law(self._values[-1] - self._values)

    def _law(self, steps: Array) -> ExactLaw | None:
        """Of the sum of steps ≥ 0, one for each draw; None where there are too many outcomes."""
        if self._draws > _MOST_DRAWS or len(steps) * self._draws > _MOST_LISTED:
            return None
        n = np.arange(self._draws + 1)
        means = self._draws * self._p
        columns = [
            Part(draws=n, values=n * step, weights=np.exp(xlogy(n, mean) - mean - gammaln(n + 1))[:, None])
            for step, mean in zip(steps.tolist(), means.tolist(), strict=True)
        ]
        return exact_law(columns, self._draws, self._possible, _MOST_LISTED)

    def _possible(self, draws: NDArray[np.int64]) -> NDArray[np.bool_]:
        return draws <= self._draws

    def _approximate(self, value: float, *, ties: bool) -> Chance:
        """P(mean < value), or ≤ with ties, by whichever of two ways has the smaller bound of its error."""
        lattice, normal = self._by_lattice(value, ties=ties), self._by_normal(value)
        found = min((each for each in (lattice, normal) if each is not None), key=lambda each: each.error)
        share = self._all_finite
        return Chance(probability=share * found.probability, method=found.method, error=share * found.error)

    def _by_lattice(self, value: float, *, ties: bool) -> Chance | None:
        """Between two bounds: each value is moved down to a point of a lattice, by less than one step."""
        steps = (_MOST_POINTS - 1) // self._draws
        if steps < 1:
            return None
        step = float(self._values[-1] - self._values[0]) / steps
        places = np.minimum(np.floor((self._values - self._values[0]) / step).astype(np.int64), steps)
        size = self._draws * steps + 1
        one = np.bincount(places, weights=self._p, minlength=min(size, steps + 1))
        length = 1 << (size - 1).bit_length()
        law = np.fft.irfft(np.fft.rfft(one, length) ** self._draws, length)[:size]
        # Σ places ≤ (the sum − N smallest)/step < Σ places + N
        end = self._draws * (value - float(self._values[0])) / step
        upto = np.concatenate([[0.0], np.cumsum(law)])
        upper = float(upto[min(max(math.floor(end) + 1, 0), size)])
        lower = float(upto[min(max(math.floor(end) - self._draws, 0), size)])
        error = max(upper - lower, 0.0) / 2 + 1e-10
        return Chance(probability=min(max((lower + upper) / 2, 0.0), 1.0), method="lattice", error=error)

    def _by_normal(self, value: float) -> Chance:
        mean = float(self._p @ self._values)
        apart = np.abs(self._values - mean)
        sd, third = math.sqrt(float(self._p @ apart**2)), float(self._p @ apart**3)
        root = math.sqrt(self._draws)
        probability = float(ndtr((value - mean) * root / sd))
        return Chance(probability=probability, method="normal", error=_BERRY_ESSEEN * third / (sd**3 * root))
