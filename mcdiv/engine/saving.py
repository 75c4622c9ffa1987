"""What a study keeps on request: the distinct samples its replicates had and how many had each; limits of both files.

The estimates of every replicate, the other file, are made in `saved_estimates`.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Counts, Sample
from mcdiv.core.outcomes import BLOCK_ENTRIES, count_outcomes
from mcdiv.engine.block import outcomes_of, samples_of
from mcdiv.engine.estimates import ungrouped
from mcdiv.engine.plan import Block, Condition, Plan, Task
from mcdiv.errors import ScenarioProblem
from mcdiv.scenario.choices import Choice
from mcdiv.scenario.model import Scenario

#: numbers in all outcomes that are written: a file of some gigabytes
MAX_NUMBERS = 10**9
#: rows of estimates that are written: a file of as many
MAX_ROWS = 2 * 10**7
#: up to this alphabet each category has a column of its own
WIDEST = 32
#: whoever has work done: what a function makes of each item, in their order
Mapped: TypeAlias = Callable[[Callable[[tuple[Block, bool]], "Saved"], Iterable[tuple[Block, bool]]], Iterator["Saved"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the table of a scenario's outcomes looks like."""

    scenario: str
    #: columns of counts; None where a text of those above 0 is shorter
    categories: int | None
    #: whether there are samples from Q
    sampled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Distinct outcomes of one block; counts as texts that tell them apart: "3 7", or "0:3 41:7" of many categories."""

    condition: int
    counts: list[str]
    #: empty texts where Q is not sampled
    counts_q: list[str]
    #: replicates that had each; None where none were simulated
    weights: list[int] | None
    #: None where not all outcomes can be listed
    probabilities: list[float] | None


def shape_of(scenario: Scenario) -> Shape:
    """The shape that fits every condition."""
    widest = max(truth.categories for truth in scenario.truth)
    return Shape(
        scenario=scenario.name,
        categories=widest if widest <= WIDEST else None,
        sampled=bool(scenario.model_sample_sizes),
    )


def saving_problems(plan: Plan) -> list[ScenarioProblem]:
    """More than a file should hold; a picture of what is not kept."""
    found, wanted = _not_kept(plan), dict(plan.scenario.save)
    numbers = rows = 0
    for condition in plan.conditions if wanted else ():
        p, size, more = condition.p, condition.sample_size, condition.model_sample_size
        outcomes = float(plan.most_replicates)
        if condition.enumerable:
            listed = count_outcomes(condition.o, size, condition.q, more)
            outcomes = listed if plan.scenario.mode == "exact" else min(listed, plan.replicates_when_enumerated)
        numbers += int(outcomes) * (min(len(p), size) + min(len(p), more or 0))
        rows += int(outcomes) * len(kept_of(plan, condition))
    if "outcomes" in wanted and numbers > MAX_NUMBERS:
        text = f"up to {numbers:,} counts would be written, more than {MAX_NUMBERS:,}; use fewer replicates, or leave"
        found.append(ScenarioProblem(path=("save",), message=f"{text} out 'save'"))
    if "estimates" in wanted and rows > MAX_ROWS:
        text = f"up to {rows:,} rows of estimates would be written, more than {MAX_ROWS:,}; use fewer replicates, "
        text += "estimators or intervals, or leave out 'save: estimates'"
        found.append(ScenarioProblem(path=("save",), message=text))
    return found


def _not_kept(plan: Plan) -> list[ScenarioProblem]:
    """The picture of the intervals of replicates where there are none."""
    scenario = plan.scenario
    missing = [] if scenario.intervals else ["'intervals'"]
    missing += [] if "estimates" in dict(scenario.save) else ["'save: estimates'"]
    text = f"zip shows the intervals of replicates; give {' and '.join(missing)}"
    places = [i for i, name in enumerate(scenario.plots or ()) if name == "zip"] if missing else []
    return [ScenarioProblem(path=("plots", i), message=text) for i in places]


def kept_of(plan: Plan, condition: Condition) -> list[tuple[Task, Choice | None]]:
    """What each replicate has a row for: every estimator with each of its intervals, or without one."""
    intervals: dict[Task, list[Choice]] = {}
    for task, interval in plan.intervals(condition):
        intervals.setdefault(task, []).append(interval)
    return [(task, interval) for task in plan.measured(condition) for interval in intervals.get(task, [None])]


def saved_outcomes(scenario: Scenario, blocks: Iterable[Block], mapped: Mapped) -> Iterator[Saved]:
    """The distinct outcomes of blocks, in their order; they are drawn again rather than held during the study."""
    sparse = shape_of(scenario).categories is None
    return mapped(distinct_outcomes, ((block, sparse) for block in blocks if block.kind != "linearity"))


def distinct_outcomes(work: tuple[Block, bool]) -> Saved:
    """The distinct outcomes of a block, and whether of many categories only those above 0 are named."""
    block, sparse = work
    size, (outcomes, times) = max(1, BLOCK_ENTRIES // block.condition.truth.categories), outcomes_of(block)
    listed = block.kind == "enumeration"
    tally: dict[tuple[str, str], int] = {}
    probabilities: list[float] = []
    for rows, some in samples_of(outcomes, block.condition, size):
        sample, met = ungrouped(some), times[rows]
        # What nobody met is left out, unless nothing was simulated at all.
        kept, many = _some(met, everything=not block.replicates) if listed else _distinct(sample, met)
        first = _texts(sample.counts[kept], sparse=sparse)
        second = [""] * len(first) if sample.counts_q is None else _texts(sample.counts_q[kept], sparse=sparse)
        for key, times_met in zip(zip(first, second, strict=True), many.astype(np.int64).tolist(), strict=True):
            tally[key] = tally.get(key, 0) + times_met
        probabilities += outcomes.weights[rows][kept].tolist() if listed else []
    return Saved(
        condition=block.condition.number,
        counts=[counts for counts, _ in tally],
        counts_q=[counts_q for _, counts_q in tally],
        weights=list(tally.values()) if block.replicates else None,
        probabilities=probabilities if listed else None,
    )


def _some(met: Array, *, everything: bool) -> tuple[Counts, Array]:
    kept = np.arange(len(met)) if everything else np.flatnonzero(met > 0)
    return kept, met[kept]


def _distinct(sample: Sample, met: Array) -> tuple[Counts, Array]:
    """One row of each kind, and how many replicates had it."""
    both = sample.counts if sample.counts_q is None else np.concatenate([sample.counts, sample.counts_q], axis=1)
    _, first, kind = np.unique(both, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), np.bincount(kind.ravel(), weights=met).astype(np.float64)


def _texts(counts: Counts, *, sparse: bool) -> list[str]:
    if not sparse:
        return [" ".join(map(str, row)) for row in counts.tolist()]
    rows, places = np.nonzero(counts)
    entries = [f"{place}:{n}" for place, n in zip(places.tolist(), counts[rows, places].tolist(), strict=True)]
    ends = np.searchsorted(rows, np.arange(len(counts) + 1)).tolist()
    return [" ".join(entries[start:end]) for start, end in itertools.pairwise(ends)]
