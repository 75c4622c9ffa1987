"""Tables of other programs: each is read as what it is, or refused with the options that say so.

The right answers are by hand, or those of a list of questions worked out apart from mcdiv.
"""

import bz2
import gzip
import json
import lzma
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Command

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies
from mcdiv.files.counts.asked import names_in, reading_of

Tallies = dict[str, dict[str, int]]
Read = Callable[..., Tallies]


@pytest.fixture
def read(folder: Path) -> Read:
    """What a file with this text comes to, by group."""

    def reads(name: str, text: str, **reading: Any) -> Tallies:
        (folder / name).write_bytes(text.encode())
        tallies = read_tallies(name, reading_of(**reading))
        return {each.group: dict(zip(each.labels, each.counts.tolist(), strict=True)) for each in tallies}

    return reads


READ = {
    "samples in columns, of taxa": (
        "otu.tsv",
        "taxon\tS1\tS2\noak\t4\t0\nelm\t2\t3\nfir\t1\t5\n",
        {},
        {"S1": {"oak": 4, "elm": 2, "fir": 1}, "S2": {"oak": 0, "elm": 3, "fir": 5}},
    ),
    "QIIME: a commented header, and numbers as names": (
        "otu.tsv",
        "# made by a tool\n#OTU ID\tA\tB\n11\t3\t0\n12\t1\t4\n13\t0\t2\n",
        {},
        {"A": {"11": 3, "12": 1, "13": 0}, "B": {"11": 0, "12": 4, "13": 2}},
    ),
    "QIIME: lineages behind the counts": (
        "otu.tsv",
        "#OTU ID\tA\tB\ttaxonomy\n11\t3\t0\tk__Bacteria\n12\t1\t4\tk__Archaea\n",
        {},
        {"A": {"11": 3, "12": 1}, "B": {"11": 0, "12": 4}},
    ),
    "a symbol below the name in a remark": ("c.csv", "#clone\nAAC\nGGT\nGGT\nTTT\n", {"column": "clone"},
        {"": {"AAC": 1, "GGT": 2, "TTT": 1}}),
    "the same tokens without a table": ("c.txt", "#clone\nAAC\nGGT\nGGT\nTTT\n", {},
        {"": {"AAC": 1, "GGT": 2, "TTT": 1}}),
    "word and count": ("w.txt", "the 6\nof 3\nsea 1\n", {}, {"": {"the": 6, "of": 3, "sea": 1}}),
    "uniq -c": ("w.txt", "      6 the\n      3 white oak\n      1 sea\n", {},
        {"": {"the": 6, "white oak": 3, "sea": 1}}),
    "a histogram of k-mers": ("k.histo", "1 40\n2 10\n3 4\n", {"layout": "spectrum"},
        {"": {str(i): n for i, n in enumerate([1] * 40 + [2] * 10 + [3] * 4, start=1)}}),
    "a spectrum under other names": ("z.csv", "rownames,nTokens,Freq\n1,1,2\n2,2,1\n3,3,1\n",
        {"spectrum": ("nTokens", "Freq")}, {"": {"1": 1, "2": 1, "3": 2, "4": 3}}),
    "R's write.csv of a factor": ("r.csv", '"","x"\n"1","A"\n"2","A"\n"3","B"\n"4","A"\n', {}, {"": {"A": 3, "B": 1}}),
    "R's write.csv of a table": ("r.csv", '"","Var1","Freq"\n"1","A",3\n"2","B",1\n', {}, {"": {"A": 3, "B": 1}}),
    "R's write.table of a data frame": ("r.txt", '"species" "n"\n"1" "oak" 3\n"2" "white elm" 1\n', {},
        {"": {"oak": 3, "white elm": 1}}),
    "R's write.table of a factor": ("r.txt", '"x"\n"1" "A"\n"2" "A"\n"3" "B"\n', {}, {"": {"A": 2, "B": 1}}),
    "R's write.table with tabs": ("r.tsv", "oak\telm\nsite1\t3\t1\nsite2\t2\t2\n", {"samples": "rows"},
        {"site1": {"oak": 3, "elm": 1}, "site2": {"oak": 2, "elm": 2}}),
    "pandas' index": ("p.csv", ",species\n0,oak\n1,elm\n2,oak\n3,fir\n4,oak\n5,elm\n", {},
        {"": {"oak": 3, "elm": 2, "fir": 1}}),
    "pandas' value_counts": ("p.csv", "species,count\noak,3\nelm,2\n", {}, {"": {"oak": 3, "elm": 2}}),
    "pandas' value_counts of numbers": ("p.csv", ",count\n0,3\n1,2\n", {}, {"": {"0": 3, "1": 2}}),
    "specimens": ("s.csv", "specimen,species\n101,oak\n102,oak\n103,elm\n104,oak\n", {"column": "species"},
        {"": {"oak": 3, "elm": 1}}),
    "mothur's shared": ("m.shared",
        "label\tGroup\tnumOtus\tOtu01\tOtu02\tOtu03\n1\tS1\t3\t4\t2\t1\n1\tS2\t3\t1\t0\t5\n", {},
        {"S1": {"Otu01": 4, "Otu02": 2, "Otu03": 1}, "S2": {"Otu01": 1, "Otu02": 0, "Otu03": 5}}),
    "a column of totals": ("t.csv", "site,oak,elm,Total\na,3,1,4\nb,2,2,4\n", {},
        {"a": {"oak": 3, "elm": 1}, "b": {"oak": 2, "elm": 2}}),
    "totals in a row and a column": ("t.csv", "site,oak,elm,All\na,3,1,4\nb,2,2,4\nAll,5,3,8\n", {},
        {"a": {"oak": 3, "elm": 1}, "b": {"oak": 2, "elm": 2}}),
    "a total below counts": ("t.csv", "species,n\noak,3\nelm,1\nTotal,4\n", {}, {"": {"oak": 3, "elm": 1}}),
    "a word that is no total": ("t.csv", "word,n\nall,3\nelm,1\ntotal,5\n", {}, {"": {"all": 3, "elm": 1, "total": 5}}),
    "a missing vote left out": ("v.csv", "vote\nA\nB\nNA\nA\n", {"missing": "drop"}, {"": {"A": 2, "B": 1}}),
    "a missing vote as a category": ("v.csv", "vote\nA\nB\n\"\"\nA\n", {"missing": "category"},
        {"": {"A": 2, "B": 1, "(empty)": 1}}),
    "a missing count left out": ("v.csv", "vote,n\nA,4\nB,NA\nC,2\n", {"missing": "drop"}, {"": {"A": 4, "C": 2}}),
    "position frequencies": ("p.pfm", " 2 9 0\n1 0 5\n5 1 5\n2 0 0\n", {"samples": "columns"},
        {"1": {"1": 2, "2": 1, "3": 5, "4": 2}, "2": {"1": 9, "2": 0, "3": 1, "4": 0},
         "3": {"1": 0, "2": 5, "3": 5, "4": 0}}),
    "position frequencies of bases": ("p.pfm", "A 2 9 0\nC 1 0 5\nG 5 1 5\nT 2 0 0\n", {"samples": "columns"},
        {"2": {"A": 2, "C": 1, "G": 5, "T": 2}, "3": {"A": 9, "C": 0, "G": 1, "T": 0},
         "4": {"A": 0, "C": 5, "G": 5, "T": 0}}),
    "rows of one name": ("h.csv", "habitat,sp1,sp2\nBF,3,4\nSF,0,2\nSF,5,0\n", {},
        {"BF": {"sp1": 3, "sp2": 4}, "SF (row 2)": {"sp1": 0, "sp2": 2}, "SF (row 3)": {"sp1": 5, "sp2": 0}}),
    "rows of one name added": ("h.csv", "habitat,sp1,sp2\nBF,3,4\nSF,0,2\nSF,5,0\n", {"by": "habitat"},
        {"BF": {"sp1": 3, "sp2": 4}, "SF": {"sp1": 5, "sp2": 2}}),
    "years": ("y.csv", "year,oak,elm\n2019,3,1\n2020,2,2\n", {},
        {"2019": {"oak": 3, "elm": 1}, "2020": {"oak": 2, "elm": 2}}),
    "kraken's report": ("k.txt",
        " 30.00\t3\t3\tU\t0\tunclassified\n 70.00\t7\t0\tR\t1\troot\n 70.00\t7\t7\tD\t2\t  Bacteria\n",
        {"layout": "counts", "column": "6", "weights": "3"}, {"": {"unclassified": 3, "root": 0, "  Bacteria": 7}}),
    "ignored columns": ("i.csv", "site,depth,oak,elm\na,10,3,1\nb,20,2,2\n", {"ignore": "depth"},
        {"a": {"oak": 3, "elm": 1}, "b": {"oak": 2, "elm": 2}}),
    "faces of a die": ("d.csv", "face\n6\n1\n6\n", {"layout": "draws"}, {"": {"6": 2, "1": 1}}),
    "faces of a die with pandas' index": ("d.csv", ",face\n0,6\n1,1\n2,6\n", {"layout": "draws"},
        {"": {"6": 2, "1": 1}}),
    "counts without names": ("d.csv", "tally\n6\n1\n6\n", {"layout": "counts"}, {"": {"1": 6, "2": 1, "3": 6}}),
    "no header": ("d.csv", "oak,7\nelm,3\n", {"layout": "counts"}, {"": {"oak": 7, "elm": 3}}),
    "tokens that are draws": ("d.txt", "6 1 6\n", {"layout": "draws"}, {"": {"6": 2, "1": 1}}),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "reading", "expected"), READ.values(), ids=READ)
def test_a_table_of_another_program_is_read_as_what_it_is(
    read: Read, name: str, text: str, reading: dict[str, Any], expected: Tallies
) -> None:
    assert read(name, text, **reading) == expected


#: what is told where two readings fit; each names both, and the options to type
DOUBTS = {
    "samples in rows or columns": (
        "a.csv",
        ",A,B,C\nx,3,1,0\ny,2,2,4\n",
        [
            "3 samples of 2 categories, 12 draws: A (3, 2), B (1, 2), C (0, 4), with --layout samples-in-columns",
            "2 samples of 3 categories, 12 draws: x (3, 1, 0), y (2, 2, 4), with --layout samples-in-rows",
        ],
    ),
    "one of two names, or pairs": (
        "a.csv",
        "word,tag\nrun,verb\nrun,noun\ndog,noun\n",
        ["Choose one with --column: word, tag; or, ", "(mutual information), read both with --layout joint"],
    ),
    "specimens or counts": (
        "a.csv",
        "specimen,species\n101,oak\n102,oak\n103,elm\n104,oak\n",
        ["4 draws of 2 categories: (oak 3, elm 1), with --column species", "--column species --weights specimen"],
    ),
    "plots or counts": ("a.csv", "plot,species\n1,oak\n1,elm\n2,oak\n", ["3 draws of 2 categories", "4 draws of 2"]),
    "numbers in a row or counts": ("a.csv", "no,species\n1,oak\n2,elm\n3,fir\n", ["3 draws of 3", "6 draws of 3"]),
    "draws or counts": (
        "a.csv",
        "face\n6\n1\n6\n",
        ["13 draws of 3 categories: (1 6, 2 1, 3 6), with --layout counts", "3 draws of 2 categories"],
    ),
    "a spectrum or counts": (
        "a.csv",
        "rownames,nTokens,Freq\n1,1,40\n2,2,10\n3,3,4\n",
        ["72 draws of 54 categories", "--spectrum nTokens,Freq", "54 draws of 3 categories"],
    ),
    "a spectrum or a matrix": ("a.txt", "1 40\n2 10\n3 4\n", ["72 draws of 54 categories", "--spectrum 1,2"]),
    "a matrix": ("a.txt", " 2 9 0\n1 0 5\n5 1 5\n2 0 0\n", ["--layout samples-in-columns", "--layout samples-in-rows"]),
    "a missing value": ("a.csv", "vote\nA\nB\nNA\nA\n", ["a.csv:4: column 'vote' has 'NA'", "--missing drop"]),
    "a missing token": ("a.txt", "A B NaN A\n", ["a.txt: a token has 'NaN'", "--missing drop"]),
    "a total that is none": ("a.csv", "site,oak,elm,Total\na,3,1,9\nb,2,2,9\n", ["'Total' is not", "--ignore Total"]),
    "a sum without its name": (
        "a.csv",
        "site,oak,elm,x\na,3,1,4\nb,2,2,4\nc,0,1,1\n",
        ["column 'x' is the sum of the others in every row", "--ignore x"],
    ),
    "a total that ends": (
        "a.csv",
        "site,oak,elm,Total\n" + "a,3,1,4\n" * 70_000 + "b,2,2,5\n",
        ["a.csv:70002: column 'Total' is the sum of the others above, and here it is not"],
    ),
    "two columns of names": ("a.csv", "site,year,oak,elm\na,2019,3,1\nb,2019,2,2\n",
        ["a.csv:1: columns 'site' and 'year' may both name the rows; leave one out with --ignore"]),
    "a spectrum or nothing known": ("a.csv", "number,year\n1,2\n3,4\n",
        ["a.csv:1: this may be: 14 draws of 6 categories: (1, 1, 3, …), with --spectrum number,year"]),
    "points that may separate thousands": ("a.csv", "Art;Anzahl\nEiche;1.234\nUlme;987\n",
        ["a.csv:1: column 'Anzahl' has '1.234', where the point may separate thousands", "--layout weights"]),
    "a sign in a column of counts": ("a.csv", "year,k\n2,a\n+3,b\n", ["expected counts, got weights by category"]),
    "two counts beside what is none": ("a.csv", "oak,Weight,freq\n1e3,1,1\n",
        ["which column holds the categories that 'Weight' counts?"]),
    "no rows": ("a.csv", '"","categories"\n\n', ["a.csv:2: there are no rows below the header"]),
    "NUL below a line": ("a.txt", "elm\n\0", ["a.txt: not a text file (it holds NUL characters"]),
    "one word in a remark": ("a.csv", "#clone\nAAC\nGGT\nGGT\n", ["--column clone if so, or --column AAC if"]),
    "no header": ("a.tsv", "1\t40\n2\t10\n",
        ["'1' is a number", "they are 1, 2, …: this can be read in 3 ways: ", "with --spectrum 1,2; or "]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param(*each, id=name, marks=pytest.mark.slow if len(each[1]) > 2**16 else ())
        for name, each in DOUBTS.items()
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(read: Read, name: str, text: str, said: list[str]) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(name, text)
    (line,) = caught.value.problems
    for part in said:
        assert part in line


@pytest.mark.slow
def test_each_reading_that_a_doubt_names_can_be_typed(read: Read, folder: Path) -> None:
    for name, text, _ in DOUBTS.values():
        try:
            read(name, text)
        except ScenarioError as error:
            (line,) = error.problems
        for option in line.split(", with --")[1:]:
            words = ("--" + option.partition(";")[0]).split()
            asked: dict[str, Any] = dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True))
            if "spectrum" in asked:
                asked["spectrum"] = names_in(asked["spectrum"])
            assert read_tallies(name, reading_of(**asked))


def test_what_was_left_out_is_said_with_how_much_is_counted(read: Read) -> None:
    read("t.csv", "site,oak,elm,Total\na,3,1,4\nb,2,2,4\n")
    (first, _) = read_tallies("t.csv", Reading())
    assert first.read_as == (
        "one sample in each row, its categories in 2 columns: oak, elm; 2 samples of 2 categories, 8 draws; "
        "column 'Total' is the sum of the others: left out"
    )
    read("v.csv", "vote\nA\nB\nNA\nA\n", missing="drop")
    (tally,) = read_tallies("v.csv", Reading(missing="drop"))
    assert tally.read_as == "the symbols of column 'vote'; 3 draws of 2 categories; 1 row without a value left out"


def test_measurements_are_to_be_put_into_bins_first(read: Read) -> None:
    with pytest.raises(ScenarioError, match="column 'height' holds decimals that are all different, such as measure"):
        read("h.csv", "height\n1.71\n1.805\n1.64\n")
    assert read("h.csv", "height\n1.71\n1.805\n1.64\n", layout="draws") == {"": {"1.71": 1, "1.805": 1, "1.64": 1}}
    assert read("h.csv", "stars\n3.5\n4\n3.5\n") == {"": {"3.5": 2, "4": 1}}


def test_samples_in_columns_are_tested_against_each_other(mcdiv_command: Command, folder: Path) -> None:
    (folder / "otu.tsv").write_text("taxon\tS1\tS2\noak\t4\t0\nelm\t2\t3\nfir\t1\t5\n")
    printed = json.loads(mcdiv_command("test", "otu.tsv", "--samples", "columns", "--json").stdout)
    cells = {(4, 7, 4), (2, 7, 5), (1, 7, 6), (3, 8, 5), (5, 8, 6)}  # count, its sample and its category
    wanted = 2 * sum(n * math.log(15 * n / (row * column)) for n, row, column in cells)
    assert printed[0]["statistic"] == pytest.approx(wanted, rel=1e-12)
    (found,) = mcdiv.tests("otu.tsv", samples="columns")
    assert found.samples == ("S1", "S2")
    assert found.statistic == printed[0]["statistic"]


TABLE = "species,n\noak,3\nelm,2\n"


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip"])
def test_a_packed_file_is_read_as_what_is_in_it(folder: Path, suffix: str) -> None:
    raw = TABLE.encode()
    if suffix == ".zip":
        with zipfile.ZipFile("trees.csv.zip", "w") as archive:
            archive.writestr("trees.csv", raw)
    else:
        pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}[suffix]
        (folder / f"trees.csv{suffix}").write_bytes(pack(raw))
    (tally,) = read_tallies(f"trees.csv{suffix}", Reading())
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"oak": 3, "elm": 2}
    packed = (folder / f"trees.csv{suffix}").read_bytes()
    for broken in (packed[:-9], raw, b""):
        (folder / f"trees.csv{suffix}").write_bytes(broken)
        with pytest.raises(ScenarioError) as caught:
            read_tallies(f"trees.csv{suffix}", Reading())
        (line,) = caught.value.problems
        assert line.startswith(f"trees.csv{suffix}: ")


def test_a_zip_of_two_files_is_refused_with_their_names(folder: Path) -> None:
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("a.csv", TABLE)
        archive.writestr("b.csv", TABLE)
    with pytest.raises(ScenarioError, match=r"^two\.zip: holds 2 files; expected one: a\.csv, b\.csv$"):
        read_tallies("two.zip", Reading())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_mark_at_the_beginning_says_the_encoding(folder: Path, encoding: str) -> None:
    (folder / "b.csv").write_bytes("Baum,n\nEiche,3\nÜlme,2\n".encode(encoding))
    (tally,) = read_tallies("b.csv", Reading())
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"Eiche": 3, "Ülme": 2}


WRONG = [
    (["--layout", "drwas"], "--layout: unknown layout 'drwas'; did you mean 'draws'?"),
    (["--layout", "draws", "--samples", "rows"], "--layout and --samples do not go together"),
    (["--spectrum", "k"], "--spectrum: expected two columns, of how often and of how many categories"),
    (["--ignore", "m"], "a.csv:1: unknown column 'm'; expected one of: k, n"),
    (["--layout", "samples-in-rows", "--ignore", "n"], "this is no table of --layout samples-in-rows: it has no two"),
    (["--text", "words", "--layout", "counts"], "a.csv: --text and --layout do not go together"),
]


@pytest.mark.parametrize(("options", "said"), WRONG, ids=[each[1][:40] for each in WRONG])
def test_an_option_that_does_not_fit_is_one_line(
    mcdiv_command: Command, read: Read, options: list[str], said: str
) -> None:
    read("a.csv", "k,n\na,7\nb,3\n")
    told = mcdiv_command("estimate", "a.csv", *options, code=2).stderr
    assert said in told
    assert told.count("\n") == 1


def test_the_options_are_arguments_of_the_function(mcdiv_command: Command, read: Read) -> None:
    read("otu.csv", ",A,B,sum\nx,3,1,4\ny,2,2,4\n", samples="columns")
    printed = json.loads(mcdiv_command("estimate", "otu.csv", "--samples", "columns", "-e", "plugin", "--json").stdout)
    found = mcdiv.estimates("otu.csv", samples="columns", estimators="plugin")
    assert list(found.table["value"]) == [each["value"] for group in printed for each in group["estimates"]]
    assert found.table["value"][0] == pytest.approx(math.log(5) - (3 * math.log(3) + 2 * math.log(2)) / 5, rel=1e-14)
    with pytest.raises(ScenarioError, match="with 'layout' samples-in-rows"):
        mcdiv.estimates("otu.csv")
