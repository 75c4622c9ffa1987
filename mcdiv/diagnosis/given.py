"""The two pmfs as they were given, without a correction: what doctor looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, as_numbers
from mcdiv.core.catalogue import quoted
from mcdiv.core.number_format import figure

#: what numbers may stand for
Kind: TypeAlias = Literal["probabilities", "counts", "logprobs", "logits"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: how far from 1 the exponentials of negative numbers may sum that are log-probabilities for certain
_NEAR_1 = 0.02
#: beyond it, exponentials of so many entries can have an infinite sum
_MAX_LOG = 600.0
#: entries of what is looked at thousands of times over: a vocabulary fits
MAX_ENTRIES = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """P or Q as given."""

    name: str
    #: shape (B, K): the numbers themselves
    numbers: Array
    kind: Kind
    #: whether somebody said the kind, or the numbers alone did
    said: bool
    #: shape (B, K): the probabilities that they stand for, not divided by their sum unless the kind does so; None
    #: where the numbers stand for none
    probabilities: Array | None
    #: the names of the categories; empty where they have none
    labels: tuple[str, ...] = ()
    #: whether they were divided by their sum because that was asked for
    divided: bool = False
    #: what keeps them from being probabilities, a sentence; empty if nothing
    wrong: str = ""

    def entry(self, row: int, category: int) -> str:
        """An entry in a sentence: the name of its category, or its place."""
        if self.labels:
            return f"'{quoted(self.labels[category])}'" + (f" of row {row}" if len(self.numbers) > 1 else "")
        return _entry(self.name, (row, category), self.numbers)

    @property
    def sums(self) -> Array:
        """The sum of each row's probabilities, shape (B,)."""
        assert self.probabilities is not None
        return np.array([math.fsum(row) for row in self.probabilities.tolist()])


def side_of(
    name: str, values: Any, kind: str | None = None, *, labels: tuple[str, ...] = (), normalise: bool = False
) -> Side:
    """One side, as its kind says or, without one, as the numbers do.

    Raises
    ------
    ValueError
        These are no numbers in one dimension or two.
    """
    numbers = np.asarray(as_numbers(values, name=name), np.float64)
    if numbers.ndim > 2:
        wanted = "a pmf, shape (K,), or a batch, shape (B, K)"
        raise ValueError(f"{name}: expected {wanted}, got {numbers.ndim} dimensions")
    rows = np.atleast_2d(numbers)
    known = _kind_of(rows) if kind is None else cast("Kind", kind)
    wrong = _wrong(name, rows, known, said=kind is not None)
    probabilities = None if wrong else _probabilities(rows, known)
    if probabilities is not None and normalise:
        probabilities = probabilities / probabilities.sum(axis=-1, keepdims=True)
    return Side(
        name=name,
        numbers=rows,
        kind=known,
        said=kind is not None,
        probabilities=probabilities,
        divided=normalise,
        labels=labels if len(labels) == rows.shape[1] else (),
        wrong=wrong,
    )


def _kind_of(rows: Array) -> Kind:
    """Log-probabilities where nothing else can be meant, else probabilities."""
    if not (rows <= 0).all() or not (rows < 0).any():
        return "probabilities"
    sums = np.exp(rows).sum(axis=-1)
    return "logprobs" if (np.abs(sums - 1) <= _NEAR_1).all() else "probabilities"


def _wrong(name: str, rows: Array, kind: Kind, *, said: bool) -> str:
    """Why these can be no such thing; empty if they can."""
    if at := _first(np.isnan(rows)):
        return f"{_entry(name, at, rows)} is NaN, and so is every sum with it"
    if at := _first(rows == np.inf):
        return f"{_entry(name, at, rows)} is ∞"
    return (
        _no_logarithms(name, rows, kind) if kind in ("logprobs", "logits") else _no_weights(name, rows, kind, said=said)
    )


def _no_logarithms(name: str, rows: Array, kind: Kind) -> str:
    empty = np.flatnonzero(~(rows > -np.inf).any(axis=-1))
    if empty.size:
        return f"{name}: every entry of row {empty[0]} is −∞"
    if kind == "logprobs" and (at := _first(rows > _MAX_LOG)):
        value = figure(float(rows[at]))
        return f"{_entry(name, at, rows)} is {value}, which is no log-probability: its exponential is too large"
    return ""


def _no_weights(name: str, rows: Array, kind: Kind, *, said: bool) -> str:
    if at := _first(rows < 0):
        none = "no count" if kind == "counts" else "no probability"
        hint = "" if said else f"; if {name} holds logits or log-probabilities, say so ({name}_as, --{name}-as)"
        return f"{_entry(name, at, rows)} is {figure(float(rows[at]))}, which is {none}{hint}"
    empty = np.flatnonzero(~(rows > 0).any(axis=-1))
    if empty.size:
        return f"{name}: every entry of row {empty[0]} is 0"
    with np.errstate(over="ignore"):
        beyond = np.flatnonzero(np.isinf(rows.sum(axis=-1)))
    return f"{name}: the sum of row {beyond[0]} is above the largest float64" if beyond.size else ""


def _first(wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    """Where the first of them is; empty if there is none."""
    places = np.argwhere(wrong)
    return tuple(places[0].tolist()) if len(places) else ()


def _entry(name: str, at: tuple[int, ...], rows: Array) -> str:
    return f"{name}[{', '.join(map(str, at if len(rows) > 1 else at[1:]))}]"


def _probabilities(rows: Array, kind: Kind) -> Array:
    if kind == "probabilities":
        return rows
    if kind == "logprobs":
        return np.asarray(np.exp(rows))
    with np.errstate(over="ignore"):  # two logits further apart than float64 reaches: the lower one's share is 0
        weights = rows if kind == "counts" else np.exp(rows - rows.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
