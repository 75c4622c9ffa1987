"""Tables that say what they count, and those that do not: nothing is read as something else without a word."""

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_pmf, read_tallies

Counted = Callable[..., list[dict[str, int]]]


@pytest.fixture
def counted(folder: Path) -> Counted:
    """What a file with this text comes to, group by group."""

    def read(name: str, content: str, **reading: Any) -> list[dict[str, int]]:
        (folder / name).write_bytes(content.encode())
        tallies = read_tallies(name, Reading(**reading))
        return [dict(zip(tally.labels, tally.counts.tolist(), strict=True)) for tally in tallies]

    return read


@pytest.mark.parametrize("name", ["count", "counts", "n", "N", "frequency", "weight"])
def test_a_column_whose_name_says_so_counts_the_other_also_where_that_holds_numbers(
    counted: Counted, name: str
) -> None:
    assert counted("a.csv", f"face,{name}\n1,12\n6,8\n1,1\n") == [{"1": 13, "6": 8}]
    assert counted("a.csv", f"{name},face\n12,1\n8,6\n") == [{"1": 12, "6": 8}]
    assert counted("a.csv", f"year,face,{name}\n2019,1,12\n2020,6,8\n", by="year") == [{"1": 12}, {"6": 8}]


MISTAKES = [
    (
        "year,species,n\n2019,oak,3\n2020,elm,4\n",
        {},
        "a.csv:1: which column holds the categories that 'n' counts? Say so with --column and --weights: year, spe",
    ),
    ("oak,n,count\n3,2,1\n", {}, "a.csv:1: which column holds the categories that 'n' counts?"),
    ("1,2,3\n5,3,2\n", {}, "a.csv:1: '1' is a number, and the first line has to name the columns"),
    ("oak,7\nelm,3\n", {}, "a.csv:1: '7' is a number"),
    ("7\n3\n", {}, "a.csv:1: '7' is a number"),
    ("H\nT\nH\n", {}, "a.csv:1: 'H' is a symbol as well as the column's name"),
    ("k\na\n", {"symbols": True}, "a.csv: --symbols is not for tables; choose the column of the symbols with --column"),
    ("k\na\n", {"text": "words"}, "a.csv: --text is not for tables"),
    ("k\na\n", {"text": "words", "column": "k"}, "a.csv: --text and --column do not go together"),
    ("k\na\n", {"symbols": True, "by": "k"}, "a.csv: --symbols and --by do not go together"),
    ("k\na\n", {"symbols": True, "text": "words"}, "a.csv: --text and --symbols do not go together"),
    ("k,n\na,4503599627370496\nb,4503599627370496\n", {}, "a.csv: the counts add up to 9.0072e+15; expected less than"),
    (f"k,n\na,{10**18}\na,{10**19}\n", {}, "a.csv: the counts add up to 1.1e+19; expected less than 2^53"),
    (f"a,b\n{10**15},1\n" + f"{10**15},1\n" * 9300, {"by": "b", "layout": "counts"}, "a.csv: the counts add up"),
    ("oak,elm,n\n1,2,3\n", {"weights": "n"}, "a.csv:1: which column holds the categories?"),
]


@pytest.mark.parametrize(("text", "reading", "said"), MISTAKES, ids=[m[-1][:50] for m in MISTAKES])
def test_a_table_that_may_mean_something_else_is_refused(
    counted: Counted, text: str, reading: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        counted("a.csv", text, **reading)
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('symbol\na\n"b\na\nc\na\nb', "a.csv:3: not a table: unexpected end of data in the row that begins here"),
        ('k,n\noak,1\n"elm"s,2\nash,3\n', "a.csv:3: not a table: ',' expected after '\"' in the row that begins here"),
        ('"k,n\noak,1\n', "a.csv:1: not a table: unexpected end of data in the row that begins here"),
        ('k,n\n"two\nlines",1\n"elm,2\n', "a.csv:4: not a table: unexpected end of data"),
    ],
)
def test_a_quote_that_is_not_closed_or_closed_too_early_is_no_table(counted: Counted, text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        counted("a.csv", text)
    assert caught.value.problems[0].startswith(said)


@pytest.mark.parametrize(
    "text", ['"freq"\n5\n3\n2\n', '"freq"\n5\n', "freq\n5\n", "n\n5\n3\n", '"tree"\noak\n"elm"\noak\n']
)
def test_one_column_is_read_alike_whatever_the_file_is_called(counted: Counted, text: str) -> None:
    assert counted("a.txt", text) == counted("a.csv", text)


@pytest.mark.parametrize("name", ["category", "Symbol", "n", "freq", "value"])
def test_what_may_be_the_name_of_a_column_or_a_symbol_is_a_doubt(counted: Counted, name: str) -> None:
    said = f"a.txt:1: '{name}' may be a symbol or the name of a column; say --symbols if it is a symbol, --column"
    with pytest.raises(ScenarioError, match=said):
        counted("a.txt", f"{name}\na\nb\na\n")
    assert counted("a.txt", f"{name}\na\nb\na\n", symbols=True) == [{name: 1, "a": 2, "b": 1}]
    assert counted("a.txt", f"{name}\na\nb\na\n", column=name) == [{"a": 2, "b": 1}]
    assert counted("a.txt", f"{name} a b a\n") == [{name: 1, "a": 2, "b": 1}]


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_file_of_nul_or_without_end_is_refused_before_it_is_held(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(ScenarioError, match="not a text file \\(it holds NUL characters"):
        read_tallies(name, Reading())
    monkeypatch.setattr("mcdiv.files.counts.text._LONGEST", 10**6)
    (folder / name).unlink()
    (folder / name).write_text("x" * (3 * 2**20))
    with pytest.raises(ScenarioError, match=r"1,?000,?000 characters without a"):
        read_tallies(name, Reading())


@pytest.mark.parametrize("reading", [{}, {"text": "words"}, {"text": "letters"}])
def test_utf_16_is_told_from_text(folder: Path, reading: dict[str, Any]) -> None:
    (folder / "a.txt").write_bytes("oak elm oak".encode("utf-16-le"))
    with pytest.raises(ScenarioError, match="not a text file"):
        read_tallies("a.txt", Reading(**reading))


@pytest.mark.slow
def test_a_mistake_below_many_rows_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", left.append)
    (folder / "a.csv").write_text("k,n\n" + "oak,1\n" * 70_000 + "elm,x\n" + "oak,1\n" * 70_000)
    with pytest.raises(ScenarioError, match=r"a\.csv:70002: column 'n'"):
        read_tallies("a.csv", Reading())
    gc.collect()
    assert not left


def test_counts_below_their_name_need_no_table(counted: Counted) -> None:
    assert counted("a.txt", "n\n5\n3\n2\n") == counted("a.csv", "n\n5\n3\n2\n") == [{"1": 5, "2": 3, "3": 2}]
    assert counted("a.txt", "n\no\nn\n") == [{"n": 2, "o": 1}]


def test_symbols_that_are_no_table_show_the_first_of_them_and_a_named_column_makes_them_one(
    mcdiv_command: Command,
) -> None:
    text = "species\na\nb\na\n"
    told = mcdiv_command("estimate", "-", "-e", "plugin", stdin=text).stdout
    assert "read as symbols separated by blanks, the first being 'species'" in told
    told = mcdiv_command("estimate", "-", "-e", "plugin", "--column", "species", stdin=text).stdout
    assert "3 draws, 2 categories seen." in told


def test_a_symbol_may_be_called_as_its_column_if_that_is_said(counted: Counted) -> None:
    assert counted("a.csv", "word\nto\nword\n", column="word") == [{"to": 1, "word": 1}]
    assert counted("a.csv", "word,n\nto,1\nword,1\n") == [{"to": 1, "word": 1}]


def test_wide_rows_of_one_name_are_added_only_where_that_is_said(folder: Path) -> None:
    (folder / "w.csv").write_text("site,oak,elm\nA,1,2\nA,3,0\n")
    first, second = read_tallies("w.csv", Reading())
    assert (first.group, second.group) == ("A (row 1)", "A (row 2)")
    assert first.read_as == (
        "one sample in each row, its categories in 2 columns: oak, elm; 2 samples of 2 categories, 6 draws"
    )
    (tally,) = read_tallies("w.csv", Reading(by="site"))
    assert tally.counts.tolist() == [4, 2]
    assert tally.read_as == (
        "a sample for each 'site', its rows added up, its categories in 2 columns: oak, elm; 6 draws of 2 categories"
    )


def test_a_header_may_break_its_lines_and_places_stay_right(counted: Counted) -> None:
    text = '# a remark\n"the\nspecies",n\noak,3\nelm,x\nash,4\n'
    assert counted("a.csv", text.replace("x", "1")) == [{"oak": 3, "elm": 1, "ash": 4}]
    with pytest.raises(ScenarioError, match=r"a\.csv:5: column 'n': expected a whole number >= 0, got 'x'"):
        counted("a.csv", text)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_header_longer_than_what_is_looked_at_together_is_read_whole(counted: Counted) -> None:
    names = [f"a_rather_long_name_of_category_{i}" for i in range(40_000)]
    (found,) = counted("a.csv", f"{','.join(names)}\n{','.join(['1'] * len(names))}\n")
    assert list(found) == names


def test_a_letter_is_the_same_however_its_accent_is_written(counted: Counted, folder: Path) -> None:
    one, two = "caf\u00e9", "cafe\u0301"
    assert counted("a.txt", f"{one} {two}", text="words") == [{one: 2}]
    assert counted("a.txt", f"{one} {two}", text="letters") == [{"c": 2, "a": 2, "f": 2, "\u00e9": 2}]
    assert counted("a.txt", f"{one} {two}") == [{one: 2}]
    assert counted("a.csv", f"k,n\n{one},3\n{two},4\n") == [{one: 7}]
    (folder / "m.csv").write_text(f"k,p\n{two},1\n", encoding="utf-8")
    assert read_pmf("m.csv")[0] == {one: 1.0}


@pytest.mark.parametrize("text", ["n 7 0 3", "n\n7\n0\n3", "n\r7\r0\r3", "n 7.0\r0\t3", "n\r7 0\t3 "])
def test_counts_below_their_name_are_counts_whatever_stands_between_them(counted: Counted, text: str) -> None:
    assert counted("a", text) == counted("b.txt", "7 0 3") == [{"1": 7, "2": 0, "3": 3}]


def test_huge_numbers_are_refused_also_as_tokens(counted: Counted) -> None:
    with pytest.raises(ScenarioError, match=r"a\.txt: the counts add up to 1e"):
        counted("a.txt", f"{10**30} 1\n")
    with pytest.raises(ScenarioError, match=r"a\.txt: number 1: expected a whole number"):
        counted("a.txt", f"{'9' * 200} 1\n")


@pytest.mark.slow
def test_a_byte_that_is_no_text_is_found_in_its_line(folder: Path) -> None:
    for before in (1, 3_001, 400_000):
        (folder / "a.csv").write_bytes(b"k,n\n" + b"oak,1\n" * (before - 1) + b"h\xfftre,1\nelm,2\n")
        with pytest.raises(ScenarioError, match=rf"a\.csv:{before + 1}: not a text file \(not UTF-8\)"):
            read_tallies("a.csv", Reading())
    (folder / "a.csv").write_bytes("k,n\noak,1\né".encode()[:-1])
    with pytest.raises(ScenarioError, match=r"a\.csv:3: not a text file"):
        read_tallies("a.csv", Reading())


@pytest.mark.parametrize("value", ["-0.1", "1.5", "nan"])
def test_what_is_no_probability_is_found_in_its_line(folder: Path, value: str) -> None:
    (folder / "m.csv").write_text(f"k,p\nb,{value}\na,0.6\n")
    with pytest.raises(ScenarioError, match=rf"m\.csv:2: column 'p': expected a probability, got '{value}'"):
        read_pmf("m.csv")


def test_a_cell_that_is_no_number_is_named_where_the_others_of_its_column_are(counted: Counted) -> None:
    said = r"a\.csv:3: column 'elm' has numbers, and here it has 'NA'; if it holds the symbols, say so with --column"
    with pytest.raises(ScenarioError, match=said):
        counted("a.csv", "oak,elm,ash\n3,4,x\n1,NA,2\n")
    with pytest.raises(ScenarioError, match="which column holds the symbols"):
        counted("a.csv", "oak,elm\nx,y\nz,w\n")


def test_running_text_that_looks_like_a_header_gets_a_hint(counted: Counted) -> None:
    with pytest.raises(
        ScenarioError, match=r"a\.txt:1: there are no rows below the header; for running text say --text"
    ):
        counted("a.txt", "To be, or not to be\n")


def test_a_closed_standard_input_is_one_line(mcdiv_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as closed:
        closed.setattr(sys, "stdin", None)
        with pytest.raises(ScenarioError, match="standard input: is closed"):
            read_tallies("-", Reading())
