"""Means over truths: over draws of a random truth, and over all truths of a study."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from small import scenario_of, small

from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse
from mcdiv.results.run import run

EXACT: dict[str, Any] = {"model": None, "mode": "exact", "paths": 0, "estimands": ["entropy"], "estimators": ["plugin"]}


def pooled_of(**changes: Any) -> pd.DataFrame:
    return run(scenario_of(**EXACT | changes), backend="serial").tables["pooled"]


def found(table: pd.DataFrame, measure: str, **where: Any) -> tuple[float, float, float]:
    """(value, MCSE, MCSE given the truths) of the one row."""
    for name, value in ({"measure": measure} | where).items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return row["value"], row["mcse"], row["mcse_given_truths"]


def h(p: float) -> float:
    return 0.0 if p in (0, 1) else -p * math.log(p) - (1 - p) * math.log(1 - p)


@pytest.mark.slow
def test_the_mean_over_draws_of_a_dirichlet_truth_is_that_of_its_law() -> None:
    # With p uniform on [0, 1] the number of heads is uniform on 0 … N, and E H(p) = 1/2.
    table = pooled_of(truth={"dirichlet": {"k": 2, "alpha": 1, "redraw": 100}}, pool="draws", sample_sizes=[3, 10])
    assert set(table["truth"]) == {"dirichlet(k=2, alpha=1)"}
    assert set(table["truths"]) == {100}
    for size in (3, 10):
        value, mcse, given = found(table, "bias", sample_size=size)
        exact = math.fsum(h(n / size) for n in range(size + 1)) / (size + 1) - 0.5
        assert abs(value - exact) <= 5 * mcse
        assert 0 < mcse < 0.09 * abs(exact)
        assert given == 0


def test_the_error_of_a_mean_over_truths_contains_the_spread_between_them() -> None:
    # Of one toss the plug-in is always 0: its error is −H(p), without any variance.
    truths = [0.2, 0.5, 0.9]
    table = pooled_of(truth={"coin": truths}, pool="truth", sample_sizes=[1])
    mean = math.fsum(map(h, truths)) / 3
    spread = math.sqrt(math.fsum((h(p) - mean) ** 2 for p in truths) / 2)
    squares = [h(p) ** 2 for p in truths]
    mse = math.fsum(squares) / 3
    of_mse = math.sqrt(math.fsum((s - mse) ** 2 for s in squares) / 2) / math.sqrt(3)
    assert found(table, "bias") == pytest.approx((-mean, spread / math.sqrt(3), 0))
    assert found(table, "mse") == pytest.approx((mse, of_mse, 0))
    assert found(table, "rmse") == pytest.approx((math.sqrt(mse), of_mse / (2 * math.sqrt(mse)), 0))
    assert found(table, "sd")[0] == 0
    assert table["true_value"].to_numpy() == pytest.approx(mean)
    assert table["truth"].isna().all()


@pytest.mark.parametrize("pool", ["truth", "draws"])
def test_of_simulated_values_the_error_given_the_truths_is_that_of_the_replicates(pool: str) -> None:
    truth = {"dirichlet": {"k": 3, "alpha": 1, "redraw": 4}}
    changes = {"truth": truth, "sample_sizes": [5], "pool": pool, "mode": "monte_carlo", "replicates": 500, "seed": 3}
    results = run(scenario_of(**EXACT | changes), backend="serial")
    value, mcse, given = found(results.tables["pooled"], "bias")
    each = results.summary
    assert value == pytest.approx(each["bias"].mean())
    assert mcse == pytest.approx(each["bias"].std(ddof=1) / 2)
    assert given == pytest.approx(math.sqrt((each["bias_mcse"] ** 2).sum()) / 4)
    assert set(results.tables["pooled"]["source"]) == {"monte_carlo"}


def test_draws_are_pooled_law_by_law_and_all_truths_together() -> None:
    truth = {"dirichlet": {"k": [2, 3], "alpha": 1, "redraw": 3}}
    by_law = pooled_of(truth=truth, pool="draws", sample_sizes=[2])
    assert list(by_law["truth"].drop_duplicates()) == ["dirichlet(k=2, alpha=1)", "dirichlet(k=3, alpha=1)"]
    together = pooled_of(truth=truth, pool="truth", sample_sizes=[2])
    assert set(together["truths"]) == {6}
    halves = [found(by_law, "bias", truth=law)[0] for law in by_law["truth"].drop_duplicates()]
    assert found(together, "bias")[0] == pytest.approx(sum(halves) / 2)


def test_a_mean_is_missing_where_one_of_the_truths_has_no_value() -> None:
    # KL(P‖Q) is infinite for the second truth: there is no bias of it.
    changes = {"truth": {"coin": [1, 0.5]}, "model": {"coin": 1}, "estimands": ["kl_divergence"], "pool": "truth"}
    value, mcse, _ = found(pooled_of(**changes, sample_sizes=[2]), "bias")
    assert math.isnan(value) and math.isnan(mcse)


def test_drawing_anew_is_a_seed_for_each_draw_and_reads_back() -> None:
    drawn = scenario_of(truth={"dirichlet": {"k": 3, "alpha": 1, "redraw": 3, "seed": 5}}, model=None)
    assert drawn.truth == scenario_of(truth={"dirichlet": {"k": 3, "alpha": 1, "seed": [5, 6, 7]}}, model=None).truth
    assert drawn.as_written()["truth"] == {"dirichlet": {"k": 3, "alpha": 1, "seed": 5, "redraw": 3}}
    assert scenario_of(truth=drawn.as_written()["truth"], model=None).truth == drawn.truth
    # More draws keep the earlier ones, and their random numbers.
    more = scenario_of(truth={"dirichlet": {"k": 3, "alpha": 1, "redraw": 4, "seed": 5}}, model=None)
    addresses = [[each.address for each in plan_of(scenario).conditions] for scenario in (drawn, more)]
    assert addresses[1][: len(addresses[0])] == addresses[0]


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"redraw": True},
        "truth.dirichlet.redraw: expected how many are drawn, a whole number from 1 to 100,000, got true",
    ),
    (
        {"redraw": 3, "seed": [1, 2]},
        "truth.dirichlet.redraw: goes with one seed, the first; of a list of seeds each is a distribution already",
    ),
]  # fmt: skip


@pytest.mark.parametrize("given, message", REFUSED)
def test_a_number_of_draws_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    assert message in refusal(truth={"dirichlet": {"k": 3, "alpha": 1, **given}})


def refusal(**changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(write_text(small(**EXACT | changes)), "s.yaml"))
    (line,) = caught.value.problems
    return line


def test_pooling_needs_truths_that_share_what_else_there_is() -> None:
    assert "pool: nothing to pool: no two truths have the same model and sample sizes" in refusal(pool="truth")
    together = {"truth": {"coin": [0.1, 0.2]}, "sample_sizes": [1, 2], "zip": ["truth.coin.p", "sample_sizes"]}
    assert "nothing to pool" in refusal(**together, pool="truth")
    assert "no two truths that differ in their seed alone have" in refusal(truth={"coin": [0.1, 0.2]}, pool="draws")
    assert "expected truth (means over all truths) or draws (" in refusal(truth={"coin": [0.1, 0.2]}, pool="model")


def test_a_check_can_be_of_the_mean_over_truths() -> None:
    check: dict[str, Any] = {"estimand": "entropy", "measure": "bias", "pooled": True, "within": 1e-9}
    truths = {"truth": {"coin": [0.2, 0.5]}, "sample_sizes": [1], "pool": "truth"}
    mean = -(h(0.2) + h(0.5)) / 2
    results = run(scenario_of(**EXACT | truths, checks=[{**check, "near": mean}, {**check, "near": 0.0}]))
    assert [verdict.met for verdict in results.checks] == [True, False]
    assert results.checks[0].text.startswith("entropy, mean over the truths: bias within 1e")
    kept = results.scenario.as_written()["checks"][0]
    assert kept["pooled"] is True
    assert "there are no means over truths: give 'pool: truth'" in refusal(
        truth={"coin": [0.2, 0.5]}, checks=[{**check, "near": 0}]
    )
    assert "relative_bias has no mean over truths" in refusal(
        **truths, checks=[{**check, "measure": "relative_bias", "near": 0}]
    )
    draws = {"truth": {"dirichlet": {"k": 2, "alpha": 1, "redraw": 3}}, "pool": "draws", "sample_sizes": [1]}
    law = {**check, "near": -0.5, "within": 1, "truth": "dirichlet(k=2, alpha=1)"}
    assert run(scenario_of(**EXACT | draws, checks=[law])).checks[0].met
    assert "matches no row" in refusal(**draws, checks=[{**law, "truth": "dirichlet(k=2, alpha=1, seed=1)"}])


@pytest.mark.slow
def test_a_page_made_again_has_the_same_verdicts(mcdiv_command: Command, folder: Path) -> None:
    check = {"estimand": "entropy", "measure": "bias", "pooled": True, "below": 1, "interval": None}
    values = small(**EXACT | {"truth": {"coin": [0.2, 0.5]}, "sample_sizes": [2], "pool": "truth", "checks": [check]})
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    page = (folder / "results" / "small" / "report.html").read_bytes()
    mcdiv_command("report", "results/small")
    assert (folder / "results" / "small" / "report.html").read_bytes() == page


@pytest.mark.slow
def test_a_run_prints_the_means_with_their_errors(mcdiv_command: Command, folder: Path) -> None:
    values = small(**EXACT | {"truth": {"coin": [0.2, 0.5]}, "sample_sizes": [1, 2], "pool": "truth"})
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    told = mcdiv_command("run", "s.yaml").stdout
    # Of one toss the error is −H(p): the mean of −0.5004 and −0.6931, and half of their distance.
    means = told.split("\nMeans over 2 truths (nats; all in pooled.csv)\n")[1]
    assert re.search(r"^ bias of +estimator +N = 1 +N = 2$", means, re.MULTILINE)
    assert re.search(r"^ H\(P\) +plugin +−0\.60\(10\) ", means, re.MULTILINE)
    assert "mcse_given_truths in pooled.csv is that of these truths." in told
    means = json.loads(mcdiv_command("run", "s.yaml", "--json").stdout)["pooled"]
    (bias,) = [each for each in means if each["measure"] == "bias" and each["sample_size"] == 1]
    assert bias["value"] == pytest.approx(-(h(0.2) + h(0.5)) / 2)
    assert bias["truths"] == 2
