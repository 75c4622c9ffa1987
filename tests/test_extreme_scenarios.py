"""Extremes that a scenario may hold: right, or refused with the bound; never a warning, never a wait without end."""

import math
import tracemalloc

import mpmath as mp
import numpy as np
import pytest
from cases import quick
from extremes import study as extreme_study
from small import scenario_of, small

from mcdiv.core.families.named import zipf
from mcdiv.engine.cost import cost
from mcdiv.engine.exact import SamplingDesign, exact_bias
from mcdiv.engine.limits import plan_problems
from mcdiv.engine.plan import plan_of
from mcdiv.estimators.registry import find
from mcdiv.results.loading import from_options
from mcdiv.results.run import run
from mcdiv.scenario.model import read_scenario

#: the ones that were found first, and kinds of them
KNOWN = [
    {"coin": 1e-320},
    {"dirichlet": {"k": 5, "alpha": 1e-300}},
    {"geometric": {"k": 200, "ratio": 1e-10}},
    {"categorical": [1e-302, 1, 2.9e-322]},
    {"softmax": {"logits": [1e300, -1e300, 9e307, -9e307]}},
    {"power_law": {"k": 200, "s": 9e307, "cutoff": 5e-324}},
    {"two_level": {"k": 10, "share": 0.2, "mass": 1e-320}},
]


@pytest.mark.parametrize("truth", KNOWN, ids=str)
@pytest.mark.parametrize("sampled", [False, True])
def test_a_study_of_a_known_extreme_ends_without_a_warning(truth: dict, sampled: bool) -> None:  # noqa: FBT001
    size = len(scenario_of(truth=truth, model=None).truth[0].pmf())
    given = {"model": {"uniform": size}, "model_sample_sizes": [7] if sampled else None, "replicates": 200}
    run(scenario_of(truth=truth, sample_sizes=[30], **given), backend="serial")


@pytest.mark.parametrize("seed", quick(2, range(8)))
def test_a_study_of_random_extremes_ends_without_a_warning(seed: int) -> None:
    scenario, problems = read_scenario(small(**extreme_study(seed)))
    assert scenario is not None, problems
    for row in () if plan_problems(plan_of(scenario)) else run(scenario, backend="serial").rows:
        assert not math.isnan(row.true_value)


EDGES = [5e-324, 2.9e-322, 1e-320, 1e-302, 1e-300, 1e-154, 1e-17, 2**-52, 2**-40, 1 - 2**-53]


@pytest.mark.parametrize("p", EDGES)
@pytest.mark.parametrize("draws", [1, 9, 60])
def test_the_exact_bias_has_its_digits_where_a_category_hardly_ever_occurs(p: float, draws: int) -> None:
    with mp.workdps(60 + 350):  # the smallest of these is 1e-323 beside 1
        entries = [mp.mpf(p), 1 - mp.mpf(p)]
        weights = [mp.binomial(draws, n) * entries[0] ** n * entries[1] ** (draws - n) for n in range(draws + 1)]
        frequencies = [[mp.mpf(n) / draws, 1 - mp.mpf(n) / draws] for n in range(draws + 1)]
        plugin = [-sum(x * mp.log(x) for x in pair if x) for pair in frequencies]
        corrected = [
            h + (sum(x > 0 for x in pair) - 1) / mp.mpf(2 * draws) for h, pair in zip(plugin, frequencies, strict=True)
        ]
        truth = -sum(x * mp.log(x) for x in entries)
        wanted = [mp.fdot(weights, values) - truth for values in (plugin, corrected)]
    sampling = SamplingDesign.of(np.array([p, 1 - p]), None, draws)
    asked = [(find("entropy", name, "sample"), {}) for name in ("plugin", "miller_madow")]
    found = [exact_bias(entry, given, sampling) for entry, given in asked if entry]
    # Where 1 − p is no float the pmf is only known to p; and events of a probability below 1e-26 are left out.
    known = max(p, 1e-24) if 1 - p == 1 else 0.0
    assert found == pytest.approx([float(value) for value in wanted], rel=1e-10, abs=known)


@pytest.mark.slow
def test_exact_values_of_many_levels_take_the_memory_that_a_check_says() -> None:
    asked = [(entry, {}) for name in ("plugin", "miller_madow") if (entry := find("entropy", name, "sample"))]
    tracemalloc.start()
    sampling = SamplingDesign.of(zipf(20_000), None, 10**5)
    biases = [exact_bias(entry, given, sampling) for entry, given in asked]
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert None not in biases and used < 2**27
    truth = {"truth": {"zipf": 20_000}, "model": None, "sample_sizes": [10**5], "mode": "exact"}
    said = cost(plan_of(scenario_of(**truth, estimators=["plugin", "miller_madow"])))
    assert used / 2 <= said.memory <= 2 * used


def test_exact_values_of_too_many_terms_are_refused_with_what_to_change() -> None:
    scenario = scenario_of(truth={"zipf": 10**6}, model=None, sample_sizes=[10**9], mode="exact")
    (problem,) = plan_problems(plan_of(scenario))
    assert "terms, more than 134,217,728; use fewer categories or draws, or 'monte_carlo'" in problem.message
    assert not plan_problems(
        plan_of(scenario_of(truth={"uniform": 10**6}, model=None, sample_sizes=[10**9], mode="exact"))
    )


def test_exact_coverage_by_too_many_draws_is_refused_with_what_to_change() -> None:
    parts = [{"weight": 0.5, "spike_and_slab": {"k": 3, "spike": spike}} for spike in (1, 1e-300)]
    given = {"truth": {"mixture": parts}, "model": None, "sample_sizes": [1000], "intervals": [{"bayes": {"alpha": 1}}]}
    (problem,) = plan_problems(plan_of(scenario_of(**given, mode="exact")))
    assert problem.message.endswith(
        "would take 10,030,020,000 draws, more than 536,870,912; use fewer, or mode 'monte_carlo'"
    )
    assert not plan_problems(plan_of(scenario_of(**given, mode="monte_carlo")))
    assert not plan_problems(plan_of(scenario_of(**given | {"truth": {"coin": 0.5}, "sample_sizes": [10**9]})))


def test_exact_values_follow_no_paths_and_do_not_ask_for_fewer() -> None:
    given = {"model": None, "model_sample_sizes": [], "estimators": [], "units": None, "settings": []}
    assert from_options(truth="uniform: 500000", sample_sizes=["100"], **given).paths == 0
