"""What `mcdiv plan` and `mcdiv.plan` share: from options or arguments to plans, one for each estimator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcdiv.api.sample_size_plan import SampleSizePlan
from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import POSITIVE
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import estimand_of, scale_of, unit_of
from mcdiv.files.yaml_text import write_text
from mcdiv.intervals.contract import LEVEL
from mcdiv.planning.answer import MEASURES, answer, goal_words
from mcdiv.planning.curve import curve
from mcdiv.planning.guess import guess
from mcdiv.planning.question import Goal, GoalKind, Question
from mcdiv.planning.ranges import between, worst
from mcdiv.planning.search import Found
from mcdiv.planning.simulated import Root
from mcdiv.planning.study import study_of
from mcdiv.results.loading import from_options
from mcdiv.scenario.model import SEED


def plans(
    estimand: Any,
    estimators: Sequence[Any],
    *,
    truth: Any,
    model: Any,
    sizes: Mapping[Any, Any],
    confidence: Any,
    interval: Any,
    ratio: Any,
    units: Any,
    seed: Any,
    called: Mapping[str, str],
    curves: bool = False,
) -> list[SampleSizePlan]:
    """A plan for each estimator, where messages call the arguments what `called` says."""
    kind, size = _goal(sizes)
    level = _number("confidence", confidence, LEVEL)
    share = None if ratio is None else _number("ratio", ratio, POSITIVE)
    study = _study(
        estimand,
        estimators,
        truth=truth,
        model=model,
        settings=[f"intervals={interval}", f"level={level!r}"] if kind == "width" else [],
        sampled=share is not None,
        units=units,
        called=called,
    )
    start = int(_number("seed", seed, SEED))
    truths = _truths(study, called)
    questions = _questions(study, kind, size, level, share)
    made = [_worst(question, truths, study.scenario.units, start) for question in questions]
    return [_with_curve(*each, start) for each in made] if curves else [each for _, each in made]


def _worst(question: Question, truths: list[Distribution], units: str, seed: int) -> tuple[Question, SampleSizePlan]:
    """The plan and what it answers; of a range of truths for the one which needs most draws."""
    if len(truths) == 1:
        return question, _planned(question, units, seed)
    made: dict[Distribution, SampleSizePlan] = {}

    def draws(truth: Distribution) -> int:
        made[truth] = _planned(replace(question, truth=truth), units, seed)
        return made[truth].sample_size

    truth, looked_at = worst(truths, draws)
    return replace(question, truth=truth), replace(made[truth], truths=looked_at)


def _with_curve(question: Question, made: SampleSizePlan, seed: int) -> SampleSizePlan:
    """The same with values around it."""
    points = curve(question, made.sample_size, seed if made.replicates else None)
    scale = question.goal.wanted / made.wanted
    return replace(made, curve=tuple((size, value / scale, mcse / scale) for size, value, mcse in points))


def _goal(sizes: Mapping[GoalKind, Any]) -> tuple[GoalKind, float]:
    given = [kind for kind, size in sizes.items() if size is not None]
    if len(given) != 1:
        expected = ", ".join(list(sizes)[:-1]) + f" and {list(sizes)[-1]}"
        raise ScenarioError([f"expected exactly one goal of {expected}, got {' and '.join(given) or 'none'}"])
    return given[0], _number(given[0], sizes[given[0]], POSITIVE)


def _number(name: str, given: Any, domain: Any) -> float:
    for _, message in domain.problems(given):
        raise ScenarioError([f"{name}: {message}"])
    return float(domain.parse(given))


def _study(
    estimand: Any,
    estimators: Sequence[Any],
    *,
    truth: Any,
    model: Any,
    settings: list[str],
    sampled: bool,
    units: Any,
    called: Mapping[str, str],
) -> Plan:
    """The study of one draw, by which everything is checked."""
    try:
        target = estimand_of(str(estimand))
    except ValueError as error:
        raise ScenarioError([str(error)]) from None
    if not target.needs_model:
        model = None
    if target.needs_model and model is None:
        raise ScenarioError([f"{target.label} needs a model; give {called['model']}"])
    if sampled and model is None:
        raise ScenarioError([f"ratio: {target.label} has no model to draw from; leave ratio out"])
    scenario = from_options(
        truth=truth,
        model=model,
        sample_sizes=[1],
        model_sample_sizes=[1] if sampled else [],
        estimators=estimators,
        estimands=[target.label],
        units=units,
        settings=settings,
        called=called,
        command="plan",
    )
    return plan_of(scenario)


def _truths(study: Plan, called: Mapping[str, str]) -> list[Distribution]:
    """The truth, or those of a range that is given by its ends."""
    scenario = study.scenario
    if len(scenario.model) > 1:
        raise ScenarioError([f"{called['model']}: expected one distribution, got {len(scenario.model)}"])
    if len(scenario.truth) > 2:
        expected = "expected one distribution, or a range of one parameter such as 'coin: [0.1, 0.9]'"
        raise ScenarioError([f"{called['truth']}: {expected}, got {len(scenario.truth)}"])
    if len(scenario.truth) == 1:
        return list(scenario.truth)
    try:
        return between(*scenario.truth)
    except ValueError as error:
        raise ScenarioError([f"{called['truth']}: {error}"]) from None


def _questions(study: Plan, kind: GoalKind, size: float, level: float, ratio: float | None) -> list[Question]:
    condition = study.conditions[0]
    pairs = study.intervals(condition) if kind == "width" else [(task, None) for task in study.tasks]
    label, units = study.tasks[0].estimand, study.scenario.units
    goal = Goal(kind=kind, size=size if kind == "relative" else size * scale_of(label, units), confidence=level)
    return [
        Question(goal=goal, task=task, truth=condition.truth, model=condition.model, ratio=ratio, interval=interval)
        for task, interval in pairs
    ]


def _planned(question: Question, units: str, seed: int) -> SampleSizePlan:
    return _record(question, units, *answer(question, units, seed))


def _record(question: Question, units: str, found: Found, simulated: Root | None) -> SampleSizePlan:
    scale = 1.0 if question.goal.is_probability else scale_of(question.task.estimand, units)
    return SampleSizePlan(
        sample_size=found.draws,
        model_sample_size=question.model_draws(found.draws),
        goal=goal_words(question, units),
        measure=MEASURES[question.goal.kind],
        value=found.value / scale,
        value_before=found.before / scale,
        mcse=simulated.mcse / scale if simulated else 0.0,
        sample_size_interval=(simulated.low, simulated.high) if simulated else None,
        replicates=simulated.replicates if simulated else 0,
        proved=found.proved,
        verified_to=found.verified_to,
        guess=guess(question),
        estimand=question.task.estimand,
        estimator=question.task.label,
        interval=question.interval.label if question.interval else None,
        truth=question.truth.label,
        model=question.model.label if question.model else None,
        truths=1,
        true_value=question.true_value / scale_of(question.task.estimand, units),
        units=unit_of(question.task.estimand, units),
        wanted=question.goal.wanted / scale,
        scenario=write_text(study_of(question, found.draws, units)),
    )
