"""From a scenario to conditions, and from conditions to blocks: the pieces of work, each able to run anywhere."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from mcdiv.core.distributions import Distribution
from mcdiv.core.flips import checkpoints_of
from mcdiv.core.outcomes import block_size, count_outcomes, enumerable
from mcdiv.estimators.entry import Design
from mcdiv.estimators.registry import find
from mcdiv.intervals.contract import INTERVALS, Interval
from mcdiv.intervals.posterior import draws_taken
from mcdiv.measures.contract import MEASURES
from mcdiv.study.errors import ScenarioProblem
from mcdiv.study.exact import has_exact_mean, too_long, true_value
from mcdiv.study.fields import Choice
from mcdiv.study.grids import combinations
from mcdiv.study.scenario import Scenario

#: counts of literal experiments that are looked at, and blocks of individual draws
MOST_FOLLOWED, MOST_BLOCKS = 2**27, 10**7
#: estimates of one sample: their covariance is held, with nine numbers for every two
MOST_TASKS = 1000
#: resamples or posterior draws behind the exact coverage of one interval in one condition: some minutes
MOST_REDRAWN = 2**29
#: estimates that are kept for quantiles: half a gigabyte, with their weights
MOST_KEPT = 2**25


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One (P, Q, N, M) of a scenario."""

    #: place in the scenario, from 1
    number: int
    truth: Distribution
    model: Distribution | None
    sample_size: int
    #: draws from Q, where the model is known only through them
    model_sample_size: int | None

    @property
    def address(self) -> int:
        """Where its random streams are: a hash of its content, so that no other condition changes its numbers."""
        parts = [self.truth.content, self.model.content if self.model else "", self.sample_size, self.model_sample_size]
        return address_of(*map(str, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One estimator for one estimand."""

    estimand: str
    name: str
    design: Design
    parameters: tuple[tuple[str, Any], ...]
    #: name and parameters
    label: str


#: enumeration: all outcomes at once, exact and simulated; draws: some replicates; linearity: exact values for any K,
#: and those of the control variates
Kind: TypeAlias = Literal["enumeration", "draws", "linearity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The unit of work: what a worker gets, and all it needs."""

    condition: Condition
    kind: Kind
    tasks: tuple[Task, ...]
    seed: int
    #: place among the condition's blocks
    index: int
    #: number of its first replicate, and how many it has (0: only exact values are wanted)
    start: int
    replicates: int
    #: whether exact values are wanted
    exact: bool
    #: names of measures that are wanted besides the usual ones
    measures: tuple[str, ...] = ()


def conditions_of(scenario: Scenario) -> list[Condition]:
    """Every (P, Q, N, M), in the order of the tables: truth, model, M, N."""
    return [
        Condition(number=number, truth=truth, model=model, sample_size=size, model_sample_size=model_size)
        for number, (truth, model, size, model_size) in enumerate(combinations(scenario), start=1)
    ]


def pairs_of(conditions: Iterable[Condition]) -> list[tuple[Distribution, Distribution | None]]:
    """Every (P, Q) that there is a condition of."""
    return list(dict.fromkeys((condition.truth, condition.model) for condition in conditions))


def tasks_of(scenario: Scenario) -> tuple[Task, ...]:
    """Every estimator for every estimand it has, estimand by estimand."""
    return tuple(
        Task(
            estimand=estimand,
            name=choice.name,
            design=entry.design,
            parameters=choice.parameters,
            label=choice.label,
        )
        for estimand in scenario.wanted_estimands()
        for choice, entry in scenario.estimators_of(estimand)
    )


def interval_pairs(scenario: Scenario, condition: Condition) -> list[tuple[Task, Choice]]:
    """Every interval with every estimator it is built around here, estimator by estimator."""
    listed = tasks_of(scenario)
    pairs: list[tuple[Task, Choice]] = []
    for choice in scenario.intervals:
        rule = INTERVALS[choice.name]
        fitting = [task for task in listed if not rule.misfit(task.estimand, task.design, condition.truth.categories)]
        if rule.own:
            fitting = list(dict.fromkeys(_own_task(choice, rule, task.estimand, task.design) for task in fitting))
        pairs += [(task, choice) for task in fitting]
    return sorted(pairs, key=lambda pair: scenario.wanted_estimands().index(pair[0].estimand))


def measured_tasks(scenario: Scenario, condition: Condition) -> tuple[Task, ...]:
    """The scenario's tasks, each estimand's followed by those of estimators that only its intervals bring along."""
    own = [task for task, _ in interval_pairs(scenario, condition)] if scenario.intervals else []
    order = scenario.wanted_estimands()
    return tuple(dict.fromkeys(sorted([*tasks_of(scenario), *own], key=lambda task: order.index(task.estimand))))


def _own_task(choice: Choice, rule: Interval, estimand: str, design: Design) -> Task:
    name = rule.centre(estimand, design) or "plugin"
    entry = find(estimand, name, design)
    assert entry is not None  # the interval fits
    parameters = tuple((key, value) for key, value in choice.parameters if key in entry.parameters)
    label = Choice(name=name, parameters=parameters).label
    return Task(estimand=estimand, name=name, design=design, parameters=parameters, label=label)


def blocks_of(scenario: Scenario, condition: Condition, seed: int, stage: int = 0) -> Iterator[Block]:
    """The blocks of one condition, in the order in which their results are folded.

    Where replicates are added until they are precise enough, those of one stage; none after the last.
    """
    tasks = measured_tasks(scenario, condition)
    wants_exact, measures = scenario.mode != "monte_carlo", scenario.further_measures()

    def block(kind: Kind, index: int, start: int, size: int, *, exact: bool) -> Block:
        return Block(
            condition=condition,
            kind=kind,
            tasks=tasks,
            seed=seed,
            index=index,
            start=start,
            replicates=size,
            exact=exact,
            measures=measures,
        )

    if can_enumerate(condition):
        if stage == 0:
            yield block("enumeration", 0, 0, at_once(scenario), exact=wants_exact)
        return
    if stage == 0:
        yield block("linearity", 0, 0, 0, exact=wants_exact)
    size = replicates_per_block(condition)
    first, end = (_end(scenario, size, each) for each in (stage - 1, stage))
    for start in range(first, end, size):
        yield block("draws", start // size, start, min(size, end - start), exact=False)


def every_block_of(scenario: Scenario, condition: Condition, seed: int) -> Iterator[Block]:
    """The most blocks that a condition can come to have, stage by stage."""
    for stage in itertools.count():
        blocks = blocks_of(scenario, condition, seed, stage)
        first = next(blocks, None)
        if first is None:
            return
        yield first
        yield from blocks


def at_once(scenario: Scenario) -> int:
    """Replicates of a condition whose outcomes are listed, where any number costs the same.

    Until precise enough: all that there may be, unless there are exact values, which nothing makes more precise.
    """
    wanted = scenario.replicates
    if scenario.mode == "exact":
        return 0
    return wanted if isinstance(wanted, int) else wanted.least if scenario.mode == "both" else wanted.most


def most_replicates(scenario: Scenario) -> int:
    """The most replicates that a condition can come to have."""
    if scenario.mode == "exact":
        return 0
    return scenario.replicates if isinstance(scenario.replicates, int) else scenario.replicates.most


def most_blocks(scenario: Scenario, condition: Condition, replicates: int = 0) -> int:
    """The most blocks of draws that a condition can come to have, after those that held so many replicates."""
    left = most_replicates(scenario) - replicates
    return 0 if can_enumerate(condition) else -(-left // replicates_per_block(condition))


def _end(scenario: Scenario, size: int, stage: int) -> int:
    """Replicates drawn by the end of a stage: whole blocks, twice as many every time."""
    wanted = scenario.replicates
    if stage < 0 or isinstance(wanted, int):
        return 0 if stage < 0 else most_replicates(scenario)
    return min(most_replicates(scenario), -(-wanted.least // size) * size << stage)


def can_enumerate(condition: Condition) -> bool:
    """Whether all outcomes of a condition can be listed."""
    model = condition.model.pmf() if condition.model else None
    return enumerable(condition.truth.pmf(), condition.sample_size, model, condition.model_sample_size)


def replicates_per_block(condition: Condition) -> int:
    """Replicates in a block of individual draws."""
    model = condition.model.pmf() if condition.model else None
    return block_size(condition.truth.pmf(), condition.sample_size, model, condition.truth.shape)


def plan_problems(scenario: Scenario) -> list[ScenarioProblem]:
    """What only shows once the conditions are known: sizes nobody can wait for, exact values nobody can have."""
    conditions = conditions_of(scenario)
    problems = _too_large(scenario, conditions) + _unreachable(scenario, conditions) + _redrawn(scenario, conditions)
    problems += _not_kept(scenario, conditions)
    if problems or scenario.mode != "exact":
        return problems
    for condition in conditions:
        if can_enumerate(condition):
            continue
        for task in tasks_of(scenario):
            if not _has_exact_mean(task):
                where = f"{condition.truth.label}, N = {condition.sample_size}"
                return [
                    ScenarioProblem(
                        path=("mode",),
                        message=f"no exact {task.estimand} of {task.label} at {where}: too many outcomes to list, and "
                        "no formula for its mean; use 'both' or 'monte_carlo'",
                    )
                ]
    return []


def _unreachable(scenario: Scenario, conditions: list[Condition]) -> list[ScenarioProblem]:
    """A precision that no number of replicates gives: of an error where there is no finite true value."""
    wanted = scenario.replicates
    if isinstance(wanted, int):
        return []
    for estimand, (truth, model) in itertools.product(scenario.wanted_estimands(), pairs_of(conditions)):
        value = true_value(estimand, truth.pmf(), model.pmf() if model else None, truth.shape)
        if not MEASURES[wanted.measure].is_known_at(value):
            where = truth.label + (f" with {model.label}" if model else "")
            text = f"{estimand} of {where} is {'0' if value == 0 else 'infinite'}: its {wanted.measure} has no MCSE"
            return [ScenarioProblem(path=("replicates", "until", "measure"), message=text)]
    return []


def _not_kept(scenario: Scenario, conditions: list[Condition]) -> list[ScenarioProblem]:
    """Measures that fail, or need every estimate where these are too many, or are neither listed nor drawn."""
    asked = [entry for entry in map(MEASURES.__getitem__, scenario.further_measures()) if not entry.of_interval]
    path = ("measures",) if scenario.measures else ()
    if scenario.mode == "exact":
        for condition in conditions if asked else ():
            if not can_enumerate(condition):
                where = f"{condition.truth.label}, N = {condition.sample_size:,}"
                text = f"no exact {asked[0].name} at {where}: too many outcomes to list; use 'both' or 'monte_carlo'"
                return [ScenarioProblem(path=path, message=text)]
    if wrong := [text for name in scenario.further_measures() if (text := MEASURES[name].failure())]:
        return [ScenarioProblem(path=path, message=text) for text in wrong]
    of_law = [entry.name for entry in asked if entry.needs == "law"]
    if not of_law:
        return []
    kept = sum(_outcomes_of(scenario, condition) for condition in conditions) * len(tasks_of(scenario))
    if kept <= MOST_KEPT:
        return []
    text = f"{of_law[0]} needs every estimate, of which there would be up to {kept:,}, more than {MOST_KEPT:,}; use "
    text += "fewer replicates, conditions or estimators"
    return [ScenarioProblem(path=path, message=text)]


def _outcomes_of(scenario: Scenario, condition: Condition) -> int:
    """Outcomes of one condition, listed or drawn."""
    if not can_enumerate(condition):
        return most_replicates(scenario)
    model = condition.model.pmf() if condition.model else None
    return int(count_outcomes(condition.truth.pmf(), condition.sample_size, model, condition.model_sample_size))


def _redrawn(scenario: Scenario, conditions: list[Condition]) -> list[ScenarioProblem]:
    """Exact coverage of an interval that draws anew for each of very many outcomes."""
    for condition in conditions if scenario.intervals and scenario.mode != "monte_carlo" else ():
        p, q = condition.truth.pmf(), condition.model.pmf() if condition.model else None
        listed = count_outcomes(p, condition.sample_size, q, condition.model_sample_size)
        for task, choice in interval_pairs(scenario, condition) if can_enumerate(condition) else ():
            rule = INTERVALS[choice.name]
            given = {name: parameter.default for name, parameter in rule.parameters.items()} | dict(choice.parameters)
            each = draws_taken(given["draws"], len(p)) if "draws" in given else given.get("resamples", 0)
            draws = listed * each
            integrated = rule.own and task.estimand == "entropy" and len(p) == 2  # without a draw
            if draws > MOST_REDRAWN and not integrated:
                where = f"{choice.label} at {condition.truth.label}, N = {condition.sample_size:,}"
                text = f"exact coverage of {where} would take {draws:,.0f} draws, more than {MOST_REDRAWN:,}"
                path = ("intervals", scenario.intervals.index(choice))
                return [ScenarioProblem(path=path, message=f"{text}; use fewer, or mode 'monte_carlo'")]
    return []


def _too_large(scenario: Scenario, conditions: list[Condition]) -> list[ScenarioProblem]:
    problems = []
    categories = max(truth.categories for truth in scenario.truth)
    followed = scenario.paths * len(checkpoints_of(max(scenario.sample_sizes), scenario.sample_sizes))
    if followed * categories > MOST_FOLLOWED:
        text = f"{followed} counts of {categories} categories would be looked at; use fewer paths, or 0"
        problems.append(ScenarioProblem(path=("paths",), message=text))
    if (tasks := len(tasks_of(scenario))) > MOST_TASKS:
        text = f"{len(scenario.estimators):,} estimators of {len(scenario.wanted_estimands())} estimands are {tasks:,} "
        text += f"estimates of every sample; at most {MOST_TASKS:,} fit into a study"
        problems.append(ScenarioProblem(path=("estimators",), message=text))
    if scenario.mode != "exact":
        blocks = sum(most_blocks(scenario, condition) for condition in conditions)
        if blocks > MOST_BLOCKS:
            text = f"{blocks:,} blocks of draws are more than {MOST_BLOCKS:,}; use fewer"
            problems.append(ScenarioProblem(path=("replicates",), message=text))
    if scenario.mode != "monte_carlo" and any(map(_has_exact_mean, tasks_of(scenario))):
        for condition in conditions:
            q = condition.model.pmf() if condition.model else None
            said = too_long(condition.truth.pmf(), q, condition.sample_size)
            if q is not None and condition.model_sample_size is not None:
                said = said or too_long(q, None, condition.model_sample_size)
            if said:
                where = f"{condition.truth.label}, N = {condition.sample_size:,}"
                text = f"exact values at {where} {said}; use fewer categories or draws, or 'monte_carlo'"
                return [*problems, ScenarioProblem(path=("mode",), message=text)]
    return problems


def _has_exact_mean(task: Task) -> bool:
    return has_exact_mean(task.estimand, task.name, task.design, dict(task.parameters))


def address_of(*parts: str) -> int:
    """A number below 2^64 that stands for these texts."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")
