"""A case as a record for JSON: its inputs in every format, and what every quantity of each of them is."""

import json
from decimal import localcontext
from fractions import Fraction
from functools import cache
from typing import Any

from mcdiv.golden.cases import CASES, Case
from mcdiv.golden.decimals import digits_for, text
from mcdiv.golden.formats import FORMATS, rounded
from mcdiv.golden.quantities import QUANTITIES, Pmf, Value

SCHEMA = 1
DIRECTION = "KL(P‖Q) = Σ p ln(p/q): p is the truth and comes first, q is the model"


@cache
def files() -> dict[str, str]:
    """The text of every file by its name: the index, then the cases."""
    contents = {"index": index()} | {case.name: record(case) for case in CASES}
    return {f"{name}.json": f"{json.dumps(each, indent=1, ensure_ascii=False)}\n" for name, each in contents.items()}


def index() -> dict[str, Any]:
    """What the files have in common: the quantities with their formulas and units, and the names of the cases."""
    return {
        "schema": SCHEMA,
        "direction": DIRECTION,
        "quantities": {
            name: {"formula": quantity.formula, "unit": quantity.unit} for name, quantity in QUANTITIES.items()
        },
        "cases": {case.name: case.trap for case in CASES},
    }


def record(case: Case) -> dict[str, Any]:
    """Everything about one case."""
    given = {"exact": (case.p, case.q)} | {kind: _in_format(case, kind) for kind in FORMATS}
    return {
        "schema": SCHEMA,
        "name": case.name,
        "trap": case.trap,
        "direction": DIRECTION,
        "unit": "nats",
        "categories": len(case.p),
        "inputs": {kind: {"p": _written(p, kind), "q": _written(q, kind)} for kind, (p, q) in given.items()},
        "sums": {kind: {"p": text(_total(p)), "q": text(_total(q))} for kind, (p, q) in given.items()},
        "outputs": {
            kind: {
                "as_given": outputs(p, q, normalised=False),
                "normalised": outputs(_normalised(p), _normalised(q), normalised=True),
            }
            for kind, (p, q) in given.items()
        },
    }


def _in_format(case: Case, kind: str) -> tuple[Pmf, Pmf]:
    """Both pmfs as the format holds them: fractions again, of which each is a number of the format."""
    p, q = (tuple(Fraction(rounded(x, kind)) for x in pmf) for pmf in (case.p, case.q))
    return p, q


def _written(pmf: Pmf, kind: str) -> list[str] | list[float]:
    return [str(x) for x in pmf] if kind == "exact" else [float(x) for x in pmf]


def _normalised(pmf: Pmf) -> Pmf:
    total = _total(pmf)
    return tuple(x / total for x in pmf)


def _total(pmf: Pmf) -> Fraction:
    return sum(pmf, Fraction(0))


def outputs(p: Pmf, q: Pmf, *, normalised: bool) -> dict[str, Any]:
    """The quantities of a pair, as text of 30 digits."""
    with localcontext(prec=digits_for(p, q)):
        values = {
            name: quantity.of(p, q)
            for name, quantity in QUANTITIES.items()
            if normalised or not quantity.normalised_only
        }
        return {
            name: [_text(each) for each in value] if isinstance(value, list) else _text(value)
            for name, value in values.items()
        }


def _text(value: Value) -> str | None:
    return None if value is None else text(value)
