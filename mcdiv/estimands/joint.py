"""What two variables say of each other: mutual information and conditional entropy of a joint alphabet."""

import math

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.rows import entropy_nats, kl_divergence_nats
from mcdiv.estimands.contract import estimand


@estimand(
    symbol="I(X; Y)",
    entropies=(1, 1, -1),
    # min(K, L) is at most √(K·L)
    limits=lambda categories, q: (0.0, math.log(categories) / 2),
)
def mutual_information(joint: Pmf) -> Array:
    """What one of two variables says of the other: 0 only where they are independent.

    Formula: I(X; Y) = Σ p(x, y) ln(p(x, y) / p(x) p(y)) = H(X) + H(Y) − H(X, Y)
    Valid:   any P over pairs (X, Y); between 0 and the smaller of H(X) and H(Y)
    Source:  Shannon (1948), A mathematical theory of communication (the rate of transmission R)
    """
    # Σ p(x) KL(p(y|x) ‖ p(y)): no product of probabilities can leave floats, and nothing cancels near independence.
    of_x, given = _given_rows(joint)
    of_y = joint.sum(axis=-2)
    of_y = of_y / of_y.sum(axis=-1, keepdims=True)
    divergences = kl_divergence_nats(given, of_y[..., np.newaxis, :])
    return np.asarray(np.where(of_x > 0, of_x * divergences, 0.0).sum(axis=-1))


@estimand(symbol="H(Y|X)", entropies=(-1, 0, 1), limits=lambda categories, q: (0.0, math.log(categories)))
def conditional_entropy(joint: Pmf) -> Array:
    """The uncertainty of Y (columns) that is left where X (rows) is known; transpose the table for that of X given Y.

    Formula: H(Y|X) = −Σ p(x, y) ln p(y|x) = H(X, Y) − H(X),  X the row and Y the column of the table
    Valid:   any P over pairs (X, Y); between 0 and H(Y)
    Source:  Shannon (1948), A mathematical theory of communication
    """
    of_x, given = _given_rows(joint)
    return np.asarray((of_x * entropy_nats(given)).sum(axis=-1))


def _given_rows(joint: Pmf) -> tuple[Array, Array]:
    """p(x), shape (..., K), and p(y|x), shape (..., K, L); 0 where p(x) is."""
    of_x = joint.sum(axis=-1)
    return of_x, joint / np.where(of_x > 0, of_x, 1.0)[..., np.newaxis]
