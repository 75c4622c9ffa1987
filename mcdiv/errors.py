"""What mcdiv raises for what a user can mend. Every message is one line for each problem, and says what was expected.

    Exception
    ├── ValueError          a value, a name or a size that does not fit; the message names argument and value
    │   └── ScenarioError   a scenario, or a file of observations; `.problems` has all problems, each with its place
    ├── TypeError           something else was given where a path, names or counts are expected
    ├── StoreError          files that cannot be read or written, or are not as they were written; plug-ins
    ├── BackendError        there are no workers, or none with the same versions
    └── OutOfTime           no mistake: `max_time` is over, and finished blocks are kept

The command prints these lines and exits with 2, of OutOfTime with 130.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

#: characters in a line of a message; what is longer loses its middle
LONGEST_LINE = 1000
#: characters of a key that a place quotes
_LONGEST_KEY = 60
#: what breaks a line, moves the cursor, turns the direction of writing, or cannot be encoded
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


#: what a remedy needs, as a scenario's file has it
_WRITTEN = {"joint": "truth: {joint: {pmf: [[…], …]}}"}


class Remedy(NamedTuple):
    """What would mend a problem; a command or a function has its own word for the key."""

    action: Literal["give", "leave out"]
    #: of a scenario, or "joint": a truth over a joint alphabet
    key: str

    @property
    def written(self) -> str:
        """In the words of a scenario's file: "give 'model'"."""
        return f"{self.action} '{_WRITTEN.get(self.key, self.key)}'"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value of a scenario, where a text alone would not do."""

    message: str
    #: what is at fault: the value; its key, as a name of something; or a key that nobody knows, named by the message
    at: Literal["value", "name", "key"] = "value"
    remedy: Remedy | None = None

    def __str__(self) -> str:
        """In the words of a scenario's file."""
        return self.words(lambda remedy: remedy.written)

    def words(self, spoken: Callable[[Remedy], str]) -> str:
        """With the remedy in the words of whoever prints it."""
        return self.message if self.remedy is None else f"{self.message}; {spoken(self.remedy)}"


What: TypeAlias = str | Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioProblem:
    """One thing wrong with a scenario."""

    #: keys and indices that lead to the value, from the top of the scenario
    path: tuple[str | int, ...]
    #: what is wrong, without the place
    message: What

    @property
    def at(self) -> str:
        """What is at fault: "value", "name" or "key"."""
        return self.message.at if isinstance(self.message, Fault) else "value"

    def words(self, spoken: Callable[[Remedy], str]) -> str:
        """What is wrong, with the remedy in the words of whoever prints it."""
        return self.message.words(spoken) if isinstance(self.message, Fault) else self.message

    def text(self, spoken: Callable[[Remedy], str] = lambda remedy: remedy.written) -> str:
        """Place and message in one line: "truth.coin: expected …"."""
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{shortened(key)}" for key in self.path).lstrip(".")
        message = self.words(spoken)
        return message if self.at == "key" or not place else f"{place}: {message}"


class ScenarioError(ValueError):
    """A scenario that cannot be run. `problems` holds every line, in the order of the file where there is one."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = [one_line(problem) for problem in problems]
        super().__init__("\n".join(self.problems))


class StoreError(Exception):
    """Results that cannot be written or read; the message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class BackendError(Exception):
    """Workers that cannot be had, or cannot be used; the message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class OutOfTime(Exception):  # noqa: N818 — not a mistake: the run was told to stop then
    """The time a run may take is over; what is finished is kept."""


def one_line(message: str) -> str:
    """A message with another's text in it as one line for a terminal: odd characters escaped, cut where it is long."""
    cut = shortened(message, LONGEST_LINE)
    return shortened(_UNPRINTABLE.sub(lambda odd: odd[0].encode("unicode_escape").decode("ascii"), cut), LONGEST_LINE)


def shortened(text: str, longest: int = _LONGEST_KEY) -> str:
    """A text without its middle, where it is longer than this."""
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"
