"""z-scores of every sampler over random pmfs, half of them with cumulative sums that tie.

Every z is of a block of samples of its own: the mean of a statistic, standardised with its exact mean and its exact
standard deviation. So only what is not normal in a mean of so many samples keeps z from being normal: skewness over
the root of their number. Tests make some thousands, `python -m benchmarks.agreement` a million.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.random import Generator
from scipy import stats
from scipy.special import entr, gammaln

from mcdiv.core.additive import levels_of, mean_of, variance_of
from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.distributions import Distribution
from mcdiv.core.flips import PATHS_PER_STREAM, simulate_paths
from mcdiv.core.levels import BATCH, ProbabilityLevels, draw_fingerprints
from mcdiv.core.outcomes import enumerate_outcomes, multiplicities, stream
from mcdiv.core.samplers import SamplingMethod, draw_counts

SEED = 20261128
#: samples that make a z; fingerprints of hundreds of categories are nearer to normal
SAMPLES, FEWER_SAMPLES = 100, 30
#: z-scores, so many, of one random pmf
Scores = Callable[[Generator, int], Array]


def z_scores(name: str, count: int, pmfs: int) -> Array:
    """So many z of a sampler in all, in equal parts over so many random pmfs."""
    each, sampler = -(-count // pmfs), list(SAMPLERS).index(name)
    return np.concatenate([SAMPLERS[name](stream(SEED, sampler, number), each) for number in range(pmfs)])[:count]


def of_counts(generator: Generator, count: int, method: SamplingMethod) -> Array:
    """Of Σ w h(n), h(n) = −(n/N) ln(n/N), with weights of either sign: it tells the categories apart."""
    p, draws = random_pmf(generator, int(generator.integers(10, 25))), int(generator.integers(12, 61))
    weights, h = generator.uniform(-1, 1, len(p)), entr(np.arange(draws + 1) / draws)
    mean, variance = exact(p, draws, h, weights)
    counts = draw_counts(p, draws, count * SAMPLES, generator, method)
    found = (h[counts] @ weights).reshape(count, SAMPLES).mean(axis=1)
    return np.asarray((found - mean) / np.sqrt(variance / SAMPLES))


def of_fingerprints(generator: Generator, count: int) -> Array:
    """Of the plug-in entropy, which is all the same for any order of the categories."""
    p, draws = few_levels(generator, int(generator.integers(150, 401))), int(generator.integers(150, 601))
    levels = ProbabilityLevels.of(p)
    assert levels is not None
    sums = levels_of(p, None, draws)
    mean = sum(mean_of(entr(windows.counts / draws), windows) for windows in sums.windows())
    variance = variance_of(lambda n, p, q: entr(n / draws), sums)
    found = []
    for _ in range(0, count * FEWER_SAMPLES, BATCH):
        counts, categories = draw_fingerprints(levels, draws, BATCH, generator)
        found.append((categories * entr(counts / draws)).sum(axis=1))
    means = np.concatenate(found)[: count * FEWER_SAMPLES].reshape(count, FEWER_SAMPLES).mean(axis=1)
    return np.asarray((means - mean) / np.sqrt(variance / FEWER_SAMPLES))


def of_multiplicities(generator: Generator, count: int) -> Array:
    """Of Σ w h(n) over all outcomes listed, and how many of the replicates had each."""
    p, draws = random_pmf(generator, int(generator.integers(2, 5))), int(generator.integers(5, 13))
    outcomes = enumerate_outcomes(p, draws)
    replicates, address = int(generator.choice([10_000, 30_000, 150_000])), int(generator.integers(2**62))
    values = entr(outcomes.counts / draws) @ generator.uniform(-1, 1, len(p))
    shares = outcomes.weights / outcomes.weights.sum()
    values -= shares @ values
    times = np.stack([multiplicities(outcomes.weights, replicates, seed, address) for seed in range(count)])
    return np.asarray(times @ values / np.sqrt(replicates * (shares @ values**2)))


def of_flips(generator: Generator, count: int) -> Array:
    """Of Σ w n over paths of coins and of other pmfs, which are followed draw by draw."""
    categories = 2 if generator.random() < 0.5 else int(generator.integers(3, 25))
    p, draws = random_pmf(generator, categories), int(generator.integers(500, 2001))
    weights, address = generator.uniform(-1, 1, categories), int(generator.integers(2**62))
    weights -= p @ weights
    counts = simulate_paths(p, PATHS_PER_STREAM * count, [draws], SEED, address)[:, 0]
    sums = (counts @ weights).reshape(count, PATHS_PER_STREAM).sum(axis=1)
    return np.asarray(sums / np.sqrt(PATHS_PER_STREAM * draws * (p @ weights**2)))


def exact(p: Pmf, draws: int, h: Array, weights: Array) -> tuple[float, float]:
    """Mean and variance of Σ w_k h(n_k), summed over the laws of single counts and of pairs."""
    n = np.arange(draws + 1)
    rest = draws - np.add.outer(n, n)
    ways = np.where(
        rest >= 0,
        np.exp(gammaln(draws + 1) - np.add.outer(gammaln(n + 1), gammaln(n + 1)) - gammaln(np.maximum(rest, 0) + 1)),
        0.0,
    )
    powers = p[:, np.newaxis] ** n
    single = stats.binom.pmf(n, draws, p[:, np.newaxis])
    means = single @ h
    covariance = np.diag(single @ h**2 - means**2)
    for j in range(len(p)):
        for k in range(j):
            others = max(0.0, 1 - p[j] - p[k])
            both = powers[j] * h @ (ways * others ** np.maximum(rest, 0)) @ (powers[k] * h)
            covariance[j, k] = covariance[k, j] = both - means[j] * means[k]
    return float(weights @ means), float(weights @ covariance @ weights)


def random_pmf(generator: Generator, k: int) -> Pmf:
    """A pmf of any family: those whose cumulative sums tie as often as all others."""
    ties: list[Callable[[], Array]] = [
        lambda: generator.integers(1, 6, k),
        lambda: generator.integers(0, 3, k) + (np.arange(k) < 2),
        lambda: np.where(generator.random(k) < 0.5, 4.0, 1.0),
        lambda: 2.0 ** -generator.integers(0, 4, k),
        lambda: _pmf("two_level", k=k, share=0.5, mass=0.8),
        lambda: _pmf("counts", values=tuple(generator.integers(1, 4, k).tolist()), smoothing="none", name=""),
        lambda: _pmf("uniform", k=k),
    ]
    others: list[Callable[[], Array]] = [
        lambda: _pmf("zipf", k=k, s=float(generator.uniform(0.3, 1.5))),
        lambda: _pmf("geometric", k=k, ratio=float(generator.uniform(0.7, 0.99))),
        lambda: _pmf("power_law", k=k, s=1.0, cutoff=k / 2),
        lambda: _pmf("dirichlet", k=k, alpha=1.0, seed=int(generator.integers(1, 10**6))),
        lambda: _pmf("spike_and_slab", k=k, spike=float(generator.uniform(0.2, 0.7))),
        lambda: _pmf("softmax", logits=tuple(generator.normal(size=k).tolist()), temperature=1.0),
        lambda: 0.5 * _pmf("zipf", k=k, s=1.0) + 0.5 * _pmf("uniform", k=k),
    ]
    rules = ties if generator.random() < 0.5 else others
    weights = np.asarray(rules[int(generator.integers(len(rules)))](), dtype=np.float64)
    return np.asarray(weights / weights.sum())


def few_levels(generator: Generator, k: int) -> Pmf:
    """A pmf with few distinct probabilities."""
    rules: list[Callable[[], Array]] = [
        lambda: np.ones(k),
        lambda: generator.integers(1, 5, k),
        lambda: generator.integers(0, 3, k),
        lambda: 2.0 ** -generator.integers(0, 3, k),
        lambda: _pmf("two_level", k=k, share=float(generator.uniform(0.1, 0.9)), mass=0.8),
        lambda: _pmf("spike_and_slab", k=k, spike=float(generator.uniform(0.05, 0.5))),
    ]
    weights = np.asarray(rules[int(generator.integers(len(rules)))](), dtype=np.float64)
    return np.asarray(weights / weights.sum())


def _pmf(family: str, **parameters: object) -> Pmf:
    return Distribution(family=family, parameters=tuple(parameters.items())).pmf()


SAMPLERS: Mapping[str, Scores] = {
    "draw by draw, alias table": partial(of_counts, method="draws"),
    "Poisson counts, topped up": partial(of_counts, method="poisson"),
    "category by category": partial(of_counts, method="categories"),
    "fingerprints": of_fingerprints,
    "multiplicities of listed outcomes": of_multiplicities,
    "literal flips and rolls": of_flips,
}
