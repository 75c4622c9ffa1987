"""From files of observations to estimates with standard errors and intervals, and to advice on which to believe."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.api import sample_of
from mcdiv.core.arrays import Counts, Pmf, Sample, as_pmf
from mcdiv.core.units import nats_per
from mcdiv.edges import count_files, scenario_file, store
from mcdiv.edges.count_files import OnBytes, Reading, Tally
from mcdiv.estimators.contract import USUAL_ESTIMANDS
from mcdiv.intervals.contract import INTERVALS, Bounds, bounds_of
from mcdiv.loading import as_distribution
from mcdiv.study.engine import estimates_of
from mcdiv.study.errors import ScenarioError, ScenarioProblem
from mcdiv.study.fields import Choice
from mcdiv.study.plan import Task, conditions_of, interval_pairs, measured_tasks
from mcdiv.study.scenario import Scenario, read_scenario

#: asked for where nothing is said: those that need no alphabet size, those that do, those for two samples
USUAL = ("plugin", "miller_madow", "grassberger_2003", "zhang", "chao_shen", "chao_wang_jost")
USUAL_KNOWN_ALPHABET = (*USUAL, "james_stein", "nsb")
USUAL_TWO_SAMPLES = ("plugin", "jeffreys", "augmented_plugin", "zhang_grabchak")
_INTERVAL = Choice(name="jackknife")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted of the data; the texts are as a scenario writes them."""

    source: str
    reading: Reading = field(default_factory=Reading)
    #: a second sample, or a model: a file of probabilities or a distribution
    against: str | None = None
    model: str | None = None
    alphabet_size: int | None = None
    estimands: tuple[str, ...] = ()
    estimators: tuple[str, ...] = ()
    interval: str = "jackknife"
    level: str = "0.95"
    units: str = "nats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One group of observations, and the scenario that asks about it."""

    group: str
    read_as: str
    #: counts of shape (1, K), and the model if there is one
    sample: Sample
    #: whether K is known, or only the categories that were seen
    alphabet_known: bool
    #: whether estimators were named, or the usual ones are meant
    named: bool
    #: estimators, estimands, interval, level and units, checked; its truth has K categories and stands for nothing else
    scenario: Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One estimate, in the scenario's units."""

    estimand: str
    estimator: str
    value: float
    #: of the interval's method where that has one, else the jackknife's; NaN where there is none
    standard_error: float
    #: NaN where the method has nothing to say, or is not for this estimator
    low: float
    high: float


def observe(question: Question, on_bytes: OnBytes = lambda done, total: None) -> list[Observed]:
    """Read the data, and check all that is asked of them; a ScenarioError has a line for everything wrong."""
    source = question.source if question.source == "-" else str(store.find_data(question.source))
    tallies = count_files.read_tallies(source, question.reading, on_bytes)
    seconds = _second_samples(question, tallies)
    model = _model_file(question.model)
    found = []
    for tally, second in zip(tallies, seconds, strict=True):
        labels = count_files.aligned(tally.labels, second.labels if second else tuple(model or ()))
        if model and (missing := [label for label in labels if label not in model]):
            raise ScenarioError([f"{question.model}: has no probability for category '{missing[0]}'"])
        q = np.array([model[label] for label in labels]) if model else None
        counts, counts_q = tally.ordered(labels), second.ordered(labels) if second else None
        found.append(_observed(question, tally, counts, counts_q, q))
    return found


def estimate_all(observed: Observed) -> list[Line]:
    """Every estimator asked for, with its standard error and interval."""
    scenario, sample = observed.scenario, observed.sample
    condition = conditions_of(scenario)[0]
    around = dict(interval_pairs(scenario, condition))
    unit = nats_per(scenario.units)
    lines = []
    for task in measured_tasks(scenario, condition):
        bounds, value = _bounds(task, around.get(task), sample, scenario.level)
        if np.isnan(bounds.error[0]):
            error = _bounds(task, None, sample, scenario.level)[0].error[0]
        else:
            error = bounds.error[0]
        found = [float(number) / unit for number in (value, error, bounds.low[0], bounds.high[0])]
        lines.append(
            Line(
                estimand=task.estimand,
                estimator=task.label,
                value=found[0],
                standard_error=found[1],
                low=found[2],
                high=found[3],
            )
        )
    return lines


def _bounds(task: Task, choice: Choice | None, sample: Sample, level: float) -> tuple[Bounds, float]:
    """The interval of one estimate; only the jackknife's standard error where there is no interval for it."""
    wanted = choice or _INTERVAL
    bounds, values = bounds_of(
        INTERVALS[wanted.name],
        dict(wanted.parameters),
        task.estimand,
        lambda some: estimates_of(task, some)[0],
        sample,
        level,
    )
    if choice is None:
        nothing = np.full(1, np.nan)
        bounds = Bounds(low=nothing, high=nothing, error=bounds.error)
    return bounds, float(values[0])


def _second_samples(question: Question, tallies: Sequence[Tally]) -> list[Tally] | list[None]:
    if question.against is None:
        return [None] * len(tallies)
    if question.model is not None:
        raise ScenarioError(["--against and --model are both given: the model is either sampled or known"])
    others = count_files.read_tallies(str(store.find_data(question.against)), question.reading)
    by_group = {other.group: other for other in others}
    if len(others) == 1:
        return [others[0]] * len(tallies)
    lost = [tally.group for tally in tallies if tally.group not in by_group]
    if lost:
        raise ScenarioError([f"{question.against}: there is no group '{lost[0]}'"])
    return [by_group[tally.group] for tally in tallies]


def _model_file(model: str | None) -> dict[str, float] | None:
    """The model's probabilities by category, where it is a file."""
    return count_files.read_pmf(model) if model is not None and Path(model).is_file() else None


def _observed(question: Question, tally: Tally, counts: Counts, counts_q: Counts | None, q: Pmf | None) -> Observed:
    where = f"{question.source}, group '{tally.group}'" if tally.group else question.source
    if q is not None:
        try:
            q = as_pmf(q, name="the column of probabilities")
        except ValueError as error:
            raise ScenarioError([f"{question.model}: {error}"]) from None
    try:
        sample = sample_of(counts[np.newaxis], counts_q=_row(counts_q), q=q, alphabet_size=question.alphabet_size)
    except ValueError as error:
        raise ScenarioError([f"{where}: {error}"]) from None
    categories = sample.counts.shape[1]
    mapping: dict[str, Any] = {"schema": 1, "name": "estimate", "truth": {"uniform": categories}, "paths": 0}
    if q is not None:
        mapping["model"] = {"categorical": {"pmf": q.tolist()}}
    elif question.model is not None:
        mapping["model"] = scenario_file.read_value(as_distribution(question.model), f"--model {question.model}")
    elif counts_q is not None:
        mapping |= {"model": {"uniform": categories}, "model_sample_sizes": int(counts_q.sum())}
    known = question.alphabet_size is not None or "model" in mapping
    usual = USUAL_TWO_SAMPLES if counts_q is not None else USUAL_KNOWN_ALPHABET if known else USUAL
    estimands = USUAL_ESTIMANDS if "model" in mapping else USUAL_ESTIMANDS[:1]
    mapping |= {
        "sample_sizes": int(sample.counts.sum()),
        "estimands": list(question.estimands or estimands),
        "estimators": [_read("estimator", text) for text in question.estimators] or list(usual),
        "intervals": [_read("interval", question.interval)],
        "level": question.level,
        "units": question.units,
    }
    scenario = checked(mapping)
    if scenario.model and not scenario.model_sample_sizes:
        sample = Sample(counts=sample.counts, q=scenario.model[0].pmf())
    return Observed(
        group=tally.group,
        read_as=tally.read_as,
        sample=sample,
        alphabet_known=known,
        named=bool(question.estimators),
        scenario=scenario,
    )


def _row(counts: Counts | None) -> Counts | None:
    return None if counts is None else counts[np.newaxis]


def _read(option: str, text: str) -> Any:
    """`additive: {alpha: 0.5}` as a mapping, a bare name as it is."""
    return scenario_file.read_value(f"{{{text}}}" if ":" in text and not text.startswith("{") else text, f"--{option}")


def checked(mapping: dict[str, Any]) -> Scenario:
    """The scenario of a mapping made from options; its problems are told in the options' words."""
    scenario, problems = read_scenario(mapping)
    if scenario is None:
        raise ScenarioError([_as_option(problem) for problem in problems])
    return scenario


_OPTIONS = {"estimators": "--estimator", "intervals": "--interval", "estimands": "--estimand", "truth": "the counts"}


def _as_option(problem: ScenarioProblem) -> str:
    """A problem in the words of the command line."""
    key = str(problem.path[0]) if problem.path else "mcdiv estimate"
    return f"{_OPTIONS.get(key, f'--{key}')}: {problem.message}"
