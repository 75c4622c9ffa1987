"""Counts from which rare categories seem to be missing, and those that seem to be counted twice."""

import math

import numpy as np
import pytest
from conftest import Command

from mcdiv.observed.truncation import chance_if_complete, truncation_sentence
from mcdiv.observed.trust import data_sentences

#: six categories were seen twice, three three times and one four times: 2·6²/(3·3) = 8 and 4·6²/(3·3) − 6·3/2 = 7
_NO_SINGLETONS = [14, 9, 6, 5, 4, 3, 3, 3, 2, 2, 2, 2, 2, 2]


def test_missing_singletons_are_no_sign_that_no_category_is_missing(mcdiv_command: Command) -> None:
    told = mcdiv_command("estimate", "-", stdin=" ".join(map(str, _NO_SINGLETONS))).stdout
    told = " ".join(told.split())
    assert "no sign of unseen categories" not in told
    assert "at least about 2 f₂²/(3 f₃) = 8 seen once are to be expected" in told
    assert "(the estimate of Chiu and Chao, 2016, is 7)" in told
    assert "It may be that the categories seen once were removed, or some draws were counted more than once" in told


@pytest.mark.parametrize(("at", "above"), [(6, 3), (5, 1), (9, 7)])
def test_the_chance_is_that_of_three_cells_at_the_bound(at: int, above: int) -> None:
    def chance(t: float) -> float:
        shares = [x / (1 + t + 2 / 3 * t**2) for x in (2 / 3 * t**2, t, 1)]
        return sum(
            math.comb(at + above, n) * shares[1] ** n * shares[2] ** (at + above - n) for n in range(at, at + above + 1)
        )

    largest = max(chance(10 ** (k / 500)) for k in range(-1500, 1501))
    counts = np.repeat([2, 3, 50], [at, above, 1])
    assert chance_if_complete(counts) == pytest.approx(largest, rel=1e-3)


@pytest.mark.slow
def test_complete_counts_look_cut_as_rarely_as_is_said() -> None:
    generator = np.random.default_rng(3)
    for categories, mean, power in [(20, 4, 0), (50, 7, 0.5), (30, 10, 1), (1000, 3, 0)]:
        p = np.arange(1, categories + 1.0) ** -power
        samples = generator.multinomial(categories * mean, p / p.sum(), size=1000)
        rate = np.mean([truncation_sentence(counts) != "" for counts in samples])
        assert rate <= 0.05


@pytest.mark.parametrize(("times", "twice"), [(2, "twice"), (3, "3 times")])
def test_draws_counted_twice_are_told_from_singletons_that_were_removed(times: int, twice: str) -> None:
    counts = times * np.repeat([1, 2, 3, 7], [20, 8, 4, 1])
    told = " ".join(data_sentences(counts, "seen"))
    assert f"Every count is a multiple of {times}. It looks as if every draw had been counted {twice}" in told
    assert f"too small by a factor of about √{times}" in told
    assert "looks as if" not in " ".join(data_sentences(counts // times, "seen"))


def test_categories_without_draws_change_nothing() -> None:
    assert truncation_sentence(np.array([*_NO_SINGLETONS, 0, 0])) == truncation_sentence(np.array(_NO_SINGLETONS))


@pytest.mark.parametrize("counts", [[5], [2, 2, 2, 2], [1, 2, 2, 2, 2, 2, 2], [2] * 6 + [3] * 30, [2] * 9])
def test_nothing_is_said_where_chance_explains_it(counts: list[int]) -> None:
    assert not truncation_sentence(np.array(counts))
