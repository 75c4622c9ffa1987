"""Logarithms and roots of fractions in decimals; how many digits a pair of pmfs takes; 30 of them as text."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, getcontext, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from math import isqrt, log10

#: digits of an output
DIGITS = 30
#: what is left for the roundings of a sum beside those and what cancels
_SPARE = 30

INFINITE = Decimal("inf")


def digits_for(p: Sequence[Fraction], q: Sequence[Fraction]) -> int:
    """Digits to compute with: what nearly cancels leaves the square of the smallest difference, 30 digits of it."""
    pairs = list(zip(p, q, strict=True))
    sizes = [*p, *q, *(abs(x - y) for x, y in pairs), *(abs(1 - x) for x in (*p, *q))]
    return DIGITS + _SPARE + 2 * max(_digits(x) for x in sizes if x > 0)


def _digits(x: Fraction) -> int:
    """How many powers of ten x lies from 1, roughly."""
    return int(abs(log10(x.numerator) - log10(x.denominator))) + 1


def decimal(x: Fraction) -> Decimal:
    """A fraction in the digits of the context."""
    return Decimal(x.numerator) / Decimal(x.denominator)


def ln(x: Fraction) -> Decimal:
    """ln x in the digits of the context, however close x is to 1; −∞ at 0."""
    if x == 0:
        return -INFINITE
    digits = getcontext().prec
    return _ln(x.numerator, x.denominator, digits) if x >= 1 else -_ln(x.denominator, x.numerator, digits)


@lru_cache(maxsize=4096)
def _ln(above: int, below: int, digits: int) -> Decimal:
    """ln of above/below ≥ 1.

    ln x = e ln 2 + 2 artanh y with y = (m − 1)/(m + 1) and m = x/2^e between 2/3 and 4/3. Decimal.ln takes a
    hundred times as long.
    """
    exponent = above.bit_length() - below.bit_length()
    below <<= exponent
    if 3 * above > 4 * below:
        exponent, below = exponent + 1, 2 * below
    elif 3 * above < 2 * below:
        exponent, above = exponent - 1, 2 * above
    rest = 2 * _artanh(above - below, above + below, digits)
    return rest if exponent == 0 else exponent * _ln_2(digits) + rest


@cache
def _ln_2(digits: int) -> Decimal:
    return 2 * _artanh(1, 3, digits)


def _artanh(above: int, below: int, digits: int) -> Decimal:
    """artanh y = y (1 + y²/3 + y⁴/5 + …) of y = above/below, |y| ≤ 1/3: what is in brackets in units of 2^-bits."""
    bits = 10 * digits // 3 + 16
    square = (above**2 << bits) // below**2
    total = power = 1 << bits
    k = 3
    while power := power * square >> bits:
        total += power // k
        k += 2
    return Decimal(above * total) / Decimal(below << bits)


def sum_of_roots(terms: Iterable[Fraction]) -> Decimal:
    """Σ √x; what has a rational root is added exactly, so that a sum that is 1 is 1."""
    exact, rest = Fraction(0), Decimal(0)
    for x in terms:
        above, below = isqrt(x.numerator), isqrt(x.denominator)
        if above**2 == x.numerator and below**2 == x.denominator:
            exact += Fraction(above, below)
        else:
            rest += decimal(x).sqrt()
    return decimal(exact) + rest


def text(x: Decimal | Fraction) -> str:
    """30 significant digits, without zeros at the end; inf and -inf."""
    context = Context(prec=DIGITS)
    with localcontext(context):
        short = decimal(x) if isinstance(x, Fraction) else +x
    if not short.is_finite():
        return "inf" if short > 0 else "-inf"
    if short == 0:
        return "0"
    whole = short.to_integral_value()
    if short == whole and abs(short) < 10**15:
        return str(int(short))
    return str(short.normalize(context)).lower()
