"""Whether counts look as if rare categories were missing from them, or as if draws were counted more than once."""

import numpy as np
from scipy.special import bdtrc

from mcdiv.core.arrays import Counts
from mcdiv.core.number_format import figure

#: the largest probability that complete counts look so where it is said that they may be cut, and that they are
_MAY_BE, _IS = 0.05, 1e-4
#: fewer categories with the least count are no sign of anything
_FEWEST = 5


def chance_if_complete(counts: Counts) -> float:
    """The largest probability that complete counts (K,) lack rare categories as these do; 1 where they lack none.

    Counts of many categories are mixtures of Poisson counts, whose expected numbers f of categories seen r times fulfil
    (r! f_r)² ≤ (r − 1)! f_{r−1} (r + 1)! f_{r+1}, by Cauchy–Schwarz. So of those seen r − 1, r or r + 1 times the
    expected shares are as s : t : 1, with s ≥ r t²/(r + 1). The probability is that none is seen r − 1 times, and so
    many or more of the others r times, r the least count, at the t for which it is largest.
    """
    least = _least(counts)
    at, above = _numbers(counts, 2)
    if least == 1 or at < _FEWEST or (not above and not _counted_several_times(counts)):
        return 1.0
    t = np.geomspace(1e-3, 1e3, 2001)
    none = (1 + t) / (1 + t + least / (least + 1) * t**2)
    return float((none ** (at + above) * bdtrc(at - 1, at + above, t / (1 + t))).max())


def truncation_sentence(counts: Counts) -> str:
    """What it means that rare categories are missing; empty where counts (K,) do not look like that."""
    chance, least = chance_if_complete(counts), _least(counts)
    if chance > _MAY_BE:
        return ""
    at, above, beyond = _numbers(counts, 3)
    seen = f"No category was seen fewer than {least:,} times, but {at:,} were seen exactly {least:,} times"
    if least == 2:
        seen = f"No category was seen once, but {at:,} were seen twice{_expected(at, above, beyond)}"
    told = (
        "" if chance <= _IS else f" This happens by chance in at most about {100 * _MAY_BE:.0f} % of complete samples."
    )
    return f"{seen}.{told} {_explained(counts, likely=not told)}"


def _explained(counts: Counts, *, likely: bool) -> str:
    """What the counts look like, and what follows."""
    rare = "the categories seen once" if _least(counts) == 2 else "rarer categories"
    low, coverage = "estimates of the entropy tend to be too low", "the coverage C = 1 − f₁/N cannot be estimated"
    looks, were = ("It looks as if", "had been") if likely else ("It may be that", "were")
    times = int(np.gcd.reduce(counts))
    if times == 1:
        return (
            f"{looks} {rare} {were} removed, or some draws {were} counted more than once; if so, {low}, standard "
            f"errors may be too small, and {coverage}."
        )
    twice = "twice" if times == 2 else f"{times:,} times"
    was = "had been" if likely else "was"
    return (
        f"Every count is a multiple of {times:,}. {looks} every draw {was} counted {twice}, or {rare} {were} removed. "
        f"If counted {twice}, divide the counts by {times:,}: standard errors are too small by a factor of about "
        f"√{times:,}. If removed, {low}. Either way, {coverage}."
    )


def _expected(at: int, above: int, beyond: int) -> str:
    """How many categories seen once are to be expected at least, as far as the others tell."""
    if not above:
        return " and none three times"
    bound = f" and {above:,} three times: at least about 2 f₂²/(3 f₃) = {figure(2 * at**2 / (3 * above))} seen once"
    estimate = _chiu_chao(at, above, beyond)
    more = f" (the estimate of Chiu and Chao, 2016, is {figure(estimate)})" if estimate > 0 else ""
    return f"{bound} are to be expected{more}"


def _chiu_chao(f2: int, f3: int, f4: int) -> float:
    """The number of categories seen once that is estimated from those seen more often; 0 where f₃ or f₄ is 0."""
    return 4 * f2**2 / (3 * f3) - f2 * f3 / (2 * f4) if f3 and f4 else 0.0


def _counted_several_times(counts: Counts) -> bool:
    """Whether counts are multiples of their least one, and not only as even as by design."""
    return bool((counts % _least(counts) == 0).all()) and len(np.unique(counts[counts > 0])) > 2


def _least(counts: Counts) -> int:
    return int(counts[counts > 0].min())


def _numbers(counts: Counts, several: int) -> tuple[int, ...]:
    """How many categories have the least count, one more, and so on."""
    return tuple(int((counts == _least(counts) + more).sum()) for more in range(several))
