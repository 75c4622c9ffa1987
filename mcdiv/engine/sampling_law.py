"""What estimates really look like: their law in a few conditions, exact where outcomes can be listed, and simulated."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.distributions import Distribution
from mcdiv.core.weighted import binned, distinct
from mcdiv.engine.block import outcomes_of, samples_of
from mcdiv.engine.estimates import estimates_of
from mcdiv.engine.exact import has_exact_mean, true_value
from mcdiv.engine.plan import Block, Condition, Plan, Task

#: estimands and sample sizes looked at: a panel for each pair
MAX_ESTIMANDS, MAX_SIZES = 3, 3
#: distinct estimates told one by one, of two categories and in all other cases; what is more goes into bins
MAX_DISTINCT, MAX_FEW = 300, 60
BINS, BINS_DRAWN, TAIL = 60, 30, 5e-4
#: less probable estimates that nobody met are left out
NEGLIGIBLE = 1e-9
#: where replicates are drawn one by one: blocks are added up to so many of them, or so many counts
ENOUGH, MAX_COUNTS = 1000, 2**21


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One estimate, or the estimates between two values, in nats."""

    condition: Condition
    task: Task
    true_value: float
    low: float
    high: float
    #: exact, NaN where it is not known
    probability: float
    #: of the replicates, NaN where there are none
    share: float
    replicates: int


def sampling_law(plan: Plan) -> Iterator[Piece]:
    """The law of one estimator of each estimand: in the first setting, at the least, middle and largest N."""
    everything = plan.conditions
    conditions = [condition for condition in everything if _setting(condition) == _setting(everything[0])]
    conditions.sort(key=lambda condition: condition.sample_size)
    last = len(conditions) - 1
    chosen = sorted({0, last // 2, last})[:MAX_SIZES]
    tasks = _tasks(plan)
    found = [_laws(plan, conditions[place], tasks) for place in chosen]
    for number in range(len(tasks)):
        yield from itertools.chain.from_iterable(laws[number] for laws in found if laws)


def _setting(condition: Condition) -> tuple[Distribution, Distribution | None, int | None]:
    """What a condition is but for N; combinations may be left out, so a setting may have any of the sample sizes."""
    return condition.truth, condition.model, condition.model_sample_size


def _tasks(plan: Plan) -> list[Task]:
    """The plug-in of each estimand, or else its first additive estimator: these cost next to nothing."""
    found: dict[str, Task] = {}
    for task in sorted(plan.tasks, key=lambda task: task.name != "plugin"):
        if task.name == "plugin" or has_exact_mean(task.estimand, task.name, task.design, dict(task.parameters)):
            found.setdefault(task.estimand, task)
    return [found[name] for name in plan.scenario.resolved_estimands() if name in found][:MAX_ESTIMANDS]


def _laws(plan: Plan, condition: Condition, tasks: list[Task]) -> list[list[Piece]]:
    """The law of each task in one condition; none where nothing is listed and nothing drawn."""
    blocks = blocks_of_law(plan, condition)
    parts = [estimates_in(block, tasks) for block in blocks]
    found = []
    for number, task in enumerate(tasks if blocks else ()):
        columns = ((values[number], weights, times) for values, weights, times in parts)
        values, weights, times = (np.concatenate(column) for column in zip(*columns, strict=True))
        lows, highs, [probabilities, met] = _summed(values, weights, times, blocks[0])
        p, q = condition.truth.pmf(), condition.model.pmf() if condition.model else None
        value = true_value(task.estimand, p, q, condition.truth.shape)
        replicates = sum(block.replicates for block in blocks)
        found.append(
            [
                Piece(
                    condition=condition,
                    task=task,
                    true_value=value,
                    low=float(low),
                    high=float(high),
                    probability=float(probability) if blocks[0].exact else math.nan,
                    share=float(times) / replicates if replicates else math.nan,
                    replicates=replicates,
                )
                for low, high, probability, times in zip(lows, highs, probabilities, met, strict=True)
            ]
        )
    return found


def _summed(values: Array, weights: Array, times: Array, block: Block) -> tuple[Array, Array, list[Array]]:
    """Estimates with what they weigh and how often they were met; in bins where they are many, but for infinity."""
    listed = block.kind == "enumeration"
    # Of a coin's flips the law is smooth, however many estimates there are; other laws are a thicket.
    smooth = listed and not block.condition.model_sample_size and np.count_nonzero(block.condition.o) <= 2
    values, (weights, times) = distinct(values, weights, times)
    kept = (times > 0) | ((weights > NEGLIGIBLE) & block.exact)
    values, amounts = values[kept], [weights[kept], times[kept]]
    finite = np.isfinite(values)
    if finite.sum() <= (MAX_DISTINCT if smooth else MAX_FEW):
        return values, values, amounts
    # Where nothing is exact, what was simulated tells where the tails are.
    tells = amounts[0] if block.exact or not listed else amounts[1]
    inside, bins = [amount[finite] for amount in amounts], BINS if listed else BINS_DRAWN
    edges, sums = binned(values[finite], tells[finite], inside, bins, TAIL)
    rest = values[~finite]
    sums = [np.concatenate([sum_, amount[~finite]]) for sum_, amount in zip(sums, amounts, strict=True)]
    return np.concatenate([edges[:-1], rest]), np.concatenate([edges[1:], rest]), sums


def blocks_of_law(plan: Plan, condition: Condition) -> list[Block]:
    """The block in which all outcomes are listed, or the first ones of replicates drawn one by one."""
    chosen: list[Block] = []
    for block in plan.blocks(condition):
        if block.kind == "enumeration":
            return [block]
        counts = sum(each.replicates for each in chosen) * condition.truth.categories
        if block.kind == "draws" and counts < min(ENOUGH * condition.truth.categories, MAX_COUNTS):
            chosen.append(block)
    return chosen


def estimates_in(block: Block, tasks: list[Task]) -> tuple[list[Array], Array, Array]:
    """Estimates of each task, the outcomes' own weights, and how many replicates had each."""
    outcomes, times = outcomes_of(block)
    values = [[estimates_of(task, sample)[0] for task in tasks] for _, sample in samples_of(outcomes, block.condition)]
    return [np.concatenate(columns) for columns in zip(*values, strict=True)], outcomes.weights, times
