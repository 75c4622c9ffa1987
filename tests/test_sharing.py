"""What several estimators need of the same samples is made once, and changes none of their estimates."""

from collections import Counter
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from small import scenario_of

from mcdiv.core.arrays import Sample
from mcdiv.estimators.entry import Estimator
from mcdiv.estimators.registry import entries
from mcdiv.estimators.sharing import SharedSamples
from mcdiv.study import engine
from mcdiv.study.plan import blocks_of, conditions_of

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
    assert shared.tallied.categories is not None
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
    [block] = [b for c in conditions_of(scenario) for b in blocks_of(scenario, c, 7) if b.kind == "draws"]
    result = engine.run_block(block)
    assert made == {("entropy", "plugin"): 1, ("entropy", "zhang"): 1}
    assert set(result.simulated) == {"entropy", "kl_divergence"}
