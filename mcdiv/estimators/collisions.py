"""Estimators of the probability that two draws coincide."""

from typing import Any

import numpy as np

from mcdiv.core.arrays import Counts, Nats, over_categories
from mcdiv.estimators.contract import Property, ReferenceValue, estimator


@estimator(
    "collision_probability",
    reference_values=[
        ReferenceValue(counts=(3, 2, 1), value=4 / 15, origin="by hand: (6 + 2)/30", estimand="collision_probability")
    ],
    properties={Property.NONNEGATIVE, Property.IGNORES_UNSEEN, Property.CONSISTENT},
)
def coincidences(counts: Counts) -> Nats:
    """The share of pairs of draws that coincide: unbiased.

    Formula: Ĉ = Σ n_k (n_k − 1) / (N (N − 1))
    Valid:   N ≥ 2; undefined (NaN) for a single draw, which makes no pair
    Source:  Simpson (1949), Measurement of diversity
    """
    pairs: Any = over_categories(counts * (counts - 1.0))
    draws = over_categories(counts).astype(np.float64)
    return np.asarray(np.where(draws > 1, pairs / np.maximum(draws * (draws - 1), 1), np.nan))
