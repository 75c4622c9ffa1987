"""Shrinkage of the relative frequencies towards the uniform pmf, by an amount that the data set."""

import numpy as np

from mcdiv.core.arrays import Counts, Pmf
from mcdiv.estimators.contract import Property, ReferenceValue, pmf_estimator


@pmf_estimator(
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.6791932659915256, origin="by hand: λ = 7/12, hence H(7/12, 5/12)"),
        ReferenceValue(counts=(1, 1, 1, 1), value=1.3862943611198906, origin="by hand: λ = 1, hence ln 4"),
        ReferenceValue(counts=(10, 0), value=0.0, origin="by hand: λ = 0, the frequencies (1, 0) themselves"),
        ReferenceValue(counts=(1, 0), value=0.6931471805599453, origin="by convention: λ = 1 for one draw, hence ln 2"),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def james_stein(counts: Counts) -> Pmf:
    """The estimand at frequencies shrunk towards the uniform pmf, as far as makes the estimated squared error least.

    Formula: p̃_k = λ/K + (1 − λ) p̂_k,  λ = (1 − Σ p̂_k²)/((N − 1) Σ (1/K − p̂_k)²), at least 0 and at most 1
    Valid:   N ≥ 1, K known: unseen categories count. λ = 1 for N = 1 and for uniform frequencies; λ = 0, and
             cross-entropy and KL perhaps +∞, where the draws of a sample all fell into one category.
    Source:  Hausser & Strimmer (2009), Entropy inference and the James–Stein estimator, with application to
             nonlinear gene association networks (not read: formula as later work restates it)
    """
    N, K = counts.sum(axis=-1, keepdims=True), counts.shape[-1]
    p = counts / N
    away = p - 1 / K
    spread = 1 - np.einsum("...k,...k->...", p, p)
    if (concentrated := spread < 0.5).any():  # as Σ p̂ (1 − p̂) it is no small difference
        rest = (N - counts)[concentrated] / N[concentrated]
        spread = np.asarray(spread)
        spread[concentrated] = np.einsum("...k,...k->...", p[concentrated], rest)
    spread = spread[..., np.newaxis]
    scale = (N - 1) * np.einsum("...k,...k->...", away, away)[..., np.newaxis]
    weight = np.where(scale > spread, spread / np.where(scale > 0, scale, 1.0), 1.0)
    p *= 1 - weight
    p += weight / K
    return np.asarray(p)
