"""All that is found of two pmfs and a number: checks, matches, and what a sample's estimates can be by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mcdiv.core.arrays import SUM_TOLERANCE, Array, check_batches
from mcdiv.core.catalogue import quoted
from mcdiv.core.domains import parse_number
from mcdiv.core.number_format import figure
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.diagnosis.candidates import candidates_of, kl_as_given
from mcdiv.diagnosis.checks import Check, checks_of, power_between
from mcdiv.diagnosis.given import MAX_ENTRIES, Kind, Side
from mcdiv.diagnosis.matching import Accident, Match, accidents_of, matches_of
from mcdiv.diagnosis.sample import Sampled, samples_of
from mcdiv.diagnosis.window import Window, window_of

#: draws beyond which a sample is none that anybody has
_MAX_DRAWS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Diagnosis:
    """What was found of P, Q and a number that should be a divergence of the two."""

    #: what the numbers of P and of Q stand for: probabilities, counts, logprobs or logits
    p_as: Kind
    q_as: Kind
    #: rows B and categories K; a value of several rows is their mean
    rows: int
    categories: int
    #: one for each thing that was looked at
    checks: tuple[Check, ...]
    #: Σ p ln(p/q) as given, in nats; NaN where one of the two is no pmf
    kl: float = np.nan
    #: KL(P‖Q) in nats after each is divided by its sum
    kl_normalised: float = np.nan
    #: the number that was looked up, as it was written; None without one
    got: str | None
    #: the least and the largest value that it may stand for; NaN without one
    low: float
    high: float
    #: what the width of that is from
    width_from: str
    #: what gives the number, the simplest first; empty if nothing does
    matches: tuple[Match, ...] = ()
    #: how many would by accident: with up to one slip, and with two
    accidents: tuple[Accident, ...] = ()
    #: distinct combinations of slips that were looked at
    candidates: int = 0
    #: k1, k2 and k3 as means over N draws from P; empty without N
    samples: tuple[Sampled, ...] = ()
    #: N; None without it
    draws: int | None

    def __repr__(self) -> str:
        """The divergence, the checks that failed and what gives the number, on one line; all else is in the fields."""
        said = [f"Σ p ln(p/q) = {figure(self.kl)}"]
        said += [f"check failed: {check.name} of {check.of}" for check in self.checks if not check.fine]
        if self.got is not None:
            said.append(
                f"{self.got} matches {self.matches[0].name}" if self.matches else f"nothing found matches {self.got}"
            )
        return f"<mcdiv.Diagnosis: {'; '.join(said)}>"


def diagnose(
    p: Side,
    q: Side,
    got: object,
    draws: object,
    parameters: Mapping[str, Sequence[object]],
    more_checks: Sequence[Check] = (),
) -> Diagnosis:
    """The diagnosis of two sides.

    Raises
    ------
    ValueError
        The two do not go together, are too large, or an argument is not what it should be.
    """
    rows, categories = _shape(p, q)
    known = {name: [_positive(name, value) for value in values] for name, values in parameters.items()}
    size = None if draws is None else _draws(draws, rows)
    window = None if got is None else window_of(got)
    if window is not None and rows * categories > MAX_ENTRIES:
        wrong = f"{rows:,} × {categories:,} probabilities are more than {MAX_ENTRIES:,}"
        raise ValueError(f"got: {wrong}, in which no number is looked up; give some of the rows")
    nothing = Diagnosis(
        p_as=p.kind,
        q_as=q.kind,
        rows=rows,
        categories=categories,
        checks=(*more_checks, *checks_of(p, q)),
        got=None if window is None else window.text,
        low=np.nan if window is None else window.low,
        high=np.nan if window is None else window.high,
        width_from="" if window is None else window.of,
        draws=size,
    )
    if p.probabilities is None or q.probabilities is None:
        return nothing
    first, second = (_by_sum(each) for each in (p.probabilities, q.probabilities))
    found = replace(
        nothing,
        kl=float(kl_as_given(p.probabilities, q.probabilities).mean()),
        kl_normalised=float(kl_divergence_nats(first, second).mean()),
        samples=() if size is None else samples_of(first[0], second[0], size, window),
    )
    return found if window is None else _looked_up(found, p, q, window, _with_own_temperature(known, first, second))


def _looked_up(
    diagnosis: Diagnosis, p: Side, q: Side, window: Window, parameters: Mapping[str, Sequence[float]]
) -> Diagnosis:
    """With what gives the number."""
    found = candidates_of(p, q, parameters)
    off = any((np.abs(side.sums - 1) > SUM_TOLERANCE).any() for side in (p, q))
    return replace(
        diagnosis,
        matches=matches_of(found, window, normalised=diagnosis.kl_normalised if off else None),
        accidents=accidents_of(found, window),
        candidates=len(found.slips),
    )


def _shape(p: Side, q: Side) -> tuple[int, int]:
    first, second = p.numbers.shape, q.numbers.shape
    if first[1] != second[1]:
        raise ValueError(f"p has {first[1]:,} categories, q has {second[1]:,}; they must be the same")
    check_batches(p=p.numbers if first[0] > 1 else None, q=q.numbers if second[0] > 1 else None)
    return max(first[0], second[0]), first[1]


def _positive(name: str, value: object) -> float:
    try:
        number = float(parse_number(value))
    except ValueError:
        number = 0.0
    if not number > 0:
        raise ValueError(f"{name}: expected a number above 0, got {quoted(value)}")
    return number


def _draws(value: object, rows: int) -> int:
    if rows > 1:
        raise ValueError(f"draws: a sample is drawn from one p, and there are {rows:,} rows")
    try:
        number = parse_number(value)
    except ValueError:
        number = 0
    if number != int(number) or not 0 < number <= _MAX_DRAWS:
        raise ValueError(f"draws: expected a whole number from 1 to {_MAX_DRAWS:,}, got {quoted(value)}")
    return int(number)


def _by_sum(values: Array) -> Array:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))


def _with_own_temperature(known: Mapping[str, list[float]], p: Array, q: Array) -> dict[str, list[float]]:
    """With the temperature that leads from the one to the other, if there is one."""
    power = power_between(*np.broadcast_arrays(p, q))
    own = [] if power is None else [float(f"{1 / power:.9g}"), float(f"{power:.9g}")]
    return {**known, "temperature": [*known.get("temperature", []), *own]}
