"""What the text of an option stands for: a file, a shipped table, standard input or a distribution."""

import difflib
import re
from collections.abc import Iterable
from typing import Any

from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import parse_number
from mcdiv.errors import ScenarioError
from mcdiv.files import yaml_text
from mcdiv.files.shipped import find_data, shipped_data
from mcdiv.observed.options import checked
from mcdiv.results.loading import as_distribution

#: how a distribution begins: "zipf: …" or "{zipf: …"; a drive has one letter
_FAMILY = re.compile(r"""\s*\{?\s*["']?\w{2,}["']?\s*:""")
#: of the scenario as which options are checked
MAPPING: dict[str, Any] = {"schema": 1, "name": "estimate", "paths": 0}


def shipped_or_own(source: str) -> str:
    """The path of the file meant ("-" as it is); a bare name near that of a shipped table is told so."""
    if source == "-":
        return source
    path, near = find_data(source), difflib.get_close_matches(source, shipped_data(), n=1)
    if near and not path.exists():
        raise ScenarioError([f"{source}: there is no such file; did you mean the shipped table '{near[0]}'?"])
    return str(path)


def check_read_once(sources: Iterable[object]) -> None:
    """A ScenarioError where more than one of them is standard input."""
    if [*sources].count("-") > 1:
        raise ScenarioError(["standard input is given twice; expected a file for one of the two"])


def is_distribution(text: str) -> bool:
    """Whether a text is a distribution, as a scenario has it, and not the name of a file."""
    try:
        parse_number(text)
    except ValueError:
        return _FAMILY.match(text) is not None
    return True


def distribution_of(text: str, option: str = "--model") -> Distribution:
    """The distribution of an option's text; a ScenarioError names the option."""
    value = yaml_text.read_value(as_distribution(text), f"{option} {text[:60]}")
    mapping = {"truth": value, "sample_sizes": 1, "estimators": "plugin"}
    grid = checked(MAPPING | mapping, truth=option).truth
    if len(grid) > 1:
        raise ScenarioError([f"{option} {text[:60]}: expected one distribution, got {len(grid)}"])
    return grid[0]
