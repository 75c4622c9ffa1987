"""How numbers are written for a person: to the digits that their standard error supports."""

import math
import re
import sys
from collections.abc import Iterable
from typing import Any

from mcdiv.core.performance import Measured

#: digits behind the point that a number of size 1 has
_DIGITS = 15
#: an error from which on numbers are written with a power of ten
_LARGE = 1e6
#: the size below which a concise number is written with a power of ten, and the share of it that an error must have
_SMALL, _NEGLIGIBLE = 1e-4, 1e-5
#: nines behind the point that a share in per cent is written with
_MAX_NINES = 3


def rounded(measured: Measured) -> str:
    """A value to the digits that its MCSE supports: −0.05303 ± 0.00024."""
    return " ± ".join(filter(None, value_and_error(measured)))


def value_and_error(measured: Measured) -> tuple[str, str]:
    """The same in two: the value, and its MCSE, which is empty where there is none."""
    if not math.isfinite(measured.value) or not measured.mcse > 0:
        return figure(measured.value), ""
    if math.isinf(measured.mcse):
        return figure(measured.value), "∞"
    if measured.mcse >= _LARGE:
        return _sign(_large(measured.value, measured.mcse)), _sign(f"{measured.mcse:.2g}")
    digits = max(0, 1 - math.floor(math.log10(measured.mcse)))
    if digits > _DIGITS or (measured.mcse < 1e-6 and abs(measured.value) < 1e-3):
        return _sign(f"{measured.value:.3g}"), _sign(f"{measured.mcse:.1g}")
    return _sign(f"{measured.value:.{digits}f}"), _sign(f"{measured.mcse:.{digits}f}")


def concise(measured: Measured) -> str:
    """A value with one digit of its MCSE in brackets, −0.0530(2); to three significant digits where it has none.

    An MCSE that would stand behind the fifth significant digit is left out as well.
    """
    value, mcse = measured.value, measured.mcse
    if not math.isfinite(value) or not 0 < mcse < math.inf or mcse < _NEGLIGIBLE * abs(value):
        return _three_digits(value)
    size = max(abs(value), mcse, sys.float_info.min * 1e3)
    power = math.floor(math.log10(size)) if size >= _LARGE or size < _SMALL else 0
    value, mcse = value / 10.0**power, mcse / 10.0**power
    digits = max(0, -math.floor(math.log10(mcse)))
    return _sign(f"{value:.{digits}f}({mcse * 10**digits:.0f})" + (f"e{power:+03d}" if power else ""))


def _three_digits(value: float) -> str:
    if not math.isfinite(value) or not value:
        return figure(value)
    if not _SMALL <= abs(value) < _LARGE:
        return _sign(f"{value:.2e}")
    digits = max(0, 2 - math.floor(math.log10(abs(float(f"{value:.2e}")))))
    return _sign(f"{value:.{digits}f}")


def span(low: float, high: float, error: float, end_error: float = 0.0) -> str:
    """An interval to the digits that a standard error, and that of its ends where they rest on draws, support."""
    if math.isnan(low) or math.isnan(high):
        return "–"
    digits = max(0, 1 - math.floor(math.log10(error))) if 0 < error < math.inf else math.inf
    if digits > _DIGITS or max(-low, high) >= 10**_DIGITS:
        return f"[{figure(low)}, {figure(high)}]"
    if 0 < end_error < math.inf:
        digits = min(digits, max(0, math.floor(-math.log10(end_error))))
    # An end beside 0 is not shown as 0: whether the interval contains 0 would be lost.
    ends = (f"{end:.{digits}f}" if not end or float(f"{end:.{digits}f}") else f"{end:.1g}" for end in (low, high))
    return _sign(f"[{', '.join(ends)}]")


def figure(value: float) -> str:
    """A value known without error, to six significant digits."""
    return "–" if math.isnan(value) else _sign(f"{value:.6g}")


def rounded_up(value: float) -> float:
    """A bound to one digit, not below the value, which is >= 0."""
    digit, power = f"{value:.0e}".split("e")
    return float(f"{int(digit) + (float(f'{digit}e{power}') < value)}e{power}")


def counted(number: int, word: str, many: str = "") -> str:
    """So many of them: 1 condition, 1,200 conditions, 3 categories."""
    return f"{number:,} {word if number == 1 else many or word + 's'}"


def amount(size: str, units: str) -> str:
    """A size as written, with its unit: 0.5 bits, 1 bit, or without one, where that is "1"."""
    if units == "1":
        return size
    return f"{size} {units.removesuffix('s') if size == '1' else units}"


def joined(names: Iterable[str]) -> str:
    """Names in a sentence: "plugin, zhang and nsb"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def percent(share: float) -> str:
    """A share in per cent, with more digits where it is near 0 or 1: only 1 is 100 %."""
    if math.isnan(share):
        return "–"
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if 0 < share < 0.001:
        return _sign(f"{100 * share:.1g} %")
    if 0.999 < share < 1:
        digits = -math.floor(math.log10(100 * (1 - share)))
        return f"{100 * share:.{digits}f} %" if digits <= _MAX_NINES else f"more than {100 - 10**-_MAX_NINES:g} %"
    return f"{100 * share:.1f} %" if 0.99 < share < 1 or share < 0.01 else f"{100 * share:.0f} %"


def percent_of_level(level: float) -> str:
    """A level as it was given: 99.999999 % is not 100 %."""
    return f"{100 * level:.15g} %"


def _large(value: float, error: float) -> str:
    """A value with as many significant digits as an error of that size leaves it, at most six."""
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(error)) + 2 if value else 0
    return f"{value:.{min(digits, 6)}g}" if digits > 0 else "0"


def _sign(text: str) -> str:
    """With a true minus sign, none before a zero, and ∞."""
    return re.sub(r"-(?=0(\.0*)?(?![\d.e]))", "", text).replace("-", "−").replace("inf", "∞")


def for_json(value: Any) -> Any:
    """A value for JSON: None where there is none, "inf" where it is infinite."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)
