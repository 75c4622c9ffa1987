"""The exact law of a sum over categories given how many draws there are: p-values, critical values and power.

A statistic is Σ f_k(n_k), and under "no difference" the n_k are independent given their sum. So the outcomes of half
of the categories are listed, and those of the other half: a sum reaches a value where a part of the one half meets a
part of the other that is large enough. 10^10 tables take two lists of 10^5 entries. No part is left out, and weights
are only multiplied and added: the relative error of a probability is below 1e-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array
from mcdiv.significance.statistics import SAME_PROBABILITY, TIE

#: which numbers of draws some of the categories can have
Possible: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.bool_]]

#: parts of sums that differ by no more, relatively, are one
_SAME = 1e-14
#: of entries that are joined, a share that is left above which a list is taken to be as long as it can be
_FEW_TIES = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What some of the categories can be together: draws, their part of the statistic, and how probable that is."""

    #: how many draws, as one number for each entry, shape (E,)
    draws: NDArray[np.int64]
    #: shape (E,)
    values: Array
    #: probabilities up to a factor, by hypothesis, the null hypothesis first; shape (E, W)
    weights: Array

    def joined(self, other: Part, possible: Possible) -> Part:
        """Both together, entries with the same draws and the same value as one."""
        draws = np.add.outer(self.draws, other.draws).ravel()
        values = np.add.outer(self.values, other.values).ravel()
        weights = (self.weights[:, None] * other.weights[None]).reshape(len(draws), -1)
        kept = possible(draws) & weights.any(axis=1)
        return Part(draws=draws[kept], values=values[kept], weights=weights[kept]).merged()

    def merged(self) -> Part:
        """In order of draws and of values, entries that differ by roundings only as one."""
        order = np.lexsort((self.values, self.draws))
        draws, values = self.draws[order], self.values[order]
        new = (np.diff(draws) > 0) | (values[1:] > values[:-1] * (1 + _SAME))
        starts = np.flatnonzero(np.concatenate([[True], new]))
        weights = np.add.reduceat(self.weights[order], starts, axis=0)
        return Part(draws=draws[starts], values=values[starts], weights=weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """What makes up all the draws: parts of the left half, and parts of the right half that may join them."""

    left: Array
    left_weights: Array
    #: ascending
    right: Array
    #: the weights of those from each on, and of none, shape (E + 1, W)
    right_tails: Array


class ExactLaw:
    """The law of a statistic under one or more hypotheses, the null hypothesis first."""

    def __init__(self, left: Part, right: Part, draws: int) -> None:
        self._meetings = list(_meetings(left, right, draws))
        self._all = sum((each.left_weights.sum(axis=0) * each.right_tails[0] for each in self._meetings), np.zeros(1))

    def reaching(self, value: float) -> Array:
        """P(T ≥ value) by hypothesis, shape (W,); ties with the value reach it."""
        return self._from(value * (1 - TIE) if np.isfinite(value) else value)

    def exceeding(self, value: float) -> Array:
        """P(T > value) by hypothesis, shape (W,); ties with the value do not exceed it."""
        return self._from(np.nextafter(value * (1 + TIE), np.inf)) if np.isfinite(value) else np.zeros_like(self._all)

    @property
    def largest(self) -> float:
        """The largest attainable value, which may be infinite."""
        return max(float(each.left.max() + each.right.max()) for each in self._meetings)

    def critical_value(self, rate: float) -> float:
        """The smallest attainable value that is exceeded with probability at most `rate` under the null hypothesis."""
        rate *= 1 + SAME_PROBABILITY
        low, high = -1.0, max(float(_finite(each.left) + _finite(each.right)) for each in self._meetings)
        if self.exceeding(high)[0] > rate:
            return np.inf
        near = 1e-9 * high
        while high > 0 and high - low > near and low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if self._from(middle)[0] > rate else (low, middle)
        # Few attainable values lie in between: the first that will do is the one.
        while self.exceeding(value := self._next(low))[0] > rate:
            low = np.nextafter(value * (1 + TIE), np.inf)
        return value

    def _from(self, value: float) -> Array:
        total = np.zeros_like(self._all)
        for each in self._meetings:
            with np.errstate(invalid="ignore"):
                missing = value - each.left
            # An infinite part reaches any value.
            first = np.searchsorted(each.right, np.where(np.isinf(each.left), -np.inf, missing))
            total = total + (each.left_weights * each.right_tails[first]).sum(axis=0)
        return np.asarray(total / self._all)

    def _next(self, value: float) -> float:
        """The smallest attainable value that is at least so large."""
        found = np.inf
        for each in self._meetings:
            first = np.searchsorted(each.right, value - each.left)
            some = first < len(each.right)
            found = min(found, float((each.left[some] + each.right[first[some]]).min(initial=np.inf)))
        return found


def _finite(values: Array) -> float:
    return float(values[np.isfinite(values)].max(initial=-np.inf))


def _meetings(left: Part, right: Part, draws: int) -> Iterator[_Meeting]:
    left_draws, starts = np.unique(left.draws, return_index=True)
    ends = [*starts[1:], len(left.draws)]
    lows = np.searchsorted(right.draws, draws - left_draws)
    highs = np.searchsorted(right.draws, draws - left_draws, side="right")
    for start, end, low, high in zip(starts, ends, lows, highs, strict=True):
        if low < high:
            tails = np.zeros((high - low + 1, right.weights.shape[1]))
            tails[:-1] = np.cumsum(right.weights[low:high][::-1], axis=0)[::-1]
            yield _Meeting(
                left=left.values[start:end],
                left_weights=left.weights[start:end],
                right=right.values[low:high],
                right_tails=tails,
            )


def exact_law(columns: Sequence[Part], draws: int, possible: Possible, limit: int) -> ExactLaw | None:
    """The law of the sum over all categories, each given as a part; None where a list would be longer than `limit`.

    Parameters
    ----------
    columns : sequence of Part
        Equal ones should be neighbours: their sums are equal then, whatever their order.
    draws : int
        How many draws there are in all.
    possible : callable
        Which numbers of draws some of the categories can have.
    limit : int
        The largest number of entries that are looked at in one step.
    """
    nothing = Part(draws=np.zeros(1, np.int64), values=np.zeros(1), weights=np.ones((1, columns[0].weights.shape[1])))
    left, *rest, right = [*columns, nothing] if len(columns) == 1 else columns
    foreseen, looked_at = 0.0, 0
    while rest:
        on_left = len(left.draws) <= len(right.draws)
        smaller, column = (left, rest.pop(0)) if on_left else (right, rest.pop())
        listed = len(smaller.draws) * len(column.draws)
        looked_at += listed  # thousands of categories are as many steps
        if max(listed, foreseen / 2, looked_at / 4) > limit:
            return None
        joined = smaller.joined(column, possible)
        left, right = (joined, right) if on_left else (left, joined)
        if len(joined.draws) > _FEW_TIES * listed:  # then hardly any will be met, and half of all is to be listed
            foreseen = math.sqrt(math.prod(float(len(part.draws)) for part in (left, right, *rest)))
    return ExactLaw(left.merged(), right.merged(), draws)
