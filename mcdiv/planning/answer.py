"""The sample size that answers a question, exactly or by simulation; or, in words, why there is none."""

import math
from dataclasses import replace

from mcdiv.core.number_format import amount, counted, percent_of_level, rounded
from mcdiv.core.performance import Measured
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.estimators.entry import Property
from mcdiv.planning.guess import guess
from mcdiv.planning.question import MAX_DRAWS, GoalKind, Question
from mcdiv.planning.search import Found, smallest
from mcdiv.planning.simulated import Root, Simulation, root

#: what a goal's value is called
MEASURES: dict[GoalKind, str] = {
    "within": "probability",
    "relative": "probability",
    "rmse": "RMSE",
    "bias": "bias",
    "width": "mean width",
}


def answer(question: Question, units: str, seed: int) -> tuple[Found, Root | None]:
    """The smallest N, and the root it is where it was simulated; a ScenarioError, in `units`, where there is none."""
    truth = question.true_value
    if not math.isfinite(truth):
        where = question.truth.label + (f" and {question.model.label}" if question.model else "")
        raise ScenarioError([f"{question.task.estimand} is infinite for {where}: no goal is ever reached"])
    if question.goal.kind == "relative" and truth == 0:
        where = f"{question.task.estimand} is 0 for {question.truth.label}"
        raise ScenarioError([f"relative: {where}; give within, an error in {units}"])
    found = smallest(question)
    if found.draws:
        return found, None
    if (found.verified_to or 0) >= MAX_DRAWS:
        raise ScenarioError([_not_reached(question, found, units)])
    start = guess(question) or 2 * (found.verified_to or 8)
    simulated = root(question.goal, Simulation(question, seed), start)
    found = Found(draws=simulated.draws, value=simulated.value, before=simulated.before, proved=False, verified_to=None)
    if not simulated.draws:
        raise ScenarioError([_not_reached(question, replace(found, verified_to=MAX_DRAWS), units, simulated)])
    return found, simulated


def goal_words(question: Question, units: str) -> str:
    """The goal in words: "RMSE at most 0.01 bits"."""
    goal, estimand = question.goal, question.task.estimand
    if goal.kind == "relative":
        return f"within {percent_of_level(goal.size)} of the true value with probability {goal.confidence:g}"
    size = amount(f"{goal.size / scale_of(estimand, units):.12g}", unit_of(estimand, units))
    if goal.kind == "within":
        return f"within {size} with probability {goal.confidence:g}"
    if goal.kind == "width":
        assert question.interval is not None
        return f"mean width of {percent_of_level(goal.confidence)} intervals ({question.interval.label}) at most {size}"
    return f"{'RMSE' if goal.kind == 'rmse' else '|bias|'} at most {size}"


def _not_reached(question: Question, found: Found, units: str, simulated: Root | None = None) -> str:
    """Why there is no sample size: what is reached with the largest one."""
    assert found.verified_to is not None
    measure = MEASURES[question.goal.kind]
    scale = 1.0 if question.goal.is_probability else scale_of(question.task.estimand, units)
    value = rounded(Measured(value=found.value / scale, mcse=simulated.mcse / scale if simulated else 0.0))
    if not question.goal.is_probability:
        value = amount(value, unit_of(question.task.estimand, units))
    reached = f"with {counted(found.verified_to, 'draw')} the {measure} of {question.task.label} is {value}"
    wanted = f"the goal is {goal_words(question, units)}"
    limit = "" if Property.CONSISTENT in question.task.entry.properties else ", and this estimator is not consistent"
    return f"{reached}; {wanted}{limit}; no plan goes beyond 10^9 draws"
