"""Pmfs that options give: written out, as a distribution, or in a file; over the same categories in one order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mcdiv.core.arrays import Pmf, as_pmf
from mcdiv.core.domains import parse_number
from mcdiv.core.labels import matched
from mcdiv.errors import ScenarioError
from mcdiv.files import counts
from mcdiv.files.counts import Reading
from mcdiv.observed.option_texts import check_read_once, distribution_of, is_distribution, shipped_or_own
from mcdiv.scenario.plugins import installed


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPmfs:
    """Pmfs over the same categories, by the name of the option."""

    pmfs: dict[str, Pmf]
    #: how each file was understood
    read_as: tuple[str, ...]


def pmfs_of(given: Mapping[str, str | None], reading: Reading) -> GivenPmfs:
    """The pmfs of options such as --policy; a ScenarioError names the option. None: the option was not given."""
    installed()
    check_read_once(given.values())
    read_as: list[str] = []
    values = {name: _values(name, text, reading, read_as) for name, text in given.items() if text is not None}
    labels = next((list(each) for each in values.values() if isinstance(each, Mapping)), [])
    values = {name: _evenly(labels, each) for name, each in values.items()}
    try:
        together = matched(values, fill=None, hint="add it with probability 0")
        pmfs = {
            name: as_pmf(_flat(name, each), name=name, normalise=reading.normalise) for name, each in together.items()
        }
    except ValueError as error:
        raise ScenarioError([_as_options(str(error), given)]) from None
    return GivenPmfs(pmfs=pmfs, read_as=tuple(read_as))


def _evenly(labels: list[str], values: Any) -> Any:
    """Equal probabilities without labels, as many as there are labels of others, by these: their order is no matter."""
    even = isinstance(values, np.ndarray) and values.shape == (len(labels),) and values.size and not np.ptp(values)
    return dict.fromkeys(labels, float(values[0])) if even else values


def _values(name: str, text: str, reading: Reading, read_as: list[str]) -> Any:
    """Numbers in order, or by category where a file names them."""
    numbers = _written_out(text)
    if numbers is not None:
        return numbers
    if is_distribution(text):
        return distribution_of(text, f"--{name}").pmf()
    if not text.strip() or text.strip().startswith("[") or ("," in text and not Path(text).exists()):
        raise ScenarioError([f"--{name} {text[:60]}: expected numbers, such as 0.5, 0.3, 0.2 or [1/2, 3/10, 1/5]"])
    tallies = counts.read_tallies(shipped_or_own(text), reading, pmfs=True)
    if len(tallies) > 1:
        raise ScenarioError([f"--{name}: {text} has {len(tallies)} groups; expected one pmf"])
    (tally,) = tallies
    counted = tally.pmf is None
    read_as.append(f"{text}: read as {tally.read_as}" + ("; taken as shares of their sum" if counted else ""))
    shares = tally.counts / tally.counts.sum() if tally.pmf is None else tally.pmf
    return dict(zip(tally.labels, shares.tolist(), strict=True)) if tally.told_apart else shares


def _written_out(text: str) -> list[float] | None:
    """The numbers of "0.5, 0.3, 0.2" or "[1/2, 3/10, 1/5]"; None where it is something else."""
    bracketed = text.strip().startswith("[") and text.strip().endswith("]")
    return numbers_in(text) if bracketed or "," in text else None


def numbers_in(text: str) -> list[float] | None:
    """The numbers of "0.5, 0.3", "[1/2, 3/10]" or "0.5"; None where one is none."""
    inside = text.strip()
    if inside.startswith("[") and inside.endswith("]"):
        inside = inside[1:-1]
    try:
        return [float(parse_number(part.strip())) for part in inside.split(",")]
    except ValueError:
        return None


def _flat(name: str, values: Any) -> Any:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one pmf, got shape {array.shape}")
    return array


def _as_options(said: str, names: Iterable[str]) -> str:
    """A mistake in an argument, in the words of the command."""
    for name in names:
        if said.startswith(name):
            said = f"--{said}"
        said = said.replace(f" {name} ", f" --{name} ")
    said = said.replace("give names to both, or arrays in the same order", "give both as files, or write both out")
    said = said.replace(", or arrays (to_numpy()) to pair them by position", "")
    return said.replace("normalise=True divides", "--normalise divides").replace("drawn_from", "drawn-from")
