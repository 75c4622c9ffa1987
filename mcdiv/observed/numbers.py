"""Numbers that are to stand for a pmf: written out, as a distribution or in a file; as they are, right or wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.catalogue import quoted
from mcdiv.errors import ScenarioError
from mcdiv.files import counts
from mcdiv.files.counts import Reading, is_number
from mcdiv.observed.option_texts import distribution_of, is_distribution, shipped_or_own
from mcdiv.scenario.plugins import installed

#: a comma with no number before it
_NOTHING_BETWEEN = re.compile(r"^\s*,|,\s*,")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNumbers:
    """One pmf as it was given."""

    #: by category, by row and category, or in order
    values: Any
    #: whether they were counted, and so are counts
    counted: bool = False
    #: how a file was understood, where it is not as it stands
    read_as: str = ""


def numbers_given(option: str, value: str | Path, kind: str | None, reading: Reading) -> GivenNumbers:
    """The numbers of an option such as --p; a ScenarioError names it. `kind`: what they are said to be."""
    installed()
    text = str(value)
    if isinstance(value, str) and (rows := _written_out(option, text)) is not None:
        return GivenNumbers(values=rows)
    if isinstance(value, str) and is_distribution(text):
        return GivenNumbers(values=distribution_of(text, f"--{option}").pmf())
    if not text.strip():
        raise ScenarioError([f"--{option}: expected numbers, a distribution or a FILE, got '{quoted(text)}'"])
    source = shipped_or_own(text)
    layout = kind if reading.layout is None and kind in counts.OF_NUMBERS else reading.layout
    asked = replace(reading, layout="counts" if kind == "counts" and layout is None else layout, draws=None)
    name = counts.STANDARD_INPUT if source == "-" else text
    if kind == "counts":
        return _counted(option, name, source, asked)
    with counts.held(source):
        numbers, said = counts.read_numbers(source, replace(asked, normalise=False))
        if numbers is None:
            return _counted(option, name, source, asked)
    if not len(numbers):
        raise ScenarioError([f"{name}: has no numbers"])
    return GivenNumbers(values=numbers, read_as=f"{name}: {said}" if said else "")


def _counted(option: str, text: str, source: str, reading: Reading) -> GivenNumbers:
    """Counts of draws, which are the only thing a file can be that has no numbers by category."""
    tallies = counts.read_tallies(source, reading, pmfs=True)
    if len(tallies) > 1 and not all(tally.told_apart for tally in tallies):
        raise ScenarioError([f"--{option}: {text} has {len(tallies)} samples without names of categories"])
    shares = [tally.counts if tally.pmf is None else tally.pmf for tally in tallies]
    values: Any = shares[0]
    if all(tally.told_apart for tally in tallies):
        rows = {
            t.group: dict(zip(t.labels, each.tolist(), strict=True)) for t, each in zip(tallies, shares, strict=True)
        }
        values = rows if len(rows) > 1 else next(iter(rows.values()))
    return GivenNumbers(
        values=values,
        counted=all(tally.pmf is None for tally in tallies),
        read_as=f"{text}: read as {tallies[0].read_as}",
    )


def _written_out(option: str, text: str) -> Any:
    """The numbers of "0.5, 0.3, 0.2", "[1/2, 3/10, 1/5]" or, rows apart, "[[0.5, 0.5], [1, 0]]"; None if none are."""
    inside = "".join(text.split())
    if inside.startswith("[[") and inside.endswith("]]"):
        rows = [_row(option, row) for row in inside[2:-2].split("],[")]
        if len({len(row) for row in rows}) > 1:
            raise ScenarioError(
                [f"--{option}: expected rows of equal length, got {', '.join(str(len(r)) for r in rows)}"]
            )
        return np.array(rows)
    if inside.startswith("[") and inside.endswith("]"):
        return np.array(_row(option, inside[1:-1]))
    cells = text.replace(",", " ").split()
    few = sum(map(_is_one, cells))
    if len(cells) < 2 or (few < len(cells) and (not few or "," not in text or Path(text).exists())):
        return None
    if _NOTHING_BETWEEN.search(text):
        raise ScenarioError([f"--{option}: expected a number between two commas, got '{quoted(text)}'"])
    return np.array([_number(option, cell) for cell in cells])


def _row(option: str, text: str) -> list[float]:
    return [_number(option, cell) for cell in text.split(",")]


def _is_one(cell: str) -> bool:
    return all(map(is_number, _plain(cell).split("/"))) and cell.count("/") < 2


def _number(option: str, cell: str) -> float:
    parts = _plain(cell).split("/")
    if not _is_one(cell) or (len(parts) == 2 and float(parts[1]) == 0):
        raise ScenarioError([f"--{option}: expected a number, got '{quoted(cell)}'"])
    return float(parts[0]) / float(parts[1]) if len(parts) == 2 else float(parts[0])


def _plain(cell: str) -> str:
    return cell.replace("−", "-").replace("∞", "inf")


def labels_of(values: tuple[Any, ...]) -> tuple[str, ...]:
    """The names of the categories of what has some, in the order in which they are paired; empty if none has any."""
    known: dict[str, None] = {}
    for each in values:
        if isinstance(each, Mapping):
            rows = each.values() if each and all(isinstance(row, Mapping) for row in each.values()) else [each]
            known |= {str(label): None for row in rows for label in row}
    return tuple(known)
