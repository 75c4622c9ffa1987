"""How often intervals cover on data like these, and how wide they are: the second study of --advise, ranked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mcdiv.core.number_format import rounded
from mcdiv.core.outcomes import count_outcomes
from mcdiv.core.performance import Measured
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import plan_of
from mcdiv.engine.records import Pair, Row
from mcdiv.engine.simulate import Progress
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Design
from mcdiv.intervals.contract import INTERVALS
from mcdiv.observed.estimates import Line, estimate_all
from mcdiv.observed.options import checked
from mcdiv.observed.question import Observed
from mcdiv.results.leaders import Leaders
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.agreement import disagreement
from mcdiv.scenario.choices import Choice
from mcdiv.scenario.model import Scenario

#: intervals that are tried where none is named, and those that were named
_TRIED = ("jackknife", "delta", "noncentral_chi2", "clopper_pearson")
#: replicates, unless their counts would have more entries than the last number
_MIN_REPLICATES, _MAX_REPLICATES, _MAX_ENTRIES = 500, 2000, 10**6
#: intervals of listed samples: half a minute or so
MAX_LISTED = 10**6
#: by how much of 1 − level a coverage may be below its level, and still be near it
NEAR = 0.2
#: MCSEs that tell a coverage from its level
_SURE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An interval around an estimator: what it is of the data themselves, and how it does on data like them."""

    line: Line
    row: IntervalRow
    #: the share of such samples for which the estimator is infinite or undefined, and its place by RMSE
    lost: float
    estimator_rank: float
    #: place by coverage and width within the estimand, from 1; equal ones share it
    rank: int = 0

    @property
    def coverage(self) -> Measured:
        """Exact where it is known."""
        return _best(self.row, "coverage")

    @property
    def width(self) -> Measured:
        """The mean width, in nats; exact where it is known."""
        return _best(self.row, "width")

    @property
    def short(self) -> bool:
        """Whether the coverage is below the level by more than 3 MCSE."""
        return self.row.level - self.coverage.value > _SURE * self.coverage.mcse + 1e-12

    @property
    def covers(self) -> bool:
        """Whether the coverage is near the level, or above it."""
        return not self.short or self.row.level - self.coverage.value <= NEAR * (1 - self.row.level)


def coverage_text(coverage: Measured) -> str:
    """In per cent, with its MCSE where it is not exact."""
    if not coverage.mcse > 0:
        return f"{100 * coverage.value:.4g}"
    return rounded(Measured(value=100 * coverage.value, mcse=100 * coverage.mcse))


def study_intervals(
    observed: Observed, results: Results, on_progress: Progress | None = None
) -> tuple[Results | None, str]:
    """The study of the intervals, or why there is none; `results` is that of the estimators."""
    found = run(interval_scenario(observed, results), on_progress=on_progress)
    if any(problem.code == "disagreement" for problem in found.problems):
        return None, disagreement(found.tables["problems"])
    return found, ""


def interval_scenario(observed: Observed, results: Results) -> Scenario:
    """The same truth and sample sizes; the estimators of the table that were studied, and intervals around them.

    Where samples are listed and these would be too many intervals, only around the plug-in and the most accurate; where
    these are still too many, around samples that are drawn.
    """
    found = _scenario(observed, results, [choice.label for choice in with_named(observed, results).estimators])
    if _number_listed(found) > MAX_LISTED:
        best = [row.task.label for row in most_accurate(results.rows, results.pairs)]
        fewer = _scenario(observed, results, ["plugin", *best[:1]])
        found = fewer if _number_listed(fewer) <= MAX_LISTED else checked(found.as_written() | {"mode": "monte_carlo"})
    return found


def _number_listed(scenario: Scenario) -> int:
    """How many intervals its listed samples have; 0 where it draws samples."""
    plan = plan_of(scenario)
    condition = plan.conditions[0]
    if not condition.enumerable:
        return 0
    p, q = condition.truth.pmf(), condition.model.pmf() if condition.model else None
    listed = count_outcomes(p, condition.sample_size, q, condition.model_sample_size)
    return int(listed) * len(plan.intervals(condition))


def _scenario(observed: Observed, results: Results, labels: Sequence[str]) -> Scenario:
    scenario = results.scenario
    categories = len(scenario.truth[0].pmf())
    replicates = max(_MIN_REPLICATES, min(_MAX_REPLICATES, _MAX_ENTRIES // categories))
    mapping = scenario.as_written() | {
        "estimators": [_written(choice) for choice in scenario.estimators if choice.label in labels],
        "intervals": [_written(choice) for choice in _intervals(observed)],
        "level": observed.scenario.level,
        "replicates": replicates,
    }
    return checked(mapping)


def with_named(observed: Observed, results: Results) -> Scenario:
    """What was asked, and the estimators that the advice calls most accurate."""
    asked = observed.scenario
    best = {label for row in most_accurate(results.rows, results.pairs) for label in [row.task.label]}
    more = [choice for choice in results.scenario.estimators if choice.label in best]
    everything = dict.fromkeys([*asked.estimators, *more])
    return checked(asked.as_written() | {"estimators": list(map(_written, everything))})


def most_accurate(rows: Sequence[Row], pairs: Sequence[Pair]) -> Iterator[Row]:
    """Of each estimand the estimators with the least RMSE, and those that the numbers do not tell from them."""
    leaders = Leaders.of(rows, pairs)
    for number, estimand in leaders.rows:
        yield from leaders.best(number, estimand, "rmse")


def tried(observed: Observed, results: Results, studied: Results) -> list[Tried]:
    """The intervals in their order: of each estimand those that cover first, by width, then the others, by coverage."""
    asked = with_named(observed, results)
    lines = {(line.estimand, line.estimator, line.interval): line for line in _lines(observed, asked)}
    rows = {row.task: row for row in results.rows}
    found = []
    for row in studied.intervals:
        line = lines.get((row.task.estimand, row.task.label, row.interval))
        if line is not None:
            of = rows.get(row.task)
            lost, rank = (0.0, None) if of is None else (_lost(of), of.rank)
            found.append(Tried(line=line, row=row, lost=lost, estimator_rank=rank or math.inf))
    by_estimand = itertools.groupby(found, key=lambda each: each.row.task.estimand)
    return [each for _, some in by_estimand for each in _ranked(list(some))]


def _ranked(found: Iterable[Tried]) -> Iterator[Tried]:
    ordered = sorted(found, key=lambda each: (_order(each), each.estimator_rank))
    for each in ordered:
        yield replace(each, rank=1 + sum(_order(other) < _order(each) for other in ordered))


def _order(each: Tried) -> tuple[float, ...]:
    width = each.width.value if math.isfinite(each.width.value) else math.inf
    place = width if each.covers else -each.coverage.value
    return (not each.covers, round(each.lost, 12), float(f"{place:.9g}"))


def _lines(observed: Observed, asked: Scenario) -> Iterator[Line]:
    """The intervals of the data themselves, method by method."""
    for choice in _intervals(observed):
        scenario = checked(asked.as_written() | {"intervals": [_written(choice)]})
        yield from estimate_all([replace(observed, scenario=scenario, interval_named=True)])[0]


def _intervals(observed: Observed) -> list[Choice]:
    """Those that were named, and those that are tried in any case, as far as they are for such data."""
    named = observed.scenario.intervals if observed.interval_named else ()
    others = [Choice(name=name) for name in _TRIED if name not in {choice.name for choice in named}]
    return [choice for choice in (*named, *others) if _fits(observed, choice.name)]


def _fits(observed: Observed, name: str) -> bool:
    sample = observed.sample
    model: Design = "model_sampled" if sample.counts_q is not None else "model_known"
    for estimand in observed.scenario.resolved_estimands():
        design: Design = model if estimand_of(estimand).needs_model else "sample"
        if not INTERVALS[name].reason_unsupported(estimand, design, sample.counts.shape[1]):
            return True
    return False


def _written(choice: Choice) -> object:
    return {choice.name: dict(choice.parameters)} if choice.parameters else choice.name


def _best(row: IntervalRow, measure: str) -> Measured:
    if measure in row.exact:
        return Measured(value=row.exact[measure], mcse=0.0)
    return row.reported(measure)


def _lost(row: Row) -> float:
    return row.value("infinite_share") + row.value("undefined_share")
