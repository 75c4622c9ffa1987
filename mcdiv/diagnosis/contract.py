"""What a slip is: one function with a card, of one of three kinds. A decorator makes a catalogue entry of it.

- `@changes_pair` on f(p, q) → (p, q): what is put into the formula is not the two pmfs.
- `@other_quantity` on f(p, q) → a value for each row: another formula. With an argument `r` it gets ln(p/q) as well.
- `@changes_number` on f(x) → x: what is done with the number that comes out.

All work over the last axis, on any leading axes. Values of a keyword-only parameter that are tried are given to the
decorator. The card says under Formula what is computed, under Valid where that makes a difference, and under Mend what
to do about it.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, TypeVar

from mcdiv.core.cards import Card, card_of
from mcdiv.core.catalogue import Catalogue
from mcdiv.core.spelling import spelled

Kind: TypeAlias = Literal["pair", "quantity", "number"]
Rule: TypeAlias = Callable[..., Any]
R = TypeVar("R", bound=Rule)
#: how a parameter is written in a formula
_SYMBOLS = {"eps": "ε", "temperature": "T"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slip:
    """A known way to get another number than KL(P‖Q) in nats, with values for its parameters."""

    #: with its parameters: clipped(eps=1e-07, of=q)
    label: str
    #: of two slips of one family, at most one is made at a time
    family: str
    kind: Kind
    rule: Rule
    #: the arguments without a default, in their order
    takes: tuple[str, ...]
    given: dict[str, Any]
    #: 1 for what happens every day, 2 for what takes some doing, 3 for what is seldom met
    rarity: int
    #: the value is in nats to this power: bits divide it by ln 2 to the power; 0 where it has no unit
    unit_power: float
    #: whether it is KL(P‖Q) for all but odd input, such as a zero
    only_odd_input: bool
    card: Card

    @property
    def formula(self) -> str:
        """What is computed, with the values of its parameters."""
        text = self.card.formula
        for key, value in self.given.items():
            text = text.replace(f"<{key}>", "p" if value == "both" else str(value))
        numbers = {key: value for key, value in self.given.items() if not isinstance(value, str)}
        values = [f"{_SYMBOLS.get(key, key)} = {value:g}" for key, value in numbers.items()]
        return ", ".join([text, *["q likewise"] * ("both" in self.given.values()), *values])

    def with_value(self, name: str, value: float) -> Slip:
        """The same slip with another value of a parameter."""
        given = self.given | {name: value}
        return replace(self, given=given, label=_label(self.rule, given))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipSummary:
    """One function of slips, whatever the values of its parameters."""

    name: str
    kind: Kind
    #: with a stand-in for a parameter that is a word
    formula: str
    #: the values that are tried of each parameter, in their order
    tried: dict[str, list[Any]]
    card: Card

    @property
    def tried_text(self) -> str:
        """The parameters with their values; empty if there is none."""
        return "; ".join(f"{name}: {', '.join(map(_written, values))}" for name, values in self.tried.items())


SLIPS: Catalogue[tuple[Slip, ...]] = Catalogue("slip", "mcdiv.diagnosis.slips")


def slips() -> list[Slip]:
    """All slips, those of one function with every value of their parameters."""
    return [each for several in SLIPS.values() for each in several]


def slip_summary(name: str) -> SlipSummary:
    """What the slips of one function have in common; a ValueError where there is no such name."""
    several = SLIPS[name]
    one = several[0]
    return SlipSummary(
        name=name,
        kind=one.kind,
        formula=one.card.formula.replace("<of>", "q").replace("<format>", "a format"),
        tried={key: list(dict.fromkeys(each.given[key] for each in several)) for key in one.given},
        card=one.card,
    )


def changes_pair(*, rarity: int = 1, family: str = "", **values: Iterable[Any]) -> Callable[[R], R]:
    """Enter a slip that puts something else into the formula; f(p, q) and, for those, z_p and z_q: the logits."""
    return _entered("pair", rarity=rarity, family=family, values=values)


def other_quantity(*, rarity: int = 1, unit_power: float = 1, only_odd_input: bool = False) -> Callable[[R], R]:
    """Enter another formula, f(p, q) or f(p, q, r) with r = ln(p/q)."""
    return _entered("quantity", rarity=rarity, family="quantity", unit_power=unit_power, only_odd_input=only_odd_input)


def changes_number(*, rarity: int = 1, family: str = "") -> Callable[[R], R]:
    """Enter what is done with the value x; f(x) and what else it needs of categories, rows and unit_power.

    It returns NaN for an x that it is not done with.
    """
    return _entered("number", rarity=rarity, family=family)


def _entered(
    kind: Kind,
    *,
    rarity: int,
    family: str,
    values: dict[str, Iterable[Any]] | None = None,
    unit_power: float = 1,
    only_odd_input: bool = False,
) -> Callable[[R], R]:
    def register(rule: R) -> R:
        card = card_of(rule, "Mend")
        parameters = inspect.signature(rule).parameters.values()
        tried = values or {}
        combinations = itertools.product(*map(tuple, tried.values()))
        entries = tuple(
            Slip(
                label=_label(rule, given),
                family=family or rule.__name__,
                kind=kind,
                rule=rule,
                takes=tuple(each.name for each in parameters if each.kind is not inspect.Parameter.KEYWORD_ONLY),
                given=given,
                rarity=rarity,
                unit_power=unit_power,
                only_odd_input=only_odd_input,
                card=card,
            )
            for given in (dict(zip(tried, some, strict=True)) for some in combinations)
        )
        SLIPS.add(rule.__name__, entries)
        return rule

    return register


def _label(rule: Rule, given: dict[str, Any]) -> str:
    return spelled(rule.__name__, [(key, _written(value)) for key, value in given.items()])


def _written(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
