"""How many replicates a wanted MCSE takes: from the exact law where outcomes are listed, else from a pilot.

An MCSE falls as 1/√R, so that of a few replicates tells how many a smaller one takes.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from mcdiv.core.number_format import amount, figure
from mcdiv.core.rare_events import share_bound
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.engine.records import Row
from mcdiv.engine.simulate import Findings, simulate
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import scale_of, symbol_of
from mcdiv.measures.contract import MEASURES
from mcdiv.scenario.precision import MAX_REPLICATES

#: replicates that a condition is tried with where its outcomes are not listed
PILOT = 1000

#: "exact": from the law of the estimates; "pilot": from the MCSE of a few replicates; "bound": from a 95 % bound of a
#: share that all of these had, or none
Source: TypeAlias = Literal["exact", "pilot", "bound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicatesNeeded:
    """How many replicates give one measure its MCSE in every row, and which row takes most; `str()` says it."""

    measure: str
    #: what was asked for, in `unit`
    mcse: float
    #: of the measure and of its MCSE: the scenario's units (squared for MSE and variance), "%", or "1" for none
    unit: str
    replicates: int
    #: of the row that takes most
    condition: Condition
    task: Task
    interval: str | None
    source: Source
    #: standard error of `replicates`, as a share of it: 0 where it is exact, NaN where it is not known
    relative_error: float
    #: rows that have no MCSE of the measure, such as of an infinite bias
    without: int

    def __str__(self) -> str:
        """What it takes, from what that is known, and which row takes most."""
        known = {"exact": "exact", "pilot": f"from {PILOT:,} replicates", "bound": "at most: a 95 % bound"}[self.source]
        if self.relative_error > 0:
            known += f", ± {100 * self.relative_error:.2g} %"
        at, about = self.condition, "" if self.source == "exact" else "about "
        parts = [f"{self.interval} around {self.task.label}" if self.interval else self.task.label]
        parts[0] += f" of {symbol_of(self.task.estimand)}"
        parts += [f"P = {at.truth.label}", f"Q = {at.model.label}" if at.model else "", f"N = {at.sample_size:,}"]
        parts += [f"M = {at.model_sample_size:,}" if at.model_sample_size else ""]
        most = ", ".join(filter(None, parts))
        left = f"; {self.without} rows have no MCSE of it" if self.without > 1 else ""
        left = "; 1 row has no MCSE of it" if self.without == 1 else left
        wanted = amount(figure(self.mcse), self.unit)
        return (
            f"{self.measure} with an MCSE of {wanted}: {about}{self.replicates:,} replicates ({known}; most for {most}"
            f"{left})"
        )


def replicates_needed(plan: Plan, wanted: Mapping[str, float]) -> list[ReplicatesNeeded]:
    """For each measure, how many replicates its worst row takes for an MCSE that is given in the measure's unit.

    ScenarioError, with one line, where no row has an MCSE of the measure.
    """
    # The exact law has the MCSE of any number of replicates; a quantile's has a length that does not shrink smoothly.
    smooth = {name: mcse for name, mcse in wanted.items() if MEASURES[name].needs != "law"}
    other = {name: mcse for name, mcse in wanted.items() if name not in smooth}
    found: dict[str, ReplicatesNeeded] = {}
    for some, when_listed in ((smooth, MAX_REPLICATES), (other, PILOT)):
        if some:
            findings = _pilots(plan, tuple(some), when_listed)
            found |= {name: _worst(findings, name, mcse, plan.scenario.units) for name, mcse in some.items()}
    return [found[name] for name in wanted]


def at_precision(mcse: float, replicates: float, wanted: float) -> int:
    """The fewest replicates with the MCSE `wanted`, where so many have the MCSE `mcse`; at least 1.

    Of a share p these are p (1 − p)/MCSE², of a mean sd²/MCSE² (Morris, White & Crowther 2019, section 5.3).
    """
    needed = replicates * (mcse / wanted) ** 2
    return max(1, math.ceil(needed * (1 - 1e-12)))  # a whole number but for roundings is that number


def _pilots(plan: Plan, measures: tuple[str, ...], when_listed: int) -> list[Findings]:
    """The study with few replicates, listed conditions and others apart: any number of those costs the same."""
    found = []
    for listed, replicates in ((True, when_listed), (False, PILOT)):
        conditions = tuple(c for c in plan.conditions if c.enumerable == listed)
        if not conditions:
            continue
        mode = "both" if listed or plan.scenario.mode == "both" else "monte_carlo"
        changes = {"replicates": replicates, "mode": mode, "measures": (*plan.scenario.measures, *measures)}
        scenario = plan.scenario.model_copy(update=changes)
        some = replace(plan, conditions=conditions, scenario=scenario)
        found.append(simulate(some, lambda works: (work.run() for work in works), lambda done, total: None))
    return found


def _worst(findings: Sequence[Findings], measure: str, wanted: float, units: str) -> ReplicatesNeeded:
    rows = [row for found in findings for row in (found.intervals if MEASURES[measure].of_interval else found.rows)]
    if MEASURES[measure].needs in ("rejections", "gain"):  # there in some rows only
        rows = [row for row in rows if measure in row.simulated]
    each = [one for row in rows for one in _needed(row, measure, wanted, units)]
    if not each:
        raise ScenarioError([f"mcse: no row has an MCSE of {measure}: it is infinite or undefined everywhere"])
    worst = max(each, key=lambda one: one.replicates)
    return replace(worst, without=len(rows) - len(each))


def _needed(row: Row | IntervalRow, measure: str, wanted: float, units: str) -> Iterator[ReplicatesNeeded]:
    """How many replicates one row takes; nothing where it has no MCSE of the measure."""
    entry = MEASURES[measure]
    name = entry.instead if entry.instead and measure not in row.simulated else measure
    reported, error = row.reported(name), 0.0
    source: Source = "pilot"
    mcse = row.exact_mcse.get(name, math.nan)
    if not math.isnan(mcse):
        source = "exact"
    elif entry.statistic == "share" and reported.value in (0, 1):
        reach = share_bound(0, row.replicates)
        mcse, source = math.sqrt(reach * (1 - reach) / row.replicates), "bound"
    else:
        mcse = reported.mcse
        error = 1 / math.sqrt(reported.events) if 0 < reported.events < math.inf else math.nan
    if math.isnan(mcse):
        return
    scale = scale_of(row.task.estimand, units, entry.unit_power)
    least = row.replicates if MEASURES[name].needs == "controlled" else 1  # fewer might be too few for the controls
    yield ReplicatesNeeded(
        measure=measure,
        mcse=wanted,
        unit=entry.unit(row.task.estimand, units),
        replicates=max(least, at_precision(mcse / scale, row.replicates, wanted)),
        condition=row.condition,
        task=row.task,
        interval=row.interval if isinstance(row, IntervalRow) else None,
        source=source,
        relative_error=error,
        without=0,
    )
