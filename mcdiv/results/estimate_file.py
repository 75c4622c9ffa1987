"""estimates.csv or estimates.parquet: a row per replicate, estimand, estimator and interval, as rsimsum reads it."""

import itertools
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mcdiv.engine.exact import true_value
from mcdiv.engine.plan import Condition, Plan, Task
from mcdiv.engine.saved_estimates import SavedEstimates
from mcdiv.estimands.contract import scale_of, unit_of
from mcdiv.results import row_file
from mcdiv.results.csv_tables import as_cell
from mcdiv.results.row_file import Columns
from mcdiv.results.tables.frames import CONDITION, parameters_of, places
from mcdiv.scenario.choices import Choice

_TEXT = ("scenario", "truth", "model", "estimand", "estimator", "interval", "unit")
_WHOLE = ("condition", "categories", "sample_size", "model_sample_size", "replicate", "weight")
_OWN = ["estimand", "estimator", "interval", "level", "unit", "true_value"]
_OWN += ["replicate", "weight", "probability", "estimate", "se", "low", "high"]


def write(folder: Path, saved: Iterable[SavedEstimates], plan: Plan, kind: str) -> None:
    """Write the file into a folder; OSError where that fails."""
    header = columns(plan)
    row_file.write(folder / f"estimates.{kind}", header, _rows(saved, plan, list(header)), kind)


def columns(plan: Plan) -> Columns:
    """The header, and what is below it: those of every study first, then a column for each parameter."""
    found: dict[str, Literal["text", "whole", "number"]] = {
        name: "text" if name in _TEXT else "whole" if name in _WHOLE else "number" for name in [*CONDITION, *_OWN]
    }
    given: dict[str, list[Any]] = {}
    for condition in plan.conditions:
        for name, value in parameters_of(condition).items():
            given.setdefault(name, []).append(value)
    for name, values in given.items():
        kinds = {type(value) for value in values}
        found.setdefault(name, "text" if str in kinds else "whole" if kinds == {int} else "number")
    return found


def _rows(saved: Iterable[SavedEstimates], plan: Plan, names: list[str]) -> Iterator[list[Any]]:
    """A row for each of the four values of a replicate that go together, replicate by replicate."""
    place, kinds = places(plan.scenario.name), columns(plan)
    for condition, group in itertools.groupby(saved, key=lambda part: part.condition):
        fixed = {**parameters_of(condition), **place(condition)}
        for part in group:
            heads = [fixed | _of(plan, condition, task, interval) for task, interval in part.kept]
            scales = [scale_of(task.estimand, plan.scenario.units) for task, _ in part.kept]
            cells = [[_plain(head.get(name), kinds[name]) for name in names] for head in heads]
            first = names.index("replicate")
            values = (part.values / np.array(scales)[:, None, None]).transpose(2, 0, 1).tolist()
            for number, weight, probability, own in zip(*_numbers(part), values, strict=True):
                for head, four in zip(cells, own, strict=True):
                    filled = [number, weight, probability, *(None if math.isnan(value) else value for value in four)]
                    yield [*head[:first], *filled, *head[first + len(filled) :]]


def _numbers(part: SavedEstimates) -> Iterator[list[Any]]:
    """First replicates, weights and probabilities, a list each, of nothing where there are none."""
    rows = part.values.shape[2]
    for given, whole in ((part.replicates, True), (part.weights, True), (part.probabilities, False)):
        yield [None] * rows if given is None else (given.astype(np.int64) if whole else given).tolist()


def _of(plan: Plan, condition: Condition, task: Task, interval: Choice | None) -> dict[str, Any]:
    units = plan.scenario.units
    truth = true_value(task.estimand, condition.p, condition.q, condition.truth.shape)
    return {
        "estimand": task.estimand,
        "estimator": task.label,
        "interval": interval.label if interval else None,
        "level": plan.scenario.level if interval else None,
        "unit": unit_of(task.estimand, units),
        "true_value": truth / scale_of(task.estimand, units),
    }


def _plain(value: Any, holds: str) -> Any:
    """A cell of the type of its column."""
    if value is None:
        return None
    return as_cell(str(value)) if holds == "text" else float(value) if holds == "number" else int(value)
