"""A small scenario to change: as a mapping, and checked."""

from typing import Any

from mcdiv.scenario.model import Scenario, read_scenario


def small(**changes: Any) -> dict[str, Any]:
    """A scenario as a mapping; a change to None leaves the key out."""
    values = {
        "schema": 1,
        "name": "small",
        "truth": {"coin": "1/2"},
        "model": {"coin": 0.6},
        "estimators": ["plugin", "miller_madow"],
        "sample_sizes": [5, 10],
        "replicates": 1000,
        "paths": 0,
        "plots": [],
        "seed": 7,
        **changes,
    }
    return {key: value for key, value in values.items() if value is not None}


def scenario_of(**changes: Any) -> Scenario:
    scenario, problems = read_scenario(small(**changes))
    assert scenario is not None, problems
    return scenario
