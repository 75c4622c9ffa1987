"""What tested estimates look like if P = Q: the table and the picture of a scenario with `test`."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from scipy import stats
from small import scenario_of

from mcdiv.files.yaml_text import write_text
from mcdiv.results.csv_tables import read_table, to_csv
from mcdiv.results.plots import PLOTS, style
from mcdiv.results.study_results import Results

Study = Callable[..., Results]
FLIPS = {"truth": {"coin": [0.5, 0.7]}, "model": {"coin": 0.5}, "sample_sizes": [20], "estimators": ["plugin"]}
SHARES = ["null_probability", "null_rejected", "probability", "rejected"]
FLIPS |= {"estimands": ["kl_divergence"], "test": {"null": "model"}}


def laws(study: Study, **changes: Any) -> pd.DataFrame:
    return study(**{**FLIPS, "mode": "exact", **changes}).tables["null_law"]


@pytest.mark.parametrize("mode", ["exact", "both", "monte_carlo"])
def test_what_is_rejected_adds_up_to_the_binomial_sums(study: Study, mode: str) -> None:
    # Reject where 2N KL > χ²₀.₉₅(1), N = 20: sums of binomial probabilities, made by another program.
    sums = laws(study, mode=mode).groupby("truth")[SHARES].sum()
    assert sums["null_probability"].to_numpy() == pytest.approx(1, rel=1e-12)
    assert sums["null_rejected"].to_numpy() == pytest.approx(0.04138946533203125, rel=1e-12)
    assert sums["rejected"].to_numpy() == pytest.approx([0.04138946533203125, 0.41641376946943437], rel=1e-12)


def test_each_estimate_of_few_draws_has_its_binomial_probability(study: Study) -> None:
    table = laws(study, sample_sizes=[4], units="bits")
    fair, biased = (table[table["truth"] == f"coin(p={p})"] for p in (0.5, 0.7))
    assert fair["low"].to_numpy() == pytest.approx(
        [0, 1 + 0.25 * math.log2(0.25) + 0.75 * math.log2(0.75), 1], rel=1e-12
    )
    assert fair["null_probability"].to_numpy() == pytest.approx([6 / 16, 8 / 16, 2 / 16], rel=1e-12)
    wanted = [6 * 0.21**2, 4 * 0.21 * (0.7**2 + 0.3**2), 0.7**4 + 0.3**4]
    assert biased["probability"].to_numpy() == pytest.approx(wanted, rel=1e-12)
    assert biased["null_probability"].to_numpy() == pytest.approx([6 / 16, 8 / 16, 2 / 16], rel=1e-12)
    assert set(table["unit"]) == {"bits"}
    assert not table["null_rejected"].iloc[0]
    assert (table["high"] == table["low"]).all()


@pytest.mark.parametrize(("estimand", "scale"), [("kl_divergence", 2), ("js_divergence", 8), ("chi_squared", 1)])
def test_the_critical_value_and_the_bins_by_chi_squared_are_scipy_s(study: Study, estimand: str, scale: float) -> None:
    table = laws(study, estimands=[estimand], sample_sizes=[300])
    law = stats.chi2(1)
    assert table["critical_value"].to_numpy() == pytest.approx(law.isf(0.05) / (scale * 300), rel=1e-12)
    wanted = law.cdf(scale * 300 * table["high"]) - law.cdf(scale * 300 * table["low"])
    assert table["chi_squared"].to_numpy() == pytest.approx(
        wanted.to_numpy() if hasattr(wanted, "to_numpy") else wanted, abs=1e-12
    )
    split = table[(table["null_rejected"] > 0) & (table["null_rejected"] < table["null_probability"])]
    assert (split["low"] <= split["critical_value"]).all()
    assert (split["critical_value"] < split["high"]).all()


def test_by_the_exact_law_the_critical_value_is_an_estimate_and_the_size_at_most_the_level(study: Study) -> None:
    table = laws(study, estimands=["total_variation"], test={"null": "model", "law": "exact", "level": 0.1})
    # |heads/20 − 1/2| > 0.2: P(X ≤ 5 or X ≥ 15) = 0.0414; with 0.15 it would be 0.115.
    assert table["critical_value"].to_numpy() == pytest.approx(0.2, rel=1e-12)
    size = table.groupby("truth")["null_rejected"].sum()
    assert size.to_numpy() == pytest.approx(2 * stats.binom.cdf(5, 20, 0.5), rel=1e-12)
    assert table["chi_squared"].isna().all()


@pytest.mark.slow
def test_where_outcomes_are_too_many_the_shares_are_of_replicates_and_near_the_measured_ones(study: Study) -> None:
    pmfs = {"truth": [{"uniform": {"k": 20}}, {"zipf": {"k": 20, "s": 0.5}}], "model": {"uniform": {"k": 20}}}
    results = study(**{**FLIPS, **pmfs, "sample_sizes": [60], "replicates": 20_000})
    sums = (
        results.tables["null_law"]
        .groupby("condition")[["null_probability", "null_rejected", "probability", "rejected"]]
        .sum()
    )
    first = results.tables["null_law"].groupby("condition")[["null_replicates", "replicates"]].first()
    assert sums[["null_probability", "probability"]].to_numpy() == pytest.approx(1, rel=1e-12)
    assert (first > 0).all(axis=None)
    for number, measure, columns in ((1, "type_i_error", ("rejected", "null_rejected")), (2, "power", ("rejected",))):
        share = results.rows[number - 1].value(measure)
        for column in columns:
            replicates = int(first.loc[number, "replicates"])
            mcse = math.sqrt(share * (1 - share) * (1 / replicates + 1 / 20_000))
            assert abs(sums.loc[number, column] - share) <= 5 * mcse


@pytest.mark.slow
def test_a_study_that_cannot_list_and_does_not_draw_has_no_law_there(study: Study) -> None:
    pmfs = {"truth": {"uniform": {"k": 20}}, "model": {"uniform": {"k": 20}}}
    table = laws(study, **pmfs, sample_sizes=[5, 60], estimators=["plugin", "miller_madow"])
    assert set(table["sample_size"]) <= {5}
    assert set(table["estimator"]) <= {"plugin"}


def test_an_infinite_estimate_is_a_bin_of_its_own_and_rejected(study: Study) -> None:
    table = laws(study, truth={"coin": [0.5, 0.7]}, model={"coin": 1.0}, sample_sizes=[3])
    infinite = table[np.isinf(table["high"])]
    assert infinite["probability"].to_numpy() == pytest.approx([7 / 8, 1 - 0.7**3], rel=1e-12)
    assert infinite["rejected"].to_numpy() == pytest.approx([7 / 8, 1 - 0.7**3], rel=1e-12)
    assert not infinite["null_probability"].any()


def test_only_a_study_with_a_test_has_the_table(study: Study) -> None:
    tables = study(**{key: value for key, value in FLIPS.items() if key != "test"}).tables
    assert "null_law" not in tables
    assert PLOTS["null_law"].data(tables).empty


@pytest.mark.slow
def test_the_picture_shows_three_sizes_and_says_how_often_the_test_rejects(study: Study) -> None:
    tables = study(**{**FLIPS, "sample_sizes": [10, 20, 40, 200, 300], "mode": "exact"}).tables
    rows = PLOTS["null_law"].data(tables)
    assert sorted(set(rows["sample_size"])) == [10, 40, 300]
    with style():
        figure = PLOTS["null_law"].draw(rows)
    titles = [axes.get_title().replace("\n", " ").replace("\u00a0", " ") for axes in figure.axes]
    assert titles[0] == "P = coin(p=0.5); N = 10; rejects in 11 % if P = Q"
    assert titles[3] == "P = coin(p=0.7); N = 10; rejects in 11 % if P = Q, in 38 % as P is"
    assert "3 of 5 sample sizes N shown" in figure.get_suptitle()


@pytest.mark.slow
def test_a_run_writes_the_table_and_the_picture_and_the_report_has_it(folder: Path, mcdiv_command: Command) -> None:
    study = scenario_of(**FLIPS, replicates=1000, plots=["null_law"])
    (folder / "small.yaml").write_text(write_text(study.as_written()), encoding="utf-8")
    mcdiv_command("run", "small.yaml")
    text = (folder / "results" / "small" / "null_law.csv").read_text(encoding="utf-8")
    assert to_csv(read_table(text)) == text
    assert (folder / "results" / "small" / "plots" / "null_law.svg").exists()
    page = (folder / "results" / "small" / "report.html").read_text(encoding="utf-8")
    assert "Null law" in page
    assert "What estimates look like if P = Q" in page
