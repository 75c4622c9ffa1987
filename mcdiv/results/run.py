"""The whole journey on one screen: scenario → plan → findings → tables → files."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from mcdiv.core.catalogue import check_name, quoted
from mcdiv.engine import interrupts
from mcdiv.engine.cache.changes import changes, modules_of_study, run_metadata
from mcdiv.engine.cache.ledger import Ledger, open_ledger
from mcdiv.engine.cache.runner import BlockRunner, Deadline, code_hashes, code_version, environment_versions, libraries
from mcdiv.engine.plan import Plan, plan_of
from mcdiv.engine.pool import open_pool
from mcdiv.engine.simulate import Progress, simulate
from mcdiv.files import store
from mcdiv.results.kept import keep
from mcdiv.results.loading import load_plan
from mcdiv.results.study_results import Results, results_of
from mcdiv.results.table_source import TableSource
from mcdiv.results.write import write
from mcdiv.scenario.model import Scenario
from mcdiv.scenario.plugins import Plugin, load_plugins, with_plugins

#: seconds that a run may be given
MAX_SECONDS = 1e10

#: told what a person may want to know meanwhile, a line each
Note = Callable[[str], None]


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
                source = _computed(_seeded(plan, {}), runner, None, loaded, on_progress, on_work)
            results = results_of(source, loaded)
            on_answer(results)
            return results
        out = Path(out)
        with store.lock_output(out, plan.scenario.name) as folder:
            opened = open_ledger(store.init_results(folder, out, plan.scenario.name), code_version(), fresh=fresh)
            with worker_pool as pool, opened as ledger:
                plan = _seeded(plan, ledger.metadata)
                runner = BlockRunner(pool, ledger, deadline, wrap)
                _compare_with_last(plan, ledger, on_note)
                source = _computed(plan, runner, folder, loaded, on_progress, on_work)
                ledger.delete_stale()
            if runner.cached:
                on_note(f"{runner.cached:,} of {runner.requested:,} blocks were there from earlier runs")
            results = results_of(source, loaded)
            on_answer(results)
            earlier = None if fresh else out / plan.scenario.name
            failures = write(source, results.tables, plan, loaded, folder, earlier)
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
) -> TableSource:
    """The study simulated, and what it saves written to `folder` if there is one."""

    def tell(done: int, total: int) -> None:
        on_work(runner.computed, max(total - runner.cached - runner.computed, 0))
        on_progress(done, total)

    found = simulate(plan, runner, tell)
    files = [plugin.file for plugin in plugins if plugin.file]
    return TableSource(found, files, keep(plan, found.blocks, runner.map, folder))


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
