"""Two estimators held against each other: on common replicates, and by `mcdiv compare` as the run itself did."""

import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.core.moments import moments_of
from mcdiv.core.performance import compare, features_of
from mcdiv.core.rounding import ROUNDING, sum_of, without_rounding
from mcdiv.estimators.variances import entropy_variance_jackknife, plugin_variance_delta
from mcdiv.files.yaml_text import write_text
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.ranking import ranked
from mcdiv.results.run import Results, run
from mcdiv.results.words.digest import digest

Study = Callable[..., Results]
ESTIMATES = np.array([[0.4, 0.9], [0.1, np.nan], [0.8, 0.2], [np.inf, 0.3], [0.7, 0.5], [1.9, 2.0]])
SOMETIMES = '''"""The plug-in where it is not asked too much."""
import numpy as np
from mcdiv.estimators.basic import plugin
from mcdiv.estimators.contract import ReferenceValue, estimator

@estimator(
    "entropy",
    reference_values=[ReferenceValue(counts=(1, 1), value=np.log(2), origin="by hand: ln 2")],
    properties=set(),
)
def sometimes(counts):
    """The plug-in, NaN where one category has more than half of the draws.

    Formula: Ĥ = −Σ p̂ ln p̂
    Valid:   for a test
    Source:  nobody
    """
    share = counts / counts.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, -share * np.log(share), 0.0)
    return np.where(share.max(axis=-1) > 0.5, np.nan, terms.sum(axis=-1))
'''


def test_differences_are_those_of_the_outcomes_for_which_both_are_finite_with_the_mcse_of_their_definition() -> None:
    found = compare(moments_of(features_of(ESTIMATES, 0.5), np.ones(6)), 0, 1, simulated=True)
    both = ESTIMATES[np.isfinite(ESTIMATES).all(axis=1)] - 0.5
    assert found.left_out == pytest.approx(2 / 6, rel=1e-14)
    sizes = both * np.sign(both.mean(axis=0))
    for name, columns in (("abs_bias", sizes), ("mse", both**2)):
        differences = columns[:, 0] - columns[:, 1]
        assert found.differences[name].value == pytest.approx(differences.mean(), rel=1e-12)
        assert found.differences[name].mcse == pytest.approx(differences.std(ddof=1) / math.sqrt(4), rel=1e-12)


def test_an_estimator_that_fails_where_another_errs_most_is_no_better_for_that(folder: Path) -> None:
    (folder / "sometimes.py").write_text(SOMETIMES, encoding="utf-8")
    changes = {"truth": {"zipf": 5}, "model": None, "sample_sizes": [10], "estimators": ["plugin", "sometimes"]}
    for mode in ("both", "monte_carlo"):
        (folder / "failing.yaml").write_text(write_text(small(**changes, mode=mode)), encoding="utf-8")
        results = run("failing.yaml", plugins=["sometimes.py"], backend="serial")
        (pair,) = results.pairs
        # By all 1001 count vectors: on those that both estimate they are one and the same.
        assert pair.left_out == pytest.approx(0.24820251543640737, rel=1e-12 if mode == "both" else 0.25)
        for measure in ("abs_bias", "mse"):
            assert pair.differences[measure].value == 0
            assert pair.verdict(measure) == "indistinguishable"
        assert "removes" not in "".join(digest(results.rows, "nats").sentences)
        assert results.tables["comparison"]["left_out_share"][0] == pair.left_out


def test_of_estimators_of_which_one_can_be_infinite_no_sentence_compares_biases_of_other_samples(study: Study) -> None:
    changes = {"model_sample_sizes": [5], "sample_sizes": [5], "estimands": ["kl_divergence"]}
    results = study(**changes, estimators=["plugin", "laplace", "jeffreys"])
    (told,) = digest(results.rows, "nats").sentences
    assert "of its estimates that are infinite)." in told


def test_the_digest_compares_an_estimator_that_sometimes_fails_on_the_samples_for_which_both_are_finite(
    study: Study,
) -> None:
    changes = {"truth": {"uniform": 6}, "model": {"zipf": 6}, "model_sample_sizes": [20], "sample_sizes": [40]}
    results = study(**changes, estimands=["kl_divergence"], estimators=["plugin", "laplace"], replicates=2000)
    (told,) = digest(results.rows, "nats", pairs=results.pairs).sentences
    (row,) = results.tables["comparison"].to_dict("records")
    assert row["abs_bias_difference"] > 2 * row["abs_bias_difference_mcse"]
    size = f"{row['abs_bias_difference']:.4f} ± {row['abs_bias_difference_mcse']:.4f} nats."
    assert told.endswith(f"; on the samples for which both are finite, Laplace has a smaller bias, by {size}")
    results = study(**changes, estimands=["kl_divergence"], estimators=["plugin", "augmented_plugin"])
    (told,) = digest(results.rows, "nats", pairs=results.pairs).sentences
    # Where the plug-in is finite no count is floored: the two are one and the same.
    assert "on the samples for which both are finite, no other estimator" in told


@pytest.mark.parametrize("mode", ["both", "monte_carlo"])
def test_compare_says_what_comparison_csv_says(study: Study, mode: str) -> None:
    names = ["plugin", "miller_madow", "chao_shen", "zhang", "laplace"]
    changes = {"truth": {"zipf": 50}, "model": {"uniform": 50}, "sample_sizes": [50], "mode": mode}
    results = study(**changes, estimators=names, replicates=2000)
    tables = results.tables
    ranking = ranked([("here", to_csv(tables["summary"]), to_csv(tables["comparison"]))])
    verdicts = {
        (row["estimand"], frozenset((row["estimator_a"], row["estimator_b"]))): row["verdict"]
        for row in tables["comparison"].to_dict("records")
    }
    for estimand, group in ranking.groupby("estimand"):
        for measure, words in (("abs_bias", "smaller |bias|: "), ("rmse", "; smaller MSE: ")):
            best = group.loc[group[measure].idxmin(), "estimator"]
            for _, row in group[group["estimator"] != best].iterrows():
                paired = verdicts[estimand, frozenset((best, row["estimator"]))].split(words)[1].split(";")[0]
                close = row[f"verdict_{measure}"] in ("indistinguishable", "best")
                assert close == (paired == "indistinguishable"), (estimand, measure, row["estimator"])


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
    ranking = ranked([("here", to_csv(tables["summary"]), to_csv(tables["comparison"]))])
    by_run = tables["summary"].set_index(["truth", "sample_size", "estimator"])["rank"]
    for row in ranking.to_dict("records"):
        assert row["rank_rmse"] == by_run[row["truth"], row["sample_size"], row["estimator"]]
    for _, group in ranking.groupby(["truth", "sample_size"], sort=False):
        assert group["rank_rmse"].is_monotonic_increasing


def test_no_ratio_is_made_of_a_best_value_that_is_noise(mcdiv_command: Command, folder: Path) -> None:
    changes = {"truth": {"zipf": 20}, "model": {"uniform": 20}, "estimands": ["cross_entropy", "entropy"]}
    text = write_text(small(**changes, mode="monte_carlo", estimators=["plugin", "grassberger_2003", "laplace"]))
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    rows = pd.DataFrame(json.loads(mcdiv_command("compare", "results/small", "--json").stdout))
    for _, group in rows.groupby(["estimand", "sample_size"]):
        best = group.loc[group["abs_bias"].idxmin()]
        if best["abs_bias"] <= 2 * best["abs_bias_mcse"]:
            assert not group["verdict_abs_bias"].str.startswith("×").any()


def test_what_is_left_of_terms_that_cancel_is_0_and_what_is_tiny_because_its_terms_are_is_kept() -> None:
    assert sum_of(np.array([0.1, 0.2, -0.3])) == 0
    assert sum_of(np.array([1e-30, 2e-30])) == pytest.approx(3e-30)
    assert without_rounding(1e-12, 1e-12) == 1e-12
    assert without_rounding(ROUNDING / 2, 1.0) == 0
    assert math.isnan(without_rounding(math.nan, 1.0))


def test_exact_shares_biases_and_sds_are_0_where_they_are_only_roundings() -> None:
    truths = [{"coin": 0.3}, {"uniform": 3}, {"zipf": 4}]
    for truth, model in itertools.product(truths, [0, 1]):
        size = {"coin": 2, "uniform": 3, "zipf": 4}[next(iter(truth))]
        names = ["plugin", "miller_madow", "laplace", "chao_shen", "grassberger_2003"]
        changes = {"truth": truth, "model": {"uniform": size} if model else None, "estimators": names}
        for row in run(scenario_of(**changes, sample_sizes=[1, 7], mode="exact"), backend="serial").rows:
            assert row.exact["infinite_share"] == 0
            for measure in ("bias", "sd"):
                found = row.exact[measure]
                assert found == 0 or abs(found) > 1e-13, (row.task, measure, found)


@pytest.mark.parametrize("counts", [[1, 1, 1], [7] * 6, [3] * 49 + [0]])
def test_the_standard_error_of_draws_that_all_contribute_the_same_is_0(counts: list[int]) -> None:
    assert plugin_variance_delta("entropy", np.array([counts]), None, None)[0] == 0
    assert entropy_variance_jackknife(np.array([counts]))[0] == 0


def test_nearly_equal_distributions_keep_their_tiny_divergence_and_its_errors(study: Study) -> None:
    (row,) = study(
        truth={"coin": 0.5}, model={"coin": 0.5000005}, estimands=["kl_divergence"], estimators=["k3"], sample_sizes=[4]
    ).rows
    assert row.true_value == pytest.approx(-math.log1p(-1e-12) / 2, rel=1e-9)
    assert row.exact["sd"] > 0
    assert row.simulated["rmse"].mcse > 0


def test_what_is_infinite_is_no_rounding() -> None:
    assert sum_of(np.array([1.0, math.inf])) == math.inf
    assert sum_of(np.array([1.0, -1.0])) == 0
    found = mcdiv.exact_performance(
        "kl_divergence",
        estimator="plugin",
        truth=[0.4, 0.2, 0.2, 0.1, 0.1],
        model=[0.9, 0.05, 0.02, 0.01, 0.02],
        sample_size=50,
        model_sample_size=50,
    )
    assert math.isnan(found.bias)  # it is infinite for many samples, and these are too many to list
