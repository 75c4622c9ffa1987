"""`mcdiv threshold` from Python: above which value of a statistic to alarm; how often a value alarms without drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mcdiv.core.arrays import SUM_TOLERANCE, Pmf, as_counts, as_pmf
from mcdiv.core.domains import NONNEGATIVE, Domain
from mcdiv.core.number_format import figure, percent
from mcdiv.scenario.clauses import SAMPLE_SIZE
from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.statistics import statistic_named
from mcdiv.significance.thresholds import (
    Simulation,
    chi_squared_probability,
    chi_squared_threshold,
    critical_value,
    law_without_difference,
)

#: values of PSI at which monitoring tools alarm by custom
CUSTOMARY = (0.1, 0.2, 0.25)
RATE = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1, example=0.01)
FLOOR = Domain(expected="a share from 0 to below 1", accepts=lambda x: 0 <= x < 1, example=1e-4)
REPLICATES = Domain(expected="a whole number from 1,000 to 10^8", accepts=lambda x: 1000 <= x <= 10**8, whole=True)
SEED = Domain(expected="a whole number >= 0", accepts=lambda x: 0 <= x < 2**63, whole=True)


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


def threshold(
    reference: ArrayLike,
    *,
    n: int,
    m: int | None = None,
    rate: float = 0.05,
    statistic: str = "psi",
    known: bool = False,
    at: float | Sequence[float] | None = None,
    floor: float = 0.0,
    replicates: int = 400_000,
    seed: int = 0,
) -> Threshold:
    """Above which value of a statistic to alarm, so that without drift at most a given share of checks does.

    A check compares n draws with the reference. Without drift they are draws from it.

    Parameters
    ----------
    reference : array_like, shape (K,)
        Probabilities of the categories; or whole numbers, the counts of a sample, which then is the second sample of
        the comparison, unless it is `known`.
    n : int
        Draws of a check.
    m : int, optional
        Draws of a second sample that stands for the reference: it is drawn from the reference as well. Without it the
        check is compared with the reference itself. For counts it is their sum.
    rate : float
        How often to alarm without drift, at most.
    statistic : {"psi", "kl", "js", "g", "pearson", "tv"}
        PSI, KL and JS are in nats. KL is KL(check‖reference).
    known : bool
        Take the shares of counts as the reference itself, without a sampling error.
    at : float or sequence of float, optional
        Values whose alarm probability is wanted; for PSI 0.1, 0.2 and 0.25 if left out.
    floor : float
        Of PSI: shares below it count as this share, as many monitoring tools do; it is then never infinite.
    replicates, seed : int
        Of the simulation, where the law cannot be computed.

    Returns
    -------
    Threshold
        `.value`, with `.mcse`; `.alarm_rate`; `.infinite`; `.chi_squared`; `.alarms`. The law is exact where it can be
        computed: for up to three categories in two samples of a hundred draws, ten equally likely categories in one
        sample of a hundred.

    Raises
    ------
    ValueError
        An argument does not fit, the reference has one category, or the rate is too small for the replicates.

    Notes
    -----
    Where the law is simulated, half of the replicates are drawn from wider laws and weighted (defensive importance
    sampling, Hesterberg, 1995), so that small rates are as precise as large ones.

    Examples
    --------
    >>> found = threshold([0.1] * 10, n=40, rate=0.05, statistic="kl")
    >>> round(found.value, 6), round(found.alarm_rate, 6)
    (0.228745, 0.049763)
    >>> threshold([0.5, 0.3, 0.2], n=20, m=20, rate=0.01).value  # PSI is infinite in 2.4 % of checks without drift
    inf
    """
    design = design_of(reference, n=n, m=m, statistic=statistic, known=known, floor=floor)
    values = (
        CUSTOMARY if at is None and statistic == "psi" else () if at is None else np.atleast_1d(np.asarray(at)).tolist()
    )
    ats = [_number("at", value, NONNEGATIVE) for value in values]
    return threshold_of(design, _number("rate", rate, RATE), ats, _simulation(replicates, seed))


def alarm_probability(
    reference: ArrayLike,
    *,
    n: int,
    m: int | None = None,
    statistic: str = "psi",
    at: float = 0.1,
    known: bool = False,
    floor: float = 0.0,
    replicates: int = 1_000_000,
    seed: int = 0,
) -> float:
    """How often a statistic reaches a value without drift.

    Parameters
    ----------
    reference, n, m, statistic, known, floor
        As `threshold` has them.
    at : float
        The value.
    replicates, seed : int
        Of the simulation, where the law cannot be computed. `threshold(…, at=…)` has the Monte Carlo standard error.

    Returns
    -------
    float
        P(statistic ≥ at), infinite values included.

    Raises
    ------
    ValueError
        An argument does not fit, or the reference has one category.

    Examples
    --------
    >>> round(alarm_probability([0.1] * 10, n=40, at=0.25), 6)
    0.452535
    """
    design = design_of(reference, n=n, m=m, statistic=statistic, known=known, floor=floor)
    value = _number("at", at, NONNEGATIVE)
    usual = chi_squared_probability(design, value)
    law = law_without_difference(design, 0.5 if usual is None else usual, _simulation(replicates, seed))
    return law.at_least(value).value


def design_of(
    reference: ArrayLike, *, n: int, m: int | None, statistic: str, known: bool, floor: float, name: str = "reference"
) -> NullDesign:
    """The comparison without drift; a ValueError where the arguments do not fit."""
    statistic_named(statistic)
    if not isinstance(known, bool):
        raise TypeError(f"known: expected True or False, got {known!r}")
    p, total = _reference(reference, name)
    second = None if m is None else int(_number("m", m, SAMPLE_SIZE))
    if total is not None and not known:
        if second is not None and second != total:
            raise ValueError(
                f"{name}: a sample of {total:,} draws, and m = {second:,} is given: leave out m, or say that the "
                "reference is known"
            )
        second = total
    possible = p[p > 0]
    if len(possible) < 2:
        raise ValueError(f"{name}: expected at least two categories that can occur, got {len(possible)}")
    least = float(_number("floor", floor, FLOOR))
    if least and statistic != "psi":
        raise ValueError(f"floor: is for psi, got {statistic}")
    draws = int(_number("n", n, SAMPLE_SIZE))
    return NullDesign(statistic=statistic, p=possible / possible.sum(), draws=draws, second=second, floor=least)


def threshold_of(design: NullDesign, rate: float, ats: Sequence[float], simulation: Simulation) -> Threshold:
    """The threshold of a comparison, and the alarm probabilities of some values."""
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
    return Threshold(
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


def _reference(reference: ArrayLike, name: str) -> tuple[Pmf, int | None]:
    """The shares of the categories, and how many draws they are of where they are counts."""
    reference = list(reference.values()) if isinstance(reference, Mapping) else reference
    try:
        values = np.asarray(reference, dtype=np.float64)
    except (TypeError, ValueError):
        values = as_pmf(reference, name=name)  # says what is wrong with it
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{name}: expected one pmf or the counts of one sample, got shape {values.shape}")
    whole = bool(np.all(np.isfinite(values)) and np.all(values == np.floor(values)))
    if not whole or abs(values.sum() - 1) <= SUM_TOLERANCE:
        return as_pmf(reference, name=name), None
    counts = as_counts(reference, name=name)
    return counts / counts.sum(), int(counts.sum())


def _simulation(replicates: int, seed: int) -> Simulation:
    return Simulation(
        replicates=int(_number("replicates", replicates, REPLICATES)), seed=int(_number("seed", seed, SEED))
    )


def _number(name: str, value: object, domain: Domain) -> float:
    for _, message in domain.problems(value):
        raise ValueError(f"{name}: {message}")
    return domain.parse(value) if domain.whole else float(domain.parse(value))
