"""What Python hands over: labels, narrow types, alphabets far larger than the sample."""

import math
import re
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest

import mcdiv
from mcdiv.core import alphabets
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.registry import entries

P, Q = pd.Series({"a": 0.3, "b": 0.6, "c": 0.1}), pd.Series({"c": 0.2, "a": 0.3, "b": 0.5})
N, M = pd.Series({"a": 3, "b": 6, "c": 1}), pd.Series({"c": 2, "a": 3, "b": 5})
IN_ORDER = ["a", "b", "c"]

CALLS: list[tuple[Callable[[Any, Any], Any], Any, Any]] = [
    *((getattr(mcdiv, name), P, Q) for name in mcdiv.__all__ if name.startswith(("cross", "kl_", "js_", "jeffreys"))),
    (lambda n, m: mcdiv.estimate("js_divergence", n, counts_q=m, estimator="plugin"), N, M),
    (lambda n, q: mcdiv.estimate("kl_divergence", n, q=q, estimator="plugin"), N, Q),
    (lambda p, q: mcdiv.estimate("kl_divergence", [3, 6, 1], p=p, q=q, estimator="k3"), P, Q),
    (lambda n, q: mcdiv.interval("kl_divergence", n, q=q, method="delta").low, N, Q),
    (lambda n, m: mcdiv.interval("kl_divergence", n, counts_q=m, method="delta").low, N, M),
    (lambda n, m: mcdiv.standard_error("kl_divergence", n, counts_q=m, method="jackknife"), N, M),
]


@pytest.mark.parametrize(("call", "first", "second"), CALLS)
def test_series_are_paired_by_their_labels(
    call: Callable[[Any, Any], Any], first: pd.Series, second: pd.Series
) -> None:
    wanted = call(first.to_numpy(), second[IN_ORDER].to_numpy())
    assert np.array_equal(call(first, second), wanted)
    assert np.array_equal(call(first, second[IN_ORDER].to_numpy()), wanted)
    assert not np.array_equal(call(first.to_numpy(), second.to_numpy()), wanted)


def test_exact_performance_pairs_truth_and_model_by_their_labels() -> None:
    given = {"estimator": "plugin", "sample_size": 5}
    found = mcdiv.exact_performance("kl_divergence", truth=P, model=Q, **given)
    assert found == mcdiv.exact_performance("kl_divergence", truth=P.tolist(), model=Q[IN_ORDER].tolist(), **given)


def test_the_same_distribution_in_another_order_has_no_divergence() -> None:
    assert float(mcdiv.kl_divergence(pd.Series({"a": 0.3, "b": 0.7}), pd.Series({"b": 0.7, "a": 0.3}))) == 0


def test_a_category_that_one_series_lacks_has_nothing_there() -> None:
    first, second = pd.Series(list("aaabbc")).value_counts(), pd.Series(list("bbbbcd")).value_counts()
    wanted = mcdiv.js_divergence([3 / 6, 2 / 6, 1 / 6, 0], [0, 4 / 6, 1 / 6, 1 / 6])
    assert float(mcdiv.js_divergence(first / 6, second / 6, fill=0)) == pytest.approx(float(wanted), rel=1e-14)
    found = mcdiv.estimate("js_divergence", first, counts_q=second, estimator="plugin")
    assert float(found) == pytest.approx(float(wanted), rel=1e-14)


def test_frames_are_paired_by_column_and_by_row() -> None:
    first = pd.DataFrame({"a": [0.3, 0.5], "b": [0.7, 0.5]}, index=["mon", "tue"])
    second = pd.DataFrame({"b": [0.2, 0.6], "a": [0.8, 0.4]}, index=["tue", "mon"])
    wanted = mcdiv.kl_divergence([[0.3, 0.7], [0.5, 0.5]], [[0.4, 0.6], [0.8, 0.2]])
    assert np.array_equal(mcdiv.kl_divergence(first, second), wanted)
    one = pd.Series({"b": 0.7, "a": 0.3})
    wanted = mcdiv.kl_divergence([[0.3, 0.7], [0.5, 0.5]], [0.3, 0.7])
    assert np.array_equal(mcdiv.kl_divergence(first, one), wanted)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (P, Q.to_numpy(), None),
        (P, pd.Series([0.3, 0.6, 0.1]), "p and q have no label in common; expected the same categories"),
        (
            P,
            pd.Series([0.3, 0.6, 0.1], index=list("aab")),
            "q: label 'a' occurs twice; expected one entry for each",
        ),
        (
            pd.DataFrame([[0.5, 0.5]] * 2, index=["x", "y"]),
            pd.DataFrame([[0.5, 0.5]] * 2),
            "q: its rows have other labels than those before",
        ),
    ],
)
def test_labels_that_do_not_pair_are_refused(first: Any, second: Any, said: str | None) -> None:
    if said is None:
        assert np.isfinite(mcdiv.kl_divergence(first, second))
    else:
        with pytest.raises(ValueError, match=re.escape(said)):
            mcdiv.kl_divergence(first, second)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_probabilities_of_any_precision_are_taken_and_sum_to_one(kind: type) -> None:
    p = np.array([0.5, 0.3, 0.2], dtype=kind)
    entries = [mp.mpf(float(x)) / sum(mp.mpf(float(y)) for y in p) for x in p]
    wanted = -sum(x * mp.log(x) for x in entries)
    assert float(mcdiv.entropy(p)) == pytest.approx(float(wanted), rel=1e-15)
    assert float(mcdiv.kl_divergence(p, p)) == 0
    wide = np.random.default_rng(1).dirichlet(np.ones(50_000)).astype(np.float32)
    assert float(mcdiv.entropy(wide)) == pytest.approx(float(mcdiv.entropy(wide, normalise=True)), rel=1e-14)


def test_what_sums_to_something_else_is_divided_by_its_sum_where_that_is_asked_for() -> None:
    with pytest.raises(
        ValueError, match=re.escape("p sums to 10; probabilities must sum to 1 (within 1e-9); normalise")
    ):
        mcdiv.entropy([5, 3, 2])
    with pytest.raises(ValueError, match=re.escape("(within 2e-6)")):
        mcdiv.entropy(np.float32([0.5, 0.3, 0.1999]))
    with pytest.raises(ValueError, match=re.escape("p[1] sums to 0; expected a sum above 0")):
        mcdiv.entropy([[1, 2], [0, 0]], normalise=True)
    assert float(mcdiv.entropy([1e308, 1e308, 0], normalise=True)) == pytest.approx(math.log(2))
    assert float(mcdiv.cross_entropy([5, 3, 2], [1, 1, 2], normalise=True)) == pytest.approx(
        0.8 * math.log(4) + 0.2 * math.log(2)
    )
    given = {"q": [1, 3], "normalise": True}
    wanted = float(mcdiv.estimate("kl_divergence", [5, 5], q=[0.25, 0.75], estimator="plugin"))
    assert float(mcdiv.estimate("kl_divergence", [5, 5], estimator="plugin", **given)) == pytest.approx(wanted)
    assert float(mcdiv.interval("kl_divergence", [5, 5], method="delta", **given).estimate) == pytest.approx(wanted)
    given = {"truth": [1, 3], "model": [3, 3], "normalise": True}
    found = mcdiv.exact_performance("kl_divergence", estimator="plugin", sample_size=3, **given)
    assert found.true_value == pytest.approx(float(mcdiv.kl_divergence([0.25, 0.75], [0.5, 0.5])))


def test_probabilities_in_double_precision_are_taken_as_they_are() -> None:
    p = [0.1 + 4e-10, 0.9]
    assert float(mcdiv.entropy(p)) == -math.fsum(x * math.log(x) for x in p)


@pytest.mark.parametrize("rows", [[4, 2, 3, 1], [[[4, 2, 3, 1], [1, 0, 0, 1]]]])
@pytest.mark.parametrize("entry", [each for each in entries() if each.estimand == "entropy"], ids=lambda e: e.name)
def test_unseen_categories_add_the_same_as_a_number_and_as_columns(
    entry: Estimator, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"alpha": 0.5} if "alpha" in entry.parameters else {}
    columns = mcdiv.estimate("entropy", rows, estimator=entry.name, alphabet_size=40, **given)
    monkeypatch.setattr(alphabets, "ALWAYS_LISTED", 0)
    number = mcdiv.estimate("entropy", rows, estimator=entry.name, alphabet_size=40, **given)
    np.testing.assert_allclose(number, columns, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("method", ["delta", "jackknife", "bayes", "nsb"])
def test_standard_errors_take_unseen_categories_as_a_number_too(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"method": method, "alpha": 0.5 if method == "bayes" else None, "alphabet_size": 40}
    rows = [[4, 2, 3, 1], [7, 0, 0, 1]]
    columns = mcdiv.standard_error("entropy", rows, **given)
    monkeypatch.setattr(alphabets, "ALWAYS_LISTED", 0)
    np.testing.assert_allclose(mcdiv.standard_error("entropy", rows, **given), columns, rtol=1e-9)


@pytest.mark.parametrize("K", [10**9, 10**12])
def test_an_alphabet_far_larger_than_the_sample_costs_nothing(K: int) -> None:
    counts = [4, 2, 3, 1]
    A = mp.mpf(10 + K)
    smoothed = [mp.mpf(n + 1) / A for n in counts]
    wanted = -sum(p * mp.log(p) for p in smoothed) + (K - 4) / A * mp.log(A)
    found = mcdiv.estimate("entropy", counts, estimator="laplace", alphabet_size=K)
    assert float(found) == pytest.approx(float(wanted), rel=1e-13)
    with mp.workdps(40):
        A = 10 + mp.mpf(K) / 2
        parts = [((n + mp.mpf(1) / 2) / A, times) for n, times in [*((n, 1) for n in counts), (0, K - 4)]]
        mean = sum(times * w * (mp.psi(0, A + 1) - mp.psi(0, A * w + 1)) for w, times in parts)
        # Wolpert & Wolf's second moment, written as a variance.
        spread = sum(times * w * (mp.psi(0, A + 1) - mp.psi(0, A * w + 1) - mean) ** 2 for w, times in parts)
        spread += sum(
            times * w * ((A * w + 1) * mp.psi(1, A * w + 1) - (A + 1) * mp.psi(1, A + 1)) for w, times in parts
        )
        sd = mp.sqrt(spread / (A + 1))
    found = mcdiv.estimate("entropy", counts, estimator="bayes", alpha=0.5, alphabet_size=K)
    assert float(found) == pytest.approx(float(mean), rel=1e-12)
    error = mcdiv.standard_error("entropy", counts, method="bayes", alpha=0.5, alphabet_size=K)
    assert float(error) == pytest.approx(float(sd), rel=1e-6)
    known = mcdiv.estimate("entropy", counts, estimator="chao_shen")
    assert float(mcdiv.estimate("entropy", counts, estimator="chao_shen", alphabet_size=K)) == float(known)


@pytest.mark.slow
def test_nsb_has_its_value_over_a_billion_categories() -> None:
    """Both integrals at 50 digits, from the Dirichlet mean and evidence as the card has them."""
    counts, K, N = [4, 2, 3, 1], mp.mpf(10**9), 10

    def parts(u: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
        b = mp.e**u
        A = N + K * b
        evidence = mp.loggamma(K * b) - mp.loggamma(A) + sum(mp.loggamma(n + b) - mp.loggamma(b) for n in counts)
        prior = b * (K * mp.psi(1, K * b + 1) - mp.psi(1, b + 1))
        unseen = (K - 4) * b / A * mp.psi(0, b + 1)
        mean = mp.psi(0, A + 1) - sum((n + b) / A * mp.psi(0, n + b + 1) for n in counts) - unseen
        return prior * mp.e**evidence, mean

    with mp.workdps(50):  # by the trapezoidal rule in ln β, which converges geometrically
        nodes = [parts(mp.mpf(u) / 3) for u in range(-170, 90)]
        wanted = sum(map(math.prod, nodes)) / sum(weight for weight, _ in nodes)
    found = mcdiv.estimate("entropy", counts, estimator="nsb", alphabet_size=10**9)
    assert float(found) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda K: mcdiv.estimate("entropy", [3, 2], estimator="james_stein", alphabet_size=K),
        lambda K: mcdiv.estimate("kl_divergence", [3, 2], counts_q=[1, 4], estimator="laplace", alphabet_size=K),
        lambda K: mcdiv.interval("entropy", [3, 2], method="nsb", alphabet_size=K),
        lambda K: mcdiv.interval("entropy", [3, 2], method="bayes", alpha=1, alphabet_size=K),
    ],
)
def test_what_needs_every_category_listed_says_so_where_they_are_too_many(call: Callable[[int], Any]) -> None:
    assert call(50) is not None
    with pytest.raises(ValueError, match="needs a count for every category, and 1 × 1,000,000,000 are more than"):
        call(10**9)
    with pytest.raises(ValueError, match="alphabet_size: expected a whole number from 1 to"):
        call(10**400)


def test_estimators_that_ignore_unseen_categories_are_told_nothing_of_them() -> None:
    for entry in entries():
        if entry.estimand == "entropy" and Property.IGNORES_UNSEEN in entry.properties and not entry.parameters:
            few = mcdiv.estimate("entropy", [5, 3, 1], estimator=entry.name)
            many = mcdiv.estimate("entropy", [5, 3, 1], estimator=entry.name, alphabet_size=10**12)
            np.testing.assert_allclose(many, few, rtol=1e-12)


@pytest.mark.parametrize("given", [1, "yes", None])
@pytest.mark.parametrize("call", [mcdiv.kl_divergence, mcdiv.cross_entropy, mcdiv.js_divergence, mcdiv.policy])
def test_whether_to_normalise_is_true_or_false(call: Callable[..., object], given: object) -> None:
    with pytest.raises(ValueError, match=r"^normalise: expected True or False, got "):
        call([0.5, 0.5], [0.5, 0.5], normalise=given)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: mcdiv.entropy(0.3), "p: expected a number for each category, got 0.3 alone"),
        (
            lambda: mcdiv.exact_performance("entropy", estimator="plugin", truth=0.5, sample_size=3),
            "truth: expected a number for each category, got 0.5 alone",
        ),
        (
            lambda: mcdiv.estimate("kl_divergence", [4, 2]),
            "plugin estimates kl_divergence from a known model (q) or draws from the model (counts_q), not from counts "
            "alone",
        ),
        (
            lambda: mcdiv.estimates([4, 2]),  # type: ignore[arg-type]
            "file: expected the path of a file (counts go to mcdiv.estimate or mcdiv.interval), got [4, 2]",
        ),
    ],
)
def test_a_near_miss_is_told_the_way_on(call: Callable[[], object], said: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert str(caught.value) == said
