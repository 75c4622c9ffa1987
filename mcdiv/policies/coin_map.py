"""Coins: what each estimator's expected gradient is as a multiple of ∇KL(P‖Q), over all policies and references.

A gradient of a coin is a multiple of (1, −1), so one number says all: 1 is exact, 0 nothing, below 0 the wrong way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.policies.contract import GradientEstimator
from mcdiv.policies.rows import GradientRow
from mcdiv.policies.terms import TERMS, importance_weight, minus_log_ratio

#: policies of the map, an even number, and references, one more: so no two of them are equal
SIZE = 120
#: relative to the largest, what two maps that are the same may differ by
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleOfGradient:
    """The expected gradient of some rows, which is the same in all of them, as a multiple of ∇KL(P‖Q)."""

    #: the rows' names
    names: tuple[str, ...]
    #: shape (SIZE, SIZE + 1): by policy and reference
    multiple: Array

    @property
    def constant(self) -> float | None:
        """What it is everywhere, where that is 0 or 1."""
        return next((value for value in (0.0, 1.0) if np.abs(self.multiple - value).max() <= _SAME), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinMap:
    """Coins by P(heads) of the policy and of the reference."""

    #: shape (SIZE,) and (SIZE + 1,)
    policies: Array
    references: Array
    #: those rows together that have the same expected gradient everywhere
    gradients: tuple[MultipleOfGradient, ...]
    #: shape (SIZE, SIZE + 1): the sd of k3 of one draw over that of k1, both with the weight p/o
    sd_ratio: Array


def coin_map(rows: Sequence[GradientRow], o: Pmf | None) -> CoinMap:
    """The map for draws from a coin O, or from the policy; of the estimators of mcdiv, whose rules take arrays."""
    policies, references = ((np.arange(size) + 0.5) / size for size in (SIZE, SIZE + 1))
    p, q = _coins(*np.meshgrid(policies, references, indexing="ij"))
    drawn = p if o is None else np.broadcast_to(o, p.shape)
    found: list[MultipleOfGradient] = []
    for row in rows:
        if not row.entry.module.startswith("mcdiv.") or row.estimator == "exact":
            continue
        if o is None and (row.clipped or row.weight == "detached"):
            continue  # on the policy it is that without a weight, or not clipped
        multiple = _multiple(row.entry, p, q, drawn)
        same = next((i for i, other in enumerate(found) if np.allclose(other.multiple, multiple, _SAME, _SAME)), None)
        if same is None:
            found.append(MultipleOfGradient(names=(row.name,), multiple=multiple))
        else:
            found[same] = MultipleOfGradient(names=(*found[same].names, row.name), multiple=found[same].multiple)
    return CoinMap(policies=policies, references=references, gradients=tuple(found), sd_ratio=_sd_ratio(p, q, drawn))


def _coins(heads_p: Array, heads_q: Array) -> tuple[Pmf, Pmf]:
    return np.stack([heads_p, 1 - heads_p], axis=-1), np.stack([heads_q, 1 - heads_q], axis=-1)


def _multiple(entry: GradientEstimator, p: Pmf, q: Pmf, o: Pmf) -> Array:
    """The first entry of the expected gradient over that of ∇KL, which is p (1 − p) (ln(p/q) − ln((1 − p)/(1 − q)))."""
    weighed = o * entry.rule(p, q, o, **entry.given)
    mean = weighed[..., 0] * p[..., 1] - p[..., 0] * weighed[..., 1]
    logs = minus_log_ratio(p, q)
    return np.asarray(mean / (p[..., 0] * p[..., 1] * (logs[..., 0] - logs[..., 1])))


def _sd_ratio(p: Pmf, q: Pmf, o: Pmf) -> Array:
    """Of two values a coin's sd is √(o (1 − o)) times their distance."""
    weight = importance_weight(p, o)
    terms = {name: TERMS[name](p, q) for name in ("k1", "k3")}
    values = {name: weight.times(term.value, term.value_mass) for name, term in terms.items()}
    apart = {name: np.abs(value[..., 0] - value[..., 1]) for name, value in values.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(apart["k3"] / apart["k1"])
