"""B14: what handing out blocks of some 20 ms and keeping them in the ledger costs, above doing them in a loop."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, TypeAlias

from threadpoolctl import threadpool_limits

from benchmarks.report import Line, duration
from mcdiv.engine.block import BlockResult, run_block
from mcdiv.engine.cache.keys import BlockRequest, BlockResponse
from mcdiv.engine.cache.ledger import open_ledger
from mcdiv.engine.cache.runner import BlockRunner, code_version, environment_versions
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.executor import WorkerPool
from mcdiv.engine.plan import plan_of
from mcdiv.engine.pool import open_pool
from mcdiv.scenario.model import Scenario, read_scenario

BLOCKS, SEED = 600, 1
Request: TypeAlias = BlockRequest[BlockResult]
SCENARIO = {
    "schema": 1,
    "name": "overhead",
    "truth": {"zipf": 1000},
    "model": {"uniform": 1000},
    "estimands": ["entropy", "kl_divergence"],
    "estimators": [
        "plugin",
        "miller_madow",
        "jackknife",
        "zhang",
        "grassberger_2003",
        "laplace",
        "james_stein",
        "chao_shen",
        "chao_wang_jost",
        "wu_yang",
    ],
    "sample_sizes": [1000],
    "replicates": 524 * BLOCKS,
    "mode": "monte_carlo",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice(BlockResponse[BlockResult]):
    """A block done for the ledger and then once more with nothing around it: the second time's seconds and bits."""

    seconds: float
    same_bits: bool


def done_twice(work: Callable[[Request], BlockResponse[BlockResult]], request: Request) -> Twice:
    """What a worker does: the two times are moments apart, so that a slow moment of the machine hits both."""
    response = work(request)
    started = perf_counter()
    plain = run_block(request.work.block)
    seconds = perf_counter() - started
    same = _bits(plain) == _bits(response.result)
    return Twice(result=response.result, columns=response.columns, seconds=seconds, same_bits=same)


class Watched:
    """Workers that do every block twice, and what is to be known of the second time."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self.seconds: list[float] = []
        self.same_bits = True

    def __call__(self, work: Callable[[Any], Any], blocks: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        """The responses, block by block."""
        for place, twice in self._pool(partial(done_twice, work), blocks):
            self.seconds.append(twice.seconds)
            self.same_bits &= twice.same_bits
            yield place, twice


def compare() -> list[Line]:
    """A line for each backend with one worker, its start and that of the ledger not counted."""
    scenario, problems = read_scenario(SCENARIO)
    assert scenario is not None, problems
    with threadpool_limits(1):
        return [_line(scenario, name) for name in ("serial", "threads", "processes")]


def _line(scenario: Scenario, name: str) -> Line:
    plan = plan_of(scenario).seeded(SEED)
    blocks = [block for condition in plan.conditions for block in plan.blocks(condition)]
    with (
        TemporaryDirectory() as folder,
        open_ledger(Path(folder), code_version()) as ledger,
        open_pool(name, 1, None, environment_versions) as pool,
    ):
        watched = Watched(pool)
        ends = [perf_counter() for _ in BlockRunner(watched, ledger)(EstimateBlock(block=block) for block in blocks)]
    # From one result to the next a block was done twice: what is above the plain time is the other, all told.
    # The first blocks fill the queue.
    plain = watched.seconds[4:]
    other = [end - start - seconds for (start, end), seconds in zip(list(pairwise(ends))[3:], plain, strict=True)]
    found = mean(other) / mean(plain)
    error = stdev(a - found * b for a, b in zip(other, plain, strict=True)) / mean(plain) / math.sqrt(len(plain))
    return Line(
        number="B14",
        work=f"blocks of {duration(mean(plain))}, kept in the ledger, backend {name}, 1 worker",
        against="the same blocks with nothing around them",
        reach=1.05,
        measured=found,
        at_least=False,
        answer="the same bits" if watched.same_bits else "other bits",
        right=watched.same_bits,
        times=f"{duration(mean(other))} a block; ratio {found:.3f} ± {error:.3f}",
    )


def _bits(result: BlockResult) -> list[bytes]:
    return [moments.scatter.tobytes() for moments in result.simulated.values()]
