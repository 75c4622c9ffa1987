"""The study that checks a plan: a scenario with one draw less, and with as many as the plan says."""

from typing import Any

from mcdiv.estimands.contract import scale_of
from mcdiv.planning.question import Question
from mcdiv.scenario.distributions import grid_as_written
from mcdiv.scenario.model import SCHEMA

#: what the goals are measured by in a study; a probability of small errors is counted in the saved estimates
_MEASURES = {"rmse": "rmse", "bias": "bias", "width": "width"}


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
