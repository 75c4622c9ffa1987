"""What each category of a sample, or of a table, can be: its draws, its part of the statistic, its probability."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.significance.partial_sums import ExactLaw, Part, exact_law
from mcdiv.significance.statistics import terms_against, terms_of_tables

Draws: TypeAlias = NDArray[np.int64]


def law_of_samples(name: str, q: Pmf, draws: int, limit: int, alternative: Pmf | None = None) -> ExactLaw | None:
    """The law of the statistic of N draws from Q against Q, and of N draws from another pmf against Q.

    None where more than `limit` entries would be listed.
    """
    pmfs = np.stack([q] if alternative is None else [q, alternative])
    possible = np.flatnonzero(pmfs.any(axis=0))
    if (draws + 1) * len(possible) > limit:
        return None
    counts = np.arange(draws + 1)
    order = possible[np.lexsort(pmfs[:, possible])]
    columns = []
    for k in order:
        # Given their sum, counts of independent Poisson laws are multinomial.
        weights = np.stack([_outward(draws, int(draws * pmf[k]), *_poisson(draws * pmf[k])) for pmf in pmfs], axis=1)
        values = terms_against(name, counts, q[k], draws)
        columns.append(_column(counts, values, weights))
    return exact_law(columns, draws, lambda some: some <= draws, limit)


def law_of_tables(name: str, table: Counts, limit: int) -> ExactLaw | None:
    """The law of the statistic of tables with the margins of this one, shape (R, K), as they are where no row differs.

    None where more than `limit` entries would be listed.
    """
    rows, columns = table.sum(axis=1), np.sort(table.sum(axis=0))
    # Draws of all rows but the last as the digits of one number; twice their size, so that a sum is still read right.
    bases = [2 * int(row) + 1 for row in rows[:-1]]
    places = np.cumprod([1, *bases], dtype=object)
    if places[-1] > 2**62:
        return None
    parts: dict[int, Part] = {}
    for column in columns.tolist():
        if column not in parts:
            cells = _shares(column, rows, limit)
            if cells is None:
                return None
            parts[column] = _column(
                cells[:, :-1] @ places[:-1].astype(np.int64),
                terms_of_tables(name, cells[..., None], np.broadcast_to(rows, cells.shape))[:, 0],
                _multinomial(cells, rows)[:, None],
            )
    total = int(rows[:-1] @ places[:-1].astype(np.int64))

    def possible(draws: Draws) -> NDArray[np.bool_]:
        fits = np.ones(len(draws), dtype=bool)
        for row, base in zip(rows[:-1], bases, strict=True):
            draws, digit = np.divmod(draws, base)
            fits &= digit <= row
        return fits

    return exact_law([parts[column] for column in columns.tolist()], total, possible, limit)


def _column(draws: Draws, values: Array, weights: Array) -> Part:
    kept = weights.any(axis=1)
    return Part(draws=draws[kept], values=values[kept], weights=weights[kept])


def _shares(draws: int, rows: Counts, limit: int) -> Counts | None:
    """All ways to share the draws of a category among the rows, shape (E, R); None where they are too many."""
    shares = np.zeros((1, 0), dtype=np.int64)
    for row in rows[:-1]:
        if len(shares) * (min(draws, int(row)) + 1) > limit:
            return None
        one = np.arange(min(draws, int(row)) + 1)
        shares = np.column_stack([np.repeat(shares, len(one), axis=0), np.tile(one, len(shares))])
        shares = shares[shares.sum(axis=1) <= draws]
    last = draws - shares.sum(axis=1)
    return np.asarray(np.column_stack([shares, last])[last <= rows[-1]])


def _multinomial(cells: Counts, rows: Counts) -> Array:
    """Probabilities of the cells of one category, given its draws; each share binomial given those before."""
    draws = int(cells[0].sum())
    weights, rest, left = np.ones(len(cells)), np.full(len(cells), draws), int(rows.sum())
    for row, size in enumerate(rows[:-1].tolist()):
        for many in np.unique(rest).tolist():
            weights[rest == many] *= binomial_pmf(many, size / left)[cells[rest == many, row]]
        rest, left = rest - cells[:, row], left - size
    return weights


_Ratio: TypeAlias = Callable[[Array], Array]


def _poisson(rate: float) -> tuple[_Ratio, _Ratio]:
    return lambda n: n / rate if rate else 0 * n, lambda n: rate / (n + 1)


def binomial_pmf(draws: int, p: float) -> Array:
    """The whole pmf of Binomial(draws, p), 0 < p < 1, far tails as well; shape (draws + 1,)."""
    odds = p / (1 - p)
    return _outward(
        draws,
        int((draws + 1) * p),
        lambda n: n / ((draws - n + 1) * odds),
        lambda n: (draws - n) * odds / (n + 1),
    )


def _outward(largest: int, mode: int, down: _Ratio, up: _Ratio) -> Array:
    """A pmf over 0 … largest from the ratios of neighbours outward from its mode, where no factorial loses digits."""
    weights = np.ones(largest + 1)
    mode = min(mode, largest)
    weights[:mode] = np.cumprod(down(np.arange(mode, 0, -1.0)))[::-1]
    weights[mode + 1 :] = np.cumprod(up(np.arange(mode, largest, 1.0)))
    return np.asarray(weights / weights.sum())
