"""YAML ↔ mapping, with the line and column of every value, and `--set` overrides with a place of their own."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mcdiv.core.catalogue import quoted
from mcdiv.errors import Remedy, ScenarioError, ScenarioProblem, shortened
from mcdiv.files.disk import encoding_of
from mcdiv.files.yaml_nodes import (
    FORBIDDEN,
    MAX_DEPTH,
    MAX_VALUES,
    TOO_MUCH,
    at,
    compose,
    kind_of,
    may_not_hold,
    position,
    scalar,
)

MAX_FILE_BYTES = 2**20
#: keys of one mapping
_MAX_KEYS = 1000
#: problems told of one file
_MAX_LINES = 100

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
    #: the option that stands for a key, where the scenario is made of options
    options: Mapping[str, str] = field(default_factory=dict)

    def lines(self, problems: Iterable[ScenarioProblem]) -> list[str]:
        """Problems as lines with their place, in the order of the file; those of overrides last."""
        placed = [(self._place(problem), self._text(problem)) for problem in problems]
        placed.sort(key=lambda pair: (isinstance(pair[0], str), pair[0] if isinstance(pair[0], tuple) else (0, 0)))
        lines = [
            f"{place}: {text}" if isinstance(place, str) else f"{self.source}:{place[0]}:{place[1]}: {text}"
            for place, text in placed
        ]
        more = len(lines) - _MAX_LINES
        return lines if more <= 0 else [*lines[:_MAX_LINES], f"{self.source}: and {more} more problems"]

    def _place(self, problem: ScenarioProblem) -> tuple[int, int] | str:
        if problem.at != "value" and problem.path in self.key_places:
            return self.key_places[problem.path]
        path = problem.path
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.source if self.options else (1, 1))

    def _text(self, problem: ScenarioProblem) -> str:
        """The problem without its place; in the words of the options, where it is one of theirs."""
        path = problem.path
        if path and path[0] in self.options and not str(self._place(problem)).startswith("--set "):
            path = path[2:] if len(path) > 1 and isinstance(path[1], int) else path[1:]
        return replace(problem, path=path).text(self._spoken)

    def _spoken(self, remedy: Remedy) -> str:
        return f"{remedy.action} {self.options[remedy.key]}" if remedy.key in self.options else remedy.written

    def take(self, key: str, given: str, value: str) -> None:
        """Take the value of a key, in YAML, from an option that was given like this."""
        place = f"{self.options[key]} {given}"
        self.values[key] = read_value(value, place)
        self.places[key,] = self.key_places[key,] = place

    def put(self, key: str, value: Any) -> None:
        """Take the value of a key as it is, from an argument."""
        self.values[key] = value
        self.places[key,] = self.key_places[key,] = self.options[key]

    def take_all(self, key: str, given: Sequence[Any]) -> None:
        """Take the entries of a list from an option that may be given repeatedly; what is no text stays as it is."""
        values: list[Any] = []
        for text in given:
            place = f"{self.options[key]} {text if isinstance(text, str) else quoted(text)}"
            if not isinstance(text, str):
                self.places[key, len(values)] = self.key_places[key, len(values)] = place
                values.append(text)
                continue
            # The commas of bayes(alpha=1, draws=200) are no commas of a list.
            entries = [text] if re.fullmatch(r"\w+\([^()]*\)", text) else read_value(f"[{text}]", place)
            for entry in entries:
                path = (key, len(values))
                self.places[path] = self.key_places[path] = place
                values.append(entry)
        self.values[key], self.places[key,] = values, self.options[key]


def read_file(path: Path) -> ScenarioText:
    """Read a scenario file; what cannot be read is a ScenarioError with one line."""
    source = str(path)
    try:
        if path.is_fifo() and source != "/dev/stdin":
            raise ScenarioError([f"{source}: is a pipe, not a scenario file"])
        with path.open("rb") as handle:
            raw = handle.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ScenarioError([f"{source}: {_reason(error)}"]) from None
    except ValueError:  # a NUL, or half of a surrogate pair
        raise ScenarioError([f"{source}: is not the name of a file"]) from None
    if len(raw) > MAX_FILE_BYTES:
        raise ScenarioError([f"{source}: larger than 1 MB; a scenario is a short text"])
    try:
        text = raw.decode(encoding_of(raw))
    except UnicodeDecodeError as error:
        expected = "UTF-16" if "16" in error.encoding else "UTF-8"
        raise ScenarioError([f"{source}: not a text file (not {expected} at byte {error.start})"]) from None
    return read_text(text, source)


def read_text(
    text: str, source: str, keys: str = "", remedy: str = "'mcdiv new' writes one to start from"
) -> ScenarioText:
    """Read a scenario from YAML text; `source` is how messages name it.

    Of what is no scenario, `keys` are those a message expects, and `remedy` what it says of an empty file.
    """
    node = compose(text, source)
    if node is None:
        remedy = f"expected {keys}" if keys else "'mcdiv new' writes one to start from"
        raise ScenarioError([f"{source}: the file is empty; {remedy}"])
    if not isinstance(node, MappingNode):
        wanted = keys or "keys such as 'name:' and 'truth:'"
        raise ScenarioError([f"{source}:{at(node)}: expected {wanted}, got {kind_of(node)}"])
    scenario = ScenarioText(source=source)
    reader = _Reader(scenario)
    scenario.values = reader.read(node, ())
    if reader.duplicates:
        raise ScenarioError(reader.duplicates)
    return scenario


def read_value(text: str, source: str) -> Any:
    """One value in YAML, such as an option's: `zipf: {k: 10}` or `0.5`."""
    node = compose(text, source)
    reader = _Reader(ScenarioText(source=source))
    value = None if node is None else reader.read(node, ())
    if reader.duplicates:
        raise ScenarioError(reader.duplicates)
    return value


def override(scenario: ScenarioText, setting: str) -> None:
    """Apply one `key=value`: a dotted key, a value in YAML."""
    key, equals, text = setting.partition("=")
    place = f"--set {shortened(setting, 100)}"
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
    raise ScenarioError([f"{place}: there is no {shortened(key.strip())}"])


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
        if self._values > MAX_VALUES or len(path) > MAX_DEPTH:
            raise ScenarioError([f"{self.scenario.source}:{at(node)}: {TOO_MUCH}"])
        self.scenario.places[path] = position(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(entry, (*path, i)) for i, entry in enumerate(node.value)]
        return scalar(node, self._text(node))

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if len(node.value) > _MAX_KEYS:
            wanted = f"expected a mapping of at most {_MAX_KEYS:,} keys, got {len(node.value):,}"
            raise ScenarioError([f"{self.scenario.source}:{at(node)}: {wanted}"])
        for key_node, value_node in node.value:
            key = self._text(key_node) if isinstance(key_node, ScalarNode) else kind_of(key_node)
            place = f"{self.scenario.source}:{at(key_node)}"
            if key in values:
                first = self.scenario.key_places[*path, key]
                line = f" (first in line {first[0]})" if isinstance(first, tuple) else ""
                self.duplicates.append(f"{place}: key '{shortened(key)}' is given twice{line}")
                continue
            self.scenario.key_places[*path, key] = position(key_node)
            values[key] = self.read(value_node, (*path, key))
        return values

    def _text(self, node: Node) -> str:
        """What a scalar says; an escape such as "\\0" may have put into it what the file itself may not hold."""
        text = str(node.value)
        if odd := FORBIDDEN.search(text):
            raise ScenarioError([f"{self.scenario.source}:{at(node)}: {may_not_hold(odd[0])}"])
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, Fraction) else value


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a scenario file"
    return (error.strerror or str(error) or os.strerror(error.errno or 0)).lower()
