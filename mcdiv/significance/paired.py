"""Two scores of each item compared: mean difference, its standard error with and without pairing, tests, ratios.

With clusters of items (tokens of a document) the sums of residuals within a cluster take the place of single residuals,
G clusters that of n items (CR1 with G/(G − 1): Liang & Zeger 1986), and whole clusters have their signs flipped.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from mcdiv.core.arrays import Array
from mcdiv.core.rounding import ROUNDING
from mcdiv.significance.sign_flips import sign_flip_p, steps_of

Scores: TypeAlias = Literal["nll", "right", "other"]
#: the cluster of each item, from 0 on without a gap, shape (n,); None where items are independent
Clusters: TypeAlias = NDArray[np.intp] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedComparison:
    """Two scores of each item compared; differences are b − a, NaN is undefined, and None what does not apply.

    With groups every error, test and interval takes whole groups as independent, not single items.
    """

    #: mean of b − a, in the unit of the scores, and its standard error from the differences of pairs
    difference: float
    standard_error: float
    #: of the mean difference, by Student's t; both ends
    interval: tuple[float, float]
    #: two-sided p of "no difference": Student's t with one degree of freedom less than there are items (or groups)
    p_t: float
    #: that of the sign-flip test, and its Monte Carlo standard error: 0 where all patterns of signs count
    p_sign: float
    p_sign_mcse: float
    #: mean difference over its standard error
    t: float
    #: means of the two scores, in their unit, and the standard error of each by itself
    mean_a: float
    mean_b: float
    standard_error_a: float
    standard_error_b: float
    #: the standard error of the difference if the samples were independent, and its two-sided p by the normal law
    unpaired_standard_error: float
    unpaired_p: float
    #: Pearson's, of the scores of an item
    correlation: float
    #: e to the mean of the scores in nats, and b's over a's; None where the scores are no NLLs
    perplexity_a: float | None
    perplexity_b: float | None
    perplexity_ratio: float | None
    perplexity_ratio_interval: tuple[float, float] | None
    #: sum of the scores in bits over the sum of the bytes; the interval is that of b − a; None without bytes
    bits_per_byte_a: float | None
    bits_per_byte_b: float | None
    bits_per_byte_interval: tuple[float, float] | None
    #: items that only one of the two has right; None where the scores are not 0 and 1
    only_a: int | None
    only_b: int | None
    #: items that the t test would need for `power`, at a difference and a spread like these: in pairs, and in each of
    #: two independent samples; by the normal law, not rounded up; infinite where the difference is 0, NaN where the
    #: standard error is
    items_needed: float
    unpaired_items_needed: float
    #: how many items and groups there are (None without groups), and of how many of them the difference is not 0
    items: int
    groups: int | None
    differing: int
    #: "nll", "right" or "other"; nats, bits or bans, and "1" of scores that are no NLLs
    scores: Scores
    units: str
    #: of the intervals, and the power that `items_needed` is for
    level: float
    power: float

    def __repr__(self) -> str:
        """The difference and its p-values, on one line."""
        how = "exact" if not self.p_sign_mcse else f"MCSE {self.p_sign_mcse:.1g}"
        tests = f"p = {self.p_t:.4g} (t), {self.p_sign:.4g} (sign flips, {how})"
        return f"<mcdiv.PairedComparison: b − a = {self.difference:.6g} ± {self.standard_error:.2g}, {tests}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is asked of the scores besides their difference."""

    scores: Scores
    #: of the scores; nats per unit
    units: str
    nats: float
    level: float
    power: float
    replicates: int | None
    seed: int


def compare_scores(a: Array, b: Array, clusters: Clusters, sizes: Array | None, design: Design) -> PairedComparison:
    """Compare checked scores of at least two items, shape (n,), in at least two clusters; `sizes` are bytes."""
    steps = steps_of(a, b)
    differences = b - a if steps is None else steps[0] / steps[1]
    difference, error = _mean_and_error(differences, clusters, np.abs(a) + np.abs(b) if steps is None else None)
    (mean_a, error_a), (mean_b, error_b) = (_mean_and_error(scores, clusters) for scores in (a, b))
    freedom = (len(a) if clusters is None else int(clusters.max()) + 1) - 1
    interval = _t_interval(difference, error, freedom, design.level)
    unpaired = math.hypot(error_a, error_b)
    signed = sums_of(differences if steps is None else steps[0], clusters)
    flipped = sign_flip_p(signed, replicates=design.replicates, seed=design.seed)
    return PairedComparison(
        difference=difference,
        standard_error=error,
        interval=interval,
        p_t=float(2 * stdtr(freedom, -abs(difference / error))) if error else math.nan,
        p_sign=flipped.value,
        p_sign_mcse=flipped.mcse,
        t=difference / error if error else math.nan,
        mean_a=mean_a,
        mean_b=mean_b,
        standard_error_a=error_a,
        standard_error_b=error_b,
        unpaired_standard_error=unpaired,
        unpaired_p=float(2 * ndtr(-abs(difference / unpaired))) if unpaired else math.nan,
        correlation=_correlation(a, b),
        **_perplexities(mean_a, mean_b, difference, interval, design),
        **_bits_per_byte(a, b, differences, clusters, sizes, design),
        **_discordant(a, b, design),
        items_needed=_items_for_power(len(a), difference, error, design),
        unpaired_items_needed=_items_for_power(len(a), difference, unpaired, design),
        items=len(a),
        groups=None if clusters is None else freedom + 1,
        differing=int((signed != 0).sum()),
        scores=design.scores,
        units=design.units,
        level=design.level,
        power=design.power,
    )


def _mean_and_error(values: Array, clusters: Clusters, sizes: Array | None = None) -> tuple[float, float]:
    """The mean and its standard error; `sizes` is what values are rounded by, where it is more than they are."""
    mean = float(values.mean())
    sizes = np.abs(values) + abs(mean) if sizes is None else sizes
    return mean, _error(values - mean, sizes, clusters, len(values))


def _error(residuals: Array, sizes: Array, clusters: Clusters, total: float) -> float:
    """√(G/(G − 1) Σ_g (Σ_{i in g} r_i)²)/total; 0 where all residuals are roundings of numbers of these sizes."""
    sums = sums_of(residuals, clusters)
    return math.sqrt(len(sums) / (len(sums) - 1)) * _norm(sums, sums_of(sizes, clusters)) / total


def _norm(values: Array, sizes: Array) -> float:
    """√Σ v², of numbers whose squares may not be floats; 0 where all are roundings of numbers of these sizes."""
    largest = float(np.abs(values).max())
    if largest <= ROUNDING * sizes.max():
        return 0.0
    return largest * math.sqrt(float(((values / largest) ** 2).sum()))


def sums_of(values: NDArray[Any], clusters: Clusters) -> NDArray[Any]:
    """The sums of each cluster, in whole numbers where the values are."""
    if clusters is None:
        return values
    sums = np.zeros(int(clusters.max()) + 1, dtype=values.dtype)
    np.add.at(sums, clusters, values)
    return sums


def _t_interval(centre: float, error: float, freedom: int, level: float) -> tuple[float, float]:
    if not error:
        return math.nan, math.nan
    reach = float(-stdtrit(freedom, (1 - level) / 2)) * error
    return centre - reach, centre + reach


def _items_for_power(items: int, difference: float, error: float, design: Design) -> float:
    """n ((z_{1−α/2} + z_power) SE/difference)²."""
    if not error:
        return math.nan
    z = float(ndtri((1 + design.level) / 2) + ndtri(design.power))
    ratio = z * (error / difference) if difference else math.inf
    return items * ratio * ratio


def _correlation(a: Array, b: Array) -> float:
    residuals = [x - x.mean() for x in (a, b)]
    spreads = [_norm(r, np.abs(x) + abs(x.mean())) for r, x in zip(residuals, (a, b), strict=True)]
    if not all(spreads):
        return math.nan
    return min(1.0, max(-1.0, float((residuals[0] / spreads[0]) @ (residuals[1] / spreads[1]))))


def _perplexities(
    mean_a: float, mean_b: float, difference: float, interval: tuple[float, float], design: Design
) -> dict[str, Any]:
    names = ("perplexity_a", "perplexity_b", "perplexity_ratio", "perplexity_ratio_interval")
    if design.scores != "nll":
        return dict.fromkeys(names)
    low, high, *others = (_exp(x * design.nats) for x in (*interval, mean_a, mean_b, difference))
    return dict(zip(names, [*others, (low, high)], strict=True))


def _exp(x: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(x))


def _bits_per_byte(
    a: Array, b: Array, differences: Array, clusters: Clusters, sizes: Array | None, design: Design
) -> dict[str, Any]:
    names = ("bits_per_byte_a", "bits_per_byte_b", "bits_per_byte_interval")
    if sizes is None:
        return dict.fromkeys(names)
    total, bits = float(sizes.sum()), design.nats / math.log(2)
    centre = float(differences.sum()) / total
    residuals = differences - centre * sizes
    error = _error(residuals, np.abs(differences) + abs(centre) * sizes, clusters, total)
    freedom = (len(a) if clusters is None else int(clusters.max()) + 1) - 1
    interval = _t_interval(centre * bits, error * bits, freedom, design.level)
    return dict(zip(names, [float(a.sum()) / total * bits, float(b.sum()) / total * bits, interval], strict=True))


def _discordant(a: Array, b: Array, design: Design) -> dict[str, Any]:
    right = design.scores == "right"
    return {"only_a": int((a > b).sum()) if right else None, "only_b": int((b > a).sum()) if right else None}
