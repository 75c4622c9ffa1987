"""Binned normal laws and random pmfs with zeros; and parameters that do not fit together."""

import itertools
import math
import re
from typing import Any

import mpmath
import numpy as np
import pytest
from small import scenario_of, small

import mcdiv
from mcdiv.core.distributions import Distribution, distribution_of
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse


def pmf(name: str, **parameters: Any) -> np.ndarray:
    return distribution_of(name, parameters).pmf()


@pytest.mark.slow
@pytest.mark.parametrize(
    "k, mean, sd, span", [(5, 0, 1, (-8, 8)), (40, 0.1, 1, (-8, 8)), (64, 3, 0.5, (-9, 4)), (30, -2, 2, (-60, 60))]
)
def test_the_bins_of_a_normal_law_are_differences_of_its_distribution_function(
    k: int, mean: float, sd: float, span: tuple[float, float]
) -> None:
    found = pmf("normal", k=k, mean=mean, sd=sd, span=list(span))
    with mpmath.workdps(400):  # in a tail of e^-800 both values are all nines
        width = mpmath.mpf(span[1] - span[0]) / k
        inner = [(span[0] + width * i - mpmath.mpf(mean)) / mpmath.mpf(sd) for i in range(1, k)]
        pairs = itertools.pairwise([-mpmath.inf, *inner, mpmath.inf])
        exact = [float(mpmath.ncdf(b) - mpmath.ncdf(a)) for a, b in pairs]
    assert found == pytest.approx(exact, rel=1e-11, abs=0)
    assert found.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("mean", [0.1, 1.0])
def test_the_divergence_of_two_binned_normal_laws_is_just_below_that_of_the_densities(mean: float) -> None:
    truth, model = pmf("normal", k=2000), pmf("normal", k=2000, mean=mean)
    found = float(mcdiv.kl_divergence(truth, model))
    # KL = μ²/2 of the densities; uniform rounding to a width h loses a share of it that is about h²/12.
    assert found < mean**2 / 2
    assert found == pytest.approx(mean**2 / 2 * (1 - 0.008**2 / 12), rel=1e-8)


def test_a_binned_normal_law_has_one_category_where_there_is_one_bin_and_ends_that_hold_the_rest() -> None:
    assert pmf("normal", k=1).tolist() == [1]
    assert pmf("normal", k=2, span=[-1, 1]).tolist() == [0.5, 0.5]
    assert pmf("normal", k=2, span=[-1, 3]).tolist() == pytest.approx(
        [0.8413447460685429, 0.15865525393145707], rel=1e-15
    )


def test_structural_zeros_are_the_last_categories_and_the_others_are_a_dirichlet_pmf() -> None:
    found = pmf("dirichlet_with_zeros", k=7, alpha=0.5, zeros=3, seed=4)
    assert found.tolist() == [*pmf("dirichlet", k=4, alpha=0.5, seed=4), 0, 0, 0]
    drawn = np.array([pmf("dirichlet_with_zeros", k=6, alpha=2, zeros=3, seed=seed) for seed in range(1000)])
    # Of a Dirichlet law with α = 2 on 3 categories E p² = (α + 1)/(3(3α + 1)) = 1/7.
    squares = drawn[:, :3] ** 2
    assert (np.abs(squares.mean(axis=0) - 1 / 7) <= 5 * squares.std(axis=0, ddof=1) / math.sqrt(1000)).all()


REFUSED = [
    (
        {"normal": {"k": 8, "span": [3, -3]}},
        "normal.span: expected two numbers, the smaller first, such as [-8, 8], got [3, -3]",
    ),
    ({"normal": {"k": 8, "span": 4}}, "normal.span: expected two numbers, the smaller first, such as [-8, 8], got 4"),
    ({"normal": {"k": 8, "mean": "x"}}, "normal.mean: expected a number, got 'x'"),
    (
        {"normal": {"k": 100, "span": [-50, 50]}},
        "normal: 24 bins of 100 would have a probability below 1e-300, too small for floats: "
        "use a narrower span around the mean 0 or a larger sd",
    ),
    (
        {"dirichlet_with_zeros": {"k": [5, 9], "alpha": 1, "zeros": 5}},
        "dirichlet_with_zeros: expected fewer zeros than there are categories (5), got 5",
    ),
    (
        {"mixture": [{"weight": 1, "dirichlet_with_zeros": {"k": 2, "alpha": 1, "zeros": 2}}]},
        "mixture: expected fewer zeros than there are categories (2), got 2",
    ),
]  # fmt: skip


@pytest.mark.parametrize("truth, message", REFUSED, ids=[text[:50] for _, text in REFUSED])
def test_parameters_that_do_not_fit_together_are_refused_in_the_file(truth: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(write_text(small(truth=truth, model=None)), "s.yaml"))
    (line,) = caught.value.problems
    assert re.sub(r"^s\.yaml:\d+:\d+: truth\.", "", line) == message


def test_a_grid_of_binned_normal_laws_reads_back_as_it_was_written() -> None:
    scenario = scenario_of(
        truth={"normal": {"k": 20}}, model={"normal": {"k": 20, "mean": [0.1, 1]}}, estimators=["plugin"]
    )
    again = scenario_of(**{key: scenario.as_written()[key] for key in ("truth", "model")}, estimators=["plugin"])
    assert (again.truth, again.model) == (scenario.truth, scenario.model)
    assert [each.label for each in scenario.model] == [
        "normal(k=20, mean=0.1, sd=1, span=[-8, 8])",
        "normal(k=20, mean=1, sd=1, span=[-8, 8])",
    ]
    spans = scenario_of(truth={"normal": {"k": 3, "span": [[-1, 1], [-2, 2]]}}, model=None, estimators=["plugin"]).truth
    assert [dict(each.parameters)["span"] for each in spans] == [(-1, 1), (-2, 2)]
    assert all(isinstance(each, Distribution) for each in spans)
