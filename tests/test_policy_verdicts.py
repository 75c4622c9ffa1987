"""Rows of values and gradients of the KL term, and the claims that are made of each."""

import json
import math
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import mcdiv
from mcdiv.core.arrays import Array, Pmf
from mcdiv.policies.contract import GRADIENT_ESTIMATORS, gradient_estimator
from mcdiv.policies.rows import GradientRow, gradient_rows, value_rows
from mcdiv.policies.verdicts import comparisons_elsewhere

REFERENCE = json.loads((Path(__file__).parent / "reference" / "policies.json").read_text(encoding="utf-8"))
P, Q, DRAWN = np.array([0.5, 0.3, 0.2]), np.array([0.7, 0.2, 0.1]), np.array([0.4, 0.4, 0.2])
WEIGHTS = {"none": "none", "is": "weighted", "is_clipped": "clipped"}


def rows_by_name(p: Pmf, q: Pmf, o: Pmf, clip: float | None = None) -> dict[str, GradientRow]:
    return {row.name: row for row in gradient_rows(p, q, o, clip)}


@pytest.mark.parametrize(("case", "drawn", "clip"), [("on", P, None), ("off", DRAWN, 0.2)])
def test_means_biases_and_sds_are_those_of_the_reference(case: str, drawn: Array, clip: float | None) -> None:
    expected = {
        tuple(name.split(" value ")): row
        for name, row in REFERENCE[f"kl_lab_{case}_policy"]["values"]["rows"].items()
        if " value " in name
    }
    found = {(row.estimator, row.weight): row for row in value_rows(P, Q, drawn, clip)}
    assert len(expected) == len(found) - 1
    for (name, weight), row in expected.items():
        mine = found[name, WEIGHTS[weight]]
        assert_allclose([mine.mean, mine.bias, mine.sd], [row["mean"], row["bias"], row["sd"]], rtol=1e-12, atol=1e-16)
    assert found["exact", "none"].mean == pytest.approx(0.09203285023383191, rel=1e-14)
    assert (found["exact", "none"].bias, found["exact", "none"].sd) == (0, 0)


@pytest.mark.parametrize(("drawn", "clip"), [(P, None), (DRAWN, 0.2)])
def test_relative_errors_and_cosines_are_those_of_the_reference(drawn: Array, clip: float | None) -> None:
    case = REFERENCE["kl_lab_on_policy" if clip is None else "kl_lab_off_policy"]["values"]["rows"]
    found = rows_by_name(P, Q, drawn, clip)
    for name, row in case.items():
        if " grad " not in name:
            continue
        mine = found[named(name)]
        assert_allclose(mine.comparison.relative_error, row["relative_error"], rtol=1e-11)
        assert mine.comparison.is_kl() == row["unbiased"]
        if row["cosine"] is None:
            assert math.isnan(mine.comparison.cosine)
        else:
            assert_allclose(mine.comparison.cosine, row["cosine"], rtol=1e-11)


def named(name: str) -> str:
    """ "k1 grad loss, weight detached and clipped" of the reference as a row calls it."""
    estimator, _, rest = name.partition(" grad ")
    placement, _, weight = rest.partition(", ")
    said = {"no weight": "", "weight": ", weight detached"}.get(weight, f", {weight}")
    return f"{estimator} in the {placement}{said}"


CLAIMS = {
    "k1 in the loss": "no gradient",
    "k1 in the loss, weight detached": "no gradient",
    "k1 in the loss, weight detached and clipped": "no gradient",
    "k1 in the loss, weight differentiated": "exact",
    "k1 in the loss, weight differentiated and clipped": "exact on-policy only",
    "k1 in the reward": "exact on-policy only",
    "k1 in the reward, weight detached": "exact",
    "k1 in the reward, weight detached and clipped": "exact on-policy only",
    "k2 in the loss": "exact on-policy only",
    "k2 in the loss, weight detached": "exact",
    "k2 in the loss, weight detached and clipped": "exact on-policy only",
    "k2 in the loss, weight differentiated": "biased",
    "k2 in the loss, weight differentiated and clipped": "biased",
    "k2 in the reward": "biased",
    "k2 in the reward, weight detached": "biased",
    "k2 in the reward, weight detached and clipped": "biased",
    "k3 in the loss": "gradient of the other divergence on-policy only",
    "k3 in the loss, weight detached": "gradient of the other divergence",
    "k3 in the loss, weight detached and clipped": "gradient of the other divergence on-policy only",
    "k3 in the loss, weight differentiated": "exact",
    "k3 in the loss, weight differentiated and clipped": "exact on-policy only",
    "k3 in the reward": "biased",
    "k3 in the reward, weight detached": "biased",
    "k3 in the reward, weight detached and clipped": "biased",
    "exact in the loss": "exact",
}


@pytest.mark.parametrize("clip", [0.2, 0.0, 1e9])
@pytest.mark.parametrize("point", ["given", "on the policy", "P = Q", "near Q", "a fair coin", "K = 40"])
def test_a_claim_does_not_depend_on_where_it_is_looked_at(point: str, clip: float) -> None:
    rng = np.random.default_rng(3)
    p, q, o = {
        "given": (P, Q, DRAWN),
        "on the policy": (P, Q, P),
        "P = Q": (P, P, DRAWN),
        "near Q": (P, P * (1 + 1e-9 * np.array([1, -2, 0.5])), DRAWN),
        "a fair coin": (np.array([0.5, 0.5]), np.array([0.9, 0.1]), np.array([0.4, 0.6])),
        "K = 40": tuple(rng.dirichlet(np.ones(40)) for _ in range(3)),
    }[point]
    found = {name: row.verdict for name, row in rows_by_name(p, q, o, clip).items()}
    pointing_away = {name for name, verdict in found.items() if verdict == "wrong direction"}
    assert {name for name in found if found[name] != CLAIMS[name]} == pointing_away
    assert {CLAIMS[name] for name in pointing_away} <= {"biased"}


def test_far_from_the_reference_k3_in_the_reward_points_away_from_it() -> None:
    p, q = np.array([0.02, 0.08, 0.9]), np.array([0.9, 0.08, 0.02])
    row = rows_by_name(p, q, p)["k3 in the reward"]
    log = [math.log(a / b) for a, b in zip(p, q, strict=True)]
    divergence = sum(a * each for a, each in zip(p, log, strict=True))
    kl = [a * (each - divergence) for a, each in zip(p, log, strict=True)]
    k3_in_reward = [g - (a - b) for g, a, b in zip(kl, p, q, strict=True)]
    cosine = np.dot(kl, k3_in_reward) / np.linalg.norm(kl) / np.linalg.norm(k3_in_reward)
    assert row.comparison.cosine == pytest.approx(cosine, rel=1e-12)
    assert row.verdict == ("wrong direction" if cosine < 0 else "biased")


def test_the_numbers_of_draws_are_ratios_of_traces_among_those_that_are_exact() -> None:
    rows, golden = rows_by_name(P, Q, P), REFERENCE["kl_lab_on_policy"]["values"]["rows"]
    k1, k3 = (golden[f"{k} grad loss, weight differentiated"]["trace_cov_one_draw"] for k in ("k1", "k3"))
    assert rows["k1 in the loss, weight differentiated"].draws == pytest.approx(k1 / k3, rel=1e-12)
    assert rows["k1 in the reward"].draws == pytest.approx(1)
    assert rows["k3 in the loss"].draws == math.inf
    assert rows["exact in the loss"].draws == 0


def test_what_the_draws_never_show_no_weight_mends() -> None:
    rows = rows_by_name(P, Q, np.array([0.5, 0.5, 0.0]))
    assert rows["k1 in the reward, weight detached"].verdict == "exact where all is drawn"
    assert rows["k3 in the loss, weight detached"].verdict == "gradient of the other divergence where all is drawn"
    assert rows["k1 in the reward, weight detached"].comparison.relative_error > 0.1
    assert rows["k1 in the reward, weight detached"].draws == math.inf
    assert rows["exact in the loss"].verdict == "exact"


def test_where_the_policy_has_a_zero_it_is_said_which_are_infinite_and_how_often() -> None:
    p, q, o = np.array([0.6, 0.4, 0.0]), np.array([0.5, 0.3, 0.2]), np.array([0.5, 0.2, 0.3])
    values = {(row.estimator, row.weight): row for row in value_rows(p, q, o, 0.2)}
    divergence = 0.6 * math.log(1.2) + 0.4 * math.log(4 / 3)
    for name, mean in (("k1", -math.inf), ("k2", math.inf), ("k3", math.inf)):
        assert (values[name, "none"].mean, values[name, "none"].infinite_share) == (mean, 0.3)
        assert (values[name, "clipped"].mean, values[name, "clipped"].infinite_share) == (mean, 0.3)
    assert values["k1", "weighted"].mean == pytest.approx(divergence, rel=1e-14)
    assert values["k3", "weighted"].mean == pytest.approx(divergence, rel=1e-14)
    rows = rows_by_name(p, q, o)
    assert (rows["k3 in the loss"].verdict, rows["k3 in the loss"].infinite_share) == ("infinite", 0.3)
    assert rows["k3 in the loss, weight differentiated"].verdict == "exact"
    assert rows["k1 in the loss"].infinite_share == 0
    on = {(row.estimator, row.weight): row for row in value_rows(p, q, p, None)}
    assert on["k3", "none"].bias == pytest.approx(-0.2, rel=1e-14), "k3 misses what Q has outside of P"
    assert on["k1", "none"].infinite_share == 0


def test_where_the_reference_has_a_zero_there_is_no_gradient_to_compare_with() -> None:
    p, q = np.array([0.6, 0.3, 0.1]), np.array([0.5, 0.5, 0.0])
    for row in gradient_rows(p, q, p, None):
        assert math.isnan(row.comparison.relative_error) and math.isnan(row.comparison.cosine)
    for value in value_rows(p, q, p, None):
        assert value.mean == math.inf and math.isnan(value.bias) and math.isnan(value.sd)


def test_a_gradient_estimator_of_a_users_own_gets_the_same_claims() -> None:
    with GRADIENT_ESTIMATORS.all_or_none(), pytest.raises(RuntimeError, match="enough"):

        @gradient_estimator
        def k2_without_half(p: Pmf, q: Pmf, o: Pmf) -> Array:
            return 2 * np.log(p / q) * p / o

        @gradient_estimator(of="k1", placement="reward")
        def with_baseline(p: Pmf, q: Pmf, o: Pmf) -> Array:
            log = np.log(p / q)
            return p / o * (log - p @ log)

        @gradient_estimator
        def score_by_score(p: Pmf, q: Pmf, o: Pmf) -> Array:
            return -(np.log(p / q)[:, np.newaxis] * (np.eye(p.size) - p))

        rows = {row.entry.name: row for row in gradient_rows(P, Q, DRAWN, None)}
        assert (rows["k2_without_half"].verdict, rows["with_baseline"].verdict) == ("biased", "exact")
        assert rows["score_by_score"].verdict == "wrong direction"
        assert rows["score_by_score"].trace_covariance == pytest.approx(
            REFERENCE["kl_lab_off_policy"]["values"]["rows"]["k1 grad reward, no weight"]["trace_cov_one_draw"]
        )
        raise RuntimeError("enough")


def test_a_gradient_estimator_of_another_shape_is_one_line() -> None:
    with GRADIENT_ESTIMATORS.all_or_none(), pytest.raises(ValueError, match=r"'total': expected an array of shape \(3"):

        @gradient_estimator
        def total(p: Pmf, q: Pmf, o: Pmf) -> Any:
            return (p * np.log(p / q)).sum()

        comparisons_elsewhere(GRADIENT_ESTIMATORS["total"])


def test_terms_drawn_from_the_other_side_have_the_means_of_the_reference() -> None:
    case = REFERENCE["kl_named_but_drawn_from_the_other_side"]
    near, far = case["values"], case["values_far"]
    trainer, generator, distant = P, Q, np.array([0.98, 0.019, 0.001])
    (on,) = (row for row in value_rows(generator, trainer, generator, None) if (row.estimator, row.weight) == K3)
    assert on.mean == pytest.approx(near["mean of k3 for KL(g||p)"], rel=1e-12)
    for drawn, golden in ((generator, near), (distant, far)):
        found = {(row.estimator, row.weight): row.mean for row in value_rows(trainer, drawn, drawn, None)}
        assert found[K3] == pytest.approx(golden["mean of k3 for KL(p||g), unweighted"], rel=1e-12)
        assert found["k3", "weighted"] == pytest.approx(golden["KL(p||g)"], rel=1e-12)


K3 = ("k3", "none")


@pytest.mark.slow
@pytest.mark.parametrize("clip", [0.0, 0.2, 1e300])
def test_what_is_beyond_floats_is_called_that_and_no_warning(clip: float) -> None:
    p, q, o = np.array([1e-320, 1.0]), np.array([0.5, 0.5]), np.array([1.0, 1e-320])
    rows = {row.name: row for row in gradient_rows(p, q, o, clip)}
    assert rows["k1 in the reward, weight detached"].verdict == "beyond floats"
    assert rows["k1 in the reward, weight detached"].infinite_share == 1e-320
    assert rows["exact in the loss"].verdict == "exact"
    assert len(value_rows(p, q, o, clip)) == 10


#: policy, reference, what draws; which rows of values have a finite mean, and which gradients are beyond floats
BEYOND = [
    ([1e-320, 1.0], [0.5, 0.5], [1e-320, 1.0], {"none", "weighted", "clipped"}),
    ([1e-320, 0.5, 0.5], [0.2, 0.4, 0.4], [1e-322, 0.4, 0.6], {"none", "weighted", "clipped"}),
    ([1e-320, 1.0], [0.5, 0.5], [0.3, 0.7], {"weighted"}),
    ([0.2, 0.4, 0.4], [0.1, 0.5, 0.4], [1e-320, 0.5, 0.5], {"none", "weighted", "clipped"}),
    ([0.0, 1e-320, 1.0], [0.2, 0.4, 0.4], [0.0, 0.3, 0.7], {"weighted"}),
]


@pytest.mark.parametrize(("p", "q", "o", "finite"), BEYOND)
def test_a_value_beyond_floats_has_its_mean_and_its_spread_where_these_are_not(
    p: list[float], q: list[float], o: list[float], finite: set[str]
) -> None:
    lab = mcdiv.policy(p, q, o, clip=0.2)
    with mpmath.workdps(40):
        drawn = [[*map(mpmath.mpf, each)] for each in zip(p, q, o, strict=True) if each[2]]
        kl = mpmath.fsum(a * mpmath.log(a / b) for a, b, _ in drawn)
        for row in lab.value_rows:
            if row.estimator != "k3":
                continue
            bounds = {"none": (1, 1), "weighted": (0, mpmath.inf), "clipped": (0.8, 1.2)}[row.weight]
            values = [min(max(a / c, bounds[0]), bounds[1]) * (b / a - 1 - mpmath.log(b / a)) for a, b, c in drawn]
            mean = mpmath.fsum(c * v for (*_, c), v in zip(drawn, values, strict=True))
            sd = mpmath.sqrt(mpmath.fsum(c * (v - mean) ** 2 for (*_, c), v in zip(drawn, values, strict=True)))
            assert math.isfinite(row.mean) == (row.weight in finite), row
            if row.weight in finite:
                assert row.mean == pytest.approx(float(mean), rel=1e-12)
                assert row.sd == pytest.approx(float(sd), rel=1e-12)
    assert kl == pytest.approx(lab.kl_divergence, rel=1e-12)


def test_a_gradient_beyond_floats_is_not_called_infinite() -> None:
    """Of the draw with p = 1e-320, q/p is 5e319; the expectation of k3 in the loss is p − q all the same."""
    lab = mcdiv.policy([1e-320, 1.0], [0.5, 0.5])
    verdicts = {row.name: row.verdict for row in lab.gradient_rows}
    assert verdicts["k3 in the loss"] == verdicts["k3 in the reward"] == "beyond floats"
    assert verdicts["k2 in the loss"] == "exact on-policy only"
    assert any(said.startswith("Infinite or undefined, or beyond the largest float, with") for said in lab.sentences)
    zero = mcdiv.policy([0.0, 1.0], [0.5, 0.5], [0.3, 0.7])
    assert {row.name: row.verdict for row in zero.gradient_rows}["k3 in the loss"] == "infinite"
    assert any(said.startswith("Infinite or undefined with probability 0.3") for said in zero.sentences)


def test_sequences_beyond_floats_have_their_mean_and_their_spread() -> None:
    """One token with p = 1e-320 and q = 1/2: k3 is q/p − 1 − ln(q/p) with probability p, else ln 2 − 1/2."""
    lab = mcdiv.policy_sequences(steps_policy=[1e-320], steps_reference=[0.5])
    with mpmath.workdps(40):
        sd = float(mpmath.mpf("0.5") / mpmath.sqrt(mpmath.mpf(1e-320)))
    for row in lab.value_rows:
        if "k3" in row.estimator:
            assert (row.mean, row.sd) == pytest.approx((math.log(2), sd), rel=1e-12), row
    found = {row.entry.name: row.verdict for row in lab.gradient_rows}
    assert found["k3 in loss, summed over tokens"] == "beyond floats"
    assert any(said.startswith("Beyond the largest float with probability 9.99989e−321: k3") for said in lab.sentences)


def test_nothing_is_exact_where_the_divergence_has_no_gradient() -> None:
    """What the reference cannot draw is never drawn from O either: every estimate is finite, and KL is not."""
    lab = mcdiv.policy([0.5, 0.5], [1.0, 0.0], [1.0, 0.0])
    assert not any(row.exact_here for row in lab.gradient_rows)
    assert "No row is exact here." in lab.sentences
    assert {row.name: row.verdict for row in lab.gradient_rows}["k2 in the loss, weight detached"] == (
        "exact where all is drawn"
    )
    of_sequences = mcdiv.policy_sequences(steps_policy=[0.6, 0.3], steps_reference=[0.5, 0], drawn_from=[0.5, 0])
    assert "No row is exact here." in of_sequences.sentences
