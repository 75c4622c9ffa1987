"""What the k largest probabilities say of a divergence and an entropy: substitutes and bounds."""

import math
from typing import Any

import numpy as np
import pytest

from mcdiv.api.top_k_divergence import top_k_divergence
from mcdiv.policies.top_k import Kept, divergence_values, entropy_values, kept_of

TEACHER = np.array([0.5, 0.25, 0.05, 0.1, 0.1])
STUDENT = np.array([0.6, 0.3, 0.04, 0.03, 0.03])
#: sums over the two kept, by hand with 40 digits
KNOWN = {
    "full": 0.11521057083543172,
    "truncated sum": -0.13674116759546598,
    "truncated sum clamped at 0": 0.0,
    "renormalised": 0.0,
    "tail bucket": 0.0923315153730728,
    "sum of nonnegative terms": 0.01325883240453403,
    "terms clipped at 0.05": -0.025583990029755484,
}
KNOWN_ENTROPIES = {
    "full": 1.303450812836454,
    "sum over the kept": 0.6931471805599453,
    "smallest possible": 1.039720770839918,
    "largest possible": 1.3143738430069454,
}


def values(p: np.ndarray, q: np.ndarray, k: int, by: str = "policy", clip: float | None = 0.05) -> dict[str, float]:
    kept = kept_of(p, q, k, by)
    return {row.quantity: row.value for row in divergence_values(p, q, kept, clip)}


def test_the_teachers_two_largest_give_the_known_values() -> None:
    found = values(TEACHER, STUDENT, 2)
    assert {name: found[name] for name in KNOWN} == pytest.approx(KNOWN, rel=1e-12, abs=1e-15)
    assert math.isinf(found["largest possible"])
    entropies = {row.quantity: row.value for row in entropy_values(TEACHER, kept_of(TEACHER, STUDENT, 2, "policy"))}
    assert entropies == pytest.approx(KNOWN_ENTROPIES, rel=1e-12)


def kl(p: np.ndarray, q: np.ndarray) -> float:
    seen = p > 0
    if (q[seen] == 0).any():
        return math.inf
    return math.fsum((p[seen] * np.log(p[seen] / q[seen])).tolist())


def entropy(p: np.ndarray) -> float:
    return -math.fsum((p[p > 0] * np.log(p[p > 0])).tolist())


def share_out(rng: np.random.Generator, total: float, others: int, cap: float) -> np.ndarray:
    """A random way to share a total among the others, none above the cap."""
    found = np.zeros(others)
    order = rng.permutation(others)
    left = total
    for i, place in enumerate(order):
        rest = others - i - 1
        found[place] = rng.uniform(max(0.0, left - rest * cap), min(cap, left))
        left -= found[place]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("by", ["policy", "reference"])
@pytest.mark.parametrize("concentration", [0.2, 1.0, 30.0])
def test_whatever_the_rest_is_the_bounds_hold(by: str, concentration: float) -> None:
    rng = np.random.default_rng(3)
    for _ in range(12):
        K = int(rng.integers(2, 8))
        k = int(rng.integers(1, K))
        p, q = rng.dirichlet([concentration] * K), rng.dirichlet([concentration] * K)
        kept = kept_of(p, q, k, by)
        rows = [*divergence_values(p, q, kept, 0.1), *entropy_values(p, kept)]
        caps = {"policy": (kept.p.min(), 1.0), "reference": (1.0, kept.q.min())}[by]
        for _ in range(20):
            other_p, other_q = (
                np.concatenate([known, share_out(rng, rest, K - k, cap)])
                for known, rest, cap in zip((kept.p, kept.q), (kept.p_rest, kept.q_rest), caps, strict=True)
            )
            actual = {"kl_divergence": kl(other_p, other_q), "entropy": entropy(other_p)}
            for row in rows:
                if row.quantity.startswith(("full", "terms clipped")):  # these know the rest
                    continue
                assert row.relation != "lower bound" or row.value <= actual[row.estimand] + 1e-12
                assert row.relation != "upper bound" or row.value >= actual[row.estimand] - 1e-12


def attained(kept: Kept, p_rest: list[float], q_rest: list[float]) -> tuple[float, float]:
    p, q = np.concatenate([kept.p, p_rest]), np.concatenate([kept.q, q_rest])
    return kl(p, q), entropy(p)


def test_the_bounds_are_reached() -> None:
    kept = kept_of(TEACHER, STUDENT, 2, "policy")
    assert attained(kept, [0.25, 0, 0], [0.1, 0, 0])[1] == pytest.approx(1.039720770839918, rel=1e-12)
    even = attained(kept, [0.25 / 3] * 3, [0.1 / 3] * 3)
    assert even == pytest.approx((KNOWN["tail bucket"], 1.3143738430069454), rel=1e-12)
    assert math.isinf(attained(kept, [0.25 / 3] * 3, [0.1, 0, 0])[0])


def test_a_reference_whose_largest_are_kept_can_bound_the_divergence_from_above() -> None:
    q = np.array([0.3, 0.25, 0.25, 0.2])
    p = np.array([0.1, 0.2, 0.3, 0.4])
    kept = kept_of(p, q, 2, "reference")
    # The other two have 0.45 together and at most 0.25 each, so at least 0.2.
    most = {row.quantity: row.value for row in divergence_values(p, q, kept, None)}["largest possible"]
    assert most == pytest.approx(attained(kept, [0.7, 0.0], [0.2, 0.25])[0], rel=1e-12)


def test_with_every_category_kept_everything_is_exact() -> None:
    kept = kept_of(TEACHER, STUDENT, 5, "policy")
    rows = [*divergence_values(TEACHER, STUDENT, kept, None), *entropy_values(TEACHER, kept)]
    exact = {"kl_divergence": KNOWN["full"], "entropy": KNOWN_ENTROPIES["full"]}
    assert {row.relation for row in rows} == {"exact"}
    assert [row.value for row in rows] == pytest.approx([exact[row.estimand] for row in rows], rel=1e-12)


def test_one_category_left_out_leaves_nothing_open() -> None:
    found = values(TEACHER, STUDENT, 4)
    assert found["tail bucket"] == pytest.approx(KNOWN["full"], rel=1e-12)
    assert found["largest possible"] == found["tail bucket"]


def test_what_the_reference_cannot_draw_makes_the_divergence_infinite_where_it_is_kept() -> None:
    p, q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.0, 0.5, 0.2, 0.3])
    assert {name: math.isinf(value) for name, value in values(p, q, 2).items()} == {
        "full": True,
        "truncated sum": True,
        "truncated sum clamped at 0": True,
        "renormalised": True,
        "tail bucket": True,
        "sum of nonnegative terms": True,
        "terms clipped at 0.05": False,
        "largest possible": True,
    }
    # Of the reference's two largest the policy draws one, of its largest in the second example none.
    assert values(p, q, 2, "reference")["renormalised"] == pytest.approx(math.log(1 / 0.625), rel=1e-12)
    none = values(np.array([0.0, 1.0]), np.array([0.9, 0.1]), 1, "reference")
    assert math.isnan(none["renormalised"])
    assert none["truncated sum"] == 0.0


def test_of_equally_probable_categories_the_first_are_kept_and_the_others_counted() -> None:
    kept = kept_of(np.array([0.2, 0.3, 0.2, 0.2, 0.1]), np.full(5, 0.2), 2, "policy")
    assert kept.places.tolist() == [0, 1]
    assert kept.tied == 2
    assert kept_of(TEACHER, STUDENT, 2, "policy").tied == 0


def test_the_function_of_python_takes_labels_and_says_what_is_kept() -> None:
    policy = {"a": 0.5, "b": 0.25, "c": 0.25}
    found = top_k_divergence(policy, {"b": 0.3, "a": 0.6, "c": 0.1}, k=2, clip=0.01)
    assert list(found.values) == ["estimand", "quantity", "value", "relation", "meaning"]
    assert found.values["value"][0] == pytest.approx(kl(np.array([0.5, 0.25, 0.25]), np.array([0.6, 0.3, 0.1])))
    assert found.sentences == (
        "Kept: the 2 most probable categories of P, of 3, with 75 % of P and 90 % of Q.",
        "1 category left out is as probable as the last one kept: others kept in their place can give other values.",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"k": 0}, "k: expected a whole number from 1 to 5, the number of categories, got 0"),
        ({"k": 6}, "k: expected a whole number from 1 to 5"),
        ({"k": 2, "clip": -1}, "clip: expected a number >= 0, got -1"),
        ({"k": 2, "kept_by": "student"}, "kept_by: expected policy or reference, got student"),
        ({"k": 2, "reference": [0.5, 0.5]}, "policy has 5 categories, reference has 2; they must be the same"),
        ({"k": 2, "reference": [[0.2] * 5] * 2}, r"reference: expected one pmf, shape \(K,\), got shape \(2, 5\)"),
    ],
)
def test_what_cannot_be_kept_is_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        top_k_divergence(**({"policy": TEACHER, "reference": STUDENT} | given))


def test_a_rest_below_the_least_normal_float_has_an_entropy() -> None:
    """1/p is above the largest float64; −p ln p is not."""
    found = top_k_divergence([1e-320, 1.0], [0.5, 0.5], 1).values.set_index(["estimand", "quantity"])["value"]
    expected = -1e-320 * math.log(1e-320)
    for quantity in ("full", "smallest possible", "largest possible"):
        assert found["entropy", quantity] == pytest.approx(expected, rel=1e-4)
