"""Which numbers are made of roundings: the one rule by which a sum that cancels is 0.

A sum is known to about 1e-16 of its terms' sizes, whatever is left of it. What is left of a sum of large
terms can be no finding then, and what is tiny because its terms are is one.
"""

import math

import numpy as np

from mcdiv.core.arrays import Array

#: what a sum may be off by, as a share of the sizes of its terms
ROUNDING = 1e-14


def without_rounding(value: float, scale: float) -> float:
    """A value made of terms whose sizes sum to `scale`; 0 where it is no more than their roundings."""
    return 0.0 if abs(value) <= ROUNDING * scale < math.inf else value


def without_roundings(values: Array, scales: Array | float) -> Array:
    """`without_rounding` of each value by its scale."""
    reach = ROUNDING * scales
    return np.where((abs(values) <= reach) & (reach < math.inf), 0.0, values)


def sums_of_few(*terms: Array) -> Array:
    """Sums over arrays elementwise, in order; 0 where the terms cancel but for roundings."""
    total, size = np.zeros(1), np.zeros(1)
    for term in terms:
        total = total + term
        size = size + abs(term)
    return without_roundings(total, size)


def sum_of(terms: Array) -> float:
    """The sum of all terms; 0 where they cancel but for roundings."""
    return without_rounding(float(terms.sum()), float(abs(terms).sum()))
