"""The "unseen" estimator: the simplest histogram of probabilities that explains how often symbols were repeated."""

import numpy as np
from scipy.special import gammaln, xlogy

from mcdiv.core.arrays import Array, Counts, Nats
from mcdiv.core.fingerprints import relabelled
from mcdiv.estimators.contract import Property, ReferenceValue, estimator
from mcdiv.estimators.lifts import plugin_terms

#: neighbouring probabilities of the grid differ by this factor
GRID_FACTOR = 1.05
#: by how much the simplest histogram may explain the sample worse than the best one
SLACK = 0.5
#: counts above it always keep their frequencies: the linear programs have a row for every count up to the largest
LARGEST = 10_000


@estimator(
    "entropy",
    reference_values=[
        ReferenceValue(
            counts=(10, 0), value=0.0, origin="by hand: 10 is a count on its own, so it keeps its frequency"
        ),
        ReferenceValue(
            counts=(10, 10), value=0.6931471805599453, origin="by hand: two lie within 10 ± 4, fewer than √10"
        ),
        ReferenceValue(
            counts=(1, 2, 3, 2, 1),
            value=1.6017,
            origin="DiscreteEntropy.jl, test against the authors' program (four decimals)",
        ),
        ReferenceValue(
            counts=(1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5),
            value=2.2612,
            origin="DiscreteEntropy.jl, test against the authors' program (four decimals)",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def unseen(counts: Counts) -> Nats:
    """Entropy of the pmf with the fewest categories that explains how many symbols occurred once, twice, three times …

    Formula: f_i = #{k: n_k = i}. A count i is sparse if fewer than √i categories have counts within i ± ⌈√i⌉; it keeps
             its frequency. The others are explained by h_x ≥ 0 categories of probability x, on the grid
             x = 1.05^j/(N max(10, N)) up to the largest of them, i*/N: the total mass Σ_x x h_x is what the sparse
             leave, the misfit D(h) = Σ_i |f_i − Σ_x h_x Poi(i; N x)|/√(f_i + 1) runs to i* + ⌈√i*⌉ (f_i = 0 where
             sparse), and h minimises Σ_x h_x subject to D(h) ≤ min D + ½.
             Ĥ = −Σ_sparse f_i (i/N) ln(i/N) − Σ_x h_x x ln x
    Valid:   N ≥ 1; K is not used. Two linear programs per fingerprint: some 15 ms a sample, seconds with counts in the
             thousands. Counts above 10,000 always keep their frequencies, which the paper does not do. NaN should the
             solver fail. Where hundreds of categories have counts near 100 or more the grid is coarser than their
             deviation and the plug-in is better. For N = 1 the grid ends beyond 1.
    Source:  Valiant & Valiant (2017), Estimating the unseen: improved estimators for entropy and other properties,
             J. ACM 64, and its constants as published there with the algorithm (1.05 and ½; recalled, not read again);
             verified against four values of the authors' and another program
    """
    rows = counts.reshape(-1, counts.shape[-1])
    first, place = relabelled(rows)  # small samples repeat
    estimates = [_estimate(*np.unique(row[row > 0], return_counts=True)) for row in rows[first]]
    return np.array(estimates, dtype=np.float64)[place].reshape(counts.shape[:-1])


def _estimate(seen: Counts, categories: Counts) -> float:
    """Ĥ from the fingerprint: `categories` of them were seen `seen` times, in ascending order."""
    N = int((seen * categories).sum())
    width = np.ceil(np.sqrt(seen)).astype(np.int64)
    below = np.concatenate([[0], np.cumsum(categories)])
    near = below[np.searchsorted(seen, seen + width, "right")] - below[np.searchsorted(seen, seen - width)]
    sparse = (near < np.sqrt(seen)) | (seen > LARGEST)
    kept = float((categories[sparse] * plugin_terms(seen[sparse], N, len(seen))).sum())
    if sparse.all():
        return kept
    last = int(seen[~sparse][-1])
    fingerprint = np.zeros(last + int(np.ceil(np.sqrt(last))))
    fingerprint[seen[~sparse] - 1] = categories[~sparse]
    # Everything in draws, N x rather than x: for large N the solver's tolerances would swallow the probabilities.
    lowest = 1 / max(10, N)
    steps = np.arange(np.ceil(np.log(last / lowest) / np.log(GRID_FACTOR)) + 1)
    rates = lowest * GRID_FACTOR**steps
    draws = _simplest(fingerprint, rates)
    return kept - float(draws @ np.log(rates / N)) / N


def _simplest(fingerprint: Array, rates: Array) -> Array:
    """N x h_x of the histogram with the fewest categories whose misfit is within SLACK of the least; per N x."""
    # SciPy's solver and sparse arrays take longer to load than the rest of mcdiv's arithmetic, and serve only here.
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    i = np.arange(1, len(fingerprint) + 1)
    # In terms of N x h_x rather than h_x the columns are of one size; the last row is their sum, the draws.
    explained = csr_array(np.vstack([(_poisson(i, rates[:, None]) / rates[:, None]).T, np.ones(len(rates))]))
    deviation = eye_array(len(i) + 1, len(i))
    # Unknowns: N x h_x, then how far each f_i lies below, and above, what is expected of it.
    equations = hstack([explained, -deviation, deviation], format="csr")
    values = np.append(fingerprint, i @ fingerprint)
    misfit = np.concatenate([np.zeros(len(rates)), *[1 / np.sqrt(fingerprint + 1)] * 2])
    categories = np.concatenate([1 / rates, np.zeros(2 * len(i))])
    best = linprog(misfit, A_eq=equations, b_eq=values)
    if best.fun is None:
        return np.full(len(rates), np.nan)
    simplest = linprog(categories, A_ub=misfit[None], b_ub=[best.fun + SLACK], A_eq=equations, b_eq=values)
    return np.full(len(rates), np.nan) if simplest.x is None else np.asarray(simplest.x[: len(rates)])


def _poisson(i: Counts, rate: Array) -> Array:
    """Poi(i; rate). What lies far out is 0, so that the programs stay sparse."""
    likely = np.exp(xlogy(i, rate) - rate - gammaln(i + 1))
    return np.where(likely > 1e-30, likely, 0.0)
