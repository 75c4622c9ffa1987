"""The estimates of groups of observations as records in their units, with the advice where it was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mcdiv.engine.simulate import Progress
from mcdiv.observed.diagnostics import SHORT
from mcdiv.observed.estimates import Line, estimate_all
from mcdiv.observed.group import Group, row_of
from mcdiv.observed.question import Observed

if TYPE_CHECKING:
    from mcdiv.observed.advice import Advice


def grouped(observed: Sequence[Observed], on_progress: Progress | None = None) -> list[Group]:
    """Groups with their estimates; groups alike are estimated together."""
    lines = estimate_all(observed, on_progress)
    return [Group(observed=each, lines=some) for each, some in zip(observed, lines, strict=True)]


def advised(group: Group, on_progress: Progress | None = None) -> Group:
    """The group with the advice, and with lines for the estimators that it names."""
    from mcdiv.observed.advice import advice_on

    observed, advice = advice_on(group.observed, on_progress)
    lines = group.lines if observed is group.observed else estimate_all([observed])[0]
    return Group(observed=observed, lines=[_with_note(line, advice) for line in lines], advice=advice)


def _with_note(line: Line, advice: Advice) -> Line:
    found = advice.of(line)
    return replace(line, notes=(*line.notes, SHORT)) if found is not None and found.short else line


def rows(group: Group) -> Iterator[dict[str, Any]]:
    """The group's estimates as records: the columns of `mcdiv estimate --output`; NaN where there is no number."""
    if group.advice is not None:
        from mcdiv.observed.advice_rows import rows_with_advice

        yield from rows_with_advice(group)
        return
    for line in group.lines:
        yield row_of(group, line)
