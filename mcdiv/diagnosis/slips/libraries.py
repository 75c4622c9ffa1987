"""What functions of libraries compute where they are called with something else than they expect."""

from __future__ import annotations

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.diagnosis.contract import other_quantity
from mcdiv.diagnosis.weighted import weighted_sum


@other_quantity(only_odd_input=True)
def scipy_kl_div(p: Array, q: Array, r: Array) -> Array:
    """The sum of scipy.special.kl_div, whose terms have −p + q added.

    Formula: Σ (p ln(p/q) − p + q)
    Valid:   p and q have different sums
    Mend:    divide p and q by their sums, or sum scipy.special.rel_entr
    Source:  documentation of scipy.special.kl_div
    """
    return np.asarray(weighted_sum(p, r) - p.sum(axis=-1) + q.sum(axis=-1))


@other_quantity()
def pytorch_probabilities(p: Array, q: Array, r: Array) -> Array:
    """In PyTorch's kl_div(input, target), input holds probabilities where it takes log-probabilities.

    Formula: Σ p (ln p − q)
    Valid:   K > 1
    Mend:    kl_div(q.log(), p, reduction="sum"), or log_softmax of the logits
    Source:  documentation of torch.nn.functional.kl_div
    """
    return weighted_sum(p, np.log(p)) - weighted_sum(p, q)


@other_quantity(rarity=2)
def pytorch_log_target(p: Array, q: Array) -> Array:
    """In PyTorch's kl_div(input, target), log_target=True, but target holds probabilities.

    Formula: Σ e^p (p − ln q)
    Valid:   any P
    Mend:    leave log_target out, or give p.log() as the target
    Source:  documentation of torch.nn.functional.kl_div
    """
    return weighted_sum(np.exp(p), p - np.log(q))


@other_quantity(rarity=2)
def pytorch_log_probabilities_as_target(p: Array, q: Array) -> Array:
    """In PyTorch's kl_div(input, target), target holds log-probabilities without log_target=True.

    Formula: Σ (ln p ln ln p − ln p ln q)
    Valid:   K > 1; the logarithm of a negative number is NaN
    Mend:    log_target=True, or give the probabilities as the target
    Source:  documentation of torch.nn.functional.kl_div
    """
    return np.where((p < 1).any(axis=-1), np.nan, weighted_sum(p, -np.log(q)))
