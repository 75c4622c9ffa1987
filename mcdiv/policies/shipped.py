"""The gradient estimators that ship: k1, k2 and k3 in the loss and in the reward, and the exact sum in both.

In the loss a framework differentiates w k: the coefficient of the score is w dk/d ln p, and where w is differentiated
too, w k besides. In the reward k is a number, and the coefficient is w k. A clipped weight passes no gradient.
"""

import math
from typing import Annotated, Literal, TypeAlias

import numpy as np

from mcdiv.core.arrays import Array, Pmf
from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.policies.contract import gradient_estimator
from mcdiv.policies.gradients import kl_gradient
from mcdiv.policies.terms import TERMS, Weight, Weighting, importance_weight

Clip: TypeAlias = Annotated[Number, NONNEGATIVE]
#: in the reward, a number, nothing is differentiated
RewardWeighting: TypeAlias = Literal["none", "detached"]


@gradient_estimator(of="k1", placement="loss")
def k1_loss(p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Array:
    """The gradient of w k1, k1 = ln(p/q), at a draw.

    Formula: w ∇ ln p_x, and with w differentiated w (1 + k1) ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. Without w differentiated its expectation on the policy is 0, whatever Q is: it holds
             nothing of the divergence. With w differentiated it is exact; its variance is large, as the 1 stays.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return _in_the_loss("k1", p, q, o, weight, clip)


@gradient_estimator(of="k1", placement="reward")
def k1_reward(p: Pmf, q: Pmf, o: Pmf, weight: RewardWeighting = "none", clip: Clip = math.inf) -> Array:
    """The policy gradient of the cost k1 = ln(p/q), a number: REINFORCE.

    Formula: w k1 ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. Exact on the policy, and with the weight anywhere.
    Source:  Williams (1992), Simple statistical gradient-following algorithms; the gradient by definition
    """
    return _in_the_reward("k1", p, q, o, weight, clip)


@gradient_estimator(of="k2", placement="loss")
def k2_loss(p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Array:
    """The gradient of w k2, k2 = ½ ln²(p/q), at a draw.

    Formula: w k1 ∇ ln p_x, and with w differentiated w (k1 + k2) ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. On the policy without a weight, and with a detached one anywhere, it is exact: that of
             k1 in the reward. With w differentiated it is biased: it then is the gradient of the mean of k2.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return _in_the_loss("k2", p, q, o, weight, clip)


@gradient_estimator(of="k2", placement="reward")
def k2_reward(p: Pmf, q: Pmf, o: Pmf, weight: RewardWeighting = "none", clip: Clip = math.inf) -> Array:
    """The policy gradient of the cost k2 = ½ ln²(p/q), a number: REINFORCE.

    Formula: w k2 ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. Biased everywhere: near P = Q it is of second order, and the gradient of first.
    Source:  Williams (1992), Simple statistical gradient-following algorithms; the gradient by definition
    """
    return _in_the_reward("k2", p, q, o, weight, clip)


@gradient_estimator(of="k3", placement="loss")
def k3_loss(p: Pmf, q: Pmf, o: Pmf, weight: Weighting = "none", clip: Clip = math.inf) -> Array:
    """The gradient of w k3, k3 = q/p − 1 − ln(q/p), at a draw.

    Formula: w (1 − q/p) ∇ ln p_x, and with w differentiated w k1 ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. On the policy without a weight, and with a detached one anywhere, its expectation is
             p − q, the gradient of KL(Q‖P). With w differentiated it is exact.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return _in_the_loss("k3", p, q, o, weight, clip)


@gradient_estimator(of="k3", placement="reward")
def k3_reward(p: Pmf, q: Pmf, o: Pmf, weight: RewardWeighting = "none", clip: Clip = math.inf) -> Array:
    """The policy gradient of the cost k3 = q/p − 1 − ln(q/p), a number: REINFORCE.

    Formula: w k3 ∇ ln p_x;  w = 1 or p/o
    Valid:   q > 0 where p > 0. Biased everywhere, by the gradient of KL(Q‖P): its expectation with the weight is
             ∇KL(P‖Q) − (p − q), which near P = Q is of second order.
    Source:  Williams (1992), Simple statistical gradient-following algorithms; the gradient by definition
    """
    return _in_the_reward("k3", p, q, o, weight, clip)


@gradient_estimator(of="exact", placement="loss")
def exact_loss(p: Pmf, q: Pmf, o: Pmf) -> Array:
    """The gradient of KL(P‖Q) itself, summed over all categories (Rao–Blackwellised): the same for every draw.

    Formula: p_j (ln(p_j/q_j) − KL(P‖Q)) for each logit j
    Valid:   q > 0 where p > 0. Exact whatever the draws are from, with variance 0; it needs all K probabilities.
    Source:  by definition; Rao–Blackwell
    """
    return kl_gradient(p, q)[np.newaxis]


def _in_the_loss(name: str, p: Pmf, q: Pmf, o: Pmf, weight: Weighting, clip: Number) -> Array:
    term, factor = TERMS[name](p, q), _factor(p, o, weight, clip)
    if factor is None:
        return term.slope
    detached = factor.times(term.slope, term.slope_mass)
    if weight == "detached":
        return detached
    return np.where(factor.unclipped, detached + factor.times(term.value, term.value_mass), detached)


def _in_the_reward(name: str, p: Pmf, q: Pmf, o: Pmf, weight: RewardWeighting, clip: Number) -> Array:
    term, factor = TERMS[name](p, q), _factor(p, o, weight, clip)
    return term.value if factor is None else factor.times(term.value, term.value_mass)


def _factor(p: Pmf, o: Pmf, weight: Weighting, clip: Number) -> Weight | None:
    if weight != "none":
        return importance_weight(p, o, float(clip))
    if clip < math.inf:
        raise ValueError("clip: there is no weight to clip; expected weight=detached or differentiated beside it")
    return None
