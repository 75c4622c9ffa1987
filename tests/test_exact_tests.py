"""Exact laws of statistics under "no difference": rationals, all tables one by one, and values of another program."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcdiv.significance.columns import law_of_samples, law_of_tables
from mcdiv.significance.partial_sums import ExactLaw
from mcdiv.significance.power import power_of_samples
from mcdiv.significance.statistics import STATISTICS, against_pmf, of_tables, reaches

Table = tuple[tuple[int, ...], ...]


def law_of(name: str, table: Sequence[Sequence[int]]) -> ExactLaw:
    law = law_of_tables(name, np.array(table), 2**20)
    assert law is not None
    return law


def p_value(name: str, table: Sequence[Sequence[int]]) -> float:
    return float(law_of(name, table).reaching(float(of_tables(name, np.array(table))))[0])


@pytest.mark.parametrize(
    ("table", "name", "p"),
    [
        ([[7, 2, 1], [2, 3, 5]], "g", Fraction(166, 2431)),
        ([[7, 2, 1], [2, 3, 5]], "pearson", Fraction(166, 2431)),
        ([[7, 2, 1], [2, 3, 5]], "js", Fraction(166, 2431)),
        ([[7, 2, 1], [2, 3, 5]], "psi", Fraction(166, 2431)),
        ([[7, 2, 1], [2, 3, 5]], "tv", Fraction(4504, 46189)),
        ([[5, 5, 0], [1, 4, 5]], "g", Fraction(1084, 46189)),
        ([[5, 5, 0], [1, 4, 5]], "js", Fraction(1084, 46189)),
        ([[5, 5, 0], [1, 4, 5]], "pearson", Fraction(76, 2431)),
        ([[5, 5, 0], [1, 4, 5]], "psi", Fraction(1939, 46189)),
        ([[12, 5, 3], [6, 7, 7]], "g", Fraction(4520417, 26776715)),
        ([[3, 0], [0, 3]], "g", Fraction(1, 10)),
        ([[250, 50], [500, 100]], "g", Fraction(1)),
    ],
)
def test_p_values_of_two_samples_are_the_known_rationals(table: list[list[int]], name: str, p: Fraction) -> None:
    assert p_value(name, table) == pytest.approx(float(p), rel=1e-12)


@pytest.mark.parametrize(
    ("counts", "q", "p"),
    [
        ([7, 2, 1], [1 / 3] * 3, Fraction(611, 6561)),
        ([2, 4, 4], [0.5, 0.3, 0.2], Fraction(3897191, 20000000)),
    ],
)
def test_p_values_of_one_sample_are_the_known_rationals(counts: list[int], q: list[float], p: Fraction) -> None:
    law = law_of_samples("g", np.array(q), sum(counts), 2**20)
    assert law is not None
    observed = float(against_pmf("g", np.array(counts), np.array(q)))
    assert law.reaching(observed)[0] == pytest.approx(float(p), rel=1e-12)


def tables_with_margins(rows: Sequence[int], columns: Sequence[int]) -> Iterator[Table]:
    if len(rows) == 1:
        yield (tuple(columns),)
        return
    for first in product(*(range(min(rows[0], c) + 1) for c in columns)):
        if sum(first) == rows[0]:
            rest = [c - n for c, n in zip(columns, first, strict=True)]
            yield from ((first, *others) for others in tables_with_margins(rows[1:], rest))


def by_listing(name: str, table: Sequence[Sequence[int]]) -> Fraction:
    """The weight of all tables with these margins that reach the statistic, in rationals."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    tables = list(tables_with_margins(rows, columns))
    values = of_tables(name, np.array(tables))
    reached = reaches(values, float(of_tables(name, np.array(table))))
    weights = [Fraction(1, prod(factorial(n) for row in each for n in row)) for each in tables]
    return Fraction(sum((w for w, r in zip(weights, reached, strict=True) if r), Fraction()), sum(weights, Fraction()))


cells = st.integers(0, 4)
row = st.lists(cells, min_size=4, max_size=4).filter(any)


@pytest.mark.parametrize("name", STATISTICS)
@given(table=st.tuples(row, row))
def test_every_p_value_of_two_samples_is_that_of_all_tables(name: str, table: tuple[list[int], list[int]]) -> None:
    assert p_value(name, table) == pytest.approx(float(by_listing(name, table)), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["g", "pearson"])
@settings(max_examples=25)
@given(table=st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any), min_size=3, max_size=3))
def test_every_p_value_of_three_samples_is_that_of_all_tables(name: str, table: list[list[int]]) -> None:
    assert p_value(name, table) == pytest.approx(float(by_listing(name, table)), rel=1e-12)


def test_equal_columns_and_transposed_tables_change_nothing() -> None:
    table = np.array([[9, 2, 4, 5, 0], [1, 6, 4, 3, 6]])
    assert p_value("g", table.T.tolist()) == pytest.approx(p_value("g", table.tolist()), rel=1e-12)
    assert p_value("g", table[::-1].tolist()) == pytest.approx(p_value("g", table.tolist()), rel=1e-12)


@pytest.mark.slow
def test_a_p_value_of_large_counts_is_a_hypergeometric_sum() -> None:
    # Equal samples and categories: the statistic rises with |a − 500|, so that p is twice a tail.
    table = [[560, 440], [440, 560]]
    tail = Fraction(sum(comb(1000, a) ** 2 for a in range(441)), comb(2000, 1000))
    for name in STATISTICS:
        assert p_value(name, table) == pytest.approx(float(2 * tail), rel=1e-11)


def test_a_p_value_of_samples_that_share_nothing_keeps_its_digits() -> None:
    assert p_value("g", [[100, 0], [0, 100]]) == pytest.approx(2 / comb(200, 100), rel=1e-12, abs=0)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("q", [(1, 2, 5), (3, 3, 2), (0, 3, 5), (2, 2, 2, 2)])
def test_critical_values_are_the_smallest_exceeded_rarely_enough(name: str, q: tuple[int, ...]) -> None:
    draws, pmf = 7, np.array(q) / 8
    outcomes = [each for each in product(range(draws + 1), repeat=len(q)) if sum(each) == draws]
    weights = [prod(Fraction(k, 8) ** n / factorial(n) for k, n in zip(q, each, strict=True)) for each in outcomes]
    weights = [Fraction(weight * factorial(draws)) for weight in weights]
    values = against_pmf(name, np.array(outcomes), pmf)
    law = law_of_samples(name, pmf, draws, 2**20)
    assert law is not None
    for rate in (0.5, 0.2, 0.05, 0.01, 1e-4):
        known = min(
            value
            for value, weight in zip(values, weights, strict=True)
            if weight and sum(w for v, w in zip(values, weights, strict=True) if w and v > value * (1 + 1e-12)) <= rate
        )
        critical = law.critical_value(rate)
        assert critical == pytest.approx(known, rel=1e-12)
        larger = sum((w for v, w in zip(values, weights, strict=True) if v > known * (1 + 1e-12)), Fraction())
        assert law.exceeding(critical)[0] == pytest.approx(float(larger), rel=1e-12)


@pytest.mark.slow
def test_known_critical_values_of_a_uniform_reference_are_met() -> None:
    # 16,928 partitions of 40 into at most 10 parts, weights in rationals.
    known = {"kl": [0.2287447988298359, 0.29101762748700954], "js": [0.06473907396250168, 0.08308979299415864]}
    known["psi"] = [np.inf, np.inf]
    for name, values in known.items():
        law = law_of_samples(name, np.full(10, 0.1), 40, 2**22)
        assert law is not None
        assert [law.critical_value(rate) for rate in (0.05, 0.01)] == pytest.approx(values, rel=1e-12)
        if name == "psi":
            assert law.reaching(np.inf)[0] == pytest.approx(0.14190342461422667, rel=1e-12)
            shares = {0.1: 0.9309230847886019, 0.2: 0.6271508598748485, 0.25: 0.4525352964703838}
            assert {at: law.reaching(at)[0] for at in shares} == pytest.approx(shares, rel=1e-12)


@pytest.mark.slow
def test_power_of_the_exact_g_test_is_that_of_another_program() -> None:
    q, p = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    found = {n: power_of_samples("g", q, p, n, alpha=0.05) for n in (100, 153, 154)}
    powers = {n: each.power for n, each in found.items() if each}
    expected = {100: 0.6078949622043374, 153: 0.7986936789318443, 154: 0.8057706145305815}
    assert powers == pytest.approx(expected, rel=1e-12)
    at_100 = found[100]
    assert at_100
    assert at_100.size == pytest.approx(0.049677761494272374, rel=1e-12)
    # The smallest value that is rejected; the critical value is the one before.
    law = law_of_samples("g", q, 100, 2**20)
    assert law is not None
    assert law.reaching(6.036261704387818)[0] == pytest.approx(at_100.size, rel=1e-12)
    assert at_100.critical_value < 6.036261704387818


def test_an_alternative_outside_the_reference_makes_infinite_statistics() -> None:
    found = power_of_samples("g", np.array([0.5, 0.5, 0]), np.array([0.25, 0.25, 0.5]), 5, alpha=0.05)
    assert found
    # Under Q five equal draws have the largest G and probability 1/16: nothing finite is rejected.
    assert found.size == 0
    assert found.power == pytest.approx(1 - 0.5**5, rel=1e-12)


def test_a_sample_of_one_category_always_agrees() -> None:
    law = law_of_samples("g", np.array([0.0, 1.0]), 9, 100)
    assert law is not None
    assert law.critical_value(0.05) == 0
    assert law.reaching(0)[0] == 1
    assert law.exceeding(0)[0] == 0


def test_what_takes_too_long_a_list_has_no_exact_law() -> None:
    assert law_of_tables("g", np.array([[500] * 6, [500] * 6]), 1000) is None
    assert law_of_tables("g", np.full((12, 12), 9), 2**20) is None
    assert law_of_samples("g", np.full(10, 0.1), 10**6, 2**20) is None
    assert power_of_samples("g", np.full(10, 0.1), np.full(10, 0.1), 10**6, alpha=0.05) is None
