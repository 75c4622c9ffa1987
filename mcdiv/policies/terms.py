"""k1, k2 and k3 as functions of the category drawn, with their slopes, and the weight of a draw from another pmf.

A draw x from O gives k(x), and its slope dk/d ln p_x; the weight w = p_x/o_x makes means over O those over P. All
elementwise, so any arrays that broadcast. A category with p_x = 0 can be drawn from another pmf only: there k is
infinite, and its product with the weight 0 is taken as the limit p_x → 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import kl_terms, log_ratio, ratio_excess

Weighting: TypeAlias = Literal["none", "detached", "differentiated"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
#: a weight this close to an end of the interval it is clipped to, relatively, lies in it
_AT_THE_END = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a draw of each category gives, in nats; shape (..., K) each."""

    #: k(x): ±∞ where p_x or q_x is 0, NaN where both are
    value: Array
    #: dk/d ln p_x
    slope: Array
    #: p_x k(x), its limit where p_x = 0
    value_mass: Array
    #: p_x dk/d ln p_x, its limit where p_x = 0
    slope_mass: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """The weight of a draw of each category, shape (..., K) each; without meaning where o_x = 0: never drawn."""

    #: p_x/o_x, clipped where that is asked for
    factor: Array
    #: whether it is p_x/o_x itself: only there does it pass a gradient
    unclipped: NDArray[np.bool_]
    #: o_x, 1 where it is 0
    drawn: Array

    def times(self, values: Array, masses: Array) -> Array:
        """The weight times values, of which `masses` are the products with p_x."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.where(self.unclipped, masses / self.drawn, self.factor * values)


def k1(p: Pmf, q: Pmf) -> Term:
    """−ln r with r = q/p."""
    value = minus_log_ratio(p, q)
    return Term(value=value, slope=np.ones_like(value), value_mass=_mass(p, value), slope_mass=_mass(p, 1.0))


def k2(p: Pmf, q: Pmf) -> Term:
    """½ (ln r)²."""
    log = minus_log_ratio(p, q)
    value = log**2 / 2
    return Term(value=value, slope=log, value_mass=_mass(p, value), slope_mass=_mass(p, log))


def k3(p: Pmf, q: Pmf) -> Term:
    """r − 1 − ln r."""
    p, q = np.broadcast_arrays(p, q)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value, slope = np.where(p > 0, ratio_excess(q, p), q / p), (p - q) / p
    return Term(value=value, slope=slope, value_mass=kl_terms(p, q), slope_mass=np.asarray(p - q))


TERMS: Mapping[str, Callable[[Pmf, Pmf], Term]] = {"k1": k1, "k2": k2, "k3": k3}


def minus_log_ratio(p: Pmf, q: Pmf) -> Array:
    """ln(p/q), accurate near p = q: ∞ where q = 0, −∞ where p = 0, NaN where both are."""
    p, q = np.broadcast_arrays(p, q)
    return np.where(p > 0, -log_ratio(q, p), np.where(q > 0, -np.inf, np.nan))


def importance_weight(p: Pmf, o: Pmf, clip: float = math.inf) -> Weight:
    """p/o, kept in [1 − clip, 1 + clip]."""
    p, o = np.broadcast_arrays(p, o)
    drawn = np.where(o > 0, o, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        factor = p / drawn
        kept = np.clip(factor, max(0.0, 1 - clip), 1 + clip)
        unclipped = (kept == factor) | (np.abs(kept - factor) <= _AT_THE_END * kept)
    return Weight(factor=np.where(unclipped, factor, kept), unclipped=unclipped, drawn=drawn)


def beyond_floats(p: Pmf, q: Pmf, o: Pmf) -> NDArray[np.bool_]:
    """Where all three are positive and a ratio of two of them is larger than any float: what is finite is ∞ there."""
    smallest, largest = np.minimum(np.minimum(p, q), o), np.maximum(np.maximum(p, q), o)
    with np.errstate(over="ignore"):
        return np.asarray((smallest > 0) & np.isinf(largest / np.where(smallest > 0, smallest, 1.0)))


def _mass(p: Pmf, values: Array | float) -> Array:
    """p times values, 0 where p = 0."""
    return np.where(p > 0, p * np.where(p > 0, values, 0.0), 0.0)
