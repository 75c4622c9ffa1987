"""What a study says of estimators, as records in nats: rows, pairs of rows, and imprecise rows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mcdiv.core.performance import MISSING, Measured
from mcdiv.core.rare_events import are_few, share_bound
from mcdiv.core.rounding import without_rounding
from mcdiv.engine.plan import Condition, Task
from mcdiv.measures.contract import MEASURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one estimator did in one condition."""

    condition: Condition
    task: Task
    true_value: float
    #: replicates simulated, 0 if none
    replicates: int
    #: by measure, in nats; empty where nothing was simulated, and bias_cv only where control variates tell something
    simulated: Mapping[str, Measured]
    #: by measure, in nats; only those that could be had exactly
    exact: Mapping[str, float]
    #: MCSEs that so many replicates have by the exact law, by measure; only where it is known, and in no table
    exact_mcse: Mapping[str, float] = field(default_factory=dict)
    #: place by RMSE within condition and estimand, from 1; equal ones share it
    rank: int | None = None

    def value(self, measure: str) -> float:
        """The best value there is: exact where known, else simulated."""
        if measure in self.exact:
            return self.exact[measure]
        return self.simulated[measure].value if measure in self.simulated else math.nan

    def reported(self, measure: str) -> Measured:
        """The simulated value with its MCSE, or the exact one (MCSE 0) where nothing was simulated."""
        if self.simulated:
            return self.simulated.get(measure, MISSING)
        return Measured(value=self.exact[measure], mcse=0.0) if measure in self.exact else MISSING

    def trusted(self, measure: str) -> bool:
        """Whether enough events stand behind the MCSE of a simulated measure for its z to be about normal."""
        return measure in self.simulated and self.simulated[measure].trusted

    @property
    def rare_events(self) -> list[str]:
        """The simulated measures of the errors whose MCSEs rest on rare events, too few of them to be believed."""
        if self.constant and "sd" in self.exact:
            return []
        found = [name for name in ("bias", "rmse") if not math.isnan(self.reported(name).value)]
        return [name for name in found if self.simulated and are_few(self.simulated[name].events, self.replicates)]

    def bound(self, share: str) -> float:
        """95 % bound of a share that all replicates or none of them had; NaN for others, and where it is exact."""
        known = share in self.exact or share not in self.simulated
        return math.nan if known else share_bound(self.simulated[share].value, self.replicates)

    @property
    def constant(self) -> bool:
        """Whether all finite estimates are the same but for roundings, of which an MCSE would be made then."""
        return bool(self.simulated) and self.flat(self.simulated["sd"].value) and self.flat(self.exact.get("sd", 0.0))

    @property
    def unbiased(self) -> bool:
        """Whether the exact bias is known and 0 but for roundings."""
        sd = self.value("sd")
        scale = max(abs(self.true_value), 0.0 if math.isnan(sd) else sd)
        return "bias" in self.exact and without_rounding(self.exact["bias"], scale) == 0

    def flat(self, sd: float) -> bool:
        """Whether a standard deviation of this size is made of roundings."""
        sizes = (abs(value) for value in (self.value("mean"), self.true_value) if math.isfinite(value))
        return without_rounding(sd, max(sizes, default=0.0)) == 0

    def z(self, measure: str) -> float:
        """(simulated − exact)/MCSE, or NaN where one of them is missing or the estimates do not vary."""
        if measure not in self.simulated or measure not in self.exact or not self.simulated[measure].mcse > 0:
            return math.nan
        if self.constant and MEASURES[measure].unit_power:
            return math.nan
        return (self.simulated[measure].value - self.exact[measure]) / self.simulated[measure].mcse


#: of a comparison of two estimators
Outcome: TypeAlias = Literal["first", "second", "indistinguishable", "not comparable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two estimators on the same replicates: those for which both are finite."""

    first: Row
    second: Row
    #: differences first − second of "abs_bias" and "mse": exact where known, else simulated
    differences: Mapping[str, Measured]
    #: what they are differences of: "abs_bias" and "mse" of the first and of the second on the same replicates
    levels: Mapping[str, tuple[float, float]]
    #: the share of replicates, or of outcomes, that one of them or both have no finite estimate for
    left_out: float

    def removed(self, task: Task) -> float:
        """The share of the bias of one of the two that the other removes, on the replicates for which both are finite.

        0 where the other's |bias| is no smaller, beyond 2 MCSE; NaN where they cannot be compared.
        """
        own = "first" if self.first.task == task else "second"
        outcome = self.outcome("abs_bias")
        if outcome == "not comparable" or "abs_bias" not in self.levels:
            return math.nan
        if outcome in (own, "indistinguishable"):
            return 0.0
        mine, others = self.levels["abs_bias"] if own == "first" else reversed(self.levels["abs_bias"])
        return 1 - others / mine

    def outcome(self, measure: str) -> Outcome:
        """Which of the two has less of it; neither within 2 MCSE."""
        difference = self.differences[measure]
        if math.isnan(difference.value):
            return "not comparable"
        if not abs(difference.value) > 2 * difference.mcse:
            return "indistinguishable"
        return "first" if difference.value < 0 else "second"

    def verdict(self, measure: str) -> str:
        """The same in words: the label of the one that has less of it."""
        outcome = self.outcome(measure)
        named = {"first": self.first.task.label, "second": self.second.task.label}
        return named.get(outcome, outcome)
