"""One replicate again: the same counts from the same random stream, and what every estimator makes of them."""

from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Counts, Sample
from mcdiv.engine.block import outcomes_of, samples_of
from mcdiv.engine.estimates import evaluated, ungrouped
from mcdiv.engine.plan import Block, Condition, Plan, Task
from mcdiv.errors import ScenarioError


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one estimator made of a replicate."""

    task: Task
    #: the estimate in nats, None where something was raised
    value: float | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicate:
    """One replicate of a study."""

    condition: Condition
    #: from 0
    number: int
    #: draws from P and, where it is sampled, from Q; shape (K,)
    counts: Counts
    counts_q: Counts | None
    #: whether only how many categories had each count was drawn, so that their order means nothing
    unordered: bool
    attempts: tuple[Attempt, ...]


def replay(plan: Plan, condition_number: int, number: int, estimator: str | None = None) -> Replicate:
    """Draw a replicate again and estimate from it; ScenarioError where there is no such replicate or estimator."""
    conditions = plan.conditions
    if not 1 <= condition_number <= len(conditions):
        raise ScenarioError([f"--condition: expected one from 1 to {len(conditions)}, got {condition_number}"])
    condition = conditions[condition_number - 1]
    block = _block_of(plan, condition, number)
    tasks = [task for task in block.tasks if estimator in (None, task.name, task.label)]
    if not tasks:
        labels = ", ".join(dict.fromkeys(task.label for task in plan.measured(condition)))
        raise ScenarioError([f"--estimator: the scenario has {labels}, not '{estimator}'"])
    sample = _sample(block, number)
    alone = ungrouped(sample)
    return Replicate(
        condition=condition,
        number=number,
        counts=alone.counts[0],
        counts_q=None if alone.counts_q is None else alone.counts_q[0],
        unordered=sample.multiplicity is not None,
        attempts=tuple(_attempt(task, sample) for task in tasks),
    )


def _block_of(plan: Plan, condition: Condition, number: int) -> Block:
    last = -1
    for block in plan.all_blocks(condition):
        if block.start <= number < block.start + block.replicates:
            return block
        last = max(last, block.start + block.replicates - 1)
    there = f"expected one from 0 to {last}" if last >= 0 else "none was simulated"
    raise ScenarioError([f"--replicate: {there}, got {number}"])


def _sample(block: Block, number: int) -> Sample:
    """The sample that this replicate had, as the engine hands it to estimators."""
    outcomes, times = outcomes_of(block)
    # Replicates are numbered outcome by outcome: the first of the second outcome follows the last of the first.
    row = int(np.searchsorted(np.cumsum(times), number - block.start, side="right"))
    return next(samples_of(outcomes.at(row), block.condition))[1]


def _attempt(task: Task, sample: Sample) -> Attempt:
    try:
        return Attempt(task=task, value=float(evaluated(task, sample)[0]))
    except Exception as error:
        return Attempt(task=task, error=error)
