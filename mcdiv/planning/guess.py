"""The sample size that a first look gives: from the delta method's variance, or χ² where that variance is 0."""

import math

from scipy.special import chdtri, ndtri

from mcdiv.core.arrays import Array
from mcdiv.estimands.contract import estimand_of
from mcdiv.planning.question import Question

#: a variance below it, relative to the mean square, is 0 but for rounding
_NONE = 1e-12


def guess(question: Question) -> int | None:
    """The N that large-sample theory gives; None where it gives none."""
    draws = _first_order(question) if question.goal.kind != "bias" else _of_bias(question)
    if draws is None or not math.isfinite(draws):
        return None
    return max(1, math.ceil(draws * (1 - _NONE)))


def _first_order(question: Question) -> float | None:
    """N with Var θ̂ ≈ v/N: z²v/ε², v/r², or (2z)²v/w²."""
    variance, goal = _variance(question), question.goal
    if variance is None:
        return None
    if variance == 0:
        return _second_order(question)
    z = float(-ndtri((1 - goal.confidence) / 2))
    size = goal.size * abs(question.true_value) if goal.kind == "relative" else goal.size
    factor = {"within": z, "relative": z, "rmse": 1.0, "width": 2 * z}[goal.kind]
    return (factor / size) ** 2 * variance


def _variance(question: Question) -> float | None:
    """v, of slopes of the estimand; with Q sampled, that part counts N/M times."""
    target, p = estimand_of(question.task.estimand), question.truth.pmf()
    q = question.model.pmf() if question.model else p
    if not target.has_slopes or (q[p > 0] == 0).any():
        return None
    in_p, in_q = target.slopes_at(p, q, question.truth.shape)
    variance = _spread(p, in_p)
    return variance if question.ratio is None else variance + _spread(q, in_q) / question.ratio


def _spread(pmf: Array, slopes: Array) -> float:
    used = pmf > 0
    weights, slopes = pmf[used], slopes[used]
    mean = float(weights @ slopes)
    variance = float(weights @ (slopes - mean) ** 2)
    return variance if variance > _NONE * max(1.0, mean * mean) else 0.0


def _second_order(question: Question) -> float | None:
    """Where entropy is largest, or P = Q, twice N times the plug-in's error is about χ²(K − 1)."""
    degrees, goal = _degrees(question), question.goal
    at_extreme = question.task.estimand == "entropy" or question.ratio is None
    if degrees is None or not at_extreme or degrees < 1:
        return None
    if goal.kind == "rmse":
        return math.sqrt(degrees * (degrees + 2)) / (2 * goal.size)
    if goal.kind == "within":
        return float(chdtri(degrees, 1 - goal.confidence)) / (2 * goal.size)
    if goal.kind == "relative" and question.true_value:
        return float(chdtri(degrees, 1 - goal.confidence)) / (2 * goal.size * abs(question.true_value))
    return None


def _of_bias(question: Question) -> float | None:
    """N with a plug-in's |bias| of (K − 1)/2N."""
    degrees = _degrees(question)
    return None if degrees is None or question.ratio is not None else degrees / (2 * question.goal.size)


def _degrees(question: Question) -> int | None:
    """K − 1 of the categories that occur, for plug-in entropy and KL divergence."""
    known = question.task.name == "plugin" and question.task.estimand in ("entropy", "kl_divergence")
    return int((question.truth.pmf() > 0).sum()) - 1 if known else None
