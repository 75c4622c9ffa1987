"""The interval at the edge: noncentral χ² against mpmath, the mean of G and coins against enumeration, coverage."""

import itertools
import math
from fractions import Fraction
from math import comb
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from scipy.special import chdtrc, chdtri, rel_entr, xlogy
from scipy.stats import binom, multinomial

import mcdiv
from mcdiv.estimands.contract import ESTIMANDS
from mcdiv.intervals.contract import INTERVALS
from mcdiv.significance.coin import accepted_coins, coin_p_values
from mcdiv.significance.mean_of_g import mean_against_pmf, mean_of_tables
from mcdiv.significance.noncentral import LARGE, noncentral_chi2_cdf, noncentrality_interval

KL, JS, J = "kl_divergence", "js_divergence", "jeffreys_divergence"
INFO = "mutual_information"


def ends(estimand: str, counts: Any, **given: Any) -> tuple[float, float]:
    found = mcdiv.interval(estimand, counts, method="noncentral_chi2", **given)
    return float(found.low), float(found.high)


def noncentral_cdf(x: float, freedom: float, noncentrality: float) -> float:
    """Poisson mixture of χ² laws, at 30 digits."""
    with mp.workdps(30):
        half = mp.mpf(noncentrality) / 2
        terms = (
            mp.exp(-half + j * mp.log(half) - mp.loggamma(j + 1))
            * mp.gammainc(mp.mpf(freedom) / 2 + j, 0, mp.mpf(x) / 2, regularized=True)
            for j in range(int(half + 20 * math.sqrt(float(half)) + 60))
        )
        return float(mp.fsum(terms))


@pytest.mark.slow
@pytest.mark.parametrize(("statistic", "freedom"), [(7.0, 1.0), (23.0, 9.0), (100.0, 19.0), (52.0, 8.0)])
def test_both_ends_are_where_the_statistic_enters_its_tail(statistic: float, freedom: float) -> None:
    low, high = (
        float(end[0]) for end in noncentrality_interval(np.array([statistic]), np.array([freedom]), 0.95, np.ones(1))
    )
    critical = float(chdtri(freedom, 0.05))

    def lower_tail(noncentrality: float) -> float:
        return 0.025 * max(0.0, 1 - 2 * noncentral_cdf(critical, freedom, noncentrality))

    assert noncentral_cdf(statistic, freedom, high) == pytest.approx(lower_tail(high), rel=1e-8)
    assert 1 - noncentral_cdf(statistic, freedom, low) == pytest.approx(0.05 - lower_tail(low), rel=1e-8)


def test_far_from_zero_the_upper_end_is_that_of_equal_tails() -> None:
    """76.2003 for a χ² of 52 with 8 degrees of freedom: MATLAB's Measures of Effect Size (ncpci)."""
    high = noncentrality_interval(np.array([52.0]), np.array([8.0]), 0.95, np.ones(1))[1]
    assert high[0] == pytest.approx(76.2003, abs=2e-4)


@pytest.mark.slow
def test_with_a_scale_the_law_has_the_mean_of_the_test_and_that_variance() -> None:
    low, high = (
        float(end[0]) for end in noncentrality_interval(np.array([400.0]), np.array([9.0]), 0.95, np.array([1.6]))
    )
    assert noncentral_cdf(400 / 1.6, 9 / 1.6, high / 1.6) == pytest.approx(0.025, rel=1e-6)
    r = 1 + 0.6 * math.sqrt(low / 400)
    assert 1 - noncentral_cdf(400 / r, 9 / r, low / r) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("freedom", [1.0, 2.3, 19.0, 400.0])
@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_zero_is_held_exactly_where_the_test_does_not_reject(freedom: float, ratio: float) -> None:
    critical = float(chdtri(freedom, 0.05))
    statistics = np.array([0.0, critical / 2, critical * (1 - 1e-9), critical * (1 + 1e-6), critical * 1.5])
    low, high = noncentrality_interval(statistics, np.full(5, freedom), 0.95, np.full(5, ratio))
    assert (low[:3] == 0).all() and (low[3:] > 0).all()
    assert (np.diff(low) >= 0).all() and (np.diff(high[1:]) > 0).all() and (high > low).all()


def test_large_statistics_are_approximated_to_five_digits() -> None:
    for freedom, noncentrality in ((1.0, LARGE), (9.0, LARGE * 0.998), (500.0, LARGE * 0.99), (9e4, 1e4)):
        law = (np.array([LARGE]), np.array([freedom]), np.array([noncentrality]))
        exact, normal = (float(noncentral_chi2_cdf(*law, np.array([large]))[0]) for large in (False, True))
        assert normal == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("q", [(0.5, 0.5), (0.2, 0.3, 0.5), (0.9, 0.1, 0.0), (1.0,)])
@pytest.mark.parametrize("draws", [1, 2, 7])
def test_the_mean_of_g_against_a_model_is_that_over_all_samples(q: tuple[float, ...], draws: int) -> None:
    mean = 0.0
    for counts in itertools.product(range(draws + 1), repeat=len(q)):
        if sum(counts) == draws:
            chance = math.factorial(draws) * math.prod(p**n / math.factorial(n) for p, n in zip(q, counts, strict=True))
            g = 2 * rel_entr(np.array(counts, float), draws * np.array(q)).sum()
            mean += chance * g if chance else 0.0
    assert mean_against_pmf(q, draws) == pytest.approx(mean, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("columns", [(9, 5, 6), (1, 1), (20,), (3, 0, 4), (40, 1)])
def test_the_mean_of_g_of_two_samples_is_that_over_all_tables_with_their_margins(columns: tuple[int, ...]) -> None:
    total = sum(columns)
    first = total // 3 + 1 if total > 2 else 1
    weight, sum_g = 0, 0.0
    for counts in itertools.product(*(range(each + 1) for each in columns)):
        if sum(counts) == first:
            ways = math.prod(comb(each, n) for each, n in zip(columns, counts, strict=True))
            table = np.array([counts, np.subtract(columns, counts)], float)
            expected = np.outer([first, total - first], columns) / total
            weight, sum_g = weight + ways, sum_g + ways * 2 * float(rel_entr(table, expected).sum())
    mean = sum_g / weight
    found = mean_of_tables(np.array([first, total - first]), np.array(columns))
    assert float(found) == pytest.approx(mean, rel=1e-12, abs=1e-13)


def test_the_mean_of_g_of_counts_too_many_to_list_is_an_expansion_that_meets_the_sum() -> None:
    """Either side of the border, where the sum is exact: the expansion is off by less than a millionth."""
    for draws in (9_000, 9_600):  # N/9 · 8/9 is 889 and 948; from 10,125 on it is above 1000
        assert mean_against_pmf((1 / 9,) * 9, draws) == pytest.approx(8 + (9**2 - 1) / (6 * draws), abs=2e-6)
    exact = float(mean_of_tables(np.array([4000, 4000]), np.array([4000, 4000])))
    assert exact == pytest.approx(float(mean_of_tables(np.array([4001, 4001]), np.array([4001, 4001]))), abs=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("draws", [1, 5, 10, 23])
def test_the_coins_accepted_are_those_whose_exact_p_value_is_above_the_level(draws: int) -> None:
    heads = np.arange(draws + 1)
    found = [accepted_coins(int(n), draws, 0.05) for n in heads]
    for p in np.linspace(0.003, 0.997, 151):
        g = 2 * (rel_entr(heads, draws * p) + rel_entr(draws - heads, draws * (1 - p)))
        chances = binom.pmf(heads, draws, p)
        for n, limits in zip(heads, found, strict=True):
            accepted = chances[g >= g[n] * (1 - 1e-12)].sum() > 0.05
            assert accepted <= (limits[0] <= p <= limits[-1])


def test_the_outermost_coins_accepted_are_just_accepted() -> None:
    heads = np.arange(13)
    for n in heads:
        limits = accepted_coins(int(n), 12, 0.05)
        for end, outward in ((limits[0], -1e-7), (limits[-1], 1e-7)):
            for p, accepted in ((end + outward, False), (end - outward, True)):
                if 0 < p < 1:
                    g = 2 * (rel_entr(heads, 12 * p) + rel_entr(12 - heads, 12 * (1 - p)))
                    assert (binom.pmf(heads, 12, p)[g >= g[n] * (1 - 1e-12)].sum() > 0.05) == accepted


@pytest.mark.parametrize("draws", [1, 4, 9])
def test_the_p_values_of_a_coin_are_those_of_all_sequences(draws: int) -> None:
    q = (Fraction(3, 10), Fraction(7, 10))
    chances = [comb(draws, n) * q[0] ** n * q[1] ** (draws - n) for n in range(draws + 1)]
    g = [float(rel_entr(n, draws * 0.3) + rel_entr(draws - n, draws * 0.7)) for n in range(draws + 1)]
    expected = [float(sum(c for c, other in zip(chances, g, strict=True) if other >= each * (1 - 1e-12))) for each in g]
    assert coin_p_values(draws, np.array([0.3, 0.7])) == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("estimand", [KL, JS, J])
@pytest.mark.parametrize(("draws", "q"), [(5, 0.5), (20, 0.3), (100, 0.5)])
def test_of_a_coin_with_a_known_model_it_never_covers_less_than_it_says(estimand: str, draws: int, q: float) -> None:
    heads = np.arange(draws + 1)
    model = np.array([q, 1 - q])
    found = mcdiv.interval(
        estimand, np.stack([heads, draws - heads], axis=-1), q=model, method="noncentral_chi2", level=0.95
    )
    for p in [q, *np.linspace(0.01, 0.99, 25)]:
        true = float(ESTIMANDS[estimand].value(np.array([p, 1 - p]), model))
        held = (found.low <= true + 1e-12) & (true <= found.high + 1e-12)
        assert binom.pmf(heads, draws, p)[held].sum() >= 0.95
    rejected = coin_p_values(draws, model) <= 0.05
    assert ((found.low > 0) == rejected).all()


@pytest.mark.slow
@pytest.mark.parametrize("estimand", [KL, JS, J])
@pytest.mark.parametrize(("first", "second"), [(20, 20), (20, 40)])
def test_of_two_coins_it_covers_nine_of_ten_at_least(estimand: str, first: int, second: int) -> None:
    """Exact, over all pairs of samples, at P = Q and away from it."""
    n, m = (grid.ravel() for grid in np.meshgrid(np.arange(first + 1), np.arange(second + 1), indexing="ij"))
    found = mcdiv.interval(
        estimand,
        np.stack([n, first - n], axis=-1),
        counts_q=np.stack([m, second - m], axis=-1),
        method="noncentral_chi2",
    )
    for q in (0.5, 0.3):
        for p in [q, *np.linspace(0.05, 0.95, 21)]:
            true = float(ESTIMANDS[estimand].value(np.array([p, 1 - p]), np.array([q, 1 - q])))
            held = (found.low <= true + 1e-12) & (true <= found.high + 1e-12)
            chance = (binom.pmf(n, first, p) * binom.pmf(m, second, q))[held].sum()
            assert chance >= (0.93 if p == q else 0.90)


def test_samples_that_noise_explains_hold_zero() -> None:
    """KL 0.0050 ± 0.0022 of 2,000 draws from 20 equally likely categories: G = 20.03, p = 0.39."""
    assert ends(KL, [90] * 10 + [110] * 10, q=[0.05] * 20)[0] == 0
    assert ends(KL, [93, 107] * 10, counts_q=[107, 93] * 10)[0] == 0
    low, high = ends(KL, [250, 50], counts_q=[500, 100])
    assert low == 0
    # The 95 % quantile of the plug-in of such samples, at P = Q = (5/6, 1/6), is 0.009675529541937233.
    assert high == pytest.approx(0.0097, rel=0.02)


def test_exact_and_approximate_tests_agree_on_a_small_table() -> None:
    """[7, 2, 1] against [2, 3, 5]: the exact p-value is 166/2431 = 0.068, and χ²(2) would have said 0.048."""
    freedom = float(mean_of_tables(np.array([10, 10]), np.array([9, 5, 6])))
    assert chdtrc(freedom, 6.05432446287181) == pytest.approx(166 / 2431, abs=0.006)
    assert ends(KL, [7, 2, 1], counts_q=[2, 3, 5])[0] == 0
    assert ends(KL, [7, 2, 1], counts_q=[2, 3, 5], level=0.9)[0] > 0


@pytest.mark.slow
@pytest.mark.parametrize("estimand", [KL, JS, J])
def test_categories_without_draws_change_nothing(estimand: str) -> None:
    plain = ends(estimand, [12, 5, 3], counts_q=[4, 8, 9])
    assert ends(estimand, [12, 0, 5, 3], counts_q=[4, 0, 8, 9]) == pytest.approx(plain, rel=1e-12)
    assert ends(estimand, [12, 5, 3], counts_q=[4, 8, 9], alphabet_size=7) == pytest.approx(plain, rel=1e-12)
    assert ends(INFO, [[9, 3, 0], [2, 8, 0], [0, 0, 0]]) == pytest.approx(ends(INFO, [[9, 3], [2, 8]]), rel=1e-12)


def test_where_the_plug_in_is_infinite_there_is_a_lower_end_and_no_upper_one() -> None:
    low, high = ends(KL, [7, 3], counts_q=[30, 0])
    assert 0 < low < math.inf and high == math.inf
    assert ends(KL, [29, 1], counts_q=[30, 0]) == (0, math.inf)
    # A category that the known model cannot give was seen: the divergence is infinite without doubt.
    assert ends(KL, [5, 4, 1], q=[0.5, 0.5, 0]) == (math.inf, math.inf)
    assert ends(KL, [5, 5], q=[1, 0]) == (math.inf, math.inf)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_js_has_finite_ends_where_the_model_excludes_what_was_drawn(share: float) -> None:
    """G is infinite there, JS is not; the coverage is exact, over all outcomes of 30 draws."""
    q, p = np.array([0.5, 0.5, 0]), np.array([(1 - share) / 2, (1 - share) / 2, share])
    counts = np.array([(i, j, 30 - i - j) for i in range(31) for j in range(31 - i)])
    found = mcdiv.interval(JS, counts, q=q, method="noncentral_chi2")
    middle = (counts / 30 + q) / 2
    plug_in = (rel_entr(counts / 30, middle) + rel_entr(q, middle)).sum(axis=1) / 2
    assert np.isfinite(found.high).all()
    assert ((found.low <= plug_in + 1e-12) & (plug_in <= found.high + 1e-12)).all()
    true_value = (rel_entr(p, (p + q) / 2) + rel_entr(q, (p + q) / 2)).sum() / 2
    covered = (found.low <= true_value) & (true_value <= found.high)
    assert multinomial.pmf(counts, 30, p)[covered].sum() > 0.94


def test_one_category_has_nothing_to_differ_in() -> None:
    assert ends(KL, [4], q=[1.0]) == (0, 0)
    assert ends(JS, [4], counts_q=[9]) == (0, 0)
    low, high = ends(KL, [4, 0], counts_q=[9, 0])
    assert low == 0 and 0 < high < math.inf


def test_mutual_information_is_that_of_two_samples_where_the_rows_are_samples() -> None:
    """G = 2 N I of a table; of two rows it is the G of two samples."""
    low, high = ends(INFO, [[20, 10], [10, 20]])
    g = 2 * float(xlogy(20, 4 / 3) * 2 + xlogy(10, 2 / 3) * 2)
    freedom = float(mean_of_tables(np.array([30, 30]), np.array([30, 30])))
    assert chdtrc(freedom, g) < 0.05 and low > 0
    assert low < g / 120 < high
    assert ends(INFO, [[6, 4], [4, 6]])[0] == 0


def test_it_is_the_same_around_every_estimator() -> None:
    plain = ends(KL, [12, 5, 3], q=[0.2, 0.3, 0.5])
    assert ends(KL, [12, 5, 3], q=[0.2, 0.3, 0.5], estimator="miller_madow") == plain


def test_it_is_for_divergences_whose_size_near_zero_is_known_and_for_mutual_information() -> None:
    offered = {name for name, _ in INTERVALS["noncentral_chi2"].pairs()}
    assert {KL, JS, J, INFO} <= offered
    assert not offered & {"entropy", "cross_entropy", "conditional_entropy", "hellinger", "total_variation"}
