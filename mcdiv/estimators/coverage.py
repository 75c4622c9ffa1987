"""Entropy estimators that account for categories not seen: by inclusion probabilities, by Good–Turing coverage."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import binom

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.fingerprints import distinct_counts, draws_of, having
from mcdiv.core.special import power_integral
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator, estimator
from mcdiv.estimators.digamma import zhang
from mcdiv.estimators.lifts import sum_over_categories

#: counts worked on at once: few enough to stay in the cache
_BLOCK = 2**16


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(1, 1), value=4 / 3 * math.log(2), origin="by hand: ln 2/(1 − 1/4)"),
        ReferenceValue(
            counts=(2, 1),
            value=9 / 13 * math.log(3 / 2) + 9 / 19 * math.log(3),
            origin="by hand: (2/3) ln(3/2)/(1 − 1/27) + (1/3) ln 3/(1 − 8/27)",
        ),
        ReferenceValue(counts=(10, 0), value=0.0, origin="by hand: 1 ln 1"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def horvitz_thompson(n: Counts, N: Any, K: int) -> Array:
    """Plug-in entropy with each category weighted by the inverse of its probability of being seen at all.

    Formula: Ĥ = −Σ_k p̂_k ln p̂_k / (1 − (1 − p̂_k)^N)
    Valid:   N ≥ 1. The probabilities of the categories seen are not lowered for those unseen; Chao–Shen does that.
    Source:  Horvitz & Thompson (1952), A generalization of sampling without replacement from a finite universe (the
             weights; not read); for entropy: Chao & Shen (2003), of which this is the case C = 1
    """
    return _weighted_by_inclusion(n / N, (N - n) / N, N)


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.6213651327154891, origin="50 digits of the formula with C = 1"),
        ReferenceValue(counts=(1, 1), value=16 / 7 * math.log(2), origin="by hand: C = 1/2, twice ¼ ln 4/(1 − 9/16)"),
        ReferenceValue(
            counts=(2, 0), parameters=(("coverage", "zhang_huang"),), value=0.0, origin="by convention: C = 1"
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def chao_shen(
    counts: Counts,
    multiplicity: Array | None = None,
    *,
    coverage: Literal["good_turing", "zhang_huang"] = "good_turing",
) -> Nats:
    """Horvitz–Thompson at frequencies lowered by the estimated coverage C, the probability of all categories seen.

    Formula: Ĥ = −Σ_k C p̂_k ln(C p̂_k) / (1 − (1 − C p̂_k)^N), C = 1 − f₁/N;
             coverage="zhang_huang": C = 1 − Σ_k (−1)^(n_k+1)/binom(N, n_k), over the categories seen
    Valid:   N ≥ 1. By convention C = 1/N where every draw is a singleton (f₁ = N − 1 in place of N), and C = 1 where
             only one category was seen. Zhang–Huang's C can exceed 1, but no C p̂_k does.
    Source:  Chao & Shen (2003), Nonparametric estimation of Shannon's index of diversity when there are unseen
             species in sample; Zhang & Huang (2007), Turing's formula revisited (neither read: formulas
             as later work restates them)
    """
    if multiplicity is not None:
        N = draws_of(counts, multiplicity)
        missing = _missing(counts, multiplicity, N, coverage)
        if counts.ndim == 1:
            return _at_shared_coverages(counts, multiplicity, N, missing)
        return _at_coverage(counts, multiplicity, N[:, np.newaxis], missing[:, np.newaxis])
    rows = counts.reshape(-1, counts.shape[-1])
    N = rows.sum(axis=-1)
    missing = _missing(rows, None, N, coverage)
    estimates = np.empty(len(rows))
    # The coverage differs between rows, so that no table serves them all: sum over each row's distinct counts.
    size = max(1, _BLOCK // rows.shape[-1])
    for block in (slice(first, first + size) for first in range(0, len(rows), size)):
        n, times = distinct_counts(rows[block])
        estimates[block] = _at_coverage(n, times, N[block, np.newaxis], missing[block, np.newaxis])
    return estimates.reshape(counts.shape[:-1])


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.663968253968254, origin="by hand: no singletons, hence Zhang's"),
        ReferenceValue(counts=(2, 1), value=4 / 3 * math.log(2), origin="by hand: A = ½, hence 5/6 + (4 ln 2 − 5/2)/3"),
        ReferenceValue(counts=(1,), value=0.0, origin="by hand: A = 1"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def chao_wang_jost(counts: Counts, multiplicity: Array | None = None) -> Nats:
    """Zhang's estimator plus an estimate of what it misses, from the species accumulation curve's slope beyond N.

    Formula: Ĥ = Σ_k (n_k/N)(ψ(N) − ψ(n_k)) + (f₁/N)(1−A)^(1−N) {−ln A − Σ_{r<N} (1−A)^r/r}, where
             A = 2f₂/((N−1)f₁ + 2f₂); if f₂ = 0, 2/((N−1)(f₁−1) + 2); if f₁ = 0 as well, 1
    Valid:   N ≥ 1. Zhang's where no category was seen just once.
    Source:  Chao, Wang & Jost (2013), Entropy and the species accumulation curve: a novel entropy estimator via
             discovery rates of new species (not read: formula as later work restates it)
    """
    draws = draws_of(counts, multiplicity)
    once, twice = having(counts == 1, multiplicity), having(counts == 2, multiplicity)
    singletons = (draws - 1) * np.where(twice > 0, once, np.maximum(once - 1, 0))
    pairs = np.maximum(twice, 1)
    a = 2 * pairs / (singletons + 2 * pairs)
    # (1−A)^(1−N) {…} = Σ_{r≥N} (1−A)^(r−N+1)/r, which neither overflows nor cancels.
    N, A, kind_of = _kinds(draws, a)
    missed = once / draws * (1 - a) * power_integral(N, A)[kind_of]
    return np.asarray(sum_over_categories(zhang, counts, {}, multiplicity) + missed)


def _missing(counts: Counts, multiplicity: Array | None, N: Counts, coverage: str) -> Array:
    """1 − C for each sample."""
    seen, once = having(counts > 0, multiplicity), having(counts == 1, multiplicity)
    missing = sum_over_categories(_MISSING[coverage], counts, {}, multiplicity)
    return np.where(seen == 1, 0.0, np.where(once == N, (N - 1) / N, missing))


def _at_coverage(n: Counts, times: Array, N: Counts, missing: Array) -> Nats:
    """Chao and Shen's sum over counts n, each `times` over, at the coverage 1 − missing."""
    p, rest = n / N * (1 - missing), (N - n) / N + n / N * missing
    return np.asarray((_weighted_by_inclusion(p, rest, N) * times).sum(axis=-1))


def _at_shared_coverages(n: Counts, times: Array, N: Counts, missing: Array) -> Nats:
    """The same for counts (D,) that all samples share: many samples have one coverage, which is worked out once."""
    draws, lost, kind_of = _kinds(N, missing)
    draws, lost = draws[:, np.newaxis], lost[:, np.newaxis]
    terms = _weighted_by_inclusion(n / draws * (1 - lost), (draws - n) / draws + n / draws * lost, draws)
    estimates = np.empty(len(times))
    size = max(1, _BLOCK // n.size)
    for block in (slice(first, first + size) for first in range(0, len(times), size)):
        estimates[block] = np.einsum("rd,rd->r", terms[kind_of[block]], times[block])
    return estimates


def _kinds(N: Counts, share: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """Each pair of draws and share once, and the index of every sample's pair among them, in the shape of N."""
    kinds, kind_of = np.unique(N + 1j * share, return_inverse=True)  # NumPy sorts pairs fastest as one number
    return kinds.real, kinds.imag, kind_of.reshape(np.shape(N))


def _weighted_by_inclusion(p: Array, rest: Array, N: Any) -> Array:
    """−p ln p/(1 − (1−p)^N), and 0 where p = 0; `rest` is 1 − p, which p itself has rounded where it is small."""
    seen = p > 0
    p = np.where(seen, p, 1.0)
    with np.errstate(divide="ignore"):
        inclusion = -np.expm1(N * np.log1p(-np.minimum(p, 1.0)))
    return np.where(seen, p * np.log1p(np.maximum(rest, 0.0) / p) / inclusion, 0.0)


def _singleton_terms(n: Counts, N: Any, K: int) -> Array:
    return np.asarray((n == 1) / N)


def _alternating_terms(n: Counts, N: Any, K: int) -> Array:
    """(−1)^(n+1)/binom(N, n), and 0 for n = 0."""
    sign = np.where(n % 2 == 1, 1.0, -1.0)
    return np.where(n > 0, sign / binom(N, n), 0.0)


#: a category's part of 1 − C
_MISSING = {"good_turing": _singleton_terms, "zhang_huang": _alternating_terms}
