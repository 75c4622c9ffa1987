"""What is said when a scenario does not hold together (every problem at once, each with its place), or a run cannot."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioProblem:
    """One thing wrong with a scenario."""

    #: keys and indices that lead to the value, from the top of the scenario
    path: tuple[str | int, ...]
    #: what is wrong, without the place
    message: str
    #: whether the key itself is at fault, not its value
    at_key: bool = False

    @property
    def text(self) -> str:
        """Place and message in one line: "truth.coin: expected …"."""
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path).lstrip(".")
        return self.message if self.at_key or not place else f"{place}: {self.message}"


class ScenarioError(ValueError):
    """A scenario that cannot be run. `problems` holds every line, in the order of the file where there is one."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class StoreError(Exception):
    """Results that cannot be written or read; the message is one line."""


class BackendError(Exception):
    """Workers that cannot be had, or cannot be used; the message is one line."""


class OutOfTime(Exception):  # noqa: N818 — not a mistake: the run was told to stop then
    """The time a run may take is over; what is finished is kept."""
