"""The relative error of ModSE: exact, with the MCSE of the delta method, and where there is none."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from mcdiv.core.interval_performance import IntervalSummary, features_of_intervals
from mcdiv.core.moments import moments_of
from mcdiv.core.outcomes import stream
from mcdiv.measures.contract import of_interval
from mcdiv.results.study_results import Results

Study = Callable[..., Results]


def test_the_relative_error_of_modse_is_that_of_all_outcomes_with_the_mcse_of_the_delta_method(study: Study) -> None:
    # Of the plug-in entropy of 20 flips at P(heads) = 0.7, by enumerating all 21 outcomes in another program.
    coin = {"truth": {"coin": 0.7}, "model": None, "estimands": ["entropy"], "estimators": ["plugin"]}
    (row,) = study(**coin, sample_sizes=[20], intervals=["delta"], replicates=1000).intervals
    assert row.exact["relative_error_modse"] == pytest.approx(-2.0991830983362325, rel=1e-10)
    assert row.exact["modse"] == pytest.approx(0.0926677626930318, rel=1e-12)
    assert row.exact_mcse["relative_error_modse"] == pytest.approx(3.1061868849572565, rel=1e-10)
    assert row.exact["coverage"] == pytest.approx(0.8841694372219082, rel=1e-12)
    assert row.exact["bias_eliminated_coverage"] == pytest.approx(0.765913415586146, rel=1e-12)
    assert abs(row.z("relative_error_modse")) < 5
    (line,) = (
        study(**coin, sample_sizes=[20], intervals=["delta"], replicates=1000).tables["intervals"].to_dict("records")
    )
    assert line["exact_relative_error_modse"] == row.exact["relative_error_modse"]
    empse = 0.0946547389753772
    assert line["exact_relative_error_modse"] == pytest.approx(100 * (line["exact_modse"] / empse - 1), rel=1e-10)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_mcse_of_the_relative_error_of_modse_is_its_spread_over_runs() -> None:
    runs, replicates = 400, 1000
    found = []
    for i in range(runs):
        heads = stream(11, i).binomial(20, 0.7, size=replicates)
        shares = np.stack([heads, 20 - heads]) / 20
        entropy = -special.xlogy(shares, shares).sum(axis=0)
        with np.errstate(divide="ignore"):
            logs = np.where(shares > 0, np.log(shares), 0)
        error = np.sqrt(((shares * logs**2).sum(axis=0) - entropy**2) / 20)
        features = features_of_intervals(entropy, entropy, error, 0.6, entropy.mean(), entropy)
        summary = IntervalSummary(moments=moments_of(features, np.ones(replicates)), simulated=True)
        one = of_interval(summary)["relative_error_modse"]
        # As rsimsum prints it, with R − 1 in the spread of the estimates.
        assert one.value == pytest.approx(100 * (np.sqrt((error**2).mean()) / entropy.std(ddof=1) - 1), rel=1e-9)
        found.append(one)
    exact = 3.1061868849572565
    assert np.std([one.value for one in found], ddof=1) == pytest.approx(exact, rel=5 / np.sqrt(2 * runs))
    assert np.mean([one.mcse for one in found]) == pytest.approx(exact, rel=0.04)  # 2 % low: a skewed law


def test_without_spread_or_standard_errors_there_is_no_relative_error() -> None:
    one, many = np.ones(5), np.arange(5.0)
    for error, estimates in ((one, one), (one * np.nan, many), (one, one * np.inf)):
        features = features_of_intervals(many, many, error, 0.5, float(estimates.mean()), estimates)
        summary = IntervalSummary(moments=moments_of(features, np.ones(5)), simulated=True)
        assert np.isnan(of_interval(summary)["relative_error_modse"].value)
    features = features_of_intervals(many, many, 0 * one, 0.5, 2.0, many)
    none = of_interval(IntervalSummary(moments=moments_of(features, np.ones(5)), simulated=True))[
        "relative_error_modse"
    ]
    assert none.value == -100
    assert np.isnan(none.mcse)
