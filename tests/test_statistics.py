"""The statistics by which samples are compared: their definitions in rationals and 50 digits, and when two are ties."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcdiv.significance.statistics import (
    STATISTICS,
    against_pmf,
    chi_squared_scale,
    exceeds,
    of_tables,
    reaches,
    statistic_named,
    terms_of_tables,
)

Pmf = Sequence[Fraction]


def log(ratio: Fraction) -> mp.mpf:
    return mp.log(mp.mpf(ratio.numerator) / ratio.denominator)


def number(value: Fraction) -> mp.mpf:
    return mp.mpf(value.numerator) / value.denominator


def kl(p: Pmf, q: Pmf) -> mp.mpf:
    if any(a and not b for a, b in zip(p, q, strict=True)):
        return mp.inf
    return mp.fsum(number(a) * log(a / b) for a, b in zip(p, q, strict=True) if a)


def js(p: Pmf, q: Pmf) -> mp.mpf:
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (kl(p, middle) + kl(q, middle)) / 2


DEFINITIONS: dict[str, Callable[[Pmf, Pmf], mp.mpf]] = {
    "kl": kl,
    "js": js,
    "psi": lambda p, q: kl(p, q) + kl(q, p),
    "tv": lambda p, q: number(sum((abs(a - b) for a, b in zip(p, q, strict=True)), Fraction())) / 2,
}


def shares(counts: Sequence[int]) -> list[Fraction]:
    return [Fraction(n, sum(counts)) for n in counts]


def g(table: Sequence[Sequence[int]]) -> mp.mpf:
    columns = shares([sum(column) for column in zip(*table, strict=True)])
    return mp.fsum(2 * sum(row) * kl(shares(row), columns) for row in table)


def pearson(table: Sequence[Sequence[int]]) -> mp.mpf:
    columns, total = [sum(column) for column in zip(*table, strict=True)], sum(map(sum, table))
    found = Fraction()
    for row in table:
        for n, column in zip(row, columns, strict=True):
            expected = Fraction(sum(row) * column, total)
            found += (n - expected) ** 2 / expected if expected else 0
    return number(found)


def expected_of(name: str, table: Sequence[Sequence[int]]) -> float:
    with mp.workdps(50):
        if name in ("g", "pearson"):
            return float({"g": g, "pearson": pearson}[name](table))
        return float(DEFINITIONS[name](*map(shares, table)))


counts = st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(any)


@pytest.mark.slow
@pytest.mark.parametrize("name", STATISTICS)
@given(table=st.tuples(counts, counts))
def test_statistics_of_two_samples_are_their_definitions(name: str, table: tuple[list[int], list[int]]) -> None:
    assert float(of_tables(name, np.array(table))) == pytest.approx(expected_of(name, table), rel=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["g", "pearson"])
@given(table=st.lists(counts, min_size=3, max_size=4))
def test_statistics_of_several_samples_are_their_definitions(name: str, table: list[list[int]]) -> None:
    assert float(of_tables(name, np.array(table))) == pytest.approx(expected_of(name, table), rel=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", STATISTICS)
@given(sample=counts, q=st.sampled_from([(8, 5, 3), (4, 4, 8), (16, 0, 0), (12, 4, 0)]))
def test_statistics_against_a_known_pmf_are_their_definitions(
    name: str, sample: list[int], q: tuple[int, int, int]
) -> None:
    p, model, draws = shares(sample), shares(q), sum(sample)
    with mp.workdps(50):
        if name == "g":
            expected = 2 * draws * kl(p, model)
        elif name == "pearson":
            outside = any(a and not b for a, b in zip(p, model, strict=True))
            terms = [(a - b) ** 2 / b for a, b in zip(p, model, strict=True) if b]
            expected = mp.inf if outside else draws * number(sum(terms, Fraction()))
        else:
            expected = DEFINITIONS[name](p, model)
    assert float(against_pmf(name, np.array(sample), np.array(q) / 16)) == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize("name", STATISTICS)
def test_equal_samples_differ_by_exactly_nothing(name: str) -> None:
    assert of_tables(name, np.array([[250, 50], [500, 100]])) == 0
    assert of_tables(name, np.array([[1, 2, 7], [3 * 10**6, 6 * 10**6, 21 * 10**6]])) == 0
    assert against_pmf(name, np.array([3, 6, 1]), np.array([0.3, 0.6, 0.1])) == 0


@pytest.mark.parametrize("name", STATISTICS)
def test_a_batch_of_tables_is_its_tables_one_by_one(name: str) -> None:
    tables = np.random.default_rng(1).integers(0, 9, size=(4, 5, 2, 6)) + np.eye(6, dtype=int)[0]
    together = of_tables(name, tables)
    assert together.shape == (4, 5)
    assert together.tolist() == [[float(of_tables(name, table)) for table in row] for row in tables]
    q = np.arange(1, 7) / 21
    samples = tables[..., 0, :]
    assert against_pmf(name, samples, q).tolist() == [[float(against_pmf(name, s, q)) for s in row] for row in samples]


@pytest.mark.parametrize("name", STATISTICS)
def test_the_terms_of_some_columns_are_those_of_the_table(name: str) -> None:
    table = np.array([[7, 2, 1, 0], [2, 3, 5, 4]])
    rows = table.sum(axis=1)
    whole = terms_of_tables(name, table, rows)
    assert terms_of_tables(name, table[:, 1:3], rows).tolist() == whole[1:3].tolist()
    assert whole.min() >= 0


@pytest.mark.parametrize("name", ["kl", "js", "psi", "tv"])
def test_two_samples_nearly_equal_keep_their_digits(name: str) -> None:
    table = [[10**7 + 1, 10**7, 10**7], [10**7, 10**7 + 1, 10**7]]
    assert float(of_tables(name, np.array(table))) == pytest.approx(expected_of(name, table), rel=1e-13, abs=0)


@pytest.mark.parametrize("times", [None, 1, 7])
def test_scaled_statistics_are_the_same_for_small_differences(times: int | None) -> None:
    # With differences of 1e-5 all are Pearson's, but for a share of about 1e-5.
    sample, q = np.array([3 * 10**6 + 50, 5 * 10**6 - 20, 2 * 10**6 - 30]), np.array([0.3, 0.5, 0.2])
    other = None if times is None else np.array([3, 5, 2]) * 10**6 * times
    scales = {name: chi_squared_scale(name, 10**7, None if times is None else times * 10**7) for name in STATISTICS}
    assert scales.pop("tv") is None
    values = {
        name: (scale or 0)
        * float(against_pmf(name, sample, q) if other is None else of_tables(name, np.stack([sample, other])))
        for name, scale in scales.items()
    }
    effective = 1 if times is None else times / (1 + times)
    pearson = effective * (50**2 / 3e6 + 20**2 / 5e6 + 30**2 / 2e6)
    assert values == pytest.approx(dict.fromkeys(values, pearson), rel=1e-4)


def test_psi_scales_as_the_known_critical_values() -> None:
    # χ²₀.₉₅(2) = 5.991464547107979 over NM/(N + M) = 10, and χ²₀.₉₅(9) = 16.918977604620448 over N = 100.
    assert 5.991464547107979 / (chi_squared_scale("psi", 20, 20) or 0) == pytest.approx(0.5991464547107979, rel=1e-14)
    assert 16.918977604620448 / (chi_squared_scale("psi", 100) or 0) == pytest.approx(0.16918977604620448, rel=1e-14)
    assert chi_squared_scale("g", 20, 200) == chi_squared_scale("pearson", 7) == 1


def test_ties_are_relative_and_infinite_values_the_largest() -> None:
    values = np.array([1 - 1e-11, 1 - 1e-13, 1.0, 1 + 1e-13, 1 + 1e-11, np.inf])
    assert reaches(values, 1.0).tolist() == [False, True, True, True, True, True]
    assert exceeds(values, 1.0).tolist() == [False, False, False, False, True, True]
    assert reaches(values, np.inf).tolist() == 5 * [False] + [True]
    assert not exceeds(values, np.inf).any()
    assert reaches(np.array([0.0, 1e-300]), 0.0).all()
    assert exceeds(np.array([0.0, 1e-300]), 0.0).tolist() == [False, True]


def test_a_statistic_that_there_is_not_is_refused_with_those_there_are() -> None:
    assert statistic_named("tv").symbol == "TV"
    with pytest.raises(ValueError, match="unknown statistic 'pearsons'; did you mean 'pearson'"):
        statistic_named("pearsons")
    with pytest.raises(ValueError, match="statistic: expected a name, got 3"):
        statistic_named(3)  # type: ignore[arg-type]
