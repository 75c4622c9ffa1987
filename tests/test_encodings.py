"""What the bytes of a file are: older encodings, lone carriage returns, decimal commas, formats that are no text."""

import gzip
import io
import sys
import zipfile
from pathlib import Path

import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_pmf, read_tallies
from mcdiv.files.counts.asked import reading_of
from mcdiv.files.trees import read_tree
from mcdiv.files.yaml_text import read_file


def counts_in(raw: bytes, name: str = "a.csv", **asked: str) -> dict[str, int]:
    Path(name).write_bytes(raw)
    (tally,) = read_tallies(name, reading_of(**asked))  # type: ignore[arg-type]
    return dict(zip(tally.labels, tally.counts.tolist(), strict=True))


def problem_of(raw: bytes, name: str = "a.csv", **asked: str) -> str:
    Path(name).write_bytes(raw)
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, reading_of(**asked))  # type: ignore[arg-type]
    (line,) = caught.value.problems
    assert "\n" not in line
    return line


@pytest.mark.usefixtures("folder")
def test_an_older_text_is_read_and_its_encoding_named() -> None:
    raw = "Baum,n\nÜlme,2\n“Eiche”,3\n".encode("cp1252")
    assert counts_in(raw) == {"Ülme": 2, "“Eiche”": 3}
    (tally,) = read_tallies("a.csv", Reading())
    assert tally.read_as.endswith("; read as Windows-1252 (Latin-1), as it is not UTF-8")
    assert counts_in(gzip.compress(raw), "a.csv.gz") == {"Ülme": 2, "“Eiche”": 3}
    assert counts_in("é è é\n".encode("latin-1"), "a.txt") == {"é": 2, "è": 1}


NO_TEXT = [
    "k,n\né,1\n".encode() + b"\xe8,2\n",  # a letter in UTF-8, and one that is not
    b"k,n\n\xe8,2\n" + "é,1\n".encode(),
    b"k,n\n\xff,1\n",
    b"k,n\n\x8d,1\n",  # nothing in Windows-1252
    b"k,n\n\xe9\x01,1\n",  # a control character
    b"k,n\n\x01,1\n\xe9,1\n",
    "k,n\na,1\n日".encode()[:-1],  # cut off
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("raw", NO_TEXT)
def test_what_may_be_no_text_at_all_is_refused(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not a text file (not UTF-8)" in problem_of(raw)
    monkeypatch.setattr(sys, "stdin", Piped(raw))
    with pytest.raises(ScenarioError, match=r"^standard input: not a text file \(not UTF-8\)$"):
        read_tallies("-", Reading())


class Piped:
    """Standard input whose bytes come a few at a time, and only once."""

    def __init__(self, raw: bytes) -> None:
        self.buffer = self
        self._bytes = io.BytesIO(raw)

    def read1(self, size: int) -> bytes:
        """At most seven of them."""
        return self._bytes.read(min(size, 7))

    def read(self, size: int = -1) -> bytes:
        """So many, or those that are left."""
        return self._bytes.read(size)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("shift", range(8))
def test_standard_input_is_read_as_a_file_is(encoding: str, shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"# {'x' * shift}\nBaum,n\nBuche,7\n" + "".join(f"{i}“Ülme€”,{i}\n" for i in range(300))
    Path("a.csv").write_bytes(text.encode(encoding))
    monkeypatch.setattr(sys, "stdin", Piped(text.encode(encoding)))
    (piped,), (filed,) = read_tallies("-", Reading()), read_tallies("a.csv", Reading())
    assert (piped.labels, piped.counts.tolist()) == (filed.labels, filed.counts.tolist())
    assert piped.read_as == filed.read_as
    assert piped.read_as.endswith("; read as Windows-1252 (Latin-1), as it is not UTF-8") == (encoding == "cp1252")


def test_bytes_of_standard_input_are_counted_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(b"\xe9\xe9a"))
    (tally,) = read_tallies("-", reading_of(text="bytes"))
    assert {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n} == {"61": 1, "e9": 2}


@pytest.mark.usefixtures("folder")
def test_lone_carriage_returns_end_lines() -> None:
    assert counts_in(b"k,n\roak,2\relm,1\r") == {"oak": 2, "elm": 1}
    assert counts_in(b"k;n\r\noak;2\r\nelm;1\r\n") == {"oak": 2, "elm": 1}


@pytest.mark.usefixtures("folder")
def test_a_comma_or_a_point_that_may_separate_thousands_is_refused_with_both_readings() -> None:
    said = (
        "column 'n' has '1,234', where the comma may separate thousands; take such commas out, or say --layout weights"
    )
    assert said in problem_of(b"k;n\na;1,234\nb;987\n")
    assert said in problem_of(b'k,n\na,"1,234"\nb,987\n')
    assert "has '1,234,567', with marks between thousands; take them out" in problem_of(b"k;n\na;1,234,567\nb;987\n")
    assert "has '1.234.567', with marks between thousands; take them out" in problem_of(b"k;n\na;1.234.567\nb;987\n")
    assert "has '1,25' and '3.5'; expected one mark of decimals" in problem_of(b"k;x\na;1,25\nb;3.5\n")


@pytest.mark.usefixtures("folder")
def test_symbols_with_commas_stay_what_they_are() -> None:
    assert counts_in(b"pair;x\n1,2;a\n1,2;b\n3,4;b\n", column="pair") == {"1,2": 2, "3,4": 1}


@pytest.mark.usefixtures("folder")
def test_a_model_can_have_decimal_commas() -> None:
    Path("m.csv").write_text("k;p\na;0,25\nb;0,75\n")
    assert read_pmf("m.csv")[0] == {"a": 0.25, "b": 0.75}


FORMATS = {
    b"\x89HDF\r\n\x1a\n": "a.csv: is an HDF5 file; of these, BIOM tables are read, with a name that ends with .biom",
    b"PAR1....": "a.csv: is a Parquet file; give it a name that ends with .parquet",
    b"PK\x03\x04....": "a.csv: is a zip file, such as a workbook of Excel (.xlsx) or an archive (.zip, .npz)",
    b"\x1f\x8b....": "a.csv: is packed by gzip; unpack it, or give it a name that ends with .gz",
    b"%PDF-1.7": "a.csv: is a PDF file; expected a table or a text",
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("raw", FORMATS)
def test_a_format_that_is_no_text_is_named(raw: bytes) -> None:
    assert problem_of(raw) == FORMATS[raw]


def test_standard_input_that_is_packed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BufferedReader(io.BytesIO(gzip.compress(b"a b a\n")))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    with pytest.raises(ScenarioError, match="standard input: is packed by gzip; unpack it"):
        read_tallies("-", Reading())


def test_links_that_go_round_are_one_line(folder: Path) -> None:
    (folder / "a.csv").symlink_to("b.csv")
    (folder / "b.csv").symlink_to("a.csv")
    with pytest.raises(ScenarioError, match=r"^a\.csv: too many levels of symbolic links$"):
        read_tallies("a.csv", Reading())


@pytest.mark.usefixtures("folder")
def test_a_number_without_a_mark_of_decimals_beside_one_with_it_is_no_second_mark() -> None:
    assert "expected a whole number >= 0, got '-1'" in problem_of(b"k;n\na;-1\nb;1,5\n")


def test_a_scenario_and_a_tree_that_windows_wrote_in_utf_16_are_read(folder: Path) -> None:
    (folder / "s.yaml").write_text("name: größe\n", encoding="utf-16")
    assert read_file(folder / "s.yaml").values == {"name": "größe"}
    (folder / "t.json").write_text('{"policy": "ä"}', encoding="utf-16")
    assert read_tree("t.json")[0] == {"policy": "ä"}
    (folder / "s.yaml").write_bytes("name: a".encode("utf-16") + b"\0")
    with pytest.raises(ScenarioError, match=r"not a text file \(not UTF-16 at byte"):
        read_file(folder / "s.yaml")


@pytest.mark.usefixtures("folder")
def test_utf_16_is_told_by_its_mark_wherever_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "k,n\nü,2\n"
    assert counts_in(gzip.compress(text.encode("utf-16")), "a.csv.gz") == {"ü": 2}
    raw = io.BufferedReader(io.BytesIO(text.encode("utf-16")))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
    (tally,) = read_tallies("-", Reading())
    assert tally.labels == ("ü",)


def test_archives_that_cannot_be_unpacked_are_one_line(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.csv.zip", "w") as archive:
        archive.writestr("a.csv", "species,count\noak,2\n")
    whole = (folder / "a.csv.zip").read_bytes()
    entry = whole.index(b"PK\x01\x02")
    for place, put, said in [(6, b"\xc3", "zip file version 19.5"), (8, b"\x01", "encrypted"), (10, b"\x63", "method")]:
        (folder / "b.csv.zip").write_bytes(whole[: entry + place] + put + whole[entry + place + 1 :])
        with pytest.raises(ScenarioError, match=rf"^b\.csv\.zip: cannot be unpacked: .*{said}"):
            read_tallies("b.csv.zip", Reading())
    (folder / "b.csv.gz").write_bytes(gzip.compress(b"oak elm\n")[:-8] + bytes(8))
    with pytest.raises(ScenarioError, match=r"^b\.csv\.gz: is broken, or no \.gz file: CRC check failed"):
        read_tallies("b.csv.gz", Reading())
