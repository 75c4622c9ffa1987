"""The Pitman–Yor mixture: Bayes' mean entropy over all alphabets, countably infinite ones and power laws included."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.special import betaln, gammaln, psi, zeta

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.fingerprints import relabelled
from mcdiv.core.log_ratios import minus_log1p
from mcdiv.core.special import log_gamma_remainder, psi_step
from mcdiv.estimators.contract import Property, ReferenceValue, estimator

#: how strongly the prior prefers light tails: q(γ) = exp(−PENALTY/(1 − γ))
PENALTY = 10.0
#: what has less than e^−DROP of the highest density is left out
DROP = 27.0
#: where the posterior is looked for: ln α, and φ with d = sin² φ; what lies outside has a density below e^−DROP
LOG_ALPHA, PHI = (-25.0, 120.0), (1e-8, np.pi / 2 - 0.03)
#: nodes and rounds of a search, nodes of the integrals over α and φ, and samples at a time
SEARCH_NODES, SEARCH_ROUNDS, ALPHA_NODES, PHI_NODES, BLOCK = 16, 4, 80, 48, 256


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(
            counts=(1, 2, 3, 2, 1),
            value=2.29108922524645,
            origin="18 digits of the formula with mpmath: trapezoid rule in ln α and logit d, steps of 1/4",
        ),
        ReferenceValue(
            counts=(1, 2, 2, 4), value=1.81458043928145, origin="18 digits of the formula with mpmath, as above"
        ),
        ReferenceValue(counts=(7, 3), value=0.820162071316687, origin="18 digits of the formula with mpmath, as above"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def pym(counts: Counts) -> Nats:
    """Mean of the entropy's posterior under a mixture of Pitman–Yor processes that makes its prior nearly flat.

    Formula: Ĥ = ∫∫ E[H|α, d, n] p(n|α, d) q(γ) dh dγ / ∫∫ p(n|α, d) q(γ) dh dγ over 0 < h < ∞, 0 < γ < 1,
             h = ψ(α+1) − ψ(1−d), γ = (ψ(1) − ψ(1−d))/h, q(γ) = exp(−10/(1−γ)): flat in (h, γ) but for q, so with
             the Jacobian of (h, γ) in (α, d); without it, flat in (α, d), (1, 2, 3, 2, 1) gives 2.84 instead of 2.29.
             E[H|α, d, n] = ψ(α+N+1) − (α+Sd)/(α+N) ψ(1−d) − Σ (n_k−d) ψ(n_k−d+1)/(α+N),
             p(n|α, d) = Π_{l=1}^{S−1} (α+ld) Π_k Γ(n_k−d)/Γ(1−d) · Γ(1+α)/Γ(N+α), over the S categories seen
    Valid:   N ≥ 1; NaN where no category was seen twice (N = S): the posterior is improper. Relative error of the
             quadrature below 1e-8 (uniform and Zipf, N = 20 … 10⁹). About 6 ms a sample. K is not used: the support
             is infinite, and Ĥ exceeds ln K easily.
    Source:  Archer, Park & Pillow (2014), Bayesian entropy estimation for countable discrete distributions, JMLR 15,
             arXiv:1302.0328 (recalled, not read again); q: the authors' documentation. Their program's example,
             2.1476 for (1, 2, 2, 4), is neither with the Jacobian (1.8146) nor without (2.2440).
    """
    rows = counts.reshape(-1, counts.shape[-1])
    first, place = relabelled(rows)  # small samples repeat
    blocks = [_posterior_means(_Seen.of(rows[first[i : i + BLOCK]])) for i in range(0, len(first), BLOCK)]
    return np.asarray(np.concatenate([*blocks, np.empty(0)])[place].reshape(counts.shape[:-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the posterior needs of a block of samples: which counts there are, and how often, sample after sample."""

    #: draws and categories seen, shape (B, 1, 1)
    N: Array
    S: Array
    #: for each sample its distinct counts, how many categories have it, which sample it is; all (L,)
    values: Array
    multiplicity: Array
    sample: Counts
    #: where each sample's counts start, (B,)
    starts: Counts

    @classmethod
    def of(cls, counts: Counts) -> "_Seen":
        """Sort each sample and keep where the value changes."""
        ordered = np.sort(counts, axis=-1)
        first = np.ones(ordered.shape, dtype=bool)
        first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        places = np.flatnonzero(first)
        multiplicity = np.diff(places, append=ordered.size)
        kept = ordered.reshape(-1)[places] > 0
        sample = places[kept] // counts.shape[-1]
        return cls(
            N=counts.sum(axis=-1)[:, None, None].astype(np.float64),
            S=(counts > 0).sum(axis=-1)[:, None, None].astype(np.float64),
            values=ordered.reshape(-1)[places][kept].astype(np.float64),
            multiplicity=multiplicity[kept].astype(np.float64),
            sample=sample,
            starts=np.searchsorted(sample, np.arange(len(counts))),
        )

    def total(self, term: Callable[[Array, Array], Array], d: Array) -> Array:
        """Σ_k term(n_k, d) per sample and d, shape (B, D): one d at a time, to hold no more than the counts."""
        columns = [
            np.add.reduceat(self.multiplicity * term(self.values, column[self.sample]), self.starts) for column in d.T
        ]
        return np.stack(columns, axis=-1)


def _posterior_means(seen: _Seen) -> Nats:
    """E[H | n] of a block, shape (B,)."""
    samples = len(seen.starts)

    def profile(phi: Array) -> Array:
        density = _density(seen, phi)
        low, high = _bracket(density, *(np.full(phi.shape, end) for end in LOG_ALPHA))
        return np.asarray(density(_between(low, high, SEARCH_NODES)).max(axis=-1))

    low, high = _bracket(profile, *(np.full(samples, end) for end in PHI))
    share, weights = _clustered_nodes()
    phi = low[:, None] + (high - low)[:, None] * share
    density = _density(seen, phi)
    t = _between(*_bracket(density, *(np.full(phi.shape, end) for end in LOG_ALPHA)), ALPHA_NODES)
    logs = density(t)
    # The trapezoid rule: what it leaves at the ends is e^−DROP of the peak. Its step differs from φ to φ.
    mass = np.exp(logs - logs.max(axis=(-2, -1), keepdims=True)) * (t[..., 1:2] - t[..., :1]) * weights[:, None]
    mean = (mass * _mean_entropy(seen, phi, t)).sum(axis=(-2, -1)) / mass.sum(axis=(-2, -1))
    return np.asarray(np.where(seen.N[:, 0, 0] > seen.S[:, 0, 0], mean, np.nan))


def _bracket(density: Callable[[Array], Array], low: Array, high: Array) -> tuple[Array, Array]:
    """Close in on where a density (its logarithm) with a single peak exceeds e^−DROP of the peak."""
    for _ in range(SEARCH_ROUNDS):
        nodes = _between(low, high, SEARCH_NODES)
        logs = density(nodes)
        high_enough = logs > logs.max(axis=-1, keepdims=True) - DROP
        # One node more on each side: a peak between two nodes may be higher than both.
        first = np.maximum(high_enough.argmax(axis=-1) - 1, 0)
        last = np.minimum(SEARCH_NODES - high_enough[..., ::-1].argmax(axis=-1), SEARCH_NODES - 1)
        low, high = (np.take_along_axis(nodes, i[..., None], axis=-1)[..., 0] for i in (first, last))
    return low, high


def _clustered_nodes() -> tuple[Array, Array]:
    """Gauss–Legendre's rule for u in [0, 1] with φ ∝ u²(3 − 2u): dense at both ends, where d = 0 is a singularity."""
    x, weights = leggauss(PHI_NODES)
    u = (1 + x) / 2
    return u**2 * (3 - 2 * u), weights * u * (1 - u)


def _between(low: Array, high: Array, nodes: int) -> Array:
    return np.asarray(low[..., None] + (high - low)[..., None] * np.linspace(0, 1, nodes))


def _density(seen: _Seen, phi: Array) -> Callable[[Array], Array]:
    """ln of the posterior density in (φ, t = ln α), up to a constant; of t (B, D, T), for φ (B, D)."""
    d = np.sin(phi) ** 2
    # ln Π Γ(n−d)/Γ(1−d): what the counts say of d, whatever α is.
    spread = seen.total(lambda n, d: _log_gamma_step(n, d) - gammaln(1 - d), d)
    heavy = (psi(1) - psi(1 - d))[..., None]
    fixed = (spread + np.log(zeta(2, 1 - d)) + np.log(np.sin(2 * phi)))[..., None]
    d = d[..., None]

    def density(t: Array) -> Array:
        alpha = np.exp(t)
        light = psi(1 + alpha) - psi(1)
        h = light + heavy
        novelty = (seen.S - 1) * np.log(d) + _log_rising(alpha / d + 1, seen.S - 1)
        # dh dγ = d(light) d(heavy)/h, ψ′(x) = ζ(2, x), and 1/(1 − γ) = h/light.
        prior = np.log(zeta(2, 1 + alpha)) + t - np.log(h) - PENALTY * h / light
        return np.asarray(fixed + novelty + _log_beta(alpha + 1, seen.N - 1) + prior)

    return density


def _mean_entropy(seen: _Seen, phi: Array, t: Array) -> Array:
    """E[H | α, d, n], shape (B, D, T)."""
    d = np.sin(phi) ** 2
    # With ψ(α+N+1) taken apart at ψ(N+1), all terms are positive, and those of a category do not depend on α.
    known = seen.total(lambda n, d: (n - d) * psi_step(n - d + 1, seen.N[seen.sample, 0, 0] - n + d), d)[..., None]
    d, alpha = d[..., None], np.exp(t)
    later = psi_step(seen.N + 1, alpha)
    unknown = (alpha + seen.S * d) * (psi_step(1 - d, seen.N + d) + later)
    return np.asarray((unknown + known + (seen.N - seen.S * d) * later) / (alpha + seen.N))


def _log_rising(x: Array, steps: Array) -> Array:
    """ln x(x+1)…(x+steps−1). Through the beta function, which keeps its digits where x ≫ steps."""
    return np.where(steps > 0, gammaln(np.maximum(steps, 1)) - _log_beta(x, steps), 0.0)


def _log_beta(x: Array, steps: Array) -> Array:
    """−ln x(x+1)…(x+steps−1) but for ln Γ(steps), which for a large sample would take all digits."""
    return np.where(steps > 0, betaln(x, np.maximum(steps, 1)), 0.0)


def _log_gamma_step(n: Array, d: Array) -> Array:
    """ln Γ(n − d) − ln Γ(n) for n ≥ 1 > d, both too large to leave digits of their difference for large n."""
    e = -d / n
    small = d / (2 * n) - (n - 0.5) * minus_log1p(e)
    return np.asarray(small - d * np.log(n - d) + (log_gamma_remainder(n - d) - log_gamma_remainder(n)))
