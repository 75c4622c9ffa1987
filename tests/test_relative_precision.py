"""Relative precision: an estimator beside the first one listed, exact and on the same replicates."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from small import small

from mcdiv.core.moments import moments_of
from mcdiv.core.outcomes import stream
from mcdiv.core.performance import features_of
from mcdiv.core.variance_ratio import variance_ratio
from mcdiv.engine.plan import plan_of
from mcdiv.engine.replicates_needed import replicates_needed
from mcdiv.results.study_results import Results
from mcdiv.scenario.model import read_scenario

Study = Callable[..., Results]
COIN = {"truth": {"coin": 0.7}, "model": None, "estimands": ["entropy"], "estimators": ["plugin", "miller_madow"]}
COIN |= {"sample_sizes": [12], "measures": ["relative_precision"]}


def test_the_exact_value_is_the_ratio_of_the_variances_that_mpmath_lists(study: Study) -> None:
    size, p = 12, mpmath.mpf("0.7")
    laws: list[list[tuple[mpmath.mpf, mpmath.mpf]]] = [[], []]
    for k in range(size + 1):
        weight = mpmath.binomial(size, k) * p**k * (1 - p) ** (size - k)
        plugin = -sum(mpmath.mpf(n) / size * mpmath.log(mpmath.mpf(n) / size) for n in (k, size - k) if n)
        seen = sum(n > 0 for n in (k, size - k))
        laws[0].append((plugin, weight))
        laws[1].append((plugin + mpmath.mpf(seen - 1) / (2 * size), weight))
    means = [sum(x * w for x, w in law) for law in laws]
    variances = [sum((x - m) ** 2 * w for x, w in law) for law, m in zip(laws, means, strict=True)]
    first, second = study(**COIN).rows
    assert second.exact["relative_precision"] == pytest.approx(
        float(100 * (variances[0] / variances[1] - 1)), rel=1e-10
    )
    assert abs(second.z("relative_precision")) < 5
    assert "relative_precision" not in {*first.exact, *first.simulated}, "the first is what others are compared with"
    table = study(**COIN).tables["performance"]
    line = table[table["measure"] == "relative_precision"].iloc[0]
    assert (line["estimator"], line["unit"]) == ("miller_madow", "%")


def normal_pair(seed: int, correlation: float, replicates: int) -> np.ndarray:
    """Two columns of normal estimates around 3, with standard deviations 2 and 1."""
    both = stream(13, seed).normal(size=(replicates, 2))
    other = correlation * both[:, 0] + np.sqrt(1 - correlation**2) * both[:, 1]
    return np.stack([3 + 2 * both[:, 0], 3 + other], axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.95])
def test_the_mcse_is_that_of_morris_for_normal_estimates_and_the_spread_over_runs(correlation: float) -> None:
    runs, replicates = 400, 1000
    found = []
    for seed in range(runs):
        estimates = normal_pair(seed, correlation, replicates)
        moments = moments_of(features_of(estimates, 2.5), np.ones(replicates))
        one = variance_ratio(moments, 0, 1, simulated=True)
        assert one.value == pytest.approx(estimates[:, 0].var() / estimates[:, 1].var(), rel=1e-10)
        found.append(one)
    # Morris, White & Crowther (2019), table 6: 2 (EmpSE_A/EmpSE_B)² √((1 − ρ²)/(R − 1)), here times (2/1)².
    wanted = 2 * 4 * np.sqrt((1 - correlation**2) / (replicates - 1))
    assert np.mean([one.mcse for one in found]) == pytest.approx(wanted, rel=0.02)
    assert np.std([one.value for one in found], ddof=1) == pytest.approx(wanted, rel=5 / np.sqrt(2 * runs))
    assert np.mean([one.value for one in found]) == pytest.approx(4, abs=5 * wanted / np.sqrt(runs) + 0.03)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_of_skewed_estimates_the_mcse_is_the_spread_over_runs_too(study: Study) -> None:
    found = [study(**COIN, replicates=1000, seed=seed).rows[1] for seed in range(150)]
    spread = np.std([row.simulated["relative_precision"].value for row in found], ddof=1)
    exact = found[0].exact_mcse["relative_precision"]
    assert spread == pytest.approx(exact, rel=5 / np.sqrt(300) + 0.05)
    assert np.mean([row.simulated["relative_precision"].mcse for row in found]) == pytest.approx(exact, rel=0.1)


def test_by_linearity_it_is_the_ratio_of_exact_variances(study: Study) -> None:
    large = {"truth": {"zipf": 60}, "sample_sizes": [100], "mode": "exact"}
    first, second = study(**COIN | large).rows
    wanted = 100 * (first.exact["variance"] / second.exact["variance"] - 1)
    assert second.exact["relative_precision"] == pytest.approx(wanted, rel=1e-12)


def test_an_estimator_that_does_not_vary_or_is_not_always_finite_has_no_mcse() -> None:
    estimates = normal_pair(1, 0.5, 50)
    flat, holes = estimates.copy(), estimates.copy()
    flat[:, 1] = 1.0
    holes[:5, 1] = np.inf
    weights = np.ones(50)
    assert np.isnan(variance_ratio(moments_of(features_of(flat, 0.0), weights), 0, 1, simulated=True).value)
    found = variance_ratio(moments_of(features_of(holes, 0.0), weights), 0, 1, simulated=True)
    assert found.value == pytest.approx(estimates[5:, 0].var() / estimates[5:, 1].var(), rel=1e-10)
    assert np.isnan(found.mcse)


def test_a_check_a_precision_and_a_number_of_replicates_take_it(study: Study) -> None:
    check = {"estimand": "entropy", "measure": "relative_precision", "between": [-100, 100]}
    (verdict,) = study(**COIN, checks=[check]).checks
    assert verdict.met
    drawn = {"truth": {"zipf": 60}, "sample_sizes": [100], "mode": "monte_carlo"}
    until = {"until": {"measure": "relative_precision", "mcse": 1}, "min": 500, "max": 10**5}
    results = study(**COIN | drawn, replicates=until)
    assert results.tables["problems"].empty
    assert 0 < results.rows[1].simulated["relative_precision"].mcse <= 1
    scenario, _ = read_scenario(small(**COIN))
    assert scenario is not None
    (needed,) = replicates_needed(plan_of(scenario), {"relative_precision": 1})
    at_1000 = study(**COIN, replicates=1000).rows[1].exact_mcse["relative_precision"]
    assert (needed.source, needed.unit) == ("exact", "%")
    assert needed.replicates == pytest.approx(1000 * at_1000**2, rel=1e-3)
