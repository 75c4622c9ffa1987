"""Every number that the known slips, alone and in pairs, make of two pmfs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import SUM_TOLERANCE, Array
from mcdiv.core.log_ratios import kl_terms
from mcdiv.diagnosis.contract import Slip, slips
from mcdiv.diagnosis.given import Side
from mcdiv.diagnosis.weighted import weighted_sum

#: entries of the arrays that are worked on at once
_AT_ONCE = 2**17
#: what differs by no more, relatively, was only rounded
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Values in nats unless a slip is a unit, and the slips that lead to each."""

    #: shape (C,)
    values: Array
    #: none, one or two slips, in the order in which they are made
    slips: list[tuple[Slip, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """Pairs of pmfs, or what is put in their place, and the slips that led to each."""

    #: shape (I, B, K)
    p: Array
    q: Array
    slips: list[tuple[Slip, ...]]

    def where(self, wanted: Callable[[Slip], bool]) -> list[_Inputs]:
        """Those whose one slip is wanted; nothing where there are none."""
        kept = [i for i, (slip,) in enumerate(self.slips) if wanted(slip)]
        if len(kept) == len(self.slips):
            return [self]
        return [_Inputs(p=self.p[kept], q=self.q[kept], slips=[self.slips[i] for i in kept])] if kept else []


def candidates_of(p: Side, q: Side, more: Mapping[str, Sequence[float]] | None = None) -> Candidates:
    """All values that no slip, one slip or two slips lead to; `more`: further values of parameters by name."""
    known = _with_more(slips(), more or {})
    pairs, quantities, numbers = (
        [each for each in known if each.kind == kind] for kind in ("pair", "quantity", "number")
    )
    base = _base(p, q)
    daily: list[_Inputs] = []
    with np.errstate(all="ignore"):
        found = _Found([kl_as_given(base.p, base.q)[0].mean(keepdims=True)], [()])
        found.add(base, quantities)
        for inputs in _single(base, pairs, p, q):
            found.add(inputs, [None, *quantities])
            found.add_pairs([inputs], [slip for slip in pairs if slip.rarity == 1])
            daily += inputs.where(lambda slip: slip.rarity == 1)
        found.add_pairs(daily, [slip for slip in pairs if slip.rarity > 1])
        found.add_numbers(numbers, rows=base.p.shape[1], categories=base.p.shape[2])
    return Candidates(values=np.concatenate(found.values), slips=found.slips)


def _with_more(known: Sequence[Slip], more: Mapping[str, Sequence[float]]) -> list[Slip]:
    """The slips, and those with a parameter of these names with these values as well."""
    found = {each.label: each for each in known}
    for each in known:
        for name in each.given.keys() & more.keys():
            for value in more[name]:
                own = each.with_value(name, value)
                found.setdefault(own.label, own)
    return list(found.values())


def _base(p: Side, q: Side) -> _Inputs:
    """As given; sums that are 1 but for roundings are 1, as for every other function of mcdiv."""
    assert p.probabilities is not None
    assert q.probabilities is not None
    first, second = np.broadcast_arrays(p.probabilities, q.probabilities)
    return _Inputs(p=first[np.newaxis], q=second[np.newaxis], slips=[()])


def _single(base: _Inputs, pairs: Sequence[Slip], p: Side, q: Side) -> Iterator[_Inputs]:
    """One slip each, some at a time; those that change nothing here, but for roundings, are left out."""
    given: dict[str, Array] = {"p": base.p[0], "q": base.q[0]}
    given |= {f"z_{side.name}": side.numbers for side in (p, q) if side.kind == "logits"}
    found: list[tuple[Array, Array, Slip]] = []
    for slip in pairs:
        if given.keys() >= {*slip.takes}:
            first, second = np.broadcast_arrays(*slip.rule(*(given[name] for name in slip.takes), **slip.given))
            if not (_same(first, base.p[0]) and _same(second, base.q[0])):
                found.append((first, second, slip))
        if len(found) * base.p.size > _AT_ONCE:
            yield _stacked(found)
            found = []
    if found:
        yield _stacked(found)


def _same(x: Array, y: Array) -> bool:
    return bool((np.abs(x - y) <= _ROUNDING * y).all())


def _stacked(found: Sequence[tuple[Array, Array, Slip]]) -> _Inputs:
    first, second, made = zip(*found, strict=True)
    return _Inputs(p=np.stack(first), q=np.stack(second), slips=[(slip,) for slip in made])


def _not_of(family: str) -> Callable[[Slip], bool]:
    return lambda slip: slip.family != family


class _Found:
    """Values as they are found, and the slips that led to each."""

    def __init__(self, values: list[Array], made: list[tuple[Slip, ...]]) -> None:
        self.values, self.slips = values, made

    def add(self, inputs: _Inputs, rules: Sequence[Slip | None]) -> None:
        """Each quantity of each of these, the mean over the rows; None is KL(P‖Q)."""
        given = {"p": inputs.p, "q": inputs.q, "r": _log_ratios(inputs.p, inputs.q)}
        for rule in rules:
            if rule is None:
                rows = weighted_sum(given["p"], given["r"])
            else:
                rows = rule.rule(*(given[name] for name in rule.takes), **rule.given)
            self.values.append(rows.mean(axis=-1))
            self.slips += [each if rule is None else (*each, rule) for each in inputs.slips]

    def add_pairs(self, firsts: Sequence[_Inputs], seconds: Sequence[Slip]) -> None:
        """KL(P‖Q) of two slips one after the other, the second of another family than the first."""
        for second in seconds:
            if {*second.takes} != {"p", "q"}:
                continue
            for some in firsts:
                for first in some.where(_not_of(second.family)):
                    p, q = np.broadcast_arrays(*second.rule(first.p, first.q, **second.given))
                    self.add(_Inputs(p=p, q=q, slips=[(*each, second) for each in first.slips]), [None])

    def add_numbers(self, numbers: Sequence[Slip], *, rows: int, categories: int) -> None:
        """What is done with the values of at most one slip; with that of none, two things one after the other."""
        values = np.concatenate(self.values)
        numbers = [each for each in numbers if not (each.takes[1:] == ("rows",) and rows == 1)]
        few = [i for i, each in enumerate(self.slips) if len(each) < 2]
        starts, made = values[few], [self.slips[i] for i in few]
        while made:
            powers = np.array([next((each.unit_power for each in some if each.kind == "quantity"), 1) for some in made])
            given = {"x": starts, "unit_power": powers, "categories": categories, "rows": rows}
            undefined = np.isnan(starts)
            starts, made_before, made = starts[:0], made, []
            for slip in numbers:
                kept = [i for i, some in enumerate(made_before) if slip.family not in {each.family for each in some}]
                done = slip.rule(*(given[name] for name in slip.takes))
                # What it makes NaN of a number is none that it is done with, such as exp(x) of an x without a unit.
                kept = [i for i in kept if undefined[i] or not np.isnan(done[i])]
                done = done[kept]
                made_now = [(*made_before[i], slip) for i in kept]
                self.values.append(done)
                self.slips += made_now
                again = [i for i, some in enumerate(made_now) if len(some) < 2]
                starts = np.concatenate([starts, done[again]])
                made += [made_now[i] for i in again]


def _log_ratios(p: Array, q: Array) -> Array:
    """ln(p/q), elementwise: ±∞ where one of them is 0, and 0 where both are."""
    ratios = np.log(p / q)
    odd = ~np.isfinite(ratios)
    if odd.any():
        first, second = p[odd], q[odd]
        ratios[odd] = np.where((first == 0) & (second == 0), 0.0, np.log(first) - np.log(second))
    return np.asarray(ratios)


def kl_as_given(p: Array, q: Array) -> Array:
    """Σ p ln(p/q) for each row, of what need not sum to 1, without cancellation near p = q.

    Sums that are 1 within the tolerance of every other function of mcdiv are taken as 1.
    """
    sums = p.sum(axis=-1), q.sum(axis=-1)
    both_1 = (np.abs(sums[0] - 1) <= SUM_TOLERANCE) & (np.abs(sums[1] - 1) <= SUM_TOLERANCE)
    return np.asarray(kl_terms(p, q).sum(axis=-1) + np.where(both_1, 0.0, sums[0] - sums[1]))
