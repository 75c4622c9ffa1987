"""Counts and pmfs as they are given in a call, checked, and the estimator that fits them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.alphabets import listed, over_alphabet
from mcdiv.core.arrays import Sample, as_counts, as_pmf, check_batches, shape_of
from mcdiv.core.catalogue import did_you_mean
from mcdiv.core.labels import Distributed, paired
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Design, Estimator
from mcdiv.estimators.registry import entries_of, find, names
from mcdiv.scenario.plugins import installed


def sample_of(
    counts: Distributed,
    *,
    q: Distributed | None = None,
    counts_q: Distributed | None = None,
    p: Distributed | None = None,
    o: Distributed | None = None,
    alphabet_size: int | None = None,
    normalise: bool = False,
    joint: bool = False,
) -> Sample:
    """What was given, checked: each by itself, and that they go together; counts as tables where they are `joint`."""
    if q is not None and counts_q is not None:
        raise ValueError("q and counts_q are both given: the model is either known or sampled")
    if p is not None and q is None:
        raise ValueError("p is given without q: estimators that know P know Q as well")
    if joint and alphabet_size is not None:
        raise ValueError("alphabet_size: a table of counts has all its rows and columns; add those without draws to it")
    if o is not None and p is None:
        raise ValueError("drawn_from is given without p: only estimators that know P and Q can be used on such draws")
    given = paired(counts=counts, p=p, counts_q=counts_q, q=q, drawn_from=o)
    sample = Sample(
        counts=as_counts(given["counts"], table=joint),
        shape=shape_of(given["counts"]) if joint else None,
        counts_q=None if counts_q is None else as_counts(given["counts_q"], name="counts_q"),
        q=None if q is None else as_pmf(given["q"], name="q", normalise=normalise),
        p=None if p is None else as_pmf(given["p"], normalise=normalise),
        o=None if o is None else as_pmf(given["drawn_from"], name="drawn_from", normalise=normalise),
    )
    check_batches(counts=sample.counts, counts_q=sample.counts_q, q=sample.q, p=sample.p, drawn_from=sample.o)
    if alphabet_size is not None:
        sample = over_alphabet(sample, alphabet_size)
    categories = sample.counts.shape[-1]
    for name, other in (("q", sample.q), ("counts_q", sample.counts_q), ("p", sample.p), ("drawn_from", sample.o)):
        if other is not None and other.shape[-1] != categories:
            raise ValueError(f"{name} has {other.shape[-1]} categories, counts has {categories}; they must be the same")
    return sample


def in_rows(sample: Sample) -> tuple[Sample, tuple[int, ...]]:
    """The samples on one axis, counts (R, K), and the shape (...) that their estimates have."""
    shape = check_batches(counts=sample.counts, counts_q=sample.counts_q, q=sample.q, p=sample.p, o=sample.o)

    def rows(array: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(array, (*shape, array.shape[-1])).reshape(-1, array.shape[-1])

    return replace(
        sample,
        counts=rows(sample.counts),
        multiplicity=None if sample.multiplicity is None else rows(sample.multiplicity),
        counts_q=None if sample.counts_q is None else rows(sample.counts_q),
        q=sample.q if sample.q is None or sample.q.ndim == 1 else rows(sample.q),
        p=sample.p if sample.p is None or sample.p.ndim == 1 else rows(sample.p),
        o=sample.o if sample.o is None or sample.o.ndim == 1 else rows(sample.o),
    ), shape


def needed(sample: Sample, name: str, *, ignores_unseen: bool) -> Sample:
    """The sample with a column for every category that `name` looks at, or a ValueError where these are too many."""
    return replace(sample, multiplicity=None) if ignores_unseen else listed(sample, name)


def entry_of(estimand: str, name: str, sample: Sample) -> Estimator:
    """The estimator of that name for such a sample; a ValueError says which there are instead."""
    given = [name for name in ("q", "counts_q", "p") if getattr(sample, name) is not None]
    if given and not estimand_of(estimand).needs_model:
        raise ValueError(f"{estimand} has no model: leave out {given[0]}")
    return entry_designed(estimand, name, _design(sample, estimand))


def _design(sample: Sample, estimand: str) -> Design:
    if not estimand_of(estimand).needs_model:
        return "sample"
    if sample.p is not None:
        return "pmfs_known"
    return "model_sampled" if sample.counts_q is not None else "model_known" if sample.q is not None else "sample"


def look_outside(name: str) -> None:
    """Load what is installed from elsewhere only for a name that mcdiv does not know."""
    if not entries_of(name):
        installed()


def entry_designed(estimand: str, name: str, design: Design) -> Estimator:
    """The catalogue's entry, or a ValueError that says which there are instead."""
    estimand_of(estimand)  # refuses what is none
    look_outside(name)
    if not entries_of(name):
        raise ValueError(did_you_mean("estimator", name, names()))
    entry = find(estimand, name, design)
    if entry is not None:
        return entry
    needs = {
        "sample": "counts alone",
        "model_known": "a known model (q)",
        "model_sampled": "draws from the model (counts_q)",
        "pmfs_known": "both pmfs (p and q)",
    }
    if otherwise := [needs[other.design] for other in entries_of(name) if other.estimand == estimand]:
        raise ValueError(f"{name} estimates {estimand} from {' or '.join(otherwise)}, not from {needs[design]}")
    offered = [f"{other.estimand} from {needs[other.design]}" for other in entries_of(name)]
    raise ValueError(f"{name} does not estimate {estimand} from {needs[design]}; it estimates {', '.join(offered)}")
