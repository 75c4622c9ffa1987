"""Performance measures as entries: their values, their MCSEs, where they appear, what is refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small import scenario_of, small

from mcdiv import run
from mcdiv.core.outcomes import stream
from mcdiv.core.performance import ErrorSummary, Measured
from mcdiv.engine.limits import plan_problems
from mcdiv.engine.plan import plan_of
from mcdiv.measures.collected import collect, joined, simulated_measures
from mcdiv.measures.contract import MEASURES, measure, names_of
from mcdiv.measures.law import EstimateLaw, WeightedValues
from mcdiv.results.study_results import Results
from mcdiv.scenario.json_schema import scenario_schema
from mcdiv.scenario.model import read_scenario

Study = Callable[..., Results]
ASKED = ["median_bias", "mean_absolute_error", "median_absolute_error"]
CARD = """Some measure.

Formula: f
Valid:   always
MCSE:    none
Source:  this test
"""


def values_of(estimates: Any, weights: Any = None, replicates: float | None = None) -> WeightedValues:
    weights = np.ones(len(estimates)) if weights is None else np.asarray(weights, dtype=float)
    return WeightedValues(values=np.asarray(estimates, dtype=float), weights=weights, replicates=replicates)


def plugin(counts: tuple[int, ...]) -> Any:
    size = mpmath.mpf(sum(counts))
    return -sum(n / size * mpmath.log(n / size) for n in counts if n)


def median(law: list[tuple[Any, Any]]) -> Any:
    """The middle of all values with P(X ≤ m) ≥ 1/2 and P(X ≥ m) ≥ 1/2."""
    half = mpmath.mpf("0.5")
    middle = [
        x for x, _ in law if sum(w for y, w in law if y <= x) >= half and sum(w for y, w in law if y >= x) >= half
    ]
    return (min(middle) + max(middle)) / 2


@pytest.mark.parametrize("size", [5, 10])
def test_exact_values_are_those_of_the_law_that_mpmath_lists(study: Study, size: int) -> None:
    with mpmath.workdps(40):
        p = mpmath.mpf("0.3")
        truth = -(p * mpmath.log(p) + (1 - p) * mpmath.log(1 - p))
        law = [
            (plugin((k, size - k)) - truth, mpmath.binomial(size, k) * p**k * (1 - p) ** (size - k))
            for k in range(size + 1)
        ]
        # Both orders of the counts give one estimate.
        law = [(mpmath.mpf(mpmath.nstr(error, 30)), weight) for error, weight in law]
        sizes = [(abs(error), weight) for error, weight in law]
        wanted = [median(law), sum(error * weight for error, weight in sizes), median(sizes)]
    (row,) = study(
        truth={"coin": 0.3}, model=None, sample_sizes=[size], estimators=["plugin"], measures=ASKED, mode="exact"
    ).rows
    for name, value in zip(ASKED, wanted, strict=True):
        assert row.exact[name] == pytest.approx(float(value), rel=1e-12, abs=1e-15), name


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_a_median_is_that_of_numpy_and_weights_stand_for_copies(count: int) -> None:
    estimates = stream(1, count).normal(size=count)
    assert values_of(estimates).quantile(0.5).value == pytest.approx(np.median(estimates), rel=1e-15)
    few = np.arange(5.0)
    times = np.array([3, 1, 4, 1, 5])
    for level in (0.1, 0.25, 0.5, 0.9):
        copies = np.quantile(np.repeat(few, times), level, method="averaged_inverted_cdf")
        assert values_of(few, times).quantile(level).value == copies


def test_infinite_estimates_have_a_place_in_a_quantile() -> None:
    law = EstimateLaw(
        values=np.array([0.2, 0.3, np.inf]), weights=np.array([0.3, 0.3, 0.4]), true_value=0.5, replicates=None
    )
    assert law.errors.quantile(0.5).value == pytest.approx(-0.2)
    assert law.errors.quantile(0.9).value == np.inf
    assert law.absolute_errors.quantile(0.5).value == pytest.approx(0.3)
    nowhere = EstimateLaw(values=law.values, weights=law.weights, true_value=np.inf, replicates=9)
    assert np.isnan(nowhere.errors.quantile(0.5).value)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.1, 0.5])
@pytest.mark.parametrize("law", [stats.norm, stats.expon])
def test_the_mcse_of_a_quantile_is_its_spread_over_runs(level: float, law: Any) -> None:
    runs, replicates = 500, 1000
    found = [
        values_of(law.ppf(stream(3, i).random(replicates)), replicates=replicates).quantile(level) for i in range(runs)
    ]
    # The sample quantile is asymptotically normal with sd √(p (1 − p)/R) / f(q).
    sd = np.sqrt(level * (1 - level) / replicates) / law.pdf(law.ppf(level))
    spread = np.std([one.value for one in found], ddof=1)
    assert spread == pytest.approx(sd, rel=5 / np.sqrt(2 * runs))
    assert np.mean([one.mcse for one in found]) == pytest.approx(sd, rel=0.05)
    within = np.mean([abs(one.value - law.ppf(level)) <= 2 * one.mcse for one in found])
    assert within == pytest.approx(0.954, abs=5 * np.sqrt(0.954 * 0.046 / runs))


def test_too_few_replicates_have_a_quantile_without_an_mcse() -> None:
    assert np.isnan(values_of([1, 2, 3, 4], replicates=4).quantile(0.5).mcse)
    assert values_of([1, 2, 3, 4, 5], replicates=5).quantile(0.5).mcse == 1.0


@pytest.mark.slow
def test_a_mean_of_a_feature_has_the_mcse_that_it_has_over_runs() -> None:
    runs, replicates = 400, 500
    found = []
    for i in range(runs):
        kept = collect(["mean_absolute_error"], stream(5, i).normal(size=replicates), np.ones(replicates), None, 0.0)
        found.append(simulated_measures(["mean_absolute_error"], kept, 0.0)["mean_absolute_error"])
    # |Z| has mean √(2/π) and variance 1 − 2/π.
    sd = np.sqrt((1 - 2 / np.pi) / replicates)
    assert np.mean([one.mcse for one in found]) == pytest.approx(sd, rel=0.02)
    assert np.mean([one.value for one in found]) == pytest.approx(np.sqrt(2 / np.pi), abs=5 * sd / np.sqrt(runs))
    assert np.std([one.value for one in found], ddof=1) == pytest.approx(sd, rel=5 / np.sqrt(2 * runs))


def test_a_function_of_features_has_the_mcse_of_the_delta_method() -> None:
    def ratio(square: float, size: float) -> float:
        return square / size

    ratio.__doc__ = CARD
    measure(unit_power=1, best="none", features={"square": np.square, "size": np.abs})(ratio)
    errors = stream(6, 1).exponential(size=1000)
    kept = collect(["ratio"], errors, np.ones(1000), None, 0.0)
    found = simulated_measures(["ratio"], kept, 0.0)["ratio"]
    x, y = errors**2, errors
    assert found.value == pytest.approx(x.mean() / y.mean(), rel=1e-12)
    influence = (x - found.value * y) / y.mean()
    assert found.mcse == pytest.approx(np.std(influence, ddof=1) / np.sqrt(1000), rel=1e-6)


def test_what_parts_collect_is_what_all_outcomes_collect() -> None:
    estimates, times = stream(7, 1).normal(size=90).round(1), stream(7, 2).integers(0, 4, size=90).astype(float)
    estimates[[3, 50]] = np.nan, np.inf
    whole = collect(ASKED, estimates, times, None, 0.25)
    parts = joined([collect(ASKED, estimates[i : i + 30], times[i : i + 30], None, 0.25) for i in (0, 30, 60)])
    one, other = (simulated_measures(ASKED, kept, 0.25) for kept in (whole, parts))
    for name in ASKED:
        assert one[name].value == pytest.approx(other[name].value, rel=1e-12)
        assert one[name].mcse == pytest.approx(other[name].mcse, rel=1e-9)


@pytest.mark.slow
def test_of_drawn_samples_they_are_those_of_the_saved_outcomes(folder: Path) -> None:
    values = small(
        truth={"zipf": {"k": 12}}, model=None, sample_sizes=[300], estimators=["plugin"], estimands="entropy",
        measures=ASKED, save="outcomes",
    )  # fmt: skip
    scenario, _ = read_scenario(values)
    assert scenario is not None
    (row,) = run(scenario, out="results", backend="serial").rows
    table = pd.read_csv("results/small/outcomes.csv")
    counts = table[[column for column in table.columns if re.fullmatch(r"n\d+|count.*\d+", column)]].to_numpy()
    assert counts.sum(axis=1).tolist() == [300] * len(table)
    pmf = 1 / np.arange(1, 13)
    errors = np.repeat(stats.entropy(counts, axis=1), table["weight"]) - stats.entropy(pmf)
    wanted = {
        "median_bias": np.median(errors),
        "mean_absolute_error": np.abs(errors).mean(),
        "median_absolute_error": np.median(np.abs(errors)),
    }
    for name, value in wanted.items():
        assert row.simulated[name].value == pytest.approx(value, rel=1e-10)
    again, more = (run(scenario, out="results", backend="serial", settings=()) for _ in range(2))
    assert again.tables["performance"].equals(more.tables["performance"])


@pytest.mark.slow
def test_what_a_measure_does_not_change_comes_from_the_ledger(folder: Path) -> None:
    values = small(
        truth={"zipf": {"k": 12}}, model=None, sample_sizes=[300], estimators=["plugin"], intervals=["delta"]
    )
    notes: list[str] = []
    for asked in ([], ["mean_absolute_error"], ["mean_absolute_error"]):
        scenario, _ = read_scenario(values | {"measures": asked} if asked else values)
        assert scenario is not None
        run(scenario, out="results", backend="serial", on_note=notes.append)
    # Exact values by linearity, and the intervals; then the estimates too.
    assert notes == ["2 of 3 blocks were there from earlier runs", "3 of 3 blocks were there from earlier runs"]


def test_a_study_without_them_has_the_same_numbers_and_no_more_rows(study: Study) -> None:
    plain, asked = (study(**some).tables["performance"] for some in ({}, {"measures": ASKED}))
    rest = asked[~asked["measure"].isin(ASKED)].reset_index(drop=True)
    assert rest.equals(plain)
    assert set(asked["measure"]) - set(plain["measure"]) == set(ASKED)


@pytest.mark.slow
def test_simulated_and_exact_means_of_features_agree(study: Study) -> None:
    for seed in range(5):
        rows = study(measures=["mean_absolute_error"], replicates=5000, seed=seed).rows
        found = [row.z("mean_absolute_error") for row in rows if not row.constant]
        assert all(abs(z) < 5 for z in found), found


def test_replicates_are_added_until_the_median_is_precise_enough(study: Study) -> None:
    until = {"until": {"measure": "median_bias", "mcse": 0.002}, "min": 1000, "max": "1e6"}
    results = study(
        truth={"zipf": {"k": 200}},
        model=None,
        sample_sizes=[50],
        estimators=["plugin"],
        replicates=until,
        mode="monte_carlo",
    )
    (row,) = results.rows
    assert 0 < row.simulated["median_bias"].mcse <= 0.002
    assert row.replicates < 10**6
    assert "median_bias" in set(results.tables["performance"]["measure"])


def test_a_check_asks_for_the_measure_that_it_names(study: Study) -> None:
    check = {"estimand": "entropy", "estimator": "plugin", "measure": "median_bias", "below": 1}
    (verdict,) = study(checks=[check]).checks
    assert verdict.met
    assert "median_bias size below 1 nats" in verdict.text


def test_a_scenario_reads_back_as_it_was_written() -> None:
    scenario = scenario_of(measures=ASKED)
    again, _ = read_scenario(scenario.as_written())
    assert again is not None and again.measures == scenario.measures == tuple(ASKED)
    assert again.as_written() == scenario.as_written()
    assert "measures" not in scenario_of().as_written()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"measures": ["median_biass"]}, "unknown measure 'median_biass'; did you mean 'median_bias'?"),
        ({"measures": [3]}, "expected a name, got 3"),
        ({"measures": ["median_bias", "median_bias"]}, "median_bias is given twice"),
        ({"measures": "coverage"}, "coverage is a measure of intervals; give 'intervals'"),
    ],
)
def test_what_is_no_measure_here_is_refused_in_one_line(given: dict[str, Any], said: str) -> None:
    _, problems = read_scenario(small(**given))
    assert [problem.words(lambda remedy: remedy.written) for problem in problems] == [said]
    assert problems[0].path[0] == "measures"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"replicates": 10**8},
            "median_bias needs every estimate, of which there would be up to 200,000,000, more than 33,554,432; use "
            "fewer replicates, conditions or estimators",
        ),
        (
            {"mode": "exact"},
            "no exact median_bias at zipf(k=1000, s=1), N = 100: too many outcomes to list; use 'both' or "
            "'monte_carlo'",
        ),
    ],
)
def test_what_would_need_too_much_is_refused_before_anything_runs(changes: dict[str, Any], said: str) -> None:
    large = {"truth": {"zipf": {"k": 1000}}, "model": None, "sample_sizes": [100], "measures": ["median_bias"]}
    assert [problem.message for problem in plan_problems(plan_of(scenario_of(**large, **changes)))] == [said]


def test_the_json_schema_has_every_measure() -> None:
    properties = scenario_schema()["properties"]
    assert set(MEASURES) == {one["const"] for one in properties["measures"]["anyOf"][0]["anyOf"]}
    assert {*MEASURES, "true_value"} == set(properties["checks"]["items"]["properties"]["measure"]["enum"])
    assert set(names_of()) <= set(json.dumps(properties["replicates"]).replace('"', " ").replace(",", " ").split())


def _of_something(something: object) -> Measured:
    raise AssertionError


def _of_errors(errors: ErrorSummary) -> Measured:
    return errors.bias


def _undocumented(errors: ErrorSummary) -> Measured:
    return errors.bias


def true_value(errors: ErrorSummary) -> Measured:
    return errors.bias


for _rule in (_of_something, _of_errors, true_value):
    _rule.__doc__ = CARD


@pytest.mark.parametrize(
    ("rule", "given", "said"),
    [
        (
            _of_something,
            {},
            "a measure has one argument, which is errors, controlled, law, interval, rejections or gain, or 'features'",
        ),
        (_of_errors, {"unit_power": 3}, "unit_power: expected 0, 1 or 2, got 3"),
        (_of_errors, {"best": "small"}, "best: expected one of zero, one, truth, level, test, sd, none, got 'small'"),
        (_of_errors, {"statistic": "sum"}, "statistic: expected one of mean, share, function, got 'sum'"),
        (_of_errors, {"features": {"size": np.abs}}, "its arguments are to be its features size; got errors"),
        (_undocumented, {}, "the docstring has no 'summary:'"),
        (true_value, {}, "'true_value' is what a check calls the estimand's own value; choose another name"),
    ],
)
def test_registration_refuses_what_an_entry_leaves_open(rule: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{Path(__file__).name}: {rule.__name__}: {said}")):
        measure(**({"unit_power": 1, "best": "zero"} | given))(rule)


def raising(law: EstimateLaw) -> Measured:
    raise ArithmeticError("no idea")


def bare(law: EstimateLaw) -> Any:
    return law.errors.quantile(0.5).value


for _rule in (raising, bare):
    _rule.__doc__ = CARD


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (raising, "raising raises ArithmeticError: no idea"),
        (bare, "bare returns a float, expected a Measured: a value with its MCSE"),
    ],
)
def test_a_measure_that_fails_is_refused_before_anything_runs(rule: Any, said: str) -> None:
    measure(unit_power=1, best="zero")(rule)
    assert [problem.message for problem in plan_problems(plan_of(scenario_of(measures=rule.__name__)))] == [said]


def test_no_measure_of_the_catalogue_fails_on_its_example() -> None:
    assert {entry.failure() for entry in MEASURES.values()} == {""}
