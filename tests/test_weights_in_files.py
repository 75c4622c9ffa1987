"""Weights, probabilities, log-probabilities and logits in files: their plug-in, and nothing that needs N."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies
from mcdiv.files.counts.asked import reading_of


def test_the_column_of_intervals_names_no_method_where_there_is_none(mcdiv_command: Command, folder: Path) -> None:
    (folder / "w.csv").write_text("sound,weight\ni,211.5\nu,1797.4\n")
    assert "interval ()" not in mcdiv_command("estimate", "w.csv").stdout


def test_weights_have_the_plug_in_and_nothing_that_needs_the_number_of_draws(
    mcdiv_command: Command, folder: Path
) -> None:
    (folder / "w.csv").write_text("sound,weight\ni,211.5\nu,1797.4\n")
    (group,) = json.loads(mcdiv_command("estimate", "w.csv", "-u", "bits", "--json").stdout)
    (line,) = group["estimates"]
    assert line["value"] == pytest.approx(0.4855173805161068, rel=1e-14)
    assert (line["estimator"], line["standard_error"], line["sample_size"]) == ("plugin", None, None)
    assert "2 categories, the number of draws is not known" in group["read_as"]
    assert "a bias and a standard error that depend on the number of draws" in group["sentences"][0]
    for options, said in [
        (["-e", "nsb", "-e", "plugin"], "nsb needs the number of draws"),
        (["--interval", "delta", "-e", "zhang"], "zhang and --interval need the number of draws"),
        (["--against", "w.csv"], "--against needs the number of draws"),
    ]:
        told = mcdiv_command("estimate", "w.csv", *options, code=2).stderr
        assert told == f"w.csv: has weights or probabilities, and {said}; --draws says it\n"
    assert "--draws says it" in mcdiv_command("estimate", "w.csv", "--advise").stderr
    told = mcdiv_command("test", "w.csv", "--model", "0.5", code=2).stderr
    assert told == (
        "w.csv: expected counts, got weights by category: of how many draws is not known; --draws says it\n"
    )


def test_weights_of_so_many_draws_are_rounded_to_counts_and_that_is_said(folder: Path) -> None:
    (folder / "w.csv").write_text("sound,weight\ni,211.5\nu,1797.4\n")
    # 2009 × 211.5/2008.9 = 211.51…, and 1797.49…: the larger remainder is rounded up
    (tally,) = read_tallies("w.csv", Reading(draws=2009))
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"i": 212, "u": 1797}
    assert "times --draws and rounded (by 0.489472 of a draw at most)" in tally.read_as
    (folder / "w.csv").write_text("k,n\na,7\n")
    with pytest.raises(ScenarioError, match="--draws does not apply: the file says of how many draws it is"):
        read_tallies("w.csv", Reading(draws=7))


#: that of the logarithms by hand: 9.03e-8 + 9.03e-8 − 1.597e-7
PMFS = [
    ("k,p\na,0.5\nb,0.25\nc,0.25\n", {"layout": "probabilities"}, [0.5, 0.25, 0.25], "|sum − 1| = 0"),
    ("k,p\n1,0.2\n2,0.2\n3,0.1\n", {"layout": "probabilities", "normalise": True}, [0.4, 0.4, 0.2], "|sum − 1| = 0.5"),
    ("k,l\na,-0.693147\nb,-1.386294\nc,-1.386295\n", {"layout": "logprobs"}, [0.5, 0.25, 0.25], "− 1| = 2.1e-08"),
    ("k,l\na,1000\nb,1000\nc,-inf\n", {"layout": "logits"}, [0.5, 0.5, 0.0], "their softmax"),
    ("k,l\na,0.5\nb,1.5\n", {}, [0.25, 0.75], "weights by category"),
]


@pytest.mark.parametrize(("text", "reading", "pmf", "said"), PMFS, ids=[each[3] for each in PMFS])
def test_probabilities_come_in_by_doors_with_names(
    folder: Path, text: str, reading: dict[str, Any], pmf: list[float], said: str
) -> None:
    (folder / "m.csv").write_text(text)
    (tally,) = read_tallies("m.csv", reading_of(**reading), pmfs=True)
    assert tally.pmf is not None
    assert tally.pmf.tolist() == pytest.approx(pmf, abs=1e-6)
    assert math.fsum(tally.pmf) == pytest.approx(1, abs=1e-15)
    assert said in tally.read_as


NO_PMFS = [
    ("k,p\na,0.5\nb,0.25\n", "probabilities", "the probabilities sum to 0.75; expected 1 (within 1e-9); --normalise"),
    ("k,p\na,0.5\nb,-0.5\n", "probabilities", "m.csv:3: column 'p': expected a probability, got '-0.5'"),
    ("k,p\na,0.5\na,0.5\n", "probabilities", "m.csv:3: category 'a' is there twice"),
    ("k,l\na,-1\nb,-2\n", "logprobs", "the probabilities sum to 0.503215; expected natural logarithms"),
    ("k,l\na,nan\nb,-2\n", "logits", "m.csv:2: column 'l': expected a logit below inf, got 'nan'"),
    ("k,l\na,-inf\nb,-inf\n", "logits", "every logit is −inf"),
    ("k,w\na,0.0\nb,0.0\n", "weights", "the weights sum to 0"),
    ("k\na\n", "logits", "which column holds the categories, and which the numbers?"),
]


@pytest.mark.parametrize(("text", "layout", "said"), NO_PMFS, ids=[each[2][-30:] for each in NO_PMFS])
def test_what_is_no_pmf_is_one_line(folder: Path, text: str, layout: str, said: str) -> None:
    (folder / "m.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("m.csv", Reading(layout=layout), pmfs=True)
    (line,) = caught.value.problems
    assert said in line
