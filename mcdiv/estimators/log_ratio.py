"""KL divergence from draws whose log-ratio ln(q/p) is known: the estimators of reinforcement learning."""

import math
from typing import Annotated, Literal, TypeAlias

from mcdiv.core.arrays import Counts, Nats, Pmf
from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.draws import mean_over_draws
from mcdiv.policies.terms import Term, importance_weight
from mcdiv.policies.terms import k1 as k1_term
from mcdiv.policies.terms import k2 as k2_term
from mcdiv.policies.terms import k3 as k3_term

#: whether a draw from O counts p/o times, and ε of the interval [1 − ε, 1 + ε] that this is kept in
Weighting: TypeAlias = Literal["none", "weighted"]
Clip: TypeAlias = Annotated[Number, NONNEGATIVE]


@estimator(
    "kl_divergence",
    reference_values=[
        ReferenceValue(
            counts=(1, 1), p=(0.5, 0.5), q=(0.6, 0.4), value=0.020410997260127565, origin="by hand: −½ ln 0.96"
        ),
    ],
    properties={Property.CONSISTENT, Property.UNBIASED, Property.LINEAR},
)
def k1(counts: Counts, p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Nats:
    """Mean of the negative log-ratio over the draws.

    Formula: k1 = −(1/N) Σ_i w(x_i) ln r(x_i),  r = q/p;  w = 1, or p/o for draws from O
    Valid:   N ≥ 1, both pmfs known. Unbiased of draws from P, and weighted of draws from any O that has all categories
             of P; negative for many samples when P is close to Q; ∞ where a draw has q = 0, −∞ where an unweighted
             one has p = 0. The gradient: in the loss (k1_loss) it is 0 on average, whatever Q is; in the reward
             (k1_reward) it is unbiased.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return _mean(counts, k1_term(p, q), p, o, weight, clip)


@estimator(
    "kl_divergence",
    reference_values=[
        ReferenceValue(
            counts=(1, 1),
            p=(0.5, 0.5),
            q=(0.6, 0.4),
            value=0.020758548641222146,
            origin="by hand: ¼ (ln² 1.2 + ln² 0.8)",
        ),
    ],
    properties={Property.LINEAR, Property.NONNEGATIVE},
)
def k2(counts: Counts, p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Nats:
    """Mean of half the squared log-ratio over the draws.

    Formula: k2 = (1/N) Σ_i w(x_i) ½ (ln r(x_i))²,  r = q/p;  w = 1, or p/o for draws from O
    Valid:   N ≥ 1, both pmfs known. Never negative; biased at every N, little where P is close to Q; ∞ where a draw
             has q = 0. The gradient: biased as a value, it is unbiased in the loss (k2_loss), the same as that of k1
             in the reward; in the reward (k2_reward) it is biased.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return _mean(counts, k2_term(p, q), p, o, weight, clip)


@estimator(
    "kl_divergence",
    reference_values=[
        ReferenceValue(
            counts=(1, 1), p=(0.5, 0.5), q=(0.6, 0.4), value=0.020410997260127565, origin="by hand: −½ ln 0.96"
        ),
        ReferenceValue(
            counts=(1, 0), p=(0.5, 0.5), q=(0.6, 0.4), value=0.017678443206045372, origin="by hand: 0.2 − ln 1.2"
        ),
    ],
    properties={Property.LINEAR, Property.NONNEGATIVE},
)
def k3(counts: Counts, p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Nats:
    """Mean of r − 1 − ln r over the draws: k1 with a control variate of mean zero.

    Formula: k3 = (1/N) Σ_i w(x_i) [(r(x_i) − 1) − ln r(x_i)],  r = q/p;  w = 1, or p/o for draws from O
    Valid:   N ≥ 1, both pmfs known. Never negative; unbiased of draws from P where Q puts no mass outside the support
             of P, else low by that mass; weighted, unbiased of draws from any O that has all categories of P and Q;
             ∞ where a draw has q = 0. Its spread can exceed that of k1 by far when Q and P differ. The gradient:
             unbiased as a value, in the loss (k3_loss) it is that of KL(Q‖P) on average, and in the reward
             (k3_reward) that of KL(P‖Q) less that of KL(Q‖P).
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return _mean(counts, k3_term(p, q), p, o, weight, clip)


def _mean(counts: Counts, term: Term, p: Pmf, o: Pmf, weight: Weighting, clip: Number) -> Nats:
    """The mean over the draws of what each gives, times its weight where it has one."""
    if weight == "none":
        if clip < math.inf:
            raise ValueError("clip: there is no weight to clip; expected weight=weighted beside it")
        return mean_over_draws(counts, term.value)
    return mean_over_draws(counts, importance_weight(p, o, float(clip)).times(term.value, term.value_mass))
