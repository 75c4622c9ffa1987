"""Other quantities of two pmfs that are taken for KL(P‖Q), or sums of its terms that are not it."""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import other_quantity
from mcdiv.diagnosis.weighted import weighted_sum


@other_quantity()
def cross_entropy(p: Array, q: Array) -> Array:
    """The cross-entropy, which is larger by H(P).

    Formula: −Σ p ln q
    Valid:   H(P) > 0
    Mend:    subtract the entropy of P
    Source:  by definition
    """
    return weighted_sum(p, -np.log(q))


@other_quantity()
def entropy(p: Array, q: Array) -> Array:
    """The entropy of P, which is what a cross-entropy loss is at its minimum.

    Formula: −Σ p ln p
    Valid:   any P
    Mend:    subtract it from the cross-entropy for KL(P‖Q)
    Source:  by definition
    """
    return weighted_sum(p, -np.log(p))


@other_quantity()
def jeffreys(p: Array, q: Array, r: Array) -> Array:
    """The Jeffreys divergence: the population stability index, PSI.

    Formula: Σ (p − q) ln(p/q)
    Valid:   P ≠ Q
    Mend:    it is KL(P‖Q) + KL(Q‖P); take the first alone
    Source:  Jeffreys (1946), An invariant form for the prior probability in estimation problems
    """
    return weighted_sum(p, r) - weighted_sum(q, r)


@other_quantity()
def half_jeffreys(p: Array, q: Array, r: Array) -> Array:
    """The mean of both directions.

    Formula: ½ Σ (p − q) ln(p/q)
    Valid:   P ≠ Q
    Mend:    it is (KL(P‖Q) + KL(Q‖P))/2; take the first alone
    Source:  by definition
    """
    return jeffreys(p, q, r) / 2


@other_quantity()
def js(p: Array, q: Array) -> Array:
    """The Jensen–Shannon divergence.

    Formula: ½ Σ p ln(p/m) + ½ Σ q ln(q/m), m = (p + q)/2
    Valid:   P ≠ Q
    Mend:    compare with the divergence from Q, not from the mean of both
    Source:  Lin (1991), Divergence measures based on the Shannon entropy
    """
    m = (p + q) / 2
    return (weighted_sum(p, np.log(p / m)) + weighted_sum(q, np.log(q / m))) / 2


@other_quantity(unit_power=0.5)
def js_distance(p: Array, q: Array) -> Array:
    """The Jensen–Shannon distance, the root of the divergence: what scipy.spatial.distance.jensenshannon returns.

    Formula: √(½ Σ p ln(p/m) + ½ Σ q ln(q/m)), m = (p + q)/2
    Valid:   P ≠ Q
    Mend:    square it for the JS divergence, which is not KL(P‖Q) either
    Source:  Endres & Schindelin (2003), A new metric for probability distributions
    """
    return np.sqrt(np.maximum(js(p, q), 0.0))


@other_quantity(unit_power=0)
def chi_squared(p: Array, q: Array) -> Array:
    """The χ² divergence.

    Formula: Σ (p − q)²/q
    Valid:   P ≠ Q
    Mend:    it is about 2 KL(P‖Q) where the two are close, and nowhere below KL(P‖Q)
    Source:  Pearson (1900)
    """
    return np.asarray(np.where(p == q, 0.0, (p - q) ** 2 / q).sum(axis=-1))


@other_quantity(unit_power=0)
def total_variation(p: Array, q: Array) -> Array:
    """The total variation distance.

    Formula: ½ Σ |p − q|
    Valid:   P ≠ Q
    Mend:    take the divergence: TV says only that it is at least 2 TV² nats
    Source:  by definition
    """
    return np.asarray(np.abs(p - q).sum(axis=-1) / 2)


@other_quantity(unit_power=0)
def squared_hellinger(p: Array, q: Array) -> Array:
    """The squared Hellinger distance.

    Formula: ½ Σ (√p − √q)²
    Valid:   P ≠ Q
    Mend:    it is about KL(P‖Q)/4 where the two are close
    Source:  Hellinger (1909)
    """
    return np.asarray(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2)


@other_quantity(unit_power=0, rarity=2)
def hellinger(p: Array, q: Array) -> Array:
    """The Hellinger distance.

    Formula: √(½ Σ (√p − √q)²)
    Valid:   P ≠ Q
    Mend:    square it for the squared distance, which is not KL(P‖Q) either
    Source:  Hellinger (1909)
    """
    return np.sqrt(squared_hellinger(p, q))


@other_quantity()
def absolute_terms(p: Array, q: Array, r: Array) -> Array:
    """The absolute values of the terms are summed.

    Formula: Σ p |ln(p/q)|
    Valid:   a category with p < q, whose term is negative
    Mend:    sum the terms with their signs: negative ones belong to KL(P‖Q)
    Source:  by definition
    """
    return weighted_sum(p, np.abs(r))


@other_quantity()
def negative_terms_dropped(p: Array, q: Array, r: Array) -> Array:
    """Negative terms are left out, or set to 0.

    Formula: Σ max(p ln(p/q), 0)
    Valid:   a category with p < q, whose term is negative
    Mend:    sum all terms: only their sum cannot be negative
    Source:  by definition
    """
    return weighted_sum(p, np.maximum(r, 0.0))


@other_quantity()
def unweighted_mean(p: Array, q: Array, r: Array) -> Array:
    """The plain mean of the log-ratios, each category the same.

    Formula: Σ ln(p/q)/K
    Valid:   P not uniform
    Mend:    weight each log-ratio with p
    Source:  by definition
    """
    return np.asarray(r.mean(axis=-1))


@other_quantity(only_odd_input=True)
def logarithm_of_zero(p: Array, q: Array, r: Array) -> Array:
    """The formula as written, where 0 · ln 0 is NaN.

    Formula: Σ p · log(p/q), in floats
    Valid:   a category with p = 0
    Mend:    leave categories with p = 0 out, or use scipy.special.rel_entr
    Source:  IEEE 754: 0 · ∞ is NaN
    """
    return np.where((p == 0).any(axis=-1), np.nan, weighted_sum(p, r))
