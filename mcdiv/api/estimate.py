"""Estimates from counts, from Python: the checked door to the estimators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, overload

import numpy as np

from mcdiv.core.arrays import Nats, Sample, is_sparse
from mcdiv.core.catalogue import check_name
from mcdiv.core.domains import check_parameters
from mcdiv.core.labels import Distributed
from mcdiv.core.spelling import read_spelling
from mcdiv.core.units import Units
from mcdiv.estimands.contract import estimand_of, scale_of
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.sharing import SharedSamples
from mcdiv.observed.samples import entry_of, in_rows, needed, sample_of
from mcdiv.observed.sparse import stored_counts


@overload
def estimate(
    estimand: str,
    counts: Distributed,
    *,
    estimator: str = "plugin",
    q: Distributed | None = None,
    counts_q: Distributed | None = None,
    p: Distributed | None = None,
    drawn_from: Distributed | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
    **parameters: Any,
) -> Nats: ...


@overload
def estimate(
    estimand: str,
    counts: Distributed,
    *,
    estimator: list[str] | tuple[str, ...],
    q: Distributed | None = None,
    counts_q: Distributed | None = None,
    p: Distributed | None = None,
    drawn_from: Distributed | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
) -> dict[str, Nats]: ...


def estimate(
    estimand: str,
    counts: Distributed,
    *,
    estimator: str | list[str] | tuple[str, ...] = "plugin",
    q: Distributed | None = None,
    counts_q: Distributed | None = None,
    p: Distributed | None = None,
    drawn_from: Distributed | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
    **parameters: Any,
) -> Nats | dict[str, Nats]:
    """Estimate entropy, cross-entropy or KL divergence from counts.

    Parameters
    ----------
    estimand : str
        A name from `mcdiv list estimands`, with its parameters where it has some: "renyi(order=2)".
    counts : array_like of whole numbers, shape (..., K)
        Draws from P per category; every row holds at least one. Zeros count as categories. Where several arguments are
        pandas objects or dicts, they are paired by their labels; a category that one of them lacks has 0 there.
        Of an estimand of a joint alphabet, such as "mutual_information", tables of shape (..., K, L): a row for each
        value of X, a column for each of Y. A sparse matrix of SciPy, (R, K), is never made dense where nothing else is
        given.
    estimator : str, or list of str
        A name from `mcdiv list estimators`, or several, which share the work on the counts. Parameters may be given
        with the name: "additive(alpha=0.5)". If left out it is the plug-in, which is biased unless N is far above K.
    q : array_like, shape (..., K), optional
        The model Q, where it is known.
    counts_q : array_like, shape (..., K), optional
        Draws from Q, where it is known only through them.
    p : array_like, shape (..., K), optional
        The truth, for the estimators that know both pmfs: k1, k2, k3, and those of "kl_gradient".
    drawn_from : array_like, shape (..., K), optional
        What the counts were drawn from, where it is not P: for estimators that know both pmfs.
    alphabet_size : int, optional
        K, where it is more than the categories given. Categories that no draw was seen of cost nothing for most
        estimators, so that it may be 10^12; the others say so where it is too large.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide `q`, `p` and `drawn_from` by their sums first, whatever these are.
    **parameters
        Those of a single estimator: `alpha=0.5` for "additive".

    Returns
    -------
    ndarray, shape (...), in `units`; for several estimators a dict of them under the names given
        One estimate per row of counts, the same for one estimator as among several; `pandas.DataFrame` makes a table
        of the dict. What can be infinite or undefined is told on the estimator's card.

    Raises
    ------
    ValueError
        Counts, pmf, names or parameters that do not fit; the message names place and value.

    Examples
    --------
    >>> float(estimate("entropy", [4, 2, 3, 1], estimator="miller_madow").round(6))
    1.429854
    >>> float(estimate("kl_divergence", [5, 5], q=[1, 0], estimator="plugin"))
    inf
    >>> found = estimate("entropy", [[4, 2], [3, 3]], estimator=["plugin", "additive(alpha=1)"], units="bits")
    >>> {name: values.round(3).tolist() for name, values in found.items()}
    {'plugin': [0.918, 1.0], 'additive(alpha=1)': [0.954, 1.0]}
    """
    check_name("estimand", estimand)
    joint = estimand_of(estimand).needs_joint
    if is_sparse(counts) and not joint and q is None and counts_q is None and p is None:
        options: dict[str, Any] = {"estimator": estimator, "units": units, **parameters}
        return _of_sparse(estimand, counts, alphabet_size, options)
    spellings = _spellings(estimator, parameters)
    sample = sample_of(
        counts,
        q=q,
        counts_q=counts_q,
        p=p,
        o=drawn_from,
        alphabet_size=alphabet_size,
        normalise=normalise,
        joint=joint,
    )
    chosen = {text: _chosen(estimand, text, parameters, sample) for text in spellings}
    rows, shape = in_rows(sample)
    shared, unit = SharedSamples(rows), scale_of(estimand, units)
    estimates = {text: np.asarray(_evaluated(*choice, shared).reshape(shape) / unit) for text, choice in chosen.items()}
    return estimates[estimator] if isinstance(estimator, str) else estimates


def _of_sparse(
    estimand: str, matrix: Any, alphabet_size: int | None, options: dict[str, Any]
) -> Nats | dict[str, Nats]:
    """The estimates of a sparse matrix, a few rows at a time."""
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"counts: expected a row for each sample, shape (R, K), got shape {matrix.shape}")
    size = matrix.shape[1] if alphabet_size is None else alphabet_size
    if isinstance(size, int) and size < matrix.shape[1]:
        raise ValueError(f"alphabet_size is {size}, but counts has {matrix.shape[1]:,} columns")
    parts = [estimate(estimand, some, alphabet_size=size, **options) for some in stored_counts(matrix)]
    if isinstance(parts[0], dict):
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return np.concatenate(parts)


def _spellings(estimator: object, parameters: Mapping[str, Any]) -> list[str]:
    """The estimators asked for, as they are spelled; a ValueError where they are no names."""
    if not isinstance(estimator, list | tuple):
        check_name("estimator", estimator)
        return [str(estimator)]
    for name in estimator:
        check_name("estimator", name)
    if not estimator:
        raise ValueError("estimator: expected a name, or a list of names, got an empty one")
    if parameters:
        given = ", ".join(parameters)
        raise ValueError(f"{given}: of several estimators, give parameters with the name, as in additive(alpha=0.5)")
    return list(estimator)


def _chosen(
    estimand: str, spelling: str, parameters: Mapping[str, Any], sample: Sample
) -> tuple[Estimator, dict[str, Any]]:
    """The estimator of that spelling for such a sample, and all its parameters."""
    name, spelled = read_spelling(spelling)
    entry = entry_of(estimand, name, sample)
    for twice in spelled.keys() & parameters.keys():
        raise ValueError(f"{spelling}: {twice} is given twice")
    return entry, check_parameters(name, {**spelled, **parameters}, entry.parameters)


def _evaluated(entry: Estimator, parameters: dict[str, Any], shared: SharedSamples) -> Nats:
    """Estimates of shape (R,), where some columns may stand for categories that nobody counts one by one."""
    sample = shared.sample
    if sample.multiplicity is not None:
        if not entry.accepts_multiplicities:
            sample = needed(sample, entry.name, ignores_unseen=Property.IGNORES_UNSEEN in entry.properties)
        return entry.evaluate(sample, parameters)
    if entry.lift is None:
        return entry.evaluate(shared.given_to(entry), parameters)
    source = entry.lift.source
    return shared.lifted(entry.lift, source.evaluate(shared.given_to(source), parameters))
