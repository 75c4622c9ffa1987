"""The whole journey on one screen: scenario → plan → findings → tables → files."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from mcdiv.core.catalogue import check_name, quoted
from mcdiv.engine import interrupts
from mcdiv.engine.cache.changes import changes, modules_of_study, run_metadata
from mcdiv.engine.cache.ledger import Ledger, open_ledger
from mcdiv.engine.cache.runner import BlockRunner, Deadline, code_hashes, code_version, environment_versions, libraries
from mcdiv.engine.checks import Verdict, verdicts
from mcdiv.engine.interval_block import IntervalRow
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.engine.pool import open_pool
from mcdiv.engine.problems import FATAL, Problem
from mcdiv.engine.ranked_intervals import RankedIntervals
from mcdiv.engine.records import Pair, Row
from mcdiv.engine.simulate import Findings, Progress, simulate
from mcdiv.files import disk, store, yaml_text
from mcdiv.results.kept import keep
from mcdiv.results.lazy_tables import LazyTables
from mcdiv.results.loading import load_plan
from mcdiv.results.table_source import TableSource
from mcdiv.results.write import manifest_of, write
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import Plugin, load_plugins, with_plugins

if TYPE_CHECKING:
    import pandas as pd

    from mcdiv.results.pictures import Drawing
    from mcdiv.results.words.digest import Digest

#: seconds that a run may be given
MAX_SECONDS = 1e10

#: told what a person may want to know meanwhile, a line each
Note = Callable[[str], None]


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
    tables: LazyTables
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


def run(
    scenario: Scenario | str | Path,
    *,
    settings: Sequence[str] = (),
    own_name: bool = False,
    plugins: Sequence[str | Path] = (),
    backend: str = "threads",
    workers: int | None = None,
    scheduler: str | None = None,
    out: str | Path | None = None,
    fresh: bool = False,
    max_time: float | Deadline | None = None,
    on_progress: Progress | None = None,
    on_work: Progress | None = None,
    on_note: Note | None = None,
    on_answer: Callable[[Results], None] | None = None,
) -> Results:
    """Run a scenario: simulate, compute exact values, tabulate, and write the results if told where.

    Parameters
    ----------
    scenario : Scenario, str or Path
        A scenario, the path of its file, or the name of a shipped one.
    settings : sequence of "key=value"
        Overrides of the file's values, with dotted keys.
    own_name : bool
        Call the study by what `settings` change of what is studied, as the command does without -o and --name: its
        results go to a folder of their own, such as fair-sample_sizes=10.
    plugins : sequence of str or Path
        Python files with estimators of your own; they are run.
    backend : {"threads", "serial", "processes", "dask"}
    workers : int, optional
        As many as there are cores if left out. The numbers do not depend on it.
    scheduler : str, optional
        Address of a Dask cluster; the backend dask starts one of its own on this machine if it is left out.
    out : str or Path, optional
        Folder for results; they go to `out`/<name>/. Nothing is written if left out. A ledger there remembers
        every block that was finished: the same call goes on after an interruption, and one that asks for more
        computes what is missing.
    fresh : bool
        Use nothing of earlier runs: nothing that the ledger remembers, none of their pictures.
    max_time : float, optional
        Seconds after the first block is begun after which no further one is. Several runs may share a Deadline.
    on_progress : callable(done, total)
        Told after every block.
    on_work : callable(made, left)
        Told after every block: how many were computed, not found in the ledger, and how many are left at most.
    on_note : callable(line)
        Told what has changed since the last run, and how much of it could be used.
    on_answer : callable(results)
        Given the results as soon as they are computed, before any table, picture or report is written; their
        `.folder` is None then.

    Returns
    -------
    Results
        `.summary` is a pandas DataFrame.

    Raises
    ------
    ScenarioError
        The scenario does not hold together; `.problems` has a line for everything wrong with it.
    StoreError
        The results cannot be written; whatever was there before is as it was.
    BackendError
        There are no workers, or none with the same versions.
    OutOfTime
        `max_time` is over, and blocks are left.
    """
    _check_arguments(backend, workers, out, max_time)
    on_progress, on_work, on_note = on_progress or _unheard, on_work or _unheard, on_note or _unheard
    on_answer = on_answer or _unheard
    loaded = load_plugins(plugins)
    plan = plan_of(scenario) if isinstance(scenario, Scenario) else load_plan(scenario, settings, own_name=own_name)
    worker_pool = open_pool(backend, workers, scheduler, environment_versions, interrupts.held)
    deadline = max_time if isinstance(max_time, Deadline) else Deadline(max_time)
    wrap = partial(with_plugins, plugins=loaded)
    # BLAS on one thread: its own threads would stall beside busy cores, and change the last digits.
    with threadpool_limits(1):
        if out is None:
            with worker_pool as pool:
                runner = BlockRunner(pool, deadline=deadline, wrap=wrap)
                results = _computed(_seeded(plan, {}), runner, None, loaded, on_progress, on_work)
            on_answer(results)
            return results
        out = Path(out)
        with store.lock_output(out, plan.scenario.name) as folder:
            opened = open_ledger(store.init_results(folder, out, plan.scenario.name), code_version(), fresh=fresh)
            with worker_pool as pool, opened as ledger:
                plan = _seeded(plan, ledger.metadata)
                runner = BlockRunner(pool, ledger, deadline, wrap)
                _compare_with_last(plan, ledger, on_note)
                results = _computed(plan, runner, folder, loaded, on_progress, on_work)
                ledger.delete_stale()
            if runner.cached:
                on_note(f"{runner.cached:,} of {runner.requested:,} blocks were there from earlier runs")
            on_answer(results)
            failures = write(results.tables, plan, loaded, folder, None if fresh else out / plan.scenario.name)
            with interrupts.held():
                place = store.commit(folder, out, plan.scenario.name)
        return replace(results, folder=place, failures=tuple(failures))


def _computed(
    plan: Plan,
    runner: BlockRunner,
    folder: Path | None,
    plugins: tuple[Plugin, ...],
    on_progress: Progress,
    on_work: Progress,
) -> Results:
    """The study simulated, what it saves written to `folder` if there is one, and its tables ready to be made."""

    def tell(done: int, total: int) -> None:
        on_work(runner.computed, max(total - runner.cached - runner.computed, 0))
        on_progress(done, total)

    found = simulate(plan, runner, tell)
    return _tabulated(found, plugins, keep(plan, found.blocks, runner.map, folder))


def _unheard(*_: object) -> None:
    """What is told where nobody listens."""


def _check_arguments(backend: object, workers: object, out: object, max_time: object) -> None:
    """What no scenario says, checked before anything is read."""
    check_name("backend", backend)
    if workers is not None and (isinstance(workers, bool) or not isinstance(workers, Integral) or workers < 1):
        raise ValueError(f"workers: expected a whole number >= 1, got {quoted(workers)}")
    if out is not None and (not isinstance(out, (str, Path)) or "\0" in str(out)):
        raise TypeError(f"out: expected the path of a folder, got {quoted(out)}")
    if max_time is None or isinstance(max_time, Deadline):
        return
    if (
        isinstance(max_time, bool)
        or not isinstance(max_time, Real)
        or not (max_time < MAX_SECONDS or max_time == math.inf)
    ):
        raise ValueError(f"max_time: expected a number of seconds below {MAX_SECONDS:.0e}, got {quoted(max_time)}")


def _seeded(plan: Plan, last: Mapping[str, Any]) -> Plan:
    """With a seed in any case: its own, that of the run it goes on with, or one that is drawn now."""
    if plan.scenario.seed is not None:
        return plan
    return plan.seeded(last["seed"] if last else secrets.randbits(32))


def _compare_with_last(plan: Plan, ledger: Ledger, on_note: Note) -> None:
    metadata = run_metadata(plan, libraries(), code_hashes(modules_of_study(plan)))
    for line in changes(ledger.metadata, metadata):
        on_note(line)
    ledger.write_metadata(metadata)


def _tabulated(found: Findings, plugins: tuple[Plugin, ...], ranked: list[RankedIntervals]) -> Results:
    return Results(
        scenario=found.scenario,
        rows=found.rows,
        pairs=found.pairs,
        intervals=found.intervals,
        problems=found.problems,
        tables=LazyTables(TableSource(found, [plugin.file for plugin in plugins if plugin.file], ranked)),
        checks=verdicts(found.scenario, found.rows, found.intervals),
        plugins=plugins,
        folder=None,
    )
