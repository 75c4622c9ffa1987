"""From observed groups to estimates with standard errors and intervals; groups alike are estimated together."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from mcdiv.core.arrays import Nats, Sample
from mcdiv.core.outcomes import BLOCK_ENTRIES
from mcdiv.engine.estimates import estimates_of
from mcdiv.engine.plan import Task, plan_of
from mcdiv.engine.simulate import Progress
from mcdiv.estimands.contract import scale_of
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import find
from mcdiv.intervals.contract import INTERVALS, Bounds, bounds_of, tails
from mcdiv.observed.at_pmf import values_at
from mcdiv.observed.diagnostics import notes, range_of
from mcdiv.observed.question import Observed
from mcdiv.observed.spectrum import value_and_error
from mcdiv.observed.usual import usual_error, usual_interval
from mcdiv.scenario.choices import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One estimate, in the scenario's units."""

    estimand: str
    estimator: str
    value: float
    #: of the interval's method where that has one, else the usual one's; NaN where there is none
    standard_error: float
    #: NaN where the method has nothing to say, or is not for this estimator
    low: float
    high: float
    #: standard error of an end that rests on draws; 0 where none does
    end_error: float
    #: method of the interval, with its parameters
    interval: str
    #: in what that method misleads around this estimator; empty if in nothing known
    caution: str
    #: from `diagnostics`: what is beyond its range, tests nothing, or excludes its own estimate
    notes: tuple[str, ...]


def estimate_all(observed: Sequence[Observed], on_progress: Progress | None = None) -> list[list[Line]]:
    """Of every group, every estimator asked for with its standard error and interval."""
    lines = {i: _at_pmf(group) for i, group in enumerate(observed) if group.pmf is not None}
    lines |= {i: _of_spectrum(group) for i, group in enumerate(observed) if group.sample.multiplicity is not None}
    for indices in _together(observed):
        lines |= zip(indices, _estimates([observed[index] for index in indices]), strict=True)
        if on_progress is not None:
            on_progress(len(lines), len(observed))
    return [lines[index] for index in range(len(observed))]


def _at_pmf(group: Observed) -> list[Line]:
    """Of probabilities, every estimand there: no standard error, and no interval."""
    return [
        Line(
            estimand=estimand,
            estimator="plugin",
            value=value,
            standard_error=math.nan,
            low=math.nan,
            high=math.nan,
            end_error=0.0,
            interval="",
            caution="",
            notes=(),
        )
        for estimand, value in values_at(group)
    ]


def _of_spectrum(group: Observed) -> list[Line]:
    """Of counts that stand for many categories each."""
    scenario = group.scenario
    plan = plan_of(scenario)
    reach = float(ndtri(tails(scenario.level)[1]))
    lines = []
    for task in plan.measured(plan.conditions[0]):
        method = scenario.intervals[0].name if group.interval_named else usual_error(_entry(task))
        value, error = value_and_error(task, method, group)
        ends = (value - reach * error, value + reach * error)
        unit = scale_of(task.estimand, scenario.units)
        possible = range_of(task.estimand, group.sample, alphabet_known=group.alphabet_known)
        lines.append(
            Line(
                estimand=task.estimand,
                estimator=task.label,
                value=value / unit,
                standard_error=error / unit,
                low=ends[0] / unit,
                high=ends[1] / unit,
                end_error=0.0,
                interval=method,
                caution=INTERVALS[method].cautions(_entry(task)) if group.interval_named else "",
                notes=tuple(notes(task.estimand, method, value, ends, possible)),
            )
        )
    return lines


def _together(observed: Sequence[Observed]) -> Iterator[list[int]]:
    """Indices of groups that share a scenario, no more than are estimated at once."""
    by_scenario: dict[int, list[int]] = {}
    for index, group in enumerate(observed):
        if group.pmf is not None or group.sample.multiplicity is not None:
            continue
        by_scenario.setdefault(id(group.scenario), []).append(index)
    for indices in by_scenario.values():
        size = max(1, BLOCK_ENTRIES // observed[indices[0]].sample.counts.shape[1])
        yield from (indices[start : start + size] for start in range(0, len(indices), size))


def _estimates(groups: Sequence[Observed]) -> list[list[Line]]:
    scenario, first = groups[0].scenario, groups[0].sample
    seconds = [group.sample.counts_q for group in groups if group.sample.counts_q is not None]
    sample = Sample(
        counts=np.concatenate([group.sample.counts for group in groups]),
        counts_q=np.concatenate(seconds) if seconds else None,
        q=first.q,
        shape=first.shape,
    )
    plan = plan_of(scenario)
    condition = plan.conditions[0]
    around = dict(plan.intervals(condition))
    lines: list[list[Line]] = [[] for _ in groups]
    for task in plan.measured(condition):
        unit = scale_of(task.estimand, scenario.units)
        choice = around.get(task)
        if choice is not None and not groups[0].interval_named:
            choice = Choice(name=usual_interval(_entry(task)))
        bounds, values = _bounds(task, choice, sample, scenario.level)
        method = (choice or scenario.intervals[0]).name
        for i, group in enumerate(lines):
            value, error, low, high = (float(each[i]) for each in (values, bounds.error, bounds.low, bounds.high))
            possible = range_of(task.estimand, sample, alphabet_known=groups[i].alphabet_known)
            group.append(
                Line(
                    estimand=task.estimand,
                    estimator=task.label,
                    value=value / unit,
                    standard_error=error / unit,
                    low=low / unit,
                    high=high / unit,
                    end_error=0.0 if bounds.end_error is None else float(bounds.end_error[i]) / unit,
                    interval=(choice or scenario.intervals[0]).label,
                    caution=INTERVALS[choice.name].cautions(_entry(task)) if choice else "",
                    notes=tuple(notes(task.estimand, method, value, (low, high), possible)),
                )
            )
    return lines


def _bounds(task: Task, choice: Choice | None, sample: Sample, level: float) -> tuple[Bounds, Nats]:
    """The intervals of one estimator; the usual standard error where the method has none for it."""
    wanted = choice or Choice(name=usual_error(_entry(task)))
    bounds, values = bounds_of(
        INTERVALS[wanted.name],
        dict(wanted.parameters),
        task.estimand,
        lambda some: estimates_of(task, some)[0],
        sample,
        level,
    )
    if choice is None:
        nothing = np.full(len(values), np.nan)
        return Bounds(low=nothing, high=nothing, error=bounds.error), values
    if np.isnan(bounds.error).any():
        other = _bounds(task, None, sample, level)[0].error
        error = np.where(np.isnan(bounds.error), other, bounds.error)
        bounds = replace(bounds, error=error)
    return bounds, values


def _entry(task: Task) -> Estimator:
    entry = find(task.estimand, task.name, task.design)
    assert entry is not None  # the scenario is checked
    return entry
