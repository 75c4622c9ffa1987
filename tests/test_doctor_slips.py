"""Each slip by a value of its own, written out or from SciPy; pairs by one after the other; laws of samples."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial import distance

import mcdiv
from mcdiv.diagnosis import sample
from mcdiv.diagnosis.candidates import candidates_of
from mcdiv.diagnosis.contract import Slip, slips
from mcdiv.diagnosis.formats import FORMATS
from mcdiv.diagnosis.given import side_of
from mcdiv.diagnosis.sample import samples_of
from mcdiv.diagnosis.window import window_of

P, Q = [0.45, 0.3, 0.2, 0.05], [0.6, 0.25, 0.1, 0.05]
#: not divided by their sums
ODD_P, ODD_Q = [0.5, 0.4, 0.3], [0.2, 0.2, 0.2]
#: logits
Z_P, Z_Q = [1.1, 0.3, -0.7], [0.2, 1.3, -2.9]


def total(term: Callable[[float, float], float], p: Sequence[float] = P, q: Sequence[float] = Q) -> float:
    return math.fsum(itertools.starmap(term, zip(p, q, strict=True)))


def kl(p: Sequence[float], q: Sequence[float]) -> float:
    return total(lambda a, b: a * math.log(a / b), p, q)


def softmax(z: Sequence[float], temperature: float = 1.0) -> list[float]:
    weights = [math.exp(x / temperature) for x in z]
    return [weight / math.fsum(weights) for weight in weights]


def by_sum(x: Sequence[float]) -> list[float]:
    return [each / math.fsum(x) for each in x]


def logs(x: Sequence[float]) -> list[float]:
    return [math.log(each) for each in x]


def half(x: float) -> float:
    return float(np.float16(x))


M = [(a + b) / 2 for a, b in zip(P, Q, strict=True)]
#: the name of a slip → its value for P and Q
VALUES = {
    "bits_the_wrong_way": kl(P, Q) * math.log(2),
    "perplexity": math.exp(kl(P, Q)),
    "half_jeffreys": (kl(P, Q) + kl(Q, P)) / 2,
    "js_distance": distance.jensenshannon(P, Q),
    "js": (kl(P, M) + kl(Q, M)) / 2,
    "hellinger": math.sqrt(total(lambda a, b: (math.sqrt(a) - math.sqrt(b)) ** 2) / 2),
    "chi_squared": total(lambda a, b: (a - b) ** 2 / b),
    "k1_over_q": -kl(Q, P),
    "k2": total(lambda a, b: a * math.log(a / b) ** 2 / 2),
    "k2_over_q": total(lambda a, b: b * math.log(a / b) ** 2 / 2),
    "k3_over_q": total(lambda a, b: b * (b / a - 1 - math.log(b / a))),
    "k3_of_the_inverse_ratio": total(lambda a, b: a * (a / b - 1 - math.log(a / b))),
    "k3_of_the_inverse_ratio_over_q": kl(Q, P),
    "js_by_k3_over_q": total(
        lambda a, b: b * sum(x / ((a + b) / 2) - 1 - math.log(x / ((a + b) / 2)) for x in (a, b)) / 2
    ),
    "pytorch_probabilities": total(lambda a, b: float(special.xlogy(a, a)) - a * b),
    "pytorch_log_target": total(lambda a, b: math.exp(a) * (a - math.log(b))),
    "entropy": stats.entropy(P),
    "swapped": stats.entropy(Q, P),
    "softmax_of_probabilities(of=q)": kl(P, softmax(Q)),
    "softmax_of_probabilities(of=p)": kl(softmax(P), Q),
    "temperature_on_logprobs(temperature=0.7, of=p)": kl([a ** (1 / 0.7) for a in P], Q),
    "temperature_on_logprobs(temperature=2, of=both)": kl([a**0.5 for a in P], [b**0.5 for b in Q]),
    "other_temperature(temperature=0.7, of=q)": kl(P, softmax(logs(Q), 0.7)),
    "other_temperature(temperature=1.5, of=both)": kl(softmax(logs(P), 1.5), softmax(logs(Q), 1.5)),
    "added(eps=1e-07, of=q)": kl(P, [b + 1e-7 for b in Q]),
    "added_and_normalised(eps=1e-07, of=both)": kl(by_sum([a + 1e-7 for a in P]), by_sum([b + 1e-7 for b in Q])),
    "smoothed(eps=0.05, of=q)": kl(P, [0.95 * b + 0.05 / 4 for b in Q]),
    "smoothed_over_the_others(eps=0.2, of=p)": kl([0.8 * a + 0.2 * (1 - a) / 3 for a in P], Q),
    "rounded_logprobs(format=float16, of=p)": kl([math.exp(half(math.log(a))) for a in P], Q),
    "rounded_logprobs(format=float32, of=both)": kl(
        *[[math.exp(float(np.float32(math.log(a)))) for a in x] for x in (P, Q)]
    ),
    "rounded_logprobs_normalised(format=float16, of=q)": kl(P, by_sum([math.exp(half(math.log(b))) for b in Q])),
    "rounded_probabilities(format=float16, of=both)": kl([half(a) for a in P], [half(b) for b in Q]),
}
ODD = {
    "normalised": stats.entropy(ODD_P, ODD_Q),
    "scipy_kl_div": float(special.kl_div(ODD_P, ODD_Q).sum()),
    "kl_divergence": float(special.rel_entr(ODD_P, ODD_Q).sum()),
}
OF_LOGITS = {
    "logits_of_q_as_logprobs": kl(softmax(Z_P), [math.exp(z) for z in Z_Q]),
    "logits_of_both_as_logprobs": kl([math.exp(z) for z in Z_P], [math.exp(z) for z in Z_Q]),
    "rounded_logits_of_q(format=float16)": kl(softmax(Z_P), softmax([half(z) for z in Z_Q])),
    "rounded_logits_of_p(format=float16)": kl(softmax([half(z) for z in Z_P]), softmax(Z_Q)),
}


def values_by_name(p: Any, q: Any, kind: str | None = None) -> dict[str, float]:
    found = candidates_of(side_of("p", p, kind), side_of("q", q, kind))
    names = [" + ".join(slip.label for slip in each) or "kl_divergence" for each in found.slips]
    return dict(zip(names, found.values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("given", "values"), [((P, Q), VALUES), ((ODD_P, ODD_Q), ODD), ((Z_P, Z_Q, "logits"), OF_LOGITS)]
)
def test_each_slip_has_the_value_of_its_formula(given: Any, values: dict[str, float]) -> None:
    found = values_by_name(*given)
    assert {name: found[name] for name in values} == pytest.approx(values, rel=1e-11)


def test_floors_have_the_values_of_their_formulas() -> None:
    p, q, e = [0.5, 0.5 - 1e-9, 1e-9], [0.6, 0.4, 0.0], 1e-8
    found = values_by_name(p, q)
    up = [max(b, e) for b in q]
    both = [max(a, e) for a in p]
    assert found["clipped(eps=1e-08, of=q)"] == pytest.approx(kl(p, up), rel=1e-11)
    assert found["clipped(eps=1e-08, of=both)"] == pytest.approx(kl(both, up), rel=1e-11)
    assert found["clipped_and_normalised(eps=1e-08, of=q)"] == pytest.approx(kl(p, by_sum(up)), rel=1e-11)
    assert found["clipped_and_normalised(eps=1e-08, of=both)"] == pytest.approx(kl(by_sum(both), by_sum(up)), rel=1e-11)
    assert found["added(eps=1e-08, of=both)"] == pytest.approx(kl([a + e for a in p], [b + e for b in q]), rel=1e-11)
    assert found["added_and_normalised(eps=1e-08, of=q)"] == pytest.approx(kl(p, by_sum([b + e for b in q])), rel=1e-11)


def test_slips_without_a_value_of_their_own_here_have_one_elsewhere() -> None:
    """Every slip is in a table above or in the golden values."""
    known = {name.split("(", maxsplit=1)[0] for name in (*VALUES, *ODD, *OF_LOGITS)}
    golden = {"bits", "bans", "mean_over_categories", "negated", "cross_entropy", "jeffreys", "total_variation"}
    golden |= {"squared_hellinger", "absolute_terms", "negative_terms_dropped", "unweighted_mean", "sum_over_rows"}
    golden |= {"logarithm_of_zero", "pytorch_log_probabilities_as_target", "clipped", "clipped_and_normalised"}
    assert {slip.label.split("(", maxsplit=1)[0] for slip in slips()} == (known | golden) - {"kl_divergence"}


def one_after_the_other(made: Sequence[Slip], p: Any, q: Any) -> float:
    """The value of slips by their rules, one by one."""
    first, second, value, power = np.array([p]), np.array([q]), None, 1.0
    for slip in made:
        if slip.kind == "pair":
            first, second = slip.rule(first, second, **slip.given)
    for slip in made:
        if slip.kind == "quantity":
            given = {"p": first, "q": second, "r": np.log(first / second)}
            value, power = slip.rule(*(given[name] for name in slip.takes)), slip.unit_power
    if value is None:
        value = (first * np.log(first / second)).sum(axis=-1)
    for slip in made:
        if slip.kind == "number":
            given = {"x": value, "unit_power": np.array(power), "categories": np.array(len(p)), "rows": np.array(1)}
            value = slip.rule(*(given[name] for name in slip.takes))
    return float(value[0])


def test_two_slips_are_one_after_the_other() -> None:
    found = candidates_of(side_of("p", P), side_of("q", Q))
    pairs = [i for i, each in enumerate(found.slips) if len(each) == 2]
    assert len(pairs) > 4000
    with np.errstate(all="ignore"):
        for i in pairs[::7]:
            value = one_after_the_other(found.slips[i], P, Q)
            said = [slip.label for slip in found.slips[i]]
            assert found.values[i] == pytest.approx(value, rel=1e-9, abs=1e-14, nan_ok=True), said


def test_formats_round_as_they_do_in_numpy_and_bfloat16_to_the_nearest_even() -> None:
    values = np.random.default_rng(3).standard_normal(1000) * 10.0 ** np.arange(-10, 10).repeat(50)
    assert (FORMATS["float32"].rounded(values) == np.float32(values)).all()
    with np.errstate(over="ignore"):
        assert (FORMATS["float16"].rounded(values) == np.float16(values)).all()
    rounded = FORMATS["bfloat16"].rounded(values)
    apart = [abs(np.ldexp(1.0, math.frexp(x)[1] - 8)) for x in values]  # 8 bits: steps of 2^(e − 8)
    assert (np.abs(rounded - values) <= np.array(apart) / 2 * (1 + 1e-6)).all()
    assert FORMATS["bfloat16"].rounded(np.array([1 + 2**-8, 1 + 3 * 2**-8, -np.inf])).tolist() == [
        1,
        1 + 2**-6,
        -np.inf,
    ]


def mean_laws(p: Sequence[float], values: Sequence[float], draws: int) -> list[tuple[float, float]]:
    """Every mean of so many draws, with its probability."""
    return [
        (math.fsum(values[x] for x in drawn) / draws, math.prod(p[x] for x in drawn))
        for drawn in itertools.product(range(len(p)), repeat=draws)
    ]


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.3, 0.2], [0.4, 0.35, 0.25]),
        # with ties at 0
        ([1 / 3, 1 / 3, 1 / 3], [1 / 6, 1 / 3, 1 / 2]),
        ([0.25, 0.25, 0.5], [0.5, 0.125, 0.375]),
    ],
)
def test_the_laws_of_a_sample_are_those_of_all_its_outcomes(p: list[float], q: list[float]) -> None:
    window = window_of("0.01")
    k1, k2, k3 = samples_of(np.array(p), np.array(q), 6, window)
    ratios = [b / a for a, b in zip(p, q, strict=True)]
    for found, values in (
        (k1, [-math.log(r) for r in ratios]),
        (k2, [math.log(r) ** 2 / 2 for r in ratios]),
        (k3, [r - 1 - math.log(r) for r in ratios]),
    ):
        law = mean_laws(p, values, 6)
        assert found.negative.method == "exact"
        assert found.negative.probability == pytest.approx(math.fsum(w for x, w in law if x < -1e-14), rel=1e-10)
        assert found.at_most is not None
        assert found.at_least is not None
        assert found.at_most.probability == pytest.approx(math.fsum(w for x, w in law if x <= window.high), rel=1e-10)
        assert found.at_least.probability == pytest.approx(math.fsum(w for x, w in law if x >= window.low), rel=1e-10)
        mean = math.fsum(x * w for x, w in law)
        assert found.mean == pytest.approx(mean, rel=1e-10)
        assert found.sd == pytest.approx(math.sqrt(math.fsum((x - mean) ** 2 * w for x, w in law)), rel=1e-10)


def test_a_draw_that_q_excludes_is_never_below_anything() -> None:
    k1, _, _ = samples_of(np.array([0.6, 0.3, 0.1]), np.array([0.7, 0.3, 0.0]), 5, window_of("-0.1"))
    # Without the third category, each first one gives ln(6/7) < 0 and each second 0.
    assert k1.negative.probability == pytest.approx(0.9**5 - 0.3**5, rel=1e-11)
    assert k1.at_least is not None
    low = [n for n in range(6) if n * math.log(6 / 7) / 5 >= -0.15]
    expected = 1 - 0.9**5 + math.fsum(math.comb(5, n) * 0.6**n * 0.3 ** (5 - n) for n in low)
    assert k1.at_least.probability == pytest.approx(expected, rel=1e-11)
    assert math.isinf(k1.sd)


@pytest.mark.parametrize("points", [2**18, 2**14, 2])
def test_a_probability_that_is_not_listed_is_within_its_bound(points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.55, 0.28, 0.17])
    exact = samples_of(p, q, 64, None)[0].negative
    monkeypatch.setattr(sample, "_MOST_LISTED", 0)
    monkeypatch.setattr(sample, "_MOST_POINTS", points)
    found = samples_of(p, q, 64, None)[0].negative
    assert found.method == ("normal" if points < 64 else "lattice")
    assert abs(found.probability - exact.probability) <= found.error
    assert found.error < (0.1 if points < 64 else 0.06)


@pytest.mark.parametrize("p", [[1.0], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [1 / 3] * 3, [0.2, 0.3, 0.1], [1e-320, 1.0]])
@pytest.mark.parametrize("got", [None, "0", "inf", "nan", "1e-300"])
def test_odd_pairs_have_a_diagnosis_without_a_warning(p: list[float], got: str | None) -> None:
    for q in (p, p[::-1], [1 / len(p)] * len(p)):
        found = mcdiv.doctor(p, q, got)
        assert found.checks
        assert all(math.isnan(match.value) == (got == "nan") for match in found.matches)
