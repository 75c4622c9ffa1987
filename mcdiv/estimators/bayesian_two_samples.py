"""Posterior means of cross-entropy and KL divergence where both pmfs are sampled, under one prior for both."""

from typing import Annotated, Any

import numpy as np

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.domains import POSITIVE, Number
from mcdiv.core.fingerprints import by_count
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.core.special import log_less_psi
from mcdiv.estimators.bayesian import bayes
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.entry import TwoSampleTerms


def _weight(n: Counts, N: Any, K: int, *, alpha: Number) -> Array:
    return np.asarray((n + float(alpha)) / (N + K * float(alpha)))


def _surprisal(m: Counts, M: Any, K: int, *, alpha: Number) -> Array:
    """ψ(B) − ψ(b) with ψ = ln − L, so that what is close to 0 keeps its digits."""
    b, rest = m + float(alpha), (M - m) + (K - 1) * float(alpha)
    own = by_count(lambda m: log_less_psi(m + float(alpha)), m)
    return np.asarray(np.log1p(rest / b) + (own - log_less_psi(M + K * float(alpha))))


@estimator(
    "cross_entropy",
    name="bayes",
    two_samples=TwoSampleTerms(surprisal=_surprisal, weight=_weight),
    reference_values=[
        ReferenceValue(
            counts=(1, 0), counts_q=(0, 1), parameters=(("alpha", 1),), value=7 / 6, origin="by hand: ⅔·3/2 + ⅓·½"
        ),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE},
)
def bayes_cross_entropy(counts: Counts, counts_q: Counts, *, alpha: Annotated[Number, POSITIVE]) -> Nats:
    """Posterior mean of the cross-entropy under the same Dirichlet prior for both pmfs, which are independent.

    Formula: ĈE = Σ_k a_k/A [ψ(B) − ψ(b_k)],  a_k = n_k + α, b_k = m_k + α, with sums A and B
    Valid:   N, M ≥ 1, α > 0, K known. Always finite; large for small α where a category is missing in the second.
    Source:  E[p] and E[ln q] of Dirichlet pmfs; the approach of Wolpert & Wolf (1995), which has the entropy only
    """
    N, M = (some.sum(axis=-1, keepdims=True) for some in (counts, counts_q))
    K = counts.shape[-1]
    weight, surprisal = _weight(counts, N, K, alpha=alpha), _surprisal(counts_q, M, K, alpha=alpha)
    return np.asarray((weight * surprisal).sum(axis=-1))


@estimator(
    "kl_divergence",
    name="bayes",
    two_samples=TwoSampleTerms(surprisal=_surprisal, weight=_weight, entropy=bayes),
    reference_values=[
        ReferenceValue(
            counts=(1, 0), counts_q=(0, 1), parameters=(("alpha", 1),), value=2 / 3, origin="by hand: 7/6 − 1/2"
        ),
        ReferenceValue(
            counts=(7, 3), counts_q=(7, 3), parameters=(("alpha", 1),), value=1 / 12, origin="50 digits of formula"
        ),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE},
)
def bayes_kl_divergence(counts: Counts, counts_q: Counts, *, alpha: Annotated[Number, POSITIVE]) -> Nats:
    """Posterior mean of the KL divergence under the same Dirichlet prior for both pmfs, which are independent.

    Formula: K̂L = Σ_k a_k/A {[ψ(B) − ψ(b_k)] − [ψ(A+1) − ψ(a_k+1)]},  a_k = n_k + α, b_k = m_k + α
    Valid:   N, M ≥ 1, α > 0, K known. Always finite and positive, also for equal samples.
    Source:  the posterior means of cross-entropy and of entropy (Wolpert & Wolf 1995), subtracted
    """
    K, alpha = counts.shape[-1], float(alpha)
    a, b = counts + alpha, counts_q + alpha
    A, B = (some.sum(axis=-1, keepdims=True) + K * alpha for some in (counts, counts_q))
    # With ψ(t) = ln t − L(t) and ψ(t+1) = ψ(t) + 1/t: the divergence of the posterior means, and small terms.
    added = by_count(lambda m: log_less_psi(m + alpha), counts_q)
    added += by_count(lambda n: 1 / (n + alpha) - log_less_psi(n + alpha), counts)
    common = 1 / A - log_less_psi(A) + log_less_psi(B)
    return np.asarray(kl_divergence_nats(a / A, b / B) + (a / A * (added - common)).sum(axis=-1))
