"""Rényi divergence of an order α: KL at α = 1."""

from typing import Annotated

import numpy as np
from scipy.special import logsumexp

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.domains import ORDER, Number
from mcdiv.core.log_ratios import kl_terms, log_ratio
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.estimands.contract import estimand

#: exponents up to this size are summed in the form that does not cancel near P = Q
_SMALL = 30.0


@estimand(symbol="D_{order}(P‖Q)", divergence=True)
def renyi_divergence(p: Pmf, q: Pmf, order: Annotated[Number, ORDER]) -> Array:
    """Rényi divergence: between −ln Q(p > 0) at order 0, KL at 1, and the log of the largest p/q as the order grows.

    Formula: D_α(P‖Q) = ln(Σ p^α q^(1 − α)) / (α − 1);  KL(P‖Q) at α = 1
    Valid:   any P and Q; at least 0, rising in α; ∞ where P and Q have no category in common, and for α ≥ 1 where a
             category of P has q = 0. At order 0 it is 0 wherever P has all categories of Q.
    Source:  Rényi (1961); van Erven & Harremoës (2014), Rényi divergence and Kullback–Leibler divergence
    """
    excess = float(order) - 1
    if excess == 0:
        return kl_divergence_nats(p, q)
    p, q = np.broadcast_arrays(p, q)
    seen = p > 0
    exponents = excess * np.where(seen, np.where(q > 0, log_ratio(p, q), np.inf), 0.0)
    small = np.asarray((np.abs(exponents) <= _SMALL).all(axis=-1))
    with np.errstate(divide="ignore"):
        far = logsumexp(np.where(seen, np.log(p) + exponents, -np.inf), axis=-1) / excess
    if not small.any():
        return np.maximum(far, 0.0)
    some = np.where(small[..., np.newaxis], exponents, 0.0)
    # Σ p e^x − 1 = Σ p (e^x − 1 − x) + (α − 1) Σ [p ln(p/q) − p + q], and no term of either is negative for α > 1.
    near = (p * _exp_beyond_line(some)).sum(axis=-1) + excess * kl_terms(p, q).sum(axis=-1)
    return np.maximum(np.where(small, np.log1p(np.where(small, near, 0.0)) / excess, far), 0.0)


def _exp_beyond_line(x: Array) -> Array:
    """e^x − 1 − x, to the last digits also near 0; for |x| up to 30."""
    series = np.ones_like(x)
    for factor in range(12, 2, -1):
        series = 1 + x / factor * series
    return np.where(np.abs(x) < 0.1, x**2 / 2 * series, np.expm1(x) - x)
