"""`mcdiv test` and `mcdiv.tests`: which samples of which files are compared, and what is printed of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command

import mcdiv
from mcdiv.observed.several_samples import read_lines
from mcdiv.significance.tested import holm
from mcdiv.significance.words import several_sentences

P = 166 / 2431


@pytest.fixture(autouse=True)
def written(folder: Path) -> None:
    (folder / "a.csv").write_text("category,n\nx,7\ny,2\nz,1\n", encoding="utf-8")
    (folder / "b.csv").write_text("category,n\nz,5\ny,3\nx,2\n", encoding="utf-8")
    (folder / "both.csv").write_text("kind,old,new\nx,7,2\ny,2,3\nz,1,5\n", encoding="utf-8")
    (folder / "long.csv").write_text("month,kind,n\na,x,7\na,y,2\na,z,1\nb,x,2\nb,y,3\nb,z,5\n", encoding="utf-8")
    rows = "f,x,7,2\nf,y,2,3\nf,z,1,5\ng,u,3,0\ng,v,0,3\n"
    (folder / "features.csv").write_text(f"feature,kind,old,new\n{rows}", encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "given", "samples"),
    [
        (["a.csv", "b.csv"], {}, ("a.csv", "b.csv")),
        (["both.csv"], {"column": "kind", "weights": ["old", "new"]}, ("old", "new")),
        (["long.csv"], {"column": "kind", "weights": "n", "by": "month"}, ("a", "b")),
    ],
)
def test_samples_are_files_columns_or_groups(files: list[str], given: dict[str, Any], samples: tuple[str, str]) -> None:
    (found,) = mcdiv.tests(*files, **given)
    assert found.p_value == pytest.approx(P, rel=1e-12)
    assert (found.samples, found.group, found.exact) == (samples, "", True)


def test_groups_have_a_test_each_where_something_else_is_compared() -> None:
    found = mcdiv.tests("features.csv", by="feature", column="kind", weights=["old", "new"])
    assert [each.group for each in found] == ["f", "g"]
    assert [each.p_value for each in found] == pytest.approx([P, 0.1], rel=1e-12)
    both = mcdiv.tests("long.csv", by="month", column="kind", weights="n", model={"uniform": {"k": 3}})
    assert both[0].p_value == pytest.approx(611 / 6561, rel=1e-12)
    assert (both[0].compared, both[0].samples, [each.group for each in both]) == ("model", ("long.csv",), ["a", "b"])


def test_the_command_prints_what_python_returns(mcdiv_command: Command) -> None:
    for options, given in (
        (["a.csv", "b.csv"], {}),
        (["a.csv", "--against", "b.csv", "--statistic", "psi", "--alpha", "0.1"], {"statistic": "psi", "alpha": 0.1}),
        (["a.csv", "b.csv", "--method", "simulated", "--seed", "3"], {"method": "simulated", "seed": 3}),
    ):
        (printed,) = json.loads(mcdiv_command("test", *options, "--json").stdout)
        (found,) = mcdiv.tests("a.csv", "b.csv", **given)
        assert printed.pop("sentences")
        assert printed == json.loads(json.dumps(found.record()))


def test_one_test_is_a_line_and_sentences(mcdiv_command: Command) -> None:
    said = mcdiv_command("test", "a.csv", "b.csv").stdout
    assert "a.csv and b.csv: read as the symbols of column 'category', counted by 'n'" in said
    assert "10 and 10            3   G = 6.05432    0.0683       0.0485" in said
    assert "p = 0.0683 (exact, given the margins)" in said
    assert "The χ² approximation (2 degrees of freedom) gives 0.0485 and would reject." in said


def test_several_tests_are_a_table_and_what_their_number_means(mcdiv_command: Command, folder: Path) -> None:
    asked = ["test", "features.csv", "--by", "feature", "--column", "kind", "--weights", "old", "--weights", "new"]
    said = mcdiv_command(*asked, "--alpha", "0.09", "-o", "tests.csv").stdout
    assert "1 of 2 tests reject at level 0.09; if nothing differed anywhere, at most 0.18 would on average." in said
    assert "Corrected for their number (Holm), 0 reject." in said
    assert "1 test cannot reject at level 0.09, whatever had been drawn given the margins." in said
    assert "The χ² approximation would decide otherwise in 1 test." in said
    table = pd.read_csv(folder / "tests.csv")
    assert table.p_value.tolist() == pytest.approx([P, 0.1], rel=1e-12)
    assert table.sample_sizes.tolist() == ["10 10", "3 3"]
    assert mcdiv_command(*asked, "-o", "tests.csv", code=2).stderr == (
        "tests.csv: exists already; choose another name\n"
    )


def test_an_infinite_statistic_is_text_in_json(mcdiv_command: Command, folder: Path) -> None:
    (folder / "c.csv").write_text("category,n\nx,9\ny,2\n", encoding="utf-8")
    (printed,) = json.loads(mcdiv_command("test", "a.csv", "c.csv", "--statistic", "psi", "--json").stdout)
    assert printed["statistic"] == "inf"
    assert "PSI = ∞" in printed["sentences"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["a.csv"], "a.csv: is one sample; give another file to compare it with"),
        (["a.csv", "b.csv", "--statistic", "gee"], "--statistic: unknown statistic 'gee'"),
        (["a.csv", "b.csv", "--alpha", "2"], "--alpha: expected a number between 0 and 1, got '2'"),
        (["a.csv", "b.csv", "--method", "fast"], "--method: expected auto, exact or simulated, got 'fast'"),
        (["a.csv", "b.csv", "--mcse", "0"], "--mcse: expected a number between 0 and 1, got '0'"),
        (["a.csv", "b.csv", "--seed", "-1"], "--seed: expected a whole number >= 0, got '-1'"),
        (["a.csv", "b.csv", "--model", "0.5"], "--model is for one sample: give one file"),
        (["a.csv", "nothing.csv"], "nothing.csv: there is no such file"),
        (["a.csv", "b.csv", "--weights", "n", "--weights", "n"], "--weights: given more than once"),
        (["a.csv", "b.csv", "b.csv", "--statistic", "kl"], "kl compares two samples, got 3"),
        (["features.csv", "long.csv", "--by", "feature", "--column", "kind", "--weights", "old"], "long.csv"),
    ],
)
def test_mistakes_are_one_line(mcdiv_command: Command, options: list[str], said: str) -> None:
    printed = mcdiv_command("test", *options, code=2).stderr
    assert printed.count("\n") == 1
    assert printed.startswith(said)


def test_a_group_that_one_file_lacks_is_told(mcdiv_command: Command, folder: Path) -> None:
    (folder / "more.csv").write_text("month,kind,n\nb,x,2\nb,y,3\nc,x,2\n", encoding="utf-8")
    options = ["--by", "month", "--column", "kind", "--weights", "n"]
    said = mcdiv_command("test", "long.csv", "more.csv", *options, code=2).stderr
    assert said == "more.csv: there is no group 'a', which long.csv has\n"
    (folder / "less.csv").write_text("month,kind,n\nb,x,2\nb,y,3\n", encoding="utf-8")
    assert "Not tested, as less.csv lacks them: c" in mcdiv_command("test", "less.csv", "more.csv", *options).stdout


@pytest.mark.slow
def test_estimates_of_two_samples_say_in_a_line_what_the_test_says(mcdiv_command: Command, folder: Path) -> None:
    said = mcdiv_command("estimate", "a.csv", "--against", "b.csv").stdout
    line = (
        "Test of P = Q: G = 6.05432, p = 0.0683 (exact, given the margins): the probability of a value at least as "
        "large if both samples come from one distribution, which the test does not reject at level 0.05."
    )
    assert line in said
    assert line.replace("does not reject", "rejects").replace("0.05.", "0.1.") in (
        mcdiv_command("estimate", "a.csv", "--against", "b.csv", "--level", "0.9").stdout
    )
    assert "Test of" not in mcdiv_command("estimate", "a.csv").stdout
    (folder / "one.csv").write_text("category,n\nx,7\n", encoding="utf-8")
    assert "Test of" not in mcdiv_command("estimate", "one.csv", "--against", "one.csv").stdout
    # Categories that nobody drew change nothing.
    assert line in mcdiv_command("estimate", "a.csv", "--against", "b.csv", "--alphabet-size", "1000").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        # Fisher's exact test with G, by another program's enumeration: p = 46/858 and 0.0391; KL from 0.0275, from 0.
        ([0, 1, 7], [2, 4, 2], "leaves out 0 although this test does not reject"),
        ([0, 3, 9], [1, 8, 3], "contains 0 although this test rejects"),
        ([7, 2, 1], [2, 3, 5], ""),
    ],
)
def test_an_interval_that_disagrees_with_the_exact_test_is_told(
    mcdiv_command: Command, folder: Path, first: list[int], second: list[int], said: str
) -> None:
    for name, counts in (("first.csv", first), ("second.csv", second)):
        rows = "".join(f"{label},{n}\n" for label, n in zip("xyz", counts, strict=True))
        (folder / name).write_text(f"category,n\n{rows}", encoding="utf-8")
    found = mcdiv_command("estimate", "first.csv", "--against", "second.csv").stdout
    assert ("the interval leaves out" in found, "the interval contains" in found) == (
        said.startswith("leaves"),
        said.startswith("contains"),
    )
    assert f"KL(P‖Q): the interval {said}" in found or not said


def test_samples_that_are_read_alike_share_a_line() -> None:
    assert list(read_lines(["a", "b"], ["x", "x"])) == ["a and b: read as x"]
    assert list(read_lines(["a", "b", "c"], ["x", "y", "x"])) == ["a and c: read as x", "b: read as y"]
    assert list(read_lines([f"s{i}" for i in range(9)], ["x"] * 9)) == ["s0, s1, s2, s3, s4 and 4 more: read as x"]


def test_an_infinite_statistic_has_no_p_value_by_chi_squared_in_the_table(mcdiv_command: Command, folder: Path) -> None:
    (folder / "gap.csv").write_text("category,old,new\nx,5,1\ny,5,4\nz,0,5\n", encoding="utf-8")
    asked = ["gap.csv", "--column", "category", "--weights", "old", "--weights", "new", "--statistic", "psi"]
    (line,) = [
        line for line in mcdiv_command("test", *asked).stdout.splitlines() if "PSI = ∞" in line and "p =" not in line
    ]
    assert line.split()[-1] == "–"


def test_a_group_that_cannot_be_tested_is_told_and_left_out(mcdiv_command: Command, folder: Path) -> None:
    rows = "f,x,7,2\nf,y,2,3\nf,z,1,5\ng,u,3,4\n"
    (folder / "constant.csv").write_text(f"feature,kind,old,new\n{rows}", encoding="utf-8")
    asked = ["test", "constant.csv", "--by", "feature", "--column", "kind", "--weights", "old", "--weights", "new"]
    line = "group 'g': a test needs two categories or more with draws, got 1; it is left out"
    done = mcdiv_command(*asked, "-q")
    assert done.stderr == f"{line}\n"
    assert "p = 0.0683" in done.stdout
    with pytest.warns(UserWarning, match="group 'g'.*left out"):
        (found,) = mcdiv.tests("constant.csv", by="feature", column="kind", weights=["old", "new"])
    assert found.group == "f"
    said = mcdiv_command(*asked, "--statistic", "g", "--model", "0.5", code=2).stderr
    assert said.count("\n") == 1


def test_a_spectrum_of_counts_cannot_be_matched(mcdiv_command: Command, folder: Path) -> None:
    said = mcdiv_command("test", "butterflies", "a.csv", code=2).stderr
    assert "they cannot be matched with those of other samples" in said


def test_holm_corrects_as_the_definition_says() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06], rel=1e-15)
    assert holm([0.9, 0.5]).tolist() == [1, 1]
    assert np.array_equal(holm([0.2]), [0.2])


def test_a_corrected_p_value_that_is_the_level_but_for_roundings_rejects() -> None:
    one = replace(mcdiv.test([5, 1], [1, 5]), p_value=np.nextafter(0.05 / 3, 1))  # 3 p = 0.05
    found = list(several_sentences([one, replace(one, p_value=0.9), replace(one, p_value=0.8)]))
    assert found[0].endswith("Corrected for their number (Holm), 1 reject.")


def test_too_few_replicates_to_correct_for_many_tests_are_said_to_be_so() -> None:
    one = replace(mcdiv.test([5, 1], [1, 5]), p_value=1e-4, mcse=1e-4, exact=False, replicates=10_000, group="a")
    rest = [replace(one, p_value=0.5, mcse=1e-3)] * 999  # 1,000 times 1e-4 is more than 0.05, whatever p is
    found = list(several_sentences([one, *rest]))
    assert found[0].endswith("Corrected for their number (Holm), 0 reject.")
    assert found[1] == "Rejected: a. After correction: none."
    assert found[2] == "But for the error of simulated p-values 1 might, corrected: a smaller --mcse tells."


def test_a_job_fails_where_a_test_rejects_and_several_only_after_correction(
    mcdiv_command: Command, folder: Path
) -> None:
    (folder / "one.csv").write_text("b,x,y\nu,5,1\nv,1,5\n", encoding="utf-8")
    one = ["one.csv", "--column", "b", "--weights", "x", "--weights", "y", "--exit-code"]
    mcdiv_command("test", *one)  # p = 0.08
    mcdiv_command("test", *one, "--alpha", "0.1", code=1)
    two = "g,b,x,y\nm,u,5,1\nm,v,1,5\nn,u,5,5\nn,v,5,5\n"
    (folder / "two.csv").write_text(two, encoding="utf-8")
    several = ["two.csv", "--by", "g", *one[1:], "--alpha", "0.1"]
    assert "1 of 2 tests reject" in mcdiv_command("test", *several).stdout
    mcdiv_command("test", *several, "--alpha", "0.2", "--json", code=1)
