"""The function that catalogue entries are made of, and what it says of itself: card, reference values, properties."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mcdiv.core.cards import NOT_STATED, Card, card_of
from mcdiv.estimators.entry import Property, ReferenceValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a decorator is given about its function; None where that is left out."""

    reference_values: tuple[ReferenceValue, ...] | None
    properties: frozenset[Property] | None

    @classmethod
    def of(
        cls,
        reference_values: Iterable[ReferenceValue] | None,
        properties: Iterable[Property] | None,
        anchors: Iterable[ReferenceValue] | None,
        laws: Iterable[Property] | None,
    ) -> "Stated":
        """As a decorator's keywords say it; `anchors` and `laws` are earlier names of two of them."""
        if anchors is not None and reference_values is not None:
            raise ValueError("'anchors' is the earlier name of 'reference_values'; give only the latter")
        if laws is not None and properties is not None:
            raise ValueError("'laws' is the earlier name of 'properties'; give only the latter")
        values, kept = (
            anchors if reference_values is None else reference_values,
            laws if properties is None else properties,
        )
        return cls(
            reference_values=None if values is None else tuple(values),
            properties=None if kept is None else frozenset(kept),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The function that entries are made of, and what it says of itself."""

    rule: Callable[..., Any]
    name: str
    card: Card
    reference_values: tuple[ReferenceValue, ...]
    properties: frozenset[Property]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, rule: Callable[..., Any], stated: Stated, name: str | None = None) -> "Origin":
        """Reads its card; a ValueError where an estimator of mcdiv leaves a part out."""
        ours = rule.__module__.partition(".")[0] == __name__.partition(".")[0]
        card = card_of(rule, optional=not ours)
        missing = {
            "card": card.formula == NOT_STATED,
            "reference values": stated.reference_values is None,
            "properties": stated.properties is None,
        }
        left_out = tuple(part for part, is_missing in missing.items() if is_missing)
        if ours and left_out:  # optional in a file of a user's own, never in this catalogue
            where = f"{inspect.getsourcefile(rule)}: {rule.__name__}"
            raise ValueError(f"{where}: an estimator of mcdiv states its {' and '.join(left_out)}, if only as []")
        return cls(
            rule=rule,
            name=name or rule.__name__,
            card=card,
            reference_values=stated.reference_values or (),
            properties=stated.properties or frozenset(),
            left_out=left_out,
        )
