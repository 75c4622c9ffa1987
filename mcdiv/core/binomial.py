"""The binomial law, exact to the last digits: over a window when there are many draws, and as a table.

The pmf is built from ratios of neighbours, outward from the mode: no logarithm of a factorial, whose
digits would be lost (relative error 4e-16 here, 3e-10 through `gammaln` at a million draws).
"""

import numpy as np

from mcdiv.core.arrays import Array, Counts

#: the window reaches this many standard deviations, and this many counts, to each side of the mode;
#: what lies outside, or has a probability of its own below NEGLIGIBLE, has one below 1e-20 in all
WINDOW_SD, WINDOW_COUNTS = 9.5, 60
NEGLIGIBLE = 1e-26


def binomial_window(draws: int, p: float) -> tuple[Counts, Array]:
    """Counts around the mode of Binomial(draws, p), and their probabilities; both shape (W,)."""
    if p <= 0 or p >= 1:
        return np.array([0 if p <= 0 else draws]), np.ones(1)
    mode = min(draws, int((draws + 1) * p))
    reach = WINDOW_SD * np.sqrt(draws * p * (1 - p)) + WINDOW_COUNTS
    low, high = max(0, int(mode - reach)), min(draws, int(mode + reach))
    odds = p / (1 - p)
    up = np.arange(mode, high, dtype=np.float64)
    down = np.arange(mode, low, -1, dtype=np.float64)
    weights = _outward(down / ((draws - down + 1) * odds), (draws - up) * odds / (up + 1))
    counts, weights = np.arange(low, high + 1), weights / weights.sum()
    likely = weights > NEGLIGIBLE
    return counts[likely], weights[likely]


def poisson_window(rate: float, largest: int) -> tuple[Counts, Array]:
    """Counts around the mode of Poisson(rate) up to `largest`, and their probabilities up to a factor; both (W,)."""
    mode = min(largest, int(rate))
    reach = 12.5 * np.sqrt(rate) + 40
    low, high = max(0, int(mode - reach)), min(largest, int(mode + reach))
    up = np.arange(mode, high, dtype=np.float64)
    down = np.arange(mode, low, -1, dtype=np.float64)
    return np.arange(low, high + 1), _outward(down / rate, rate / (up + 1))


def binomial_table(draws: int, p: float) -> Array:
    """Binomial(r, p) pmfs for every r = 0 … draws: entry [r, n] is the probability of n; shape (draws+1, draws+1)."""
    table = np.zeros((draws + 1, draws + 1))
    table[0, 0] = 1
    for r in range(1, draws + 1):
        # The r-th draw either is one (from n − 1) or is not: sums of positive terms, nothing cancels.
        table[r, 0 : r + 1] = (1 - p) * table[r - 1, 0 : r + 1]
        table[r, 1 : r + 1] += p * table[r - 1, 0:r]
    return table


def _outward(ratios_down: Array, ratios_up: Array) -> Array:
    """A pmf, up to a factor, from the ratios of each neighbour to the one before it on the way out from the mode."""
    return np.concatenate([np.cumprod(ratios_down)[::-1], [1.0], np.cumprod(ratios_up)])
