"""Joint alphabets: mutual information and conditional entropy, their estimators, exact values, intervals, studies."""

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pandas as pd
import pytest
from cases import examples, quick
from conftest import Command
from hypothesis import given, settings
from hypothesis import strategies as some
from small import scenario_of, small

import mcdiv
from mcdiv.core.arrays import Array, Counts, Nats, Pmf, Sample
from mcdiv.core.outcomes import draw_outcomes, levels_drawn, stream
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.exact import SamplingDesign, exact_bias, exact_variance
from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.estimands.contract import ESTIMANDS, estimand, estimand_of
from mcdiv.estimators.contract import estimator
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.registry import entries, find
from mcdiv.files.yaml_text import ScenarioText, write_text
from mcdiv.intervals.contract import INTERVALS
from mcdiv.results.loading import parse
from mcdiv.results.run import run
from mcdiv.scenario.model import read_scenario
from mcdiv.testing import check_estimator

COINS = [[0.25, 0.25], [0.25, 0.25]]
#: neither symmetric nor square, with a pair that cannot occur
OTHER = [[0.3, 0.1, 0.05], [0.05, 0.0, 0.5]]
TABLE = [[18, 7, 1], [6, 12, 5], [2, 9, 12]]
JOINT = [entry for entry in ESTIMANDS.values() if entry.needs_joint]
LIFTS = [entry for entry in entries() if entry.entropies is not None]
#: parameters that an estimator cannot do without
GIVEN: dict[str, dict[str, Any]] = {"additive": {"alpha": 0.5}, "bayes": {"alpha": 0.5}}
INFO, COND = "mutual_information", "conditional_entropy"


# --- values ---


def test_a_table_of_seventy_two_draws_has_the_values_of_an_independent_derivation() -> None:
    found = {
        name: float(mcdiv.estimate(INFO, TABLE, estimator=name)) for name in ("plugin", "miller_madow", "jackknife")
    }
    assert found == pytest.approx(
        {"plugin": 0.1969815687135586, "miller_madow": 0.1692037909357808, "jackknife": 0.15915020617506848}, rel=1e-13
    )
    assert float(mcdiv.estimate(INFO, TABLE, estimator="zhang")) == pytest.approx(0.1668714505859068, rel=1e-13)
    assert float(mcdiv.estimate(INFO, TABLE, estimator="plugin", units="bits")) == pytest.approx(0.28418433232957957)
    assert float(mcdiv.estimate(COND, TABLE, estimator="plugin")) == pytest.approx(0.8846994403636743, rel=1e-14)


def test_the_conditional_entropy_is_that_of_the_column_where_the_row_is_known() -> None:
    table = np.array([[30, 10], [20, 40]])
    assert float(mcdiv.estimate(COND, table, estimator="plugin")) == pytest.approx(0.60684255882441, rel=1e-13)
    assert float(mcdiv.estimate(COND, table.T, estimator="plugin")) == pytest.approx(0.58670704527372, rel=1e-13)
    assert float(mcdiv.estimate(INFO, table, estimator="plugin")) == pytest.approx(0.086304621735534, rel=1e-13)
    assert float(mcdiv.estimate(INFO, table, estimator="miller_madow")) == pytest.approx(0.081304621735534, rel=1e-13)


@pytest.mark.parametrize("size, bias", [(10, 0.064958393047372), (20, 0.027687193339009)])
def test_two_independent_coins_seem_to_say_this_much_of_each_other(size: int, bias: float) -> None:
    found = mcdiv.exact_performance(INFO, estimator="plugin", truth=COINS, sample_size=size)
    assert found.true_value == 0
    assert found.bias == pytest.approx(bias, rel=1e-13)


tables = some.tuples(some.integers(1, 4), some.integers(1, 4)).flatmap(
    lambda shape: some.lists(
        some.lists(some.sampled_from([0, 1e-200, 1e-9, 0.1, 0.5, 1]), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    ).filter(lambda rows: sum(map(sum, rows)) > 0.05)
)


@examples(50)
@given(tables)
@mpmath.workdps(500)
def test_both_have_the_digits_of_their_definitions_with_five_hundred_digits(rows: list[list[float]]) -> None:
    joint = np.array(rows) / np.sum(rows)
    exact = [[mpmath.mpf(float(cell)) for cell in row] for row in joint]
    total = mpmath.fsum(itertools.chain.from_iterable(exact))
    exact = [[cell / total for cell in row] for row in exact]
    across = [mpmath.fsum(row) for row in exact]
    down = [mpmath.fsum(column) for column in zip(*exact, strict=True)]
    cells = [(p, x, y) for row, x in zip(exact, across, strict=True) for p, y in zip(row, down, strict=True) if p]
    information = mpmath.fsum(p * mpmath.log(p / (x * y)) for p, x, y in cells)
    conditional = mpmath.fsum(-p * mpmath.log(p / x) for p, x, _ in cells)
    assert float(ESTIMANDS[INFO].value(joint.ravel(), None, joint.shape)) == pytest.approx(
        float(information), rel=1e-10, abs=1e-30
    )
    assert float(ESTIMANDS[COND].value(joint.ravel(), None, joint.shape)) == pytest.approx(
        float(conditional), rel=1e-10, abs=1e-14
    )


def test_information_near_independence_loses_no_digits() -> None:
    step = 1e-9
    joint = np.array([[0.25 + step, 0.25 - step], [0.25 - step, 0.25 + step]])
    t = mpmath.mpf(float(joint[0, 0] - joint[0, 1])) * 2
    with mpmath.workdps(50):
        exact = ((1 + t) * mpmath.log1p(t) + (1 - t) * mpmath.log1p(-t)) / 2
    assert float(ESTIMANDS[INFO].value(joint.ravel(), None, (2, 2))) == pytest.approx(float(exact), rel=1e-6)
    assert float(mcdiv.estimate(INFO, [[6, 3, 9], [2, 1, 3]], estimator="plugin")) <= 1e-30


@settings(deadline=None)
@given(tables)
def test_an_estimand_of_pairs_is_within_its_range_and_row_by_row_the_same(rows: list[list[float]]) -> None:
    joint = np.array(rows) / np.sum(rows)
    moved = joint[::-1, ::-1]
    wider = np.pad(joint, [(0, 1), (0, 2)])
    for entry in JOINT:
        value = float(entry.value(joint.ravel(), None, joint.shape))
        least, most = entry.range(joint.size, None)
        assert least <= value <= most + 1e-12
        both = entry.value(np.stack([joint.ravel(), moved.ravel()]), None, joint.shape)
        assert both == pytest.approx([value, value], rel=1e-12, abs=1e-14)
        assert float(entry.value(wider.ravel(), None, wider.shape)) == pytest.approx(value, rel=1e-12, abs=1e-14)


# --- estimators ---


def value(entry: Estimator, tables: Any, dtype: type = np.int64) -> Nats:
    counts = np.asarray(tables, dtype=dtype)
    flat = counts.reshape(*counts.shape[:-2], -1)
    return entry.evaluate(Sample(counts=flat, shape=counts.shape[-2:]), GIVEN.get(entry.name, {}))


def test_every_entropy_estimator_estimates_every_sum_of_entropies() -> None:
    of_entropy = [entry.name for entry in entries() if entry.estimand == "entropy"]
    assert sorted((entry.name, entry.estimand) for entry in LIFTS) == sorted(
        itertools.product(of_entropy, (INFO, COND))
    )


SOME_TABLES = [TABLE, [[1, 0, 0], [0, 0, 0], [0, 0, 0]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]], [[10**9, 1, 0]] * 3]


@pytest.mark.parametrize("entry", quick(10, LIFTS), ids=lambda entry: f"{entry.name}-{entry.estimand}")
def test_a_lift_is_the_sum_of_the_entropies_of_its_margins_in_batches_and_one_by_one(entry: Estimator) -> None:
    entropy = find("entropy", entry.name, "sample")
    assert entropy is not None and entry.entropies is not None
    given = GIVEN.get(entry.name, {})
    counts = np.array(SOME_TABLES)
    before = counts.copy()
    together = value(entry, counts)
    assert (counts == before).all()
    for table, found in zip(counts, together, strict=True):
        parts = table.sum(axis=1), table.sum(axis=0), table.ravel()
        summed = sum(
            weight * float(entropy.evaluate(Sample(counts=part), given))
            for weight, part in zip(entry.entropies, parts, strict=True)
            if weight
        )
        assert found == pytest.approx(summed, rel=1e-11, abs=1e-12, nan_ok=True)
        assert float(value(entry, table)) == pytest.approx(found, rel=1e-12, abs=1e-13, nan_ok=True)
        assert float(value(entry, table[::-1, [1, 2, 0]])) == pytest.approx(found, rel=1e-9, abs=1e-11, nan_ok=True)
        assert math.isfinite(found) or "NaN" in entry.card.valid
    assert value(entry, [counts, counts])[1] == pytest.approx(together, rel=1e-12, abs=1e-13, nan_ok=True)
    assert value(entry, TABLE, np.int32) == pytest.approx(together[0], rel=1e-12)
    if Property.IGNORES_UNSEEN in entry.properties:
        assert float(value(entry, np.pad(TABLE, [(0, 1), (0, 2)]))) == pytest.approx(together[0], rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["miller_madow", "chao_shen"])
def test_the_laws_of_estimators_hold_for_tables_too(name: str) -> None:
    for target in (INFO, COND):
        entry = find(target, name, "sample")
        assert entry is not None
        check_estimator(entry)


@pytest.mark.slow
def test_bounds_of_an_entropy_are_not_claimed_of_a_sum_of_entropies() -> None:
    assert not any(
        {Property.NONNEGATIVE, Property.AT_MOST_LOG_K, Property.LINEAR} & entry.properties for entry in LIFTS
    )
    below = [entry.name for entry in LIFTS if entry.estimand == INFO and float(value(entry, [[2, 1], [1, 2]])) < -1e-9]
    assert "miller_madow" in below


def by_enumeration(entry: Estimator, joint: list[list[float]], size: int) -> tuple[float, float, float]:
    """Mean, variance and probability of the defined estimates over all tables, in plain Python."""
    cells, shape = np.ravel(joint), np.shape(joint)
    rows, weights = [], []
    for bars in itertools.combinations(range(size + len(cells) - 1), len(cells) - 1):
        ends = (-1, *bars, size + len(cells) - 1)
        counts = [b - a - 1 for a, b in itertools.pairwise(ends)]
        ways = math.factorial(size) // math.prod(map(math.factorial, counts))
        weight = ways * math.prod(float(p) ** n for p, n in zip(cells, counts, strict=True))
        if weight:
            rows.append(counts)
            weights.append(weight)
    found = value(entry, np.reshape(rows, (-1, *shape)))
    known = np.isfinite(found)
    share = math.fsum(np.array(weights)[known])
    mean = math.fsum(np.array(weights)[known] * found[known]) / share
    return mean, math.fsum(np.array(weights)[known] * (found[known] - mean) ** 2) / share, share


@pytest.mark.parametrize("name", ["plugin", "miller_madow", "chao_shen", "grassberger_1988", "laplace", "nsb"])
@pytest.mark.parametrize("target", [INFO, COND])
def test_exact_values_are_those_of_every_table_also_by_linearity(name: str, target: str) -> None:
    entry = find(target, name, "sample")
    assert entry is not None
    size = 4
    mean, variance, _ = by_enumeration(entry, OTHER, size)
    found = mcdiv.exact_performance(target, estimator=name, truth=OTHER, sample_size=size)
    truth = float(ESTIMANDS[target].value(np.ravel(OTHER), None, (2, 3)))
    assert found.true_value == pytest.approx(truth, rel=1e-15)
    assert found.mean == pytest.approx(mean, rel=1e-12)
    assert found.sd**2 == pytest.approx(variance, rel=1e-10)
    sampling = SamplingDesign.of(np.ravel(OTHER), None, size, shape=(2, 3))
    bias = exact_bias(entry, {}, sampling)
    if entry.entropy_terms is None:
        assert bias is None
    else:
        assert bias == pytest.approx(mean - truth, rel=1e-11)
    assert math.isnan(exact_variance(entry, {}, sampling))  # its parts depend on each other


def test_a_large_table_has_its_exact_bias_by_linearity_and_no_exact_spread() -> None:
    cells = np.full((30, 40), 1 / 1200)
    found = mcdiv.exact_performance(INFO, estimator="plugin", truth=cells, sample_size=500)
    parts = [
        mcdiv.exact_performance("entropy", estimator="plugin", truth=[1 / k] * k, sample_size=500).bias
        for k in (30, 40, 1200)
    ]
    assert found.bias == pytest.approx(parts[0] + parts[1] - parts[2], rel=1e-11)
    assert math.isnan(found.sd)


def test_all_that_is_certain_is_exactly_0() -> None:
    found = mcdiv.exact_performance(INFO, estimator="plugin", truth=[[0.5, 0.5]], sample_size=50)
    assert (found.true_value, found.bias, found.sd) == (0, 0, 0)
    other = mcdiv.exact_performance(COND, estimator="miller_madow", truth=[[1 / 3], [2 / 3]], sample_size=10**6)
    assert (other.true_value, other.bias) == (0, 0)


# --- new entries ---


def variation(joint: Pmf) -> Array:
    """What is not shared: a metric of partitions.

    Formula: VI = H(X|Y) + H(Y|X) = 2 H(X, Y) − H(X) − H(Y)
    Valid:   any P over pairs
    Source:  Meila (2003), Comparing clusterings by the variation of information
    """
    cells = joint.reshape(*joint.shape[:-2], -1)
    both = mcdiv.entropy(cells)
    return np.asarray(2 * both - mcdiv.entropy(joint.sum(axis=-1)) - mcdiv.entropy(joint.sum(axis=-2)))


def agreement(joint: Pmf) -> Array:
    """The probability that both are the same.

    Formula: Σ p(x, x)
    Valid:   any P over pairs
    Source:  by definition
    """
    return np.asarray(np.trace(joint, axis1=-2, axis2=-1))


def test_a_sum_of_entropies_is_entered_by_one_function_and_any_other_estimand_of_pairs_too() -> None:
    estimand(symbol="VI", entropies=(-1, -1, 2))(variation)
    found = mcdiv.exact_performance("variation", estimator="miller_madow", truth=OTHER, sample_size=3)
    of = {
        name: mcdiv.exact_performance(name, estimator="miller_madow", truth=OTHER, sample_size=3).mean
        for name in (INFO, COND)
    }
    back = mcdiv.exact_performance(COND, estimator="miller_madow", truth=np.transpose(OTHER), sample_size=3).mean
    assert found.mean == pytest.approx(of[COND] + back, rel=1e-12)
    estimand(symbol="A", unit_power=0)(agreement)
    assert float(mcdiv.estimate("agreement", [[3, 1], [2, 4]], estimator="plugin")) == 0.7
    assert float(mcdiv.estimate("agreement", [[3, 1], [2, 4]], estimator="laplace")) == pytest.approx(9 / 14)
    with pytest.raises(ValueError, match="miller_madow does not estimate agreement"):
        mcdiv.estimate("agreement", [[3, 1], [2, 4]], estimator="miller_madow")
    # Every cell is left out by itself: those with equal counts are not alike.
    values = [(3 + 4 - 1) / 9] * 7 + [7 / 9] * 3
    error = math.sqrt(0.9 * math.fsum((v - math.fsum(values) / 10) ** 2 for v in values))
    interval = mcdiv.interval("agreement", [[3, 3], [0, 4]], method="jackknife")
    assert float(interval.standard_error) == pytest.approx(error, rel=1e-12)


def test_an_estimator_of_pairs_takes_tables() -> None:
    @estimator(INFO, reference_values=[], properties=set())
    def corner(counts: Counts) -> Nats:
        """The share of the first cell.

        Formula: n₀₀/N
        Valid:   N ≥ 1
        Source:  this test
        """
        return np.asarray(counts[..., 0, 0] / counts.sum(axis=(-2, -1)))

    assert mcdiv.estimate(INFO, [TABLE, [[1, 0, 0]] * 3], estimator="corner").tolist() == [0.25, 1 / 3]


@pytest.mark.parametrize(
    "rule, options, said",
    [
        (agreement, {"additive": True}, "'additive' and 'slopes' are for the arguments 'p' and 'q'"),
        (lambda p: p, {"entropies": (1, 1, -1)}, "a sum of H(X), H(Y) and H(X, Y) needs the argument 'joint'"),
        (agreement, {"divergence": True}, "a divergence needs the argument 'q'"),
    ],
)
def test_an_estimand_of_pairs_that_contradicts_itself_is_refused(
    rule: Callable[..., Array], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        estimand(symbol="x", **options)(rule)


# --- standard errors and intervals ---


def test_standard_errors_are_those_of_an_independent_derivation() -> None:
    assert float(mcdiv.standard_error(INFO, [[30, 10], [20, 40]], method="delta")) == pytest.approx(0.039484450170865)
    assert float(mcdiv.standard_error(INFO, TABLE, method="jackknife")) == pytest.approx(0.07582451325484128, rel=1e-12)
    given_x = np.array([[0.75, 0.25], [1 / 3, 2 / 3]])
    surprisal, p = -np.log(given_x), np.array([[0.3, 0.1], [0.2, 0.4]])
    by_hand = math.sqrt(((p * surprisal**2).sum() - (p * surprisal).sum() ** 2) / 100)
    assert float(mcdiv.standard_error(COND, [[30, 10], [20, 40]], method="delta")) == pytest.approx(by_hand, rel=1e-12)
    assert float(mcdiv.standard_error(INFO, [[6, 3, 9], [2, 1, 3]], method="delta")) == 0


@pytest.mark.parametrize("target", [INFO, COND])
@pytest.mark.parametrize("name", ["plugin", "chao_shen"])
def test_the_jackknife_leaves_out_every_draw_of_a_table_once(target: str, name: str) -> None:
    table = np.array([[3, 1, 1], [0, 2, 3]])
    values = []
    for cell in zip(*np.nonzero(table), strict=True):
        less = table.copy()
        less[cell] -= 1
        values += [float(mcdiv.estimate(target, less, estimator=name))] * int(table[cell])
    size = len(values)
    error = math.sqrt((size - 1) / size * math.fsum((v - math.fsum(values) / size) ** 2 for v in values))
    found = mcdiv.interval(target, table, method="jackknife", estimator=name)
    assert float(found.standard_error) == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("method", ["delta", "jackknife", "bootstrap_basic", "bootstrap_percentile", "bootstrap_bca"])
@pytest.mark.filterwarnings("ignore:bootstrap_percentile")
def test_an_interval_of_a_batch_is_that_of_each_table(method: str) -> None:
    given = {"resamples": 200} if method.startswith("bootstrap") else {}
    several = [[[5, 1, 0], [2, 2, 3]], [[1, 1, 1], [4, 0, 2]]]
    found = mcdiv.interval(INFO, several, method=method, **given)
    for place, table in enumerate(several):
        alone = mcdiv.interval(INFO, table, method=method, **given)
        for part in ("low", "high", "estimate", "standard_error"):
            assert float(getattr(alone, part)) == pytest.approx(getattr(found, part)[place], rel=1e-11, nan_ok=True)


@pytest.mark.slow
def test_a_bootstrap_of_a_table_is_over_all_its_resamples() -> None:
    table = np.array([[2, 1], [0, 1]])
    draws = [(0, 0), (0, 0), (0, 1), (1, 1)]
    values = []
    for chosen in itertools.product(draws, repeat=4):
        again = np.zeros((2, 2), dtype=int)
        for cell in chosen:
            again[cell] += 1
        values.append(float(mcdiv.estimate(INFO, again, estimator="plugin")))
    values.sort()
    found = mcdiv.interval(INFO, table, method="bootstrap_basic", level=0.8)
    estimate = float(mcdiv.estimate(INFO, table, estimator="plugin"))
    ends = [values[math.ceil(share * len(values) - 1e-6) - 1] for share in (0.9, 0.1)]
    assert [float(found.low), float(found.high)] == pytest.approx([2 * estimate - end for end in ends], abs=1e-12)


@pytest.mark.parametrize("method", ["bayes", "nsb", "clopper_pearson"])
def test_a_posterior_of_the_cells_is_not_one_of_the_lift(method: str) -> None:
    assert (INFO, "sample") not in INTERVALS[method].pairs()
    with pytest.raises(ValueError, match=f"{method} gives no interval for mutual_information from counts alone"):
        mcdiv.interval(INFO, [[3, 1], [1, 3]], method=method, **({"alpha": 1} if method == "bayes" else {}))


# --- what is refused ---


@pytest.mark.parametrize(
    "call, said",
    [
        (
            lambda: mcdiv.estimate(INFO, [3, 1], estimator="plugin"),
            "counts: expected a table, shape (..., rows, columns)",
        ),
        (lambda: mcdiv.estimate(INFO, [[0, 0], [0, 0]], estimator="plugin"), "counts has no draws"),
        (lambda: mcdiv.estimate(INFO, [TABLE, [[0] * 3] * 3], estimator="plugin"), "counts[1] has no draws"),
        (
            lambda: mcdiv.estimate(INFO, [[1, -1]], estimator="plugin"),
            "counts[0, 1] is -1; expected a whole number >= 0",
        ),
        (
            lambda: mcdiv.estimate(INFO, TABLE, estimator="plugin", alphabet_size=20),
            "alphabet_size: a table of counts has",
        ),
        (lambda: mcdiv.estimate(INFO, TABLE, estimator="plugin", q=[1 / 9] * 9), "mutual_information has no model"),
        (
            lambda: mcdiv.exact_performance(INFO, estimator="plugin", truth=[0.5, 0.5], sample_size=3),
            "truth: expected a table",
        ),
        (
            lambda: mcdiv.exact_performance(INFO, estimator="plugin", truth=[[0.5, 0.6]], sample_size=3),
            "truth sums to 1.1; probabilities must sum to 1",
        ),
        (
            lambda: mcdiv.exact_performance(INFO, estimator="plugin", truth=COINS, model=[1.0], sample_size=3),
            "mutual_information has no model: leave out model",
        ),
        (lambda: mcdiv.standard_error(INFO, TABLE, method="nsb"), "unknown method 'nsb'"),
        (lambda: ESTIMANDS[INFO].value(np.array([0.5, 0.5]), None), "mutual_information needs a joint alphabet"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_tables_of_pandas_are_taken_and_probabilities_divided_by_their_sum_where_asked() -> None:
    draws = pd.DataFrame({"x": list("aabbbc"), "y": list("uvuuvv")})
    table = pd.crosstab(draws["x"], draws["y"])
    assert float(mcdiv.estimate(INFO, table, estimator="plugin")) == pytest.approx(
        float(mcdiv.estimate(INFO, [[1, 1], [2, 1], [0, 1]], estimator="plugin")), rel=1e-15
    )
    halves = mcdiv.exact_performance(INFO, estimator="plugin", truth=[[1, 1], [1, 1]], sample_size=10, normalise=True)
    assert halves.bias == pytest.approx(0.064958393047372, rel=1e-13)


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"truth": {"coin": 0.5}, "estimands": [INFO]},
        "mutual_information needs a joint alphabet; give 'truth: {joint: {pmf:",
    ),
    ({"truth": {"joint": [[0.5, 0.5], [0.5]]}}, "expected a row as long as the first one, with 2 entries, got 1"),
    ({"truth": {"joint": [[0.5, 0.6]]}}, "sums to 1.1; probabilities must sum to 1 (within 1e-9)"),
    ({"truth": {"joint": [0.5, 0.5]}}, "expected a row of probabilities, got 0.5"),
    ({"truth": {"joint": 3}}, "expected a table of probabilities, such as [[0.4, 0.1], [0.1, 0.4]], got 3"),
    ({"truth": {"joint": [[0.5, "x"]]}}, "expected a probability in [0, 1], got 'x'"),
    (
        {"truth": {"joint": [[0.5, 0.5]]}, "model": {"joint": [[0.5], [0.5]]}},
        "joint(pmf=[[0.5], [0.5]]) is 2 × 1, truth is 1 × 2; they must be the same",
    ),
    (
        {"truth": {"joint": COINS}, "estimands": [INFO], "intervals": ["nsb"]},
        "nsb gives no interval for mutual_information",
    ),
]


@pytest.mark.parametrize("changes, said", WRONG, ids=[said for _, said in WRONG])
def test_a_scenario_that_does_not_fit_says_so(changes: dict[str, Any], said: str) -> None:
    values = small(**{"model": None, "estimators": ["plugin"], **changes})
    with pytest.raises(ScenarioError) as caught:
        parse(ScenarioText(source="s.yaml", values=values))
    assert said in str(caught.value)


def test_the_command_reads_no_tables_of_pairs_and_says_what_does(mcdiv_command: Command, folder: Path) -> None:
    (folder / "table.csv").write_text("u,v\n1,2\n3,4\n", encoding="utf-8")
    told = mcdiv_command("estimate", "table.csv", "--samples", "rows", "--estimand", INFO, code=2).stderr
    assert (
        told == f"--estimand: {INFO} needs a joint alphabet; a table of counts of pairs is read with --layout joint\n"
    )


# --- studies ---


def test_a_joint_alphabet_is_a_flat_one_to_every_estimand_of_p_alone() -> None:
    chosen = ["entropy", "renyi(order=2)", "kl_divergence", "cross_entropy"]
    model = {"categorical": [0.1, 0.2, 0.3, 0.4]}
    same: dict[str, Any] = {"model": model, "estimands": chosen, "seed": 3, "replicates": 500}
    pairs = run(scenario_of(truth={"joint": [[0.1, 0.2], [0.3, 0.4]]}, **same)).summary
    flat = run(scenario_of(truth={"categorical": [0.1, 0.2, 0.3, 0.4]}, **same)).summary
    for column in ("true_value", "exact_bias", "exact_rmse"):
        assert pairs[column].to_numpy() == pytest.approx(flat[column].to_numpy(), rel=1e-14, nan_ok=True)


def test_pairs_are_never_drawn_as_counts_of_which_nobody_knows_the_row() -> None:
    p = np.full(400, 1 / 400)
    assert levels_drawn(p, 100) is not None
    assert levels_drawn(p, 100, shape=(20, 20)) is None
    drawn = draw_outcomes(p, 100, 5, stream(1, 2), shape=(20, 20))
    assert drawn.multiplicity is None and drawn.counts.shape == (5, 400)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [[8], [40]], ids=["listed", "drawn"])
def test_simulated_values_agree_with_exact_ones(sizes: list[int]) -> None:
    joint = OTHER if sizes == [8] else np.full((12, 10), 1 / 120).tolist()
    scenario = scenario_of(
        truth={"joint": joint},
        model=None,
        estimands=[INFO, COND, "entropy"],
        estimators=["plugin", "miller_madow", "chao_shen", "jackknife"],
        sample_sizes=sizes,
        replicates=2000,
    )
    summary = run(scenario).summary
    known = summary[summary["exact_bias"].notna()]
    assert set(known["estimand"]) == {INFO, COND, "entropy"}
    assert (known["z_bias"].abs() < 5).all()
    assert sizes == [8] or summary.loc[summary["estimand"] == INFO, "exact_rmse"].isna().all()


def test_a_study_of_pairs_is_whole(mcdiv_command: Command, folder: Path) -> None:
    check = {"estimand": INFO, "estimator": "plugin", "measure": "bias", "near": 0.064958393047372, "within": 1e-12}
    values = small(
        truth={"joint": {"pmf": COINS}},
        model=None,
        estimands=[INFO, COND],
        estimators=["plugin", "miller_madow"],
        intervals=["jackknife", "delta"],
        sample_sizes=[10, 20],
        checks=[{**check, "sample_size": 10}],
        plots=["agreement"],
        save="outcomes",
        paths=2,
    )
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    printed = mcdiv_command("run", "s.yaml").stdout
    assert "✓ mutual_information" in printed
    results = folder / "results" / "small"
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "for I(X; Y) (from Ĥ(X), Ĥ(Y), Ĥ(X, Y)), H(Y|X) (from Ĥ(X), Ĥ(X, Y))" in page
    told = mcdiv_command("replay", "results/small", "--condition", "1", "--replicate", "3").stdout
    assert INFO in told or "I(X; Y)" in told
    (results / "report.html").unlink()
    mcdiv_command("report", "results/small")
    assert (results / "report.html").read_text(encoding="utf-8") == page


def test_what_is_remembered_of_an_estimand_depends_on_the_file_it_is_in() -> None:
    scenario = scenario_of(
        truth={"joint": COINS}, model=None, estimators=["plugin"], estimands=["renyi(order=2)", INFO]
    )
    plan = plan_of(scenario)
    block = EstimateBlock(block=next(plan.blocks(plan.conditions[0])))
    assert {"mcdiv.estimands.joint", "mcdiv.estimands.orders"} <= set(block.modules())


def test_a_joint_truth_is_written_as_it_is_read_and_grids_of_tables_are_lists_of_them() -> None:
    truth = {"joint": {"pmf": [COINS, [["1/3", 0], [0, "2/3"]]]}}
    scenario = scenario_of(truth=truth, model=None, estimators=["plugin"], estimands=[INFO])
    assert [each.shape for each in scenario.truth] == [(2, 2), (2, 2)]
    again, problems = read_scenario(scenario.as_written())
    assert not problems and again is not None and again.truth == scenario.truth
    wide = scenario_of(truth={"joint": np.full((3, 20), 1 / 60).tolist()}, model=None, estimators=["plugin"]).truth[0]
    assert re.fullmatch(r"joint\(3 × 20 probabilities #[0-9a-f]{4}\)", wide.label)


def test_the_listing_says_which_estimands_are_of_pairs(mcdiv_command: Command) -> None:
    assert "a joint alphabet: categories that are pairs (X, Y)" in mcdiv_command("show", INFO).stdout
    assert "sums of entropies of pairs" in mcdiv_command("show", "miller_madow").stdout
    assert estimand_of(INFO).symbol == "I(X; Y)"
