"""What an estimator of a gradient is: a claim about it wherever it is used, not about one P, Q and O alone.

It is looked at where it is asked for and at fixed points without symmetry, on the policy (O = P) and off it. An
agreement at one of them by coincidence is none at the others. Where O never draws a category that P has, weights
cannot mend that, and the claim is said with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.rounding import ROUNDING
from mcdiv.policies.contract import GradientEstimator
from mcdiv.policies.gradients import expected_gradient, kl_gradient, reverse_kl_gradient

EXACT = "exact"
OTHER_DIVERGENCE = "gradient of the other divergence"
NO_GRADIENT = "no gradient"
WRONG_DIRECTION = "wrong direction"
BIASED = "biased"
#: its expectation is infinite or undefined here
INFINITE = "infinite"
#: an estimate is larger than any float here, so that nothing is known of the expectation
BEYOND_FLOATS = "beyond floats"
#: what holds where every draw is from the policy, and what holds where O draws all that P has
ON_POLICY_ONLY, WHERE_ALL_IS_DRAWN = " on-policy only", " where all is drawn"
#: relative to the gradient, what two that are the same may differ by
_SAME = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The expectation of an estimate of a gradient beside the gradients of both divergences, shape (D,) each."""

    mean: Array
    #: sizes of the terms that the expectation is a sum of
    scale: Array
    #: ∇KL(P‖Q) and ∇KL(Q‖P)
    kl: Array
    reverse: Array
    #: whether the draws are from the policy
    on_policy: bool
    #: whether all that the policy draws is drawn
    covered: bool = True

    @property
    def is_finite(self) -> bool:
        """Whether the expectation is."""
        return bool(np.isfinite(self.mean).all())

    @property
    def has_gradient(self) -> bool:
        """Whether KL(P‖Q) is finite, so that there is something to compare with."""
        return bool(np.isfinite(self.kl).all())

    def is_kl(self) -> bool:
        """Whether the expectation is ∇KL(P‖Q)."""
        return self._is(self.kl)

    def is_reverse(self) -> bool:
        """Whether it is ∇KL(Q‖P)."""
        return self._is(self.reverse)

    def is_zero(self) -> bool:
        """Whether it is 0."""
        return self._is(np.zeros_like(self.kl))

    def is_exact(self, verdict: str) -> bool:
        """Whether an estimator of that verdict is exact here."""
        claims = (EXACT, EXACT + ON_POLICY_ONLY) if self.on_policy else (EXACT,)
        return self.has_gradient and verdict in claims

    def _is(self, wanted: Array) -> bool:
        within = _SAME * size(wanted) + ROUNDING * size(self.scale)
        return self.is_finite and bool(np.isfinite(wanted).all()) and size(self.mean - wanted) <= within

    @property
    def relative_error(self) -> float:
        """|E − ∇KL|/|∇KL|; 0 where they differ by roundings, NaN where ∇KL is 0 or one of the two is not finite."""
        length = size(self.kl)
        if not self.is_finite or not 0 < length < math.inf:
            return math.nan
        error = size(self.mean - self.kl)
        return 0.0 if error <= ROUNDING * size(self.scale) else error / length

    @property
    def cosine(self) -> float:
        """Of the angle between E and ∇KL; NaN where one of the two is 0 or not finite."""
        lengths = size(self.mean), size(self.kl)
        if not all(0 < length < math.inf for length in lengths):
            return math.nan
        return float(np.clip((self.mean / lengths[0]) @ (self.kl / lengths[1]), -1.0, 1.0))


def size(vector: Array) -> float:
    """The Euclidean length; it neither overflows nor underflows on the way."""
    largest = float(np.abs(vector).max())
    return largest * float(np.linalg.norm(vector / largest)) if 0 < largest < math.inf else largest


def verdict_of(here: Comparison, elsewhere: Sequence[Comparison]) -> str:
    """The claim that holds here and at all other points; `elsewhere` has some on the policy and some off it."""
    if not here.is_finite:
        return INFINITE
    points = [*elsewhere, here] if here.has_gradient else list(elsewhere)
    for claim, holds in ((EXACT, Comparison.is_kl), (OTHER_DIVERGENCE, Comparison.is_reverse)):
        if all(map(holds, points)) and (here.covered or here.has_gradient):
            return claim
        if not here.covered and all(map(holds, elsewhere)):
            return claim + WHERE_ALL_IS_DRAWN
        if all(holds(point) for point in points if point.on_policy):
            return claim + ON_POLICY_ONLY
    if all(point.is_zero() for point in points if point.on_policy):
        return NO_GRADIENT
    return WRONG_DIRECTION if here.cosine < 0 else BIASED


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A policy, a reference, and the pmf that is drawn from, with the gradients of both divergences."""

    p: Pmf
    q: Pmf
    o: Pmf
    kl: Array
    reverse: Array
    on_policy: bool
    covered: bool

    @classmethod
    def of(cls, p: Pmf, q: Pmf, o: Pmf) -> Point:
        """The gradients there."""
        return cls(
            p=p,
            q=q,
            o=o,
            kl=kl_gradient(p, q),
            reverse=reverse_kl_gradient(p, q),
            on_policy=bool(np.array_equal(p, o)),
            covered=bool((o[p > 0] > 0).all()),
        )

    def compared(self, found: Array) -> Comparison:
        """What a gradient estimator returned here, on average, beside both gradients."""
        mean, scale = expected_gradient(found, self.p, self.o)
        return Comparison(
            mean=mean,
            scale=scale,
            kl=self.kl,
            reverse=self.reverse,
            on_policy=self.on_policy,
            covered=self.covered,
        )


def comparisons_elsewhere(entry: GradientEstimator) -> list[Comparison]:
    """The estimator at the fixed points; a ValueError where it does not take pmfs of three to five categories."""
    return [point.compared(entry.at(point.p, point.q, point.o)) for point in fixed_points()]


@cache
def fixed_points() -> tuple[Point, ...]:
    """Points without symmetry: two on the policy, two off it, and one so far off that any weight is clipped."""
    p3, q3, o3 = _pmf(7, 4, 2), _pmf(5, 3, 11), _pmf(2, 9, 5)
    p4, q4, o4 = _pmf(3, 13, 2, 6), _pmf(8, 1, 5, 4), _pmf(6, 2, 7, 3)
    p5, q5, far = _pmf(1, 9, 4, 17, 6), _pmf(6, 5, 12, 2, 3), _pmf(1e-60, 3, 5)
    places = ((p3, q3, p3), (p5, q5, p5), (p3, q3, o3), (p4, q4, o4), (p3, q3, far))
    return tuple(Point.of(*place) for place in places)


def _pmf(*weights: float) -> Pmf:
    values = np.array(weights, dtype=np.float64)
    return np.asarray(values / values.sum())
