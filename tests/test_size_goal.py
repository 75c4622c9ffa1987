"""Sample sizes that a scenario plans: `sample_sizes: {until: {measure: rmse, below: 0.01}}`."""

import math
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

import mcdiv
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import planned
from mcdiv.scenario.model import Scenario

BASE: dict[str, Any] = {
    **{"schema": 1, "name": "planned", "truth": {"coin": 0.5}, "estimators": ["plugin", "miller_madow"]},
    **{"units": "bits", "mode": "exact", "paths": 0, "plots": []},
}


def text_of(**keys: Any) -> str:
    until = keys.pop("until", {"measure": "rmse", "below": 0.01})
    return write_text(BASE | {"sample_sizes": {"until": until}} | keys)


def read(settings: tuple[str, ...] = (), **keys: Any) -> Scenario:
    return planned(read_text(text_of(**keys), "planned.yaml"), settings).scenario


def entropy(p: float) -> float:
    return -sum(x * math.log2(x) for x in (p, 1 - p) if x)


def moments(p: float, draws: int) -> tuple[float, float]:
    """Bias and RMSE of the plug-in entropy of a coin in bits, over all outcomes."""
    weights = [math.comb(draws, heads) * p**heads * (1 - p) ** (draws - heads) for heads in range(draws + 1)]
    errors = [entropy(heads / draws) - entropy(p) for heads in range(draws + 1)]
    mean = math.fsum(w * e for w, e in zip(weights, errors, strict=True))
    return mean, math.sqrt(math.fsum(w * e * e for w, e in zip(weights, errors, strict=True)))


@pytest.mark.parametrize(("estimator", "draws"), [("plugin", 126), ("miller_madow", 103)])
def test_a_fair_coin_needs_as_many_draws_as_its_golden_values_say(estimator: str, draws: int) -> None:
    until = {"measure": "rmse", "below": 0.01, "estimator": estimator}
    assert read(until=until).sample_sizes == (draws,)


def test_the_first_estimator_and_estimand_are_planned_for_where_none_is_named() -> None:
    assert read().sample_sizes == (126,)
    assert read(estimators=["miller_madow", "plugin"]).sample_sizes == (103,)


@pytest.mark.slow
def test_n_is_the_fewest_with_which_and_with_more_every_truth_reaches_the_goal() -> None:
    needed = 1 + max(n for n in range(1, 400) for p in (0.5, 0.7, 0.9) if moments(p, n)[1] > 0.08)
    assert needed < 300
    until = {"measure": "rmse", "below": 0.08}
    assert read(truth={"coin": [0.5, 0.7, 0.9]}, until=until).sample_sizes == (needed,)


@pytest.mark.slow
def test_a_bias_is_planned_without_its_sign_and_in_the_units_of_the_study() -> None:
    needed = 1 + max(n for n in range(1, 400) if abs(moments(0.3, n)[0]) > 0.01)
    for until in ({"measure": "bias", "below": 0.01}, {"measure": "bias", "below": 0.01, "estimand": "kl_divergence"}):
        assert read(truth={"coin": 0.3}, model={"coin": 0.4}, until=until).sample_sizes == (needed,)


@pytest.mark.slow
def test_a_goal_of_the_file_stays_what_it_was_where_other_units_are_set_and_one_that_is_set_is_in_those() -> None:
    assert read(("units=nats",)).sample_sizes == (126,)
    needed = 1 + max(n for n in range(1, 400) if moments(0.5, n)[1] * math.log(2) > 0.01)
    for setting in ("sample_sizes.until.below=0.01", "sample_sizes={until: {measure: rmse, below: 0.01}}"):
        assert read(("units=nats", setting)).sample_sizes == (needed,)


def test_excluded_conditions_are_not_planned_for() -> None:
    assert read(truth={"coin": [0.5, 0.9]}, exclude=[{"truth": "coin(p=0.9)"}]).sample_sizes == (126,)


def test_the_record_of_a_run_says_the_goal_and_the_number_found(folder: Path, mcdiv_command: Command) -> None:
    (folder / "planned.yaml").write_text(text_of(), "utf-8")
    mcdiv_command("run", "planned.yaml")
    recorded = folder / "results" / "planned" / "scenario.yaml"
    values = read_text(recorded.read_text("utf-8"), "scenario.yaml").values
    until = {"measure": "rmse", "below": 0.01, "estimand": "entropy", "estimator": "plugin"}
    assert values["sample_sizes"] == {"until": until, "found": 126}
    words = "N = 126 draws from P, planned for an RMSE of at most 0.01 bits (plugin of entropy)"
    assert words in (folder / "results" / "planned" / "report.html").read_text("utf-8")
    again = mcdiv.run(recorded)
    assert again.scenario.sample_sizes == (126,)
    assert moments(0.5, 126)[1] <= 0.01 < moments(0.5, 125)[1]


def test_a_number_that_was_found_is_used_but_planned_again_where_something_is_set() -> None:
    sizes = {"until": {"measure": "rmse", "below": 0.01}, "found": 50}
    assert read(sample_sizes=sizes).sample_sizes == (50,)
    assert read(("estimators=miller_madow",), sample_sizes=sizes).sample_sizes == (103,)
    assert read(("sample_sizes.found=60",), sample_sizes=sizes).sample_sizes == (60,)
    assert read(("sample_sizes=[5, 7]",), sample_sizes=sizes).sample_sizes == (5, 7)


@pytest.mark.slow
def test_without_outcomes_to_list_n_is_simulated_and_does_not_depend_on_the_seed() -> None:
    keys: dict[str, Any] = {"truth": {"uniform": 30}, "estimators": "chao_shen", "mode": "both"}
    until = {"measure": "rmse", "below": 0.1}
    (draws,) = read(until=until, seed=1, **keys).sample_sizes
    assert read(until=until, seed=2, **keys).sample_sizes == (draws,)
    plan = mcdiv.plan("entropy", truth={"uniform": 30}, estimator="chao_shen", rmse=0.1, units="bits")
    assert plan.replicates > 0
    assert plan.sample_size == draws


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"until": {"measure": "rmse"}}, "sample_sizes.until: 'below' is missing"),
        ({"until": {"below": 1}}, "sample_sizes.until: 'measure' is missing"),
        ({"until": {"measure": "sd", "below": 1}}, "sample_sizes.until.measure: expected rmse or bias, got 'sd'"),
        ({"until": {"measure": "bias", "below": 0}}, "sample_sizes.until.below: expected a number > 0, got 0"),
        ({"until": 3}, "sample_sizes.until: expected {measure: …, below: …}, got 3"),
        ({"sample_sizes": {"found": 3}}, "sample_sizes.until: expected {measure: …, below: …}, got null"),
        (
            {"until": {"measure": "rmse", "below": 1, "estimatr": "plugin"}},
            "sample_sizes.until.estimatr: unknown key 'estimatr'; did you mean 'estimator'?",
        ),
        (
            {"until": {"measure": "rmse", "below": 1, "estimator": "plugn"}},
            "sample_sizes.until.estimator: this study has no such estimator of entropy; did you mean 'plugin'?",
        ),
        (
            {"until": {"measure": "rmse", "below": 1, "estimand": "renyi(order=2)"}},
            "sample_sizes.until.estimand: this study does not estimate it; expected one of: entropy",
        ),
        (
            {"until": {"measure": "rmse", "below": 1, "estimand": "entropi"}},
            "sample_sizes.until.estimand: unknown estimand 'entropi'; did you mean 'entropy'?",
        ),
        (
            {"sample_sizes": {"until": {"measure": "rmse", "below": 1}, "found": 0}},
            "sample_sizes.found: expected a whole number from 1 to 10^9, got 0",
        ),
        (
            {"until": {"measure": "rmse", "below": 1e-9}},
            "sample_sizes.until: with 1,000,000,000 draws the RMSE of plugin is",
        ),
        (
            {"truth": {"coin": [0.5, 0.6]}, "model": {"coin": 1}, "until": {"measure": "rmse", "below": 1}}
            | {"estimands": "kl_divergence", "estimators": "plugin"},
            "sample_sizes.until: coin(p=0.5): kl_divergence is infinite for coin(p=0.5) and coin(p=1)",
        ),
        (
            {"model": {"coin": 0.4}, "model_sample_sizes": 10},
            "sample_sizes.until: a goal is planned for a known model; leave out 'model_sample_sizes'",
        ),
        (
            {"truth": {"coin": [i / 1000 for i in range(101)]}},
            "sample_sizes.until: a goal is planned for at most 100 pairs of truth and model, got 101",
        ),
        ({"truth": {"coin": [0.5, 0.6]}, "zip": ["truth.coin", "sample_sizes"]}, "sample_sizes has 1"),
    ],
)
def test_a_goal_that_cannot_be_planned_is_one_line_with_its_place(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(mcdiv.ScenarioError) as caught:
        read(**keys)
    (line,) = caught.value.problems
    assert said in line
    assert line.startswith("planned.yaml:")


def test_a_mistake_in_a_goal_ends_with_exit_code_2(folder: Path, mcdiv_command: Command) -> None:
    (folder / "planned.yaml").write_text(text_of(until={"measure": "rmse", "below": "x"}), "utf-8")
    said = mcdiv_command("run", "planned.yaml", code=2).stderr
    assert "sample_sizes.until.below: expected a number > 0, got 'x'" in said
    assert len(said.splitlines()) == 1
