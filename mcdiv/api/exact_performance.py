"""One exact performance, from Python: the checked door to exact values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from mcdiv.core.arrays import Pmf, Shape, as_pmf, shape_of
from mcdiv.core.catalogue import check_name
from mcdiv.core.distributions import Distribution
from mcdiv.core.domains import check_parameters
from mcdiv.core.labels import Distributed, check_fill, matched
from mcdiv.core.units import Units
from mcdiv.engine.exact import too_long
from mcdiv.engine.plan import Condition, Task
from mcdiv.engine.simulate import exact_row
from mcdiv.estimands.contract import estimand_of, scale_of, unit_of
from mcdiv.estimators.registry import find
from mcdiv.observed.samples import entry_designed, look_outside
from mcdiv.scenario.clauses import SAMPLE_SIZE
from mcdiv.scenario.suitability import designs_of


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
    truth: Distributed,
    sample_size: int,
    model: Distributed | None = None,
    model_sample_size: int | None = None,
    drawn_from: Distributed | None = None,
    units: Units = "nats",
    normalise: bool = False,
    fill: float | None = None,
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
        The pmfs P and, where the estimand needs it, Q; two Series of pandas, or two dicts, are paired by their labels.
        Of an estimand of a joint alphabet, such as "mutual_information", P is a table of shape (K, L).
    sample_size : int
        Draws from P.
    model_sample_size : int, optional
        Draws from Q, where it is known only through them.
    drawn_from : array_like, shape (K,), optional
        What the samples are drawn from, where it is not P: for estimators that know both pmfs.
    units : {"nats", "bits", "bans"}
    normalise : bool
        Divide `truth`, `model` and `drawn_from` by their sums first, whatever these are.
    fill : {None, 0}
        With 0, a category that only one of two with labels has is impossible in the other; else it is an error.
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
    check_fill(fill)
    pmfs = matched({"truth": truth, "model": model, "drawn_from": drawn_from}, fill=fill)
    p = as_pmf(pmfs["truth"], name="truth", normalise=normalise, table=joint)
    q = None if model is None else as_pmf(pmfs["model"], name="model", normalise=normalise)
    o = None if drawn_from is None else as_pmf(pmfs["drawn_from"], name="drawn_from", normalise=normalise)
    condition = _condition(p, q, sample_size, model_sample_size, shape_of(pmfs["truth"]) if joint else None)
    condition = condition if o is None else _drawn_from(condition, o)
    if condition.model is None and estimand_of(estimand).needs_model:
        raise ValueError(f"{estimand} needs a model; give model=")
    designs = designs_of(estimand, known=model_sample_size is None, off_policy=o is not None)
    look_outside(estimator)
    fitting = [design for design in designs if find(estimand, estimator, design)]
    entry = entry_designed(estimand, estimator, fitting[0] if fitting else designs[0])
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


def _drawn_from(condition: Condition, o: Pmf) -> Condition:
    if condition.model is None or condition.model_sample_size is not None:
        raise ValueError("drawn_from: only estimators that know P and Q can be used on such draws; give model= alone")
    if o.shape != condition.p.shape:
        sizes = f"{o.shape[-1]} categories, truth has {condition.p.size}"
        raise ValueError(f"drawn_from: expected one pmf over the same categories; it has {sizes}")
    return replace(condition, drawn_from=_categorical(o))


def _categorical(pmf: Pmf) -> Distribution:
    return Distribution(family="categorical", parameters=(("pmf", tuple(pmf.tolist())),))


def _joint(table: Pmf) -> Distribution:
    return Distribution(family="joint", parameters=(("pmf", tuple(map(tuple, table.tolist()))),))
