"""Gradients in the logits of a policy: those of the divergences, and mean and spread of what one draw estimates.

The logits z have p = softmax(z), so that ∇ ln p_x = e_x − p. A gradient sums to 0 over the categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import kl_terms
from mcdiv.core.rounding import without_roundings
from mcdiv.policies.terms import k1


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientMoments:
    """What an estimate of a gradient from one draw is on average, and how it varies."""

    #: its expectation, shape (K,); 0 where its terms cancel but for roundings
    mean: Array
    #: the sizes of the terms that each entry is a sum of, shape (K,)
    scale: Array
    #: the trace of its covariance
    trace: float


def kl_gradient(p: Pmf, q: Pmf) -> Array:
    """∇KL(P‖Q) = p_j (ln(p_j/q_j) − KL(P‖Q)), shape (K,); NaN where KL is infinite."""
    divergence = float(kl_terms(p, q).sum())
    with np.errstate(invalid="ignore"):
        gradient = np.where(p > 0, p * (np.where(p > 0, k1(p, q).value, 0.0) - divergence), 0.0)
    return gradient if np.isfinite(divergence) else np.full(p.shape, np.nan)


def reverse_kl_gradient(p: Pmf, q: Pmf) -> Array:
    """∇KL(Q‖P) = p − q, shape (K,)."""
    return np.asarray(p - q)


def gradient_moments(found: Array, p: Pmf, o: Pmf) -> GradientMoments:
    """Mean and spread over draws from O of what a gradient estimator returns (`contract`): coefficients or gradients.

    What it returns for categories that O never draws is not looked at. NaN and ∞ as arithmetic has them.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        if found.ndim == 1:
            return _of_scores(np.where(o > 0, found, 0.0), p, o)
        if len(found) == 1:
            return GradientMoments(mean=found[0], scale=np.abs(found[0]), trace=0.0)
        drawn = o > 0
        rows, weights = found[drawn], o[drawn]
        mean, scale = weights @ rows, weights @ np.abs(rows)
        return GradientMoments(
            mean=without_roundings(mean, scale),
            scale=scale,
            trace=float(weights @ ((rows - mean) ** 2).sum(axis=1)),
        )


def _of_scores(c: Array, p: Pmf, o: Pmf) -> GradientMoments:
    """Of c_x (e_x − p): mean o c − p Σ o c. Its largest entry of p is had from the others, as they sum to 0."""
    weighed, top = o * c, int(p.argmax())
    scale = np.abs(weighed) + p * np.abs(weighed).sum()
    mean = without_roundings(_sums_to_0(weighed - p * weighed.sum(), top), scale)
    return GradientMoments(mean=mean, scale=scale, trace=_trace_of_scores(c, p, o, top))


def _trace_of_scores(c: Array, p: Pmf, o: Pmf, top: int) -> float:
    """Σ o |g_x − g_m|² − |Σ o (g_x − g_m)|² with g_x = c_x (e_x − p) and m the likeliest draw: few digits cancel."""
    m = int(o.argmax())
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
    mean = _sums_to_0(weighed - p * shift, m)
    return max(0.0, float(o @ squares - mean @ mean))


def _sums_to_0(values: Array, place: int) -> Array:
    """The values with one changed so that they sum to 0."""
    values[place] = 0.0
    values[place] = -values.sum()
    return values
