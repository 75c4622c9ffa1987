"""Tests of whether P is a known Q, by a statistic that is about χ² distributed where it is: critical values."""

import math

import numpy as np
from scipy.special import chdtri

from mcdiv.core.arrays import Array, Pmf

#: a statistic is above a critical value by more than roundings
_ROUNDING = 1e-12


def critical_value(q: Pmf, level: float) -> float:
    """The value that a χ² statistic of draws from Q exceeds with probability `level`, in the limit of many draws.

    Its degrees of freedom are one fewer than the categories that Q can give; with none it is 0.
    """
    freedom = int((q > 0).sum()) - 1
    return float(chdtri(freedom, level)) if freedom else 0.0


def rejects(statistics: Array, critical: float) -> Array:
    """Whether a test rejects; infinite statistics are the largest, and one that is undefined rejects nothing."""
    reach = critical + _ROUNDING * max(1.0, critical)
    return np.asarray(np.where(np.isnan(statistics), -math.inf, statistics) > reach)
