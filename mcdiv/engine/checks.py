"""The answers a scenario states, held against what was found."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mcdiv.core.number_format import amount, figure, joined
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.engine.pooled import PooledRow, law_of, pooled
from mcdiv.engine.records import Row
from mcdiv.errors import ScenarioProblem
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.measures.contract import MEASURES
from mcdiv.scenario.bounds import by_size, texts_of
from mcdiv.scenario.clauses import Check
from mcdiv.scenario.grid import MAX_MATCHES
from mcdiv.scenario.model import Scenario

#: labels that a line of a problem names
_MAX_LABELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A check and how it went."""

    check: Check
    met: bool
    #: what was asked and what was found, in one line
    text: str


def check_problems(plan: Plan) -> list[ScenarioProblem]:
    """Checks that no row of the scenario answers to."""
    scenario, conditions, tasks = plan.scenario, plan.conditions, plan.tasks
    if (matches := len(scenario.checks) * len(conditions)) > MAX_MATCHES:
        text = f"{len(scenario.checks):,} checks of {len(conditions):,} conditions are {matches:,} comparisons"
        return [ScenarioProblem(path=("checks",), message=f"{text}; at most {MAX_MATCHES:,} are made")]
    within = {means: _finder(plan, pooled=means) for means in {bool(check.pooled) for check in scenario.checks}}
    one_of = {condition.truth.categories: condition for condition in conditions}

    def answered(check: Check) -> bool:
        sizes = within[bool(check.pooled)](check)
        if check.interval is None:
            return bool(sizes) and any(_matches(check, task) for task in tasks)
        there = (pair for size in sizes for pair in plan.intervals(one_of[size]))
        return any(choice.label == check.interval and _matches(check, task) for task, choice in there)

    unpooled = [i for i, check in enumerate(scenario.checks) if check.pooled and not scenario.pool]
    if unpooled:
        told = "there are no means over truths: give 'pool: truth', or leave out 'pooled'"
        return [ScenarioProblem(path=("checks", i, "pooled"), message=told) for i in unpooled]
    return [
        ScenarioProblem(
            path=("checks", i),
            message=f"matches no row of this scenario ({_subject(check)}), {_what_there_is(plan, check)}",
        )
        for i, check in enumerate(scenario.checks)
        if not answered(check)
    ]


def _what_there_is(plan: Plan, check: Check) -> str:
    """The labels there are of the first thing that a check names and no row has."""
    truths = [law_of(plan.scenario.pool, c) if check.pooled else c.truth.label for c in plan.conditions]
    estimators = [task for task in plan.tasks if task.estimand == check.estimand]
    named: dict[str, tuple[object, list[object]]] = {
        "truth": (check.truth, [*truths]),
        "model": (check.model, [c.model.label for c in plan.conditions if c.model]),
        "sample size": (check.sample_size, [c.sample_size for c in plan.conditions]),
        "model sample size": (check.model_sample_size, [c.model_sample_size for c in plan.conditions]),
        "estimand": (check.estimand, [task.estimand for task in plan.tasks]),
        "estimator": (check.estimator, [name for task in estimators for name in (task.label, task.name)]),
        "interval": (check.interval, [one.label for c in plan.conditions for _, one in plan.intervals(c)]),
    }
    for what, (given, there) in named.items():
        if given is not None and given not in there:
            labels = [f"{one:,}" if isinstance(one, int) else str(one) for one in dict.fromkeys(there) if one]
            if not labels:
                return f"which names no {what}"
            more = [f"{len(labels) - _MAX_LABELS:,} more"] if len(labels) > _MAX_LABELS else []
            return f"whose {what}{'s are' if labels[1:] else ' is'} {joined([*labels[:_MAX_LABELS], *more])}"
    return "which has each of these, but not together"


def _finder(plan: Plan, *, pooled: bool) -> Callable[[Check], set[int]]:
    """Tells the alphabets' sizes in the conditions that a check speaks of, each kind of check in one look at them."""
    rows = [
        (
            law_of(plan.scenario.pool, c) if pooled else c.truth.label,
            c.model.label if c.model else None,
            c.sample_size,
            c.model_sample_size,
            c.truth.categories,
        )
        for c in plan.conditions
    ]
    known: dict[tuple[int, ...], dict[tuple[object, ...], set[int]]] = {}

    def find(check: Check) -> set[int]:
        given = (check.truth, check.model, check.sample_size, check.model_sample_size)
        named = tuple(i for i, value in enumerate(given) if value is not None)
        if named not in known:
            known[named] = {}
            for *values, size in rows:
                known[named].setdefault(tuple(values[i] for i in named), set()).add(size)
        return known[named].get(tuple(given[i] for i in named), set())

    return find


def verdicts(scenario: Scenario, rows: Sequence[Row], intervals: Sequence[IntervalRow]) -> list[Verdict]:
    """Every check against all rows it speaks of; the worst of them is quoted."""
    means = pooled(scenario.pool, rows, intervals) if any(check.pooled for check in scenario.checks) else []

    def concerned(check: Check) -> Sequence[Row | IntervalRow | PooledRow]:
        if check.pooled:
            return [row for row in means if row.interval == check.interval and _over(check, row)]
        listed = rows if check.interval is None else [row for row in intervals if row.interval == check.interval]
        return [row for row in listed if _within(check, row.condition)]

    return [_judge(check, concerned(check), check.units or scenario.units) for check in scenario.checks]


def _judge(check: Check, rows: Sequence[Row | IntervalRow | PooledRow], units: str) -> Verdict:
    entry = MEASURES.get(check.measure)
    concerned = [row for row in rows if _matches(check, row.task)]
    if entry and entry.needs in ("rejections", "gain"):  # there in some rows only, such as power where P is not Q
        concerned = [row for row in concerned if not math.isnan(row.value(check.measure))]
    scale = scale_of(check.estimand, units, entry.unit_power if entry else 1)
    values = [
        (row.true_value if check.measure == "true_value" else row.value(check.measure)) / scale for row in concerned
    ]
    sized = [abs(value) if by_size(check.measure) else value for value in values]
    failed = [i for i, value in enumerate(values) if not _holds(check, value, sized[i])]
    shown = values[failed[0] if failed else 0] if values else math.nan
    found = "no finite value" if math.isnan(shown) else figure(shown)
    bounds = amount(
        " and ".join(texts_of(check)), entry.unit(check.estimand, units) if entry else unit_of(check.estimand, units)
    )
    text = f"{_subject(check)}: {check.measure} {bounds}; found {found}"
    if len(values) > 1:
        text += f" ({len(values) - len(failed)} of {len(values)} rows)"
    return Verdict(check=check, met=bool(values) and not failed, text=text)


def _holds(check: Check, value: float, size: float) -> bool:
    if math.isnan(value):
        return False
    below = check.below is None or size < check.below
    above = check.above is None or size > check.above
    near = check.near is None or check.within is None or abs(value - check.near) <= check.within
    between = check.between is None or check.between[0] <= value <= check.between[1]
    return below and above and between and near


def _matches(check: Check, task: Task) -> bool:
    return task.estimand == check.estimand and check.estimator in (None, task.name, task.label)


def _within(check: Check, condition: Condition) -> bool:
    return (
        check.sample_size in (None, condition.sample_size)
        and check.model_sample_size in (None, condition.model_sample_size)
        and check.truth in (None, condition.truth.label)
        and check.model in (None, condition.model.label if condition.model else None)
    )


def _over(check: Check, row: PooledRow) -> bool:
    return (
        check.sample_size in (None, row.sample_size)
        and check.model_sample_size in (None, row.model_sample_size)
        and check.model in (None, row.model.label if row.model else None)
        and check.truth in (None, row.law)
    )


def _subject(check: Check) -> str:
    parts = [check.estimand, check.estimator or "", check.interval or ""]
    parts += [f"N = {check.sample_size}" if check.sample_size else ""]
    parts += [f"M = {check.model_sample_size}" if check.model_sample_size else "", check.truth or "", check.model or ""]
    parts += ["mean over the truths" if check.pooled else ""]
    return ", ".join(filter(None, parts))
