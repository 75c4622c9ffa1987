"""What a run found, as Python hands it over: records, tables, pictures, the answer and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcdiv.engine.checks import Verdict, verdicts
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import plan_of
from mcdiv.engine.problems import FATAL, Problem
from mcdiv.engine.records import Pair, Row
from mcdiv.files import disk, yaml_text
from mcdiv.results.lazy_tables import LazyTables
from mcdiv.results.table_source import TableSource
from mcdiv.results.write import manifest_of
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import Plugin

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.results.pictures import Drawing
    from mcdiv.results.words.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Results:
    """What a run found."""

    #: as run: every default filled in, the seed drawn
    scenario: Scenario
    #: records in nats, in the order of the tables
    rows: list[Row]
    pairs: list[Pair]
    intervals: list[IntervalRow]
    #: what is wrong with them, as records
    problems: list[Problem]
    #: by the names of the files: "summary", "performance", "convergence" … → DataFrame, each made when it is asked for
    tables: Mapping[str, pd.DataFrame]
    #: the answers that the scenario states, and whether they are met
    checks: list[Verdict]
    #: what was loaded from outside
    plugins: tuple[Plugin, ...] = ()
    #: where the files are, None if none were written
    folder: Path | None
    #: pictures and pages that could not be made of these tables, a line each
    failures: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The results table: a row per condition × estimand × estimator."""
        return self.tables["summary"]

    def records(self) -> list[dict[str, Any]]:
        """The summary as records for JSON, every digit kept."""
        from mcdiv.results.tables import to_records

        return to_records(self.summary)

    def __repr__(self) -> str:
        """What ran, on one line; the numbers are in `.summary`."""
        rows = f"{len(self.rows)} row{'' if len(self.rows) == 1 else 's'}"
        met = f", {sum(check.met for check in self.checks)} of {len(self.checks)} checks met" if self.checks else ""
        place = "" if self.folder is None else f", written to {self.folder}"
        return f"<mcdiv.Results of '{self.scenario.name}': {rows}{met}{place}>"

    def _repr_html_(self) -> str:
        """The same above the summary, as a notebook shows it: of many rows some."""
        table = self.summary.to_html(max_rows=10, max_cols=16, notebook=True)
        return f"<p><code>{escape(repr(self))}</code></p>\n{table}"

    def plot(self, name: str, *, style: str = "paper", measure: str = "", **selection: Any) -> Drawing:
        """One picture of these results, from `mcdiv.catalogue("plots")`: shown in a notebook, with `.save(path)`.

        `style`, `measure`, and what is drawn (`truth`, `estimators`, …) are as in `mcdiv.plot`. ValueError where there
        is no such picture, or nothing to draw in it.
        """
        from mcdiv.results import pictures

        return pictures.drawing(self.tables, name, pictures.look_of(style, measure, selection))

    def compare(self) -> pd.DataFrame:
        """The estimators ranked by |bias| and by RMSE: what `mcdiv.compare` says of this run."""
        from mcdiv.results.finished import finished_run
        from mcdiv.results.ranking import ranked

        return ranked([finished_run(self.scenario, self.tables, self.folder)])

    def digest(self, detail: int | str | None = None) -> Digest:
        """What `mcdiv run` prints, as `.caption`, `.tables`, `.legend` and `.sentences`: the answer across conditions.

        With `detail` one condition: its number in the column `condition`, or the sample size of a single one, "N=10".
        ValueError where there is no such condition, or more than one.
        """
        from mcdiv.results.words import digest

        args = self.rows, self.scenario.units, self.intervals, self.pairs
        if detail is None:
            return digest.digest(*args)
        conditions = list({row.condition.number: row.condition for row in self.rows}.values())
        return digest.detail(*args, number=digest.condition_named(conditions, detail).number)

    def report(self, path: str | Path) -> Path:
        """Write the page of this run to a new file: what a run that writes its results has as report.html.

        StoreError where the file exists already or cannot be written.
        """
        from mcdiv.results import pages

        target = disk.as_path("path", path)
        disk.raise_if_exists(target)
        written = yaml_text.write_text(self.scenario.as_written())
        manifest = manifest_of(self.scenario, self.plugins, written)
        disk.write_new(target, pages.page_of(self.tables, plan_of(self.scenario), written, manifest))
        return target

    @property
    def failed(self) -> bool:
        """Whether a check was not met, an estimator raised, simulated and exact disagree, or a picture failed."""
        wrong = any(problem.code in FATAL for problem in self.problems)
        return wrong or bool(self.failures) or not all(check.met for check in self.checks)


def results_of(source: TableSource, plugins: tuple[Plugin, ...]) -> Results:
    """The results of a study, whose tables are made when they are asked for."""
    found = source.findings
    return Results(
        scenario=found.scenario,
        rows=found.rows,
        pairs=found.pairs,
        intervals=found.intervals,
        problems=found.problems,
        tables=LazyTables(source),
        checks=verdicts(found.scenario, found.rows, found.intervals),
        plugins=plugins,
        folder=None,
    )
