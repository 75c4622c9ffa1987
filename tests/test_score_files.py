"""Files of scores: whatever mcdiv reads counts from, it reads scores from, by the same readers."""

import gzip
import io
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import Command

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading
from mcdiv.files.scores import ScoreColumns, ScoresOfItems, read_scores

A, B = [0.93, 0.5, 2.0], [1.1, 0.75, 1.0]
GERMAN = "Frage;Modell Ä;Modell B\r\n" + "".join(
    f"{name};{a};{b}\r\n".replace(".", ",") for name, a, b in zip(("Wäre", "Gäbe", "x"), A, B, strict=True)
)
PLAIN = "a\tb\n" + "".join(f"{a}\t{b}\n" for a, b in zip(A, B, strict=True))
PANDAS = pd.DataFrame({"a": A, "b": B}).to_csv()


def scores(name: str, raw: bytes, columns: ScoreColumns | None = None, **asked: object) -> ScoresOfItems:
    Path(name).write_bytes(raw)
    return read_scores(name, None, columns or ScoreColumns(), Reading(**asked))  # type: ignore[arg-type]


WRITTEN = {
    "Excel in German": ("de.csv", GERMAN.encode("cp1252"), {"ignore": ("Frage",)}, "read as Windows-1252 (Latin-1)"),
    "PowerShell": ("a.txt", PLAIN.encode("utf-16"), {}, ""),
    "pandas with its index": ("a.csv", PANDAS.encode(), {}, "the column without a name has the row numbers: left out"),
    "packed": ("a.csv.gz", gzip.compress(PANDAS.encode()), {}, "row numbers"),
    "no header": ("a.csv", PLAIN.partition("\n")[2].encode(), {"layout": "scores"}, ""),
    "between blanks": ("a.txt", PLAIN.replace("\t", "  ").encode(), {}, ""),
    "a total of counts": ("a.csv", b"a,b,total\n0.93,1.1,1\n0.5,0.75,1\n2,1,1\n", {"ignore": ("total",)}, "ignored"),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("name", "raw", "asked", "said"), WRITTEN.values(), ids=WRITTEN)
def test_scores_are_read_as_counts_are(name: str, raw: bytes, asked: dict[str, object], said: str) -> None:
    found = scores(name, raw, **asked)
    assert (found.a.tolist(), found.b.tolist()) == (A, B)
    assert said in "; ".join(found.said)


@pytest.mark.parametrize("name", ["a.parquet", "a.xlsx"])
def test_scores_of_a_program_that_writes_no_text_are_read(folder: Path, name: str) -> None:
    frame = pd.DataFrame({"item": ["x", "y", "z"], "a": A, "b": B})
    (frame.to_parquet if name.endswith("parquet") else frame.to_excel)(folder / name, index=False)
    found = read_scores(name, None, ScoreColumns(), Reading(ignore=("item",)))
    assert (found.a.tolist(), found.b.tolist()) == (A, B)


def test_scores_in_utf_16_come_through_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BufferedReader(io.BytesIO(PLAIN.encode("utf-16")))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    assert read_scores("-", None, ScoreColumns()).a.tolist() == A


@pytest.mark.usefixtures("folder")
def test_an_item_that_lacks_a_score_is_refused_or_left_out_of_both() -> None:
    raw = b"g,a,b\nx,1,2\nx,NA,3\ny,4,\n,5,6\ny,7,9\n"
    columns = ScoreColumns(by="g")
    with pytest.raises(
        ScenarioError, match=r"^a\.csv:3: column 'a': expected a number, got 'NA'; leave such items out"
    ):
        scores("a.csv", raw, columns)
    found = scores("a.csv", raw, columns, missing="drop")
    assert (found.a.tolist(), found.b.tolist(), found.groups) == ([1, 7], [2, 9], ["x", "y"])
    assert found.said == ("3 items without a value left out",)
    with pytest.raises(ScenarioError, match="expected a number, got 'inf'"):
        scores("a.csv", b"a,b\n1,2\ninf,3\n", missing="drop")
    with pytest.raises(ScenarioError, match="every item lacks a score"):
        scores("a.csv", b"a,b\nNA,2\n1,NA\n", missing="drop")


def test_two_files_lack_different_items(folder: Path) -> None:
    (folder / "a.csv").write_text("i,nll,bytes\np,1,4\nq,NA,5\nr,3,6\n")
    (folder / "b.csv").write_text("i,nll,bytes\nr,5,6\nq,6,5\np,NA,\n")
    columns = ScoreColumns(a="nll", item="i", byte_counts="bytes")
    found = read_scores("a.csv", "b.csv", columns, Reading(missing="drop"))
    assert (found.a.tolist(), found.b.tolist()) == ([3], [5])
    assert found.byte_counts is not None
    assert found.byte_counts.tolist() == [6]


@pytest.mark.usefixtures("folder")
def test_a_comma_that_may_separate_thousands_is_refused_with_the_option_by_which_it_does_not() -> None:
    raw = b"a;b\n1,234;1,255\n2,500;1,750\n"
    with pytest.raises(ScenarioError, match=r"'1,234', where the comma may separate thousands; .* --layout scores"):
        scores("a.csv", raw)
    assert scores("a.csv", raw, layout="scores").a.tolist() == [1.234, 2.5]
    assert scores("a.csv", b"a,b\n1.234,1.255\n2.500,1.750\n").b.tolist() == [1.255, 1.75]  # a point is decimal
    assert scores("a.csv", b"a;b\n-1,5;-2,5E-02\n-1;-2\n").b.tolist() == [-0.025, -2]


def test_the_command_has_the_options_and_says_what_was_left_out(mcdiv_command: Command, folder: Path) -> None:
    (folder / "de.csv").write_bytes(GERMAN.replace("0,5;", ";").encode("cp1252"))
    words = ("paired", "de.csv", "--ignore", "Frage", "--missing", "drop", "--layout", "scores")
    first = mcdiv_command(*words).stdout.splitlines()[0]
    assert first == (
        "read as 2 items with two scores each, NLLs in nats; column 'Frage' is ignored; "
        "read as Windows-1252 (Latin-1), as it is not UTF-8; 1 item without a value left out"
    )
