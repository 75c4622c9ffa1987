"""How far a run is: a bar or lines on standard error, and what is said when it ends before its time."""

import datetime
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from mcdiv.cli import console
from mcdiv.engine import interrupts

if TYPE_CHECKING:
    from mcdiv.engine.simulate import Progress

RESUMABLE = "finished blocks are kept, and the same command continues; earlier results stay until it is done"


@contextmanager
def resumable() -> Iterator[None]:
    """A run that ends before its time: it says that the same command continues, exit code 130."""
    from mcdiv.errors import OutOfTime

    try:
        with interrupts.saying(f"interrupted; {RESUMABLE}"):
            yield
    except OutOfTime:
        console.warn(f"time is up; {RESUMABLE}")
        sys.exit(interrupts.INTERRUPTED)


class ProgressDisplay:
    """A run on its way, called with how much is done and of how much."""

    def __init__(
        self,
        show: "Progress" = lambda done, total: None,
        answering: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._show, self._started = show, time.monotonic()
        #: entered when all is computed, to print the answer; what is left are tables, pictures and the report
        self.answering = answering
        #: seconds that are left, None before anything was computed
        self.left: float | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show how much is done."""
        self._show(done, total)

    def work(self, made: int, left: int) -> None:
        """Blocks that were found say nothing of the time that the others take."""
        now = time.monotonic()
        if made:
            self.left = (now - self._started) / made * left
        else:
            self._started = now


@contextmanager
def progress(name: str, *, silent: bool, unit: str = "blocks") -> Iterator[ProgressDisplay]:
    """A bar on a terminal, a plain line for every tenth elsewhere."""
    if silent or not (sys.stderr and sys.stderr.isatty()):
        yield ProgressDisplay() if silent else ProgressDisplay(_plain_progress(name, unit))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    remaining = TextColumn("{task.fields[left]}") if unit == "blocks" else TimeRemainingColumn()
    screen = Console(stderr=True)
    status = screen.status(f"{name}: tables, pictures and the report")
    with Progress(*columns, TimeElapsedColumn(), remaining, console=screen, transient=True) as bar:
        task = bar.add_task(name, total=None, left="")

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, left=time_left(display.left))

        @contextmanager
        def answering() -> Iterator[None]:
            bar.stop()
            yield
            status.start()

        display = ProgressDisplay(show, answering)
        try:
            yield display
        finally:
            status.stop()


def time_left(seconds: float | None) -> str:
    """As a bar says it: hours, minutes and seconds."""
    return "" if seconds is None else f"about {datetime.timedelta(seconds=round(seconds))} left"


def notes(name: str, *, silent: bool) -> Callable[[str], None]:
    """A line on stderr for what is worth knowing meanwhile."""
    return lambda line: None if silent else console.warn(f"{name}: {line}")


def _plain_progress(name: str, unit: str) -> Callable[[int, int], None]:
    reported = 0

    def tell(done: int, total: int) -> None:
        nonlocal reported
        tenth = 10 * done // total
        if tenth > reported:
            reported = tenth
            console.warn(f"{name}: {10 * tenth} % ({done:,} of {total:,} {unit})")

    return tell
