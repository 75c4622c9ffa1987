"""What is asked of a comparison without drift, checked: the reference, the draws, the statistic and the rate."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from mcdiv.core.arrays import SUM_TOLERANCE, Pmf, as_counts, as_pmf
from mcdiv.core.catalogue import quoted
from mcdiv.core.domains import Domain
from mcdiv.scenario.clauses import MAX_SAMPLE, SAMPLE_SIZE
from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.statistics import statistic_named
from mcdiv.significance.thresholds import Simulation

#: values of PSI at which monitoring tools alarm by custom
CUSTOMARY = (0.1, 0.2, 0.25)
_MAX_COUNTS = 2 * 10**8
RATE = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1, example=0.01)
FLOOR = Domain(expected="a share from 0 to below 1", accepts=lambda x: 0 <= x < 1, example=1e-4)
REPLICATES = Domain(expected="a whole number from 1,000 to 10^8", accepts=lambda x: 1000 <= x <= 10**8, whole=True)
SEED = Domain(expected="a whole number >= 0", accepts=lambda x: 0 <= x < 2**63, whole=True)


def design_of(
    reference: ArrayLike,
    *,
    n: int,
    m: int | None,
    statistic: str,
    known: bool,
    floor: float,
    sample: bool = False,
) -> NullDesign:
    """The comparison without drift; a ValueError where the arguments do not fit. `sample`: the reference is counts."""
    statistic_named(statistic)
    if not isinstance(known, bool):
        raise TypeError(f"known: expected True or False, got {quoted(known)}")
    p, total = _counted(reference) if sample else _reference(reference)
    second = None if m is None else int(number_of("m", m, SAMPLE_SIZE))
    if total is not None and not known:
        if second is not None and second != total:
            said = f"reference: a sample of {total:,} draws, and m = {second:,} is given"
            raise ValueError(f"{said}: leave out m, or say that the reference is known")
        if total > MAX_SAMPLE:
            said = f"reference: a sample of {total:,} draws; expected {MAX_SAMPLE:,} at most"
            raise ValueError(f"{said}, or say that the reference is known")
        second = total
    # In order: what only permutes the categories changes nothing, and is found again.
    possible = np.sort(p[p > 0])[::-1]
    if len(possible) < 2:
        raise ValueError(f"reference: expected at least two categories that can occur, got {len(possible)}")
    least = number_of("floor", floor, FLOOR)
    if least and statistic != "psi":
        raise ValueError(f"floor: is for psi, got {statistic}")
    draws = int(number_of("n", n, SAMPLE_SIZE))
    return NullDesign(statistic=statistic, p=possible / possible.sum(), draws=draws, second=second, floor=least)


def corrected(rate: float, correction: str | None, features: int) -> float:
    """The rate of each of several features, so that all together alarm at no more than a given one without drift."""
    if correction == "sidak":
        return -math.expm1(math.log1p(-rate) / features)
    return rate / features if correction == "bonferroni" else rate


def _reference(reference: ArrayLike) -> tuple[Pmf, int | None]:
    """The shares of the categories, and how many draws they are of where they are counts."""
    reference = list(reference.values()) if isinstance(reference, Mapping) else reference
    try:
        with np.errstate(over="ignore"):
            values = np.asarray(reference, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        values = as_pmf(reference, name="reference")  # says what is wrong with it
    if values.ndim != 1 or not values.size:
        raise ValueError(f"reference: expected one pmf or the counts of one sample, got shape {values.shape}")
    whole = bool(np.all(np.isfinite(values)) and np.all(values == np.floor(values)))
    if whole and abs(values.sum() - 1) > SUM_TOLERANCE:
        return _counted(reference)
    return as_pmf(reference, name="reference"), None


def _counted(reference: ArrayLike) -> tuple[Pmf, int]:
    counts = as_counts(reference, name="reference")
    return counts / counts.sum(), int(counts.sum())


def simulation_of(replicates: int | None, seed: int, design: NullDesign, usual: int) -> Simulation:
    """How to simulate, checked; without a number of replicates the usual one, or fewer where categories are many."""
    number = replicates_of(design, usual) if replicates is None else number_of("replicates", replicates, REPLICATES)
    return Simulation(replicates=int(number), seed=int(number_of("seed", seed, SEED)))


def replicates_of(design: NullDesign, usual: int) -> int:
    """The usual number of replicates, or as many as have 2·10⁸ counts; 1000 at least."""
    return max(1000, min(usual, _MAX_COUNTS // len(design.p)))


def number_of(name: str, value: object, domain: Domain) -> float:
    """An argument that is a number, checked; a ValueError names it."""
    for _, message in domain.problems(value):
        raise ValueError(f"{name}: {message}")
    return domain.parse(value) if domain.whole else float(domain.parse(value))
