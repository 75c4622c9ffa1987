"""Credible intervals: quantiles of the posterior under Dirichlet priors, fixed (bayes) and mixed (nsb)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, TypeAlias

import numpy as np
from numpy.random import Generator
from scipy.special import betainc, betaincinv, entr

from mcdiv.core.arrays import Array, Counts, Nats, Pmf
from mcdiv.core.domains import POSITIVE, Domain, Number
from mcdiv.core.outcomes import stream
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.bayesian import bayes_sd, nsb_posterior, nsb_sd
from mcdiv.intervals.contract import Bounds, IntervalInput, Seed, anywhere, end_error_of, interval, spread_of, tails

#: (counts (K,), how many, generator) → pmfs from the posterior
Pmfs: TypeAlias = Callable[[Counts, int, Generator], Pmf]

#: how many pmfs are drawn from a posterior
PosteriorDraws: TypeAlias = Annotated[
    int,
    Domain(
        expected="0 (as many as come to 2^21 probabilities, 2,000 to 20,000), or a whole number from 100 to 10^6",
        accepts=lambda x: x == 0 or 100 <= x <= 10**6,
        whole=True,
    ),
]
_PROBABILITIES, _FEWEST, _MOST = 2**21, 2000, 20_000
#: of a coin whose model is known: they are equally likely values, not draws
_COINS = 10_000
#: entries of pmfs drawn at once
_ENTRIES = 2**20
#: halvings after which bisection has all the digits there are
_HALVINGS = 64


@interval(offered=lambda entry, design: anywhere(entry, design) and not entry.needs_joint, fixed_estimator="bayes")
def bayes(
    case: IntervalInput, *, alpha: Annotated[Number, POSITIVE], draws: PosteriorDraws = 0, seed: Seed = 1
) -> Bounds:
    """Posterior quantiles under a symmetric Dirichlet prior with α per category (for both pmfs, if both are sampled).

    Formula: [θ_{a/2}, θ_{1−a/2}], quantiles of θ(p) [θ(p, q)] with p ~ Dir(n + α) [q ~ Dir(m + α)]
    Valid:   α > 0, K known. Two categories: exact for the entropy; with a known model from as many equally likely
             values as `draws` says (10,000 for 0), so that a tail is right to 1/draws. Else from posterior draws, the
             same in every call: an end of a 95 % interval has a standard error of 2.7/√draws posterior sd (as of a
             normal law), with draws = 0 that is 0.02 for up to 104 categories, 0.06 from 1,000 on.
             It has its nominal coverage on average over the prior, not at every P: for N below K the prior decides.
    Source:  Wolpert & Wolf (1995) for the posterior; its quantiles computed here, checked by integrating the beta
             density
    """
    a = case.sample.counts + float(alpha)
    coin = a.shape[1] == 2 and case.sample.counts_q is None
    if case.estimand != "entropy":
        error = None
    else:
        error = bayes_sd(case.sample.counts, float(alpha))
        if coin:
            return _bounds([_coin(row[:, np.newaxis], np.ones(1), case.level) for row in a], error)

    def pmfs(counts: Counts, size: int, generator: Generator) -> Pmf:
        some = np.asarray(counts + float(alpha))
        return _equally_likely(some, size) if coin else _dirichlet(some, size, generator)

    return _each(case, draws or (_COINS if coin else 0), seed, pmfs, error)


@interval(offered=[("entropy", "sample")], fixed_estimator="nsb")
def nsb(case: IntervalInput, *, draws: PosteriorDraws = 0, seed: Seed = 1) -> Bounds:
    """Posterior quantiles of the entropy under the prior of the estimator nsb.

    Formula: [H_{a/2}, H_{1−a/2}], quantiles of H(p) with β from its posterior and p | β ~ Dir(n + β)
    Valid:   N ≥ 1, K known. Exact for two categories. Else from posterior draws, the same in every call, with β
             stratified over the grid that `nsb` integrates over: an end of a 95 % interval has a standard error of at
             most 2.7/√draws posterior sd (as of a normal law), with draws = 0 that is 0.02 for up to 104 categories,
             0.06 from 1,000 on.
    Source:  Nemenman, Shafee & Bialek (2002) for the posterior (its mean and sd are those of `nsb`)
    """
    counts = case.sample.counts
    if counts.shape[1] == 1:
        nothing = np.zeros(len(case.estimates))
        return Bounds(low=nothing, high=nothing, error=nothing)
    error = nsb_sd(counts)
    if counts.shape[1] == 2:
        posteriors = [(row[:, np.newaxis] + beta, shares) for row in counts for beta, shares in [nsb_posterior(row)]]
        return _bounds([_coin(a, shares, case.level) for a, shares in posteriors], error)

    def pmfs(counts: Counts, size: int, generator: Generator) -> Pmf:
        nodes, shares = nsb_posterior(counts)
        places = np.searchsorted(np.cumsum(shares), (generator.permutation(size) + generator.random(size)) / size)
        beta = nodes[np.minimum(places, len(nodes) - 1)]
        return _dirichlet(counts + beta[:, np.newaxis], size, generator)

    return _each(case, draws, seed, pmfs, error)


def draws_taken(draws: int, K: int) -> int:
    """How many pmfs are drawn where a parameter `draws` says so many, or 0."""
    return draws or min(max(_PROBABILITIES // K, _FEWEST), _MOST)


def _each(case: IntervalInput, draws: int, seed: int, pmfs: Pmfs, error: Nats | None) -> Bounds:
    """Row by row: quantiles of the estimand at pmfs from the posterior, and its sd unless that is known."""
    ends, spread = [], []
    K = case.sample.counts.shape[1]
    number = draws_taken(draws, K)
    for row in range(len(case.estimates)):
        values = np.sort(_values(case, row, number, seed, pmfs))
        finite = np.isfinite(values[-1])
        ends.append(np.quantile(values, tails(case.level)).tolist() if finite else [float(values[0]), np.inf])
        spread.append(spread_of(values, np.full(number, 1 / number)) if error is None else error[row])
    bounds = _bounds(ends, np.array(spread))
    if K == 2 and case.sample.counts_q is None:
        return bounds
    return replace(bounds, end_error=bounds.error * end_error_of(number, case.level))


def _values(case: IntervalInput, row: int, number: int, seed: int, pmfs: Pmfs) -> Nats:
    """The estimand at so many pmfs from the posterior of one sample; those of two categories all at once."""
    K = case.sample.counts.shape[1]
    size = number if K == 2 else max(1, _ENTRIES // K)
    generators = stream(seed, 0), stream(seed, 1)
    target, pieces = estimand_of(case.estimand), []
    for start in range(0, number, size):
        some = min(size, number - start)
        model = _model(case, row, some, pmfs, generators[1]) if target.needs_model else None
        pieces.append(target.value(pmfs(case.sample.counts[row], some, generators[0]), model))
    return np.concatenate(pieces)


def _bounds(ends: Sequence[Sequence[float]], error: Nats) -> Bounds:
    low, high = np.reshape(ends, (-1, 2)).T
    return Bounds(low=low, high=high, error=error)


def _model(case: IntervalInput, row: int, size: int, pmfs: Pmfs, generator: Generator) -> Pmf:
    """Q: drawn from its posterior, or as it is known."""
    if case.sample.counts_q is not None:
        return pmfs(case.sample.counts_q[row], size, generator)
    assert case.sample.q is not None
    return case.sample.q if case.sample.q.ndim == 1 else case.sample.q[row]


def _dirichlet(concentration: Array, size: int, generator: Generator) -> Pmf:
    """Pmfs (size, K) from Dirichlet distributions with concentrations (K,) or (size, K)."""
    weights = generator.standard_gamma(concentration, size=(size, concentration.shape[-1]))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _equally_likely(concentration: Array, size: int) -> Pmf:
    """Pmfs (size, 2) at the middles of so many equally likely parts of Beta(a, b)."""
    shares = (np.arange(size) + 0.5) / size
    a, b = concentration
    return np.stack([betaincinv(a, b, shares), betaincinv(b, a, 1 - shares)], axis=1)


def _coin(a: Array, shares: Array, level: float) -> list[float]:
    """Quantiles of the entropy of p ~ Beta(a_0j, a_1j) with probability shares_j: H ≤ H(x) where p ≤ x or p ≥ 1 − x."""
    one, other = a
    low: Array = np.zeros(2)
    high: Array = np.full(2, 0.5)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        x = middle[:, np.newaxis]
        below = (betainc(one, other, x) + betainc(other, one, x)) @ shares < tails(level)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return [float(end) for end in entr(high) + entr(1 - high)]
