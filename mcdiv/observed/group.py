"""A group of observations with its estimates, and one of these as a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcdiv.estimands.contract import unit_of
from mcdiv.observed.at_pmf import summary_of
from mcdiv.observed.estimates import Line
from mcdiv.observed.question import Observed
from mcdiv.observed.trust import count_summary

if TYPE_CHECKING:
    from mcdiv.observed.advice import Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of observations with its estimates, and the advice that was asked for, if there is any."""

    observed: Observed
    lines: list[Line]
    advice: Advice | None = None

    @property
    def interval(self) -> str:
        """Method of the intervals, with its parameters: that of all, else the one beside which some have another."""
        labels = {line.interval for line in self.lines}
        return labels.pop() if len(labels) == 1 else self.observed.scenario.intervals[0].label

    @property
    def level(self) -> float:
        """Intended coverage of the intervals."""
        return self.observed.scenario.level

    @property
    def units(self) -> str:
        """Units of what has a unit."""
        return self.observed.scenario.units


def row_of(group: Group, line: Line) -> dict[str, Any]:
    """One of them, without advice."""
    pmf = group.observed.pmf
    sample = group.observed.sample
    times = None if sample.multiplicity is None else sample.multiplicity[0]
    summary = count_summary(sample.counts[0], times) if pmf is None else summary_of(pmf)
    return {
        "group": group.observed.group,
        "estimand": line.estimand,
        "estimator": line.estimator,
        "value": line.value,
        "standard_error": line.standard_error,
        "low": line.low,
        "high": line.high,
        "interval": line.interval,
        "level": group.level,
        "unit": unit_of(line.estimand, group.units),
        "sample_size": summary["draws"],
        "categories_seen": summary["seen"],
        "alphabet_size": summary["categories"],
        "singletons": summary["singletons"],
        "coverage": summary["coverage"],
        "notes": "; ".join(line.notes),
    }
