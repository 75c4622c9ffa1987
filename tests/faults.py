"""What can happen to a run, done to real ones: killed, interrupted, out of room, damaged. Tests do a little of it, and
`python -m benchmarks.reliability` a lot."""

import contextlib
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from small import small

import mcdiv
from mcdiv.cli.progress import RESUMABLE
from mcdiv.engine.cache import ledger
from mcdiv.files.yaml_text import write_text

#: some twenty blocks of individual draws, intervals, and literal experiments
STUDY: dict[str, Any] = {
    "truth": {"zipf": 4000},
    "model": {"uniform": 4000},
    "estimands": ["entropy", "kl_divergence"],
    "estimators": ["plugin", "chao_shen"],
    "intervals": ["delta"],
    "sample_sizes": [20, 50],
    "replicates": 600,
    "mode": "monte_carlo",
    "paths": 2,
}
#: where this package is, for Python in another folder
HERE = str(Path(mcdiv.__file__).parents[1])
#: what an interrupted command says, before it is a run and then
_TOLD = ("interrupted; no file is left half written\n", f"interrupted; {RESUMABLE}\n")
#: seconds that nothing here should ever take
LONG = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended."""

    code: int
    stderr: str


class Running:
    """`mcdiv` with some arguments in a process of its own.

    A cold one is the command as it is typed. A warm one is a copy of a process that has everything imported, which
    takes most of the time of a small run: so there can be more of them in a minute.
    """

    def __init__(self, folder: Path, arguments: Sequence[str], *, cold: bool, limit: int | None = None) -> None:
        self._stderr = folder / f"stderr-{next(_NUMBERS)}"
        given = (str(folder), str(self._stderr), list(arguments), limit)
        self._process: Any
        if cold:
            here = str(Path(__file__).parent)
            code = f"import sys; sys.path.append({here!r}); import faults; faults.command(*{given!r})"
            self._process = subprocess.Popen([sys.executable, "-c", code], env=environment())
        else:
            self._process = _WARM.Process(target=command, args=given)
            self._process.start()

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    def wait(self, seconds: float) -> int | None:
        """Its exit code, None if it is still running then."""
        if isinstance(self._process, subprocess.Popen):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
            return self._process.poll()
        self._process.join(seconds)
        code: int | None = self._process.exitcode
        return code

    def began(self) -> bool:
        """Whether it is our command by now."""
        return self._stderr.exists() or self.wait(0) is not None

    def signal(self, how: signal.Signals) -> None:
        if self.wait(0) is None:
            os.kill(self.pid, how)

    def ended(self) -> Ended:
        code = self.wait(LONG)
        assert code is not None, "it never ended"
        text = self._stderr.read_text(encoding="utf-8") if self._stderr.exists() else ""
        self._stderr.unlink(missing_ok=True)
        return Ended(code=code, stderr=text)


_WARM = get_context("forkserver")
_WARM.set_forkserver_preload(
    ["faults", "mcdiv.results.run", "mcdiv.results.tables", "mcdiv.results.words", "mcdiv.estimators"]
)
_NUMBERS = itertools.count()


def command(folder: str, stderr: str, arguments: Sequence[str], limit: int | None) -> None:
    """What such a process does."""
    from mcdiv.__main__ import main

    os.chdir(folder)
    descriptor = os.open(stderr, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 2)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1)
    sys.argv = ["mcdiv", *arguments]
    with _limited(limit):
        main()


@contextlib.contextmanager
def _limited(limit: int | None) -> Iterator[None]:
    """No file grows beyond so many bytes; what a measurement of coverage writes afterwards may."""
    if limit is None:
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder with small.yaml, and what a run of it gives that nothing happens to."""

    folder: Path
    #: whether its runs are the command as it is typed
    cold: bool = False
    expected: dict[str, str] = field(default_factory=dict)
    #: that run took
    seconds: float = 0.0

    @property
    def results(self) -> Path:
        return self.folder / "results" / "small"

    def start(self, *arguments: str, limit: int | None = None, cold: bool | None = None) -> Running:
        cold = self.cold if cold is None else cold
        return Running(self.folder, ["run", "small.yaml", "-q", *arguments], cold=cold, limit=limit)

    def run(self, *arguments: str, limit: int | None = None, cold: bool | None = None) -> Ended:
        return self.start(*arguments, limit=limit, cold=cold).ended()

    def clear(self) -> None:
        shutil.rmtree(self.folder / "results", ignore_errors=True)

    def entries(self) -> int:
        """How much the ledger holds, looked at in a copy: nobody but the next run is to mend anything."""
        aside = self.results.with_name(f".{self.results.name}.old")  # it is there while files are put in place
        with TemporaryDirectory() as copy:
            for path in [path for folder in (aside, self.results) for path in folder.glob(f"{ledger.NAME}*")]:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(path, copy)
            if not (Path(copy) / ledger.NAME).exists():
                return 0
            with contextlib.closing(sqlite3.connect(Path(copy) / ledger.NAME)) as database:
                return int(database.execute("SELECT count(*) FROM entries").fetchone()[0])


def prepared(folder: Path, *, cold: bool = False, **changes: Any) -> Place:
    """small.yaml in a folder, and its results as they should be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.yaml").write_text(write_text(small(**{**STUDY, **changes})), encoding="utf-8")
    place = Place(folder=folder, cold=cold)
    assert place.run("-o", "warming", "--set", "replicates=2").code == 0
    started = time.monotonic()
    done = place.run("-o", "uninterrupted", "--backend", "serial")
    assert done.code == 0, done
    seconds = time.monotonic() - started
    return replace(place, expected=digests(folder / "uninterrupted" / "small"), seconds=seconds)


def digests(folder: Path) -> dict[str, str]:
    """The sha256 of every CSV file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


def ended_early(
    place: Place,
    how: signal.Signals,
    times: int,
    generator: random.Random,
    arguments: Sequence[str] = (),
    *,
    hits: int = 1,
) -> Counter[str]:
    """End a run at random moments and go on, again and again; whatever is finished has the right bytes.

    A run that gets to its end is compared and thrown away, and the next one starts from nothing. Each is told so many
    times, within a twentieth of a second.
    """
    tally = Counter({"stopped": 0, "with blocks to go on from": 0})
    place.clear()
    while tally["stopped"] < times:
        before = place.entries()
        running = place.start(*arguments)
        if how == signal.SIGINT:  # an interpreter that is still starting knows nothing of us
            wait_for(running.began)
        running.wait(generator.uniform(0, 1) * place.seconds)
        begun = time.monotonic()
        for _ in range(hits):
            running.signal(how)
            running.wait(generator.uniform(0, 0.05) if hits > 1 else 0)
        done = running.ended()
        assert done.code in (0, 130 if how == signal.SIGINT else -how), done
        assert done.stderr in _TOLD if done.code == 130 else not done.stderr, done
        if done.code == 0:
            assert digests(place.results) == place.expected
            tally["were faster than the fault"] += 1
            place.clear()
            continue
        assert place.entries() >= before, "finished blocks were lost"
        tally["stopped"] += 1
        tally["with blocks to go on from"] += place.entries() > 1
        if how == signal.SIGINT:
            tally["ms at most"] = max(tally["ms at most"], round(1000 * (time.monotonic() - begun)))
    done = place.run(*arguments)
    assert done.code == 0, done
    assert digests(place.results) == place.expected
    return tally


def killed_before_a_rename(place: Place, number: int) -> Ended:
    """Run, and die just before that file or folder, counted from 1, is put where it belongs."""
    code = f"""
import os, signal, sys
from pathlib import Path
rename, left = Path.rename, [{number}]

def dying(path, target):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)

Path.rename = dying
sys.argv = ["mcdiv", "run", "small.yaml", "-q"]
from mcdiv.cli.main import main
main()"""
    return shell([sys.executable, "-c", code], place.folder)


def damaged(place: Place, times: int, generator: random.Random, *, cut: bool, killed: bool = False) -> Counter[str]:
    """Flip a bit of a ledger, or cut it off, and run: it is refused and left alone, or it does not matter.

    The ledger is that of a finished run, or of one that was killed and left its log beside it.
    """
    place.clear()
    running = place.start()
    if killed:
        wait_for(lambda: place.entries() > 8)
        running.signal(signal.SIGKILL)
    assert running.ended().code == (-signal.SIGKILL if killed else 0)
    tally = Counter[str]()
    whole = {path.name: path.read_bytes() for path in place.results.iterdir()}
    hit = [name for name in whole if name.startswith(ledger.NAME)]
    assert len(hit) == 1 + killed
    for _ in range(times):
        name = generator.choice(hit)
        content = bytearray(whole[name])
        if cut:
            content = content[: generator.randrange(len(content))]
        else:
            bit = generator.randrange(8 * len(content))
            content[bit // 8] ^= 1 << bit % 8
        place.clear()
        place.results.mkdir(parents=True)
        for other, bytes_ in {**whole, name: bytes(content)}.items():
            (place.results / other).write_bytes(bytes_)
        tally[_refused_or_right(place, {**{n: whole[n] for n in hit}, name: bytes(content)})] += 1
    return tally


def _refused_or_right(place: Place, ledgers: dict[str, bytes]) -> str:
    from mcdiv.errors import StoreError
    from mcdiv.results.run import run

    try:
        run(place.folder / "small.yaml", out=place.folder / "results", backend="serial")
    except StoreError as error:
        assert len(str(error).splitlines()) == 1
        found = {path.name: path.read_bytes() for path in place.results.glob(f"{ledger.NAME}*")}
        assert found == ledgers, "a refused ledger was touched"
        return "refused in one line and left as it was"
    assert digests(place.results) == place.expected
    return "of no consequence"


def without_room(place: Place, sizes: Sequence[int]) -> Counter[str]:
    """Let every write beyond so many bytes of a file fail, then go on without that limit."""
    tally: Counter[str] = Counter()
    for size in sizes:
        place.clear()
        _judge(place.run(limit=size), tally)
        again = place.run()
        assert again.code == 0, again
        assert digests(place.results) == place.expected
    return tally


def on_a_full_disk(place: Place, kilobytes: Sequence[int]) -> Counter[str]:
    """Run on a small disk in memory until it is full, give it more room, and go on."""
    tally: Counter[str] = Counter()
    for size in kilobytes:
        place.clear()
        (place.folder / "results").mkdir()
        # The disk is seen by this shell only, so that both runs and the copy at the end happen in it.
        script = f"""
            mount -t tmpfs -o size={size}k tmpfs results
            "$0" -m mcdiv run small.yaml -q; code=$?
            mount -o remount,size=64m results
            "$0" -m mcdiv run small.yaml -q || exit 9
            cp -r results/small copied; exit $code"""
        command = ["unshare", "-rm", "sh", "-c", script, sys.executable]
        shutil.rmtree(place.folder / "copied", ignore_errors=True)
        done = shell(command, place.folder)
        assert digests(place.folder / "copied") == place.expected, done
        _judge(done, tally)
    return tally


def with_a_worker_killed(place: Place, times: int, generator: random.Random) -> Counter[str]:
    """Kill one of two worker processes of a run, which must end as if nothing had been."""
    tally: Counter[str] = Counter()
    for _ in range(times):
        place.clear()
        running = place.start("--backend", "processes", "--workers", "2", cold=True)
        _in_the_middle(place, running, generator)
        workers = workers_of(running.pid)
        if workers:
            os.kill(generator.choice(workers), signal.SIGKILL)
            tally["workers killed"] += 1
        _judge_whole(place, running.ended(), tally)
    return tally


def with_a_dask_worker_killed(place: Place, times: int, generator: random.Random) -> Counter[str]:
    """The same with the workers of a Dask cluster."""
    tally: Counter[str] = Counter()
    for _ in range(times):
        place.clear()
        with dask_cluster(place.folder, [{}, {}]) as cluster:
            running = place.start("--backend", "dask", "--scheduler", cluster.address)
            _in_the_middle(place, running, generator)
            if running.wait(0) is None:
                generator.choice(cluster.workers).kill()
                tally["workers killed"] += 1
            _judge_whole(place, running.ended(), tally)
    return tally


def doubled(place: Place, times: int) -> Counter[str]:
    """Start a run while another one is at work on the same results."""
    tally: Counter[str] = Counter()
    for _ in range(times):
        place.clear()
        first = place.start("--set", "replicates=1e7")
        wait_for(lambda: place.entries() > 3)
        second = place.run()
        assert second == Ended(code=2, stderr="results/small: another mcdiv run is writing these results\n")
        tally["refused in one line"] += 1
        count = place.entries()
        wait_for(lambda: place.entries() > count)  # noqa: B023 — asked at once
        first.signal(signal.SIGKILL)
        first.ended()
        _judge_whole(place, place.run(), tally)
    return tally


def by_a_clock_that_goes_backwards(place: Place, times: int) -> Counter[str]:
    """Run piece by piece while every look at the clock is an hour earlier than the one before.

    The time of a run is over when its first block is done, however fast the machine is.
    """
    from mcdiv.errors import OutOfTime
    from mcdiv.results.run import run

    now = itertools.count(int(time.time()), -3600)
    tally: Counter[str] = Counter()
    with patch("time.time", lambda: float(next(now))), patch("time.time_ns", lambda: next(now) * 10**9):
        for _ in range(times):
            place.clear()
            while not (place.results / "summary.csv").exists():
                with contextlib.suppress(OutOfTime):
                    run(place.folder / "small.yaml", out=place.folder / "results", backend="serial", max_time=1e-9)
                tally["pieces"] += 1
            assert digests(place.results) == place.expected
            tally["ended with the same bytes"] += 1
    return tally


def _in_the_middle(place: Place, running: Running, generator: random.Random) -> None:
    wait_for(lambda: place.entries() > 3 or running.wait(0) is not None)
    running.wait(generator.uniform(0, 0.3) * place.seconds)


def _judge_whole(place: Place, done: Ended, tally: Counter[str]) -> None:
    assert done == Ended(code=0, stderr="")
    assert digests(place.results) == place.expected
    tally["ended with the same bytes"] += 1


def disks_can_be_made() -> bool:
    """Whether this user may mount a disk that only its own processes see."""
    command = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def _judge(done: Ended, tally: Counter[str]) -> None:
    if done.code == 0:
        tally["there was room enough"] += 1
        return
    assert done.code == 2, done
    assert len(done.stderr.splitlines()) == 1, done
    tally["refused in one line, and went on"] += 1


def shell(command: Sequence[str], folder: Path) -> Ended:
    """Any other command."""
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=LONG
    )
    return Ended(code=done.returncode, stderr=done.stderr)


def wait_for(happens: Any, seconds: float = LONG) -> None:
    """Until something is so."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def environment(**changes: str) -> dict[str, str]:
    """The variables of a command that is to find this package."""
    return {**os.environ, "PYTHONPATH": HERE, **changes}


def children_of(process: int) -> list[int]:
    """The processes that a process started."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [int(number) for number in text.split()]


def workers_of(process: int) -> list[int]:
    """Those of them that do blocks."""
    found = []
    for child in children_of(process):
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A Dask cluster of processes."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]
    #: start one more worker, with its changes of the environment
    join: Callable[[dict[str, str]], None]


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: Sequence[dict[str, str]]) -> Iterator["Cluster"]:
    """A scheduler and workers as processes of their own, each worker with its changes of the environment."""
    where = folder / "scheduler.json"
    where.unlink(missing_ok=True)
    common = ["--scheduler-file", str(where), "--no-dashboard"]
    scheduler = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-show", *common]
    worker = ["dask_worker", "--no-nanny", "--nthreads", "1", *common]

    def start(arguments: list[str], changes: dict[str, str]) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:]]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, env=environment(**changes), cwd=folder, text=True, **quiet))

    started: list[subprocess.Popen[str]] = []
    try:
        start(scheduler, {})
        wait_for(lambda: where.exists() and where.read_text(encoding="utf-8").endswith("}"))
        for changes in workers:
            start(worker, changes)
        address = json.loads(where.read_text(encoding="utf-8"))["address"]
        yield Cluster(address=address, scheduler=started[0], workers=started[1:], join=lambda c: start(worker, c))
    finally:
        for process in started:
            process.kill()
            process.wait()
