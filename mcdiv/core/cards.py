"""What a catalogue entry says of itself: the headings of its docstring, which registration insists on."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcdiv.core.catalogue import docstring_of

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


def card_of(rule: Callable[..., Any], *more: str) -> Card:
    """Read a docstring's card; registration fails here, naming file and heading, where one is missing."""
    headings = (*_HEADINGS, *more)
    parts: dict[str, list[str]] = {}
    heading = "summary"
    for line in inspect.cleandoc(docstring_of(rule)).split("\n"):
        word, _, rest = line.partition(":")
        heading, text = (word, rest) if word in headings else (heading, line)
        parts.setdefault(heading, []).append(text.strip())
    read = {heading: " ".join(filter(None, lines)) for heading, lines in parts.items()}
    for wanted in ("summary", *headings):
        if not read.get(wanted):
            raise ValueError(f"{inspect.getsourcefile(rule)}: {rule.__name__}: the docstring has no '{wanted}:'")
    extra = {heading: read[heading] for heading in more}
    return Card(
        summary=read["summary"], formula=read["Formula"], valid=read["Valid"], source=read["Source"], more=extra
    )
