"""The statistics by which samples are compared: what each is, when two values are ties, and its χ² scale.

Each is a sum over the categories of a term that is never negative, and 0 where both agree; in nats, or without a unit.
Of two samples they compare the pmfs p̂ = a/N and q̂ = b/M. "g" and "pearson" compare counts with those expected from the
margins, and take a table of any number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.catalogue import check_name, did_you_mean
from mcdiv.core.log_ratios import js_terms, kl_terms

#: values that differ by no more, relative to the smaller, are equal but for roundings
TIE = 1e-12
#: an exact probability that differs by no more, relatively, from a level or rate is equal to it but for roundings
SAME_PROBABILITY = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One statistic."""

    name: str
    #: how it is written
    symbol: str
    #: n is a count and e the one expected; p and q are the two pmfs
    formula: str
    #: f(p, q), elementwise, and homogeneous: f(cp, cq) = c f(p, q)
    terms: Callable[[Array, Array], Array]
    #: of counts and those expected from the margins, not of two pmfs; it then grows with N
    of_margins: bool = False
    #: c, where c n times the statistic (c times it, where it grows with N) is about χ² where nothing differs
    scale: float | None = None


def _pearson_terms(p: Array, q: Array) -> Array:
    possible = q > 0
    with np.errstate(over="ignore"):
        terms = (p - q) * ((p - q) / np.where(possible, q, 1.0))
    return np.where(possible, terms, np.where(p > 0, np.inf, 0.0))


_ALL = (
    Statistic(
        name="g", symbol="G", formula="2 Σ n ln(n/e)", terms=lambda p, q: 2 * kl_terms(p, q), of_margins=True, scale=1
    ),
    Statistic(name="pearson", symbol="χ²", formula="Σ (n − e)²/e", terms=_pearson_terms, of_margins=True, scale=1),
    Statistic(name="kl", symbol="KL", formula="Σ p ln(p/q)", terms=kl_terms, scale=2),
    Statistic(name="js", symbol="JS", formula="H((p + q)/2) − (H(p) + H(q))/2", terms=js_terms, scale=8),
    Statistic(
        name="psi",
        symbol="PSI",
        formula="Σ (p − q) ln(p/q)",
        terms=lambda p, q: kl_terms(p, q) + kl_terms(q, p),
        scale=1,
    ),
    Statistic(name="tv", symbol="TV", formula="Σ |p − q|/2", terms=lambda p, q: np.abs(p - q) / 2),
)
STATISTICS: Mapping[str, Statistic] = {entry.name: entry for entry in _ALL}


def statistic_named(name: str) -> Statistic:
    """The statistic of that name; a ValueError with those there are where there is none."""
    check_name("statistic", name)
    if name not in STATISTICS:
        raise ValueError(did_you_mean("statistic", name, STATISTICS))
    return STATISTICS[name]


def terms_against(name: str, counts: Counts, q: Pmf, draws: NDArray[np.int64] | int) -> Array:
    """What each category adds to the statistic of a sample of N draws against Q; elementwise, shapes (..., K)."""
    entry = STATISTICS[name]
    terms = entry.terms(np.asarray(counts / np.asarray(draws)), q)
    return terms * draws if entry.of_margins else terms


def against_pmf(name: str, counts: Counts, q: Pmf) -> Array:
    """The statistic of samples against a known Q, shapes (..., K) and (K,) → (...); infinite where p̂ > 0 = q.

    "psi" is also infinite where p̂ = 0 < q. Every sample holds at least one draw.
    """
    return np.asarray(terms_against(name, counts, q, counts.sum(axis=-1, keepdims=True)).sum(axis=-1))


def terms_of_tables(name: str, tables: Counts, rows: Counts) -> Array:
    """What each category adds to the statistic of a table, shapes (..., R, K) and (..., R) → (..., K).

    `rows` are the sums of whole rows; the columns may be some of the table's. Numbers of draws are multiplied before
    they are subtracted, so that no digit is lost while the products are below 2^53.
    """
    entry, draws = STATISTICS[name], rows[..., :, None].astype(np.float64)
    if entry.of_margins:
        total = draws.sum(axis=-2, keepdims=True)
        expected = draws * tables.sum(axis=-2, keepdims=True)
        return np.asarray((entry.terms(tables * total, expected) / total).sum(axis=-2))
    first, second = draws[..., 0, :], draws[..., 1, :]
    return entry.terms(tables[..., 0, :] * second, tables[..., 1, :] * first) / (first * second)


def of_tables(name: str, tables: Counts) -> Array:
    """The statistic of tables of counts, a row for each sample, shape (..., R, K) → (...).

    "kl", "js", "psi" and "tv" are of two rows: of the first against the second. Every row holds at least one draw; a
    category without any adds nothing. "kl" is infinite where p̂ > 0 = q̂, "psi" where only one of them is 0.
    """
    return np.asarray(terms_of_tables(name, tables, tables.sum(axis=-1)).sum(axis=-1))


def chi_squared_scale(name: str, draws: int, second: int | None = None) -> float | None:
    """c, where c times the statistic is about χ² distributed if nothing differs; None where it has no such limit.

    Of N draws against a known Q, or of two samples of N and M draws, whose differences vary as those of
    NM/(N + M) draws do. The degrees of freedom are (R − 1)(K − 1), R = 2 for one sample.
    """
    entry = STATISTICS[name]
    if entry.scale is None or entry.of_margins:
        return entry.scale
    return entry.scale * (draws if second is None else draws * (second / (draws + second)))


def reaches(values: Array, observed: Array | float) -> NDArray[np.bool_]:
    """Whether values are at least as large as another; ties are. Infinite values are the largest."""
    observed = np.asarray(observed)
    return np.asarray(values >= np.where(np.isinf(observed), observed, observed * (1 - TIE)))


def exceeds(values: Array, critical: Array | float) -> NDArray[np.bool_]:
    """Whether values are larger than another; ties are not."""
    return np.asarray(values > np.asarray(critical) * (1 + TIE))
