"""Whole Python processes, timed from start to end."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

Start = Callable[..., str]


@contextmanager
def environment() -> Iterator[dict[str, str]]:
    """Variables with which processes share one fresh folder for compiled modules.

    The round that fills it does not count: so every package is as ready as an installed one, and nothing is written
    beside the sources.
    """
    with TemporaryDirectory() as compiled:
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield variables | {"PYTHONPYCACHEPREFIX": compiled}


@contextmanager
def interpreter() -> Iterator[Start]:
    """A function that runs this interpreter with arguments and gives back what was printed."""
    with environment() as variables:

        def start(*arguments: str) -> str:
            command = [sys.executable, *arguments]
            return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout

        yield start
