"""How probable it is that two draws coincide, and the entropy made of it."""

import math

import numpy as np

from mcdiv.core.arrays import Array, Pmf, over_categories
from mcdiv.estimands.contract import estimand


@estimand(
    symbol="C(P)",
    unit_power=0,
    additive=True,
    limits=lambda categories, q: (1 / categories, 1.0),
)
def collision_probability(p: Pmf) -> Array:
    """The probability that two draws are of the same category: Simpson's index, the repeat rate.

    Formula: C(P) = Σ p²
    Valid:   any P; between 1/K and 1
    Source:  Simpson (1949), Measurement of diversity
    """
    return p**2


@estimand(symbol="H_2(P)", limits=lambda categories, q: (0.0, math.log(categories)))
def collision_entropy(p: Pmf) -> Array:
    """The surprisal of two draws being of the same category: the Rényi entropy of order 2.

    Formula: H_2(P) = −ln Σ p²
    Valid:   any P; between 0 and ln K
    Source:  Rényi (1961), On measures of entropy and information
    """
    return np.asarray(-np.log(over_categories(p**2)) + 0.0)
