"""The keys of a scenario file: each has a meaning, and examples that are read as they stand on the page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from editors import fit_the_schema
from pages import ROOT

from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import planned
from mcdiv.scenario.json_schema import scenario_schema
from mcdiv.scenario.key_descriptions import EXAMPLES, MEANINGS

PAGE = (ROOT / "docs" / "scenario_keys.md").read_text("utf-8")
LINES = re.findall(r"^- \*\*Example:\*\* `(.+)`$", PAGE, re.MULTILINE)
BASE: dict[str, Any] = {
    **{"schema": 1, "name": "example", "truth": {"coin": 0.5}, "model": {"coin": 0.6}, "sample_sizes": [10, 20]},
    **{"estimators": ["plugin", "miller_madow"], "estimands": ["entropy", "kl_divergence"]},
}
#: what the examples of a key need beside it
WITH: dict[str, dict[str, Any]] = {
    "zip": {"truth": {"coin": [0.4, 0.5]}},
    "exclude": {"truth": {"coin": [0.4, 0.5]}},
    "pool": {"truth": {"coin": [0.4, 0.5]}},
    "level": {"intervals": ["delta"]},
    "drawn_from": {"estimators": ["k1"], "estimands": ["kl_divergence"]},
}


def inner_keys(value: Any, path: str = "") -> Iterator[str]:
    """The keys of mappings in a value, by path."""
    for entry in value if isinstance(value, (list, tuple)) else ():
        yield from inner_keys(entry, path)
    for key, below in value.items() if isinstance(value, dict) else ():
        yield f"{path}{key}"
        yield from inner_keys(below, f"{path}{key}.")


def test_every_key_has_a_meaning_and_an_example_of_each_of_its_keys() -> None:
    outer = set(scenario_schema()["properties"])
    assert outer == set(EXAMPLES) == {path for path in MEANINGS if "." not in path}
    shown = {f"{key}.{path}" for key, values in EXAMPLES.items() for path in inner_keys(values)}
    assert {path for path in MEANINGS if "." in path} <= shown


def test_the_page_has_every_example() -> None:
    assert len(LINES) == sum(map(len, EXAMPLES.values()))


@pytest.mark.parametrize("line", LINES)
def test_an_example_on_the_page_is_valid_in_a_scenario(line: str) -> None:
    (key, value), *none = read_text(line, "page").values.items()
    assert not none
    assert value in EXAMPLES[key]
    scenario = BASE | WITH.get(key, {}) | {key: value}
    if "model_sample_size:" in line:
        scenario |= {"model_sample_sizes": [50, 100]}
    if "interval:" in line:
        scenario |= {"intervals": ["delta"]}
    if "pooled:" in line:
        scenario |= WITH["pool"] | {"pool": "truth"}
    if "zipf" in line:
        scenario = {name: value for name, value in scenario.items() if name != "model"} | {"estimands": "entropy"}
    fit_the_schema(scenario)
    planned(read_text(write_text(scenario), "example"))


@pytest.mark.parametrize(("key", "default"), [("level", 0.95), ("replicates", 100_000), ("units", "nats")])
def test_the_page_states_the_default(key: str, default: object) -> None:
    section = PAGE.split(f"\n## {key}\n")[1].split("\n## ")[0]
    assert f"- **Default:** `{default}`" in section
    assert scenario_schema()["properties"][key]["default"] == default
