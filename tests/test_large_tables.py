"""Tables of many lines: what is counted many lines at once is what the csv module reads row by row."""

import csv
import io
import itertools
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading, cells, delimited, read_tallies, text
from mcdiv.files.counts.cells import cell_tally
from mcdiv.files.counts.plain_lines import plain_lines


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows by the csv module, then a few lines at once."""
    monkeypatch.setattr(delimited, "ROWS", 3)
    monkeypatch.setattr(delimited, "PIECE", 40)


def _random_text(rng: random.Random, delimiter: str, width: int) -> str:
    letters = rng.choice(["ab", "12.", 'ab"', "ab" + delimiter, 'a "\n', "a\r\n", "aé\u2028\x0b\n"])
    newline = rng.choice(["\n", "\n", "\r\n"])

    def cell() -> str:
        text = "".join(rng.choice(letters) for _ in range(rng.choice([0, 1, 1, 2, 3])))
        return f'"{text}"' if rng.random() < 0.3 else text

    widths = [width + (rng.random() < 0.03) for _ in range(rng.randint(1, 5))]
    return newline.join(delimiter.join(cell() for _ in range(w)) for w in widths) + newline * (rng.random() < 0.7)


@pytest.mark.slow
def test_plain_lines_are_the_rows_that_the_csv_module_reads() -> None:
    rng, plain = random.Random(5), 0
    for number in range(4000):
        delimiter, width = rng.choice(",;\t"), rng.choice([1, 1, 2, 3])
        text = _random_text(rng, delimiter, width)
        found = plain_lines(text, delimiter, width, 0) if text else None
        if found is None:
            continue
        plain += 1
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        assert found.rows == rows, text
        assert found.lines == len(rows)
        if number % 20 == 0:
            for column in range(width):
                assert list(found.tally(column).items()) == list(Counter(row[column] for row in rows).items())
    assert plain > 400


@pytest.mark.parametrize("digits", [1, 4, 20])
@pytest.mark.parametrize("kinds", [1, 3, 40, 4000])
def test_cells_are_counted_alike_however_many_share_a_slot(
    kinds: int, digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "_DIGITS", digits)
    rng = random.Random(kinds)
    some = ["".join(rng.choice("aé漢0 ") for _ in range(rng.choice([0, 1, 3, 8, 9, 20, 40]))) for _ in range(kinds)]
    some += ["abcdefgh" * 4, "abcdefgh" * 4 + "i", "abcdefgh" * 4 + "j"]  # alike as far as they are compared at once
    draws = rng.choices(some, [1000, *[1] * (len(some) - 1)], k=2000) if digits < 20 else rng.choices(some, k=2000)
    data = "|".join(draws).encode()
    stops = np.append(np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("|")), len(data))
    found = cell_tally(data, np.append(0, stops[:-1] + 1), stops)
    assert list(found.items()) == list(Counter(draws).items())


@pytest.mark.parametrize(
    "lines",
    [
        ["a,x", "b,y"] * 40,
        ["1,x", "2.0,y", "01,x"] * 30,
        ['"a","x"', '"b","y"'] * 40,
        ["a,x", "", '"b\nc",y', '"d,e","f""g"'] * 20,
        ["a,x"] * 30 + ['"b,\nc",y'] + ["a,x\r"] * 30 + ['d"e,z'],
        ["a,x"] * 60 + ['"b","y', 'z"'] + ["c,z"] * 20,
    ],
    ids=["plain", "numbers", "quoted", "odd ones between", "a cell of two lines", "a cell that ends in another line"],
)
def test_a_table_counts_what_the_csv_module_reads(few_at_once: None, tmp_path: Path, lines: list[str]) -> None:
    path, text = tmp_path / "t.csv", "\n".join(["name,other", *lines]) + "\n"
    path.write_text(text, newline="")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=False) if row][1:]
    assert {len(row) for row in rows} == {2}
    (found,) = read_tallies(str(path), Reading(column="name"))
    assert list(zip(found.labels, found.counts.tolist(), strict=True)) == list(Counter(r[0] for r in rows).items())


@pytest.mark.parametrize("first", ["r1\t1\t2", '"r\n1"\t1\t2', '"r\n' + "x\n" * 300 + '1"\t1\t2'])
@pytest.mark.parametrize("last", ["", 'r3\t"1"\t2\n', 'r3\t1\t2\n"\n"\t1\t1\n'])
def test_names_of_rows_without_a_header_of_their_own(few_at_once: None, tmp_path: Path, first: str, last: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(f"a\tb\n{first}\nr2\t4\t5\n{last}", newline="")
    found = read_tallies(str(path), Reading(layout="samples-in-rows"))
    assert [tally.counts.tolist() for tally in found] == [[1, 2], [4, 5], *[[1, 2], [1, 1]][: last.count("\t") // 2]]


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ("a,x,y", "expected 2 columns, got 3"),
        (",x", "column 'name' is empty"),
        ("NA,x", "column 'name' has 'NA'"),
        ('"a"b,x', "not a table"),
        ("a,\0x", "not a text file"),
    ],
)
def test_a_mistake_below_many_lines_has_its_line(few_at_once: None, tmp_path: Path, odd: str, told: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["name,other", *["a,x"] * 50, odd, *["b,y"] * 50]) + "\n")
    with pytest.raises(ScenarioError) as caught:
        read_tallies(str(path), Reading(column="name"))
    (line,) = caught.value.problems
    assert line.startswith(f"{path}:52: ")
    assert told in line


@pytest.mark.parametrize("held", [1, 10, 2**24])
def test_first_lines_that_are_long_decide_as_short_ones_do(
    few_at_once: None, held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "_HELD", held)
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["name,n", "a,1", "b,2", "c,3", *["d,4"] * 30, "e,5"]))
    (found,) = read_tallies(str(path), Reading())
    assert dict(zip(found.labels, found.counts.tolist(), strict=True)) == {"a": 1, "b": 2, "c": 3, "d": 120, "e": 5}
    path.write_text("\n".join(["name,n", "a,1", "b,2", "c,3", *["d,4"] * 30, "e,5.5"]))
    with pytest.raises(ScenarioError, match=f"{path.name}:35: column 'n': expected a whole number >= 0, got '5.5'"):
        read_tallies(str(path), Reading())


def test_draws_that_follow_each_other_are_counted_across_pieces(few_at_once: None, tmp_path: Path) -> None:
    path, rng = tmp_path / "t.csv", random.Random(1)
    draws = [rng.choice("ab") for _ in range(200)]
    path.write_text("\n".join(["name", *draws]) + "\n")
    (found,) = read_tallies(str(path), Reading())
    assert found.successors is not None
    pairs = Counter(itertools.pairwise(draws))
    table = dict(zip(itertools.product(found.labels, repeat=2), found.successors.ravel().tolist(), strict=True))
    assert table == {key: pairs[key] for key in table}
