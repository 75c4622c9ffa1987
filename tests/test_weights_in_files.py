"""Weights, probabilities, log-probabilities and logits in files: their plug-in, and nothing that needs N."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
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
    ("k\na\n", "logits", "no column holds numbers"),
]


@pytest.mark.parametrize(("text", "layout", "said"), NO_PMFS, ids=[each[2][-30:] for each in NO_PMFS])
def test_what_is_no_pmf_is_one_line(folder: Path, text: str, layout: str, said: str) -> None:
    (folder / "m.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("m.csv", Reading(layout=layout), pmfs=True)
    (line,) = caught.value.problems
    assert said in line


LOGITS = [2.0, 1.0, -1.5]
#: one pmf, in whatever form a program has it; with the labels that its categories get
ONE_PMF = {
    "a column": ("m.csv", b"logit\n2.0\n1.0\n-1.5\n", "123"),
    "a column without a header": ("m.txt", b"2.0\n1.0\n-1.5", "123"),
    "beside row numbers": ("m.csv", b",logit\n0,2.0\n1,1.0\n2,-1.5\n", "012"),
    "a row": ("m.csv", b"2.0,1.0,-1.5\n", "123"),
    "a row between blanks": ("m.txt", b"2.0 1.0 -1.5", "123"),
    "a row below names": ("m.csv", "a;b;c\n2,0;1,0;-1,5\n".encode("utf-16"), "abc"),
    "JSON by category": ("m.json", b'{"a": 2.0, "b": 1, "c": -1.5}', "abc"),
    "a list in JSON": ("m.json", b"[2.0, 1, -1.5]", "123"),
}


@pytest.mark.parametrize(("name", "raw", "labels"), ONE_PMF.values(), ids=ONE_PMF)
def test_one_pmf_is_read_in_whatever_form_it_has(folder: Path, name: str, raw: bytes, labels: str) -> None:
    (folder / name).write_bytes(raw)
    (tally,) = read_tallies(name, Reading(layout="logits"), pmfs=True)
    assert tally.pmf is not None
    assert tally.labels == tuple(labels)
    scale = sum(math.exp(z) for z in LOGITS)
    assert tally.pmf.tolist() == pytest.approx([math.exp(z) / scale for z in LOGITS], rel=1e-14)


def test_an_array_of_logits_is_a_pmf_for_each_row(folder: Path) -> None:
    np.save(folder / "m.npy", np.array([LOGITS, [0, 0, 0]], dtype=np.float32))
    first, second = read_tallies("m.npy", Reading(layout="logits"), pmfs=True)
    assert (first.group, second.group) == ("row 1", "row 2")
    assert first.pmf is not None
    assert second.pmf is not None
    assert first.pmf[0] / first.pmf[2] == pytest.approx(math.exp(3.5))
    assert second.pmf.tolist() == pytest.approx([1 / 3] * 3)
    np.save(folder / "s.npy", np.array(["a", "b"]))
    with pytest.raises(ScenarioError, match="expected numbers for --layout logits, got <U1"):
        read_tallies("s.npy", Reading(layout="logits"), pmfs=True)


def test_a_model_in_an_older_encoding_is_read_and_that_is_said(mcdiv_command: Command, folder: Path) -> None:
    (folder / "n.csv").write_text("Baum,n\nÜlme,1\nEiche,3\n", encoding="utf-8")
    for encoding, said in [("cp1252", "; Q read as Windows-1252 (Latin-1), as it is not UTF-8"), ("utf-16", "")]:
        (folder / "m.csv").write_bytes("Baum;p\r\nÜlme;0,5\r\nEiche;0,5\r\n".encode(encoding))
        words = ("estimate", "n.csv", "--model", "m.csv", "--estimand", "cross_entropy", "-e", "plugin", "--json")
        (group,) = json.loads(mcdiv_command(*words).stdout)
        assert group["estimates"][0]["value"] == pytest.approx(math.log(2))
        assert group["read_as"].endswith(said)
        words = ("doctor", "--p", "m.csv", "--q", "m.csv", "--column", "Baum")
        assert ("m.csv: read as Windows-1252" in mcdiv_command(*words).stdout) == bool(said)
