"""B12: a study of a thousand categories on two workers, against one."""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from threadpoolctl import threadpool_limits

from benchmarks.report import Line, duration
from benchmarks.timing import in_turn, ratio
from mcdiv.engine.cache.runner import BlockRunner, environment_versions
from mcdiv.engine.plan import plan_of
from mcdiv.engine.pool import open_pool
from mcdiv.engine.simulate import simulate
from mcdiv.results import tables
from mcdiv.results.csv_tables import to_csv
from mcdiv.scenario.model import Scenario, read_scenario

SEED, ROUNDS = 1, 5
SCENARIO = {
    "schema": 1,
    "name": "workers",
    "truth": {"zipf": 1000},
    "model": {"uniform": 1000},
    "estimators": ["plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "james_stein", "chao_shen"],
    "sample_sizes": [1000],
    "replicates": 16_000,
    "mode": "monte_carlo",
}


def compare() -> list[Line]:
    """A line for each backend, the start of its workers not counted."""
    scenario, problems = read_scenario(SCENARIO)
    assert scenario is not None, problems
    with ExitStack() as stack, threadpool_limits(1):
        runners = {
            (name, workers): BlockRunner(stack.enter_context(open_pool(name, workers, None, environment_versions)))
            for name in ("threads", "processes")
            for workers in (1, 2)
        }
        variants: dict[str, Callable[[], object]] = {
            f"{name} {workers}": lambda runner=runner: _digest(scenario, runner)
            for (name, workers), runner in runners.items()
        }
        digests = {work() for work in variants.values()}
        seconds = in_turn(variants, rounds=ROUNDS)
    return [
        Line(
            number="B12",
            work=f"zipf, K = N = 1000, R = 16 000, 7 estimators: backend {name}, 2 workers",
            against="1 worker",
            reach=1.5,
            measured=ratio(seconds[f"{name} 1"], seconds[f"{name} 2"]),
            at_least=True,
            answer="the same bytes" if len(digests) == 1 else "other bytes",
            right=len(digests) == 1,
            times=f"1 worker {duration(median(seconds[f'{name} 1']))}, 2 {duration(median(seconds[f'{name} 2']))}",
        )
        for name in ("threads", "processes")
    ]


def _digest(scenario: Scenario, runner: BlockRunner) -> str:
    """The sha256 of the performance table."""
    found = simulate(plan_of(scenario).seeded(SEED), runner, lambda done, total: None)
    table = tables.performance_table(scenario.name, found.rows, found.intervals, scenario.units)
    return hashlib.sha256(to_csv(table).encode()).hexdigest()
