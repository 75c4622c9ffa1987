"""Estimators, intervals and estimands as a scenario names them: with parameters, alone or in a list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.domains import Parameter, Problem, parameter_problems, shown
from mcdiv.core.spelling import read_spelling, spelled
from mcdiv.estimands.contract import ESTIMANDS, estimand_of
from mcdiv.estimators.registry import entered
from mcdiv.intervals.contract import INTERVALS
from mcdiv.scenario.readers import raise_if_any

#: what there is: names and their parameters, asked for when it is needed, as a plug-in may add to it
Known: TypeAlias = Callable[[], dict[str, dict[str, Parameter]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An estimator or an interval with its parameters chosen, as a scenario names it."""

    name: str
    #: only those given
    parameters: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """Name and parameters, for tables and pictures: additive(alpha=0.5)."""
        return spelled(self.name, self.parameters)


def choices_reader(kind: str, known: Known) -> Callable[[object], tuple[Choice, ...]]:
    """A reader of `plugin` or `{additive: {alpha: 0.5}}`, in a list, where `known` has the names and parameters."""
    return lambda value: _read_choices(kind, known, value)


def known_estimators() -> dict[str, dict[str, Parameter]]:
    """The parameters of every estimator."""
    known: dict[str, dict[str, Parameter]] = {}
    for entry in entered():
        known.setdefault(entry.name, entry.parameters)
    return known


def known_estimands() -> dict[str, dict[str, Parameter]]:
    """The parameters of every estimand."""
    return {entry.name: entry.parameters for entry in ESTIMANDS.values()}


def known_intervals() -> dict[str, dict[str, Parameter]]:
    """The parameters of every interval."""
    return {entry.name: entry.parameters for entry in INTERVALS.values()}


def read_estimands(value: object) -> tuple[str, ...]:
    """`entropy`, `renyi(order=2)` or `{renyi: {order: 2}}`, one or a list of them, as the tables name them."""
    labels = [estimand_of(choice.label).label for choice in _read_choices("estimand", known_estimands, value)]
    first = {label: i for i, label in reversed(list(enumerate(labels)))}
    raise_if_any([((i,), f"{label} is given twice") for i, label in enumerate(labels) if first[label] < i])
    return tuple(labels)


def read_estimand(value: object) -> str:
    """A single one of those."""
    problems, choice = _read_choice("estimand", known_estimands(), value)
    raise_if_any(problems)
    assert choice is not None
    return estimand_of(choice.label).label


def _read_choices(kind: str, known: Known, value: object) -> tuple[Choice, ...]:
    entries = value if isinstance(value, (list, tuple)) else [value]
    if entries and all(isinstance(entry, Choice) for entry in entries):
        return tuple(entries)
    if not entries:
        raise_if_any([((), f"expected at least one {kind}, got an empty list")])
    problems: list[Problem] = []
    choices: dict[Choice, None] = {}
    there = known()
    for i, entry in enumerate(entries):
        found, choice = _read_choice(kind, there, entry)
        problems += [((i, *path), message) for path, message in found]
        if choice is not None and choice in choices:
            problems.append(((i,), f"{choice.label} is given twice"))
        if choice is not None:
            choices[choice] = None
    raise_if_any(problems)
    return tuple(choices)


def _read_choice(
    kind: str, known: dict[str, dict[str, Parameter]], entry: object
) -> tuple[list[Problem], Choice | None]:
    if isinstance(entry, Mapping) and len(entry) == 1:
        name, given = next(iter(entry.items()))
        given = {} if given is None else given
    elif isinstance(entry, str):
        try:
            name, given = read_spelling(entry)
        except ValueError as error:
            return [((), str(error))], None
    else:
        name, given = entry, {}
    if not isinstance(name, str) or not isinstance(given, Mapping):
        return [((), f"expected an {kind}'s name or {{name: {{parameter: value}}}}, got {shown(entry)}")], None
    if name not in known:
        return [((), did_you_mean(kind, name, known))], None
    mine = known[name]
    inside: tuple[str, ...] = (name,) if given else ()
    problems = [((*inside, *path), message) for path, message in parameter_problems(name, dict(given), mine)]
    if problems:
        return problems, None
    return [], Choice(name=name, parameters=tuple((key, mine[key].domain.parse(given[key])) for key in given))
