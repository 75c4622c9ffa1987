"""What is asked of a sample size: a goal, the estimator that is to reach it, and where it is used."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Nats
from mcdiv.core.distributions import Distribution
from mcdiv.engine.exact import true_value
from mcdiv.engine.plan import Condition, Task
from mcdiv.scenario.choices import Choice

GoalKind: TypeAlias = Literal["within", "relative", "rmse", "bias", "width"]
#: sample sizes that are ever given
MAX_DRAWS = 10**9
#: values this close, relative to the goal, are the same but for rounding; and so are errors this small beside the truth
TIE, _ROUNDING = 1e-12, 1e-14


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What an estimator has to reach."""

    kind: GoalKind
    #: the most that the error, the RMSE, the |bias| or the mean width may be, in nats; "relative": a share of the truth
    size: float
    #: how probable an error of at most that size has to be; of an interval its level
    confidence: float

    @property
    def is_probability(self) -> bool:
        """Whether the value is the probability of a small error, which has to be large; any other has to be small."""
        return self.kind in ("within", "relative")

    @property
    def wanted(self) -> float:
        """What the value is compared with."""
        return self.confidence if self.is_probability else self.size

    def met(self, value: float) -> bool:
        """Whether a value reaches the goal; one that is not known does not."""
        if self.is_probability:
            return value >= self.confidence - TIE
        return abs(value) <= self.size * (1 + TIE)

    def tolerance(self, truth: float) -> float:
        """How far an estimate may be from the true value; what rounding adds is allowed."""
        size = self.size * abs(truth) if self.kind == "relative" else self.size
        return size * (1 + TIE) + _ROUNDING * abs(truth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A goal, and who is to reach it where."""

    goal: Goal
    task: Task
    truth: Distribution
    model: Distribution | None = None
    #: M/N, where the model is known only through M draws
    ratio: float | None = None
    #: of the interval whose width is asked for
    interval: Choice | None = None

    def condition(self, draws: int) -> Condition:
        """The sampling of so many draws."""
        return Condition(
            number=1,
            truth=self.truth,
            model=self.model,
            sample_size=draws,
            model_sample_size=self.model_draws(draws),
        )

    def model_draws(self, draws: int) -> int | None:
        """M that goes with N: ratio × N, rounded up; None where the model is known."""
        return None if self.ratio is None else max(1, math.ceil(self.ratio * draws * (1 - TIE)))

    @property
    def true_value(self) -> float:
        """The estimand at (P, Q), in nats."""
        q = self.model.pmf() if self.model else None
        return true_value(self.task.estimand, self.truth.pmf(), q, self.truth.shape)

    def good(self, estimates: Nats) -> Array:
        """1 where an estimate is within the tolerance, 0 where it is not, infinite or undefined."""
        with np.errstate(invalid="ignore"):
            close = np.abs(estimates - self.true_value) <= self.goal.tolerance(self.true_value)
        return close.astype(np.float64)
