"""A sample size by simulation, where no outcomes can be listed: the root of a function that is only seen with noise.

It is a stochastic root-finding problem (Pasupathy and Kim, 2011, The stochastic root-finding problem: overview,
solutions, and open questions). The root is bracketed by doublings; then, stage by stage, values at five N within 10 %
of it are fitted by a line, weighted by their standard errors, in ln N and the log of the value (of a probability its
logit). Each stage is centred on the root of the one before and has twice as many replicates. It stops where the 95 %
confidence interval of the root, by the delta method, is within 1 % of it, or where the work is over.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.outcomes import block_size, draw_outcomes, stream
from mcdiv.engine.block import samples_of
from mcdiv.engine.plan import address_of
from mcdiv.errors import ScenarioError
from mcdiv.planning.question import MAX_DRAWS, Question
from mcdiv.planning.values import spread_of, summary, values_of

#: replicates at each N while the root is bracketed and in the first stage; and the work of all: replicates × categories
_FIRST, _WORK = 2000, 3e7
#: where values are found, as shares of the root, and how near the ends of its interval have to be
_PLACES, _NEAR = (0.9, 0.95, 1.0, 1.05, 1.1), 0.01
#: of a normal law, for 95 %
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A sample size known with an error."""

    #: 0 where the goal is not reached with as many draws as there may be
    draws: int
    #: ends of a 95 % confidence interval
    low: int
    high: int
    #: fitted values there and at one draw less, and the standard error of the first; where there is no root, the value
    #: at `low` draws, the most that were looked at
    value: float
    before: float
    mcse: float
    #: of all sample sizes together
    replicates: int


class Wanted(Protocol):
    """What values are held against."""

    @property
    def is_probability(self) -> bool:
        """Whether the value is a probability, which has to be large; any other has to be small."""

    @property
    def wanted(self) -> float:
        """What the value is compared with."""

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""


class Simulated(Protocol):
    """Values with their standard errors, and what they have cost."""

    #: of all sample sizes together
    replicates: int

    def at(self, draws: int, replicates: int, stage: int) -> tuple[float, float]:
        """The value at N, and its MCSE."""

    @property
    def work(self) -> float:
        """Replicates times categories so far."""


class Simulation:
    """What estimates, or intervals, reach."""

    def __init__(self, question: Question, seed: int) -> None:
        self._question, self._seed = question, seed
        self.replicates = 0

    def at(self, draws: int, replicates: int, stage: int) -> tuple[float, float]:
        """The value at N, and its MCSE."""
        condition = self._question.condition(draws)
        p, q, shape = condition.p, condition.q, condition.truth.shape
        generator = stream(self._seed, address_of("plan", str(condition.address), str(stage)))
        size, parts = block_size(p, draws, q, shape), []
        for start in range(0, replicates, size):
            some = min(size, replicates - start)
            outcomes = draw_outcomes(p, draws, some, generator, q, condition.model_sample_size, shape)
            parts += [values_of(self._question, sample) for _, sample in samples_of(outcomes, condition)]
        values = np.concatenate(parts)
        self.replicates += replicates
        ones = np.ones(len(values))
        return summary(self._question, values, ones), spread_of(self._question, values) / math.sqrt(len(values))

    @property
    def work(self) -> float:
        """Replicates times categories so far."""
        return float(self.replicates) * len(self._question.truth.pmf())


def root(goal: Wanted, simulation: Simulated, start: int) -> Root:
    """The N at which the goal is met, looked for from `start` on."""
    bracket = _bracket(goal, simulation, min(max(2, start), MAX_DRAWS))
    if isinstance(bracket, Root):
        return bracket
    centre, replicates, stage = bracket, _FIRST, 0
    while True:
        stage += 1
        places = np.unique([max(1, round(centre * share)) for share in _PLACES])
        found = np.array([simulation.at(int(draws), replicates, stage) for draws in places])
        line = _Line.through(goal, places, found)
        at, error = line.root(goal) if line else (math.log(centre), math.inf)
        at = min(max(at, math.log(centre / 2)), math.log(centre * 2))  # a line of noise may lead anywhere
        done = _Z * error <= max(_NEAR, 0.5 / centre) and abs(at - math.log(centre)) < 0.05
        if done or simulation.work > _WORK:
            if line is None or not math.isfinite(error):
                told = f"{simulation.replicates:,} replicates do not tell how many draws"
                raise ScenarioError([f"{told} a value of {goal.wanted:.12g} takes"])
            return _answer(goal, line, at, error, simulation.replicates)
        centre, replicates = math.exp(at), 2 * replicates


def _bracket(goal: Wanted, simulation: Simulated, start: int) -> float | Root:
    """An N between one that misses the goal and twice as many draws, which reach it."""
    draws = start
    value, mcse = simulation.at(draws, _FIRST, 0)
    if goal.met(value):
        while draws > 1 and goal.met(simulation.at(draws // 2, _FIRST, 0)[0]):
            draws //= 2
        return math.sqrt(0.5) * draws
    while draws < MAX_DRAWS:
        draws = min(2 * draws, MAX_DRAWS)
        value, mcse = simulation.at(draws, _FIRST, 0)
        if goal.met(value):
            return math.sqrt(0.5) * draws
    return Root(
        draws=0, low=draws, high=draws, value=value, before=math.nan, mcse=mcse, replicates=simulation.replicates
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """y = level + slope · (ln N − centre), and the covariance of the two."""

    level: float
    slope: float
    centre: float
    covariance: Array

    @classmethod
    def through(cls, goal: Wanted, draws: Array, found: Array) -> "_Line | None":
        """The line through values with standard errors, shape (N, 2), by weighted least squares; None through one."""
        y, error = _transformed(goal, found[:, 0], found[:, 1])
        usable = np.isfinite(y) & np.isfinite(error)
        if np.count_nonzero(usable) < min(2, len(draws)):
            return None
        x, y, error = np.log(draws)[usable], y[usable], np.maximum(error[usable], 1e-12)
        centre = float(x.mean())
        design = np.stack([np.ones_like(x), x - centre], axis=1) / error[:, None]
        covariance = np.asarray(np.linalg.pinv(design.T @ design), dtype=np.float64)
        level, slope = (covariance @ design.T @ (y / error)).tolist()
        return cls(level=level, slope=slope, centre=centre, covariance=covariance)

    def root(self, goal: Wanted) -> tuple[float, float]:
        """The ln N at which the goal is met, and its standard error by the delta method."""
        missing = float(_transformed(goal, np.array([goal.wanted]), np.zeros(1))[0][0]) - self.level
        upward = 1 if goal.is_probability else -1
        if self.slope * upward <= 0:  # noise: more draws never make it worse
            return math.copysign(math.inf, missing * upward), math.inf
        step = missing / self.slope
        gradient = np.array([1.0, step])
        return self.centre + step, math.sqrt(gradient @ self.covariance @ gradient) / abs(self.slope)

    def value(self, goal: Wanted, draws: int) -> tuple[float, float]:
        """The fitted value at N, and its standard error."""
        gradient = np.array([1.0, math.log(draws) - self.centre])
        y, error = self.level + self.slope * gradient[1], math.sqrt(gradient @ self.covariance @ gradient)
        if goal.is_probability:
            share = 1 / (1 + math.exp(-y))
            return share, error * share * (1 - share)
        return math.exp(y), error * math.exp(y)


def _transformed(goal: Wanted, values: Array, errors: Array) -> tuple[Array, Array]:
    """ln |value|, or the logit of a probability, and standard errors; not finite where they tell nothing.

    A share of 0 or 1 in R replicates counts as half a replicate off, which is half its error: Anscombe (1956), On
    estimating binomial response relations.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if goal.is_probability:
            values = np.clip(values, errors / 2, 1 - errors / 2)
            return np.log(values / (1 - values)), errors / (values * (1 - values))
        return np.log(np.abs(values)), errors / np.abs(values)


def _answer(goal: Wanted, line: _Line, at: float, error: float, replicates: int) -> Root:
    draws = min(MAX_DRAWS, math.ceil(math.exp(at)))
    value, mcse = line.value(goal, draws)
    return Root(
        draws=draws,
        low=max(1, math.floor(math.exp(at - _Z * error))),
        high=math.ceil(math.exp(min(at + _Z * error, 50.0))),
        value=value,
        before=line.value(goal, draws - 1)[0] if draws > 1 else math.nan,
        mcse=mcse,
        replicates=replicates,
    )
