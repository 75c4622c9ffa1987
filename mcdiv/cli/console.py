"""Output of the commands: results go to standard output, everything else to standard error; errors, tables, JSON."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

import click

from mcdiv.core.escapes import in_json, one_line, printable

#: the exit codes of a run or a picture that failed, and of bad usage or bad input
FINE, FAILED, BAD = 0, 1, 2


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

    stream: TextIO | None = None
    #: whether it is a descriptor of its own; the number 1 is standard error then, also for C and for processes
    apart = False


def take_stdout() -> None:
    """Whatever a plug-in prints, in whichever thread and at the interpreter's end, goes to standard error."""
    if _Out.stream is not None or sys.stdout is None:
        return
    _Out.stream = sys.stdout
    with suppress(OSError):
        if sys.stdout.fileno() == 1:
            sys.stdout.flush()
            _Out.stream = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
            _Out.apart = True
            os.dup2(2, 1)
    sys.stdout = sys.stderr


def return_stdout() -> None:
    """After the command, in a process that goes on, standard output is what it was."""
    if _Out.apart and _Out.stream:
        with suppress(OSError):  # what could not be printed was reported
            _Out.stream.close()
    elif _Out.stream:
        sys.stdout, _Out.stream = _Out.stream, None


def stdout() -> TextIO:
    """Where results go."""
    return _Out.stream or sys.stdout


def echo(text: str) -> None:
    """A line of results; whatever names and labels it holds, the terminal takes none of it for an order."""
    click.echo(printable(text), file=_Out.stream)


def warn(text: str) -> None:
    """The same for a line on standard error."""
    click.echo(printable(text), err=True)


def print_listing(entries: list[dict[str, str]]) -> None:
    """Records with the same keys, a line each."""
    if entries:
        print_table(None, tuple(entries[0]), [tuple(entry.values()) for entry in entries])


def print_table(
    caption: str | None, header: tuple[str, ...], lines: Sequence[tuple[str, ...]], *, narrow: bool = False
) -> None:
    """A table that fits its window; into a file or a program its lines go whole."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    if caption:
        echo(caption)
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, int(not narrow), 0, 1))
    for i, name in enumerate(header):
        numeric = bool(lines) and all(line[i][:1] in "*−–0123456789" for line in lines)
        # A number is never broken in two, however narrow the window.
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for line in lines:
        table.add_row(*map(one_line, line))
    width = None if stdout() and stdout().isatty() else 400
    screen = Console(highlight=False, markup=False, emoji=False, width=width)
    with screen.capture() as drawn:
        screen.print(table)
    # Not echo: the table's own bold head is an order to the terminal.
    click.echo("\n".join(line.rstrip() for line in drawn.get().split("\n")).strip("\n") + "\n", file=_Out.stream)


def print_json(value: Any) -> None:
    """A value for a program to read."""
    echo(in_json(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)))
