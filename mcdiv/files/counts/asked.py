"""What is asked of a file, checked: the options of a command, and the arguments of a function, make one `Reading`."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from mcdiv.core.arrays import COUNT_LIMIT
from mcdiv.core.catalogue import did_you_mean, quoted, texts
from mcdiv.errors import ScenarioError
from mcdiv.files.counts.category_counts import Reading
from mcdiv.files.counts.layouts.contract import LAYOUTS

#: draws before the next one that can belong to it, at most
MAX_ORDER = 1000
#: what a scenario can say of how a file of counts is read
KEYS = (
    *("layout", "column", "weights", "by", "text", "symbols", "samples", "ignore", "missing", "spectrum", "draws"),
    "normalise",
)
#: names of columns, which may be numbers in YAML
_NAMED = ("column", "weights", "by", "ignore")
#: the words of an argument that has a few
CHOICES = {
    "text": ("letters", "words", "characters", "bytes"),
    "samples": ("rows", "columns"),
    "missing": ("drop", "category"),
}


def reading_of(
    *,
    column: str | None = None,
    weights: str | None = None,
    by: str | None = None,
    text: Any = None,
    symbols: bool = False,
    layout: str | None = None,
    samples: str | None = None,
    ignore: str | Sequence[str] = (),
    missing: Any = None,
    spectrum: Sequence[str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    order: int | None = None,
) -> Reading:
    """How a file is to be read.

    Raises
    ------
    ScenarioError
        A layout that nobody knows, or two options that do not go together.
    ValueError, TypeError
        What is no name, or none of the words there are.
    """
    for name, given in {"column": column, "weights": weights, "by": by, "layout": layout}.items():
        if given is not None and not isinstance(given, str):
            raise ValueError(f"{name}: expected a name, got {quoted(given)}")
    for name, given in {"text": text, "samples": samples, "missing": missing}.items():
        if given is not None and not (isinstance(given, str) and given in CHOICES[name]):
            *others, last = CHOICES[name]
            raise ValueError(f"{name}: expected {', '.join(others)} or {last}, got {quoted(given)}")
    for name, flag in {"symbols": symbols, "normalise": normalise}.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name}: expected True or False, got {quoted(flag)}")
    if draws is not None and not (isinstance(draws, int) and not isinstance(draws, bool) and 0 < draws < COUNT_LIMIT):
        raise ScenarioError([f"--draws: expected a whole number from 1 to 2^53, got {quoted(draws)}"])
    if layout is not None and layout not in LAYOUTS:
        raise ScenarioError([f"--layout: {did_you_mean('layout', layout, LAYOUTS)}"])
    if order is not None and not (isinstance(order, int) and not isinstance(order, bool) and 0 < order <= MAX_ORDER):
        raise ScenarioError([f"--order: expected a whole number from 1 to {MAX_ORDER}, got {quoted(order)}"])
    if order is not None and (layout, samples, spectrum, text) == (None,) * 4 and not symbols:
        layout = "sequence"
    return Reading(
        column=column,
        weights=weights,
        by=by,
        text=text,
        symbols=symbols,
        layout=_with_samples(layout, samples),
        ignore=texts("ignore", ignore, "names of columns"),
        missing=missing,
        spectrum=None if spectrum is None else _pair(spectrum),
        draws=draws,
        normalise=normalise,
        order=order,
    )


def reading_in(given: Mapping[str, Any]) -> Reading:
    """How a file is to be read by the words in a scenario, which are those of the options; else a ScenarioError."""
    asked: dict[str, Any] = {}
    for key, value in given.items():
        asked[key] = str(value) if type(value) is int and key in _NAMED else value
    try:
        return reading_of(**asked)
    except (TypeError, ValueError) as error:
        raise ScenarioError([str(error)]) from None


def names_in(text: str) -> list[str]:
    """The names in a list such as label,numOtus; one with a comma in it stands in double quotes."""
    return next(csv.reader([text]), [])


def _with_samples(layout: str | None, samples: str | None) -> str | None:
    """--samples is short for a layout."""
    if samples is None:
        return layout
    if layout not in (None, f"samples-in-{samples}"):
        raise ScenarioError([f"--layout and --samples do not go together: --samples is --layout samples-in-{samples}"])
    return f"samples-in-{samples}"


def _pair(spectrum: Sequence[str]) -> tuple[str, str]:
    names = texts("spectrum", spectrum, "two names of columns")
    if len(names) != 2:
        wanted = "two columns, of how often and of how many categories occurred so often"
        raise ScenarioError([f"--spectrum: expected {wanted}, got {quoted(', '.join(names))}"])
    return names
