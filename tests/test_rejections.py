"""Tests of P = Q as a scenario studies them: type I error and power, exact and simulated."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from editors import fit_the_schema
from scipy import stats
from small import scenario_of, small

import mcdiv
from mcdiv.core.significance import critical_value, rejects
from mcdiv.engine.plan import plan_of
from mcdiv.engine.replicates_needed import replicates_needed
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.files.yaml_text import write_text
from mcdiv.results.study_results import Results
from mcdiv.results.words.rejections import rejection_sentences
from mcdiv.scenario.model import read_scenario

Study = Callable[..., Results]
FLIPS = {"truth": {"coin": [0.5, 0.7, 0.9]}, "model": {"coin": 0.5}, "sample_sizes": [20], "estimators": ["plugin"]}
FLIPS |= {"estimands": ["kl_divergence"], "test": {"null": "model"}}


def test_type_i_error_and_power_of_the_g_test_are_binomial_sums(study: Study) -> None:
    # Reject where 2N KL > χ²₀.₉₅(1), N = 20: sums of binomial probabilities, made by another program.
    null, near, far = study(**FLIPS, replicates=1000).rows
    assert null.exact["type_i_error"] == pytest.approx(0.04138946533203125, rel=1e-12)
    assert near.exact["power"] == pytest.approx(0.41641376946943437, rel=1e-12)
    assert far.exact["power"] == pytest.approx(0.988746865844972, rel=1e-12)
    assert null.exact_mcse["type_i_error"] == pytest.approx(0.006298918755751643, rel=1e-12)
    for row, name in ((null, "type_i_error"), (near, "power"), (far, "power")):
        assert abs(row.z(name)) < 5
        assert {*row.exact, *row.simulated} & {"type_i_error", "power"} == {name}


@pytest.mark.parametrize(
    ("estimand", "power_divergence"),
    [
        ("kl_divergence", 0),
        ("chi_squared", 1),
        ("hellinger", None),
        ("js_divergence", None),
        ("jeffreys_divergence", None),
    ],
)
@pytest.mark.parametrize("level", [0.05, 0.3])
def test_the_statistics_are_those_of_scipy(
    study: Study, estimand: str, power_divergence: float | None, level: float
) -> None:
    q, p, size = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5]), 12
    outcomes = np.array([(i, j, size - i - j) for i in range(size + 1) for j in range(size + 1 - i)])
    weights = stats.multinomial.pmf(outcomes, size, p)
    shares = outcomes / size
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (shares + q) / 2
        statistic = {
            "hellinger": 4 * size * ((np.sqrt(shares) - np.sqrt(q)) ** 2).sum(axis=1),
            "js_divergence": 4 * size * (stats.entropy(shares, middle, axis=1) + stats.entropy(q, middle, axis=1)),
            "jeffreys_divergence": size * ((shares - q) * np.log(shares / q)).sum(axis=1),
        }.get(estimand)
    if power_divergence is not None:
        statistic = stats.power_divergence(outcomes, size * q, axis=1, lambda_=power_divergence).statistic
    wanted = float(weights[statistic > stats.chi2.isf(level, 2)].sum())
    pmfs = {
        "truth": {"categorical": p.tolist()},
        "model": {"categorical": q.tolist()},
        "estimands": [estimand],
        "estimators": ["plugin"],
    }
    (row,) = study(**pmfs, sample_sizes=[size], mode="exact", test={"null": "model", "level": level}).rows
    assert row.exact["power"] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("name", [name for name in ESTIMANDS if ESTIMANDS[name].null_statistic])
def test_of_many_draws_a_test_has_its_level(study: Study, name: str) -> None:
    (row,) = study(
        **FLIPS
        | {
            "truth": {"coin": 0.3},
            "model": {"coin": 0.3},
            "sample_sizes": [20_000],
            "mode": "exact",
            "estimands": [name],
        }
    ).rows
    assert row.exact["type_i_error"] == pytest.approx(0.05, abs=0.002)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_mcse_of_a_power_is_its_spread_over_runs(study: Study) -> None:
    found = [study(**FLIPS | {"truth": {"coin": 0.7}}, replicates=400, seed=seed).rows[0] for seed in range(100)]
    spread = np.std([row.simulated["power"].value for row in found], ddof=1)
    exact = found[0].exact_mcse["power"]
    assert spread == pytest.approx(exact, rel=5 / np.sqrt(200))
    assert np.mean([row.simulated["power"].mcse for row in found]) == pytest.approx(exact, rel=0.02)


@pytest.mark.slow
def test_of_drawn_samples_simulated_shares_are_those_of_another_count(study: Study) -> None:
    uniform = {"truth": {"uniform": 50}, "model": {"uniform": 50}, "sample_sizes": [500], "estimands": ["chi_squared"]}
    (row,) = study(**FLIPS | uniform, mode="monte_carlo", replicates=4000).rows
    found = row.simulated["type_i_error"]
    counts = np.random.default_rng(5).multinomial(500, np.full(50, 0.02), size=20_000)
    other = np.mean(stats.chisquare(counts, axis=1).statistic > stats.chi2.isf(0.05, 49))
    assert abs(found.value - other) <= 5 * np.hypot(found.mcse, np.sqrt(other * (1 - other) / 20_000))
    assert "type_i_error" not in row.exact


def test_an_impossible_draw_rejects_and_one_possible_category_cannot() -> None:
    critical = critical_value(np.array([0.5, 0.5, 0.0]), 0.05)
    assert critical == pytest.approx(3.841458820694124)  # one degree of freedom
    assert rejects(np.array([np.inf, np.nan, critical, 4.0]), critical).tolist() == [True, False, False, True]
    assert critical_value(np.array([1.0, 0.0]), 0.05) == 0


@pytest.mark.slow
def test_a_check_a_precision_and_a_number_of_replicates_are_of_the_rows_that_have_it(study: Study) -> None:
    checks: list[dict[str, Any]] = [
        {"estimand": "kl_divergence", "measure": "power", "above": 0.4},
        {"estimand": "kl_divergence", "measure": "type_i_error", "near": 0.0413895, "within": 1e-6},
        {"estimand": "kl_divergence", "measure": "power", "above": 0.5},
    ]
    assert [verdict.met for verdict in study(**FLIPS, checks=checks).checks] == [True, True, False]
    until = {"until": {"measure": "power", "mcse": 0.01}, "min": 500, "max": 10**5}
    drawn = {
        "truth": [{"uniform": 50}, {"zipf": 50}],
        "model": {"uniform": 50},
        "estimands": ["entropy", "kl_divergence"],
    }
    results = study(**FLIPS | drawn, mode="monte_carlo", replicates=until)
    assert results.tables["problems"].empty
    (power,) = [row.simulated["power"] for row in results.rows if "power" in row.simulated]
    assert 0 < power.mcse <= 0.01
    (needed,) = replicates_needed(plan_of(scenario_of(**FLIPS)), {"power": 0.01})
    assert needed.replicates == int(np.ceil(0.41641376946943437 * (1 - 0.41641376946943437) / 0.01**2))
    assert needed.without == 0


@pytest.mark.slow
def test_tests_appear_on_the_screen_in_the_table_and_in_the_report(mcdiv_command: Command, folder: Path) -> None:
    (folder / "t.yaml").write_text(write_text(small(**FLIPS, plots=["power"])), encoding="utf-8")
    done = mcdiv_command("run", "t.yaml", "-o", "out")
    assert (
        "The test by plugin of KL(P‖Q) rejects a true P = Q in 4 % of samples (P = coin(p=0.5), Q = coin(p=0.5), "
        "N = 20) and a false one in at least 42 % of samples (P = coin(p=0.7), Q = coin(p=0.5), N = 20)."
    ) in " ".join(done.stdout.split())
    page = (folder / "out" / "small" / "report.html").read_text(encoding="utf-8")
    assert "type I error" in page and "power" in page
    assert (folder / "out" / "small" / "plots" / "power.svg").exists()


def test_a_share_that_no_replicate_had_is_no_zero_on_the_screen(study: Study) -> None:
    rare = {"truth": {"uniform": 50}, "model": {"uniform": 50}, "sample_sizes": [500]}
    rows = study(**FLIPS | rare | {"test": {"null": "model", "level": 1e-9}}, mode="monte_carlo", replicates=200).rows
    (sentence,) = rejection_sentences(rows)
    assert "rejects a true P = Q in none of 200 replicates (P = uniform" in sentence


def test_a_test_is_read_written_and_in_the_schema() -> None:
    scenario = scenario_of(**FLIPS)
    again, _ = read_scenario(scenario.as_written())
    assert again is not None and again.test == scenario.test
    assert scenario.as_written()["test"] == {"null": "model", "level": 0.05}
    assert "test" not in scenario_of().as_written()
    fit_the_schema(small(**FLIPS))


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"test": {"null": "truth"}}, ("test", "null"), "expected model (the test is of P = Q), got 'truth'"),
        ({"test": {"null": "model", "level": 1}}, ("test", "level"), "expected a number between 0 and 1, got 1"),
        (
            {"test": {"null": "model", "alpha": 1}},
            ("test", "alpha"),
            "unknown key 'alpha'; expected one of: law, level, null",
        ),
        ({"test": {"level": 0.1}}, ("test",), "'null' is missing"),
        (
            {"test": {"null": "model", "law": "t"}},
            ("test", "law"),
            "expected chi_squared or exact, got 't'",
        ),
        (
            {"test": {"null": "model", "law": "exact"}, "estimands": ["cross_entropy"]},
            ("test",),
            "no estimand has a test; add one of kl_divergence, js_divergence, jeffreys_divergence, total_variation, "
            "hellinger, chi_squared, renyi_divergence to 'estimands'",
        ),
        ({"model": None, "estimands": ["entropy"]}, ("test",), "there is no model to test against; give 'model'"),
        ({"model_sample_sizes": [9]}, ("test",), "the test is for a known model; leave 'model_sample_sizes' out"),
        (
            {"estimands": ["entropy"]},
            ("test",),
            "no estimand has a test; add one of kl_divergence, js_divergence, jeffreys_divergence, hellinger, "
            "chi_squared to 'estimands'",
        ),
        (
            {"test": None, "measures": ["power"]},
            ("measures", 0),
            "power is a measure of a test; give 'test: {null: model}'",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(
    changes: dict[str, Any], path: tuple[Any, ...], said: str
) -> None:
    values = {key: value for key, value in small(**FLIPS | changes).items() if value is not None}
    _, problems = read_scenario(values)
    assert [(problem.path, str(problem.message)) for problem in problems] == [(path, said)]


EXACT = {
    **{"truth": [{"categorical": {"pmf": [0.5, 0.3, 0.2]}}, {"categorical": {"pmf": [0.4, 0.3, 0.3]}}]},
    **{"model": {"categorical": {"pmf": [0.5, 0.3, 0.2]}}, "estimators": ["plugin"], "estimands": ["kl_divergence"]},
}


def test_size_and_power_by_the_exact_law_are_those_of_another_program(study: Study) -> None:
    # The exact G test at level 5 %: the largest region of G with size at most 0.05, by enumeration.
    test = {"null": "model", "law": "exact"}
    rows = study(**EXACT, test=test, sample_sizes=[100, 154], mode="exact").rows
    sizes = {row.condition.sample_size: row.exact["type_i_error"] for row in rows if "type_i_error" in row.exact}
    powers = {row.condition.sample_size: row.exact["power"] for row in rows if "power" in row.exact}
    assert sizes[100] == pytest.approx(0.049677761494272374, rel=1e-11)
    assert powers == pytest.approx({100: 0.6078949622043374, 154: 0.8057706145305815}, rel=1e-11)


def test_by_the_exact_law_every_estimate_of_a_divergence_has_its_size(study: Study) -> None:
    test = {"null": "model", "law": "exact", "level": 0.1}
    divergences = ["kl_divergence", "total_variation", "jeffreys_divergence", "renyi_divergence(order=2)"]
    found = study(
        **EXACT | {"estimands": divergences, "estimators": ["plugin", "laplace", "miller_madow"]},
        test=test,
        sample_sizes=[9],
        mode="exact",
    )
    q = np.array([0.5, 0.3, 0.2])
    outcomes = np.array([(i, j, 9 - i - j) for i in range(10) for j in range(10 - i)])
    weights = stats.multinomial.pmf(outcomes, 9, q)
    for row in found.rows:
        if "type_i_error" in row.exact:
            values = mcdiv.estimate(row.task.estimand, outcomes, estimator=row.task.name, q=q)
            sizes = [weights[values > v + 1e-12 * max(1, abs(v))].sum() if np.isfinite(v) else 0.0 for v in values]
            assert row.exact["type_i_error"] == pytest.approx(max(s for s in sizes if s <= 0.1), abs=1e-12)
    tested = {row.task.estimand for row in found.rows if "type_i_error" in row.exact}
    assert tested == {*divergences}


def test_the_exact_law_is_written_described_and_refused_where_it_cannot_be_listed(
    mcdiv_command: Command, folder: Path
) -> None:
    scenario = scenario_of(**FLIPS | {"test": {"null": "model", "law": "exact"}})
    assert scenario.as_written()["test"] == {"null": "model", "level": 0.05, "law": "exact"}
    again, _ = read_scenario(scenario.as_written())
    assert again is not None and again.test == scenario.test
    fit_the_schema(small(**FLIPS | {"test": {"null": "model", "law": "exact"}}))
    wide = {"truth": {"zipf": 50}, "model": {"uniform": 50}, "sample_sizes": [500]}
    values = small(**FLIPS | wide | {"test": {"null": "model", "law": "exact"}})
    (folder / "t.yaml").write_text(write_text(values), encoding="utf-8")
    said = mcdiv_command("check", "t.yaml", code=2).stderr
    assert said.count("\n") == 1
    assert "no exact critical value at Q = uniform(k=50), N = 500: too many outcomes to list; use chi_squared" in said


def test_the_exact_law_is_in_the_methods_section(study: Study) -> None:
    text = mcdiv.methods(study(**FLIPS | {"test": {"null": "model", "law": "exact"}}, replicates=100))
    assert "P = Q was tested at a level of 5 % by each estimate of KL(P‖Q)" in text
    assert "exceeded with at most that probability where P = Q" in text
    assert "χ² distribution" not in text
