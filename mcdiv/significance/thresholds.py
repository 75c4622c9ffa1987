"""Where to alarm: the law of a statistic where nothing differs, the critical value at a rate, and its error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scipy.special import chdtrc, chdtri

from mcdiv.core.number_format import figure, percent
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
class Alarm:
    """How often a value is reached without drift."""

    #: the value of the statistic
    at: float
    #: P(statistic ≥ at), infinite values included
    probability: float
    #: its Monte Carlo standard error; 0 where the law is exact
    mcse: float
    #: the same by the χ² law of many draws; None where the statistic has none
    chi_squared: float | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Threshold:
    """Above which value of a statistic to alarm: without drift it is exceeded at a rate of at most `rate`."""

    #: the statistic; KL, JS and PSI in nats
    statistic: str
    #: draws of a check, and of the second sample where the reference is not known
    n: int
    m: int | None
    #: categories that can occur
    categories: int
    #: how often to alarm without drift, at most
    rate: float
    #: the smallest value that can occur and is exceeded at no more than `rate`; inf where the statistic is infinite
    #: more often: no threshold keeps to the rate
    value: float
    #: Monte Carlo standard error of `value`; 0 where the law is exact
    mcse: float
    #: P(statistic > value) without drift
    alarm_rate: float
    #: its Monte Carlo standard error; 0 where the law is exact
    alarm_rate_mcse: float
    #: P(the statistic is infinite) without drift, and its Monte Carlo standard error
    infinite: float
    infinite_mcse: float
    #: the threshold by the χ² law of many draws, and P(statistic > chi_squared) without drift; None where the
    #: statistic has no such law
    chi_squared: float | None
    chi_squared_alarm_rate: float | None
    #: how often given values alarm without drift
    alarms: tuple[Alarm, ...]
    #: replicates of the law; 0 where it is exact
    replicates: int

    @property
    def exact(self) -> bool:
        """Whether nothing was simulated."""
        return not self.replicates

    def __repr__(self) -> str:
        """The threshold on one line."""
        drawn = f"n = {self.n:,}" + ("" if self.m is None else f", m = {self.m:,}")
        how = "exact" if self.exact else f"{self.replicates:,} replicates"
        return f"<mcdiv.Threshold of {self.statistic}, {drawn}: {figure(self.value)} at {percent(self.rate)}, {how}>"


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


def law_and_threshold(
    design: NullDesign, rate: float, ats: Sequence[float], simulation: Simulation
) -> tuple[Law, Threshold]:
    """The law of a comparison without drift, its threshold, and the alarm probabilities of some values."""
    law = law_without_difference(design, rate, simulation)
    try:
        found = critical_value(law, rate)
    except ValueError as error:
        raise ValueError(f"rate: {error}") from None
    chi_squared, infinite = chi_squared_threshold(design, rate), law.infinite
    reached = [law.at_least(value) for value in ats]
    alarms = [
        Alarm(at=at, probability=share.value, mcse=share.mcse, chi_squared=chi_squared_probability(design, at))
        for at, share in zip(ats, reached, strict=True)
    ]
    return law, Threshold(
        statistic=design.statistic,
        n=design.draws,
        m=design.second,
        categories=len(design.p),
        rate=rate,
        value=found.value.value,
        mcse=found.value.mcse,
        alarm_rate=found.alarm_rate.value,
        alarm_rate_mcse=found.alarm_rate.mcse,
        infinite=infinite.value,
        infinite_mcse=infinite.mcse,
        chi_squared=chi_squared,
        chi_squared_alarm_rate=None if chi_squared is None else law.above(chi_squared).value,
        alarms=tuple(alarms),
        replicates=law.replicates,
    )
