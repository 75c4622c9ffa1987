"""The sign-flip test of paired differences: how often random signs give a sum as far from 0 as the one observed.

Where the two members of every pair are exchangeable, each difference is as likely with the other sign. All 2^m patterns
of signs are then equally probable, and the test is exact whatever the differences are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from mcdiv.core.arrays import Array, Counts
from mcdiv.core.performance import Measured
from mcdiv.significance.statistics import TIE

#: decimal places that differences are taken to be exact in
_PLACES = 12
#: above it neighbouring whole numbers are the same float
_EXACT = 2**53
#: additions that counting all patterns may take
_MAX_ADDITIONS = 2**31
#: differences of which all patterns are listed, in two halves
_MAX_LISTED = 40
#: differences of which a picture has all patterns
_FEW = 16
#: additions between two shifts of the binary point: 2^500 is far from the largest float
_BETWEEN_SHIFTS = 500
#: patterns that are drawn: at most, at least, and differences times patterns
MAX_PATTERNS, MIN_PATTERNS, _MAX_SIGNS = 99_999, 999, 5 * 10**8
#: eight signs are one random byte
_BYTE = 8


def steps_of(a: Array, b: Array) -> tuple[Counts, float] | None:
    """The differences b − a as whole numbers and how many of them are 1, or None where they have too many digits.

    Scores are printed with a few decimal places, and ties between their sums are exact there: 2.31 − 2.40 is −0.09, as
    2.22 − 2.31 is, while their floats differ.
    """
    largest = float(max(np.abs(a).max(), np.abs(b).max()))
    for places in range(_PLACES + 1):
        scale = 10.0**places
        if largest * scale >= _EXACT:
            return None
        whole = [np.rint(scores * scale) for scores in (a, b)]
        if all(bool((w / scale == scores).all()) for w, scores in zip(whole, (a, b), strict=True)):
            steps = (whole[1] - whole[0]).astype(np.int64)
            return (steps, scale) if np.abs(steps.astype(np.float64)).sum() < _EXACT else None
    return None


def sign_flip_p(differences: Counts | Array, *, replicates: int | None, seed: int) -> Measured:
    """P(|Σ ±d| ≥ |Σ d|) over all patterns of signs, and its MCSE: 0 where every pattern counts.

    Whole numbers are added exactly. Of others, sums within 1e-12 of Σ |d| of each other are ties. With `replicates`,
    that many patterns are drawn where not all can be counted: p = (hits + 1)/(replicates + 1).
    """
    exact = differences.dtype.kind == "i"
    if exact and differences.any():
        differences = differences // np.gcd.reduce(differences)
    sizes = np.sort(np.abs(differences[differences != 0]))
    total, observed = sizes.sum(), abs(differences.sum())
    slack = 0.0 if exact else TIE * total
    if observed <= slack:
        return Measured(value=1.0, mcse=0.0)
    # A pattern is as extreme where the differences whose sign it turns add up to this at most, or those it keeps do.
    most = (total - observed + slack) / 2
    if exact and total == len(sizes):
        return Measured(value=float(2 * bdtr(most, len(sizes), 0.5)), mcse=0.0)
    if exact and most * len(sizes) <= _MAX_ADDITIONS:
        return Measured(value=2 * _share_up_to(sizes, int(most)), mcse=0.0)
    if len(sizes) <= _MAX_LISTED:
        return Measured(value=2 * _listed_up_to(sizes, most), mcse=0.0)
    return _drawn(sizes.astype(np.float64), most, replicates, seed)


def _share_up_to(sizes: Counts, most: int) -> float:
    """The share of all subsets whose sum is at most so much: they are counted by their sum, element by element."""
    counts = np.zeros(most + 1)
    counts[0] = 1.0
    reach = shift = 0
    for number, size in enumerate(sizes.tolist(), start=1):
        reach = min(most, reach + size)
        if size <= most:
            counts[size : reach + 1] += counts[: reach + 1 - size].copy()
        if number % _BETWEEN_SHIFTS == 0:
            counts[: reach + 1] *= 2.0**-_BETWEEN_SHIFTS
            shift += _BETWEEN_SHIFTS
    return math.ldexp(float(counts.sum()), shift - len(sizes))


def _listed_up_to(sizes: Counts | Array, most: float) -> float:
    """The same, from the sums of all subsets of one half and of the other."""
    first, second = (np.sort(_sums_of_subsets(part)) for part in (sizes[::2], sizes[1::2]))
    fitting = np.searchsorted(second, most - first, side="right")
    return math.ldexp(float(fitting.sum()), -len(sizes))


def _sums_of_subsets(sizes: NDArray[Any]) -> NDArray[Any]:
    sums = np.zeros(1, dtype=sizes.dtype)
    for size in sizes:
        sums = np.concatenate([sums, sums + size])
    return sums


def _drawn(sizes: Array, most: float, replicates: int | None, seed: int) -> Measured:
    """The same by simulation: each byte of random bits turns the signs of eight differences."""
    if replicates is None:
        replicates = min(MAX_PATTERNS, max(MIN_PATTERNS, _MAX_SIGNS // len(sizes) // 1000 * 1000 - 1))
    turned = _turned(sizes, replicates, np.random.default_rng(seed))
    hits = int((turned <= most).sum() + (sizes.sum() - turned <= most).sum())
    p = (hits + 1) / (replicates + 1)
    return Measured(value=p, mcse=math.sqrt(p * (1 - p) / replicates))


def flipped_sums(differences: Counts | Array, seed: int) -> tuple[Array, bool]:
    """|Σ ±d| of all patterns of signs where they are few, else of patterns that are drawn, and whether they are all."""
    sizes = np.sort(np.abs(differences[differences != 0])).astype(np.float64)
    every = len(sizes) <= _FEW
    patterns = min(MAX_PATTERNS, max(MIN_PATTERNS, _MAX_SIGNS // max(1, len(sizes))))
    turned = _sums_of_subsets(sizes) if every else _turned(sizes, patterns, np.random.default_rng([seed, 1]))
    return np.abs(sizes.sum() - 2 * turned), every


def _turned(sizes: Array, replicates: int, generator: np.random.Generator) -> Array:
    """Sums of the differences whose sign is turned, in so many patterns."""
    padded = np.pad(sizes, (0, -len(sizes) % _BYTE)).reshape(-1, _BYTE)
    bits = (np.arange(2**_BYTE)[:, None] >> np.arange(_BYTE) & 1).astype(np.float64)
    turned = np.zeros(replicates)
    for eight in padded:
        turned += (bits @ eight)[generator.integers(0, 2**_BYTE, replicates, dtype=np.uint8)]
    return turned
