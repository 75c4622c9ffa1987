"""Estimates on request, replicate by replicate, with standard errors and intervals: what rsimsum reads."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.engine import saving
from mcdiv.engine.plan import plan_of
from mcdiv.engine.replay import replay
from mcdiv.engine.saving import saving_problems
from mcdiv.files.yaml_text import write_text
from mcdiv.scenario.model import read_scenario

Saved = Callable[..., pd.DataFrame]
COIN = {"truth": {"coin": 0.7}, "model": None, "sample_sizes": [20], "estimands": ["entropy"], "intervals": ["delta"]}
LISTED = {"truth": {"zipf": 3}, "model": {"zipf": {"k": 3, "s": 2}}, "sample_sizes": [4, 6], "replicates": 500}
DRAWN = {"truth": {"zipf": 50}, "model": {"zipf": {"k": 50, "s": 2}}, "sample_sizes": [20], "replicates": 300}
LEVELS = {"truth": {"uniform": 1000}, "model": None, "sample_sizes": [50], "replicates": 40}


@pytest.fixture
def saved(mcdiv_command: Command, folder: Path) -> Saved:
    """Run a scenario that saves its estimates, and read them."""

    def run(*arguments: str, **changes: Any) -> pd.DataFrame:
        (folder / "s.yaml").write_text(write_text(small(**{"save": "estimates", **changes})), encoding="utf-8")
        mcdiv_command("run", "s.yaml", "-q", *arguments)
        return pd.read_csv(folder / "results" / "small" / "estimates.csv")

    return run


@pytest.mark.slow
def test_a_row_has_place_estimate_standard_error_and_interval(saved: Saved) -> None:
    table = saved(**COIN)
    assert list(table.columns) == [
        *["scenario", "condition", "truth", "model", "categories", "sample_size", "model_sample_size"],
        *["estimand", "estimator", "interval", "level", "unit", "true_value"],
        *["replicate", "weight", "probability", "estimate", "se", "low", "high", "truth_family", "truth_p"],
    ]
    for _, group in table.groupby("estimator"):
        assert group["weight"].sum() == 1000
        # Replicates are numbered outcome by outcome: the first of the next follows the last of this one.
        assert group["replicate"].tolist() == [0, *group["weight"].cumsum().tolist()[:-1]]
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()


@pytest.mark.slow
def test_all_outcomes_with_their_probabilities_give_the_known_measures(saved: Saved) -> None:
    # By all 21 outcomes of 20 tosses with p = 0.7, the plug-in entropy and its delta interval.
    table = saved(**COIN, mode="exact")
    assert table["weight"].isna().all()
    assert table["replicate"].isna().all()
    plugin = table[table["estimator"] == "plugin"]
    weight = plugin["probability"].to_numpy()
    assert len(plugin) == 21
    assert weight.sum() == pytest.approx(1, rel=1e-12)
    mean = weight @ plugin["estimate"]
    assert mean - 0.6108643020548935 == pytest.approx(-0.025916594142936122, rel=1e-10)
    assert math.sqrt(weight @ (plugin["estimate"] - mean) ** 2) == pytest.approx(0.0946547389753772, rel=1e-10)
    assert math.sqrt(weight @ plugin["se"] ** 2) == pytest.approx(0.0926677626930318, rel=1e-10)
    covered = (plugin["low"] <= 0.6108643020548935) & (plugin["high"] >= 0.6108643020548935)
    assert weight @ covered == pytest.approx(0.8841694372219082, rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [LISTED, DRAWN], ids=["listed", "drawn"])
def test_the_rows_give_the_measures_that_the_run_reports(saved: Saved, folder: Path, changes: dict[str, Any]) -> None:
    table = saved(**changes, intervals=["delta"], units="bits")
    keys = ["condition", "estimand", "estimator"]
    summary = pd.read_csv(folder / "results" / "small" / "summary.csv").set_index(keys)
    intervals = pd.read_csv(folder / "results" / "small" / "intervals.csv").set_index(keys)
    for key, rows in table.groupby(keys):
        each = rows.loc[rows.index.repeat(rows["weight"])]
        found = summary.loc[key]
        assert len(each) == found["replicates"]
        assert each["true_value"].iloc[0] == pytest.approx(found["true_value"], rel=1e-14)
        assert each["estimate"].mean() - found["true_value"] == pytest.approx(found["bias"], rel=1e-9, abs=1e-12)
        assert each["estimate"].std(ddof=1) == pytest.approx(found["sd"], rel=1e-9, abs=1e-12)
        if key in intervals.index:
            around = intervals.loc[key]
            assert np.sqrt((each["se"] ** 2).mean()) == pytest.approx(around["modse"], rel=1e-9, abs=1e-12)
            covered = (each["low"] <= each["true_value"]) & (each["true_value"] <= each["high"])
            assert covered.mean() == pytest.approx(around["coverage"], abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [LISTED, DRAWN, LEVELS], ids=["listed", "drawn", "drawn in levels"])
def test_a_replicate_has_the_estimate_that_replay_shows(saved: Saved, changes: dict[str, Any]) -> None:
    table = saved(**changes)
    scenario, _ = read_scenario(small(**changes))
    assert scenario is not None
    plan = plan_of(scenario)
    last = table[table["condition"] == table["condition"].max()]
    for number in last["replicate"].drop_duplicates().sample(3, random_state=1):
        again = replay(plan, int(last["condition"].iloc[0]), int(number))
        rows = last[last["replicate"] == number].set_index(["estimand", "estimator"])["estimate"]
        for attempt in again.attempts:
            assert rows[attempt.task.estimand, attempt.task.label] == pytest.approx(attempt.value, rel=1e-12)


@pytest.mark.slow
def test_each_interval_of_an_estimator_has_a_row_and_an_estimator_without_one_has_empty_cells(saved: Saved) -> None:
    # Cross-entropy of a sample has no jackknife interval around miller_madow, which does not estimate it.
    table = saved(intervals=["delta", "jackknife"], sample_sizes=[5], replicates=20, estimators=["plugin"])
    entropy = table[(table["estimand"] == "entropy") & (table["replicate"] == 0)]
    assert entropy["interval"].tolist() == ["delta", "jackknife"]
    assert entropy["estimate"].nunique() == 1
    bare = saved(sample_sizes=[5], replicates=20)
    assert bare[["interval", "level", "se", "low", "high"]].isna().all().all()
    assert bare["estimate"].notna().all()


@pytest.mark.slow
def test_an_estimate_that_is_infinite_says_so_and_one_that_is_undefined_is_empty(saved: Saved) -> None:
    changes = {"truth": {"uniform": 3}, "model": {"uniform": 3}, "model_sample_sizes": [3], "sample_sizes": [3]}
    table = saved(**changes, estimands=["kl_divergence"], estimators=["plugin"], replicates=200)
    assert np.isinf(table["estimate"]).any()
    single = saved(truth={"coin": 0.5}, model=None, sample_sizes=[1], estimands=["entropy"], estimators=["chao_shen"])
    undefined = mcdiv.estimate("entropy", [1, 0], estimator="chao_shen")
    assert single["estimate"].isna().all() == bool(np.isnan(undefined))


@pytest.mark.slow
def test_backends_and_workers_write_the_same_estimates(saved: Saved, folder: Path) -> None:
    written = []
    for arguments in (["--workers", "1"], ["--workers", "3"], ["--backend", "processes", "--workers", "2"]):
        saved(*arguments, **{**DRAWN, "replicates": 11_000}, intervals=["delta"])
        written.append((folder / "results" / "small" / "estimates.csv").read_bytes())
    assert written[0] == written[1] == written[2]


def test_parquet_holds_the_same_estimates(saved: Saved, mcdiv_command: Command, folder: Path) -> None:
    pytest.importorskip("pyarrow")
    table = saved(**LISTED, intervals=["delta"])
    mcdiv_command("run", "s.yaml", "-q", "-o", "other", "--set", "save={estimates: parquet}")
    other = pd.read_parquet(folder / "other" / "small" / "estimates.parquet")
    assert list(other.columns) == list(table.columns)
    for column in table.columns:
        assert other[column].fillna(-1).tolist() == table[column].fillna(-1).tolist()


@pytest.mark.slow
def test_the_report_is_written_anew_beside_them(saved: Saved, mcdiv_command: Command, folder: Path) -> None:
    saved(**COIN, **{"save": ["outcomes", "estimates"]})
    before = (folder / "results" / "small" / "report.html").read_bytes()
    mcdiv_command("report", "results/small")
    assert (folder / "results" / "small" / "report.html").read_bytes() == before
    assert (folder / "results" / "small" / "outcomes.csv").exists()


def test_more_rows_than_a_file_should_hold_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"save": "estimates", "truth": {"zipf": 1000}, "model": None, "sample_sizes": [500], "replicates": 10**8}
    (problem,) = saving_problems(plan_of(scenario_of(**changes, estimands=["entropy"], estimators=["plugin"])))
    assert problem.text() == (
        "save: up to 100,000,000 rows of estimates would be written, more than 20,000,000; use fewer replicates, "
        "estimators or intervals, or leave out 'save: estimates'"
    )
    monkeypatch.setattr(saving, "MAX_ROWS", 43)
    # 21 outcomes, two estimators and one interval around each.
    assert not saving_problems(plan_of(scenario_of(**COIN, save="estimates")))
    monkeypatch.setattr(saving, "MAX_ROWS", 41)
    assert saving_problems(plan_of(scenario_of(**COIN, save="estimates")))
    assert not saving_problems(plan_of(scenario_of(**COIN, save="outcomes")))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("estimates", {"estimates": "csv"}),
        ({"estimates": "parquet"}, {"estimates": "parquet"}),
        (["outcomes", "estimates"], {"outcomes": "csv", "estimates": "csv"}),
        ({"outcomes": "parquet", "estimates": "csv"}, {"outcomes": "parquet", "estimates": "csv"}),
        (["estimates", {"outcomes": "parquet"}], {"outcomes": "parquet", "estimates": "csv"}),
    ],
)
def test_what_is_to_be_kept_is_said_in_a_word_a_list_or_a_mapping(written: Any, kept: dict[str, str]) -> None:
    scenario = scenario_of(save=written)
    assert dict(scenario.save) == kept
    assert scenario_of(save=scenario.as_written()["save"]).save == scenario.save


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "save: expected outcomes, estimates, a list of both or {outcomes: parquet}, got []"),
        (["estimates", "estimates"], "save[1]: estimates is given twice"),
        ({"estimate": "csv"}, "save.estimate: unknown key 'estimate'; did you mean 'estimates'?"),
        ({"estimates": "xlsx"}, "save.estimates: expected csv or parquet, got 'xlsx'"),
    ],
)
def test_what_cannot_be_kept_is_one_line(written: Any, said: str) -> None:
    _, problems = read_scenario(small(save=written))
    assert [problem.text() for problem in problems] == [said]
