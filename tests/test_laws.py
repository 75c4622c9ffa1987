"""The laws of STYLE for every entry of the catalogue: a new estimator is held to them without a word here."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mcdiv
from mcdiv.core.arrays import Sample
from mcdiv.core.cards import card_of
from mcdiv.estimands.contract import ESTIMANDS, estimand_of
from mcdiv.estimators.entry import Anchor, Estimator, Law
from mcdiv.estimators.registry import entries, find
from mcdiv.study.exact import Setting, exact_bias, exact_variance, has_exact_mean

#: of an estimand that has parameters, the entry for example values
LISTED = [find(ESTIMANDS[entry.estimand].example.label, entry.name, entry.design) or entry for entry in entries()]
ENTRIES = [pytest.param(entry, id=f"{entry.name}-{entry.estimand}-{entry.design}") for entry in LISTED]
ANCHORS = [
    pytest.param(entry, anchor, id=f"{entry.name}-{entry.estimand}-{anchor.counts}")
    for entry in LISTED
    for anchor in entry.anchors
]
#: a value for every required parameter, by the domain it has
VALUES = {"a number >= 0": 0.5, "a number > 0": 0.5}

counts_lists = st.integers(1, 6).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 30), min_size=k, max_size=k).filter(any), min_size=1, max_size=4)
)


def parameters(entry: Estimator) -> dict[str, Any]:
    return {p.name: VALUES[p.domain.expected] for p in entry.parameters.values() if p.required}


def sample_of(entry: Estimator, counts: Any, dtype: type = np.int64) -> Sample:
    """A sample of the kind the entry needs, with a model and a truth that have every category."""
    counts = np.asarray(counts, dtype=dtype)
    k = counts.shape[-1]
    weights = np.arange(1.0, k + 1)
    other = np.roll(counts, 1, axis=-1) + 1
    return Sample(
        counts=counts,
        q=weights / weights.sum() if entry.design in ("model_known", "pmfs_known") else None,
        p=np.full(k, 1 / k) if entry.design == "pmfs_known" else None,
        counts_q=other if entry.design == "model_sampled" else None,
    )


def value(entry: Estimator, sample: Sample) -> np.ndarray:
    return entry.evaluate(sample, parameters(entry))


def relabelled(sample: Sample, order: np.ndarray) -> Sample:
    def pick(array: Any) -> Any:
        return None if array is None else array[..., order]

    return Sample(counts=pick(sample.counts), q=pick(sample.q), p=pick(sample.p), counts_q=pick(sample.counts_q))


def padded(sample: Sample) -> Sample:
    def pad(array: Any) -> Any:
        return None if array is None else np.concatenate([array, np.zeros_like(array[..., :1])], axis=-1)

    return Sample(counts=pad(sample.counts), q=pad(sample.q), p=pad(sample.p), counts_q=pad(sample.counts_q))


@pytest.mark.parametrize("entry, anchor", ANCHORS)
def test_anchors(entry: Estimator, anchor: Anchor) -> None:
    inputs = {key: getattr(anchor, key) for key in ("q", "p", "counts_q") if getattr(anchor, key) is not None}
    found = mcdiv.estimate(entry.estimand, anchor.counts, estimator=entry.name, **inputs, **dict(anchor.parameters))
    digits = len(repr(anchor.value).rstrip("0").partition(".")[2])
    # A published value has the digits it was published with.
    tolerance = 10.0**-digits if 0 < digits < 12 else 1e-15
    assert float(found) == pytest.approx(anchor.value, rel=1e-12, abs=tolerance, nan_ok=True)


@pytest.mark.parametrize("name", list(dict.fromkeys(entry.name for entry in entries())))
def test_every_estimator_has_an_anchor_of_its_own(name: str) -> None:
    assert any(entry.anchors for entry in entries() if entry.name == name)


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=15, deadline=None)
@given(rows=counts_lists)
def test_a_batch_equals_one_by_one_on_the_last_axis_only(entry: Estimator, rows: list[list[int]]) -> None:
    sample = sample_of(entry, rows)
    together = value(entry, sample)
    assert together.shape == (len(rows),)
    single = [float(value(entry, sample_of(entry, row))) for row in rows]
    assert together == pytest.approx(single, rel=1e-12, abs=1e-13, nan_ok=True)
    cube = value(entry, sample_of(entry, [rows, rows]))
    assert cube.shape == (2, len(rows))
    assert cube[1] == pytest.approx(single, rel=1e-12, abs=1e-13, nan_ok=True)


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=10, deadline=None)
@given(rows=counts_lists)
def test_the_input_is_not_written_to_and_small_integers_do(entry: Estimator, rows: list[list[int]]) -> None:
    sample = sample_of(entry, rows)
    before = sample.counts.copy()
    wide = value(entry, sample)
    assert (sample.counts == before).all()
    assert value(entry, sample_of(entry, rows, np.int32)) == pytest.approx(wide, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=10, deadline=None)
@given(rows=counts_lists, seed=st.integers(0, 99))
def test_relabelling_the_categories_changes_nothing(entry: Estimator, rows: list[list[int]], seed: int) -> None:
    sample = sample_of(entry, rows)
    order = np.random.default_rng(seed).permutation(sample.counts.shape[-1])
    assert value(entry, relabelled(sample, order)) == pytest.approx(
        value(entry, sample), rel=1e-11, abs=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if Law.IGNORES_UNSEEN in entry.values[0].laws])
@settings(max_examples=10, deadline=None)
@given(rows=counts_lists)
def test_an_unseen_category_changes_nothing_where_claimed(entry: Estimator, rows: list[list[int]]) -> None:
    sample = sample_of(entry, rows)
    assert value(entry, padded(sample)) == pytest.approx(value(entry, sample), rel=1e-12, abs=1e-13, nan_ok=True)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.values[0].grouped])
@settings(max_examples=15, deadline=None)
@given(rows=counts_lists)
def test_columns_may_stand_for_several_categories_where_taken(entry: Estimator, rows: list[list[int]]) -> None:
    counts = np.array(rows)
    single = value(entry, sample_of(entry, counts))
    shared = np.arange(counts.max() + 2)
    met = (counts[:, :, np.newaxis] == shared).sum(axis=1).astype(float)
    # Each row's own columns, some of them alike.
    split = np.concatenate([np.ones((len(counts), 1)), met], axis=1)
    own = np.concatenate([counts[:, :1], np.broadcast_to(shared, met.shape)], axis=1)
    split[np.arange(len(counts)), 1 + counts[:, 0]] -= 1
    for columns, categories in ((shared, met), (own, split)):
        found = entry.evaluate(Sample(counts=columns, categories=categories), parameters(entry))
        assert found == pytest.approx(single, rel=1e-11, abs=1e-13, nan_ok=True)


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=15, deadline=None)
@given(rows=counts_lists)
def test_bounds_where_claimed(entry: Estimator, rows: list[list[int]]) -> None:
    found = value(entry, sample_of(entry, rows))
    if Law.NONNEGATIVE in entry.laws:
        assert not (found < -1e-13).any()
    if Law.AT_MOST_LOG_K in entry.laws:
        assert not (found > math.log(len(rows[0])) + 1e-12).any()


EDGES = [[1], [7], [1, 0], [0, 1, 0], [10, 0], [1, 1, 1, 1], [2, 0, 0, 0], [1000, 1], [10**9, 1], [10**9, 10**9]]


@pytest.mark.parametrize("counts", EDGES, ids=str)
@pytest.mark.parametrize("entry", ENTRIES)
def test_edges_give_a_finite_value_or_a_declared_nan_without_a_warning(entry: Estimator, counts: list[int]) -> None:
    found = float(value(entry, sample_of(entry, counts)))
    declared = "NaN" if math.isnan(found) else "∞"
    assert math.isfinite(found) or declared in entry.card.valid


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.values[0].entropy_terms is not None])
@settings(max_examples=15, deadline=None)
@given(rows=counts_lists)
def test_the_additive_form_is_the_general_form(entry: Estimator, rows: list[list[int]]) -> None:
    terms = entry.entropy_terms
    assert terms is not None
    for row in rows:
        counts = np.array(row)
        total = float(terms(counts, int(counts.sum()), len(row), **parameters(entry)).sum())
        if entry.design == "model_known":
            q = sample_of(entry, row).q
            assert q is not None
            total = float(-(counts / counts.sum()) @ np.log(q)) - total
        assert float(value(entry, sample_of(entry, row))) == pytest.approx(total, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if Law.LINEAR in entry.values[0].laws])
@settings(max_examples=10, deadline=None)
@given(rows=counts_lists)
def test_a_linear_estimate_is_the_mean_over_the_draws(entry: Estimator, rows: list[list[int]]) -> None:
    for row in rows:
        counts = np.array(row)
        each = value(entry, sample_of(entry, np.eye(len(row), dtype=np.int64)))
        mean = float(counts @ each / counts.sum())
        assert float(value(entry, sample_of(entry, row))) == pytest.approx(mean, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("units", ["bits", "bans"])
def test_a_value_in_another_unit_is_the_value_in_nats_divided(entry: Estimator, units: str) -> None:
    sample = sample_of(entry, [3, 4, 5])
    given_arrays = {"q": sample.q, "p": sample.p, "counts_q": sample.counts_q}
    inputs = {key: array for key, array in given_arrays.items() if array is not None}
    common: dict[str, Any] = {"estimator": entry.name, **inputs, **parameters(entry)}
    nats = float(mcdiv.estimate(entry.estimand, sample.counts, **common))
    factor = {"bits": math.log(2), "bans": math.log(10)}[units] ** estimand_of(entry.estimand).unit_power
    assert float(mcdiv.estimate(entry.estimand, sample.counts, units=units, **common)) * factor == pytest.approx(nats)


@pytest.mark.parametrize("entry", ENTRIES)
def test_consistent_estimators_lose_their_bias(entry: Estimator) -> None:
    chosen = parameters(entry)
    if Law.CONSISTENT not in entry.laws or not has_exact_mean(entry.estimand, entry.name, entry.design, chosen):
        return
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    biases = [abs(exact_bias(entry, chosen, Setting.of(p, q, size, size)) or 0.0) for size in (10, 1_000_000)]
    assert biases[1] <= max(biases[0] / 100, 1e-12)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if Law.UNBIASED in entry.values[0].laws])
def test_unbiased_estimators_are_unbiased_by_enumeration(entry: Estimator) -> None:
    """The claim makes the exact bias a plain 0, so it is proved here from all outcomes."""
    p, q = [0.2, 0.3, 0.5], [0.3, 0.3, 0.4]
    for size in (1, 4, 9):
        mean, truth = by_enumeration(entry, p, q, size)[0], true_value(entry, p, q)
        assert mean == pytest.approx(truth, rel=1e-13)


def by_enumeration(entry: Estimator, p: list[float], q: list[float], size: int) -> tuple[float, float]:
    """Mean and variance over all count vectors with their multinomial probabilities, in plain Python.

    Conditional on the estimate being defined, as all moments are.
    """
    mean = second = share = 0.0
    for a in range(size + 1):
        for b in range(size + 1 - a):
            counts = np.array([a, b, size - a - b])
            ways = math.factorial(size) // math.prod(math.factorial(int(n)) for n in counts)
            weight = ways * math.prod(x ** int(n) for x, n in zip(p, counts, strict=True))
            sample = Sample(counts=counts, q=np.array(q), p=np.array(p))
            estimate = float(entry.evaluate(sample, parameters(entry)))
            if math.isfinite(estimate):
                share += weight
                mean += weight * estimate
                second += weight * estimate**2
    return (mean / share, second / share - (mean / share) ** 2) if share else (math.nan, math.nan)


def true_value(entry: Estimator, p: list[float], q: list[float]) -> float:
    return float(estimand_of(entry.estimand).value(np.array(p), np.array(q)))


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.values[0].design != "model_sampled"])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_exact_mean_and_variance_are_those_of_enumeration(entry: Estimator, size: int) -> None:
    p, q = [0.2, 0.3, 0.5], [0.3, 0.3, 0.4]
    mean, variance = by_enumeration(entry, p, q, size)
    found = mcdiv.exact_performance(
        entry.estimand, estimator=entry.name, truth=p, model=q, sample_size=size, **parameters(entry)
    )
    assert found.mean == pytest.approx(mean, rel=1e-12, abs=1e-14, nan_ok=True)
    assert found.sd**2 == pytest.approx(variance, rel=1e-9, abs=1e-13, nan_ok=True)
    if has_exact_mean(entry.estimand, entry.name, entry.design, parameters(entry)):
        # The same by linearity, the way it is done where outcomes cannot be listed.
        setting = Setting.of(np.array(p), np.array(q), size)
        bias = exact_bias(entry, parameters(entry), setting)
        assert bias == pytest.approx(mean - true_value(entry, p, q), rel=1e-9, abs=1e-13)
        assert exact_variance(entry, parameters(entry), setting) == pytest.approx(variance, rel=1e-8, abs=1e-13)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.values[0].design == "model_known"])
@settings(max_examples=10, deadline=None)
@given(rows=counts_lists)
def test_lifted_kl_is_cross_entropy_less_entropy(entry: Estimator, rows: list[list[int]]) -> None:
    entropy = find("entropy", entry.name, "sample")
    if entry.estimand != "kl_divergence" or entropy is None:
        return
    sample = sample_of(entry, rows)
    assert sample.q is not None
    frequencies = sample.counts / sample.counts.sum(axis=-1, keepdims=True)
    expected = -(frequencies @ np.log(sample.q)) - entropy.evaluate(sample, parameters(entry))
    assert value(entry, sample) == pytest.approx(expected, rel=1e-10, abs=1e-12, nan_ok=True)


def test_a_card_without_its_headings_is_refused() -> None:
    def nameless(n, N, K):
        """Something.

        Formula: x
        Valid:   always
        """

    with pytest.raises(ValueError, match=r"test_laws.py: nameless: the docstring has no 'Source:'"):
        card_of(nameless)
