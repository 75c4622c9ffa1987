"""Intervals estimate ± z × standard error: by the delta method and by the jackknife."""

import numpy as np
from scipy.special import ndtri

from mcdiv.core.arrays import Array, Nats
from mcdiv.estimators.variances import plugin_variance_delta
from mcdiv.intervals.contract import Bounds, IntervalInput, anywhere, interval, tails
from mcdiv.intervals.leaving_out import influences


@interval(offered=lambda entry, design: anywhere(entry, design) and entry.has_slopes)
def delta(case: IntervalInput) -> Bounds:
    """Estimate ± z × first-order standard error of the plug-in.

    Formula: θ̂ ± z s,  s² = Var_P̂(∂θ/∂p)/N [+ Var_Q̂(∂θ/∂q)/M];  for entropy s² = (Σ p̂ ln² p̂ − Ĥ²)/N
    Valid:   N large and P not uniform: at uniform frequencies the slope is flat and s = 0. Sees variance, not bias:
             for N near K it covers next to nothing. It is the plug-in's spread around any estimator: where many
             categories are rare, those that correct bias vary more.
    Source:  the delta method; Basharin (1959), On a statistical estimate for the entropy, for the entropy
    """
    sample = case.sample
    variance = plugin_variance_delta(case.estimand, sample.counts, sample.q, sample.counts_q, sample.shape)
    return _around(case, np.sqrt(variance))


@interval(
    caution_alternating="the terms of this estimator jump with every draw, and leaving one out overstates its spread, "
    "twofold and more: prefer delta"
)
def jackknife(case: IntervalInput) -> Bounds:
    """Estimate ± z × the standard error found by leaving out each draw in turn.

    Formula: θ̂ ± z s,  s² = (N−1)/N Σ_j (θ̂₋ⱼ − mean)² [+ the same over the draws from Q]
    Valid:   N ≥ 2 draws; of any smooth estimator, whose own spread it sees. Blind to bias like delta, and 0 at
             uniform frequencies. grassberger_1988 and grassberger_2003 are not smooth: their terms jump between even
             and odd counts, and s is too large, often twofold, however large N is. Of more than 10⁸ draws several are
             left out together, as one is lost in roundings.
    Source:  Tukey (1958); Efron & Tibshirani (1993), An introduction to the bootstrap, section 11.3 (formula
             checked against leaving out each draw by hand)
    """
    variance = np.zeros(len(case.estimates))
    for steps, weights in influences(case):
        draws = weights.sum(axis=1)
        variance += (weights * steps**2).sum(axis=1) * (draws - 1) / draws
    return _around(case, np.sqrt(variance))


def _around(case: IntervalInput, error: Array) -> Bounds:
    """Wald intervals; undefined where the estimate or its standard error is not finite."""
    is_finite = np.isfinite(case.estimates) & np.isfinite(error)
    centre: Nats = np.where(is_finite, case.estimates, np.nan)
    reach = ndtri(tails(case.level)[1]) * np.where(is_finite, error, np.nan)
    return Bounds(low=centre - reach, high=centre + reach, error=np.where(np.isnan(error), np.inf, error))
