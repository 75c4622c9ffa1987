"""The interval for what is 0 where nothing differs: divergences (P = Q) and mutual information (X and Y independent).

There the estimate lies at the edge of what is possible, its law is not normal, and its standard error says nothing.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import numpy as np

from mcdiv.core.arrays import Array, Counts, Nats, Sample
from mcdiv.core.joint import as_table
from mcdiv.estimands.contract import Estimand, estimand_of
from mcdiv.estimators.entry import Design
from mcdiv.estimators.variances import plugin_variance_delta
from mcdiv.intervals.contract import Bounds, IntervalInput, anywhere, interval
from mcdiv.significance.coin import accepted_coins, coin_p_values
from mcdiv.significance.mean_of_g import mean_of_tables, means_against_pmfs
from mcdiv.significance.noncentral import noncentrality_interval
from mcdiv.significance.statistics import against_pmf, of_tables

#: draws of a coin up to which its exact test is inverted
_LISTED = 500
#: a G below this is that of samples that do not differ
_NONE = 1e-6


def near_edge(entry: Estimand, design: Design) -> bool:
    """Whether it has this interval: its derivatives are known, and what it is times N where G is 1 and N large."""
    return anywhere(entry, design) and entry.has_slopes and _per_g(entry) is not None


def _per_g(entry: Estimand) -> float | None:
    """N θ̂/G near θ = 0: ½ for KL, and for mutual information, for which it holds everywhere; None if not known."""
    if entry.entropies == (1.0, 1.0, -1.0):
        return 0.5
    if not entry.divergence or entry.null_statistic is None:
        return None
    statistic = entry.null_statistic(np.array([1.0, 2.0]))
    one, two = float(statistic[0]), float(statistic[1])
    return 1 / one if two == 2 * one else None


@interval(offered=near_edge)
def noncentral_chi2(case: IntervalInput) -> Bounds:
    """All values that the statistic G does not rule out; 0 is among them where the test by G does not reject.

    Formula: {θ̂ λ/G : G is in neither tail of its law at λ},  G/r ~ χ'²(λ/r) with ν/r degrees of freedom, ν = E₀ G,
             r = s² G/4θ̂²;  a coin with a known model, N ≤ 500: all θ(p) of the p that the exact G test does not reject
    Valid:   divergences and mutual information. ν is the exact mean of G where nothing differs (about K − 1, for mutual
             information (K − 1)(L − 1)), s the standard error of delta. r is 1 at θ = 0, and away from it is taken at
             frequencies shrunk towards θ = 0 by K/2 draws. One tail at θ = 0, equal tails far from it. The interval
             does not depend on the estimator. Where the plug-in is infinite, so is the upper end, and the lower one
             comes from the shrunk frequencies, or is infinite too where a known model excludes what was drawn; there
             8N JS takes the place of G for JS. For N near K it covers more than it says near θ = 0, and can cover less
             far from it, where the bias is larger than s.
    Source:  Steiger & Fouladi (1997) and Kent & Hainsworth (1995) for intervals of λ; Puza & O'Neill (2006) for tails
             that depend on it; the scale r, which joins it with delta, is of this package: see its coverage
    """
    sample, target = case.sample, estimand_of(case.estimand)
    nothing = np.full(len(case.estimates), np.nan)
    if sample.counts.shape[1] == 1:
        return Bounds(low=np.zeros_like(nothing), high=np.zeros_like(nothing), error=nothing)
    low, high = _by_noncentrality(_edge_of(target, sample), case.level)
    known = sample.q if sample.counts_q is None and sample.q is not None and sample.q.ndim == 1 else None
    high = np.minimum(high, target.range(np.inf, known)[1]) if target.divergence else high
    if sample.counts.shape[1] == 2 and sample.q is not None and sample.counts_q is None:
        draws = sample.counts.sum(axis=1)
        models = np.broadcast_to(sample.q, sample.counts.shape)
        for row in np.flatnonzero(draws <= _LISTED):
            heads, model = int(sample.counts[row, 0]), tuple(models[row].tolist())
            low[row], high[row] = _exact_coin(case.estimand, heads, int(draws[row]), model, case.level)
    return Bounds(low=low, high=high, error=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """What the interval rests on, shapes (R,)."""

    #: G, and its mean where nothing differs
    statistic: Array
    freedom: Array
    #: how much of the estimand comes with a λ of 1
    size: Nats
    #: the variance of the estimate over that of a noncentral χ² law, both relative
    ratio: Array
    infinite: Array


def _by_noncentrality(edge: _Edge, level: float) -> tuple[Nats, Nats]:
    low, high = noncentrality_interval(edge.statistic, edge.freedom, level, edge.ratio)
    high = np.where(edge.infinite, np.inf, high * edge.size)
    return np.where(np.isinf(edge.statistic), np.inf, low * edge.size), high


def _edge_of(target: Estimand, sample: Sample) -> _Edge:
    """Of samples of two categories and more."""
    statistic, freedom = _g(target, sample), _mean_of_g(target, sample)
    shrunk = _shrunk(target, sample)
    value, near = _plugin(target, sample), _plugin(target, shrunk)
    g_near = _g(target, shrunk)
    variance = plugin_variance_delta(target.label, shrunk.counts, shrunk.q, shrunk.counts_q, shrunk.shape)
    per_g = _per_g(target)
    assert per_g is not None
    at_edge = per_g / _draws(sample)
    # The model excludes what was drawn. JS is finite still; times 8N it has the law of G where nothing differs.
    excluded = np.isinf(statistic) & np.isfinite(value)
    statistic, g_near = np.where(excluded, value / at_edge, statistic), np.where(excluded, near / at_edge, g_near)
    differs, finite = (g_near > _NONE) & (near > 0), np.isfinite(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(differs, near / g_near, at_edge)
        size = np.where(finite & (statistic > _NONE), value / statistic, size)
        ratio = np.where(differs, variance / near**2 * g_near / 4, 1.0)
    # A single category seen in all: nothing could differ, and one degree of freedom is that of a coin.
    return _Edge(
        statistic=statistic,
        freedom=np.where(freedom > 0, freedom, 1.0),
        size=size,
        ratio=np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0),
        infinite=~finite,
    )


def _plugin(target: Estimand, sample: Sample) -> Nats:
    p = sample.counts / sample.counts.sum(axis=-1, keepdims=True)
    if sample.counts_q is None:
        return target.value(p, sample.q, sample.shape)
    return target.value(p, sample.counts_q / sample.counts_q.sum(axis=-1, keepdims=True))


def _tables(target: Estimand, sample: Sample) -> Counts | None:
    """The counts as tables (R, rows, columns) whose independence says that nothing differs; None: Q is known."""
    if target.needs_joint:
        return as_table(sample.counts, sample.shape, target.label)
    return None if sample.counts_q is None else np.stack([sample.counts, sample.counts_q], axis=-2)


def _draws(sample: Sample) -> Array:
    """N, or of two samples NM/(N + M), whose frequencies differ as those of so many draws do from a known Q."""
    draws: Array = sample.counts.sum(axis=-1).astype(np.float64)
    if sample.counts_q is None:
        return draws
    second = sample.counts_q.sum(axis=-1)
    return cast(Array, draws * (second / (draws + second)))


def _g(target: Estimand, sample: Sample) -> Array:
    tables = _tables(target, sample)
    if tables is not None:
        return of_tables("g", tables)
    assert sample.q is not None
    return against_pmf("g", sample.counts, sample.q)


def _mean_of_g(target: Estimand, sample: Sample) -> Array:
    tables = _tables(target, sample)
    if tables is not None:
        return mean_of_tables(tables.sum(axis=-1), tables.sum(axis=-2))
    assert sample.q is not None
    return means_against_pmfs(sample.q, sample.counts.sum(axis=-1))


def _shrunk(target: Estimand, sample: Sample) -> Sample:
    """The same numbers of draws with frequencies shrunk to where nothing differs, by half a draw per category."""
    tables = _tables(target, sample)
    if tables is None:
        assert sample.q is not None
        return replace(sample, counts=_mixed(sample.counts, sample.q, (sample.q > 0).sum(axis=-1, keepdims=True) / 2))
    rows, columns = tables.sum(axis=-1, keepdims=True), tables.sum(axis=-2, keepdims=True)
    shares = columns / columns.sum(axis=-1, keepdims=True)
    seen = (columns > 0).sum(axis=-1, keepdims=True)
    if sample.counts_q is not None:
        return replace(
            sample,
            counts=_mixed(sample.counts, shares[:, 0], seen[:, 0] / 2),
            counts_q=_mixed(sample.counts_q, shares[:, 0], seen[:, 0] / 2),
        )
    cells = (rows * shares / rows.sum(axis=-2, keepdims=True)).reshape(sample.counts.shape)
    return replace(
        sample, counts=_mixed(sample.counts, cells, ((rows > 0).sum(axis=-2, keepdims=True) * seen)[:, 0] / 2)
    )


def _mixed(counts: Counts, shares: Array, weight: Array) -> Counts:
    """Numbers of draws of the same sum, no longer whole: `weight` draws with these shares are mixed to them."""
    draws = counts.sum(axis=-1, keepdims=True)
    return cast(Counts, (counts + weight * shares) * (draws / (draws + weight)))


@lru_cache(maxsize=4096)
def _exact_coin(estimand: str, heads: int, draws: int, model: tuple[float, ...], level: float) -> tuple[float, float]:
    q = np.array(model)
    ends = accepted_coins(heads, draws, 1 - level)
    values = estimand_of(estimand).value(np.stack([ends, 1 - ends], axis=-1), q)
    accepted = coin_p_values(draws, q)[heads] > 1 - level
    return 0.0 if accepted else float(values.min()), float(values.max())
