"""Successive draws that depend on each other, where a file has its draws one by one."""

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Command

from mcdiv.core.arrays import Counts
from mcdiv.files.counts import Reading, read_tallies
from mcdiv.files.counts.successive import MAX_CATEGORIES, MAX_DRAWS, SuccessorCounter
from mcdiv.observed.succession import succession, succession_sentence

Write = Callable[[str, str], str]

#: its pairs: 00 18 times, 01 8, 10 7, 11 18; G and p are those of an independent evaluation
_SEQUENCE = "0001110001110011100011100001111000011110001110000111"
_TOLD = "G = 8.93717 for 51 pairs, 1 degree of freedom, p = 0.00279 (χ²)"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def call(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return call


def test_pairs_of_successive_draws_give_g_and_the_entropy_given_the_one_before() -> None:
    seen = succession(np.array([[18, 8], [7, 18]]))
    assert seen is not None
    assert seen.g == pytest.approx(8.937165419002639, rel=1e-12)
    assert seen.freedom == 1
    assert seen.p_value == pytest.approx(0.0027942600781721443, rel=1e-9)
    assert seen.conditional_entropy / math.log(2) == pytest.approx(0.8733147629354909, rel=1e-12)


@pytest.mark.parametrize("layout", ["tokens", "a column", "a column with gaps"])
def test_dependence_is_said_where_the_order_of_the_draws_is_known(
    mcdiv_command: Command, write: Write, layout: str
) -> None:
    if layout == "tokens":
        args = [write("a.txt", " ".join(_SEQUENCE)), "--symbols"]
    else:
        rows = [f"x{symbol}" for symbol in _SEQUENCE] + ["NA"] * 3 * (layout != "a column")
        args = [write("a.csv", "\n".join(["symbol", *rows]) + "\n"), "--missing", "drop"]
        args = args[: 3 if "gaps" in layout else 1]
    told = " ".join(mcdiv_command("estimate", *args, "--units", "bits").stdout.split())
    assert _TOLD in told
    assert "the plug-in entropy of a draw is 0.873315 bits, and 0.999723 without it" in told


def test_counts_say_nothing_of_order(mcdiv_command: Command) -> None:
    assert "Successive" not in mcdiv_command("estimate", "-", stdin="27 25").stdout


@pytest.mark.parametrize(
    "symbols",
    [
        "a" * 60 + "b" * 40,  # sorted
        "a" * 100,  # no second category
        "abab",  # too few
        "aabb" * 50 + "c",  # a category too rare for the law
        "aabb" * 30 + "a",  # each pair as often as any other
    ],
)
def test_nothing_is_said_of_draws_whose_order_shows_nothing(symbols: str) -> None:
    assert not succession_sentence(_table(list(symbols)), "nats")


def test_draws_that_alternate_are_noticed_and_certain_given_the_one_before() -> None:
    told = succession_sentence(_table(list("ab" * 50)), "nats", " from Q")
    assert told.startswith("Successive draws from Q do not look independent")
    assert "the plug-in entropy of a draw is 0 nats" in told
    assert "or too large where draws alternate" in told


@pytest.mark.slow
def test_the_chi_squared_law_holds_for_independent_draws_of_a_coin() -> None:
    """All sequences of 21 draws: they look dependent at 1 % about so often."""
    sequences = np.arange(2**21)
    key = np.zeros_like(sequences)
    for place in range(20):
        key += 32 ** ((sequences >> place) & 3)  # two bits: which of the four pairs
    keys, times = np.unique(key, return_counts=True)
    distinct = keys[:, None] // 32 ** np.arange(4) % 32
    found = [succession(table.reshape(2, 2)) for table in distinct]
    rejected = [each is not None and each.p_value <= 0.01 for each in found]
    assert times[rejected].sum() / 2**21 <= 0.02


def test_pairs_are_counted_across_pieces_in_the_first_draws_and_in_few_categories() -> None:
    whole, pieces = SuccessorCounter(), SuccessorCounter()
    symbols = list(_SEQUENCE) * 2500
    whole.add(symbols)
    for start in itertools.count(0, 999):
        if start >= len(symbols):
            break
        pieces.add(symbols[start : start + 999])
    tables = [counter.table("01", str) for counter in (whole, pieces)]
    assert tables[0] is not None
    assert tables[0].sum() == MAX_DRAWS - 1
    np.testing.assert_array_equal(*tables)
    many = SuccessorCounter()
    many.add([str(k % (MAX_CATEGORIES + 1)) for k in range(500)])
    assert many.table(map(str, range(MAX_CATEGORIES + 1)), str) is None


def test_draws_in_groups_or_with_weights_have_no_order(write: Write) -> None:
    rows = "".join(f"x{symbol},{k % 2},1\n" for k, symbol in enumerate(_SEQUENCE))
    source = write("a.csv", f"symbol,group,n\n{rows}")
    for reading in (Reading(column="symbol", by="group"), Reading(column="symbol", weights="n")):
        assert all(tally.successors is None for tally in read_tallies(source, reading))
    (tally,) = read_tallies(source, Reading(column="symbol"))
    np.testing.assert_array_equal(tally.successors, [[18, 8], [7, 18]])


def _table(symbols: list[str]) -> Counts:
    counter = SuccessorCounter()
    counter.add(symbols)
    table = counter.table(sorted(set(symbols)), str)
    assert table is not None
    return table
