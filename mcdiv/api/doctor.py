"""`mcdiv doctor` from Python: what is wrong with two pmfs, or with a number that should be their divergence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.catalogue import quoted
from mcdiv.core.labels import Distributed, matched
from mcdiv.diagnosis.checks import Check
from mcdiv.diagnosis.diagnosed import Diagnosis, diagnose
from mcdiv.diagnosis.given import KINDS, Kind, side_of
from mcdiv.files.counts import Reading
from mcdiv.observed.numbers import labels_of, numbers_given
from mcdiv.observed.option_texts import check_read_once
from mcdiv.scenario.plugins import load_plugins

__all__ = ["Diagnosis", "doctor"]


def doctor(
    p: Distributed | str | Path,
    q: Distributed | str | Path,
    got: float | str | None = None,
    *,
    p_as: Kind | None = None,
    q_as: Kind | None = None,
    normalise: bool = False,
    draws: int | None = None,
    temperature: float | None = None,
    eps: float | None = None,
    plugins: Sequence[str | Path] = (),
) -> Diagnosis:
    """Check two pmfs, and say which known slips give a number that should be KL(P‖Q).

    The number is looked up among other units, quantities, directions, means, library conventions, floors, temperatures
    and precisions, alone and in pairs. What matches does so to the digits given; nothing is guessed.

    Parameters
    ----------
    p, q : array_like, shape (K,) or (B, K), or mapping, or str or Path
        Numbers as they are: no sum and no sign is refused. Two that have labels are paired by them. A text is numbers
        such as "1/2, 1/2", a distribution such as "zipf: {k: 100}", or the name of a file; "-" is standard input. Of a
        batch, values are means over the rows.
    got : float or str, optional
        The number to look up. Its digits count: 0.1328 is any number from 0.13275 to 0.13285. A float has the digits
        that Python prints. It may be infinite or NaN.
    p_as, q_as : {"probabilities", "counts", "logprobs", "logits"}, optional
        What the numbers stand for. Left out, they are probabilities, or log-probabilities where none is positive and
        their exponentials sum to about 1.
    normalise : bool
        Divide probabilities by their sum first; otherwise what they sum to is one of the things that is looked at.
    draws : int, optional
        N: says what k1, k2 and k3 of N draws from P can be by chance.
    temperature, eps : float, optional
        Your own temperature, and your own floor or label smoothing, besides the usual ones.
    plugins : sequence of str or Path
        Python files with slips or readers of your own; they are run.

    Returns
    -------
    Diagnosis
        `.checks` says what is right and wrong with p and q, `.matches` which slips give the number, the simplest first,
        each with `.name`, `.formula`, `.value` in nats or in its unit, and `.mend`. `.accidents` says how many would by
        accident, and `.samples` is about k1, k2 and k3.

    Raises
    ------
    ValueError
        p or q are no numbers or do not go together, an argument is out of range, or a number is to be looked up in more
        than 300,000 entries.
    ScenarioError
        A file cannot be read.

    Examples
    --------
    >>> found = doctor([0.5, 0.3, 0.2], [0.7, 0.2, 0.1], got=0.1328)
    >>> [(match.name, round(match.value, 6), match.formula) for match in found.matches]
    [('bits', 0.132775, 'x/ln 2, x = Σ p ln(p/q)')]
    >>> found.matches[0].mend
    'multiply by ln 2 = 0.693147 for nats, or compare with a value in bits'
    """
    load_plugins(plugins)
    for name, kind in (("p_as", p_as), ("q_as", q_as)):
        if kind is not None and kind not in KINDS:
            raise ValueError(f"{name}: expected {', '.join(KINDS[:-1])} or {KINDS[-1]}, got {quoted(kind)}")
    if not isinstance(normalise, bool):
        raise ValueError(f"normalise: expected True or False, got {quoted(normalise)}")
    check_read_once(value for value in (p, q) if isinstance(value, str))
    found = {
        name: numbers_given(name, value, kind, Reading()) if isinstance(value, (str, Path)) else None
        for name, value, kind in (("p", p, p_as), ("q", q, q_as))
    }
    first, second = found["p"], found["q"]
    return diagnosed(
        {"p": p if first is None else first.values, "q": q if second is None else second.values},
        {
            "p": "counts" if first is not None and first.counted else p_as,
            "q": "counts" if second is not None and second.counted else q_as,
        },
        got,
        normalise=normalise,
        draws=draws,
        parameters={"temperature": temperature, "eps": eps},
    )


def diagnosed(
    values: Mapping[str, Any],
    kinds: Mapping[str, str | None],
    got: object,
    *,
    normalise: bool,
    draws: object,
    parameters: Mapping[str, object],
) -> Diagnosis:
    """The same of numbers that were read, by "p" and "q"."""
    paired, missing = _paired(values, kinds)
    labels = labels_of(tuple(values.values()))
    sides = {name: side_of(name, paired[name], kinds[name], labels=labels, normalise=normalise) for name in ("p", "q")}
    given = {name: [value] for name, value in parameters.items() if value is not None}
    return diagnose(sides["p"], sides["q"], got, draws, given, more_checks=missing)


def _paired(values: Mapping[str, Any], kinds: Mapping[str, str | None]) -> tuple[dict[str, Any], list[Check]]:
    """The numbers over the same categories; one that only the other has is 0, and that is said."""
    logarithms = any(kind in ("logprobs", "logits") for kind in kinds.values()) or _has_negative(values)
    paired = matched(values, fill=None if logarithms else 0, hint="add it with -inf" if logarithms else "add it with 0")
    checks = []
    for name, other in (("p", "q"), ("q", "p")):
        own, others = labels_of((values[name],)), labels_of((values[other],))
        lost = [label for label in others if label not in {*own}] if own else []
        if lost:
            number = f"{len(lost):,} categories" if len(lost) > 1 else "1 category"
            said = (
                f"{name} has no entry for {number} that {other} has, the first being '{quoted(lost[0])}': taken as 0."
            )
            checks.append(Check(name="categories", of=name, fine=False, said=said))
    return paired, checks


def _has_negative(values: Mapping[str, Any]) -> bool:
    return any(isinstance(each, Mapping) and _any_negative(each) for each in values.values())


def _any_negative(values: Mapping[Any, Any]) -> bool:
    return any(
        _any_negative(each) if isinstance(each, Mapping) else isinstance(each, (int, float, np.number)) and each < 0
        for each in values.values()
    )
