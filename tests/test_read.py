"""`mcdiv.read`: files as the counts that the commands make of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

import mcdiv

SITES = "site,oak,elm,ash\nnorth,3,1,0\nsouth,0,2,2\n"


def test_a_table_of_samples_is_a_row_for_each(folder: Path) -> None:
    (folder / "sites.csv").write_text(SITES, encoding="utf-8")
    found = mcdiv.read("sites.csv", layout="samples-in-rows")
    assert found.counts.to_dict("index") == {
        "north": {"oak": 3, "elm": 1, "ash": 0},
        "south": {"oak": 0, "elm": 2, "ash": 2},
    }
    assert (found.named, found.caution) == (True, "")
    turned = mcdiv.read(folder / "sites.csv", samples="columns")
    assert turned.counts.loc["oak"].to_dict() == {"north": 3, "south": 0}
    assert repr(found).startswith("<mcdiv.Observations: 2 × 3 counts, read as ")
    one = mcdiv.estimate("js_divergence", found.counts.loc["north"], counts_q=found.counts.loc["south"])
    assert float(one) == float(mcdiv.estimate("js_divergence", [3, 1, 0], counts_q=[0, 2, 2]))


def test_estimates_of_what_is_read_are_those_of_the_command(mcdiv_command: Command, folder: Path) -> None:
    (folder / "draws.csv").write_text("day,letter\nmon,a\nmon,b\ntue,a\nmon,a\ntue,c\n", encoding="utf-8")
    found = mcdiv.read("draws.csv", column="letter", by="day")
    printed = json.loads(
        mcdiv_command("estimate", "draws.csv", "--column", "letter", "--by", "day", "-e", "plugin", "--json").stdout
    )
    assert [group["group"] for group in printed] == list(found.counts.index) == ["mon", "tue"]
    assert printed[0]["read_as"] == found.read_as
    values = [group["estimates"][0]["value"] for group in printed]
    assert mcdiv.estimate("entropy", found.counts).tolist() == pytest.approx(values, rel=1e-14)
    assert found.counts.to_dict("list") == {"a": [2, 1], "b": [1, 0], "c": [0, 1]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layout": "rows"}, "layout: unknown layout 'rows'"),
        ({"column": "tree"}, "sites.csv:1: unknown column 'tree'"),
        ({"layout": "samples-in-rows", "samples": "columns"}, "layout and 'samples' do not go together"),
    ],
)
def test_what_cannot_be_read_is_one_line_in_the_words_of_python(given: dict[str, Any], said: str, folder: Path) -> None:
    (folder / "sites.csv").write_text(SITES, encoding="utf-8")
    with pytest.raises(mcdiv.ScenarioError) as error:
        mcdiv.read("sites.csv", **given)
    (line,) = error.value.problems
    assert line.startswith(said)


def test_what_is_no_file_is_refused() -> None:
    with pytest.raises(mcdiv.ScenarioError, match=r"^absent.csv: "):
        mcdiv.read("absent.csv")
    with pytest.raises(TypeError, match="file: expected the path of a file"):
        mcdiv.read(7)  # type: ignore[arg-type]


def test_weights_and_probabilities_are_counts_where_the_number_of_draws_is_said(folder: Path) -> None:
    (folder / "w.csv").write_text("k,p\na,0.5\nb,0.2\nc,0.2\n", encoding="utf-8")
    found = mcdiv.read("w.csv", layout="probabilities", normalise=True, draws=9)
    assert found.counts.to_dict("list") == {"a": [5], "b": [2], "c": [2]}
    with pytest.raises(mcdiv.ScenarioError, match=r"the probabilities sum to 0\.9; expected 1"):
        mcdiv.read("w.csv", layout="probabilities", draws=9)
    with pytest.raises(mcdiv.ScenarioError, match="of how many draws is not known; 'draws' says it"):
        mcdiv.read("w.csv")
