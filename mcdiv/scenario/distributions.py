"""Distributions as a scenario names them, and grids of them: read, and written so that they read back."""

import itertools
from collections.abc import Mapping
from typing import Any

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
    """`coin: 0.5`, `{coin: {p: 0.5}}` or `{zipf: {k: [10, 100]}}`: every combination of listed parameters."""
    if isinstance(value, tuple) and value and all(isinstance(entry, Distribution) for entry in value):
        return value
    if not isinstance(value, Mapping):
        raise_if_any([((), f"expected a distribution such as 'coin: 0.5', got {shown(value)}")])
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
    if isinstance(value, Mapping):
        return tuple(entry.label for entry in read_distributions(value))
    entries = value if isinstance(value, (list, tuple)) and value else [value]
    expected = "expected a distribution such as 'coin(p=0.5)' or {coin: 0.5}"
    raise_if_any([((), f"{expected}, got {shown(entry)}") for entry in entries if not isinstance(entry, str)])
    return tuple(map(str, entries))


def grid_as_written(grid: tuple[Distribution, ...]) -> dict[str, dict[str, Any]]:
    """The mapping that reads back as this grid: a parameter with several values is a list of them."""
    axes: dict[str, list[Any]] = {}
    for entry in grid:
        for name, value in entry.parameters:
            written = as_written(entry.family, name, value)
            if written not in axes.setdefault(name, []):
                axes[name].append(written)
    written = {name: values[0] if len(values) == 1 else values for name, values in axes.items()}
    seeds = axes.get(SEED, [])
    if len(seeds) > 2 and seeds == list(range(seeds[0], seeds[0] + len(seeds))):
        written |= {SEED: seeds[0], REDRAW: len(seeds)}
    return {grid[0].family: written}


def as_written(family: str, name: str, value: Any) -> Any:
    """A parameter's value as a scenario has it."""
    if family == "mixture":
        return [{"weight": weight, **grid_as_written((part,))} for weight, part in value]
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
