"""Tables of pairs (X, Y) in `mcdiv estimate`: a contingency table or a row for each pair, by closed forms."""

import json
import math
from pathlib import Path

import pytest
from conftest import Command

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import read_tallies
from mcdiv.files.counts.asked import reading_of

_TABLE = "hair,hazel,blue,green\nblack,15,20,5\nfair,10,94,16\n"
_CELLS = {("black", "hazel"): 15, ("black", "blue"): 20, ("black", "green"): 5, ("fair", "hazel"): 10}
_CELLS |= {("fair", "blue"): 94, ("fair", "green"): 16}


def _entropy(counts: list[int]) -> float:
    return -math.fsum(n / sum(counts) * math.log(n / sum(counts)) for n in counts if n)


def _wanted() -> dict[str, float]:
    """H(X, Y), I(X; Y) and H(Y|X) of the table, by their definitions."""
    both = _entropy(list(_CELLS.values()))
    of_x, of_y = _entropy([40, 120]), _entropy([25, 114, 21])
    return {"entropy": both, "mutual_information": of_x + of_y - both, "conditional_entropy": both - of_x}


WRITTEN = {
    "a table": (_TABLE, {}),
    "a table with totals": (
        "hair,hazel,blue,green,All\nblack,15,20,5,40\nfair,10,94,16,120\nAll,25,114,21,160\n",
        {},
    ),
    "pairs with counts": (
        "hair,eye,n\n" + "".join(f"{x},{y},{n}\n" for (x, y), n in _CELLS.items()),
        {},
    ),
    "pairs with counts of another name": (
        "hair,eye,people\n" + "".join(f"{x},{y},{n}\n" for (x, y), n in _CELLS.items()),
        {"weights": "people"},
    ),
    "pairs one by one": ("hair,eye\n" + "".join(f"{x},{y}\n" * n for (x, y), n in _CELLS.items()), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_a_table_of_pairs_gives_what_its_variables_say_of_each_other(folder: Path, name: str) -> None:
    text, options = WRITTEN[name]
    (folder / "a.csv").write_text(text)
    found = mcdiv.estimates("a.csv", layout="joint", estimators="plugin", **options).table
    assert dict(zip(found["estimand"], found["value"], strict=True)) == pytest.approx(_wanted(), rel=1e-12)
    assert set(found["sample_size"]) == {160}
    assert set(found["alphabet_size"]) == {6}


def test_pairs_of_numbers_are_told_by_the_column_of_x(folder: Path) -> None:
    (folder / "a.csv").write_text("x,y\n0,0\n0,1\n1,1\n1,1\n")
    with pytest.raises(ScenarioError, match="X and Y with a row for each pair, or two values of Y with a row for each"):
        read_tallies("a.csv", reading_of(layout="joint"))
    (tally,) = read_tallies("a.csv", reading_of(layout="joint", column="x"))
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"0, 0": 1, "0, 1": 1, "1, 0": 0, "1, 1": 2}
    assert tally.shape == (2, 2)


def test_groups_have_a_table_each(folder: Path) -> None:
    (folder / "a.csv").write_text("site,x,y\nA,u,v\nA,u,w\nB,s,v\nB,s,v\n")
    first, second = read_tallies("a.csv", reading_of(layout="joint", by="site"))
    assert (first.group, first.shape, first.counts.tolist()) == ("A", (1, 2), [1, 1])
    assert (second.group, second.shape, second.counts.tolist()) == ("B", (1, 1), [2])


@pytest.mark.parametrize("missing", ["drop", "category"])
def test_a_pair_that_is_missing_is_left_out_or_counted(folder: Path, missing: str) -> None:
    (folder / "a.csv").write_text("x,y\nu,v\nu,\nw,v\n")
    with pytest.raises(ScenarioError, match=r"^a\.csv:3: column 'y' is empty; leave such rows out with --missing drop"):
        read_tallies("a.csv", reading_of(layout="joint"))
    (tally,) = read_tallies("a.csv", reading_of(layout="joint", missing=missing))
    dropped = {"u, v": 1, "w, v": 1}
    counted = {"u, v": 1, "u, (empty)": 1, "w, v": 1, "w, (empty)": 0}
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == (dropped if missing == "drop" else counted)


REFUSED = {
    "x,n\nu,1\n": "it has no two columns",
    "a,b,c\nu,v,w\n": "which two columns hold X and Y, and which, if any, how often each row counts",
    "a,b,age\nu,v,1\n": "Choose with --column and --weights: a, b, age",
    "x,a,b\nu,1,2\nu,3,4\n": "a.csv:3: row 'u' is there twice; each value of X has one",
    'x,y\nu,"v, w"\n"u, v",w\n': "two pairs have the same name, as values of X and Y have commas in them",
    "x,y,n\nu,v,1.5\n": "expected a whole number >= 0, got '1.5'",
    "x,y,n\nu,v,9007199254740993\n": "the counts add up to 9.0072e+15; expected less than 2^53",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_table_of_pairs_is_one_line(folder: Path, text: str) -> None:
    (folder / "a.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.csv", reading_of(layout="joint"))
    (line,) = caught.value.problems
    assert REFUSED[text] in line


def test_what_is_asked_of_single_categories_does_not_apply_to_pairs(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text(_TABLE)
    for options in (["--model", "uniform: 6"], ["--against", "a.csv"], ["--alphabet-size", "9"]):
        told = mcdiv_command("estimate", "a.csv", "--layout", "joint", *options, code=2).stderr
        assert told == f"a.csv: {options[0]} does not apply to a table of pairs (--layout joint)\n"
    told = mcdiv_command("estimate", "a.csv", "--samples", "rows", "--estimand", "mutual_information", code=2).stderr
    assert "mutual_information needs a joint alphabet; a table of counts of pairs is read with --layout joint" in told


@pytest.mark.slow
def test_the_advice_is_of_pairs_and_its_sentences_are_of_independence(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text("x,u,v\na,4,1\nb,0,5\n")
    usual = ("--layout", "joint", "--estimand", "mutual_information", "-e", "plugin", "-e", "miller_madow")
    told = mcdiv_command("estimate", "a.csv", *usual, "--advise", "-q").stdout
    assert "contains 0 unless its own G test rejects that X and Y are independent" in told
    assert "1 pair has no draws: the 2 × 2 pairs of a value of X and a value of Y are taken to be the whole" in told
    assert "errors of its estimators where the truth is your counts, smoothed over 4 categories" in told
    printed = json.loads(mcdiv_command("estimate", "a.csv", *usual, "--advise", "-q", "--json").stdout)
    assert {each["estimand"] for each in printed[0]["advice"]} == {"mutual_information"}


def test_columns_of_scores_are_for_another_command(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text("item,nll_a,nll_b\nq1,1.2,0.9\nq2,0.4,0.5\n")
    told = mcdiv_command("estimate", "a.csv", "--layout", "scores", code=2).stderr
    assert "an entropy is of counts, not of scores; mcdiv paired compares two columns of scores (--a, --b)" in told
