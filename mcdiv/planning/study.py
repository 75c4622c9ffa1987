"""The study that checks a plan: a scenario with one draw less, and with as many as the plan says."""

from typing import Any

from mcdiv.core.distributions import Distribution
from mcdiv.estimands.contract import ESTIMANDS, scale_of
from mcdiv.planning.power import PowerQuestion
from mcdiv.planning.question import Question
from mcdiv.scenario.distributions import grid_as_written
from mcdiv.scenario.model import SCHEMA

#: what the goals are measured by in a study; a probability of small errors is counted in the saved estimates
_MEASURES = {"rmse": "rmse", "bias": "bias", "width": "width"}
#: the divergences whose plug-in estimates reject where the statistic does
_TESTED = {
    **{"g": "kl_divergence", "kl": "kl_divergence", "pearson": "chi_squared", "js": "js_divergence"},
    **{"psi": "jeffreys_divergence", "tv": "total_variation"},
}


def study_of(question: Question, draws: int, units: str) -> dict[str, Any]:
    """The scenario as a mapping; its check is the goal, where a measure says whether it is met."""
    goal, task = question.goal, question.task
    sizes = sorted({max(1, draws - 1), draws})
    study: dict[str, Any] = {
        "schema": SCHEMA,
        "name": "plan",
        "title": f"{draws} draws for {task.estimand}",
        "truth": grid_as_written((question.truth,)),
        "estimands": [task.estimand],
        "estimators": [{task.name: dict(task.parameters)} if task.parameters else task.name],
        "sample_sizes": sizes,
        "units": units,
    }
    if question.model is not None:
        study["model"] = grid_as_written((question.model,))
    if question.ratio is not None:
        study["model_sample_sizes"] = [question.model_draws(size) for size in sizes]
        if len(sizes) > 1:
            study["zip"] = ["sample_sizes", "model_sample_sizes"]
    if question.interval is not None:
        chosen = question.interval
        study["intervals"] = [{chosen.name: dict(chosen.parameters)} if chosen.parameters else chosen.name]
        study["level"] = goal.confidence
    measure = _MEASURES.get(goal.kind)
    if measure is None:
        return study | {"save": "estimates"}
    bound = goal.size / scale_of(task.estimand, units)
    check = {"estimand": task.estimand, "estimator": task.label, "sample_size": draws, "measure": measure}
    if question.interval is not None:
        check["interval"] = question.interval.label
    return study | {"checks": [check | {"below": bound}]}


def study_of_power(
    question: PowerQuestion, truth: Distribution, model: Distribution, draws: int, *, listed: bool
) -> dict[str, Any] | None:
    """The scenario that studies the test; None where it has no critical values.

    Where outcomes are `listed` its check is the power. Where they are not, its critical values are those of the χ² law
    of many draws, and the power is another: it has no check.
    """
    estimand = _TESTED[question.statistic]
    if not listed and ESTIMANDS[estimand].null_statistic is None:
        return None
    check = {"estimand": estimand, "estimator": "plugin", "sample_size": draws, "measure": "power"}
    study = {
        "schema": SCHEMA,
        "name": "plan",
        "title": f"{draws} draws for a power of {question.power:g}",
        "truth": grid_as_written((truth,)),
        "model": grid_as_written((model,)),
        "estimands": [estimand],
        "estimators": ["plugin"],
        "sample_sizes": sorted({max(1, draws - 1), draws}),
        "test": {"null": "model", "level": question.alpha} | ({"law": "exact"} if listed else {}),
    }
    return study | ({"checks": [check | {"above": question.power}]} if listed else {})
