"""What a catalogue entry says of itself: the headings of its docstring, which registration insists on."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcdiv.core.catalogue import docstring_of

#: what stands for a part of a card that its author left out
NOT_STATED = "not stated"
_HEADINGS = ("Formula", "Valid", "Source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a docstring says of an estimand, an estimator, an interval or a measure."""

    summary: str
    formula: str
    valid: str
    source: str
    #: by heading: what a kind of entry must say besides
    more: Mapping[str, str] = field(default_factory=dict, hash=False)


def card_of(rule: Callable[..., Any], *more: str, optional: bool = False) -> Card:
    """Read a docstring's card; registration fails here, naming file and heading, where one is missing.

    Where a card is optional, a docstring may have none of the headings, or there may be no docstring.
    """
    headings = (*_HEADINGS, *more)
    parts: dict[str, list[str]] = {}
    heading = "summary"
    for line in inspect.cleandoc(docstring_of(rule)).split("\n"):
        word, _, rest = line.partition(":")
        heading, text = (word, rest) if word in headings else (heading, line)
        parts.setdefault(heading, []).append(text.strip())
    read = {heading: " ".join(filter(None, lines)) for heading, lines in parts.items()}
    if optional and not any(heading in parts for heading in headings):
        summary = inspect.cleandoc(docstring_of(rule)).partition("\n\n")[0]
        read = dict.fromkeys(headings, NOT_STATED) | {"summary": " ".join(summary.split()) or NOT_STATED}
    for wanted in ("summary", *headings):
        if not read.get(wanted):
            raise ValueError(f"{inspect.getsourcefile(rule)}: {rule.__name__}: the docstring has no '{wanted}:'")
    extra = {heading: read[heading] for heading in more}
    return Card(
        summary=read["summary"], formula=read["Formula"], valid=read["Valid"], source=read["Source"], more=extra
    )
