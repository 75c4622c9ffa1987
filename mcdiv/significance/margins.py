"""Simulated statistics where nothing differs: of tables with given margins, and of samples from a known Q.

The tables are those of a multivariate hypergeometric law, drawn one category after another. Of two rows, the terms of
the categories are looked up, and so are the laws of a share given the draws that are left, where these lists are short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.samplers import draw_counts
from mcdiv.significance.columns import binomial_pmf
from mcdiv.significance.statistics import against_pmf, of_tables, terms_against, terms_of_tables

#: values of the statistic of so many replicates
Simulator: TypeAlias = Callable[[int, Generator], Array]

#: NumPy draws from no urn that holds more
MAX_DRAWS = 10**9 - 1
#: entries of all tables that are looked up in
_LOOKED_UP = 2**21
#: a cell that is drawn and has its term computed takes as much time as so many that are looked up
DRAWN = 8
#: categories from which on NumPy draws one table after another, not one category of all
_WIDE = 500
#: a list of terms is worth to be made if it has this much fewer entries than the tables have
_SHORT = 8
#: entries of what is worked on at once: it stays in the cache, or at least in memory
_AT_ONCE, _CELLS = 2**14, 2**20


def cells_of_table(table: Counts) -> int:
    """What it takes to simulate such a table and its statistic, in cells of one whose cells are looked up."""
    return table.size * (1 if _is_looked_up(table) else DRAWN)


def cells_of_sample(q: Pmf, draws: int) -> int:
    """The same of a sample of N draws from Q."""
    return len(q) * (1 if (draws + 1) * len(q) <= _LOOKED_UP else DRAWN)


def _is_looked_up(table: Counts) -> bool:
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    return bool(len(rows) == 2 and ((columns + 1) * (rows.min() + 1)).sum() <= _LOOKED_UP)


def simulator_of_tables(name: str, table: Counts) -> Simulator:
    """A function that draws tables with these margins, shape (R, K), and returns their statistics."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    smaller = int(np.argmin(rows))
    if _is_looked_up(table):
        return _by_lookup(name, columns, rows, smaller)

    def some(replicates: int, generator: Generator) -> Array:
        return _of_drawn(name, _tables(rows, columns, replicates, generator), rows)

    return _in_parts(some, max(1, _CELLS // table.size))


def simulator_of_samples(name: str, q: Pmf, draws: int) -> Simulator:
    """A function that draws samples of N from Q, and returns their statistics against Q."""
    terms = None
    if (draws + 1) * len(q) <= _LOOKED_UP:
        terms = terms_against(name, np.arange(draws + 1)[None], q[:, None], draws).ravel()
    places = np.arange(len(q)) * (draws + 1)

    def some(replicates: int, generator: Generator) -> Array:
        counts = draw_counts(q, draws, replicates, generator)
        return against_pmf(name, counts, q) if terms is None else np.asarray(terms[counts + places].sum(axis=1))

    return _in_parts(some, max(1, _CELLS // len(q)))


def _in_parts(some: Simulator, size: int) -> Simulator:
    def values(replicates: int, generator: Generator) -> Array:
        sizes = [min(size, replicates - start) for start in range(0, replicates, size)]
        return np.concatenate([some(each, generator) for each in sizes])

    return values


def _tables(rows: Counts, columns: Counts, replicates: int, generator: Generator) -> Counts:
    """Tables of shape (replicates, R, K): row by row, from what the categories have left."""
    if len(rows) == 2 and len(columns) > _WIDE:
        first = generator.multivariate_hypergeometric(columns, int(rows[0]), size=replicates, method="marginals")
        return np.stack([first, columns - first], axis=1)
    tables = np.zeros((replicates, len(rows), len(columns)), dtype=np.int64)
    left = np.broadcast_to(columns, (replicates, len(columns))).copy()
    for row, size in enumerate(rows[:-1].tolist()):
        wanted, others = np.full(replicates, size), left.sum(axis=1)
        for k in range(len(columns)):
            others = others - left[:, k]
            tables[:, row, k] = generator.hypergeometric(left[:, k], others, wanted)
            wanted = wanted - tables[:, row, k]
        left -= tables[:, row]
    tables[:, -1] = left
    return tables


def _of_drawn(name: str, tables: Counts, rows: Counts) -> Array:
    """The statistics of tables; of two rows through a list of all cells up to the largest, where it is short."""
    ends = (tables.max(axis=(0, 2)) + 1).tolist()
    if len(rows) > 2 or ends[0] * ends[1] > tables.size // _SHORT:
        return of_tables(name, tables)
    cells = np.stack([each.ravel() for each in np.meshgrid(*map(np.arange, ends), indexing="ij")])
    terms = terms_of_tables(name, cells, rows)
    return np.asarray(terms[tables[:, 0] * ends[1] + tables[:, 1]].sum(axis=-1))


def _by_lookup(name: str, columns: Counts, rows: Counts, row: int) -> Simulator:
    """Of two rows: each share from the inverse of its distribution function, by bisection, and its term from a list."""
    share, terms, cumulative = rows[row] / rows.sum(), [], []
    left = int(rows.sum())
    for column in columns.tolist():
        cells = np.stack([np.arange(column + 1), column - np.arange(column + 1)])[:: 1 - 2 * row]
        terms.append(terms_of_tables(name, cells, rows))
        left -= column
        cumulative.append(_distribution_functions(column, left, int(rows[row]), float(share)))

    def some(replicates: int, generator: Generator) -> Array:
        wanted, values = np.full(replicates, rows[row]), np.zeros(replicates)
        for term, function in zip(terms[:-1], cumulative, strict=False):
            shares = _inverse(function, wanted, generator.random(replicates))
            values += term[shares]
            wanted = wanted - shares
        return np.asarray(values + terms[-1][wanted])

    return _in_parts(some, _AT_ONCE)


def _distribution_functions(column: int, left: int, largest: int, share: float) -> Array:
    """P(A ≤ a) for the share of a category where r = 0 … `largest` draws are wanted of it and of `left` others.

    Shape (largest + 1, W), W a power of two; 2 from the largest possible share on, so that none is larger.
    """
    wanted, shares = np.arange(largest + 1)[:, None], np.arange(column + 1)
    others = wanted - shares
    mine, theirs = binomial_pmf(column, share), binomial_pmf(left, share)
    weights = np.where((others >= 0) & (others <= left), mine * theirs[np.clip(others, 0, left)], 0.0)
    functions = np.full((largest + 1, 1 << column.bit_length()), 2.0)
    totals = weights.sum(axis=1, keepdims=True)
    functions[:, : column + 1] = np.cumsum(weights, axis=1) / np.where(totals > 0, totals, 1.0)
    functions[:, : column + 1][shares >= np.minimum(column, wanted)] = 2.0
    return functions


def _inverse(functions: Array, wanted: Counts, uniform: Array) -> Counts:
    """How many entries of a row of `functions` are at most `uniform`; all rows are ascending, and end in 2."""
    width = functions.shape[1]
    first, flat = wanted * width, functions.ravel()
    places, step = first.copy(), width // 2
    while step:
        places += step * (flat[places + step - 1] <= uniform)
        step //= 2
    return np.asarray(places - first)
