"""What varies in the grid of a study: parameters of P and of Q, M and N, as factors that pictures are laid out by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import pandas as pd

from mcdiv.core.number_format import figure
from mcdiv.results.plots.figure_style import count

_SYMBOLS = {"truth": "P", "model": "Q", "model_sample_size": "M", "sample_size": "N"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One column of a run's tables that has several values."""

    #: such as "truth_k", "truth" or "sample_size"
    column: str
    #: as axes call it: "k of P", "P" or "N"
    symbol: str
    #: its values: numbers in ascending order, others in that of the tables, what is missing last
    levels: tuple[Any, ...]

    def word(self, level: object) -> str:
        """A level as axes say it."""
        if pd.isna(level):  # type: ignore[call-overload]
            return "none"
        if not isinstance(level, Real):
            return str(level)
        if self.column.endswith("sample_size"):
            return count(float(level))
        return figure(float(level))

    def places(self, table: pd.DataFrame) -> "pd.Series[int]":
        """Which of the levels each row of a table has."""
        known = {_key(level): place for place, level in enumerate(self.levels)}
        return pd.Series([known[_key(level)] for level in table[self.column]], index=table.index, dtype=int)


def factors(table: pd.DataFrame) -> list[Factor]:
    """The factors of a table of conditions, outermost first: those of P, of Q, M and N.

    P varies as its parameters do where these are all that varies and every level of one occurs with every level of
    the others; else its labels are the levels of one factor. The same holds for Q.
    """
    columns = [*_of_law(table, "truth"), *_of_law(table, "model"), "model_sample_size", "sample_size"]
    return [
        Factor(column=column, symbol=_symbol(column), levels=_levels(table[column]))
        for column in columns
        if column in table.columns and table[column].nunique(dropna=False) > 1
    ]


def independent(table: pd.DataFrame, among: Sequence[Factor]) -> list[Factor]:
    """The factors without those that the others decide: first M, as where it goes along with N, then Q, N and P."""
    kept = list(among)
    for factor in sorted(among, key=lambda one: "MQNP".index(one.symbol[-1])):
        others = [other.column for other in kept if other is not factor]
        if others and table.groupby(others, dropna=False, sort=False)[factor.column].nunique(dropna=False).max() == 1:
            kept.remove(factor)
    return kept


def _of_law(table: pd.DataFrame, role: str) -> list[str]:
    """The columns of the parameters of P or Q that tell its labels apart, or that of the labels."""
    named = [str(name) for name in table.columns if str(name).startswith(f"{role}_") and name != f"{role}_sample_size"]
    varied = [name for name in named if table[name].nunique(dropna=False) > 1]
    labels = table[role].nunique(dropna=False)
    crossed = math.prod(table[name].nunique(dropna=False) for name in varied) == labels
    told = bool(varied) and table.groupby(varied, dropna=False, sort=False)[role].nunique(dropna=False).max() == 1
    return varied if crossed and told else [role]


def _levels(values: "pd.Series[Any]") -> tuple[Any, ...]:
    there = list(dict.fromkeys(values.dropna().tolist()))
    if all(isinstance(level, Real) for level in there):
        there.sort()
    return (*there, None) if values.isna().any() else tuple(there)


def _key(level: object) -> object:
    return None if pd.isna(level) else level  # type: ignore[call-overload]


def _symbol(column: str) -> str:
    if column in _SYMBOLS:
        return _SYMBOLS[column]
    role, _, name = column.partition("_")
    return f"{name} of {_SYMBOLS[role]}"
