"""Number formats narrower than float64, and decimals: what rounds to them, and which of them holds some numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array

#: decimals that Python's shortest form of a float has at most, where it was written by a person or a program's print
_MOST_DECIMALS = 12
#: bits of float32, and roundings of a sum in it that `as_pmf` allows for, too
_SINGLE, _ROUNDINGS = 24, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A binary format: its significand, and how numbers are rounded to it."""

    name: str
    #: significant bits, the hidden one among them
    bits: int
    #: the exponent of its smallest normal number
    lowest: int
    rounded: Callable[[Array], Array]

    def holds(self, values: Array) -> bool:
        """Whether each of these is exactly a number of the format."""
        return bool((self.rounded(values) == values).all())

    def spacing(self, values: Array) -> Array:
        """The distance between neighbouring numbers of the format, at each of these; 0 where there is none."""
        _, exponents = np.frexp(values)
        finite = np.isfinite(values) & (values != 0)
        return np.where(finite, np.ldexp(1.0, np.maximum(exponents - 1, self.lowest) - self.bits + 1), 0.0)

    def rounding_of_sum(self, values: Array, scale: Array) -> float:
        """How much the sum of f(values) with slopes `scale` is off at most where each value was rounded once.

        Values in float32 are usually computed in it as well, which adds some roundings of the sum.
        """
        rounded = 0.5 * float((scale * self.spacing(values)).sum())
        return max(rounded, _ROUNDINGS * 2.0 ** (1 - self.bits)) if self.bits == _SINGLE else rounded


def _float32(values: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values, np.float64).astype(np.float32).astype(np.float64)


def _float16(values: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(values, np.float64).astype(np.float16).astype(np.float64)


def _bfloat16(values: Array) -> Array:
    """By way of float32, the upper 16 bits of which are a bfloat16; to the nearest, ties to even."""
    with np.errstate(over="ignore", under="ignore"):
        bits = np.asarray(values, np.float64).astype(np.float32).view(np.uint32)
    up = (bits >> np.uint32(16)) & np.uint32(1)
    upper = (bits + np.uint32(0x7FFF) + up) & np.uint32(0xFFFF0000)
    rounded = np.where(bits & np.uint32(0x7FFFFFFF) >= np.uint32(0x7F800000), bits, upper).astype(np.uint32)
    return rounded.view(np.float32).astype(np.float64)


#: the narrowest first
FORMATS = {
    each.name: each
    for each in (
        Format(name="bfloat16", bits=8, lowest=-126, rounded=_bfloat16),
        Format(name="float16", bits=11, lowest=-14, rounded=_float16),
        Format(name="float32", bits=24, lowest=-126, rounded=_float32),
    )
}


def narrowest(values: Array) -> Format | None:
    """The narrowest format that holds all of these exactly; None where only float64 does."""
    return next((each for each in FORMATS.values() if each.holds(values)), None)


def decimals_of(values: Array) -> int | None:
    """The decimals that each of these is written with at most; None where one has as many digits as a float has."""
    most = 0
    for value in np.unique(values[np.isfinite(values)]).tolist():
        written = repr(value)
        if "e" in written:
            return None
        most = max(most, len(written.partition(".")[2].rstrip("0")))
        if most > _MOST_DECIMALS:
            return None
    return most
