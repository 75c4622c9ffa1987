"""Where to alarm: the law of a statistic where nothing differs, the critical value at a rate, and its error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from scipy.special import chdtrc, chdtri

from mcdiv.core.performance import Measured
from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.null_law import ComputedLaw, computed_law
from mcdiv.significance.simulated_law import SimulatedLaw, simulated_law
from mcdiv.significance.statistics import chi_squared_scale

#: replicates above a threshold, as equally weighted ones, on which its rate rests at least
_FEWEST = 25

Law: TypeAlias = ComputedLaw | SimulatedLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How a law is simulated that cannot be computed."""

    replicates: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalValue:
    """The smallest value of the statistic that is exceeded at no more than a given rate."""

    #: inf where the statistic is infinite more often
    value: Measured
    #: how often it is exceeded
    alarm_rate: Measured


def law_without_difference(design: NullDesign, rate: float, simulation: Simulation) -> Law:
    """The exact law where it can be computed; else a simulated one, made for probabilities of about `rate`."""
    return computed_law(design) or simulated_law(design, rate, simulation.replicates, simulation.seed)


def critical_value(law: Law, rate: float) -> CriticalValue:
    """Of a simulated law, the MCSE of the value is half the distance between those at the rate ± its MCSE.

    Raises
    ------
    ValueError
        Too few replicates exceed the value for anybody to say how rarely that happens.
    """
    value = law.threshold(rate)
    alarm_rate = law.above(value)
    error = alarm_rate.mcse
    if law.replicates and math.isfinite(value) and not 0 < error * _FEWEST**0.5 <= alarm_rate.value:
        raise ValueError(f"{rate:g} is too small for {law.replicates:,} replicates; give more")
    width = law.threshold(max(0.0, rate - error)) - law.threshold(min(1.0, rate + error)) if error else 0.0
    return CriticalValue(value=Measured(value=value, mcse=width / 2), alarm_rate=alarm_rate)


def chi_squared_threshold(design: NullDesign, rate: float) -> float | None:
    """The value that the χ² law of many draws exceeds at that rate; None of a statistic that has no such law."""
    scale = chi_squared_scale(design.statistic, design.draws, design.second)
    return None if scale is None else float(chdtri(len(design.p) - 1, rate)) / scale


def chi_squared_probability(design: NullDesign, value: float) -> float | None:
    """How often that law reaches a value."""
    scale = chi_squared_scale(design.statistic, design.draws, design.second)
    return None if scale is None else float(chdtrc(len(design.p) - 1, scale * value))
