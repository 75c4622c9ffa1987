"""What docs/at_scale.md does, as a reader does it: in processes that are interrupted, killed and distributed.

Shorter than on the page: fewer words, a two-hundredth of the replicates, no pictures, and `--max-time 5` and
`timeout 5` are 0 and 3 seconds. How far a run comes in three seconds depends on the machine, so it may also have come
to its end.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from faults import wait_for
from pages import ROOT, blocks

PAGE = list(blocks(ROOT / "docs" / "at_scale.md"))


def shorter(line: str) -> str:
    """A line of the page, for the tests."""
    line = line.split("  #", maxsplit=1)[0]
    if "mcdiv run" not in line:
        return line
    line = line.replace("--max-time 5", "--max-time 0").replace(" 5 mcdiv", " 3 mcdiv")
    line = re.sub(r"replicates=(\d+)_000", lambda found: f"replicates={5 * int(found[1])}", line)
    more = "" if "replicates=" in line else " --set replicates=1000"
    return f"{line}{more} --set 'plots=[]'"


def environment() -> dict[str, str]:
    """With this Python's commands, and workers that may have processes of their own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


def call(line: str) -> subprocess.CompletedProcess[str]:
    # The shell stays, to say 137 of what was killed; a command at its end would take its place.
    return subprocess.run(
        ["bash", "-c", f"{line}\nexit $?"], check=False, env=environment(), capture_output=True, text=True
    )


def tables() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("results", "words").glob("*.csv")}


@contextmanager
def cluster(lines: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """What the page starts in the background, and stops by `kill`."""
    begun = []
    try:
        for line in lines:
            words = ["bash", "-c", f"exec {line.removesuffix('&')}"]
            begun.append(
                subprocess.Popen(
                    words,
                    env=environment(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        yield begun
    finally:
        for process in reversed(begun):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


@pytest.fixture
def in_a_folder(folder: Path) -> Path:
    """With the files that the page shows."""
    for block in PAGE:
        if block.file:
            (folder / block.file).write_text(block.body.replace("[300, 3000]", "[40, 300]"), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_a_study_is_stopped_continued_extended_and_finished_on_a_cluster(in_a_folder: Path) -> None:
    for block in (block for block in PAGE if block.language == "sh"):
        lines = block.commands
        if block.info.startswith("cluster"):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = str(free.getsockname()[1])
            lines = [line.replace("8786", port) for line in lines]
            with cluster([line for line in lines if line.endswith("&")]) as begun:
                _wait_for(int(port), begun[0])
                done = call(shorter(lines[2]))
            assert done.returncode == 0, done
            continue
        for line in lines:
            done = call(shorter(line))
            stopped = re.search(r"# exit code (\d+)", line)
            assert done.returncode in ({0, int(stopped[1])} if stopped else {0}), done
            if "max-time" in line:
                assert done.returncode == 130 and "the same command continues" in done.stderr
            if line == "mcdiv run words.yaml":
                continued = tables()
                assert call(shorter(f"{line} --fresh -o undisturbed")).returncode == 0
                assert continued == {p.name: p.read_bytes() for p in Path("undisturbed", "words").glob("*.csv")}
            if "210_000" in line:
                assert re.search(r"[1-9][\d,]* of [\d,]+ blocks were there from earlier runs", done.stderr)
    known = re.search(r"([\d,]+) of ([\d,]+) blocks were there from earlier runs", done.stderr)
    assert known and known[1] == known[2], "the last command of the page finds everything done"


def _wait_for(port: int, scheduler: subprocess.Popen[bytes]) -> None:
    """Until the scheduler answers; mcdiv itself waits for its workers."""

    def answers() -> bool:
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", port)) == 0

    wait_for(lambda: scheduler.poll() is not None or answers())
    assert scheduler.poll() is None, f"the scheduler ended with exit code {scheduler.returncode} before it answered"
