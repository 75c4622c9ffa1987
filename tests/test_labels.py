"""What has labels is paired by them: Series, DataFrames, dicts and Counters, in every function that takes two."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import mcdiv

P, Q = {"a": 0.3, "b": 0.6, "c": 0.1}, {"c": 0.2, "a": 0.3, "b": 0.5}
N, M = {"a": 3, "b": 6, "c": 1}, {"c": 2, "a": 3, "b": 5}
IN_ORDER = "abc"
DEFINITIONS = [
    *("cross_entropy", "kl_divergence", "js_divergence", "jeffreys_divergence"),
    *("cross_entropy_gradient", "kl_divergence_gradient"),
]
GIVEN: dict[str, Any] = {"estimator": "plugin", "sample_size": 5}

CALLS: dict[str, tuple[Callable[[Any, Any], Any], Any, Any]] = {
    **{name: (getattr(mcdiv, name), P, Q) for name in DEFINITIONS},
    "estimate, two samples": (lambda n, m: mcdiv.estimate("kl_divergence", n, counts_q=m), N, M),
    "estimate, a model": (lambda n, q: mcdiv.estimate("kl_divergence", n, q=q), N, Q),
    "interval": (lambda n, m: mcdiv.interval("kl_divergence", n, counts_q=m, method="delta").high, N, M),
    "standard error": (lambda n, m: mcdiv.standard_error("kl_divergence", n, counts_q=m, method="delta"), N, M),
    "exact": (lambda p, q: mcdiv.exact_performance("kl_divergence", truth=p, model=q, **GIVEN).true_value, P, Q),
    "test": (lambda n, m: mcdiv.test(n, m).p_value, N, M),
    "paired": (lambda a, b: mcdiv.paired(a, b).correlation, N, M),
}


def arrays(first: dict[str, Any], second: dict[str, Any]) -> tuple[Any, Any]:
    return [first[label] for label in IN_ORDER], [second[label] for label in IN_ORDER]


@pytest.mark.parametrize("kind", [dict, pd.Series, lambda values: pd.DataFrame([values])])
@pytest.mark.parametrize("name", CALLS)
def test_values_with_labels_are_paired_by_them(name: str, kind: Callable[[Any], Any]) -> None:
    call, first, second = CALLS[name]
    if name in ("test", "exact", "paired") and isinstance(kind(first), pd.DataFrame):
        return  # which take one sample, not a row of several
    wanted = call(*arrays(first, second))
    assert np.array_equal(np.ravel(call(kind(first), kind(second))), np.ravel(wanted))
    assert not np.array_equal(call(list(first.values()), list(second.values())), wanted)


def test_a_counter_is_counts() -> None:
    first, second = Counter("aaabbbbbbc"), Counter("ccaaabbbbb")
    assert float(mcdiv.estimate("entropy", first)) == float(mcdiv.estimate("entropy", [3, 6, 1]))
    found = mcdiv.estimate("js_divergence", Counter("aab"), counts_q=Counter("bbc"))
    assert float(found) == float(mcdiv.estimate("js_divergence", [2, 1, 0], counts_q=[0, 2, 1]))
    assert mcdiv.test(first, second).p_value == mcdiv.test([3, 6, 1], [3, 5, 2]).p_value
    assert float(mcdiv.entropy({"a": 0.5, "b": 0.5}, units="bits")) == 1


def test_a_dict_of_samples_is_a_row_for_each() -> None:
    sites = {"north": {"oak": 3, "elm": 1}, "south": {"elm": 2, "ash": 2}}
    found = mcdiv.estimate("entropy", sites, units="bits")
    assert found.tolist() == mcdiv.estimate("entropy", [[3, 1, 0], [0, 2, 2]], units="bits").tolist()
    other = {"south": {"ash": 4, "oak": 1}, "north": {"oak": 1, "elm": 1}}
    found = mcdiv.estimate("js_divergence", sites, counts_q=other)
    wanted = mcdiv.estimate("js_divergence", [[3, 1, 0], [0, 2, 2]], counts_q=[[1, 1, 0], [1, 0, 4]])
    assert found.tolist() == wanted.tolist()
    table = {"rain": {"wet": 8, "dry": 2}, "sun": {"wet": 1, "dry": 9}}
    assert float(mcdiv.estimate("mutual_information", table)) == float(
        mcdiv.estimate("mutual_information", [[8, 2], [1, 9]])
    )


@pytest.mark.parametrize("kind", [dict, pd.Series])
@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_probability_that_is_missing_is_an_error_unless_it_is_said_to_be_zero(
    name: str, kind: Callable[[Any], Any]
) -> None:
    define = getattr(mcdiv, name)
    first, second = kind({"a": 0.5, "b": 0.5}), kind({"b": 0.25, "c": 0.25, "d": 0.5})
    with pytest.raises(ValueError, match=r"^p has no entry for 'c' and 1 more, which q has; add it with 0, or say "):
        define(first, second)
    wanted = define([0.5, 0.5, 0, 0], [0, 0.25, 0.25, 0.5])
    assert np.array_equal(define(first, second, fill=0), wanted)
    with pytest.raises(ValueError, match=r"^fill: expected 0, or None"):
        define(first, second, fill=1)


def test_exact_values_need_a_probability_for_each_category() -> None:
    truth, model = {"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.25, "c": 0.5}
    with pytest.raises(ValueError, match="truth has no entry for 'c', which model has"):
        mcdiv.exact_performance("kl_divergence", truth=truth, model=model, **GIVEN)
    found = mcdiv.exact_performance("kl_divergence", truth=truth, model=model, fill=0, **GIVEN)
    given = {"truth": [0.5, 0.5, 0], "model": [0.25, 0.25, 0.5]}
    assert found == mcdiv.exact_performance("kl_divergence", **given, **GIVEN)
    with pytest.raises(ValueError, match=r"truth has no entry for 'c', which model has; add it with 0$"):
        mcdiv.explain(pd.Series(truth), pd.Series(model))


def test_a_missing_label_is_one_label() -> None:
    first = pd.Series([0.25, 0.75], index=["a", np.nan])
    second = pd.Series([0.75, 0.25], index=[None, "a"])
    assert float(mcdiv.kl_divergence(first, second)) == 0
    with pytest.raises(ValueError, match="p has no entry for 'b', which q has"):
        mcdiv.kl_divergence(first, pd.Series([0.75, 0.25], index=["b", "a"]))


BAD: list[tuple[Any, Any, str]] = [
    (
        P,
        [0.3, 0.6, 0.1],
        "p has names for its entries, and q has none: give names to both, or arrays in the same order",
    ),
    (
        [0.3, 0.6, 0.1],
        P,
        "q has names for its entries, and p has none: give names to both, or arrays in the same order",
    ),
    (P, {"x": 1.0}, "p and q have no label in common; expected the same categories"),
    ({}, {}, "p: expected at least one category on the last axis, got shape (0,)"),
    ({"a": [1, 2], "b": [1]}, {"a": 1, "b": 2}, "p: expected a number for each category, got [[1, 2], [1]]"),
    ({"a": "x", "b": "y"}, {"a": 0.5, "b": 0.5}, "p: expected numbers, got "),
]


@pytest.mark.parametrize(("first", "second", "said"), BAD)
def test_what_cannot_be_paired_is_refused_in_one_line(first: Any, second: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}") as error:
        mcdiv.kl_divergence(first, second)
    assert "\n" not in str(error.value)


def test_labels_of_a_large_alphabet_are_paired() -> None:
    generator = np.random.default_rng(1)
    counts = pd.Series(generator.integers(1, 9, 50_000))
    shuffled = counts.sample(frac=1, random_state=2)
    assert float(mcdiv.kl_divergence(counts, shuffled, normalise=True)) == 0


def test_the_plug_in_is_what_is_estimated_if_nothing_is_named() -> None:
    assert float(mcdiv.estimate("entropy", [1, 1], units="bits")) == 1


def test_a_sparse_matrix_has_the_estimates_of_its_rows() -> None:
    generator = np.random.default_rng(3)
    dense = generator.poisson(0.3, (40, 700))
    dense[:, 5] += 1
    dense[3] = 0
    dense[3, 8] = 7
    names = ["plugin", "chao_shen", "additive(alpha=1)"]
    wanted = mcdiv.estimate("entropy", dense, estimator=names)
    for matrix in (sparse.csr_array(dense), sparse.coo_matrix(dense), sparse.csc_array(dense.astype(float))):
        found = mcdiv.estimate("entropy", matrix, estimator=names)
        for name in names:
            assert found[name] == pytest.approx(wanted[name], rel=1e-12), name
        assert mcdiv.estimate("collision_probability", matrix) == pytest.approx(
            mcdiv.estimate("collision_probability", dense), rel=1e-12
        )
        larger = mcdiv.estimate("entropy", matrix, estimator="additive(alpha=1)", alphabet_size=10**6)
        assert larger == pytest.approx(
            mcdiv.estimate("entropy", dense, estimator="additive(alpha=1)", alphabet_size=10**6), rel=1e-12
        )
        model = np.full(700, 1 / 700)
        assert np.array_equal(
            mcdiv.estimate("kl_divergence", matrix, q=model), mcdiv.estimate("kl_divergence", dense, q=model)
        )
    assert np.array_equal(
        mcdiv.interval("entropy", sparse.csr_array(dense), method="delta").low,
        mcdiv.interval("entropy", dense, method="delta").low,
    )


def test_entries_that_stand_twice_in_a_sparse_matrix_are_added() -> None:
    twice = sparse.coo_array(([1, 2, 3], ([0, 0, 0], [1, 1, 2])), shape=(1, 4))
    before = twice.tocsr(copy=True)
    assert mcdiv.estimate("entropy", twice).tolist() == mcdiv.estimate("entropy", [[0, 3, 3, 0]]).tolist()
    unsorted = sparse.csr_array((np.array([1, 2, 3]), np.array([2, 1, 2]), np.array([0, 3])), shape=(1, 4))
    assert mcdiv.estimate("entropy", unsorted).tolist() == mcdiv.estimate("entropy", [[0, 2, 4, 0]]).tolist()
    assert unsorted.data.tolist() == [1, 2, 3]
    assert before.nnz == 2


SPARSE: list[tuple[Any, dict[str, Any], str]] = [
    (sparse.csr_array([[1, 2], [0, 0]]), {}, "counts[1] has no draws: all its counts are 0"),
    (sparse.csr_array([[1, 2], [0, -1]]), {}, "counts[1, 1] is -1; expected a whole number >= 0"),
    (sparse.csr_array([[1, 2], [0.5, 1]]), {}, "counts[1, 0] is 0.5; expected a whole number >= 0"),
    (sparse.csr_array([[1, 2]]), {"alphabet_size": 1}, "alphabet_size is 1, but counts has 2 columns"),
    (
        sparse.csr_array(([1], ([0], [0])), shape=(10**5, 10**5)),
        {"q": [0.5, 0.5]},
        "counts: a sparse matrix of 100,000 × 100,000 is too large to be made dense",
    ),
]


@pytest.mark.parametrize(("matrix", "given", "said"), SPARSE)
def test_a_sparse_matrix_that_holds_no_counts_is_refused(matrix: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
        mcdiv.estimate("kl_divergence" if "q" in given else "entropy", matrix, **given)


@pytest.mark.parametrize("temperature", [0.5, 1, 3])
def test_logits_become_the_probabilities_that_mpmath_has(temperature: float) -> None:
    z = [1000.0, 998.5, -np.inf, 990.0]
    with mp.workdps(50):
        weights = [mp.exp((mp.mpf(x) - 1000) / temperature) for x in z]
        wanted = [float(weight / sum(weights)) for weight in weights]
    assert mcdiv.from_logits(z, temperature=temperature).tolist() == pytest.approx(wanted, rel=1e-14)
    assert mcdiv.from_logits([z, z], temperature).shape == (2, 4)


def test_log_probabilities_are_logits_and_labels_stay() -> None:
    p = pd.Series(P)
    found = mcdiv.from_logits(np.log(p))
    assert found.to_dict() == pytest.approx(P, rel=1e-14)
    assert float(mcdiv.kl_divergence(found, pd.Series(P)[::-1])) == pytest.approx(0, abs=1e-15)
    frame = pd.DataFrame([np.log(p)], index=["row"])
    assert mcdiv.from_logits(frame).loc["row"].to_dict() == pytest.approx(P, rel=1e-14)


@pytest.mark.parametrize(
    ("z", "temperature", "said"),
    [
        ([0, np.nan], 1, "z[1] is nan; expected a logit: a number, or -inf"),
        ([[0, 1], [np.inf, 1]], 1, "z[1, 0] is inf; expected a logit: a number, or -inf"),
        ([-np.inf, -np.inf], 1, "z: every entry is -inf; expected a category that is possible"),
        ([[0, 1], [-np.inf, -np.inf]], 1, "z: row 1 is -inf; expected a category that is possible"),
        ([0, 1], 0, "temperature: expected a number above 0, got 0"),
        ([0, 1], "x", "temperature: expected a number above 0, got x"),
        ("x", 1, "z: expected numbers, got x"),
    ],
)
def test_what_is_no_logit_is_refused(z: Any, temperature: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        mcdiv.from_logits(z, temperature)


def test_what_is_taken_away_by_normalising_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="mcdiv"):
        mcdiv.entropy([[0.5, 0.499], [0.25, 0.751]], normalise=True)
        mcdiv.kl_divergence([5, 3], [1e308, 1e308], normalise=True)
    assert [record.getMessage() for record in caplog.records] == [
        "p: the largest |sum - 1| taken away is 0.001",
        "p: the largest |sum - 1| taken away is 7",
        "q: the largest |sum - 1| taken away is inf",
    ]
