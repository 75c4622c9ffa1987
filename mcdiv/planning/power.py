"""How many draws an exact test of one sample against a known Q needs to notice that it comes from P."""

import functools
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import chdtri, chndtr

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import log_ratio
from mcdiv.core.outcomes import count_outcomes, enumerable, enumerate_outcomes
from mcdiv.planning.question import TIE
from mcdiv.planning.search import Found, looked_up
from mcdiv.significance.power import Power
from mcdiv.significance.statistics import SAME_PROBABILITY, STATISTICS, against_pmf, chi_squared_scale, exceeds

#: work of a call, whatever N is
_CALL = 1000
#: statistics that are infinite where a category was drawn that Q has not
INFINITE = ("g", "pearson", "kl", "psi")


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerQuestion:
    """A test at a level, what is tested, and what is so instead."""

    statistic: str
    reference: Pmf
    alternative: Pmf
    alpha: float
    power: float
    #: the value is a power
    is_probability: ClassVar[bool] = True

    @property
    def wanted(self) -> float:
        """What a power is compared with."""
        return self.power

    def met(self, power: float) -> bool:
        """Whether a power is enough."""
        return power >= self.power - TIE


def smallest_for_power(question: PowerQuestion) -> Found:
    """The smallest N from which on the power is reached, looked up at every N as far as outcomes can be listed."""

    @functools.cache
    def value(draws: int) -> float:
        return power_at(question, draws).power

    return looked_up(value, question.met, functools.partial(_work, question))


def power_at(question: PowerQuestion, draws: int) -> Power:
    """Critical value, size and power with so many draws, over all outcomes that Q makes possible.

    The statistic of any other is infinite, and so larger than a finite critical value.
    """
    q, p = question.reference, question.alternative
    outcomes = enumerate_outcomes(q, draws)
    possible = q > 0
    statistic = against_pmf(question.statistic, outcomes.counts, q)
    critical = _critical_value(statistic, outcomes.weights, question.alpha)
    kept = ~exceeds(statistic, critical)
    counts = outcomes.counts[kept]
    # p^n is q^n (p/q)^n; where p is 0 only n = 0 can be.
    ratios = np.where(p[possible] > 0, log_ratio(p[possible], q[possible]), 0.0)
    weights = outcomes.weights[kept] * np.exp(counts[:, possible] @ ratios)
    weights = np.where((counts[:, p == 0] > 0).any(axis=1), 0.0, weights)
    missed = float(weights.sum()) if math.isfinite(critical) else 1.0
    size = float(outcomes.weights[~kept].sum())
    return Power(critical_value=critical, size=size, power=max(0.0, 1 - missed))


def guessed_draws(question: PowerQuestion) -> int | None:
    """N by the noncentral χ² law of many draws; None where the statistic has no such law, or is infinite."""
    degrees = int((question.reference > 0).sum()) - 1
    scale = chi_squared_scale(question.statistic, 1)
    distance = float(STATISTICS[question.statistic].terms(question.alternative, question.reference).sum())
    if scale is None or degrees < 1 or not 0 < distance < math.inf:
        return None
    critical = float(chdtri(degrees, question.alpha))
    short, long = 0.0, 1.0
    while chndtr(critical, degrees, long) > 1 - question.power:
        long *= 2
    for _ in range(60):
        middle = (short + long) / 2
        short, long = (middle, long) if chndtr(critical, degrees, middle) > 1 - question.power else (short, middle)
    return max(1, math.ceil(long / (scale * distance) * (1 - TIE)))


def _work(question: PowerQuestion, draws: int) -> float:
    if not enumerable(question.reference, draws):
        return math.inf
    return _CALL + count_outcomes(question.reference, draws)


def _critical_value(statistic: Array, weights: Array, alpha: float) -> float:
    """The smallest of the values that is exceeded with probability at most alpha; ties count as equal."""
    order = np.argsort(statistic, kind="stable")
    values, tails = statistic[order], np.cumsum(weights[order][::-1])[::-1]
    with np.errstate(invalid="ignore"):
        new = np.append(True, exceeds(values[1:], values[:-1]) & np.isfinite(values[:-1]))
    starts = np.flatnonzero(new)
    exceeded = np.append(tails[starts[1:]], 0.0)
    return float(values[starts[np.argmax(exceeded <= alpha * (1 + SAME_PROBABILITY))]])
