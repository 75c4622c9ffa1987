"""Which slips, alone and in pairs, give a number to the digits given, and how many would by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcdiv.core.arrays import Array
from mcdiv.core.number_format import figure
from mcdiv.diagnosis.candidates import Candidates
from mcdiv.diagnosis.contract import Slip
from mcdiv.diagnosis.window import Window

#: values that differ by no more, relatively, are equal but for roundings
_SAME = 1e-11
#: what no slip leads to
FORMULA = "Σ p ln(p/q)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Slips that together give the number."""

    #: their labels, in the order in which they are made; "kl_divergence" where there is none
    name: str
    #: what is computed
    formula: str
    #: what it is for these p and q, in full
    value: float
    #: what to do about it
    mend: str
    #: the slips one by one; empty where there is none
    slips: tuple[str, ...]
    #: what each slip is, a sentence each
    summaries: tuple[str, ...]
    #: names of the other matches that have the same value for these p and q, which no digits would tell apart
    same_value: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    """How many matches are to be expected of a number that has nothing to do with p and q.

    It is taken to lie anywhere between two ends, each place with the same probability.
    """

    #: the number of slips: 1 for none or one, 2 for two
    slips: int
    #: distinct values between the two ends, without those of which a slip changes no digit that was given
    values: int
    #: half the number and one and a half times it, or further out where few digits were given
    low: float
    high: float
    #: the number of values times the width of the window over the distance of the ends
    expected: float


def matches_of(found: Candidates, window: Window, *, normalised: float | None = None) -> tuple[Match, ...]:
    """What gives the number, the simplest first; `normalised`: KL(P‖Q) of two that do not sum to 1, by their sums.

    A pair is left out where no slip or one of its two gives the number too, as the other changes no digit of it then.
    What is one slip is left out where none gives it, too, but for values that are equal to all digits, and are not
    those of a floor, a temperature or a format that changes nothing here.
    """
    inside = np.flatnonzero(window.holds(found.values))
    by_slips: dict[frozenset[str], int] = {}
    for i in inside.tolist():
        by_slips.setdefault(frozenset(slip.label for slip in found.slips[i]), i)
    kept = [i for i in by_slips.values() if not _needless(found, i, by_slips)]
    kept.sort(key=lambda i: _rank(found.slips[i], exact=_same(float(found.values[i]), window.value)))
    named = [(_name(found.slips[i]), float(found.values[i])) for i in kept]
    matches = []
    for i, (name, value) in zip(kept, named, strict=True):
        equal = tuple(other for other, other_value in named if other != name and _same(other_value, value))
        matches.append(_match(found.slips[i], value, equal, normalised))
    return tuple(matches)


def accidents_of(found: Candidates, window: Window) -> tuple[Accident, ...]:
    """For up to one slip and for pairs; nothing for a number that is not finite."""
    if not window.width:
        return ()
    reach = max(abs(window.value) / 2, 4 * window.width)
    low, high = window.value - reach, window.value + reach
    near = np.flatnonzero((found.values >= low) & (found.values <= high)).tolist()
    simple = {frozenset(slip.label for slip in each): i for i, each in enumerate(found.slips) if len(each) < 2}
    own = [i for i in near if not _near_fewer(found, i, simple, window.width)]
    accidents = []
    for slips, sizes in ((1, (0, 1)), (2, (2,))):
        values = _distinct(found.values[[i for i in own if len(found.slips[i]) in sizes]])
        expected = values * window.width / (high - low)
        accidents.append(Accident(slips=slips, values=values, low=low, high=high, expected=expected))
    return tuple(accidents)


def _near_fewer(found: Candidates, i: int, simple: dict[frozenset[str], int], width: float) -> bool:
    """Whether fewer of these slips lead to about the same value, so that they would match as well."""
    others = (simple[each] for each in _fewer(found.slips[i]) if each in simple)
    return any(abs(found.values[other] - found.values[i]) <= width for other in others)


def _distinct(values: Array) -> int:
    """How many there are that differ by more than roundings."""
    ordered: NDArray[np.float64] = np.sort(values)
    return int((np.diff(ordered, prepend=-np.inf) > _SAME * np.abs(ordered)).sum())


def _fewer(slips: Sequence[Slip]) -> list[frozenset[str]]:
    """All but all of these slips."""
    none = [frozenset[str]()] if slips else []
    return none + ([frozenset({slip.label}) for slip in slips] if len(slips) == 2 else [])


def _needless(found: Candidates, i: int, matching: dict[frozenset[str], int]) -> bool:
    slips = found.slips[i]
    others = [matching[each] for each in _fewer(slips) if each in matching]
    if len(slips) != 1 or slips[0].only_odd_input or (slips[0].kind == "pair" and slips[0].rarity > 1):
        return bool(others)
    return any(not _same(float(found.values[other]), float(found.values[i])) for other in others)


def _same(x: float, y: float) -> bool:
    return x == y or (np.isnan(x) and np.isnan(y)) or abs(x - y) <= _SAME * max(abs(x), abs(y))


def _rank(slips: Sequence[Slip], *, exact: bool) -> tuple[int, int, bool, bool]:
    """The fewest, then the most common, then what has all digits, then what changes only the pair or the number."""
    common = sum(slip.rarity for slip in slips)
    return len(slips), common, not exact, any(slip.kind == "quantity" for slip in slips)


def _name(slips: Sequence[Slip]) -> str:
    return " + ".join(slip.label for slip in slips) or "kl_divergence"


def _match(slips: Sequence[Slip], value: float, same_value: tuple[str, ...], normalised: float | None) -> Match:
    none, nothing = ("The Kullback–Leibler divergence KL(P‖Q), in nats.", "nothing: it is KL(P‖Q) in nats")
    if normalised is not None:
        none = "The formula of KL(P‖Q) with p and q as they were given, which do not both sum to 1."
        nothing = f"divide each by its sum: KL(P‖Q) is {figure(normalised)} nats then"
    return Match(
        name=_name(slips),
        formula=formula_of(slips),
        value=value,
        mend="; ".join(_in_unit(slip, slip.card.more["Mend"], slips) for slip in slips) or nothing,
        slips=tuple(slip.label for slip in slips),
        summaries=tuple(_in_unit(slip, slip.card.summary, slips) for slip in slips) or (none,),
        same_value=same_value,
    )


def formula_of(slips: Sequence[Slip]) -> str:
    """What these slips compute: "x/ln 2, x = Σ p ln(p/q), with p and q exchanged"."""
    by_kind = {
        kind: [_in_unit(slip, slip.formula, slips) for slip in slips if slip.kind == kind]
        for kind in ("pair", "quantity", "number")
    }
    text = by_kind["quantity"][0] if by_kind["quantity"] else FORMULA
    inner = ", then ".join(by_kind["pair"])
    outer = ", then ".join(by_kind["number"])
    return (f"{outer}, x = " if outer else "") + text + (f", with {inner}" if inner else "")


def _in_unit(slip: Slip, text: str, slips: Sequence[Slip]) -> str:
    """What a slip says; a change of units of the root of a divergence has roots of ln 2 and ln 10."""
    if slip.family == "unit" and any(each.kind == "quantity" and each.unit_power == 0.5 for each in slips):
        for log, number, root in (("ln 2", "0.693147", "0.832555"), ("ln 10", "2.302585", "1.517427")):
            text = text.replace(log, f"√{log}").replace(number, root)
    return text
