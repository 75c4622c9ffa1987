"""`mcdiv run`: its options, and scenarios run one after the other."""

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from mcdiv.cli import console
from mcdiv.cli.options import json_option, name_option, named, own_folder, plugin_option, set_option
from mcdiv.cli.progress import notes, progress, resumable
from mcdiv.cli.run_output import as_json as record_of
from mcdiv.cli.run_output import print_answer, print_failures, print_folder, print_undrawn

if TYPE_CHECKING:
    from mcdiv.engine.plan import Plan
    from mcdiv.results.study_results import Results
    from mcdiv.scenario.model import Scenario


def _seconds(context: click.Context, option: click.Parameter, text: str | None) -> float | None:
    """A time such as 90, 45m or 1h30m."""
    if text is None:
        return None
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    if not match or not text:
        raise click.BadParameter(f"expected a time such as 90, 45m or 1h30m, got {text!r}")
    return sum(float(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True))


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("-o", "--output", default="results", show_default=True, help="Folder; results go to OUTPUT/<name>/.")
@name_option
@set_option
@plugin_option
@click.option(
    "--backend",
    type=click.Choice(["serial", "threads", "processes", "dask"]),
    default="threads",
    show_default=True,
    help="How blocks are run. Processes are faster for long studies and estimators in pure Python.",
)
@click.option("--workers", type=click.IntRange(1, 1024), default=None, help="Default: the number of cores.")
@click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster, with --backend dask: tcp://host:8786.")
@click.option("--fresh", is_flag=True, help="Recompute everything: use nothing that earlier runs left in the ledger.")
@click.option(
    "--max-time", callback=_seconds, metavar="TIME", help="Start no new block after this time: 90, 45m, 1h30m."
)
@click.option(
    "--detail",
    metavar="CONDITION",
    help="Print one condition with every MCSE: its number in the column `condition`, or N=10 where one has that size.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress and no table: only what went wrong.")
@json_option
def run(
    scenarios: tuple[str, ...],
    output: str,
    name: str | None,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    backend: str,
    workers: int | None,
    scheduler: str | None,
    fresh: bool,
    max_time: float | None,
    detail: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run scenarios, write tables, pictures and a report.

    Everything is simulated, with exact values beside it where there are any. SCENARIO is a file, or the name
    of a shipped one (mcdiv list scenarios). Every finished block is kept: after an interruption the same command
    goes on. Exit code 1: a check was not met, an estimator raised, simulated and exact values disagree by more than
    chance can explain, or a picture or the report could not be made.
    """
    from mcdiv.engine.cache.runner import Deadline
    from mcdiv.results.run import run as run_scenario

    if detail is not None and (quiet or as_json):
        raise click.UsageError("--detail says what is printed, and goes with neither --quiet nor --json.")
    if name is not None and len(scenarios) > 1:
        raise click.UsageError("--name goes with one scenario.")
    if scheduler is not None and backend != "dask":
        raise click.UsageError("--scheduler goes with --backend dask.")
    with resumable(), console.plain_errors():
        deadline = Deadline(max_time)  # for all of them
        plans = _plans(scenarios, settings, name, detail)
        start = partial(
            run_scenario,
            plugins=plugins,
            backend=backend,
            workers=workers,
            scheduler=scheduler,
            out=output,
            fresh=fresh,
            max_time=deadline,
        )
        failed = _run_all(plans, start, detail, quiet=quiet, as_json=as_json)
    sys.exit(console.FAILED if failed else console.FINE)


def _plans(scenarios: tuple[str, ...], settings: tuple[str, ...], name: str | None, detail: str | None) -> "list[Plan]":
    """The plan of each scenario, before the first of them is run."""
    from mcdiv.results import loading

    own = own_folder(click.get_current_context(), name)
    plans = [loading.load_plan(source, named(settings, name), own_name=own) for source in scenarios]
    if detail is not None:
        _check_detail(detail, plans)
    _refuse_namesakes(scenarios, [plan.scenario.name for plan in plans])
    return plans


def _run_all(
    plans: "Sequence[Plan]", start: "Callable[..., Results]", detail: str | None, *, quiet: bool, as_json: bool
) -> bool:
    """One run after the other, each printed when it is there; whether any failed."""
    failed, records = False, []
    for plan in plans:
        show = None if quiet or as_json else partial(print_answer, detail=detail)
        results = _run_one(plan.scenario, start, show, quiet=quiet)
        failed |= results.failed
        if as_json:
            records.append(record_of(results))
        elif quiet:
            print_failures(results)
        print_undrawn(results)
        if not (quiet or as_json):
            print_folder(results)
    if as_json:
        console.print_json(records[0] if len(records) == 1 else records)
    return failed


def _check_detail(detail: str, plans: "Sequence[Plan]") -> None:
    """Before anything is run."""
    from mcdiv.results.words.digest import condition_named

    for plan in plans:
        try:
            condition_named(plan.conditions, detail)
        except ValueError as error:
            raise click.UsageError(f"--detail: {plan.scenario.name}: {error}") from None


def _run_one(
    scenario: "Scenario", start: "Callable[..., Results]", show: "Callable[[Results], None] | None", *, quiet: bool
) -> "Results":
    """One run, with its progress on the screen, and its answer before the pictures are drawn."""
    unprinted: list[OSError] = []
    with progress(scenario.name, silent=quiet) as display:

        def answer(results: "Results") -> None:
            with display.answering():
                try:
                    if show:
                        show(results)
                except OSError as error:  # a screen that is gone must not cost the files
                    unprinted.append(error)

        on_note = notes(scenario.name, silent=quiet)
        results = start(scenario, on_progress=display, on_work=display.work, on_note=on_note, on_answer=answer)
    for error in unprinted:
        raise error
    return results


def _refuse_namesakes(sources: tuple[str, ...], names: list[str]) -> None:
    """Results go by the scenario's name: a second one would take the first one's place."""
    for i, name in enumerate(names):
        if name in names[:i]:
            first = sources[names.index(name)]
            raise click.UsageError(
                f"{first} and {sources[i]} have the same name, {name}, and so the same folder for results; "
                "change 'name' in one of them, or run them one by one with a different --output."
            )
