"""What a run keeps of its replicates on request: outcomes.csv and estimates.csv, or the same as Parquet."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from mcdiv.engine.plan import Block, Plan
from mcdiv.engine.ranked_intervals import RankedIntervals, ranking
from mcdiv.engine.saved_estimates import saved_estimates
from mcdiv.engine.saving import saved_outcomes, shape_of
from mcdiv.errors import StoreError

#: whoever has work done: what a function makes of each item, in their order
Mapped: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


def keep(plan: Plan, blocks: Iterable[Block], mapped: Mapped, folder: Path | None) -> list[RankedIntervals]:
    """Write what the scenario's `save` asks for, if there is a folder; StoreError where that fails.

    Given back are the intervals of `save: estimates` in the order in which the estimates are off.
    """
    blocks, ranked = list(blocks), list[RankedIntervals]()
    for what, kind in plan.scenario.save:
        try:
            if what == "estimates":
                saved = ranking(saved_estimates(plan, blocks, mapped), plan.scenario.level, ranked)
                if folder:
                    from mcdiv.results import estimate_file  # which loads pandas

                    estimate_file.write(folder, saved, plan, kind)
                elif plan.scenario.intervals:
                    deque(saved, maxlen=0)
            elif folder:
                from mcdiv.results import outcome_file

                outcomes = saved_outcomes(plan.scenario, blocks, mapped)
                outcome_file.write(folder, outcomes, shape_of(plan.scenario), kind)
        except OSError as error:
            raise StoreError(f"{what}.{kind}: cannot write: {error.strerror or error}") from None
    return ranked
