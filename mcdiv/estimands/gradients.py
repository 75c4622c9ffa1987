"""The gradient of KL divergence by the logits of P: what a penalty term of KL adds to a step of a softmax policy."""

import math
from typing import Annotated

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.domains import CATEGORY
from mcdiv.core.log_ratios import log_ratio_where, relative_difference
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.estimands.contract import estimand


def _slopes(p: Pmf, q: Pmf, category: int) -> tuple[Array, Array]:
    p, q = np.broadcast_arrays(p, q)
    own, p_j = np.arange(p.shape[-1]) == category, p[..., category, np.newaxis]
    log_ratio, ratio = log_ratio_where(p, q), relative_difference(p, q) + 1
    divergence = kl_divergence_nats(p, q)[..., np.newaxis]
    by_p = np.where(own, log_ratio - divergence + 1, 0.0) - p_j * log_ratio
    return by_p, p_j * ratio - np.where(own, ratio, 0.0)


@estimand(
    symbol="∂KL(P‖Q)/∂z_{category}",
    limits=lambda categories, q, category: (-math.inf, math.inf),
    slopes=_slopes,
)
def kl_gradient(p: Pmf, q: Pmf, category: Annotated[int, CATEGORY]) -> Array:
    """Derivative of KL by one logit of a softmax policy P: what a KL penalty adds to a step of learning.

    Formula: ∂KL(P‖Q)/∂z_j = p_j (ln(p_j/q_j) − KL(P‖Q)),  p = softmax(z)
    Valid:   any P and Q with a finite KL divergence, else NaN; categories are numbered from 0. The entries of the
             gradient sum to 0, and all of them are 0 at P = Q.
    Source:  by definition, as ∂p_k/∂z_j = p_k ([k = j] − p_j)
    """
    if category >= p.shape[-1]:
        raise ValueError(f"there is no category {category}: {p.shape[-1]} categories are numbered from 0")
    p, q = np.broadcast_arrays(p, q)
    infinite = (p > 0) & (q == 0)
    log_ratio = np.where(infinite, 0.0, log_ratio_where(p, q))
    # ln r_j − Σ p ln r = Σ_k p_k (ln r_j − ln r_k), in which what is like category j cancels before it is rounded.
    differences = log_ratio[..., category, np.newaxis] - log_ratio
    value = p[..., category] * (p * differences).sum(axis=-1)
    return np.where(infinite.any(axis=-1), math.nan, value)
