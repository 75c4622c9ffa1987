"""The tables of a study by the names of their files, made when they are asked for: most questions need one or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from mcdiv.engine.simulate import Findings, Illustrations, illustrate

if TYPE_CHECKING:
    import pandas as pd


class LazyTables(Mapping[str, "pd.DataFrame"]):
    """Name of a table → DataFrame in the scenario's units.

    `plugins`: the files that a command which shows a replicate again has to name.
    """

    def __init__(self, found: Findings, plugins: Sequence[str] = ()) -> None:
        self.found, self.plugins = found, tuple(plugins)
        self.scenario, self.units = found.scenario.name, found.scenario.units
        self._made: dict[str, pd.DataFrame] = {}

    @cached_property
    def illustrations(self) -> Illustrations:
        """What samples and estimates look like, in three of the tables only; BLAS on one thread, as in a run."""
        with threadpool_limits(1):
            return illustrate(self.found.plan)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """One table; KeyError where there is none of that name."""
        from mcdiv.results.tables import TABLES

        if name not in self._made:
            self._made[name] = TABLES[name](self)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        from mcdiv.results.tables import TABLES

        return iter(TABLES)

    def __len__(self) -> int:
        """How many there are."""
        from mcdiv.results.tables import TABLES

        return len(TABLES)

    def __repr__(self) -> str:
        """Their names."""
        return f"<tables: {', '.join(self)}>"
