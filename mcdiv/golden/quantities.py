"""The quantities of a pair of pmfs, as written down: each a function of two tuples of fractions, in nats."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from mcdiv.golden.decimals import INFINITE, decimal, ln, sum_of_roots

Pmf: TypeAlias = tuple[Fraction, ...]
#: None where there is no value
Value: TypeAlias = Decimal | Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What is given of every pair."""

    formula: str
    #: nats, or 1
    unit: str
    of: Callable[[Pmf, Pmf], Value | list[Value]]
    #: whether it is meant for pmfs that sum to 1 alone
    normalised_only: bool = False


def _x_ln(x: Fraction, ratio: Fraction) -> Decimal:
    """x ln(ratio), and 0 for x = 0 whatever the ratio is."""
    return Decimal(0) if x == 0 else decimal(x) * ln(ratio)


def _terms(p: Pmf, q: Pmf) -> Iterator[Decimal]:
    """p ln(p/q), category by category."""
    for x, y in zip(p, q, strict=True):
        yield Decimal(0) if x == 0 else INFINITE if y == 0 else _x_ln(x, x / y)


def _entropy(p: Pmf) -> Decimal:
    return -sum((_x_ln(x, x) for x in p), Decimal(0))


def _cross_entropy(p: Pmf, q: Pmf) -> Decimal:
    return -sum((_x_ln(x, y) for x, y in zip(p, q, strict=True)), Decimal(0))


def _kl(p: Pmf, q: Pmf) -> Decimal:
    return sum(_terms(p, q), Decimal(0))


def _js(p: Pmf, q: Pmf) -> Decimal:
    middle = tuple((x + y) / 2 for x, y in zip(p, q, strict=True))
    return (_kl(p, middle) + _kl(q, middle)) / 2


def _total_variation(p: Pmf, q: Pmf) -> Fraction:
    return sum((abs(x - y) for x, y in zip(p, q, strict=True)), Fraction(0)) / 2


def _squared_hellinger(p: Pmf, q: Pmf) -> Decimal:
    if p == q:
        return Decimal(0)
    return sum(((decimal(x).sqrt() - decimal(y).sqrt()) ** 2 for x, y in zip(p, q, strict=True)), Decimal(0)) / 2


def _ratios(p: Pmf, q: Pmf) -> Fraction | None:
    """Σ p²/q; None where it is infinite."""
    if any(x > 0 and y == 0 for x, y in zip(p, q, strict=True)):
        return None
    return sum((x * x / y for x, y in zip(p, q, strict=True) if x > 0), Fraction(0))


def _chi_squared(p: Pmf, q: Pmf) -> Value:
    ratios = _ratios(p, q)
    return INFINITE if ratios is None else ratios - 2 * sum(p) + sum(q)


def _renyi_divergence_2(p: Pmf, q: Pmf) -> Decimal:
    ratios = _ratios(p, q)
    return INFINITE if ratios is None else ln(ratios)


def _renyi_divergence_half(p: Pmf, q: Pmf) -> Decimal:
    overlap = sum_of_roots(x * y for x, y in zip(p, q, strict=True))
    return INFINITE if overlap == 0 else -2 * ln(Fraction(overlap))


def _plain_sum_error(p: Pmf, q: Pmf) -> Value:
    """In rounding units: p ln(p/q) has one of p, from the ratio, and one of itself. None where KL is 0 or infinite."""
    kl = _kl(p, q)
    if kl == 0 or not kl.is_finite():
        return None
    return (decimal(sum(p, Fraction(0))) + sum((abs(term) for term in _terms(p, q)), Decimal(0))) / abs(kl)


def _gradient_p(p: Pmf, q: Pmf) -> list[Value]:
    def slope(x: Fraction, y: Fraction) -> Value:
        if x == 0:
            return None if y == 0 else -INFINITE
        return INFINITE if y == 0 else ln(x / y) + 1

    return [slope(x, y) for x, y in zip(p, q, strict=True)]


def _gradient_q(p: Pmf, q: Pmf) -> list[Value]:
    return [Fraction(0) if x == 0 else -INFINITE if y == 0 else -x / y for x, y in zip(p, q, strict=True)]


def _gradient_logits_p(p: Pmf, q: Pmf) -> list[Value] | None:
    kl = _kl(p, q)
    if not kl.is_finite():
        return None
    return [term - decimal(x) * kl for x, term in zip(p, _terms(p, q), strict=True)]


def _gradient_logits_q(p: Pmf, q: Pmf) -> list[Value] | None:
    return [y - x for x, y in zip(p, q, strict=True)] if _kl(p, q).is_finite() else None


#: in the order in which they are written
QUANTITIES = {
    "entropy": Quantity(formula="H(P) = -Σ p ln p", unit="nats", of=lambda p, q: _entropy(p)),
    "entropy_of_q": Quantity(formula="H(Q) = -Σ q ln q", unit="nats", of=lambda p, q: _entropy(q)),
    "cross_entropy": Quantity(formula="H(P, Q) = -Σ p ln q", unit="nats", of=_cross_entropy),
    "cross_entropy_reverse": Quantity(formula="H(Q, P) = -Σ q ln p", unit="nats", of=lambda p, q: _cross_entropy(q, p)),
    "kl_divergence": Quantity(formula="KL(P‖Q) = Σ p ln(p/q)", unit="nats", of=_kl),
    "kl_divergence_reverse": Quantity(formula="KL(Q‖P) = Σ q ln(q/p)", unit="nats", of=lambda p, q: _kl(q, p)),
    "plain_sum_error": Quantity(
        formula="Σ p (1 + |ln(p/q)|) / |KL(P‖Q)|: by so many rounding units a plain sum can be off",
        unit="1",
        of=_plain_sum_error,
    ),
    "generalised_kl": Quantity(
        formula="Σ (p ln(p/q) - p + q)", unit="nats", of=lambda p, q: _kl(p, q) + decimal(sum(q) - sum(p) + Fraction(0))
    ),
    "jeffreys_divergence": Quantity(
        formula="J(P, Q) = KL(P‖Q) + KL(Q‖P), also called PSI", unit="nats", of=lambda p, q: _kl(p, q) + _kl(q, p)
    ),
    "js_divergence": Quantity(
        formula="JS(P, Q) = (KL(P‖M) + KL(Q‖M))/2 with m = (p + q)/2; the distance is its root", unit="nats", of=_js
    ),
    "renyi_entropy_half": Quantity(
        formula="H_1/2(P) = 2 ln Σ √p", unit="nats", of=lambda p, q: 2 * ln(Fraction(sum_of_roots(p)))
    ),
    "renyi_entropy_2": Quantity(
        formula="H_2(P) = -ln Σ p²", unit="nats", of=lambda p, q: -ln(sum((x * x for x in p), Fraction(0)))
    ),
    "min_entropy": Quantity(formula="H_∞(P) = -ln max p", unit="nats", of=lambda p, q: -ln(max(p))),
    "tsallis_entropy_2": Quantity(
        formula="T_2(P) = 1 - Σ p²", unit="1", of=lambda p, q: 1 - sum((x * x for x in p), Fraction(0))
    ),
    "renyi_divergence_half": Quantity(formula="D_1/2(P‖Q) = -2 ln Σ √(p q)", unit="nats", of=_renyi_divergence_half),
    "renyi_divergence_2": Quantity(formula="D_2(P‖Q) = ln Σ p²/q", unit="nats", of=_renyi_divergence_2),
    "total_variation": Quantity(formula="TV(P, Q) = Σ |p - q| / 2", unit="1", of=_total_variation),
    "squared_hellinger": Quantity(formula="Hel²(P, Q) = Σ (√p - √q)² / 2", unit="1", of=_squared_hellinger),
    "chi_squared": Quantity(formula="χ²(P‖Q) = Σ (p - q)² / q", unit="1", of=_chi_squared),
    "gradient_p": Quantity(formula="∂KL(P‖Q)/∂p = ln(p/q) + 1, each p free", unit="nats", of=_gradient_p),
    "gradient_q": Quantity(formula="∂KL(P‖Q)/∂q = ∂H(P, Q)/∂q = -p/q, each q free", unit="nats", of=_gradient_q),
    "gradient_logits_p": Quantity(
        formula="∂KL(P‖Q)/∂z with p = softmax(z): p (ln(p/q) - KL(P‖Q))",
        unit="nats",
        of=_gradient_logits_p,
        normalised_only=True,
    ),
    "gradient_logits_q": Quantity(
        formula="∂KL(P‖Q)/∂z with q = softmax(z): q - p", unit="nats", of=_gradient_logits_q, normalised_only=True
    ),
}
