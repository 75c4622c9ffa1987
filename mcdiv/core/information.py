"""Entropy, cross-entropy and KL divergence of pmfs: the definitions, exact to the last digits.

    H(P, Q) = KL(P‖Q) + H(P)

The public functions check their input and speak any unit; the ones ending in `_nats` trust it, and are
what the rest of mcdiv computes with.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, rel_entr

from mcdiv.core.arrays import Array, Nats, Pmf, as_pmf, check_batches
from mcdiv.core.labels import paired
from mcdiv.core.units import Units, nats_per

#: entries worked on at once: what is made on the way stays in the cache
_AT_ONCE = 2**15
#: over so many categories, a divergence at least so large is summed as it is written, Σ p ln(p/q) + Σ(q − p):
#: terms whose sizes sum to at most KL + 2 leave an error below 1e-14
_WIDE, _APART = 1024, 0.02
#: a quotient below it may have lost digits
_SMALLEST = 2.0**-1000


def entropy(p: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Entropy H(P) = −Σ p_k ln p_k (Shannon 1948), with 0 ln 0 = 0.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Probabilities over K categories; each row sums to 1 (within 1e-9, in float32 within 2e-6).
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`

    Raises
    ------
    ValueError
        An entry is negative or not finite, or a row does not sum to 1; the message names it.

    Examples
    --------
    >>> float(entropy([0.5, 0.5], units="bits"))
    1.0
    """
    return entropy_nats(as_pmf(p, normalise=normalise)) / nats_per(units)


def cross_entropy(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Cross-entropy H(P, Q) = −Σ p_k ln q_k.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two pandas objects are paired by their labels; a category that one of them lacks has probability 0 there.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`
        +inf where some p_k > 0 has q_k = 0. Categories with p_k = 0 add nothing, whatever q_k is.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> float(cross_entropy([0.5, 0.5], [0.25, 0.75]).round(6))
    0.836988
    """
    return cross_entropy_nats(*_pair(p, q, normalise=normalise)) / nats_per(units)


def kl_divergence(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Kullback–Leibler divergence KL(P‖Q) = Σ p_k ln(p_k/q_k) (Kullback & Leibler 1951).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two pandas objects are paired by their labels; a category that one of them lacks has probability 0 there.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`
        Never negative, 0 only for P = Q, and accurate to 1e-12 relative however close Q is to P;
        +inf where some p_k > 0 has q_k = 0.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> float(kl_divergence([0.5, 0.5], [0.6, 0.4]).round(6))
    0.020411
    """
    return kl_divergence_nats(*_pair(p, q, normalise=normalise)) / nats_per(units)


def js_divergence(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Jensen–Shannon divergence JS(P, Q) = H((P+Q)/2) − (H(P) + H(Q))/2 (Lin 1991).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two pandas objects are paired by their labels; a category that one of them lacks has probability 0 there.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`
        Between 0 and ln 2, symmetric and always finite. `scipy.spatial.distance.jensenshannon` is its root.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> float(js_divergence([1, 0], [0, 1], units="bits"))
    1.0
    """
    return js_divergence_nats(*_pair(p, q, normalise=normalise)) / nats_per(units)


def jeffreys_divergence(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Jeffreys divergence KL(P‖Q) + KL(Q‖P) (Jeffreys 1946): in drift monitoring, the population stability index (PSI).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two pandas objects are paired by their labels; a category that one of them lacks has probability 0 there.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`
        Symmetric; +inf where one of the two lacks a category that the other has.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> float(jeffreys_divergence([0.5, 0.5], [0.6, 0.4]).round(6))
    0.040547
    """
    return jeffreys_divergence_nats(*_pair(p, q, normalise=normalise)) / nats_per(units)


def cross_entropy_gradient(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Array:
    """Gradient ∂H(P, Q)/∂q_k = −p_k/q_k, of each q_k as a free variable.

    On the simplex (Σ q_k = 1) it is constant over k exactly at Q = P: there cross-entropy has its minimum.

    Parameters
    ----------
    p, q, units, normalise
        As `cross_entropy` has them.

    Returns
    -------
    ndarray, shape (..., K), in `units`
        0 where p_k = 0, −inf where only q_k = 0, and for slopes beyond 1.8e308. Of pandas objects it has the categories
        of `p` in their order, then those that only `q` has.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> cross_entropy_gradient([0.5, 0.5], [0.25, 0.75]).round(4).tolist()
    [-2.0, -0.6667]
    """
    first, second = np.broadcast_arrays(*_pair(p, q, normalise=normalise))
    with np.errstate(divide="ignore", over="ignore"):  # beyond floats it is as good as infinite
        ratio: Array = np.divide(first, second, out=np.zeros(first.shape), where=first > 0)
    return np.asarray((0.0 - ratio) / nats_per(units))


def kl_divergence_gradient(p: ArrayLike, q: ArrayLike, *, units: Units = "nats", normalise: bool = False) -> Array:
    """Gradient ∂KL(P‖Q)/∂q_k = −p_k/q_k: the same as that of cross-entropy.

    They differ by H(P), which does not depend on Q. This is why minimising cross-entropy minimises KL.

    Parameters
    ----------
    p, q, units, normalise
        As `cross_entropy` has them.

    Returns
    -------
    ndarray, shape (..., K), in `units`
        As `cross_entropy_gradient` returns it.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the alphabets differ.

    Examples
    --------
    >>> kl_divergence_gradient([0.5, 0.5], [0.25, 0.75]).round(4).tolist()
    [-2.0, -0.6667]
    """
    return cross_entropy_gradient(p, q, units=units, normalise=normalise)


def entropy_nats(p: Pmf) -> Nats:
    """H(P) in nats of pmfs already checked, shape (..., K) → (...)."""
    # A sum that is 1 but for rounding would otherwise leave [0, ln K] by as much.
    return np.asarray(np.clip(_by_rows(lambda p: entr(p).sum(axis=-1), p), 0.0, math.log(p.shape[-1])))


def cross_entropy_nats(p: Pmf, q: Pmf) -> Nats:
    """H(P, Q) in nats of pmfs already checked, shapes (..., K) → (...)."""
    with np.errstate(divide="ignore"):
        if q.size < p.size:
            return _by_rows(mean_surprisal, p, -np.log(q))
        return _by_rows(lambda p, q: mean_surprisal(p, -np.log(q)), p, q)


def mean_surprisal(p: Pmf, surprisal: Array) -> Nats:
    """Σ p_k s_k ≥ 0, where categories with p_k = 0 add nothing even if s_k is infinite; shapes (..., K) → (...)."""
    seen = p > 0
    some = surprisal if seen.all() else np.where(seen, surprisal, 0.0)
    return np.asarray(np.maximum((p * some).sum(axis=-1), 0.0))


def kl_divergence_nats(p: Pmf, q: Pmf) -> Nats:
    """KL(P‖Q) in nats of pmfs already checked, shapes (..., K) → (...)."""
    return _by_rows(_kl_of_rows, p, q)


def _kl_of_rows(p: Pmf, q: Pmf) -> Nats:
    if p.shape[-1] < _WIDE:
        return np.asarray(kl_terms(p, q).sum(axis=-1))
    divergence = rel_entr(p, q).sum(axis=-1) + (q - p).sum(axis=-1)
    return _small_ones_by(lambda p, q: kl_terms(p, q).sum(axis=-1), divergence, p, q)


def _small_ones_by(rule: Callable[[Pmf, Pmf], Nats], values: Nats, p: Pmf, q: Pmf) -> Nats:
    """The values of rows of pmfs, those that are small worked out by a rule that cancels nothing."""
    values = np.atleast_1d(values)
    small = values < _APART
    if small.any():
        values[small] = rule(*(np.broadcast_to(pmf, (*values.shape, pmf.shape[-1]))[small] for pmf in (p, q)))
    return values.reshape(p.shape[:-1])


def _by_rows(rule: Callable[..., Nats], *given: Array) -> Nats:
    """A rule over the last axis, (..., K) → (...), some rows at a time."""
    arrays = np.broadcast_arrays(*given)
    shape, categories = arrays[0].shape[:-1], arrays[0].shape[-1]
    if not shape or arrays[0].size <= _AT_ONCE:
        return np.asarray(rule(*arrays))
    rows = [array if len(shape) == 1 else array.reshape(-1, categories) for array in arrays]
    size = max(1, _AT_ONCE // categories)
    parts = [rule(*(array[first : first + size] for array in rows)) for first in range(0, len(rows[0]), size)]
    return np.concatenate(parts).reshape(shape)


def js_divergence_nats(p: Pmf, q: Pmf) -> Nats:
    """JS(P, Q) in nats of pmfs already checked; shapes (..., K) → (...).

    Σ (p + q)/2 {ln 2 − h(p/(p + q))}, h the entropy of a coin: every term is finite and at least 0. With
    t = (p − q)/(p + q) the braces are t artanh t + ln(1 − t²)/2, which does not cancel near p = q.
    """
    return _by_rows(_js_of_rows, p, q)


def _js_of_rows(p: Pmf, q: Pmf) -> Nats:
    if p.shape[-1] < _WIDE:
        return _js_by_terms(p, q)
    both = p + q
    # Σ p ln(2p/(p + q)) without a half that may be no float: with both the factor 2 is ln 2 times their mass.
    halves = (rel_entr(p, both) + rel_entr(q, both)).sum(axis=-1) + math.log(2) * both.sum(axis=-1)
    return np.minimum(_small_ones_by(_js_by_terms, halves / 2, p, q), math.log(2))


def _js_by_terms(p: Pmf, q: Pmf) -> Nats:
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
    return np.asarray(np.minimum((both / 2 * braces).sum(axis=-1), math.log(2)))


def jeffreys_divergence_nats(p: Pmf, q: Pmf) -> Nats:
    """KL(P‖Q) + KL(Q‖P) in nats of pmfs already checked, shapes (..., K) → (...)."""
    return kl_divergence_nats(p, q) + kl_divergence_nats(q, p)


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


def _pair(p: ArrayLike, q: ArrayLike, *, normalise: bool) -> tuple[Pmf, Pmf]:
    given = paired(p=p, q=q)
    first, second = (as_pmf(values, name=name, normalise=normalise) for name, values in given.items())
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(f"p has {first.shape[-1]} categories, q has {second.shape[-1]}; they must be the same")
    check_batches(p=first, q=second)
    return first, second
