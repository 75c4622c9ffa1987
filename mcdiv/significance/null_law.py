"""The exact law of a statistic of samples from one reference: of one sample by halves, of two by pairs of outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.binomial import binomial_window
from mcdiv.core.outcomes import count_outcomes, enumerable, enumerate_outcomes
from mcdiv.core.performance import Measured
from mcdiv.significance.null_design import NullDesign, poisson_pmf, terms_of
from mcdiv.significance.partial_sums import ExactLaw, Part

#: pairs of a step of halves, pairs of outcomes, how many of them at once, and entries of a table of terms
_MAX_STEP, _MAX_PAIRS, _AT_ONCE, _MAX_TABLE = 2**23, 2**25, 2**20, 2**22
#: categories of one sample, and its draws, whose halves are gone through number by number
_MAX_CATEGORIES = 256
_MAX_DRAWS = 5000
#: pairs of outcomes with a smaller probability are left out, less than 1e-12 in all
_NEGLIGIBLE = 1e-20
#: some categories' counts with a smaller probability are left out, as independent Poisson counts have it
_UNLIKELY = 1e-24
#: more than the probability of all that is left out
LEFT_OUT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedLaw:
    """An exact law, asked as a simulated one is: no answer has a Monte Carlo error."""

    law: ExactLaw
    #: at most this probability is missing from the law
    left_out: float
    #: none
    replicates: int = 0

    @property
    def infinite(self) -> Measured:
        """The probability that the statistic is infinite."""
        return self.at_least(np.inf)

    def at_least(self, value: float) -> Measured:
        """P(statistic ≥ value); ties are."""
        return _exactly(self.law.reaching(value))

    def p_value(self, value: float, first: Counts, second: Counts | None) -> Measured:
        """P(statistic ≥ value), or what is left out of the law where that is more; the counts do not matter."""
        return Measured(value=max(self.at_least(value).value, self.left_out), mcse=0.0)

    def above(self, value: float) -> Measured:
        """P(statistic > value); ties are not."""
        return _exactly(self.law.exceeding(value))

    def threshold(self, rate: float) -> float:
        """The smallest value that can occur and is exceeded with a probability of at most `rate`; inf where none is."""
        return float(self.law.critical_value(rate))


def _exactly(probability: Array) -> Measured:
    return Measured(value=min(1.0, float(probability[0])), mcse=0.0)


def computed_law(design: NullDesign) -> ComputedLaw | None:
    """The law, where it can be computed."""
    law = _of_one_sample(design) if design.second is None else _of_pairs(design, design.second)
    complete = design.second is None and enumerable(design.p, design.draws)
    return None if law is None else ComputedLaw(law=law, left_out=0.0 if complete else LEFT_OUT)


def _of_one_sample(design: NullDesign) -> ExactLaw | None:
    """Its outcomes where they are few; else the categories in two halves, for uniform references the same one twice."""
    if enumerable(design.p, design.draws):
        # The least probability first: of the largest, little of what is left of 1 may be exact.
        outcomes = enumerate_outcomes(design.p[::-1], design.draws)
        counts = outcomes.counts[:, ::-1]
        terms = (terms_of(design, k, counts[:, k], None) for k in range(len(design.p)))
        return _listed(sum(terms, np.zeros(len(outcomes.weights))), outcomes.weights)
    if len(design.p) > _MAX_CATEGORIES or design.draws > _MAX_DRAWS:
        return None
    order = np.argsort(design.p, kind="stable")
    first, second = order[::2], order[1::2]
    left = _half(design, first)
    if left is None:
        return None
    alike = np.array_equal(design.p[first], design.p[second])
    right = left if alike else _half(design, second)
    return None if right is None else ExactLaw(left, right, design.draws)


def _half(design: NullDesign, categories: NDArray[np.int64]) -> Part | None:
    part = _column(design, int(categories[0]))
    for k in categories[1:]:
        column = _column(design, int(k))
        if len(part.draws) * len(column.draws) > _MAX_STEP:
            return None
        size = max(1, _AT_ONCE // len(column.draws))
        starts = range(0, len(part.draws), size)
        pieces = [_some(part, slice(i, i + size)).joined(column, lambda some: some <= design.draws) for i in starts]
        part = _together(pieces).merged()
        part = _some(part, part.weights[:, 0] > _UNLIKELY)
    return part


def _column(design: NullDesign, category: int) -> Part:
    """Given their sum, counts of independent Poisson laws are multinomial."""
    p = float(design.p[category])
    counts, _ = binomial_window(design.draws, p)
    weights = poisson_pmf(counts, design.draws * p)
    return Part(draws=counts, values=terms_of(design, category, counts, None), weights=weights[:, None])


def _some(part: Part, kept: slice | NDArray[np.bool_]) -> Part:
    return Part(draws=part.draws[kept], values=part.values[kept], weights=part.weights[kept])


def _together(parts: Sequence[Part]) -> Part:
    draws, values, weights = (np.concatenate([getattr(part, name) for part in parts]) for name in Part.__slots__)
    return Part(draws=draws, values=values, weights=weights)


def _of_pairs(design: NullDesign, second: int) -> ExactLaw | None:
    """Every outcome of the one sample with every outcome of the other."""
    many = count_outcomes(design.p, design.draws, design.p, second)
    if not many <= _MAX_PAIRS or (design.draws + 1) * (second + 1) > _MAX_TABLE:
        return None
    return _listed(*(np.concatenate(arrays) for arrays in zip(*_pairs(design, second), strict=True)))


def _listed(values: Array, weights: Array) -> ExactLaw:
    """The law of values with their probabilities, in any order: one half has nothing in it."""
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    nothing = Part(draws=np.zeros(1, dtype=np.int64), values=np.zeros(1), weights=np.ones((1, 1)))
    return ExactLaw(nothing, Part(draws=np.zeros(len(values), np.int64), values=values, weights=weights[:, None]), 0)


def _pairs(design: NullDesign, second: int) -> Iterator[tuple[Array, Array]]:
    """Values and probabilities, many pairs at a time."""
    first, others = enumerate_outcomes(design.p, design.draws), enumerate_outcomes(design.p, second)
    grid = np.meshgrid(np.arange(design.draws + 1), np.arange(second + 1), indexing="ij")
    table = terms_of(design, 0, *grid)
    size = max(1, _AT_ONCE // len(others.weights))
    for start in range(0, len(first.weights), size):
        some = slice(start, start + size)
        weights = np.multiply.outer(first.weights[some], others.weights)
        row, column = np.nonzero(weights > _NEGLIGIBLE)
        counts, counts_q = first.counts[some], others.counts
        values = np.zeros(len(row))
        for k in range(len(design.p)):
            values += table[counts[row, k], counts_q[column, k]]
        yield values, weights[row, column]
