"""Checks: what their bounds mean, and those that nothing can meet."""

import json
from typing import Any

import pytest
from editors import fit_the_schema
from small import scenario_of, small

from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse
from mcdiv.results.run import run

#: of one toss the plug-in entropy is 0: its bias is −ln 2 = −0.693147 nats
TOSS: dict[str, Any] = {"model": None, "sample_sizes": [1], "mode": "exact", "estimators": ["plugin"]}
BIAS = {"estimand": "entropy", "measure": "bias"}


@pytest.mark.parametrize(
    "bounds, met",
    [
        ({"between": [-0.7, -0.6]}, True),
        ({"between": [-0.7, 0]}, True),
        ({"between": [0.6, 0.7]}, False),
        ({"between": ["-7/10", "-1/2"]}, True),
        ({"between": [-0.6, 0.7]}, False),
        ({"above": 0.6, "below": 0.7}, True),
        ({"between": [-0.7, -0.6], "below": 0.65}, False),
        ({"between": [-0.7, -0.6], "near": -0.693147, "within": 1e-6}, True),
    ],
)
def test_bounds_between_hold_the_sign_and_the_others_the_size(*, bounds: dict[str, Any], met: bool) -> None:
    results = run(scenario_of(**TOSS, checks=[BIAS | bounds]), backend="serial")
    assert [verdict.met for verdict in results.checks] == [met]
    values = small(**TOSS, checks=[BIAS | bounds])
    scenario = parse(read_text(write_text(values), "s.yaml"))
    for mapping in (values, scenario.as_written()):
        fit_the_schema(json.loads(json.dumps(mapping)))
    assert parse(read_text(write_text(scenario.as_written()), "again.yaml")).checks == scenario.checks


def test_the_ends_of_a_bound_between_belong_to_it() -> None:
    share = {"estimand": "entropy", "measure": "infinite_share", "between": [0, 0]}
    results = run(scenario_of(**TOSS, checks=[share]), backend="serial")
    assert results.checks[0].met
    assert results.checks[0].text == "entropy: infinite_share between 0 and 0; found 0"


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"measure": "bias", "below": 0}, "bias cannot be of a size below 0"),
    ({"measure": "bias", "below": -0.1}, "bias cannot be of a size below −0.1"),
    ({"measure": "bias", "below": 0.1, "above": 0.2}, "bias cannot be of a size below 0.1 and of a size above 0.2"),
    (
        {"measure": "bias", "above": 0.2, "between": [-0.1, 0]},
        "bias cannot be of a size above 0.2 and between −0.1 and 0",
    ),
    ({"measure": "mean", "below": 1, "above": 1}, "mean cannot be below 1 and above 1"),
    ({"measure": "mean", "near": 1, "within": 0.1, "below": 0.5}, "mean cannot be below 0.5 and within 0.1 of 1"),
    ({"measure": "rmse", "below": 0}, "rmse is 0 or more, never below 0"),
    ({"measure": "sd", "between": [-2, -1]}, "sd is 0 or more, never between −2 and −1"),
    ({"measure": "infinite_share", "above": 1}, "infinite_share is between 0 and 1, never above 1"),
    ({"measure": "infinite_share", "near": 95, "within": 1}, "infinite_share is between 0 and 1, never within 1 of 95"),
    ({"measure": "coverage", "interval": "delta", "above": 1}, "coverage is between 0 and 1, never above 1"),
    ({"measure": "true_value", "above": 2, "below": 1}, "true_value cannot be below 1 and above 2"),
]  # fmt: skip


@pytest.mark.parametrize("check, message", IMPOSSIBLE, ids=[message for _, message in IMPOSSIBLE])
def test_a_check_that_nothing_can_meet_is_refused_with_its_reason(check: dict[str, Any], message: str) -> None:
    assert refusal(check).endswith(f": checks[0]: can never be met: {message}")


@pytest.mark.parametrize(
    "check",
    [
        {"measure": "bias", "above": -1},
        {"measure": "bias", "above": 0},
        {"measure": "bias", "between": [0, 0]},
        {"measure": "rmse", "above": 0},
        {"measure": "rmse", "below": 1e-300},
        {"measure": "infinite_share", "near": 1.5, "within": 0.5},
        {"measure": "infinite_share", "below": 2, "above": -1},
        {"measure": "mean", "below": 0.2, "above": 0.1},
    ],
)
def test_a_check_that_something_can_meet_is_read(check: dict[str, Any]) -> None:
    assert scenario_of(**TOSS, checks=[{"estimand": "entropy", **check}]).checks


@pytest.mark.parametrize(
    "between, message",
    [
        ([0, -0.1], "checks[0].between: expected two numbers, the smaller first, such as [-0.01, 0], got [0, -0.1]"),
        ([0], "checks[0].between: expected two numbers, the smaller first, such as [-0.01, 0], got [0]"),
        (0.1, "checks[0].between: expected two numbers, the smaller first, such as [-0.01, 0], got 0.1"),
        ([0, "x"], "checks[0].between[1]: expected a number, got 'x'"),
    ],
)
def test_ends_that_are_none_are_refused(between: Any, message: str) -> None:
    assert refusal({"measure": "bias", "between": between}).endswith(message)


def refusal(check: dict[str, Any]) -> str:
    values = small(**TOSS, intervals=["delta"], checks=[{"estimand": "entropy", **check}])
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(write_text(values), "s.yaml"))
    (line,) = caught.value.problems
    return line


@pytest.mark.parametrize(
    "check, told",
    [
        ({"truth": "coin(p=0.4)"}, "whose truths are coin(p=0.2) and coin(p=0.3)"),
        ({"model": "coin(p=0.4)"}, "whose model is coin(p=0.6)"),
        ({"sample_size": 7}, "whose sample size is 5"),
        ({"model_sample_size": 7}, "which names no model sample size"),
        ({"estimator": "nsb"}, "whose estimator is plugin"),
        ({"interval": "bootstrap"}, "whose interval is delta"),
        ({"estimand": "renyi(order=2)"}, "whose estimands are entropy and kl_divergence"),
        ({"truth": "coin(p=0.2)", "sample_size": 5, "estimator": "jackknife"}, "whose estimator is plugin"),
    ],
)
def test_a_check_that_matches_no_row_is_told_what_there_is(check: dict[str, Any], told: str) -> None:
    study = {"truth": {"coin": [0.2, 0.3]}, "sample_sizes": [5], "estimators": ["plugin"], "intervals": ["delta"]}
    asked = BIAS | {"below": 1} | check | ({"measure": "coverage"} if "interval" in check else {})
    values = small(**study, estimands=["entropy", "kl_divergence"], checks=[asked])
    with pytest.raises(ScenarioError, match="matches no row of this scenario") as refused:
        run(parse(read_text(write_text(values), "s.yaml")), backend="serial")
    [problem] = refused.value.problems
    assert problem.endswith(told)


def test_a_check_of_labels_that_do_not_go_together_is_told_so() -> None:
    study = {"truth": {"coin": [0.2, 0.3]}, "sample_sizes": [5, 10], "zip": ["truth.coin", "sample_sizes"]}
    asked = BIAS | {"below": 1, "truth": "coin(p=0.2)", "sample_size": 10}
    with pytest.raises(ScenarioError, match="which has each of these, but not together"):
        run(parse(read_text(write_text(small(**study, checks=[asked])), "s.yaml")), backend="serial")
