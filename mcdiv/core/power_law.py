"""How fast the size of a measure falls with the sample size: a power of N, fitted on logarithmic axes."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array
from mcdiv.core.rounding import without_rounding

#: sizes a line is fitted to, and the factor they must span, at the least
MIN_SIZES, MIN_RANGE = 3, 8.0
#: a value within so many MCSE of 0 is left out
SURE = 2.0

#: why there is no slope: no value is finite; all are 0; too few are more than 2 MCSE from 0; too few sizes; sizes that
#: span too small a range; values of both signs, whose size is no power of N
NoSlope: TypeAlias = Literal["", "no value", "zero", "within error", "few sizes", "narrow", "changes sign"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PowerLaw:
    """|value| ≈ e^intercept · N^slope."""

    #: NaN where there is none, and `reason` says why
    slope: float
    #: from the MCSEs, or from the distances of the values from the line where these are larger or the values exact
    slope_se: float
    intercept: float
    #: which values the line was fitted to, shape (S,)
    used: NDArray[np.bool_]
    #: values that are not 0 and within 2 MCSE of it
    within_error: int
    reason: NoSlope


def fit_power_law(sizes: Array, values: Array, mcses: Array) -> PowerLaw:
    """Least squares of ln |value| on ln N, with weights from the MCSEs where every value has one.

    All of shape (S,); an exact value has the MCSE 0, a value without one NaN.
    """
    magnitudes = np.where(np.isfinite(values), np.abs(values), 0.0)
    used = magnitudes > SURE * np.where(np.isnan(mcses), np.inf, mcses)
    within = int(((magnitudes > 0) & ~used).sum())
    reason = _reason(sizes[used], values, used, within)
    line = (math.nan,) * 3 if reason else _line(sizes[used], magnitudes[used], mcses[used])
    slope, slope_se, intercept = line
    return PowerLaw(slope=slope, slope_se=slope_se, intercept=intercept, used=used, within_error=within, reason=reason)


def _reason(sizes: Array, values: Array, used: NDArray[np.bool_], within: int) -> NoSlope:
    if not np.isfinite(values).any():
        return "no value"
    if not used.any() and not within:
        return "zero"
    if len(np.unique(sizes)) < MIN_SIZES:
        return "within error" if within else "few sizes"
    if sizes.max() < MIN_RANGE * sizes.min():
        return "narrow"
    return "changes sign" if len(np.unique(np.sign(values[used]))) > 1 else ""


def _line(sizes: Array, magnitudes: Array, mcses: Array) -> tuple[float, float, float]:
    """Slope, its standard error, and intercept."""
    x, y = np.log(sizes), np.log(magnitudes)
    simulated = bool((mcses > 0).all())
    weights = (magnitudes / mcses) ** 2 if simulated else np.ones(len(x))  # Var ln v = (MCSE/v)²
    center = float(np.average(x, weights=weights))
    spread = float((weights * (x - center) ** 2).sum())
    slope = float((weights * (x - center) * y).sum()) / spread
    intercept = float(np.average(y, weights=weights)) - slope * center
    scatter = float((weights * (y - intercept - slope * x) ** 2).sum()) / (len(x) - 2)
    # A line that fits worse than the MCSEs allow is not as certain as they say.
    error = math.sqrt((max(1.0, scatter) if simulated else scatter) / spread)
    # Values that are the same but for roundings have no slope.
    return without_rounding(slope, 1.0), without_rounding(error, 1.0), intercept
