"""Files as bytes and as characters, and JSON on standard input."""

import gzip
import io
import json
import math
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import Command

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, read_tallies
from mcdiv.files.counts.asked import reading_of

_RAW = bytes([0, 255, 0, 10, 65, 0]) * 3


def test_bytes_of_any_file_are_draws_of_256_categories(folder: Path) -> None:
    (folder / "a.npy").write_bytes(_RAW)
    (tally,) = read_tallies("a.npy", reading_of(text="bytes"))
    assert {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n} == {
        "00": 9, "0a": 3, "41": 3, "ff": 3,
    }  # fmt: skip
    assert tally.read_as == "bytes of the file as it is; 18 draws of 256 categories"
    found = mcdiv.estimates("a.npy", text="bytes", estimators="plugin", units="bits").table
    assert found["value"][0] == pytest.approx(0.5 + math.log2(6) / 2, rel=1e-14)


def test_all_256_bytes_are_the_alphabet_whether_they_occur_or_not(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.bin").write_bytes(bytes(range(256)) * 2)
    told = mcdiv_command("estimate", "a.bin", "--bytes", "-e", "plugin", "-q").stdout
    assert "These are all the categories listed." in told


def test_a_packed_file_has_the_bytes_that_are_stored(mcdiv_command: Command, folder: Path) -> None:
    packed = gzip.compress(_RAW, mtime=0)
    (folder / "a.gz").write_bytes(packed)
    printed = json.loads(mcdiv_command("estimate", "a.gz", "--bytes", "-e", "plugin", "-q", "--json").stdout)
    assert printed[0]["read_as"].startswith("bytes of the file as it is, not unpacked;")
    wanted = -math.fsum(n / len(packed) * math.log(n / len(packed)) for n in Counter(packed).values())
    assert printed[0]["estimates"][0]["value"] == pytest.approx(wanted, rel=1e-12)


def test_bytes_come_from_standard_input_and_have_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00\x01\x00\x01")))
    (tally,) = read_tallies("-", reading_of(text="bytes", order=1))
    found = {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n}
    assert found == {"00, 01": 2, "01, 00": 1}


REFUSED = [
    ("no.bin", {"text": "bytes"}, "no.bin: there is no such file"),
    ("/dev/null", {"text": "bytes"}, "/dev/null: is a device, which may never end"),
    ("a.bin", {"text": "bytes"}, "a.bin: there are no draws: all counts are 0"),
    ("a.bin", {"text": "bytes", "column": "k"}, "a.bin: --text and --column do not go together"),
    (".", {"text": "bytes"}, ".: is a folder"),
]


@pytest.mark.parametrize(("name", "asked", "said"), REFUSED)
def test_what_has_no_bytes_is_one_line(folder: Path, name: str, asked: dict[str, str], said: str) -> None:
    (folder / "a.bin").write_bytes(b"")
    with pytest.raises(ScenarioError) as caught:
        read_tallies(name, reading_of(**asked))  # type: ignore[arg-type]
    assert list(caught.value.problems) == [said]


def test_short_for_two_things_is_refused(mcdiv_command: Command) -> None:
    assert (
        "--bytes is short for --text bytes"
        in mcdiv_command("estimate", "a", "--bytes", "--text", "words", code=2).stderr
    )


def test_characters_keep_their_case_and_leave_out_blanks(folder: Path) -> None:
    (folder / "a.txt").write_text("Ab b\n1A\n")
    (tally,) = read_tallies("a.txt", reading_of(text="characters"))
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == {"A": 2, "b": 2, "1": 1}
    (tally,) = read_tallies("a.txt", reading_of(text="characters", order=1))
    found = {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n}
    assert found == {"A, b": 1, "b, b": 1, "b, 1": 1, "1, A": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"oak": 3, "elm": 2}', {"oak": 3, "elm": 2}),
        ('\n{\n "oak": 3,\n "elm": 2\n}\n', {"oak": 3, "elm": 2}),
        ('["oak", "elm", "oak"]\n', {"oak": 2, "elm": 1}),
        ('[{"k": "oak", "n": 3}, {"k": "elm", "n": 2}]\n', {"oak": 3, "elm": 2}),
    ],
)
def test_json_on_standard_input_is_json(monkeypatch: pytest.MonkeyPatch, text: str, expected: dict[str, int]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    (tally,) = read_tallies("-", Reading())
    assert dict(zip(tally.labels, tally.counts.tolist(), strict=True)) == expected


def test_broken_json_on_standard_input_is_one_line(mcdiv_command: Command) -> None:
    told = mcdiv_command("estimate", "-", stdin='{"oak": 3,', code=2).stderr
    assert told.startswith("standard input:1: not JSON: ")
