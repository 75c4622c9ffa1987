"""Bootstrap intervals: what the estimator gives on samples drawn from the sample.

Where all resamples can be listed they are, with their probabilities: then nothing is random. Elsewhere they
are drawn, always from the same stream, so that an interval is a function of the sample alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri

from mcdiv.core.arrays import Array, Counts, Sample
from mcdiv.core.outcomes import Outcomes, count_outcomes, enumerate_outcomes, stream
from mcdiv.intervals.contract import Bounds, Draws, IntervalInput, Seed, interval, spread_of, tails
from mcdiv.intervals.leaving_out import influences

#: resamples are listed while there are no more of them, and drawn in pieces of so many entries
_MAX_LISTED, _ENTRIES = 2**12, 2**18
_RESAMPLES = 1999


@interval()
def bootstrap_basic(case: IntervalInput, *, resamples: Draws = _RESAMPLES, seed: Seed = 1) -> Bounds:
    """The estimate minus the quantiles of the bootstrap error.

    Formula: [2θ̂ − θ*₁₋ₐ, 2θ̂ − θ*ₐ], quantiles of the estimator on resamples of the sample
    Valid:   N well above K. It turns the bootstrap's own bias the right way round, unlike the percentile interval. With
             N near K every bootstrap can exclude the estimate itself: resamples lack categories that were seen once.
             Where not all resamples can be listed, an end of a 95 % interval has a standard error of 2.7/√resamples
             times the sd of θ* (as of a normal law): 0.06 of it by default.
    Source:  Davison & Hinkley (1997), Bootstrap methods and their application, section 5.2
    """

    def ends(values: Array, weights: Array, row: int) -> tuple[float, float]:
        low, high = _quantiles(values, weights, tails(case.level))
        return 2 * case.estimates[row] - high, 2 * case.estimates[row] - low

    return _each(case, resamples, seed, ends)


@interval()
def bootstrap_bca(case: IntervalInput, *, resamples: Draws = _RESAMPLES, seed: Seed = 1) -> Bounds:
    """Quantiles of the bootstrap, moved for bias and for skewness (bias-corrected and accelerated).

    Formula: [θ*_{Φ(z₀ + (z₀+z)/(1 − a(z₀+z)))} at z = zₐ, z₁₋ₐ],  z₀ = Φ⁻¹(P{θ* < θ̂} + ½P{θ* = θ̂}),
             a = Σ d³ / 6 (Σ d²)^{3/2} over leaving out each draw, d = mean − θ̂₋ⱼ (over N per sample if two)
    Valid:   N well above K. Undefined where all resamples lie on one side of the estimate, as those of the plug-in
             do for small N: the correction has no end then. With N near K it can exclude the estimate itself.
             The error of drawn resamples is that of bootstrap_basic, and larger the further the levels are moved.
    Source:  Efron (1987), Better bootstrap confidence intervals; ties counted half
    """
    skewness = _acceleration(case)

    def ends(values: Array, weights: Array, row: int) -> tuple[float, float]:
        estimate = case.estimates[row]
        near = np.abs(values - estimate) <= 1e-12 * max(1.0, abs(estimate))
        below = float(weights[~near & (values < estimate)].sum()) + float(weights[near].sum()) / 2
        if not 0 < below < 1:
            return np.nan, np.nan
        shift = ndtri(below)
        moved = shift + ndtri(np.array(tails(case.level)))
        with np.errstate(divide="ignore"):  # from a z = 1 on no quantile is far enough: the last one has to do
            levels = ndtr(shift + moved / np.maximum(1 - skewness[row] * moved, 0.0))
        low, high = _quantiles(values, weights, levels)
        return low, high

    return _each(case, resamples, seed, ends)


@interval(
    caution="the percentile interval counts the estimator's bias twice: for small N it can miss its own estimate; "
    "prefer jackknife, which is centred on the estimate"
)
def bootstrap_percentile(case: IntervalInput, *, resamples: Draws = _RESAMPLES, seed: Seed = 1) -> Bounds:
    """Quantiles of the bootstrap as they are: offered because others report it, not because it works.

    Formula: [θ*ₐ, θ*₁₋ₐ], quantiles of the estimator on resamples of the sample
    Valid:   estimators without bias. A resample of a resample is biased twice: with N near K the whole interval can
             lie beside the estimate and the truth. The error of drawn resamples is that of bootstrap_basic.
    Source:  Efron (1979), Bootstrap methods: another look at the jackknife
    """

    def ends(values: Array, weights: Array, row: int) -> tuple[float, float]:
        low, high = _quantiles(values, weights, tails(case.level))
        return low, high

    return _each(case, resamples, seed, ends)


def _each(
    case: IntervalInput, resamples: int, seed: int, ends: Callable[[Array, Array, int], tuple[float, float]]
) -> Bounds:
    """Row by row, each with the resamples of its own sample; undefined where a resample's estimate is."""
    bounds = np.full((3, len(case.estimates)), np.nan)
    for row in range(len(case.estimates)):
        values, weights = _resampled(case, row, resamples, seed)
        if np.isnan(values).any() or not np.isfinite(case.estimates[row]):
            continue
        low, high = ends(values, weights, row)
        bounds[:, row] = low, high, spread_of(values, weights)
    return Bounds(low=bounds[0], high=bounds[1], error=bounds[2])


def _resampled(case: IntervalInput, row: int, resamples: int, seed: int) -> tuple[Array, Array]:
    """The estimates on the resamples of one sample, in order, and their weights, which sum to 1."""
    values, weights = [], []
    for outcomes in _resamples(case.sample, row, resamples, seed):
        q = case.sample.q
        model = None if q is None else q if q.ndim == 1 else q[row]
        sample = replace(case.sample, counts=outcomes.counts, counts_q=outcomes.counts_q, q=model)
        values.append(case.estimate(sample))
        weights.append(outcomes.weights)
    joined, shares = np.concatenate(values), np.concatenate(weights)
    order = np.argsort(joined, kind="stable")
    return joined[order], shares[order] / shares.sum()


def _resamples(sample: Sample, row: int, resamples: int, seed: int) -> Iterator[Outcomes]:
    counts, second = sample.counts[row], None if sample.counts_q is None else sample.counts_q[row]
    N, p = int(counts.sum()), counts / counts.sum()
    M, q = (None, None) if second is None else (int(second.sum()), second / second.sum())
    if count_outcomes(p, N, q, M) <= _MAX_LISTED:
        yield enumerate_outcomes(p, N, q, M)
        return
    generators = stream(seed, 0), stream(seed, 1)
    size = max(1, _ENTRIES // len(counts))
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        drawn: Counts = generators[0].multinomial(N, p, size=rows)
        drawn_q = None if q is None or M is None else generators[1].multinomial(M, q, size=rows)
        yield Outcomes(counts=drawn, counts_q=drawn_q, weights=np.ones(rows))


def _quantiles(values: Array, weights: Array, levels: Array | tuple[float, ...]) -> list[float]:
    """The smallest values whose cumulative weight reaches the levels; values are in order."""
    reached = np.cumsum(weights)
    # A level that a sum of weights meets but for rounding is met.
    indices = np.searchsorted(reached, np.asarray(levels) * (1 - 1e-12))
    return [float(values[min(int(index), len(values) - 1)]) for index in indices]


def _acceleration(case: IntervalInput) -> Array:
    """BCa's a of every row; 0 where leaving out a draw never changes anything."""
    cubes = squares = np.zeros(len(case.estimates))
    for influence, weights in influences(case):
        draws = weights.sum(axis=1, keepdims=True)
        # Each sample's influences per draw of its own size: U_j = (N−1)(mean − θ̂₋ⱼ), summed as (U/N)^r.
        steps = -influence * (draws - 1) / draws
        cubes = cubes + (weights * steps**3).sum(axis=1)
        squares = squares + (weights * steps**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)
