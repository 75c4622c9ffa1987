"""A study as a whole: simulation against exact values, the same bytes however it is run, honest records."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import quick
from small import scenario_of, small
from threadpoolctl import threadpool_limits

from mcdiv.api.exact_performance import exact_performance
from mcdiv.core.arrays import Sample
from mcdiv.core.fingerprints import expanded
from mcdiv.core.moments import fold, merge, moments_of
from mcdiv.core.outcomes import draw_outcomes, levels_drawn, stream
from mcdiv.core.samplers import choose_method
from mcdiv.engine.block import run_block
from mcdiv.engine.plan import Block, Condition, plan_of
from mcdiv.engine.pool import BACKENDS
from mcdiv.estimators.contract import additive_estimator, estimator
from mcdiv.estimators.entry import Property
from mcdiv.estimators.registry import entries
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import digest
from mcdiv.scenario.model import Scenario, read_scenario

Study = Callable[..., Results]


@pytest.mark.slow
def test_simulated_bias_agrees_with_the_exact_bias_over_500_independent_coins(study: Study) -> None:
    results = study(
        truth={"coin": [round(0.02 * i, 2) for i in range(1, 26)]},
        model=None,
        estimators=["plugin"],
        sample_sizes=[3, 4, 6, 9, 14, 20, 30, 45, 70, 100, 150, 230, 350, 500, 800, 1200, 2000, 5000, 10_000, 10**5],
        replicates=100_000,
        seed=1,
    )
    z = results.summary["z_bias"].to_numpy()
    assert len(z) == 500
    assert 0.8 <= (z**2).mean() <= 1.2
    assert np.abs(z).max() < 4.5
    for measure in ("sd", "mse", "variance", "rmse"):
        rows = results.tables["performance"]
        # Few distinct outcomes make the delta method coarse: there is no z to judge by below N = 20.
        spread = rows[(rows["measure"] == measure) & (rows["sample_size"] >= 20)]["z"].dropna()
        assert 0.7 <= (spread**2).mean() <= 1.3


#: 1060 conditions by every sampler there is; each truth often enough for the central limit to hold
EVERYWHERE: dict[str, dict] = {
    "coins": {
        "truth": {"coin": [round(0.02 * i, 2) for i in range(1, 26)]},
        "sample_sizes": [3, 4, 6, 9, 14, 20, 30, 45, 70, 100, 150, 230, 350, 500, 800, 1200, 5000, 10**5],
        "replicates": 100_000,
    },
    "dice": {"truth": {"uniform": [3, 4, 5, 6]}, "sample_sizes": list(range(3, 18)), "replicates": 100_000},
    "loaded dice, category by category": {
        "truth": {"zipf": {"k": [6, 7, 8], "s": [0.5, 1, 1.5]}},
        "sample_sizes": list(range(200, 1000, 80)),
    },
    "uniform, by fingerprint": {
        "truth": {"uniform": [1000, 1500, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 10_000]},
        "sample_sizes": [150, 200, 300, 400, 500, 600, 700, 800, 900, 1000],
    },
    "Zipf, draw by draw": {
        "truth": {"zipf": {"k": [20, 40, 60, 80, 100], "s": [0.6, 0.9, 1.2, 1.5]}},
        "sample_sizes": [15, 25, 35, 50, 65],
    },
    "Zipf, Poisson counts": {
        "truth": {"zipf": {"k": [100, 110, 120, 130], "s": [0.6, 0.9, 1.2, 1.5]}},
        "sample_sizes": [600, 700, 800, 900, 1000],
    },
    "two samples": {
        "truth": {"coin": [0.1, 0.2, 0.3, 0.4, 0.5]},
        "model": {"coin": [0.15, 0.35, 0.45]},
        "model_sample_sizes": [4, 9, 25],
        "sample_sizes": [5, 10, 20, 30],
        "estimands": ["kl_divergence"],
        "estimators": ["laplace"],
        "replicates": 100_000,
    },
}


@pytest.mark.slow
@pytest.mark.unmeasured
def test_simulation_is_as_far_from_exact_as_its_mcse_says_over_1000_independent_conditions(study: Study) -> None:
    usual = {"model": None, "estimands": ["entropy"], "estimators": ["plugin"], "replicates": 1024, "seed": 1}
    studies = [study(**usual | changes) for changes in EVERYWHERE.values()]
    assert {_sampler(c) for s in studies for c in plan_of(s.scenario).conditions} == {
        *("listed", "fingerprints", "categories", "draws", "poisson")
    }
    z = np.concatenate([s.summary["z_bias"] for s in studies])
    assert len(z) >= 1000
    assert not np.isnan(z).any()
    assert 0.85 <= (z**2).mean() <= 1.15
    assert np.abs(z).max() <= 5


def _sampler(condition: Condition) -> str:
    p, q = condition.truth.pmf(), condition.model.pmf() if condition.model else None
    if condition.enumerable:
        return "listed"
    return "fingerprints" if levels_drawn(p, condition.sample_size, q) else choose_method(len(p), condition.sample_size)


@pytest.mark.parametrize(
    "changes",
    [
        {"truth": {"zipf": 6}, "model": {"uniform": 6}, "sample_sizes": [4, 12]},
        {"truth": {"zipf": 300}, "model": {"uniform": 300}, "sample_sizes": [50, 400]},
        {"truth": {"uniform": 700}, "model": None, "sample_sizes": [50, 900], "estimators": ["plugin", "zhang"]},
        {"model_sample_sizes": [7, 40], "estimators": ["plugin", "laplace"], "sample_sizes": [6, 30]},
        {"truth": {"uniform": 40}, "model": {"zipf": 40}, "sample_sizes": [30], "estimators": ["k1", "k2", "k3"]},
    ],
    ids=["enumerated", "drawn", "fingerprints", "two samples", "log-ratio"],
)
def test_simulation_is_within_five_mcse_of_the_exact_values(study: Study, changes: dict) -> None:
    rows = study(replicates=20_000, **changes).tables["performance"]
    checked = rows[rows["measure"].isin(["bias", "sd", "mse"]) & rows["exact"].notna()]
    assert len(checked) > 3
    assert (checked["z"].dropna().abs() < 5).all()


def test_two_samples_that_cannot_be_listed_are_simulated_and_their_exact_biases_summed(study: Study) -> None:
    results = study(
        truth={"zipf": 30}, model={"uniform": 30}, model_sample_sizes=[50], estimators=["laplace"], sample_sizes=[40]
    )
    rows = results.summary.set_index("estimand")
    assert rows["exact_bias"].notna().to_dict() == {"entropy": True, "cross_entropy": True, "kl_divergence": True}
    assert rows["bias"].notna().all()


@pytest.fixture(scope="module")
def by_one_worker() -> list[tuple[Scenario, dict[str, str]]]:
    """Listed outcomes, drawn counts and fingerprints, with their tables as CSV."""
    listed = scenario_of(truth={"coin": [0.2, 0.5]}, sample_sizes=[5, 700], estimators=["plugin", "k3"], paths=3)
    wide = scenario_of(truth={"zipf": 900}, model={"uniform": 900}, sample_sizes=[100], replicates=1300)
    alike = scenario_of(truth={"uniform": 2000}, model=None, sample_sizes=[500], estimators=["nsb"], replicates=3000)
    return [(each, _csv(run(each, backend="serial"))) for each in (listed, wide, alike)]


@pytest.mark.slow
@pytest.mark.parametrize("backend", quick(1, ["threads", *sorted(set(BACKENDS) - {"dask", "threads"})]))
@pytest.mark.parametrize("workers", quick(1, [3, 1]))  # Dask: test_reliability
def test_every_backend_gives_the_same_bytes(
    backend: str, workers: int, by_one_worker: list[tuple[Scenario, dict[str, str]]]
) -> None:
    for scenario, expected in by_one_worker:
        assert _csv(run(scenario, backend=backend, workers=workers)) == expected


def _csv(results: Results) -> dict[str, str]:
    return {name: to_csv(table) for name, table in results.tables.items()}


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_threads_of_blas_change_no_byte() -> None:
    wide = scenario_of(truth={"zipf": 4000}, model={"uniform": 4000}, sample_sizes=[20, 50], replicates=600)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            tables = run(wide, backend="processes", workers=1).tables
        found.append({name: to_csv(table) for name, table in tables.items()})
    assert found[0] == found[1]


def test_another_condition_or_estimator_changes_no_other_number(study: Study) -> None:
    few = study(truth={"coin": 0.3}).summary
    more = study(truth={"coin": [0.1, 0.3]}, sample_sizes=[3, 5, 10], estimators=["plugin", "zhang", "miller_madow"])
    keys = ["truth", "sample_size", "estimand", "estimator"]
    both = few.merge(more.summary, on=keys, suffixes=("", "_more"))
    assert len(both) == len(few)
    for column in ("bias", "sd", "rmse_mcse", "exact_sd"):
        assert both[column].equals(both[f"{column}_more"].rename(column))


@pytest.mark.slow
def test_an_estimator_that_wants_every_count_changes_nothing_for_those_content_with_fingerprints(study: Study) -> None:
    wide: dict = {"truth": {"uniform": 900}, "model": None, "sample_sizes": [700], "replicates": 1500}
    names = ["plugin", "miller_madow", "chao_shen", "chao_wang_jost", "nsb", "ansb", "jvhw"]
    few = study(estimators=names, **wide).summary
    more = study(estimators=["james_stein", *names], **wide).summary
    both = few.merge(more, on="estimator", suffixes=("", "_more"))
    assert len(both) == len(names)
    for column in ("bias", "sd", "rmse_mcse"):
        assert both[column].equals(both[f"{column}_more"].rename(column))
    assert more["bias"].notna().all()


def test_fingerprints_and_counts_give_every_estimator_the_same_estimates() -> None:
    p = np.concatenate([[0.2, 0.1], np.full(600, 0.7 / 600)])
    drawn = draw_outcomes(p, 400, 40, stream(3, 4))
    assert drawn.multiplicity is not None
    counts = expanded(drawn.counts, drawn.multiplicity)
    assert counts.shape == (40, 602)
    for entry in entries():
        if (
            entry.design == "sample"
            and entry.accepts_multiplicities
            and not any(p.required for p in entry.parameters.values())
        ):
            grouped = entry.evaluate(Sample(counts=drawn.counts, multiplicity=drawn.multiplicity), {})
            assert grouped == pytest.approx(entry.evaluate(Sample(counts=counts), {}), rel=1e-10), entry.name


def test_the_numbers_of_a_table_agree_with_each_other(study: Study) -> None:
    results = study(replicates=5000, units="bits")
    summary, long = results.summary, results.tables["performance"]
    assert np.allclose(summary["mean"] - summary["true_value"], summary["bias"], atol=1e-14)
    squares = summary["sd"] ** 2 * (4999 / 5000) + summary["bias"] ** 2
    assert np.allclose(np.sqrt(squares), summary["rmse"], rtol=1e-12)
    assert np.allclose((summary["bias"] - summary["exact_bias"]) / summary["bias_mcse"], summary["z_bias"])
    biases = long[long["measure"] == "bias"].reset_index(drop=True)
    assert np.array_equal(biases["value"], summary["bias"])
    assert set(long[long["measure"] == "mse"]["unit"]) == {"bits²"}
    assert set(long[long["measure"] == "relative_bias"]["unit"]) == {"1"}
    nats = study(replicates=5000).summary
    assert np.allclose(nats["bias"] / math.log(2), summary["bias"], rtol=1e-13)


def test_with_the_model_known_the_biases_of_entropy_and_kl_mirror_each_other(study: Study) -> None:
    rows = (
        study(estimators=["plugin", "jackknife", "zhang", "laplace"])
        .summary.set_index(["estimand", "estimator"])
        .sort_index()
    )
    for name in ("plugin", "jackknife", "zhang", "laplace"):
        entropy, divergence = rows.loc[("entropy", name)], rows.loc[("kl_divergence", name)]
        assert (entropy["exact_bias"].to_numpy() == -divergence["exact_bias"].to_numpy()).all()
    assert (rows.loc["cross_entropy"]["exact_bias"] == 0).all()


def test_decomposition_holds_and_scipy_agrees(study: Study) -> None:
    table = study(truth={"zipf": 9}, model={"uniform": 9}).tables["decomposition"]
    assert (table["residual"].abs() < 1e-15).all()
    assert (table["max_abs_difference"] < 1e-14).all()
    alone = study(model=None).tables["decomposition"]
    assert alone["entropy"].notna().all()
    assert alone[["kl_divergence", "scipy_cross_entropy", "residual"]].isna().all().all()


def test_infinite_estimates_are_counted_and_can_be_seen_again(study: Study) -> None:
    results = study(model={"coin": 1}, sample_sizes=[3])
    rows = results.summary.set_index(["estimand", "estimator"])
    kl = rows.loc[("kl_divergence", "plugin")]
    assert kl["true_value"] == np.inf
    assert kl["infinite_share"] == pytest.approx(7 / 8, abs=5 * math.sqrt(7 / 64 / 1000))
    assert math.isnan(kl["bias"])
    assert math.isnan(kl["exact_bias"])
    problem = results.tables["problems"].set_index(["estimand", "estimator"]).loc[("kl_divergence", "plugin")]
    assert problem["replicates"] == round(kl["infinite_share"] * 1000)
    assert problem["replay"].startswith("mcdiv replay RESULTS --condition 1 --replicate ")
    exact = study(model={"coin": 1}, sample_sizes=[3], mode="exact").summary.set_index(["estimand", "estimator"])
    assert exact.loc[("kl_divergence", "plugin")]["infinite_share"] == pytest.approx(7 / 8, rel=1e-14)


def test_moments_of_a_model_known_only_by_draws_are_conditional_on_being_finite(study: Study) -> None:
    results = study(model_sample_sizes=[2], estimators=["plugin", "laplace"], sample_sizes=[2], mode="exact")
    row = results.summary.set_index(["estimand", "estimator"]).loc[("kl_divergence", "plugin")]
    # By hand: n and m from 0 to 2; infinite where m misses a side that n has.
    total = lost = 0.0
    for n, a in enumerate((0.25, 0.5, 0.25)):
        for m, b in enumerate((0.16, 0.48, 0.36)):
            p, q = (n / 2, 1 - n / 2), (m / 2, 1 - m / 2)
            if any(x > 0 and y == 0 for x, y in zip(p, q, strict=True)):
                lost += a * b
            else:
                total += a * b * sum(x * math.log(x / y) for x, y in zip(p, q, strict=True) if x)
    assert row["infinite_share"] == pytest.approx(lost, rel=1e-13)
    assert row["mean"] == pytest.approx(total / (1 - lost), rel=1e-13)
    ranks = results.summary.set_index(["estimand", "estimator"])["rank"]
    assert ranks[("kl_divergence", "laplace")] < ranks[("kl_divergence", "plugin")]


def test_exact_mode_simulates_nothing_and_monte_carlo_mode_knows_nothing_exact(study: Study) -> None:
    exact = study(mode="exact").summary
    assert (exact["replicates"] == 0).all()
    assert (exact["bias_mcse"] == 0).all()
    assert exact["bias"].equals(exact["exact_bias"].rename("bias"))
    assert exact["z_bias"].isna().all()
    simulated = study(mode="monte_carlo").summary
    assert simulated[["exact_bias", "exact_sd", "exact_rmse", "z_bias"]].isna().all().all()
    assert simulated["bias"].notna().all()


def test_one_replicate_has_a_bias_but_no_mcse(study: Study) -> None:
    row = study(replicates=1).summary.iloc[0]
    assert math.isfinite(row["bias"])
    assert math.isnan(row["bias_mcse"])
    assert math.isnan(row["sd"])


def test_beside_an_infinite_truth_finite_estimates_that_differ_are_not_constant(study: Study) -> None:
    (row,) = study(
        truth={"uniform": 3},
        model={"categorical": [0.5, 0.5, 0]},
        estimands=["kl_divergence"],
        estimators=["plugin"],
        sample_sizes=[5],
    ).rows
    assert math.isinf(row.true_value)
    assert 0 < row.simulated["infinite_share"].value < 1
    assert not row.constant
    assert "constant" not in digest([row], "nats").tables[0].lines[0]


def test_beside_infinite_estimates_those_that_are_alike_are_told_without_an_error(study: Study) -> None:
    results = study(
        truth={"coin": 1}, model={"coin": "1/3"}, model_sample_sizes=[1], sample_sizes=[3], estimators=["plugin"]
    )
    rows = {row.task.estimand: row for row in results.rows}
    assert rows["kl_divergence"].constant
    assert 0 < rows["kl_divergence"].simulated["infinite_share"].value < 1
    told = digest([rows["kl_divergence"]], "nats")
    assert told.tables[0].lines[0][2:6] == ("1.09861", "−1.09861", "−1.09861", "1.09861")
    assert "by 1.09861 nats (not counting the 67 % of its estimates that are infinite)" in told.sentences[0]
    told = digest([rows["entropy"]], "nats")
    assert told.tables[0].lines[0][3] == "constant"
    assert told.sentences[0].endswith("without bias, with the same estimate in every sample.")


def test_a_certain_outcome_has_no_error_and_no_z(study: Study) -> None:
    rows = study(truth={"coin": 1}, estimators=["plugin"]).summary
    assert (rows["sd"] == 0).all()
    assert rows["z_bias"].isna().all()


def test_moments_merge_in_any_grouping_and_constants_have_no_scatter() -> None:
    generator = np.random.default_rng(1)
    features, weights = generator.normal(size=(60, 3)), generator.integers(1, 9, 60).astype(float)
    features[:, 2] = 0.1
    whole = moments_of(features, weights)
    parts = [moments_of(features[i : i + 20], weights[i : i + 20]) for i in (0, 20, 40)]
    for joined in (fold(parts), merge(parts[0], merge(parts[1], parts[2]))):
        assert joined.mean == pytest.approx(whole.mean, rel=1e-13)
        assert joined.scatter == pytest.approx(whole.scatter, rel=1e-12, abs=1e-12)
    assert whole.covariance[:2, :2] == pytest.approx(np.cov(features[:, :2].T, fweights=weights.astype(int), ddof=0))
    assert not fold(parts).scatter[2].any()


def test_a_small_mean_of_squares_keeps_its_digits_beside_large_squares_that_hardly_ever_occur() -> None:
    squares, weights = np.array([[1.0], [1e-12], [3e-12]]), np.array([1e-30, 0.75, 0.25])
    parts = [moments_of(squares[i : i + 1], weights[i : i + 1]) for i in range(3)]
    for found in (moments_of(squares, weights), fold(parts), fold(parts[::-1])):
        assert found.mean == pytest.approx([1.5e-12], rel=1e-15, abs=0)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_mcse_is_the_spread_over_repeated_studies() -> None:
    """Heavy tails included: a fair coin's plug-in is skewed, where the textbook s/√(2(R−1)) is far off."""
    found = [
        run(scenario_of(seed=seed, model=None, sample_sizes=[10], replicates=2000), backend="serial").summary.iloc[0]
        for seed in range(300)
    ]
    table = pd.DataFrame(found)
    for measure in ("bias", "sd", "rmse"):
        spread, claimed = table[measure].std(ddof=1), table[f"{measure}_mcse"].mean()
        assert abs(spread / claimed - 1) < 5 / math.sqrt(2 * 299)


def test_an_estimator_that_raises_costs_its_own_estimates_only() -> None:
    @estimator("entropy", reference_values=[], properties={Property.NONNEGATIVE})
    def moody(counts):
        """Refuse samples of one kind.

        Formula: none
        Valid:   never
        Source:  this test
        """
        if (counts[..., 0] == 0).any():
            raise ZeroDivisionError("no heads")
        return counts[..., 0] * 0.0

    scenario = scenario_of(model=None, estimators=["plugin", "moody"], sample_sizes=[3])
    results = run(scenario, backend="serial")
    problem = results.tables["problems"].set_index("estimator").loc["moody"]
    assert problem["kind"] == "exception"
    assert problem["message"] == "ZeroDivisionError: no heads"
    rows = results.summary.set_index("estimator")
    assert rows.loc["moody", "undefined_share"] == problem["share"] > 0
    assert rows.loc["plugin", "undefined_share"] == 0
    assert results.failed


@pytest.mark.parametrize("mode", ["exact", "both", "monte_carlo"])
@pytest.mark.parametrize("size", [3, 2000])
def test_an_additive_estimator_that_raises_costs_its_own_exact_values_only(size: int, mode: str) -> None:
    @additive_estimator("entropy", reference_values=[], properties={Property.NONNEGATIVE})
    def moody(n, N, K):
        """Refuse every count.

        Formula: none
        Valid:   never
        Source:  this test
        """
        raise ZeroDivisionError("not today")

    scenario = scenario_of(
        truth={"uniform": 3}, model=None, estimators=["plugin", "moody"], sample_sizes=[size], replicates=100, mode=mode
    )
    results = run(scenario, backend="serial")
    problem = results.tables["problems"].set_index("estimator").loc["moody"]
    assert (problem["kind"], problem["replicates"]) == ("exception", 0 if mode == "exact" else 100)
    assert problem["message"].endswith("ZeroDivisionError: not today")
    rows = results.summary.set_index("estimator")
    assert math.isnan(rows.loc["moody", "exact_bias"])
    assert math.isfinite(rows.loc["plugin", "exact_bias"]) or mode == "monte_carlo"
    assert results.failed
    if mode == "exact":
        with pytest.raises(ValueError, match="moody: no exact value: ZeroDivisionError: not today"):
            exact_performance("entropy", estimator="moody", truth=[0.5, 0.5], sample_size=size)


def test_a_comparison_is_paired_and_says_when_nothing_separates_two(study: Study) -> None:
    results = study(estimators=["plugin", "miller_madow", "laplace"], sample_sizes=[10], replicates=50_000)
    table = results.tables["comparison"].set_index(["estimand", "estimator_a", "estimator_b"])
    row = table.loc[("entropy", "plugin", "miller_madow")]
    assert row["verdict"] == "smaller |bias|: miller_madow; smaller MSE: miller_madow"
    assert row["mse_difference_mcse"] == 0  # exact
    noisy = study(
        estimators=["plugin", "zhang", "jackknife", "grassberger_2003"],
        truth={"coin": [0.1, 0.3, 0.5]},
        sample_sizes=[3, 10, 30],
        replicates=60,
        mode="monte_carlo",
        model=None,
    ).tables["comparison"]
    close = noisy["mse_difference"].abs() <= 2 * noisy["mse_difference_mcse"]
    assert 0 < close.sum() < len(noisy)
    assert (noisy["verdict"].str.contains("smaller MSE: indistinguishable") == close).all()


def test_identical_estimators_share_their_rank(study: Study) -> None:
    rows = study(estimators=["jeffreys", {"additive": {"alpha": 0.5}}, "plugin"], model=None).summary
    ranks = rows.pivot_table(index="sample_size", columns="estimator", values="rank")
    assert (ranks["jeffreys"] == ranks["additive(alpha=0.5)"]).all()


def test_a_grid_is_every_combination_in_order() -> None:
    scenario = scenario_of(
        truth={"zipf": {"k": [3, 5], "s": [1, 2]}}, model=None, sample_sizes=[4, 6], estimators=["plugin"]
    )
    labels = [(c.truth.label, c.sample_size) for c in plan_of(scenario).conditions]
    assert labels[:3] == [("zipf(k=3, s=1)", 4), ("zipf(k=3, s=1)", 6), ("zipf(k=3, s=2)", 4)]
    assert len(labels) == 8
    assert len({c.address for c in plan_of(scenario).conditions}) == 8


def test_a_scenario_as_run_reads_back_as_itself() -> None:
    scenario = scenario_of(
        truth={"coin": ["1/3", 0.5]},
        estimators=["plugin", {"additive": {"alpha": "1/7"}}],
        model_sample_sizes=[3],
        checks=[{"estimand": "entropy", "measure": "bias", "below": 1}],
    )
    again, problems = read_scenario(scenario.as_written())
    assert not problems
    assert again == scenario.model_copy(update={"estimands": scenario.resolved_estimands()})


def _first_blocks(scenario: Scenario) -> Iterator[Block]:
    """The blocks of its first condition."""
    plan = plan_of(scenario)
    return plan.blocks(plan.conditions[0])


def test_memory_of_a_block_does_not_grow_with_the_replicates() -> None:
    few, many = (
        [(b.kind, b.replicates) for b in _first_blocks(s)]
        for s in (scenario_of(replicates=1000), scenario_of(replicates=10**12))
    )
    assert few == [("enumeration", 1000)]
    assert many == [("enumeration", 10**12)]
    wide = scenario_of(truth={"zipf": 1000}, model=None, replicates=10**6)
    assert max(b.replicates for b in _first_blocks(wide)) * 1000 <= 2**19
    result = run_block(next(_first_blocks(scenario_of(replicates=10**12))))
    assert result.simulated["entropy"].weight == 10**12


@pytest.mark.slow
def test_python_runs_a_file_a_name_or_a_scenario_and_writes_only_when_told(folder: Path) -> None:
    from mcdiv.files.yaml_text import write_text

    (folder / "mine.yaml").write_text(write_text(small()), encoding="utf-8")
    by_path = run("mine.yaml")
    assert by_path.folder is None
    assert [path.name for path in folder.iterdir()] == ["mine.yaml"]
    assert by_path.summary.equals(run(scenario_of()).summary)
    shipped = run("fair", settings=["plots=[]", "paths=0", "replicates=10"])
    assert set(shipped.summary["scenario"]) == {"fair"}


def test_a_missing_seed_is_drawn_and_recorded() -> None:
    first, second = run(scenario_of(seed=None)), run(scenario_of(seed=None))
    assert first.scenario.seed is not None
    assert first.scenario.seed != second.scenario.seed
    again = run(scenario_of(seed=first.scenario.seed))
    assert again.summary.equals(first.summary)


def test_results_are_one_short_line_and_some_rows_of_the_summary_in_a_notebook(study: Study) -> None:
    checks = [{"measure": "bias", "estimator": "plugin", "estimand": "entropy", "below": 1}]
    found = study(name="a-b", model=None, sample_sizes=list(range(2, 32)), mode="exact", checks=checks)
    assert repr(found) == "<mcdiv.Results of 'a-b': 60 rows, 1 of 1 checks met>"
    shown = found._repr_html_()
    assert shown.startswith(
        "<p><code>&lt;mcdiv.Results of &#x27;a-b&#x27;: 60 rows, 1 of 1 checks met&gt;</code></p>\n"
    )
    assert shown.count("<tr") == 12  # a header, five rows, dots, five rows
    one = study(estimators=["plugin"], model=None, sample_sizes=[2], mode="exact")
    assert repr(one) == "<mcdiv.Results of 'small': 1 row>"
