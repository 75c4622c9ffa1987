"""How probable a statistic at least as large as the observed one is where nothing differs: exact, or simulated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Literal, TypeAlias

from scipy.special import chdtrc

from mcdiv.core.arrays import Counts, Pmf
from mcdiv.core.domains import WHOLE, Domain
from mcdiv.core.outcomes import stream
from mcdiv.significance.columns import law_of_samples, law_of_tables
from mcdiv.significance.margins import (
    MAX_DRAWS,
    Simulator,
    cells_of_sample,
    cells_of_table,
    simulator_of_samples,
    simulator_of_tables,
)
from mcdiv.significance.partial_sums import ExactLaw
from mcdiv.significance.statistics import against_pmf, chi_squared_scale, of_tables, reaches

Method: TypeAlias = Literal["auto", "exact", "simulated"]

#: entries listed in one step of an exact law: where it is faster than to simulate, and where nothing else is wanted
LIMITS: dict[str, int] = {"auto": 2**20, "exact": 2**24, "simulated": 0}
#: replicates of the first stage, and the most to see on which side of α a p-value is
FIRST, DECIDING = 10_000, 1_000_000
#: and the least, where tables are so large that each takes its time
LEAST = 200
#: a p-value is on one side of α where it is so many MCSEs from it
_APART = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How p-values are found, and how precise simulated ones shall be."""

    method: Method = "auto"
    #: simulate until the MCSE is no larger, and the p-value on one side of α
    mcse: float = 1e-3
    alpha: float = 0.05
    seed: int = 1
    #: cells of all simulated tables together, as many as are looked up in seconds; but LEAST tables at least
    cells: int = 2**27


_SHARE = Domain(expected="a number between 0 and 1", accepts=lambda x: 0 < x < 1)
_DOMAINS = {
    "method": Domain(expected="auto, exact or simulated", choices=tuple(LIMITS)),
    "mcse": _SHARE,
    "alpha": _SHARE,
    "seed": WHOLE,
}


def precision_of(*, method: object, mcse: object, alpha: object, seed: object) -> Precision:
    """The precision asked for, checked; numbers may be texts."""
    given = {"method": method, "mcse": mcse, "alpha": alpha, "seed": seed}
    for name, value in given.items():
        for _, message in _DOMAINS[name].problems(value):
            raise ValueError(f"{name}: {message}")
    read = {name: _DOMAINS[name].parse(value) for name, value in given.items()}
    return Precision(
        method=read["method"], mcse=float(read["mcse"]), alpha=float(read["alpha"]), seed=int(read["seed"])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PValue:
    """A statistic and its p-value."""

    statistic: float
    p_value: float
    #: 0 where it is exact
    mcse: float
    #: simulated ones; 0 where it is exact
    replicates: int
    #: by the χ² law of many draws; None where the statistic has no such limit
    asymptotic: float | None
    degrees_of_freedom: int
    #: the smallest p-value that any outcome or table has; None where it was not computed
    least: float | None


def p_value_of_sample(name: str, counts: Counts, q: Pmf, precision: Precision) -> PValue:
    """Of one sample, shape (K,), against a known Q; categories that Q gives no probability can have draws.

    Raises
    ------
    ValueError
        Nothing but an exact value is wanted, and the list is too long.
    """
    draws, observed = int(counts.sum()), float(against_pmf(name, counts, q))
    freedom, scale = int((q > 0).sum()) - 1, chi_squared_scale(name, draws)
    if math.isinf(observed) and name != "psi":  # no sample from Q is infinite
        return _found(observed, 0.0, None, scale, freedom)
    law = law_of_samples(name, q, draws, LIMITS[precision.method])
    cells = cells_of_sample(q, draws)
    return _p_value(law, lambda: simulator_of_samples(name, q, draws), observed, scale, freedom, cells, precision)


def p_value_of_table(name: str, table: Counts, precision: Precision) -> PValue:
    """Of a table, shape (R, K), a row for each sample; every row and every column has draws.

    Raises
    ------
    ValueError
        Nothing but an exact value is wanted, and the list is too long; or there are too many draws to simulate.
    """
    rows, columns = table.shape
    scale = chi_squared_scale(name, int(table[0].sum()), int(table[1].sum()))
    observed, freedom = float(of_tables(name, table)), (rows - 1) * (columns - 1)
    law = law_of_tables(name, table, LIMITS[precision.method])
    if law is None and table.sum() > MAX_DRAWS:
        raise ValueError(f"{table.sum():,} draws in all are too many to simulate; expected {MAX_DRAWS:,} at most")
    cells = cells_of_table(table)
    return _p_value(law, lambda: simulator_of_tables(name, table), observed, scale, freedom, cells, precision)


def _p_value(
    law: ExactLaw | None,
    simulator: Callable[[], Simulator],
    observed: float,
    scale: float | None,
    freedom: int,
    cells: int,
    precision: Precision,
) -> PValue:
    if law is not None:
        p, least = float(law.reaching(observed)[0]), float(law.reaching(law.largest)[0])
        return _found(observed, min(p, 1.0), min(least, 1.0), scale, freedom)
    if precision.method == "exact":
        raise ValueError(f"an exact p-value would take lists of more than {LIMITS['exact']:,} entries; simulate it")
    hits, replicates = _simulated(simulator(), observed, cells, precision)
    return _found(observed, (hits + 1) / (replicates + 1), None, scale, freedom, replicates)


def _found(
    observed: float, p: float, least: float | None, scale: float | None, freedom: int, replicates: int = 0
) -> PValue:
    return PValue(
        statistic=observed,
        p_value=p,
        mcse=math.sqrt(p * (1 - p) / replicates) if replicates else 0.0,
        replicates=replicates,
        asymptotic=asymptotic(observed, scale, freedom),
        degrees_of_freedom=freedom,
        least=least,
    )


def asymptotic(observed: float, scale: float | None, freedom: int) -> float | None:
    """The p-value by the χ² law that the scaled statistic has in the limit of many draws; None without such a law."""
    return None if scale is None else float(chdtrc(freedom, scale * observed))


def _simulated(simulate: Simulator, observed: float, cells: int, precision: Precision) -> tuple[int, int]:
    """How many replicates reach the statistic, and of how many: one stage after another, until they are enough."""
    most = max(LEAST, precision.cells // cells)
    hits, replicates, size = 0, 0, min(FIRST, most)
    for stage in count():
        hits += int(reaches(simulate(size, stream(precision.seed, stage)), observed).sum())
        replicates += size
        wanted = min(most, _wanted((hits + 1) / (replicates + 1), precision))
        if replicates >= wanted:
            break
        size = max(math.ceil(1.02 * wanted) - replicates, replicates // 4)
    return hits, replicates


def _wanted(p: float, precision: Precision) -> float:
    """How many replicates make a p-value precise enough, if it is about p."""
    variance, apart = p * (1 - p), abs(p - precision.alpha) / _APART
    to_decide = DECIDING if variance > DECIDING * apart**2 else variance / apart**2
    return max(variance / precision.mcse**2, to_decide)
