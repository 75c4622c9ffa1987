"""The definitions against 50 digits, their conventions, and their gradients."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mcdiv
from mcdiv.core.log_ratios import minus_log1p

mp.mp.dps = 50
pmfs = st.integers(1, 8).flatmap(lambda k: st.lists(st.integers(0, 50), min_size=k, max_size=k).filter(any))


def normalised(weights: list[int]) -> list[float]:
    return [w / sum(weights) for w in weights]


def exact_kl(p: list[float], q: list[float]) -> mp.mpf:
    """Σ p (d − ln(1 + d)) with d = (q − p)/p in 50 digits, a category with p = 0 leaving q."""
    total = mp.mpf(0)
    for a, b in zip(map(mp.mpf, p), map(mp.mpf, q), strict=True):
        total += b if a == 0 else a * ((b - a) / a - mp.log(b / a))
    return total


@pytest.mark.parametrize("step", [0.1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-12])
@pytest.mark.parametrize("p", [[0.5, 0.5], [0.25, 0.75], [0.125, 0.375, 0.5]])
def test_kl_keeps_twelve_digits_however_near_the_model(p: list[float], step: float) -> None:
    # A power of two, so that moving it from one category to another is exact.
    shift = 2.0 ** round(math.log2(step))
    q = [p[0] + shift / 8, p[1] - shift / 8, *p[2:]]
    truth = exact_kl(p, q)
    assert abs(mp.mpf(float(mcdiv.kl_divergence(p, q))) - truth) <= 1e-12 * truth


@given(st.floats(-0.999999, 1e6).filter(lambda d: abs(d) > 1e-18))
def test_minus_log1p_is_accurate_everywhere(d: float) -> None:
    truth = mp.mpf(d) - mp.log(1 + mp.mpf(d))
    assert abs(mp.mpf(float(minus_log1p(np.array(d)))) - truth) <= 2e-14 * truth + mp.mpf("1e-320")


@given(pmfs)
def test_entropy_lies_between_zero_and_log_k(weights: list[int]) -> None:
    value = float(mcdiv.entropy(normalised(weights)))
    assert 0 <= value <= math.log(len(weights)) + 1e-14
    assert math.copysign(1, value) == 1


@given(pmfs, st.randoms())
def test_cross_entropy_is_kl_plus_entropy(weights: list[int], random) -> None:
    p = normalised(weights)
    q = normalised([w + random.randint(1, 5) for w in weights])
    left = float(mcdiv.cross_entropy(p, q))
    assert left == pytest.approx(float(mcdiv.kl_divergence(p, q) + mcdiv.entropy(p)), rel=1e-13, abs=1e-15)


@given(pmfs)
def test_kl_of_a_pmf_to_itself_is_exactly_zero(weights: list[int]) -> None:
    assert float(mcdiv.kl_divergence(normalised(weights), normalised(weights))) == 0


def test_probabilities_at_the_edge_of_floats_neither_overflow_nor_vanish() -> None:
    assert float(mcdiv.kl_divergence([1e-300, 1], [1e-320, 1])) == pytest.approx(4.5e-299, rel=0.1)
    assert float(mcdiv.kl_divergence([1e-320, 1], [0.5, 0.5])) == pytest.approx(math.log(2), rel=1e-14)
    assert mcdiv.kl_divergence([5e-324, 1], [1, 0]) == np.inf


def test_a_model_without_support_is_infinitely_wrong() -> None:
    assert mcdiv.cross_entropy([0.5, 0.5], [1, 0]) == np.inf
    assert mcdiv.kl_divergence([0.5, 0.5], [1, 0]) == np.inf
    assert mcdiv.kl_divergence([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2), rel=1e-15)
    assert mcdiv.cross_entropy([1, 0], [1, 0]) == 0


@pytest.mark.parametrize("units, nats", [("nats", 1), ("bits", math.log(2)), ("bans", math.log(10))])
def test_units_are_a_factor(units: str, nats: float) -> None:
    p, q = [0.2, 0.3, 0.5], [0.3, 0.3, 0.4]
    for definition in (mcdiv.cross_entropy, mcdiv.kl_divergence):
        assert definition(p, q, units=units) * nats == pytest.approx(float(definition(p, q)), rel=1e-15)
    assert mcdiv.entropy(p, units=units) * nats == pytest.approx(float(mcdiv.entropy(p)), rel=1e-15)


def test_both_gradients_are_those_of_the_definition() -> None:
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    step = 1e-6
    for k in range(3):
        above, below = q.copy(), q.copy()
        above[k] += step
        below[k] -= step
        slope = float(-(p * (np.log(above) - np.log(below))).sum() / (2 * step))
        assert mcdiv.cross_entropy_gradient(p, q)[k] == pytest.approx(slope, rel=1e-8)
    assert (mcdiv.cross_entropy_gradient(p, q) == mcdiv.kl_divergence_gradient(p, q)).all()
    # On the simplex the minimum is at Q = P: there the gradient points out of it.
    assert np.ptp(mcdiv.cross_entropy_gradient(p, p)) == 0
    assert mcdiv.kl_divergence_gradient([0.5, 0.5, 0], [1, 0, 0]).tolist() == [-0.5, -np.inf, 0]


@pytest.mark.parametrize(
    "p, message",
    [
        ([0.5, 0.6], "sums to 1.1"),
        ([0.5, -0.5, 1], r"p\[1\] is -0.5"),
        ([0.5, np.nan], r"p\[1\] is nan"),
        ([[0.5, 0.5], [0.2, 0.2]], r"p\[1\] sums to 0.4"),
        (["a", "b"], "expected numbers"),
        ([], "at least one category"),
        (0.5, "a number for each category, got 0.5 alone"),
        ([[0.5, 0.5], [1]], "rows of equal length"),
    ],
)
def test_what_is_no_pmf_is_refused_by_name(p, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mcdiv.entropy(p)


def test_nothing_is_renormalised_and_alphabets_must_agree() -> None:
    with pytest.raises(ValueError, match=r"q sums to 0\.6"):
        mcdiv.kl_divergence([0.5, 0.5], [0.3, 0.3])
    with pytest.raises(ValueError, match="p has 2 categories, q has 3"):
        mcdiv.kl_divergence([0.5, 0.5], [0.3, 0.3, 0.4])
    with pytest.raises(ValueError, match="expected nats, bits or bans, got 'bit'"):
        mcdiv.entropy([0.5, 0.5], units="bit")  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("divergence", [1e-12, 1e-4, 0.0199, 0.0201, 1.0])
def test_a_kl_divergence_over_many_categories_keeps_twelve_digits_however_large(divergence: float) -> None:
    K = 1500
    tilt = math.sqrt(2 * divergence) * np.where(np.arange(K) % 3, 0.5, -1.0) * np.sqrt(2)
    p = np.arange(1.0, K + 1)
    p[7] = 0.0
    q = p * np.exp(tilt)
    p, q = p / p.sum(), q / q.sum()
    with mp.workdps(50):
        terms = [(mp.mpf(a), mp.mpf(b)) for a, b in zip(p.tolist(), q.tolist(), strict=True)]
        expected = float(mp.fsum(b - a + (a * mp.log(a / b) if a else 0) for a, b in terms))
    found = mcdiv.kl_divergence(np.stack([p, q, p]), np.stack([q, q, np.roll(q, 1)]))
    assert float(found[0]) == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(divergence, rel=0.5)
    assert found[1] == 0
    assert found[2] == np.inf  # q is 0 where p is not
    with mp.workdps(50):
        halves = [a * mp.log(2 * a / (a + b)) + b * mp.log(2 * b / (a + b)) for a, b in terms if a]
        expected = float(mp.fsum(halves) / 2)
    assert float(mcdiv.js_divergence(p, q)) == pytest.approx(expected, rel=1e-12)


def test_a_large_batch_equals_its_rows_to_the_last_bit() -> None:
    weights = np.random.default_rng(3).gamma(0.5, size=(2, 3, 40, 700))
    p, q = weights / weights.sum(axis=-1, keepdims=True)
    for function in (mcdiv.kl_divergence, mcdiv.cross_entropy, mcdiv.js_divergence):
        together, one_model = function(p, q), function(p, q[0, 0])
        assert together.shape == one_model.shape == (3, 40)
        assert together[2, 7] == function(p[2, 7], q[2, 7])
        assert one_model[2, 7] == function(p[2, 7], q[0, 0])
    assert mcdiv.entropy(p)[2, 7] == mcdiv.entropy(p[2, 7])


def test_a_js_divergence_over_many_categories_is_finite_next_to_subnormals() -> None:
    p, q = np.zeros((2, 2000))
    p[:2], q[-2:] = [1, 5e-324], [5e-324, 1]
    assert float(mcdiv.js_divergence(p, q)) == pytest.approx(math.log(2), rel=1e-15)
    assert float(mcdiv.js_divergence(p, p)) == 0
