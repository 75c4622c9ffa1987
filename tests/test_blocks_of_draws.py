"""Draws in their order with `--order`: blocks and what a draw depends on; values worked out apart from mcdiv."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import CategoryCounts, read_tallies
from mcdiv.files.counts.asked import reading_of
from mcdiv.files.counts.blocks import in_blocks
from mcdiv.files.counts.successive import DrawsInOrder
from mcdiv.observed.blocks import block_entropies

#: entropies of it in bits: of blocks of 1 to 4 draws, of a draw given one and two before, and with Miller–Madow's term
_SEQUENCE = "0001110001110011100011100001111000011110001110000111"
_OF_BLOCKS = [1.0, 1.873037410474898, 2.5690255736436507, 2.9775850304478593]
_GIVEN = {1: 0.8733147629354909, 2: 0.6891094395013385}
_MILLER_MADOW = 0.9016029009921374


@pytest.mark.slow
@pytest.mark.parametrize("written", ["one token", "tokens", "a column", "numbers"])
def test_the_entropy_of_a_draw_given_those_before_is_that_of_an_independent_evaluation(
    folder: Path, written: str
) -> None:
    if written == "numbers":
        np.save("a.npy", np.array(list(map(int, _SEQUENCE))))
    else:
        texts = {"one token": _SEQUENCE, "tokens": " ".join(_SEQUENCE), "a column": "\n".join(["state", *_SEQUENCE])}
        (folder / "a.npy").with_suffix(".csv" if written == "a column" else ".txt").write_text(texts[written] + "\n")
    (file,) = folder.iterdir()
    for order, value in _GIVEN.items():
        found = mcdiv.estimates(file.name, order=order, units="bits", estimators=["plugin", "miller_madow"]).table
        values = found.set_index(["estimand", "estimator"])["value"]
        assert values["conditional_entropy", "plugin"] == pytest.approx(value, rel=1e-12)
        assert values["entropy", "plugin"] == pytest.approx(
            [1.873037410474898, 2.5690255736436507][order - 1], rel=1e-12
        )
        assert set(found["sample_size"]) == {52 - order}
        if order == 1:
            assert values["conditional_entropy", "miller_madow"] == pytest.approx(_MILLER_MADOW, rel=1e-12)
            assert values["mutual_information", "plugin"] == pytest.approx(0.08761926881375137 / math.log(2), rel=1e-11)


def test_entropies_of_blocks_are_those_of_an_independent_evaluation() -> None:
    found = block_entropies(np.array(list(map(int, _SEQUENCE))), 2, 4)
    assert [value / math.log(2) for value in found] == pytest.approx(_OF_BLOCKS, rel=1e-12)


@pytest.mark.slow
@given(st.text("abc-", min_size=1, max_size=40), st.integers(1, 4))
def test_blocks_are_those_that_are_counted_one_by_one(text: str, order: int) -> None:
    """A dash is a draw that was left out, which no block holds."""
    draws = DrawsInOrder(keep=True)
    draws.add(text[:7])
    draws.add(text[7:])
    counts = {symbol: text.count(symbol) for symbol in dict.fromkeys(text) if symbol != "-"}
    tally = CategoryCounts.of("", counts, "", in_order=draws)
    expected = Counter(
        f"{' '.join(text[i : i + order])}, {text[i + order]}"
        for i in range(len(text) - order)
        if "-" not in text[i : i + order + 1]
    )
    if not expected:
        with pytest.raises(ScenarioError, match=f"has no {order + 1} draws that follow each other"):
            in_blocks(tally, order, "a")
        return
    found = in_blocks(tally, order, "a")
    assert {label: n for label, n in zip(found.labels, found.counts.tolist(), strict=True) if n} == expected
    rows, columns = found.shape or (0, 0)
    assert rows * columns == len(found.labels) == len({*found.labels})
    assert all(found.counts.reshape(rows, columns).sum(axis=1) > 0)


def test_the_sentences_say_what_blocks_are_and_how_far_the_draws_go(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.txt").write_text(_SEQUENCE + "\n")
    told = mcdiv_command("estimate", "a.txt", "--order", "2", "-u", "bits", "-e", "plugin").stdout
    assert (
        "the characters of the only token, in their order; 52 draws of 2 categories; in 50 overlapping blocks" in told
    )
    assert "Plug-in entropies of blocks by their length, in bits: 1: 1, 2: 1.87304, 3: 2.56903." in told
    assert "50 blocks of 3 draws, 6 different of 8 possible; 0 blocks were seen once." in told
    assert "too low by about (S − S_X)/2N = 0.0288539 bits" in told  # (6 − 4)/100 nats
    (folder / "b.txt").write_text("a b c d e\n")
    told = mcdiv_command("estimate", "b.txt", "--order", "1", "-e", "plugin").stdout
    assert "One category only follows on each value of X" in told
    assert "4 blocks of 2 draws, 4 different of 25 possible; 4 blocks were seen once." in told


def test_words_of_a_text_are_a_sequence(folder: Path) -> None:
    (folder / "a.txt").write_text("The cat. The cat, the dog")
    (tally,) = read_tallies("a.txt", reading_of(text="words", order=1))
    found = {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n}
    assert found == {"the, cat": 2, "cat, the": 2, "the, dog": 1}


def test_a_value_that_is_missing_is_a_gap(folder: Path) -> None:
    (folder / "a.csv").write_text("k\na\nNA\nb\na\n")
    (tally,) = read_tallies("a.csv", reading_of(order=1, missing="drop"))
    assert {label: n for label, n in zip(tally.labels, tally.counts.tolist(), strict=True) if n} == {"b, a": 1}


REFUSED = [
    ("k,n\na,2\nb,1\n", {"order": 1, "layout": "counts"}, "--order needs draws one by one, in their order"),
    ("k,n\na,2\nb,1\n", {"order": 1, "weights": "n"}, "--weights does not go with draws in their order"),
    ("g,k\nu,a\nu,b\n", {"order": 1, "by": "g"}, "--by does not go with draws in their order"),
    ("g,k\nu,a\nu,b\n", {"order": 1}, "which column holds the symbols? Choose with --column"),
    ("k\na\nb\n", {"order": 2}, "a.csv: has no 3 draws that follow each other, as --order 2 needs"),
    ("k\na\nb\n", {"order": 0}, "--order: expected a whole number from 1 to 1000, got 0"),
    ("k\n" + "".join(f"{i}\n" for i in range(1500)), {"order": 1}, "1,500 categories are more than 1,000,000 pairs"),
]


@pytest.mark.parametrize(("text", "asked", "said"), REFUSED, ids=[each[2][:40] for each in REFUSED])
def test_what_has_no_order_is_one_line(folder: Path, text: str, asked: dict[str, object], said: str) -> None:
    (folder / "a.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_tallies("a.csv", reading_of(**asked))  # type: ignore[arg-type]
    (line,) = caught.value.problems
    assert said in line


def test_there_is_no_advice_on_blocks_and_no_second_sample(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.txt").write_text("a b a a b b a\n")
    done = mcdiv_command("estimate", "a.txt", "--order", "1", "-e", "plugin", "--advise", "-q")
    assert "a study would draw independent blocks, and those of a sequence (--order) overlap" in done.stderr
    told = mcdiv_command("estimate", "a.txt", "--order", "1", "--against", "a.txt", code=2).stderr
    assert told == "a.txt: --against does not apply to draws with those before them (--order)\n"
