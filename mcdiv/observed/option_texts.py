"""What the text of an option stands for: a file, a shipped table, standard input or a distribution."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mcdiv.core.distributions import FAMILIES, Distribution
from mcdiv.errors import ScenarioError
from mcdiv.files import yaml_text
from mcdiv.files.shipped import find_data, shipped_data
from mcdiv.observed.options import checked
from mcdiv.results.loading import as_distribution, numbers_in

#: how a distribution begins: "zipf: …" or "{zipf: …"; a drive has one letter
_FAMILY = re.compile(r"""\s*\{?\s*["']?\w{2,}["']?\s*:""")
#: of the scenario as which options are checked
MAPPING: dict[str, Any] = {"schema": 1, "name": "estimate", "paths": 0}


def shipped_or_own(source: str) -> str:
    """The path of the file meant ("-" as it is); a bare name near that of a shipped table is told so."""
    if source == "-":
        return source
    path, near = find_data(source), difflib.get_close_matches(source, shipped_data(), n=1)
    if exists(path):
        return str(path)
    if source in FAMILIES:
        needed = ", ".join(FAMILIES[source].parameters)
        raise ScenarioError([f"{source}: there is no such file; as a distribution it needs its parameters: {needed}"])
    if "%" in source:
        raise ScenarioError([f"{source[:60]}: there is no such file; write a probability of 50 % as 0.5"])
    if near:
        raise ScenarioError([f"{source}: there is no such file; did you mean the shipped table '{near[0]}'?"])
    return str(path)


def exists(path: Path) -> bool:
    """Whether there is such a file; none has a name that is too long."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def check_read_once(sources: Iterable[object]) -> None:
    """A ScenarioError where more than one of them is standard input."""
    if [*sources].count("-") > 1:
        raise ScenarioError(["standard input is given twice; expected a file for one of the two"])


def is_distribution(text: str) -> bool:
    """Whether a text is a distribution, as an option has it, and not the name of a file."""
    return bool(numbers_in(text)) or _FAMILY.match(text) is not None


def distribution_of(text: str, option: str = "--model") -> Distribution:
    """The distribution of an option's text; a ScenarioError names the option."""
    value = yaml_text.read_value(as_distribution(text, one=True), f"{option} {text[:60]}")
    mapping = {"truth": value, "sample_sizes": 1, "estimators": "plugin"}
    grid = checked(MAPPING | mapping, truth=option).truth
    if len(grid) > 1:
        raise ScenarioError([f"{option} {text[:60]}: expected one distribution, got {len(grid)}"])
    return grid[0]
