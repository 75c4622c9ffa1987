"""What is to be noted of an estimate from data: values that cannot be, intervals that test nothing or lie beside it."""

import math
from collections.abc import Iterator
from typing import Literal, TypeAlias

from mcdiv.core.alphabets import categories_of
from mcdiv.core.arrays import Sample
from mcdiv.estimands.contract import estimand_of
from mcdiv.observed.usual import EDGE

#: where the number of categories is from: an option or a model, a file that lists some without draws, or those seen
Alphabet: TypeAlias = Literal["given", "listed", "seen"]

#: the estimate or an end of its interval is beyond what the estimand can be
BEYOND = "beyond its range"
#: the interval of a divergence excludes 0, which its method can do in most samples even where P = Q
NO_TEST = "not a test of P = Q"
#: the interval does not hold the estimate that it is given for
EXCLUDES = "excludes its own estimate"
#: simulated data like these show that the interval covers less often than its level
SHORT = "covers less than its level"
#: the methods that exclude a divergence of 0 as rarely as they say
_TESTS = ("clopper_pearson", EDGE)
#: divergences that are about so many times KL where Q is near P
_NEAR_EQUALITY = {"kl_divergence": 1.0, "js_divergence": 0.25, "jeffreys_divergence": 2.0, "chi_squared": 2.0}


def range_of(estimand: str, sample: Sample, *, alphabet_known: bool) -> tuple[float, float]:
    """The least and the largest value that an estimand can have, in nats, as far as alphabet and model are known."""
    categories = categories_of(sample) if alphabet_known else math.inf
    return estimand_of(estimand).range(categories, sample.q)


def spread_at_equality(estimand: str, sample: Sample) -> float:
    """The sd, in nats, of a plug-in divergence where Q = P: there it does not vanish as first-order standard errors do.

    2 KL/(1/N + 1/M) is about χ² with K − 1 degrees of freedom; near equality J is 2 KL and JS is KL/4.
    """
    size = _NEAR_EQUALITY.get(estimand_of(estimand).name)
    if size is None:
        return 0.0
    samples = [sample.counts[0], *([] if sample.counts_q is None else [sample.counts_q[0]])]
    categories = int((sum(samples) > 0).sum()) if sample.q is None else int((sample.q > 0).sum())
    return size * math.sqrt((categories - 1) / 2) * sum(1 / float(each.sum()) for each in samples)


def notes(
    estimand: str, method: str, value: float, ends: tuple[float, float], possible: tuple[float, float]
) -> Iterator[str]:
    """What to note of an estimate and the ends of its interval, all in nats; NaN where there is none."""
    least, most = possible
    slack = 1e-9 * max(1.0, least)
    if any(each < least - slack or most + slack < each < math.inf for each in (value, *ends)):
        yield BEYOND
    if estimand_of(estimand).divergence and method not in _TESTS and ends[0] > 0:
        yield NO_TEST
    # The interval at the edge holds only what is possible: an estimate that is not is noted as such.
    impossible = method == EDGE and value < least - slack
    if (ends[0] - slack > value or value > ends[1] + slack) and not impossible:
        yield EXCLUDES
