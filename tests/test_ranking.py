"""`mcdiv compare`: estimators ranked as the runs' own paired differences say, and between runs where that can be."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from small import scenario_of, small
from test_comparisons import SOMETIMES

import mcdiv
from mcdiv.core.moments import moments_of
from mcdiv.core.paired import compare
from mcdiv.core.performance import features_of
from mcdiv.files.yaml_text import write_text
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.ranking import ranking_tables, remarks

Study = Callable[..., Results]
WORDS = {"abs_bias": "smaller |bias|: ", "rmse": "; smaller MSE: "}


def places(ranking: pd.DataFrame) -> Iterator[tuple[tuple[object, ...], pd.DataFrame]]:
    columns = ["truth", "model", "sample_size", "model_sample_size", "estimand"]
    plain = ranking.astype(object).where(ranking.notna(), None)
    for _, group in plain.groupby(columns, dropna=False, sort=False):
        yield tuple(group[columns].iloc[0]), group


@pytest.mark.slow
def test_an_exact_error_and_a_simulated_one_are_ranked_by_the_replicates_that_they_share(study: Study) -> None:
    # On these 2,000 replicates the plug-in errs more than it does on average, and chao_shen with it.
    names = ["plugin", "miller_madow", "jackknife", "chao_shen", {"additive": {"alpha": 0.25}}]
    changes = {"truth": {"uniform": [6, 12]}, "model": None, "sample_sizes": [20, 80], "seed": 1}
    results = study(**changes, estimands=["entropy"], estimators=names, replicates=2000)
    tables = results.tables
    assert {pd.isna(value) for value in tables["summary"]["exact_rmse"]} == {True, False}
    more = dict.fromkeys(zip(tables["summary"]["condition"], tables["summary"]["estimator"], strict=True), 1)
    for row in tables["comparison"].to_dict("records"):
        worse = row["estimator_a"] if row["mse_difference"] > 0 else row["estimator_b"]
        more[row["condition"], worse] += row["mse_difference"] != 0
    assert tables["summary"]["rank"].tolist() == list(more.values())
    ranking = results.compare()
    by_run = tables["summary"].set_index(["truth", "sample_size", "estimator"])["rank"]
    for row in ranking.to_dict("records"):
        assert row["rank_rmse"] == by_run[row["truth"], row["sample_size"], row["estimator"]]
    for _, group in ranking.groupby(["truth", "sample_size"], sort=False):
        assert group["rank_rmse"].is_monotonic_increasing


@pytest.mark.slow
def test_no_ratio_is_made_of_a_best_value_that_is_noise(mcdiv_command: Command, folder: Path) -> None:
    changes = {"truth": {"zipf": 20}, "model": {"uniform": 20}, "estimands": ["cross_entropy", "entropy"]}
    text = write_text(small(**changes, mode="monte_carlo", estimators=["plugin", "grassberger_2003", "laplace"]))
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    rows = pd.DataFrame(json.loads(mcdiv_command("compare", "results/small", "--json").stdout))
    for _, group in rows.groupby(["estimand", "sample_size"]):
        best = group.loc[group["abs_bias"].idxmin()]
        if best["abs_bias"] <= 2 * best["abs_bias_mcse"]:
            assert not group["verdict_abs_bias"].str.contains("×").any()
            assert (group["abs_bias_ratio"].isna() | (group["abs_bias_ratio"] == 1)).all()


def test_no_ratio_is_made_of_a_best_value_that_is_next_to_nothing_and_none_that_is_above_1_is_written_as_1() -> None:
    # Exact biases at N = 50, of a coin with p = ½: plug-in −0.01010, Grassberger 2003 0 (docs: known closed form).
    changes = {"model": None, "estimands": ["entropy"], "sample_sizes": [50], "mode": "exact"}
    names = ["plugin", "grassberger_2003", "zhang", "miller_madow"]
    table = run(scenario_of(**changes, estimators=names), backend="serial").compare().set_index("estimator")
    assert table["abs_bias"]["grassberger_2003"] < 1e-15
    assert table["verdict_abs_bias"]["plugin"] == table["verdict_abs_bias"]["miller_madow"] == "worse"
    ratios = table["rmse"] / table["rmse"].min()
    for name, verdict in table["verdict_rmse"].items():
        if verdict.startswith("×"):
            assert float(verdict[1:]) > 1
            assert float(verdict[1:]) == pytest.approx(ratios[name], rel=5e-3)


def test_estimators_that_are_one_and_the_same_are_a_tie_and_not_times_1(study: Study) -> None:
    # Laplace adds 1 to each count, which is the Dirichlet plug-in with α = 1.
    results = study(estimands=["entropy"], estimators=["laplace", {"additive": {"alpha": 1}}, "plugin"])
    for _, group in places(results.compare()):
        ties = group[group["estimator"] != "plugin"]
        for measure in WORDS:
            assert ties[f"rank_{measure}"].nunique() == 1
            assert ties[f"verdict_{measure}"].nunique() == 1


@pytest.mark.slow
def test_an_estimator_that_fails_is_compared_on_the_replicates_on_which_it_does_not(folder: Path) -> None:
    (folder / "sometimes.py").write_text(SOMETIMES, encoding="utf-8")
    changes = {"truth": {"zipf": 5}, "model": None, "sample_sizes": [10], "estimators": ["plugin", "sometimes"]}
    for mode in ("both", "exact"):
        (folder / "failing.yaml").write_text(write_text(small(**changes, mode=mode)), encoding="utf-8")
        results = run("failing.yaml", plugins=["sometimes.py"], backend="serial")
        ranking = results.compare().set_index("estimator")
        # By all 1001 count vectors: on those that both estimate they are one and the same.
        for measure, share in (("abs_bias", "abs_bias_left_out_share"), ("rmse", "mse_left_out_share")):
            assert set(ranking[f"verdict_{measure}"]) == {"indistinguishable"}
            assert list(ranking[f"rank_{measure}"][["plugin", "sometimes"]]) == [1, 2]
            assert ranking[share]["sometimes"] == pytest.approx(0.24820251543640737, rel=1e-12)
        assert math.isnan(ranking["abs_bias"]["sometimes"])
        assert ranking["abs_bias"]["plugin"] == pytest.approx(0.2328138665111481, rel=1e-12)
        (pair,) = results.pairs
        assert pair.removed(pair.first.task) == pair.removed(pair.second.task) == 0
        assert pair.levels["abs_bias"][0] == pytest.approx(0.14252307931326147, rel=1e-12)
        row = results.tables["comparison"].iloc[0]
        assert row["abs_bias_a"] == pytest.approx(0.14252307931326147, rel=1e-12)
        assert row["abs_bias_b"] == pytest.approx(0.14252307931326147, rel=1e-12)
        texts = " ".join(cell for _, _, lines in ranking_tables(results.compare()) for line in lines for cell in line)
        assert "25 %" in texts
        assert "left out" in " ".join(remarks(results.compare()))


def test_what_a_bias_is_reduced_by_is_that_of_the_replicates_for_which_both_are_finite() -> None:
    estimates = np.array([[0.4, 0.9], [0.1, np.nan], [0.8, 0.2], [np.inf, 0.3], [0.7, 0.5], [1.9, 2.0]])
    found = compare(moments_of(features_of(estimates, 0.5), np.ones(6)), 0, 1, simulated=True)
    both = estimates[np.isfinite(estimates).all(axis=1)] - 0.5
    assert found.levels["abs_bias"] == pytest.approx(np.abs(both.mean(axis=0)), rel=1e-12)
    assert found.levels["mse"] == pytest.approx((both**2).mean(axis=0), rel=1e-12)


def test_the_share_of_a_bias_that_an_estimator_removes_is_the_published_one_for_ten_flips() -> None:
    changes = {"truth": {"coin": 0.5}, "model": {"coin": 0.6}, "sample_sizes": [10], "estimands": ["kl_divergence"]}
    for mode in ("exact", "both"):
        results = run(scenario_of(**changes, mode=mode), backend="serial")
        (pair,) = results.pairs
        # By the binomial law: the plug-in's bias is +0.053027 nats, and Miller–Madow's 0.0031247 (all 11 outcomes).
        law = [math.comb(10, k) / 1024 for k in range(11)]
        plug = [sum(x * math.log(x / q) for x, q in ((k / 10, 0.6), (1 - k / 10, 0.4)) if x) for k in range(11)]
        less = [one - (0.05 if 0 < k < 10 else 0) for k, one in enumerate(plug)]
        truth = 0.5 * math.log(0.5 / 0.6) + 0.5 * math.log(0.5 / 0.4)
        biases = [abs(sum(w * x for w, x in zip(law, some, strict=True)) - truth) for some in (plug, less)]
        assert pair.removed(pair.first.task) == pytest.approx(1 - biases[1] / biases[0], rel=1e-10)
        assert pair.removed(pair.second.task) == 0


def test_runs_of_different_seeds_are_compared_by_the_mcses_of_independent_samples() -> None:
    changes = {"mode": "monte_carlo", "model": None, "sample_sizes": [10], "estimators": ["plugin"]}
    runs = [run(scenario_of(**changes, seed=seed, name=f"run{seed}"), backend="serial") for seed in (1, 2)]
    table = mcdiv.compare(*runs)
    found = [one.summary.iloc[0] for one in runs]
    (other,) = table[table["rank_abs_bias"] > 1].to_dict("records")
    wanted = math.hypot(*(row["bias_mcse"] for row in found))
    assert other["abs_bias_difference_mcse"] == pytest.approx(wanted, rel=1e-12)
    same = run(scenario_of(**changes, seed=1, name="again", replicates=500), backend="serial")
    table = mcdiv.compare(runs[0], same)
    (other,) = table[table["rank_abs_bias"] > 1].to_dict("records")
    wanted = sum(one.summary["bias_mcse"].iloc[0] for one in (runs[0], same))
    assert other["abs_bias_difference_mcse"] == pytest.approx(wanted, rel=1e-12)


def test_runs_in_different_units_are_compared_in_those_of_the_first() -> None:
    changes = {"mode": "exact", "estimands": ["entropy"], "sample_sizes": [10]}
    bits = run(scenario_of(**changes, name="bits", units="bits", estimators=["plugin"]), backend="serial")
    nats = run(scenario_of(**changes, name="nats", estimators=["plugin", "jackknife"]), backend="serial")
    table = mcdiv.compare(bits, nats)
    assert set(table["unit"]) == {"bits"}
    plugin = table[table["estimator"] == "plugin"]
    assert plugin["rank_rmse"].tolist() == plugin["rank_abs_bias"].tolist() == [2, 2]
    assert plugin["abs_bias"].iloc[0] == pytest.approx(plugin["abs_bias"].iloc[1], rel=1e-12)


def test_what_only_one_run_has_is_said_and_truths_that_only_share_a_name_are_kept_apart() -> None:
    changes = {"mode": "exact", "model": None, "estimands": ["entropy"], "estimators": ["plugin", "jackknife"]}
    truths = [{"counts": {"name": "survey", "values": values}} for values in ([5, 3, 2], [9, 1, 1])]
    first, second = (
        run(scenario_of(**changes, name=f"run{i}", truth=truth, sample_sizes=[5, 6 + i]), backend="serial")
        for i, truth in enumerate(truths)
    )
    table = mcdiv.compare(first, second)
    assert set(table["truth"]) == {"counts(survey)", "counts(survey) of run1, condition 1"}
    assert all(group["run"].nunique() == 1 for _, group in table.groupby(["truth", "sample_size"]))
    said = " ".join(remarks(table))
    assert "Not compared between runs: 4 settings that only one run has (run0, run1)." in said
    same = mcdiv.compare(
        first, run(scenario_of(**changes, name="b", truth=truths[0], sample_sizes=[5]), backend="serial")
    )
    assert "1 setting that only one run has (run0)" in " ".join(remarks(same))


@pytest.mark.slow
def test_the_best_of_each_setting_come_first_and_many_tables_only_when_asked_for(
    mcdiv_command: Command, folder: Path
) -> None:
    changes = {"truth": {"zipf": [5, 9]}, "model": None, "sample_sizes": [5, 10, 20, 40], "mode": "exact"}
    (folder / "grid.yaml").write_text(write_text(small(**changes, estimators=["plugin", "jackknife"], name="grid")))
    mcdiv_command("run", "grid.yaml", "-q")
    printed = mcdiv_command("compare", "results/grid").stdout
    assert printed.startswith("Best estimators of entropy [nats] (indistinguishable: within 2 MCSE)")
    assert "entropy: settings in which each estimator is best or indistinguishable from the best" in printed
    assert "--details prints a table for each of the 8 settings" in printed
    assert "entropy [nats], P = zipf(k=5, s=1), N = 5" not in printed
    detailed = mcdiv_command("compare", "results/grid", "--details").stdout
    assert detailed.count("entropy [nats], P = zipf(k=") == 8
    assert detailed.startswith(printed.split("--details")[0])


@pytest.mark.slow
def test_csv_and_json_have_every_digit_of_what_python_gives(mcdiv_command: Command, folder: Path) -> None:
    (folder / "small.yaml").write_text(write_text(small()), encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    table = mcdiv.compare("results/small")
    assert mcdiv_command("compare", "results/small", "--csv").stdout == to_csv(table)
    assert "Give either --json or --csv." in mcdiv_command("compare", "results/small", "--csv", "--json", code=2).stderr
    rows = json.loads(mcdiv_command("compare", "results/small", "--json").stdout)
    assert [row["abs_bias_difference"] for row in rows] == table["abs_bias_difference"].tolist()
