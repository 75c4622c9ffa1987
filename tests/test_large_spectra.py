"""Frequencies of frequencies of more categories than are listed: values worked out apart, and the small ones listed."""

import math
from pathlib import Path

import numpy as np
import pytest
from conftest import Command

import mcdiv
import mcdiv.files.counts.layouts.spectrum as spectra
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies

_LARGE = "count,categories\n1,900000\n2,150000\n3,50000\n"
_SMALL = "count,categories\n0,2\n1,40\n2,10\n3,4\n7,1\n"
#: those that can be told what a few counts stand for
_QUICK = ["plugin", "miller_madow", "grassberger_2003", "zhang", "chao_shen", "chao_wang_jost", "nsb"]


def test_a_million_categories_have_the_values_of_an_independent_derivation(folder: Path) -> None:
    (folder / "a.csv").write_text(_LARGE)
    found = mcdiv.estimates("a.csv", estimators=["plugin", "miller_madow"])
    assert found.table["value"].tolist() == pytest.approx([13.83951441154928, 14.246921448586317], rel=1e-13)
    row = found.table.iloc[0]
    assert (row["sample_size"], row["categories_seen"], row["alphabet_size"]) == (1350000, 1100000, 1100000)
    assert (row["singletons"], row["coverage"]) == (900000, pytest.approx(1 / 3))
    assert found.read_as[""].endswith("1,350,000 draws of 1,100,000 categories")


def test_a_histogram_of_billions_of_k_mers_needs_no_list_of_them(folder: Path) -> None:
    (folder / "a.histo").write_text("".join(f"{n} {10**12 // n**3}\n" for n in range(1, 101)))
    found = mcdiv.estimates("a.histo", layout="spectrum", estimators="plugin").table
    times = {n: 10**12 // n**3 for n in range(1, 101)}
    draws = sum(n * number for n, number in times.items())
    wanted = math.log(draws) - math.fsum(number * n * math.log(n) for n, number in times.items()) / draws
    assert found["value"][0] == pytest.approx(wanted, rel=1e-13)
    assert found["standard_error"][0] > 0


def test_values_and_errors_are_those_of_the_categories_one_by_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_text(_SMALL)
    listed = mcdiv.estimates("a.csv", estimators=_QUICK).table
    monkeypatch.setattr(spectra, "MAX_ALPHABET", 20)
    grouped = mcdiv.estimates("a.csv", estimators=_QUICK).table
    assert grouped["estimator"].tolist() == listed["estimator"].tolist()
    assert grouped["interval"].tolist() == listed["interval"].tolist()
    for column in ("value", "standard_error", "low", "high"):
        np.testing.assert_allclose(grouped[column], listed[column], rtol=1e-9)
    for column in ("sample_size", "categories_seen", "alphabet_size", "singletons", "coverage"):
        assert grouped[column].tolist() == listed[column].tolist()


def test_what_needs_the_categories_one_by_one_says_so(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text(_LARGE)
    (folder / "b.csv").write_text("count,categories\n1,900000000\n2,5\n")
    told = mcdiv_command("estimate", "b.csv", "-e", "pym", code=2).stderr
    assert told == "--estimator: pym needs the categories one by one, and 900,000,005 are more than 67,108,864\n"
    told = mcdiv_command("estimate", "a.csv", "-e", "plugin", "--interval", "bootstrap_bca", code=2).stderr
    assert told == "--interval: bootstrap_bca needs the categories one by one; there are jackknife and delta\n"
    told = mcdiv_command("test", "a.csv", "a.csv", code=2).stderr
    assert told == "a.csv: the table stands for more than 1,000,000 categories\n"
    with pytest.raises(ScenarioError, match="stands for more than 1,000,000 categories"):
        mcdiv.read("a.csv")


def test_there_is_no_advice_on_a_million_categories(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text(_LARGE)
    done = mcdiv_command("estimate", "a.csv", "-e", "plugin", "--advise", "-q")
    assert "its study would have 1,100,000 categories" in done.stdout + done.stderr
    told = mcdiv_command("estimate", "a.csv", "-e", "plugin").stdout
    assert "900,000 categories were seen once (81.8 % of those seen)" in told
    assert told.rstrip().endswith("How often these intervals cover on data like yours is not known.")


def test_a_spectrum_without_singletons_says_what_follows(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text("count,categories\n2,1000000\n3,50000\n")
    told = mcdiv_command("estimate", "a.csv", "-e", "plugin").stdout
    assert "If rare categories were removed, estimates of the entropy tend to be too low" in told


TOO_MUCH = {
    "count,categories\n9007199254740992,1\n": "a number is too large; expected less than 2^53",
    "count,categories\n1,9007199254740992\n": "a number is too large; expected less than 2^53",
    "count,categories\n9007199254,2000000\n": "the counts add up to 1.80144e+16; expected less than 2^53",
}


@pytest.mark.parametrize("text", TOO_MUCH)
def test_what_floats_cannot_count_is_one_line(folder: Path, text: str) -> None:
    (folder / "a.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.csv", Reading(), spectra=True)
    (line,) = caught.value.problems
    assert TOO_MUCH[text] in line
