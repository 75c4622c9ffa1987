"""How often tests reject although nothing differs: the page's figures, and that no exact test does too often."""

import math
import re
from fractions import Fraction
from itertools import product

import pytest
from making.sizes import NAMES, one_sample_sizes, page_of_tests, two_sample_sizes
from pages import ROOT

import mcdiv
from mcdiv.significance.statistics import STATISTICS

PAGE = ROOT / "docs" / "tests.md"


def test_sizes_of_tests_of_a_fair_coin_are_binomial_tails() -> None:
    # G rejects by its χ² law from 8 heads or tails of 10 on, exactly from 9 on.
    assert one_sample_sizes("g", [0.5, 0.5], 10) == pytest.approx((22 / 1024, 112 / 1024), rel=1e-12)
    assert one_sample_sizes("pearson", [0.5, 0.5], 10) == pytest.approx((22 / 1024, 22 / 1024), rel=1e-12)
    assert one_sample_sizes("tv", [0.5, 0.5], 10) == (pytest.approx(22 / 1024, rel=1e-12), None)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize(("p", "draws", "second"), [((3, 7), 4, 4), ((5, 5), 3, 5), ((2, 3, 5), 3, 4)])
def test_sizes_of_tests_of_two_samples_are_sums_over_all_pairs(
    name: str, p: tuple[int, ...], draws: int, second: int
) -> None:
    def outcomes(size: int) -> dict[tuple[int, ...], Fraction]:
        found = (each for each in product(range(size + 1), repeat=len(p)) if sum(each) == size)
        return {
            each: Fraction(math.factorial(size))
            * math.prod(Fraction(k, 10) ** n / math.factorial(n) for k, n in zip(p, each, strict=True))
            for each in found
        }

    size, approximate = Fraction(), Fraction()
    for (a, weight), (b, other) in product(outcomes(draws).items(), outcomes(second).items()):
        if sum(n + m > 0 for n, m in zip(a, b, strict=True)) > 1:
            found = mcdiv.test(a, b, statistic=name)
            size += weight * other * found.rejects
            approximate += weight * other * (found.asymptotic is not None and found.asymptotic <= 0.05)
    exact, chi = two_sample_sizes(name, [k / 10 for k in p], draws, second)
    assert exact == pytest.approx(float(size), abs=1e-13)
    assert chi == (None if name == "tv" else pytest.approx(float(approximate), abs=1e-13))
    assert size <= Fraction(1, 20)


def test_no_exact_test_on_the_page_rejects_too_often() -> None:
    tables = PAGE.read_text("utf-8").split("## Size of the tests")[1].split("### ")[1:]
    names = (NAMES[:-1], NAMES)
    for table, named in zip(tables, names, strict=True):
        rows = [
            [cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")
        ]
        assert len(rows) > 10
        exact = [place for place, head in enumerate(rows[0]) if head.endswith(": exact")]
        assert len(exact) == len(named)
        assert all(float(row[place]) <= 5 for row in rows[1:] for place in exact)
        bold = {cell for row in rows[1:] for cell in row if cell.startswith("**")}
        assert bold
        assert all(float(cell.strip("*")) >= 5 for cell in bold)


def test_some_rows_of_the_page_are_as_they_are_now() -> None:
    page = PAGE.read_text("utf-8")
    for label, q, draws in (("coin, p = 0.1", [0.1, 0.9], 20), ("3 sides, fair", [1 / 3] * 3, 20)):
        found = re.search(rf"^\| {re.escape(label)} \| {draws} \| (.*) \|$", page, re.MULTILINE)
        assert found
        sizes = [size for name in NAMES[:-1] for size in one_sample_sizes(name, q, draws) if size is not None]
        assert [float(cell.strip("* ")) for cell in found[1].split("|")] == [round(100 * size, 2) for size in sizes]


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_page_of_tests_is_not_stale() -> None:
    assert PAGE.read_text("utf-8") == page_of_tests(), "run python docs/generate.py tests"
