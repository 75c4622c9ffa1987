"""Files of observations as counts, from Python: what the commands read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from mcdiv.api.argument_words import arguments_named
from mcdiv.core.arrays import MAX_DENSE
from mcdiv.errors import ScenarioError
from mcdiv.files import counts, disk
from mcdiv.files.counts import CategoryCounts
from mcdiv.files.counts.asked import reading_of
from mcdiv.observed.option_texts import shipped_or_own
from mcdiv.scenario.plugins import installed, load_plugins

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """How often each category occurred in each sample of a file."""

    #: a row for each sample, under the name of its group, a column for each category; whole numbers
    counts: pd.DataFrame
    #: how the file was understood
    read_as: str
    #: whether the names of the columns, or their order, tell which category is which
    named: bool
    #: what the file itself warns of; empty if nothing
    caution: str

    def __repr__(self) -> str:
        """The size of the table, and how the file was understood."""
        rows, columns = self.counts.shape
        return f"<mcdiv.Observations: {rows:,} × {columns:,} counts, read as {self.read_as}>"


def read(
    file: str | Path,
    *,
    layout: str | None = None,
    column: str | None = None,
    weights: str | None = None,
    by: str | None = None,
    text: Literal["letters", "words", "characters", "bytes"] | None = None,
    symbols: bool = False,
    samples: Literal["rows", "columns"] | None = None,
    ignore: str | Sequence[str] = (),
    missing: Literal["drop", "category"] | None = None,
    spectrum: tuple[str, str] | None = None,
    draws: int | None = None,
    normalise: bool = False,
    plugins: Sequence[str | Path] = (),
) -> Observations:
    """Read a file of observations as `mcdiv estimate` does: how often each category occurred in each sample.

    Parameters
    ----------
    file : str or Path
        A table, plain tokens or running text, in any format of `catalogue("readers")`; or the name of a shipped table
        from `catalogue("data")`.
    layout, column, weights, by, text, symbols, samples, ignore, missing, spectrum, draws, normalise, plugins
        As `estimates` has them. What has weights or probabilities needs `draws`, the number of draws: the counts are
        then that number of them, rounded.

    Returns
    -------
    Observations
        `.counts` is a DataFrame with a row for each sample, which `estimate`, `interval` and other functions take;
        `.read_as` says how the file was understood.

    Raises
    ------
    ScenarioError
        The file cannot be read, or could be read in more than one way; the message says which.

    Examples
    --------
    >>> found = read("butterflies")
    >>> found.counts.shape, int(found.counts.to_numpy().sum())
    ((1, 501), 3306)
    """
    load_plugins(plugins)
    source = str(disk.as_path("file", file))
    with arguments_named():
        reading = reading_of(
            column=column,
            weights=weights,
            by=by,
            text=text,
            symbols=symbols,
            layout=layout,
            samples=samples,
            ignore=ignore,
            missing=missing,
            spectrum=spectrum,
            draws=draws,
            normalise=normalise,
        )
        installed()
        tallies = counts.read_tallies(shipped_or_own(source), reading)
        return Observations(
            counts=_table(tallies, source),
            read_as="; ".join(dict.fromkeys(tally.read_as for tally in tallies)),
            named=all(tally.told_apart for tally in tallies),
            caution=" ".join(dict.fromkeys(tally.caution for tally in tallies if tally.caution)),
        )


def _table(tallies: Sequence[CategoryCounts], source: str) -> pd.DataFrame:
    import pandas as pd

    labels = dict.fromkeys(label for tally in tallies for label in tally.labels)
    if len(tallies) * len(labels) > MAX_DENSE:
        wrong = f"{len(tallies):,} samples × {len(labels):,} categories are too many counts for one table"
        raise ScenarioError([f"{source}: {wrong}; leave some out"])
    places = {label: place for place, label in enumerate(labels)}
    table = np.zeros((len(tallies), len(labels)), dtype=np.int64)
    for row, tally in zip(table, tallies, strict=True):
        row[[places[label] for label in tally.labels]] = tally.counts
    return pd.DataFrame(table, index=[tally.group for tally in tallies], columns=list(labels))
