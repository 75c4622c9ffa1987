"""Whether anything can meet a check: the values that its bounds, and the range of its measure, leave."""

import math
from collections.abc import Iterator
from typing import Protocol, TypeAlias

from mcdiv.core.number_format import figure
from mcdiv.measures.contract import MEASURES

#: intervals with their ends, in order
Pieces: TypeAlias = list[tuple[float, float]]
_ALL: Pieces = [(-math.inf, math.inf)]


class Bounds(Protocol):
    """What a check asks of a measure."""

    measure: str
    below: float | None
    above: float | None
    between: tuple[float, float] | None
    near: float | None
    within: float | None


def by_size(measure: str) -> bool:
    """Whether `below` and `above` compare the size of a measure, whatever its sign."""
    return measure in MEASURES and MEASURES[measure].signed


def texts_of(check: Bounds) -> list[str]:
    """The bounds, each in words."""
    return [text for text, _ in _parts(check)]


def reason_impossible(check: Bounds) -> str:
    """Why no value can meet a check; empty where one can."""
    entry = MEASURES.get(check.measure)
    least, most = entry.range if entry else (-math.inf, math.inf)
    named, left = "", _common(_ALL, [(least, most)])
    for text, pieces in _parts(check):
        if math.isfinite(least) and not _common(pieces, [(least, most)]):
            span = f"between {figure(least)} and {figure(most)}" if math.isfinite(most) else f"{figure(least)} or more"
            return f"can never be met: {check.measure} is {span}, never {text}"
        left = _common(left, pieces)
        said = text.replace("size ", "of a size ")
        named += f" and {said}" if named else said
    return "" if left else f"can never be met: {check.measure} cannot be {named}"


def _parts(check: Bounds) -> Iterator[tuple[str, Pieces]]:
    """Each bound in words, and the values that keep it; of an open end the last float before it."""
    sized = by_size(check.measure)
    size = "size " if sized else ""
    if check.below is not None:
        end = math.nextafter(check.below, -math.inf)
        yield f"{size}below {figure(check.below)}", [(-end if sized else -math.inf, end)]
    if check.above is not None:
        start = math.nextafter(check.above, math.inf)
        over: Pieces = [(-math.inf, -start)] if sized else []
        yield f"{size}above {figure(check.above)}", [*over, (start, math.inf)] if start > 0 or not sized else _ALL
    if check.between is not None:
        low, high = check.between
        yield f"between {figure(low)} and {figure(high)}", [(low, high)]
    if check.near is not None and check.within is not None:
        ends = (check.near - check.within, check.near + check.within)
        yield f"within {figure(check.within)} of {figure(check.near)}", [ends]


def _common(some: Pieces, others: Pieces) -> Pieces:
    """What two lists of intervals have in common."""
    pairs = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return [(low, high) for low, high in pairs if low <= high]
