"""Whether what was simulated and what is exact agree: if nothing is wrong, chance alone keeps them apart.

One rule for a whole run: its verdict is wrong in one run in a million at most, however many values it compares.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scipy.special import betainc, stdtr

from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.problems import Problem
from mcdiv.engine.records import Row
from mcdiv.measures.contract import MEASURES

Compared: TypeAlias = Row | IntervalRow

#: probability that a run in which nothing is wrong is said to disagree
LEVEL = 1e-6
#: replicates that an MCSE takes at least, and events behind one that no exact law confirms
_FEWEST, _EVENTS_ALONE = 30, 1000
#: differences up to this, relative to the values, are roundings; shares are exact to so much
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """One measure of a row, compared."""

    row: Compared
    measure: str
    #: their difference in MCSEs, and the probability of one as large
    z: float
    probability: float


def disagreements(rows: Sequence[Row], intervals: Sequence[IntervalRow]) -> list[Problem]:
    """The rows of a run whose simulated and exact values disagree, each with the worst of its measures."""
    everything: list[Compared] = [*rows, *intervals]
    tests = [[*_tests(row)] for row in everything]
    count = sum(map(len, tests))
    worst = (min(some, key=lambda test: (test.probability, -abs(test.z))) for some in tests if some)
    return [_problem(test) for test in worst if test.probability * count < LEVEL]


def _problem(test: _Test) -> Problem:
    simulated, exact = test.row.simulated[test.measure], test.row.exact[test.measure]
    values = {"simulated": simulated.value, "mcse": simulated.mcse, "exact": exact}
    values |= {"z": test.z, "probability": test.probability}
    return Problem.of("disagreement", test.row, [test.measure], values)


def _tests(row: Compared) -> Iterator[_Test]:
    """What of a row can be compared."""
    if row.replicates < _FEWEST:
        return
    for measure in (name for name in row.simulated if name in row.exact):
        statistic = MEASURES[measure].statistic
        # A variance is no mean, and a root's z is farther from normal. The mean is the bias but for a constant.
        if statistic == "function" or (measure == "mean" and "bias" in row.exact):
            continue
        found = _share(row, measure) if statistic == "share" else _mean(row, measure)
        if found is not None:
            yield _Test(row=row, measure=measure, z=found[0], probability=found[1])


def _mean(row: Compared, measure: str) -> tuple[float, float] | None:
    """z and its probability, by the larger of two MCSEs: that of the replicates, and that of the exact law.

    Rare events make the one too small where too few of them were met, and the other where too many were. Where the
    exact law is not known, the replicates must show many events.
    """
    simulated, exact = row.simulated[measure], row.exact[measure]
    expected = row.exact_mcse.get(measure, math.nan)
    if math.isnan(expected) and not simulated.events >= _EVENTS_ALONE:
        return None
    mcse, difference = max(simulated.mcse, 0.0 if math.isnan(expected) else expected), simulated.value - exact
    if not 0 < mcse < math.inf or abs(difference) <= _ROUNDING * _size(row, measure):
        return None
    z = difference / mcse
    freedom = min(row.replicates - 1, 2 * simulated.events) if simulated.trusted else row.replicates - 1
    return z, 2 * float(stdtr(freedom, -abs(z)))


def _size(row: Compared, measure: str) -> float:
    power = MEASURES[measure].unit_power
    sizes = (abs(size) for size in (row.true_value, row.value("mean"), row.value(measure)) if math.isfinite(size))
    return abs(row.exact[measure]) if power == 2 else max(sizes, default=0.0)


def _share(row: Compared, measure: str) -> tuple[float, float] | None:
    """z and its probability: how many replicates have something is binomial."""
    share, exact, replicates = row.simulated[measure].value, row.exact[measure], row.replicates
    met = round(share * replicates)
    fewer = _at_most(met, replicates, max(0.0, exact - _ROUNDING))
    more = _at_most(replicates - met, replicates, max(0.0, 1 - exact - _ROUNDING))
    mcse = math.sqrt(max(exact * (1 - exact), _ROUNDING) / replicates)
    return (share - exact) / mcse, min(1.0, 2 * min(fewer, more))


def _at_most(met: int, replicates: int, probability: float) -> float:
    """The probability that so many replicates or fewer have an event of this probability."""
    return 1.0 if met >= replicates else float(betainc(replicates - met, met + 1, 1 - probability))
