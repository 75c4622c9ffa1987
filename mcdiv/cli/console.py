"""What the command puts on the screen: progress, tables, sentences, JSON. Results go to stdout, the rest to stderr."""

import datetime
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import click

from mcdiv.core.escapes import in_json, one_line, printable
from mcdiv.engine import interrupts

if TYPE_CHECKING:
    from mcdiv.engine.simulate import Progress
    from mcdiv.results.run import Results


#: the exit codes of a run or a picture that failed, and of bad usage or bad input
FAILED, BAD = 1, 2
RESUMABLE = "finished blocks are kept, and the same command continues; earlier results stay until it is done"


@contextmanager
def plain_errors() -> Iterator[None]:
    """A user's mistake as its lines on stderr, and exit code 2."""
    from mcdiv.errors import BackendError, ScenarioError, StoreError

    try:
        yield
    except ScenarioError as error:
        warn("\n".join(error.problems))
        sys.exit(BAD)
    except (BackendError, StoreError) as error:
        warn(str(error))
        sys.exit(BAD)


class _Out:
    """Where results go: standard output, which from the moment that others' code is loaded is ours alone."""

    own: TextIO | None = None
    #: whether it is a descriptor of its own; the number 1 is standard error then, also for C and for processes
    apart = False


def take_stdout() -> None:
    """Whatever a plug-in prints, in whichever thread and at the interpreter's end, goes to standard error."""
    if _Out.own is not None or sys.stdout is None:
        return
    _Out.own = sys.stdout
    with suppress(OSError):
        if sys.stdout.fileno() == 1:
            sys.stdout.flush()
            _Out.own = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
            _Out.apart = True
            os.dup2(2, 1)
    sys.stdout = sys.stderr


def return_stdout() -> None:
    """After the command, in a process that goes on, standard output is what it was."""
    if _Out.apart and _Out.own:
        with suppress(OSError):  # what could not be printed was told
            _Out.own.close()
    elif _Out.own:
        sys.stdout, _Out.own = _Out.own, None


def stdout() -> TextIO:
    """Where results go."""
    return _Out.own or sys.stdout


def echo(text: str) -> None:
    """A line of results; whatever names and labels it holds, the terminal takes none of it for an order."""
    click.echo(printable(text), file=_Out.own)


def warn(text: str) -> None:
    """The same for a line on standard error."""
    click.echo(printable(text), err=True)


def load_plugins(context: click.Context, option: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
    """Load plug-ins as soon as the option is read: before any scenario is."""
    from mcdiv.scenario import plugins

    take_stdout()
    with plain_errors(), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        plugins.load_plugins(files)
    for warning in told:
        warn(str(warning.message))
    return files


#: shared by all commands that read a scenario
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the scenario; dotted keys. Repeatable.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
#: shared by all commands that look estimators up
plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE",
    callback=load_plugins,
    help="A Python file with entries of your own, such as estimators or readers; it is run. Repeatable.",
)


@contextmanager
def resumable() -> Iterator[None]:
    """A run that ends before its time: it says that the same command continues, exit code 130."""
    from mcdiv.errors import OutOfTime

    try:
        with interrupts.saying(f"interrupted; {RESUMABLE}"):
            yield
    except OutOfTime:
        warn(f"time is up; {RESUMABLE}")
        sys.exit(interrupts.INTERRUPTED)


class _Shown:
    """A run on its way, called with how much is done and of how much."""

    def __init__(self, show: "Progress" = lambda done, total: None) -> None:
        self._show, self._started = show, time.monotonic()
        #: seconds that are left, None before anything was computed
        self.left: float | None = None

    def __call__(self, done: int, total: int) -> None:
        self._show(done, total)

    def work(self, made: int, left: int) -> None:
        """Blocks that were found say nothing of the time that the others take."""
        now = time.monotonic()
        if made:
            self.left = (now - self._started) / made * left
        else:
            self._started = now


@contextmanager
def progress(name: str, *, silent: bool, unit: str = "blocks") -> Iterator[_Shown]:
    """A bar on a terminal, a plain line for every tenth elsewhere."""
    if silent or not (sys.stderr and sys.stderr.isatty()):
        yield _Shown() if silent else _Shown(_plain_progress(name, unit))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    remaining = TextColumn("{task.fields[left]}") if unit == "blocks" else TimeRemainingColumn()
    with Progress(*columns, TimeElapsedColumn(), remaining, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, left="")

        def show(done: int, total: int) -> None:
            at_end = unit == "blocks" and done == total
            left = "then tables, pictures and the report" if at_end else time_left(shown.left)
            bar.update(task, completed=done, total=total, left=left)

        shown = _Shown(show)
        yield shown


def time_left(seconds: float | None) -> str:
    """As a bar says it: hours, minutes and seconds."""
    return "" if seconds is None else f"about {datetime.timedelta(seconds=round(seconds))} left"


def notes(name: str, *, silent: bool) -> Callable[[str], None]:
    """A line on stderr for what is worth knowing meanwhile."""
    return lambda line: None if silent else warn(f"{name}: {line}")


def _plain_progress(name: str, unit: str) -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total
        if tenth > told:
            told = tenth
            warn(f"{name}: {10 * tenth} % ({done:,} of {total:,} {unit})")

    return tell


def print_results(results: "Results") -> None:
    """The study in a dozen lines and a few sentences, its checks, and where the files are."""
    from mcdiv.results.words.digest import digest

    told = digest(results.rows, results.scenario.units, results.intervals, results.pairs)
    for text in (results.scenario.title, results.scenario.question):
        if text:
            echo(text)
    print_table(told.caption, told.header, told.lines)
    for sentence in told.sentences:
        echo(sentence)
    for verdict in results.checks:
        echo(f"{'✓' if verdict.met else '✗'} {verdict.text}")
    _print_problems(results)
    if results.folder is not None:
        page, plots = ((results.folder / name).exists() for name in ("report.html", "plots"))
        listed = ["report.html"] * page + ["summary.csv and the other tables"] + ["plots/"] * plots
        echo(f"wrote {results.folder}/: {', '.join(listed)}, scenario.yaml, …")


def print_failures(results: "Results") -> None:
    """Only what went wrong."""
    for verdict in results.checks:
        if not verdict.met:
            warn(f"✗ {verdict.text}")
    _print_problems(results)


def _print_problems(results: "Results") -> None:
    from mcdiv.core.number_format import counted
    from mcdiv.results.words.agreement import DISAGREEMENT, disagreement

    print_undrawn(results)
    table = results.tables["problems"]
    if text := disagreement(table):
        warn(f"✗ {text}")
    table = table[table["kind"] != DISAGREEMENT]
    late = table["kind"] == "imprecise"
    if late.any():
        rows = counted(int(late.sum()), "row")
        warn(f"problems.csv: {rows} less precise than asked for after all replicates")
    rare = table["kind"] == "rare_events"
    if rare.any():
        rows = counted(int(rare.sum()), "row")
        warn(f"problems.csv: {rows} with MCSEs that rest on too few rare events to be believed")
    table = table[~late & ~rare]
    if not table.empty:
        rows = counted(len(table), "row")
        kinds = ", ".join(sorted(set(table["kind"])))
        again = "; 'replay' in each row shows one again" if table["replicates"].all() else ""
        warn(f"problems.csv: {rows} of estimates that are {kinds}{again}")


def print_undrawn(results: "Results") -> None:
    """What could not be made of the tables."""
    for line in results.failures:
        warn(line)


def print_exact(results: "Results") -> None:
    """Every exact value of a study."""
    from mcdiv.estimands.contract import units_of
    from mcdiv.results.words.digest import exact_lines

    header, lines = exact_lines(results.rows, results.scenario.units)
    units = units_of((row.task.estimand for row in results.rows), results.scenario.units)
    print_table(f"exact, without simulation ({units})", header, lines)


def print_listing(entries: list[dict[str, str]]) -> None:
    """Records with the same keys, a line each."""
    if entries:
        print_table(None, tuple(entries[0]), [tuple(entry.values()) for entry in entries])


def print_table(caption: str | None, header: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    """A table that fits its window; into a file or a program its lines go whole."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    if caption:
        echo(caption)
    table = Table(box=SIMPLE, pad_edge=False)
    for i, name in enumerate(header):
        numeric = bool(lines) and all(line[i][:1] in "−–0123456789" for line in lines)
        # A number is never broken in two, however narrow the window.
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for line in lines:
        table.add_row(*map(one_line, line))
    width = None if stdout() and stdout().isatty() else 400
    screen = Console(highlight=False, markup=False, width=width)
    with screen.capture() as drawn:
        screen.print(table)
    # Not echo: the table's own bold head is an order to the terminal.
    click.echo("\n".join(line.rstrip() for line in drawn.get().split("\n")).strip("\n") + "\n", file=_Out.own)


def print_json(value: Any) -> None:
    """A value for a program to read."""
    echo(in_json(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)))


def as_json(results: "Results") -> dict[str, Any]:
    """A run for a program to read."""
    from mcdiv.results.words.agreement import disagreement

    return {
        "name": results.scenario.name,
        "seed": results.scenario.seed,
        "folder": str(results.folder),
        "checks": [{"met": verdict.met, "text": verdict.text} for verdict in results.checks],
        "summary": results.records(),
        "disagreement": disagreement(results.tables["problems"]) or None,
    }
