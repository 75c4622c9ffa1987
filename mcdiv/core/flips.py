"""Literal experiments, followed draw by draw: what the convergence pictures show.

The engine never flips a coin one by one, as counts are all an estimator sees. Here it is done all the
same: for teaching, and as a check of that claim.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mcdiv.core.arrays import Counts, Pmf
from mcdiv.core.outcomes import stream

#: paths that share one random stream
PATHS_PER_STREAM = 20
_WORD = 64
_FIRST_WORDS, _MAX_WORDS = 32, 64
#: held at once
_COUNTS = 2**20


def checkpoints_of(largest: int, sample_sizes: tuple[int, ...] = (), per_decade: int = 10) -> list[int]:
    """Numbers of draws at which a path is looked at: logarithmic, with the sample sizes among them."""
    steps = math.ceil(per_decade * math.log10(largest)) + 1 if largest > 1 else 1
    grid = np.rint(np.geomspace(1, largest, steps)).astype(np.int64).tolist()
    return sorted({*grid, *sample_sizes})


def simulate_paths(p: Pmf, paths: int, checkpoints: list[int], seed: int, address: int) -> Counts:
    """Counts of each path at each checkpoint, shape (paths, checkpoints, K).

    Paths do not depend on how many are asked for, nor on how far they go.
    """
    return np.concatenate(list(simulate_paths_in_batches(p, paths, checkpoints, seed, address)))


def simulate_paths_in_batches(p: Pmf, paths: int, checkpoints: list[int], seed: int, address: int) -> Iterator[Counts]:
    """The same, some paths at a time: how many depends on the alphabet and the checkpoints alone."""
    for block, first in enumerate(range(0, paths, PATHS_PER_STREAM)):
        count, generator = min(PATHS_PER_STREAM, paths - first), stream(seed, address, block)
        if len(p) == 2:
            heads = _flip(float(p[0] / p.sum()), checkpoints, generator)[:count]
            yield np.stack([heads, np.array(checkpoints) - heads], axis=-1)
            continue
        children = generator.spawn(PATHS_PER_STREAM)[:count]
        some = max(1, _COUNTS // (len(checkpoints) * len(p)))
        for start in range(0, count, some):
            yield np.stack([_roll(p, checkpoints, child) for child in children[start : start + some]])


def _flip(p: float, checkpoints: list[int], generator: Generator) -> Counts:
    """Heads at each checkpoint, shape (PATHS_PER_STREAM, checkpoints): 64 flips to a word."""
    heads = np.zeros((PATHS_PER_STREAM, len(checkpoints)), dtype=np.int64)
    before = np.zeros(PATHS_PER_STREAM, dtype=np.int64)
    start, words = 0, _FIRST_WORDS
    remaining = list(enumerate(checkpoints))
    while remaining:
        flips = _bernoulli_words(p, (PATHS_PER_STREAM, words), generator)
        totals = np.cumsum(np.bitwise_count(flips), axis=1, dtype=np.int64)
        while remaining and remaining[0][1] <= start + words * _WORD:
            index, checkpoint = remaining.pop(0)
            whole, part = divmod(checkpoint - start, _WORD)
            count = before + (totals[:, whole - 1] if whole else 0)
            if part:
                count = count + np.bitwise_count(flips[:, whole] & np.uint64(2**part - 1))
            heads[:, index] = count
        before += totals[:, -1]
        start += words * _WORD
        # A schedule that does not look at the checkpoints: going further never changes the flips before.
        words = min(2 * words, _MAX_WORDS)
    return heads


def _bernoulli_words(p: float, shape: tuple[int, int], generator: Generator) -> NDArray[np.uint64]:
    """Words whose 64 bits are each 1 with probability p (to within 2^-61).

    A flip takes one random byte, compared with the first eight binary digits of p; only the one in 256
    that ties with them needs a whole random number, compared with the other digits.
    """
    first, others = divmod(p * 256, 1)
    draws = generator.integers(0, 2**_WORD, size=math.prod(shape) * _WORD // 8, dtype=np.uint64)
    flips = draws.astype("<u8", copy=False).view(np.uint8)
    heads = flips < int(first)
    ties = np.flatnonzero(flips == int(first))
    heads[ties] = generator.random(len(ties)) < others
    return np.packbits(heads, bitorder="little").view("<u8").astype(np.uint64, copy=False).reshape(shape)


def _roll(p: Pmf, checkpoints: list[int], generator: Generator) -> Counts:
    """Counts of one path of a categorical, shape (checkpoints, K)."""
    edges = np.cumsum(p)
    edges /= edges[-1]  # a pmf may be off by 1e-9, and its sum by roundings
    counts = np.zeros((len(checkpoints), len(p)), dtype=np.int64)
    running, drawn = np.zeros(len(p), dtype=np.int64), 0
    for index, checkpoint in enumerate(checkpoints):
        while drawn < checkpoint:
            size = min(checkpoint - drawn, 2**18)
            draws = np.searchsorted(edges, generator.random(size), side="right")
            running = running + np.bincount(draws, minlength=len(p))
            drawn += size
        counts[index] = running
    return counts
