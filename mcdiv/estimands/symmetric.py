"""Divergences that treat P and Q alike: Jensen–Shannon and Jeffreys."""

import math

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import log_ratio, log_ratio_where, relative_difference
from mcdiv.core.rows import jeffreys_divergence_nats, js_divergence_nats
from mcdiv.estimands.contract import estimand


def _js_slopes(p: Pmf, q: Pmf) -> tuple[Array, Array]:
    return -log_ratio(p + q, 2 * p) / 2, -log_ratio(p + q, 2 * q) / 2


def _jeffreys_slopes(p: Pmf, q: Pmf) -> tuple[Array, Array]:
    log, by_p, by_q = log_ratio_where(p, q), relative_difference(q, p), relative_difference(p, q)
    return log - by_p, -log - by_q


@estimand(
    symbol="JS(P, Q)",
    limits=lambda categories, q: (0.0, math.log(2)),
    divergence=True,
    slopes=_js_slopes,
    null_statistic=lambda value: 8 * value,
)
def js_divergence(p: Pmf, q: Pmf) -> Array:
    """Symmetric, finite, at most ln 2; scipy.spatial.distance.jensenshannon is its square root.

    Formula: JS(P, Q) = H((P+Q)/2) − (H(P) + H(Q))/2
    Valid:   any P and Q; between 0 and ln 2
    Source:  Lin (1991), Divergence measures based on the Shannon entropy
    """
    return js_divergence_nats(p, q)


@estimand(symbol="J(P, Q)", divergence=True, slopes=_jeffreys_slopes, null_statistic=lambda value: value)
def jeffreys_divergence(p: Pmf, q: Pmf) -> Array:
    """Symmetric; in drift monitoring, the population stability index (PSI).

    Formula: J(P, Q) = KL(P‖Q) + KL(Q‖P)
    Valid:   any P and Q; at least 0, and ∞ where a category has a probability of 0 under one of them alone
    Source:  Jeffreys (1946), An invariant form for the prior probability in estimation problems
    """
    return jeffreys_divergence_nats(p, q)
