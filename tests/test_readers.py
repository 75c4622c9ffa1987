"""Formats from outside: one function reads them, and every command that takes data takes them."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from small import small

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import READERS, Reading, read_pmf, read_tallies, reader
from mcdiv.files.yaml_text import write_text

FASTA = '''
from collections import Counter

from mcdiv.files.counts import reader


@reader(suffixes=[".fasta", ".fa"])
def fasta(text):
    """Letters of sequences, each below a line that begins with ">"."""
    sequences = {}
    for line in text.lines():
        if line.startswith(">"):
            letters = sequences.setdefault(line[1:].strip(), Counter())
        elif sequences:
            letters.update(line.strip())
        else:
            raise text.error(f"expected '>' and the name of a sequence, got '{line[:60]}'")
    return sequences
'''
FIRST, SECOND = ">one\nACAC\nCA\n", ">one\nAACC\n>two\nGGGT\n"


@pytest.fixture
def fasta(folder: Path) -> tuple[str, str]:
    """The option that gives the reader of these files."""
    (folder / "fasta.py").write_text(FASTA, encoding="utf-8")
    (folder / "one.fasta").write_text(FIRST)
    (folder / "TWO.FA").write_text(SECOND)
    return "--plugin", "fasta.py"


def estimates(printed: str) -> dict[tuple[str, str], float]:
    """The plug-in estimates by group and estimand."""
    return {
        (group["group"], each["estimand"]): each["value"]
        for group in json.loads(printed)
        for each in group["estimates"]
    }


@pytest.mark.slow
def test_a_format_of_a_plugin_is_read_by_every_command_that_takes_data(
    mcdiv_command: Command, folder: Path, fasta: tuple[str, str]
) -> None:
    usual = ("-e", "plugin", "--json", *fasta)
    found = estimates(mcdiv_command("estimate", "one.fasta", *usual).stdout)
    assert found == {("one", "entropy"): pytest.approx(math.log(2), rel=1e-14)}
    found = estimates(mcdiv_command("estimate", "TWO.FA", *usual).stdout)
    assert found["two", "entropy"] == pytest.approx(2 * math.log(2) - 0.75 * math.log(3), rel=1e-14)
    against = mcdiv_command("estimate", "one.fasta", "--against", "one.fasta", "--estimand", "kl_divergence", *usual)
    assert estimates(against.stdout) == {("one", "kl_divergence"): 0}
    (folder / "s.yaml").write_text(write_text(small(truth={"counts": {"file": "one.fasta"}}, model=None)))
    assert "s.yaml: fine" in mcdiv_command("check", "s.yaml", *fasta).stdout
    mcdiv_command("run", "s.yaml", "-q", *fasta)
    truths = pd.read_csv(folder / "results" / "small" / "summary.csv")["true_value"]
    assert truths.tolist() == pytest.approx([math.log(2)] * len(truths), rel=1e-14)


def test_it_is_listed_and_has_a_card(mcdiv_command: Command, fasta: tuple[str, str]) -> None:
    listed = json.loads(mcdiv_command("list", "readers", "--json", *fasta).stdout)
    assert {line["name"]: line["suffixes"] for line in listed} == {
        "delimited": ".csv .tsv",
        "excel": ".xlsx",
        "feather": ".feather .arrow",
        "json_data": ".json .biom",
        "json_lines": ".jsonl .ndjson",
        "matrix_market": ".mtx",
        "meme": ".meme",
        "motif": ".pfm .jaspar",
        "numpy_array": ".npy .npz",
        "parquet": ".parquet",
        "plain": ".txt and all others",
        "fasta": ".fasta .fa",
    }
    card = mcdiv_command("show", "fasta", *fasta).stdout
    assert 'Letters of sequences, each below a line that begins with ">".' in card
    assert str(Path("fasta.py").absolute()) in card


def test_without_the_plugin_it_is_refused_with_the_commands_for_both_readings(
    mcdiv_command: Command, folder: Path
) -> None:
    (folder / "one.fasta").write_text(FIRST)
    told = mcdiv_command("estimate", "one.fasta", "-e", "plugin", code=2).stderr
    wanted = "grep -v '^>' one.fasta | mcdiv estimate - --text letters; if these are symbols, say --symbols"
    assert told == f"one.fasta:1: begins with '>one', as FASTA does; for the letters of its sequences: {wanted}\n"
    (folder / "letters.txt").write_text(FIRST.replace(">one\n", ""))
    letters = estimates(mcdiv_command("estimate", "letters.txt", "--text", "letters", "-e", "plugin", "--json").stdout)
    assert letters == {("", "entropy"): pytest.approx(math.log(2), rel=1e-14)}
    told = mcdiv_command("estimate", "one.fasta", "-e", "plugin", "--symbols").stdout
    assert "read as symbols separated by blanks, the first being '>one'" in told


def test_a_mistake_in_the_file_is_one_line_with_its_number(
    mcdiv_command: Command, folder: Path, fasta: tuple[str, str]
) -> None:
    (folder / "bad.fasta").write_text("ACGT\n")
    told = mcdiv_command("estimate", "bad.fasta", *fasta, code=2).stderr
    assert told == "bad.fasta:1: expected '>' and the name of a sequence, got 'ACGT'\n"
    (folder / "bad.fasta").write_bytes(b">one\nAC\xffGT\n")
    assert mcdiv_command("estimate", "bad.fasta", *fasta, code=2).stderr == "bad.fasta:2: not a text file (not UTF-8)\n"
    assert mcdiv_command("estimate", "no.fasta", *fasta, code=2).stderr == "no.fasta: there is no such file\n"
    (folder / "bad.fasta").write_text(">one\n")
    told = mcdiv_command("estimate", "bad.fasta", *fasta, code=2).stderr
    assert told == "bad.fasta, group 'one': there are no draws: all counts are 0\n"


@pytest.fixture
def holding(folder: Path) -> Callable[[Any], None]:
    """Make a.x a file that holds this."""

    def hold(contents: Any) -> None:
        (folder / "a.x").touch()
        READERS._entries.pop("x", None)

        def x(path):
            """A test."""
            return contents() if callable(contents) else contents

        reader(suffixes=[".x"])(x)

    return hold


FRAME = pd.DataFrame({"site": ["A", "A", "B"], "oak": [3, 1, 2], "elm": [0, 2, 2.0]})
LONG = pd.DataFrame({"species": ["oak", "elm", "oak"], "n": pd.array([3, 1, 2], dtype="Int64")})


def pieces() -> Iterator[pd.DataFrame]:
    yield LONG[:2]
    yield LONG[:0]
    yield LONG[2:]


HELD = {
    "wide frame": (FRAME, {"by": "site"}, {"A": {"oak": 4, "elm": 2}, "B": {"oak": 2, "elm": 2}}),
    "samples in columns": (
        FRAME[1:],
        {"layout": "samples-in-columns"},
        {"oak": {"A": 1, "B": 2}, "elm": {"A": 2, "B": 2}},
    ),
    "long frame": (LONG, {}, {"": {"oak": 5, "elm": 1}}),
    "frames in pieces": (pieces, {}, {"": {"oak": 5, "elm": 1}}),
    "column": (LONG, {"column": "species"}, {"": {"oak": 2, "elm": 1}}),
    "groups": (FRAME, {"column": "oak", "by": "site"}, {"A": {"3": 1, "1": 1}, "B": {"2": 1}}),
    "counts by category": ({"oak": 5, "elm": np.int64(1), 7: 2.0}, {}, {"": {"oak": 5, "elm": 1, "7": 2}}),
    "counter": (Counter("hello"), {}, {"": {"h": 1, "e": 1, "l": 2, "o": 1}}),
    "series": (pd.Series([2, 1, 3], index=["a", "b", "a"]), {}, {"": {"a": 5, "b": 1}}),
    "groups of counts": ({1: {"a": 1}, 2: {"a": 2, "b": 0}}, {}, {"1": {"a": 1}, "2": {"a": 2, "b": 0}}),
    "list of counts": ([4, 0, 2], {}, {"": {"1": 4, "2": 0, "3": 2}}),
    "array of draws": (np.array([4, 0, 4]), {"symbols": True}, {"": {"4": 2, "0": 1}}),
    "list of symbols": (["a", "b", "a"], {}, {"": {"a": 2, "b": 1}}),
    "samples in rows": (np.array([[1.0, 2.0], [3.0, 0.0]]), {}, {"row 1": {"1": 1, "2": 2}, "row 2": {"1": 3, "2": 0}}),
    "one sample in a row": (np.array([[1, 2]]), {}, {"": {"1": 1, "2": 2}}),
}


@pytest.mark.parametrize(("contents", "reading", "counts"), HELD.values(), ids=HELD)
def test_tables_counts_and_arrays_of_a_reader_mean_what_they_do_in_text(
    holding: Callable[[Any], None], contents: Any, reading: dict[str, Any], counts: dict[str, dict[str, int]]
) -> None:
    holding(contents)
    tallies = read_tallies("a.x", Reading(**reading))
    assert {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies} == counts


WANTED = "a table, counts by category, or an array of one or two dimensions from its reader"
REFUSED = {
    "cell": (LONG.replace({"n": {1: -1}}), {}, "a.x: row 2: column 'n': expected a whole number >= 0, got '-1'"),
    "missing": (pd.DataFrame({"k": ["a", None], "n": [1, 2]}), {}, "a.x: row 2: column 'k' is empty; leave"),
    "doubt": (pd.DataFrame({"k": ["a", "b"], "l": ["x", "y"]}), {}, "a.x: which column holds the symbols? Choose"),
    "no column": (LONG, {"column": "specie"}, "a.x: unknown column 'specie'; did you mean 'species'?"),
    "twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "a.x: column 'a' is there twice"),
    "no rows": (LONG[:0], {}, "a.x: the table has no rows"),
    "no columns": (pd.DataFrame(), {}, "a.x: the table has no columns"),
    "no frames": (iter(()), {}, "a.x: the table has no columns"),
    "other columns": (lambda: iter([LONG, FRAME]), {}, "a.x: below row 3 the columns are others: site, oak, elm"),
    "no DataFrames": (lambda: iter("ab"), {}, "a.x: its reader gives one str after the other, not DataFrames"),
    "text of a table": (LONG, {"text": "words"}, "a.x: --text is not for tables"),
    "column of counts": ({"a": 1}, {"column": "a"}, "a.x: --column does not apply: the file holds counts by category"),
    "symbols of counts": ({"a": 1}, {"symbols": True}, "a.x: --symbols does not apply: the file holds counts"),
    "column of an array": ([1, 2], {"by": "a"}, "a.x: --by does not apply: the file holds an array"),
    "negative count": ({"a": -1}, {}, "a.x: category 'a': expected a whole number >= 0, got '-1'"),
    "count that is none": ({"a": True}, {}, "a.x: category 'a': expected a whole number >= 0, got 'True'"),
    "half": ([1, 2.5], {}, "a.x: number 2: expected a whole number >= 0, got 2.5"),
    "infinite": ([[1, 2], [3, np.inf]], {}, "a.x: row 2, column 2: expected a whole number >= 0, got inf"),
    "no number": (7, {}, f"a.x: expected {WANTED}, got int"),
    "cube": (np.ones((2, 2, 2)), {}, f"a.x: expected {WANTED}, got 3 dimensions"),
    "symbols in rows": ([["a", "b"]], {}, "a.x: expected numbers in an array of two dimensions, or symbols in one"),
    "empty symbol": (["a", ""], {}, "a.x: symbol 2 is empty"),
    "nothing": ([], {}, "a.x: there are no draws"),
    "None": (None, {}, f"a.x: expected {WANTED}, got NoneType"),
    "too many draws": ([2**52, 2**52], {}, "a.x: the counts add up to 9.0072e+15; expected less than 2^53"),
    "failure": (lambda: 1 // 0, {}, "a.x: the reader 'x' fails: ZeroDivisionError: "),
    "leaves": (lambda: (_ for _ in ()).throw(SystemExit(3)), {}, "a.x: the reader 'x' fails: SystemExit: 3"),
    "not there": (lambda: Path("no").read_text(), {}, "a.x: there is no such file"),
}  # fmt: skip


@pytest.mark.parametrize(("contents", "reading", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_counted_is_one_line(
    holding: Callable[[Any], None], contents: Any, reading: dict[str, Any], said: str
) -> None:
    holding(contents)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.x", Reading(**reading))
    (line,) = caught.value.problems
    assert line.startswith(said)


@pytest.mark.parametrize(
    "contents",
    [
        pd.DataFrame({"k": ["oak", "elm"], "p": [0.25, 0.75]}),
        {"oak": 0.25, "elm": 0.75},
        pd.Series({"oak": 0.25, "elm": 0.75}),
    ],
)
def test_a_model_is_read_from_a_table_or_from_probabilities_by_category(
    holding: Callable[[Any], None], contents: Any
) -> None:
    holding(contents)
    assert read_pmf("a.x")[0] == {"oak": 0.25, "elm": 0.75}


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ([0.5, 0.5], "a.x: expected probabilities by category, got an array"),
        ({"P": {"a": 1}, "Q": {"a": 1}}, "a.x: expected probabilities by category, got 2 groups"),
        ({"a": 1.5}, "a.x: category 'a': expected a probability, got '1.5'"),
        ({1: 0.5, "1": 0.5}, "a.x: category '1' is there twice"),
        (FRAME, "a.x: expected two columns, category and probability, got 3"),
    ],
)
def test_what_is_no_model_is_one_line(holding: Callable[[Any], None], contents: Any, said: str) -> None:
    holding(contents)
    with pytest.raises(ScenarioError, match=f"^{re.escape(said)}$"):
        read_pmf("a.x")


def test_a_reader_is_told_what_was_asked_and_the_longest_suffix_decides(folder: Path) -> None:
    @reader(suffixes=".csv.x")
    def longer(path, reading):
        """A test."""
        return {f"{path.name} {reading.weights}": 1}

    (folder / "b.csv.x").touch()
    with pytest.raises(ScenarioError, match="--weights does not apply"):
        read_tallies("b.csv.x", Reading(weights="n"))
    (tally,) = read_tallies("b.csv.x", Reading())
    assert tally.labels == ("b.csv.x None",)
    assert tally.read_as == "counts by category; 1 draw of 1 category"


def registered(suffixes: Any, rule: Callable[..., Any]) -> None:
    rule.__doc__ = rule.__doc__ or "A test."
    rule.__name__ = "mine"
    reader(suffixes=suffixes)(rule)


@pytest.mark.parametrize(
    ("suffixes", "rule", "said"),
    [
        ([], lambda path: 0, r"mine: a reader has at least one suffix, such as suffixes=\['.fasta'\]"),
        ([".csv"], lambda path: 0, r"mine: the suffix '.csv' belongs to the reader 'delimited' \(mcdiv\..*delimited\)"),
        (["csv"], lambda path: 0, "mine: expected a suffix with its dot, in lower case, got 'csv'"),
        ([".CSV"], lambda path: 0, "mine: expected a suffix with its dot, in lower case, got '.CSV'"),
        (["./x"], lambda path: 0, "mine: expected a suffix with its dot"),
        ([3], lambda path: 0, "mine: expected a suffix with its dot, in lower case, got '3'"),
        ([".y"], lambda: 0, "mine: a reader has the argument 'text' or 'path', and 'reading' .*; got none"),
        ([".y"], lambda file: 0, "got file"),
        ([".y"], lambda path, text: 0, "got path, text"),
    ],
)
def test_a_reader_that_leaves_something_open_is_refused_with_file_and_reason(
    suffixes: Any, rule: Callable[..., Any], said: str
) -> None:
    before = READERS.snapshot()
    with pytest.raises(ValueError, match=f"test_readers.py: {said}" if said.startswith("mine") else said):
        registered(suffixes, rule)
    assert READERS.snapshot() == before


def test_a_reader_says_what_it_reads() -> None:
    with pytest.raises(ValueError, match="silent: the docstring is empty; expected what such a file holds"):

        @reader(suffixes=[".y"])
        def silent(path):
            return []


def test_a_plugin_may_not_take_a_suffix_and_leaves_nothing(mcdiv_command: Command, folder: Path) -> None:
    (folder / "bad.py").write_text(FASTA.replace('".fa"', '".tsv"'), encoding="utf-8")
    told = mcdiv_command("list", "readers", "--plugin", "bad.py", code=2).stderr
    assert re.match(r"bad\.py:7: ValueError: .*fasta: the suffix '\.tsv' belongs to the reader 'delimited' \(", told)
    assert told.count("\n") == 1
    assert "fasta" not in READERS
