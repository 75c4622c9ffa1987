"""Probabilities from logits: the softmax, with its input checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from mcdiv.core.arrays import as_numbers
from mcdiv.core.catalogue import quoted
from mcdiv.core.labels import Distributed, matched


def from_logits(z: Distributed, temperature: float = 1.0) -> Any:
    """Probabilities p_k = exp(z_k/T)/Σ_j exp(z_j/T) from logits, by the softmax function (Bridle 1990).

    Parameters
    ----------
    z : array_like, shape (..., K)
        Logits over K categories, in nats; −inf is a probability of 0. Log-probabilities are logits too: those that sum
        to 1 but for roundings are divided by their sum.
    temperature : float
        T > 0. Below 1 the largest probabilities grow, above 1 all come closer to each other.

    Returns
    -------
    ndarray, shape (..., K)
        Each row sums to 1. A Series, a DataFrame or a dict keeps its labels.

    Raises
    ------
    ValueError
        An entry is NaN or +inf, a row is −inf everywhere, or the temperature is not above 0.

    Examples
    --------
    >>> from_logits([2.0, 1.0, 0.0]).round(6).tolist()
    [0.665241, 0.244728, 0.090031]
    >>> from_logits({"yes": 0.0, "no": 0.0}, temperature=0.5)
    {'yes': 0.5, 'no': 0.5}
    """
    if isinstance(temperature, bool) or not isinstance(temperature, (int, float, np.number)):
        raise ValueError(f"temperature: expected a number above 0, got {quoted(temperature)}")
    if isinstance(temperature, int) and temperature >= 2**1024:
        raise ValueError("temperature: expected a number above 0, got one beyond 1.8e+308")
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature: expected a number above 0, got {temperature:g}")
    logits = np.asarray(as_numbers(matched({"z": z}, fill=None)["z"], name="z"), dtype=np.float64)
    wrong = np.argwhere(~(logits < np.inf))
    if len(wrong):
        place = ", ".join(map(str, wrong[0].tolist()))
        raise ValueError(f"z[{place}] is {logits[tuple(wrong[0])]:g}; expected a logit: a number, or -inf")
    highest = logits.max(axis=-1, keepdims=True)
    if len(lost := np.flatnonzero(np.isneginf(highest))):
        where = f"row {int(lost[0])}" if logits.ndim > 1 else "every entry"
        raise ValueError(f"z: {where} is -inf; expected a category that is possible")
    weights = np.exp((logits - highest) / temperature)
    return _labelled_as(z, weights / weights.sum(axis=-1, keepdims=True))


def _labelled_as(z: object, pmf: Any) -> Any:
    """The probabilities with the labels that the logits had."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(z, pandas.Series):
        return pandas.Series(pmf, index=z.index, name=z.name)
    if pandas is not None and isinstance(z, pandas.DataFrame):
        return pandas.DataFrame(pmf, index=z.index, columns=z.columns)
    if isinstance(z, Mapping) and pmf.ndim == 1:
        return dict(zip(z, pmf.tolist(), strict=True))
    return pmf
