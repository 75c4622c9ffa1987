"""Exact biases where both pmfs are sampled: against all pairs of outcomes, and where there are too many to list."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.core.arrays import Sample
from mcdiv.engine.exact import SamplingDesign, exact_bias, has_exact_mean
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries
from mcdiv.results.study_results import Results

PRODUCTS = [
    pytest.param(entry, id=f"{entry.name}-{entry.estimand}") for entry in entries() if entry.two_samples is not None
]
SMOOTHED = {"additive", "laplace", "jeffreys", "perks", "minimax"}
#: of three categories one that P lacks, one that both lack
TRUTHS = [([0.2, 0.3, 0.5], [0.3, 0.3, 0.4]), ([0.4, 0.6, 0.0], [0.3, 0.5, 0.2]), ([0.9, 0.1, 0.0], [0.25, 0.75, 0.0])]


def parameters(entry: Estimator) -> dict[str, Any]:
    return {p.name: 0.5 for p in entry.parameters.values() if p.required} | {
        p.name: p.default for p in entry.parameters.values() if not p.required
    }


def outcomes(pmf: list[float], size: int) -> list[tuple[list[int], float]]:
    found = []
    for a, b in itertools.product(range(size + 1), repeat=2):
        if a + b <= size:
            counts = [a, b, size - a - b]
            ways = math.factorial(size) // math.prod(math.factorial(n) for n in counts)
            found.append((counts, ways * math.prod(x**n for x, n in zip(pmf, counts, strict=True))))
    return found


def by_all_pairs(entry: Estimator, p: list[float], q: list[float], N: int, M: int) -> float:
    pairs = list(itertools.product(outcomes(p, N), outcomes(q, M)))
    sample = Sample(counts=np.array([n for (n, _), _ in pairs]), counts_q=np.array([m for _, (m, _) in pairs]))
    values = entry.evaluate(sample, parameters(entry))
    weights = np.array([a * b for (_, a), (_, b) in pairs])
    return math.fsum(weights * np.where(weights > 0, values, 0.0))


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("entry", PRODUCTS)
def test_exact_biases_of_two_samples_are_those_over_all_pairs_of_outcomes(entry: Estimator) -> None:
    if not has_exact_mean(entry.estimand, entry.name, entry.design, parameters(entry)):
        assert entry.name == "plugin"
        sampling = SamplingDesign.of(np.array([0.5, 0.5]), np.array([0.5, 0.5]), 5, 5)
        assert exact_bias(entry, parameters(entry), sampling) is None
        return
    for (p, q), (N, M) in itertools.product(TRUTHS, [(1, 1), (4, 6), (7, 3)]):
        sampling = SamplingDesign.of(np.array(p), np.array(q), N, M)
        wanted = by_all_pairs(entry, p, q, N, M) - float(getattr(mcdiv, entry.estimand)(p, q))
        assert exact_bias(entry, parameters(entry), sampling) == pytest.approx(wanted, rel=1e-12, abs=1e-14)


def test_all_smoothed_floored_and_series_estimators_of_two_samples_have_exact_biases() -> None:
    for estimand in ("cross_entropy", "kl_divergence"):
        mine = {entry.values[0].name for entry in PRODUCTS if entry.values[0].estimand == estimand}
        assert mine >= SMOOTHED | {"augmented_plugin", "zhang_grabchak", "bayes", "plugin"}
    assert not has_exact_mean("cross_entropy", "additive", "model_sampled", {"alpha": 0})
    assert not has_exact_mean("cross_entropy", "james_stein", "model_sampled", {})


@pytest.mark.slow
def test_the_series_has_the_bias_of_its_card_at_any_alphabet() -> None:
    """Low by Σ p_k Σ_{v>M} (1 − q_k)^v/v, also where outcomes are too many to list."""
    p, q, M = [0.1, 0.2, 0.3, 0.4], [0.25] * 4, 20
    found = mcdiv.exact_performance(
        "cross_entropy", estimator="zhang_grabchak", truth=p, model=q, sample_size=20, model_sample_size=M
    )
    wanted = -sum(0.75**v / v for v in range(M + 1, 400))
    assert found.bias == pytest.approx(wanted, rel=1e-11)
    K, M = 20_000, 50_000
    found = mcdiv.exact_performance(
        "cross_entropy",
        estimator="zhang_grabchak",
        truth=[1 / K] * K,
        model=[1 / K] * K,
        sample_size=9,
        model_sample_size=M,
    )
    wanted = -math.fsum((1 - 1 / K) ** v / v for v in range(M + 1, 40 * K))
    assert found.bias == pytest.approx(wanted, rel=1e-10)


def test_simulated_biases_of_two_samples_agree_with_exact_ones(study: Callable[..., Results]) -> None:
    results = study(
        truth={"zipf": 6},
        model={"uniform": 6},
        sample_sizes=[15],
        model_sample_sizes=[25],
        estimands=["cross_entropy", "kl_divergence"],
        estimators=["jeffreys", "augmented_plugin", "zhang_grabchak", {"bayes": {"alpha": 1}}],
        replicates=4000,
    )
    rows = results.tables["performance"].query("measure == 'bias'")
    assert len(rows) == 8
    assert (rows["z"].abs() < 5).all()


def test_exact_answers_for_two_samples_whose_outcomes_cannot_be_listed(mcdiv_command: Command) -> None:
    given = ["exact", "--truth", "zipf: 4", "--model", "uniform: 4", "-n", "20", "-m", "20"]
    shown = mcdiv_command(*given, "-e", "jeffreys", "-e", "laplace").stdout
    assert shown.count("20   20   H(P, Q)") == 2
    assert "no formula for its mean" in mcdiv_command(*given, "-e", "james_stein", code=2).stderr
