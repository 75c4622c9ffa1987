"""Estimates that are means over the draws of what each one gives: linear in the counts."""

import numpy as np

from mcdiv.core.arrays import Array, Counts, Nats


def mean_over_draws(counts: Counts, values: Array) -> Nats:
    """Σ (n_k/N) v_k, where a category without draws adds nothing, even if v_k is infinite or NaN.

    ∞ where one that was drawn is infinite, NaN where draws are ∞ and −∞, or one of them NaN.
    """
    finite = np.where(np.isfinite(values), values, 0.0)
    total = counts @ finite if values.ndim == 1 else (counts * finite).sum(axis=-1)
    mean = np.asarray(total / counts.sum(axis=-1))
    if np.isfinite(values).all():
        return mean
    drawn = counts > 0
    up, down, undefined = (
        (drawn & kind).any(axis=-1) for kind in (values == np.inf, values == -np.inf, np.isnan(values))
    )
    mean = np.where(up, np.inf, np.where(down, -np.inf, mean))
    return np.where(undefined | (up & down), np.nan, mean)
