"""The KL term on a small alphabet: values and gradients of what one draw estimates, against sums in other ways."""

import itertools
import json
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

from mcdiv.core.arrays import Array
from mcdiv.policies.contract import GRADIENT_ESTIMATORS, gradient_estimator_of
from mcdiv.policies.gradients import gradient_moments, kl_gradient, reverse_kl_gradient
from mcdiv.policies.terms import TERMS, importance_weight

REFERENCE = json.loads((Path(__file__).parent / "reference" / "policies.json").read_text(encoding="utf-8"))
ON, OFF = REFERENCE["kl_lab_on_policy"], REFERENCE["kl_lab_off_policy"]


def pmf(entries: list[str]) -> Array:
    return np.array([float(Fraction(entry)) for entry in entries])


P, Q, DRAWN = pmf(ON["input"]["policy p"]), pmf(ON["input"]["reference q"]), pmf(OFF["input"]["drawn from o"])
RNG = np.random.default_rng(17)
#: (p, q, o), the policy confident in the last
POINTS = [
    *[tuple(RNG.dirichlet(np.ones(k)) for _ in range(3)) for k in (2, 3, 6)],
    (np.array([1 - 3e-8, 1e-8, 2e-8]), np.array([1 - 5e-8, 3e-8, 2e-8]), np.array([0.1, 0.3, 0.6])),
    (np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.2, 0.3]), np.array([1 - 3e-10, 1e-10, 2e-10])),
]


def labels_of_row(name: str) -> str:
    """The label of a gradient in the reference file: "k1 grad loss, weight detached and clipped"."""
    estimator, _, rest = name.partition(" grad ")
    placement, _, weight = rest.partition(", ")
    kind = "differentiated" if "differentiated" in weight else "none" if weight == "no weight" else "detached"
    given = [f"weight={kind}"] * (kind != "none") + ["clip=0.2"] * ("clipped" in weight)
    return f"{estimator}_{placement}" + (f"({', '.join(given)})" if given else "")


def golden_gradients() -> Iterator[Any]:
    for case, drawn in ((ON, P), (OFF, DRAWN)):
        for name, row in case["values"]["rows"].items():
            if " grad " in name:
                yield pytest.param(labels_of_row(name), drawn, row, id=f"{'on' if drawn is P else 'off'}: {name}")


@pytest.mark.parametrize(("label", "drawn", "row"), list(golden_gradients()))
def test_each_expected_gradient_and_its_spread_is_that_of_the_reference(label: str, drawn: Array, row: Any) -> None:
    found = gradient_moments(gradient_estimator_of(label).at(P, Q, drawn), P, drawn)
    assert_allclose(found.mean, row["grad"], rtol=1e-12, atol=1e-15)
    assert_allclose(found.trace, row["trace_cov_one_draw"], rtol=1e-12)
    assert gradient_estimator_of(gradient_estimator_of(label).label).label == gradient_estimator_of(label).label


def test_the_gradients_of_both_divergences_are_those_of_the_reference() -> None:
    assert_allclose(kl_gradient(P, Q), ON["values"]["grad KL(p||q)"], rtol=1e-13)
    assert_allclose(reverse_kl_gradient(P, Q), ON["values"]["grad KL(q||p)"], rtol=1e-13)


def softmax(z: list[Any]) -> list[Any]:
    weights = [mpmath.exp(each) for each in z]
    return [weight / mpmath.fsum(weights) for weight in weights]


KS: dict[str, Callable[[Any, Any], Any]] = {
    "k1": lambda p, q: mpmath.log(p / q),
    "k2": lambda p, q: mpmath.log(p / q) ** 2 / 2,
    "k3": lambda p, q: q / p - 1 - mpmath.log(q / p),
}


def surrogate(
    x: int, p0: list[Any], q: list[Any], o: list[Any], name: str, placement: str, weight: str, clip: float
) -> Callable[[list[Any]], Any]:
    """The loss that a framework differentiates at a draw x: what is detached stays at the policy p0."""

    def clipped(w: Any) -> Any:
        return min(max(w, 1 - mpmath.mpf(clip)), 1 + mpmath.mpf(clip)) if math.isfinite(clip) else w

    def loss(p: list[Any]) -> Any:
        now, then = clipped(p[x] / o[x]), clipped(p0[x] / o[x])
        factor = {"none": 1, "detached": then, "differentiated": now}[weight]
        if placement == "reward":
            return factor * KS[name](p0[x], q[x]) * mpmath.log(p[x])
        return factor * KS[name](p[x], q[x])

    return loss


def numerical_gradient(loss: Callable[[list[Any]], Any], p0: list[Any]) -> list[Any]:
    """Central differences in the logits, with 50 digits."""
    z, h = [mpmath.log(p) for p in p0], mpmath.mpf(10) ** -20
    moved = lambda j, by: softmax([each + by * (i == j) for i, each in enumerate(z)])  # noqa: E731
    return [(loss(moved(j, h)) - loss(moved(j, -h))) / (2 * h) for j in range(len(z))]


@pytest.mark.slow
@pytest.mark.parametrize("placement", ["loss", "reward"])
@pytest.mark.parametrize("name", ["k1", "k2", "k3"])
def test_gradients_are_the_numerical_derivatives_of_what_a_framework_differentiates(name: str, placement: str) -> None:
    ways = [("none", math.inf), ("detached", math.inf), ("detached", 0.3)]
    if placement == "loss":
        ways += [("differentiated", math.inf), ("differentiated", 0.3)]
    for (p, q, o), (weight, clip) in itertools.product(POINTS, ways):
        entry = GRADIENT_ESTIMATORS[f"{name}_{placement}"]
        found = gradient_moments(entry.with_parameters(weight=weight, **clip_of(clip)).at(p, q, o), p, o)
        mean, trace = by_brute_force(p, q, o, name, placement, weight, clip)
        assert_allclose(found.mean, mean, rtol=1e-9, atol=1e-14 * max(map(abs, mean)) + 1e-25)
        # At the confident point 1 − p is known to so many digits only.
        assert_allclose(found.trace, trace, rtol=1e-8)


def clip_of(clip: float) -> dict[str, float]:
    return {"clip": clip} if math.isfinite(clip) else {}


def by_brute_force(
    p: Array, q: Array, o: Array, name: str, placement: str, weight: str, clip: float
) -> tuple[list[float], float]:
    """Mean and trace of the covariance of numerical gradients, draw by draw."""
    with mpmath.workdps(50):
        exact_p, exact_q, exact_o = ([mpmath.mpf(float(each)) for each in values] for values in (p, q, o))
        exact_p = [each / mpmath.fsum(exact_p) for each in exact_p]
        gradients = [
            numerical_gradient(surrogate(x, exact_p, exact_q, exact_o, name, placement, weight, clip), exact_p)
            for x in range(len(p))
        ]
        mean = [mpmath.fdot(exact_o, [gradient[j] for gradient in gradients]) for j in range(len(p))]
        apart = [mpmath.fsum((g - m) ** 2 for g, m in zip(gradient, mean, strict=True)) for gradient in gradients]
        return [float(each) for each in mean], float(mpmath.fdot(exact_o, apart))


def test_the_gradient_of_kl_is_its_numerical_derivative() -> None:
    for p, q, _ in POINTS:
        with mpmath.workdps(50):
            exact_p, exact_q = ([mpmath.mpf(float(each)) for each in values] for values in (p, q))
            exact_p = [each / mpmath.fsum(exact_p) for each in exact_p]
            divergence = lambda r: mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(r, exact_q, strict=True))  # noqa: B023, E731
            expected = [float(each) for each in numerical_gradient(divergence, exact_p)]
        assert_allclose(kl_gradient(p, q), expected, rtol=1e-8, atol=1e-16)


def test_what_the_policy_cannot_draw_has_infinite_terms_and_finite_products_with_its_weight() -> None:
    p, q, o = np.array([0.6, 0.4, 0.0, 0.0]), np.array([0.5, 0.3, 0.2, 0.0]), np.full(4, 0.25)
    weight = importance_weight(p, o)
    values = {name: term(p, q) for name, term in TERMS.items()}
    assert [float(values[name].value[2]) for name in TERMS] == [-math.inf, math.inf, math.inf]
    assert all(math.isnan(values[name].value[3]) for name in TERMS)
    products = {name: weight.times(term.value, term.value_mass) for name, term in values.items()}
    assert [products[name][2:].tolist() for name in TERMS] == [[0, 0], [0, 0], [0.2 / 0.25, 0]]
    assert_allclose(o @ products["k3"], o @ products["k1"] + 0.0, rtol=1e-14)


def test_a_weight_is_clipped_to_its_interval_and_passes_a_gradient_at_its_ends() -> None:
    found = importance_weight(np.array([0.36, 0.24, 0.4]), np.array([0.3, 0.3, 0.4]), clip=0.2)
    assert found.unclipped.all()
    assert_allclose(found.factor, [1.2, 0.8, 1.0])
    narrower = importance_weight(np.array([0.36, 0.24, 0.4]), np.array([0.3, 0.3, 0.4]), clip=0.1)
    assert narrower.unclipped.tolist() == [False, False, True]
    assert_allclose(narrower.factor, [1.1, 0.9, 1.0])
    assert importance_weight(np.array([0.0, 1.0]), np.array([0.5, 0.5]), clip=2.0).unclipped.tolist() == [True, True]


def test_a_clip_without_a_weight_and_a_weight_that_a_reward_has_not_are_refused() -> None:
    with pytest.raises(ValueError, match="there is no weight to clip"):
        gradient_estimator_of("k3_loss(clip=0.2)").at(P, Q, DRAWN)
    with pytest.raises(ValueError, match=r"k1_reward.weight: expected none or detached"):
        gradient_estimator_of("k1_reward(weight=differentiated)")
    with pytest.raises(ValueError, match=r"expected a number >= 0, got '-0.1'"):
        gradient_estimator_of("k1_loss(weight=detached, clip=-0.1)")
