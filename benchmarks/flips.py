"""B4: literal coin flips, looked at while they go on: 64 to a word against one random number each."""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.flips import simulate_paths

HEADS, PATHS = 0.3, 1000
CHECKPOINTS = [80, 160, 320, 640, 1280, 2560, 5120, 10_240]
DRAWS = CHECKPOINTS[-1]
ROUNDS = 9
LARGEST_Z = 4.5


def compare() -> list[Line]:
    """One line."""
    rng = np.random.default_rng(1)
    with threadpool_limits(1):
        seconds = in_turn({"mcdiv": _followed, "NumPy": lambda: _cumulated(rng)}, rounds=ROUNDS)
    z = max(_largest_z(_followed()), _largest_z(_cumulated(rng)))
    return [
        Line(
            number="B4",
            work=f"literal flips, p = {HEADS}, N = {DRAWS}, {PATHS} paths, {len(CHECKPOINTS)} checkpoints",
            against="cumsum(rng.random((R, N)) < p, axis=1)",
            reach=2,
            measured=ratio(seconds["NumPy"], seconds["mcdiv"]),
            at_least=True,
            answer=f"largest z {z:.2f} of mean and variance",
            right=z < LARGEST_Z,
            times=side_note(seconds),
        )
    ]


def _followed() -> NDArray[np.int64]:
    return simulate_paths(np.array([HEADS, 1 - HEADS]), PATHS, CHECKPOINTS, seed=1, address=1)[:, :, 0]


def _cumulated(rng: np.random.Generator) -> NDArray[np.int64]:
    heads = np.cumsum(rng.random((PATHS, DRAWS)) < HEADS, axis=1)
    return heads[:, np.array(CHECKPOINTS) - 1]


def _largest_z(heads: NDArray[np.int64]) -> float:
    """How far mean and variance of the heads between checkpoints are from those of the binomial, in MCSE."""
    draws = np.diff(CHECKPOINTS, prepend=0)
    variance = draws * HEADS * (1 - HEADS)
    deviations = np.diff(heads, axis=1, prepend=0) - draws * HEADS
    of_mean = deviations.mean(axis=0) / np.sqrt(variance / PATHS)
    # The fourth central moment of a binomial is 3σ⁴ + σ²(1 − 6p(1 − p)).
    fourth = 3 * variance**2 + variance * (1 - 6 * HEADS * (1 - HEADS))
    of_variance = ((deviations**2).mean(axis=0) - variance) / np.sqrt((fourth - variance**2) / PATHS)
    return float(np.abs(np.concatenate([of_mean, of_variance])).max())
