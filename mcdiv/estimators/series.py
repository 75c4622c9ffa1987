"""Entropy estimators with a corrected digamma series in place of the logarithm: Grassberger, Schürmann, Bonachela."""

import math
from typing import Annotated, Any

import numpy as np

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.domains import Domain, Number
from mcdiv.core.special import log_less_psi, power_integral, psi_step
from mcdiv.estimators.contract import Property, ReferenceValue, additive_estimator

#: the value recommended in 2004
XI_2004 = math.exp(-0.5)
XI = Domain(expected="a number in (0, 1]", accepts=lambda x: 0 < x <= 1)


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(2, 0), value=math.log(2) + np.euler_gamma - 4 / 3, origin="by hand: ln 2 − ψ(2) − 1/3"),
        ReferenceValue(counts=(1,), value=np.euler_gamma + 1 / 2, origin="by hand: −ψ(1) + 1/2"),
        ReferenceValue(
            counts=(7, 3),
            value=0.8773007578955785,
            origin="50 digits of 0.7 (ln 10 − ψ(7) + 1/8) + 0.3 (ln 10 − ψ(3) + 1/4)",
        ),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.ALTERNATES},
)
def grassberger_1988(n: Counts, N: Any, K: int) -> Array:
    """Digamma with a first alternating correction: an early remedy for data with many small counts.

    Formula: Ĥ = Σ_k (n_k/N) (ln N − ψ(n_k) − (−1)^n_k/(n_k + 1)), over the categories seen
    Valid:   N ≥ 1. Can be negative: −0.0630 for counts (2, 0).
    Source:  Grassberger (1988), Finite sample corrections to entropy and dimension estimates (not read: formula as
             later work restates it; peers that cite the paper put ln N first, some of them ψ(N))
    """
    seen = np.maximum(n, 1)
    alternating = np.where(seen % 2 == 0, 1.0, -1.0) / (seen + 1)
    # ln N − ψ(n) = ln(N/n) + (ln n − ψ(n))
    return np.asarray(n / N * (np.log1p((N - seen) / seen) + log_less_psi(seen) - alternating))


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(1,), value=0.5, origin="by hand: the integral of 1/(1+t) up to 1/ξ − 1 is −ln ξ"),
        ReferenceValue(counts=(2, 0), value=1.5 - math.sqrt(math.e), origin="by hand: −∫ t/(1+t) dt = −(y − ln(1+y))"),
        ReferenceValue(
            counts=(2, 0), parameters=(("xi", 0.5),), value=math.log(2) - 1, origin="by hand: Grassberger (2003)"
        ),
        ReferenceValue(
            counts=(1, 1, 1, 1), parameters=(("xi", 1),), value=11 / 6, origin="by hand: Zhang, 1 + 1/2 + 1/3"
        ),
        ReferenceValue(counts=(3, 1), parameters=(("xi", 0.25),), value=11 / 6 + math.log(4), origin="by hand: y = 3"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN},
)
def schurmann(n: Counts, N: Any, K: int, *, xi: Annotated[Number, XI] = XI_2004) -> Array:
    """Digamma with an alternating integral weighted by ξ: a smaller ξ gives less bias and more spread.

    Formula: Ĥ = ψ(N) − (1/N) Σ_k n_k [ψ(n_k) + (−1)^n_k ∫₀^{1/ξ−1} t^(n_k−1)/(1+t) dt]
    Valid:   N ≥ 1. ξ = 1 is Zhang's estimator, ξ = 1/2 Grassberger's of 2003. Can be negative. Its bias is
             −Σ p_k ∫₀^{1−p_k/ξ} u^(N−1)/(1−u) du: it vanishes where no p_k exceeds 2ξ, hence always for ξ ≥ 1/2,
             and grows with N where one does; where the integral of the formula overflows, it is undefined (NaN).
    Source:  Schürmann (2004), Bias analysis in entropy estimation, J. Phys. A 37, L295 (not read: formula as
             later work restates it, upper limit 1/ξ − 1; two R packages put ξ itself there)
    """
    seen = np.maximum(n, 1)
    integral = _integral(seen, float(xi))
    return np.asarray(n / N * (psi_step(seen, N - seen) - np.where(seen % 2 == 0, integral, -integral)))


@additive_estimator(
    "entropy",
    reference_values=[
        ReferenceValue(counts=(10, 0), value=11 / 144, origin="by hand: 11/12 · 1/12"),
        ReferenceValue(counts=(1, 1), value=7 / 12, origin="by hand: 2 · (2/4)(1/3 + 1/4)"),
        ReferenceValue(counts=(1,), value=2 / 9, origin="by hand: (2/3)(1/3)"),
    ],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def bonachela(n: Counts, N: Any, K: int) -> Array:
    """The estimator that balances squared bias and variance over all probabilities, for short series.

    Formula: Ĥ = 1/(N+2) Σ_k (n_k + 1) Σ_{j=n_k+2}^{N+2} 1/j, over the categories seen
    Valid:   N ≥ 1. Best where no probability is close to 0; for one category seen it is not 0 but (N+1)/(N+2)².
    Source:  Bonachela, Hinrichsen & Muñoz (2008), Entropy estimates of small data sets, J. Phys. A 41, 202001
             (abstract read; formula as later work restates it: the inner sum ends at N + 2, not at N + K)
    """
    # Σ_{j=n+2}^{N+2} 1/j = ψ(N+3) − ψ(n+2)
    return np.where(n > 0, (n + 1) / (N + 2) * psi_step(n + 2, N - n + 1), 0.0)


def _integral(n: Counts, xi: float) -> Array:
    """∫₀^y tⁿ⁻¹/(1+t) dt = yⁿ ∫₀¹ sⁿ⁻¹/(1 + ys) ds with y = 1/ξ − 1, for n ≥ 1; NaN where it overflows."""
    y = (1 - xi) / xi
    if y == 0:
        return np.zeros(np.shape(n))
    # Beyond this n the integral, below yⁿ/n, is lost beside ψ(n) (y < 1), or overflows (y > 1).
    last = 2**53 if y == 1 else min(2**53, math.ceil((45 if y < 1 else 700) / abs(math.log(y))))
    inside = np.minimum(n, last)
    # The few n that matter make a table, where that is less work than the counts.
    tabled = last < np.size(n)
    grid = np.arange(1, last + 1) if tabled else inside
    value = np.power(y, grid.astype(np.float64)) * power_integral(grid, 1 + y)
    return np.where(n > last, 0.0 if y < 1 else np.nan, value[inside - 1] if tabled else value)
