"""Ctrl-C and SIGTERM: one line at once, exit code 130 within two seconds, and whatever is finished is kept.

Python hands a signal to its main thread between two steps, and a step may be a long call into C; threads cannot be
ended at all. So a thread of its own, woken by the signal itself, prints the line, and ends the process where the main
thread has not put its work down by then. This file is imported before everything else, and imports next to nothing.
"""

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
#: seconds to close the ledger and to remove what is half done
_UNWINDING = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _State:
    """What this process was told, and what it is in the middle of."""

    requested = False
    #: whether no command is under way
    done = True
    #: taken once, by the end of the command or by a signal: whoever comes second changes nothing
    decision = threading.Lock()
    #: how many sections are open that nothing may interrupt
    held = 0
    line = "interrupted; no file is left half written"
    said = threading.Event()
    #: the end of a pipe into which the interpreter writes every signal at once
    waking: int | None = None


def begin() -> None:
    """Take both signals over; the process is a command from here on, until its end."""
    if _State.done:
        _State.requested, _State.done, _State.decision, _State.held = False, False, threading.Lock(), 0
    with _blocked(_SIGNALS):  # what comes meanwhile waits for its handler, and the thread below is left alone
        if _State.waking is None:
            reading, _State.waking = os.pipe()
            os.set_blocking(_State.waking, False)
            threading.Thread(target=_watch, args=(reading,), name="signals", daemon=True).start()
            atexit.register(_last)
            sys.unraisablehook = partial(_unraisable, sys.unraisablehook)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=_forget)
        signal.set_wakeup_fd(_State.waking, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, _interrupt)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)  # also where they were blocked from the start


def end() -> None:
    """The command is done: a signal that comes now changes nothing, and one that has come ends the process."""
    _State.held += 1
    _State.done = not _State.requested and _State.decision.acquire(blocking=False)
    if not _State.done:
        leave()


def requested() -> bool:
    """Whether a signal has come: whatever goes wrong from then on is its doing."""
    return _State.requested


def leave() -> NoReturn:
    """Print the line if nobody has, and end this process: threads that are still at work are not waited for."""
    if not _State.said.wait(_UNWINDING / 2 if _State.requested else 0):
        _say()
    _end_children()
    with suppress(BaseException):
        atexit._run_exitfuncs()  # what libraries hold is given back there, the semaphores of worker processes too
    os._exit(INTERRUPTED)


@contextmanager
def saying(line: str) -> Iterator[None]:
    """What is printed if it is interrupted here."""
    before, _State.line = _State.line, line
    try:
        yield
    finally:
        if not _State.requested:
            _State.line = before


@contextmanager
def held() -> Iterator[None]:
    """A short section that no signal interrupts; processes that start in it never hear of Ctrl-C at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.held += 1
    try:
        with _blocked((signal.SIGINT,)):
            yield
    finally:
        _State.held -= 1
    if _State.requested and not _State.held:
        raise KeyboardInterrupt


@contextmanager
def _blocked(numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Signals wait meanwhile; for threads and processes that start in here they wait for ever."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first one unwinds the main thread; later ones find that under way."""
    first, _State.requested = not _State.requested, True
    if first and not _State.held:
        raise KeyboardInterrupt


def _unraisable(before: Callable[[Any], object], failure: Any) -> None:
    """An interruption that falls into a finaliser or a callback cannot unwind anything: the thread ends the process."""
    if not _State.requested:
        before(failure)


def _watch(reading: int) -> None:
    while True:
        os.read(reading, 1)
        if _State.decision.acquire(blocking=False):  # otherwise the command is done
            break
    threading.Thread(target=_say, daemon=True).start()  # where nobody reads, a line is never out
    time.sleep(_UNWINDING)
    _end_children()
    os._exit(INTERRUPTED)


def _say() -> None:
    """The line, and nothing after it: what falls apart on the way out is not worth telling."""
    line = f"{_State.line}\n".encode()
    with suppress(OSError):
        os.write(2, b"\r\x1b[2K" + line if os.isatty(2) else line)  # over a progress bar
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    _State.said.set()


def _end_children() -> None:
    multiprocessing = sys.modules.get("multiprocessing")
    with suppress(Exception):
        for child in multiprocessing.active_children() if multiprocessing else ():
            child.kill()


def _last() -> None:
    """The end of the interpreter, which forgets how to handle signals."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if _State.requested and not _State.done:
        os._exit(INTERRUPTED)


def _forget() -> None:
    """A forked process is not a command."""
    _State.waking, _State.requested, _State.done = None, False, True
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
