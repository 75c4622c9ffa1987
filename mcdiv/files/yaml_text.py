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
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mcdiv.core.catalogue import quoted
from mcdiv.errors import ScenarioError, ScenarioProblem, shortened

LARGEST_FILE = 2**20
MOST_VALUES = 100_000
#: keys of one mapping
_MOST_KEYS = 1000
_DEEPEST = 50
_LARGEST_NUMBER = 1e308
#: problems told of one file
_MOST_LINES = 100
_TOO_MUCH = "too many or too deeply nested values"
#: what no scenario holds: control characters and halves of surrogate pairs
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

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
        more = len(lines) - _MOST_LINES
        return lines if more <= 0 else [*lines[:_MOST_LINES], f"{self.source}: and {more} more problems"]

    def _place(self, problem: ScenarioProblem) -> tuple[int, int] | str:
        # A name that nobody knows stands where it is written, which for a key is not where its value is.
        if problem.message.startswith("unknown ") and problem.path in self.key_places:
            return self.key_places[problem.path]
        path = problem.path
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.source if self.options else (1, 1))

    def _text(self, problem: ScenarioProblem) -> str:
        """The problem without its place; in the words of the options, where it is one of theirs."""
        if not self.options:
            return problem.text
        message = problem.message
        for key, option in self.options.items():
            message = message.replace(f"'{key}'", option)
        path = problem.path
        if path and path[0] in self.options and not str(self._place(problem)).startswith("--set "):
            path = path[2:] if len(path) > 1 and isinstance(path[1], int) else path[1:]
        return replace(problem, path=path, message=message).text

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
            raw = handle.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ScenarioError([f"{source}: {_reason(error)}"]) from None
    except ValueError:  # a NUL, or half of a surrogate pair
        raise ScenarioError([f"{source}: is not the name of a file"]) from None
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
        if self._values > MOST_VALUES or len(path) > _DEEPEST:
            raise ScenarioError([f"{self.scenario.source}:{_at(node)}: {_TOO_MUCH}"])
        self.scenario.places[path] = _position(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(entry, (*path, i)) for i, entry in enumerate(node.value)]
        return _scalar(node, self._text(node))

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if len(node.value) > _MOST_KEYS:
            wanted = f"expected a mapping of at most {_MOST_KEYS:,} keys, got {len(node.value):,}"
            raise ScenarioError([f"{self.scenario.source}:{_at(node)}: {wanted}"])
        for key_node, value_node in node.value:
            key = self._text(key_node) if isinstance(key_node, ScalarNode) else _kind(key_node)
            place = f"{self.scenario.source}:{_at(key_node)}"
            if key in values:
                first = self.scenario.key_places[*path, key]
                line = f" (first in line {first[0]})" if isinstance(first, tuple) else ""
                self.duplicates.append(f"{place}: key '{shortened(key)}' is given twice{line}")
                continue
            self.scenario.key_places[*path, key] = _position(key_node)
            values[key] = self.read(value_node, (*path, key))
        return values

    def _text(self, node: Node) -> str:
        """What a scalar says; an escape such as "\\0" may have put into it what the file itself may not hold."""
        text = str(node.value)
        if odd := _NO_TEXT.search(text):
            raise ScenarioError([f"{self.scenario.source}:{_at(node)}: {_may_not_hold(odd[0])}"])
        return text


class _Bounded(Composer):
    """Composes nodes, but not without end; `mark` is where the last one begins."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False  # an anchor may be set again
        self.mark: Any = None
        self._nodes = self._depth = 0
        #: how many nodes one stands for, aliases written out
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node with all below it."""
        self.mark, before = self.parser.peek_event().start_mark, self._nodes
        self._nodes += 1
        if self._nodes > 2 * MOST_VALUES or self._depth > _DEEPEST:  # a value may have a key
            raise ComposerError(None, None, _TOO_MUCH, self.mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        self._nodes += self._sizes.get(id(node), 0)  # an alias: all that it stands for will be read once more
        self._sizes.setdefault(id(node), self._nodes - before)
        return node


def _compose(text: str, source: str) -> Node | None:
    if odd := _NO_TEXT.search(text):
        line, column = text.count("\n", 0, odd.start()) + 1, odd.start() - text.rfind("\n", 0, odd.start())
        raise ScenarioError([f"{source}:{line}:{column}: {_may_not_hold(odd[0])}"])
    marks = sum(map(text.count, ",[{")) + max(text.count("\n"), text.count("- "))
    if marks > MOST_VALUES:  # reading as many values would take long
        told = f"{marks:,} commas, brackets and line breaks or dashes are more than {MOST_VALUES:,}"
        raise ScenarioError([f"{source}: {told}; give long lists of counts as a file, {{counts: {{file: …}}}}"])
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yaml.Composer = _Bounded
    try:
        node: Node | None = yaml.compose(StringIO(text))
        return node
    except MarkedYAMLError as error:
        mark, wrong = error.problem_mark or error.context_mark, error.problem or error.context
        wrong = wrong if wrong == _TOO_MUCH else f"not valid YAML: {wrong}"
    except Exception as error:  # the scanner lets through what Python says of a text: an OverflowError of "\U99999999"
        mark, first = yaml.composer.mark, str(error).strip().split("\n", maxsplit=1)[0]
        wrong = f"not valid YAML: {first or type(error).__name__}"
    place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
    raise ScenarioError([f"{place}: {wrong}"])


def _may_not_hold(odd: str) -> str:
    return f"a scenario may not hold the character U+{ord(odd):04X}"


def _scalar(node: Node, text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2; what looks like another number stays text for its reader."""
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
