"""What the k largest probabilities say of a divergence and an entropy: substitutes and bounds."""

import math

import numpy as np
import pytest

from mcdiv.policies.top_k import Kept, divergence_values, entropy_values, kept_of

TEACHER = np.array([0.5, 0.25, 0.05, 0.1, 0.1])
STUDENT = np.array([0.6, 0.3, 0.04, 0.03, 0.03])
#: sums over the two kept, by hand with 40 digits
KNOWN = {
    "full": 0.11521057083543172,
    "truncated sum": -0.13674116759546598,
    "truncated sum, clamped at 0": 0.0,
    "renormalised over the kept": 0.0,
    "one bucket for the rest": 0.0923315153730728,
    "Σ p ln(p/q) − p + q over the kept": 0.01325883240453403,
    "terms clipped at 0.05": -0.025583990029755484,
}
KNOWN_ENTROPIES = {
    "H(P)": 1.303450812836454,
    "−Σ p ln p over the kept": 0.6931471805599453,
    "least that the kept values allow": 1.039720770839918,
    "most that the kept values allow": 1.3143738430069454,
}


def values(p: np.ndarray, q: np.ndarray, k: int, by: str = "policy", clip: float | None = 0.05) -> dict[str, float]:
    kept = kept_of(p, q, k, by)
    return {row.quantity: row.value for row in divergence_values(p, q, kept, clip)}


def test_the_teachers_two_largest_give_the_known_values() -> None:
    found = values(TEACHER, STUDENT, 2)
    assert {name: found[name] for name in KNOWN} == pytest.approx(KNOWN, rel=1e-12, abs=1e-15)
    assert math.isinf(found["most that the kept values allow"])
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
            actual = {"KL(P‖Q)": kl(other_p, other_q), "H(P)": entropy(other_p)}
            for row in rows:
                if row.quantity.startswith(("full", "H(P)", "terms clipped")):  # these know the rest
                    continue
                assert row.relation != "lower bound" or row.value <= actual[row.of] + 1e-12
                assert row.relation != "upper bound" or row.value >= actual[row.of] - 1e-12


def attained(kept: Kept, p_rest: list[float], q_rest: list[float]) -> tuple[float, float]:
    p, q = np.concatenate([kept.p, p_rest]), np.concatenate([kept.q, q_rest])
    return kl(p, q), entropy(p)


def test_the_bounds_are_reached() -> None:
    kept = kept_of(TEACHER, STUDENT, 2, "policy")
    assert attained(kept, [0.25, 0, 0], [0.1, 0, 0])[1] == pytest.approx(1.039720770839918, rel=1e-12)
    even = attained(kept, [0.25 / 3] * 3, [0.1 / 3] * 3)
    assert even == pytest.approx((KNOWN["one bucket for the rest"], 1.3143738430069454), rel=1e-12)
    assert math.isinf(attained(kept, [0.25 / 3] * 3, [0.1, 0, 0])[0])


def test_a_reference_whose_largest_are_kept_can_bound_the_divergence_from_above() -> None:
    q = np.array([0.3, 0.25, 0.25, 0.2])
    p = np.array([0.1, 0.2, 0.3, 0.4])
    kept = kept_of(p, q, 2, "reference")
    # The other two have 0.45 together and at most 0.25 each, so at least 0.2.
    most = {row.quantity: row.value for row in divergence_values(p, q, kept, None)}["most that the kept values allow"]
    assert most == pytest.approx(attained(kept, [0.7, 0.0], [0.2, 0.25])[0], rel=1e-12)


def test_with_every_category_kept_everything_is_exact() -> None:
    kept = kept_of(TEACHER, STUDENT, 5, "policy")
    rows = [*divergence_values(TEACHER, STUDENT, kept, None), *entropy_values(TEACHER, kept)]
    exact = {"KL(P‖Q)": KNOWN["full"], "H(P)": KNOWN_ENTROPIES["H(P)"]}
    assert {row.relation for row in rows} == {"exact"}
    assert [row.value for row in rows] == pytest.approx([exact[row.of] for row in rows], rel=1e-12)


def test_one_category_left_out_leaves_nothing_open() -> None:
    found = values(TEACHER, STUDENT, 4)
    assert found["one bucket for the rest"] == pytest.approx(KNOWN["full"], rel=1e-12)
    assert found["most that the kept values allow"] == found["one bucket for the rest"]


def test_what_the_reference_cannot_draw_makes_the_divergence_infinite_where_it_is_kept() -> None:
    p, q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.0, 0.5, 0.2, 0.3])
    assert {name: math.isinf(value) for name, value in values(p, q, 2).items()} == {
        "full": True,
        "truncated sum": True,
        "truncated sum, clamped at 0": True,
        "renormalised over the kept": True,
        "one bucket for the rest": True,
        "Σ p ln(p/q) − p + q over the kept": True,
        "terms clipped at 0.05": False,
        "most that the kept values allow": True,
    }
    # Of the reference's two largest the policy draws one, of its largest in the second example none.
    assert values(p, q, 2, "reference")["renormalised over the kept"] == pytest.approx(math.log(1 / 0.625), rel=1e-12)
    none = values(np.array([0.0, 1.0]), np.array([0.9, 0.1]), 1, "reference")
    assert math.isnan(none["renormalised over the kept"])
    assert none["truncated sum"] == 0.0


def test_of_equally_probable_categories_the_first_are_kept_and_the_others_counted() -> None:
    kept = kept_of(np.array([0.2, 0.3, 0.2, 0.2, 0.1]), np.full(5, 0.2), 2, "policy")
    assert kept.places.tolist() == [0, 1]
    assert kept.tied == 2
    assert kept_of(TEACHER, STUDENT, 2, "policy").tied == 0
