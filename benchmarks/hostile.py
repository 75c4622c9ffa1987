"""`python -m benchmarks.hostile scenarios|files [COUNT] [SEED]`: hostile files, a million unless told otherwise.

Every scenario must be read or refused in lines of their own, without a warning and within a second of processor time;
every file of data must be refused, or read as the independent reader reads it. What is not so is printed; exit code 1.
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # what is tried there some times is tried here for long

from data_files import DataFiles
from hostile import Hostile

GENERATORS = {"scenarios": Hostile, "files": DataFiles}
#: seconds of processor time for one file; what was loaded for the first time is no fault of it
SLOWEST, WARM_UP = 1.0, 500
#: examples printed of each kind of finding
_SHOWN = 5


def main(what: str, count: int, seed: int) -> int:
    """Try so many, and tell how they ended."""
    ends: Counter[str] = Counter()
    slowest = 0.0
    with TemporaryDirectory() as folder:
        generator = GENERATORS[what](seed, Path(folder))
        for number in range(count):
            started = process_time()
            end, said, given = generator.try_one()
            took = process_time() - started
            if number >= WARM_UP:
                slowest = max(slowest, took)
                end = "slow" if took > SLOWEST and end in ("read", "refused") else end
            ends[end] += 1
            if end not in ("read", "refused") and ends[end] <= _SHOWN:
                print(f"{end}: {said}\n  {given!r}"[:2000], flush=True)
            if (number + 1) % (-(-count // 20)) == 0:
                print(_line(what, seed, ends, slowest), file=sys.stderr, flush=True)
    print(_line(what, seed, ends, slowest))
    return 0 if set(ends) <= {"read", "refused"} else 1


def _line(what: str, seed: int, ends: Counter[str], slowest: float) -> str:
    told = ", ".join(f"{times:,} {end}" for end, times in sorted(ends.items()))
    return f"{ends.total():,} {what} (seed {seed}): {told}; the slowest took {slowest:.2f} s"


if __name__ == "__main__":
    kind, times, first = [*sys.argv[1:], *["scenarios", "1e6", "1"][len(sys.argv) - 1 :]]
    sys.exit(main(kind, int(float(times)), int(first)))
