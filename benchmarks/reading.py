"""B19: draws read and counted, beside pandas doing the same; the memory that 10⁸ draws and a sparse matrix take.

Processor time of the processes, and the largest memory that one of them had, as the system tells it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np

from benchmarks.processes import environment
from benchmarks.report import Line, duration, side_note
from benchmarks.timing import in_turn, ratio

#: rows of a piece, and how many pieces the small and the large file have
PIECE, SMALL, LARGE = 10**6, 10, 100
CATEGORIES, ROUNDS = 500, 3
#: bytes that a process may have for 10⁸ draws, and for the matrix
MEMORY, MATRIX_MEMORY = 10**9, 2 * 10**9
PANDAS = "import sys, pandas; print(pandas.read_csv(sys.argv[1])['species'].value_counts().sum())"
#: a matrix of which each row has 2500 counts >= 1; seconds of three estimators, and how far off two of them are
MATRIX = """
import json, time
import numpy as np, scipy.sparse
import mcdiv
rows, columns, each = 20_000, 30_000, 2_500
data = np.random.default_rng(19).geometric(0.05, size=rows * each).astype(np.int32)
places = (12 * np.arange(each, dtype=np.int32) + np.arange(rows, dtype=np.int32)[:, None] % 12).ravel()
matrix = scipy.sparse.csr_array((data, places, each * np.arange(rows + 1)), shape=(rows, columns))
started = time.process_time()
found = mcdiv.estimate("entropy", matrix, estimator=["plugin", "miller_madow", "chao_shen"])
seconds = time.process_time() - started
off = 0.0
for row in range(0, rows, 100):
    n = data[each * row : each * (row + 1)]
    entropy = np.log(n.sum()) - (n * np.log(n)).sum() / n.sum()
    off = max(off, abs(found["plugin"][row] / entropy - 1))
    off = max(off, abs(found["miller_madow"][row] / (entropy + (each - 1) / (2 * n.sum())) - 1))
print(json.dumps({"seconds": seconds, "off": off}))
"""

#: runs this interpreter: what it printed, its processor time, and the most memory it had
_Run: TypeAlias = Callable[[Sequence[str]], tuple[str, float, int]]


def compare() -> list[Line]:
    """A ratio for 10⁷ draws, and seconds with memory for the larger ones."""
    draws = np.minimum(np.random.default_rng(19).zipf(1.5, PIECE), CATEGORIES)
    shares = np.bincount(draws) / PIECE
    entropy = -float((shares[shares > 0] * np.log(shares[shares > 0])).sum())
    names = [f"sp{draw}" for draw in draws.tolist()]
    with TemporaryDirectory() as folder, environment() as variables:
        run = partial(_run, variables)
        small, large = _csv(Path(folder) / "small.csv", names, SMALL), _csv(Path(folder) / "large.csv", names, LARGE)
        lines = [_against_pandas(run, small, entropy), _large(run, "of a CSV file", large, entropy)]
        large.unlink()
        if (saved := _parquet(Path(folder) / "large.parquet", names, LARGE)) is not None:
            lines.append(_large(run, "of a Parquet column", saved, entropy))
        return [*lines, _matrix(run)]


def _against_pandas(run: _Run, path: Path, entropy: float) -> Line:
    estimates: list[float] = []
    taken: dict[str, list[float]] = {"mcdiv": [], "pandas": []}

    def mcdiv() -> None:
        told, seconds, _ = run(["-m", "mcdiv", "estimate", str(path), "-e", "plugin", "--json", "-q"])
        estimates.append(json.loads(told)[0]["estimates"][0]["value"])
        taken["mcdiv"].append(seconds)

    def pandas() -> None:
        told, seconds, _ = run(["-c", PANDAS, str(path)])
        assert int(told) == SMALL * PIECE
        taken["pandas"].append(seconds)

    in_turn({"mcdiv": mcdiv, "pandas": pandas}, rounds=ROUNDS)
    seconds = {name: values[1:] for name, values in taken.items()}
    off = max(abs(each / entropy - 1) for each in estimates)
    return Line(
        number="B19",
        work=f"{SMALL * PIECE:,} draws of a CSV file: `mcdiv estimate`, whole process",
        against="pandas.read_csv and value_counts, whole process",
        reach=1.5,
        measured=ratio(seconds["mcdiv"], seconds["pandas"]),
        at_least=False,
        answer=f"relative difference {off:.1e} of the plug-in",
        right=off < 1e-12,
        times=side_note(seconds),
    )


def _large(run: _Run, what: str, path: Path, entropy: float) -> Line:
    told, seconds, memory = run(["-m", "mcdiv", "estimate", str(path), "-e", "plugin", "--json", "-q"])
    off = abs(json.loads(told)[0]["estimates"][0]["value"] / entropy - 1)
    return Line(
        number="B19",
        work=f"{LARGE * PIECE:,} draws {what}: `mcdiv estimate`, whole process",
        against="seconds, in less than 1 GB",
        reach=60,
        measured=seconds,
        at_least=False,
        in_seconds=True,
        answer=f"relative difference {off:.1e} of the plug-in; {memory / 1e9:.2f} GB",
        right=off < 1e-12 and memory < MEMORY,
        times=duration(seconds),
    )


def _matrix(run: _Run) -> Line:
    told, _, memory = run(["-c", MATRIX])
    found = json.loads(told)
    return Line(
        number="B19",
        work="a sparse matrix of 20,000 × 30,000 with 5·10⁷ counts: entropies of all rows, three estimators",
        against="seconds, in less than 2 GB with the matrix itself",
        reach=30,
        measured=found["seconds"],
        at_least=False,
        in_seconds=True,
        answer=f"relative difference {found['off']:.1e} of plug-in and Miller–Madow; {memory / 1e9:.2f} GB",
        right=found["off"] < 1e-12 and memory < MATRIX_MEMORY,
        times=duration(found["seconds"]),
    )


def _csv(path: Path, names: Sequence[str], pieces: int) -> Path:
    piece = "\n".join(names) + "\n"
    with path.open("w", encoding="utf-8") as handle:
        handle.write("species\n")
        for _ in range(pieces):
            handle.write(piece)
    return path


def _parquet(path: Path, names: Sequence[str], pieces: int) -> Path | None:
    """The same as a Parquet file; None where there is no pyarrow."""
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        return None
    table = pa.table({"species": list(names)})
    with ParquetWriter(path, table.schema) as writer:
        for _ in range(pieces):
            writer.write_table(table)
    return path


def _run(variables: Mapping[str, str], arguments: Sequence[str]) -> tuple[str, float, int]:
    """What a process printed, its processor time, and the most memory it had, in bytes."""
    with subprocess.Popen([sys.executable, *arguments], env=variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(arguments))
    return told, used.ru_utime + used.ru_stime, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
