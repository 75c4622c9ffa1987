"""YAML text → nodes and plain values, within limits of size, depth and characters."""

import re
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from mcdiv.errors import ScenarioError

MAX_VALUES = 100_000


MAX_DEPTH = 50


_MAX_NUMBER = 1e308


TOO_MUCH = "too many or too deeply nested values"


#: what no scenario holds: control characters and halves of surrogate pairs
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class _BoundedComposer(Composer):
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
        if self._nodes > 2 * MAX_VALUES or self._depth > MAX_DEPTH:  # a value may have a key
            raise ComposerError(None, None, TOO_MUCH, self.mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        self._nodes += self._sizes.get(id(node), 0)  # an alias: all that it stands for will be read once more
        self._sizes.setdefault(id(node), self._nodes - before)
        return node


def compose(text: str, source: str) -> Node | None:
    """The nodes of a text, None where there are none; ScenarioError with the place of what is not YAML."""
    if odd := FORBIDDEN.search(text):
        line, column = text.count("\n", 0, odd.start()) + 1, odd.start() - text.rfind("\n", 0, odd.start())
        raise ScenarioError([f"{source}:{line}:{column}: {may_not_hold(odd[0])}"])
    marks = sum(map(text.count, ",[{")) + max(text.count("\n"), text.count("- "))
    if marks > MAX_VALUES:  # reading as many values would take long
        told = f"{marks:,} commas, brackets and line breaks or dashes are more than {MAX_VALUES:,}"
        raise ScenarioError([f"{source}: {told}; give long lists of counts as a file, {{counts: {{file: …}}}}"])
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yaml.Composer = _BoundedComposer
    try:
        node: Node | None = yaml.compose(StringIO(text))
        return node
    except MarkedYAMLError as error:
        mark, wrong = error.problem_mark or error.context_mark, error.problem or error.context
        wrong = wrong if wrong == TOO_MUCH else f"not valid YAML: {wrong}"
    except Exception as error:  # the scanner lets through what Python says of a text: an OverflowError of "\U99999999"
        mark, first = yaml.composer.mark, str(error).strip().split("\n", maxsplit=1)[0]
        wrong = f"not valid YAML: {first or type(error).__name__}"
    place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
    raise ScenarioError([f"{place}: {wrong}"])


def may_not_hold(odd: str) -> str:
    """The message for a character that no scenario holds."""
    return f"a scenario may not hold the character U+{ord(odd):04X}"


def scalar(node: Node, text: str) -> Any:
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
        return value if "_" not in text and abs(value) < _MAX_NUMBER else text
    return text


def position(node: Node) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def at(node: Node) -> str:
    """The same as text, line:column."""
    return ":".join(map(str, position(node)))


def kind_of(node: Node) -> str:
    """What a node is, for messages."""
    return "a list" if isinstance(node, SequenceNode) else "a mapping" if isinstance(node, MappingNode) else "a text"
