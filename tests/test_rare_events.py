"""What a Monte Carlo standard error rests on: rare events that were met, or missed, and shares of 0 and 1."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from scipy import stats
from small import small

from mcdiv.core.error_summaries import summary_of
from mcdiv.core.moments import moments_of
from mcdiv.core.performance import ERROR, FINITE, FOURTH, SQUARE, features_of
from mcdiv.core.rare_events import kurtosis, share_bound
from mcdiv.files.yaml_text import write_text
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import digest

Study = Callable[..., Results]
#: k3 of one draw: q/p − 1 − ln(q/p), which for the rare side of the coin is about 1/(2ε)
RARE_SIDE = {"model": {"coin": 0.5}, "sample_sizes": [1], "estimands": ["kl_divergence"], "estimators": ["k3"]}


@pytest.mark.parametrize("estimates", [[1.0, 2, 4, 8, 3], [0.3, 0.3, 0.3, 50.3], [-1e6, 1e6 + 3, 5]])
def test_the_kurtosis_of_errors_and_of_their_squares_is_that_of_their_definition(estimates: list[float]) -> None:
    features = features_of(np.array([[*estimates, np.inf, np.nan]]).T, 0.7)
    moments = moments_of(features, np.ones(len(features)))
    errors = np.array(estimates) - 0.7
    assert kurtosis(moments, FINITE, ERROR, SQUARE) == pytest.approx(stats.kurtosis(errors, fisher=False), rel=1e-6)
    squares = stats.kurtosis(errors**2, fisher=False)
    assert kurtosis(moments, FINITE, SQUARE, FOURTH) == pytest.approx(squares, rel=1e-6)


def test_an_event_of_one_replicate_is_one_event_and_normal_errors_rest_on_all_of_them() -> None:
    def found(estimates: np.ndarray) -> float:
        moments = moments_of(features_of(estimates[:, None], 0.0), np.ones(len(estimates)))
        return summary_of(moments, 0, 0.0, simulated=True).bias.events

    assert found(np.append(np.zeros(999), 1.0)) == pytest.approx(1, rel=0.01)
    quantiles = stats.norm.ppf((np.arange(10**5) + 0.5) / 10**5)
    assert found(quantiles) == pytest.approx(10**5 / 3, rel=0.01)


@pytest.mark.parametrize("replicates", [1, 7, 1000])
def test_a_share_of_0_or_1_is_bounded_by_clopper_and_pearson(replicates: int) -> None:
    for share, alternative, side in ((0, "less", "high"), (1, "greater", "low")):
        interval = stats.binomtest(share * replicates, replicates, alternative=alternative).proportion_ci(0.95)
        assert share_bound(share, replicates) == pytest.approx(getattr(interval, side), rel=1e-12)
    assert math.isnan(share_bound(0.5, replicates))


@pytest.mark.parametrize("epsilon", [1e-3, 1e-5])
def test_a_rare_event_too_few_is_not_trusted_whether_it_was_met_or_not(study: Study, epsilon: float) -> None:
    for seed in range(4):
        (row,) = study(truth={"coin": 1 - epsilon}, replicates=1000, seed=seed, **RARE_SIDE).rows
        assert "rmse" in row.rare_events
        assert not row.trusted("rmse")
        assert row.exact["rmse"] > 0.01


def test_enough_rare_events_are_trusted(study: Study) -> None:
    (row,) = study(truth={"coin": 0.9}, replicates=1000, **RARE_SIDE).rows
    assert row.trusted("bias")
    assert row.rare_events == []


def test_replicates_that_missed_what_makes_the_exact_sd_have_its_mcse(study: Study) -> None:
    truth = {"spike_and_slab": {"k": 1000, "spike": 0.999999}}
    (row,) = study(truth=truth, model=None, sample_sizes=[10], replicates=1000, estimators=["plugin"]).rows
    assert not row.constant
    assert row.simulated["bias"].mcse == pytest.approx(row.exact["sd"] / math.sqrt(1000), rel=1e-12)
    assert abs(row.z("bias")) < 5
    assert math.isnan(row.simulated["rmse"].mcse)


def test_estimates_that_all_agree_have_no_mcse_unless_they_are_known_to_be_constant(study: Study) -> None:
    truth = {"spike_and_slab": {"k": 1000, "spike": 0.999999}}
    changes = {"truth": truth, "model": None, "sample_sizes": [10], "replicates": 1000}
    (unknown,) = study(**changes, estimators=["chao_shen"]).rows
    assert math.isnan(unknown.reported("bias").mcse)
    assert unknown.rare_events
    certain = study(truth={"coin": 1}, model=None, estimators=["chao_shen"]).rows
    assert all(row.reported("bias").mcse == 0 and not row.rare_events for row in certain)


@pytest.mark.slow
def test_problems_say_which_mcse_rests_on_rare_events_and_the_report_and_the_screen_too(
    mcdiv_command: Command, folder: Path
) -> None:
    changes = {"truth": {"coin": 0.999}, "mode": "monte_carlo", "name": "rare", **RARE_SIDE}
    (folder / "rare.yaml").write_text(write_text(small(**changes)), encoding="utf-8")
    done = mcdiv_command("run", "rare.yaml")
    assert "1 row with MCSEs that rest on too few rare events" in done.stderr
    problems = pd.read_csv(folder / "results" / "rare" / "problems.csv")
    assert problems["kind"].tolist() == ["rare_events"]
    assert "ask for more replicates" in problems["message"][0]
    page = (folder / "results" / "rare" / "report.html").read_text(encoding="utf-8")
    assert "1 row with MCSEs that rest on too few rare events" in page


def test_the_digest_says_what_replicates_that_all_agree_and_shares_of_0_and_1_leave_open(study: Study) -> None:
    def told(**changes: object) -> str:
        results = study(**{"replicates": 1000, "estimands": ["kl_divergence"], **changes})
        return digest(results.rows, "nats").sentences[0]

    alike = told(**{**RARE_SIDE, "truth": {"coin": 1 - 1e-7}, "mode": "monte_carlo"})
    assert "1,000 replicates all agree, and show nothing of samples rarer than 0.3 %" in alike
    ten = {"truth": {"zipf": 10}, "model": {"uniform": 10}, "sample_sizes": [50], "estimators": ["plugin"]}
    never = told(**ten, model_sample_sizes=[300])
    assert "none of 1,000 estimates is infinite: with 95 % confidence, at most 0.3 % are" in never
    always = told(**ten, model_sample_sizes=[1])
    assert "gave no finite estimate of KL(P‖Q) in 1,000 replicates" in always
    assert "95 %" not in told(model={"coin": 0.6}, estimators=["plugin"]), "the exact share is known"


def test_an_exact_error_is_not_ranked_behind_a_simulated_one_that_missed_what_makes_it(study: Study) -> None:
    truth = {"spike_and_slab": {"k": 1000, "spike": 0.999999}}
    results = study(truth=truth, model=None, sample_sizes=[10], replicates=1000, estimators=["plugin", "chao_shen"])
    assert [row.rank for row in results.rows] == [1, 1]
    told = digest(results.rows, "nats").sentences[0]
    exact = results.rows[0].exact["bias"]
    assert f"by {-exact:.6g} nats".replace("-", "−") in told
