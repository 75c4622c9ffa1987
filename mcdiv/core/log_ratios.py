"""Logarithms of ratios of probabilities, elementwise, in forms that do not cancel where the two are close."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from mcdiv.core.arrays import Array, Nats

#: a quotient below it may have lost digits
_SMALLEST = 2.0**-1000


def kl_terms(p: Array, q: Array) -> Nats:
    """p ln(p/q) − p + q, elementwise: never negative, and without cancellation near p = q.

    Summed over two pmfs it is KL(P‖Q), as Σ(q − p) = 0.
    """
    p, q = np.broadcast_arrays(p, q)
    seen = p > 0
    near, relative = _near(p, q)
    # p ln(p/q) − p + q = p (d − ln(1 + d)) with d = (q − p)/p; a category with p = 0 leaves q.
    terms = np.where(near, p * minus_log1p(relative), q)
    apart = seen & ~near
    if apart.any():  # d may overflow there, and nothing cancels
        terms[apart] = (q[apart] - p[apart]) - p[apart] * _log_quotient(q[apart], p[apart])
    return terms


def js_terms(p: Array, q: Array) -> Nats:
    """(p + q)/2 {ln 2 − h(p/(p + q))}, elementwise, h the entropy of a coin: summed over two pmfs it is JS(P, Q).

    With t = (p − q)/(p + q) the braces are t artanh t + ln(1 − t²)/2, which does not cancel near p = q.
    """
    p, q = np.broadcast_arrays(p, q)
    both = p + q
    some = np.where(both > 0, both, 1.0)
    t = (p - q) / some
    near = np.abs(t) < 0.5
    small = np.where(near, t, 0.0)
    braces = np.asarray(small * np.arctanh(small) + np.log1p(-small * small) / 2)
    if not near.all():
        apart = ~near
        whole = some[apart]
        braces[apart] = math.log(2) - entr(p[apart] / whole) - entr(q[apart] / whole)
    return np.asarray(both / 2 * braces)


def log_ratio(q: Array, p: Array) -> Array:
    """ln(q/p), elementwise: accurate near q = p and however far apart they are; −inf at q = 0, and 0 where p = 0."""
    p, q = np.broadcast_arrays(p, q)
    near, relative = _near(p, q)
    logs = np.asarray(np.log1p(relative))
    apart = (p > 0) & ~near
    if apart.any():
        logs[apart] = _log_quotient(q[apart], p[apart])
    return logs


def log_where(p: Array) -> Array:
    """ln p, elementwise; 0 where p = 0."""
    return np.asarray(np.log(np.where(p > 0, p, 1.0)))


def log_ratio_where(p: Array, q: Array) -> Array:
    """ln(p/q), elementwise, accurate near p = q; 0 where p = 0."""
    return np.where(p > 0, log_ratio(p, q), 0.0)


def relative_difference(p: Array, q: Array) -> Array:
    """p/q − 1, elementwise, accurate near p = q; 0 where q = 0, ∞ where it is beyond floats."""
    with np.errstate(over="ignore"):
        return np.where(q > 0, (p - q) / np.where(q > 0, q, 1.0), 0.0)


def ratio_excess(q: Array, p: Array) -> Array:
    """r − 1 − ln r with r = q/p, elementwise: never negative; +inf where r is 0 or beyond floats, 0 where p = 0."""
    p, q = np.broadcast_arrays(p, q)
    near, relative = _near(p, q)
    values = np.asarray(minus_log1p(relative))
    apart = (p > 0) & ~near
    if apart.any():
        with np.errstate(over="ignore"):
            values[apart] = (q[apart] / p[apart] - 1) - _log_quotient(q[apart], p[apart])
    return values


def _near(p: Array, q: Array) -> tuple[NDArray[np.bool_], Array]:
    """Where q is within a factor of two of p > 0, and (q − p)/p there (0 elsewhere), in which no digit is lost."""
    near = (p > 0) & (q <= 2 * p) & (2 * q >= p)
    return near, np.divide(q - p, p, out=np.zeros(p.shape), where=near)


def _log_quotient(q: Array, p: Array) -> Array:
    """ln(q/p) for p > 0, where q is not close to p; the quotient itself may be beyond floats."""
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        quotient = q / p
        beyond = (quotient < _SMALLEST) | np.isinf(quotient)
        return np.where(beyond, np.log(q) - np.log(p), np.log(quotient))


def minus_log1p(d: Array) -> Array:
    """d − ln(1 + d) for d >= −1, accurate also near 0 where the two terms cancel; +inf at −1."""
    d = np.asarray(d, dtype=np.float64)
    small = np.abs(d) < 0.25
    if small.all():
        return _minus_log1p_near_0(d)
    with np.errstate(divide="ignore"):
        direct = d - np.log1p(d)
    return np.where(small, _minus_log1p_near_0(np.where(small, d, 0.0)), direct) if small.any() else direct


def _minus_log1p_near_0(d: Array) -> Array:
    # ln(1 + d) = 2 artanh(y) with y = d/(2 + d), and d − 2y = d y.
    y = d / (2 + d)
    square = y * y
    tail = np.zeros_like(d)
    for power in range(21, 2, -2):
        tail *= square
        tail += 1 / power
    return np.asarray(d * y - 2 * y * square * tail)
