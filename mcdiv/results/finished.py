"""Finished runs as rows and paired differences in common units: what a ranking of their estimators rests on."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from mcdiv.core.units import UNITS, nats_per
from mcdiv.scenario.model import Scenario

#: what makes two rows comparable: the same question at the same place
PLACE = ["truth", "model", "sample_size", "model_sample_size", "estimand", "unit"]
#: by the unit of a row: the one that is shown, and what values are multiplied by
Units: TypeAlias = Mapping[str, tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FinishedRun:
    """What a ranking needs of a run."""

    name: str
    seed: int | None
    summary: pd.DataFrame
    comparison: pd.DataFrame
    #: every truth and model by its label: all of it as text; none where that is not known, and labels have to do
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a summary."""

    run: FinishedRun
    place: tuple[Any, ...]
    condition: int
    estimand: str
    estimator: str
    true_value: float
    #: what its errors are measured against: where they are 1e-14 of it, they are roundings
    size: float
    #: by "bias" and "rmse": as simulated with the MCSE, and exact; NaN where there is none
    simulated: Mapping[str, tuple[float, float]]
    exact: Mapping[str, float]
    infinite: float
    undefined: float

    @property
    def lost(self) -> float:
        """The share of its estimates that are not finite."""
        return round(self.infinite + self.undefined, 12)

    def is_exact(self, measure: str) -> bool:
        """Whether this is known without simulation."""
        return not math.isnan(self.exact[measure])

    def value(self, measure: str) -> tuple[float, float]:
        """The size of the best value there is and its MCSE, 0 where it is exact; of one that can fail, not finite."""
        if self.lost:
            return math.nan if self.undefined else math.inf, 0.0
        if self.is_exact(measure):
            return abs(self.exact[measure]), 0.0
        value, mcse = self.simulated[measure]
        return abs(value), mcse


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One entry minus another: of |bias|, or of MSE."""

    value: float
    mcse: float
    #: what it is a difference of
    levels: tuple[float, float] = (math.nan, math.nan)
    #: share of the replicates for which one of the two has no finite estimate, or both
    left_out: float = 0.0

    @property
    def outcome(self) -> Literal["less", "more", "indistinguishable", "not comparable"]:
        """What the first has, as `Pair.outcome` says it: nothing is told that 2 MCSE do not separate."""
        if math.isnan(self.value):
            return "not comparable"
        if not abs(self.value) > 2 * self.mcse:
            return "indistinguishable"
        return "less" if self.value < 0 else "more"


def finished_run(scenario: Scenario, tables: Mapping[str, pd.DataFrame], folder: Path | None) -> FinishedRun:
    """The same of a run in memory."""
    grid = (*scenario.truth, *scenario.model)
    return FinishedRun(
        name=scenario.name if folder is None else str(folder),
        seed=scenario.seed,
        summary=tables["summary"],
        comparison=tables["comparison"],
        contents={each.label: each.content for each in grid},
    )


#: of a run: differences by (abs_bias or mse, condition, estimand, first, second)
Paired: TypeAlias = dict[tuple[str, int, str, str, str], Difference]


def common_units(runs: Iterable[FinishedRun]) -> Units:
    """The units of the first run for all; what has none, or a power of one, stays as it is."""
    units = list(dict.fromkeys(unit for run in runs for unit in run.summary["unit"].tolist()))
    first = next((unit for unit in units if unit in UNITS), "nats")
    return {unit: (first, nats_per(unit) / nats_per(first)) if unit in UNITS else (unit, 1.0) for unit in units}


def entries_of(run: FinishedRun, units: Units) -> Iterator[Entry]:
    """The rows of a run's summary."""
    for row in run.summary.to_dict("records"):
        named, factor = units[row["unit"]]
        place = {name: None if pd.isna(row[name]) else row[name] for name in PLACE} | {"unit": named}
        if isinstance(drawn_from := row.get("drawn_from"), str):
            place["truth"] = f"{place['truth']} (drawn from {drawn_from})"
        sizes = [abs(row[name]) * factor for name in ("true_value", "mean") if math.isfinite(row[name])]
        there = factor if row["replicates"] else math.nan
        yield Entry(
            run=run,
            place=tuple(place.values()),
            condition=row["condition"],
            estimand=row["estimand"],
            estimator=row["estimator"],
            true_value=row["true_value"] * factor,
            size=max(sizes, default=0.0),
            simulated={name: (row[name] * there, row[f"{name}_mcse"] * there) for name in ("bias", "rmse")},
            exact={name: row[f"exact_{name}"] * factor for name in ("bias", "rmse")},
            infinite=0.0 if math.isnan(row["infinite_share"]) else row["infinite_share"],
            undefined=0.0 if math.isnan(row["undefined_share"]) else row["undefined_share"],
        )


def paired_of(run: FinishedRun, units: Units) -> Paired:
    """The paired differences that a run kept, both ways round."""
    found: Paired = {}
    for row in run.comparison.to_dict("records"):
        place, factor = (row["condition"], row["estimand"]), units[row["unit"]][1]
        names, left_out = (row["estimator_a"], row["estimator_b"]), row["left_out_share"]
        for name, scale in (("abs_bias", factor), ("mse", factor * factor)):
            value, mcse = row[f"{name}_difference"] * scale, row[f"{name}_difference_mcse"] * scale
            a, b = (row.get(f"{name}_{side}", math.nan) * scale for side in "ab")
            found[name, *place, *names] = Difference(value=value, mcse=mcse, levels=(a, b), left_out=left_out)
            turned = Difference(value=0.0 - value, mcse=mcse, levels=(b, a), left_out=left_out)
            found[name, *place, *reversed(names)] = turned
    return found


def by_place(entries: Iterable[Entry]) -> dict[tuple[Any, ...], Sequence[Entry]]:
    """Rows of the same question; where one label stands for different truths or models, the truth says whose it is."""
    meant: dict[tuple[Any, ...], list[_Meaning]] = {}
    found: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in entries:
        meanings = meant.setdefault(entry.place, [])
        content = tuple(entry.run.contents.get(label, label) for label in entry.place[:2])
        same = next((each for each in meanings if each.includes(entry, content)), None)
        if same is None:
            whose = f" of {entry.run.name}, condition {entry.condition}" if meanings else ""
            same = _Meaning(content=content, true_value=entry.true_value, whose=whose)
            meanings.append(same)
        same.conditions[id(entry.run)] = entry.condition
        found.setdefault((f"{entry.place[0]}{same.whose}", *entry.place[1:]), []).append(entry)
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """One truth and one model behind the labels of a place, which others may have too."""

    content: tuple[str, ...]
    true_value: float
    #: what is added to the label
    whose: str
    #: by run: the condition that it is
    conditions: dict[int, int] = field(default_factory=dict)

    def includes(self, entry: Entry, content: tuple[str, ...]) -> bool:
        """Whether a row is of this truth and this model."""
        unknown = math.isnan(self.true_value) and math.isnan(entry.true_value)
        near = unknown or math.isclose(self.true_value, entry.true_value, rel_tol=1e-9, abs_tol=1e-12)
        here = self.conditions.get(id(entry.run), entry.condition) == entry.condition
        return self.content == content and near and here
