"""The exact G test of a coin, and its inversion: which P(heads) it does not reject."""

import numpy as np
from scipy.special import betainc, expit, gammaln, xlogy

from mcdiv.core.arrays import Array, Counts, Pmf
from mcdiv.core.binomial import binomial_window
from mcdiv.significance.statistics import TIE, against_pmf

_HALVINGS = 60


def coin_p_values(draws: int, q: Pmf) -> Array:
    """For 0 … N heads, the probability that draws from Q, shape (2,), have a G at least as large; shape (N + 1,)."""
    heads = np.arange(draws + 1)
    statistic = against_pmf("g", np.stack([heads, draws - heads], axis=-1), q)
    chances = np.zeros(draws + 1)
    counts, weights = binomial_window(draws, float(q[0]))
    chances[counts] = weights
    order = np.argsort(-statistic, kind="stable")
    last = np.searchsorted(-statistic[order], -statistic * (1 - TIE), side="right") - 1
    return np.asarray(np.cumsum(chances[order])[last])


def accepted_coins(heads: int, draws: int, alpha: float) -> Array:
    """Ends of all the intervals of P(heads) whose exact G test has a p-value above α; sorted, shape (E,).

    The set need not be one interval, as the p-value of a fixed number of heads jumps where another becomes as extreme.
    """
    below = _accepted_below(heads, draws, alpha)
    above = 1 - _accepted_below(draws - heads, draws, alpha)
    return np.sort(np.concatenate([below, above, [heads / draws]]))


def _accepted_below(n: int, N: int, alpha: float) -> Array:
    """The ends up to p̂ = n/N.

    Where l is the largest count below Np that is as extreme as n, the p-value is P(X ≥ n) + P(X ≤ l). It is so for p
    from π_l to π_{l+1}, where G is the same for l and n: logit π_l = (φ(n) − φ(l))/(n − l) with
    φ(x) = x ln x + (N − x) ln(N − x). It falls, then rises there: the quotient of the two derivatives,
    b(n − 1; N − 1, p) and b(l; N − 1, p), rises in p.
    """
    if n == 0:
        return np.empty(0)
    lower = np.arange(-1, n)
    at = np.arange(n)
    step = (_phi(n, N) - _phi(at, N)) / (n - at)
    left = np.concatenate([[0.0], expit(step)])
    right = np.concatenate([left[1:], [n / N]])
    turn = np.concatenate([[0.0], _equal_slopes(np.arange(n - 1), n, N), left[-1:]])
    turn = np.clip(turn, left, right)

    def p_value(p: Array, last: Counts) -> Array:
        return betainc(n, N - n + 1, p) + np.where(last >= 0, betainc(N - last, np.maximum(last, 0) + 1, 1 - p), 0.0)

    at_left, at_turn, at_right = (p_value(p, lower) > alpha for p in (left, turn, right))
    ends = [left[at_left], right[at_right]]
    for outer, accepted in ((left, at_left), (right, at_right)):
        some = accepted & ~at_turn
        inside, outside, last = outer[some], turn[some], lower[some]
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            kept = p_value(middle, last) > alpha
            inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
        ends.append(inside)
    return np.concatenate(ends)


def _phi(x: Counts | int, N: int) -> Array:
    return np.asarray(xlogy(x, x) + xlogy(N - x, N - x))


def _equal_slopes(last: Counts, n: int, N: int) -> Array:
    """Where P(X ≥ n) rises as fast as P(X ≤ l) falls; shape (n − 1,)."""

    def log_choose(k: Counts | int) -> Array:
        return np.asarray(-gammaln(k + 1) - gammaln(N - k))

    return np.asarray(expit((log_choose(last) - log_choose(n - 1)) / (n - 1 - last)))
