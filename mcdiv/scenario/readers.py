"""How the values of a scenario's keys are read: numbers, lists, distributions (and grids of them), estimators.

Each reader returns the value in canonical form or raises one error that carries every problem it found.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic_core import PydanticCustomError

from mcdiv.core.catalogue import unknown
from mcdiv.core.distributions import FAMILIES, Distribution, is_shipped
from mcdiv.core.domains import Domain, Parameter, Problem, parameter_problems, runs_of, shown
from mcdiv.core.spelling import read_spelling, spelled
from mcdiv.estimands.contract import ESTIMANDS, estimand_of
from mcdiv.estimators.registry import ESTIMATORS
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import MEASURES

#: of one study; and the probabilities of all of them together
MOST_CONDITIONS, MOST_PROBABILITIES = 100_000, 10**8


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


def refuse(problems: list[Problem]) -> None:
    """Raise all problems as one pydantic error, if there are any."""
    if problems:
        raise PydanticCustomError("mcdiv", "{count} problems", {"problems": problems, "count": len(problems)})


def number_reader(domain: Domain) -> Callable[[object], Any]:
    """A reader of one number."""

    def read(value: object) -> Any:
        refuse(list(domain.problems(value)))
        return domain.parse(value)

    return read


def list_reader(domain: Domain, what: str) -> Callable[[object], tuple[Any, ...]]:
    """A reader of a list of different values (or of one alone)."""

    def read(value: object) -> tuple[Any, ...]:
        entries = value if isinstance(value, (list, tuple)) else [value]
        if not entries:
            refuse([((), f"expected at least one {what}, got an empty list")])
        refuse([((i, *path), message) for i, entry in enumerate(entries) for path, message in domain.problems(entry)])
        parsed = tuple(domain.parse(entry) for entry in entries)
        first = dict(zip(reversed(parsed), range(len(parsed) - 1, -1, -1), strict=True))
        refuse([((i,), f"{entry} is given twice") for i, entry in enumerate(parsed) if first[entry] < i])
        return parsed

    return read


def read_distributions(value: object) -> tuple[Distribution, ...]:
    """`coin: 0.5`, `{coin: {p: 0.5}}` or `{zipf: {k: [10, 100]}}`: every combination of listed parameters."""
    if isinstance(value, tuple) and value and all(isinstance(entry, Distribution) for entry in value):
        return value
    if not isinstance(value, Mapping):
        refuse([((), f"expected a distribution such as 'coin: 0.5', got {shown(value)}")])
    assert isinstance(value, Mapping)
    if len(value) != 1:
        refuse([((), f"expected one distribution, got {len(value)}: {', '.join(map(str, value)) or 'none'}")])
    name, given = next(iter(value.items()))
    if name not in FAMILIES:
        refuse([((name,), unknown("distribution", str(name), FAMILIES))])
    known = FAMILIES[name].parameters
    prefix: tuple[str, ...] = (name,)
    if not isinstance(given, Mapping):
        if len(known) > 1 and sum(parameter.required for parameter in known.values()) != 1:
            refuse([((name,), f"expected its parameters ({', '.join(known)}), got {shown(given)}")])
        only = next(iter(known))
        problems = [((name, *path[1:]), message) for path, message in _grid_problems(name, {only: given})]
        given = {only: given}
    else:
        problems = [((*prefix, *path), message) for path, message in _grid_problems(name, dict(given))]
    refuse(problems)
    return _grid(name, dict(given))


def read_labels(value: object) -> tuple[str, ...]:
    """Distributions as the tables name them: `coin(p=0.5)`, several of them, or written out: `{coin: [0.5, 0.6]}`."""
    if isinstance(value, Mapping):
        return tuple(entry.label for entry in read_distributions(value))
    entries = value if isinstance(value, (list, tuple)) and value else [value]
    expected = "expected a distribution such as 'coin(p=0.5)' or {coin: 0.5}"
    refuse([((), f"{expected}, got {shown(entry)}") for entry in entries if not isinstance(entry, str)])
    return tuple(map(str, entries))


def read_zip(value: object) -> tuple[tuple[str, ...], ...]:
    """`[truth.zipf.k, sample_sizes]`: names of lists that go together; or several such groups."""
    if value is None or value in ([], ()):
        return ()
    entries = list(value) if isinstance(value, (list, tuple)) else [value]
    groups: list[Any] = entries if entries and all(isinstance(e, (list, tuple)) for e in entries) else [entries]
    for group in groups:
        if len(group) < 2 or not all(isinstance(name, str) for name in group):
            wanted = "expected lists that go together, such as [truth.zipf.k, sample_sizes]"
            refuse([((), f"{wanted}, got {shown(value)}")])
    return tuple(tuple(group) for group in groups)


def read_save(value: object) -> object:
    """`outcomes` or `{outcomes: parquet}` as the kind of file."""
    given = value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value
    if given is None or given == "outcomes":
        return given and "csv"
    if not isinstance(given, Mapping) or len(given) != 1:
        refuse([((), f"expected outcomes or {{outcomes: parquet}}, got {shown(value)}")])
    assert isinstance(given, Mapping)
    key, kind = next(iter(given.items()))
    if key != "outcomes":
        refuse([((key,), unknown("key", key, ["outcomes"]))])
    if kind not in ("csv", "parquet"):
        refuse([((key,), f"expected csv or parquet, got {shown(kind)}")])
    return kind


def grid_as_written(grid: tuple[Distribution, ...]) -> dict[str, dict[str, Any]]:
    """The mapping that reads back as this grid: a parameter with several values is a list of them."""
    axes: dict[str, list[Any]] = {}
    for entry in grid:
        for name, value in entry.parameters:
            written = as_written(entry.family, name, value)
            if written not in axes.setdefault(name, []):
                axes[name].append(written)
    return {grid[0].family: {name: values[0] if len(values) == 1 else values for name, values in axes.items()}}


def as_written(family: str, name: str, value: Any) -> Any:
    """A parameter's value as a scenario has it."""
    if family == "mixture":
        return [{"weight": weight, **grid_as_written((part,))} for weight, part in value]
    return runs_of(value) if FAMILIES[family].parameters[name].domain.counts else value


def choices_reader(kind: str, known: Known) -> Callable[[object], tuple[Choice, ...]]:
    """A reader of `plugin` or `{additive: {alpha: 0.5}}`, in a list, where `known` has the names and parameters."""
    return lambda value: _read_choices(kind, known, value)


def known_estimators() -> dict[str, dict[str, Parameter]]:
    """The parameters of every estimator."""
    known: dict[str, dict[str, Parameter]] = {}
    for entry in ESTIMATORS.values():
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
    refuse([((i,), f"{label} is given twice") for i, label in enumerate(labels) if first[label] < i])
    return tuple(labels)


def read_estimand(value: object) -> str:
    """A single one of those."""
    problems, choice = _read_choice("estimand", known_estimands(), value)
    refuse(problems)
    assert choice is not None
    return estimand_of(choice.label).label


def read_measures(value: object) -> tuple[str, ...]:
    """`median_bias` or a list of such names."""
    names: list[str] = []
    problems: list[Problem] = []
    for i, entry in enumerate(value if isinstance(value, (list, tuple)) else [value]):
        if not isinstance(entry, str):
            problems.append(((i,), f"expected a name, got {shown(entry)}"))
        elif entry not in MEASURES:
            problems.append(((i,), unknown("measure", entry, MEASURES)))
        elif entry in names:
            problems.append(((i,), f"{entry} is given twice"))
        else:
            names.append(entry)
    refuse(problems)
    return tuple(names)


def _read_choices(kind: str, known: Known, value: object) -> tuple[Choice, ...]:
    entries = value if isinstance(value, (list, tuple)) else [value]
    if entries and all(isinstance(entry, Choice) for entry in entries):
        return tuple(entries)
    if not entries:
        refuse([((), f"expected at least one {kind}, got an empty list")])
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
    refuse(problems)
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
        return [((), unknown(kind, name, known))], None
    mine = known[name]
    inside: tuple[str, ...] = (name,) if given else ()
    problems = [((*inside, *path), message) for path, message in parameter_problems(name, dict(given), mine)]
    if problems:
        return problems, None
    return [], Choice(name=name, parameters=tuple((key, mine[key].domain.parse(given[key])) for key in given))


def _grid_problems(name: str, given: dict[str, Any]) -> list[Problem]:
    """Problems of a distribution's parameters, where each may be a list of values."""
    known = FAMILIES[name].parameters
    problems: list[Problem] = []
    for key, value in given.items():
        if key in known and _is_grid(known[key].domain, value):
            if not value:
                problems.append(((key,), "expected at least one value, got an empty list"))
            for i, entry in enumerate(value):
                problems += [((key, i, *path), message) for path, message in known[key].domain.problems(entry)]
    single = {k: v for k, v in given.items() if not (k in known and _is_grid(known[k].domain, v))}
    for path, message in parameter_problems(name, single, known):
        if path or not any(f"'{key}'" in message for key in given):
            problems.append((path, message))
    return problems


def _grid(name: str, given: dict[str, Any]) -> tuple[Distribution, ...]:
    known = FAMILIES[name].parameters
    axes = [
        [parameter.default]
        if key not in given
        else [parameter.domain.parse(entry) for entry in given[key]]
        if _is_grid(parameter.domain, given[key])
        else [parameter.domain.parse(given[key])]
        for key, parameter in known.items()
    ]
    size = 1
    for axis in axes:
        size *= len(axis)
    if size > MOST_CONDITIONS:
        refuse([((name,), f"makes {size:,} distributions; at most {MOST_CONDITIONS:,} conditions fit into a study")])
    grid = [
        Distribution(family=name, parameters=tuple(zip(known, values, strict=True)))
        for values in itertools.product(*axes)
    ]
    if not is_shipped(FAMILIES[name].rule):
        for entry in grid:
            try:
                entry.pmf()
            except ValueError as error:
                refuse([((name,), str(error))])
    if (terms := sum(entry.terms for entry in grid)) > MOST_PROBABILITIES:
        refuse([((name,), too_many_probabilities(terms))])
    if len(set(grid)) < len(grid):
        refuse([((name,), "gives the same distribution twice")])
    return tuple(grid)


def too_many_probabilities(count: int) -> str:
    """What is said of alphabets and conditions that nobody can wait for."""
    most = f"at most {MOST_PROBABILITIES:,} fit into a study: use smaller alphabets or fewer conditions"
    return f"there are {count:,} probabilities in all conditions together; {most}"


def _is_grid(domain: Domain, value: object) -> bool:
    """Whether a parameter's value lists several: a list of numbers, of pmfs where it is a pmf, of tables of a table."""
    if not isinstance(value, (list, tuple)):
        return False
    return not domain.listed or (bool(value) and _nested(value, 3 if domain.table else 2))


def _nested(value: object, depth: int) -> bool:
    """Whether a value is a list of lists, and so on, so many deep."""
    if not isinstance(value, (list, tuple)):
        return False
    return depth == 1 or all(_nested(entry, depth - 1) for entry in value)
