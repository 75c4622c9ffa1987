"""Laws from replicates: what is wrong with one threshold is not wrong with the next, and none is too low on average."""

import numpy as np
import pytest

from mcdiv.significance.null_design import NullDesign, observed_value
from mcdiv.significance.null_law import LEFT_OUT, computed_law
from mcdiv.significance.simulated_law import SimulatedLaw, simulated_law

SEEDS = range(200)


def of(p: list[float]) -> NullDesign:
    return NullDesign(statistic="js", p=np.array(p), draws=60)


def errors(p: list[float], value: float) -> list[float]:
    exact = computed_law(of(p))
    assert exact is not None
    return [simulated_law(of(p), 0.1, 100, seed).at_least(value).value - exact.at_least(value).value for seed in SEEDS]


def test_errors_of_two_references_at_one_seed_are_independent() -> None:
    first, second = errors([0.5, 0.3, 0.2], 0.02), errors([0.4, 0.3, 0.3], 0.02)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / len(SEEDS) ** 0.5


@pytest.mark.parametrize(("replicates", "rate"), [(30, 3 / 31), (100, 10 / 101)])
def test_a_threshold_from_few_replicates_is_exceeded_at_no_more_than_its_rate_on_average(
    replicates: int, rate: float
) -> None:
    generator, shares = np.random.default_rng(1), []
    for _ in range(4000):
        law = SimulatedLaw(
            values=(generator.random(replicates), np.empty(0)),
            weights=(np.ones(replicates), np.empty(0)),
            exact_infinite=0.0,
            design=of([0.5, 0.5]),
            spread=1.0,
        )
        shares.append(1 - law.threshold(0.1))
    assert abs(np.mean(shares) - rate) < 4 * np.std(shares) / len(shares) ** 0.5


@pytest.mark.parametrize("statistic", ["psi", "js", "g", "tv"])
@pytest.mark.parametrize("rate", [0.05, 1e-3])
def test_a_p_value_of_1e_9_has_an_error_and_is_right_at_every_rate(statistic: str, rate: float) -> None:
    design = NullDesign(statistic=statistic, p=np.array([0.7, 0.3]), draws=150, second=120)
    current, reference = np.array([60, 90]), np.array([90, 30])
    value = observed_value(design, current, reference)
    exact = computed_law(design)
    assert exact is not None
    right = exact.p_value(value, current, reference).value
    found = simulated_law(design, rate, 10_000, 1).p_value(value, current, reference)
    assert 1e-10 < right < 1e-8
    assert abs(found.value - right) < 5 * found.mcse
    assert found.mcse < 0.3 * right


def test_a_p_value_has_the_probability_of_infinity_in_it() -> None:
    design = NullDesign(statistic="psi", p=np.array([0.95, 0.05]), draws=100, second=300)
    current, reference = np.array([70, 30]), np.array([290, 10])
    found = simulated_law(design, 0.05, 1000, 1).p_value(observed_value(design, current, reference), current, reference)
    one, other = 0.95**100, 0.95**300
    assert found.value == pytest.approx(one + other - 2 * one * other, rel=1e-6)


def test_a_p_value_that_no_replicate_shows_is_as_uncertain_as_it_is_large() -> None:
    p = np.full(500, 1e-3 / 499)
    p[0] = 0.999
    design = NullDesign(statistic="tv", p=p, draws=20)
    current = np.zeros(500, dtype=np.int64)
    current[-1] = 20  # has probability (2e-6)^20
    found = simulated_law(design, 0.05, 1000, 1).p_value(observed_value(design, current, p), current, None)
    assert found.value == found.mcse == 2 / 1001


def test_a_p_value_is_never_below_what_is_left_out_of_a_law() -> None:
    design = NullDesign(statistic="g", p=np.array([0.5, 0.5]), draws=200, second=200)
    law = computed_law(design)
    assert law is not None
    assert law.at_least(84.2).value < LEFT_OUT  # about 5e-20
    assert law.p_value(84.2, np.array([150, 50]), np.array([60, 140])).value == LEFT_OUT
