"""A truth that is not known: distributions between two of one family, and the one of them that needs most draws."""

from collections.abc import Callable
from dataclasses import replace

from mcdiv.core.distributions import FAMILIES, Distribution
from mcdiv.core.domains import NUMBER, Number

#: truths that are looked at first, the ends among them, and then on each side of the one that needs most draws
GRID, FINER = 33, 8


def between(first: Distribution, last: Distribution) -> list[Distribution]:
    """Distributions from the one to the other, as many as are looked at first; ValueError where there are none."""
    differ = [i for i, (a, b) in enumerate(zip(first.parameters, last.parameters, strict=True)) if a != b]
    numbers = first.family == last.family and len(differ) == 1
    ends = [each.parameters[differ[0]][1] for each in (first, last)] if numbers else []
    if not ends or any(isinstance(end, (str, tuple)) for end in ends):
        raise ValueError(f"expected two ends of a range of one number, got {first.label} and {last.label}")
    return _at(first, differ[0], ends[0], ends[1], GRID)


def worst(truths: list[Distribution], draws: Callable[[Distribution], int]) -> tuple[Distribution, int]:
    """The truth that needs most draws, and how many were looked at: around the worst of the first ones, some more."""
    needed = {truth: draws(truth) for truth in truths}
    place = max(range(len(truths)), key=lambda i: needed[truths[i]])
    (changed,) = [i for i, (a, b) in enumerate(zip(truths[0].parameters, truths[-1].parameters, strict=True)) if a != b]
    for i in (place - 1, place):
        if 0 <= i < len(truths) - 1:
            start, end = (truths[j].parameters[changed][1] for j in (i, i + 1))
            needed |= {truth: draws(truth) for truth in _at(truths[0], changed, start, end, FINER + 2)[1:-1]}
    return max(needed, key=lambda truth: needed[truth]), len(needed)


def _at(like: Distribution, place: int, start: Number, end: Number, steps: int) -> list[Distribution]:
    name, _ = like.parameters[place]
    domain = FAMILIES[like.family].parameters[name].domain
    values = [start + (end - start) * i / (steps - 1) for i in range(1, steps - 1)]
    parsed = [NUMBER.parse(round(value) if domain.whole else float(value)) for value in values]
    numbers = dict.fromkeys([start, *parsed, end])
    return [
        replace(like, parameters=(*like.parameters[:place], (name, value), *like.parameters[place + 1 :]))
        for value in numbers
    ]
