"""Which numbers a number that was printed may stand for: half a unit of its last digit on either side."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcdiv.core.catalogue import quoted
from mcdiv.diagnosis.formats import FORMATS

_NUMBER = re.compile(r"[+-]?(\d+(\.(?P<decimals>\d*))?|\.(?P<only>\d+))(e(?P<power>[+-]?\d+))?")
#: two ways to sum in float64 differ by no more, relatively and absolutely
_ROUNDING, _SMALLEST = 1e-12, 1e-15
#: numbers with more significant digits that a narrower format holds exactly were computed in it
_DIGITS_OF_FORMATS = {"bfloat16": 5, "float16": 6, "float32": 9}
#: steps of the format, on either side, by which sums in it are taken to be off
_STEPS = {"bfloat16": 1, "float16": 1, "float32": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A number to the digits given."""

    #: as it was written
    text: str
    value: float
    #: the least and the largest value that it may stand for; equal where it is infinite or NaN
    low: float
    high: float
    #: what the width is from, a part of a sentence
    of: str

    @property
    def width(self) -> float:
        """The length of the interval; 0 where the number is not finite."""
        return self.high - self.low if math.isfinite(self.value) else 0.0

    def holds(self, values: Any) -> Any:
        """Whether each of these may be the number that was printed."""
        if math.isnan(self.value):
            return np.isnan(values)
        return (values >= self.low) & (values <= self.high)


def window_of(got: object) -> Window:
    """The window of a number, or of its text, whose digits count.

    Raises
    ------
    ValueError
        It is no number.
    """
    text, plain = _texts_of(got)
    if plain.lstrip("+-") in ("inf", "infinity", "nan"):
        value = float(plain)
        return Window(text=text, value=value, low=value, high=value, of="it is not finite")
    match = _NUMBER.fullmatch(plain)
    value = float(plain) if match else math.nan
    if match is None or not math.isfinite(value):
        raise ValueError(f"got: expected a number such as 0.1328, got {quoted(got)}")
    decimals, power = match["decimals"] or match["only"] or "", int(match["power"] or 0)
    half, of = 0.5 * 10.0 ** max(power - len(decimals), -400), "half a unit of its last digit on either side"
    least = _ROUNDING * abs(value) + _SMALLEST
    if name := _format_of(value, plain):
        steps = _STEPS[name] * float(FORMATS[name].spacing(np.array(value)))
        half, of = max(half, steps), f"it is exactly a {name}: {_STEPS[name]} of its steps on either side"
    elif (
        half < least
    ):  # the last digit of a float may be the last that it has: a sum taken in another order has another
        half, of = least, "what two ways to sum in float64 differ by on either side"
    return Window(text=text, value=value, low=value - half, high=value + half, of=of)


def _texts_of(got: object) -> tuple[str, str]:
    """As a person wrote it, or as Python writes it; and the same as a number is written in Python."""
    if isinstance(got, str):
        text = got.strip()
        return text, text.replace("−", "-").replace("∞", "inf").lower()
    if isinstance(got, bool) or not isinstance(got, (int, float, np.integer, np.floating)):
        raise ValueError(f"got: expected a number or its text, got {quoted(got)}")
    # Of a narrower type, all the digits of float64: these show the type.
    return str(got), repr(float(got)) if isinstance(got, np.floating) else str(got)


def _format_of(value: float, text: str) -> str:
    """The narrowest format that holds a number of more digits than it needs there; empty if there is none."""
    digits = len(re.sub(r"e.*|[^\d]", "", text).lstrip("0"))
    for name, each in FORMATS.items():
        if digits > _DIGITS_OF_FORMATS[name] and each.holds(np.array(value)):
            return name
    return ""
