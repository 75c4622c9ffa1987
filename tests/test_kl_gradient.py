"""The gradient of KL divergence by the logits of P: its values, its limits, and what is refused."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from small import scenario_of, small

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import estimand_of
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse
from mcdiv.scenario.model import read_scenario

P, Q = [0.5, 0.3, 0.2], [0.7, 0.2, 0.1]
#: by exact rationals and 30 digits, and the same by a numerical derivative
GRADIENT = [-0.21425254342752242, 0.09402967736229974, 0.12022286606522269]


def gradient(p: list[float], q: list[float]) -> list[float]:
    return [float(estimand_of(f"kl_gradient(category={j})").value(np.array(p), np.array(q))) for j in range(len(p))]


@mpmath.workdps(40)
def by_differentiation(logits: list[float], q: list[float], j: int) -> float:
    def divergence(moved: Any) -> Any:
        at = [moved if k == j else mpmath.mpf(z) for k, z in enumerate(logits)]
        total = mpmath.fsum(map(mpmath.exp, at))
        p = [mpmath.exp(z) / total for z in at]
        return mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p, map(mpmath.mpf, q), strict=True))

    return float(mpmath.diff(divergence, mpmath.mpf(logits[j])))


def test_the_gradient_is_that_of_exact_rationals() -> None:
    assert gradient(P, Q) == pytest.approx(GRADIENT, rel=1e-14)


def test_the_gradient_is_the_derivative_of_kl_by_a_logit() -> None:
    logits, q = [0.3, -1.2, 2.0, 0.0], [0.1, 0.2, 0.3, 0.4]
    weights = np.exp(logits)
    found = gradient((weights / weights.sum()).tolist(), q)
    assert found == pytest.approx([by_differentiation(logits, q, j) for j in range(4)], rel=1e-13)
    assert math.fsum(found) == pytest.approx(0, abs=1e-16)


@mpmath.workdps(40)
def test_no_digit_is_lost_where_p_is_nearly_q() -> None:
    q = [0.25, 0.25, 0.5]
    p = [0.25 + 2**-40, 0.25, 0.5 - 2**-40]
    a, b = [mpmath.mpf(x) for x in p], [mpmath.mpf(x) for x in q]
    logs = [mpmath.log(x / y) for x, y in zip(a, b, strict=True)]
    mean = mpmath.fsum(x * log for x, log in zip(a, logs, strict=True))
    expected = [float(x * (log - mean)) for x, log in zip(a, logs, strict=True)]
    assert gradient(p, q) == pytest.approx(expected, rel=1e-13)


def test_a_category_that_cannot_occur_has_no_gradient_and_an_infinite_kl_none_at_all() -> None:
    assert gradient([0.5, 0.5, 0], [0.5, 0.5, 0]) == [0, 0, 0]
    assert gradient([0.6, 0.4, 0], [0.5, 0.25, 0.25])[2] == 0
    assert np.isnan(gradient([0.5, 0.5], [1, 0])).all()


def test_its_slopes_are_the_derivatives_by_the_probabilities() -> None:
    entry = estimand_of("kl_gradient(category=1)")
    p, q, step = np.array(P), np.array(Q), 1e-6
    by_p, by_q = entry.slopes_at(p, q)
    for away in ([1, -1, 0], [0, 1, -1]):  # along the simplex, where constants do not matter
        move = step * np.array(away)
        along_p = (entry.value(p + move, q) - entry.value(p - move, q)) / (2 * step)
        along_q = (entry.value(p, q + move) - entry.value(p, q - move)) / (2 * step)
        assert by_p @ away == pytest.approx(float(along_p), rel=1e-8)
        assert by_q @ away == pytest.approx(float(along_q), rel=1e-8)


def test_bits_are_nats_divided() -> None:
    found = mcdiv.estimate("kl_gradient(category=0)", [5, 3, 2], q=Q, estimator="plugin", units="bits")
    assert found == pytest.approx(GRADIENT[0] / math.log(2), rel=1e-13)


def test_a_category_that_no_truth_has_and_a_derivative_of_infinity_are_refused_in_one_line() -> None:
    values: dict[str, Any] = {"estimands": ["entropy", "kl_gradient(category=2)"]}
    _, problems = read_scenario(small(**values))
    assert [(p.path, str(p.message)) for p in problems] == [
        (("estimands", 1), "kl_gradient(category=2): a truth has 2 categories, numbered from 0")
    ]
    infinite = write_text(small(estimands=["kl_gradient(category=0)"], estimators=["plugin"], model={"coin": 1}))
    with pytest.raises(ScenarioError, match=r"kl_gradient\(category=0\) of coin.* with coin\(p=1\) is undefined"):
        parse(read_text(infinite, "infinite"))
    with pytest.raises(ValueError, match="there is no category 3: 3 categories are numbered from 0"):
        mcdiv.estimate("kl_gradient(category=3)", [5, 3, 2], q=Q, estimator="plugin")


def test_the_plug_in_of_a_gradient_is_exact_and_simulated_within_its_error() -> None:
    scenario = scenario_of(estimands=["kl_gradient(category=1)"], estimators=["plugin"], sample_sizes=[6])
    row = mcdiv.run(scenario).rows[0]
    assert abs(row.simulated["bias"].value - row.exact["bias"]) < 5 * row.simulated["bias"].mcse
