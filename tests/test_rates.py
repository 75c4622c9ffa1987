"""With which power of N a measure falls: the fit, the records of a study, and the table."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mcdiv.core.outcomes import stream
from mcdiv.core.power_law import fit_power_law
from mcdiv.engine.rates import rates
from mcdiv.results.plots.figure_style import panels, plain_ticks, style
from mcdiv.results.study_results import Results

Study = Callable[..., Results]
SIZES = np.array([10.0, 20, 50, 100, 200])
#: the plug-in of 1 − Σ p² has exactly the bias −(1 − Σ p²)/N
SIMPSON = {"truth": {"coin": 0.3}, "model": None, "estimands": [{"tsallis": {"order": 2}}], "estimators": ["plugin"]}
SIMPSON |= {"sample_sizes": [5, 10, 20, 40, 80]}


def test_the_bias_of_an_estimate_of_a_square_falls_as_one_over_n(study: Study) -> None:
    bias, _ = rates(study(**SIMPSON, mode="exact").rows)
    assert bias.measure == "bias"
    assert bias.slope == pytest.approx(-1, abs=1e-9)
    assert bias.slope_se == pytest.approx(0, abs=1e-6)
    assert bias.constant == pytest.approx(0.42, rel=1e-9)
    assert bias.fitted_sizes == bias.sample_sizes == (5, 10, 20, 40, 80)
    assert bias.source == "exact"
    assert not bias.conditional


@pytest.mark.slow
def test_simulated_rates_are_the_exact_ones_within_their_standard_errors(study: Study) -> None:
    drawn = {"truth": {"uniform": {"k": 30}}, "sample_sizes": [40, 80, 160, 320, 640]}
    (bias, _) = rates(study(**SIMPSON | drawn, mode="monte_carlo", replicates=20_000).rows)
    assert bias.source == "monte_carlo"
    assert abs(bias.slope + 1) <= 5 * bias.slope_se
    assert 0 < bias.slope_se < 0.1


@pytest.mark.slow
def test_the_standard_error_of_a_slope_is_its_spread_over_runs() -> None:
    runs, mcses, truth = 500, 0.02 / SIZES, 1 / SIZES
    # By hand: every weight is (1/0.02)² = 2500, so Var = 1/(2500 Σ (x − x̄)²).
    wanted = 1 / (50 * math.sqrt(5 * np.var(np.log(SIZES))))
    found = [fit_power_law(SIZES, truth + mcses * stream(9, i).normal(size=5), mcses) for i in range(runs)]
    assert np.std([law.slope for law in found], ddof=1) == pytest.approx(wanted, rel=5 / math.sqrt(2 * runs))
    assert np.mean([law.slope for law in found]) == pytest.approx(-1, abs=5 * wanted / math.sqrt(runs) + 1e-3)
    assert all(law.slope_se >= wanted * 0.9 for law in found)
    assert np.median([law.slope_se for law in found]) == pytest.approx(wanted, rel=0.1)


def test_values_within_two_mcse_of_zero_are_left_out_of_the_fit() -> None:
    mcses = np.array([1e-4] * 4 + [1.0])
    law = fit_power_law(SIZES, 2 / SIZES, mcses)
    assert law.used.tolist() == [True] * 4 + [False]
    assert law.within_error == 1
    assert law.slope == pytest.approx(-1)


@pytest.mark.parametrize(
    ("values", "mcses", "reason"),
    [
        ([math.nan] * 5, [math.nan] * 5, "no value"),
        ([0.0] * 5, [0.0] * 5, "zero"),
        ([1e-3] * 5, [1e-2] * 5, "within error"),
        ([1.0, 0.5, 0, 0, 0], [0.0] * 5, "few sizes"),
        ([1.0, 0.5, 0.2, 0, 0], [0.0] * 5, "narrow"),
        ([0.1, 0.05, 0.01, -0.01, -0.02], [0.0] * 5, "changes sign"),
        # One replicate has no MCSE, and no value that can be told from 0.
        ([0.1, 0.05, 0.02, 0.01, 0.005], [math.nan] * 5, "within error"),
    ],
)
def test_no_slope_is_given_where_there_is_none(values: list[float], mcses: list[float], reason: str) -> None:
    law = fit_power_law(SIZES, np.array(values), np.array(mcses))
    assert law.reason == reason
    assert math.isnan(law.slope) and math.isnan(law.slope_se)


def test_the_table_has_the_constant_in_its_units_and_says_why_there_is_no_slope(study: Study) -> None:
    sizes = [100, 200, 400, 800, 1600]
    changes: dict[str, Any] = {"estimators": ["plugin", "zhang"], "sample_sizes": sizes, "units": "bits"}
    table = study(**changes, model=None, estimands=["entropy"], mode="exact").tables["rates"]
    assert list(table["measure"]) == ["bias", "rmse"] * 2
    plugin = table.iloc[0]
    # Miller (1955): −(K − 1)/2N nats in the limit, so −1/(2 ln 2 N) bits of a coin.
    assert plugin["slope"] == pytest.approx(-1, abs=0.005)
    assert plugin["constant"] == pytest.approx(1 / (2 * math.log(2)), rel=0.02)
    assert (plugin["unit"], plugin["smallest_fitted"], plugin["largest_fitted"], plugin["fitted"]) == (
        *("bits", 100, 1600, 5),
    )
    assert plugin["source"] == "exact"
    # Zhang's bias, Σ p Σ_{v ≥ N} (1 − p)^v/v, is below the roundings of the entropy from N = 100 on.
    zhang = table.iloc[2]
    assert math.isnan(zhang["slope"])
    assert zhang["note"] == "0 at every N"


def test_a_study_of_one_sample_size_has_no_rates(study: Study) -> None:
    assert study(sample_sizes=[10]).tables["rates"].empty


def test_a_rate_of_finite_estimates_says_so(study: Study) -> None:
    sampled = {"model": {"coin": 0.4}, "model_sample_sizes": [10], "estimands": ["kl_divergence"]}
    table = study(**sampled, estimators=["plugin"], sample_sizes=[5, 10, 20, 40], mode="exact").tables["rates"]
    assert table["note"].str.contains("of finite estimates").all()


def test_a_model_drawn_from_along_with_the_truth_is_one_setting(study: Study) -> None:
    sampled = {"model": {"coin": 0.4}, "model_sample_sizes": [8, 16, 32, 64], "sample_sizes": [4, 8, 16, 32]}
    changes = sampled | {"estimands": ["kl_divergence"], "estimators": ["laplace"], "mode": "exact"}
    both = study(**changes, zip=["sample_sizes", "model_sample_sizes"]).tables["rates"]
    assert list(both["measure"]) == ["bias", "rmse"]
    assert both["note"].str.contains("M goes along with N").all()
    assert both["model_sample_size"].isna().all()
    crossed = study(**changes).tables["rates"]
    assert list(crossed["model_sample_size"]) == [8, 8, 16, 16, 32, 32, 64, 64]


def test_a_bias_that_is_the_same_at_every_size_is_drawn_in_the_middle_of_its_panel() -> None:
    sizes = np.array([1.0, 10.0, 100.0])
    for value in (0.1, 1.25e-5):
        with style():
            _, (axes,) = panels(1)
            axes.plot(sizes, value * (1 + 1e-13 * sizes))
            axes.set(xscale="log", yscale="log")
            plain_ticks(axes)
        low, high = axes.get_ylim()
        assert low < value / 1.9 and high > value * 1.9
