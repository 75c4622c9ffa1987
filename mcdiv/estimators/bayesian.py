"""Bayesian estimators: posterior mean and sd of the entropy under Dirichlet priors, fixed (bayes) and mixed (nsb).

Given Dirichlet parameters a_k with sum A, with π_k = a_k/A and D_k = ψ(A+1) − ψ(a_k+1):
E H = Σ π D and Var H = {Var_π D + Σ π [x(a+1) − x(A+1)]}/(A+1), x(t) = t ψ′(t). All terms are positive:
nothing cancels, however small the entropy.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from scipy.special import psi, zeta

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.domains import POSITIVE, Number
from mcdiv.core.fingerprints import alphabet_of, draws_of, fingerprints, having, rows_at_once
from mcdiv.core.log_ratios import minus_log1p
from mcdiv.core.special import log_gamma_remainder, log_less_psi, psi_step, trigamma_excess
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator, estimator

#: entries of the fingerprints integrated at once
_ENTRIES = 2**20
#: steps in ln β: of the grid that finds the posterior, and the widest it is integrated with
_SEARCH_STEP, _WIDEST_STEP = 0.5, 0.125
#: nodes up to which samples share a grid
_SHARED_NODES = 512
#: e-folds below its maximum from which on a posterior is left out
_DEPTH = 46.0


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(2, 0), parameters=(("alpha", 1),), value=11 / 24, origin="by hand: ¾·¼ + ¼(½ + ⅓ + ¼)"),
        ReferenceValue(counts=(1, 0), parameters=(("alpha", 1),), value=0.5, origin="by hand: ⅔·⅓ + ⅓(½ + ⅓)"),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def bayes(n: Counts, N: Any, K: int, *, alpha: Annotated[Number, POSITIVE]) -> Array:
    """Posterior mean of the entropy under a symmetric Dirichlet prior with α per category.

    Formula: Ĥ = ψ(A+1) − Σ_k (n_k+α)/A ψ(n_k+α+1),  A = N + Kα, over all K categories
    Valid:   N ≥ 1, α > 0, K known. Pulled towards the prior's own mean, ψ(Kα+1) − ψ(α+1).
    Source:  Wolpert & Wolf (1995), Estimating functions of probability distributions from a finite set of samples
             (abstract read; the mean follows from E[p ln p] under a beta distribution)
    """
    a = n + float(alpha)
    A = N + K * float(alpha)
    return np.asarray(a / A * psi_step(a + 1, (N - n) + (K - 1) * float(alpha)))


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(1, 0, 0), value=math.log(3) / 2, origin="by hand: one draw leaves ξ flat on (0, ln K)"),
        ReferenceValue(counts=(1, 2, 3, 2, 1), value=1.5090062278724037, origin="30 digits of both integrals (mpmath)"),
    ],
    properties={Property.CONSISTENT, Property.NONNEGATIVE, Property.AT_MOST_LOG_K},
)
def nsb(counts: Counts, multiplicity: Array | None = None) -> Nats:
    """Posterior mean of the entropy under a mixture of Dirichlet priors that leaves the prior mean entropy open.

    Formula: Ĥ = ∫ E[H | n, β] w(β) dξ(β) / ∫ w(β) dξ(β) over β ∈ (0, ∞), ξ(β) = ψ(Kβ+1) − ψ(β+1),
             w(β) = Γ(Kβ)/Γ(N+Kβ) Π_k Γ(n_k+β)/Γ(β); E[H | n, β] is `bayes` at α = β
    Valid:   N ≥ 1, K known (unseen categories count); K = 1 gives 0. Good for N well below K, where the draws
             coincide often enough; other packages cut β off and differ in the third digit.
    Source:  Nemenman, Shafee & Bialek (2002), Entropy and inference, revisited, arXiv:physics/0108025 (not read:
             formula as restated in Nemenman 2011)
    """
    return _posterior(counts, multiplicity)[0]


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(2,), value=2 * np.euler_gamma + math.log(2), origin="by hand: γ − ln 2 + 2 ln 2 − ψ(1)"),
        ReferenceValue(counts=(1, 1), value=math.nan, origin="by definition: no coincidence"),
    ],
    properties={Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def ansb(counts: Counts, multiplicity: Array | None = None) -> Nats:
    """The limit of `nsb` for an alphabet much larger than the sample: it uses only coincidences.

    Formula: Ĥ = γ − ln 2 + 2 ln N − ψ(N − S),  S = number of categories seen, γ = 0.5772…
    Valid:   N much larger than N − S, the number of coincidences, which must be at least 1: undefined (NaN) where all
             draws differ. Not consistent: for a fixed alphabet it grows like ln N.
    Source:  Nemenman (2011), Coincidences and estimation of entropies of random variables with large cardinalities
             (abstract read; formula as later work restates it)
    """
    draws = draws_of(counts, multiplicity)
    coincidences = draws - having(counts > 0, multiplicity)
    estimate = np.euler_gamma - math.log(2) + 2 * np.log(draws) - psi(np.maximum(coincidences, 1))
    return np.where(coincidences > 0, estimate, np.nan)


def bayes_sd(counts: Counts, alpha: Number, multiplicity: Array | None = None) -> Nats:
    """Posterior standard deviation of the entropy under a symmetric Dirichlet(α) prior; counts (..., K) → (...).

    Each count stands for one category, or for as many as `multiplicity` says.
    """
    times = np.ones(1) if multiplicity is None else multiplicity
    N, K = (times * counts).sum(axis=-1, keepdims=True), np.broadcast_to(times, counts.shape).sum(axis=-1).flat[0]
    a, A = counts + float(alpha), N + K * float(alpha)
    steps = psi_step(a + 1, (N - counts) + (K - 1) * float(alpha))
    share = times * a / A
    mean = (share * steps).sum(axis=-1, keepdims=True)
    spread = share * ((steps - mean) ** 2 + (trigamma_excess(a + 1) - trigamma_excess(A + 1)))
    return np.asarray(np.sqrt(spread.sum(axis=-1) / (A[..., 0] + 1)))


def nsb_sd(counts: Counts, multiplicity: Array | None = None) -> Nats:
    """Posterior standard deviation of the entropy under the prior of `nsb`; counts (..., K) → (...)."""
    if multiplicity is not None:
        columns = counts.shape[-1]
        variance = _posterior(counts.reshape(-1, columns), multiplicity.reshape(-1, columns), spread=True)[1]
        return np.sqrt(variance).reshape(counts.shape[:-1])
    return np.asarray(np.sqrt(_posterior(counts, spread=True)[1]))


def _posterior(counts: Counts, multiplicity: Array | None = None, *, spread: bool = False) -> tuple[Nats, Nats]:
    """Posterior mean and variance (0 unless asked for) under the prior of `nsb`: some samples of one size at a time."""
    if multiplicity is not None:
        return _grouped_posterior(counts, multiplicity, spread=spread)
    rows = counts.reshape(-1, counts.shape[-1])
    draws = rows.sum(axis=-1)
    moments = np.zeros((2, len(rows)))
    for N in np.unique(draws) if rows.shape[-1] > 1 else ():
        members = np.flatnonzero(draws == N)
        size = rows_at_once(rows[members], _ENTRIES)
        for start in range(0, len(members), size):
            part = members[start : start + size]
            moments[:, part] = _integrate(*fingerprints(rows[part]), int(N), rows.shape[-1], spread=spread)
    return moments[0].reshape(counts.shape[:-1]), moments[1].reshape(counts.shape[:-1])


def _grouped_posterior(counts: Counts, multiplicity: Array, *, spread: bool) -> tuple[Nats, Nats]:
    """The same for counts that stand for several categories."""
    n, times = fingerprints(counts, multiplicity)
    draws, K = draws_of(n, times), alphabet_of(n, times)
    moments = np.zeros((2, len(times)))
    size = max(1, _ENTRIES // n.size)
    for N in np.unique(draws) if K > 1 else ():
        members = np.flatnonzero(draws == N)
        for part in (members[start : start + size] for start in range(0, len(members), size)):
            moments[:, part] = _integrate(n, times[part], int(N), K, spread=spread)
    return moments[0], moments[1]


def _integrate(n: Counts, times: Array, N: int, K: int, *, spread: bool) -> Array:
    """Posterior mean and variance (2, R) of samples of N draws: the trapezoidal rule in u = ln β.

    All is analytic for |Im u| < π and falls exponentially, so that the rule converges geometrically. Samples whose
    posteriors lie together share one grid; one is narrowed and refined until it resolves the posterior.
    """
    moments = np.zeros((2, len(times)))
    for members, beta, weight in _resolved(n, times, N, K):
        moments[:, members] = _averages(n, times[members], N, K, beta, weight, spread=spread)
    return moments


def nsb_posterior(counts: Counts) -> tuple[Array, Array]:
    """The posterior of β under the prior of `nsb`: nodes (G,) and their shares, which sum to 1; counts (K,), K ≥ 2."""
    n, times = fingerprints(counts[np.newaxis])
    ((_, beta, weight),) = _resolved(n, times, int(counts.sum()), len(counts))
    share = np.exp(weight[0] - weight[0].max())
    return beta, share / share.sum()


def _resolved(n: Counts, times: Array, N: int, K: int) -> Iterator[tuple[Counts, Array, Array]]:
    """Rows whose posteriors one grid of β resolves, the grid, and their ln weights at it."""
    # The posterior falls like β or faster below 1/(K ln N), and like 1/β above N.
    pending = [(np.arange(len(times)), np.arange(-math.log(K) - 50, math.log(N) + 50, _SEARCH_STEP))]
    while pending:
        members, u = pending.pop()
        beta = np.exp(u)
        weight = _log_posterior(n, times[members], N, K, beta)
        low, high, step = _resolution(u, weight)
        done = u[1] - u[0] <= 1.1 * step
        if done.any():
            yield members[done], beta, weight[done]
        for group, grid in _groups(low, high, np.maximum(step, (u[1] - u[0]) / 16), np.flatnonzero(~done)):
            pending.append((members[group], grid))


def _log_posterior(n: Counts, times: Array, N: int, K: int, beta: Array) -> Array:
    """ln [w(β) dξ/d ln β], shape (R, G), up to a constant."""
    # dξ/d ln β = Kβ ψ′(Kβ+1) − β ψ′(β+1) = r(β) − r(Kβ) with r(x) = 1 − x ψ′(x+1) = 1/x − (x ψ′(x) − 1).
    small, large = np.minimum(beta, 1.0), np.maximum(beta, 1.0)
    below = K * small * zeta(2.0, K * small + 1) - small * zeta(2.0, small + 1)
    above = (1 - 1 / K) / large - (trigamma_excess(large) - trigamma_excess(K * large))
    prior = np.log(np.where(beta < 1, below, above))
    return np.asarray(times @ _log_weights(n[:, np.newaxis], N, K, beta) + (prior - _remainder_step(K * beta, N)))


def _log_weights(n: Counts, N: int, K: int, beta: Array) -> Array:
    """A category's part of ln w(β) − Σ n ln(n/N), but for what depends on β and N alone.

    By Stirling, Σ ln Γ(a)/Γ(β) − ln Γ(A)/Γ(Kβ) with a = n + β is Σ a ln(a/A) + Kβ ln K and remainders. The first
    two less Σ n ln(n/N) are −N KL(n/N ‖ a/A) − Kβ KL(1/K ‖ a/A): small wherever the posterior is not, and sums of
    terms of one sign, so that neither large N nor large β costs digits.
    """
    a, A, surplus = n + beta, N + K * beta, float(K) * n - N
    more, less = np.maximum(surplus, 0.0), np.maximum(-surplus, 0.0)
    # n m(d) + β m(e) with m(d) = d − ln(1 + d), 1 + d = aN/nA and 1 + e = aK/A; d, e have opposite signs.
    seen = np.maximum(n, 1)
    d, e = -beta * surplus / (seen * A), surplus / A
    from_counts = np.where(n > 0, n * _excess(d, -np.log1p(beta * more / (a * N))), beta * N / A)
    return _remainder_step(beta, n) - from_counts - beta * _excess(e, -np.log1p(less / (a * K)))


def _excess(d: Array, log: Array) -> Array:
    """d − ln(1 + d), given ln(1 + d) for d < −1/4: near −1, d has rounded 1 + d away."""
    return np.where(d < -0.25, d - log, minus_log1p(np.maximum(d, -0.25)))


def _remainder_step(x: Array, n: Any) -> Array:
    """The part of ln Γ(x+n)/Γ(x) that (x+n) ln(x+n) − x ln x − n leaves."""
    return np.asarray(log_gamma_remainder(x + n) - log_gamma_remainder(x) - np.log1p(n / x) / 2)


def _averages(n: Counts, times: Array, N: int, K: int, beta: Array, weight: Array, *, spread: bool) -> Array:
    """Posterior mean and variance (2, R) from ln weights at the nodes."""
    a, A = n[:, np.newaxis] + beta, N + K * beta
    # psi_step(a + 1, A − a), but ln − ψ at A + 1 only once for all n
    gaps = (N - n)[:, np.newaxis] + (K - 1) * beta
    steps = np.log1p(gaps / (a + 1)) + (log_less_psi(a + 1) - log_less_psi(A + 1))
    share = np.exp(weight - weight.max(axis=-1, keepdims=True))
    share /= share.sum(axis=-1, keepdims=True)
    means = times @ (a / A * steps)
    mean = (share * means).sum(axis=-1, keepdims=True)
    if not spread:
        return np.stack([mean[:, 0], np.zeros(len(mean))])
    # Squares about a centre that the samples share: where all D are nearly equal, Σ π D² − (Σ π D)² would cancel.
    centre = means.mean(axis=0)
    squares = (steps - centre) ** 2 + (trigamma_excess(a + 1) - trigamma_excess(A + 1))
    inner = (times @ (a / A * squares) - (means - centre) ** 2) / (A + 1)
    variances = np.maximum(inner, 0.0) + (means - mean) ** 2
    return np.stack([mean[:, 0], (share * variances).sum(axis=-1)])


def _resolution(u: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Of each row: where its posterior begins and ends, and the step that resolves it; shapes (R,)."""
    rows, last = np.arange(len(weight)), len(u) - 1
    peak = np.clip(weight.argmax(axis=-1), 1, last - 1)
    top = weight[rows, peak]
    inside = weight > (top - _DEPTH)[:, np.newaxis]
    low = u[np.maximum(inside.argmax(axis=-1) - 1, 0)]
    high = u[np.minimum(last - inside[:, ::-1].argmax(axis=-1) + 1, last)]
    # A third of the standard deviation of the Gaussian with this curvature: what a skew posterior needs at least.
    curvature = 2 * top - weight[rows, peak - 1] - weight[rows, peak + 1]
    third = (u[1] - u[0]) / (3 * np.sqrt(np.maximum(curvature, 1e-12)))
    # Powers of two let rows share a grid.
    return low, high, _WIDEST_STEP * 2.0 ** np.minimum(np.floor(np.log2(third / _WIDEST_STEP)), 0)


def _groups(low: Array, high: Array, step: Array, rows: Counts) -> Iterator[tuple[Counts, Array]]:
    """Share out the rows to grids: of one step each, and split where one would be long for all of them."""
    for size in np.unique(step[rows]):
        chosen = rows[step[rows] == size]
        pending = [chosen[np.argsort(low[chosen], kind="stable")]]
        while pending:
            group = pending.pop()
            start, end = low[group].min(), high[group].max()
            widest = (high - low)[group].max()
            if len(group) > 1 and end - start > max(_SHARED_NODES * size, 2 * widest):
                pending += [group[: len(group) // 2], group[len(group) // 2 :]]
            else:
                yield group, start + size * np.arange(math.ceil((end - start) / size) + 1)
