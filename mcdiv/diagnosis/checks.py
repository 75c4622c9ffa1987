"""Is there anything wrong with the two as they stand: a function each for readings, sums, zeros and precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mcdiv.core.arrays import SUM_TOLERANCE, Array
from mcdiv.core.number_format import counted, figure, percent
from mcdiv.diagnosis.formats import Format, decimals_of, narrowest
from mcdiv.diagnosis.given import Side

#: how it is written in a sentence
KIND_WORDS = {
    "probabilities": "probabilities",
    "counts": "counts",
    "logprobs": "log-probabilities",
    "logits": "logits",
}
#: more entries are not looked at for their decimals
_FEW = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    #: reading, sum, zeros, support or precision
    name: str
    #: "p", "q" or "p, q"
    of: str
    #: whether nothing is wrong
    fine: bool
    #: what was found, a sentence
    said: str


def checks_of(p: Side, q: Side) -> tuple[Check, ...]:
    """All checks of the two; those that need probabilities are left out where there are none."""
    found = [check for side in (p, q) for check in _of_one(side)]
    if p.probabilities is not None and q.probabilities is not None:
        first, second = np.broadcast_arrays(p.probabilities, q.probabilities)
        found += [_support(p, q, first, second), _support(q, p, second, first)]
        found += _same_sides(p, q)
    return tuple(found)


def _of_one(side: Side) -> Iterator[Check]:
    yield _reading(side)
    if side.probabilities is None:
        return
    precision = narrowest(side.numbers)
    if side.kind in ("probabilities", "logprobs"):
        yield _sum(side, precision)
    yield _zeros(side)
    yield _precision(side, precision)


def _reading(side: Side) -> Check:
    words = KIND_WORDS[side.kind]
    if side.wrong:
        return Check(name="reading", of=side.name, fine=False, said=f"{side.wrong}.")
    rows, categories = side.numbers.shape
    shape = counted(categories, "category", "categories") + (f" in {rows:,} rows" if rows > 1 else "")
    if side.said or side.kind == "probabilities":
        doubt = _other_kind(side)
        return Check(name="reading", of=side.name, fine=not doubt, said=doubt or f"{side.name}: {words}, {shape}.")
    sums = f"the exponentials of its entries sum to {_sums(side.sums)}"
    said = f"{side.name} has no positive entry, and {sums}: read as {words}, {shape}."
    return Check(name="reading", of=side.name, fine=True, said=said)


def _other_kind(side: Side) -> str:
    """A sentence where the numbers look like something else than what they are read as; else empty."""
    rows, name = side.numbers, side.name
    sums = rows.sum(axis=-1)
    if side.kind in ("logprobs", "logits") and (rows >= 0).all() and (np.abs(sums - 1) <= 1e-3).all():
        return f"{name} is given as {KIND_WORDS[side.kind]}, but its entries are ≥ 0 and sum to 1, as probabilities do."
    if side.kind == "logprobs" and (rows > 0).any():
        return f"{name} is given as log-probabilities, but has an entry above 0: it may hold logits."
    whole = (rows == np.floor(rows)).all() and (sums > 1).all()
    if side.kind == "probabilities" and whole:
        return f"{name} holds whole numbers: it may hold counts or logits, not probabilities."
    if side.kind == "probabilities" and (rows > 1).any():
        return f"{name} has an entry above 1: it may hold weights or logits, not probabilities."
    return ""


def _sum(side: Side, precision: Format | None) -> Check:
    sums = side.sums
    off = np.abs(sums - 1)
    worst = int(off.argmax())
    what = side.name if side.kind == "probabilities" else f"exp({side.name})"
    if side.divided:
        return Check(name="sum", of=side.name, fine=True, said=f"{what} was divided by its sum.")
    if (off <= SUM_TOLERANCE).all():
        return Check(name="sum", of=side.name, fine=True, said=f"{what} sums to 1.")
    where = f" in row {worst}" if len(sums) > 1 else ""
    said = f"{what} sums to {_sum_text(sums[worst])}{where}, not to 1: {_explained(side, precision, worst)}."
    return Check(name="sum", of=side.name, fine=False, said=said)


def _explained(side: Side, precision: Format | None, row: int) -> str:
    """Whether roundings of the entries can come to what the sum is off by."""
    assert side.probabilities is not None
    numbers, off = side.numbers[row], abs(float(side.sums[row]) - 1)
    scale = side.probabilities[row] if side.kind == "logprobs" else np.ones_like(numbers)
    if precision is not None and off <= precision.rounding_of_sum(numbers, scale):
        return f"each entry is a {precision.name}, whose rounding explains it"
    decimals = decimals_of(numbers) if numbers.size <= _FEW else None
    if decimals is not None and off <= 0.5 * 10.0**-decimals * float(scale.sum()) * (1 + 1e-9):
        return f"rounding to {counted(decimals, 'decimal')} explains it"
    return "rounding does not explain it"


def _zeros(side: Side) -> Check:
    assert side.probabilities is not None
    zeros = int((side.probabilities == 0).sum())
    if not zeros:
        return Check(name="zeros", of=side.name, fine=True, said=f"{side.name} has no probability of 0.")
    some = counted(zeros, "probability", "probabilities")
    hidden = int(((side.probabilities == 0) & (side.numbers != 0) & np.isfinite(side.numbers)).sum())
    lost = f"; {counted(hidden, 'of them is', 'of them are')} too small for a float" if hidden else ""
    return Check(name="zeros", of=side.name, fine=not hidden, said=f"{side.name} has {some} of 0{lost}.")


def _support(one: Side, other: Side, p: Array, q: Array) -> Check:
    """Whether the divergence of the first from the second is finite."""
    lost, first, second = (p > 0) & (q == 0), one.name, other.name
    names, divergence = f"{first}, {second}", f"KL({first.upper()}‖{second.upper()})"
    if not lost.any():
        said = f"{divergence} is finite: {second} > 0 wherever {first} > 0."
        return Check(name="support", of=names, fine=True, said=said)
    mass = float((p * lost).sum() / p.sum())
    number = counted(int(lost.sum()), "entry", "entries")
    place = other.entry(*np.argwhere(lost)[0].tolist())
    said = f"{divergence} is ∞: {second} = 0 and {first} > 0 in {number}, the first being {place}"
    share = f"; {percent(mass)} of the probability of {first} lies there."
    # KL(Q‖P) is only asked for where the two are exchanged.
    return Check(name="support", of=names, fine=first == "q", said=said + share)


def _precision(side: Side, precision: Format | None) -> Check:
    if precision is None:
        said = f"the entries of {side.name} are not all numbers of one format narrower than float64."
    else:
        said = f"each entry of {side.name} is exactly a {precision.name}."
    return Check(name="precision", of=side.name, fine=True, said=said[0].upper() + said[1:])


def _same_sides(p: Side, q: Side) -> list[Check]:
    """Whether the one is a power of the other that was not divided by its sum, as a temperature leaves it."""
    assert p.probabilities is not None
    assert q.probabilities is not None
    first, second = np.broadcast_arrays(p.probabilities, q.probabilities)
    if np.array_equal(first, second):
        return [Check(name="same", of="p, q", fine=True, said="p and q are the same, and KL(P‖Q) is 0.")]
    power = power_between(first, second)
    if power is None:
        return []
    said = f"ln p is a straight line in ln q with slope {figure(power)}: p is q at temperature {figure(1 / power)}"
    sums_1 = np.allclose([p.sums, q.sums], 1, rtol=0, atol=SUM_TOLERANCE)
    lost = "" if sums_1 else ", and they are not both divided by their sums"
    return [Check(name="temperature", of="p, q", fine=bool(sums_1), said=f"{said}{lost}.")]


def power_between(p: Array, q: Array) -> float | None:
    """The power t ≠ 1 with p ∝ q^t in every row; None where there is none, or two categories leave it open."""
    if p.shape[-1] < 3 or not ((p > 0) & (q > 0)).all():
        return None
    x, y = np.log(q), np.log(p)
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    if not (x * x).sum() > 0:
        return None
    power = float((x * y).sum() / (x * x).sum())
    straight = np.abs(y - power * x).max() <= 1e-9 * np.abs(y).max()
    return power if straight and power > 0 and abs(power - 1) > 1e-9 else None


def _sums(sums: Array) -> str:
    low, high = float(sums.min()), float(sums.max())
    return _sum_text(low) if low == high else f"between {_sum_text(low)} and {_sum_text(high)}"


def _sum_text(total: float) -> str:
    return f"{total:.12g}"
