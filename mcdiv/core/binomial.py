"""The binomial law, exact to the last digits: over a window when there are many draws, and as a table.

The pmf is built from ratios of neighbours, outward from the mode: no logarithm of a factorial, whose
digits would be lost (relative error 4e-16 here, 3e-10 through `gammaln` at a million draws).
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array, Counts

#: the window reaches this many standard deviations, and this many counts, to each side of the mode;
#: what lies outside, or has a probability of its own below NEGLIGIBLE, has one below 1e-20 in all
WINDOW_SD, WINDOW_COUNTS = 9.5, 60
NEGLIGIBLE = 1e-26
#: of a matrix of windows
_ENTRIES = 2**18

#: ends and modes of windows: low, mode, high, each shape (L,)
_Window: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def binomial_window(draws: int, p: float) -> tuple[Counts, Array]:
    """Counts around the mode of Binomial(draws, p), and their probabilities; both shape (W,)."""
    one = np.array([p])
    counts, weights, _ = _binomial_rows(draws, one, _binomial_limits(draws, one))
    return counts, weights


def binomial_windows(draws: int, p: Array) -> tuple[Counts, Array, NDArray[np.int64]]:
    """The same for each of several p (L,), one window after the other (T,), and how many entries each has (L,)."""
    low, mode, high = _binomial_limits(draws, p)
    rows = similar_width(high - low + 1)
    parts = (_binomial_rows(draws, p[some], (low[some], mode[some], high[some])) for some in rows)
    counts, weights, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return counts, weights, lengths


def window_entries(draws: int, p: Array) -> int:
    """How many counts the windows of several p have together."""
    low, _, high = _binomial_limits(draws, p)
    return int((high - low + 1).sum())


def window_pieces(draws: int, p: Array, entries: int) -> Iterator[slice]:
    """Neighbours whose windows have about so many entries together."""
    low, _, high = _binomial_limits(draws, p)
    ends = np.cumsum(high - low + 1)
    start = 0
    while start < len(p):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + entries, side="right")))
        yield slice(start, stop)
        start = stop


def _binomial_limits(draws: int, p: Array) -> _Window:
    mode = np.minimum(draws, ((draws + 1) * p).astype(np.int64))
    reach = WINDOW_SD * np.sqrt(draws * p * (1 - p)) + WINDOW_COUNTS
    return np.maximum(0, mode - reach).astype(np.int64), mode, np.minimum(draws, mode + reach).astype(np.int64)


def _binomial_rows(draws: int, p: Array, window: _Window) -> tuple[Counts, Array, NDArray[np.int64]]:
    with np.errstate(divide="ignore"):
        odds = (p / (1 - p))[:, None]
    counts, weights = _outward(window, lambda n: n / ((draws - n + 1) * odds), lambda n: (draws - n) * odds / (n + 1))
    weights /= weights.sum(axis=1, keepdims=True)
    likely = weights > NEGLIGIBLE
    kept = np.flatnonzero(likely)
    return counts.ravel()[kept], weights.ravel()[kept], np.count_nonzero(likely, axis=1)


def poisson_windows(rates: Array, largest: int) -> tuple[Counts, Array]:
    """Counts around the modes of Poisson(rate) up to `largest`, and their probabilities up to a factor; both (L, W).

    Beyond the ends of its window a row has counts, perhaps impossible ones, with probability 0.
    """
    mode = np.minimum(largest, rates.astype(np.int64))
    low, high = poisson_limits(rates, largest)
    column = rates[:, None]
    return _outward((low, mode, high), lambda n: n / column, lambda n: column / (n + 1))


def poisson_limits(rates: Array, largest: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ends of these windows, each shape (L,)."""
    mode, reach = np.minimum(largest, rates.astype(np.int64)), 12.5 * np.sqrt(rates) + 40
    return np.maximum(0, mode - reach).astype(np.int64), np.minimum(largest, mode + reach).astype(np.int64)


def similar_width(widths: NDArray[np.int64], sizes: NDArray[np.int64] | None = None) -> Iterator[slice]:
    """Neighbours of one size whose windows are about as wide, as many as make a matrix that is not mostly empty."""
    start = 0
    while start < len(widths):
        width = int(widths[start])
        near = widths[start : start + max(1, _ENTRIES // (2 * width))]
        unlike = (near > 2 * width) | (2 * near < width)
        if sizes is not None:
            unlike |= sizes[start : start + len(near)] != sizes[start]
        far = np.flatnonzero(unlike)
        stop = start + (int(far[0]) if far.size else len(near))
        yield slice(start, stop)
        start = stop


def binomial_table(draws: int, p: float) -> Array:
    """Binomial(r, p) pmfs for every r = 0 … draws: entry [r, n] is the probability of n; shape (draws+1, draws+1)."""
    table = np.zeros((draws + 1, draws + 1))
    table[0, 0] = 1
    for r in range(1, draws + 1):
        # The r-th draw either is one (from n − 1) or is not: sums of positive terms, nothing cancels.
        table[r, 0 : r + 1] = (1 - p) * table[r - 1, 0 : r + 1]
        table[r, 1 : r + 1] += p * table[r - 1, 0:r]
    return table


def _outward(window: _Window, down: Callable[[Array], Array], up: Callable[[Array], Array]) -> tuple[Counts, Array]:
    """Rows of counts and of a pmf up to a factor, from the ratios of neighbours on the way out from the modes."""
    low, mode, high = (column[:, None] for column in window)
    below, above = int((mode - low).max()), int((high - mode).max())
    from_mode = np.arange(max(below, above), dtype=np.float64)
    # Ratios beyond the ends of a narrower window may be anything: they are not taken.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        falling, rising = down(mode - from_mode[:below]), up(mode + from_mode[:above])
    if len(mode) > 1:  # windows that are narrower end earlier
        falling = np.where(mode - from_mode[:below] > low, falling, 0.0)
        rising = np.where(mode + from_mode[:above] < high, rising, 0.0)
    weights = np.ones((len(mode), below + 1 + above))
    np.cumprod(falling, axis=1, out=weights[:, below - 1 :: -1] if below else weights[:, :0])
    np.cumprod(rising, axis=1, out=weights[:, below + 1 :])
    return mode + np.arange(-below, above + 1), weights
