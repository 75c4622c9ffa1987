"""KL divergence from draws whose log-ratio ln(q/p) is known: the estimators of reinforcement learning."""

from mcdiv.core.arrays import Counts, Nats, Pmf
from mcdiv.core.log_ratios import log_ratio, ratio_excess
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.draws import mean_over_draws


@estimator(
    "kl_divergence",
    reference_values=[
        ReferenceValue(
            counts=(1, 1), p=(0.5, 0.5), q=(0.6, 0.4), value=0.020410997260127565, origin="by hand: −½ ln 0.96"
        ),
    ],
    properties={Property.CONSISTENT, Property.UNBIASED, Property.LINEAR},
)
def k1(counts: Counts, p: Pmf, q: Pmf) -> Nats:
    """Mean of the negative log-ratio over the draws.

    Formula: k1 = −(1/N) Σ_i ln r(x_i),  r = q/p,  x ~ P
    Valid:   N ≥ 1, both pmfs known. Unbiased; negative for many samples when P is close to Q.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return mean_over_draws(counts, -log_ratio(q, p))


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
def k2(counts: Counts, p: Pmf, q: Pmf) -> Nats:
    """Mean of half the squared log-ratio over the draws.

    Formula: k2 = (1/N) Σ_i ½ (ln r(x_i))²,  r = q/p,  x ~ P
    Valid:   N ≥ 1, both pmfs known. Never negative; biased at every N, little where P is close to Q.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return mean_over_draws(counts, log_ratio(q, p) ** 2 / 2)


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
def k3(counts: Counts, p: Pmf, q: Pmf) -> Nats:
    """Mean of r − 1 − ln r over the draws: k1 with a control variate of mean zero.

    Formula: k3 = (1/N) Σ_i [(r(x_i) − 1) − ln r(x_i)],  r = q/p,  x ~ P
    Valid:   N ≥ 1, both pmfs known. Never negative; unbiased where Q puts no mass outside the support of P, else
             low by that mass. Its spread can exceed that of k1 by far when Q and P differ.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html
    """
    return mean_over_draws(counts, ratio_excess(q, p))
