"""The coin's interval: that of Clopper and Pearson for P(heads), seen through the estimand."""

import numpy as np
from scipy.special import betaincinv

from mcdiv.core.arrays import Array, Counts
from mcdiv.estimands.contract import estimand_of
from mcdiv.intervals.contract import Bounds, IntervalInput, interval, tails

#: what has its least value at P = Q, and the cross-entropy, which turns nowhere
_LEAST_AT_Q = ("kl_divergence", "js_divergence", "jeffreys_divergence", "cross_entropy")


@interval(
    offered=[("entropy", "sample"), *((name, "model_known") for name in _LEAST_AT_Q)],
    fixed_estimator="plugin",
    categories=2,
)
def clopper_pearson(case: IntervalInput) -> Bounds:
    """All values that the estimand takes as P(heads) ranges over its Clopper–Pearson interval.

    Formula: [min, max] of θ(p) over p ∈ [B⁻¹(a/2; n, N−n+1), B⁻¹(1−a/2; n+1, N−n)],  B⁻¹ beta quantiles
    Valid:   two categories, any N ≥ 1, entropy or anything with a known model. Its coverage is never below the nominal
             level: whenever the interval holds p, its image holds θ(p).
    Source:  Clopper & Pearson (1934) for p; the image under θ is exact because θ is monotonic on either side of its
             only turning point (½ for entropy, q for the divergences)
    """
    counts, q = case.sample.counts, case.sample.q
    low, high = clopper_pearson_ends(counts, case.level)
    if case.estimand != "entropy" and case.estimand not in _LEAST_AT_Q:
        raise ValueError(f"where {case.estimand} turns is not known, which clopper_pearson needs")
    turning: Array | float = 0.5
    if case.estimand != "entropy":
        assert q is not None
        turning = q[..., 0]
    corners = np.stack([low, high, np.clip(turning, low, high)])
    coins = np.stack([corners, 1 - corners], axis=-1)
    values = estimand_of(case.estimand).value(coins, q)
    return Bounds(low=values.min(axis=0), high=values.max(axis=0), error=np.full(len(counts), np.nan))


def clopper_pearson_ends(counts: Counts, level: float) -> tuple[Array, Array]:
    """The interval for the first of two probabilities; counts (R, 2) → ends (R,), (R,)."""
    heads, rest = counts[:, 0].astype(np.float64), counts[:, 1].astype(np.float64)
    below, above = tails(level)
    low = np.where(heads > 0, betaincinv(np.maximum(heads, 1), rest + 1, below), 0.0)
    high = np.where(rest > 0, betaincinv(heads + 1, np.maximum(rest, 1), above), 1.0)
    return low, high
