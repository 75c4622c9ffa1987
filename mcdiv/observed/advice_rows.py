"""The advice as columns beside the estimates of a group: the rows of `mcdiv estimate --advise --output`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mcdiv.engine.records import Row
from mcdiv.estimands.contract import scale_of
from mcdiv.observed.diagnostics import SHORT
from mcdiv.observed.estimates import Line
from mcdiv.observed.group import Group, row_of
from mcdiv.observed.interval_advice import Tried
from mcdiv.observed.quote import quoted
from mcdiv.observed.recommend import estimates_here

_OF_ESTIMATORS = ("rmse", "bias", "sd")


def rows_with_advice(group: Group) -> Iterator[dict[str, Any]]:
    """The lines of the group, then the other intervals that were tried, then the other estimators compared."""
    advice = group.advice
    assert advice is not None
    rows = [] if advice.results is None else advice.results.rows
    by_estimator = {(row.task.estimand, row.task.label): row for row in rows}
    chosen = quoted(group)
    printed = {(line.estimand, line.estimator, line.interval) for line in group.lines}
    others = [each for each in advice.intervals if _key(each.line) not in printed]
    lines = [(line, advice.of(line)) for line in group.lines]
    lines += [(_noted(each), each) for each in others]
    known = {(line.estimand, line.estimator) for line, _ in lines}
    here = {} if advice.results is None else estimates_here(group.observed, advice.results)
    lines += [(_bare(row, here[row.task]), None) for key, row in by_estimator.items() if key not in known]
    for line, found in lines:
        row = by_estimator.get((line.estimand, line.estimator))
        of_study = _of_estimator(row, group.units) | _of_interval(found, group.units)
        yield row_of(group, line) | of_study | {"quoted": _key(line) in chosen}


def _key(line: Line) -> tuple[str, str, str]:
    return line.estimand, line.estimator, line.interval


def _noted(each: Tried) -> Line:
    return replace(each.line, notes=(*each.line.notes, SHORT)) if each.short else each.line


def _bare(row: Row, value: float) -> Line:
    """An estimator that was compared, and of which no interval was asked."""
    return Line(
        estimand=row.task.estimand,
        estimator=row.task.label,
        value=value,
        standard_error=math.nan,
        low=math.nan,
        high=math.nan,
        end_error=0.0,
        interval="",
        caution="",
        notes=(),
    )


def _of_estimator(row: Row | None, units: str) -> dict[str, Any]:
    found: dict[str, Any] = {"rank": math.nan if row is None or row.rank is None else row.rank}
    for name in _OF_ESTIMATORS:
        unit = 1.0 if row is None else scale_of(row.task.estimand, units)
        exact = row is not None and name in row.exact
        mcse = 0.0 if exact else math.nan if row is None else row.reported(name).mcse / unit
        found |= {name: math.nan if row is None else row.value(name) / unit, f"{name}_mcse": mcse}
    return found


def _of_interval(found: Tried | None, units: str) -> dict[str, Any]:
    unit = 1.0 if found is None else scale_of(found.line.estimand, units)
    nothing = math.nan
    return {
        "interval_rank": nothing if found is None else found.rank,
        "interval_coverage": nothing if found is None else found.coverage.value,
        "interval_coverage_mcse": nothing if found is None else found.coverage.mcse,
        "interval_width": nothing if found is None else found.width.value / unit,
        "interval_width_mcse": nothing if found is None else found.width.mcse / unit,
    }
