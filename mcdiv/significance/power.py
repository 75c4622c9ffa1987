"""The exact size and power of a test of one sample against a known Q: how often it rejects where P = Q, or not."""

from __future__ import annotations

from dataclasses import dataclass

from mcdiv.core.arrays import Pmf
from mcdiv.significance.columns import law_of_samples

#: entries listed in one step of an exact law, where nobody asks for more
LIMIT = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a test does that rejects where the statistic is larger than its critical value."""

    #: the smallest attainable value that is exceeded with probability at most α where P = Q
    critical_value: float
    #: P(T > critical value) where P = Q, never above α
    size: float
    #: P(T > critical value) under the alternative
    power: float


def power_of_samples(
    name: str, q: Pmf, alternative: Pmf, draws: int, *, alpha: float, limit: int = LIMIT
) -> Power | None:
    """Size and power at level α with N draws; None where more than `limit` entries would be listed.

    Where the alternative has a category that Q has not, the statistic can be infinite, which is larger than any finite
    critical value; an infinite one is never exceeded.
    """
    law = law_of_samples(name, q, draws, limit, alternative)
    if law is None:
        return None
    critical = law.critical_value(alpha)
    size, power = law.exceeding(critical).tolist()
    return Power(critical_value=critical, size=size, power=power)
