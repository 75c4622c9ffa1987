"""Entropy, cross-entropy and KL divergence: H(P, Q) = KL(P‖Q) + H(P)."""

import math

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import log_ratio_where, log_where, relative_difference
from mcdiv.core.rows import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.estimands.contract import estimand


def _surprisals(q: Pmf | None) -> tuple[float, float]:
    if q is None:
        return 0.0, math.inf
    with np.errstate(divide="ignore"):
        return float(-np.log(q.max())), float(-np.log(q.min()))


@estimand(
    symbol="H(P)", limits=lambda categories, q: (0.0, math.log(categories)), slopes=lambda p, q: (-log_where(p), q)
)
def entropy(p: Pmf) -> Array:
    """The uncertainty of P itself, whatever the model.

    Formula: H(P) = −Σ p ln p
    Valid:   any P; between 0 and ln K
    Source:  Shannon (1948), A mathematical theory of communication
    """
    return entropy_nats(p)


@estimand(
    symbol="H(P, Q)",
    limits=lambda categories, q: _surprisals(q),
    slopes=lambda p, q: (-log_where(q), -relative_difference(p, q)),
)
def cross_entropy(p: Pmf, q: Pmf) -> Array:
    """The average surprisal of draws from P under Q: the loss of classification.

    Formula: H(P, Q) = −Σ p ln q
    Valid:   any P and Q; at least H(P), and ∞ where a category of P has q = 0
    Source:  Kerridge (1961), Inaccuracy and inference
    """
    return cross_entropy_nats(p, q)


@estimand(
    symbol="KL(P‖Q)",
    divergence=True,
    null_statistic=lambda value: 2 * value,
    limits=lambda categories, q: (0.0, _surprisals(q)[1]),
    slopes=lambda p, q: (log_ratio_where(p, q), -relative_difference(p, q)),
)
def kl_divergence(p: Pmf, q: Pmf) -> Array:
    """What Q costs beyond H(P): H(P, Q) = KL(P‖Q) + H(P).

    Formula: KL(P‖Q) = Σ p ln(p/q)
    Valid:   any P and Q; at least 0, and ∞ where a category of P has q = 0
    Source:  Kullback & Leibler (1951), On information and sufficiency
    """
    return kl_divergence_nats(p, q)
