"""Cross-entropy and KL divergence from draws of both pmfs, finite where the plain plug-in is not."""

import math
from typing import Any, Literal

import numpy as np

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.fingerprints import by_count
from mcdiv.core.log_ratios import kl_terms
from mcdiv.core.special import log_less_psi
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.digamma import zhang
from mcdiv.estimators.entry import TwoSampleTerms
from mcdiv.estimators.lifts import plugin_terms


def _floored_surprisal(m: Counts, M: Any, K: int, *, floor: str = "max_one") -> Array:
    floored = _floored(m, floor)
    return np.asarray(np.log1p((M - floored) / floored))


def _plugin_terms(n: Counts, N: Any, K: int, *, floor: str = "max_one") -> Array:
    return plugin_terms(n, N, K)


def _series_surprisal(m: Counts, M: Any, K: int) -> Array:
    """ψ(M+1) − ψ(m+1) with ψ = ln − L, so that what is close to 0 keeps its digits."""
    return np.asarray(np.log1p((M - m) / (m + 1)) + (by_count(_after, m) - _after(M)))


@estimator(
    "cross_entropy",
    name="augmented_plugin",
    two_samples=TwoSampleTerms(surprisal=_floored_surprisal),
    reference_values=[
        ReferenceValue(counts=(10, 0), counts_q=(0, 10), value=math.log(10), origin="by hand: −ln 1/10"),
        ReferenceValue(
            counts=(10, 0),
            counts_q=(10, 0),
            parameters=(("floor", "add_one"),),
            value=math.log(10 / 11),
            origin="by hand: −ln 11/10",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def augmented_cross_entropy(
    counts: Counts, counts_q: Counts, *, floor: Literal["max_one", "add_one"] = "max_one"
) -> Nats:
    """Cross-entropy at the frequencies of both samples, with every model count raised to at least 1.

    Formula: ĈE = −Σ p̂_k ln q̂_k,  q̂_k = max(m_k, 1)/M; floor="add_one": q̂_k = (m_k + 1)/M; not renormalised
    Valid:   N, M ≥ 1. Always finite; can be negative with "add_one", whose q̂ may exceed 1.
    Source:  Zhang & Grabchak (2014), Nonparametric estimation of Kullback–Leibler divergence (not read); Bu, Zou,
             Liang & Veeravalli (2018), Estimation of KL divergence: optimal minimax rate (abstract read)
    """
    surprisal = _floored_surprisal(counts_q, _total(counts_q), counts.shape[-1], floor=floor)
    return np.asarray((counts * surprisal).sum(axis=-1) / counts.sum(axis=-1) + 0.0)


@estimator(
    "kl_divergence",
    name="augmented_plugin",
    two_samples=TwoSampleTerms(surprisal=_floored_surprisal, entropy=_plugin_terms),
    reference_values=[
        ReferenceValue(counts=(10, 0), counts_q=(0, 10), value=math.log(10), origin="by hand: ln 10"),
        ReferenceValue(counts=(7, 3), counts_q=(3, 7), value=0.4 * math.log(7 / 3), origin="by hand: 0.4 ln(7/3)"),
        ReferenceValue(
            counts=(5, 5),
            counts_q=(10, 0),
            parameters=(("floor", "add_one"),),
            value=math.log(5) - math.log(11) / 2,
            origin="by hand: ½ ln(5/11) + ½ ln 5",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def augmented_kl_divergence(
    counts: Counts, counts_q: Counts, *, floor: Literal["max_one", "add_one"] = "max_one"
) -> Nats:
    """KL divergence at the frequencies of both samples, with every model count raised to at least 1.

    Formula: K̂L = Σ p̂_k ln(p̂_k/q̂_k),  q̂_k = max(m_k, 1)/M; floor="add_one": q̂_k = (m_k + 1)/M; not renormalised
    Valid:   N, M ≥ 1. Always finite; can be negative, as q̂ may sum to more than 1.
    Source:  Zhang & Grabchak (2014), Nonparametric estimation of Kullback–Leibler divergence (not read); Bu, Zou,
             Liang & Veeravalli (2018), Estimation of KL divergence: optimal minimax rate (abstract read)
    """
    return _divergence(counts, _floored(counts_q, floor), _total(counts_q))


@estimator(
    "cross_entropy",
    name="zhang_grabchak",
    two_samples=TwoSampleTerms(surprisal=_series_surprisal),
    reference_values=[
        ReferenceValue(
            counts=(10, 0), counts_q=(5, 5), value=1627 / 2520, origin="by hand: 1/6 + 1/7 + 1/8 + 1/9 + 1/10"
        ),
        ReferenceValue(counts=(10, 0), counts_q=(0, 10), value=7381 / 2520, origin="by hand: 1 + 1/2 + … + 1/10"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def zhang_grabchak_cross_entropy(counts: Counts, counts_q: Counts) -> Nats:
    """Cross-entropy by the series of Zhang's entropy estimator: its bias falls exponentially in M.

    Formula: ĈE = Σ_k p̂_k (ψ(M + 1) − ψ(m_k + 1))
    Valid:   N, M ≥ 1. Finite also where a category seen in the first sample is missing in the second. Biased low, by
             Σ_k p_k Σ_{v>M} (1 − q_k)^v/v.
    Source:  Zhang & Grabchak (2014), Nonparametric estimation of Kullback–Leibler divergence (not read: closed form
             as later work restates it; the bias follows from E[ψ(M+1) − ψ(m+1)] = Σ_{v≤M} (1 − q)^v/v)
    """
    surprisal = _series_surprisal(counts_q, _total(counts_q), counts.shape[-1])
    return np.asarray((counts * surprisal).sum(axis=-1) / counts.sum(axis=-1) + 0.0)


@estimator(
    "kl_divergence",
    name="zhang_grabchak",
    two_samples=TwoSampleTerms(surprisal=_series_surprisal, entropy=zhang),
    reference_values=[
        ReferenceValue(
            counts=(7, 3), counts_q=(3, 7), value=107 / 525, origin="by hand: 0.7·37/60 − 0.3·153/140 + 0.1"
        ),
        ReferenceValue(counts=(10, 0), counts_q=(5, 5), value=1627 / 2520, origin="by hand: the entropy's part is 0"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def zhang_grabchak_kl_divergence(counts: Counts, counts_q: Counts) -> Nats:
    """KL divergence as the difference of two series whose biases fall exponentially in M and N.

    Formula: K̂L = Σ_k p̂_k {[ψ(M + 1) − ψ(m_k + 1)] − [ψ(N) − ψ(n_k)]}
    Valid:   N, M ≥ 1. Finite also on disjoint supports; can be negative where P is close to Q.
    Source:  Zhang & Grabchak (2014), Nonparametric estimation of Kullback–Leibler divergence (not read: closed form
             as later work restates it)
    """
    N, M = counts.sum(axis=-1), counts_q.sum(axis=-1)
    # With ψ = ln − L the logarithms are a divergence from (m + 1)/(M + 1), and the L, about 1/2n, are small.
    small = (counts * (by_count(_after, counts_q) - by_count(_at, counts))).sum(axis=-1) / N
    return np.asarray(_divergence(counts, counts_q + 1, M[..., np.newaxis] + 1) + small + (_at(N) - _after(M)))


def _at(n: Counts) -> Array:
    """ln n − ψ(n) for n ≥ 1; any value for n = 0, which adds nothing."""
    return log_less_psi(np.maximum(n, 1))


def _after(m: Counts) -> Array:
    """ln(m + 1) − ψ(m + 1)."""
    return log_less_psi(m + 1)


def _total(counts: Counts) -> Any:
    return counts.sum(axis=-1, keepdims=True)


def _floored(counts_q: Counts, floor: str) -> Counts:
    return np.maximum(counts_q, 1) if floor == "max_one" else counts_q + 1


def _divergence(counts: Counts, m: Counts, M: Any) -> Nats:
    """Σ p̂ ln(p̂/q̂) at q̂ = m/M, m ≥ 1, which need not sum to 1, over the categories seen in the first sample.

    = Σ [p̂ ln(p̂/q̂) − p̂ + q̂] + 1 − Σ q̂: no term cancels near p̂ = q̂, and what Σ q̂ lacks to 1 is exact.
    """
    seen = counts > 0
    terms: Array = np.where(seen, kl_terms(counts / _total(counts), m / M), 0.0)
    lacking = M - np.where(seen, m, 0).sum(axis=-1, keepdims=True)
    return np.asarray(terms.sum(axis=-1) + (lacking / M)[..., 0])
