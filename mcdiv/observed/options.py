"""A scenario made from the options of a command, checked; its problems are told in the options' words."""

from typing import Any

from mcdiv.errors import Remedy, ScenarioError, ScenarioProblem
from mcdiv.scenario.model import Scenario, read_scenario


def checked(mapping: dict[str, Any], **words: str) -> Scenario:
    """The scenario of a mapping made from options; its problems are told in the options' words."""
    scenario, problems = read_scenario(mapping)
    if scenario is None:
        raise ScenarioError([_as_option(problem, _OPTIONS | words) for problem in problems])
    return scenario


def asked_of_data(mapping: dict[str, Any]) -> Scenario:
    """The same where P is known through data only: an estimator that needs P itself is refused."""
    scenario = checked(mapping)
    found = [pair for estimand in scenario.resolved_estimands() for pair in scenario.estimators_of(estimand)]
    able = {choice for choice, entry in found if entry.design != "pmfs_known"}
    if unable := [choice.label for choice in scenario.estimators if choice not in able]:
        raise ScenarioError([f"{_OPTIONS['estimators']}: {unable[0]} needs P besides Q, which no data tell"])
    return scenario


#: what mends a scenario, and what mends a question instead
_REMEDIES = {
    Remedy("give", "model_sample_sizes"): "give --against",
    Remedy("leave out", "model_sample_sizes"): "give --model, not --against",
    Remedy("give", "model"): "give --model or --against",
    Remedy("give", "joint"): "a table of counts of pairs is read with --layout joint",
}
_OPTIONS = {"estimators": "--estimator", "intervals": "--interval", "estimands": "--estimand"}


def _as_option(problem: ScenarioProblem, words: dict[str, str]) -> str:
    """A problem in the words of the command line."""
    key = str(problem.path[0]) if problem.path else "mcdiv estimate"
    message = problem.words(lambda remedy: _REMEDIES.get(remedy, remedy.written))
    return f"{words.get(key, f'--{key}')}: {message}"
