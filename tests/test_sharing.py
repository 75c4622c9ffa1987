"""What several estimators need of the same samples is made once, and changes none of their estimates."""

from collections import Counter
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import scenario_of

import mcdiv
from mcdiv.core.arrays import Sample, kinds_of
from mcdiv.core.fingerprints import fingerprints, relabelled
from mcdiv.engine import block as engine
from mcdiv.engine.plan import plan_of
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries
from mcdiv.estimators.sharing import SharedSamples

#: so many categories, and so few different counts, that counts are tallied
WIDE = 240
LIFTS = [pytest.param(entry, id=entry.name) for entry in entries() if entry.lift]


def wide_counts() -> np.ndarray:
    """Two samples over as many categories: 1, 2, 3, 4, 1, 2 …, and one that most categories are missing in."""
    even = np.arange(WIDE) % 4 + 1
    return np.stack([even, np.where(np.arange(WIDE) % 3 == 0, even, 0)])


def by_mpmath(row: np.ndarray, q: np.ndarray) -> float:
    """Σ p̂ ln(p̂/q) − p̂ + q, which is KL(p̂‖q) also where the floats of q sum to 1 but for a rounding."""
    with mp.workdps(40):
        p = [mp.mpf(int(n)) / int(row.sum()) for n in row]
        return float(mp.fsum(a * mp.log(a / mp.mpf(b)) - a + mp.mpf(b) for a, b in zip(p, q.tolist(), strict=True)))


@pytest.mark.parametrize("entry", LIFTS)
def test_a_kl_divergence_of_shared_samples_is_that_of_the_samples_alone(entry: Estimator) -> None:
    assert entry.lift is not None
    given = {p.name: 0.5 for p in entry.parameters.values() if p.required}
    q = np.arange(1.0, WIDE + 1) / (WIDE * (WIDE + 1) / 2)
    shared = SharedSamples(Sample(counts=wide_counts(), q=q))
    assert shared.tallied.multiplicity is not None
    source = entry.lift.source
    found = shared.lifted(entry.lift, source.evaluate(shared.given_to(source), given))
    assert found == pytest.approx(entry.evaluate(shared.sample, given), rel=1e-12, abs=1e-13)


def test_a_divergence_of_shared_samples_near_zero_keeps_its_digits() -> None:
    [entry] = [entry for entry in entries() if entry.lift and entry.name == "plugin"]
    assert entry.lift is not None
    counts = wide_counts()[:1]
    q = counts[0] / counts.sum() * (1 + np.where(np.arange(WIDE) % 2, 1e-7, -1e-7))
    shared = SharedSamples(Sample(counts=counts, q=q / q.sum()))
    found = shared.lifted(entry.lift, entry.lift.source.evaluate(shared.tallied, {}))
    expected = by_mpmath(counts[0], q / q.sum())
    assert expected < 1e-13
    assert float(found[0]) == pytest.approx(expected, rel=1e-8)


def test_the_entropy_and_the_divergence_take_one_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter = Counter()
    honest = engine.estimates_of

    def counted(task: Any, sample: Sample) -> Any:
        made[task.estimand, task.name] += 1
        return honest(task, sample)

    monkeypatch.setattr(engine, "estimates_of", counted)
    scenario = scenario_of(
        truth={"zipf": 600},
        model={"uniform": 600},
        sample_sizes=[20],
        replicates=50,
        mode="monte_carlo",
        estimators=["plugin", "zhang"],
        estimands=["entropy", "kl_divergence"],
    )
    plan = plan_of(scenario).seeded(7)
    [block] = [b for c in plan.conditions for b in plan.blocks(c) if b.kind == "draws"]
    result = engine.run_block(block)
    assert made == {("entropy", "plugin"): 1, ("entropy", "zhang"): 1}
    assert set(result.simulated) == {"entropy", "kl_divergence"}


NAMES = ["plugin", "miller_madow", "chao_shen", "chao_wang_jost", "nsb", "james_stein", "additive(alpha=0.5)"]


@pytest.mark.parametrize("shape", [(WIDE,), (2, WIDE), (3, 2, WIDE)])
@pytest.mark.parametrize("model", [{}, {"q": np.full(WIDE, 1 / WIDE)}, {"q": np.full((2, WIDE), 1 / WIDE)}])
def test_several_estimators_give_what_each_gives_alone(shape: tuple[int, ...], model: dict[str, Any]) -> None:
    counts = np.broadcast_to(wide_counts()[0] if len(shape) == 1 else wide_counts(), shape)
    estimand = "kl_divergence" if model else "entropy"
    found = mcdiv.estimate(estimand, counts, estimator=NAMES, **model)
    assert list(found) == NAMES
    for name, values in found.items():
        alone = mcdiv.estimate(estimand, counts, estimator=name, **model)
        assert values.tobytes() == alone.tobytes()
        assert values.shape == np.broadcast_shapes(shape[:-1], *(q.shape[:-1] for q in model.values()))
    # Every row of q is uniform: KL = ln K − H, whatever the estimator.
    entropies = mcdiv.estimate("entropy", counts, estimator=NAMES)
    for name, values in found.items() if model else ():
        assert values == pytest.approx(np.broadcast_to(np.log(WIDE) - entropies[name], values.shape), abs=1e-12)


@pytest.mark.parametrize(
    ("estimator", "parameters", "said"),
    [
        ([], {}, "estimator: expected a name, or a list of names, got an empty one"),
        (["plugin", 2], {}, "estimator: expected a name, got 2"),
        (["plugin", "zang"], {}, "unknown estimator 'zang'; did you mean 'zhang'?"),
        (
            ["plugin", "additive"],
            {"alpha": 1},
            "alpha: of several estimators, give parameters with the name, as in additive(alpha=0.5)",
        ),
        ("additive(alpha=1)", {"alpha": 1}, "additive(alpha=1): alpha is given twice"),
        ("additive(alpha=-1)", {}, "additive.alpha: expected a number >= 0, got '-1'"),
    ],
    ids=str,
)
def test_what_several_estimators_are_not_is_said(estimator: Any, parameters: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as caught:
        mcdiv.estimate("entropy", [3, 1], estimator=estimator, **parameters)
    assert str(caught.value) == said


def test_the_arrays_of_the_caller_stay_writable_and_as_they_are() -> None:
    counts, q = np.array([[3, 1]]), np.array([0.5, 0.5])
    mcdiv.estimate("kl_divergence", counts, q=q, estimator=["plugin", "zhang"])
    assert counts.flags.writeable
    assert q.flags.writeable
    assert (counts.tolist(), q.tolist()) == ([[3, 1]], [0.5, 0.5])


@given(st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), min_size=1, max_size=5), st.integers(0, 10**6))
def test_a_tally_says_how_often_each_row_has_each_count(rows: list[list[int]], much: int) -> None:
    for counts in (np.array(rows), np.array([*rows, [much, *rows[0][1:]]])):
        values, times = fingerprints(counts)
        assert values.tolist() == sorted(set(counts.ravel().tolist()))
        assert times.tolist() == [[row.count(value) for value in values] for row in counts.tolist()]


def test_samples_are_one_kind_if_a_relabelling_makes_them_equal() -> None:
    rows = np.array([[0, 3, 1, 0], [2, 2, 0, 0], [3, 0, 0, 1], [4, 0, 0, 0], [0, 2, 0, 2], [1, 1, 1, 1]])
    first, place = relabelled(rows)
    assert (first.tolist(), place.tolist()) == ([0, 1, 3, 5], [0, 1, 0, 2, 1, 3])


@pytest.mark.parametrize("name", ["pym", "unseen"])
def test_samples_that_are_one_kind_have_the_estimate_of_each_alone(name: str) -> None:
    rows = [[5, 2, 0], [1, 3, 3], [0, 5, 2], [3, 3, 1], [2, 0, 5]]
    alone = [float(mcdiv.estimate("entropy", row, estimator=name)) for row in rows]
    assert mcdiv.estimate("entropy", rows, estimator=name).tolist() == pytest.approx(alone, rel=1e-14)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0.0, 0.5, float("inf")])), min_size=1, max_size=20))
def test_distinct_pairs_are_found_in_their_order(pairs: list[tuple[int, float]]) -> None:
    one, kind = kinds_of(*map(np.array, zip(*pairs, strict=True)))
    distinct = sorted(set(pairs))
    assert [pairs[i] for i in one] == distinct
    assert [distinct[i] for i in kind] == pairs
