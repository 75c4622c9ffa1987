"""Entropy estimators built on the digamma function: ψ in place of the logarithm."""

from typing import Any, Literal

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.fingerprints import by_count
from mcdiv.core.special import log_less_psi, psi_step
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(
            counts=(7, 3), value=0.663968253968254, origin="50 digits of 0.7(ψ(10) − ψ(7)) + 0.3(ψ(10) − ψ(3))"
        ),
        ReferenceValue(counts=(1, 1, 1, 1), value=11 / 6, origin="by hand: ψ(4) − ψ(1) = 1 + 1/2 + 1/3"),
        ReferenceValue(counts=(10, 0), value=0.0, origin="by hand: ψ(10) − ψ(10)"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def zhang(n: Counts, N: Any, K: int) -> Array:
    """Entropy as a sum over Good–Turing's coverages; its bias falls exponentially in N for a fixed alphabet.

    Formula: Ĥ = Σ_k (n_k/N) (ψ(N) − ψ(n_k))
    Valid:   N ≥ 1. Biased low; the bias is Σ_{v≥N} (1/v) Σ_k p_k (1 − p_k)^v.
    Source:  Zhang (2012), Entropy estimation in Turing's perspective; closed form: Schürmann (2015), A note on
             entropy estimation
    """
    seen = np.maximum(n, 1)
    # ψ(N) − ψ(n) with ψ = ln − L, so that what is close to 0 keeps its digits
    return np.asarray(n / N * (_gap(seen, N) - log_less_psi(N)))


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(2, 0), value=-0.3068528194400547, origin="by hand: ψ(2) − G(2) = ln 2 − 1"),
        ReferenceValue(counts=(1,), value=0.6931471805599453, origin="by hand: ψ(1) − G(1) = ln 2"),
        ReferenceValue(
            counts=(7, 3),
            parameters=(("leading", "log"),),
            value=0.8262812717888572,
            origin="50 digits of ln 10 − 0.7 G(7) − 0.3 G(3)",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.ALTERNATES},
)
def grassberger_2003(n: Counts, N: Any, K: int, *, leading: Literal["digamma", "log"] = "digamma") -> Array:
    """Digamma with an alternating correction: exactly unbiased for a fair coin at every N.

    Formula: Ĥ = ψ(N) − (1/N) Σ_k n_k G(n_k),  G(n) = ψ(n) + ½(−1)ⁿ [ψ((n+1)/2) − ψ(n/2)];
             leading="log" puts ln N in place of ψ(N)
    Valid:   N ≥ 1. Can be negative: −0.307 for counts (2, 0). Small bias also for N ≪ K.
    Source:  Grassberger (2003), Entropy estimates from insufficient samplings, arXiv:physics/0307138
    """
    seen = np.maximum(n, 1)
    alternating = by_count(_alternating, seen)
    ahead = _gap(seen, N)
    return np.asarray(n / N * ((ahead - log_less_psi(N) if leading == "digamma" else ahead) - alternating))


def _gap(n: Counts, N: Any) -> Array:
    """ln N − ψ(n) for 1 ≤ n ≤ N."""
    return np.asarray(np.log1p((N - n) / n) + by_count(_surplus, n))


def _alternating(n: Counts) -> Array:
    """½(−1)ⁿ [ψ((n+1)/2) − ψ(n/2)] for n ≥ 1; any value for n = 0."""
    half = np.maximum(n, 1) / 2
    return np.where(n % 2 == 0, 0.5, -0.5) * psi_step(half, 0.5)


def _surplus(n: Counts) -> Array:
    """ln n − ψ(n) for n ≥ 1; any value for n = 0."""
    return log_less_psi(np.maximum(n, 1))
