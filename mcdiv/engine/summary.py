"""From the results of blocks to records: one row per condition × estimand × estimator, in nats."""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from mcdiv.core.arrays import Array
from mcdiv.core.controls import Expected, has_heavy
from mcdiv.core.error_summaries import Source, summaries_of
from mcdiv.core.moments import Moments, merge
from mcdiv.core.paired import Paired, comparisons
from mcdiv.core.performance import MISSING, ErrorSummary, Measured, bias_with_controls
from mcdiv.core.weighted import SAME
from mcdiv.engine.block import BlockResult
from mcdiv.engine.estimates import EstimateFailure, join_failures
from mcdiv.engine.exact import true_value
from mcdiv.engine.gains import with_gains
from mcdiv.engine.plan import Condition, Task
from mcdiv.engine.records import Pair, Row
from mcdiv.measures.collected import Collected, exact_errors, exact_measures, joined, simulated_measures
from mcdiv.measures.contract import MEASURES, of_errors

#: replicates that show so little of an exact sd have missed what makes the rest
_MISSED = 0.7
_NOTHING = {"abs_bias": MISSING, "mse": MISSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errors:
    """What the errors of one estimator come to, by where that is from; None where it is not known."""

    simulated: ErrorSummary | None = None
    #: from the listed outcomes: exactly, and as that many replicates would show it on average
    listed: ErrorSummary | None = None
    expected: ErrorSummary | None = None


class Collector:
    """Takes block results of one condition in block order, and keeps only their sums."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self._simulated: dict[str, Moments] = {}
        self._enumerated: dict[str, Moments] = {}
        self._bias: dict[Task, float] = {}
        self._variance: dict[Task, float] = {}
        self._controls: Expected | None = None
        self._ties: dict[str, Array] = {}
        self._failures: dict[tuple[Task, str], EstimateFailure] = {}
        self._places: dict[Task, int] = {}
        self._collected: dict[Task, list[Collected]] = {}
        self._measures: tuple[str, ...] = ()
        self.replicates = 0

    def add(self, result: BlockResult) -> None:
        """Fold in the next block."""
        for estimand, moments in result.simulated.items():
            earlier = self._simulated.get(estimand)
            self._simulated[estimand] = moments if earlier is None else merge(earlier, moments)
        self._enumerated |= result.enumerated
        self._bias |= result.bias
        self._variance |= result.variance
        self._controls = result.controls or self._controls
        for estimand, pairs in result.ties.items():
            self._ties[estimand] = self._ties.get(estimand, 0.0) + pairs
        for task, part in result.collected.items():
            self._collected.setdefault(task, []).append(part)
        self._measures = result.block.measures
        self.replicates += result.block.replicates
        self._places = {task: place for place, task in enumerate(result.block.tasks)}
        for failure in result.failures:
            key = (failure.task, failure.kind)
            self._failures[key] = join_failures(self._failures.get(key), failure)

    def failures(self) -> list[EstimateFailure]:
        """Infinite, undefined and failed estimates, task by task, whichever block met them first."""
        return sorted(self._failures.values(), key=lambda failure: (self._places[failure.task], failure.kind))

    def rows(self, tasks: Iterable[Task]) -> list[Row]:
        """A row for every task, ranked within its estimand."""
        p, q = self.condition.truth.pmf(), self.condition.model.pmf() if self.condition.model else None
        rows: list[Row] = []
        for estimand, group in itertools.groupby(tasks, key=lambda task: task.estimand):
            listed, truth = list(group), true_value(estimand, p, q, self.condition.truth.shape)
            errors = self._errors(estimand, len(listed), truth)
            found = _ranked([self._row(task, place, truth, errors[place]) for place, task in enumerate(listed)])
            rows += with_gains(found, self._measures, self._simulated.get(estimand), self._enumerated.get(estimand))
        return rows

    def pairs(self, rows: list[Row]) -> list[Pair]:
        """Every two estimators of the same estimand."""
        pairs: list[Pair] = []
        for estimand, group in itertools.groupby(rows, key=lambda row: row.task.estimand):
            pairs += self._pairs(estimand, list(group))
        return pairs

    def _pairs(self, estimand: str, rows: list[Row]) -> list[Pair]:
        """Of one estimand: exact differences where they are known, else simulated ones."""
        places, both = list(itertools.combinations(range(len(rows)), 2)), list(itertools.combinations(rows, 2))
        if not math.isfinite(rows[0].true_value):
            return [Pair(first=a, second=b, differences=_NOTHING, levels={}, left_out=math.nan) for a, b in both]
        moments, law = self._simulated.get(estimand), self._enumerated.get(estimand)
        known = comparisons(law, places, simulated=False) if law else [None] * len(both)
        found = [_exactly(a, b, paired) for (a, b), paired in zip(both, known, strict=True)]
        lacking = [place for place, paired in enumerate(found) if len(paired.differences) < 2] if moments else []
        if moments and lacking:
            simulated = comparisons(moments, [places[place] for place in lacking], simulated=True)
            for place, paired in zip(lacking, simulated, strict=True):
                differences, levels = paired.differences | found[place].differences, paired.levels | found[place].levels
                found[place] = replace(paired, differences=differences, levels=levels)
        return [
            Pair(first=a, second=b, differences=_NOTHING | of.differences, levels=of.levels, left_out=of.left_out)
            for (a, b), of in zip(both, found, strict=True)
        ]

    def _errors(self, estimand: str, estimators: int, truth: float) -> list["_Errors"]:
        """What is known of the errors of each estimator of an estimand."""
        moments, law, places = self._simulated.get(estimand), self._enumerated.get(estimand), range(estimators)
        sources = {
            "simulated": moments and Source(moments=moments, simulated=True, law=law),
            "listed": law and Source(moments=law, simulated=False),
            "expected": law and moments and Source(moments=law.of_replicates(self.replicates), simulated=True),
        }
        known = {name: source for name, source in sources.items() if source}
        found = summaries_of(list(known.values()), places, truth) if known else []
        by_name = dict(zip(known, found, strict=True))
        return [_Errors(**{name: summaries[place] for name, summaries in by_name.items()}) for place in places]

    def _row(self, task: Task, place: int, truth: float, errors: "_Errors") -> Row:
        moments, exact, summary = self._simulated.get(task.estimand), self._exact(task, truth, errors), errors.simulated
        simulated = of_errors(summary, self._measures) if summary else {}
        if summary and (kept := self._kept(task)):
            simulated |= simulated_measures(self._measures, kept, truth)
        if moments and self._controls:
            controlled = bias_with_controls(moments, place, truth, self._controls, self._ties[task.estimand][place])
            if controlled:
                simulated["bias_cv"] = replace(controlled, events=simulated["bias"].events)
                exact |= {"bias_cv": exact["bias"]} if "bias" in exact else {}
        row = Row(
            condition=self.condition,
            task=task,
            true_value=truth,
            replicates=self.replicates,
            simulated=simulated,
            exact=exact,
            exact_mcse=self._exact_mcse(task, truth, errors.expected, exact) if simulated else {},
        )
        heavy = self._controls is not None and has_heavy(self._controls, self.replicates)
        return _with_unseen(row, summary, may_be_unseen=heavy) if summary else row

    def _exact_mcse(
        self, task: Task, truth: float, expected: ErrorSummary | None, exact: Mapping[str, float]
    ) -> dict[str, float]:
        if expected is None:
            return {"bias": exact["sd"] / math.sqrt(self.replicates)} if "sd" in exact else {}
        kept = self._kept(task)
        more = exact_errors(self._measures, kept, truth, self.replicates) if kept else {}
        return {name: measured.mcse for name, measured in of_errors(expected).items()} | more

    def _exact(self, task: Task, truth: float, errors: "_Errors") -> dict[str, float]:
        if errors.listed:
            found = _known(of_errors(errors.listed, self._measures))
            # A bias summed over one category at a time keeps more digits than one over whole outcomes.
            if task in self._bias and found["infinite_share"] == 0:
                exact = ErrorSummary.exact(self._bias[task], found["variance"], truth)
                found |= _known(of_errors(exact, self._measures))
            kept = self._kept(task)
            return found | (_known(exact_measures(self._measures, kept, truth)) if kept else {})
        if task not in self._bias:
            return {}
        exact = ErrorSummary.exact(self._bias[task], self._variance.get(task, math.nan), truth)
        return _known(of_errors(exact, self._measures))

    def _kept(self, task: Task) -> Collected | None:
        """What was collected of a task's estimates so far, as one."""
        if task not in self._collected:
            return None
        self._collected[task] = [joined(self._collected[task])]
        return self._collected[task][0]


def _known(measures: Mapping[str, Measured]) -> dict[str, float]:
    """The exact values of the measures that can be told."""
    return {name: found.value for name, found in measures.items() if not math.isnan(found.value)}


def _with_unseen(row: Row, summary: ErrorSummary, *, may_be_unseen: bool) -> Row:
    """MCSEs that know what no replicate showed: an exact sd that the estimates lack was left to rare events.

    Estimates that were all alike have no spread to measure an MCSE by: the exact sd gives that of the bias, and
    without one none is claimed.
    """
    found, sd, exact = dict(row.simulated), row.simulated["sd"].value, row.exact.get("sd", math.nan)
    of_errors_only = [name for name in found if MEASURES[name].statistic != "share"]
    if row.flat(sd) and not row.flat(exact):
        mcse = exact / math.sqrt(row.replicates * (1 - row.value("infinite_share") - row.value("undefined_share")))
        behind = 0.0 if math.isnan(exact) else math.inf
        bias, mean = (replace(one, mcse=mcse, events=behind) for one in (summary.bias, summary.mean))
        mse, variance = (replace(one, mcse=math.nan) for one in (summary.mse, summary.variance))
        told = of_errors(replace(summary, bias=bias, mean=mean, mse=mse, variance=variance), found)
        controlled = [name for name in found if MEASURES[name].needs == "controlled"]
        told |= {name: replace(found[name], mcse=mcse, events=behind) for name in controlled}
        for name in of_errors_only:
            if not math.isnan(row.reported(name).value):
                found[name] = told.get(name, replace(found[name], mcse=math.nan))
    elif may_be_unseen and "infinite_share" in row.exact and sd < _MISSED * exact:
        found |= {name: replace(found[name], events=0.0) for name in of_errors_only}
    return replace(row, simulated=found)


def _exactly(first: Row, second: Row, known: Paired | None) -> Paired:
    """The exact differences of two rows; where outcomes are left out, those of the outcomes that are common to both."""
    if known and known.left_out:
        return known
    differences, levels = {}, {}
    for name, measure in (("abs_bias", "bias"), ("mse", "mse")):
        if measure in first.exact and measure in second.exact:
            a, b = abs(first.exact[measure]), abs(second.exact[measure])
            differences[name] = Measured(value=0.0 if abs(a - b) <= SAME * max(a, b) else a - b, mcse=0.0)
            levels[name] = a, b
    return Paired(differences=differences, levels=levels, left_out=0.0 if known or differences else math.nan)


def _ranked(rows: list[Row]) -> list[Row]:
    """Ranks by RMSE; an estimator that can be infinite or undefined comes after those that cannot.

    Where only one of two RMSEs is known exactly, both are taken as simulated: the replicates are the same, so what
    chance did to one it did to the other. A rank is one more than how many others have less.
    """
    known = [row for row in rows if not math.isnan(row.value("rmse"))]
    by_best = [(_lost(row), _twelve_digits(row.value("rmse"))) for row in known]
    by_reported = [(_lost(row), _twelve_digits(row.reported("rmse").value)) for row in known]
    exact = ["rmse" in row.exact for row in known]

    def precedes(first: int, second: int) -> bool:
        keys = by_best if exact[first] and exact[second] else by_reported
        return keys[first] < keys[second]

    every = range(len(known))
    places = {id(known[row]): 1 + sum(precedes(other, row) for other in every) for row in every}
    return [replace(row, rank=places.get(id(row))) for row in rows]


def _twelve_digits(value: float) -> float:
    """A value by which estimators that are one and the same are equal: they differ by roundings only."""
    return float(f"{value:.12e}")


def _lost(row: Row) -> float:
    return round(row.value("infinite_share") + row.value("undefined_share"), 12)
