"""Sums with weights in which what has no weight adds nothing."""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array


def weighted_sum(weights: Array, values: Array) -> Array:
    """Σ w x over the last axis; 0 · ∞ and 0 · NaN are 0."""
    total = np.asarray(np.einsum("...k,...k->...", weights, values))
    if np.isnan(total).any():
        total = np.asarray(np.where(weights == 0, 0.0, weights * values).sum(axis=-1))
    return total
