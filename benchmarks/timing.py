"""Variants measured in turn: every round runs each of them, so that a slow moment of the machine hits them alike."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

#: work shorter than this many seconds is repeated until it is not
SHORTEST = 0.03

Seconds = list[float]


def in_turn(
    variants: Mapping[str, Callable[[], object]], *, rounds: int, clock: Callable[[], float] = perf_counter
) -> dict[str, Seconds]:
    """Seconds of each variant in each round, after a round that does not count; every other round goes backwards."""
    for work in variants.values():
        work()
    seconds: dict[str, Seconds] = {name: [] for name in variants}
    names = list(variants)
    for _ in range(rounds):
        for name in names:
            seconds[name].append(_seconds(variants[name], clock))
        names.reverse()
    return seconds


def ratio(above: Seconds, below: Seconds) -> float:
    """The median over the rounds of how much longer the first took than the second."""
    return median(a / b for a, b in zip(above, below, strict=True))


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    calls, started = 0, clock()
    while (elapsed := clock() - started) < SHORTEST:
        work()
        calls += 1
    return elapsed / calls
