"""Laws from replicates: what is wrong with one threshold is not wrong with the next, and none is too low on average."""

import numpy as np
import pytest

from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.null_law import computed_law
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
