"""run_block: the only thing a worker does. Distributions → outcomes → estimates → moments."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np

from mcdiv.core.arrays import Array, Nats, Pmf, Sample
from mcdiv.core.controls import Expected, tied_pairs
from mcdiv.core.moments import Moments, fold, moments_of
from mcdiv.core.outcomes import Outcomes, draw_outcomes, enumerate_outcomes, multiplicities, stream
from mcdiv.core.performance import centre_of, features_of
from mcdiv.core.significance import critical_value, rejects
from mcdiv.core.weighted import distinct
from mcdiv.engine.cache.columns import Column, Columns
from mcdiv.engine.controls import controls_of, expected_of
from mcdiv.engine.estimates import (
    RAISED,
    EstimateFailure,
    error_text,
    estimates_of,
    failures_of,
    join_failures,
    rows_of,
    some_of,
)
from mcdiv.engine.exact import SamplingDesign, exact_bias, exact_variance, true_value
from mcdiv.engine.plan import Block, Condition, Task
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.registry import find
from mcdiv.estimators.sharing import SharedSamples, locked
from mcdiv.measures.collected import Collected, are_collected, collect, joined

#: outcomes whose features are held at once
CHUNK = 2**15


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockResult:
    """What a worker gives back."""

    block: Block
    #: by estimand: moments over replicates, and over all outcomes
    simulated: dict[str, Moments] = field(default_factory=dict)
    enumerated: dict[str, Moments] = field(default_factory=dict)
    #: by task: exact bias and variance by linearity (NaN where there is none)
    bias: dict[Task, float] = field(default_factory=dict)
    variance: dict[Task, float] = field(default_factory=dict)
    #: of the control variates that the moments of draws end with
    controls: Expected | None = None
    #: by estimand: for each of its tasks, pairs of draws whose estimates are ties, and all pairs, shape (tasks, 2)
    ties: dict[str, Array] = field(default_factory=dict)
    #: by task: what measures are made of that the moments do not give, where any is asked for
    collected: dict[Task, Collected] = field(default_factory=dict)
    failures: tuple[EstimateFailure, ...] = ()


def run_block(block: Block, columns: Columns | None = None) -> BlockResult:
    """Do one block; `columns` may know some of the estimates."""
    sampling = SamplingDesign.at(block.condition) if block.exact else None
    bias, failed = _by_task(block, sampling, exact_bias)
    if block.kind == "linearity":
        variance, also_failed = _by_task(block, sampling, exact_variance)
        return BlockResult(
            block=block,
            bias=bias,
            variance=variance,
            controls=expected_of(block.condition),
            failures=(*failed, *also_failed),
        )
    outcomes, times = outcomes_of(block)
    moments, ties, collected, failures = _measure(block, outcomes, times, columns or Columns(expensive_from=None))
    return BlockResult(
        block=block,
        simulated=moments[0],
        enumerated=moments[1] if block.exact else {},
        bias=bias,
        ties=ties,
        collected=collected,
        failures=(*failures, *failed),
    )


def outcomes_of(block: Block) -> tuple[Outcomes, Array]:
    """The outcomes of a block of enumeration or draws, and how many of its replicates had each."""
    condition = block.condition
    o, q = condition.o, condition.q
    size, sampled = condition.sample_size, condition.model_sample_size
    if block.kind == "draws":
        generator = stream(block.seed, condition.address, block.index)
        outcomes = draw_outcomes(o, size, block.replicates, generator, q, sampled, condition.truth.shape)
        return outcomes, outcomes.weights
    outcomes = replace(enumerate_outcomes(o, size, q, sampled), shape=condition.truth.shape)
    times = multiplicities(outcomes.weights, block.replicates, block.seed, condition.address)
    if block.exact:
        return outcomes, times
    return outcomes.where(times > 0), times[times > 0]  # what nobody met adds nothing to a simulation


def samples_of(outcomes: Outcomes, condition: Condition, size: int = CHUNK) -> Iterator[tuple[slice, Sample]]:
    """The outcomes as samples, some rows at a time."""
    everything = locked(
        Sample(
            counts=outcomes.counts,
            multiplicity=outcomes.multiplicity,
            counts_q=outcomes.counts_q,
            q=condition.q if outcomes.counts_q is None else None,
            p=condition.p,
            o=None if condition.drawn_from is None else condition.o,
            shape=outcomes.shape,
        )
    )
    for start in range(0, rows_of(everything), size):
        rows = slice(start, start + size)
        yield rows, some_of(everything, rows)


def _measure(
    block: Block, outcomes: Outcomes, times: Array, known: Columns
) -> tuple[
    tuple[dict[str, Moments], dict[str, Moments]], dict[str, Array], dict[Task, Collected], tuple[EstimateFailure, ...]
]:
    """Moments of every estimand over the replicates (`times` each outcome) and over the outcomes' own weights.

    And the pairs of draws whose estimates are ties, what other measures are made of, and what went wrong.
    """
    simulated: dict[str, list[Moments]] = {}
    enumerated: dict[str, list[Moments]] = {}
    p, q, shape = block.condition.p, block.condition.q, block.condition.truth.shape
    ties: dict[str, Array] = {}
    collected: dict[Task, list[Collected]] = {}
    failures: dict[tuple[Task, str], EstimateFailure] = {}
    numbers = block.start + np.concatenate([[0], np.cumsum(times)[:-1]])
    for rows, sample in samples_of(outcomes, block.condition):
        met = times[rows] > 0
        those_met = slice(None) if met.all() else met  # without a copy where it can be
        shared = SharedSamples(sample)
        column_of = _columns_of(shared, known, rows)
        drawn = block.kind == "draws"
        controls = controls_of(block.condition, sample, shared.tallied) if drawn else np.empty((len(met), 0))
        for estimand in dict.fromkeys(task.estimand for task in block.tasks):
            tasks = [task for task in block.tasks if task.estimand == estimand]
            columns = [column_of(task) for task in tasks]
            truth = true_value(estimand, p, q, shape)
            features = features_of(np.stack([values for values, _ in columns], axis=1), centre_of(truth))
            features = np.concatenate([features, controls], axis=1)
            if met.any():
                simulated.setdefault(estimand, []).append(moments_of(features[those_met], times[rows][those_met]))
            if block.exact:
                enumerated.setdefault(estimand, []).append(moments_of(features, outcomes.weights[rows]))
            if drawn:
                pairs = np.stack([tied_pairs(values[np.isfinite(values)]) for values, _ in columns])
                ties[estimand] = ties.get(estimand, 0.0) + pairs
            for task, (values, raised) in zip(tasks, columns, strict=True):
                rejected = rejected_by_test(block, task, values, q)
                if are_collected(block.measures) or rejected is not None:
                    probabilities = outcomes.weights[rows] if block.exact else None
                    part = collect(block.measures, values, times[rows], probabilities, truth, rejected)
                    collected.setdefault(task, []).append(part)
                for failure in failures_of(task, values, raised, sample, times[rows], numbers[rows]):
                    failures[task, failure.kind] = join_failures(failures.get((task, failure.kind)), failure)
    folded = {name: fold(parts) for name, parts in simulated.items()}
    found = folded, {name: fold(parts) for name, parts in enumerated.items()}
    return found, ties, {task: joined(parts) for task, parts in collected.items()}, tuple(failures.values())


def rejected_by_test(block: Block, task: Task, estimates: Nats, q: Pmf | None) -> Array | None:
    """For which estimates the test of P = Q rejects; None where nothing is tested."""
    entry = estimand_of(task.estimand)
    if block.test_level is None or q is None or task.design != "model_known":
        return None
    if block.test_exact:
        return rejects(estimates, critical_estimate(block, task, q)) if entry.divergence else None
    statistic = entry.null_statistic
    if statistic is None:
        return None
    return rejects(block.condition.sample_size * statistic(estimates), critical_value(q, block.test_level))


def critical_estimate(block: Block, task: Task, q: Pmf) -> float:
    """The smallest estimate that is exceeded with probability at most the level where P = Q, ∞ included."""
    condition = block.condition
    assert condition.model is not None  # the test is of P = Q
    outcomes = replace(enumerate_outcomes(q, condition.sample_size), shape=condition.truth.shape)
    found = [
        _columns_of(SharedSamples(sample), Columns(expensive_from=None), rows)(task)[0]
        for rows, sample in samples_of(outcomes, replace(condition, truth=condition.model))
    ]
    values, (weights,) = distinct(np.concatenate(found), outcomes.weights)
    larger = np.append(weights[::-1].cumsum()[-2::-1], 0.0)
    return float(values[np.argmax(larger <= (block.test_level or 0.0))]) if values.size else math.inf


def _columns_of(shared: SharedSamples, known: Columns, rows: slice) -> Callable[[Task], Column]:
    """The function that gives the estimates of a task on these outcomes, each made once."""

    @cache
    def made(task: Task) -> Column:
        entry = find(task.estimand, task.name, task.design)
        assert entry is not None  # the scenario was checked
        return known.of(task, rows, partial(estimates_of, task, shared.given_to(entry)))

    def column_of(task: Task) -> Column:
        entry = find(task.estimand, task.name, task.design)
        values, raised = made(source_of(task))
        if entry is None or entry.lift is None:
            return values, raised
        return shared.lifted(entry.lift, values), raised

    return column_of


def source_of(task: Task) -> Task:
    """The task whose estimates those of this one are made of: an estimate of the entropy, or its own."""
    entry = find(task.estimand, task.name, task.design)
    if entry is None or entry.lift is None:
        return task
    return replace(task, estimand=entry.lift.source.estimand, design=entry.lift.source.design)


def _by_task(
    block: Block, sampling: SamplingDesign | None, rule: Callable[..., float | None]
) -> tuple[dict[Task, float], tuple[EstimateFailure, ...]]:
    """What linearity gives for every task, and where an estimator raised instead; nothing without a sampling."""
    found, failed = {}, []
    for task in block.tasks if sampling else ():
        entry = find(task.estimand, task.name, task.design)
        if entry is None:
            continue
        try:
            value = rule(entry, dict(task.parameters), sampling)
        except RAISED as error:
            said = f"no exact value: {error_text(error)}"
            failed.append(
                EstimateFailure(
                    kind="exception", task=task, replicates=0, first=0, counts=(), counts_q=None, message=said
                )
            )
        else:
            if value is not None and np.isfinite(value):
                found[task] = value
    return found, tuple(failed)
