"""`python -m benchmarks.hostile scenarios|files|pieces|formats [COUNT] [SEED]`: hostile files, a million if not told.

`pieces` are files whose tables are read a few lines at once, so that every way of reading a large table is taken.
Every scenario must be read or refused in lines of their own, without a warning and within a second of processor time;
every file of data must be refused, or read as the independent reader reads it, and of `formats` that are no plain text
as the format's own library does. What is not so is printed; exit code 1.
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # what is tried there some times is tried here for long

import data_files
from data_files import DataFiles
from format_files import FormatFiles
from hostile import Hostile

from mcdiv.files.counts import delimited

GENERATORS = {"scenarios": Hostile, "files": DataFiles, "pieces": DataFiles, "formats": FormatFiles}
#: rows that the csv module reads, and characters that are then looked at together, in `pieces`
_FEW_ROWS, _FEW_CHARACTERS = 3, 12
#: seconds of processor time for one file; what was loaded for the first time is no fault of it
SLOWEST, WARM_UP = 1.0, 500
#: examples printed of each kind of finding
_SHOWN = 5


def main(what: str, count: int, seed: int) -> int:
    """Try so many, and tell how they ended; Ctrl-C ends it early."""
    if what == "pieces":
        delimited.ROWS, delimited.PIECE, data_files.SEEN = _FEW_ROWS, _FEW_CHARACTERS, _FEW_ROWS
    ends: Counter[str] = Counter()
    slowest = [0.0]
    with TemporaryDirectory() as folder:
        try:
            _try(GENERATORS[what](seed, Path(folder)), count, ends, slowest)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
    told = ", ".join(f"{times:,} {end}" for end, times in sorted(ends.items()))
    print(f"{ends.total():,} {what} (seed {seed}): {told}; the slowest took {max(slowest):.2f} s")
    return 0 if set(ends) <= {"read", "refused"} else 1


def _try(generator: Hostile | DataFiles | FormatFiles, count: int, ends: Counter[str], slowest: list[float]) -> None:
    for number in range(count):
        started = process_time()
        end, said, given = generator.try_one()
        took = process_time() - started
        if number >= WARM_UP:
            slowest[0] = max(slowest[0], took)
            end = "slow" if took > SLOWEST and end in ("read", "refused") else end
        ends[end] += 1
        if end not in ("read", "refused") and ends[end] <= _SHOWN:
            print(f"{end}: {said}\n  {given!r}"[:2000], flush=True)


if __name__ == "__main__":
    kind, times, first = [*sys.argv[1:], *["scenarios", "1e6", "1"][len(sys.argv) - 1 :]]
    sys.exit(main(kind, int(float(times)), int(first)))
