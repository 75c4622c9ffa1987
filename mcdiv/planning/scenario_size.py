"""The sample size of a scenario that states a goal in place of numbers."""

from dataclasses import replace

from mcdiv.core.catalogue import nearest_or_all
from mcdiv.engine.plan import Condition, Plan, Task, plan_of
from mcdiv.errors import Fault, Remedy, ScenarioError, ScenarioProblem
from mcdiv.estimands.contract import scale_of
from mcdiv.planning.answer import answer
from mcdiv.planning.question import Goal, Question
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.size_goal import SizeGoal

#: pairs of truth and model that are planned for
MAX_PLANNED = 100
#: of simulation where outcomes cannot be listed; N does not depend on the seed of the study
_SEED = 0


def with_sample_size(scenario: Scenario, stated_in: str | None = None) -> tuple[Scenario, list[ScenarioProblem]]:
    """The scenario with the N that was found, which is the largest that a condition needs; or why there is none.

    `stated_in`: the units of the goal, where they are not those of the scenario.
    """
    goal = scenario.sample_sizes_
    if not isinstance(goal, SizeGoal) or goal.found is not None:
        return scenario, []
    plan = plan_of(scenario)
    task, problems = _task(plan, goal)
    if scenario.model_sample_sizes:
        fault = Fault("a goal is planned for a known model", remedy=Remedy("leave out", "model_sample_sizes"))
        problems.append(_problem(fault))
    if len(plan.conditions) > MAX_PLANNED:
        expected = f"a goal is planned for at most {MAX_PLANNED} pairs of truth and model"
        problems.append(_problem(f"{expected}, got {len(plan.conditions):,}"))
    if task is None or problems:
        return scenario, problems
    goal = _in_units(goal, task.estimand, stated_in or scenario.units, scenario.units)
    sizes = []
    for condition in plan.conditions:
        try:
            sizes.append(answer(_question(scenario, goal, task, condition), scenario.units, _SEED)[0].draws)
        except ScenarioError as error:
            where = f"{condition.truth.label}: " if len(plan.conditions) > 1 else ""
            return scenario, [_problem(where + error.problems[0])]
    reached = replace(goal, estimand=task.estimand, estimator=task.label, found=max(sizes))
    return scenario.model_copy(update={"sample_sizes_": reached}), []


def _task(plan: Plan, goal: SizeGoal) -> tuple[Task | None, list[ScenarioProblem]]:
    """The estimator that is to reach the goal: the first that fits."""
    estimands = [task.estimand for task in plan.tasks]
    estimand = estimands[0] if goal.estimand is None else goal.estimand
    if estimand not in estimands:
        return None, [_problem(f"this study does not estimate it; {nearest_or_all(estimand, estimands)}", "estimand")]
    tasks = [task for task in plan.tasks if task.estimand == estimand]
    for task in tasks:
        if goal.estimator in (None, task.label):
            return task, []
    others = nearest_or_all(goal.estimator, [task.label for task in tasks])
    return None, [_problem(f"this study has no such estimator of {estimand}; {others}", "estimator")]


def _in_units(goal: SizeGoal, estimand: str, stated_in: str, units: str) -> SizeGoal:
    """The same goal in other units."""
    if stated_in == units:
        return goal
    return replace(goal, below=goal.below * scale_of(estimand, stated_in) / scale_of(estimand, units))


def _question(scenario: Scenario, goal: SizeGoal, task: Task, condition: Condition) -> Question:
    size = goal.below * scale_of(task.estimand, scenario.units)
    return Question(
        goal=Goal(kind=goal.measure, size=size, confidence=scenario.level),
        task=task,
        truth=condition.truth,
        model=condition.model,
    )


def _problem(message: str | Fault, *inside: str) -> ScenarioProblem:
    return ScenarioProblem(path=("sample_sizes", "until", *inside), message=message)
