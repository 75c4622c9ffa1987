"""A joint alphabet: its categories are pairs (X, Y), cells of a table with a row for each X and a column for each Y.

Everywhere else the cells are K·L categories like any others, row by row on one axis; the shape (K, L) goes with them.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Pmf, Shape
from mcdiv.core.log_ratios import log_where
from mcdiv.core.rounding import ROUNDING

T = TypeVar("T", np.float64, np.int64)


def as_table(values: NDArray[T], shape: Shape | None, name: str) -> NDArray[T]:
    """Cells (..., K·L) as a table (..., K, L); a ValueError where the categories are no pairs, which `name` needs."""
    if shape is None:
        raise ValueError(f"{name} needs a joint alphabet: categories that are pairs")
    return values.reshape(*values.shape[:-1], *shape)


def margins(table: NDArray[T]) -> tuple[NDArray[T], NDArray[T], NDArray[T]]:
    """Of X, of Y and of the pairs: shapes (..., K), (..., L) and (..., K·L)."""
    return table.sum(axis=-1), table.sum(axis=-2), table.reshape(*table.shape[:-2], -1)


def entropies_slope(joint: Pmf, weights: tuple[float, float, float]) -> Array:
    """The derivative of a H(X) + b H(Y) + c H(X, Y) in each probability, but for a constant; shape (..., K, L)."""
    of_x, of_y, of_both = (-weight * log_where(part) for weight, part in zip(weights, margins(joint), strict=True))
    terms = [of_x[..., :, np.newaxis], of_y[..., np.newaxis, :], of_both.reshape(joint.shape)]
    slope = np.asarray(terms[0] + terms[1] + terms[2])
    size = abs(terms[0]) + abs(terms[1]) + abs(terms[2])
    return np.where(abs(slope) <= ROUNDING * size, 0.0, slope)
