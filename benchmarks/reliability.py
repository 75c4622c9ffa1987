"""`python -m benchmarks.reliability`: many faults done to real runs; the figures go into docs/reliability.md.

It takes about twenty minutes; `python -m benchmarks.reliability 0.1` does a tenth of it.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from signal import SIGINT, SIGKILL
from tempfile import TemporaryDirectory

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))  # what is done to runs there in small numbers is done here in large ones

import faults  # noqa: E402
from faults import Place, prepared  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main(share: float) -> None:
    """Do that share of everything, and tell."""
    with TemporaryDirectory() as folder:
        place = prepared(Path(folder) / "short", cold=True, mode="both", replicates=500)
        longer = prepared(Path(folder) / "longer", cold=True, mode="both", replicates=3000)
        rows = [_row(what, trial, max(1, round(share * times))) for what, trial, times in _trials(place, longer)]
    table = "\n".join(["| what was done | times | how it ended |", "|---|---:|---|", *rows])
    print(table)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _trials(place: Place, longer: Place) -> list[tuple[str, Callable[[int], Counter[str]], int]]:
    dice = random.Random(20261123)

    def sizes(times: int, low: float, high: float) -> list[int]:
        return [round(size) for size in np.geomspace(low, high, times)]

    return [
        ("`kill -9` at a random moment", lambda n: faults.ended_early(place, SIGKILL, n, dice), 200),
        ("`kill -9` with two worker processes", lambda n: _killed_with_workers(longer, n, dice), 20),
        ("Ctrl-C at a random moment", lambda n: faults.ended_early(place, SIGINT, n, dice), 100),
        ("Ctrl-C two times within 50 ms", lambda n: faults.ended_early(place, SIGINT, n, dice, hits=2), 50),
        ("Ctrl-C with two worker processes", lambda n: _interrupted_with_workers(longer, n, dice, 1), 100),
        ("the same, three times within 0.1 s", lambda n: _interrupted_with_workers(longer, n, dice, 3), 50),
        ("writes fail beyond 2 kB … 300 kB of a file", lambda n: faults.without_room(place, sizes(n, 2e3, 3e5)), 30),
        ("a disk of 30 kB … 600 kB is full", lambda n: faults.on_a_full_disk(place, sizes(n, 30, 600)), 30),
        ("a bit of the ledger flipped", lambda n: faults.damaged(place, n, dice, cut=False), 1000),
        ("the ledger cut off", lambda n: faults.damaged(place, n, dice, cut=True), 200),
        ("a bit flipped after a `kill -9`", lambda n: faults.damaged(place, n, dice, cut=False, killed=True), 200),
        ("the ledger cut off after a `kill -9`", lambda n: faults.damaged(place, n, dice, cut=True, killed=True), 100),
        ("two runs at once", lambda n: faults.doubled(place, n), 10),
        ("a clock that goes backwards", lambda n: faults.by_a_clock_that_goes_backwards(place, n), 10),
        ("a worker process killed", lambda n: faults.with_a_worker_killed(longer, n, dice), 20),
        ("a Dask worker killed", lambda n: faults.with_a_dask_worker_killed(longer, n, dice), 20),
    ]


def _killed_with_workers(place: Place, times: int, dice: random.Random) -> Counter[str]:
    return faults.ended_early(place, SIGKILL, times, dice, ("--backend", "processes", "--workers", "2"))


def _interrupted_with_workers(place: Place, times: int, dice: random.Random, hits: int) -> Counter[str]:
    return faults.ended_early(place, SIGINT, times, dice, ("--backend", "processes", "--workers", "2"), hits=hits)


def _row(what: str, trial: Callable[[int], Counter[str]], times: int) -> str:
    print(f"{what}: {times} …", file=sys.stderr, flush=True)
    return f"| {what} | {times:,} | {', '.join(f'{count:,} {how}' for how, count in trial(times).items())} |"


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
