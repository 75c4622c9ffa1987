"""Control variates: statistics of the counts whose exact means are known, and a mean regressed on them.

A simulation that drew too many singletons also got the estimates wrong in a known direction. How far
each statistic strayed from its exact mean tells by how much, and that part of the noise is taken out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from mcdiv.core.additive import CategoryLevels, Windows, mean_of
from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.fingerprints import by_count, distinct_counts
from mcdiv.core.moments import Moments

#: replicates that there must be for each control, and for each unit of a control's kurtosis
REPLICATES_EACH, REPLICATES_HEAVY = 100, 30
#: Estimates that take few different values are interpolated by the controls, which leaves no noise to judge by but
#: misses the rare values: of two replicates at most one pair in so many may agree
MIN_VARIETY = 50
#: different probabilities of a pmf, each with its window of counts
MAX_LEVELS = 20_000
#: the share of a control's variance that must be its own, not that of the controls before it
_OWN_SHARE = 1e-8
#: An event too rare to regress on, of probability ε, may add ε δ² to a variance σ², though no replicate shows it. With
#: δ² up to 10 σ², what the controls leave of σ² must be this many times ε, or it could be mostly that
_RARE_SHARE = 200
#: The least share of a variance that the controls are taken to leave: an additive estimator can be a combination of
#: them but for counts so high that no replicate shows one
_RESIDUAL_SHARE = 1e-6
#: the rounding of a mean
_ROUNDING = 1e-15


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is known of C controls without simulation."""

    #: exact means, shape (C,)
    mean: Array
    #: about how heavy their tails are: 3 for a normal law, 1/ε for an event of probability ε; shape (C,)
    kurtosis: Array


def few_levels(p: Pmf, q: Pmf | None) -> bool:
    """Whether exact means are had in seconds: a window is made for each different probability."""
    return all(_few_levels(pmf) for pmf in (p, q) if pmf is not None)


def _few_levels(p: Pmf) -> bool:
    # Asked for every block: some of a large alphabet's probabilities mostly tell.
    some = p[:: max(1, len(p) // (2 * MAX_LEVELS))]
    return len(p) <= MAX_LEVELS or (len(np.unique(some)) <= MAX_LEVELS and len(np.unique(p)) <= MAX_LEVELS)


def additive_controls(counts: Counts, draws: int, multiplicity: Array | None = None) -> Array:
    """Sums Σ_k f(n_k) over the counts (R, K) of so many draws, shape (R, C); some may stand for several categories."""
    values, times = distinct_counts(counts) if multiplicity is None else (counts, multiplicity)
    terms = [by_count(rule, values) for rule in _rules(draws)]
    if values.ndim == 1:
        return np.asarray(times @ np.stack(terms, axis=-1))
    return np.stack([(times * term).sum(axis=-1) for term in terms], axis=-1)


def linear_controls(counts: Counts, draws: int, values: Array) -> Array:
    """Averages over the draws of what one adds, Σ_k n_k c_k / N with c (K, L); shape (R, L)."""
    return np.asarray(counts @ values / draws)


def value_per_draw(p: Pmf, q: Pmf | None) -> Array:
    """What one draw adds to the linear controls, shape (K, L): −ln p; and −ln q and q/p where there is a Q."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        columns = [-np.log(p)] if q is None else [-np.log(p), -np.log(q), q / p]
    return np.stack([np.where(np.isfinite(column), column, 0.0) for column in columns], axis=-1)


def expected_controls(p: Pmf, levels: CategoryLevels, values: Array | None) -> Expected:
    """Exact means of the additive controls, over the levels of p, then of the linear ones if any."""
    rules = _rules(levels.draws)
    sums = np.zeros((len(rules), 3))
    for windows in levels.windows():
        sums += [_additive(rule(windows.counts), windows) for rule in rules]
    additive = [(mean, _kurtosis(excess, variance)) for mean, excess, variance in sums.tolist()]
    linear = [] if values is None else [_linear(column, p, levels.draws) for column in values.T]
    means, kurtosis = zip(*additive, *linear, strict=True)
    return Expected(mean=np.array(means), kurtosis=np.array(kurtosis))


def together(a: Expected, b: Expected) -> Expected:
    """The controls of two samples side by side."""
    return Expected(mean=np.append(a.mean, b.mean), kurtosis=np.append(a.kurtosis, b.kurtosis))


def tied_pairs(values: Array) -> Array:
    """How many pairs of these finite numbers are equal but for roundings, and how many pairs there are, shape (2,)."""
    ordered = np.sort(values)
    apart = np.diff(ordered) > 1e-11 * np.abs(ordered[1:])
    times = np.diff(np.concatenate([[0], np.flatnonzero(apart) + 1, [len(values)]]))
    return np.array([(times * (times - 1.0)).sum() / 2, len(values) * (len(values) - 1.0) / 2])


def controlled(moments: Moments, column: int, expected: Expected, ties: Array) -> tuple[float, float] | None:
    """Mean and standard error of a feature regressed on the controls, the last features; None if that claims nothing.

    It is the intercept of the least squares line where every control has its exact mean. The error counts
    R − 1 − c degrees of freedom, and how far the controls strayed; `ties` is what `tied_pairs` says of the
    replicates.
    """
    replicates, scatter = moments.weight, moments.scatter
    if ties[1] < MIN_VARIETY * max(1.0, ties[0]):
        return None
    first = len(moments.mean) - len(expected.mean)
    heavy = _heavy(expected, replicates)
    # Without a scatter beyond that of roundings a control is a constant, and says nothing.
    own = np.diag(scatter)[first:]
    varies = (own > replicates * (_ROUNDING * expected.mean) ** 2) & np.isfinite(own)
    kept, root = _independent(scatter[first:, first:], np.flatnonzero(~heavy & varies))
    if not kept or replicates < REPLICATES_EACH * len(kept):
        return None
    columns = [first + i for i in kept]
    strayed = moments.mean[columns] - expected.mean[kept]
    # With the scatter of the controls L Lᵀ: β = L⁻ᵀ L⁻¹ s, and what the line explains is |L⁻¹ s|².
    shared, distance = np.linalg.solve(root, np.stack([scatter[columns, column], strayed], axis=1)).T
    slope = np.linalg.solve(root.T, shared)
    spread = float(scatter[column, column])
    left = max(spread - float(shared @ shared), _RESIDUAL_SHARE * spread)
    if left < _RARE_SHARE * spread / float(expected.kurtosis[heavy].min(initial=math.inf)):
        return None
    residual = left / (replicates - 1 - len(kept))
    rounding = _ROUNDING * float(np.abs(slope) @ np.abs(expected.mean[kept]))
    mcse = math.hypot(math.sqrt(residual * (1 / replicates + float(distance @ distance))), rounding)
    return float(moments.mean[column] - slope @ strayed), mcse


def has_heavy(expected: Expected, replicates: float) -> bool:
    """Whether a control rests on events too rare for so many replicates to show enough of them."""
    return bool(_heavy(expected, replicates).any())


def _heavy(expected: Expected, replicates: float) -> NDArray[np.bool_]:
    # What is not finite is heavy: a kurtosis that overflows, or one that is ∞ − ∞.
    return ~(REPLICATES_HEAVY * expected.kurtosis <= replicates)


def _rules(draws: int) -> tuple[Callable[[Counts], Array], ...]:
    """What a category seen n times adds to the plug-in entropy, to S, f₁ and f₂, and to the share of equal pairs.

    All are 0 at n = 0: categories that cannot occur are not in the windows.
    """
    return (
        lambda n: entr(n / draws),
        lambda n: 1.0 * (n > 0),
        lambda n: 1.0 * (n == 1),
        lambda n: 1.0 * (n == 2),
        lambda n: (n / draws) * ((n - 1) / max(1, draws - 1)),
    )


def _additive(values: Array, windows: Windows) -> tuple[float, float, float]:
    """Of Σ f(n_k): its exact mean, and as if the categories were independent its excess fourth moment and variance."""
    mean = np.bincount(windows.level, windows.weights * values)
    off = (values - mean[windows.level]) ** 2
    variance, fourth = (np.bincount(windows.level, windows.weights * off**power) for power in (1, 2))
    excess = float(windows.size @ (fourth - 3 * variance**2))
    return mean_of(values, windows), excess, float(windows.size @ variance)


def _linear(values: Array, p: Pmf, draws: int) -> tuple[float, float]:
    """Exact mean and kurtosis of the average of f over independent draws."""
    mean = float(p @ values / p.sum())
    # In units of the farthest value that occurs: f may be q/p, whose square overflows.
    unit = float(np.abs(values - mean)[p > 0].max()) or 1.0
    off = np.where(p > 0, (values - mean) / unit, 0.0) ** 2
    variance, fourth = float(p @ off), float(p @ off**2)
    return mean, _kurtosis((fourth - 3 * variance**2) * draws, variance * draws)


def _kurtosis(excess: float, variance: float) -> float:
    # A control that never varies is left out for that; its tails do not matter.
    return 3 + excess / variance / variance if variance > 0 else 3.0


def _independent(scatter: Array, candidates: NDArray[np.int64]) -> tuple[list[int], Array]:
    """Candidates that are no combination of those before them, and the Cholesky root of their scatter."""
    kept: list[int] = []
    root = np.zeros((0, 0))
    for i in candidates:
        shared = np.linalg.solve(root, scatter[kept, i]) if kept else np.zeros(0)
        own = float(scatter[i, i] - shared @ shared)
        if own > _OWN_SHARE * scatter[i, i]:
            root = np.block([[root, np.zeros((len(kept), 1))], [shared[None], np.array([[math.sqrt(own)]])]])
            kept.append(int(i))
    return kept, root
