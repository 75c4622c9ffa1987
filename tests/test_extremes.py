"""The definitions and the estimators of log-ratios at the edges of floats, against 50 digits; their bounds as laws."""

import math
from itertools import product

import mpmath as mp
import numpy as np
import pytest
from cases import examples
from hypothesis import given
from hypothesis import strategies as st

import mcdiv
from mcdiv.core.error_summaries import summary_of
from mcdiv.core.log_ratios import log_ratio, ratio_excess
from mcdiv.core.moments import moments_of
from mcdiv.core.performance import features_of

mp.mp.dps = 50
LEAST = 5e-324
#: those whose formula keeps its digits also where floats sum to 1 but for a rounding
WITH_MODEL = ["cross_entropy", "kl_divergence", "js_divergence", "jeffreys_divergence"]
COINS = [0.0, LEAST, 1e-320, 1e-308, 1e-300, 1e-200, 1e-100, 1e-17, 1e-16, 2.0**-53, 1e-8, 1e-3, 0.3, 0.5]
COINS += [0.7, 1 - 2.0**-53, 1.0]
SPARSE = [np.random.default_rng(seed).dirichlet(np.full(1000, 0.0007)) for seed in range(3)]
PAIRS = [([p, 1 - p], [q, 1 - q]) for p, q in product(COINS, COINS)]
PAIRS += [([1.0, LEAST], [1.0, 0.0]), ([LEAST, LEAST, 1.0], [0.0, 2 * LEAST, 1.0])]
PAIRS += [(list(p), list(q)) for p, q in product(SPARSE, SPARSE)]
EDGES = st.sampled_from([0.0, LEAST, 1e-310, 1e-300, 1e-160, 1e-20, 2.0**-53]) | st.floats(0, 1)
WEIGHTS = st.lists(EDGES, min_size=1, max_size=6).filter(lambda weights: sum(weights) > 1e-300)


def terms(p: float, q: float) -> mp.mpf:
    """p ln(p/q) − p + q."""
    if p == 0:
        return mp.mpf(q)
    return mp.inf if q == 0 else p * mp.log(mp.mpf(p) / q) - mp.mpf(p) + q


def exact(estimand: str, p: list[float], q: list[float]) -> mp.mpf:
    if estimand == "entropy":
        return -mp.fsum(x * mp.log(x) for x in p if x > 0)
    if estimand == "cross_entropy":
        return mp.fsum((mp.inf if y == 0 else -x * mp.log(y)) for x, y in zip(p, q, strict=True) if x > 0)
    if estimand == "kl_divergence":
        return mp.fsum(terms(x, y) for x, y in zip(p, q, strict=True))
    if estimand == "jeffreys_divergence":
        return mp.fsum(terms(x, y) + terms(y, x) for x, y in zip(p, q, strict=True))
    middle = [(mp.mpf(x) + y) / 2 for x, y in zip(p, q, strict=True)]
    return mp.fsum(terms(x, m) + terms(y, m) for x, y, m in zip(p, q, middle, strict=True)) / 2


@pytest.mark.parametrize("estimand", ["entropy", *WITH_MODEL])
def test_definitions_keep_twelve_digits_at_the_edges_of_floats(estimand: str) -> None:
    for p, q in PAIRS:
        given_pmfs = [p] if estimand == "entropy" else [p, q]
        found, wanted = float(getattr(mcdiv, estimand)(*given_pmfs)), exact(estimand, p, q)
        # what is below the least normal float has fewer digits itself
        assert found == wanted or abs(found - wanted) <= 1e-12 * abs(wanted) + mp.mpf("1e-318"), (p[:3], q[:3])


@examples(60)
@given(WEIGHTS, st.data())
def test_definitions_stay_within_their_bounds(weights: list[float], data: st.DataObject) -> None:
    others = data.draw(st.lists(EDGES, min_size=len(weights), max_size=len(weights)).filter(lambda w: sum(w) > 1e-300))
    p, q = np.array(weights) / sum(weights), np.array(others) / sum(others)
    assert 0 <= mcdiv.entropy(p) <= math.log(len(p))
    assert 0 <= mcdiv.js_divergence(p, q) <= math.log(2)
    assert mcdiv.kl_divergence(p, q) >= 0
    # pmfs that are rounded sum to 1 within 1e-15, and the difference of the two is good to as much
    assert mcdiv.cross_entropy(p, q) >= mcdiv.entropy(p) - 1e-14
    assert mcdiv.jeffreys_divergence(p, q) == pytest.approx(
        float(mcdiv.kl_divergence(p, q)) + float(mcdiv.kl_divergence(q, p)), rel=1e-13
    )
    assert mcdiv.js_divergence(p, q) == pytest.approx(float(mcdiv.js_divergence(q, p)), rel=1e-13, abs=1e-320)
    assert mcdiv.js_divergence(p, p) == mcdiv.kl_divergence(p, p) == mcdiv.jeffreys_divergence(p, p) == 0


@pytest.mark.slow
def test_gradients_are_those_of_the_definition_and_minus_infinity_beyond_floats() -> None:
    for p, q in PAIRS[: len(COINS) ** 2]:
        for gradient in (mcdiv.cross_entropy_gradient, mcdiv.kl_divergence_gradient):
            for x, y, found in zip(p, q, gradient(p, q).tolist(), strict=True):
                wanted = mp.mpf(0) if x == 0 else -mp.inf if y == 0 else -mp.mpf(x) / y
                assert (found == -math.inf and wanted < -1.7e308) or found == pytest.approx(
                    float(wanted), rel=1e-14, abs=1e-320
                )


@pytest.mark.slow
def test_logarithms_of_ratios_are_accurate_however_far_apart_the_two_are() -> None:
    values = [x for x in COINS if x > 0] + [1e-17 * (1 + 1e-9), 0.5 + 1e-12, 0.25, 0.25 + 1e-16]
    for p, q in product(values, values):
        ratio = mp.mpf(q) / p
        assert float(log_ratio(np.array(q), np.array(p))) == pytest.approx(float(mp.log(ratio)), rel=1e-14, abs=0)
        wanted = ratio - 1 - mp.log(ratio)
        assert float(ratio_excess(np.array(q), np.array(p))) == pytest.approx(float(wanted), rel=1e-13, abs=1e-320)
    assert float(log_ratio(np.array(0.0), np.array(0.5))) == -math.inf
    assert float(ratio_excess(np.array(0.0), np.array(0.5))) == math.inf


@pytest.mark.parametrize("small", [LEAST, 1e-320, 1e-300, 1e-100, 1e-17, 2e-16, 2.0**-53, 1e-15, 1e-8])
def test_estimators_of_the_log_ratio_are_right_where_the_model_is_small(small: float) -> None:
    p, q, counts = [0.5, 0.5], [small, 1 - small], [3, 2]
    logs = [mp.log(mp.mpf(b) / a) for a, b in zip(p, q, strict=True)]
    ratios = [mp.mpf(b) / a for a, b in zip(p, q, strict=True)]
    for name, values in {
        "k1": [-x for x in logs],
        "k2": [x * x / 2 for x in logs],
        "k3": [r - 1 - x for r, x in zip(ratios, logs, strict=True)],
    }.items():
        found = float(mcdiv.estimate("kl_divergence", counts, estimator=name, p=p, q=q))
        wanted = mp.fdot(counts, values) / 5
        assert abs(found - wanted) <= 1e-14 * mp.fdot(counts, map(abs, values)) / 5, name


@pytest.mark.parametrize("small", [1e-320, 1e-300, 1e-17])
def test_k1_and_k3_are_exactly_unbiased_against_a_model_that_is_almost_zero(small: float) -> None:
    for name in ("k1", "k3"):
        found = mcdiv.exact_performance(
            "kl_divergence", estimator=name, truth=[0.5, 0.5], model=[small, 1 - small], sample_size=10
        )
        assert found.infinite_share == 0
        assert found.mean == pytest.approx(float(exact("kl_divergence", [0.5, 0.5], [small, 1 - small])), rel=1e-14)


@pytest.mark.parametrize("estimand", WITH_MODEL)
def test_the_delta_error_is_that_of_the_definition_where_the_model_is_small(estimand: str) -> None:
    counts, q = [3, 2], [1e-300, 1 - 1e-300]
    weights = [mp.mpf(n) / 5 for n in counts]
    slope = {
        "cross_entropy": lambda a, b: -mp.log(b),
        "kl_divergence": lambda a, b: mp.log(a / b),
        "js_divergence": lambda a, b: mp.log(2 * a / (a + b)) / 2,
        "jeffreys_divergence": lambda a, b: mp.log(a / b) - b / a,
    }[estimand]
    slopes = [slope(a, mp.mpf(b)) for a, b in zip(weights, q, strict=True)]
    mean = mp.fdot(weights, slopes)
    variance = mp.fdot(weights, [(s - mean) ** 2 for s in slopes]) / 5
    found = mcdiv.interval(estimand, counts, q=q, method="delta").standard_error
    assert float(found) == pytest.approx(float(mp.sqrt(variance)), rel=1e-13)


def test_squares_that_overflow_leave_the_standard_error_of_the_bias_alone() -> None:
    estimates = np.array([1e100, 3e100, 5e100])
    moments = moments_of(features_of(estimates[:, None], 0.0), np.ones(3))
    found = summary_of(moments, 0, 0.0, simulated=True)
    assert found.bias.mcse == pytest.approx(2e100 / math.sqrt(3), rel=1e-12)
    assert not math.isfinite(found.mse.mcse)
