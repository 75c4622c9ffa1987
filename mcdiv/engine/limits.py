"""What only shows once the conditions are known: sizes nobody can wait for, exact values nobody can have."""

import itertools
import math

from mcdiv.core.flips import checkpoints_of
from mcdiv.core.outcomes import count_outcomes, enumerable
from mcdiv.engine.exact import has_exact_mean, too_long, true_value
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.errors import ScenarioProblem
from mcdiv.estimands.contract import estimand_of
from mcdiv.intervals.contract import INTERVALS
from mcdiv.intervals.posterior import draws_taken
from mcdiv.measures.contract import MEASURES

#: counts of literal experiments that are looked at, and blocks of individual draws
MAX_FOLLOWED, MAX_BLOCKS = 2**27, 10**7
#: estimates of one sample: their covariance is held, with nine numbers for every two
MAX_TASKS = 1000
#: resamples or posterior draws behind the exact coverage of one interval in one condition: some minutes
MAX_REDRAWN = 2**29
#: estimates that are kept for quantiles: half a gigabyte, with their weights
MAX_KEPT = 2**25


def plan_problems(plan: Plan) -> list[ScenarioProblem]:
    """Why such a study cannot be run."""
    problems = (
        _too_large(plan) + _undefined(plan) + _unreachable(plan) + _redrawn(plan) + _not_kept(plan) + _unlisted(plan)
    )
    if problems or plan.scenario.mode != "exact":
        return problems
    for condition in plan.conditions:
        if condition.enumerable:
            continue
        for task in plan.tasks:
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


def _undefined(plan: Plan) -> list[ScenarioProblem]:
    """A derivative of what is infinite: there is nothing to estimate."""
    of_category = [name for name in plan.scenario.resolved_estimands() if estimand_of(name).category is not None]
    for estimand, (truth, model) in itertools.product(of_category, plan.pairs):
        if math.isnan(true_value(estimand, truth.pmf(), model.pmf() if model else None, truth.shape)):
            where = truth.label + (f" with {model.label}" if model else "")
            text = f"{estimand} of {where} is undefined: {estimand_of(estimand).card.valid}"
            return [ScenarioProblem(path=("estimands",), message=text)]
    return []


def _unreachable(plan: Plan) -> list[ScenarioProblem]:
    """A precision that no number of replicates gives: of an error where there is no finite true value."""
    wanted = plan.scenario.replicates
    if isinstance(wanted, int):
        return []
    for estimand, (truth, model) in itertools.product(plan.scenario.resolved_estimands(), plan.pairs):
        value = true_value(estimand, truth.pmf(), model.pmf() if model else None, truth.shape)
        if not MEASURES[wanted.measure].is_known_at(value):
            where = truth.label + (f" with {model.label}" if model else "")
            text = f"{estimand} of {where} is {'0' if value == 0 else 'infinite'}: its {wanted.measure} has no MCSE"
            return [ScenarioProblem(path=("replicates", "until", "measure"), message=text)]
    return []


def _unlisted(plan: Plan) -> list[ScenarioProblem]:
    """Exact critical values of a test, where not all outcomes of draws from Q can be listed."""
    test = plan.scenario.test
    for condition in plan.conditions if test and test.law == "exact" else ():
        if condition.q is not None and condition.model and not enumerable(condition.q, condition.sample_size):
            where = f"Q = {condition.model.label}, N = {condition.sample_size:,}"
            text = f"no exact critical value at {where}: too many outcomes to list; use chi_squared"
            return [ScenarioProblem(path=("test", "law"), message=text)]
    return []


def _not_kept(plan: Plan) -> list[ScenarioProblem]:
    """Measures that fail, or need every estimate where these are too many, or are neither listed nor drawn."""
    scenario = plan.scenario
    asked = [entry for entry in map(MEASURES.__getitem__, scenario.further_measures()) if not entry.of_interval]
    path = ("measures",) if scenario.measures else ()
    if scenario.mode == "exact":
        listed = [entry for entry in asked if entry.needs != "gain"]  # exact variances have a ratio
        for condition in plan.conditions if listed else ():
            if not condition.enumerable:
                where = f"{condition.truth.label}, N = {condition.sample_size:,}"
                text = f"no exact {listed[0].name} at {where}: too many outcomes to list; use 'both' or 'monte_carlo'"
                return [ScenarioProblem(path=path, message=text)]
    if wrong := [text for name in scenario.further_measures() if (text := MEASURES[name].failure())]:
        return [ScenarioProblem(path=path, message=text) for text in wrong]
    of_law = [entry.name for entry in asked if entry.needs == "law"]
    if not of_law:
        return []
    kept = sum(_outcomes_of(plan, condition) for condition in plan.conditions) * len(plan.tasks)
    if kept <= MAX_KEPT:
        return []
    text = f"{of_law[0]} needs every estimate, of which there would be up to {kept:,}, more than {MAX_KEPT:,}; use "
    text += "fewer replicates, conditions or estimators"
    return [ScenarioProblem(path=path, message=text)]


def _outcomes_of(plan: Plan, condition: Condition) -> int:
    """Outcomes of one condition, listed or drawn."""
    if not condition.enumerable:
        return plan.most_replicates
    return int(count_outcomes(condition.o, condition.sample_size, condition.q, condition.model_sample_size))


def _redrawn(plan: Plan) -> list[ScenarioProblem]:
    """Exact coverage of an interval that draws anew for each of very many outcomes."""
    scenario = plan.scenario
    for condition in plan.conditions if scenario.intervals and scenario.mode != "monte_carlo" else ():
        p, q = condition.p, condition.q
        listed = count_outcomes(p, condition.sample_size, q, condition.model_sample_size)
        for task, choice in plan.intervals(condition) if condition.enumerable else ():
            rule = INTERVALS[choice.name]
            given = {name: parameter.default for name, parameter in rule.parameters.items()} | dict(choice.parameters)
            each = draws_taken(given["draws"], len(p)) if "draws" in given else given.get("resamples", 0)
            draws = listed * each
            integrated = rule.fixed_estimator and task.estimand == "entropy" and len(p) == 2  # without a draw
            if draws > MAX_REDRAWN and not integrated:
                where = f"{choice.label} at {condition.truth.label}, N = {condition.sample_size:,}"
                text = f"exact coverage of {where} would take {draws:,.0f} draws, more than {MAX_REDRAWN:,}"
                path = ("intervals", scenario.intervals.index(choice))
                return [ScenarioProblem(path=path, message=f"{text}; use fewer, or mode 'monte_carlo'")]
    return []


def _too_large(plan: Plan) -> list[ScenarioProblem]:
    scenario, problems = plan.scenario, []
    categories = max(truth.categories for truth in scenario.truth)
    followed = scenario.paths * len(checkpoints_of(max(scenario.sample_sizes), scenario.sample_sizes))
    if followed * categories > MAX_FOLLOWED:
        text = f"{followed} counts of {categories} categories would be looked at; use fewer paths, or 0"
        problems.append(ScenarioProblem(path=("paths",), message=text))
    if (tasks := len(plan.tasks)) > MAX_TASKS:
        text = (
            f"{len(scenario.estimators):,} estimators of {len(scenario.resolved_estimands())} estimands are {tasks:,} "
        )
        text += f"estimates of every sample; at most {MAX_TASKS:,} fit into a study"
        problems.append(ScenarioProblem(path=("estimators",), message=text))
    if scenario.mode != "exact":
        blocks = sum(plan.most_blocks(condition) for condition in plan.conditions)
        if blocks > MAX_BLOCKS:
            text = f"{blocks:,} blocks of draws are more than {MAX_BLOCKS:,}; use fewer"
            problems.append(ScenarioProblem(path=("replicates",), message=text))
    if scenario.mode != "monte_carlo" and any(map(_has_exact_mean, plan.tasks)):
        for condition in plan.conditions:
            q = condition.q
            said = too_long(condition.p, q, condition.sample_size)
            if q is not None and condition.model_sample_size is not None:
                said = said or too_long(q, None, condition.model_sample_size)
            if said:
                where = f"{condition.truth.label}, N = {condition.sample_size:,}"
                text = f"exact values at {where} {said}; use fewer categories or draws, or 'monte_carlo'"
                return [*problems, ScenarioProblem(path=("mode",), message=text)]
    return problems


def _has_exact_mean(task: Task) -> bool:
    return has_exact_mean(task.estimand, task.name, task.design, dict(task.parameters))
