"""B1: replicates of a coin. Sample, evaluate, take moments: mcdiv's engine against SciPy on drawn counts."""

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

import mcdiv
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.distributions import Distribution
from mcdiv.engine.block import run_block
from mcdiv.engine.plan import Block, Condition, Task
from mcdiv.engine.summary import Collector

HEADS, DRAWS, REPLICATES = 0.3, 10_000, 100_000
#: rows that stand for all replicates in the row loop, whose time is proportional to their number
ROWS = 2000
ROUNDS = 7
LARGEST_Z = 4.5

COIN = Distribution(family="coin", parameters=(("p", HEADS),))
CONDITION = Condition(number=1, truth=COIN, model=None, sample_size=DRAWS, model_sample_size=None)
TASK = Task(estimand="entropy", name="plugin", design="sample", parameters=(), label="plugin")
BLOCK = Block(
    condition=CONDITION,
    kind="enumeration",
    tasks=(TASK,),
    seed=1,
    index=0,
    start=0,
    replicates=REPLICATES,
    exact=False,
)


def compare() -> list[Line]:
    """Two lines: against the row loop, and against vectorised SciPy."""
    rng = np.random.default_rng(1)
    variants = {
        "mcdiv": lambda: run_block(BLOCK),
        "vectorised": lambda: _vectorised(rng),
        "row loop": lambda: _row_loop(rng),
    }
    with threadpool_limits(1):
        seconds = in_turn(variants, rounds=ROUNDS)
    seconds["row loop"] = [value * REPLICATES / ROWS for value in seconds["row loop"]]
    z = max(abs(_z_of_engine()), abs(_z_of_vectorised(rng)))
    work = f"coin, p = {HEADS}, N = {DRAWS}, R = {REPLICATES}, plug-in: sample, evaluate, moments"
    loop = f"scipy.stats.entropy row by row (from {ROWS} rows)"
    fair = "scipy.stats.entropy(axis=0) on vectorised binomials"

    def line(against: str, reach: float, other: str) -> Line:
        return Line(
            number="B1",
            work=work,
            against=against,
            reach=reach,
            measured=ratio(seconds[other], seconds["mcdiv"]),
            at_least=True,
            answer=f"largest z {z:.2f} of the bias",
            right=z < LARGEST_Z,
            times=side_note({name: seconds[name] for name in ("mcdiv", other)}),
        )

    return [line(loop, 10_000, "row loop"), line(fair, 20, "vectorised")]


def _row_loop(rng: np.random.Generator) -> tuple[float, float]:
    heads = rng.binomial(DRAWS, HEADS, ROWS)
    estimates = np.array([stats.entropy([count, DRAWS - count]) for count in heads])
    return float(estimates.mean()), float(estimates.var())


def _vectorised(rng: np.random.Generator) -> tuple[float, float]:
    heads = rng.binomial(DRAWS, HEADS, REPLICATES)
    estimates = stats.entropy(np.stack([heads, DRAWS - heads]), axis=0)
    return float(estimates.mean()), float(estimates.var())


def _exact_mean() -> float:
    truth = [HEADS, 1 - HEADS]
    return mcdiv.exact_performance("entropy", estimator="plugin", truth=truth, sample_size=DRAWS).mean


def _z_of_engine() -> float:
    collector = Collector(CONDITION)
    collector.add(run_block(BLOCK))
    mean = collector.rows([TASK])[0].simulated["mean"]
    return (mean.value - _exact_mean()) / mean.mcse


def _z_of_vectorised(rng: np.random.Generator) -> float:
    mean, variance = _vectorised(rng)
    return float((mean - _exact_mean()) / np.sqrt(variance / REPLICATES))
