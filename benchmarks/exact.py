"""B9: the exact mean of the plug-in entropy of a coin: over a window against over the whole support."""

import mpmath
import numpy as np
from scipy import stats
from scipy.special import entr
from threadpoolctl import threadpool_limits

from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.rows import entropy_nats
from mcdiv.engine.exact import SamplingDesign, exact_bias
from mcdiv.estimators.registry import find

HEADS, DRAWS = 0.3, 1_000_000
PMF = np.array([HEADS, 1 - HEADS])
PLUGIN = find("entropy", "plugin", "sample")
ROUNDS = 9
DIGITS, WINDOW_SD = 50, 14
LARGEST_ERROR = 1e-12


def compare() -> list[Line]:
    """One line; the error is relative to the bias, which is a millionth of the mean."""
    with threadpool_limits(1):
        seconds = in_turn({"mcdiv": _windowed, "full sum": _full_support}, rounds=ROUNDS)
    truth = _true_bias()
    error, other = (abs(bias - truth) / abs(truth) for bias in (_windowed(), _full_support() - _entropy()))
    return [
        Line(
            number="B9",
            work=f"exact mean of the plug-in, N = {DRAWS}, p = {HEADS}",
            against="scipy.stats.binom.pmf summed over 0 … N",
            reach=100,
            measured=ratio(seconds["full sum"], seconds["mcdiv"]),
            at_least=True,
            answer=f"relative error of the bias {error:.1e} (full sum {other:.1e})",
            right=error <= LARGEST_ERROR,
            times=side_note(seconds),
        )
    ]


def _windowed() -> float:
    """The bias, from which the mean is one addition away."""
    assert PLUGIN is not None
    bias = exact_bias(PLUGIN, {}, SamplingDesign.of(PMF, None, DRAWS))
    assert bias is not None
    return bias


def _full_support() -> float:
    heads = np.arange(DRAWS + 1)
    share = heads / DRAWS
    return float(stats.binom.pmf(heads, DRAWS, HEADS) @ (entr(share) + entr(1 - share)))


def _entropy() -> float:
    return float(entropy_nats(PMF))


def _true_bias() -> float:
    """The bias to 50 digits, over all counts within 14 sd of the mode; the rest weighs less than 1e-40."""
    with mpmath.workdps(DIGITS):
        p = mpmath.mpf(HEADS)
        mode = int(DRAWS * HEADS)
        reach = int(WINDOW_SD * (DRAWS * HEADS * (1 - HEADS)) ** 0.5)
        weights = {mode: mpmath.mpf(1)}
        for n in range(mode, mode + reach):  # each weight from its neighbour's
            weights[n + 1] = weights[n] * (DRAWS - n) / (n + 1) * p / (1 - p)
        for n in range(mode, mode - reach, -1):
            weights[n - 1] = weights[n] * n / (DRAWS - n + 1) * (1 - p) / p
        mean = mpmath.fsum(weight * _entropy_of(mpmath.mpf(n) / DRAWS) for n, weight in weights.items())
        return float(mean / mpmath.fsum(weights.values()) - _entropy_of(p))


def _entropy_of(p: mpmath.mpf) -> mpmath.mpf:
    return -p * mpmath.log(p) - (1 - p) * mpmath.log(1 - p)
