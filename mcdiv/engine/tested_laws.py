"""What tested estimates look like if P = Q, and with P as it is: both laws in the same bins, and what the test rejects.

Exact where outcomes can be listed; elsewhere from the first replicates of the condition, and as many if P = Q.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.special import chdtrc

from mcdiv.core.arrays import Array
from mcdiv.core.significance import critical_value
from mcdiv.core.weighted import binned, distinct
from mcdiv.engine.block import critical_estimate, rejected_by_test
from mcdiv.engine.exact import true_value
from mcdiv.engine.plan import Block, Condition, Plan, Task
from mcdiv.engine.sampling_law import NEGLIGIBLE, TAIL, blocks_of_law, estimates_in
from mcdiv.estimands.contract import estimand_of

#: laws in all, distinct estimates that are told one by one, and bins of the others
MAX_LAWS, MAX_DISTINCT, BINS = 100, 40, 40
_HALVINGS = 200
#: values, their probabilities, which are rejected (0 or 1), and the replicates they are from: 0 where exact
_Law: TypeAlias = tuple[Array, Array, Array, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedBin:
    """One estimate, or the estimates between two values, in nats; infinite ones have both ends infinite."""

    condition: Condition
    task: Task
    true_value: float
    level: float
    #: the test rejects larger estimates
    critical_value: float
    low: float
    high: float
    #: P(an estimate is in the bin) if P = Q, and P(it is, and the test rejects)
    null_probability: float
    null_rejected: float
    #: the same by the χ² law; NaN where the estimand has none, or where there are no bins
    chi_squared: float
    #: replicates that the two are shares of; 0 where they are exact
    null_replicates: int
    #: as the first two, with P as it is; NaN where nothing is listed or drawn
    probability: float
    rejected: float
    replicates: int


def tested_laws(plan: Plan) -> Iterator[TestedBin]:
    """The laws of the plug-in, or else of the first estimator, of each tested estimand, condition by condition."""
    test, left = plan.scenario.test, MAX_LAWS
    tasks: dict[str, Task] = {}
    for task in sorted(plan.tasks, key=lambda task: task.name != "plugin"):
        if test is not None and task.design == "model_known" and test.has(task.estimand):
            tasks.setdefault(task.estimand, task)
    for estimand in plan.scenario.resolved_estimands():
        for condition in plan.conditions if estimand in tasks else ():
            if left:
                found = list(_bins(plan, condition, tasks[estimand]))
                left -= bool(found)
                yield from found


def _bins(plan: Plan, condition: Condition, task: Task) -> Iterator[TestedBin]:
    model = condition.model
    null_blocks = blocks_of_law(plan, replace(condition, truth=model)) if model else []
    if not null_blocks:
        return
    blocks = null_blocks if condition.truth == model else blocks_of_law(plan, condition)
    null = _law(null_blocks, task)
    law: _Law = _law(blocks, task) if blocks else (np.zeros(0), np.zeros(0), np.zeros(0), 0)
    edges, sums = _summed(null, law)
    critical = _critical(null_blocks[0], task)
    chi_squared = _chi_squared(condition, task, *edges)
    value = true_value(task.estimand, condition.p, condition.q, condition.truth.shape)
    for low, high, approximate, *shares in zip(*edges, chi_squared, *sums, strict=True):
        yield TestedBin(
            condition=condition,
            task=task,
            true_value=value,
            level=null_blocks[0].test_level or math.nan,
            critical_value=critical,
            low=float(low),
            high=float(high),
            null_probability=float(shares[0]),
            null_rejected=float(shares[1]),
            chi_squared=float(approximate),
            null_replicates=null[3],
            probability=float(shares[2]) if blocks else math.nan,
            rejected=float(shares[3]) if blocks else math.nan,
            replicates=law[3],
        )


def _law(blocks: list[Block], task: Task) -> _Law:
    """The estimates; listed outcomes have their probabilities, whatever a study of them is made of."""
    listed = blocks[0].kind == "enumeration"
    blocks = [replace(block, exact=True) for block in blocks] if listed else blocks
    parts = [
        (values[0], weights if listed else times)
        for values, weights, times in (estimates_in(b, [task]) for b in blocks)
    ]
    values, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    rejected = rejected_by_test(blocks[0], task, values, blocks[0].condition.q)
    assert rejected is not None  # the scenario was checked
    replicates = 0 if listed else sum(block.replicates for block in blocks)
    return values, weights / (replicates or 1), rejected, replicates


def _summed(null: _Law, law: _Law) -> tuple[tuple[Array, Array], list[Array]]:
    """Ends of bins, and what each law has in them, of all estimates and of the rejected ones."""
    nothing = [np.zeros(len(each[0])) for each in (null, law)]
    columns = [[each[1], each[1] * each[2]] for each in (null, law)]
    amounts = [np.concatenate([column, nothing[1]]) for column in columns[0]]
    amounts += [np.concatenate([nothing[0], column]) for column in columns[1]]
    values, amounts = distinct(np.concatenate([null[0], law[0]]), *amounts)
    likely = (amounts[0] > NEGLIGIBLE) | (amounts[2] > NEGLIGIBLE)
    values, amounts = values[likely], [amount[likely] for amount in amounts]
    finite = np.isfinite(values)
    if finite.sum() <= MAX_DISTINCT:
        return (values, values), amounts
    inside = [amount[finite] for amount in amounts]
    edges, sums = binned(values[finite], inside[0] + inside[2], inside, BINS, TAIL)
    rest = values[~finite]
    sums = [np.concatenate([some, amount[~finite]]) for some, amount in zip(sums, amounts, strict=True)]
    return (np.concatenate([edges[:-1], rest]), np.concatenate([edges[1:], rest])), sums


def _critical(block: Block, task: Task) -> float:
    """The largest estimate that the test does not reject, in the limit of many draws or by the exact law."""
    q, statistic = block.condition.q, estimand_of(task.estimand).null_statistic
    assert q is not None
    if block.test_exact or statistic is None:
        return critical_estimate(block, task, q)
    wanted = critical_value(q, block.test_level or 0.0) / block.condition.sample_size
    low, high = 0.0, 1.0
    while statistic(np.array([high]))[0] < wanted:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if statistic(np.array([middle]))[0] <= wanted else (low, middle)
    return low


def _chi_squared(condition: Condition, task: Task, low: Array, high: Array) -> Array:
    """What the χ² law gives to each bin."""
    q, statistic = condition.q, estimand_of(task.estimand).null_statistic
    freedom = 0 if q is None else int((q > 0).sum()) - 1
    if statistic is None or not freedom or not (low < high).any():
        return np.full(len(low), math.nan)
    above = [chdtrc(freedom, condition.sample_size * statistic(np.maximum(ends, 0.0))) for ends in (low, high)]
    return np.where(low < high, above[0] - above[1], math.nan)
