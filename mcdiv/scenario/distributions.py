"""Distributions as a scenario names them, and grids of them: read, and written so that they read back."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.distributions import FAMILIES, SEED, Distribution
from mcdiv.core.domains import Domain, Parameter, Problem, parameter_problems, runs_of, shown
from mcdiv.errors import Fault
from mcdiv.scenario.readers import raise_if_any

#: how many pmfs of a random family there are: as many seeds, from its `seed` on
REDRAW = "redraw"
REDRAW_DOMAIN = Domain(
    expected="how many are drawn, a whole number from 1 to 100,000", accepts=lambda x: 1 <= x <= 100_000, whole=True
)
#: of one study; and the probabilities of all of them together
MAX_CONDITIONS, MAX_PROBABILITIES = 100_000, 10**8


def read_distributions(value: object) -> tuple[Distribution, ...]:
    """`coin: 0.5`, `{coin: {p: 0.5}}` or `{zipf: {k: [10, 100]}}`; or a list of such.

    Of listed parameters every combination, of a list one after the other.
    """
    if isinstance(value, tuple) and value and all(isinstance(entry, Distribution) for entry in value):
        return value
    return _several(value) if isinstance(value, (list, tuple)) else _of_one_family(value)


def _several(entries: Sequence[object]) -> tuple[Distribution, ...]:
    if not entries:
        raise_if_any([((), "expected at least one distribution, got an empty list")])
    problems: list[Problem] = []
    found: dict[Distribution, None] = {}
    for i, entry in enumerate(entries):
        try:
            grid = _of_one_family(entry)
        except PydanticCustomError as error:
            told = (error.context or {})["problems"]
            problems += [((i, *path), what) for path, what in told]
            continue
        problems += [((i,), f"{one.label} is given twice") for one in grid if one in found]
        found |= dict.fromkeys(grid)
    raise_if_any(problems)
    return tuple(found)


def _of_one_family(value: object) -> tuple[Distribution, ...]:
    if not isinstance(value, Mapping):
        raise_if_any([((), _no_distribution(value))])
    assert isinstance(value, Mapping)
    if len(value) != 1:
        raise_if_any([((), f"expected one distribution, got {len(value)}: {', '.join(map(str, value)) or 'none'}")])
    name, given = next(iter(value.items()))
    if name not in FAMILIES:
        raise_if_any([((name,), Fault(did_you_mean("distribution", str(name), FAMILIES), at="name"))])
    known = FAMILIES[name].parameters
    prefix: tuple[str, ...] = (name,)
    if not isinstance(given, Mapping):
        if len(known) > 1 and sum(parameter.required for parameter in known.values()) != 1:
            raise_if_any([((name,), f"expected its parameters ({', '.join(known)}), got {shown(given)}")])
        only = next(iter(known))
        problems = [((name, *path[1:]), message) for path, message in _grid_problems(name, {only: given})]
        given = {only: given}
    else:
        problems = [((*prefix, *path), message) for path, message in _grid_problems(name, dict(given))]
    raise_if_any(problems)
    return _grid(name, _redrawn(dict(given), known))


def _no_distribution(value: object) -> str:
    """What is said of a value in place of a distribution: a name without parameters, a percentage, anything."""
    said = f"expected a distribution such as 'coin: 0.5' or 'uniform: {{k: 6}}', got {shown(value)}"
    if not isinstance(value, str):
        return said
    if value in FAMILIES:
        return f"{said}; {value} needs its parameters: {', '.join(FAMILIES[value].parameters)}"
    if value.isidentifier():
        return str(did_you_mean("distribution", value, FAMILIES))
    return f"{said}; write 0.5 for 50 %" if "%" in value else said


def _redraw_problems(given: dict[str, Any]) -> list[Problem]:
    """What is wrong with the number of draws of a random family."""
    if REDRAW not in given:
        return []
    if isinstance(given.get(SEED), (list, tuple)):
        return [((REDRAW,), "goes with one seed, the first; of a list of seeds each is a distribution already")]
    return [((REDRAW, *path), message) for path, message in REDRAW_DOMAIN.problems(given[REDRAW])]


def _redrawn(given: dict[str, Any], known: dict[str, Parameter]) -> dict[str, Any]:
    """With a seed for each draw in the place of their number."""
    if REDRAW not in given:
        return given
    domain = known[SEED].domain
    first = domain.parse(given.get(SEED, known[SEED].default))
    seeds = list(range(first, first + REDRAW_DOMAIN.parse(given[REDRAW])))
    return {name: value for name, value in given.items() if name != REDRAW} | {SEED: seeds}


def read_labels(value: object) -> tuple[str, ...]:
    """Distributions as the tables name them: `coin(p=0.5)`, several of them, or written out: `{coin: [0.5, 0.6]}`."""
    entries = value if isinstance(value, (list, tuple)) and value else [value]
    expected = "expected a distribution such as 'coin(p=0.5)' or {coin: 0.5}"
    odd = [entry for entry in entries if not isinstance(entry, (str, Mapping))]
    raise_if_any([((), f"{expected}, got {shown(entry)}") for entry in odd])
    return tuple(
        label
        for entry in entries
        for label in ([entry] if isinstance(entry, str) else [one.label for one in _of_one_family(entry)])
    )


def axes_of(grid: Sequence[Distribution]) -> dict[str, list[Any]] | None:
    """The values of each parameter, where these are all their combinations in order; None of any other list."""
    if len({entry.family for entry in grid}) > 1:
        return None
    names = [name for name, _ in grid[0].parameters]
    axes = {name: list(dict.fromkeys(entry.parameters[i][1] for entry in grid)) for i, name in enumerate(names)}
    if math.prod(map(len, axes.values())) != len(grid):
        return None
    everything = itertools.product(*axes.values())
    same = all(
        combination == tuple(value for _, value in entry.parameters)
        for combination, entry in zip(everything, grid, strict=True)
    )
    return axes if same else None


def grid_as_written(grid: Sequence[Distribution]) -> Any:
    """What reads back as this grid: a mapping, where a parameter with several values is a list; or a list of such."""
    if axes_of(grid) is not None:
        return _family_as_written(grid)
    written = []
    for _, group in itertools.groupby(grid, key=lambda entry: entry.family):
        some = list(group)
        written += [_family_as_written(part) for part in ([some] if axes_of(some) else [[one] for one in some])]
    return written


def _family_as_written(grid: Sequence[Distribution]) -> dict[str, dict[str, Any]]:
    """That of all combinations of some parameters of one family."""
    family, axes = grid[0].family, axes_of(grid) or {}
    written: dict[str, Any] = {}
    for name, values in axes.items():
        entries = [as_written(family, name, value) for value in values]
        written[name] = entries[0] if len(entries) == 1 else entries
    seeds = axes.get(SEED, [])
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        written |= {SEED: seeds[0], REDRAW: len(seeds)}
    return {family: written}


def as_written(family: str, name: str, value: Any) -> Any:
    """A parameter's value as a scenario has it."""
    if family == "mixture":
        return [{"weight": weight, **_family_as_written((part,))} for weight, part in value]
    return runs_of(value) if FAMILIES[family].parameters[name].domain.counts else value


def _grid_problems(name: str, given: dict[str, Any]) -> list[Problem]:
    """Problems of a distribution's parameters, where each may be a list of values."""
    known = FAMILIES[name].parameters
    problems: list[Problem] = []
    if SEED in known:
        problems += _redraw_problems(given)
        given = {key: value for key, value in given.items() if key != REDRAW}
    for key, value in given.items():
        if key in known and _is_grid(known[key].domain, value):
            if not value:
                problems.append(((key,), "expected at least one value, got an empty list"))
            for i, entry in enumerate(value):
                problems += [((key, i, *path), message) for path, message in known[key].domain.problems(entry)]
    single = {k: v for k, v in given.items() if not (k in known and _is_grid(known[k].domain, v))}
    return problems + list(parameter_problems(name, single, known, looked_at=given))


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
    if size > MAX_CONDITIONS:
        raise_if_any(
            [((name,), f"makes {size:,} distributions; at most {MAX_CONDITIONS:,} conditions fit into a study")]
        )
    grid = [
        Distribution(family=name, parameters=tuple(zip(known, values, strict=True)))
        for values in itertools.product(*axes)
    ]
    try:
        if (terms := sum(entry.terms for entry in grid)) > MAX_PROBABILITIES:
            raise ValueError(too_many_probabilities(terms))
        for entry in grid if FAMILIES[name].may_refuse else ():
            entry.pmf()
    except ValueError as error:
        raise_if_any([((name,), str(error))])
    if len(set(grid)) < len(grid):
        raise_if_any([((name,), "gives the same distribution twice")])
    return tuple(grid)


def too_many_probabilities(count: int) -> str:
    """What is said of alphabets and conditions that nobody can wait for."""
    most = f"at most {MAX_PROBABILITIES:,} fit into a study: use smaller alphabets or fewer conditions"
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
