"""Distributions and weighted outcomes: right in law, and the same whatever else is asked for."""

import math
import re
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from cases import examples
from hypothesis import given
from hypothesis import strategies as st

from mcdiv.core import additive
from mcdiv.core.additive import levels_of, mean_of, variance_of
from mcdiv.core.binomial import binomial_table, binomial_window
from mcdiv.core.distributions import FAMILIES, Distribution
from mcdiv.core.domains import check_parameters
from mcdiv.core.families.named import coin, uniform, zipf
from mcdiv.core.flips import checkpoints_of, simulate_paths
from mcdiv.core.outcomes import (
    block_size,
    count_outcomes,
    draw_outcomes,
    enumerable,
    enumerate_outcomes,
    multiplicities,
    stream,
)


def of(name: str, **parameters: Any) -> Distribution:
    chosen = check_parameters(name, parameters, FAMILIES[name].parameters)
    return Distribution(family=name, parameters=tuple(chosen.items()))


SOME = {
    "coin": {"p": 0.3},
    "categorical": {"pmf": (0.2, 0.3, 0.5)},
    "joint": {"pmf": ((0.1, 0.2, 0.3), (0.4, 0.0, 0.0))},
    "uniform": {"k": 7},
    "zipf": {"k": 7, "s": 1.1},
    "counts": {"values": (3, 0, 1), "smoothing": "coverage", "name": ""},
    "geometric": {"k": 7, "ratio": 0.5},
    "power_law": {"k": 7, "s": 1.1, "cutoff": 3},
    "two_level": {"k": 10, "share": 0.2, "mass": 0.6},
    "spike_and_slab": {"k": 5, "spike": 0.6},
    "softmax": {"logits": (1, 2, -0.5), "temperature": 2},
    "dirichlet": {"k": 7, "alpha": 0.5, "seed": 3},
    "mixture": {"components": ((0.25, of("uniform", k=2)), (0.75, of("coin", p=1)))},
}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_distribution_is_a_pmf_with_a_label(name: str) -> None:
    known = FAMILIES[name].parameters
    # One that is new is tried at the examples of its domains.
    some = SOME[name] if name in SOME else {key: parameter.example for key, parameter in known.items()}
    chosen = Distribution(family=name, parameters=tuple(some.items()))
    assert len(chosen.pmf()) == chosen.categories
    assert chosen.pmf().sum() == pytest.approx(1, abs=1e-15)
    assert (chosen.pmf() >= 0).all()
    assert name in chosen.label
    assert FAMILIES[name].summary


def test_fractions_are_exact_and_heads_come_first() -> None:
    assert coin(Fraction(1, 3)).tolist() == [1 / 3, 2 / 3]
    assert zipf(3).tolist() == pytest.approx([6 / 11, 3 / 11, 2 / 11], rel=1e-15)


def made(name: str, **parameters: Any) -> np.ndarray:
    return of(name, **parameters).pmf()


@pytest.mark.parametrize(
    "name, parameters, expected",
    [
        ("geometric", {"k": 4, "ratio": "1/2"}, [8 / 15, 4 / 15, 2 / 15, 1 / 15]),
        ("geometric", {"k": 3, "ratio": 0}, [1, 0, 0]),
        ("geometric", {"k": 4, "ratio": 1}, [0.25] * 4),
        ("power_law", {"k": 2, "s": 1, "cutoff": 1}, [2 * math.e / (2 * math.e + 1), 1 / (2 * math.e + 1)]),
        ("power_law", {"k": 3, "s": 1, "cutoff": 1e300}, [6 / 11, 3 / 11, 2 / 11]),
        ("power_law", {"k": 3, "s": 0, "cutoff": 1e-300}, [1, 0, 0]),
        ("two_level", {"k": 5, "share": 0.4, "mass": "1/2"}, [1 / 4, 1 / 4, 1 / 6, 1 / 6, 1 / 6]),
        ("two_level", {"k": 3, "share": 0, "mass": 1}, [1 / 3] * 3),
        ("two_level", {"k": 3, "share": 1, "mass": 0.5}, [1 / 3] * 3),
        ("spike_and_slab", {"k": 5, "spike": 0.6}, [0.6, 0.1, 0.1, 0.1, 0.1]),
        ("spike_and_slab", {"k": 1, "spike": 0.6}, [1]),
        ("softmax", {"logits": [0, math.log(3)]}, [0.25, 0.75]),
        ("softmax", {"logits": [0, math.log(3)], "temperature": 0.5}, [0.1, 0.9]),
        ("softmax", {"logits": [1000, -1e300, 1000]}, [0.5, 0, 0.5]),
        ("dirichlet", {"k": 1, "alpha": 1}, [1]),
        (
            "mixture",
            {"components": [{"weight": "1/4", "uniform": 2}, {"weight": 0.75, "coin": {"p": 1}}]},
            [7 / 8, 1 / 8],
        ),
        ("mixture", {"components": [{"weight": 1, "mixture": [{"weight": 1, "zipf": 2}]}]}, [2 / 3, 1 / 3]),
    ],
)
def test_distributions_have_their_closed_forms(name: str, parameters: dict[str, Any], expected: list[float]) -> None:
    assert made(name, **parameters).tolist() == pytest.approx(expected, rel=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [1e-3, 0.2, 1, 50])
def test_a_random_pmf_is_that_of_its_seed_and_has_the_moments_of_its_law(alpha: float) -> None:
    assert (made("dirichlet", k=5, alpha=alpha, seed=3) == made("dirichlet", k=5, alpha=alpha, seed=3)).all()
    assert (made("dirichlet", k=5, alpha=alpha) == made("dirichlet", k=5, alpha=alpha, seed=1)).all()
    drawn = np.array([made("dirichlet", k=5, alpha=alpha, seed=seed) for seed in range(2000)])
    assert drawn.sum(axis=1) == pytest.approx(1, abs=1e-14)
    # E p = 1/K and E p² = (α + 1)/(K(Kα + 1)).
    for power, exact in ((1, 1 / 5), (2, (alpha + 1) / (5 * (5 * alpha + 1)))):
        mcse = (drawn**power).std(axis=0, ddof=1) / math.sqrt(len(drawn))
        assert (np.abs((drawn**power).mean(axis=0) - exact) <= 5 * mcse).all()


@pytest.mark.parametrize(
    "name, parameters, message",
    [
        ("geometric", {"k": 4, "ratio": 1.5}, "geometric.ratio: expected a number in [0, 1], got 1.5"),
        ("dirichlet", {"k": 4, "alpha": 0}, "dirichlet.alpha: expected a number > 0, got 0"),
        ("dirichlet", {"k": 4, "alpha": 1, "seed": 0.5}, "dirichlet.seed: expected a whole number >= 0, got 0.5"),
        ("softmax", {"logits": []}, "softmax.logits: expected a list of numbers, got []"),
        ("softmax", {"logits": [1, "x"]}, "softmax.logits.1: expected a number, got 'x'"),
        ("softmax", {"logits": [1], "temperature": 0}, "softmax.temperature: expected a number > 0, got 0"),
        ("mixture", {"components": [{"zipf": 3}]}, "mixture.components: expected a list such as [{weight: 0.7, "),
        ("mixture", {"components": [{"weight": 1, "zpf": 3}]}, "unknown distribution 'zpf'; did you mean 'zipf'?"),
        ("mixture", {"components": [{"weight": 1, "coin": 2}]}, "coin.p: expected a probability in [0, 1], got 2"),
        ("mixture", {"components": [{"weight": 0.5, "coin": 1}] * 3}, "sums to 1.5; probabilities must sum to 1"),
        (
            "mixture",
            {"components": [{"weight": 0.5, "coin": 1}, {"weight": 0.5, "zipf": 3}]},
            "components of 2 and 3 categories; they must have the same",
        ),
    ],
)
def test_a_parameter_outside_its_domain_is_named(name: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        made(name, **parameters)


def test_a_long_list_of_logits_is_counted_in_the_label() -> None:
    chosen = Distribution(family="softmax", parameters=(("logits", tuple(range(50))), ("temperature", 2)))
    assert re.fullmatch(r"softmax\(50 logits #[0-9a-f]{4}, temperature=2\)", chosen.label)
    other = Distribution(family="softmax", parameters=(("logits", tuple(range(1, 51))), ("temperature", 2)))
    assert other.label != chosen.label


@pytest.mark.parametrize("draws, p", [(10, 0.5), (1000, 0.01), (10**6, 0.3), (10**6, 1e-7), (10**7, 0.999)])
def test_the_binomial_window_holds_all_but_nothing_to_full_precision(draws: int, p: float) -> None:
    counts, weights = binomial_window(draws, p)
    assert weights.sum() == pytest.approx(1, abs=1e-14)
    assert float(weights @ counts) == pytest.approx(draws * p, rel=1e-13)
    mp.mp.dps = 40
    for place in (0, len(counts) // 3, len(counts) // 2, len(counts) - 1):
        n = int(counts[place])
        truth = mp.binomial(draws, n) * mp.mpf(p) ** n * (1 - mp.mpf(p)) ** (draws - n)
        assert weights[place] == pytest.approx(float(truth), rel=1e-9 if truth < 1e-15 else 1e-12)


def test_the_binomial_table_holds_every_smaller_number_of_draws() -> None:
    table = binomial_table(12, 0.3)
    for r in (0, 1, 5, 12):
        expected = [math.comb(r, n) * 0.3**n * 0.7 ** (r - n) for n in range(r + 1)]
        assert table[r, : r + 1].tolist() == pytest.approx(expected, rel=1e-13)
        assert not table[r, r + 1 :].any()


@examples(30)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any), st.integers(1, 9))
def test_enumeration_is_the_multinomial_law(weights: list[int], draws: int) -> None:
    p = np.array(weights) / sum(weights)
    found = enumerate_outcomes(p, draws)
    possible = int((p > 0).sum())
    assert len(found.weights) == math.comb(draws + possible - 1, possible - 1)
    assert (found.counts.sum(axis=1) == draws).all()
    for counts, weight in zip(found.counts.tolist(), found.weights, strict=True):
        ways = math.factorial(draws) / math.prod(map(math.factorial, counts))
        assert weight == pytest.approx(ways * math.prod(x**n for x, n in zip(p, counts, strict=True)), rel=1e-12)


def test_two_samples_are_enumerated_together() -> None:
    found = enumerate_outcomes(coin(0.3), 4, coin(0.6), 3)
    assert found.counts_q is not None
    assert len(found.weights) == 5 * 4
    assert found.weights.sum() == pytest.approx(1, abs=1e-15)
    assert float(found.weights @ found.counts_q[:, 0]) == pytest.approx(1.8, rel=1e-14)


def test_what_can_be_enumerated_is_decided_by_size() -> None:
    assert enumerable(coin(0.5), 10**7)
    assert enumerable(uniform(6), 20)
    assert not enumerable(uniform(6), 2000)
    assert not enumerable(zipf(1000), 100)
    assert enumerable(np.array([0.5, 0.5, 0, 0]), 10**6)


@pytest.mark.parametrize("draws", [2000, 10_000])
def test_two_samples_with_more_outcomes_than_floats_can_count_are_not_enumerated(draws: int) -> None:
    """One number of outcomes passes 1.8e308; the other does too, or is infinite by definition."""
    p, q = zipf(1000), uniform(1000)
    for first, second in ((p, q), (q, p)):
        assert not enumerable(first, 500, second, draws)
        assert not enumerable(first, draws, second, 500)
    assert math.isinf(count_outcomes(p, 500)) and math.isinf(count_outcomes(coin(0.5), 10, p, draws))
    assert count_outcomes(uniform(200), 200) == pytest.approx(float(math.comb(399, 199)))


@pytest.mark.parametrize("replicates", [1, 1000, 65_536, 65_537, 2_000_000, 10**9, 10**12])
def test_multiplicities_add_up_for_any_number_of_replicates(replicates: int) -> None:
    weights = binomial_window(20, 0.3)[1]
    times = multiplicities(weights, replicates, 1, 2)
    assert times.sum() == replicates
    expected = replicates * weights
    spread = np.sqrt(expected * (1 - weights)) + 1
    assert (np.abs(times - expected) < 6 * spread).all()


@pytest.mark.parametrize(
    "few, many", [(1, 10), (10, 1000), (1000, 99_999), (100_001, 250_000), (250_000, 10**6), (70_000, 10**9)]
)
def test_more_replicates_keep_the_earlier_ones(few: int, many: int) -> None:
    weights = binomial_window(1000, 0.3)[1]
    assert (multiplicities(weights, few, 1, 2) <= multiplicities(weights, many, 1, 2)).all()
    rows = min(few, 500)
    shorter = draw_outcomes(zipf(50), 30, rows, stream(1, 2), zipf(50, 0.5), 10)
    longer = draw_outcomes(zipf(50), 30, rows + 100, stream(1, 2), zipf(50, 0.5), 10)
    assert shorter.counts_q is not None
    assert longer.counts_q is not None
    assert (shorter.counts == longer.counts[:rows]).all()
    assert (shorter.counts_q == longer.counts_q[:rows]).all()


def test_streams_differ_by_address_only() -> None:
    assert stream(1, 2, 3).random() == stream(1, 2, 3).random()
    assert len({stream(*address).random() for address in [(1, 2, 3), (1, 2, 4), (1, 3, 3), (2, 2, 3)]}) == 4
    assert block_size(zipf(1000), 50) * 1000 <= 2**19
    assert block_size(zipf(10**6), 50) == 1
    assert block_size(uniform(10**6), 50, zipf(10**6)) == 1
    assert block_size(uniform(10**6), 50) > 100


@pytest.mark.parametrize("p", [zipf(7), uniform(5), np.array([0.5, 0, 0.5]), zipf(40)])
@pytest.mark.parametrize("draws", [1, 3, 12])
@pytest.mark.parametrize("entries", [2**18, 1, 20])
def test_mean_and_variance_of_an_additive_statistic_are_exact(
    p: np.ndarray, draws: int, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the windows of all levels are made at once, or some levels at a time."""

    def term(counts, p, q):
        return np.sqrt(counts) + counts**2 * q

    q = np.arange(1.0, len(p) + 1) / 10
    monkeypatch.setattr(additive, "PIECE", entries)
    levels = levels_of(p, q, draws)
    mean, variance = brute(p, q, draws) if len(p) <= 7 else pairwise(p, q, draws)
    pieces = list(levels.windows())
    assert len(pieces) == 1 or entries < len(levels.p) * (draws + 1)
    found = sum(mean_of(term(some.counts, some.p[some.level], some.q[some.level]), some) for some in pieces)
    assert found == pytest.approx(mean, rel=1e-12)
    assert variance_of(term, levels) == pytest.approx(variance, rel=1e-9, abs=1e-12)


def brute(p: np.ndarray, q: np.ndarray, draws: int) -> tuple[float, float]:
    found = enumerate_outcomes(p, draws)
    totals = (np.sqrt(found.counts) + found.counts**2 * q)[:, p > 0].sum(axis=1)
    mean = float(found.weights @ totals)
    return mean, float(found.weights @ (totals - mean) ** 2)


def pairwise(p: np.ndarray, q: np.ndarray, draws: int) -> tuple[float, float]:
    """Σ_j Σ_k Cov(f(n_j), f(n_k)) from the trinomial law of every pair of categories."""

    def f(n: int, k: int) -> float:
        return math.sqrt(n) + n * n * q[k]

    def joint(j: int, k: int) -> float:
        total = 0.0
        for a in range(draws + 1):
            for b in range(draws + 1 - a):
                ways = math.factorial(draws) / math.factorial(a) / math.factorial(b) / math.factorial(draws - a - b)
                total += ways * p[j] ** a * p[k] ** b * (1 - p[j] - p[k]) ** (draws - a - b) * f(a, j) * f(b, k)
        return total

    law = [[math.comb(draws, n) * x**n * (1 - x) ** (draws - n) for n in range(draws + 1)] for x in p]
    means = [sum(w * f(n, k) for n, w in enumerate(law[k])) for k in range(len(p))]
    squares = sum(sum(w * f(n, k) ** 2 for n, w in enumerate(law[k])) for k in range(len(p)))
    cross = sum(2 * joint(j, k) for j in range(len(p)) for k in range(j))
    return sum(means), squares + cross - sum(means) ** 2


def test_checkpoints_are_logarithmic_and_hold_the_sample_sizes() -> None:
    points = checkpoints_of(1000, (5, 37))
    assert points[0] == 1
    assert points[-1] == 1000
    assert {5, 37} <= set(points)
    assert points == sorted(set(points))
    assert checkpoints_of(1) == [1]


@pytest.mark.parametrize("p", [coin(0.3), coin(0.5), zipf(5), np.array([0.25, 0.75, 0.0]), coin(0), coin(1)])
def test_literal_experiments_have_the_law_of_the_counts(p: np.ndarray) -> None:
    checkpoints = [1, 7, 64, 65, 200, 1024, 1500]
    counts = simulate_paths(p, 400, checkpoints, 3, 4)
    assert counts.shape == (400, len(checkpoints), len(p))
    assert (counts.sum(axis=-1) == checkpoints).all()
    assert (np.diff(counts, axis=1) >= 0).all()
    assert not counts[..., p == 0].any()
    for place, draws in enumerate(checkpoints):
        error = np.sqrt(draws * p * (1 - p) / 400)
        assert (np.abs(counts[:, place].mean(axis=0) - draws * p) <= 5 * error).all()
        ratio = counts[:, place].var(axis=0, ddof=1) / np.maximum(draws * p * (1 - p), 1e-300)
        assert (np.abs(ratio - 1)[(p > 0) & (p < 1)] < 5 * np.sqrt(2 / 400) + 5 / draws).all()


@pytest.mark.parametrize("p", [coin(0.3), zipf(5)])
def test_paths_depend_neither_on_their_number_nor_on_how_far_they_go(p: np.ndarray) -> None:
    near = simulate_paths(p, 3, [10, 100], 3, 4)
    far = simulate_paths(p, 50, [10, 50, 100, 5000], 3, 4)
    assert (near == far[:3][:, [0, 2]]).all()
