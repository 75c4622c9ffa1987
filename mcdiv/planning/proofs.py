"""What holds for every larger N: bounds that fall as N grows, so that one N settles all after it.

The frequencies of N draws are the mean of those of N + 1 draws with one left out. So, by Jensen, E g(p̂) falls as N
grows, whatever convex g is; and a bound of an error by a convex function of p̂ that meets the goal at one N meets it at
every larger one.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import logit

from mcdiv.core.arrays import Array
from mcdiv.core.binomial import binomial_window
from mcdiv.estimands.contract import estimand_of
from mcdiv.estimators.entry import Property
from mcdiv.planning.question import Question
from mcdiv.planning.values import exact_value

#: estimands that are convex or concave in P, and finite at every p̂ where they are at P: of those that are not, only the
#: mean of the finite estimates is known, and that may rise
_CONVEX = {
    "entropy",
    "kl_divergence",
    "js_divergence",
    "chi_squared",
    "collision_probability",
    "tsallis",
}


def falling_bound(question: Question) -> Callable[[int], float] | None:
    """A bound of the value that falls as N grows; None where none is known."""
    task, kind = question.task, question.goal.kind
    properties = task.entry.properties
    linear = Property.LINEAR in properties and question.ratio is None
    if kind == "bias":
        unbiased = linear or Property.UNBIASED in properties
        plug_in = _is_plug_in(question) and estimand_of(task.estimand).name in _CONVEX
        return (lambda draws: abs(exact_value(question, draws))) if unbiased or plug_in else None
    if kind != "rmse":
        return None
    if linear or _is_at_extreme(question):
        return lambda draws: exact_value(question, draws)
    return _majorant(question)


def _is_plug_in(question: Question) -> bool:
    return question.task.name == "plugin" and question.task.design in ("sample", "model_known")


def _is_at_extreme(question: Question) -> bool:
    """Whether the estimand is largest or least at the truth, so that the squared error is a convex function of p̂."""
    if not _is_plug_in(question) or estimand_of(question.task.estimand).name not in _CONVEX:
        return False
    p = question.truth.pmf()
    if estimand_of(question.task.estimand).divergence:
        return question.model is not None and bool(np.array_equal(p, question.model.pmf()))
    return estimand_of(question.task.estimand).name == "entropy" and bool((p == p[0]).all())


def _majorant(question: Question) -> Callable[[int], float] | None:
    """√E g(p̂) with a convex g that is nowhere below the squared error, for plug-in entropy and KL of a coin.

    Both turn at t, ½ or Q's: f' = ±(logit x − logit t) and f'' = ±1/x(1 − x). The squared error h = (f − f(p))² is
    convex on the far side of p, and from p towards t as far as f'² ≥ |f − f(p)|/x(1 − x). Up to a point c where that
    surely holds g is h; beyond, it goes on as a straight line that is steep enough.
    """
    pmf, estimand = question.truth.pmf(), question.task.estimand
    if not _is_plug_in(question) or estimand not in ("entropy", "kl_divergence") or len(pmf) != 2 or pmf.min() == 0:
        return None
    turn = 0.5 if question.model is None or estimand == "entropy" else float(question.model.pmf()[0])
    place = 0 if pmf[0] < turn else 1
    p, t = float(pmf[place]), turn if place == 0 else 1 - turn
    q = None if question.model is None else question.model.pmf()[[place, 1 - place]]
    target, truth = estimand_of(estimand), question.true_value

    def errors(x: Array) -> Array:
        return target.value(np.stack([x, 1 - x], axis=-1), q) - truth

    points = np.linspace(p, t, 4097)[1:-1]
    slopes = np.abs(logit(points) - logit(t))
    flattest = np.minimum(p * (1 - p), points * (1 - points))
    with np.errstate(over="ignore"):  # inf proves nothing
        surely = slopes**2 >= np.abs(errors(points)) / flattest
    if not surely[0]:
        return None
    c, steepest = float(points[np.argmin(surely) - 1]), float(slopes[np.argmin(surely) - 1])
    at_c, at_turn, at_end = (float(errors(np.array([x]))[0]) ** 2 for x in (c, t, 1.0))
    slope = max(2 * math.sqrt(at_turn) * steepest, max(at_turn, at_end) / (t - c))

    def bound(draws: int) -> float:
        counts, weights = binomial_window(draws, p)
        x = counts / draws
        return math.sqrt(float(weights @ np.where(x <= c, errors(x) ** 2, at_c + slope * (x - c))))

    return bound
