"""The gradients of cross-entropy and KL divergence by the probabilities of Q, with their input checked."""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.core.information import as_pair
from mcdiv.core.labels import Distributed
from mcdiv.core.units import Units, nats_per


def cross_entropy_gradient(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Array:
    """Gradient ∂H(P, Q)/∂q_k = −p_k/q_k, of each q_k as a free variable.

    On the simplex (Σ q_k = 1) it is constant over k exactly at Q = P: there cross-entropy has its minimum.

    Parameters
    ----------
    p, q, units, normalise, fill
        As `cross_entropy` has them.

    Returns
    -------
    ndarray, shape (..., K), in `units`
        0 where p_k = 0, −inf where only q_k = 0, and for slopes beyond 1.8e308. Of what has labels it has the
        categories of `p` in their order, then those that only `q` has.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> cross_entropy_gradient([0.5, 0.5], [0.25, 0.75]).round(4).tolist()
    [-2.0, -0.6667]
    """
    first, second = np.broadcast_arrays(*as_pair(p, q, normalise=normalise, fill=fill))
    with np.errstate(divide="ignore", over="ignore"):  # beyond floats it is as good as infinite
        ratio: Array = np.divide(first, second, out=np.zeros(first.shape), where=first > 0)
    return np.asarray((0.0 - ratio) / nats_per(units))


def kl_divergence_gradient(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Array:
    """Gradient ∂KL(P‖Q)/∂q_k = −p_k/q_k: the same as that of cross-entropy.

    They differ by H(P), which does not depend on Q. This is why minimising cross-entropy minimises KL.

    Parameters
    ----------
    p, q, units, normalise, fill
        As `cross_entropy` has them.

    Returns
    -------
    ndarray, shape (..., K), in `units`
        As `cross_entropy_gradient` returns it.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> kl_divergence_gradient([0.5, 0.5], [0.25, 0.75]).round(4).tolist()
    [-2.0, -0.6667]
    """
    return cross_entropy_gradient(p, q, units=units, normalise=normalise, fill=fill)
