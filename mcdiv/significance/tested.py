"""A test of whether samples come from one distribution, or a sample from a known one: what was found, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.significance.p_values import Precision, PValue, p_value_of_sample, p_value_of_table
from mcdiv.significance.statistics import SAME_PROBABILITY, statistic_named

#: what a statistic compares
Compared: TypeAlias = Literal["samples", "model", "table"]
#: a simulated p-value is on one side of α where it is more MCSEs from it
_UNDECIDED = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tested:
    """What a test found; it returns it from Python, and the command prints the same with --json."""

    #: the statistic's value, in nats or without a unit; may be infinite
    statistic: float
    #: the probability of a value at least as large where nothing differs
    p_value: float
    #: g, pearson, kl, js, psi or tv
    name: str
    #: samples with each other, a sample with a known model, or the rows of a table with its columns
    compared: Compared
    #: whether the p-value is computed without simulation
    exact: bool
    #: the p-value's Monte Carlo standard error; 0 where it is exact
    mcse: float
    #: how many were simulated; 0 where it is exact
    replicates: int
    #: the p-value by the χ² law of many draws; None where the statistic has no such limit
    asymptotic: float | None
    degrees_of_freedom: int
    #: the smallest p-value that any outcome, or any table with these margins, has; None where it was not computed
    least: float | None
    #: the level to compare the p-value with
    alpha: float
    #: draws of each sample, or of each row
    sample_sizes: tuple[int, ...]
    #: how many are compared
    categories: int
    #: categories that were left out because nothing was or could be drawn of them, and rows of a table
    empty_categories: int
    empty_rows: int
    #: draws in categories to which the model gives no probability
    impossible: int
    #: what the samples are called, and the group that they are of; empty where they have no names
    samples: tuple[str, ...] = ()
    group: str = ""

    @property
    def decided(self) -> bool:
        """Whether the p-value is on one side of α: always where it is exact, else 3 MCSEs away."""
        return self.exact or abs(self.p_value - self.alpha) > _UNDECIDED * self.mcse

    @property
    def rejects(self) -> bool:
        """Whether the p-value is at most α."""
        return self.p_value <= self.alpha

    def record(self) -> dict[str, Any]:
        """All fields by name."""
        return asdict(self)

    def __repr__(self) -> str:
        """The p-value and how it was found, on one line."""
        how = "exact" if self.exact else f"MCSE {self.mcse:.1g}"
        return f"<mcdiv.Tested: {self.name} = {self.statistic:.6g}, p = {self.p_value:.4g} ({how})>"


def tested_model(name: str, counts: Counts, q: Pmf, precision: Precision) -> Tested:
    """One sample, shape (K,), against a known pmf; a ValueError where there is nothing to compare."""
    statistic_named(name)
    kept = (counts > 0) | (q > 0)
    if (q > 0).sum() < 2:
        raise ValueError("the model gives one category all probability; a test needs two categories or more")
    counts, q = counts[kept], q[kept] / q.sum()
    found = p_value_of_sample(name, counts, q, precision)
    impossible = int(counts[q == 0].sum())
    return _tested(name, "model", found, counts[None], precision, (int((~kept).sum()), 0), impossible)


def tested_table(name: str, table: Counts, precision: Precision, compared: Compared = "samples") -> Tested:
    """Samples against each other, or a table of K × L for independence, shape (R, K); a row is a sample."""
    statistic = statistic_named(name)
    rows, columns = table.any(axis=1), table.any(axis=0)
    kept = table[rows][:, columns]
    what = "row" if compared == "table" else "sample"
    if len(kept) < 2 or kept.shape[1] < 2:
        short = (len(kept), what) if len(kept) < 2 else (kept.shape[1], "column" if what == "row" else "category")
        plural = {"category": "categories"}.get(short[1], f"{short[1]}s")
        raise ValueError(f"a test needs two {plural} or more with draws, got {short[0]}")
    if len(kept) > 2 and not statistic.of_margins:
        raise ValueError(f"{name} compares two {what}s, got {len(kept)}; g and pearson compare several")
    found = p_value_of_table(name, kept, precision)
    return _tested(name, compared, found, kept, precision, (int((~columns).sum()), int((~rows).sum())), 0)


def _tested(
    name: str,
    compared: Compared,
    found: PValue,
    table: Counts,
    precision: Precision,
    empty: tuple[int, int],
    impossible: int,
) -> Tested:
    return Tested(
        statistic=found.statistic,
        p_value=_or_level(found.p_value, precision.alpha) if not found.replicates else found.p_value,
        name=name,
        compared=compared,
        exact=not found.replicates,
        mcse=found.mcse,
        replicates=found.replicates,
        asymptotic=found.asymptotic,
        degrees_of_freedom=found.degrees_of_freedom,
        least=None if found.least is None else _or_level(found.least, precision.alpha),
        alpha=precision.alpha,
        sample_sizes=tuple(np.sum(table, axis=1).tolist()),
        categories=table.shape[1],
        empty_categories=empty[0],
        empty_rows=empty[1],
        impossible=impossible,
    )


def _or_level(probability: float, alpha: float) -> float:
    """α, where an exact probability is that but for roundings: 1/20 is then not above a level of 0.05."""
    return alpha if abs(probability - alpha) <= SAME_PROBABILITY * alpha else probability


def holm(p_values: Sequence[float]) -> Array:
    """p-values corrected for their number, shape (T,): at most α of all families of true hypotheses have one below α.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure
    """
    p = np.array(p_values)
    order = np.argsort(p)
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(corrected, 1.0)


def rejected_of_all(tests: Sequence[Tested], mcses: float = 0.0) -> list[Tested]:
    """Those that reject at level α corrected for their number (Holm), p-values lowered by so many MCSEs."""
    reach = tests[0].alpha * (1 + SAME_PROBABILITY)  # a p-value times the number of tests may be α but for roundings
    corrected = holm([max(0.0, tested.p_value - mcses * tested.mcse) for tested in tests])
    return [tested for tested, p in zip(tests, corrected, strict=True) if p <= reach]
