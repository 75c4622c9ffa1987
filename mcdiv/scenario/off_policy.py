"""The key `drawn_from`: samples from O, while estimands are those of P and Q. What goes together with it."""

from collections.abc import Mapping
from typing import Any, Protocol

from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import Problem
from mcdiv.errors import Fault, Remedy
from mcdiv.scenario.distributions import read_distributions
from mcdiv.scenario.readers import raise_if_any
from mcdiv.scenario.size_goal import PlannedSizes, SizeGoal

KEY = "drawn_from"
_KNOWN = "only estimators that know P and Q can be used on draws from elsewhere"


class Sampling(Protocol):
    """What of a scenario has to go with it."""

    truth: tuple[Distribution, ...]
    model: tuple[Distribution, ...]
    drawn_from: Distribution | None
    model_sample_sizes: tuple[int, ...]
    intervals: tuple[Any, ...]
    sample_sizes_: PlannedSizes
    test: Any
    learning: Any
    paths: int


def read_sampled(value: object) -> Distribution | None:
    """`{coin: 0.6}`: one distribution."""
    if value is None or isinstance(value, Distribution):
        return value
    grid = read_distributions(value)
    if len(grid) > 1:
        raise_if_any([((), f"expected one distribution, got {len(grid)}: samples are drawn from one in each study")])
    return grid[0]


def without_paths(data: Any) -> Any:
    """A scenario without experiments draw by draw, unless it asks for them: these would be draws from P."""
    drawn = isinstance(data, Mapping) and data.get(KEY) is not None
    return {"paths": 0, **data} if drawn else data


def problems_of_sampling(scenario: Sampling) -> list[Problem]:
    """What cannot be had of draws that are not from P."""
    if scenario.drawn_from is None:
        return []
    problems: list[Problem] = []
    if not scenario.model:
        problems.append(((KEY,), Fault(_KNOWN, remedy=Remedy("give", "model"))))
    size = scenario.drawn_from.categories
    other = next((truth for truth in scenario.truth if truth.categories != size), None)
    if other is not None:
        told = f"{scenario.drawn_from.label} has {size} categories, {other.label} has {other.categories}"
        problems.append(((KEY,), f"{told}; they must be the same"))
    taken_for_p = {
        "intervals": (bool(scenario.intervals), "intervals take"),
        "test": (scenario.test is not None, "a test takes"),
        "learning": (scenario.learning is not None, "a fit takes"),
        "sample_sizes.until": (isinstance(scenario.sample_sizes_, SizeGoal), "a goal takes"),
        "paths": (scenario.paths > 0, "paths take"),
    }
    for key, (is_given, who) in taken_for_p.items():
        if is_given:
            problems.append(((KEY,), f"{who} samples for draws from P; leave out '{key}' or '{KEY}'"))
    if scenario.model_sample_sizes:
        problems.append(((KEY,), Fault(_KNOWN, remedy=Remedy("leave out", "model_sample_sizes"))))
    return problems
