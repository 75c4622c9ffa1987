"""`mcdiv threshold` from Python: above which value of a statistic to alarm; how often a value alarms without drift."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mcdiv.core.domains import NONNEGATIVE
from mcdiv.observed.null_comparison import CUSTOMARY, RATE, design_of, number_of, simulation_of
from mcdiv.significance.thresholds import (
    Alarm,
    Threshold,
    chi_squared_probability,
    law_and_threshold,
    law_without_difference,
)

__all__ = ["Alarm", "Threshold", "alarm_probability", "threshold"]


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
    replicates: int | None = None,
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
    replicates : int, optional
        Of the simulation, where the law cannot be computed: 400,000 if left out, fewer where there are more than 500
        categories.
    seed : int
        Of the simulation.

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
    ats = [number_of("at", value, NONNEGATIVE) for value in values]
    simulation = simulation_of(replicates, seed, design, 400_000)
    return law_and_threshold(design, number_of("rate", rate, RATE), ats, simulation)[1]


def alarm_probability(
    reference: ArrayLike,
    *,
    n: int,
    m: int | None = None,
    statistic: str = "psi",
    at: float = 0.1,
    known: bool = False,
    floor: float = 0.0,
    replicates: int | None = None,
    seed: int = 0,
) -> float:
    """How often a statistic reaches a value without drift.

    Parameters
    ----------
    reference, n, m, statistic, known, floor
        As `threshold` has them.
    at : float
        The value.
    replicates : int, optional
        Of the simulation, where the law cannot be computed: 1,000,000 if left out, fewer where there are more than 200
        categories.
    seed : int
        Of the simulation. `threshold(…, at=…)` has the Monte Carlo standard error.

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
    value = number_of("at", at, NONNEGATIVE)
    usual = chi_squared_probability(design, value)
    simulation = simulation_of(replicates, seed, design, 1_000_000)
    return law_without_difference(design, 0.5 if usual is None else usual, simulation).at_least(value).value
