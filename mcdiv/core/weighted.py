"""Weighted values: which are distinct, how much weight each has, and the quantiles of their law."""

from collections.abc import Sequence

import numpy as np

from mcdiv.core.arrays import Array

#: values that differ by less, relative to the largest, are one: they differ by roundings
SAME = 1e-12


def distinct(values: Array, *weights: Array) -> tuple[Array, list[Array]]:
    """The distinct values in ascending order, infinities last, and the sums of their weights; NaN is left out."""
    is_number = ~np.isnan(values)
    values, weights = values[is_number], tuple(weight[is_number] for weight in weights)
    if not values.size:
        return values, [*weights]
    order = np.argsort(values, kind="stable")
    values = values[order]
    scale = np.abs(values[np.isfinite(values)]).max(initial=0.0)
    with np.errstate(invalid="ignore"):  # equal infinities: no step
        starts = np.concatenate([[0], np.flatnonzero(np.diff(values) > SAME * scale) + 1])
    return values[starts], [np.add.reduceat(weight[order], starts) for weight in weights]


def central(values: Array, weights: Array, level: float) -> tuple[float, float, float]:
    """The quantiles between which a value falls with at least this probability, and with which it does.

    `values` are distinct and ascending, `weights` their probabilities.
    """
    below = np.cumsum(weights)
    low, high = (
        min(int(np.searchsorted(below, quantile * below[-1])), len(values) - 1)
        for quantile in ((1 - level) / 2, (1 + level) / 2)
    )
    return float(values[low]), float(values[high]), float(weights[low : high + 1].sum())


def binned(
    values: Array, weights: Array, amounts: Sequence[Array], bins: int, tail: float
) -> tuple[Array, list[Array]]:
    """Edges of bins of one width, and the sums of amounts in each; the first and last bin are wider, for the tails.

    `values` are finite and ascending; a tail begins where so much of the weights is left.
    """
    below = np.cumsum(weights) / weights.sum()
    first, last = np.searchsorted(below, [tail, 1 - tail])
    inner = np.linspace(values[first], values[min(last, len(values) - 1)], bins - 1)
    edges = np.unique(np.concatenate([values[:1], inner, values[-1:]]))
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return edges, [np.bincount(places, amount, minlength=len(edges) - 1).astype(np.float64) for amount in amounts]
