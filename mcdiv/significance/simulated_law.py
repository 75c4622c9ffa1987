"""The law of a statistic where nothing differs, from replicates: half of them as they fall, half spread more widely.

A wide replicate is drawn from a pmf of a Dirichlet law around the reference, so that values near the threshold are
common however small the rate. A replicate's weight is its probability over that under the mixture, at most 2: no rare
replicate decides a result, and standard errors can be trusted. (Defensive importance sampling: Hesterberg, 1995.)
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import chdtri, gammaln

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.outcomes import stream
from mcdiv.core.performance import Measured
from mcdiv.core.samplers import draw_counts
from mcdiv.significance.infinite import infinite_probability
from mcdiv.significance.null_design import NullDesign, terms_of
from mcdiv.significance.statistics import SAME_PROBABILITY, TIE, exceeds, reaches

#: replicates worked on at once, and entries of their counts
_AT_ONCE, _ENTRIES = 2**16, 2**20
#: a law this much wider, or less, is not worth a mixture
_WIDER = 1.2
#: of a replicate
MAX_WEIGHT = 2.0
#: replicates that reach a value, as equally weighted ones, on which its probability rests at least
_FEWEST = 25
#: entries of a table of what a category adds, by its counts
_MAX_TABLE = 2**22
#: a term that is looked up takes this much less than one that is computed, about
_WORTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedLaw:
    """Replicates of the statistic with their weights, which are 1 on average."""

    #: in the two strata, plain and wide (which may be empty); each shape (R,)
    values: tuple[Array, Array]
    weights: tuple[Array, Array]
    #: the exact probability that the statistic is infinite, if it is known
    exact_infinite: float | None
    design: NullDesign
    spread: float
    seed: int = 0

    @property
    def replicates(self) -> int:
        """How many there are."""
        return sum(map(len, self.values))

    @property
    def infinite(self) -> Measured:
        """The probability that the statistic is infinite."""
        if self.exact_infinite is not None:
            return Measured(value=self.exact_infinite, mcse=0.0)
        return self._share([np.isinf(values) for values in self.values])

    def at_least(self, value: float) -> Measured:
        """P(statistic ≥ value); ties are."""
        return self._share([reaches(values, value) for values in self.values])

    def p_value(self, value: float, first: Counts, second: Counts | None) -> Measured:
        """P(statistic ≥ value), with the observed counts (K,), which have that value, as one replicate more.

        So it is never 0, and a valid p-value: Harrison (2012), Conservative hypothesis tests and confidence intervals
        using importance sampling. What is too rare among these replicates is simulated again, for counts spread as
        widely as the observed ones. If no replicate reaches the value even so, the observed counts have the largest
        weight there is, and the error is as large as the p-value.
        """
        share = self.at_least(value)
        if math.isinf(value) and self.exact_infinite is not None:
            return share
        if not self.has_reached(value) or share.mcse * _FEWEST**0.5 > share.value:
            spread = _spread_of(self.design, first, second)
            if spread > max(self.spread, _WIDER):
                law = _simulated(self.design, spread, self.replicates, self.seed)
                return law._with_observed(value, first, second)
        return self._with_observed(value, first, second)

    def has_reached(self, value: float) -> bool:
        """Whether a finite replicate is so large: where none is, nothing is known but that this is rare."""
        return any(bool((reaches(values, value) & np.isfinite(values)).any()) for values in self.values)

    def _with_observed(self, value: float, first: Counts, second: Counts | None) -> Measured:
        share, own, known = self.at_least(value), MAX_WEIGHT, self.exact_infinite or 0.0
        if not len(self.values[1]):
            own = 1.0
        elif self.has_reached(value):
            own = float(_weights(self.design, first[None], None if second is None else second[None], self.spread)[0])
        finite = (self.replicates * (share.value - known) + own) / (self.replicates + 1)
        return Measured(value=min(1.0, known + finite), mcse=share.mcse if self.has_reached(value) else finite)

    def above(self, value: float) -> Measured:
        """P(statistic > value); ties are not."""
        return self._share([exceeds(values, value) for values in self.values], infinite=math.isfinite(value))

    def threshold(self, rate: float) -> float:
        """The smallest replicate that is exceeded with a probability of at most `rate`; inf where no finite one is.

        A value picked from R replicates is exceeded by others as if there were R + 1, of which it is one more above.
        """
        rate *= 1 + SAME_PROBABILITY
        if self.infinite.value > rate:
            return math.inf
        values, weights = np.concatenate(self.values), np.concatenate(self.weights)
        order = np.argsort(values)[: np.count_nonzero(np.isfinite(values))]
        values, weights = values[order], weights[order]
        above = self.infinite.value + np.cumsum(weights[::-1])[::-1] / (self.replicates + 1)
        last = np.flatnonzero(np.append(np.diff(values) > TIE * values[1:], True))
        above[-1] = self.infinite.value  # the largest one, where replicates are too few to say
        return float(values[last[int(np.argmax(above[last] <= rate))]])

    def _share(self, hits: list[NDArray[np.bool_]], *, infinite: bool = True) -> Measured:
        """The probability of hits: their share, or what the others leave of 1, the more precise of the two.

        `infinite`: whether infinite values are hits, whose part is exact where their probability is known.
        """
        known = (self.exact_infinite or 0.0) if infinite else 0.0
        finite = [np.isfinite(values) if known else np.ones(len(values), np.bool_) for values in self.values]
        direct = self._mean([hit & some for hit, some in zip(hits, finite, strict=True)])
        rest = self._mean([~hit for hit in hits])
        if direct.mcse <= rest.mcse:
            return Measured(value=known + direct.value, mcse=direct.mcse)
        return Measured(value=1 - rest.value, mcse=rest.mcse)

    def _mean(self, hits: list[NDArray[np.bool_]]) -> Measured:
        strata = [weights * hit for weights, hit in zip(self.weights, hits, strict=True) if len(weights)]
        variance = sum(float(scores.var()) / len(scores) for scores in strata)
        value = sum(float(scores.mean()) for scores in strata) / len(strata)
        return Measured(value=value, mcse=math.sqrt(variance) / len(strata))


def simulated_law(design: NullDesign, rate: float, replicates: int, seed: int) -> SimulatedLaw:
    """So many replicates, made for probabilities of about `rate`."""
    return _simulated(design, _spread(design, rate), replicates, seed)


def _simulated(design: NullDesign, spread: float, replicates: int, seed: int) -> SimulatedLaw:
    infinite = infinite_probability(design)
    generator = stream(seed, replicates, _address(design))
    values: tuple[list[Array], list[Array]] = ([], [])
    weights: tuple[list[Array], list[Array]] = ([], [])
    size = max(1, min(_AT_ONCE, _ENTRIES // len(design.p)))
    statistic = _statistic(design, replicates)
    for start in range(0, replicates, size):
        rows = min(size, replicates - start)
        wide = rows // 2 if spread > _WIDER else 0
        for stratum, (number, factor) in enumerate(((rows - wide, 1.0), (wide, spread))):
            first = _draws(design, design.draws, number, factor, generator)
            second = None if design.second is None else _draws(design, design.second, number, factor, generator)
            values[stratum].append(statistic(first, second))
            weights[stratum].append(_weights(design, first, second, spread) if wide else np.ones(number))
    return SimulatedLaw(
        values=(np.concatenate(values[0]), np.concatenate(values[1])),
        weights=(np.concatenate(weights[0]), np.concatenate(weights[1])),
        exact_infinite=None if math.isnan(infinite) else infinite,
        design=design,
        spread=spread,
        seed=seed,
    )


def _address(design: NullDesign) -> int:
    """Where the random numbers of a design are: those of two designs are independent, and so are their errors."""
    parts = (design.statistic, design.draws, design.second, design.floor, design.p.tolist())
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big")


def _spread(design: NullDesign, rate: float) -> float:
    """How much wider a law has to be for its mean to be about what is exceeded with that probability."""
    freedom = len(design.p) - 1
    return float(max(1.0, chdtri(freedom, rate) / freedom))


def _spread_of(design: NullDesign, first: Counts, second: Counts | None) -> float:
    """How much wider a law has to be for counts (K,) to be common: Pearson's statistic over its mean."""
    samples = [first] if second is None else [first, second]
    expected = [counts.sum() * design.p for counts in samples]
    total = sum(float(((n - mean) ** 2 / mean).sum()) for n, mean in zip(samples, expected, strict=True))
    return total / (len(samples) * (len(design.p) - 1))


def _concentration(draws: int, spread: float) -> float:
    """The Dirichlet law's that makes counts this much wider: their variance grows by (N + c)/(1 + c)."""
    spread = min(spread, (draws + 1) / 2)
    return (draws - spread) / (spread - 1) if spread > 1 else math.inf


def _draws(design: NullDesign, draws: int, rows: int, spread: float, generator: Generator) -> Counts:
    concentration = _concentration(draws, spread)
    if math.isinf(concentration):
        return draw_counts(design.p, draws, rows, generator)
    gammas = generator.standard_gamma(np.broadcast_to(concentration * design.p, (rows, len(design.p))))
    return np.asarray(generator.multinomial(draws, gammas / gammas.sum(axis=1, keepdims=True)))


def _weights(design: NullDesign, first: Counts, second: Counts | None, spread: float) -> Array:
    """The probability of samples over that under the mixture, shape (R,)."""
    ratio = _log_ratio(design, design.draws, first, spread)
    if second is not None and design.second is not None:
        ratio = ratio + _log_ratio(design, design.second, second, spread)
    with np.errstate(over="ignore"):
        return np.asarray(MAX_WEIGHT / (1 + np.exp(ratio)))


def _log_ratio(design: NullDesign, draws: int, counts: Counts, spread: float) -> Array:
    """ln of the probability of counts among wide replicates over that among plain ones, shape (R,)."""
    c = _concentration(draws, spread)
    if math.isinf(c):
        return np.zeros(len(counts))
    alpha = c * design.p
    if (draws + 1) * len(alpha) <= min(_MAX_TABLE, counts.size):
        table = np.zeros((len(alpha), draws + 1))
        steps = np.log((alpha[:, None] + np.arange(draws)) / design.p[:, None])
        table[:, 1:] = np.cumsum(steps, axis=1)
        terms = table[np.arange(len(alpha)), counts]
    else:
        terms = gammaln(alpha + counts) - gammaln(alpha) - counts * np.log(design.p)
    return np.asarray(gammaln(c) - gammaln(c + draws) + terms.sum(axis=1))


def _statistic(design: NullDesign, replicates: int) -> Callable[[Counts, Counts | None], Array]:
    """The statistic of counts (R, K), through a table of what a category adds where that is less work."""
    categories, first = np.arange(len(design.p)), design.draws + 1
    worth = min(_MAX_TABLE, replicates * len(categories) // 2)
    if design.second is None and first * len(categories) <= worth:
        counts_of = np.broadcast_to(np.arange(first), (len(categories), first))
        table = terms_of(design, categories[:, None], counts_of, None)
        return lambda counts, _: np.asarray(table[categories, counts].sum(axis=1))
    if design.second is not None and first * (design.second + 1) <= worth:
        grid = np.meshgrid(np.arange(first), np.arange(design.second + 1), indexing="ij")
        of_pair = terms_of(design, 0, grid[0], grid[1])
        return lambda counts, others: np.asarray(of_pair[counts, others].sum(axis=1))
    _, firsts, groups = np.unique(design.p, return_index=True, return_inverse=True)
    return lambda counts, others: _by_what_was_drawn(design, counts, others, firsts, groups)


def _by_what_was_drawn(
    design: NullDesign, counts: Counts, others: Counts | None, firsts: Counts, groups: Counts
) -> Array:
    """The statistic; through a table up to the largest counts there are where these are few, with the same digits.

    `firsts` are categories of each probability that there is, and `groups` tells of each category which it has.
    """
    ends = [int(each.max(initial=0)) + 1 for each in (counts, others) if each is not None]
    if others is not None and math.prod(ends) <= counts.size // _WORTH:
        grid = np.meshgrid(*map(np.arange, ends), indexing="ij")
        return np.asarray(terms_of(design, 0, grid[0], grid[1])[counts, others].sum(axis=1))
    if others is None and ends[0] * len(firsts) <= counts.size // _WORTH:
        columns = np.broadcast_to(np.arange(ends[0]), (len(firsts), ends[0]))
        return np.asarray(terms_of(design, firsts[:, None], columns, None)[groups, counts].sum(axis=1))
    return np.asarray(terms_of(design, np.arange(len(design.p)), counts, others).sum(axis=1))
