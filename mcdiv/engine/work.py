"""What a worker does, as one protocol: estimates on the outcomes of a block, or intervals around them.

What is asked falls into parts that do not depend on each other; a piece of work restricted to some is work of the
same kind.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Protocol, Self, TypeAlias, TypeVar

from mcdiv.core.distributions import FAMILIES
from mcdiv.engine.cache.columns import Columns
from mcdiv.engine.plan import Block, Task
from mcdiv.estimands.contract import estimand_of
from mcdiv.measures.contract import MEASURES

R_co = TypeVar("R_co", covariant=True)
#: some of what is asked: tasks, or intervals around them
Part: TypeAlias = tuple[Hashable, ...]


class Work(Protocol[R_co]):
    """What is asked of the outcomes of a block."""

    @property
    def block(self) -> Block:
        """Where its outcomes are."""

    @property
    def decided_by(self) -> Block:
        """The same without what decides none of the answers."""

    @property
    def requested(self) -> Part:
        """Everything that is requested."""

    @property
    def settings(self) -> tuple[float, ...]:
        """What else decides the answers."""

    @property
    def result_type(self) -> Callable[..., R_co]:
        """The record of the answers: a dataclass of mappings, tuples of failures, and the block."""

    def parts(self) -> list[Part]:
        """The parts that do not depend on each other."""

    def restricted_to(self, parts: Iterable[Part]) -> Self:
        """The same block, asked for these parts only."""

    def names_of(self, part: Part) -> set[Any]:
        """The keys that a part has in the mappings of a result."""

    def columns(self) -> Iterator[tuple[Hashable, Self]]:
        """What `Columns` holds of it, values by outcome: the name of each, and the work that asks for it alone."""

    def modules(self) -> tuple[str, ...]:
        """The modules whose code, with all that they import, decides the result."""

    def run(self, columns: Columns | None = None) -> R_co:
        """Do it; `columns` may know some of the values."""


def modules_behind(block: Block, tasks: Iterable[Task]) -> set[str]:
    """The modules of the distributions and measures of a block, and of the estimators and estimands of some tasks."""
    families = (block.condition.truth, block.condition.model, block.condition.drawn_from)
    found = {FAMILIES[d.family].rule.__module__ for d in families if d}
    found |= {module for task in tasks for module in (task.entry.module, estimand_of(task.estimand).module)}
    return found | {MEASURES[name].module for name in block.measures}
