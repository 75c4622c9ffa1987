"""The command line: parse, call the function, print. No logic, and nothing heavy before a command needs it."""

import os
import re
import sys
from typing import NoReturn

import click
from click.exceptions import Exit

from mcdiv import __version__
from mcdiv.cli import console
from mcdiv.cli.estimate import estimate
from mcdiv.cli.exact import exact
from mcdiv.cli.explain import explain
from mcdiv.cli.explore import explore
from mcdiv.cli.fit import fit
from mcdiv.cli.plot import plot
from mcdiv.cli.replay import replay
from mcdiv.cli.report import report
from mcdiv.engine import interrupts

LISTS = ["estimators", "intervals", "distributions", "estimands", "measures", "scenarios", "data", "readers", "plots"]
FINE = 0


def _seconds(context: click.Context, option: click.Parameter, text: str | None) -> float | None:
    """A time such as 90, 45m or 1h30m."""
    if text is None:
        return None
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text)
    if not found or not text:
        raise click.BadParameter(f"expected a time such as 90, 45m or 1h30m, got {text!r}")
    return sum(float(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mcdiv")
def cli() -> None:
    """How wrong are estimates of entropy, cross-entropy and KL divergence, and how many draws do you need?

    Start with: mcdiv run fair
    """


@cli.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("-o", "--output", default="results", show_default=True, help="Folder; results go to OUTPUT/<name>/.")
@console.set_option
@console.plugin_option
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
@click.option("-q", "--quiet", is_flag=True, help="No progress and no table: only what went wrong.")
@console.json_option
def run(
    scenarios: tuple[str, ...],
    output: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    backend: str,
    workers: int | None,
    scheduler: str | None,
    fresh: bool,
    max_time: float | None,
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
    from mcdiv.results import loading
    from mcdiv.results.run import run as run_scenario

    if scheduler is not None and backend != "dask":
        raise click.UsageError("--scheduler goes with --backend dask.")
    with console.resumable(), console.plain_errors():
        deadline = Deadline(max_time)  # for all of them
        plans = [loading.load_plan(source, settings) for source in scenarios]
        _refuse_namesakes(scenarios, [plan.scenario.name for plan in plans])
        failed = False
        printed = []
        for plan in plans:
            name = plan.scenario.name
            with console.progress(name, silent=quiet) as shown:
                results = run_scenario(
                    plan.scenario,
                    plugins=plugins,
                    backend=backend,
                    workers=workers,
                    scheduler=scheduler,
                    out=output,
                    fresh=fresh,
                    max_time=deadline,
                    on_progress=shown,
                    on_work=shown.work,
                    on_note=console.notes(name, silent=quiet),
                )
            failed |= results.failed
            if as_json:
                printed.append(console.as_json(results))
                console.print_undrawn(results)
            elif quiet:
                console.print_failures(results)
            else:
                console.print_results(results)
        if as_json:
            console.print_json(printed[0] if len(printed) == 1 else printed)
    sys.exit(console.FAILED if failed else FINE)


def _refuse_namesakes(sources: tuple[str, ...], names: list[str]) -> None:
    """Results go by the scenario's name: a second one would take the first one's place."""
    for i, name in enumerate(names):
        if name in names[:i]:
            first = sources[names.index(name)]
            raise click.UsageError(
                f"{first} and {sources[i]} have the same name, {name}, and so the same folder for results; "
                "change 'name' in one of them, or run them one by one with a different --output."
            )


@cli.command()
@click.argument("scenarios", nargs=-1, metavar="SCENARIO...")
@console.set_option
@console.plugin_option
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenarios, for editors, and stop.")
def check(scenarios: tuple[str, ...], settings: tuple[str, ...], plugins: tuple[str, ...], schema: bool) -> None:
    """Check scenarios without running them, and estimate what they will cost.

    Every problem is reported at once, with its line. Times are for one core of this machine, from trials of a few
    small blocks.
    """
    from mcdiv.api.check import check as check_scenario
    from mcdiv.api.check import scenario_schema
    from mcdiv.errors import ScenarioError

    if schema:
        console.print_json(scenario_schema())
        return
    if not scenarios:
        raise click.UsageError("Missing argument 'SCENARIO...'.")
    bad = False
    for source in scenarios:
        try:
            checked = check_scenario(source, settings=settings)
        except ScenarioError as error:
            console.warn("\n".join(error.problems))
            bad = True
        else:
            console.echo(f"{source}: fine; {checked}")
    sys.exit(console.BAD if bad else FINE)


@cli.command("list")
@click.argument("what", type=click.Choice(LISTS))
@console.plugin_option
@console.json_option
def list_(what: str, plugins: tuple[str, ...], as_json: bool) -> None:
    """List the names to choose from."""
    from mcdiv.api import cards

    entries = cards.listing(what)
    if as_json:
        console.print_json(entries)
        return
    console.print_listing(entries)


@cli.command()
@click.argument("name")
@console.plugin_option
@console.json_option
def show(name: str, plugins: tuple[str, ...], as_json: bool) -> None:
    """Show the card of one name.

    An estimator, an interval, a distribution, an estimand, a reader or a shipped scenario.
    """
    from mcdiv.api import catalogue

    with console.plain_errors():
        card = catalogue.show(name)
    if as_json:
        console.print_json(card)
        return
    width = max(len(key) for key in card)
    for key, text in card.items():
        lines = text.split("\n")
        console.echo(f"{key:<{width}}  " + f"\n{'':<{width}}  ".join(lines))


@cli.command()
@click.argument("folders", nargs=-1, required=True, metavar="RESULTS...")
@console.json_option
def compare(folders: tuple[str, ...], as_json: bool) -> None:
    """Rank the estimators of finished runs.

    By |bias| and by RMSE; "indistinguishable" where 2 MCSE do not separate them. Within a run these are the MCSEs of
    the paired differences in comparison.csv; between runs, those of independent samples.
    """
    from mcdiv.results.compare import compare as compare_runs
    from mcdiv.results.ranking import ranking_lines
    from mcdiv.results.tables import to_records

    with console.plain_errors():
        ranking = compare_runs(*folders)
    if as_json:
        console.print_json(to_records(ranking))
        return
    for title, header, lines in ranking_lines(ranking):
        console.print_table(title, header, lines)


@cli.command()
@click.argument("path", metavar="FILE")
@click.option("--from", "source", default=None, metavar="NAME", help="Start from a shipped scenario.")
def new(path: str, source: str | None) -> None:
    """Write a scenario file to start from.

    An existing file is never overwritten.
    """
    from mcdiv.api import catalogue

    with console.plain_errors():
        written = catalogue.new(path, source=source)
    console.echo(f"wrote {written}; run it with: mcdiv run {written}")


for command in (estimate, exact, explain, explore, fit, plot, replay, report):
    cli.add_command(command)


def main() -> NoReturn:
    """The entry point: exit codes 0, 1, 2 and 130, never a traceback for a user's mistake."""
    os.environ["MPLBACKEND"] = "agg"  # pictures go to files; another program's backend may not even exist here
    try:
        interrupts.begin()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
        try:
            code = _exit_code()
        finally:
            console.return_stdout()
        interrupts.end()
    except KeyboardInterrupt:
        interrupts.leave()
    sys.exit(code)


def _exit_code() -> int:
    """Run the command, and report what goes wrong."""
    try:
        # Not cli.main: that takes a closed pipe for a failure, and 1 means that a check was not met.
        with cli.make_context("mcdiv", sys.argv[1:]) as context:
            cli.invoke(context)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else FINE
    except Exit as leaving:
        return leaving.exit_code
    except BaseException as error:
        # Within an import an interruption becomes another error.
        if interrupts.asked() or isinstance(error, (KeyboardInterrupt, click.Abort)):
            interrupts.leave()
        return _told(error)
    return FINE


def _told(error: BaseException) -> int:
    if isinstance(error, click.ClickException):
        error.show()
        return console.BAD
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.stdout().fileno())  # nobody reads on: that is no failure
        return FINE
    if isinstance(error, OSError):  # what files say is caught where they are written: this is the screen
        console.warn(f"cannot print: {error.strerror}")
        return console.BAD
    raise error
