"""Plans by simulation against exact ones; ranges of truths; the study that checks a plan."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

import mcdiv
from mcdiv.core.distributions import distribution_of
from mcdiv.engine.plan import Task
from mcdiv.planning.question import Goal, GoalKind, Question
from mcdiv.planning.simulated import Simulation, root

DIE: list[float] = [0.2] * 5


@pytest.mark.parametrize(
    ("pmf", "kind", "size", "exact"),
    # By linearity, and by listing all outcomes; tests/test_plan.py has the first from SciPy's binomial law.
    [(DIE, "bias", 0.001, 2002), ([0.5, 0.3, 0.2], "rmse", 0.01, 1345)],
)
def test_a_simulated_root_is_within_five_standard_errors_of_the_exact_one(
    pmf: list[float], kind: GoalKind, size: float, exact: int
) -> None:
    task = Task(estimand="entropy", name="plugin", design="sample", parameters=(), label="plugin")
    truth = distribution_of("categorical", {"pmf": tuple(pmf)})
    asked = Question(goal=Goal(kind=kind, size=size, confidence=0.95), task=task, truth=truth)
    found = root(asked.goal, Simulation(asked, seed=1), start=64)
    error = math.log(found.high / found.low) / (2 * 1.959963984540054)
    assert error < 0.01
    assert abs(math.log(found.draws / exact)) <= 5 * error
    assert abs(found.value - size) <= 5 * found.mcse + size / found.draws


@pytest.mark.slow
def test_what_cannot_be_listed_is_simulated_with_an_interval() -> None:
    found = mcdiv.plan("entropy", truth="uniform: {k: 20}", within=0.1)
    assert found.sample_size_interval is not None
    low, high = found.sample_size_interval
    assert low <= found.sample_size <= high
    assert (found.proved, found.verified_to) == (False, None)
    assert found.replicates > 0
    assert found.mcse > 0
    assert mcdiv.plan("entropy", truth="uniform: {k: 20}", within=0.1) == found
    assert mcdiv.plan("entropy", truth="uniform: {k: 20}", within=0.1, seed=1) != found


def test_a_goal_that_no_simulated_sample_reaches_is_told_with_what_is_reached() -> None:
    with pytest.raises(mcdiv.ScenarioError, match=r"with 1,000,000,000 draws the RMSE of chao_shen is .* ± "):
        mcdiv.plan("entropy", truth=[0.4, 0.3, 0.2, 0.1], estimator="chao_shen", rmse=1e-7)


@pytest.mark.slow
def test_of_a_range_of_truths_the_plan_is_that_of_the_worst_one() -> None:
    found = mcdiv.plan("entropy", truth="coin: [0.1, 0.9]", within=0.05)
    assert found.truth == "coin(p=0.1)"
    assert found.truths == 41
    assert found.sample_size == mcdiv.plan("entropy", truth=0.1, within=0.05).sample_size
    inside = mcdiv.plan("entropy", truth="coin: [0.01, 0.5]", within=0.05)
    # p (1 − p) ln²((1 − p)/p) is largest at p = 0.0832.
    assert float(inside.truth.removeprefix("coin(p=").removesuffix(")")) == pytest.approx(0.0832, abs=0.02)
    assert inside.sample_size >= found.sample_size


def test_a_range_of_whole_numbers_holds_whole_numbers() -> None:
    found = mcdiv.plan("entropy", truth="uniform: {k: [2, 6]}", bias=0.01)
    assert (found.truth, found.truths) == ("uniform(k=6)", 5)
    assert found.sample_size == mcdiv.plan("entropy", truth="uniform: {k: 6}", bias=0.01).sample_size


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        {"estimand": "entropy", "truth": 0.9, "rmse": 0.05},
        {"estimand": "entropy", "truth": 0.9, "bias": 0.01, "units": "bits", "estimator": "additive(alpha=0.5)"},
        {"estimand": "kl_divergence", "truth": 0.5, "model": 0.6, "rmse": 0.2, "ratio": 2},
        {"estimand": "entropy", "truth": 0.7, "width": 0.2, "interval": "delta"},
        {"estimand": "entropy", "truth": 0.7, "within": 0.1},
    ],
)
def test_the_study_of_a_plan_runs_and_says_the_same(arguments: dict[str, Any], folder: Path) -> None:
    given = dict(arguments)
    found = mcdiv.plan(given.pop("estimand"), **given)
    (folder / "plan.yaml").write_text(found.scenario, encoding="utf-8")
    done = mcdiv.run(folder / "plan.yaml", settings=["replicates=1000", "paths=0"])
    there = done.summary[done.summary["sample_size"] == found.sample_size].iloc[0]
    if found.measure in ("RMSE", "bias"):
        assert there[f"exact_{found.measure.lower()}"] == pytest.approx(found.value, rel=1e-9)
    assert [check.met for check in done.checks] == ([] if found.measure == "probability" else [True])


@pytest.mark.slow
def test_the_command_prints_the_study_and_how_a_simulated_plan_is_known(mcdiv_command: Command) -> None:
    options = ["plan", "--truth", "uniform: {k: 20}", "--within", "0.1"]
    found = mcdiv.plan("entropy", truth="uniform: {k: 20}", within=0.1)
    assert mcdiv_command(*options, "--yaml").stdout == found.scenario.rstrip("\n") + "\n"
    (record,) = json.loads(mcdiv_command(*options, "--json").stdout)
    assert tuple(record["sample_size_interval"]) == found.sample_size_interval
    low, high = found.sample_size_interval or (0, 0)
    said = f"plugin: N is simulated; its 95 % confidence interval is {low} to {high}."
    assert said in mcdiv_command(*options).stdout
    assert "one study" in mcdiv_command(*options, "--yaml", "-e", "plugin", "-e", "zhang", code=2).stderr


def test_the_curve_of_a_plan_holds_the_values_of_every_n_around_it() -> None:
    found = mcdiv.plan("entropy", truth=0.5, within=0.02, confidence=0.9, curve=True)
    values = {size: value for size, value, mcse in found.curve if mcse == 0}
    assert min(values) == found.sample_size // 2
    assert max(values) == 2 * found.sample_size
    assert values[found.sample_size] == found.value
    assert values[found.sample_size - 1] == found.value_before
    assert min(value for size, value in values.items() if size >= found.sample_size) >= found.wanted == 0.9


@pytest.mark.slow
def test_a_curve_is_in_the_units_of_the_plan() -> None:
    found = mcdiv.plan("entropy", truth=[0.2] * 5, bias=0.01, units="bits", curve=True)
    assert dict(point[:2] for point in found.curve)[found.sample_size // 2] < -0.01
    assert dict(point[:2] for point in found.curve)[2 * found.sample_size] == pytest.approx(-0.005, rel=0.05)
    assert found.wanted == pytest.approx(0.01)
    with pytest.raises(ValueError, match="give curve=True to plan"):
        mcdiv.plan("entropy", truth=0.5, within=0.1).draw()


@pytest.mark.slow
def test_plans_are_drawn_into_a_new_file(mcdiv_command: Command, folder: Path) -> None:
    options = ["plan", "--truth", "0.5", "--bias", "0.01", "-e", "plugin", "-e", "miller_madow", "--plot"]
    mcdiv_command(*options, "plan.svg")
    drawn = (folder / "plan.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<?xml")
    assert "exists already" in mcdiv_command(*options, "plan.svg", code=2).stderr
    assert "ends in .svg, .png or .pdf" in mcdiv_command(*options, "plan.txt", code=2).stderr
