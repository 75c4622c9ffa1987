"""What a diagnosis comes to, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mcdiv.core.arrays import SUM_TOLERANCE
from mcdiv.core.number_format import counted, figure, rounded
from mcdiv.core.performance import Measured
from mcdiv.diagnosis.diagnosed import Diagnosis
from mcdiv.diagnosis.matching import Accident, Match
from mcdiv.diagnosis.sample import Chance, Sampled

#: matches that are written out
MAX_SHOWN = 8
#: accidental matches from which on a match is no evidence
_MANY = 0.5
#: a probability above it is not written out
_NEARLY_1 = 0.999999


def sentences(found: Diagnosis) -> list[str]:
    """All that is to be said, line by line."""
    return [*_of_input(found), *_of_value(found), *_of_number(found), *_of_samples(found)]


def _of_input(found: Diagnosis) -> Iterator[str]:
    for check in found.checks:
        if check.name == "reading" or not check.fine or check.name in ("same", "temperature"):
            yield check.said
    if all(check.fine for check in found.checks):
        yield "Nothing is wrong with p and q themselves."


def _of_value(found: Diagnosis) -> Iterator[str]:
    if math.isnan(found.kl_normalised):
        yield "Without two pmfs there is no divergence, and no number is looked up."
        return
    rows = f", the mean over {found.rows:,} rows" if found.rows > 1 else ""
    if _sums_1(found):
        yield f"KL(P‖Q) = {figure(found.kl)} nats{rows}."
    else:
        yield (
            f"Σ p ln(p/q) of the two as given is {figure(found.kl)}{rows}; after each is divided by its sum, "
            f"KL(P‖Q) = {figure(found.kl_normalised)} nats."
        )


def _sums_1(found: Diagnosis) -> bool:
    same = found.kl == found.kl_normalised
    return same or abs(found.kl - found.kl_normalised) <= SUM_TOLERANCE * abs(found.kl_normalised)


def _of_number(found: Diagnosis) -> Iterator[str]:
    if found.got is None or math.isnan(found.kl_normalised):
        return
    if math.isfinite(found.low):
        yield f"{found.got} stands for {_end(found.low)} to {_end(found.high)}: {found.width_from}."
    if not found.matches:
        yield f"No known slip, alone or in a pair, gives {found.got}: none of {found.candidates:,} combinations does."
        if math.isfinite(found.low):
            yield "If it was computed in a narrower format than float64, give only the digits that it has there."
        return
    yield from _groups(found)
    yield from _accidents(found)


def _end(value: float) -> str:
    return f"{value:.9g}".replace("-", "−")


def _groups(found: Diagnosis) -> Iterator[str]:
    """The fewest slips in full, each value once, unless they are likely to be accidents; the others a line each."""
    matches = found.matches
    fewest = [match for match in matches if len(match.slips) == len(matches[0].slips)]
    shown: set[str] = set()
    for match in fewest[: 0 if _by_accident(found) else MAX_SHOWN]:
        if match.name not in shown:
            equal = [other for other in matches if other.name in match.same_value]
            shown |= {match.name, *match.same_value}
            yield from _in_full(match, equal)
    others = [match for match in matches if match.name not in shown]
    if others and shown:
        yield "More slips, or other values, also give it to these digits:"
    elif others:
        slips = "Pairs of slips" if len(fewest[0].slips) == 2 else "Slips"
        yield f"{slips} give it to these digits, but that may be an accident:"
    yield from (f"  {_in_short(match)}" for match in others[:MAX_SHOWN])
    if len(others) > MAX_SHOWN:
        yield f"  and {len(others) - MAX_SHOWN:,} more"


def _by_accident(found: Diagnosis) -> bool:
    """Whether the simplest matches are as many as are to be expected of any number of so few digits."""
    slips = len(found.matches[0].slips)
    return slips > 0 and any(each.slips == slips and each.expected >= _MANY for each in found.accidents)


def _in_full(match: Match, equal: list[Match]) -> Iterator[str]:
    yield _in_short(match)
    yield from (f"  {summary}" for summary in match.summaries)
    yield f"  Fix: {match.mend}."
    if equal:
        yield "  These give the same value for these p and q, to any number of digits:"
        yield from (f"    {other.name}: {other.formula}" for other in equal[:MAX_SHOWN])
    if len(equal) > MAX_SHOWN:
        yield f"    and {len(equal) - MAX_SHOWN:,} more"


def _in_short(match: Match) -> str:
    value = "NaN" if math.isnan(match.value) else figure(match.value)
    return f"{match.name} gives {value}: {match.formula}"


def _accidents(found: Diagnosis) -> Iterator[str]:
    """How many matches mean nothing."""
    if not found.accidents:
        yield "A number that is not finite has no digits to tell one match from another."
        return
    one, two = found.accidents
    pairs = any(len(match.slips) == 2 for match in found.matches)
    between = f"a random number from {_end(one.low)} to {_end(one.high)}"
    said = f"By accident: {between} matches, on average, {_expected(one)} there that at most one slip gives"
    yield said + (f", and {_expected(two)} that two give." if pairs else ".")
    if max(one.expected, two.expected if pairs else 0.0) >= _MANY:
        one_match = len(found.matches) == 1
        these = (
            "this match may well be an accident" if one_match else "some of these matches are likely to be accidents"
        )
        yield f"So {these}: give more digits."


def _expected(accident: Accident) -> str:
    return f"{_two_digits(accident.expected)} of the {counted(accident.values, 'value')}"


def _two_digits(value: float) -> str:
    return figure(float(f"{value:.2g}"))


def _of_samples(found: Diagnosis) -> Iterator[str]:
    for each in found.samples:
        draws = f"{each.name}, the mean over {counted(found.draws or 0, 'draw')} from P,"
        unbiased = math.isclose(each.mean, found.kl_normalised, rel_tol=1e-9, abs_tol=1e-15)
        known = "is KL(P‖Q) on average" if unbiased else "is not KL(P‖Q) on average"
        spread = f"with sd {figure(each.sd)}" if math.isfinite(each.sd) else "and infinite where q = 0"
        yield f"{draws} {known}: {figure(each.mean)} nats, {spread}. {_sampled(each, found.got)}"


def _sampled(each: Sampled, got: str | None) -> str:
    never = each.negative == Chance(probability=0.0, method="exact", error=0.0)
    said = "It is never negative" if never else f"It is negative with probability {_chance(each.negative)}"
    if each.at_most is None or each.at_least is None:
        return f"{said}."
    at_most, at_least = _chance(each.at_most), _chance(each.at_least)
    return f"{said}; {got} nats or less, to these digits, has probability {at_most}, {got} or more {at_least}."


def _chance(found: Chance) -> str:
    """A probability, to the digits that its error supports, and how it was got where it is not exact."""
    if found.method == "exact":
        near_1 = found.error > 0 and found.probability > _NEARLY_1
        return f"above {_NEARLY_1}" if near_1 else figure(found.probability)
    way = "between two lattices" if found.method == "lattice" else "by the normal approximation"
    return f"{rounded(Measured(value=found.probability, mcse=found.error))} ({way})"
