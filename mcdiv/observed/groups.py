"""The estimates of groups of observations as records in their units, with the advice where it was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mcdiv.engine.simulate import Progress
from mcdiv.estimands.contract import unit_of
from mcdiv.observed.at_pmf import summary_of
from mcdiv.observed.diagnostics import SHORT
from mcdiv.observed.estimates import Line, estimate_all
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


def grouped(observed: Sequence[Observed], on_progress: Progress | None = None) -> list[Group]:
    """Groups with their estimates; groups alike are estimated together."""
    lines = estimate_all(observed, on_progress)
    return [Group(observed=each, lines=some) for each, some in zip(observed, lines, strict=True)]


def advised(group: Group, on_progress: Progress | None = None) -> Group:
    """The group with the advice, and with lines for the estimators that it names."""
    from mcdiv.observed.advice import advice_on

    observed, advice = advice_on(group.observed, on_progress)
    lines = group.lines if observed is group.observed else estimate_all([observed])[0]
    return Group(observed=observed, lines=[_with_note(line, advice) for line in lines], advice=advice)


def _with_note(line: Line, advice: Advice) -> Line:
    found = advice.of(line)
    return replace(line, notes=(*line.notes, SHORT)) if found is not None and found.short else line


def rows(group: Group) -> Iterator[dict[str, Any]]:
    """The group's estimates as records: the columns of `mcdiv estimate --output`; NaN where there is no number."""
    if group.advice is not None:
        from mcdiv.observed.advice_rows import rows_with_advice

        yield from rows_with_advice(group)
        return
    for line in group.lines:
        yield row_of(group, line)


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


def for_json(value: Any) -> Any:
    """A value for JSON: None where there is none, "inf" where it is infinite."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)
