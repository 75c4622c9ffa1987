"""The tables of a study by the names of their files, made when they are asked for: most questions need one or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.results.table_source import TableSource
    from mcdiv.results.tables.tabulate import Maker


class LazyTables(Mapping[str, "pd.DataFrame"]):
    """Name of a table → DataFrame in the scenario's units."""

    def __init__(self, source: TableSource) -> None:
        self._source = source
        self._made: dict[str, pd.DataFrame] = {}

    @cached_property
    def _makers(self) -> Mapping[str, Maker]:
        from mcdiv.results.tables import TABLES  # pandas takes its time to load

        there = {"zip": bool(self._source.ranked), "null_law": self._source.findings.scenario.test is not None}
        return {name: maker for name, maker in TABLES.items() if there.get(name, True)}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """One table; KeyError where there is none of that name."""
        if name not in self._made:
            self._made[name] = self._makers[name](self._source)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._makers)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._makers)

    def __repr__(self) -> str:
        """Their names."""
        return f"<tables: {', '.join(self)}>"
