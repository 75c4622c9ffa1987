"""The estimators k1, k2 and k3 of one draw, averaged over the wrong pmf or in another form.

With r = q(x)/p(x): k1 = −ln r, k2 = (ln r)²/2, k3 = r − 1 − ln r. Averaged over P, k1 and k3 are KL(P‖Q).
"""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import other_quantity
from mcdiv.diagnosis.weighted import weighted_sum


@other_quantity()
def k1_over_q(p: Array, q: Array, r: Array) -> Array:
    """k1 averaged over draws from Q.

    Formula: Σ q ln(p/q)
    Valid:   P ≠ Q
    Mend:    it is −KL(Q‖P): average over draws from P, or weight each draw with p/q
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(q, r)


@other_quantity()
def k2(p: Array, q: Array, r: Array) -> Array:
    """k2 averaged over draws from P, which is biased.

    Formula: ½ Σ p (ln(p/q))²
    Valid:   P ≠ Q
    Mend:    average k1 or k3 for the value of KL(P‖Q)
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(p, r * r) / 2


@other_quantity()
def k2_over_q(p: Array, q: Array, r: Array) -> Array:
    """k2 averaged over draws from Q.

    Formula: ½ Σ q (ln(p/q))²
    Valid:   P ≠ Q
    Mend:    average k1 or k3 over draws from P
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(q, r * r) / 2


@other_quantity()
def k3_over_q(p: Array, q: Array, r: Array) -> Array:
    """k3 averaged over draws from Q.

    Formula: Σ q (q/p − 1 − ln(q/p))
    Valid:   P ≠ Q
    Mend:    average over draws from P, or weight each draw with p/q
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(q, _k3(q / p, -r))


@other_quantity(rarity=2)
def k3_of_the_inverse_ratio(p: Array, q: Array, r: Array) -> Array:
    """k3 with the inverse ratio, averaged over draws from P.

    Formula: Σ p (p/q − 1 − ln(p/q))
    Valid:   P ≠ Q
    Mend:    with draws from P, the ratio is q/p
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(p, _k3(p / q, r))


@other_quantity(rarity=2)
def k3_of_the_inverse_ratio_over_q(p: Array, q: Array, r: Array) -> Array:
    """k3 with the inverse ratio, averaged over draws from Q.

    Formula: Σ q (p/q − 1 − ln(p/q))
    Valid:   P ≠ Q
    Mend:    it is KL(Q‖P): draw from P, and take the ratio q/p
    Source:  Schulman (2020), Approximating KL divergence
    """
    return weighted_sum(q, _k3(p / q, r))


@other_quantity(rarity=2)
def js_by_k3_over_q(p: Array, q: Array) -> Array:
    """Half the k3 of P and of Q to their mean m, both averaged over draws from Q.

    Formula: ½ Σ q (p/m − 1 − ln(p/m) + q/m − 1 − ln(q/m)), m = (p + q)/2
    Valid:   P ≠ Q
    Mend:    ½ Σ q ((p/q) ln(p/m) + ln(q/m)) is the JS divergence, with draws from Q
    Source:  by definition
    """
    # The two ratios p/m and q/m sum to 2, and what is left are their logarithms.
    return -weighted_sum(q, np.log(4 * p / (p + q) * (q / (p + q)))) / 2


def _k3(ratio: Array, log_ratio: Array) -> Array:
    return np.where(np.isinf(ratio), np.inf, ratio - 1 - log_ratio)
