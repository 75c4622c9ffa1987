"""`mcdiv plan` from Python: how many draws a goal takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcdiv.core.catalogue import check_name
from mcdiv.core.domains import POSITIVE
from mcdiv.core.number_format import amount, counted, figure, percent_of_level
from mcdiv.core.units import Units
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import estimand_of, scale_of, unit_of
from mcdiv.estimators.entry import Property
from mcdiv.intervals.contract import LEVEL
from mcdiv.planning.guess import guess
from mcdiv.planning.question import MAX_DRAWS, Goal, GoalKind, Question
from mcdiv.planning.search import Found, smallest
from mcdiv.results.loading import ARGUMENTS, from_options
from mcdiv.scenario.plugins import load_plugins

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

#: what a goal's value is called
_MEASURES: dict[GoalKind, str] = {
    "within": "probability",
    "relative": "probability",
    "rmse": "RMSE",
    "bias": "bias",
    "width": "mean width",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SampleSizePlan:
    """The smallest sample size with which a goal is reached, and stays reached with every larger one."""

    #: N, draws from P
    sample_size: int
    #: M, draws from Q; None where the model is known, or not needed
    model_sample_size: int | None
    #: what was asked: "within 0.01 nats with probability 0.95"
    goal: str
    #: what `value` is: "probability", "RMSE", "bias" or "mean width"
    measure: str
    #: the measure at N and at N − 1 (NaN where N is 1): a probability, or in `units`
    value: float
    value_before: float
    #: whether it is proved that the goal is reached with every larger N
    proved: bool
    #: the largest N up to which every one was looked at; None where it is proved for all
    verified_to: int | None
    #: N by large-sample theory: the delta method, or χ² where its variance is 0; None where there is none
    guess: int | None
    #: labels, as tables have them
    estimand: str
    estimator: str
    #: label of the interval whose width is planned; None for any other goal
    interval: str | None
    #: of truth and model
    truth: str
    model: str | None
    #: the estimand at (P, Q), in `units`
    true_value: float
    #: nats, bits or bans; "1" where the estimand has none
    units: str

    def __repr__(self) -> str:
        """The answer on one line."""
        return f"<mcdiv.SampleSizePlan {self.sample_size:,} draws: {self.estimator} of {self.estimand}, {self.goal}>"


def plan(
    estimand: str,
    *,
    truth: str | float | Mapping[str, Any] | ArrayLike,
    model: str | float | Mapping[str, Any] | ArrayLike | None = None,
    estimator: str = "plugin",
    within: float | None = None,
    relative: float | None = None,
    rmse: float | None = None,
    bias: float | None = None,
    width: float | None = None,
    confidence: float = 0.95,
    interval: str = "jackknife",
    ratio: float | None = None,
    units: Units = "nats",
    plugins: Sequence[str | Path] = (),
) -> SampleSizePlan:
    """The smallest sample size with which an estimator reaches a goal, and reaches it with every larger one too.

    The first N that reaches a goal is often no answer: the probability of a small error goes up and down with N, as
    estimates are on a lattice. Give exactly one of `within`, `relative`, `rmse`, `bias` and `width`.

    Parameters
    ----------
    estimand : str
        A name from `mcdiv list estimands`, with its parameters where it has some: "renyi(order=2)".
    truth, model : float, mapping, array_like of shape (K,), or str
        P, and Q where the estimand needs it: a coin's P(heads), a distribution as a scenario has it
        (`{"zipf": {"k": 100}}` or the text "zipf: {k: 100}"), or a pmf. An estimand of P alone ignores the model.
    estimator : str
        A name from `mcdiv list estimators`, or a label such as "additive(alpha=0.5)".
    within : float
        The error |estimate − true value| is to be at most this, in `units`, with probability `confidence`. Infinite and
        undefined estimates are errors.
    relative : float
        The same as a share of the true value: 0.05 for 5 %.
    rmse, bias : float
        The most that the RMSE, or the size of the bias, of the finite estimates may be, in `units`.
    width : float
        The most that the mean width of the intervals may be, in `units`; see `interval`. Their level is `confidence`.
    confidence : float
        Between 0 and 1.
    interval : str
        For `width`: a name from `mcdiv list intervals`.
    ratio : float, optional
        Where the model is known through draws only: M = ratio × N of them, rounded up.
    units : {"nats", "bits", "bans"}
    plugins : sequence of str or Path
        Python files with entries of your own; they are run.

    Returns
    -------
    SampleSizePlan
        With `.sample_size`, the `.value` there and at one draw less, and how it is known that the goal stays reached:
        `.proved` for every larger N, or looked up one by one up to `.verified_to`.

    Raises
    ------
    ValueError
        An argument does not fit, or the goal cannot be reached with 10^9 draws; the message says what is reached.

    Notes
    -----
    All values are exact. For the plug-in at a coin, `within` is proved by Chernoff's bound and binomial tails (more
    draws have more heads); a bias of a convex or concave estimand, and most RMSEs of a coin, by Jensen's inequality on
    p̂, the mean of frequencies with one draw left out. Why the first N is none: Chernick and Liu (2002), The saw-toothed
    behavior of power versus sample size and software solutions.

    Examples
    --------
    >>> plan("entropy", truth=0.5, within=0.01).sample_size
    206
    >>> found = plan("entropy", truth=0.9, rmse=0.01, units="bits")
    >>> found.sample_size, round(found.value, 6), found.proved
    (9046, 0.01, True)
    """
    check_name("estimand", estimand)
    check_name("estimator", estimator)
    check_name("interval", interval)
    load_plugins(plugins)
    sizes = {"within": within, "relative": relative, "rmse": rmse, "bias": bias, "width": width}
    return plans(
        estimand,
        [estimator],
        truth=truth,
        model=model,
        sizes=sizes,
        confidence=confidence,
        interval=interval,
        ratio=ratio,
        units=units,
        called=dict(ARGUMENTS) | {"estimators": "estimator", "estimands": "estimand"},
    )[0]


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
    called: Mapping[str, str],
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
    return [_planned(question, study.scenario.units) for question in _questions(study, kind, size, level, share)]


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
    target = estimand_of(str(estimand))
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
    for key, grid in (("truth", scenario.truth), ("model", scenario.model)):
        if len(grid) > 1:
            raise ScenarioError([f"{called[key]}: expected one distribution, got {len(grid)}"])
    return plan_of(scenario)


def _questions(study: Plan, kind: GoalKind, size: float, level: float, ratio: float | None) -> list[Question]:
    condition = study.conditions[0]
    pairs = study.intervals(condition) if kind == "width" else [(task, None) for task in study.tasks]
    label, units = study.tasks[0].estimand, study.scenario.units
    goal = Goal(kind=kind, size=size if kind == "relative" else size * scale_of(label, units), confidence=level)
    return [
        Question(goal=goal, task=task, truth=condition.truth, model=condition.model, ratio=ratio, interval=interval)
        for task, interval in pairs
    ]


def _planned(question: Question, units: str) -> SampleSizePlan:
    truth = question.true_value
    if not math.isfinite(truth):
        raise ScenarioError([f"{question.task.estimand} is infinite for this truth and model: no goal is ever reached"])
    if question.goal.kind == "relative" and truth == 0:
        raise ScenarioError([f"relative: {question.task.estimand} is 0 here; give within, an error in {units}"])
    found = smallest(question)
    if not found.draws:
        raise ScenarioError([_not_reached(question, found, units)])
    scale = _scale(question, units)
    return SampleSizePlan(
        sample_size=found.draws,
        model_sample_size=question.model_draws(found.draws),
        goal=goal_words(question, units),
        measure=_MEASURES[question.goal.kind],
        value=found.value / scale,
        value_before=found.before / scale,
        proved=found.proved,
        verified_to=found.verified_to,
        guess=guess(question),
        estimand=question.task.estimand,
        estimator=question.task.label,
        interval=question.interval.label if question.interval else None,
        truth=question.truth.label,
        model=question.model.label if question.model else None,
        true_value=truth / scale_of(question.task.estimand, units),
        units=unit_of(question.task.estimand, units),
    )


def _scale(question: Question, units: str) -> float:
    return 1.0 if question.goal.is_probability else scale_of(question.task.estimand, units)


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


def _not_reached(question: Question, found: Found, units: str) -> str:
    """Why there is no sample size: what is reached with the largest one."""
    assert found.verified_to is not None
    measure = _MEASURES[question.goal.kind]
    value = figure(found.value / _scale(question, units))
    if not question.goal.is_probability:
        value = amount(value, unit_of(question.task.estimand, units))
    reached = f"with {counted(found.verified_to, 'draw')} the {measure} of {question.task.label} is {value}"
    wanted = f"the goal is {goal_words(question, units)}"
    if found.verified_to < MAX_DRAWS:
        return f"{reached}; {wanted}, and there are no exact values of larger samples"
    limit = "" if Property.CONSISTENT in question.task.entry.properties else ", and this estimator is not consistent"
    return f"{reached}; {wanted}{limit}; no plan goes beyond 10^9 draws"
