"""The normal law, cut into bins so that it has a pmf."""

from typing import Annotated

import numpy as np
from scipy.special import ndtr

from mcdiv.core.arrays import Pmf
from mcdiv.core.distributions import distribution
from mcdiv.core.domains import ALPHABET, NUMBER, POSITIVE, Domain, Number, shown

#: below it floats lose digits, and then a divergence is infinite that should not be
_LEAST = 1e-300


def _span(value: object) -> tuple[Number, Number]:
    """`[-8, 8]`: where the bins begin and where they end."""
    expected = "expected two numbers, the smaller first, such as [-8, 8]"
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"{expected}, got {shown(value)}")
    low, high = (NUMBER.parse(entry) for entry in value)
    if not float(low) < float(high):
        raise ValueError(f"{expected}, got {shown(value)}")
    return low, high


_SPAN = Domain(expected="two numbers, the smaller first, such as [-8, 8]", reader=_span)


@distribution(may_refuse=True)
def normal(
    k: Annotated[int, ALPHABET],
    mean: Annotated[Number, NUMBER] = 0,
    sd: Annotated[Number, POSITIVE] = 1,
    span: Annotated[tuple[Number, Number], _SPAN] = (-8, 8),
) -> Pmf:
    """A normal law in k bins of equal width over `span`; the first bin holds all below it too, the last all above.

    The bins do not move with `mean` and `sd`, so two of the same k and span can be truth and model. Their KL is then
    at most that of the densities, which it approaches as bins become narrow and the span wide.
    """
    low, high = map(float, span)
    inner = (np.linspace(low, high, k + 1)[1:-1] - float(mean)) / float(sd)
    left, right = np.append(-np.inf, inner), np.append(inner, np.inf)
    # Φ(b) − Φ(a) = Φ(−a) − Φ(−b): above the mean the second has the digits.
    above = left > 0
    mass = np.where(above, ndtr(-left) - ndtr(-right), ndtr(right) - ndtr(left))
    if not mass.min() >= _LEAST:
        count = int((~(mass >= _LEAST)).sum())
        bins = "1 bin" if count == 1 else f"{count} bins"
        told = f"{bins} of {k} would have a probability below {_LEAST:g}, too small for floats"
        raise ValueError(f"{told}: use a narrower span around the mean {float(mean):g} or a larger sd")
    return mass
