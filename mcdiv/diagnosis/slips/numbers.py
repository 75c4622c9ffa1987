"""What is done with the number that comes out: its unit, what it is divided by, its sign."""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import changes_number


@changes_number(family="unit")
def bits(x: Array, unit_power: Array) -> Array:
    """In bits: with logarithms to the base 2.

    Formula: x/ln 2
    Valid:   a value with a unit; a root of one is divided by √ln 2
    Mend:    multiply by ln 2 = 0.693147 for nats, or compare with a value in bits
    Source:  by definition
    """
    return np.asarray(x / np.log(2) ** unit_power)


@changes_number(family="unit")
def bans(x: Array, unit_power: Array) -> Array:
    """In bans: with logarithms to the base 10.

    Formula: x/ln 10
    Valid:   a value with a unit; a root of one is divided by √ln 10
    Mend:    multiply by ln 10 = 2.302585 for nats, or compare with a value in bans
    Source:  by definition
    """
    return np.asarray(x / np.log(10) ** unit_power)


@changes_number(family="unit", rarity=2)
def bits_the_wrong_way(x: Array, unit_power: Array) -> Array:
    """Multiplied by ln 2 in place of divided by it.

    Formula: x ln 2
    Valid:   a value with a unit
    Mend:    divide nats by ln 2 for bits
    Source:  by definition
    """
    return np.asarray(x * np.log(2) ** unit_power)


@changes_number(family="unit", rarity=2)
def perplexity(x: Array, unit_power: Array) -> Array:
    """The exponential of it, a perplexity.

    Formula: exp(x)
    Valid:   a value with a unit
    Mend:    take the natural logarithm
    Source:  Jelinek et al. (1977), Perplexity: a measure of the difficulty of speech recognition tasks
    """
    return np.where(unit_power == 1, np.exp(x), np.nan)


@changes_number(family="mean")
def mean_over_categories(x: Array, categories: int) -> Array:
    """The mean over all categories in place of the sum: in PyTorch, reduction="mean".

    Formula: x/K
    Valid:   K > 1
    Mend:    sum over the categories (PyTorch: reduction="batchmean"), or multiply by K
    Source:  documentation of torch.nn.functional.kl_div
    """
    return x / categories


@changes_number(family="mean")
def sum_over_rows(x: Array, rows: int) -> Array:
    """The sum over the rows of a batch in place of their mean: in PyTorch, reduction="sum".

    Formula: B x, x the mean over the B rows
    Valid:   more than one row
    Mend:    divide by the number of rows (PyTorch: reduction="batchmean")
    Source:  documentation of torch.nn.functional.kl_div
    """
    return x * rows


@changes_number()
def negated(x: Array) -> Array:
    """With the opposite sign.

    Formula: −x
    Valid:   x ≠ 0
    Mend:    KL(P‖Q) is Σ p (ln p − ln q), with ln q subtracted; change the sign
    Source:  by definition
    """
    return -x
