"""`mcdiv threshold`: files with many features, what it prints, and its picture."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command

import mcdiv
from mcdiv.core.number_format import rounded_up
from mcdiv.observed.null_comparison import corrected
from mcdiv.results.drift_picture import MAX_FEATURES, rows_of

#: three features with four bins; the last one moved
COUNTS = """feature,bin,before,now
age,a,12,7
age,b,9,6
age,c,9,7
size,a,10,5
size,b,20,10
size,c,0,0
color,a,14,1
color,b,14,3
color,c,2,16
"""
OPTIONS = ["counts.csv", "--by", "feature", "--column", "bin", "--weights", "before", "--weights", "now", "-q"]


@pytest.fixture
def counts(folder: Path) -> Path:
    (folder / "counts.csv").write_text(COUNTS, encoding="utf-8")
    return folder


def test_two_columns_of_one_file_are_the_reference_and_the_check_of_every_feature(counts: Path) -> None:
    found = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"], statistic="js")
    assert [each.feature for each in found.features] == ["age", "size", "color"]
    for each, reference, now in zip(found.features, ([12, 9, 9], [10, 20], [14, 14, 2]), (20, 15, 20), strict=True):
        assert each.threshold == mcdiv.threshold(reference, n=now, statistic="js", at=())
        assert each.alarm is (each.observed is not None and each.observed > each.threshold.value)
    age, size, color = found.features
    assert size.observed == 0
    assert size.p_value == 1
    assert color.alarm
    assert not age.alarm
    assert color.p_value is not None
    assert color.p_value <= 0.05
    assert repr(found) == "<mcdiv.Thresholds of 3 features, 1 alarm>"


def test_the_p_value_is_the_probability_of_the_observed_value_or_more_without_drift(counts: Path) -> None:
    found = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"], known=True)
    size = {each.feature: each for each in found.features}["size"]
    # Binomial(15, 1/3): 5 draws agree exactly, and all outcomes are at least as far.
    assert size.p_value == 1
    color = {each.feature: each for each in found.features}["color"]
    assert color.observed is not None
    shares, reference = np.array([1, 3, 16]) / 20, np.array([14, 14, 2]) / 30
    assert color.observed == pytest.approx(float(((shares - reference) * np.log(shares / reference)).sum()), rel=1e-12)
    assert color.p_value == pytest.approx(
        mcdiv.alarm_probability([14, 14, 2], n=20, known=True, at=color.observed), rel=1e-12
    )


def test_a_simulated_p_value_is_never_0_and_agrees_with_the_exact_one(
    counts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"by": "feature", "column": "bin", "weights": ["before", "now"], "statistic": "js"}
    exact = mcdiv.thresholds("counts.csv", **given)
    monkeypatch.setattr("mcdiv.significance.thresholds.computed_law", lambda design: None)
    simulated = mcdiv.thresholds("counts.csv", **given, replicates=20_000)
    for one, other in zip(exact.features, simulated.features, strict=True):
        assert one.p_value is not None
        assert other.p_value is not None
        assert other.p_value_mcse is not None
        assert 0 < other.p_value <= 1
        # One replicate more moves it by up to 2/R.
        assert abs(one.p_value - other.p_value) <= 5 * other.p_value_mcse + 2 / 20_000


def test_a_second_file_holds_the_current_counts(counts: Path, mcdiv_command: Command) -> None:
    table = pd.read_csv("counts.csv")
    for name in ("before", "now"):
        table[["feature", "bin", name]].rename(columns={name: "n"}).to_csv(f"{name}.csv", index=False)
    both = mcdiv.thresholds("before.csv", "now.csv", by="feature", column="bin", weights="n")
    one = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"])
    assert both == one
    printed = mcdiv_command("threshold", "before.csv", "now.csv", "--by", "feature", "-q", "--json").stdout
    assert [each["alarm"] for each in json.loads(printed)] == [each.alarm for each in one.features]


@pytest.mark.slow
def test_the_command_writes_what_python_says(counts: Path, mcdiv_command: Command) -> None:
    printed = mcdiv_command("threshold", *OPTIONS, "--statistic", "js", "-o", "t.csv", "--plot", "drift.png").stdout
    found = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"], statistic="js")
    assert "1 of 3 features is above the threshold: color." in printed
    assert "wrote t.csv" in printed
    assert "wrote drift.png" in printed
    table = pd.read_csv("t.csv")
    assert list(table) == list(found.table)
    assert table["threshold"].to_numpy() == pytest.approx(found.table["threshold"].to_numpy(), rel=1e-15)
    assert (counts / "drift.png").read_bytes().startswith(b"\x89PNG")
    assert "t.csv: exists already" in mcdiv_command("threshold", *OPTIONS, "-o", "t.csv", code=2).stderr


def test_without_current_counts_the_draws_of_a_check_are_asked_for(counts: Path, mcdiv_command: Command) -> None:
    given = ["threshold", "counts.csv", "--by", "feature", "--column", "bin", "--weights", "before", "-q"]
    assert "give -n, the draws of a check" in mcdiv_command(*given, code=2).stderr
    assert "-n: the current counts say" in mcdiv_command("threshold", *OPTIONS, "-n", "20", code=2).stderr
    records = json.loads(mcdiv_command(*given, "-n", "20", "--json").stdout)
    assert [record["alarm"] for record in records] == [None] * 3
    assert records[0]["threshold"]["value"] == mcdiv.threshold([12, 9, 9], n=20).value


def test_from_python_a_mistake_is_named_as_an_argument(counts: Path) -> None:
    with pytest.raises(ValueError, match=r"counts.csv: give 'n', the draws of a check.*, or 'weights' once more"):
        mcdiv.thresholds("counts.csv", by="feature", column="bin", weights="before")
    with pytest.raises(ValueError, match=r"^n: the current counts say how many draws a check has; leave it out"):
        mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"], n=3)


@pytest.mark.slow
def test_a_known_reference_prints_what_python_says(mcdiv_command: Command) -> None:
    given = ["threshold", "uniform: {k: 10}", "-n", "40", "--statistic", "kl"]
    printed = mcdiv_command(*given).stdout
    assert "Alarm where KL is above 0.228745: without drift 5 % of checks are (exact)." in printed
    record = json.loads(mcdiv_command(*given, "--json").stdout)
    assert record["value"] == mcdiv.threshold([0.1] * 10, n=40, statistic="kl").value
    printed = mcdiv_command("threshold", "uniform: {k: 10}", "-n", "40").stdout
    assert "There is no threshold at a rate of 5 %: PSI is infinite in 14 % of checks without drift." in printed
    assert "≥ 0.1 in 93 %, ≥ 0.2 in 63 % and ≥ 0.25 in 45 % of checks" in printed


def test_two_samples_of_a_known_reference_may_be_compared(mcdiv_command: Command) -> None:
    given = ["threshold", "categorical: {pmf: [0.5, 0.3, 0.2]}", "-n", "20", "-m", "20", "--json"]
    assert json.loads(mcdiv_command(*given).stdout)["value"] == pytest.approx(0.7658958645216769, rel=1e-12)


def test_corrections_keep_the_rate_of_all_features_together() -> None:
    assert corrected(0.05, "bonferroni", 50) == pytest.approx(0.001, rel=1e-15)
    assert 1 - (1 - corrected(0.05, "sidak", 50)) ** 50 == pytest.approx(0.05, rel=1e-12)
    assert corrected(0.05, None, 50) == 0.05
    assert corrected(1e-12, "sidak", 10**6) == pytest.approx(1e-18, rel=1e-9)


def test_a_rate_for_all_features_is_divided_among_them(counts: Path) -> None:
    given: dict[str, Any] = {"by": "feature", "column": "bin", "weights": ["before", "now"], "statistic": "js"}
    found = mcdiv.thresholds("counts.csv", **given, correct="bonferroni")
    assert {each.threshold.rate for each in found.features} == {0.05 / 3}


def test_a_category_that_the_reference_has_not_makes_psi_infinite(folder: Path) -> None:
    Path("new.csv").write_text("bin,before,now\na,10,5\nb,10,5\nc,0,3\n", encoding="utf-8")
    (found,) = mcdiv.thresholds("new.csv", column="bin", weights=["before", "now"]).features
    assert found.observed == math.inf
    assert found.alarm
    (floored,) = mcdiv.thresholds("new.csv", column="bin", weights=["before", "now"], floor=0.01).features
    assert floored.observed is not None
    assert math.isfinite(floored.observed)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["counts.csv", "--weights", "before", "--weights", "now"], "--column"),
        ([*OPTIONS, "--correct", "holm"], "--correct: unknown correction 'holm'; expected one of: bonferroni, sidak"),
        ([*OPTIONS, "--rate", "2"], "--rate: expected a number between 0 and 1, got '2'"),
        ([*OPTIONS, "--statistic", "kls"], "unknown statistic 'kls'; did you mean 'kl'?"),
        ([*OPTIONS, "-m", "20"], "-m: is for a DIST"),
        ([*OPTIONS, "--plot", "drift.gif"], "--plot drift.gif: expected a name that ends in .svg, .png or .pdf"),
        (["uniform: {k: 10}"], "-n: give the draws of a check"),
        (["uniform: {k: 10}", "-n", "x"], "-n: expected a whole number from 1 to 10^9, got 'x'"),
        (["uniform: {k: 10}", "-n", "9", "--by", "x"], "is a known reference: it has one threshold"),
        (["uniform: {k: 1}", "-n", "9"], "expected at least two categories that can occur, got 1"),
        (["nothing.csv", "-n", "9"], "nothing.csv"),
        (["constant.csv", "-n", "9"], "expected at least two categories that can occur, got 1"),
    ],
)
def test_a_mistake_is_one_line(counts: Path, options: list[str], said: str, mcdiv_command: Command) -> None:
    Path("constant.csv").write_text("bin,n\na,10\n", encoding="utf-8")
    printed = mcdiv_command("threshold", *options, code=2).stderr
    assert said in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1


def test_the_picture_shows_the_features_that_are_furthest_above(counts: Path) -> None:
    found = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights=["before", "now"], statistic="js")
    assert list(rows_of(found.table)["feature"]) == ["color", "age", "size"]
    many = pd.concat([found.table] * 30, ignore_index=True)
    assert len(rows_of(many)) == MAX_FEATURES
    axes = found.draw().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["color", "age", "size"]


def test_a_feature_without_a_threshold_is_drawn_as_such(counts: Path) -> None:
    found = mcdiv.thresholds("counts.csv", by="feature", column="bin", weights="before", n=4)
    assert all(math.isinf(each.threshold.value) for each in found.features)
    labels = [label.get_text() for label in found.draw().axes[0].get_yticklabels()]
    assert [label.endswith(": no threshold") for label in labels] == [True] * 3


def test_what_no_replicate_shows_is_less_than_a_bound_and_not_0(mcdiv_command: Command, folder: Path) -> None:
    table = "feature,bin,old,new\n" + "".join(f"f,b{i},{300 + i},{200 + 40 * i}\n" for i in range(6))
    Path("six.csv").write_text(table, encoding="utf-8")
    asked = ["six.csv", "--by", "feature", "--column", "bin", "--weights", "old", "--weights", "new"]
    done = mcdiv_command("threshold", *asked, "--replicates", "4000", "-q")
    assert "Without drift PSI is ≥ 0.1 in less than 0.2 %, ≥ 0.2 in less than 0.2 % and ≥" in done.stdout
    assert re.search(r"p-value \S+e−\d+ ± \de−\d+\)", done.stdout)
    several = table + table.partition("\n")[2].replace("f,", "g,")
    Path("two.csv").write_text(several, encoding="utf-8")
    done = mcdiv_command("threshold", "two.csv", *asked[1:], "--replicates", "4000", "-q")
    assert "Without drift PSI is ≥ 0.1 in less than 0.01 of 2, on average." in done.stdout


def test_a_computed_p_value_below_its_accuracy_is_a_bound(mcdiv_command: Command, folder: Path) -> None:
    Path("coin.csv").write_text("side,old,new\nheads,150,60\ntails,50,140\n", encoding="utf-8")
    asked = ["coin.csv", "--column", "side", "--weights", "old", "--weights", "new", "--at", "0.8", "-q"]
    done = mcdiv_command("threshold", *asked)
    assert "(p-value below 1e−11)" in done.stdout
    assert "Without drift PSI is ≥ 0.8 in less than 1e−09 % of checks." in done.stdout


def test_a_job_fails_where_a_feature_alarms_if_that_is_asked_for(mcdiv_command: Command, counts: Path) -> None:
    js = [*OPTIONS, "--statistic", "js"]
    mcdiv_command("threshold", *js)
    assert "1 of 3 features is above" in mcdiv_command("threshold", *js, "--exit-code", code=1).stdout
    mcdiv_command("threshold", *js, "--exit-code", "--rate", "1e-9")
    said = mcdiv_command("threshold", "uniform: 3", "-n", "20", "--exit-code", code=2).stderr
    assert said == "--exit-code: no current counts are given, and nothing can alarm\n"


def test_a_bound_of_one_digit_is_never_below_what_it_bounds() -> None:
    said = {2.4e-16: 3e-16, 9.5e-15: 1e-14, 5e-16: 5e-16, 0.0: 0.0, 0.0015: 0.002, 0.25: 0.3}
    assert {value: rounded_up(value) for value in said} == said
