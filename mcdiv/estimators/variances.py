"""Variances of the plug-in entropy and KL divergence, estimated from one sample: the delta method and the jackknife."""

from typing import Any

import numpy as np

from mcdiv.core.arrays import Array, Counts, Pmf, Shape
from mcdiv.estimands.contract import estimand_of


def plugin_variance_delta(
    estimand: str, counts: Counts, q: Pmf | None, counts_q: Counts | None, shape: Shape | None = None
) -> Array:
    """Variance of the plug-in by the delta method, in nats², shape (..., K) → (...).

    Var_P̂(∂θ/∂p)/N, and with the model sampled + Var_Q̂(∂θ/∂q)/M: for entropy (Σ p̂ ln² p̂ − Ĥ²)/N, for KL
    divergence Var_P̂(ln p̂/q̂)/N + (Σ p̂²/q̂ − 1)/M. 0 where the slope is the same for every category that was
    seen, where the first order says nothing. +inf where the plug-in itself is.
    """
    N = _total(counts)
    p = counts / N
    target = estimand_of(estimand)
    model = p if not target.needs_model else q if counts_q is None else counts_q / _total(counts_q)
    assert model is not None
    own, other = target.slopes_at(p, model, shape)
    variance = _spread(own, p) / N
    if counts_q is not None:
        variance = variance + _spread(other, model) / _total(counts_q)
    return np.where(np.isinf(target.value(p, model, shape)), np.inf, variance[..., 0])


def entropy_variance_jackknife(counts: Counts) -> Array:
    """Variance of the plug-in entropy by leaving one draw out: (N−1)/N Σ_j (Ĥ₋ⱼ − mean)²; 0 for N = 1."""
    N = _total(counts)
    return np.asarray(_spread(_steps(counts, N), counts / N)[..., 0] / np.maximum(N - 1, 1)[..., 0])


def kl_variance_jackknife(counts: Counts, counts_q: Counts) -> Array:
    """Variance of the plug-in KL divergence by leaving one draw out, of each sample in turn; both parts are added.

    (N−1)/N Σ_j (K̂L₋ⱼ − mean)² + (M−1)/M Σ_i (K̂L₋ᵢ − mean)²; a sample of one draw adds 0. +inf where the
    estimate is, and where it would be for want of one draw: a category with n > 0 was seen once in the second.
    """
    N, M = _total(counts), _total(counts_q)
    p = counts / N
    # Without a draw from k, K̂L is a constant plus −(Δ_k − ln q̂_k)/(N−1), or −p̂_k ln(1 − 1/m_k).
    own = _steps(counts, N) - np.log(np.where(counts_q > 0, counts_q / M, 1.0))
    first = _spread(own, p) / np.maximum(N - 1, 1)
    lonely = (counts > 0) & (counts_q <= 1) & ((counts_q == 0) | (M > 1))
    loss = -p * np.log1p(-1 / np.maximum(counts_q, 2))
    second = (M - 1) * _spread(np.where(counts_q > 1, loss, 0.0), counts_q / M)
    return np.where(lonely.any(axis=-1), np.inf, (first + second)[..., 0])


def _total(counts: Counts) -> Any:
    return counts.sum(axis=-1, keepdims=True)


def _spread(values: Array, weights: Array) -> Array:
    """Σ w (v − Σ w v)², the variance of v under a pmf w; the last axis is kept."""
    # Measured from the likeliest value, so that values which are all the same have no variance at all.
    values, weights = np.broadcast_arrays(values, weights)
    values = values - np.take_along_axis(values, weights.argmax(axis=-1, keepdims=True), axis=-1)
    mean = (weights * values).sum(axis=-1, keepdims=True)
    return np.asarray((weights * (values - mean) ** 2).sum(axis=-1, keepdims=True))


def _steps(counts: Counts, N: Any) -> Array:
    """Δ(n) − ln N, where Δ(n) = n ln n − (n−1) ln(n−1): (N−1) Ĥ₋ⱼ is Δ at the category of draw j, and a constant."""
    n = np.maximum(counts, 1)
    return np.asarray(np.log(n / N) + (n - 1) * np.log1p(1 / np.maximum(n - 1, 1)))
