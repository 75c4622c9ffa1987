"""The law of an estimator's estimates, exact or of the replicates, and its quantiles with their MCSEs."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.performance import MISSING, Measured
from mcdiv.core.rounding import ROUNDING

#: probabilities are sums of many: they differ from a level by no more where they are equal
_SAME = 1e-12
#: standard errors on either side between which the quantiles are that the MCSE is read off
_REACH = 2.0


@dataclass(frozen=True, kw_only=True)
class WeightedValues:
    """Values with the weights that they have."""

    #: shape (V,), in any order, infinities among them
    values: Array
    #: shape (V,), above 0
    weights: Array
    #: how many replicates the weights stand for; None where they are exact probabilities
    replicates: float | None

    def quantile(self, level: float) -> Measured:
        """The quantile of this level; halfway between two values where the probability up to one is the level.

        Definition 2 of Hyndman & Fan (1996). The MCSE is a quarter of the distance between the quantiles of the levels
        p ± 2 √(p (1 − p)/R): an interval of order statistics that holds whatever the law is, read back as a standard
        error (Woodruff 1952). It is NaN where there are too few replicates for one.
        """
        if not self.values.size:
            return MISSING
        low, high = self._at(level - _SAME, "left"), self._at(level + _SAME, "right")
        value = low if low == high else (low + high) / 2
        if self.replicates is None:
            return Measured(value=value, mcse=0.0)
        step = _REACH * math.sqrt(level * (1 - level) / self.replicates)
        if not step < min(level, 1 - level):
            return Measured(value=value, mcse=math.nan, events=0.0)
        ends = self._at(level - step, "left"), self._at(level + step, "left")
        length = 0.0 if ends[0] == ends[1] else ends[1] - ends[0]
        # It rests on the replicates between the ends.
        return Measured(value=value, mcse=length / (2 * _REACH), events=2 * step * self.replicates)

    def _at(self, level: float, side: str) -> float:
        values, below = self._ascending
        place = int(np.searchsorted(below, level, "right" if side == "right" else "left"))
        return float(values[min(place, len(values) - 1)])

    @cached_property
    def _ascending(self) -> tuple[Array, Array]:
        """The values in order, and the probability up to each."""
        order = np.argsort(self.values, kind="stable")
        below = np.cumsum(self.weights[order])
        return self.values[order], below / below[-1]


def errors_of(estimates: Array, true_value: float) -> Array:
    """Estimates less a finite true value; 0 where that is a rounding of the estimate."""
    errors = estimates - true_value
    small = np.abs(errors) <= ROUNDING * np.maximum(np.abs(estimates), abs(true_value))
    return np.where(small & np.isfinite(errors), 0.0, errors)


@dataclass(frozen=True, kw_only=True)
class EstimateLaw:
    """Every estimate with its weight, in nats: infinite ones among them, undefined ones left out."""

    values: Array
    weights: Array
    true_value: float
    replicates: float | None

    @property
    def estimates(self) -> WeightedValues:
        """The estimates themselves."""
        return WeightedValues(values=self.values, weights=self.weights, replicates=self.replicates)

    @property
    def errors(self) -> WeightedValues:
        """Estimate − true value; none where the true value is infinite."""
        return WeightedValues(values=self._errors, weights=self._weights, replicates=self.replicates)

    @property
    def absolute_errors(self) -> WeightedValues:
        """|estimate − true value|; none where the true value is infinite."""
        return WeightedValues(values=np.abs(self._errors), weights=self._weights, replicates=self.replicates)

    @property
    def _errors(self) -> Array:
        return errors_of(self.values, self.true_value) if math.isfinite(self.true_value) else np.empty(0)

    @property
    def _weights(self) -> Array:
        return self.weights if math.isfinite(self.true_value) else np.empty(0)
