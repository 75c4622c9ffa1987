"""Learning Q from counts: the empirical cross-entropy as a function of logits, its gradient, and three ways down.

The loss is H(P̂, Q) with q = softmax(z). A coin has one logit, z = ln(q/(1 − q)), the other is held at 0;
with three or more categories every one has its logit. All is in nats.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.rows import kl_divergence_nats

#: step number, from 0 → step size
Rate: TypeAlias = Callable[[int], float]

#: no Newton step changes a logit by more: far from the minimum its length means nothing
MAX_NEWTON_STEP = 8.0
_MAX_HALVINGS = 60
#: the share of the decrease promised by the slope that a Newton step has to keep (Armijo's rule)
_KEPT = 1e-4


def softmax(logits: Array) -> Pmf:
    """q_k = exp(z_k)/Σ exp(z_j), shape (..., K)."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def logits_of(q: Pmf) -> Array:
    """Logits whose softmax is q, shape (K,): ln q, and for a coin (ln(q/(1 − q)), 0). Every q_k > 0."""
    logits = np.log(q)
    return np.asarray(logits - logits[1] if len(q) == 2 else logits)


def cross_entropy_gradient(logits: Array, p: Pmf) -> Array:
    """∂H(P, Q)/∂z_k = q_k − p_k of logits and a pmf, shapes (..., K): as H(P, Q) = ln Σ exp(z_k) − Σ p_k z_k."""
    return _free(softmax(logits) - p)


def kl_divergence_gradient(logits: Array, p: Pmf) -> Array:
    """∂KL(P‖Q)/∂z_j by the chain rule: Σ_k ∂KL/∂q_k · ∂q_k/∂z_j, shapes (..., K).

    From KL = Σ p_k ln(p_k/q_k) − p_k + q_k is ∂KL/∂q_k = 1 − p_k/q_k, and ∂q_k/∂z_j = q_k (δ_jk − q_j). It
    is not simplified to that of the cross-entropy, so that the two can be compared.
    """
    q = softmax(logits)
    slope = 1 - np.divide(p, q, out=np.zeros(q.shape), where=q > 0)
    return _free(q * (slope - (q * slope).sum(axis=-1, keepdims=True)))


def newton_direction(logits: Array, p: Pmf) -> Array:
    """What Newton's method subtracts: H d = gradient, with the Hessian H = diag(q) − q qᵀ; shape (K,).

    d_k = 1 − p_k/q_k solves it, as q_k d_k = q_k − p_k and Σ q_k d_k = 0. H has no inverse: adding a number to
    all logits changes nothing, which for a coin makes the second component of d zero.
    """
    direction = 1 - p / np.maximum(softmax(logits), np.finfo(float).tiny)
    return np.asarray(direction - direction[1] if len(p) == 2 else direction)


def gradient_descent(p: Pmf, start: Array, steps: int, rate: Rate) -> Array:
    """Logits before the first step and after each, shape (steps + 1, K): z ← z − rate · gradient, over all the data."""
    trace = _trace(start, steps)
    for step in range(steps):
        trace[step + 1] = trace[step] - rate(step) * cross_entropy_gradient(trace[step], p)
    return trace


def mini_batches(counts: Counts, start: Array, steps: int, rate: Rate, size: int, generator: Generator) -> Array:
    """The same with the gradient of one batch of draws a step, shape (steps + 1, K).

    The data are passed through again and again, shuffled anew each time; the last batch of a pass may be
    smaller. As the order within a batch does not matter, a batch is drawn as its counts.
    """
    trace = _trace(start, steps)
    rest = counts
    for step in range(steps):
        rest = counts if not rest.any() else rest
        taken = min(size, int(rest.sum()))
        batch = generator.multivariate_hypergeometric(rest, taken, method="marginals")
        rest = rest - batch
        trace[step + 1] = trace[step] - rate(step) * cross_entropy_gradient(trace[step], batch / taken)
    return trace


def newton(p: Pmf, start: Array, steps: int) -> Array:
    """The same by Newton's method, halving a step until the loss falls enough; shape (steps + 1, K)."""
    trace = _trace(start, steps)
    for step in range(steps):
        trace[step + 1] = _newton_step(trace[step], p)
        if (trace[step + 1] == trace[step]).all():  # no digit is left to improve
            trace[step + 1 :] = trace[step]
            break
    return trace


def _newton_step(logits: Array, p: Pmf) -> Array:
    direction = newton_direction(logits, p)
    slope = float(cross_entropy_gradient(logits, p) @ direction)
    # KL differs from the loss by H(P̂) alone, and keeps its digits near the minimum, where the loss has none left.
    before = float(kl_divergence_nats(p, softmax(logits)))
    length = min(1.0, MAX_NEWTON_STEP / max(1.0, float(np.abs(direction).max())))
    for _ in range(_MAX_HALVINGS):
        candidate = logits - length * direction
        if float(kl_divergence_nats(p, softmax(candidate))) <= before - _KEPT * length * slope:
            return np.asarray(candidate)
        length /= 2
    return logits


def _free(gradient: Array) -> Array:
    """A coin's second logit is held at 0."""
    if gradient.shape[-1] == 2:
        gradient[..., 1] = 0.0
    return gradient


def _trace(start: Array, steps: int) -> Array:
    trace = np.empty((steps + 1, len(start)))
    trace[0] = start
    return trace
