"""What is wrong with a row of a study, as records: a code, the place, values. What prints them words them."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self, TypeAlias, cast

from mcdiv.core.rare_events import share_bound
from mcdiv.engine.estimates import EstimateFailure
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition, Task
from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of
from mcdiv.measures.contract import MEASURES
from mcdiv.scenario.precision import Until

#: the column `kind` of problems.csv
Code: TypeAlias = Literal["disagreement", "infinite", "undefined", "exception", "imprecise", "rare_events"]
#: those by which a run fails
FATAL = ("disagreement", "exception")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the estimates, or the interval, of one task in one condition."""

    code: Code
    condition: Condition
    task: Task
    #: those of the row, or those that failed: 0 where an exact value did
    replicates: int
    #: the interval concerned, if it is one
    interval: str | None = None
    #: the measures concerned
    measures: tuple[str, ...] = ()
    #: in nats, squared where the measure is. By code: "simulated", "mcse", "exact", "z" and the
    #: "probability" of a z as large for a disagreement; the "share" of replicates and the number of the "first" where
    #: estimates fail; "mcse" and "wanted" of what is imprecise;
    #: "events" behind an MCSE, or, where no two estimates differ, the "bound" of the probability of others
    values: Mapping[str, float] = field(default_factory=dict)
    #: what an estimator raised
    message: str = ""

    @classmethod
    def of(cls, code: Code, row: Row | IntervalRow, measures: Iterable[str], values: Mapping[str, float]) -> Self:
        """A problem of all replicates of a row."""
        return cls(
            code=code,
            condition=row.condition,
            task=row.task,
            replicates=row.replicates,
            interval=row.interval if isinstance(row, IntervalRow) else None,
            measures=tuple(measures),
            values=values,
        )


def failed(condition: Condition, replicates: int, failure: EstimateFailure) -> Problem:
    """Infinite, undefined or failed estimates, of so many replicates; or an exact value that failed."""
    met = {"share": failure.replicates / replicates, "first": failure.first} if failure.counts else {}
    return Problem(
        code=cast("Code", failure.kind),
        condition=condition,
        task=failure.task,
        replicates=failure.replicates,
        values=met,
        message=failure.message,
    )


def imprecise(rows: Iterable[Row | IntervalRow], until: Until, units: str) -> Iterator[Problem]:
    """The rows that lack the precision asked for; an exact value lacks nothing, nor an interval without the measure."""
    for row in rows:
        wanted = until.mcse * scale_of(row.task.estimand, units, MEASURES[until.measure].unit_power)
        # A bias without control variates is what there is where they claim nothing.
        instead = MEASURES[until.measure].instead if until.measure not in row.simulated else ""
        measure = instead or until.measure
        if measure not in row.simulated:
            continue  # such as the power of a test where P = Q
        if isinstance(row, IntervalRow) and math.isnan(row.reported(measure).value):
            continue  # such as the standard errors of a rule that has none
        if row.simulated and measure not in row.exact and not row.simulated[measure].mcse <= wanted:
            yield Problem.of("imprecise", row, [measure], {"mcse": row.simulated[measure].mcse, "wanted": wanted})


def rare_events(rows: Iterable[Row]) -> Iterator[Problem]:
    """The rows with MCSEs that rest on too few rare events; where the exact value is known, nobody needs them."""
    for row in rows:
        if not (measures := [name for name in row.rare_events if name not in row.exact]):
            continue
        if row.constant:
            yield Problem.of("rare_events", row, measures, {"bound": share_bound(0, row.replicates)})
        else:
            yield Problem.of("rare_events", row, measures, {"events": min(row.reported(m).events for m in measures)})
