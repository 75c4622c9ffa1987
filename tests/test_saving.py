"""Raw outcomes on request: few rows, the same outcomes as the study's, bounded in size."""

import json
import sys
from fractions import Fraction
from hashlib import sha256
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.engine import saving
from mcdiv.engine.plan import plan_of
from mcdiv.engine.replay import replay
from mcdiv.engine.saving import saving_problems
from mcdiv.files.yaml_text import write_text


@pytest.fixture
def saved(mcdiv_command: Command, folder: Path) -> Any:
    """Run a scenario that saves its outcomes, and read them."""

    def run(*arguments: str, **changes: Any) -> pd.DataFrame:
        values = small(**{"save": "outcomes", **changes})
        (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
        mcdiv_command("run", "s.yaml", "-q", *arguments)
        return pd.read_csv(folder / "results" / "small" / "outcomes.csv")

    return run


@pytest.mark.slow
def test_a_coin_with_a_thousand_million_replicates_needs_hundreds_of_rows(saved: Any, folder: Path) -> None:
    table = saved(sample_sizes=[500], replicates=10**9)
    assert 100 < len(table) < 600
    assert list(table.columns) == ["scenario", "condition", "count_0", "count_1", "weight", "probability"]
    assert table["weight"].sum() == 10**9
    assert (table["count_0"] + table["count_1"] == 500).all()
    exact = [float(Fraction(comb(500, heads), 2**500)) for heads in table["count_0"]]
    assert table["probability"].to_numpy() == pytest.approx(exact, rel=1e-12)
    z = (table["weight"] - 1e9 * table["probability"]) / np.sqrt(1e9 * table["probability"])
    assert z[table["probability"] > 1e-6].abs().max() < 5


@pytest.mark.slow
def test_they_are_in_the_manifest_and_written_without_holding_them(saved: Any, folder: Path) -> None:
    table = saved()
    manifest = json.loads((folder / "results" / "small" / "manifest.json").read_text(encoding="utf-8"))
    content = (folder / "results" / "small" / "outcomes.csv").read_bytes()
    assert manifest["files"]["outcomes.csv"] == {
        "sha256": sha256(content).hexdigest(),
        "bytes": len(content),
        "rows": len(table),
    }
    assert not list((folder / "results" / "small").glob(".*"))


@pytest.mark.slow
def test_the_means_of_the_outcomes_are_those_of_the_study(saved: Any, folder: Path) -> None:
    table = saved(model=None)
    summary = pd.read_csv(folder / "results" / "small" / "summary.csv").set_index(["condition", "estimator"])
    for number, outcomes in table.groupby("condition"):
        values = mcdiv.estimate("entropy", outcomes[["count_0", "count_1"]], estimator="plugin")
        mean = np.average(values, weights=outcomes["weight"])
        assert mean == pytest.approx(summary.loc[(number, "plugin"), "mean"], rel=1e-12)


REGIMES: dict[str, dict[str, Any]] = {
    "listed": {"truth": {"uniform": 3}, "model": None, "sample_sizes": [4]},
    "both sampled": {"sample_sizes": [3], "model_sample_sizes": [2]},
    "draws": {"truth": {"zipf": 20}, "model": {"uniform": 20}, "sample_sizes": [40]},
    "many categories": {"truth": {"zipf": 100}, "model": {"uniform": 100}, "sample_sizes": [4], "replicates": 6000},
    "both drawn": {"truth": {"zipf": 40}, "model": {"uniform": 40}, "sample_sizes": [9], "model_sample_sizes": [5]},
    "fingerprints": {"truth": {"uniform": 3000}, "model": None, "sample_sizes": [5], "replicates": 400},
}


def text_of(counts: Any) -> str:
    return " ".join(f"{k}:{n}" for k, n in enumerate(counts) if n)


@pytest.mark.slow
@pytest.mark.parametrize("changes", quick(3, list(REGIMES.values())), ids=REGIMES)
def test_every_replicate_is_among_the_outcomes_as_often_as_it_was_met(saved: Any, changes: dict[str, Any]) -> None:
    changes = {"replicates": 200, "estimators": ["plugin"], "mode": "monte_carlo", **changes}
    table = saved(**changes)
    scenario = scenario_of(**changes)
    plan = plan_of(scenario)
    (condition,) = plan.conditions
    met: dict[tuple[str, str], int] = {}
    # A replicate of each number is drawn again; of many only some, so that theirs are at least so many.
    numbers = range(0, scenario.replicates, max(1, scenario.replicates // 300))
    for number in numbers:
        one = replay(plan, 1, number)
        key = text_of(one.counts), "" if one.counts_q is None else text_of(one.counts_q)
        met[key] = met.get(key, 0) + 1
    found = {}
    for record in table.to_dict("records"):
        parts = []
        for what in ("count", "model_count"):
            columns = [f"{what}_{k}" for k in range(len(condition.truth.pmf()))]
            parts.append(text_of(record[c] for c in columns) if columns[0] in record else record.get(f"{what}s", ""))
        assert tuple(parts) not in found
        found[tuple(parts)] = record["weight"]
    assert sum(found.values()) == scenario.replicates
    if len(numbers) == scenario.replicates:
        assert found == met
    else:
        assert all(found[key] >= times for key, times in met.items())


def test_exact_studies_list_every_outcome_with_its_probability_and_no_weight(saved: Any) -> None:
    table = saved(mode="exact", truth={"uniform": 3}, model=None, sample_sizes=[4])
    assert len(table) == comb(6, 2)
    assert table["weight"].isna().all()
    assert table["probability"].sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.slow
def test_of_conditions_that_differ_in_size_the_smaller_have_empty_cells(saved: Any) -> None:
    table = saved(truth={"uniform": [2, 4]}, model=None, sample_sizes=[3])
    assert list(table.columns[2:6]) == ["count_0", "count_1", "count_2", "count_3"]
    assert table[table["condition"] == 1][["count_2", "count_3"]].isna().all().all()
    assert table[table["condition"] == 2].notna().all().all()


@pytest.mark.slow
def test_backends_and_workers_write_the_same_bytes(saved: Any, folder: Path) -> None:
    changes = {"truth": {"zipf": 100}, "model": {"uniform": 100}, "sample_sizes": [4, 30], "replicates": 11_000}
    written = []
    for arguments in (["--workers", "1"], ["--workers", "3"], ["--backend", "processes", "--workers", "2"]):
        saved(*arguments, **changes)
        written.append((folder / "results" / "small" / "outcomes.csv").read_bytes())
    assert written[0] == written[1] == written[2]


@pytest.mark.slow
def test_nothing_is_saved_unasked(mcdiv_command: Command, folder: Path) -> None:
    (folder / "s.yaml").write_text(write_text(small()), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    assert not (folder / "results" / "small" / "outcomes.csv").exists()
    assert "save" not in scenario_of().as_written()


@pytest.mark.parametrize("written", ["outcomes", ["outcomes"], {"outcomes": "csv"}, {"outcomes": "parquet"}])
def test_what_is_to_be_saved_reads_back(written: Any) -> None:
    scenario = scenario_of(save=written)
    assert scenario_of(save=scenario.as_written()["save"]).save == scenario.save


def test_parquet_without_pyarrow_is_one_line_before_anything_runs(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (folder / "s.yaml").write_text(write_text(small(save={"outcomes": "parquet"})), encoding="utf-8")
    told = mcdiv_command("run", "s.yaml", code=2).stderr
    assert told.endswith(
        "save.outcomes: parquet needs pyarrow: pip install 'mcdiv[parquet]', or write CSV with 'save: outcomes'\n"
    )
    assert not (folder / "results").exists()


@pytest.mark.slow  # of estimates, in test_saved_estimates.py, it is quick
def test_parquet_holds_the_same_rows(saved: Any, mcdiv_command: Command, folder: Path) -> None:
    pytest.importorskip("pyarrow")
    for changes in (REGIMES["both sampled"], REGIMES["many categories"]):
        table = saved(**changes)
        mcdiv_command("run", "s.yaml", "-q", "-o", "other", "--set", "save={outcomes: parquet}")
        other = pd.read_parquet(folder / "other" / "small" / "outcomes.parquet")
        assert list(other.columns) == list(table.columns)
        for column in table.columns:
            assert other[column].fillna(-1).tolist() == table[column].fillna(-1).tolist()


def test_more_than_a_file_should_hold_is_refused_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    large = scenario_of(
        save="outcomes", truth={"zipf": 1000}, model={"uniform": 1000}, sample_sizes=[500], replicates=10**8
    )
    (problem,) = saving_problems(plan_of(large))
    assert problem.text() == (
        "save: up to 50,000,000,000 counts would be written, more than 1,000,000,000; use fewer replicates, "
        "or leave out 'save'"
    )
    monkeypatch.setattr(saving, "MAX_NUMBERS", 10)
    assert saving_problems(plan_of(scenario_of(save="outcomes")))
    assert not saving_problems(plan_of(scenario_of()))
