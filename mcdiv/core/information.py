"""Entropy, cross-entropy and divergences of pmfs: the definitions, with their input checked, in any unit.

    H(P, Q) = KL(P‖Q) + H(P)

`rows` computes them, in nats of pmfs already checked; `gradients` has their slopes.
"""

from __future__ import annotations

from mcdiv.core.arrays import Nats, Pmf, as_pmf, check_batches
from mcdiv.core.labels import Distributed, check_fill, matched, paired
from mcdiv.core.rows import (
    cross_entropy_nats,
    entropy_nats,
    jeffreys_divergence_nats,
    js_divergence_nats,
    kl_divergence_nats,
)
from mcdiv.core.units import Units, nats_per


def entropy(p: Distributed, *, units: Units = "nats", normalise: bool = False) -> Nats:
    """Entropy H(P) = −Σ p_k ln p_k (Shannon 1948), with 0 ln 0 = 0.

    Parameters
    ----------
    p : array_like, shape (..., K)
        Probabilities over K categories; each row sums to 1 (within 1e-9, in float32 within 2e-6). Or a dict of them.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.

    Returns
    -------
    ndarray, shape (...), in `units`

    Raises
    ------
    ValueError
        An entry is negative or not finite, or a row does not sum to 1; the message names it.

    Examples
    --------
    >>> float(entropy([0.5, 0.5], units="bits"))
    1.0
    """
    return entropy_nats(as_pmf(paired(p=p)["p"], normalise=normalise)) / nats_per(units)


def cross_entropy(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Nats:
    """Cross-entropy H(P, Q) = −Σ p_k ln q_k.

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two of pandas, or two dicts, are paired by their labels.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.

    Returns
    -------
    ndarray, shape (...), in `units`
        +inf where some p_k > 0 has q_k = 0. Categories with p_k = 0 add nothing, whatever q_k is.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> float(cross_entropy([0.5, 0.5], [0.25, 0.75]).round(6))
    0.836988
    """
    return cross_entropy_nats(*as_pair(p, q, normalise=normalise, fill=fill)) / nats_per(units)


def kl_divergence(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Nats:
    """Kullback–Leibler divergence KL(P‖Q) = Σ p_k ln(p_k/q_k) (Kullback & Leibler 1951).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two of pandas, or two dicts, are paired by their labels.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.

    Returns
    -------
    ndarray, shape (...), in `units`
        Never negative, 0 only for P = Q, and accurate to 1e-12 relative however close Q is to P;
        +inf where some p_k > 0 has q_k = 0.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> float(kl_divergence([0.5, 0.5], [0.6, 0.4]).round(6))
    0.020411
    """
    return kl_divergence_nats(*as_pair(p, q, normalise=normalise, fill=fill)) / nats_per(units)


def js_divergence(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Nats:
    """Jensen–Shannon divergence JS(P, Q) = H((P+Q)/2) − (H(P) + H(Q))/2 (Lin 1991).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two of pandas, or two dicts, are paired by their labels.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.

    Returns
    -------
    ndarray, shape (...), in `units`
        Between 0 and ln 2, symmetric and always finite. `scipy.spatial.distance.jensenshannon` is its root.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> float(js_divergence([1, 0], [0, 1], units="bits"))
    1.0
    """
    return js_divergence_nats(*as_pair(p, q, normalise=normalise, fill=fill)) / nats_per(units)


def jeffreys_divergence(
    p: Distributed, q: Distributed, *, units: Units = "nats", normalise: bool = False, fill: float | None = None
) -> Nats:
    """Jeffreys divergence KL(P‖Q) + KL(Q‖P) (Jeffreys 1946): in drift monitoring, the population stability index (PSI).

    Parameters
    ----------
    p, q : array_like, shape (..., K)
        Probabilities over the same K categories; they broadcast, and each sums to 1 (within 1e-9, in float32 within
        2e-6). Two of pandas, or two dicts, are paired by their labels.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide each row by its sum first, whatever that is.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.

    Returns
    -------
    ndarray, shape (...), in `units`
        Symmetric; +inf where one of the two lacks a category that the other has.

    Raises
    ------
    ValueError
        An entry is negative or not finite, a row does not sum to 1, or the categories differ.

    Examples
    --------
    >>> float(jeffreys_divergence([0.5, 0.5], [0.6, 0.4]).round(6))
    0.040547
    """
    return jeffreys_divergence_nats(*as_pair(p, q, normalise=normalise, fill=fill)) / nats_per(units)


def as_pair(p: Distributed, q: Distributed, *, normalise: bool, fill: float | None = None) -> tuple[Pmf, Pmf]:
    """Two pmfs or batches of them over the same categories, checked; what has labels is paired by them."""
    check_fill(fill)
    given = matched({"p": p, "q": q}, fill=fill)
    first, second = (as_pmf(values, name=name, normalise=normalise) for name, values in given.items())
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(f"p has {first.shape[-1]} categories, q has {second.shape[-1]}; they must be the same")
    check_batches(p=first, q=second)
    return first, second
