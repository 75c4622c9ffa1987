"""Files that hold a tree of steps, YAML or JSON: what they hold, and where in them a mistake stands."""

from collections.abc import Callable, Iterable
from typing import Any

from mcdiv.core.domains import Problem
from mcdiv.errors import ScenarioError, ScenarioProblem
from mcdiv.files.counts.json_file import loaded
from mcdiv.files.counts.text import Text, opened
from mcdiv.files.yaml_text import read_text

#: characters of YAML; JSON, which is read many times faster, may have any number
MAX_YAML = 2**17
_KEYS = "keys 'policy:' and 'reference:'"


def read_tree(source: str) -> tuple[Any, Callable[[Iterable[Problem]], list[str]]]:
    """What the file holds, and what makes lines with their places of problems in it; ScenarioError if it is no tree."""
    with opened(source, lambda done, total: None) as text:
        if source.lower().endswith(".json"):
            return loaded(text), lambda problems: [f"{text.name}: {each.text()}" for each in _as_records(problems)]
        content = _content(text)
    found = read_text(content, text.name, _KEYS)
    return found.values, lambda problems: found.lines(_as_records(problems))


def _content(text: Text) -> str:
    content = ""
    for piece in text.pieces():
        content += piece
        if len(content) > MAX_YAML:
            told = "larger than 128 kB; write a larger tree as JSON, in a file whose name ends in .json"
            raise ScenarioError([f"{text.name}: {told}"])
    return content


def _as_records(problems: Iterable[Problem]) -> list[ScenarioProblem]:
    return [ScenarioProblem(path=path, message=message) for path, message in problems]
