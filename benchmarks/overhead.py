"""B14: what handing out blocks of some 20 ms and keeping them in the ledger costs, above doing them in a loop."""

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from threadpoolctl import threadpool_limits

from benchmarks.report import Line, duration
from benchmarks.timing import in_turn, ratio
from mcdiv.crew import Crew, about, era
from mcdiv.edges import backends, ledger
from mcdiv.study.engine import run_block
from mcdiv.study.plan import Block, blocks_of, conditions_of
from mcdiv.study.scenario import Scenario, read_scenario

BLOCKS, ROUNDS = 25, 15
SCENARIO = {
    "schema": 1,
    "name": "overhead",
    "truth": {"zipf": 1000},
    "model": {"uniform": 1000},
    "estimands": ["entropy", "kl_divergence"],
    "estimators": ["plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "chao_shen"],
    "sample_sizes": [1000],
    "replicates": 262 * BLOCKS,
    "mode": "monte_carlo",
}


def compare() -> list[Line]:
    """A line for each backend with one worker, its start and that of the ledger not counted."""
    scenario, problems = read_scenario(SCENARIO)
    assert scenario is not None, problems
    seeds = itertools.count()  # so that the ledger never holds the blocks of a round before
    with TemporaryDirectory() as folder, ExitStack() as stack, threadpool_limits(1):
        variants: dict[str, Callable[[], object]] = {"loop": lambda: _loop(_blocks(scenario, next(seeds)))}
        for name in ("serial", "threads", "processes"):
            (Path(folder) / name).mkdir()
            book = stack.enter_context(ledger.opened(Path(folder) / name, era()))
            crew = Crew(stack.enter_context(backends.opened(name, 1, None, about)), book)
            variants[name] = lambda crew=crew: list(crew(run_block, _blocks(scenario, next(seeds))))
        wrong = [name for name, work in variants.items() if not _alike(work, scenario, seeds)]
        seconds = in_turn(variants, rounds=ROUNDS)
    one = median(seconds["loop"]) / BLOCKS
    return [
        Line(
            number="B14",
            work=f"{BLOCKS} blocks of {duration(one)}, kept in the ledger, backend {name}, 1 worker",
            against="the same in a loop, nothing kept",
            reach=1.05,
            measured=ratio(seconds[name], seconds["loop"]),
            at_least=False,
            answer="the same bits" if name not in wrong else "other bits",
            right=name not in wrong,
            times=f"{name} {duration(median(seconds[name]) / BLOCKS)} a block",
        )
        for name in ("serial", "threads", "processes")
    ]


def _blocks(scenario: Scenario, seed: int) -> list[Block]:
    return [block for condition in conditions_of(scenario) for block in blocks_of(scenario, condition, seed)]


def _loop(blocks: list[Block]) -> object:
    return [run_block(block) for block in blocks]


def _alike(work: Callable[[], object], scenario: Scenario, seeds: "itertools.count[int]") -> bool:
    """Whether a variant finds, to the bit, what the loop finds of the same blocks."""
    found = work()
    seed = next(seeds) - 1
    expected = _loop(_blocks(scenario, seed))
    pairs = zip(found, expected, strict=True)  # type: ignore[call-overload]
    return all(
        one.simulated[name].scatter.tobytes() == moments.scatter.tobytes()
        for one, other in pairs
        for name, moments in other.simulated.items()
    )
