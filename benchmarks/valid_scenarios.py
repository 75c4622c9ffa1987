"""`python -m benchmarks.valid_scenarios COUNT [SEED [FIRST]]`: so many random valid scenarios, run from file to page.

A line for each that did not end as it should, and at the end how many there were; exit code 1 if any did not. The
pictures are drawn as SVG only and one in five is laid out, as that is most of
the time. The figures go into docs/reliability.md.
"""

import itertools
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))  # where the same is done in small numbers

from valid_scenarios import numbered, run_whole  # noqa: E402

#: seconds that none of these small scenarios takes, also on a busy machine
LONG = 600


def main(count: int, seed: int, first: int) -> int:
    """Run them, and say what came of it."""
    signal.signal(signal.SIGALRM, _too_long)
    pictures, failed, begun = Counter[str](), 0, time.monotonic()
    for number, values in itertools.islice(numbered(seed, first), count):
        try:
            with TemporaryDirectory() as folder:
                signal.alarm(LONG)
                drawn = run_whole(values, Path(folder), twice=number % 10 == 0, laid_out=number % 5 == 0)
                pictures.update(drawn)
        except Exception as error:
            failed += 1
            _tell(seed, number, values, error)
        finally:
            signal.alarm(0)
        if (number - first + 1) % 100 == 0:
            print(f"{number - first + 1:,} in {time.monotonic() - begun:,.0f} s, {failed} failed", flush=True)
    print(f"seed {seed}: {count:,} scenarios, {sum(pictures.values()):,} pictures, {failed} failed")
    return 1 if failed else 0


def _tell(seed: int, number: int, values: dict[str, Any], error: Exception) -> None:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "mcdiv" in frame.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    text = " ".join(str(error).split())[:300]
    print(f"FAILED {seed} {number}: {type(error).__name__} at {place}: {text}\n  {values}", flush=True)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {LONG} s")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*given, *[1, 0][len(given) - 1 :]) if given else __doc__)
