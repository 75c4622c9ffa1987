"""Entropy, cross-entropy and divergences in nats, row by row, of pmfs already checked: what mcdiv computes with.

Shapes (..., K) → (...), exact to the last digits. A few rows at a time, so that temporary arrays stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import entr, rel_entr

from mcdiv.core.arrays import Array, Nats, Pmf
from mcdiv.core.log_ratios import js_terms, kl_terms

#: entries worked on at once
_AT_ONCE = 2**15
#: over so many categories, a divergence at least so large is summed as it is written, Σ p ln(p/q) + Σ(q − p):
#: terms whose sizes sum to at most KL + 2 leave an error below 1e-14
_WIDE, _APART = 1024, 0.02


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

    The sum of `js_terms`, each finite and at least 0.
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
    return np.asarray(np.minimum(js_terms(p, q).sum(axis=-1), math.log(2)))


def jeffreys_divergence_nats(p: Pmf, q: Pmf) -> Nats:
    """KL(P‖Q) + KL(Q‖P) in nats of pmfs already checked, shapes (..., K) → (...)."""
    return kl_divergence_nats(p, q) + kl_divergence_nats(q, p)
