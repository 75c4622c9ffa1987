"""What an exact probability becomes as float64, float32 and bfloat16: rounded once, to nearest, ties to even."""

from fractions import Fraction

#: bits of the significand, and the exponent of the smallest normal number
FORMATS = {"float64": (53, -1022), "float32": (24, -126), "bfloat16": (8, -126)}


def rounded(x: Fraction, kind: str) -> float:
    """The nearest number of a binary format, as a float that holds it exactly; x ≥ 0 and not beyond the format."""
    if x == 0:
        return 0.0
    bits, least = FORMATS[kind]
    spacing = Fraction(2) ** (max(_exponent(x), least) - bits + 1)
    return float(round(x / spacing) * spacing)


def _exponent(x: Fraction) -> int:
    """⌊log₂ x⌋, exactly."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if x >= Fraction(2) ** guess else guess - 1
