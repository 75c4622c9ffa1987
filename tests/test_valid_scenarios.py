"""No valid scenario ends in a traceback, a warning or an empty picture, and what fails all the same costs no table."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from small import small
from valid_scenarios import run_whole, valid_scenario

from mcdiv import reporting
from mcdiv.edges.plots import PLOTS
from mcdiv.edges.scenario_file import write_text

UNBIASED = {"estimands": ["kl_divergence"], "estimators": ["k1", "k3"]}
ONE_INFINITE = {"model": {"coin": [0.5, 1]}, "estimators": ["plugin"], "sample_sizes": [10]}


@pytest.mark.parametrize(
    "changes, drawn",
    [
        (UNBIASED, {"bias", "rmse", "estimators", "distribution", "agreement"}),
        ({"estimands": ["cross_entropy"], "estimators": ["plugin"]}, {"bias", "rmse", "distribution", "agreement"}),
        (ONE_INFINITE, {"bias", "bias_log", "rmse", "rate", "distribution", "agreement"}),
    ],
    ids=["every-estimator-is-unbiased", "the-only-one-is-unbiased", "one-setting-has-nothing-finite"],
)
def test_a_study_of_which_some_has_nothing_to_draw_has_its_other_pictures(
    tmp_path: Path, changes: dict[str, Any], drawn: set[str]
) -> None:
    values = small(**changes, plots=[name for name in PLOTS if name not in ("convergence", "decomposition")])
    assert run_whole(values, tmp_path) == drawn


@pytest.mark.parametrize("number", range(40))
def test_a_random_valid_scenario_runs_from_its_file_to_its_page(tmp_path: Path, number: int) -> None:
    run_whole(valid_scenario(random.Random(f"0 {number}")), tmp_path, twice=number % 5 == 0)


def _failing(*_: object, **__: object) -> Any:
    raise ValueError("no such\x1b luck\nat all")


NOT_MADE = "not made (ValueError: no such\\x1b luck\\nat all); the tables are complete"


def test_a_picture_that_fails_costs_one_line_and_neither_tables_nor_other_pictures(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "small.yaml").write_text(write_text(small(plots=["bias", "rmse"])), encoding="utf-8")
    monkeypatch.setitem(PLOTS._entries, "bias", replace(PLOTS["bias"], draw=_failing))
    done = mcdiv_command("run", "small.yaml", "-q", code=1)
    assert done.stderr == f"plots/bias: {NOT_MADE}\n"
    results = folder / "results" / "small"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    assert {"summary.csv", "report.html", "plots/rmse.svg", "plots/rmse.png"} <= set(manifest["files"])
    page = (results / "report.html").read_bytes()
    assert "plots/bias: not made" in page.decode()
    mcdiv_command("report", "results/small")
    assert (results / "report.html").read_bytes() == page


def test_a_report_that_fails_costs_one_line_and_no_table(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "small.yaml").write_text(write_text(small()), encoding="utf-8")
    monkeypatch.setattr(reporting, "page", _failing)
    done = mcdiv_command("run", "small.yaml", code=1)
    assert f"report.html: {NOT_MADE}\n" in done.stderr
    assert "wrote results/small/: summary.csv and the other tables, scenario.yaml, …\n" in done.stdout
    assert (folder / "results" / "small" / "summary.csv").exists()
