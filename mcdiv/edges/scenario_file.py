"""YAML ↔ mapping, with the line and column of every value, and `--set` overrides with a place of their own."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mcdiv.study.errors import ScenarioError, ScenarioProblem

LARGEST_FILE = 2**20
MOST_VALUES = 100_000
_DEEPEST = 50
_LARGEST_NUMBER = 1e308
#: problems told of one file
_MOST_LINES = 100

KeyPath: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True, kw_only=True)
class ScenarioText:
    """A scenario as it was written: values, and where each of them stands."""

    #: how messages name the source: a file's path
    source: str
    values: dict[str, Any] = field(default_factory=dict)
    #: line and column, from 1, or the override that a value came from
    places: dict[KeyPath, tuple[int, int] | str] = field(default_factory=dict)
    key_places: dict[KeyPath, tuple[int, int] | str] = field(default_factory=dict)

    def lines(self, problems: Iterable[ScenarioProblem]) -> list[str]:
        """Problems as lines with their place, in the order of the file; those of overrides last."""
        placed = [(self._place(problem), problem.text) for problem in problems]
        placed.sort(key=lambda pair: (isinstance(pair[0], str), pair[0] if isinstance(pair[0], tuple) else (0, 0)))
        lines = [
            f"{place}: {text}" if isinstance(place, str) else f"{self.source}:{place[0]}:{place[1]}: {text}"
            for place, text in placed
        ]
        more = len(lines) - _MOST_LINES
        return lines if more <= 0 else [*lines[:_MOST_LINES], f"{self.source}: and {more} more problems"]

    def _place(self, problem: ScenarioProblem) -> tuple[int, int] | str:
        # A name that nobody knows stands where it is written, which for a key is not where its value is.
        if problem.message.startswith("unknown ") and problem.path in self.key_places:
            return self.key_places[problem.path]
        path = problem.path
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_file(path: Path) -> ScenarioText:
    """Read a scenario file; what cannot be read is a ScenarioError with one line."""
    source = str(path)
    try:
        if path.is_fifo() and source != "/dev/stdin":
            raise ScenarioError([f"{source}: is a pipe, not a scenario file"])
        with path.open("rb") as handle:
            raw = handle.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ScenarioError([f"{source}: {_reason(error)}"]) from None
    if len(raw) > LARGEST_FILE:
        raise ScenarioError([f"{source}: larger than 1 MB; a scenario is a short text"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError([f"{source}: not a text file (not UTF-8 at byte {error.start})"]) from None
    return read_text(text, source)


def read_text(text: str, source: str) -> ScenarioText:
    """Read a scenario from YAML text; `source` is how messages name it."""
    node = _compose(text, source)
    if node is None:
        raise ScenarioError([f"{source}: the file is empty; 'mcdiv new' writes one to start from"])
    if not isinstance(node, MappingNode):
        raise ScenarioError([f"{source}:{_at(node)}: expected keys such as 'name:' and 'truth:', got {_kind(node)}"])
    scenario = ScenarioText(source=source)
    reader = _Reader(scenario)
    scenario.values = reader.read(node, ())
    if reader.duplicates:
        raise ScenarioError(reader.duplicates)
    return scenario


def read_value(text: str, source: str) -> Any:
    """One value in YAML, such as an option's: `zipf: {k: 10}` or `0.5`."""
    node = _compose(text, source)
    reader = _Reader(ScenarioText(source=source))
    value = None if node is None else reader.read(node, ())
    if reader.duplicates:
        raise ScenarioError(reader.duplicates)
    return value


def override(scenario: ScenarioText, setting: str) -> None:
    """Apply one `key=value`: a dotted key, a value in YAML."""
    key, equals, text = setting.partition("=")
    place = f"--set {setting}"
    if not equals or not key.strip():
        raise ScenarioError([f"{place}: expected key=value"])
    value = read_value(text, place)
    target: Any = scenario.values
    path: KeyPath = ()
    *parents, last = key.strip().split(".")
    for step in parents:
        path = (*path, _step(target, step, place, key))
        if isinstance(target, dict) and not isinstance(target.get(step), (dict, list)):
            target[step] = {}
            scenario.places[path] = scenario.key_places[path] = place
        target = target[path[-1]]
    path = (*path, _step(target, last, place, key))
    target[path[-1]] = value
    for places in (scenario.places, scenario.key_places):
        for known in [known for known in places if known[: len(path)] == path]:
            del places[known]
        places[path] = place


def _step(target: Any, step: str, place: str, key: str) -> str | int:
    """A key of a mapping, or the index that a step means in a list."""
    if isinstance(target, dict):
        return step
    if isinstance(target, list) and step.isascii() and step.isdigit() and len(step) < 9 and int(step) < len(target):
        return int(step)
    raise ScenarioError([f"{place}: there is no {key.strip()}"])


def write_text(values: Mapping[str, Any]) -> str:
    """A mapping as YAML that reads back as the same scenario."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 100
    stream = StringIO()
    yaml.dump(_plain(values), stream)
    return stream.getvalue()


class _Reader:
    """Turns nodes into values, noting where each stands; `duplicates` collects keys given twice."""

    def __init__(self, scenario: ScenarioText) -> None:
        self.scenario = scenario
        self.duplicates: list[str] = []
        self._values = 0

    def read(self, node: Node, path: KeyPath) -> Any:
        self._values += 1
        if self._values > MOST_VALUES or len(path) > _DEEPEST:
            raise ScenarioError([f"{self.scenario.source}:{_at(node)}: too many or too deeply nested values"])
        self.scenario.places[path] = _position(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(entry, (*path, i)) for i, entry in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else _kind(key_node)
            place = f"{self.scenario.source}:{_at(key_node)}"
            if key in values:
                first = self.scenario.key_places[*path, key]
                line = f" (first in line {first[0]})" if isinstance(first, tuple) else ""
                self.duplicates.append(f"{place}: key '{key}' is given twice{line}")
                continue
            self.scenario.key_places[*path, key] = _position(key_node)
            values[key] = self.read(value_node, (*path, key))
        return values


def _compose(text: str, source: str) -> Node | None:
    yaml = YAML()
    yaml.version = (1, 2)
    try:
        node: Node | None = yaml.compose(StringIO(text))
        return node
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise ScenarioError([f"{place}: not valid YAML: {error.problem or error.context}"]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).strip().split("\n", maxsplit=1)[0] or "too deeply nested"
        raise ScenarioError([f"{source}: not valid YAML: {first}"]) from None


def _scalar(node: Node) -> Any:
    """A plain scalar by the core schema of YAML 1.2; what looks like another number stays text for its reader."""
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    words = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
    truths = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
    if text in words:
        return words[text]
    if text in truths:
        return truths[text]
    if text.lower() in (".nan", ".inf", "-.inf", "+.inf"):
        return float(text.lower().replace(".", ""))
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if "_" not in text and abs(value) < _LARGEST_NUMBER else text
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, Fraction) else value


def _position(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _at(node: Node) -> str:
    return ":".join(map(str, _position(node)))


def _kind(node: Node) -> str:
    return "a list" if isinstance(node, SequenceNode) else "a mapping" if isinstance(node, MappingNode) else "a text"


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a scenario file"
    return (error.strerror or str(error) or os.strerror(error.errno or 0)).lower()
