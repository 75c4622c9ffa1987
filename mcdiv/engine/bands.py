"""Where the literal experiments should be: the exact band of p̂ and of each plug-in estimate at every checkpoint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.distributions import Distribution
from mcdiv.core.flips import checkpoints_of
from mcdiv.core.outcomes import Outcomes, count_outcomes, enumerate_outcomes
from mcdiv.core.rows import cross_entropy_nats, entropy_nats, kl_divergence_nats
from mcdiv.core.weighted import central, distinct
from mcdiv.engine.plan import Plan

LEVEL = 0.95
#: entries of the count vectors that are listed for one checkpoint; a coin's, and those of two categories, always are
MAX_ENTRIES = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a quantity is with probability LEVEL or more, after so many draws."""

    truth: Distribution
    model: Distribution | None
    sample_size: int
    #: p_hat (coins), total_variation, or an estimand, whose plug-in estimate is meant
    quantity: str
    #: quantiles at (1 − LEVEL)/2 and (1 + LEVEL)/2; an estimand's in nats
    low: float
    high: float
    #: of being in between, ends included: a discrete law has more than LEVEL there
    probability: float


def bands(plan: Plan) -> Iterator[Band]:
    """The bands of a scenario's literal experiments, wherever all outcomes can be listed at little cost."""
    scenario = plan.scenario
    coin = all(truth.family == "coin" for truth in scenario.truth)
    for truth, model in plan.pairs if scenario.paths else ():
        for size in checkpoints_of(max(scenario.sample_sizes), scenario.sample_sizes):
            listed = _outcomes(truth.pmf(), size, model, sampled=bool(scenario.model_sample_sizes))
            if listed is None:
                break
            q = model.pmf() if model else None
            for quantity, values in _quantities(listed, truth.pmf(), q, coin=coin).items():
                ordered, [weights] = distinct(values, listed.weights)
                low, high, probability = central(ordered, weights, LEVEL)
                yield Band(
                    truth=truth,
                    model=model,
                    sample_size=size,
                    quantity=quantity,
                    low=low,
                    high=high,
                    probability=probability,
                )


def _outcomes(p: Pmf, size: int, model: Distribution | None, *, sampled: bool) -> Outcomes | None:
    """All outcomes of so many draws; of as many from the model too where it is only known through them."""
    q, draws_q = (model.pmf(), size) if model and sampled else (None, None)
    few = count_outcomes(p, size, q, draws_q) * len(p) <= MAX_ENTRIES
    if few or (q is None and np.count_nonzero(p) <= 2):
        return enumerate_outcomes(p, size, q, draws_q)
    return None


def _quantities(listed: Outcomes, p: Pmf, q: Pmf | None, *, coin: bool) -> Mapping[str, Array]:
    """What convergence.csv follows, for every outcome."""
    p_hat = listed.counts / listed.counts.sum(axis=-1, keepdims=True)
    if listed.counts_q is not None:
        q = listed.counts_q / listed.counts_q.sum(axis=-1, keepdims=True)
    found = {"p_hat": p_hat[:, 0]} if coin else {"total_variation": np.abs(p_hat - p).sum(axis=-1) / 2}
    found["entropy"] = entropy_nats(p_hat)
    if q is not None:
        found |= {"cross_entropy": cross_entropy_nats(p_hat, q), "kl_divergence": kl_divergence_nats(p_hat, q)}
    return found
