"""One estimate, or one exact performance, from Python: the checked door to estimators and exact values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcdiv.core.alphabets import listed, over_alphabet
from mcdiv.core.arrays import Nats, Pmf, Sample, Shape, as_counts, as_pmf, check_batches, shape_of
from mcdiv.core.catalogue import check_name, unknown
from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import check_parameters
from mcdiv.core.labels import paired
from mcdiv.core.spelling import read_spelling
from mcdiv.core.units import Units
from mcdiv.estimands.contract import estimand_of, scale_of, unit_of
from mcdiv.estimators.entry import Design, Estimator, Law
from mcdiv.estimators.registry import entries_of, find, names
from mcdiv.estimators.sharing import SharedSamples
from mcdiv.plugins import installed
from mcdiv.study.clauses import SAMPLE_SIZE
from mcdiv.study.exact import too_long
from mcdiv.study.measure import exact_row
from mcdiv.study.plan import Condition, Task


@overload
def estimate(
    estimand: str,
    counts: ArrayLike,
    *,
    estimator: str,
    q: ArrayLike | None = None,
    counts_q: ArrayLike | None = None,
    p: ArrayLike | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
    **parameters: Any,
) -> Nats: ...


@overload
def estimate(
    estimand: str,
    counts: ArrayLike,
    *,
    estimator: list[str] | tuple[str, ...],
    q: ArrayLike | None = None,
    counts_q: ArrayLike | None = None,
    p: ArrayLike | None = None,
    alphabet_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
) -> dict[str, Nats]: ...


def estimate(
    estimand: str,
    counts: ArrayLike,
    *,
    estimator: str | list[str] | tuple[str, ...],
    q: ArrayLike | None = None,
    counts_q: ArrayLike | None = None,
    p: ArrayLike | None = None,
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
        pandas objects, they are paired by their labels; a category that one of them lacks has 0 there.
        Of an estimand of a joint alphabet, such as "mutual_information", tables of shape (..., K, L): a row for each
        value of X, a column for each of Y.
    estimator : str, or list of str
        A name from `mcdiv list estimators`, or several, which share the work on the counts. Parameters may be given
        with the name: "additive(alpha=0.5)".
    q : array_like, shape (..., K), optional
        The model Q, where it is known.
    counts_q : array_like, shape (..., K), optional
        Draws from Q, where it is known only through them.
    p : array_like, shape (..., K), optional
        The truth, for the estimators k1, k2, k3, which know both pmfs.
    alphabet_size : int, optional
        K, where it is more than the categories given. Categories that no draw was seen of cost nothing for most
        estimators, so that it may be 10^12; the others say so where it is too large.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide `q` and `p` by their sums first, whatever these are.
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
    spellings = _spellings(estimator, parameters)
    joint = estimand_of(estimand).needs_joint
    sample = sample_of(
        counts, q=q, counts_q=counts_q, p=p, alphabet_size=alphabet_size, normalise=normalise, joint=joint
    )
    chosen = {text: _chosen(estimand, text, parameters, sample) for text in spellings}
    rows, shape = in_rows(sample)
    shared, unit = SharedSamples(rows), scale_of(estimand, units)
    found = {text: np.asarray(_evaluated(*choice, shared).reshape(shape) / unit) for text, choice in chosen.items()}
    return found[estimator] if isinstance(estimator, str) else found


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
    if sample.categories is not None:
        if not entry.grouped:
            sample = needed(sample, entry.name, ignores_unseen=Law.IGNORES_UNSEEN in entry.laws)
        return entry.evaluate(sample, parameters)
    if entry.lift is None:
        return entry.evaluate(shared.given_to(entry), parameters)
    source = entry.lift.source
    return shared.lifted(entry.lift, source.evaluate(shared.given_to(source), parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactPerformance:
    """How an estimator does, computed without simulation; NaN where no exact value can be had."""

    #: the estimand at (P, Q), in `units`
    true_value: float
    #: expectation of the estimate, given that it is finite; in `units`
    mean: float
    #: mean − true value, in `units`
    bias: float
    #: standard deviation, in `units`
    sd: float
    #: root of the mean squared error, in `units`
    rmse: float
    #: probability of an infinite estimate
    infinite_share: float
    #: probability of an undefined estimate
    undefined_share: float
    #: of the values: nats, bits or bans; "1" where the estimand has none
    units: str


def exact_performance(
    estimand: str,
    *,
    estimator: str,
    truth: ArrayLike,
    sample_size: int,
    model: ArrayLike | None = None,
    model_sample_size: int | None = None,
    units: Units = "nats",
    normalise: bool = False,
    **parameters: Any,
) -> ExactPerformance:
    """Exact mean, bias, sd and RMSE of an estimator: by listing all outcomes, or by linearity for any alphabet.

    Parameters
    ----------
    estimand : str
        A name from `mcdiv list estimands`, with its parameters where it has some: "renyi(order=2)".
    estimator : str
        A name from `mcdiv list estimators`.
    truth, model : array_like, shape (K,)
        The pmfs P and, where the estimand needs it, Q; two pandas Series are paired by their labels. Of an estimand of
        a joint alphabet, such as "mutual_information", P is a table of shape (K, L).
    sample_size : int
        Draws from P.
    model_sample_size : int, optional
        Draws from Q, where it is known only through them.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide `truth` and `model` by their sums first, whatever these are.
    **parameters
        The estimator's own.

    Returns
    -------
    ExactPerformance
        With `.mean`, `.bias`, `.sd`, `.rmse` in `units`; NaN where no exact value can be had (too many
        outcomes to list, and no formula for its mean or its variance).

    Raises
    ------
    ValueError
        A pmf, a name, a size or a parameter does not fit; the message names it.

    Examples
    --------
    >>> found = exact_performance("entropy", estimator="plugin", truth=[0.5, 0.5], sample_size=10)
    >>> round(found.bias, 13)
    -0.0530267706728
    """
    check_name("estimand", estimand)
    check_name("estimator", estimator)
    joint = estimand_of(estimand).needs_joint
    if joint and model is not None:
        raise ValueError(f"{estimand} has no model: leave out model")
    pmfs = paired(truth=truth, model=model)
    p = as_pmf(pmfs["truth"], name="truth", normalise=normalise, table=joint)
    q = None if model is None else as_pmf(pmfs["model"], name="model", normalise=normalise)
    condition = _condition(p, q, sample_size, model_sample_size, shape_of(truth) if joint else None)
    if condition.model is None and estimand_of(estimand).needs_model:
        raise ValueError(f"{estimand} needs a model; give model=")
    designs: tuple[Design, ...] = ("model_known", "pmfs_known") if model_sample_size is None else ("model_sampled",)
    designs = designs if estimand_of(estimand).needs_model else ("sample",)
    _look_outside(estimator)
    fitting = [design for design in designs if find(estimand, estimator, design)]
    entry = _entry(estimand, estimator, fitting[0] if fitting else designs[0])
    chosen = check_parameters(estimator, parameters, entry.parameters)
    task = Task(
        estimand=estimand, name=estimator, design=entry.design, parameters=tuple(chosen.items()), label=estimator
    )
    if said := too_long(p, q, condition.sample_size):
        raise ValueError(f"exact values {said}; use fewer categories or draws")
    row = exact_row(condition, task)
    unit = scale_of(estimand, units)
    values = {name: row.exact.get(name, math.nan) / unit for name in ("mean", "bias", "sd", "rmse")}
    shares = {name: row.exact.get(name, math.nan) for name in ("infinite_share", "undefined_share")}
    return ExactPerformance(true_value=row.true_value / unit, units=unit_of(estimand, units), **values, **shares)


def _condition(
    p: Pmf, q: Pmf | None, sample_size: int, model_sample_size: int | None, shape: Shape | None
) -> Condition:
    for name, size in (("sample_size", sample_size), ("model_sample_size", model_sample_size)):
        for _, message in SAMPLE_SIZE.problems(size) if size is not None or name == "sample_size" else ():
            raise ValueError(f"{name}: {message}")
    if p.ndim != 1 or (q is not None and q.shape != p.shape):
        raise ValueError("truth and model: expected one pmf each, over the same categories")
    if model_sample_size is not None and q is None:
        raise ValueError("model_sample_size: there is no model to draw from; give model=")
    return Condition(
        number=1,
        truth=_categorical(p) if shape is None else _joint(p.reshape(shape)),
        model=None if q is None else _categorical(q),
        sample_size=int(sample_size),
        model_sample_size=None if model_sample_size is None else int(model_sample_size),
    )


def _categorical(pmf: Pmf) -> Distribution:
    return Distribution(family="categorical", parameters=(("pmf", tuple(pmf.tolist())),))


def _joint(table: Pmf) -> Distribution:
    return Distribution(family="joint", parameters=(("pmf", tuple(map(tuple, table.tolist()))),))


def sample_of(
    counts: ArrayLike,
    *,
    q: ArrayLike | None = None,
    counts_q: ArrayLike | None = None,
    p: ArrayLike | None = None,
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
    given = paired(counts=counts, p=p, counts_q=counts_q, q=q)
    sample = Sample(
        counts=as_counts(given["counts"], table=joint),
        shape=shape_of(counts) if joint else None,
        counts_q=None if counts_q is None else as_counts(given["counts_q"], name="counts_q"),
        q=None if q is None else as_pmf(given["q"], name="q", normalise=normalise),
        p=None if p is None else as_pmf(given["p"], normalise=normalise),
    )
    check_batches(counts=sample.counts, counts_q=sample.counts_q, q=sample.q, p=sample.p)
    if alphabet_size is not None:
        sample = over_alphabet(sample, alphabet_size)
    categories = sample.counts.shape[-1]
    for name, other in (("q", sample.q), ("counts_q", sample.counts_q), ("p", sample.p)):
        if other is not None and other.shape[-1] != categories:
            raise ValueError(f"{name} has {other.shape[-1]} categories, counts has {categories}; they must be the same")
    return sample


def in_rows(sample: Sample) -> tuple[Sample, tuple[int, ...]]:
    """The samples on one axis, counts (R, K), and the shape (...) that their estimates have."""
    shape = check_batches(counts=sample.counts, counts_q=sample.counts_q, q=sample.q, p=sample.p)

    def rows(array: NDArray[Any]) -> NDArray[Any]:
        return np.broadcast_to(array, (*shape, array.shape[-1])).reshape(-1, array.shape[-1])

    return replace(
        sample,
        counts=rows(sample.counts),
        categories=None if sample.categories is None else rows(sample.categories),
        counts_q=None if sample.counts_q is None else rows(sample.counts_q),
        q=sample.q if sample.q is None or sample.q.ndim == 1 else rows(sample.q),
        p=sample.p if sample.p is None or sample.p.ndim == 1 else rows(sample.p),
    ), shape


def needed(sample: Sample, name: str, *, ignores_unseen: bool) -> Sample:
    """The sample with a column for every category that `name` looks at, or a ValueError where these are too many."""
    return replace(sample, categories=None) if ignores_unseen else listed(sample, name)


def entry_of(estimand: str, name: str, sample: Sample) -> Estimator:
    """The estimator of that name for such a sample; a ValueError says which there are instead."""
    given = [name for name in ("q", "counts_q", "p") if getattr(sample, name) is not None]
    if given and not estimand_of(estimand).needs_model:
        raise ValueError(f"{estimand} has no model: leave out {given[0]}")
    return _entry(estimand, name, _design(sample, estimand))


def _design(sample: Sample, estimand: str) -> Design:
    if not estimand_of(estimand).needs_model:
        return "sample"
    if sample.p is not None:
        return "pmfs_known"
    return "model_sampled" if sample.counts_q is not None else "model_known" if sample.q is not None else "sample"


def _look_outside(name: str) -> None:
    """Load what is installed from elsewhere only for a name that mcdiv does not know."""
    if not entries_of(name):
        installed()


def _entry(estimand: str, name: str, design: Design) -> Estimator:
    """The catalogue's entry, or a ValueError that says which there are instead."""
    estimand_of(estimand)  # refuses what is none
    _look_outside(name)
    if not entries_of(name):
        raise ValueError(unknown("estimator", name, names()))
    entry = find(estimand, name, design)
    if entry is not None:
        return entry
    needs = {
        "sample": "counts alone",
        "model_known": "a known model (q)",
        "model_sampled": "draws from the model (counts_q)",
        "pmfs_known": "both pmfs (p and q)",
    }
    offered = [f"{other.estimand} from {needs[other.design]}" for other in entries_of(name)]
    raise ValueError(f"{name} does not estimate {estimand} from {needs[design]}; it estimates {', '.join(offered)}")
