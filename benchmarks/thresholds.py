"""B20: the thresholds of ten thousand features at once, each with a reference of its own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

import mcdiv
from benchmarks.report import Line
from mcdiv.core.arrays import Counts
from mcdiv.core.outcomes import stream

FEATURES, CATEGORIES, REFERENCE, CHECK, RATE = 10_000, 10, 1000, 500, 0.01
#: features whose false alarms are counted in replicates of NumPy's, and how many of these
COUNTED, REPLICATES = 200, 20_000
ERROR_BOUND = 4.5


def compare() -> list[Line]:
    """All thresholds once, from a file of counts; then how often some of them alarm."""
    with threadpool_limits(1), TemporaryDirectory() as folder:
        counts = _references()
        path = Path(folder) / "features.csv"
        path.write_text(_csv(counts), encoding="utf-8")
        begun = perf_counter()
        found = mcdiv.thresholds(path, by="feature", column="bin", weights="n", n=CHECK, rate=RATE)
        seconds = perf_counter() - begun
        table = found.table
        z = _z(counts[:COUNTED], table["threshold"].to_numpy()[:COUNTED], table["alarm_rate_mcse"].to_numpy()[:COUNTED])
    return [
        Line(
            number="B20",
            work=f"{FEATURES:,} features of {CATEGORIES} categories, {REFERENCE} and {CHECK} draws: PSI thresholds at "
            f"{RATE:.0%} by mcdiv.thresholds, from a CSV file",
            against="seconds",
            reach=300,
            measured=seconds,
            at_least=False,
            in_seconds=True,
            answer=f"z {z:.2f} of the false alarms of {COUNTED} of them in {REPLICATES:,} replicates each",
            right=abs(z) < ERROR_BOUND,
            times=f"{1000 * seconds / FEATURES:.3g} ms a feature, "
            f"{table['replicates'].iloc[0]:,} weighted replicates each, median error of a threshold "
            f"{100 * float((table['threshold_mcse'] / table['threshold']).median()):.2g} %",
        )
    ]


def _references() -> Counts:
    generator = stream(20)
    pmfs = generator.dirichlet(np.full(CATEGORIES, 8.0), size=FEATURES)
    return np.asarray(generator.multinomial(REFERENCE, pmfs))


def _csv(counts: Counts) -> str:
    rows = [f"f{i},b{k},{n}" for i, row in enumerate(counts.tolist()) for k, n in enumerate(row)]
    return "\n".join(["feature,bin,n", *rows]) + "\n"


def _z(counts: Counts, thresholds: np.ndarray, errors: np.ndarray) -> float:
    """How far the mean false-alarm rate is from what was asked for, in its standard errors."""
    generator = stream(21)
    alarms = 0
    for row, threshold in zip(counts, thresholds, strict=True):
        first = generator.multinomial(CHECK, row / REFERENCE, size=REPLICATES) / CHECK
        second = generator.multinomial(REFERENCE, row / REFERENCE, size=REPLICATES) / REFERENCE
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = (first - second) * np.log(first / second)
        psi = np.where((first == 0) & (second == 0), 0.0, terms).sum(axis=1)
        alarms += int((psi > threshold).sum())
    rate = alarms / (COUNTED * REPLICATES)
    variance = RATE / (COUNTED * REPLICATES) + float((errors**2).mean()) / COUNTED
    return (rate - RATE) / variance**0.5
