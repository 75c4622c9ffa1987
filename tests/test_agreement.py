"""Simulated and exact values: a run in which they disagree says so and fails, and no other one does."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from cases import quick
from conftest import Command
from scipy import stats
from small import scenario_of, small
from standard_scores import SAMPLERS, z_scores

from mcdiv.core import outcomes, samplers
from mcdiv.core.performance import Measured
from mcdiv.core.samplers import AliasTable
from mcdiv.engine import block
from mcdiv.engine.agreement import LEVEL, disagreements
from mcdiv.engine.plan import plan_of
from mcdiv.engine.records import Row
from mcdiv.engine.simulate import simulate
from mcdiv.engine.work import Work
from mcdiv.files.yaml_text import write_text
from mcdiv.results.run import run
from mcdiv.results.study_results import Results

R = TypeVar("R")

Study = Callable[..., Results]
TWO_LEVELS = {"two_level": {"k": 16, "share": 0.5, "mass": 0.8}}
DRAWN: dict[str, Any] = {"truth": TWO_LEVELS, "model": None, "sample_sizes": 60, "replicates": 20_000}
LISTED: dict[str, Any] = {"replicates": 20_000, "estimators": ["plugin"], "intervals": [{"bayes": {"alpha": 0.5}}]}


def wrong_table(p: bytes) -> AliasTable:
    return AliasTable.of(np.frombuffer(p) ** 1.1)


def wrong_multiplicities(weights: np.ndarray, *rest: Any) -> np.ndarray:
    return outcomes.multiplicities(weights**1.1, *rest)


@pytest.mark.slow
def test_a_run_with_a_sampler_of_another_law_fails_and_says_why(
    folder: Path, mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samplers, "_table", wrong_table)
    Path("study.yaml").write_text(write_text(small(**DRAWN)), encoding="utf-8")
    said = "Simulated and exact values disagree in 2 rows of this run. plugin of H(P) at P = two_level(k=16"
    done = mcdiv_command("run", "study.yaml", "--backend", "serial", code=1)
    assert said in done.stderr
    assert "(z = −" in done.stderr
    assert said in Path("results/small/report.html").read_text(encoding="utf-8")
    assert "2 rows whose simulated and exact values disagree" in Path("results/small/report.html").read_text("utf-8")
    assert ",disagreement,20000," in Path("results/small/problems.csv").read_text(encoding="utf-8")
    done = mcdiv_command("run", "study.yaml", "--backend", "serial", "--quiet", code=1)
    assert said in done.stderr
    done = mcdiv_command("run", "study.yaml", "--backend", "serial", "--json", code=1)
    assert said in json.loads(done.stdout)["disagreement"]


@pytest.mark.slow
def test_advice_whose_simulation_disagrees_is_withheld(
    mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    Path("counts.csv").write_text("n\n" + "5\n" * 8 + "1\n" * 8, encoding="utf-8")
    assert "no advice" not in mcdiv_command("estimate", "counts.csv", "--advise").stderr
    monkeypatch.setattr(samplers, "_table", wrong_table)
    assert "no advice: Simulated and exact" in mcdiv_command("estimate", "counts.csv", "--advise").stderr


@pytest.mark.slow
@pytest.mark.unmeasured
def test_replicates_of_listed_outcomes_with_other_probabilities_are_found_in_estimates_and_intervals(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not study(**LISTED).failed
    monkeypatch.setattr(block, "multiplicities", wrong_multiplicities)
    results = study(**LISTED)
    problems = results.tables["problems"]
    assert results.failed
    assert (problems["kind"] == "disagreement").any()
    assert problems["message"].str.contains("of the interval bayes.* simulated").any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"truth": {"coin": [0.5, 0.99, 0.999, 0.9999]}, "estimators": ["plugin", "k1", "k3"], "sample_sizes": [1, 3]},
        {
            "truth": {"coin": [0.1, 0.001]},
            "model_sample_sizes": [3, 30],
            "estimators": ["plugin", "laplace"],
            "replicates": 60,
        },
        {"truth": TWO_LEVELS, "model": None, "replicates": 100},
        {"truth": {"spike_and_slab": {"k": 50, "spike": [0.9, 0.999]}}, "model": None, "replicates": 300},
        {"truth": {"zipf": 30}, "model": {"zipf": {"k": 30, "s": 3}}, "estimators": ["plugin", "k1", "k2", "k3"]},
    ],
    ids=["rare", "two samples", "two levels", "spike", "heavy"],
)
@pytest.mark.parametrize("seeds", quick(1, [range(6), range(6, 15)]), ids=["few", "others"])
def test_a_run_with_the_right_law_does_not_disagree_whatever_its_seed(changes: dict[str, Any], seeds: range) -> None:
    given = {"replicates": 400, "estimands": ["entropy"], **changes}
    if given.get("model", True) is not None:
        given["estimands"] = ["kl_divergence"]
    for seed in seeds:
        found = simulate(plan_of(scenario_of(**given)).seeded(seed), in_order, lambda done, most: None)
        assert "disagreement" not in {problem.code for problem in found.problems}


def in_order(works: Iterable[Work[R]]) -> Iterator[R]:
    return (work.run() for work in works)


def row(measure: str, value: float, mcse: float, exact: float, exact_mcse: float = math.nan, **more: Any) -> Row:
    condition = run(scenario_of(mode="exact"), backend="serial").rows[0]
    given = {"replicates": 1000, "true_value": 1.0, **more}
    return Row(
        condition=condition.condition,
        task=condition.task,
        simulated={measure: Measured(value=value, mcse=mcse, events=given.pop("events", math.inf))},
        exact={measure: exact},
        exact_mcse={measure: exact_mcse},
        **given,
    )


def test_a_share_is_judged_by_the_binomial_law_of_the_replicates_that_have_it() -> None:
    for met, exact in [(0, 0.003), (0, 0.02), (1000, 0.98), (3, 1e-4), (2, 1e-7), (0, 0.0), (1000, 1.0), (1, 1e-12)]:
        law = stats.binom(1000, exact)
        chance = 2 * min(law.cdf(met), law.sf(met - 1))
        found = disagreements([row("infinite_share", met / 1000, 0.001, exact)], [])
        assert bool(found) == (chance < LEVEL)
        if found:
            assert found[0].values["probability"] == pytest.approx(chance, rel=1e-3, abs=1e-8)


def test_a_mean_is_judged_by_the_larger_of_the_mcses_of_the_replicates_and_of_the_law() -> None:
    assert disagreements([row("bias", 0.7, 0.1, 0.0, 0.1)], [])
    assert not disagreements([row("bias", 0.45, 0.1, 0.0, 0.1)], [])
    # Rare events that nobody met leave the first of them too small, and too many of them the second.
    assert not disagreements([row("bias", 0.7, 0.01, 0.0, 0.2)], [])
    assert not disagreements([row("bias", 0.7, 0.2, 0.0, 0.01)], [])
    # Without the law there must be events enough.
    assert disagreements([row("bias", 0.7, 0.1, 0.0, events=2000)], [])
    assert not disagreements([row("bias", 0.7, 0.1, 0.0, events=900)], [])
    # Neither roundings nor a handful of replicates are evidence.
    assert not disagreements([row("bias", 1e-13, 1e-15, 0.0, 1e-15)], [])
    assert not disagreements([row("bias", 0.7, 0.01, 0.0, 0.01, replicates=20)], [])


def test_the_verdict_allows_for_how_many_values_a_run_compares() -> None:
    one = row("bias", 0.53, 0.1, 0.0, 0.1)
    assert disagreements([one], [])
    assert not disagreements([one] * 10_000, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLERS)
def test_z_scores_of_every_sampler_are_those_of_a_standard_normal_law(name: str) -> None:
    scores = z_scores(name, 400, 8)
    assert abs((scores**2).mean() - 1) <= 5 * (2 / 400) ** 0.5
    assert stats.kstest(scores, "norm").pvalue > 1e-6


def test_z_scores_find_a_table_of_another_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "_table", wrong_table)
    scores = z_scores("draw by draw, alias table", 600, 12)
    assert (scores**2).mean() > 1.5
