"""Control variates: exact means, and standard errors that keep what they promise when a study is repeated."""

import math
from collections.abc import Callable
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from small import scenario_of
from threadpoolctl import threadpool_limits

from mcdiv.core.additive import levels_of
from mcdiv.core.controls import (
    Expected,
    additive_controls,
    expected_controls,
    has_heavy,
    linear_controls,
    tied_pairs,
    value_per_draw,
)
from mcdiv.core.fingerprints import expanded
from mcdiv.core.outcomes import draw_outcomes, enumerate_outcomes, stream
from mcdiv.engine.block import run_block
from mcdiv.engine.plan import plan_of
from mcdiv.engine.records import Row
from mcdiv.engine.summary import Collector
from mcdiv.results.study_results import Results

Study = Callable[..., Results]

P, Q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.25, 0.25, 0.0, 0.5])
MEASURES = ("bias", "bias_cv", "sd", "variance", "mse", "rmse")


@pytest.mark.parametrize("draws", [1, 2, 9])
@pytest.mark.parametrize("q", [None, Q], ids=["alone", "with a model"])
def test_the_exact_means_are_those_over_all_outcomes(draws: int, q: np.ndarray | None) -> None:
    outcomes = enumerate_outcomes(P, draws)
    values = value_per_draw(P, q)
    expected = expected_controls(P, levels_of(P, None, draws), values)
    additive = additive_controls(outcomes.counts, draws)
    features = np.concatenate([additive, linear_controls(outcomes.counts, draws, values)], axis=1)
    assert expected.mean == pytest.approx(outcomes.weights @ features, rel=1e-13, abs=1e-15)


def test_controls_are_the_same_by_fingerprints_and_one_by_one() -> None:
    few = np.random.default_rng(1).multinomial(30, np.full(200, 1 / 200), size=50)  # J < K: through fingerprints
    for row, found in zip(few, additive_controls(few, 30), strict=True):
        share = row[row > 0] / 30
        by_hand = [
            -(share * np.log(share)).sum(),
            *((row > 0).sum(), (row == 1).sum(), (row == 2).sum()),
            (row * (row - 1)).sum() / (30 * 29),
        ]
        assert found == pytest.approx(by_hand, rel=1e-13)
    surprisal = linear_controls(few, 30, value_per_draw(np.full(200, 1 / 200), None))
    assert surprisal == pytest.approx(np.full((50, 1), math.log(200)), rel=1e-13)
    many = np.random.default_rng(1).multinomial(10**6, [0.5, 0.3, 0.2], size=3)  # all counts differ
    shares = many / 10**6
    assert additive_controls(many, 10**6)[:, 0] == pytest.approx(-(shares * np.log(shares)).sum(axis=1), rel=1e-13)


@pytest.mark.parametrize(
    "truth",
    [np.full(2000, 1 / 2000), np.concatenate([[0.2, 0.1], np.full(2000, 0.7 / 2000)])],
    ids=["all grouped", "two apart"],
)
def test_counts_that_stand_for_several_categories_have_the_same_sums(truth: np.ndarray) -> None:
    drawn = draw_outcomes(truth, 300, 40, stream(3, 4))
    assert drawn.multiplicity is not None
    counts = expanded(drawn.counts, drawn.multiplicity)
    one_by_one = additive_controls(counts, 300)
    assert additive_controls(drawn.counts, 300, drawn.multiplicity) == pytest.approx(one_by_one, rel=1e-12)


def test_pairs_are_alike_where_values_differ_by_roundings_only() -> None:
    assert tied_pairs(np.array([0.3, 2.0, 0.1 + 0.2, 2.0, 2.0])).tolist() == [4, 10]
    assert tied_pairs(np.array([1.5])).tolist() == [0, 0]


def test_the_bias_with_controls_is_within_five_mcse_of_the_exact_bias_and_far_more_precise(study: Study) -> None:
    changes = {"truth": {"zipf": 60}, "model": {"uniform": 60}, "sample_sizes": [50], "replicates": 5000}
    rows = study(**changes, estimators=["horvitz_thompson", "zhang", "miller_madow"]).rows
    for row in rows:
        if row.task.estimand != "cross_entropy":
            assert abs(row.z("bias_cv")) < 5, row.task
            assert row.simulated["bias_cv"].mcse < row.simulated["bias"].mcse / 30
            assert abs(row.simulated["bias_cv"].value - row.simulated["bias"].value) < 5 * row.simulated["bias"].mcse


@pytest.mark.slow
@pytest.mark.parametrize("truth", [{"uniform": 5000}, {"two_level": {"k": 5000, "share": 0.1, "mass": 0.6}}])
def test_fingerprints_have_controls_as_good(study: Study, truth: dict) -> None:
    changes = {"truth": truth, "model": None, "sample_sizes": [2000], "replicates": 3000}
    rows = study(**changes, estimators=["zhang", "miller_madow", "chao_shen"]).rows
    for row in rows[:2]:
        assert abs(row.z("bias_cv")) < 5, row.task
    for row in rows:
        assert row.simulated["bias_cv"].mcse < row.simulated["bias"].mcse / 5, row.task


def test_a_combination_of_the_controls_is_not_believed_to_be_free_of_error(study: Study) -> None:
    # Only a category seen seven times makes it anything else, which one replicate in 250,000 has.
    changes = {"truth": {"uniform": 2000}, "model": None, "sample_sizes": [400], "replicates": 1024}
    (row,) = study(**changes, estimators=["horvitz_thompson"]).rows
    assert row.simulated["bias_cv"].mcse > 0.9e-3 * row.simulated["bias"].mcse


@pytest.mark.parametrize(
    ("p", "q"),
    [([1 - 1e-200, 1e-200], [0.4, 0.6]), ([0.5, 0.5 - 1e-300, 1e-300], [0.25, 0.25, 0.5]), ([0.7, 0.3], [0.4, 0.6])],
)
def test_the_kurtosis_of_a_linear_control_is_that_of_its_definition_or_beyond_floats(
    p: list[float], q: list[float]
) -> None:
    columns = value_per_draw(np.array(p), np.array(q))
    found = expected_controls(np.array(p), levels_of(np.array(p), None, 3), columns).kurtosis[-3:]
    for values, kurtosis in zip(columns.T, found, strict=True):
        with mpmath.workdps(700):
            weights, terms = (
                [mpmath.mpf(x) / mpmath.fsum(map(mpmath.mpf, p)) for x in p],
                [mpmath.mpf(v) for v in values],
            )
            mean = mpmath.fdot(weights, terms)
            second, fourth = (
                mpmath.fsum(w * (v - mean) ** k for w, v in zip(weights, terms, strict=True)) for k in (2, 4)
            )
            expected = 3 + (fourth / second**2 - 3) / 3
        if expected < 1e300:
            assert kurtosis == pytest.approx(float(expected), rel=1e-9)
        else:
            assert not kurtosis < 1e290


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_control_whose_kurtosis_overflows_is_left_out(study: Study, seed: int) -> None:
    changes = {"model": {"uniform": 1000}, "sample_sizes": [50], "estimands": ["kl_divergence"], "replicates": 3000}
    truth = {"dirichlet": {"k": 1000, "alpha": 0.0007, "seed": seed}}
    with np.errstate(over="ignore"):
        (row,) = study(truth=truth, **changes, estimators=["chao_shen"], mode="monte_carlo").rows
    if "bias_cv" in row.simulated:
        plain, regressed = row.simulated["bias"], row.simulated["bias_cv"]
        assert abs(plain.value - regressed.value) < 5 * plain.mcse


def test_what_is_not_finite_is_heavy() -> None:
    for kurtosis in (math.nan, math.inf):
        assert has_heavy(Expected(mean=np.zeros(2), kurtosis=np.array([3.0, kurtosis])), 10**9)
    assert not has_heavy(Expected(mean=np.zeros(1), kurtosis=np.array([3.0])), 100)


def test_there_is_a_bias_with_controls_only_where_it_is_known_to_be_honest(study: Study) -> None:
    def measured(**changes: object) -> set[str]:
        settings = {"truth": {"zipf": 60}, "model": None, "sample_sizes": [50], "estimators": ["chao_shen"], **changes}
        table = study(**settings).tables["performance"]
        return set(table["measure"])

    assert "bias_cv" in measured(replicates=1000)
    assert "bias_cv" in measured(replicates=1000, mode="monte_carlo")
    assert "bias_cv" not in measured(replicates=1000, mode="exact", estimators=["plugin"])
    assert "bias_cv" not in measured(replicates=500), "fewer than 100 replicates for each control"
    assert "bias_cv" not in measured(truth={"coin": 0.3}), "listed: there are exact values"
    few_values = {"categorical": [0.9] + [0.1 / 29] * 29}
    assert "bias_cv" not in measured(truth=few_values, sample_sizes=[40], replicates=5000)
    infinite = {"model": {"uniform": 60}, "model_sample_sizes": [50], "estimands": ["kl_divergence"]}
    assert "bias_cv" not in measured(**infinite, estimators=["plugin"], replicates=3000)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("changes", "controlled", "repeats"),
    [
        ({"truth": {"zipf": 50}, "estimators": ["chao_shen", "horvitz_thompson"], "replicates": 700}, True, 1000),
        (
            {
                "truth": {"categorical": [0.99] + [0.01 / 29] * 29},
                "estimators": ["chao_shen", "horvitz_thompson"],
                "replicates": 1000,
            },
            False,
            1000,
        ),
        (
            {
                "truth": {"zipf": 8},
                "model": {"uniform": 8},
                "model_sample_sizes": [25],
                "estimands": ["kl_divergence"],
                "estimators": ["zhang_grabchak"],
                "replicates": 1500,
            },
            True,
            1000,
        ),
        (
            {
                "truth": {"two_level": {"k": 2000, "share": 0.1, "mass": 0.6}},
                "sample_sizes": [400],
                "estimators": ["chao_shen"],
                "replicates": 1024,
            },
            True,
            200,
        ),
    ],
    ids=["zipf", "nearly deterministic", "two samples", "fingerprints"],
)
def test_every_mcse_is_the_spread_over_repeated_studies(changes: dict, *, controlled: bool, repeats: int) -> None:
    scenario = scenario_of(**{"model": None, "mode": "monte_carlo", "sample_sizes": [40], **changes})
    plan = plan_of(scenario)
    condition, tasks = plan.conditions[0], plan.tasks
    blocks = list(plan.blocks(condition))
    with threadpool_limits(1):
        known = run_block(blocks[0])  # the exact means are the same for every seed
        studies: list[list[Row]] = []
        for seed in range(repeats):
            collector = Collector(condition)
            for result in (known, *(run_block(replace(block, seed=seed)) for block in blocks[1:])):
                collector.add(result)
            studies.append(collector.rows(tasks))
    for place, task in enumerate(tasks):
        for measure in MEASURES if controlled else set(MEASURES) - {"bias_cv"}:
            found = [rows[place].simulated[measure] for rows in studies]
            spread, claimed = np.std([m.value for m in found], ddof=1), np.mean([m.mcse for m in found])
            assert abs(spread / claimed - 1) < 5 / math.sqrt(2 * repeats), (task.label, measure)
