"""Weighted mean and scatter of a feature vector: what every performance measure is computed from.

Merged in a fixed order, block after block, so that the bits do not depend on who computed what.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from mcdiv.core.arrays import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Of F features over weighted outcomes."""

    #: sum of the weights: 1 for an enumeration, the number of replicates for a simulation
    weight: float
    #: weighted means, shape (F,)
    mean: Array
    #: weighted sums of products of deviations from the mean, shape (F, F)
    scatter: Array

    @property
    def covariance(self) -> Array:
        """Covariance of the features, without correction for small samples; shape (F, F)."""
        return self.scatter / self.weight

    def of_replicates(self, replicates: int) -> "Moments":
        """Of an exact law: what so many replicates of it have on average."""
        share = replicates / self.weight
        return Moments(weight=self.weight * share, mean=self.mean, scatter=self.scatter * share)


@np.errstate(over="ignore", invalid="ignore")  # what overflows is ∞ or NaN in its own rows and columns, and told there
def moments_of(features: Array, weights: Array) -> Moments:
    """Moments of features (R, F) with weights (R,)."""
    weight = float(weights.sum())
    # Measured from the heaviest row: a feature that never changes has exactly its value as mean, and no scatter, and a
    # mean of squares is neither negative nor lost beside the squares of outcomes that hardly ever occur.
    pivot = features[weights.argmax()].copy()
    deviations = features - pivot
    shift = weights @ deviations / weight
    deviations -= shift
    return Moments(weight=weight, mean=pivot + shift, scatter=(deviations * weights[:, None]).T @ deviations)


@np.errstate(over="ignore", invalid="ignore")
def merge(a: Moments, b: Moments) -> Moments:
    """Moments of both together (Chan, Golub & LeVeque 1983)."""
    if a.weight < b.weight:
        a, b = b, a  # the mean of the heavier is the smaller step away
    weight = a.weight + b.weight
    step = b.mean - a.mean
    return Moments(
        weight=weight,
        mean=a.mean + step * (b.weight / weight),
        scatter=a.scatter + b.scatter + np.outer(step, step) * (a.weight * b.weight / weight),
    )


def fold(parts: Iterable[Moments]) -> Moments:
    """Merge in the given order."""
    return reduce(merge, parts)
