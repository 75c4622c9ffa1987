"""Values around a planned sample size, for a picture of how they go up and down with N."""

import math
from typing import TypeAlias

import numpy as np

from mcdiv.core.outcomes import enumerable
from mcdiv.planning.coin import coin_law
from mcdiv.planning.power import PowerQuestion, power_at
from mcdiv.planning.question import MAX_DRAWS, Question
from mcdiv.planning.simulated import Simulation
from mcdiv.planning.simulated_power import SimulatedPower
from mcdiv.planning.values import cost, exact_value

#: N, the value there, and its MCSE (0 where it is exact)
Point: TypeAlias = tuple[int, float, float]
#: values of a coin, which cost next to nothing; other exact ones; simulated ones, with so many replicates each
_MANY, _SOME, _FEW, _REPLICATES = 600, 200, 15, 4000
#: work of a value of which there can be many
_CHEAP = 1e4


def curve(question: Question, draws: int, seed: int | None) -> tuple[Point, ...]:
    """Values from half to twice so many draws; simulated ones where a seed is given."""
    first, last = max(1, draws // 2), min(2 * draws, MAX_DRAWS)
    law = coin_law(question)
    if seed is None and law is not None:
        sizes = _sizes(first, last, _MANY)
        values = law.probabilities(sizes).tolist()
        return tuple((int(size), value, 0.0) for size, value in zip(sizes, values, strict=True))
    if seed is None:
        sizes = _sizes(first, last, _SOME if cost(question, last) < _CHEAP else _SOME // 4)
        points = [(size, exact_value(question, size), 0.0) for size in sizes.tolist()]
    else:
        simulation = Simulation(question, seed)
        points = [(size, *simulation.at(size, _REPLICATES, -1)) for size in _sizes(first, last, _FEW).tolist()]
    return tuple(point for point in points if not math.isnan(point[1]))


def power_curve(question: PowerQuestion, draws: int, seed: int | None) -> tuple[Point, ...]:
    """Powers from half to twice so many draws: exact where outcomes can be listed for as many, else simulated."""
    first, last = max(1, draws // 2), min(2 * draws, MAX_DRAWS)
    if seed is None:
        while not enumerable(question.reference, last):
            last -= 1
        return tuple((size, power_at(question, size).power, 0.0) for size in _sizes(first, last, _SOME // 4).tolist())
    simulation = SimulatedPower(question, seed)
    return tuple((size, *simulation.at(size, _REPLICATES, -1)) for size in _sizes(first, last, _FEW).tolist())


def _sizes(first: int, last: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Neighbours one by one where there are not too many."""
    return np.unique(np.linspace(first, last, min(most, last - first + 1)).round().astype(np.int64))
