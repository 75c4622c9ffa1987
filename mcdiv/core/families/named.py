"""Distributions given by a formula or written out: coins, pmfs, Zipf's law and the like."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.distributions import distribution
from mcdiv.core.domains import (
    ALPHABET,
    NONNEGATIVE,
    NUMBERS,
    PMF,
    POSITIVE,
    PROBABILITY,
    SHARE,
    TABLE,
    Number,
)


@distribution
def coin(p: Annotated[Number, PROBABILITY]) -> Pmf:
    """One toss: heads (category 0) with probability p, tails (category 1) with 1 − p."""
    return np.array([p, 1 - p], dtype=np.float64)


@distribution
def categorical(pmf: Annotated[Sequence[Number], PMF]) -> Pmf:
    """Any finite distribution, its probabilities written out."""
    return np.array(pmf, dtype=np.float64)


@distribution
def joint(pmf: Annotated[Sequence[Sequence[Number]], TABLE]) -> Pmf:
    """A joint alphabet of pairs (X, Y): a table of probabilities with a row for each X and a column for each Y."""
    return np.array(pmf, dtype=np.float64)


@distribution
def uniform(k: Annotated[int, ALPHABET]) -> Pmf:
    """Each of k categories with probability 1/k."""
    return np.full(k, 1 / k)


@distribution
def zipf(k: Annotated[int, ALPHABET], s: Annotated[Number, NONNEGATIVE] = 1) -> Pmf:
    """Zipf's law on k categories: the one of rank r has probability proportional to 1/r^s."""
    return normalised(np.arange(1, k + 1, dtype=np.float64) ** -float(s))


@distribution
def geometric(k: Annotated[int, ALPHABET], ratio: Annotated[Number, SHARE]) -> Pmf:
    """Each of k categories with `ratio` times the probability of the one before: p_r ∝ ratio^r."""
    return normalised(np.power(float(ratio), np.arange(k, dtype=np.float64)))


@distribution
def power_law(
    k: Annotated[int, ALPHABET], s: Annotated[Number, NONNEGATIVE], cutoff: Annotated[Number, POSITIVE]
) -> Pmf:
    """Zipf's law with an exponential cutoff: the category of rank r has probability ∝ r^−s exp(−r/cutoff)."""
    rank = np.arange(1, k + 1, dtype=np.float64)
    return normalised(np.exp(-float(s) * np.log(rank) - (rank - 1) / float(cutoff)))


@distribution
def two_level(
    k: Annotated[int, ALPHABET], share: Annotated[Number, SHARE], mass: Annotated[Number, PROBABILITY]
) -> Pmf:
    """The first round(share · k) categories hold `mass` in equal parts, the others the rest; an empty group holds 0."""
    first = round(share * k)
    if first in (0, k):
        return uniform(k)
    return np.repeat([float(mass / first), float((1 - mass) / (k - first))], [first, k - first])


@distribution
def spike_and_slab(k: Annotated[int, ALPHABET], spike: Annotated[Number, PROBABILITY]) -> Pmf:
    """Category 0 with probability `spike` (1 if it is the only one), the others in equal parts."""
    if k == 1:
        return np.ones(1)
    return np.repeat([float(spike), float((1 - spike) / (k - 1))], [1, k - 1])


@distribution
def softmax(logits: Annotated[Sequence[Number], NUMBERS], temperature: Annotated[Number, POSITIVE] = 1) -> Pmf:
    """What a classifier predicts from logits z at temperature T: p_k ∝ exp(z_k/T)."""
    values = np.array(logits, dtype=np.float64)
    return normalised(np.exp((values - values.max()) / float(temperature)))


def normalised(weights: Array) -> Pmf:
    """Weights as a pmf."""
    return np.asarray(weights / weights.sum())
