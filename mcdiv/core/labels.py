"""Labels of categories: what pandas holds is paired by label, never by position.

`value_counts()` sorts by count, so that the same category is seldom at the same place of two of them.
"""

import sys
from typing import Any

from numpy.typing import ArrayLike


def same_items(**given: object) -> dict[str, Any]:
    """The same values for the same items in one order, that of the first Series; values without labels as they are.

    Raises
    ------
    ValueError
        Two Series have not the same labels, or one occurs twice where their order differs.
    """
    pandas = sys.modules.get("pandas")  # who has a Series has loaded it
    labelled: dict[str, Any] = {
        name: value for name, value in given.items() if pandas and isinstance(value, pandas.Series)
    }
    if not labelled:
        return dict(given)
    first, *others = labelled
    labels = labelled[first].index
    for name in others:
        own = labelled[name].index
        if own.equals(labels):
            continue
        for index, which, other in ((labels, first, name), (own, name, first)):
            if not index.is_unique:
                raise ValueError(
                    f"{which}: label {index[index.duplicated()][0]!r} occurs twice; expected one value an item"
                )
            if len(lost := index.difference(labelled[other].index, sort=False)):
                text = f"{other} has nothing for label {lost[0]!r} of {which}; expected the same labels"
                raise ValueError(f"{text}, or arrays (to_numpy()) to pair by position")
        labelled[name] = labelled[name].loc[labels]
    return dict(given) | labelled


def paired(**given: ArrayLike | None) -> dict[str, Any]:
    """The same values over the same categories in one order, that of the first that has labels.

    A Series labels its entries, a DataFrame its columns, and its rows where it holds several samples. A category that
    one of them lacks has 0 there. Values without labels stay as they are.

    Raises
    ------
    ValueError
        A label occurs twice, two of the values have no label in common, or their rows have different labels.
    """
    pandas = sys.modules.get("pandas")  # who has a Series has loaded it
    kinds = (pandas.Series, pandas.DataFrame) if pandas else ()
    labelled: dict[str, Any] = {name: value for name, value in given.items() if kinds and isinstance(value, kinds)}
    if len(labelled) < 2:
        return dict(given)
    first = next(iter(labelled))
    labels, rows = _labels(labelled[first]), None
    for name, value in labelled.items():
        own = _labels(value)
        if not own.is_unique:
            raise ValueError(f"{name}: label {own[own.duplicated()][0]!r} occurs twice; expected one entry a category")
        if not own.isin(_labels(labelled[first])).any():
            text = f"{first} and {name} have no label in common; expected the same categories"
            raise ValueError(f"{text}, or arrays (to_numpy()) to pair them by position")
        labels = labels if own.equals(labels) else labels.union(own, sort=False)
        if value.ndim == 2 and len(value) > 1:
            rows = value.index if rows is None else rows
            if not (value.index.is_unique and value.index.sort_values().equals(rows.sort_values())):
                text = f"{name}: its rows have other labels than those before; expected the same"
                raise ValueError(f"{text}, or arrays (to_numpy()) to pair rows by position")
    return dict(given) | {name: _ordered(value, labels, rows) for name, value in labelled.items()}


def _labels(value: Any) -> Any:
    return value.index if value.ndim == 1 else value.columns


def _ordered(value: Any, labels: Any, rows: Any) -> Any:
    if not _labels(value).equals(labels):
        value = value.reindex(labels, fill_value=0) if value.ndim == 1 else value.reindex(columns=labels, fill_value=0)
    return value.loc[rows] if value.ndim == 2 and len(value) > 1 and not value.index.equals(rows) else value
