"""What a run will cost on this machine, from trials of a few small blocks."""

import itertools
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import process_time
from typing import TypeVar

from threadpoolctl import threadpool_limits

from mcdiv.core.outcomes import count_outcomes
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.interval_block import IntervalBlock, interval_blocks
from mcdiv.engine.plan import Block, Condition, Plan
from mcdiv.engine.work import Work

W = TypeVar("W", EstimateBlock, IntervalBlock)

#: no fewer draws stand for a block (or for the intervals on one), and more where they take less than so many seconds
MIN_DRAWS, MIN_FOR_INTERVALS, SHORTEST = 10, 1, 0.05
#: draws that stand for listed outcomes, at most
MAX_FOR_INTERVALS = 1000
#: where most of a trial does not depend on its draws, more of them are tried until it takes so many seconds, and after
#: a first one, which says nothing of that, unless it took so many
LONGEST, LONGEST_ALONE = 1.0, 10.0
#: seconds for tables and report, and for each picture; how many there are where a scenario leaves it open
REST, EACH_PICTURE, PICTURES = 1.5, 0.6, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run will take on this machine, good to a factor of two or so."""

    #: seconds of the simulation on one core
    seconds: float
    #: whether it may be less, as the replicates are as many as a precision needs
    at_most: bool
    #: bytes that a worker needs
    memory: float
    #: seconds for tables, pictures and report
    writing_seconds: float
    pictures: int

    def __str__(self) -> str:
        """The same in words."""
        room = f"{max(1, round(self.memory / 2**20)):,} MB for each worker"
        rest = f"tables{', pictures' if self.pictures else ''} and the report"
        more = f"about {_duration(self.writing_seconds)} more for {rest}"
        return f"{'at most ' * self.at_most}about {_duration(self.seconds)} on one core, {room}; {more}"


def cost(plan: Plan) -> Cost:
    """About how long it takes, and how much memory a worker needs, from the smallest and largest conditions."""
    scenario = plan.scenario
    found = (block for c in plan.conditions for block in itertools.islice(plan.blocks(c), 2))
    # One of each kind stands for all of its condition.
    first = list({(block.condition.number, block.kind): block for block in found}.values())
    parts = list(_estimators(plan, first))
    if scenario.intervals:
        parts += list(_intervals(plan, first))
    seconds, memory = sum(part[0] for part in parts), max(part[1] for part in parts)
    pictures = PICTURES if scenario.plots is None else len(scenario.plots)
    return Cost(
        seconds=seconds,
        at_most=not isinstance(scenario.replicates, int),
        memory=memory,
        writing_seconds=REST + pictures * EACH_PICTURE,
        pictures=pictures,
    )


def _estimators(plan: Plan, first: list[Block]) -> Iterator[tuple[float, float]]:
    """Seconds and memory of the blocks of each kind."""
    for kind in dict.fromkeys(block.kind for block in first):
        works = sorted((EstimateBlock(block=block) for block in first if block.kind == kind), key=_size)
        if kind == "linearity":  # one in the middle stands for all: a check should not take as long as the run
            works = [works[len(works) // 2]] * len(works)
        times = plan.most_replicates if kind == "draws" else 1
        yield _all_of(works, [float(times)] * len(works), _try_estimates)


def _intervals(plan: Plan, first: list[Block]) -> Iterator[tuple[float, float]]:
    """The same of the intervals; draws stand for outcomes that are listed, which may be too many to try."""
    drawn = [_as_draws(block) for block in first if block.kind != "linearity"]
    means = {(block.condition.number, task): 0.0 for block in drawn for task, _ in plan.intervals(block.condition)}
    works = sorted(interval_blocks(plan, drawn, means), key=_size)
    if works:
        yield _all_of(works, [outcomes(plan, work.block.condition) for work in works], _try_intervals)


def _as_draws(block: Block) -> Block:
    return block if block.kind == "draws" else replace(block, kind="draws", exact=False, replicates=MAX_FOR_INTERVALS)


def _all_of(
    works: Sequence[W], times: Sequence[float], trial: Callable[[W], tuple[float, float]]
) -> tuple[float, float]:
    """Seconds of so many times each piece, smallest first, and the memory of the largest, from trials of these two."""
    low, high = _size(works[0]), _size(works[-1])
    largest = trial(works[-1])
    smallest = trial(works[0]) if low < high else largest
    # In between as their size is in between.
    spans = [(_size(work) - low) / (high - low) if high > low else 0.0 for work in works]
    each = [smallest[0] * (1 - span) + largest[0] * span for span in spans]
    return sum(seconds * many for seconds, many in zip(each, times, strict=True)), largest[1]


def _size(work: Work[object]) -> float:
    """What the time of work of one kind grows with."""
    condition = work.block.condition
    if work.block.kind == "enumeration":
        return _listed(condition) * condition.truth.categories
    return float(condition.truth.categories + condition.sample_size + (condition.model_sample_size or 0))


def outcomes(plan: Plan, condition: Condition) -> float:
    """About how many outcomes a condition has intervals around."""
    most = plan.most_replicates
    if not condition.enumerable:
        return float(most)
    listed = _listed(condition)
    return min(listed, float(most)) if plan.scenario.mode == "monte_carlo" else listed


def _listed(condition: Condition) -> float:
    return count_outcomes(condition.o, condition.sample_size, condition.q, condition.model_sample_size)


def _try_estimates(work: EstimateBlock) -> tuple[float, float]:
    """Seconds of a block (of each draw, where it draws) and its memory: all its draws are held at once."""
    if work.block.kind != "draws":
        return _timed(work)
    replicates = work.block.replicates
    draws, seconds, memory = _of_draws(work, MIN_DRAWS)
    return _extrapolated(draws, seconds, replicates) / replicates, _extrapolated(draws, memory, replicates)


def _try_intervals(work: IntervalBlock) -> tuple[float, float]:
    """Seconds of the intervals on each draw, and the memory that a few of them need."""
    replicates = work.block.replicates
    draws, seconds, memory = _of_draws(work, MIN_FOR_INTERVALS)
    return _extrapolated(draws, seconds, replicates) / replicates, memory[-1]


def _of_draws(work: EstimateBlock | IntervalBlock, fewest: int) -> tuple[list[int], list[float], list[float]]:
    """Trials of more and more draws of a block: how many each had, its seconds, its memory."""
    most = work.block.replicates
    draws = [min(most, fewest)]
    first = _timed(_with_draws(work, draws[0]))
    seconds, memory, limit = [first[0]], [first[1]], LONGEST_ALONE
    while draws[-1] < most and seconds[-1] < limit:
        draws.append(min(most, 4 * draws[-1]))
        longer = _timed(_with_draws(work, draws[-1]))
        seconds.append(longer[0])
        memory.append(longer[1])
        fixed = _extrapolated(draws, seconds, 0)
        limit = LONGEST if fixed > seconds[-1] / 2 else SHORTEST
    return draws, seconds, memory


def _extrapolated(draws: Sequence[int], measured: Sequence[float], many: int) -> float:
    """What so many draws take: what each adds, by the last two trials, and what a block takes whatever their number."""
    if len(draws) == 1:
        return measured[0] * many / draws[0]
    each = max(measured[-1] - measured[-2], 0.0) / (draws[-1] - draws[-2])
    return max(measured[-1] - each * draws[-1], 0.0) + each * many


def _with_draws(work: EstimateBlock | IntervalBlock, draws: int) -> EstimateBlock | IntervalBlock:
    return replace(work, block=replace(work.block, replicates=draws))


def _timed(work: Work[object]) -> tuple[float, float]:
    seconds = 0.0
    tracemalloc.start()
    try:
        if work.block.kind == "linearity":  # takes longest, so once; of its long arrays tracing costs nearly nothing
            seconds = _seconds(work)
        else:
            work.run()
        memory = float(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    return seconds or _seconds(work), memory  # only now: tables that a run makes once are there


def _seconds(work: Work[object]) -> float:
    started = process_time()
    with threadpool_limits(1):
        work.run()
    return process_time() - started


def _duration(seconds: float) -> str:
    """A time as one says it: 0.3 s, 40 s, 3 min, 2 h, 5 days."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0.1):.1g} s" if seconds < 10 else f"{seconds:.0f} s"
