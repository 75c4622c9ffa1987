"""Which numbers are made of roundings: the one rule by which a sum that cancels is 0.

A sum is known to about 1e-16 of its terms' sizes, whatever is left of it. What is left of a sum of large
terms can be no finding then, and what is tiny because its terms are is one.
"""

import math

from mcdiv.core.arrays import Array

#: what a sum may be off by, as a share of the sizes of its terms
ROUNDING = 1e-14


def without_rounding(value: float, scale: float) -> float:
    """A value made of terms whose sizes sum to `scale`; 0 where it is no more than their roundings."""
    return 0.0 if abs(value) <= ROUNDING * scale < math.inf else value


def sum_of_few(*terms: float) -> float:
    """`sum_of` of fewer than eight numbers, to the bit: in order, which Python does not promise of sum()."""
    total = size = 0.0
    for term in terms:
        total += term
        size += abs(term)
    return without_rounding(total, size)


def sum_of(terms: Array) -> float:
    """The sum of all terms; 0 where they cancel but for roundings."""
    return without_rounding(float(terms.sum()), float(abs(terms).sum()))
