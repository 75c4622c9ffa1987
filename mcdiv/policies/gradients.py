"""Gradients in the logits of a policy: those of the divergences, and mean and spread of what one draw estimates.

The logits z have p = softmax(z), so that ∇ ln p_x = e_x − p. A gradient sums to 0 over the categories.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.rounding import without_roundings
from mcdiv.policies.terms import minus_log_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientMoments:
    """What an estimate of a gradient from one draw is on average, and how it varies."""

    #: its expectation, shape (K,); 0 where its terms cancel but for roundings
    mean: Array
    #: the sizes of the terms that each entry is a sum of, shape (K,)
    scale: Array
    #: the trace of its covariance; NaN where it is not finite
    trace: float


def kl_gradient(p: Pmf, q: Pmf) -> Array:
    """∇KL(P‖Q) = p_j (ln(p_j/q_j) − KL(P‖Q)), shape (K,); NaN where KL is infinite."""
    logs = np.where(p > 0, minus_log_ratio(p, q), 0.0)
    if not np.isfinite(logs).all():
        return np.full(p.shape, np.nan)
    divergence = float(p @ logs)  # near P = Q it is far below the logarithms: its last digits do not matter
    return without_roundings(p * (logs - divergence), p * (np.abs(logs) + p @ np.abs(logs)))


def reverse_kl_gradient(p: Pmf, q: Pmf) -> Array:
    """∇KL(Q‖P) = p − q, shape (K,)."""
    apart = p - q
    return np.asarray(apart - p * apart.sum())  # near P = Q the roundings of p and q are no longer small beside it


def gradient_moments(found: Array, p: Pmf, o: Pmf) -> GradientMoments:
    """Mean and spread over draws from O of what a gradient estimator returns (`contract`): coefficients or gradients.

    What it returns for categories that O never draws is not looked at.
    """
    mean, scale = expected_gradient(found, p, o)
    return GradientMoments(mean=mean, scale=scale, trace=_trace(found, p, o))


def expected_gradient(found: Array, p: Pmf, o: Pmf) -> tuple[Array, Array]:
    """The mean, and the sizes of its terms, by themselves.

    NaN and ∞ are as arithmetic has them.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if len(found) == 1 and found.ndim == 2:
            return found[0], np.abs(found[0])
        if found.ndim == 2:
            mean, scale = o[o > 0] @ found[o > 0], o[o > 0] @ np.abs(found[o > 0])
            return without_roundings(mean, scale), scale
        # Of c_x (e_x − p) it is o c − p Σ o c; the entry of the largest p is had from the others, as they sum to 0.
        weighed = o * np.where(o > 0, found, 0.0)
        sizes = np.abs(weighed)
        scale = sizes + p * sizes.sum()
        mean = _summing_to_0(weighed - p * weighed.sum(), int(p.argmax()))
        return without_roundings(mean, scale), scale


def _trace(found: Array, p: Pmf, o: Pmf) -> float:
    """The trace of the covariance of what it returns over draws from O; NaN where it is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        if found.ndim == 1:
            trace = _trace_of_scores(np.where(o > 0, found, 0.0), p, o)
        elif len(found) == 1:
            trace = 0.0 * float(found.sum())
        else:
            rows, weights = found[o > 0], o[o > 0]
            trace = float(weights @ ((rows - weights @ rows) ** 2).sum(axis=1))
    return trace if math.isfinite(trace) else math.nan


def _trace_of_scores(c: Array, p: Pmf, o: Pmf) -> float:
    """Σ o |g_x − g_m|² − |Σ o (g_x − g_m)|² with g_x = c_x (e_x − p) and m the likeliest draw: few digits cancel."""
    m, top = int(o.argmax()), int(p.argmax())
    apart = c - c[m]
    others = np.delete(p, top)
    rest = (others @ others) - np.where(np.arange(p.size) == top, 0.0, p**2)  # Σ p_j² but for j = x and the top
    if m != top:
        rest = rest - p[m] ** 2 + np.where(np.arange(p.size) == top, 0.0, p[top] ** 2)
    at_draw, at_m = c - apart * p, -c[m] - apart * p[m]
    squares = at_draw**2 + at_m**2 + apart**2 * np.maximum(rest, 0.0)
    squares[m] = 0.0
    weighed = o * c
    weighed[m] = 0.0
    shift = float((o * apart).sum())
    mean = _summing_to_0(weighed - p * shift, m)
    return max(0.0, float(o @ squares - mean @ mean))


def _summing_to_0(values: Array, place: int) -> Array:
    """The values with one changed so that they sum to 0."""
    values[place] = 0.0
    values[place] = -values.sum()
    return values
