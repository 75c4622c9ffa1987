"""The command line: the list of commands, and exit codes. Nothing heavy is imported before a command needs it."""

import os
import sys
from typing import NoReturn

import click
from click.exceptions import Exit

from mcdiv import __version__
from mcdiv.cli import console
from mcdiv.cli.catalogue import list_, new, show
from mcdiv.cli.check import check
from mcdiv.cli.compare import compare
from mcdiv.cli.difference import difference
from mcdiv.cli.doctor import doctor
from mcdiv.cli.estimate import estimate
from mcdiv.cli.exact import exact
from mcdiv.cli.explain import explain
from mcdiv.cli.explore import explore
from mcdiv.cli.fit import fit
from mcdiv.cli.fixtures import fixtures
from mcdiv.cli.paired import paired
from mcdiv.cli.plan import plan
from mcdiv.cli.plot import plot
from mcdiv.cli.policy import policy
from mcdiv.cli.replay import replay
from mcdiv.cli.report import report
from mcdiv.cli.run import run
from mcdiv.cli.table import table
from mcdiv.cli.test import test
from mcdiv.cli.threshold import threshold
from mcdiv.engine import interrupts


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mcdiv")
def cli() -> None:
    """How wrong are estimates of entropy, cross-entropy and KL divergence, and how many draws do you need?

    Start with: mcdiv run fair
    """


for command in (
    run,
    check,
    list_,
    show,
    compare,
    new,
    difference,
    doctor,
    estimate,
    exact,
    explain,
    explore,
    fit,
    fixtures,
    paired,
    plan,
    plot,
    policy,
    replay,
    report,
    table,
    threshold,
    test,
):
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
        return leaving.code if isinstance(leaving.code, int) else console.FINE
    except Exit as leaving:
        return leaving.exit_code
    except BaseException as error:
        # Within an import an interruption becomes another error.
        if interrupts.requested() or isinstance(error, (KeyboardInterrupt, click.Abort)):
            interrupts.leave()
        return _report(error)
    return console.FINE


def _report(error: BaseException) -> int:
    if isinstance(error, click.ClickException):
        error.show()
        return console.BAD
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.stdout().fileno())  # nobody reads on: that is no failure
        return console.FINE
    if isinstance(error, OSError):  # what files say is caught where they are written: this is the screen
        console.warn(f"cannot print: {error.strerror}")
        return console.BAD
    raise error
