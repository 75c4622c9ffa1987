"""Frequencies of frequencies of more categories than are listed one by one: estimates, standard errors, sentences."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import xlogy

from mcdiv.core.alphabets import MAX_LISTED, categories_of
from mcdiv.core.arrays import Array, Counts, Sample
from mcdiv.core.number_format import counted
from mcdiv.engine.estimates import estimates_of
from mcdiv.engine.plan import Task
from mcdiv.errors import ScenarioError
from mcdiv.estimators.registry import find
from mcdiv.observed.question import Observed
from mcdiv.observed.trust import count_summary, once_sentence

#: entries of samples that are estimated at once
_ENTRIES = 2**22


def value_and_error(task: Task, method: str, group: Observed) -> tuple[float, float]:
    """An estimate and its standard error, in nats; NaN where that needs the categories one by one."""
    sample = group.sample
    assert sample.multiplicity is not None
    entry = find(task.estimand, task.name, task.design)
    assert entry is not None  # the scenario is checked
    if method not in ("jackknife", "delta"):
        raise ScenarioError([f"--interval: {method} needs the categories one by one; there are jackknife and delta"])
    if not entry.accepts_multiplicities:
        if (size := categories_of(sample)) > MAX_LISTED:
            wrong = f"needs the categories one by one, and {size:,} are more than {MAX_LISTED:,}"
            raise ScenarioError([f"--estimator: {task.label} {wrong}"])
        return float(estimates_of(task, sample)[0][0]), math.nan
    value = float(estimates_of(task, sample)[0][0])
    counts, times = sample.counts[0], sample.multiplicity[0]
    if method == "delta":
        return value, _delta(counts, times) if task.estimand == "entropy" else math.nan
    return value, _jackknife(task, counts, times)


def _delta(counts: Counts, times: Array) -> float:
    """The first-order standard error of the plug-in entropy: s² = (Σ p̂ ln² p̂ − Ĥ²)/N."""
    draws = float((counts * times).sum())
    p = counts / draws
    surprise = -np.log(p, out=np.zeros(len(p)), where=p > 0)
    entropy = -float((times * xlogy(p, p)).sum())
    return math.sqrt(float((times * p * (surprise - entropy) ** 2).sum()) / draws)


def _jackknife(task: Task, counts: Counts, times: Array) -> float:
    """The standard error by leaving out each draw: one category of a count has one draw less."""
    drawn = np.flatnonzero(counts > 0)
    draws = float((counts * times).sum())
    if draws < 2:
        return math.nan
    columns = np.concatenate([counts, counts[drawn] - 1])
    size = max(1, _ENTRIES // len(columns))
    left: list[Array] = []
    for start in range(0, len(drawn), size):
        some = np.arange(start, min(start + size, len(drawn)))
        without = np.tile(np.concatenate([times, np.zeros(len(drawn))]), (len(some), 1))
        without[np.arange(len(some)), drawn[some]] -= 1
        without[np.arange(len(some)), len(counts) + some] += 1
        every = np.broadcast_to(columns, without.shape)
        left.append(estimates_of(task, replace(_EMPTY, counts=every, multiplicity=without))[0])
    values, weights = np.concatenate(left), (counts * times)[drawn]
    mean = float((weights * values).sum()) / draws
    return math.sqrt((draws - 1) / draws * float((weights * (values - mean) ** 2).sum()))


_EMPTY = Sample(counts=np.zeros((1, 1), dtype=np.int64))


def spectrum_sentences(counts: Counts, times: Array) -> Iterator[str]:
    """How many draws and categories there are, and what those seen once say."""
    summary = count_summary(counts, times)
    seen, once = int(summary["seen"]), int(summary["singletons"])
    yield f"{counted(int(summary['draws']), 'draw')}, {counted(seen, 'category', 'categories')} seen."
    if once:
        yield once_sentence(once, seen, summary["coverage"])
    else:
        yield (
            "No category was seen only once. If rare categories were removed, estimates of the entropy tend to be too "
            "low, and the coverage C = 1 − f₁/N cannot be estimated."
        )
