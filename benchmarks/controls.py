"""B13: how many fewer replicates a bias takes with control variates, where there is no exact one."""

from benchmarks.report import Line, duration
from benchmarks.timing import in_turn
from mcdiv.engine.records import Row
from mcdiv.results import run
from mcdiv.scenario.model import read_scenario

CATEGORIES, DRAWS, REPLICATES = 100, 200, 20_000
#: replicates of the plain simulation that the answer is held against
MANY = 50 * REPLICATES
LARGEST_Z = 4.5


def compare() -> list[Line]:
    """One line: the ratio is that of the squared MCSEs, from the same replicates."""
    row = _row(REPLICATES, seed=1)
    plain, controlled = row.simulated["bias"], row.simulated["bias_cv"]
    reference = _row(MANY, seed=2).simulated["bias"]
    z = (controlled.value - reference.value) / (controlled.mcse**2 + reference.mcse**2) ** 0.5
    seconds = in_turn({"mcdiv": lambda: _row(REPLICATES, seed=1)}, rounds=3)["mcdiv"]
    return [
        Line(
            number="B13",
            work=f"replicates for a given MCSE of bias, Zipf K = {CATEGORIES}, N = {DRAWS}, Chao–Shen",
            against="the plain mean of as many replicates",
            reach=100,
            measured=(plain.mcse / controlled.mcse) ** 2,
            at_least=True,
            answer=f"z {abs(z):.2f} against {MANY:,} plain replicates".replace(",", " "),
            right=abs(z) < LARGEST_Z,
            times=f"both from R = {REPLICATES}: {duration(min(seconds))}",
        )
    ]


def _row(replicates: int, seed: int) -> Row:
    scenario, problems = read_scenario(
        {
            "schema": 1,
            "name": "controls",
            "truth": {"zipf": CATEGORIES},
            "estimands": ["entropy"],
            "estimators": ["chao_shen"],
            "sample_sizes": [DRAWS],
            "replicates": replicates,
            "mode": "monte_carlo",
            "paths": 0,
            "plots": [],
            "seed": seed,
        }
    )
    assert scenario is not None, problems
    return run.run(scenario).rows[0]
