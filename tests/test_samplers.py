"""Samplers: each has exactly the law of N independent draws, and fewer replicates are the first ones of more."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from cases import examples, quick
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from mcdiv.core.families.named import coin, two_level, uniform, zipf
from mcdiv.core.levels import BATCH, ProbabilityLevels, draw_fingerprints
from mcdiv.core.outcomes import enumerate_outcomes, stream
from mcdiv.core.samplers import AliasTable, SamplingMethod, choose_method, draw_counts

METHODS: tuple[SamplingMethod, ...] = ("categories", "draws", "poisson")
PMFS = {
    "coin": coin(0.3),
    "die": uniform(6),
    "uniform": uniform(37),
    "zipf": zipf(50),
    "zeros": np.array([0.0, 0.5, 0, 0.2, 0.3, 0]),
    "one": np.ones(1),
    "sure": np.array([0.0, 1.0]),
}


def occupancy(categories: int, draws: int) -> list[float]:
    """P(s of K equally likely categories are seen), s = 0 … K: by inclusion and exclusion, in whole numbers."""
    onto = [sum((-1) ** j * comb(s, j) * (s - j) ** draws for j in range(s + 1)) for s in range(categories + 1)]
    return [float(Fraction(comb(categories, s) * ways, categories**draws)) for s, ways in enumerate(onto)]


def agree(observed: np.ndarray, expected: np.ndarray) -> bool:
    """Whether a chi-square test at one in a million, neighbours joined up to 10 expected, finds no difference."""
    ends = np.flatnonzero(np.diff(np.floor(np.cumsum(expected) / 10)) > 0) + 1
    starts = np.concatenate([[0], ends[:-1]])
    seen, wanted = (np.add.reduceat(values, starts) for values in (observed, expected))
    statistic = ((seen - wanted) ** 2 / np.maximum(wanted, 1e-12))[wanted > 1e-9].sum()
    return bool(statistic <= stats.chi2.isf(1e-6, max(1, len(starts) - 1)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PMFS)
@pytest.mark.parametrize("draws", [1, 30, 2000])
def test_mean_and_covariance_of_counts_are_those_of_the_multinomial(
    name: str, method: SamplingMethod, draws: int
) -> None:
    p, rows = PMFS[name], 4000
    counts = draw_counts(p, draws, rows, stream(5, draws), method)
    assert counts.shape == (rows, len(p))
    assert (counts.sum(axis=1) == draws).all()
    assert (counts >= 0).all()
    assert not counts[:, p == 0].any()
    errors = counts - draws * p
    squares = errors**2
    # Where a count is hardly ever anything but 0, the rows may hold none of what spreads.
    assert (np.abs(errors.mean(axis=0)) <= 5 * errors.std(axis=0, ddof=1) / np.sqrt(rows) + 20 / rows).all()
    found = errors.T @ errors / rows
    spread = np.sqrt(np.maximum(squares.T @ squares / rows - found**2, 0) / (rows - 1))
    assert (np.abs(found - draws * (np.diag(p) - np.outer(p, p))) <= 5 * spread + 20 / rows).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("p", [np.array([0.5, 0.3, 0.2]), zipf(4), np.array([0.05, 0.9, 0.0, 0.05])])
@pytest.mark.parametrize("draws", [1, 4, 10])
def test_every_count_vector_has_its_probability(p: np.ndarray, method: SamplingMethod, draws: int) -> None:
    exact, rows = enumerate_outcomes(p, draws), 40_000
    weight = (draws + 1) ** np.arange(len(p))
    codes = exact.counts @ weight
    found = draw_counts(p, draws, rows, stream(6, draws), method) @ weight
    assert np.isin(found, codes).all()
    observed = np.bincount(np.searchsorted(np.sort(codes), found), minlength=len(codes))
    assert agree(observed, rows * exact.weights[np.argsort(codes)])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("categories, draws", [(6, 9), (12, 12), (40, 25), (30, 150)])
def test_the_number_of_categories_seen_has_its_exact_law(method: SamplingMethod, categories: int, draws: int) -> None:
    rows = 20_000
    seen = (draw_counts(uniform(categories), draws, rows, stream(7, draws), method) > 0).sum(axis=1)
    observed = np.bincount(seen, minlength=categories + 1)
    assert agree(observed, rows * np.array(occupancy(categories, draws)))


def _whole_weights(most: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.integers(0, most).map(float), min_size=1, max_size=70)


#: weights whose sums tie, vanish, are of any size, or halve; and one category
WEIGHTS = st.one_of(
    _whole_weights(1),
    _whole_weights(5),
    _whole_weights(40),
    st.builds(
        lambda few, many, light: [1.0] * few + [light] * many,
        st.integers(1, 40),
        st.integers(1, 40),
        st.sampled_from([0.5, 0.25, 1 / 3, 0.1]),
    ),
    st.integers(1, 60).map(lambda k: [2.0**-i for i in range(k)]),
    st.lists(st.sampled_from([0.0, 5e-324, 1e-310, 1e-300, 1e-17, 0.1, 0.3, 1.0]), min_size=1, max_size=70),
    st.lists(st.floats(0, 1), min_size=1, max_size=70),
).filter(lambda weights: sum(weights) > 1e-290)


@pytest.mark.slow
@given(weights=WEIGHTS)
@example(weights=[0.15, 0.15, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.1, 0.05])
@example(weights=[3.0, 5, 3, 1, 1, 1, 3, 1, 3, 3])
@example(weights=[0.8 / 8] * 8 + [0.2 / 8] * 8)
@examples(400)
def test_an_alias_table_gives_every_category_its_probability(weights: list[float]) -> None:
    check_table(np.array(weights))


@pytest.mark.slow
@pytest.mark.parametrize("p", [zipf(10**6, 3), uniform(10**6), two_level(10**6, 0.5, 0.8), np.arange(10**6) % 4.0])
def test_an_alias_table_of_a_million_categories_does_too(p: np.ndarray) -> None:
    check_table(p)


def check_table(weights: np.ndarray) -> None:
    table, p = AliasTable.of(weights), weights / weights.sum()
    cells = len(table.own)
    assert ((table.own >= 0) & (table.own <= 1)).all()
    # In whole numbers, as the parts of a million cells that one category has do not add up in floats.
    own = np.rint(table.own * (2**62 // cells)).astype(np.int64)
    total = own.copy()
    np.add.at(total, table.other, 2**62 // cells - own)
    assert int(total.sum()) == 2**62
    assert np.abs(total[: len(p)] / 2**62 - p).sum() <= 1e-12
    assert not total[: len(p)][p == 0].any()
    assert not total[len(p) :].any()


def test_a_table_of_another_law_than_its_pmf_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "searchsorted", lambda ordered, values, side="left": np.zeros(len(values), dtype=int))
    with pytest.raises(ArithmeticError, match=r"is off by .* from its pmf"):
        AliasTable.of(zipf(10))


@pytest.mark.slow
@pytest.mark.parametrize("p", PMFS.values())
@pytest.mark.parametrize("draws", [1, 40, 1000])
def test_fewer_replicates_are_the_first_of_more(p: np.ndarray, draws: int) -> None:
    for method in (None, *METHODS):
        many = draw_counts(p, draws, 900, stream(1, 2), method)
        for few in (1, 17, 500):
            assert (draw_counts(p, draws, few, stream(1, 2), method) == many[:few]).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_pmf_that_is_off_by_less_than_is_refused_is_drawn_from(method: SamplingMethod) -> None:
    for excess in (1e-10, -1e-10, 9e-10):
        counts = draw_counts(zipf(30) * (1 + excess), 50, 10, stream(1, 2), method)
        assert (counts.sum(axis=1) == 50).all()


def test_the_way_follows_from_categories_and_draws() -> None:
    assert choose_method(6, 10) == "categories"
    assert choose_method(10_000, 10_000) == "draws"
    assert choose_method(10_000, 10**6) == "poisson"
    assert choose_method(20, 10**6) == "categories"


def levels_of(p: np.ndarray) -> ProbabilityLevels:
    levels = ProbabilityLevels.of(p)
    assert levels is not None
    return levels


FEW_LEVELS = {
    "uniform": np.full(300, 1 / 300),
    "two": np.repeat([0.8 / 200, 0.2 / 400], [200, 400]),
    "spikes": np.concatenate([[0.3, 0.2], np.full(400, 0.5 / 400)]),
    "zeros": np.concatenate([np.full(300, 1 / 300), np.zeros(50)]),
    "die": uniform(6),
    "one": np.ones(1),
}


def expanded(counts: np.ndarray, categories: np.ndarray, row: int) -> np.ndarray:
    return np.repeat(np.broadcast_to(counts, categories.shape)[row], categories[row].astype(int))


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("p", FEW_LEVELS.values(), ids=list(FEW_LEVELS))
@pytest.mark.parametrize("draws", [1, 60, 500, 3000])
def test_fingerprints_hold_all_draws_and_all_categories_and_their_first_moments(p: np.ndarray, draws: int) -> None:
    rows = 3000
    counts, categories = draw_fingerprints(levels_of(p), draws, rows, stream(8, draws))
    assert categories.shape[0] == rows
    assert (categories >= 0).all()
    assert (categories.sum(axis=1) == len(p)).all()
    assert ((categories * counts).sum(axis=1) == draws).all()
    for seen in range(4):
        found = (categories * (counts == seen)).sum(axis=1)
        exact = stats.binom.pmf(seen, draws, p)
        mcse = found.std(ddof=1) / np.sqrt(rows)
        assert abs(found.mean() - exact.sum()) <= 5 * mcse + 20 / rows


@pytest.mark.slow
@pytest.mark.parametrize("categories, draws", quick(2, [(200, 60), (200, 700), (200, 97), (200, 150), (250, 2000)]))
def test_the_number_of_categories_in_a_fingerprint_has_its_exact_law(categories: int, draws: int) -> None:
    rows = 20 * BATCH
    counts, met = draw_fingerprints(levels_of(uniform(categories)), draws, rows, stream(9, draws))
    seen = (met * (counts > 0)).sum(axis=1).astype(int)
    assert agree(np.bincount(seen, minlength=categories + 1), rows * np.array(occupancy(categories, draws)))


@pytest.mark.slow
def test_variances_of_singletons_and_pairs_in_a_fingerprint_are_exact() -> None:
    size, draws, rows = 400, 1000, 20 * BATCH
    counts, met = draw_fingerprints(levels_of(uniform(size)), draws, rows, stream(10))
    p = 1 / size
    for r in (1, 2):
        one = stats.binom.pmf(r, draws, p)
        both = one * stats.binom.pmf(r, draws - r, p / (1 - p))
        exact = size * one + size * (size - 1) * both - (size * one) ** 2
        found = met[:, counts == r][:, 0]
        squares = (found - size * one) ** 2
        assert abs(squares.mean() - exact) <= 5 * squares.std(ddof=1) / np.sqrt(rows)


def test_a_billion_categories_and_draws_are_drawn_as_exactly() -> None:
    size = draws = 10**9
    levels = ProbabilityLevels(p=np.array([1 / size]), size=np.array([size]))
    counts, met = draw_fingerprints(levels, draws, BATCH, stream(11))
    assert (met.sum(axis=1) == size).all()
    assert (met @ counts == draws).all()
    for r in range(5):
        found = met[:, r]
        exact = size * stats.binom.pmf(r, draws, 1 / size)
        assert abs(found.mean() - exact) <= 5 * found.std(ddof=1) / np.sqrt(BATCH)


@pytest.mark.slow
@pytest.mark.parametrize("p", FEW_LEVELS.values(), ids=list(FEW_LEVELS))
def test_fewer_fingerprints_are_the_first_of_more(p: np.ndarray) -> None:
    sizes = (3, BATCH, BATCH + 5, 2500)
    drawn = [draw_fingerprints(levels_of(p), 400, rows, stream(1, 2)) for rows in sizes]
    for (few, met), (many, more) in pairwise(drawn):
        for row in (0, len(met) - 1):
            assert (expanded(few, met, row) == expanded(many, more, row)).all()


def test_levels_are_found_and_pay_for_many_categories_only() -> None:
    assert ProbabilityLevels.of(zipf(100)) is None
    assert ProbabilityLevels.of(zipf(10**5)) is None
    assert levels_of(FEW_LEVELS["spikes"]).size.tolist() == [400, 1, 1]
    assert levels_of(uniform(10**4)).is_cheaper(10**4)
    assert not levels_of(uniform(6)).is_cheaper(10)
    assert not levels_of(uniform(1000)).is_cheaper(10**7)
