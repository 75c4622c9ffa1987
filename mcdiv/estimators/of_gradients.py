"""Gradient estimators as estimators: each entry of the gradient of KL divergence, as a mean over the draws."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mcdiv.core.arrays import Array, Nats, Pmf, Sample
from mcdiv.core.cards import NOT_STATED
from mcdiv.estimands.contract import Estimand
from mcdiv.estimators.draws import mean_over_draws
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.policies.contract import GradientEstimator

#: the estimand that they estimate, of a category that its parameter names
GRADIENT = "kl_gradient"


def of_gradient(source: GradientEstimator, target: Estimand) -> Estimator:
    """The estimator of one entry of the gradient that a gradient estimator is."""

    def evaluate(sample: Sample, parameters: Mapping[str, Any]) -> Nats:
        assert sample.p is not None and sample.q is not None and target.category is not None
        chosen, o = replace(source, given=parameters), sample.p if sample.o is None else sample.o
        pmfs = (sample.p, sample.q, o)
        if all(pmf.ndim == 1 for pmf in pmfs):
            return mean_over_draws(sample.counts, _per_draw(chosen, target.category, *pmfs))
        shape = np.broadcast_shapes(sample.counts.shape, *(pmf.shape for pmf in pmfs))
        rows = [np.broadcast_to(pmf, shape).reshape(-1, shape[-1]) for pmf in pmfs]
        each = [_per_draw(chosen, target.category, *row) for row in zip(*rows, strict=True)]
        return mean_over_draws(sample.counts, np.reshape(each, shape))

    return Estimator(
        name=source.name,
        estimand=target.label,
        design="pmfs_known",
        evaluate=evaluate,
        lift=None,
        entropy_terms=None,
        entropies=None,
        sum_terms=None,
        two_samples=None,
        accepts_multiplicities=False,
        at=None,
        parameters=dict(source.parameters),
        card=source.card,
        reference_values=(),
        properties=frozenset({Property.LINEAR}),
        left_out=("card",) if source.card.formula == NOT_STATED else (),
        rule=source.rule,
        module=source.module,
    )


def _per_draw(source: GradientEstimator, category: int, p: Pmf, q: Pmf, o: Pmf) -> Array:
    """What a draw of each category gives for this entry of the gradient, shape (K,)."""
    if category >= p.size:
        raise ValueError(f"there is no category {category}: {p.size} categories are numbered from 0")
    found = source.at(p, q, o)
    if found.ndim == 2:
        return np.broadcast_to(found[:, category], p.shape)
    own = np.arange(p.size) == category
    with np.errstate(invalid="ignore"):
        return np.asarray(found * np.where(own, p[~own].sum(), -p[category]))  # of a score e_x − p
