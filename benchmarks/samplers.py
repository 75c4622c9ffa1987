"""B5 and B6: counts of large alphabets, and fingerprints of a uniform one, against NumPy's multinomial."""

from collections.abc import Callable

import numpy as np
from scipy.special import entr
from threadpoolctl import threadpool_limits

import mcdiv
from benchmarks.report import Line, side_note
from benchmarks.timing import in_turn, ratio
from mcdiv.core.arrays import Sample
from mcdiv.core.distributions import Distribution
from mcdiv.core.levels import BATCH, ProbabilityLevels, draw_fingerprints
from mcdiv.core.outcomes import block_size, draw_outcomes, stream
from mcdiv.engine.block import run_block
from mcdiv.engine.plan import Block, Condition, Task
from mcdiv.engine.summary import Collector
from mcdiv.estimators.lifts import plugin_terms, sum_over_categories
from mcdiv.estimators.registry import find

ROUNDS = 7
LARGEST_Z = 4.5

CATEGORIES, SIZES = 10_000, (10, 22, 46, 100, 215, 464, 1000, 2154, 4642, 10_000)
ZIPF = Distribution(family="zipf", parameters=(("k", CATEGORIES), ("s", 1)))

WIDE = 100_000
UNIFORM = Distribution(family="uniform", parameters=(("k", WIDE),))
#: rows that stand for all replicates with NumPy, whose time is proportional to their number
ROWS = 8
NAMES = ("plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "chao_shen", "chao_wang_jost")
#: those whose mean is known exactly
ADDITIVE = NAMES[:6]
TASKS = tuple(Task(estimand="entropy", name=name, design="sample", parameters=(), label=name) for name in NAMES)
CONDITION = Condition(number=1, truth=UNIFORM, model=None, sample_size=WIDE, model_sample_size=None)
BLOCK = Block(condition=CONDITION, kind="draws", tasks=TASKS, seed=1, index=0, start=0, replicates=BATCH, exact=False)
BILLION = 10**9
HUGE = ProbabilityLevels(p=np.array([1 / BILLION]), size=np.array([BILLION]))


def compare() -> list[Line]:
    """Zipf's law; the uniform law; a billion categories."""
    with threadpool_limits(1):
        return [_zipf(), *_uniform()]


def _zipf() -> Line:
    p = ZIPF.pmf()
    rows = block_size(p, SIZES[-1])
    seconds = in_turn(
        {
            "mcdiv": lambda: [_plugin(p, draws, rows, draws) for draws in SIZES],
            "multinomial": lambda: [_looked_up(stream(1, draws), p, draws, rows) for draws in SIZES],
        },
        rounds=ROUNDS,
    )
    z = max(_z("plugin", ZIPF, draws, lambda draws=draws: _plugin(p, draws, 500, draws, 1)) for draws in SIZES)
    return Line(
        number="B5",
        work=f"Zipf, K = {CATEGORIES}, plug-in at {len(SIZES)} sample sizes up to K, blocks of {rows} replicates",
        against="Generator.multinomial and a look-up table",
        reach=1.5,
        measured=ratio(seconds["multinomial"], seconds["mcdiv"]),
        at_least=True,
        answer=f"largest z {z:.2f} of the mean",
        right=z < LARGEST_Z,
        times=side_note(seconds),
    )


def _uniform() -> list[Line]:
    generator = stream(2)
    seconds = in_turn(
        {
            "mcdiv": lambda: run_block(BLOCK),
            "multinomial": lambda: _on_counts(generator),
            "10⁹": lambda: draw_fingerprints(HUGE, BILLION, BATCH, generator),
        },
        rounds=ROUNDS,
    )
    each = {"mcdiv": BATCH, "multinomial": ROWS, "10⁹": BATCH}
    seconds = {name: [value / each[name] for value in values] for name, values in seconds.items()}
    z, far = _largest_z_of_engine(), _z_of_a_billion()
    return [
        Line(
            number="B6",
            work=f"uniform, K = N = {WIDE}, {len(NAMES)} estimators: one block of the engine, for each replicate",
            against="Generator.multinomial and the same estimators on counts",
            reach=50,
            measured=ratio(seconds["multinomial"], seconds["mcdiv"]),
            at_least=True,
            answer=f"largest z {z:.2f} of the bias",
            right=z < LARGEST_Z,
            times=side_note({name: seconds[name] for name in ("mcdiv", "multinomial")}),
        ),
        Line(
            number="B6",
            work="uniform, K = N = 10⁹: the fingerprint of one replicate",
            against="seconds",
            reach=1e-4,
            measured=float(np.median(seconds["10⁹"])),
            at_least=False,
            in_seconds=True,
            answer=f"z {far:.2f} of the categories seen",
            right=far < LARGEST_Z,
            times=side_note({"10⁹": seconds["10⁹"]}),
        ),
    ]


def _plugin(p: np.ndarray, draws: int, rows: int, *address: int) -> np.ndarray:
    outcomes = draw_outcomes(p, draws, rows, stream(1, *address))
    return sum_over_categories(plugin_terms, outcomes.counts, {}, outcomes.multiplicity)


def _looked_up(generator: np.random.Generator, p: np.ndarray, draws: int, rows: int) -> np.ndarray:
    table = entr(np.arange(draws + 1) / draws)
    return table[generator.multinomial(draws, p, size=rows)].sum(axis=1)


def _on_counts(generator: np.random.Generator) -> list[np.ndarray]:
    sample = Sample(counts=generator.multinomial(WIDE, np.full(WIDE, 1 / WIDE), size=ROWS))
    entries = [find("entropy", name, "sample") for name in NAMES]
    return [entry.evaluate(sample, {}) for entry in entries if entry is not None]


def _z(name: str, truth: Distribution, draws: int, drawn: Callable[[], np.ndarray]) -> float:
    estimates = drawn()
    exact = mcdiv.exact_performance("entropy", estimator=name, truth=truth.pmf(), sample_size=draws).mean
    return float(abs(estimates.mean() - exact) / (estimates.std(ddof=1) / np.sqrt(len(estimates))))


def _largest_z_of_engine() -> float:
    collector = Collector(CONDITION)
    collector.add(run_block(BLOCK))
    rows = collector.rows(list(TASKS))
    found = {row.task.name: row.simulated["mean"] for row in rows}
    exact = {
        name: mcdiv.exact_performance("entropy", estimator=name, truth=UNIFORM.pmf(), sample_size=WIDE).mean
        for name in ADDITIVE
    }
    return max(abs(found[name].value - exact[name]) / found[name].mcse for name in ADDITIVE)


def _z_of_a_billion() -> float:
    counts, multiplicity = draw_fingerprints(HUGE, BILLION, BATCH, stream(3))
    seen = (multiplicity * (counts > 0)).sum(axis=1)
    exact = -BILLION * np.expm1(BILLION * np.log1p(-1 / BILLION))
    return float(abs(seen.mean() - exact) / (seen.std(ddof=1) / np.sqrt(BATCH)))
