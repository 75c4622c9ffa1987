"""The plug-in entropy with its leading bias taken off: by a formula, and by leaving draws out."""

from typing import Any

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.fingerprints import by_count
from mcdiv.core.log_ratios import minus_log1p
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator
from mcdiv.estimators.lifts import plugin_terms


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(4, 2, 3, 1), value=1.4298542258336676, origin="by hand: plug-in + 3/20"),
        ReferenceValue(counts=(1, 1, 1, 1), value=1.7612943611198906, origin="by hand: ln 4 + 3/8"),
        ReferenceValue(counts=(10, 0), value=0.0, origin="by hand: one category seen, no correction"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def miller_madow(n: Counts, N: Any, K: int) -> Array:
    """Plug-in entropy with the leading bias term added back.

    Formula: Ĥ = Ĥ_plugin + (S − 1)/2N,  S = number of categories seen
    Valid:   N ≥ 1. Corrects the 1/N bias once every likely category has been seen; for N ≪ K it stays low.
    Source:  Miller (1955), Note on the bias of information estimates; Miller & Madow (1954), On the maximum
             likelihood estimate of the Shannon–Wiener measure of information
    """
    # Per category: a seen one adds 1/2N, and the −1/2N is shared out in proportion to n/N.
    return np.asarray(plugin_terms(n, N, K) + np.where(n > 0, (N - n) / N, 0.0) / (2 * N))


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.6683970228359467, origin="50 digits of N Ĥ − (N−1)/N Σ_j Ĥ₋ⱼ"),
        ReferenceValue(counts=(1, 1, 1, 1), value=2.2493405784752336, origin="by hand: 4 ln 4 − 3 ln 3"),
        ReferenceValue(counts=(1,), value=0.0, origin="by convention"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def jackknife(n: Counts, N: Any, K: int) -> Array:
    """Plug-in entropy with the bias that leaving one draw out reveals.

    Formula: Ĥ = N Ĥ_plugin − (N−1)/N Σ_j Ĥ₋ⱼ,  Ĥ₋ⱼ = plug-in without draw j; for N = 1 it is 0
    Valid:   N ≥ 1. Removes the 1/N bias; more variable than Miller–Madow, and can exceed ln K.
    Source:  Zahl (1977), Jackknifing an index of diversity
    """
    # With Δ(n) = n ln n − (n−1) ln(n−1) the sums over draws collect to Ĥ = Δ(N) − Σ_k (n_k/N) Δ(n_k).
    seen = np.maximum(n, 1)
    return np.asarray(n / N * (np.log1p((N - seen) / seen) + (by_count(_lack, seen) - _lack(N))))


def _lack(n: Any) -> Array:
    """ln n + 1 − Δ(n) = 1 + (n−1) ln(1 − 1/n) for n ≥ 1: positive, about 1/2n; any value for n = 0."""
    # With m(d) = d − ln(1 + d) it is 1/n − (n−1) m(−1/n), whose two parts differ by a half.
    n = np.maximum(n, 1)
    inverse = np.where(n > 1, 1 / n, 0.0)
    return np.where(n > 1, inverse - (n - 1) * minus_log1p(-inverse), 1.0)
