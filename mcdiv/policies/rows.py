"""Every estimator of the KL term for one policy, one reference and one pmf that is drawn from: values and gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import kl_terms
from mcdiv.core.rounding import ROUNDING, without_rounding
from mcdiv.policies.contract import GRADIENT_ESTIMATORS, GradientEstimator
from mcdiv.policies.gradients import gradient_moments
from mcdiv.policies.terms import TERMS, Term, beyond_floats, importance_weight
from mcdiv.policies.verdicts import (
    BEYOND_FLOATS,
    INFINITE,
    Comparison,
    Point,
    comparisons_elsewhere,
    size,
    verdict_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """What a draw says of KL(P‖Q), in nats."""

    #: k1, k2, k3 or exact
    estimator: str
    #: none, weighted or clipped
    weight: str
    #: ±∞ where a draw can be infinite, NaN where it can be undefined
    mean: float
    #: mean − KL(P‖Q); NaN where both are infinite
    bias: float
    #: of one draw; NaN where the mean is not finite
    sd: float
    #: the probability that a draw is ±∞ in floats, and that it is undefined
    infinite_share: float
    undefined_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientRow:
    """What a draw says of ∇KL(P‖Q) in the logits of P."""

    #: k1, k2, k3, exact, or the label of an entry of a user's own
    estimator: str
    #: loss, reward, or empty where it is not said
    placement: str
    #: none, detached, differentiated, or empty where it is not said
    weight: str
    clipped: bool
    #: the entry, its parameters given
    entry: GradientEstimator
    #: the expected gradient beside those of the divergences
    comparison: Comparison
    #: the trace of the covariance of one draw's gradient; NaN where it is not finite
    trace_covariance: float
    verdict: str
    #: whether the expected gradient is ∇KL(P‖Q) here, and not by coincidence
    exact_here: bool
    #: how many draws make it as good as one draw of the best that is exact; 0 if it needs none, ∞ if it is biased
    draws: float
    #: the probability that a draw's gradient is infinite or undefined
    infinite_share: float

    @property
    def name(self) -> str:
        """How sentences call it: k3 in the loss, weight detached and clipped."""
        placed = f"{self.estimator} in the {self.placement}" if self.placement else self.estimator
        weight = "" if self.weight in ("", "none") else f", weight {self.weight}"
        return placed + weight + (" and clipped" if self.clipped else "")


def value_rows(p: Pmf, q: Pmf, o: Pmf, clip: float | None) -> list[ValueRow]:
    """k1, k2 and k3 at a draw from O, without and with the weight p/o, and the exact sum."""
    divergence = float(kl_terms(p, q).sum())
    slack = abs(float((q - p).sum()))  # by which the sums of two pmfs differ through roundings
    beyond = bool(beyond_floats(p, q, o).any())
    rows = []
    for name, rule in TERMS.items():
        for weight, values, roots in _weighted(rule(p, q), p, o, clip):
            rows.append(_value_row(name, weight, values, roots if beyond else None, o, divergence, slack))
    bias = 0.0 if math.isfinite(divergence) else math.nan
    exact = {"mean": divergence, "bias": bias, "sd": bias, "infinite_share": float(math.isinf(divergence))}
    return [*rows, ValueRow(estimator="exact", weight="none", undefined_share=0.0, **exact)]


def _weighted(term: Term, p: Pmf, o: Pmf, clip: float | None) -> Iterator[tuple[str, Array, Array]]:
    """The weight, what a draw gives with it, and that times √o: finite where only the value is beyond floats."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.sqrt(o)
        yield "none", term.value, _where_finite(root * term.value, root / p * term.value_mass)
        for name, bound in (("weighted", math.inf), *([] if clip is None else [("clipped", clip)])):
            weight = importance_weight(p, o, bound)
            values = weight.times(term.value, term.value_mass)
            per_mass = np.where(weight.unclipped, 1 / root, root / p * weight.factor)
            yield name, values, _where_finite(root * values, per_mass * term.value_mass)


def _where_finite(values: Array, others: Array) -> Array:
    return np.where(np.isfinite(values), values, others)


def _value_row(
    name: str, weight: str, values: Array, roots: Array | None, o: Pmf, divergence: float, slack: float
) -> ValueRow:
    """The record; `roots` are the values times √o, given where a value may be beyond floats."""
    drawn = o > 0
    values, shares = values[drawn], o[drawn]
    with np.errstate(invalid="ignore", over="ignore"):
        weighed = shares * values if roots is None else np.sqrt(shares) * roots[drawn]
        mean = float(shares @ values) if roots is None else float(weighed.sum())
        sizes = shares @ np.abs(values) if roots is None else np.abs(weighed).sum()
        scale = float(sizes) + divergence + slack / ROUNDING
        bias = without_rounding(mean - divergence, scale) if math.isfinite(scale) else mean - divergence
        if math.isfinite(bias):
            mean = divergence + bias
        spread = math.nan
        if math.isfinite(mean) and roots is None:
            spread = math.sqrt(shares @ (values - mean) ** 2)
        elif math.isfinite(mean) and roots is not None:
            spread = size(roots[drawn] - np.sqrt(shares) * mean)
    return ValueRow(
        estimator=name,
        weight=weight,
        mean=mean,
        bias=bias,
        sd=spread,
        infinite_share=float(shares[np.isinf(values)].sum()),
        undefined_share=float(shares[np.isnan(values)].sum()),
    )


def gradient_rows(p: Pmf, q: Pmf, o: Pmf, clip: float | None) -> list[GradientRow]:
    """Every gradient estimator of the catalogue, with each weight it can have, and clipped where that is asked for."""
    here = Point.of(p, q, o)
    found = [
        _Found.of(entry.with_parameters(**given), here)
        for entry in GRADIENT_ESTIMATORS.values()
        for given in _settings(entry, clip)
    ]
    best = min((each.trace for each in found if each.unbiased and not each.same_for_all), default=math.nan)
    return [each.row(best) for each in found]


def _settings(entry: GradientEstimator, clip: float | None) -> Iterator[Mapping[str, Any]]:
    """The parameters of the rows of an entry; those that are neither its weight nor its clip have their defaults."""
    if "weight" not in entry.parameters:
        yield {}
        return
    for weight in entry.parameters["weight"].domain.choices:
        yield {"weight": weight}
        if clip is not None and weight != "none" and "clip" in entry.parameters:
            yield {"weight": weight, "clip": clip}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is known of an estimator by itself, before it is compared with the others."""

    entry: GradientEstimator
    comparison: Comparison
    trace: float
    verdict: str
    same_for_all: bool
    infinite_share: float

    @classmethod
    def of(cls, entry: GradientEstimator, here: Point) -> _Found:
        values = entry.at(here.p, here.q, here.o)
        comparison = here.compared(values)
        lost = np.broadcast_to(~np.isfinite(values if values.ndim == 1 else values.sum(axis=1)), here.o.shape)
        verdict = verdict_of(comparison, comparisons_elsewhere(entry))
        if verdict == INFINITE and not (lost & (here.o > 0) & ~beyond_floats(here.p, here.q, here.o)).any():
            verdict = BEYOND_FLOATS
        return cls(
            entry=entry,
            comparison=comparison,
            trace=gradient_moments(values, here.p, here.o).trace,
            verdict=verdict,
            same_for_all=values.ndim == 2 and len(values) == 1,
            infinite_share=float(here.o[lost].sum()),
        )

    @property
    def unbiased(self) -> bool:
        """Whether it is exact, here and wherever else that is so."""
        return self.comparison.is_exact(self.verdict)

    def row(self, best: float) -> GradientRow:
        """With how many draws make it as good as the best."""
        given = self.entry.given
        return GradientRow(
            estimator=self.entry.of or self.entry.label,
            placement=self.entry.placement,
            weight=given.get("weight", "none" if self.entry.of == "exact" else ""),
            clipped="clip" in given and given["clip"] < math.inf,
            entry=self.entry,
            comparison=self.comparison,
            trace_covariance=self.trace,
            verdict=self.verdict,
            exact_here=self.unbiased,
            draws=self._draws(best),
            infinite_share=self.infinite_share,
        )

    def _draws(self, best: float) -> float:
        if not self.unbiased:
            return math.inf
        if self.same_for_all or not self.trace:
            return 0.0 if self.same_for_all else 1.0
        return self.trace / best if best > 0 else math.inf
