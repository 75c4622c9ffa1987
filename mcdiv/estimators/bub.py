"""The "best upper bound" estimator: coefficients per count, fitted so that the worst error over all pmfs is small."""

from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from scipy.special import entr, gammaln, xlog1py, xlogy

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.domains import Domain
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator
from mcdiv.estimators.lifts import plugin_terms

DEGREES = Domain(expected="a whole number from 1 to 50", accepts=lambda x: 1 <= x <= 50, whole=True)

#: below this N all N + 1 coefficients are fitted; from it on only the first few
SMALL = 20
#: the fit of the first few looks at `MESH` probabilities from 10⁻⁴/N to WIDTH/N (K for N in the variance bound)
MESH, WIDTH = 200, 30
#: a Poisson count with mean WIDTH exceeds this with probability 1e-49
FEW = 150


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(1,), value=0.18115315795016941, origin="60 digits of the minimiser for N = 1, K = 1"),
        ReferenceValue(counts=(7, 3), value=0.62573538212104024, origin="60 digits of the minimiser for N = 10, K = 2"),
        ReferenceValue(
            counts=(1, 2, 3, 4, 5, 4, 3, 2, 1),
            value=2.2388,
            origin="DiscreteEntropy.jl, test against the author's program (four decimals)",
        ),
    ],
    properties={Property.CONSISTENT},
)
def bub(n: Counts, N: Any, K: int, *, k_max: Annotated[int, DEGREES] = 11) -> Array:
    """Entropy with the coefficients a_n that minimise a bound on bias² + variance, whatever the truth.

    Formula: Ĥ = Σ_k a(n_k) over all K categories, seen or not; with B_j(p) = binom(N, j) pʲ (1−p)^{N−j},
             m(n) = −(n/N) ln(n/N) + (1 − n/N)/2N and [bias]_p = K (Σ_j a_j B_j(p) + p ln p):
             N < 20: a = arg min Σ_p [bias]_p² + N Σ_j (a_j − a_{j−1})² over p = 0, 1/5N, …, 1;
             N ≥ 20: for k = 1 … min(k_max, N): a_j = m(j) for j ≥ k, and a_0 … a_{k−1} minimise
             Σ_p [bias]_p² + N Σ_{0<j<k} (a_j − a_{j−1})² + N (a_{k−1} − m(k−1))² over 200 p, equally spaced in
             ln p from 10⁻⁴/N to min(1, 30/N), with a_0² for the sum of steps where k = 1; of these k the one with
             the least
             max_p [bias]_p² + N min(max_j (a_j − a_{j−1})², 4 max_p min(K, 1/p) Σ_j (j/N) (a_j − a_{j−1})² B_j(p)),
             the last maximum over 200 equally spaced p ≤ min(1, 30/K)
    Valid:   N ≥ 1, K known; meant for N/K < 100, well beyond which it is Miller–Madow with K in the place of S. For
             N ≪ K far above ln K: 587 nats at N = 20, K = 10⁶. Fitted once per (N, K): a batch of many N is slow.
    Source:  Paninski (2003), Estimation of entropy and mutual information, Neural Computation 15 (the bounds and
             the least-squares form; recalled, not read again). It leaves the meshes open: they, the pull of a_{k−1}
             to m(k−1) (where m(k) would join the two parts) and a_0² are those of the author's program BUBfunc of
             2006, looked up there, the program not copied; its λ_0 is 0. Its rounding of small matrix entries to 0
             for N < 20 is not done here: a difference below 1e-6 up to K = 100. Joined to m(k) instead, as one
             penalty on all steps would be, the bound is .435457 for .435744 at N = K = 50, but .565164 for .564663 at
             N = 50, K = 100: no better on the whole, so the published program is followed.
    """
    sizes, which = np.unique(np.asarray(N), return_inverse=True)
    fitted = np.stack([_first_coefficients(size, K, k_max) for size in sizes.tolist()])
    low = np.minimum(n, fitted.shape[-1] - 1)
    return np.where(n == low, fitted[which.reshape(np.shape(N)), low], _miller_madow(n, N))


def _miller_madow(n: Any, N: Any) -> Array:
    """m(n): the part of a category seen n times in the Miller–Madow estimate that sums over all K categories."""
    return np.asarray(plugin_terms(n, N, 2) + (N - n) / N / (2 * N))


@lru_cache(maxsize=4096)
def _first_coefficients(N: int, K: int, k_max: int) -> Array:
    """a_0, a_1, … as far as they may differ from m, and m beyond; one length for one k_max."""
    first = _miller_madow(np.arange(max(SMALL, k_max)), N)
    if N < SMALL:
        first[: N + 1] = _all_fitted(N, K)
        return first
    p = np.geomspace(1e-4 / N, min(1.0, WIDTH / N) - 1e-10 / N, MESH)
    j = np.arange(min(N, FEW) + 1)
    basis = _bernstein(j, N, p)
    fits = [_fitted(k, N, K, basis, _miller_madow(j, N), entr(p)) for k in range(1, min(k_max, N) + 1)]
    bias = np.array([K * np.abs(a @ basis - entr(p)).max() for a in fits])
    bound = bias**2 + N * _squared_steps(fits, N, K)
    best = int(np.argmin(bound))
    first[: best + 1] = fits[best][: best + 1]
    return first


def _all_fitted(N: int, K: int) -> Array:
    """a_0 … a_N for few draws: one regularised least-squares problem."""
    p = np.arange(5 * N + 1) / (5 * N)
    steps = np.sqrt(N) * np.diff(np.eye(N + 1), axis=0)
    system = np.vstack([K * _bernstein(np.arange(N + 1), N, p).T, steps])
    return _least_squares(system, np.append(K * entr(p), np.zeros(N)))


def _fitted(k: int, N: int, K: int, basis: Array, m: Array, truth: Array) -> Array:
    """m with its first k entries replaced by those that make the bias small, and themselves smooth."""
    # A single coefficient has no step: the program then holds a_0 itself small, and so must the values it gave.
    steps = np.diff(np.eye(k), axis=0) if k > 1 else np.eye(1)
    system = np.vstack([K * basis[:k].T, np.sqrt(N) * np.vstack([steps, np.eye(k)[-1]])])
    missing = truth - m[k:] @ basis[k:]
    head = _least_squares(system, np.concatenate([K * missing, np.zeros(len(steps)), [np.sqrt(N) * m[k - 1]]]))
    return np.concatenate([head, m[k:]])


def _least_squares(system: Array, wanted: Array) -> Array:
    """By orthogonal factors: the normal equations would square a condition number that K has already made large."""
    return np.asarray(np.linalg.lstsq(system, wanted, rcond=None)[0])


def _squared_steps(fits: list[Array], N: int, K: int) -> Array:
    """Per fit, the smaller of two bounds on variance/N: by the largest step, and by Steele's mean squared step."""
    p = np.arange(MESH) / MESH * min(1.0, WIDTH / K) + 1e-10 / K
    # A fit's last entry may be where the window ends: what follows is m, whose steps are in `unfitted`.
    few = min(len(fits) + 2, N + 1)
    j = np.arange(few)
    unfitted, weights = _miller_madow(j, N), j[:, None] / N * _bernstein(j, N, p)
    common = _mean_squared_step(N, p) - _squared_differences(unfitted) @ weights
    # −x ln x is concave: the largest step of m is its first or its last.
    ends = np.abs(np.diff(_miller_madow(np.array([0, 1, N - 1, N]), N)))[[0, 2]].max()
    bounds = []
    for a in fits:
        squares = _squared_differences(a[:few])
        steele = 4 * (np.minimum(K, 1 / p) * (common + squares @ weights)).max()
        bounds.append(min(max(ends**2, squares[1:].max()), steele))
    return np.array(bounds)


def _mean_squared_step(N: int, p: Array) -> Array:
    """Σ_j (j/N) (m_j − m_{j−1})² B_j(p), per p.

    On nodes a few to the standard deviation: for what is as smooth as this the trapezoid rule is exact to 1e-12,
    and where counts are small (no deviation above 8) the nodes are all counts.
    """
    stride = np.maximum(1, np.sqrt(N * p * (1 - p)) // 4)[:, None]
    j = np.round(N * p)[:, None] + stride * np.arange(-60, 61)
    inside = (j >= 0) & (j <= N)
    j = np.clip(j, 0, N)
    logs = xlogy(j, p[:, None]) + xlog1py(N - j, -p[:, None]) - gammaln(j + 1) - gammaln(N - j + 1)
    weights = np.where(inside, np.exp(logs - logs.max(axis=-1, keepdims=True)), 0.0)
    steps = _miller_madow(j, N) - _miller_madow(np.maximum(j - 1, 0), N)
    return np.asarray((weights * j / N * steps**2).sum(axis=-1) / weights.sum(axis=-1))


def _squared_differences(a: Array) -> Array:
    """(a_j − a_{j−1})², with a 0 for the first."""
    return np.diff(a, prepend=a[:1]) ** 2


def _bernstein(j: Counts, N: int, p: Array) -> Array:
    """B_j(p) for j = 0 … J; shape (J + 1, P). The binomial coefficient as a product: `gammaln` would lose digits."""
    binomial = np.concatenate([[0.0], np.cumsum(np.log((N - j[:-1]) / (j[:-1] + 1)))])[:, None]
    return np.asarray(np.exp(binomial + xlogy(j[:, None], p) + xlog1py(N - j[:, None], -p)))
