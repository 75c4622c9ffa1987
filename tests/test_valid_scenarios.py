"""No valid scenario ends in a traceback, a warning or an empty picture."""

import random
from pathlib import Path
from typing import Any

import pytest
from small import small
from valid_scenarios import run_whole, valid_scenario

from mcdiv.edges.plots import PLOTS

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
