"""What a goal is measured by at one N, exactly: by linearity, or over all outcomes where they can be listed."""

import math
from dataclasses import replace

import numpy as np

from mcdiv.core.arrays import Array, Nats, Sample
from mcdiv.core.outcomes import count_outcomes, enumerate_outcomes
from mcdiv.engine.block import samples_of
from mcdiv.engine.estimates import estimates_of, ungrouped
from mcdiv.engine.exact import SamplingDesign, exact_bias, exact_variance, has_exact_mean, too_long
from mcdiv.engine.interval_block import bounds_around
from mcdiv.planning.question import Question

#: categories from which on linearity takes less time than all outcomes do
_FEW = 3
#: work of a call, whatever N is, and of an outcome whose estimate is no sum over the categories
_CALL, _SLOW = 1000, 20


def exact_value(question: Question, draws: int) -> float:
    """The value at N = `draws`; NaN where there is no exact one.

    The probability of a close estimate counts infinite and undefined ones as not close; bias, RMSE and width are those
    of the finite ones.
    """
    condition = question.condition(draws)
    if question.goal.kind in ("bias", "rmse") and (len(condition.p) >= _FEW or not condition.enumerable):
        value = _by_linearity(question, draws)
        if not math.isnan(value):
            return value
    return _over_outcomes(question, draws) if condition.enumerable else math.nan


def cost(question: Question, draws: int) -> float:
    """How much work the exact value is: about the outcomes, or counts of categories, that it is summed over."""
    condition, entry = question.condition(draws), question.task.entry
    if not condition.enumerable:
        return _CALL + len(condition.p) * (1 + math.sqrt(draws))
    outcomes = count_outcomes(condition.p, draws, condition.q, condition.model_sample_size)
    simple = entry.entropy_terms or entry.sum_terms or entry.two_samples or entry.at
    return _CALL + outcomes * (1 if simple and question.goal.kind != "width" else _SLOW)


def _by_linearity(question: Question, draws: int) -> float:
    condition, task = question.condition(draws), question.task
    if too_long(condition.p, condition.q, draws) or not has_exact_mean(
        task.estimand, task.name, task.design, dict(task.parameters)
    ):
        return math.nan
    sampling = SamplingDesign.at(condition)
    bias = exact_bias(task.entry, dict(task.parameters), sampling)
    if bias is None or question.goal.kind == "bias":
        return math.nan if bias is None else bias
    return math.hypot(bias, math.sqrt(exact_variance(task.entry, dict(task.parameters), sampling)))


def _over_outcomes(question: Question, draws: int) -> float:
    condition = question.condition(draws)
    p, q = condition.p, condition.q
    outcomes = replace(enumerate_outcomes(p, draws, q, condition.model_sample_size), shape=condition.truth.shape)
    values = np.concatenate([values_of(question, some) for _, some in samples_of(outcomes, condition)])
    return summary(question, values, outcomes.weights)


def values_of(question: Question, sample: Sample) -> Nats:
    """The estimates of samples, shape (R,); of intervals their widths."""
    return _widths(question, sample) if question.goal.kind == "width" else estimates_of(question.task, sample)[0]


def summary(question: Question, values: Nats, weights: Array) -> float:
    """The value that estimates, or widths, have together."""
    if question.goal.is_probability:
        return float(weights @ question.good(values) / weights.sum())
    finite = np.isfinite(values)
    total = weights[finite].sum()
    if not total > 0:
        return math.nan
    if question.goal.kind == "width":
        return float(weights[finite] @ values[finite] / total)
    errors = values[finite] - question.true_value
    power = 1 if question.goal.kind == "bias" else 2
    mean = float(weights[finite] @ errors**power / total)
    return mean if power == 1 else math.sqrt(mean)


def spread_of(question: Question, values: Nats) -> float:
    """The standard deviation of a single replicate's part in `summary`, by the delta method."""
    if question.goal.is_probability:
        # One more success and one more failure: a share of 0 or 1 is not known without error.
        share = (float(question.good(values).sum()) + 1) / (len(values) + 2)
        return math.sqrt(share * (1 - share))
    finite = values[np.isfinite(values)]
    if not finite.size:
        return math.nan
    if question.goal.kind in ("bias", "width"):
        return float(finite.std())
    squares = (finite - question.true_value) ** 2
    mean = float(squares.mean())
    return float(squares.std()) / (2 * math.sqrt(mean)) if mean > 0 else 0.0


def _widths(question: Question, sample: Sample) -> Nats:
    assert question.interval is not None
    sample = replace(ungrouped(sample), p=None)  # no interval may look at the truth
    low, high, _, _ = bounds_around(question.task, question.interval, sample, question.goal.confidence)
    return np.asarray(high - low)
