"""Thresholds: where a statistic alarms too often without drift, exactly and by simulation."""

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.significance.infinite import infinite_probability
from mcdiv.significance.null_design import NullDesign
from mcdiv.significance.null_law import computed_law
from mcdiv.significance.simulated_law import simulated_law

UNIFORM = [0.1] * 10
#: JS is the square of its distance; in base 2 that is over ln 2
JS_DISTANCE = 0.1**2 * math.log(2)
#: derived elsewhere, in exact rationals, from the 16,928 partitions of 40 into at most ten parts
OF_40 = {
    "psi": {0.1: 0.9309230847886019, 0.1773: 0.7030436536891759, 0.2: 0.6271508598748485, 0.25: 0.4525352964703838},
    "js": {JS_DISTANCE: 0.9911576486214104},
}
#: from the 6,292,069 partitions of 100, and from all pairs of outcomes of two samples from (0.5, 0.3, 0.2)
OF_100 = {
    "psi": {0.1: 0.39132238961482174, 0.2: 0.03270677275984939, 0.25: 0.008795657391567416},
    "js": {JS_DISTANCE: 0.7998973598040041},
}
THREE = [0.5, 0.3, 0.2]


@pytest.mark.parametrize(("n", "golden"), [(40, OF_40), pytest.param(100, OF_100, marks=pytest.mark.slow)])
def test_alarm_probabilities_of_ten_equal_categories_are_those_of_their_partitions(
    n: int, golden: dict[str, dict[float, float]]
) -> None:
    for statistic, values in golden.items():
        law = computed_law(NullDesign(statistic=statistic, p=np.array(UNIFORM), draws=n))
        assert law is not None
        for at, probability in values.items():
            assert law.at_least(at).value == pytest.approx(probability, rel=1e-12)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("given", "value", "alarm_rate"),
    [
        ({"n": 40, "rate": 0.05, "statistic": "kl"}, 0.2287447988298359, 0.04976303478056066),
        ({"n": 40, "rate": 0.01, "statistic": "kl"}, 0.29101762748700954, 0.009966101340573552),
        ({"n": 40, "rate": 0.05, "statistic": "js"}, 0.06473907396250168, None),
        ({"n": 40, "rate": 0.01, "statistic": "js"}, 0.08308979299415864, None),
        ({"n": 40, "rate": 0.05, "floor": 1e-4}, 0.931194575793722, None),
        ({"n": 40, "rate": 0.01, "floor": 1e-4}, 1.1004508975924174, None),
        ({"n": 40, "rate": 0.05}, math.inf, 0.0),
        ({"n": 20, "m": 20, "rate": 0.05}, 0.7658958645216769, 0.04994000970756299),
        ({"n": 20, "m": 20, "rate": 0.01}, math.inf, 0.0),
        ({"n": 20, "m": 20, "rate": 0.05, "statistic": "js"}, 0.08233298054946572, None),
        ({"n": 20, "m": 20, "rate": 0.01, "statistic": "js"}, 0.1261628430861506, None),
    ],
)
def test_exact_thresholds_are_those_derived_elsewhere(
    given: dict[str, Any], value: float, alarm_rate: float | None
) -> None:
    found = mcdiv.threshold(THREE if "m" in given else UNIFORM, **given)
    assert found.exact
    assert (found.mcse, found.alarm_rate_mcse) == (0, 0)
    assert found.value == pytest.approx(value, rel=1e-13)
    assert found.alarm_rate <= given["rate"]
    if alarm_rate is not None:
        assert found.alarm_rate == pytest.approx(alarm_rate, rel=1e-12)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("reference", "given", "value"),
    [
        (UNIFORM, {"n": 100, "rate": 0.05}, 0.18441328117039027),
        (UNIFORM, {"n": 100, "rate": 0.01}, 0.24494512787090134),
        (UNIFORM, {"n": 100, "rate": 0.05, "statistic": "kl"}, 0.08641868980107817),
        (UNIFORM, {"n": 100, "rate": 0.01, "statistic": "js"}, 0.02914550131901628),
        (THREE, {"n": 20, "m": 200, "rate": 0.05}, 0.3753508329939495),
        (THREE, {"n": 20, "m": 200, "rate": 0.05, "statistic": "js"}, 0.04496508881997768),
        (THREE, {"n": 100, "m": 100, "rate": 0.05}, 0.12234532222048408),
        (THREE, {"n": 100, "m": 100, "rate": 0.01}, 0.18941669413040205),
        (THREE, {"n": 100, "m": 100, "rate": 0.01, "statistic": "js"}, 0.023287031870725703),
    ],
)
def test_larger_exact_thresholds_are_those_derived_elsewhere(
    reference: list[float], given: dict[str, Any], value: float
) -> None:
    found = mcdiv.threshold(reference, **given)
    assert found.exact
    assert found.value == pytest.approx(value, rel=1e-12)


def test_the_chi_squared_threshold_stands_beside_the_exact_one_with_what_it_really_alarms() -> None:
    found = mcdiv.threshold(UNIFORM, n=40, rate=0.05)
    assert found.chi_squared == pytest.approx(0.4229744401155113, rel=1e-12)
    assert found.infinite == pytest.approx(0.14190342461422667, rel=1e-12)
    assert [alarm.at for alarm in found.alarms] == [0.1, 0.2, 0.25]
    assert [alarm.probability for alarm in found.alarms][2] == pytest.approx(0.4525352964703838, rel=1e-12)
    assert found.chi_squared_alarm_rate == pytest.approx(
        mcdiv.alarm_probability(UNIFORM, n=40, at=found.chi_squared + 1e-9), rel=1e-9
    )
    assert mcdiv.threshold(THREE, n=20, m=20).chi_squared == pytest.approx(0.5991464547107983, rel=1e-12)
    assert mcdiv.threshold(THREE, n=20, statistic="tv").chi_squared is None


def of_outcomes(p: list[Fraction], n: int, m: int) -> dict[float, Fraction]:
    """The law of KL(check‖reference) of two samples, from every outcome in exact probabilities."""

    def outcomes(draws: int) -> list[tuple[tuple[int, ...], Fraction]]:
        found = []
        for counts in itertools.product(range(draws + 1), repeat=len(p)):
            if sum(counts) == draws:
                ways = math.factorial(draws) // math.prod(map(math.factorial, counts))
                found.append((counts, ways * math.prod(q**k for q, k in zip(p, counts, strict=True))))
        return found

    law: dict[float, Fraction] = {}
    for (a, weight), (b, other) in itertools.product(outcomes(n), outcomes(m)):
        ratios = [(i, math.inf if not j else i * m / (j * n)) for i, j in zip(a, b, strict=True) if i]
        value = round(sum(i / n * math.log(ratio) for i, ratio in ratios), 9)
        law[value] = law.get(value, Fraction(0)) + weight * other
    return law


def test_a_threshold_is_the_smallest_value_that_is_exceeded_at_no_more_than_the_rate() -> None:
    law = of_outcomes([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)], 4, 6)
    infinite = float(law[math.inf])
    assert infinite == pytest.approx(
        mcdiv.threshold([1 / 2, 1 / 3, 1 / 6], n=4, m=6, statistic="kl", rate=0.3).infinite, rel=1e-12
    )
    for rate in (0.7, 0.5, 0.4, infinite + 1e-9, infinite - 1e-9):
        wanted = min(value for value in law if sum(w for v, w in law.items() if v > value) <= rate)
        found = mcdiv.threshold([1 / 2, 1 / 3, 1 / 6], n=4, m=6, statistic="kl", rate=rate)
        assert found.value == pytest.approx(wanted, abs=1e-8)
        assert found.alarm_rate == pytest.approx(float(sum(w for v, w in law.items() if v > wanted)), rel=1e-9)


@pytest.mark.parametrize("draws", [5, 13, 40])
@pytest.mark.parametrize("statistic", ["tv", "js", "g"])
def test_a_rate_that_a_value_has_exactly_is_kept_by_that_value(statistic: str, draws: int) -> None:
    """Of a fair coin they are sums of binomial coefficients over 2^N, which are floats without an error."""
    for fewest in range(1, draws // 2):
        rate = 2 * sum(math.comb(draws, k) for k in range(fewest)) / 2**draws
        found = mcdiv.threshold([0.5, 0.5], n=draws, rate=rate, statistic=statistic)
        x = fewest / draws
        m = (x + 0.5) / 2
        js = (x * math.log(x / m) + (1 - x) * math.log((1 - x) / (1 - m))) / 2
        js -= (math.log(2 * m) + math.log(2 * (1 - m))) / 4
        g = 2 * draws * (x * math.log(2 * x) + (1 - x) * math.log(2 * (1 - x)))
        assert found.value == pytest.approx({"tv": 0.5 - x, "js": js, "g": g}[statistic], rel=1e-10)
        assert found.alarm_rate == pytest.approx(rate, rel=1e-12)


def test_a_finite_threshold_keeps_to_the_rate_at_which_the_statistic_is_infinite() -> None:
    law = of_outcomes([Fraction(1, 3)] * 3, 2, 3)
    rate = float(law[math.inf])
    wanted = max(value for value in law if math.isfinite(value))
    found = mcdiv.threshold([1 / 3] * 3, n=2, m=3, rate=rate, statistic="kl")
    assert found.value == pytest.approx(wanted, abs=1e-8)
    assert mcdiv.threshold([1 / 3] * 3, n=2, m=3, rate=rate * (1 - 1e-9), statistic="kl").value == math.inf


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(("statistic", "second"), [("psi", None), ("psi", 9), ("kl", 9), ("kl", 300), ("psi", 300)])
def test_the_probability_of_infinity_is_that_of_the_outcomes(statistic: str, second: int | None) -> None:
    design = NullDesign(statistic=statistic, p=np.array([0.6, 0.3, 0.1]), draws=12, second=second)
    law = computed_law(design)
    assert law is not None
    assert infinite_probability(design) == pytest.approx(law.infinite.value, rel=1e-9)


@pytest.mark.parametrize(("statistic", "second"), [("psi", None), ("psi", 40), ("kl", 40), ("kl", 9)])
@pytest.mark.parametrize("shares", [[12, 4, 3, 1], [40, 30, 20, 8, 2], [97, 1, 1, 1]])
def test_infinity_is_as_probable_as_fractions_have_it(statistic: str, second: int | None, shares: list[int]) -> None:
    draws, total = 30, sum(shares)

    def exactly_unseen(size: int) -> dict[frozenset[int], Fraction]:
        """By inclusion and exclusion."""
        places = range(len(shares))
        subsets = [frozenset(some) for r in range(len(shares)) for some in itertools.combinations(places, r)]
        seen_none = {some: Fraction(total - sum(shares[k] for k in some), total) ** size for some in subsets}
        above = {some: [more for more in subsets if some <= more] for some in subsets}
        return {some: sum((-1) ** len(more - some) * seen_none[more] for more in above[some]) for some in subsets}

    first = exactly_unseen(draws)
    if second is None:
        wanted = 1 - first[frozenset()]
    else:
        others = exactly_unseen(second)
        finite = (lambda a, b: a == b) if statistic == "psi" else (lambda a, b: a >= b)
        wanted = 1 - sum(x * y for a, x in first.items() for b, y in others.items() if finite(a, b))
    p = np.array(shares) / total
    found = infinite_probability(NullDesign(statistic=statistic, p=p, draws=draws, second=second))
    assert found == pytest.approx(float(wanted), rel=1e-12)


def test_a_category_that_is_never_drawn_leaves_values_beyond_normal_floats() -> None:
    found = mcdiv.threshold([1e-320, 1.0], n=10, statistic="js")
    assert (found.value, found.alarm_rate) == pytest.approx((0, 0), abs=1e-300)


def test_a_tiny_probability_of_infinity_has_its_digits() -> None:
    found = infinite_probability(NullDesign(statistic="psi", p=np.array([0.9, 0.1]), draws=400))
    assert found == pytest.approx(0.9**400, rel=1e-9)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("p", "draws", "second", "rate"),
    [
        (UNIFORM, 40, None, 0.2),
        (UNIFORM, 60, None, 0.002),
        (THREE, 30, 40, 0.05),
        (THREE, 30, 30, 1e-4),
        ([0.7, 0.3], 50, 80, 1e-6),
    ],
)
@pytest.mark.parametrize("statistic", ["js", "g", "psi"])
def test_a_simulated_law_agrees_with_the_exact_one_however_small_the_rate(
    p: list[float], draws: int, second: int | None, rate: float, statistic: str
) -> None:
    design = NullDesign(statistic=statistic, p=np.array(p), draws=draws, second=second)
    exact, simulated = computed_law(design), simulated_law(design, rate, 20_000, 3)
    assert exact is not None
    for value in (exact.threshold(rate), exact.threshold(0.5)):
        if math.isfinite(value):
            share = simulated.above(value)
            assert abs(share.value - exact.above(value).value) <= 5 * share.mcse
    if math.isfinite(exact.threshold(rate)):
        assert simulated.above(exact.threshold(rate)).mcse < 0.2 * rate


@pytest.mark.slow
def test_where_two_samples_are_too_large_to_list_the_threshold_has_an_error() -> None:
    found = mcdiv.threshold(UNIFORM, n=100, m=100, rate=0.01, replicates=50_000)
    assert found.replicates == 50_000
    assert 0 < found.mcse < 0.01
    # of 4,000,000 pairs, elsewhere: values with their standard errors
    assert abs(found.value - 0.479) < 5 * math.hypot(found.mcse, 0.0005)
    shares = {0.1: (0.851267, 0.000178), 0.2: (0.394329, 0.000244), 0.25: (0.226779, 0.000209)}
    for alarm in found.alarms:
        share, error = shares[alarm.at]
        assert abs(alarm.probability - share) < 5 * math.hypot(alarm.mcse, error)


@pytest.mark.slow
@pytest.mark.unmeasured
def test_alarm_probabilities_of_two_samples_are_those_of_four_million_pairs() -> None:
    for at, share, error in [(0.1, 0.851267, 0.000178), (0.25, 0.226779, 0.000209)]:
        found = mcdiv.alarm_probability(UNIFORM, n=100, m=100, at=at)
        assert abs(found - share) < 5 * math.hypot(error, math.sqrt(share * (1 - share) / 1e6))


@pytest.mark.slow
def test_counts_are_a_second_sample_unless_they_are_known() -> None:
    counts = [50, 30, 20]
    sampled, known = mcdiv.threshold(counts, n=20), mcdiv.threshold(counts, n=20, known=True)
    assert (sampled.m, known.m) == (100, None)
    assert sampled.value == mcdiv.threshold(THREE, n=20, m=100).value
    assert known.value == pytest.approx(mcdiv.threshold(THREE, n=20).value, rel=1e-13)
    assert repr(known).startswith("<mcdiv.Threshold of psi, n = 20: ")


def test_rare_alarms_of_a_lopsided_coin_have_their_digits() -> None:
    found = mcdiv.threshold([1 - 1e-9, 1e-9], n=5, statistic="kl")
    assert found.value == pytest.approx(1e-9, rel=1e-6)
    assert found.alarm_rate == pytest.approx(-math.expm1(5 * math.log1p(-1e-9)), rel=1e-12)


def test_a_coin_of_a_billion_draws_is_exact() -> None:
    found = mcdiv.threshold([0.5, 0.5], n=10**9)
    assert found.exact
    assert found.alarm_rate == pytest.approx(0.05, rel=1e-3)
    assert found.value == pytest.approx(found.chi_squared, rel=1e-3)


def test_a_category_that_cannot_occur_changes_nothing() -> None:
    assert mcdiv.threshold([0.5, 0.0, 0.3, 0.2], n=20).value == mcdiv.threshold(THREE, n=20).value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reference": [1.0, 0.0]}, "reference: expected at least two categories that can occur, got 1"),
        ({"reference": [0.5, 0.6]}, "reference sums to 1.1; probabilities must sum to 1"),
        ({"reference": [5, -1]}, r"reference\[1\] is -1"),
        ({"reference": [[1, 2], [3, 4]]}, r"expected one pmf or the counts of one sample, got shape \(2, 2\)"),
        ({"reference": "abc"}, "reference: expected numbers"),
        ({"rate": 0}, "rate: expected a number between 0 and 1, got 0"),
        (
            {"reference": [5] * 200, "n": 1000, "statistic": "js", "rate": 1e-20, "replicates": 1000},
            "rate: 1e-20 is too small for 1,000 replicates; give more",
        ),
        ({"n": 0}, r"n: expected a whole number from 1 to 10\^9, got 0"),
        ({"n": 10**9 + 1}, "n: expected a whole number from 1"),
        ({"m": 1.5}, "m: expected a whole number from 1"),
        ({"statistic": "ps"}, "unknown statistic 'ps'; did you mean 'psi'"),
        ({"statistic": "js", "floor": 1e-4}, "floor: is for psi, got js"),
        ({"reference": [60, 40], "m": 50}, "a sample of 100 draws, and m = 50 is given"),
        ({"at": -1}, "at: expected a number >= 0, got -1"),
    ],
)
def test_what_does_not_fit_is_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mcdiv.threshold(**{"reference": THREE, "n": 10} | given)


WIDE = "feature,a,b,c\nx,40,30,30\ny,10,60,30\n"


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_reference_may_have_any_layout_that_estimate_reads(mcdiv_command: Command, folder: Path) -> None:
    (folder / "wide.csv").write_text(WIDE)
    rows = [row.split(",") for row in WIDE.split()[1:]]
    cells = [f"{feature},{name},{n}\n" for feature, *ns in rows for name, n in zip("abc", ns, strict=True)]
    (folder / "long.csv").write_text("feature,bin,n\n" + "".join(cells))
    options = ("-n", "100", "--replicates", "2000", "--json", "-q")
    of_rows = mcdiv_command("threshold", "wide.csv", "--samples", "rows", *options).stdout
    of_groups = mcdiv_command("threshold", "long.csv", "--by", "feature", "--column", "bin", "--weights", "n", *options)
    assert json.loads(of_rows) == json.loads(of_groups.stdout)
    found = mcdiv.thresholds(folder / "wide.csv", samples="rows", n=100, replicates=2000)
    assert [each.feature for each in found.features] == ["x", "y"]
    printed = [each["threshold"]["value"] for each in json.loads(of_rows)]
    assert [each.threshold.value for each in found.features] == printed


def test_missing_values_of_a_reference_are_left_out_where_that_is_said(mcdiv_command: Command, folder: Path) -> None:
    (folder / "votes.csv").write_text("vote\n" + "A\n" * 30 + "NA\n" * 5 + "B\n" * 20)
    options = ("-n", "50", "--replicates", "2000", "-q")
    assert "'NA', which may be a missing value" in mcdiv_command("threshold", "votes.csv", *options, code=2).stderr
    told = mcdiv_command("threshold", "votes.csv", "--missing", "drop", *options).stdout
    assert "5 rows without a value left out" in told
    assert "50 and 50" in told
    said = mcdiv_command("threshold", "uniform: {k: 3}", "-n", "9", "--missing", "drop", code=2).stderr
    assert "is a known reference" in said
