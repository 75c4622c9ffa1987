"""Entropies of an order α, which weigh likely categories more the larger α is: Rényi, Tsallis, Hill numbers."""

import math
from typing import Annotated

import numpy as np
from scipy.special import logsumexp

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.domains import ORDER, Number
from mcdiv.core.log_ratios import log_where
from mcdiv.core.rows import entropy_nats
from mcdiv.estimands.contract import estimand

#: orders this close to 1 take the form that does not cancel there
_NEAR_1 = 0.5


@estimand(symbol="H_{order}(P)", limits=lambda categories, q, order: (0.0, math.log(categories)))
def renyi(p: Pmf, order: Annotated[Number, ORDER]) -> Array:
    """Rényi entropy: ln K for a uniform P at every order; order 0 counts categories, 1 is Shannon's, 2 collisions.

    Formula: H_α(P) = ln(Σ p^α) / (1 − α);  −Σ p ln p at α = 1
    Valid:   any P; between 0 and ln K, and falling in α
    Source:  Rényi (1961), On measures of entropy and information
    """
    excess = float(order) - 1
    if excess == 0:
        return entropy_nats(p)
    if abs(excess) < _NEAR_1:  # Σ p^α = 1 + Σ p (p^(α−1) − 1), and nothing cancels
        return np.asarray(np.log1p(_shortfall(p, excess).sum(axis=-1)) / -excess + 0.0)
    powers = np.where(p > 0, float(order) * log_where(p), -np.inf)
    return np.asarray(logsumexp(powers, axis=-1) / -excess + 0.0)


def _tsallis_most(categories: float, order: Number) -> float:
    excess = float(order) - 1
    return math.log(categories) if excess == 0 else (1 - categories**-excess) / excess


@estimand(
    symbol="T_{order}(P)",
    unit_power=0,
    additive=True,
    limits=lambda categories, q, order: (0.0, _tsallis_most(categories, order)),
)
def tsallis(p: Pmf, order: Annotated[Number, ORDER]) -> Array:
    """Tsallis entropy, a sum over categories: order 2 is the probability that two draws differ, 1 Shannon's in nats.

    Formula: T_α(P) = (1 − Σ p^α) / (α − 1);  −Σ p ln p at α = 1
    Valid:   any P; at least 0, and largest for a uniform P
    Source:  Havrda & Charvát (1967), Quantification method of classification processes; Tsallis (1988)
    """
    excess = float(order) - 1
    if excess == 0:
        return np.asarray(-p * log_where(p) + 0.0)
    return np.asarray(-_shortfall(p, excess) / excess + 0.0)


@estimand(symbol="D_{order}(P)", unit_power=0, limits=lambda categories, q, order: (1.0, float(categories)))
def hill(p: Pmf, order: Annotated[Number, ORDER]) -> Array:
    """Hill number: how many equally likely categories would have this Rényi entropy; the diversity of ecology.

    Formula: D_α(P) = (Σ p^α)^(1/(1 − α)) = exp H_α(P)
    Valid:   any P; between 1 and K
    Source:  Hill (1973), Diversity and evenness: a unifying notation and its consequences
    """
    return np.exp(renyi(p, order))


@estimand(symbol="H_∞(P)", limits=lambda categories, q: (0.0, math.log(categories)))
def min_entropy(p: Pmf) -> Array:
    """The surprisal of the likeliest category: the Rényi entropy of order ∞, and the strength of a key.

    Formula: H_∞(P) = −ln max p
    Valid:   any P; between 0 and ln K
    Source:  Rényi (1961), as the limit of α → ∞
    """
    return np.asarray(-np.log(p.max(axis=-1)) + 0.0)


def _shortfall(p: Pmf, excess: float) -> Array:
    """p^α − p for α = 1 + excess, without cancellation near α = 1; 0 where p = 0."""
    exponents = excess * log_where(p)
    near = np.abs(exponents) < 1
    return np.where(near, p * np.expm1(np.where(near, exponents, 0.0)), np.where(p > 0, p, 1.0) ** (1 + excess) - p)
