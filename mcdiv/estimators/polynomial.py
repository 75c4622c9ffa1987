"""Entropy by best polynomial approximation: where counts are small, −p ln p gives way to a polynomial.

A polynomial in p has an unbiased estimate and −p ln p has none. The two estimators here share the polynomial
and differ in where it rules, in its degree, and in the law of a count (multinomial or Poisson).
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import entr

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.fingerprints import draws_of, having
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator, estimator
from mcdiv.estimators.lifts import plugin_terms

#: wu_yang: the degree, interval and threshold per ln K that the paper's experiments use
DEGREE, INTERVAL, THRESHOLD = 1.6, 3.5, 1.6
#: jvhw: beyond this degree, powers of p cancel to nothing in double precision
HIGHEST_DEGREE = 22


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(7, 3), value=0.7108643020548935, origin="by hand: nothing seen once, so plug-in + 2/20"),
        ReferenceValue(counts=(1, 1, 1, 1), value=1.8862943611198906, origin="by hand: N < degree, so ln 4 + 4/8"),
        ReferenceValue(
            counts=(50, 20, 10, 5, 3, 2, 1, 1, 1, 1),
            value=1.5102376090370409,
            origin="the authors' program est_entro.py, in bits times ln 2",
        ),
        ReferenceValue(
            counts=(1,) * 50, value=6.373288246845813, origin="the authors' program est_entro.py, bits times ln 2"
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def jvhw(counts: Counts, multiplicity: Array | None = None) -> Nats:
    """Minimax-rate entropy for an alphabet of unknown size; the share of singletons sets where the polynomial applies.

    Formula: Ĥ = Σ_{n_k>0} [ρ M(n) + (1−ρ) U(n)],  ρ = clip(2p̂/T − 1, 0, 1),  M = −p̂ ln p̂ + 1/2N,
             U = Σ_j g_j T^{1−j} (n)_j/(N)_j − p̂ ln T,  (n)_j = n(n−1)…(n−j+1),
             g = best approximation of −x ln x on [0, 1] of degree L = min(4 + ⌈1.2 ln N⌉, 22), its g_0 kept,
             T = 4 c ln N/N; c = 0 (so Ĥ = Σ M) if N < L or f₁ = 0, else with r = ln(N/f₁)
             c = max(0.4679 + 0.3303 r, 1/(1.9 ln N)), but for N ≥ 200 and r ≤ 1.5
             0.18483… + 1.09787… r − 0.53055… r² in the place of 0.4679 + 0.3303 r
    Valid:   N ≥ 1; only categories seen count. Not additive: T depends on f₁. Can exceed ln K; for N ≥ 10⁵ with most
             draws singletons it can swing by tens of nats either way, also below 0. Coefficients of size 4·10¹² at
             L = 22 cost digits: the relative rounding error of a term reaches 5e-6 for N ≥ 10⁶.
    Source:  Jiao, Venkat, Han & Weissman (2015), Minimax estimation of functionals of discrete distributions,
             arXiv:1406.6956: T = 4 c₁ ln N/N and degree c₂ ln N with constants left open. The constants above, the
             ramp ρ, g_0 and 1/2N for every seen category are those of the authors' program est_entro.py: looked up
             there, the program not copied.
    """
    draws, once = draws_of(counts, multiplicity)[..., np.newaxis], having(counts == 1, multiplicity)[..., np.newaxis]
    counts = counts if multiplicity is None else np.broadcast_to(counts, multiplicity.shape)
    degrees = np.minimum(4 + np.ceil(1.2 * np.log(draws)).astype(np.int64), HIGHEST_DEGREE)
    reach = _reach(draws, once, degrees)
    terms = _corrected(counts, draws)
    for degree in np.unique(degrees):
        blend = (counts > 0) & (counts < reach) & (degrees == degree)
        n, N, end = counts[blend], *(np.broadcast_to(a, counts.shape)[blend] for a in (draws, reach))
        steps = ((n - j) / (end * ((N - j) / N)) for j in range(degree - 1, -1, -1))
        ramp = np.clip(2 * n / end - 1, 0, 1)
        terms[blend] += (1 - ramp) * (_unbiased(n, N, end, degree, steps) - terms[blend])
    return np.asarray((terms if multiplicity is None else terms * multiplicity).sum(axis=-1))


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(
            counts=(7, 3), value=0.7108643020548935, origin="by hand: both counts above 1.6 ln 2: plug-in + 2/20"
        ),
        ReferenceValue(counts=(5,), value=0.1, origin="by hand: K = 1 leaves no interval: 0 + 1/10"),
        ReferenceValue(
            counts=(1, 0),
            value=0.006231043105133671,
            origin="by hand: the degree is 1, g = (1/2e, 0), T = 3.5 ln 2: T/e − ln T",
        ),
        ReferenceValue(
            counts=(4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1),
            value=2.2796019205903364,
            origin="the authors' program entropy.py at K = 11",
        ),
    ],
    properties={Property.CONSISTENT},
)
def wu_yang(n: Counts, N: Any, K: int) -> Array:
    """Minimax-rate entropy for a known alphabet size: a polynomial up to 1.6 ln K draws, the corrected plug-in above.

    Formula: Ĥ = Σ_k f(n_k),  f(n) = −p̂ ln p̂ + 1/2N for n > 1.6 ln K, else Σ_j g_j T^{1−j} (n)_j/N^j − p̂ ln T;
             (n)_j = n(n−1)…(n−j+1), g = best approximation of −x ln x on [0, 1] of degree L = ⌊1.6 ln K⌋,
             T = 3.5 ln K/N
    Valid:   N ≥ 1, K known. An unseen category adds g_0 T, so Ĥ grows with K. Neither split in two samples nor cut to
             [0, ln K] as in the paper's proofs, so for N ≪ K far above ln K: 1138 nats at N = 20, K = 10⁶.
    Source:  Wu & Yang (2016), Minimax rates of entropy estimation on large alphabets via best polynomial
             approximation, arXiv:1407.0381; constants: the authors' documentation, "as in the paper"; that g_0 is
             kept was verified against values of their program entropy.py
    """
    corrected = _corrected(n, N)
    threshold = int(THRESHOLD * np.log(K))
    if threshold == 0:  # K = 1
        return corrected
    reach = INTERVAL * np.log(K)
    low = np.minimum(n, threshold)
    degree = int(DEGREE * np.log(K))
    steps = ((low - j) / reach for j in range(degree - 1, -1, -1))
    return np.where(n <= threshold, _unbiased(low, N, reach, degree, steps), corrected)


def _reach(draws: Counts, singletons: Counts, degrees: Counts) -> Array:
    """jvhw's N T: the count at which the polynomial has faded out; 0 where there is none."""
    used = (singletons > 0) & (draws >= degrees)
    rarity = np.log(draws / np.maximum(singletons, 1))
    line = 0.3303 * rarity + 0.4679
    bow = (-0.530556484842359 * rarity + 1.09787328176926) * rarity + 0.184831781602259
    constant = np.where((draws >= 200) & (rarity <= 1.5), bow, line)
    # 1/1.9 ln N is the least constant for which a singleton (p̂ = 1/N) lies below T/2, hence wholly in U.
    scale = np.log(np.maximum(draws, 2))
    return np.where(used, 4 * np.maximum(constant, 1 / (1.9 * scale)) * scale, 0.0)


def _corrected(n: Counts, N: Any) -> Array:
    """Per category seen: its part of the plug-in entropy with the leading bias, −1/2N, taken off."""
    return np.asarray(plugin_terms(n, N, 2) + (n > 0) / (2 * N))


def _unbiased(n: Counts, N: Any, reach: Any, degree: int, steps: Iterable[Array]) -> Array:
    """Unbiased estimate of T P(p/T) − p ln T, P of `degree`, T = reach/N; steps[j] takes the j-th moment to the next.

    `steps` come from the last to the first, for Horner's rule.
    """
    coefficients = best_approximation(degree)
    total: Any = coefficients[degree]
    for coefficient, step in zip(coefficients[degree - 1 :: -1], steps, strict=True):
        total = total * step + coefficient
    return np.asarray((reach * total - n * np.log(reach / N)) / N)


@lru_cache(maxsize=64)
def best_approximation(degree: int) -> tuple[float, ...]:
    """Coefficients g_0 … g_L of the polynomial of `degree` ≥ 1 that comes closest to −x ln x everywhere on [0, 1].

    Closest in the maximum norm, by Remez exchange for Σ c_k cos 2kθ with x = cos² θ: there the systems are well
    conditioned and the extrema near x = 0, where −x ln x has its singularity, are spread out. cos 2kθ is the
    Chebyshev polynomial T_k(2x − 1).
    """
    frequencies = 2 * np.arange(degree + 1)
    extrema = np.linspace(0, np.pi / 2, degree + 2)
    for _ in range(30):
        system = np.column_stack([np.cos(np.outer(extrema, frequencies)), (-1.0) ** np.arange(degree + 2)])
        # The last unknown is the levelled error.
        waves = np.linalg.solve(system, entr(np.cos(extrema) ** 2))[:-1]
        previous, extrema = extrema, _extrema_of_error(waves, frequencies)
        # The error is flat at its extrema: a shift of 1e-9 changes it by 1e-18.
        if np.abs(extrema - previous).max() < 1e-9:
            break
    return _in_powers(waves)


def _extrema_of_error(waves: Array, frequencies: Counts) -> Array:
    """Where −x ln x − Σ c_k cos 2kθ has its L + 2 extrema: at both ends, and where its slope in θ changes sign."""

    def slope(theta: Array) -> Array:
        bend = np.sin(2 * theta) * (1 + np.log(np.cos(theta) ** 2))
        return np.asarray(bend + np.sin(np.outer(theta, frequencies)) @ (frequencies * waves))

    grid = np.linspace(0, np.pi / 2, 40 * (len(waves) + 1) + 1)[1:-1]
    rising = slope(grid) > 0
    crossing = np.flatnonzero(rising[1:] != rising[:-1])
    low, high = grid[crossing], grid[crossing + 1]
    for _ in range(50):
        middle = (low + high) / 2
        before = (slope(middle) > 0) == rising[crossing]
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return np.concatenate([[0], low, [np.pi / 2]])


def _in_powers(waves: Array) -> tuple[float, ...]:
    """Σ c_k T_k(2x − 1) in powers of x. The sums cancel by many digits: they are exact until the last rounding."""
    powers = [Fraction(0)] * len(waves)
    before, chebyshev = [1], [-1, 2]
    for weight in waves.tolist():
        for j, coefficient in enumerate(before):
            powers[j] += Fraction(weight) * coefficient
        following = [0] * (len(chebyshev) + 1)
        for j, coefficient in enumerate(chebyshev):
            following[j] -= 2 * coefficient
            following[j + 1] += 4 * coefficient
        for j, coefficient in enumerate(before):
            following[j] -= coefficient
        before, chebyshev = chebyshev, following
    return tuple(float(power) for power in powers)
