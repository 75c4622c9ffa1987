"""Which control variates the draws of a condition have, and their exact means: both by the condition alone."""

import numpy as np

from mcdiv.core.additive import levels_of
from mcdiv.core.arrays import Array, Sample
from mcdiv.core.controls import (
    Expected,
    additive_controls,
    expected_controls,
    few_levels,
    linear_controls,
    together,
    value_per_draw,
)
from mcdiv.core.outcomes import levels_drawn
from mcdiv.engine.plan import Condition


def controls_of(condition: Condition, sample: Sample, tallied: Sample) -> Array:
    """The controls of every sample, shape (R, C); of both samples where the model is drawn from too.

    What does not ask whose the counts are is taken from the same samples tallied. A sample that was drawn as a
    fingerprint has nothing else.
    """
    size, sampled, o, q = condition.sample_size, condition.model_sample_size, condition.o, condition.q
    if not few_levels(o, q):
        return np.empty((len(sample.counts), 0))
    controls = [additive_controls(tallied.counts, size, tallied.multiplicity)]
    if sample.multiplicity is None:
        controls.append(linear_controls(sample.counts, size, value_per_draw(o, q)))
    if q is not None and sampled is not None and sample.counts_q is not None:
        controls.append(additive_controls(sample.counts_q, sampled))
        controls.append(linear_controls(sample.counts_q, sampled, value_per_draw(q, o)))
    return np.concatenate(controls, axis=1)


def expected_of(condition: Condition) -> Expected | None:
    """What is known of them; None where there are none."""
    size, sampled, o, q = condition.sample_size, condition.model_sample_size, condition.o, condition.q
    if not few_levels(o, q):
        return None
    values = None if levels_drawn(o, size, q, condition.truth.shape) else value_per_draw(o, q)
    first = expected_controls(o, levels_of(o, None, size), values)
    if q is None or sampled is None:
        return first
    return together(first, expected_controls(q, levels_of(q, None, sampled), value_per_draw(q, o)))
