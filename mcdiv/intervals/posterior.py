"""Credible intervals: quantiles of the posterior under Dirichlet priors, fixed (bayes) and mixed (nsb)."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

import numpy as np
from numpy.random import Generator
from scipy.special import betainc, entr

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.domains import POSITIVE, Number
from mcdiv.core.information import DEFINITIONS
from mcdiv.core.outcomes import stream
from mcdiv.estimators.bayesian import bayes_sd, nsb_posterior
from mcdiv.intervals.contract import Bounds, Case, Draws, Seed, interval, spread_of, tails

#: (counts (K,), how many, generator) → pmfs from the posterior
Pmfs: TypeAlias = Callable[[Counts, int, Generator], Pmf]

#: entries of pmfs drawn at once
_ENTRIES = 2**20
_DRAWS = 2000
#: halvings after which bisection over P(heads) has all the digits there are
_HALVINGS = 64


@interval(own="bayes")
def bayes(case: Case, *, alpha: Annotated[Number, POSITIVE], draws: Draws = _DRAWS, seed: Seed = 1) -> Bounds:
    """Posterior quantiles under a symmetric Dirichlet prior with α per category (for both pmfs, if both are sampled).

    Formula: [θ_{a/2}, θ_{1−a/2}], quantiles of θ(p) [θ(p, q)] with p ~ Dir(n + α) [q ~ Dir(m + α)]
    Valid:   α > 0, K known. The entropy of a coin by its exact posterior; else from posterior draws. Covers as often as
             it says on average over the prior, not at every P: with N below K the prior decides.
    Source:  Wolpert & Wolf (1995) for the posterior; its quantiles computed here, checked by integrating the beta
             density
    """
    if case.estimand == "entropy" and case.sample.counts.shape[1] == 2:
        return _coin(case, float(alpha))

    def pmfs(counts: Counts, size: int, generator: Generator) -> Pmf:
        return _dirichlet(np.asarray(counts + float(alpha)), size, generator)

    return _each(case, draws, seed, pmfs)


@interval(offered=[("entropy", "sample")], own="nsb")
def nsb(case: Case, *, draws: Draws = _DRAWS, seed: Seed = 1) -> Bounds:
    """Posterior quantiles of the entropy under the prior of the estimator nsb.

    Formula: [H_{a/2}, H_{1−a/2}], quantiles of H(p) with β from its posterior and p | β ~ Dir(n + β)
    Valid:   N ≥ 1, K known. From posterior draws; β by stratified sampling from the grid that `nsb` integrates over.
    Source:  Nemenman, Shafee & Bialek (2002) for the posterior (its mean and sd are those of `nsb`)
    """

    def pmfs(counts: Counts, size: int, generator: Generator) -> Pmf:
        nodes, shares = nsb_posterior(counts)
        places = np.searchsorted(np.cumsum(shares), (generator.permutation(size) + generator.random(size)) / size)
        beta = nodes[np.minimum(places, len(nodes) - 1)]
        return _dirichlet(counts + beta[:, np.newaxis], size, generator)

    if case.sample.counts.shape[1] == 1:
        nothing = np.zeros(len(case.estimates))
        return Bounds(low=nothing, high=nothing, error=nothing)
    return _each(case, draws, seed, pmfs)


def _each(case: Case, draws: int, seed: int, pmfs: Pmfs) -> Bounds:
    """Row by row: quantiles and standard deviation of the estimand at pmfs drawn from the posterior."""
    bounds = np.empty((3, len(case.estimates)))
    size = max(1, _ENTRIES // case.sample.counts.shape[1])
    for row in range(len(case.estimates)):
        generators = stream(seed, 0), stream(seed, 1)
        pieces = []
        for start in range(0, draws, size):
            some = min(size, draws - start)
            model = [] if case.estimand == "entropy" else [_model(case, row, some, pmfs, generators[1])]
            pieces.append(DEFINITIONS[case.estimand](pmfs(case.sample.counts[row], some, generators[0]), *model))
        values = np.sort(np.concatenate(pieces))
        ends = np.quantile(values, tails(case.level)) if np.isfinite(values[-1]) else (values[0], np.inf)
        bounds[:, row] = *ends, spread_of(values, np.full(draws, 1 / draws))
    return Bounds(low=bounds[0], high=bounds[1], error=bounds[2])


def _model(case: Case, row: int, size: int, pmfs: Pmfs, generator: Generator) -> Pmf:
    """Q: drawn from its posterior, or as it is known."""
    if case.sample.counts_q is not None:
        return pmfs(case.sample.counts_q[row], size, generator)
    assert case.sample.q is not None
    return case.sample.q if case.sample.q.ndim == 1 else case.sample.q[row]


def _dirichlet(concentration: Array, size: int, generator: Generator) -> Pmf:
    """Pmfs (size, K) from Dirichlet distributions with concentrations (K,) or (size, K)."""
    weights = generator.standard_gamma(concentration, size=(size, concentration.shape[-1]))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _coin(case: Case, alpha: float) -> Bounds:
    """The entropy of a coin, H ≤ H(x) where p ≤ x or p ≥ 1 − x: its quantiles by bisection for x in [0, ½]."""
    a, b = (case.sample.counts[:, k] + alpha for k in (0, 1))
    ends = []
    for tail in tails(case.level):
        low, high = np.zeros(len(a)), np.full(len(a), 0.5)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = betainc(a, b, middle) + betainc(b, a, middle) < tail
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append(entr(high) + entr(1 - high))
    return Bounds(low=ends[0], high=ends[1], error=bayes_sd(case.sample.counts, alpha))
