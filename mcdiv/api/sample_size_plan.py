"""A sample size as it is handed out: the record of a plan, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SampleSizePlan:
    """The smallest sample size with which a goal is reached, and stays reached with every larger one."""

    #: N, draws from P
    sample_size: int
    #: M, draws from Q; None where the model is known, or not needed
    model_sample_size: int | None
    #: what was asked: "within 0.01 nats with probability 0.95"
    goal: str
    #: what `value` is: "probability", "RMSE", "bias" or "mean width"
    measure: str
    #: the measure at N and at N − 1 (NaN where N is 1): a probability, or in `units`
    value: float
    value_before: float
    #: Monte Carlo standard error of the value; 0 where it is exact
    mcse: float
    #: a 95 % confidence interval of N, where it is simulated; None where it is exact
    sample_size_interval: tuple[int, int] | None
    #: of all N that were simulated; 0 where all is exact
    replicates: int
    #: whether it is proved that the goal is reached with every larger N
    proved: bool
    #: the largest N up to which every one was looked at; None where it is proved for all, or simulated
    verified_to: int | None
    #: N by large-sample theory: the delta method, or χ² where its variance is 0; None where there is none
    guess: int | None
    #: labels, as tables have them
    estimand: str
    estimator: str
    #: label of the interval whose width is planned; None for any other goal
    interval: str | None
    #: of truth and model; of a range of truths, the one that needs most draws
    truth: str
    model: str | None
    #: truths of the range that were looked at; 1 where there is no range
    truths: int
    #: the estimand at (P, Q), in `units`
    true_value: float
    #: nats, bits or bans; "1" where the estimand has none
    units: str
    #: a study with one draw less and as many, in YAML: `mcdiv run` checks with it what is said here
    scenario: str
    #: what the value is compared with: the confidence, or the size in `units`
    wanted: float
    #: N, value and its MCSE from half to twice so many draws, in `units`; empty where no curve was asked for
    curve: tuple[tuple[int, float, float], ...] = ()

    def draw(self) -> Figure:
        """The picture of `mcdiv plan --plot`: values around the planned N, with the goal. It needs a curve."""
        return draw_plans([self])

    def __repr__(self) -> str:
        """The answer on one line."""
        return f"<mcdiv.SampleSizePlan {self.sample_size:,} draws: {self.estimator} of {self.estimand}, {self.goal}>"


def draw_plans(plans: Sequence[SampleSizePlan]) -> Figure:
    """One picture of plans for the same goal, of one estimator each."""
    from mcdiv.results.plan_picture import PlannedCurve, draw

    first = plans[0]
    if not all(each.curve for each in plans):
        raise ValueError("there is no curve to draw: give curve=True to plan")
    unit = "" if first.measure == "probability" or first.units == "1" else f" [{first.units}]"
    return draw(
        [PlannedCurve(label=each.estimator, sample_size=each.sample_size, points=each.curve) for each in plans],
        goal=first.goal,
        wanted=[first.wanted, -first.wanted] if first.measure == "bias" else [first.wanted],
        label=f"{first.measure}{unit}",
    )
