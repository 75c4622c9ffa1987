"""`mcdiv.test`: exact and simulated p-values, the χ² approximation beside them, and what is said of them."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import mcdiv
from mcdiv.significance.margins import _of_drawn
from mcdiv.significance.null_design import NullDesign, terms_of
from mcdiv.significance.p_values import Precision, p_value_of_table
from mcdiv.significance.simulated_law import _by_what_was_drawn
from mcdiv.significance.statistics import STATISTICS, of_tables
from mcdiv.significance.words import p_text, sentences

A, B = [7, 2, 1], [2, 3, 5]


def test_the_known_tests_are_met() -> None:
    found = mcdiv.test(A, B)
    assert found.exact
    assert found.mcse == 0
    assert found.statistic == pytest.approx(6.05432446287181, rel=1e-14)
    assert found.p_value == pytest.approx(166 / 2431, rel=1e-12)
    assert found.asymptotic == pytest.approx(0.04845294145048386, rel=1e-12)
    assert mcdiv.test(A, model=[1 / 3] * 3).p_value == pytest.approx(611 / 6561, rel=1e-12)
    assert mcdiv.test(A, model=[1 / 3] * 3).asymptotic == pytest.approx(0.05140923973742197, rel=1e-12)
    third = mcdiv.test([2, 4, 4], model=[0.5, 0.3, 0.2])
    assert (third.statistic, third.p_value) == pytest.approx((4.181471096597189, 3897191 / 20000000), rel=1e-12)
    assert third.asymptotic == pytest.approx(0.12359619140625001, rel=1e-12)


@pytest.mark.parametrize(("statistic", "value"), [("psi", 0.41105094990754554), ("js", 0.05024174951609849)])
def test_a_divergence_is_that_of_the_shares(statistic: str, value: float) -> None:
    assert mcdiv.test([12, 5, 3], [6, 7, 7], statistic=statistic).statistic == pytest.approx(value, rel=1e-13)


def test_an_infinite_statistic_is_the_largest() -> None:
    found = mcdiv.test([5, 5, 0], [1, 4, 5], statistic="psi")
    assert found.statistic == math.inf
    assert found.p_value == pytest.approx(1939 / 46189, rel=1e-12)
    assert found.asymptotic == 0


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("samples", [[A, B], [[5, 5, 0], [1, 4, 5]], [[2, 30, 4], [9, 80, 1]]])
def test_simulated_p_values_of_two_samples_are_the_exact_ones(name: str, samples: list[list[int]]) -> None:
    exact = mcdiv.test(*samples, statistic=name)
    simulated = mcdiv.test(*samples, statistic=name, method="simulated", mcse=5e-3)
    assert exact.exact
    assert not simulated.exact
    assert simulated.mcse <= 5e-3
    assert abs(simulated.p_value - exact.p_value) < 5 * simulated.mcse
    assert (simulated.statistic, simulated.asymptotic) == (exact.statistic, exact.asymptotic)


@pytest.mark.parametrize("name", STATISTICS)
def test_simulated_p_values_of_one_sample_are_the_exact_ones(name: str) -> None:
    q = [0.5, 0.3, 0.15, 0.05]
    exact = mcdiv.test([9, 8, 6, 0], model=q, statistic=name)
    simulated = mcdiv.test([9, 8, 6, 0], model=q, statistic=name, method="simulated", mcse=5e-3)
    assert abs(simulated.p_value - exact.p_value) < 5 * simulated.mcse


@pytest.mark.parametrize("name", ["g", "pearson"])
def test_simulated_p_values_of_several_samples_are_the_exact_ones(name: str) -> None:
    samples = [4, 1, 5], [3, 3, 1], [1, 7, 5]
    exact = mcdiv.test(*samples, statistic=name)
    simulated = mcdiv.test(*samples, statistic=name, method="simulated", mcse=5e-3)
    assert abs(simulated.p_value - exact.p_value) < 5 * simulated.mcse


@pytest.mark.slow
def test_simulated_tables_without_lists_to_look_up_have_the_same_law() -> None:
    # Two categories of a million draws: Fisher's exact test of equally large samples, twice a hypergeometric tail.
    table = np.array([[10**6, 10**6], [10**6 + 1200, 10**6 - 1200]])
    exact = 2 * stats.hypergeom.cdf(10**6 - 1200, 4 * 10**6, 2 * 10**6 - 1200, 2 * 10**6)
    found = p_value_of_table("pearson", table, Precision(method="simulated"))
    assert abs(found.p_value - exact) < 5 * found.mcse


def test_a_simulated_p_value_is_never_zero_and_stops_where_it_is_precise() -> None:
    found = mcdiv.test([900, 100], [100, 900], method="simulated")
    assert found.p_value == pytest.approx(1 / (found.replicates + 1), rel=1e-12)
    assert 0 < found.mcse <= 1e-3
    coarse, fine = (mcdiv.test(A, B, method="simulated", mcse=mcse, alpha=0.5) for mcse in (2e-3, 5e-4))
    assert coarse.mcse <= 2e-3
    assert fine.mcse <= 5e-4
    assert fine.replicates > 10 * coarse.replicates


@pytest.mark.parametrize(
    ("counts", "model", "p_value"),
    [
        ([0, 2, 0], [0.1, 0.2, 0.7], Fraction(1, 20)),
        ([2, 0, 0], [0.1, 0.2, 0.7], Fraction(1, 100)),
        ([5, 0], [0.5, 0.5], Fraction(1, 16)),
        ([3, 0], [0.1, 0.9], Fraction(1, 1000)),
    ],
)
def test_a_p_value_that_is_the_level_rejects(counts: list[int], model: list[float], p_value: Fraction) -> None:
    found = mcdiv.test(counts, model=model, alpha=float(p_value))
    assert found.p_value == float(p_value)
    assert found.rejects
    assert not any("cannot reject" in each for each in sentences(found))


def test_a_table_whose_p_value_is_the_level_rejects() -> None:
    """The only table of its margins as extreme: 1 in 10 = 5 choose 2."""
    found = mcdiv.test([2, 0], [0, 3], alpha=0.1)
    assert (found.p_value, found.least, found.rejects) == (0.1, 0.1, True)


def test_simulation_goes_on_near_the_level() -> None:
    close = mcdiv.test(A, B, method="simulated", mcse=2e-3, alpha=0.066)
    far = mcdiv.test(A, B, method="simulated", mcse=2e-3, alpha=0.2)
    assert close.replicates > 5 * far.replicates
    assert mcdiv.test(A, B, method="simulated", alpha=166 / 2431).decided in (True, False)


def test_equal_seeds_simulate_the_same_and_others_do_not() -> None:
    one, again, other = (mcdiv.test(A, B, method="simulated", seed=seed).p_value for seed in (1, 1, 2))
    assert one == again != other


def test_chi_squared_p_values_of_tables_are_those_of_scipy() -> None:
    table = np.array([[12, 5, 9], [3, 8, 9], [6, 6, 2]])
    for name, power in (("g", "log-likelihood"), ("pearson", "pearson")):
        found = mcdiv.test(table, statistic=name)
        known = stats.chi2_contingency(table, correction=False, lambda_=power)
        assert (found.statistic, found.asymptotic) == pytest.approx((known.statistic, known.pvalue), rel=1e-12)
        assert found.degrees_of_freedom == known.dof == 4
        assert found.compared == "table"


def test_total_variation_has_no_chi_squared_law() -> None:
    found = mcdiv.test(A, B, statistic="tv")
    assert found.asymptotic is None
    assert found.p_value == pytest.approx(4504 / 46189, rel=1e-12)
    assert not any("χ²" in sentence for sentence in sentences(found))


def test_empty_categories_and_rows_are_left_out_and_said() -> None:
    found = mcdiv.test([7, 0, 2, 1], [2, 0, 3, 5])
    assert (found.p_value, found.categories, found.empty_categories) == (mcdiv.test(A, B).p_value, 3, 1)
    assert list(sentences(found))[-1] == "1 category without draws is left out."
    table = mcdiv.test([[7, 2, 1], [0, 0, 0], [2, 3, 5]])
    assert (table.p_value, table.empty_rows) == (found.p_value, 1)
    known = mcdiv.test([7, 2, 1, 0], model=[1 / 3, 1 / 3, 1 / 3, 0])
    assert known.p_value == pytest.approx(611 / 6561, rel=1e-12)
    assert list(sentences(known))[-1] == "1 category without draws or probability is left out."


def test_draws_that_the_model_excludes_have_no_probability() -> None:
    found = mcdiv.test(A, model=[0.5, 0.5, 0])
    assert (found.statistic, found.p_value, found.exact, found.impossible) == (math.inf, 0, True, 1)
    assert list(sentences(found))[-1] == "1 draw is in categories to which the model gives no probability."
    # The Jensen–Shannon divergence stays finite: more than any sample of the model has.
    assert mcdiv.test([1, 1, 8], model=[0.5, 0.5, 0], statistic="js").p_value == 0


def test_series_are_paired_by_their_labels() -> None:
    a, b = pd.Series({"x": 7, "y": 2, "z": 1}), pd.Series({"z": 5, "x": 2, "y": 3})
    assert mcdiv.test(a, b).p_value == mcdiv.test(A, B).p_value


def test_the_words_say_what_was_found() -> None:
    first, second = sentences(mcdiv.test(A, B))
    assert first == (
        "G = 6.05432, p = 0.0683 (exact, given the margins): the probability of a value at least as large if both "
        "samples come from one distribution, which the test does not reject at level 0.05."
    )
    assert second == "The χ² approximation (2 degrees of freedom) gives 0.0485 and would reject."
    smallest = list(sentences(mcdiv.test([3, 0], [0, 3])))[1]
    assert smallest == "No table with these margins has a p-value below 0.1, so the test cannot reject at level 0.05."
    infinite = list(sentences(mcdiv.test([5, 5, 0], [1, 4, 5], statistic="psi")))
    assert infinite[1] == "The χ² approximation says nothing of an infinite statistic."


def test_a_p_value_is_written_on_its_side_of_the_level() -> None:
    assert p_text(0.0683, 0.05) == "0.0683"
    assert p_text(0.05000001, 0.05) == "0.05000001"
    assert p_text(0.04999999, 0.05) == "0.05"
    assert p_text(1e-310, 0.05) == "below 1e−300"
    assert p_text(2.5e-8, 0.05) == "2.5e−08"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("samples", "options", "said"),
    [
        ([A], {}, "expected two samples or more, a table, or a sample and a model; got 1"),
        ([A, [1, 2]], {}, "sample 2 has 2 categories, sample 1 has 3; they must be the same"),
        ([A, [0, 0, 0]], {}, "sample 2 has no draws: all its counts are 0"),
        ([[7, 0], [3, 0]], {}, "a test needs two categories or more with draws, got 1"),
        ([[[7, 0], [3, 0]]], {}, "a test needs two columns or more with draws, got 1"),
        ([[[7, 1], [0, 0]]], {}, "a test needs two rows or more with draws, got 1"),
        ([A, [1.5, 2, 3]], {}, r"sample 2\[0\] is 1.5; expected a whole number >= 0"),
        ([A, B, B], {"statistic": "kl"}, "kl compares two samples, got 3; g and pearson compare several"),
        ([A, B], {"statistic": "gee"}, "unknown statistic 'gee'"),
        ([A, B], {"alpha": 1}, "alpha: expected a number between 0 and 1, got 1"),
        ([A, B], {"method": "fast"}, "method: expected auto, exact or simulated, got 'fast'"),
        ([A, B], {"model": [0.5, 0.3, 0.2]}, "model: expected one sample to compare with it, got 2"),
        ([A], {"model": [0.5, 0.5]}, "model has 2 categories, sample has 3; they must be the same"),
        ([A], {"model": [1, 0, 0]}, "the model gives one category all probability"),
        ([[2 * 10**9, 5], [10**9, 5]], {}, "3,000,000,010 draws in all are too many to simulate"),
        ([[400] * 40, [401] * 40], {"method": "exact"}, "an exact p-value would take lists of more than"),
        ([[A, B], [B, A]], {}, r"sample 1: expected one sample, shape \(K,\), got shape \(2, 3\)"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(samples: list, options: dict, said: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ValueError, match=said) as refused:
        mcdiv.test(*samples, **options)
    assert "\n" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("q", [Fraction(1, 2), Fraction(3, 10), Fraction(9, 10)])
def test_exact_tests_of_coins_never_reject_too_often(q: Fraction) -> None:
    for draws in (1, 2, 5, 9, 20):
        for name in STATISTICS:
            pmf = [float(q), float(1 - q)]
            rejected = [
                heads
                for heads in range(draws + 1)
                if mcdiv.test([heads, draws - heads], model=pmf, statistic=name).rejects
            ]
            size = sum(math.comb(draws, k) * q**k * (1 - q) ** (draws - k) for k in rejected)
            assert size <= Fraction(5, 100)


@pytest.mark.parametrize("name", list(STATISTICS))
def test_terms_that_are_looked_up_are_the_computed_ones_to_the_last_digit(name: str) -> None:
    generator = np.random.default_rng(1)
    rows = np.array([3000, 5000])
    shares = np.full(600, 1 / 600)
    tables = np.stack([generator.multinomial(size, shares, size=20) for size in rows], axis=1)
    assert np.array_equal(_of_drawn(name, tables, rows), of_tables(name, tables))
    for pmf in (shares, np.repeat([2 / 1200, 1 / 1200], [500, 200])):
        first = generator.multinomial(3000, pmf, size=20)
        second = generator.multinomial(5000, pmf, size=20)
        _, firsts, groups = np.unique(pmf, return_index=True, return_inverse=True)
        for others in (None, second):
            design = NullDesign(statistic=name, p=pmf, draws=3000, second=None if others is None else 5000)
            wanted = terms_of(design, np.arange(len(pmf)), first, others).sum(axis=1)
            assert np.array_equal(_by_what_was_drawn(design, first, others, firsts, groups), wanted)
            none = _by_what_was_drawn(design, first[:0], None if others is None else others[:0], firsts, groups)
            assert none.shape == (0,)


@pytest.mark.slow
def test_a_wide_table_is_simulated_in_few_tables_whose_error_is_stated() -> None:
    """A thousand categories of two draws: TV falls with J, how many of them have one in each sample.

    P(J = j) is in proportion to C(K, j) 2^j C(K − j, (K − j)/2), in rational arithmetic.
    """
    many, split = 1000, 480
    first = np.repeat([1, 2, 0], [split, (many - split) // 2, (many - split) // 2])
    weights = [math.comb(many, j) * 2**j * math.comb(many - j, (many - j) // 2) for j in range(0, many + 1, 2)]
    wanted = float(Fraction(sum(weights[: split // 2 + 1]), sum(weights)))
    found = p_value_of_table("tv", np.stack([first, 2 - first]), Precision(cells=2**23))
    assert found.replicates == 2**23 // (8 * 2 * many)
    assert found.mcse == pytest.approx(math.sqrt(found.p_value * (1 - found.p_value) / found.replicates))
    assert abs(found.p_value - wanted) <= 5 * found.mcse
