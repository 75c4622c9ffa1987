"""The advice on one group of observations: which estimator, and which interval, on data like these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mcdiv.engine.simulate import Progress
from mcdiv.observed.estimates import Line
from mcdiv.observed.interval_advice import Tried, study_intervals, tried, with_named
from mcdiv.observed.question import Observed
from mcdiv.observed.recommend import advice_or_reason, without_alphabet
from mcdiv.observed.succession import succession_sentence
from mcdiv.observed.truncation import truncation_sentence
from mcdiv.results.study_results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What simulated data like these say of estimators and intervals; what is missing has a reason."""

    #: the study of the estimators; None where there is none
    results: Results | None
    #: the intervals, estimand by estimand in the order of their ranks; none where `reason` says why
    intervals: tuple[Tried, ...]
    #: why a study is missing; empty where none is
    reason: str

    def of(self, line: Line) -> Tried | None:
        """How the interval of a line does; None where it was not tried."""
        key = (line.estimand, line.estimator, line.interval)
        return next((t for t in self.intervals if (t.line.estimand, t.line.estimator, t.line.interval) == key), None)


def advice_on(observed: Observed, on_progress: Progress | None = None) -> tuple[Observed, Advice]:
    """The advice, and the question with the estimators that it names added to those asked for."""
    results, reason = advice_or_reason(observed, on_progress)
    if results is None:
        return observed, Advice(results=None, intervals=(), reason=reason)
    wider = replace(observed, scenario=with_named(observed, results))
    if reason := next(doubts(observed), ""):
        return wider, Advice(results=results, intervals=(), reason=reason)
    studied, reason = study_intervals(observed, results, on_progress)
    found = () if studied is None else tuple(tried(observed, results, studied))
    return wider, Advice(results=results, intervals=found, reason=reason)


def doubts(observed: Observed) -> Iterator[str]:
    """Why the coverage of intervals on data like these cannot be computed from their counts."""
    counts = observed.sample.counts[0]
    if truncation_sentence(counts):
        yield "rare categories seem to be missing, and coverage is computed for complete counts"
    if any(succession_sentence(pairs, observed.scenario.units) for pairs in observed.successors):
        yield "successive draws do not look independent, and coverage is computed for independent draws"
    if int((counts > 0).sum()) == 1 and (len(counts) > 1 or without_alphabet(observed)):
        yield "all draws are of one category, so that they do not show how much samples vary"
    elif without_alphabet(observed) and int((counts == 1).sum()) == int(counts.sum()):
        yield "every draw is of a different category, so that nothing is known of how many more there are"
