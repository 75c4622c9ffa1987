"""Two estimators held against each other on the replicates for which both are finite, and what is only a rounding."""

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small import scenario_of, small

import mcdiv
from mcdiv.core.error_summaries import Source, summaries_of
from mcdiv.core.moments import moments_of
from mcdiv.core.paired import compare, comparisons
from mcdiv.core.performance import features_of
from mcdiv.core.rounding import ROUNDING, sum_of, without_rounding
from mcdiv.estimators.variances import entropy_variance_jackknife, plugin_variance_delta
from mcdiv.files.yaml_text import write_text
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
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


def test_estimators_are_summarised_together_as_each_by_itself() -> None:
    estimates = np.array([[1.0, 2, 4], [np.inf, 0.5, 0.5], [np.nan, np.inf, -np.inf], [0.7, 0.7, 0.7], [3, -np.inf, 8]])
    moments = moments_of(features_of(estimates.T, 0.5), np.ones(3))
    found = summaries_of([Source(moments=moments, simulated=True)], range(5), 0.5)[0]
    for values, of in zip(estimates, found, strict=True):
        finite = values[np.isfinite(values)]
        several = len(finite) > 1
        assert of.infinite.value == pytest.approx(np.isinf(values).mean())
        assert of.undefined.value == pytest.approx(np.isnan(values).mean())
        expected = [finite.mean() - 0.5, ((finite - 0.5) ** 2).mean()] if len(finite) else [np.nan] * 2
        assert [of.bias.value, of.mse.value] == pytest.approx(expected, rel=1e-12, nan_ok=True)
        variance = finite.var(ddof=1) if several else np.nan
        assert of.variance.value == pytest.approx(variance, rel=1e-12, nan_ok=True)


def test_pairs_are_compared_together_as_each_by_itself() -> None:
    moments = moments_of(features_of(ESTIMATES, 0.5), np.ones(6))
    (forth, back) = comparisons(moments, [(0, 1), (1, 0)], simulated=True)
    for name, difference in forth.differences.items():
        assert back.differences[name].value == -difference.value
        assert back.differences[name].mcse == pytest.approx(difference.mcse, rel=1e-12)
    assert forth == compare(moments, 0, 1, simulated=True)
    assert comparisons(moments, [], simulated=True) == []
