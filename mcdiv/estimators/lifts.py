"""How one rule becomes several estimators: sums over categories, ĈE − Ĥ with the model known, sums of entropies."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import entr

from mcdiv.core.arrays import SUM_TOLERANCE, Array, Counts, Nats, Pmf, Sample, over_categories
from mcdiv.core.fingerprints import alphabet_of, draws_of
from mcdiv.core.joint import margins
from mcdiv.core.rounding import ROUNDING
from mcdiv.core.rows import kl_divergence_nats, mean_surprisal

#: below this part of the cross-entropy, a KL divergence is computed in its cancellation-free form
_NEAR = 1e-3
#: counts looked up at once
_AT_ONCE = 2**16


def sum_over_categories(
    terms: Callable[..., Array], counts: Counts, parameters: Mapping[str, Any], multiplicity: Array | None = None
) -> Nats:
    """Σ_k f(n_k; N, K) for counts (..., K), each of one category or of `multiplicity`; by a table of f if cheaper."""
    if multiplicity is not None:
        return _sum_over_columns(terms, counts, parameters, multiplicity)
    draws = over_categories(counts)[..., None]
    size = counts.shape[-1]
    first = int(draws.flat[0])
    highest = int(counts.max())
    alike = bool((draws == first).all())
    if alike and 4 * (highest + 1) <= counts.size:
        total = _sum_of_table(terms(np.arange(highest + 1), first, size, **parameters), counts)
    else:
        # What depends on N alone is made once where all samples have the same.
        total = over_categories(terms(counts, draws.reshape(-1)[:1] if alike else draws, size, **parameters))
    # −0.0 + 0.0 is 0.0: nothing to be uncertain about is not a negative entropy.
    return total + 0.0


def _sum_of_table(table: Array, counts: Counts) -> Nats:
    """Σ_k table[n_k], some rows at a time: what was looked up is summed before it leaves the cache."""
    if counts.ndim != 2 or counts.size <= _AT_ONCE:
        return over_categories(np.take(table, counts))
    total = np.empty(len(counts))
    size = max(1, _AT_ONCE // counts.shape[1])
    for start in range(0, len(counts), size):
        rows = slice(start, start + size)
        total[rows] = over_categories(np.take(table, counts[rows]))
    return total


def _sum_over_columns(
    terms: Callable[..., Array], counts: Counts, parameters: Mapping[str, Any], multiplicity: Array
) -> Nats:
    draws, size = draws_of(counts, multiplicity)[..., np.newaxis], alphabet_of(counts, multiplicity)
    first = int(draws.flat[0])
    values = terms(counts, first if (draws == first).all() else draws, size, **parameters)
    if values.ndim == 1 and np.isfinite(values).all():
        return np.asarray(multiplicity @ values + 0.0)
    # What no category has adds nothing, not even if it is undefined.
    return np.asarray((np.where(multiplicity > 0, values, 0.0) * multiplicity).sum(axis=-1) + 0.0)


def cross_entropy_of_frequencies(counts: Counts, q: Pmf) -> Nats:
    """ĈE = −Σ p̂_k ln q_k, linear in the counts and unbiased; +inf where a category with q_k = 0 was seen."""
    possible = q > 0
    surprisal = -np.log(np.where(possible, q, 1.0))
    total = counts @ surprisal if q.ndim == 1 else (counts * surprisal).sum(axis=-1)
    estimate = total / counts.sum(axis=-1)
    if possible.all():
        return np.asarray(estimate)
    return np.where(((counts > 0) & ~possible).any(axis=-1), np.inf, estimate)


def kl_of_frequencies(sample: Sample, tallied: Sample) -> tuple[Nats, Nats]:
    """KL(p̂‖q), so that no digits are lost, and the plug-in entropy, of the same samples `tallied` or as they are."""
    counts, q = sample.counts, sample.q
    assert q is not None
    cross_entropy = cross_entropy_of_frequencies(counts, q)
    plugin = sum_over_categories(plugin_terms, tallied.counts, {}, tallied.multiplicity)
    divergence = np.atleast_1d(cross_entropy - plugin)
    near = divergence < _NEAR * np.atleast_1d(cross_entropy)
    if near.any():
        rows = np.broadcast_to(counts, (*near.shape, counts.shape[-1]))[near]
        model = np.broadcast_to(q, (*near.shape, q.shape[-1]))[near]
        divergence[near] = kl_divergence_nats(rows / rows.sum(axis=-1, keepdims=True), model)
    return divergence.reshape(np.shape(cross_entropy)), plugin


def kl_of_entropy(base: tuple[Nats, Nats], entropy: Nats) -> Nats:
    """K̂L = ĈE − Ĥ for an entropy estimate Ĥ, as KL(p̂‖q) − (Ĥ − Ĥ_plugin)."""
    divergence, plugin = base
    return np.asarray(divergence - beyond_plugin(entropy, plugin))


def beyond_plugin(entropy: Nats, plugin: Nats) -> Nats:
    """Ĥ − Ĥ_plugin; 0 where the two differ by roundings only."""
    gap = entropy - plugin
    return np.where(abs(gap) <= ROUNDING * plugin, 0.0, gap)


def sum_of_entropies(
    at_frequencies: Nats, weights: tuple[float, float, float], table: Counts, entropy: Callable[[Counts], Nats]
) -> Nats:
    """a Ĥ(X) + b Ĥ(Y) + c Ĥ(X, Y) of counts (..., K, L): its value at p̂ plus what each Ĥ adds to the plug-in."""
    values = at_frequencies
    for weight, counts in zip(weights, margins(table), strict=True):
        if weight:
            plugin = sum_over_categories(plugin_terms, counts, {})
            values = values + weight * beyond_plugin(entropy(counts), plugin)
    return values


def plugin_terms(n: Counts, N: Any, K: int) -> Array:
    """A category's part of the plug-in entropy: −p̂ ln p̂."""
    return terms_of_pmf(_frequencies, n, N, K)


def terms_of_pmf(rule: Callable[..., Pmf], n: Counts, N: Any, K: int, **parameters: Any) -> Array:
    """A category's part of the entropy, −p ln p, of an estimated pmf p = f(n; N, K)."""
    p = rule(n, N, K, **parameters)
    return _near_1(np.asarray(entr(p)), p, rule, n, N, K, parameters, p)


def surprisal_terms(rule: Callable[..., Pmf], n: Counts, N: Any, K: int, **parameters: Any) -> Array:
    """−ln p of a category at an estimated pmf p = f(n; N, K); +inf where it is 0."""
    p = rule(n, N, K, **parameters)
    with np.errstate(divide="ignore"):
        return _near_1(-np.log(p), p, rule, n, N, K, parameters, np.ones_like(p))


def _near_1(
    values: Array, p: Pmf, rule: Callable[..., Pmf], n: Counts, N: Any, K: int, parameters: Mapping[str, Any], by: Array
) -> Array:
    """The values, with −ln p times `by` where p is near 1 and has rounded what it lacks."""
    likely = p > 0.5
    if not likely.any():
        return values
    # Counts n, N − n, 0, 0, … are a sample too, so that 1 − f(n) is the rest.
    n = np.broadcast_to(n, likely.shape)[likely]
    N = np.reshape(N, -1) if np.size(N) == 1 else np.broadcast_to(N, likely.shape)[likely]
    rest = rule(N - n, N, K, **parameters)
    if K != 2:
        rest = rest + (K - 2) * rule(np.zeros_like(n), N, K, **parameters)
    values[likely] = by[likely] * _surprisal(p[likely], rest)
    return values


def cross_entropy_of_estimates(p: Pmf, q: Pmf) -> Nats:
    """H(p̃, q̃) of estimated pmfs, which are not given to the last digit: a q̃ near 1 is what the others leave."""
    return mean_surprisal(p, _surprisal_of(q))


def _surprisal_of(p: Pmf) -> Array:
    """−ln p of estimated pmfs, shape (..., K): where p is near 1, from what the others sum to."""
    with np.errstate(divide="ignore"):
        values = -np.log(p)
    likely = p > 0.5
    if likely.any():
        rest = np.broadcast_to(np.where(likely, 0.0, p).sum(axis=-1, keepdims=True), p.shape)[likely]
        values[likely] = _surprisal(p[likely], rest)
    return values


def _surprisal(p: Array, rest: Array) -> Array:
    """−ln p from rest = 1 − p; from p itself where the two do not sum to 1, as the rule gives no pmf."""
    whole = np.abs(p + rest - 1) < SUM_TOLERANCE
    if whole.all():
        return np.asarray(-np.log1p(-rest))
    return np.where(whole, -np.log1p(-np.where(whole, rest, 0.0)), -np.log(p))


def _frequencies(n: Counts, N: Any, K: int) -> Pmf:
    return np.asarray(n / N)
