"""Labels of categories and of items: what has labels is paired by them, never by position.

A Series labels its entries, a DataFrame its columns, and its rows where it holds several samples. So does a mapping,
such as a dict or a Counter, by its keys, and a mapping of mappings its rows by the outer ones. `value_counts()` sorts
by count, so that the same category is seldom at the same place of two of them.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcdiv.core.catalogue import quoted

#: values over categories, with or without labels
Distributed: TypeAlias = ArrayLike | Mapping[Any, Any]
_NOT_A_NUMBER = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    """Values with a label for each entry on the last axis, and for each row where there are several."""

    values: NDArray[Any]
    #: the labels, as a list or as an index of pandas
    index: Any
    rows: Sequence[Hashable] | None = None

    @property
    def labels(self) -> list[Hashable]:
        """The labels; one that is missing is the same as any other that is."""
        return self.index if isinstance(self.index, list) else _keys(self.index)


def paired(**given: object) -> dict[str, Any]:
    """The same values over the same categories in one order; a category that one of them lacks has 0 there."""
    return matched(given, fill=0)


def matched(
    given: Mapping[str, object], *, fill: object, item: str = "category", hint: str = "add it with 0, or say fill=0"
) -> dict[str, Any]:
    """The same values over the same labels in one order, that of the first that has labels.

    With `fill=None` a label that one of them lacks is an error, else it has 0 there. Values without labels stay as they
    are. `item` is what a label is of, and `hint` what can be done about one that is missing.

    Raises
    ------
    ValueError
        A label occurs twice or is missing, two of the values have no label in common, or their rows have different
        labels; a mapping stands beside values without labels, whose order nobody knows.
    """
    labelled = {name: found for name, value in given.items() if (found := _labelled(name, value)) is not None}
    _refuse_half_labelled(given, labelled)
    if len(labelled) < 2:
        return dict(given) | {name: some.values for name, some in labelled.items() if isinstance(given[name], Mapping)}
    return dict(given) | {
        name: some.values for name, some in _over_the_same(labelled, item, hint if fill is None else None).items()
    }


def check_fill(fill: object) -> None:
    """What an argument `fill` may be; else a ValueError."""
    if fill is not None and (isinstance(fill, bool) or not isinstance(fill, (int, float)) or fill != 0):
        raise ValueError(f"fill: expected 0, or None to refuse categories that are missing, got {quoted(fill)}")


def _labelled(name: str, value: object) -> _Labelled | None:
    pandas = sys.modules.get("pandas")  # who has a Series has loaded it
    if pandas is not None and isinstance(value, pandas.Series):
        return _Labelled(values=value.to_numpy(), index=value.index)
    if pandas is not None and isinstance(value, pandas.DataFrame):
        rows = _keys(value.index) if len(value) > 1 else None
        return _Labelled(values=value.to_numpy(), index=value.columns, rows=rows)
    if not isinstance(value, Mapping):
        return None
    if value and all(isinstance(row, Mapping) for row in value.values()):
        every = list(dict.fromkeys(key for row in value.values() for key in row))
        table = [[row.get(key, 0) for key in every] for row in value.values()]
        return _Labelled(values=_array(name, table), index=every, rows=list(value) if len(value) > 1 else None)
    return _Labelled(values=_array(name, list(value.values())), index=list(value))


def _array(name: str, values: list[Any]) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except Exception:  # what an object raises that cannot become an array is its own affair
        raise ValueError(f"{name}: expected a number for each category, got {quoted(values)}") from None


def _keys(index: Any) -> list[Hashable]:
    labels: list[Hashable] = index.tolist()
    if index.nlevels > 1 or not index.hasnans:
        return labels
    return [_NOT_A_NUMBER if lost else label for label, lost in zip(labels, index.isna(), strict=True)]


def _refuse_half_labelled(given: Mapping[str, object], labelled: Mapping[str, _Labelled]) -> None:
    mapping = next((name for name, value in given.items() if isinstance(value, Mapping)), None)
    plain = next((name for name, value in given.items() if value is not None and name not in labelled), None)
    if mapping is not None and plain is not None:
        said = f"{mapping} has names for its entries, and {plain} has none"
        raise ValueError(f"{said}: give names to both, or arrays in the same order")


def _over_the_same(labelled: Mapping[str, _Labelled], item: str, hint: str | None) -> dict[str, _Labelled]:
    """All over the labels of all; with a hint, labels that one of them lacks are refused."""
    together = _of_one_set(labelled) or _spread_out(labelled, item, hint)
    rows = next((some.rows for some in together.values() if some.rows is not None), None)
    return {name: _in_order(name, some, rows) for name, some in together.items()}


def _of_one_set(labelled: Mapping[str, _Labelled]) -> dict[str, _Labelled] | None:
    """All in the order of the first where they have its labels, each once, and pandas can tell: quick for millions."""
    first = next(iter(labelled.values())).index
    together = {}
    for name, some in labelled.items():
        if isinstance(some.index, list) or isinstance(first, list):
            return None
        if some.index.equals(first):
            together[name] = some
            continue
        if len(some.index) != len(first) or not (some.index.is_unique and first.is_unique):
            return None
        order = some.index.get_indexer(first)
        if (order < 0).any():
            return None
        together[name] = replace(some, values=some.values[..., order], index=first)
    return together


def _spread_out(labelled: Mapping[str, _Labelled], item: str, hint: str | None) -> dict[str, _Labelled]:
    names, labels = list(labelled), {name: some.labels for name, some in labelled.items()}
    if all(own == labels[names[0]] for own in labels.values()):
        return dict(labelled)
    places = {name: _places(name, own, item) for name, own in labels.items()}
    for name in names[1:]:
        if not places[name].keys() & places[names[0]].keys():
            text = f"{names[0]} and {name} have no label in common; expected the same {_several(item)}"
            raise ValueError(f"{text}, or arrays (to_numpy()) to pair them by position")
    every = dict.fromkeys(label for own in labels.values() for label in own)
    union = {label: place for place, label in enumerate(every)}
    if hint is not None:
        _refuse_missing(places, union, hint)
    return {name: _spread(some, labels[name], union) for name, some in labelled.items()}


def _places(name: str, labels: Sequence[Hashable], item: str) -> dict[Hashable, int]:
    places = {label: i for i, label in enumerate(labels)}
    if len(places) < len(labels):
        twice = next(label for i, label in enumerate(labels) if places[label] != i)
        raise ValueError(f"{name}: label {_said(twice)} occurs twice; expected one entry for each {item}")
    return places


def _refuse_missing(places: Mapping[str, Mapping[Hashable, int]], union: Mapping[Hashable, int], hint: str) -> None:
    for name, own in places.items():
        lost = [label for label in union if label not in own]
        if lost:
            other = next(each for each in places if lost[0] in places[each])
            rest = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
            raise ValueError(f"{name} has no entry for {_said(lost[0])}{rest}, which {other} has; {hint}")


def _spread(some: _Labelled, labels: Sequence[Hashable], union: Mapping[Hashable, int]) -> _Labelled:
    """The values at the places of their labels, and 0 at those of others."""
    values = np.zeros((*some.values.shape[:-1], len(union)), dtype=some.values.dtype)
    values[..., [union[label] for label in labels]] = some.values
    return replace(some, values=values, index=list(union))


def _in_order(name: str, some: _Labelled, rows: Sequence[Hashable] | None) -> _Labelled:
    """The rows in the order of those labels, where there are several."""
    if rows is None or some.rows is None or some.rows == rows:
        return some
    places = {label: i for i, label in enumerate(some.rows)}
    if len(places) < len(some.rows) or places.keys() != {*rows} or len(rows) != len(some.rows):
        text = f"{name}: its rows have other labels than those before; expected the same"
        raise ValueError(f"{text}, or arrays (to_numpy()) to pair rows by position")
    return replace(some, values=some.values[[places[label] for label in rows]], rows=rows)


def _several(item: str) -> str:
    return "categories" if item == "category" else f"{item}s"


def _said(label: object) -> str:
    return "nan" if label is _NOT_A_NUMBER else quoted(repr(label))
