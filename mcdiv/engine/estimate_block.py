"""Estimates on the outcomes of a block, as work for a worker."""

import itertools
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from mcdiv.engine.block import BlockResult, run_block, source_of
from mcdiv.engine.cache.columns import Columns
from mcdiv.engine.plan import Block, Task
from mcdiv.engine.work import Part, modules_behind


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateBlock:
    """All tasks of a block; see `work.Work`."""

    block: Block

    @property
    def decided_by(self) -> Block:
        """All of the block; exact values by linearity are the same whatever is measured."""
        return self.block.unmeasured if self.block.kind == "linearity" else self.block

    @property
    def requested(self) -> tuple[Task, ...]:
        """The tasks."""
        return self.block.tasks

    @property
    def settings(self) -> tuple[float, ...]:
        """Nothing else decides."""
        return ()

    @property
    def result_type(self) -> type[BlockResult]:
        """Moments by estimand, exact values by task."""
        return BlockResult

    def parts(self) -> list[Part]:
        """An estimand's tasks share one covariance; exact values are had task by task."""
        if self.block.kind == "linearity":
            return [(task,) for task in self.requested]
        estimands = dict.fromkeys(task.estimand for task in self.requested)
        return [tuple(task for task in self.requested if task.estimand == name) for name in estimands]

    def restricted_to(self, parts: Iterable[Part]) -> Self:
        """The same block with some of its tasks."""
        tasks: Any = tuple(itertools.chain.from_iterable(parts))
        return replace(self, block=replace(self.block, tasks=tasks))

    def names_of(self, part: Part) -> set[Any]:
        """Its tasks and their estimands."""
        return {*part, *(task.estimand for task in self.requested if task in part)}

    def columns(self) -> Iterator[tuple[Hashable, Self]]:
        """The estimates of each task; those of some are made of another's. Exact values have no outcomes."""
        for task in dict.fromkeys(map(source_of, self.requested)) if self.block.kind != "linearity" else ():
            yield task, replace(self, block=replace(self.block.unmeasured, tasks=(task,)))

    def modules(self) -> tuple[str, ...]:
        """The engine, the distributions and the estimators."""
        return tuple(sorted({run_block.__module__} | modules_behind(self.decided_by, self.requested)))

    def run(self, columns: Columns | None = None) -> BlockResult:
        """Estimate."""
        return run_block(self.block, columns)
