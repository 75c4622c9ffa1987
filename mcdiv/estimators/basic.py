"""Estimators of the pmf itself: relative frequencies, plain and smoothed. Each gives every estimand at once."""

from typing import Annotated, Any

import numpy as np

from mcdiv.core.arrays import Counts, Nats, Pmf
from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.estimators.contract import Property, ReferenceValue, estimator, pmf_estimator
from mcdiv.estimators.lifts import cross_entropy_of_frequencies


@pmf_estimator(
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.6108643020548935, origin="50 digits of −0.7 ln 0.7 − 0.3 ln 0.3"),
        ReferenceValue(counts=(1, 1, 1, 1), value=1.3862943611198906, origin="by hand: ln 4"),
        ReferenceValue(
            counts=(7, 3),
            counts_q=(3, 7),
            estimand="kl_divergence",
            value=0.33891914415488145,
            origin="by hand: 0.4 ln(7/3)",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def plugin(n: Counts, N: Any, K: int) -> Pmf:
    """The estimand at the relative frequencies: the obvious choice.

    Formula: p̂_k = n_k/N, hence Ĥ = −Σ p̂ ln p̂; with a sampled model also −Σ p̂ ln q̂ and Σ p̂ ln(p̂/q̂)
    Valid:   N ≥ 1. Entropy is biased low by about (S − 1)/2N, KL high by as much; cross-entropy and KL with a
             sampled model are +∞ where a category seen in the first sample is missing in the second.
    Source:  Fisher (1922), On the mathematical foundations of theoretical statistics (maximum likelihood);
             bias: Miller (1955), Note on the bias of information estimates
    """
    return np.asarray(n / N)


@estimator(
    "cross_entropy",
    name="plugin",
    reference_values=[
        ReferenceValue(
            counts=(60, 40), q=(0.3, 0.7), value=0.8650536601710546, origin="50 digits of −0.6 ln 0.3 − 0.4 ln 0.7"
        ),
        ReferenceValue(counts=(5, 5), q=(1.0, 0.0), value=float("inf"), origin="by definition: a draw that Q excludes"),
    ],
    properties={Property.CONSISTENT, Property.UNBIASED, Property.LINEAR, Property.NONNEGATIVE},
)
def plugin_with_known_model(counts: Counts, q: Pmf) -> Nats:
    """Average surprisal of the draws under the model: the loss of classification.

    Formula: ĈE = −Σ p̂_k ln q_k = −(1/N) Σ_i ln q(x_i)
    Valid:   N ≥ 1. Unbiased with variance Var_P(ln q)/N; +∞ where a draw has q = 0.
    Source:  by definition, a mean over independent draws
    """
    return cross_entropy_of_frequencies(counts, q)


@pmf_estimator(
    reference_values=[
        ReferenceValue(
            counts=(1, 2, 3, 2, 1),
            parameters=(("alpha", 3.0),),
            value=1.5974168,
            origin="DiscreteEntropy.jl, test of its Bayes estimator with α = 3 (six decimals)",
        ),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def additive(n: Counts, N: Any, K: int, *, alpha: Annotated[Number, NONNEGATIVE]) -> Pmf:
    """The estimand at frequencies smoothed by α pseudo-counts in every category, seen or not.

    Formula: p̃_k = (n_k + α)/(N + Kα), over all K categories
    Valid:   N ≥ 1, K known; the mean of the posterior under a symmetric Dirichlet(α) prior. Biased towards ln K.
    Source:  Lidstone (1920), Note on the general case of the Bayes–Laplace formula
    """
    weight = float(alpha)
    return np.asarray((n + weight) / (N + K * weight))


@pmf_estimator(
    reference_values=[ReferenceValue(counts=(10, 0), value=0.28683598305616065, origin="50 digits of H(11/12, 1/12)")],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def laplace(n: Counts, N: Any, K: int) -> Pmf:
    """The estimand after adding one to every count.

    Formula: p̃_k = (n_k + 1)/(N + K)
    Valid:   N ≥ 1, K known. Biased towards ln K: heavily where N is not much larger than K.
    Source:  Laplace (1814), Essai philosophique sur les probabilités (rule of succession)
    """
    return additive(n, N, K, alpha=1)


@pmf_estimator(
    reference_values=[ReferenceValue(counts=(7, 3), value=0.6254913597255729, origin="50 digits of H(7.5/11, 3.5/11)")],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def jeffreys(n: Counts, N: Any, K: int) -> Pmf:
    """The estimand after adding one half to every count.

    Formula: p̃_k = (n_k + ½)/(N + K/2)
    Valid:   N ≥ 1, K known. Biased towards ln K where N is not much larger than K.
    Source:  Krichevsky & Trofimov (1981), The performance of universal encoding; prior: Jeffreys (1946)
    """
    return additive(n, N, K, alpha=0.5)


@pmf_estimator(
    reference_values=[
        ReferenceValue(counts=(1, 0), value=0.5623351446188084, origin="by hand: H(3/4, 1/4) = 2 ln 2 − ¾ ln 3")
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def perks(n: Counts, N: Any, K: int) -> Pmf:
    """The estimand after adding one draw in all, shared equally by the categories.

    Formula: p̃_k = (n_k + 1/K)/(N + 1)
    Valid:   N ≥ 1, K known. The lightest of the presets for large K.
    Source:  Perks (1947), Some observations on inverse probability
    """
    return additive(n, N, K, alpha=1 / K)


@pmf_estimator(
    reference_values=[
        ReferenceValue(counts=(1, 0), value=0.5623351446188084, origin="by hand: α = ½ at N = 1, K = 2: H(3/4, 1/4)")
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def minimax(n: Counts, N: Any, K: int) -> Pmf:
    """The estimand after adding √N draws in all, shared equally by the categories.

    Formula: p̃_k = (n_k + √N/K)/(N + √N)
    Valid:   N ≥ 1, K known. Minimax for the probabilities under squared error, not for the entropy.
    Source:  Trybula (1958), Some problems of simultaneous minimax estimation
    """
    total = np.sqrt(N)
    return np.asarray((n + total / K) / (N + total))
