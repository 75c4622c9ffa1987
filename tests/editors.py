"""What an editor makes of a scenario: whether it fits the JSON Schema that `mcdiv check --schema` prints."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from mcdiv.scenario.json_schema import scenario_schema


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(scenario_schema())  # checked once, in test_scenario_file.py


def fit_the_schema(values: Any) -> None:
    """ValidationError if not."""
    _validator().validate(values)
