"""Values checked to 50 digits elsewhere, and the numbers of published work."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mcdiv
from mcdiv.core.error_summaries import summary_of
from mcdiv.core.moments import moments_of
from mcdiv.core.paired import compare
from mcdiv.core.performance import features_of
from mcdiv.measures.contract import of_errors

FOLDER = Path(__file__).parent / "reference"
CASES = json.loads((FOLDER / "estimators.json").read_text(encoding="utf-8"))
PERFORMANCE = json.loads((FOLDER / "performance.json").read_text(encoding="utf-8"))["cases"]


def near(case: dict[str, Any]) -> Any:
    # A value published with a few decimals is right to those; one of 50 digits to a relative error.
    tolerance = case["tolerance"]
    absolute = tolerance if tolerance > 1e-7 else tolerance / 1000
    return pytest.approx(float(case["expected"]), rel=tolerance, abs=absolute)


def of(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == kind]


@pytest.mark.parametrize("case", of("estimate"))
def test_estimate(case: dict[str, Any]) -> None:
    inputs = {key: case[key] for key in ("q", "counts_q", "alphabet_size") if key in case}
    value = mcdiv.estimate(
        case["estimand"], case["counts"], estimator=case["estimator"], **inputs, **case["parameters"]
    )
    assert float(value) == near(case)


@pytest.mark.parametrize("case", [*of("variance"), *of("posterior_sd")])
def test_standard_error(case: dict[str, Any]) -> None:
    inputs = {key: case[key] for key in ("counts_q", "alphabet_size") if key in case}
    method = case.get("method") or case["estimator"]
    error = mcdiv.standard_error(
        case["estimand"], case["counts"], method=method, **inputs, **case.get("parameters", {})
    )
    assert float(error) ** (2 if case["kind"] == "variance" else 1) == near(case)


@pytest.mark.parametrize("case", of("definition"))
def test_definition(case: dict[str, Any]) -> None:
    arguments = [case["p"]] if case["estimand"] == "entropy" else [case["p"], case["q"]]
    assert float(getattr(mcdiv, case["estimand"])(*arguments)) == near(case)


@pytest.mark.parametrize("case", [*of("exact_mean"), *of("exact_variance"), *of("exact_sd")])
def test_exact_moment(case: dict[str, Any]) -> None:
    truth = case.get("p") or [case["coin"], 1 - case["coin"]]
    found = mcdiv.exact_performance(
        case["estimand"],
        estimator=case["estimator"],
        truth=truth,
        model=case.get("q"),
        sample_size=case["sample_size"],
    )
    value = {"exact_mean": found.mean, "exact_variance": found.sd**2, "exact_sd": found.sd}[case["kind"]]
    assert value == near(case)


COINS = [pytest.param(case, id=case["id"]) for case in PERFORMANCE if case["kind"] == "exact_enumeration"]


@pytest.mark.parametrize("case", COINS)
def test_exact_enumeration_of_a_coin(case: dict[str, Any]) -> None:
    size, expected = case["inputs"]["n"], case["expected"]
    p = float(Fraction(case["inputs"]["p"]))
    truth = [p, 1 - p]
    model = None
    if case["inputs"]["q"]:
        q = float(Fraction(case["inputs"]["q"]))
        model = [q, 1 - q]
    shown = {"plugin": ("entropy", "plugin", size), "mm": ("entropy", "miller_madow", size)}
    if model:
        shown |= {"ce": ("cross_entropy", "plugin", size), "kl_plugin": ("kl_divergence", "plugin", size)}
        shown |= {name: ("kl_divergence", name, 1) for name in ("k1", "k2", "k3")}
    for prefix, (estimand, estimator, draws) in shown.items():
        found = mcdiv.exact_performance(estimand, estimator=estimator, truth=truth, model=model, sample_size=draws)
        got = {
            "mean": found.mean,
            "bias": found.bias,
            "var": found.sd**2,
            "var_single_sample": found.sd**2,
            "mse": found.rmse**2,
        }
        for name, value in got.items():
            if f"{prefix}_{name}" in expected:
                assert value == pytest.approx(expected[f"{prefix}_{name}"], rel=1e-12, abs=1e-15), (prefix, name)


def measured(inputs: dict[str, Any]) -> dict[str, Any]:
    estimates = np.array([np.nan if value is None else value for value in inputs["estimates"]], dtype=float)
    features = features_of(estimates[:, None], inputs["truth"])
    return of_errors(summary_of(moments_of(features, np.ones(len(estimates))), 0, inputs["truth"], simulated=True))


SIMULATED = [
    pytest.param(case, id=case["id"])
    for case in PERFORMANCE
    if case["kind"] in ("performance", "performance_edge", "missing")
]
#: our measure → the name of its value and of its MCSE in the reference
NAMES = {
    "mean": ("mean", "bias_mcse"),
    "bias": ("bias", "bias_mcse"),
    "relative_bias": ("relative_bias", "relative_bias_mcse"),
    "sd": ("empse", None),
    "variance": ("variance", "variance_mcse_kurtosis"),
    "mse": ("mse", "mse_mcse"),
    "rmse": ("rmse", "rmse_mcse_delta"),
    "undefined_share": ("missing_rate", None),
}


@pytest.mark.parametrize("case", SIMULATED)
def test_performance_measures_of_given_estimates(case: dict[str, Any]) -> None:
    found = measured(case["inputs"])
    for measure, (value_name, mcse_name) in NAMES.items():
        for name, value in ((value_name, found[measure].value), (mcse_name, found[measure].mcse)):
            if name in case["expected"]:
                expected = case["expected"][name]
                wanted = np.nan if expected is None else expected
                assert value == pytest.approx(wanted, rel=1e-11, abs=1e-15, nan_ok=True), (measure, name)


def test_paired_differences_of_given_estimates() -> None:
    (case,) = [case for case in PERFORMANCE if case["kind"] == "paired"]
    inputs, expected = case["inputs"], case["expected"]
    estimates = np.array([inputs["estimates"], inputs["ref"]], dtype=float).T
    found = compare(moments_of(features_of(estimates, inputs["truth"]), np.ones(5)), 0, 1, simulated=True).differences
    assert found["mse"].value == pytest.approx(expected["paired_mse_diff"], rel=1e-12)
    assert found["mse"].mcse == pytest.approx(expected["paired_mse_diff_mcse"], rel=1e-12)
    # biases −0.2 and +0.2: of equal size, where the difference of the means is −0.4
    assert found["abs_bias"].value == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["id"]) for case in PERFORMANCE if case["kind"] == "divergence_edge"]
)
def test_edges_of_the_support(case: dict[str, Any]) -> None:
    p, q, expected = case["inputs"]["P"], case["inputs"]["Q"], case["expected"]
    assert float(mcdiv.kl_divergence(p, q)) == pytest.approx(float(expected["kl"]), rel=1e-14)
    assert float(mcdiv.cross_entropy(p, q)) == pytest.approx(float(expected["cross_entropy"]), rel=1e-14)
    assert float(mcdiv.entropy(p)) == pytest.approx(expected["entropy_P"], rel=1e-14)


def test_grassbergers_triplet() -> None:
    """Three flips of a fair coin: the plug-in has mean 0.6887 bits, Grassberger's 2003 estimator exactly 1."""
    common = {"truth": [0.5, 0.5], "sample_size": 3, "units": "bits"}
    plugin = mcdiv.exact_performance("entropy", estimator="plugin", **common)
    assert plugin.mean == pytest.approx(0.688721875541, abs=5e-13)
    assert mcdiv.exact_performance("entropy", estimator="grassberger_2003", **common).mean == pytest.approx(
        1, abs=1e-15
    )


def test_the_biases_of_entropy_and_kl_mirror_each_other_for_the_fair_coin_against_06() -> None:
    common = {"estimator": "plugin", "truth": [0.5, 0.5], "model": [0.6, 0.4], "sample_size": 10}
    bias = {e: mcdiv.exact_performance(e, **common).bias for e in ("entropy", "cross_entropy", "kl_divergence")}
    assert bias["entropy"] == pytest.approx(-0.0530267706728, abs=5e-14)
    assert bias["kl_divergence"] == -bias["entropy"]
    assert bias["cross_entropy"] == 0
