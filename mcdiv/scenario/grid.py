"""Which combinations of a scenario's lists are its conditions.

All of them, but for lists that go together entry by entry (`zip`) and combinations that are left out (`exclude`).
"""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import Problem
from mcdiv.errors import ScenarioProblem
from mcdiv.scenario.clauses import Exclusion
from mcdiv.scenario.distributions import MAX_CONDITIONS, MAX_PROBABILITIES, axes_of, too_many_probabilities

#: checks or exclusions, times the conditions that each is held against
MAX_MATCHES = 2 * 10**6

#: truth, model, draws from the truth, draws from the model
Combination: TypeAlias = tuple[Distribution, Distribution | None, int, int | None]


class Grid(Protocol):
    """The lists of a scenario."""

    truth: tuple[Distribution, ...]
    model: tuple[Distribution, ...]
    model_sample_sizes: tuple[int, ...]
    zip_: tuple[tuple[str, ...], ...]
    exclude: tuple[Exclusion, ...]
    pool: Literal["truth", "draws"] | None

    @property
    def sample_sizes(self) -> tuple[int, ...]:
        """N, the numbers of draws from the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A list of a scenario, or a value that stands alone."""

    #: "truth.zipf.k" or "sample_sizes"; "truth", where it lists any distributions
    name: str
    length: int
    #: what else it may be called: the first parameter "truth.zipf", the only one with several values "truth"
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it may be called."""
        return (self.name, *self.also)


def combinations(grid: Grid) -> Iterator[Combination]:
    """Every condition, in the order of the tables: truth, model, M, N; lists that go together, where the first is."""
    for combination in _everything(grid):
        if not any(leaves_out(exclusion, combination) for exclusion in grid.exclude):
            yield combination


def _everything(grid: Grid) -> Iterator[Combination]:
    axes = _axes(grid)
    moves = _moves(grid, axes)
    lengths = {move: axis.length for move, axis in zip(moves, axes, strict=True)}
    strides = {key: _strides(axes, key) for key in ("truth", "model")}
    for places in itertools.product(*(range(lengths[move]) for move in sorted(lengths))):
        at = [places[move] for move in moves]
        place = {key: sum(i * stride for i, stride in zip(at, strides[key], strict=True)) for key in strides}
        yield (
            grid.truth[place["truth"]],
            grid.model[place["model"]] if grid.model else None,
            grid.sample_sizes[at[-1]],
            grid.model_sample_sizes[at[-2]] if grid.model_sample_sizes else None,
        )


def leaves_out(exclusion: Exclusion, combination: Combination) -> bool:
    """Whether all that an exclusion names is so in this condition."""
    truth, model, size, model_size = combination
    return (  # labels last: they take the longest
        (not exclusion.sample_size or size in exclusion.sample_size)
        and (not exclusion.model_sample_size or model_size in exclusion.model_sample_size)
        and (not exclusion.truth or truth.label in exclusion.truth)
        and (not exclusion.model or (model is not None and model.label in exclusion.model))
    )


def grid_problems(grid: Grid) -> list[Problem]:
    """Lists that cannot go together, too many conditions or none, alphabets that differ."""
    axes = _axes(grid)
    problems = list(_zip_problems(grid, axes))
    if problems:
        return problems
    moves = _moves(grid, axes)
    count = math.prod({move: axis.length for move, axis in zip(moves, axes, strict=True)}.values())
    if too_many := _too_many(grid, count):
        return [too_many]
    pairs = dict.fromkeys((truth, model) for truth, model, _, _ in combinations(grid))
    if not pairs:
        return [(("exclude",), "excludes every condition")]
    return list(_mismatch(pairs)) or _nothing_to_pool(grid)


def _mismatch(pairs: Collection[tuple[Distribution, Distribution | None]]) -> Iterator[Problem]:
    """The first truth and model whose alphabets differ."""
    sizes = {each: each.categories for pair in pairs for each in pair if each is not None}
    for truth, model in pairs:
        if model is not None and sizes[truth] != sizes[model]:
            wanted = f"{model.label} has {sizes[model]} categories, truth has {sizes[truth]}"
            several = "" if len(pairs) == 1 else ": pair the lists with 'zip: [truth, model]', or 'exclude' such pairs"
            yield ("model",), f"{wanted}; they must be the same{several}"
            return
        if model is not None and truth.shape and model.shape and truth.shape != model.shape:
            tables = [f"{rows} × {columns}" for rows, columns in (model.shape, truth.shape)]
            yield ("model",), f"{model.label} is {tables[0]}, truth is {tables[1]}; they must be the same"
            return


def _nothing_to_pool(grid: Grid) -> list[Problem]:
    if grid.pool is None:
        return []
    groups = Counter((truth.law if grid.pool == "draws" else "", *rest) for truth, *rest in combinations(grid))
    if max(groups.values()) > 1:
        return []
    differ = " that differ in their seed alone" if grid.pool == "draws" else ""
    return [(("pool",), f"nothing to pool: no two truths{differ} have the same model and sample sizes")]


def _too_many(grid: Grid, conditions: int) -> Problem | None:
    """More than can be looked at: said before any condition is."""
    lists = [entries for entries in (grid.truth, grid.model) if entries]
    # Every entry of a list is in as many conditions as any other.
    terms = sum(conditions // len(entries) * sum(entry.terms for entry in entries) for entries in lists)
    matches = conditions * len(grid.exclude)
    if conditions > MAX_CONDITIONS:
        text = f"the scenario has {conditions:,} conditions; at most {MAX_CONDITIONS:,} fit into a study"
        return ("sample_sizes",), text
    if terms > MAX_PROBABILITIES:
        return ("truth",), too_many_probabilities(terms)
    if matches > MAX_MATCHES:
        text = f"{len(grid.exclude):,} exclusions of {conditions:,} conditions are {matches:,} comparisons"
        return ("exclude",), f"{text}; at most {MAX_MATCHES:,} are made"
    return None


def exclude_problems(grid: Grid) -> list[ScenarioProblem]:
    """Exclusions that leave nothing out: a label mistyped, a size that is not among the sizes."""
    everything = list(_everything(grid)) if grid.exclude else []
    known = {
        "truth": {truth.label for truth, _, _, _ in everything},
        "model": {model.label for _, model, _, _ in everything if model},
    }
    problems = []
    for i, exclusion in enumerate(grid.exclude):
        if any(leaves_out(exclusion, combination) for combination in everything):
            continue
        given = [(key, label) for key in known for label in getattr(exclusion, key) if label not in known[key]]
        message = "excludes no condition"
        if given:
            message += f": {did_you_mean(given[0][0], given[0][1], known[given[0][0]])}"
        problems.append(ScenarioProblem(path=("exclude", i, *(key for key, _ in given[:1])), message=message))
    return problems


def full_name(name: str, grid: Grid) -> str:
    """A list's name with the parameter that may be left out of it."""
    return next((axis.name for axis in _axes(grid) if name in axis.names), name)


def _axes(grid: Grid) -> list[Axis]:
    axes: list[Axis] = []
    for key, entries in (("truth", grid.truth), ("model", grid.model)):
        if not entries:
            continue
        parameters = axes_of(entries)
        if parameters is None:
            axes.append(Axis(name=key, length=len(entries)))
            continue
        family, lengths = entries[0].family, {name: len(values) for name, values in parameters.items()}
        varying = [name for name, length in lengths.items() if length > 1] or [*lengths][:1]
        for place, (name, length) in enumerate(lengths.items()):
            names = [] if place else [f"{key}.{family}"]
            names += [key] if varying == [name] else []
            axes.append(Axis(name=f"{key}.{family}.{name}", length=length, also=tuple(names)))
    axes.append(Axis(name="model_sample_sizes", length=max(1, len(grid.model_sample_sizes))))
    return [*axes, Axis(name="sample_sizes", length=len(grid.sample_sizes))]


def _strides(axes: list[Axis], key: str) -> list[int]:
    """How far apart the entries of a written-out grid are that differ by one step along an axis; 0 along others'."""
    strides, stride = [], 1
    for axis in reversed(axes):
        own = axis.name == key or axis.name.startswith(f"{key}.")
        strides.append(stride if own else 0)
        stride *= axis.length if own else 1
    return strides[::-1]


def _moves(grid: Grid, axes: list[Axis]) -> list[int]:
    """For each axis the number of the move it takes part in: those that go together have the same."""
    names = {name: axis.name for axis in axes for name in axis.names}
    group_of = {names[name]: g for g, group in enumerate(grid.zip_) for name in group}
    order: dict[int | str, int] = {}
    return [order.setdefault(group_of.get(axis.name, axis.name), len(order)) for axis in axes]


def _zip_problems(grid: Grid, axes: list[Axis]) -> Iterator[Problem]:
    known = {name: axis for axis in axes for name in axis.names}
    taken: set[str] = set()
    for g, group in enumerate(grid.zip_):
        inside: tuple[str | int, ...] = ("zip", g) if len(grid.zip_) > 1 else ("zip",)
        first = known.get(group[0])
        for i, name in enumerate(group):
            axis = known.get(name)
            if axis is None:
                yield (*inside, i), did_you_mean("list", name, [axis.name for axis in axes])
            elif axis.name in taken:
                yield (*inside, i), f"{name} is given twice"
            elif first is not None and axis.length != first.length:
                told = f"{first.name} has {first.length} and {axis.name} has {axis.length} values"
                yield (*inside, i), f"{told}; lists that go together are equally long"
            taken |= {axis.name} if axis else set()
