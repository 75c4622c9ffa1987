"""`mcdiv replay`: a replicate drawn again is the one that was met, and a failure shows its traceback."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from small import scenario_of, small

from mcdiv.engine.plan import plan_of
from mcdiv.engine.replay import replay
from mcdiv.estimators.registry import ESTIMATORS
from mcdiv.files.yaml_text import write_text
from mcdiv.results.run import run

SULKY = '''
from mcdiv.estimators.contract import estimator


@estimator("entropy", reference_values=[], properties=set())
def sulky(counts):
    """Refuse samples of one kind.

    Formula: none
    Valid:   never
    Source:  this test
    """
    return judged(counts)


def judged(counts):
    if (counts[..., 0] == 0).any():
        raise ArithmeticError("no heads")
    return counts[..., 0] * 0.0
'''


REGIMES: dict[str, dict[str, Any]] = {
    "all outcomes": {},
    "without exact values": {"mode": "monte_carlo"},
    "both sampled": {"model_sample_sizes": [4], "sample_sizes": [3]},
    "draws": {"truth": {"zipf": 100}, "model": {"uniform": 100}, "sample_sizes": [30], "replicates": 6000},
    "drawn models": {
        "truth": {"zipf": 50},
        "model": {"uniform": 50},
        "sample_sizes": [30],
        "model_sample_sizes": [20],
        "replicates": 100,
    },
    "fingerprints": {"truth": {"uniform": 1000}, "model": None, "sample_sizes": [30], "replicates": 200},
}


@pytest.mark.slow
@pytest.mark.parametrize("changes", quick(4, list(REGIMES.values())), ids=REGIMES)
def test_all_replicates_drawn_again_have_the_mean_of_the_study(changes: dict[str, Any]) -> None:
    scenario = scenario_of(estimators=["plugin"], **{"sample_sizes": [5], "replicates": 300, **changes})
    plan = plan_of(scenario)
    (condition,) = plan.conditions
    row = next(row for row in run(scenario, backend="serial").rows if row.task.estimand == "entropy")
    # Of many replicates only some, where blocks of draws begin and end.
    few = scenario.replicates <= 300
    again = [replay(plan, 1, number) for number in (range(scenario.replicates) if few else (0, 5241, 5242, 5999))]
    for one in again:
        assert one.counts.sum() == condition.sample_size
        assert len(one.counts) == len(condition.truth.pmf())
    values = [attempt.value for one in again for attempt in one.attempts if attempt.task == row.task]
    if few:
        assert np.mean(values) == pytest.approx(row.simulated["mean"].value, abs=1e-12)
    else:
        assert len(set(values)) == len(values)


def write(folder: Path, **changes: Any) -> None:
    (folder / "sulky.py").write_text(SULKY, encoding="utf-8")
    values = small(model=None, estimators=["plugin", "sulky"], sample_sizes=[3, 4], **changes)
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")


def asked(replay: str, results: str) -> list[str]:
    """The arguments of a command as problems.csv has it."""
    program, *arguments = shlex.split(replay)
    assert program == "mcdiv"
    return [results if argument == "RESULTS" else argument for argument in arguments]


@pytest.mark.slow
@pytest.mark.parametrize("output", ["results", "some where/else"])
def test_the_command_of_a_problem_shows_its_counts_and_its_traceback(
    mcdiv_command: Command, folder: Path, output: str
) -> None:
    write(folder)
    mcdiv_command("run", "s.yaml", "-q", "--plugin", "sulky.py", "-o", output, code=1)
    problems = pd.read_csv(folder / output / "small" / "problems.csv")
    for _, problem in problems.iterrows():
        told = mcdiv_command(*asked(problem["replay"], f"{output}/small")).stdout
        assert f"condition {problem['condition']}: P = coin(p=0.5), N = {problem['sample_size']}" in told
        assert f"counts from P: [0, {problem['sample_size']}]" in told
        assert "Traceback (most recent call last)" in told
        assert "in judged" in told
        assert "engine.py" not in told
        assert told.rstrip().endswith("ArithmeticError: no heads")


def test_every_estimator_is_shown_and_json_is_for_programs(mcdiv_command: Command, folder: Path) -> None:
    write(folder)
    mcdiv_command("run", "s.yaml", "-q", "--plugin", "sulky.py", code=1)
    given = ["replay", "results/small", "--condition", "1", "--plugin", "sulky.py", "--json", "--replicate"]
    first = json.loads(mcdiv_command(*given, "0").stdout)
    assert [entry["estimator"] for entry in first["estimates"]] == ["plugin", "sulky"]
    assert sum(first["counts"]) == first["sample_size"] == 3
    last = json.loads(mcdiv_command(*given, "999").stdout)
    assert last["counts"] != first["counts"]
    raised = [entry for found in (first, last) for entry in found["estimates"] if entry["traceback"]]
    assert len(raised) == 1
    assert raised[0]["estimate"] is None


def test_infinite_estimates_are_shown_again(mcdiv_command: Command, folder: Path) -> None:
    (folder / "s.yaml").write_text(write_text(small(model={"coin": 1}, sample_sizes=[3])), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    problem = pd.read_csv(folder / "results" / "small" / "problems.csv").iloc[0]
    assert "∞" in mcdiv_command(*asked(problem["replay"], "results/small")).stdout


@pytest.mark.slow
def test_many_categories_are_shown_by_those_that_were_seen(mcdiv_command: Command, folder: Path) -> None:
    values = small(truth={"uniform": 1000}, model=None, sample_sizes=[30], replicates=10)
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    told = mcdiv_command("replay", "results/small", "--condition", "1", "--replicate", "3").stdout
    assert "of 1000 categories seen; {" in told
    assert "their order is arbitrary" in told


MISTAKES = [
    (["--condition", "3", "--replicate", "0"], "--condition: expected one from 1 to 2, got 3"),
    (["--condition", "0", "--replicate", "0"], "--condition: expected one from 1 to 2, got 0"),
    (["--condition", "1", "--replicate", "1000"], "--replicate: expected one from 0 to 999, got 1000"),
    (["--condition", "1", "--replicate", "-1"], "--replicate: expected one from 0 to 999, got -1"),
    (["--condition", "1", "--replicate", "0", "-e", "k1"], "--estimator: the scenario has plugin, sulky, not 'k1'"),
    (["--condition", "1"], "Missing option '--replicate'"),
]  # fmt: skip


def test_what_is_not_there_is_said_in_one_line(mcdiv_command: Command, folder: Path) -> None:
    write(folder)
    mcdiv_command("run", "s.yaml", "-q", "--plugin", "sulky.py", code=1)
    for arguments, line in MISTAKES:
        assert line in mcdiv_command("replay", "results/small", *arguments, "--plugin", "sulky.py", code=2).stderr


@pytest.mark.slow
def test_a_missing_or_changed_plugin_is_told(mcdiv_command: Command, folder: Path) -> None:
    write(folder)
    mcdiv_command("run", "s.yaml", "-q", "--plugin", "sulky.py", code=1)
    given = ["replay", "results/small", "--condition", "1", "--replicate", "0"]
    for name in [name for name in list(ESTIMATORS._entries) if "sulky" in name]:
        del ESTIMATORS._entries[name]
    del sys.modules["mcdiv_plugin_sulky"]
    told = mcdiv_command(*given, code=2).stderr
    assert "unknown estimator 'sulky'" in told
    assert "the run had the plug-in sulky.py: give it with --plugin" in told
    (folder / "sulky.py").write_text(SULKY.replace("no heads", "none"), encoding="utf-8")
    assert "and this is not the same" in mcdiv_command(*given, "--plugin", "sulky.py").stderr
    assert "there is no such folder" in mcdiv_command("replay", "none", *given[2:], code=2).stderr


@pytest.mark.slow
def test_exact_results_have_no_replicates(mcdiv_command: Command, folder: Path) -> None:
    (folder / "s.yaml").write_text(write_text(small(mode="exact")), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    told = mcdiv_command("replay", "results/small", "--condition", "1", "--replicate", "0", code=2).stderr
    assert told == "--replicate: none was simulated, got 0\n"
