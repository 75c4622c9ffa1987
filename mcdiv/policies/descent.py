"""Gradient descent on the expectation of an estimate of ∇KL(P‖Q): where it takes the policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.log_ratios import kl_terms, log_where
from mcdiv.policies.contract import GradientEstimator
from mcdiv.policies.gradients import expected_gradient

REFERENCE, START, ELSEWHERE = "at the reference", "where it began", "elsewhere"
MOVING, NOT_FINITE = "still moving", "not finite"
#: a policy this close to another in total variation is at it
_AT = 1e-6
#: the largest entry of an expected gradient that a policy rests at, and one that is as good as infinite
_RESTS, _TOO_LARGE = 1e-9, 1e100


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """Where gradient descent in the logits ends."""

    #: shape (K,)
    policy: Pmf
    #: steps taken: fewer than asked for where the policy rests, or where the gradient is not finite
    steps: int
    #: KL of the policy at the end from the reference, in nats
    kl_divergence: float
    #: "at the reference", "where it began", "elsewhere", "still moving" or "not finite"
    ends: str


def descend(entry: GradientEstimator, p: Pmf, q: Pmf, o: Pmf | None, *, steps: int, rate: float) -> Descent:
    """Take steps z ← z − rate · E in the logits; the draws are from O, or where that is None from the policy then."""
    logits = np.where(p > 0, log_where(p), -np.inf)
    now, taken = p, 0
    while True:
        drawn = now if o is None else o
        slope = np.where(p > 0, expected_gradient(entry.at(now, q, drawn), now, drawn)[0], 0.0)
        largest = float(np.abs(slope).max()) * rate
        if taken == steps or not _RESTS * rate < largest < _TOO_LARGE:
            break
        logits = logits - rate * slope
        now, taken = _softmax(logits), taken + 1
    kl = float(kl_terms(now, q).sum())
    return Descent(policy=now, steps=taken, kl_divergence=kl, ends=_end(now, q, largest / rate, taken))


def _end(now: Pmf, q: Pmf, largest: float, taken: int) -> str:
    if not largest < _TOO_LARGE:
        return NOT_FINITE
    if np.abs(now - q).sum() / 2 <= _AT:
        return REFERENCE
    if largest > _RESTS:
        return MOVING
    return ELSEWHERE if taken else START


def _softmax(logits: Array) -> Pmf:
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())
