"""B17 and B18: what `mcdiv run fair` takes as a whole process, until its answer and in all, first and again.

Processor time of the processes, not the clock: a run has nothing to wait for.
"""

import csv
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

from benchmarks.processes import interpreter
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio

ROUNDS = 5
#: what is imported for the answer, for the tables, and for pictures and report
ANSWER = "import click, rich.progress, numpy, scipy.special, pydantic, ruamel.yaml, threadpoolctl, sqlite3"
TABLES = f"{ANSWER}, pandas"
PICTURES = f"{TABLES}, jinja2, matplotlib.figure, matplotlib.backends.backend_agg, matplotlib.backends.backend_svg"
#: the command, left once its answer is printed
UNTIL_ANSWER = """
import os, sys
from mcdiv.__main__ import main
from mcdiv.cli import run_output
answer = run_output.print_answer
def told(*given, **named):
    answer(*given, **named)
    sys.stdout.flush()
    os._exit(0)
run_output.print_answer = told
sys.argv = ["mcdiv", "run", "fair", "-o", sys.argv[1], "--fresh"]
main()
"""


def compare() -> list[Line]:
    """Two lines of the first run, and one of the second."""
    with TemporaryDirectory() as folder, interpreter() as start:
        whole = ("-m", "mcdiv", "run", "fair", "-o")
        variants = {
            "until the answer": lambda: start("-c", UNTIL_ANSWER, f"{folder}/answer"),
            "first": lambda: start(*whole, f"{folder}/first", "--fresh"),
            "again": lambda: start(*whole, f"{folder}/again"),
            "imports of the answer": lambda: start("-c", ANSWER),
            "imports of the tables": lambda: start("-c", TABLES),
            "imports of the pictures": lambda: start("-c", PICTURES),
        }
        seconds = in_turn(variants, rounds=ROUNDS, clock=_of_processes)
        bias = _bias(Path(folder) / "first"), _bias(Path(folder) / "again")
    works = {
        "until the answer": ("B17", "until its answer is printed", "answer"),
        "first": ("B17", "pictures and report included", "pictures"),
        "again": ("B18", "again, with nothing to do", "tables"),
    }
    return [
        Line(
            number=number,
            work=f"`mcdiv run fair`, {what}",
            against=f"a process that only imports what the {needs} take{'s' * (needs == 'answer')}",
            reach=1.5,
            measured=ratio(seconds[name], seconds[f"imports of the {needs}"]),
            at_least=False,
            answer=f"plug-in bias of H(P) at N = 10: {bias[0]:.7f} bits",
            # 10 flips of a fair coin, summed by hand: E Ĥ = 0.9234985 bits
            right=all(abs(one + 0.0765015) < 1e-7 for one in bias),
            times=side_note({part: seconds[part] for part in (name, f"imports of the {needs}")}),
        )
        for name, (number, what, needs) in works.items()
    ]


def _of_processes() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bias(folder: Path) -> float:
    with (folder / "fair" / "summary.csv").open(encoding="utf-8", newline="") as handle:
        rows = {(row["estimand"], row["estimator"], row["sample_size"]): row for row in csv.DictReader(handle)}
    return float(rows["entropy", "plugin", "10"]["exact_bias"])
