"""The smallest N from which on a goal is reached: proved for every larger one, or looked up at every N of a range."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

from mcdiv.estimators.entry import Property
from mcdiv.planning.coin import coin_law
from mcdiv.planning.proofs import falling_bound
from mcdiv.planning.question import MAX_DRAWS, Question
from mcdiv.planning.values import cost, exact_value

#: work that the values at every N of a range may be, and that of one N; see `cost`
_WORK, _MOST = 1.2e7, 2e6
#: of those before the N that a bound settles
_WORK_BEFORE = 3e6
#: a goal is taken to be reached where it is reached at all doublings up to so many times as many draws
_BEYOND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The smallest N, and how it is known that the goal is reached from there on."""

    #: 0 where there is none among those that could be looked at
    draws: int
    #: values there (where there is none, at the largest N looked at) and at one draw less (NaN for none)
    value: float
    before: float
    #: whether it is proved for every larger N
    proved: bool
    #: the largest N up to which every one was looked at, or the largest one at all; None where it is proved
    verified_to: int | None


def smallest(question: Question) -> Found:
    """The smallest N from which on the goal is reached, by exact values."""
    goal = question.goal
    law = coin_law(question)
    if law is not None:
        at_largest = law.probability(MAX_DRAWS)
        if not goal.met(at_largest):
            return _none(MAX_DRAWS, at_largest)
        enough = law.reached_for_good(goal.confidence)
        if enough < 2**52:
            draws = law.last_failure(goal.confidence, int(enough)) + 1
            return _found(draws, law.probability, proved=True, verified_to=None)
    value = _remembered(lambda draws: exact_value(question, draws))
    bound = falling_bound(question)
    if bound is not None and (found := _by_bound(question, value, bound)):
        return found

    def work_of(draws: int) -> float:
        work = cost(question, draws)
        listed = work > _MOST or question.condition(draws).enumerable
        return work if listed or not math.isnan(value(draws)) else math.inf

    # What an estimator that is not consistent reaches it may lose again.
    beyond = _BEYOND if Property.CONSISTENT in question.task.entry.properties else math.inf
    return looked_up(value, goal.met, work_of, beyond=beyond)


def _by_bound(question: Question, value: Callable[[int], float], bound: Callable[[int], float]) -> Found | None:
    """The answer where a bound falls as N grows: it settles every N from one on, and those before it are looked up."""
    goal = question.goal
    most = 1
    while not goal.met(bound(most)):
        if most >= MAX_DRAWS:
            return _none(most, value(most)) if not goal.met(value(most)) else None
        most = min(2 * most, MAX_DRAWS)
    missed, enough = most // 2, most
    while enough - missed > 1:
        middle = (missed + enough) // 2
        missed, enough = (missed, middle) if goal.met(bound(middle)) else (middle, enough)
    work = 0.0
    while enough > 1 and goal.met(value(enough - 1)):
        enough -= 1
        work += cost(question, enough)
        if work > _WORK_BEFORE:
            return None
    return _found(enough, value, proved=True, verified_to=None)


def looked_up(
    value: Callable[[int], float],
    met: Callable[[float], bool],
    work_of: Callable[[int], float],
    *,
    beyond: float = _BEYOND,
) -> Found:
    """Between a doubling that misses the goal and those that reach it; then every N after, as far as the work goes.

    `work_of` is infinite where there is no value. Up to so many times as many draws, doublings have to reach it too.
    """
    missed, first, looked_at = 0, 0, 0
    while looked_at < MAX_DRAWS and (not first or looked_at < beyond * first):
        draws = min(max(1, 2 * looked_at), MAX_DRAWS)
        if work_of(draws) > _MOST:
            break
        looked_at = draws
        if not met(value(draws)):
            missed, first = draws, 0
        elif not first:
            first = draws
    if not first:
        return _none(missed, value(missed) if missed else math.nan)
    while first - missed > 1:
        middle = (missed + first) // 2
        missed, first = (missed, middle) if met(value(middle)) else (middle, first)
    last, work = first, work_of(first)
    while first > last or (last < min(2 * first, MAX_DRAWS) and work <= _WORK):
        last += 1
        work += work_of(last)
        if not met(value(last)):
            first = last + 1
    return _found(first, value, proved=False, verified_to=last)


def _remembered(value: Callable[[int], float]) -> Callable[[int], float]:
    return functools.lru_cache(maxsize=None)(value)


def _found(draws: int, value: Callable[[int], float], *, proved: bool, verified_to: int | None) -> Found:
    before = value(draws - 1) if draws > 1 else math.nan
    return Found(draws=draws, value=value(draws), before=before, proved=proved, verified_to=verified_to)


def _none(largest: int, value: float) -> Found:
    return Found(draws=0, value=value, before=math.nan, proved=False, verified_to=largest)
