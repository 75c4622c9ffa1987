"""Special functions where SciPy's own would lose digits: small differences of ψ, ψ′ and ln Γ, and one integral.

    ψ(x) = ln x − 1/2x − …,   x ψ′(x) = 1 + 1/2x + …,   ln Γ(x) = (x − ½) ln x − x + ½ ln 2π + 1/12x − …

The remainders after the leading terms are small and smooth. Written with them, a difference of two large
values is the difference of two logarithms, which log1p gives exactly, and of two small numbers.
"""

import math
from typing import Any

import numpy as np
from scipy.special import gammaln, psi, zeta

from mcdiv.core.arrays import Array

#: from here on the asymptotic series below are exact to the last digit (DLMF 5.11.2, 5.15.8, 5.11.1)
_FAR = 10.0
# B₂ₖ/2k, B₂ₖ and B₂ₖ/(2k(2k−1)) with the Bernoulli numbers B₂, B₄, …
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_PSI = tuple(b / (2 * k) for k, b in enumerate(_BERNOULLI, start=1))
_GAMMA = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, start=1))
#: −ln of what is left out of a continued fraction
_DIGITS = 40.0


def log_less_psi(x: Any) -> Array:
    """ln x − ψ(x) for x > 0: positive, about 1/2x."""
    x = np.asarray(x, dtype=np.float64)
    far = np.maximum(x, _FAR)
    return _join(x, 0.5 / far + _series(_PSI, far), lambda near: np.log(near) - psi(near))


def psi_step(x: Any, step: Any) -> Array:
    """ψ(x + s) − ψ(x) for x > 0 and s ≥ 0; s is given, as x + s may have rounded it away."""
    return np.asarray(np.log1p(step / x) + (log_less_psi(x) - log_less_psi(x + step)))


def trigamma_excess(x: Any) -> Array:
    """x ψ′(x) − 1 for x > 0: positive, about 1/2x."""
    x = np.asarray(x, dtype=np.float64)
    far = np.maximum(x, _FAR)
    return _join(x, 0.5 / far + _series(_BERNOULLI, far), lambda near: near * zeta(2.0, near) - 1)


def log_gamma_remainder(x: Any) -> Array:
    """ln Γ(x) − (x − ½) ln x + x − ½ ln 2π for x > 0, about 1/12x."""
    x = np.asarray(x, dtype=np.float64)
    far = np.maximum(x, _FAR)
    constant = 0.5 * math.log(2 * math.pi)
    return _join(
        x, far * _series(_GAMMA, far), lambda near: gammaln(near) - (near - 0.5) * np.log(near) + near - constant
    )


def power_integral(n: Any, a: Any) -> Array:
    """∫₀¹ sⁿ⁻¹/(1 − (1 − a)s) ds = Σ_{m≥0} (1 − a)ᵐ/(n + m), for n ≥ 1 and a > 0 (the sum for a < 2)."""
    n, a = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(a, dtype=np.float64))
    logarithmic = (a < 0.05) & (n * a < 2)
    value = _by_fraction(n, np.where(logarithmic, 1.0, a))
    if logarithmic.any():
        value[logarithmic] = _by_logarithm(n[logarithmic], a[logarithmic])
    return value


def _by_fraction(n: Array, a: Array) -> Array:
    """₂F₁(1, 1; n+1; −x)/na with x = (1 − a)/a, by Gauss's continued fraction (DLMF 15.7.5), whose parts never cancel.

    1/Φ = a [n + nx/(n+1 + nx/(n+2 + 2(n+1)x/(n+3 + 2(n+1)x/(n+4 + 3(n+2)x/…))))]
    """
    x = (1 - a) / a
    # The error falls by this factor per level, or, for a < 1, at least as in e^z E₁(z), z = na: exp(−4√(z steps)).
    ratio = np.maximum(np.abs(np.sqrt(a) - 1) / (np.sqrt(a) + 1), 1e-300)
    steps = _DIGITS / -np.log(ratio) / 2
    steps = int(np.where(a < 1, np.minimum(steps, (_DIGITS / 4) ** 2 / (n * a)), steps).max(initial=0)) + 8
    value = n + 2 * steps
    for k in range(steps, 0, -1):
        numerator = k * (n + k - 1) * x
        value = (n + 2 * k - 2) + numerator / ((n + 2 * k - 1) + numerator / value)
    return np.asarray(1 / (a * value))


def _by_logarithm(n: Array, a: Array) -> Array:
    """Σ_k (n)_k/k! aᵏ [ψ(k+1) − ψ(n+k) − ln a], the expansion about the logarithmic singularity (DLMF 15.8.10)."""
    bracket = log_less_psi(n) - np.log(n * a) - np.euler_gamma
    weight = np.ones_like(n)
    total = np.zeros_like(n)
    for k in range(40):
        total += weight * bracket
        weight = weight * a * (n + k) / (k + 1)
        bracket = bracket + 1 / (k + 1) - 1 / (n + k)
    return total


def _series(coefficients: tuple[float, ...], x: Array) -> Array:
    """c₁/x² + c₂/x⁴ + …"""
    square = 1 / (x * x)
    total = np.zeros_like(square)
    for coefficient in reversed(coefficients):
        total += coefficient
        total *= square
    return total


def _join(x: Array, far: Any, direct: Any) -> Array:
    """`far` from 10 on, and `direct` below, where it is evaluated alone."""
    value = np.array(far)
    near = x < _FAR
    if near.any():
        value[near] = direct(x[near])
    return value
