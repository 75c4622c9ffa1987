"""The cases: a pair of pmfs each, exact, and what a library does wrong that gets this one wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A pair of pmfs over the same categories, for one trap."""

    name: str
    #: one sentence
    trap: str
    p: tuple[Fraction, ...]
    q: tuple[Fraction, ...]


def _case(name: str, p: str | Sequence[Fraction], q: str | Sequence[Fraction], trap: str) -> Case:
    return Case(name=name, trap=trap, p=_fractions(p), q=_fractions(q))


def _fractions(given: str | Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Fractions, from text such as '1/2, 3/10, 0.2'."""
    return tuple(Fraction(part.strip()) for part in given.split(",")) if isinstance(given, str) else tuple(given)


def _uniform(k: int) -> list[Fraction]:
    return [Fraction(1, k)] * k


def _rising(k: int) -> list[Fraction]:
    """In proportion to 1, 2, …, k."""
    return [Fraction(2 * i, k * (k + 1)) for i in range(1, k + 1)]


def _wavering(k: int, size: Fraction) -> list[Fraction]:
    """Uniform but for a relative difference that is by turns + and −."""
    return [Fraction(1, k) * (1 + (-1) ** i * size) for i in range(k)]


_HALF, _TINY = Fraction(1, 2), Fraction(1, 10**200)
_SMOOTHED = [Fraction(91, 100), *[Fraction(1, 100)] * 9]

CASES = [
    _case(
        *("direction", "1/2, 3/10, 1/5", "7/10, 1/5, 1/10"),
        "Swapped arguments: KL(P‖Q) and KL(Q‖P) are 8 % apart, so close that a rough tolerance passes both.",
    ),
    _case(
        *("bits", "1/2, 1/4, 1/8, 1/8", "1/4, 1/4, 1/4, 1/4"),
        "The unit: all values are in nats. Divided by ln 2, H(P) is 1.75 bits and KL(P‖Q) is 0.25 bits exactly.",
    ),
    _case(
        *("equal", "1/2, 3/10, 1/5", "1/2, 3/10, 1/5"),
        "Every divergence is exactly 0, not a rounding above or below it; cross-entropy is H(P), not 0.",
    ),
    _case(
        *("order_of_categories", "1/2, 3/10, 1/5", "1/5, 1/2, 3/10"),
        "The same probabilities in another order: 0 says that they were sorted, or paired by rank.",
    ),
    _case(
        *("one_category", "1", "1"),
        "K = 1: everything is 0, and nothing may be divided by ln K.",
    ),
    _case(
        *("certain", "1, 0, 0", "1/3, 1/3, 1/3"),
        "0 ln 0 is 0 in H(P) and in KL(P‖Q), not NaN; KL(Q‖P) is infinite.",
    ),
    _case(
        *("zero_in_p", "1/2, 1/2, 0", "1/2, 1/4, 1/4"),
        "A category with p = 0 adds nothing to KL(P‖Q), and must not make it NaN or infinite.",
    ),
    _case(
        *("zero_in_q", "1/2, 1/4, 1/4", "1/2, 1/2, 0"),
        "KL(P‖Q) is infinite. Without the category where q = 0 the sum is −0.17; with q clipped it is finite.",
    ),
    _case(
        *("zero_in_both", "1/2, 1/2, 0", "1/4, 3/4, 0"),
        "0/0 in a category that neither has: it adds nothing, and must not make the sum NaN.",
    ),
    _case(
        *("nothing_in_common", "1/2, 1/2, 0, 0", "0, 0, 1/4, 3/4"),
        "JS is ln 2 exactly and total variation 1, their largest values; KL is infinite both ways.",
    ),
    _case(
        *("near_equal_1e_4", "1/2, 1/2", "0.5001, 0.4999"),
        "Near P = Q the terms of KL cancel: it is 2e-8, of terms of 1e-4. In float32 a plain sum has no digit left.",
    ),
    _case(
        *("near_equal_1e_9", "1/2, 3/10, 1/5", "0.500000001, 0.299999999, 0.2"),
        "The same in float64: KL is 2.7e-18, below the rounding of one term. A plain sum is noise, of either sign.",
    ),
    _case(
        *("many_near_equal", _uniform(100), _wavering(100, Fraction(1, 10**6))),
        "A hundred terms of 1e-8 that cancel to 5e-13.",
    ),
    _case(
        *("clipped", "1/2, 1/2", [1 - Fraction(1, 10**12), Fraction(1, 10**12)]),
        "q = 1e-12 is lawful: a library that clips at 1e-7, 1e-8 or 1e-10 returns too little.",
    ),
    _case(
        *("tiny_q", "1/2, 1/2", [1 - Fraction(1, 10**300), Fraction(1, 10**300)]),
        "KL(P‖Q) is 344.7 in float64. In float32 and bfloat16 this q is 0, and KL of what was given is infinite.",
    ),
    _case(
        *("subnormal_q", "1/2, 1/2", [1 - Fraction(1, 10**40), Fraction(1, 10**40)]),
        "1e-40 is subnormal in float32 and bfloat16: where these are flushed to 0, KL becomes infinite.",
    ),
    _case(
        *("tiny_in_both", [1 - _TINY, _TINY], [1 - 2 * _TINY, 2 * _TINY]),
        "As floats p and q sum to 1 + 1e-200 and 1 + 2e-200, so Σ p ln(p/q) of the floats is negative, −6.9e-201.",
    ),
    _case(
        *("far_apart", "49/50, 19/1000, 1/1000", "1/2, 3/10, 1/5"),
        "KL(P‖Q) and KL(Q‖P) differ by a factor of 2.6: an average of both, or JS, passes for neither.",
    ),
    _case(
        *("floor_of_the_loss", _SMOOTHED, _SMOOTHED),
        "A label smoothed by 0.1 over ten classes, met exactly: cross-entropy is at its least, H(P), which is not 0.",
    ),
    _case(
        *("not_normalised", "0.1541, 0.0511, 0.0947", "0.1132, 0.5477, 0.339"),
        "p sums to 0.2999: the plain sum is negative, no divergence. Some libraries divide by the sums first.",
    ),
    _case(
        *("counts", "7, 2, 1", "2, 3, 5"),
        "Counts in place of probabilities: ten times KL where nothing normalises, as both sum to 10.",
    ),
    _case(
        *("thirds", "1/3, 1/3, 1/3", "1/6, 1/3, 1/2"),
        "No float is a third: in float32 the sum is off by 3e-8, which a check of the sum within 1e-9 refuses.",
    ),
    _case(
        *("float32_sum", _rising(100), _uniform(100)),
        "A hundred terms: added one by one, a sum kept in bfloat16 is 2 % off, one in float32 3e-9.",
    ),
    _case(
        *("mean_of_categories", "0.1, 0.2, 0.3, 0.4", "0.4, 0.3, 0.2, 0.1"),
        "The mean over the K categories, a quarter of the sum, is PyTorch's reduction='mean'. KL is the sum.",
    ),
    _case(
        *("negative_term", [_HALF, _HALF], "1/4, 3/4"),
        "KL(P‖Q) is less than either of its terms in size: a sum of |terms|, or without the negative one, is more.",
    ),
]
