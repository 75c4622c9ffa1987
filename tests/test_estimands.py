"""Estimands: their values against 50 digits, what holds for all of them, and how one with parameters is asked for."""

import itertools
import math
from typing import Annotated, Any

import mpmath
import numpy as np
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as some
from small import scenario_of, small

import mcdiv
from mcdiv.core.arrays import Array, Counts, Nats, Pmf
from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.core.rows import kl_divergence_nats
from mcdiv.estimands.contract import ESTIMANDS, Estimand, estimand, estimand_of
from mcdiv.estimators.contract import estimator
from mcdiv.files.yaml_text import write_text
from mcdiv.results.run import run
from mcdiv.scenario.model import read_scenario

EXAMPLES = [pytest.param(entry.example, id=entry.name) for entry in ESTIMANDS.values() if not entry.needs_joint]
DIVERGENCES = [pytest.param(entry.example, id=entry.name) for entry in ESTIMANDS.values() if entry.divergence]
ORDERS = [0, 0.25, 0.5, 0.75, 1 - 1e-6, 1, 1 + 1e-6, 1.5, 2, 3.7, 20]
#: seventeen counts, and what 50 digits make of them
COUNTS = [23, 12, 9, 7, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1]
GOLDEN = {
    "renyi(order=0)": 4.087462841250339,
    "renyi(order=0.5)": 3.700904345518729,
    "renyi(order=1)": 3.332047091373621,
    "renyi(order=2)": 2.7894447241998366,
    "collision_entropy": 2.7894447241998366,
    "min_entropy": 1.7618402628052354,
    "tsallis(order=2)": 0.8553583168967783,
    "hill(order=0)": 17.0,
    "hill(order=0.5)": 13.004187391287946,
    "hill(order=1)": 10.070386092692953,
    "hill(order=2)": 6.913636363636362,
    "hill(order=3)": 5.58019557696371,
}


@pytest.mark.parametrize("label", GOLDEN)
def test_orders_have_the_values_of_50_digits_in_bits_where_there_is_a_unit(label: str) -> None:
    assert mcdiv.estimate(label, COUNTS, estimator="plugin", units="bits") == pytest.approx(GOLDEN[label], rel=1e-14)


def test_the_share_of_coincident_pairs_is_the_unbiased_collision_probability() -> None:
    found = mcdiv.estimate("collision_probability", COUNTS, estimator="coincidences")
    assert -math.log2(found) == pytest.approx(2.904730333102229, rel=1e-14)
    performance = mcdiv.exact_performance(
        "collision_probability", estimator="coincidences", truth=[0.2, 0.3, 0.5], sample_size=5
    )
    assert performance.mean == pytest.approx(0.38, rel=1e-14)


def pmfs(least: float) -> some.SearchStrategy[tuple[list[float], list[float]]]:
    weight = some.floats(least, 1)
    return some.integers(2, 6).flatmap(
        lambda k: some.tuples(*[some.lists(weight, min_size=k, max_size=k).map(normal)] * 2)
    )


def normal(weights: list[float]) -> list[float]:
    return [weight / math.fsum(weights) for weight in weights]


def precise(p: list[float]) -> list[Any]:
    entries = [mpmath.mpf(each) for each in p]
    return [each / mpmath.fsum(entries) for each in entries]


@given(pmfs(1e-12), some.sampled_from(ORDERS))
@mpmath.workdps(50)
def test_renyi_and_tsallis_entropies_and_divergences_have_all_their_digits(
    pair: tuple[list[float], list[float]], order: float
) -> None:
    (p, q), a = map(precise, pair), mpmath.mpf(order)
    power = mpmath.fsum(x**a for x in p)
    limit = mpmath.fsum(-x * mpmath.log(x) for x in p)
    shared = mpmath.fsum(x**a * y ** (1 - a) for x, y in zip(p, q, strict=True))
    relative = mpmath.fsum(x * mpmath.log(x / y) for x, y in zip(p, q, strict=True))
    expected = {
        "renyi": limit if a == 1 else mpmath.log(power) / (1 - a),
        "tsallis": limit if a == 1 else (1 - power) / (a - 1),
        "renyi_divergence": relative if a == 1 else mpmath.log(shared) / (a - 1),
    }
    for name, value in expected.items():
        found = float(estimand_of(f"{name}(order={order})").value(np.array(pair[0]), np.array(pair[1])))
        assert found == pytest.approx(float(value), rel=1e-9, abs=1e-14)


@pytest.mark.slow
@given(pmfs(1e-9), some.floats(1e-9, 1e-3))
@mpmath.workdps(50)
def test_a_divergence_of_neighbours_loses_no_digits(pair: tuple[list[float], list[float]], step: float) -> None:
    p = pair[0]
    q = normal([each * (1 + step * (-1) ** place) for place, each in enumerate(p)])
    first, second = precise(p), precise(q)
    for order in (0.5, 2, 10):
        shared = mpmath.fsum(x**order * y ** (1 - mpmath.mpf(order)) for x, y in zip(first, second, strict=True))
        value = float(mpmath.log(shared) / (mpmath.mpf(order) - 1))
        found = float(estimand_of(f"renyi_divergence(order={order})").value(np.array(p), np.array(q)))
        assert found == pytest.approx(value, rel=1e-6, abs=1e-24)


def test_distances_have_the_values_of_a_hand_calculation() -> None:
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])
    values = {name: float(ESTIMANDS[name].value(p, q)) for name in ("total_variation", "hellinger", "chi_squared")}
    assert values == pytest.approx(
        {"total_variation": 0.5, "hellinger": math.sqrt(1 - math.sqrt(0.5)), "chi_squared": 1}
    )


EXTREME = [
    [1.0, 0.0, 0.0],
    [0.5, 0.5, 0.0],
    [1 / 3] * 3,
    [1 - 1e-300, 1e-300, 0.0],
    [1.0, 5e-324, 0.0],
    [0.0, 0.2, 0.8],
]


@pytest.mark.parametrize("entry", EXAMPLES)
def test_an_estimand_is_within_its_range_also_at_extremes_and_row_by_row_the_same(entry: Estimand) -> None:
    pairs = list(itertools.product(EXTREME, EXTREME if entry.needs_model else [[1 / 3] * 3]))
    p, q = (np.array(side) for side in zip(*pairs, strict=True))
    values = entry.value(p, q)
    for one, other, value in zip(p, q, values, strict=True):
        if entry.category is not None and math.isinf(kl_divergence_nats(one, other)):
            assert math.isnan(value)  # there is no derivative of what is infinite
            continue
        least, most = entry.range(3, other)
        assert least - 1e-12 <= value <= most + 1e-12 or value == most == math.inf
        alone = float(entry.value(one, other))
        assert alone == pytest.approx(value, rel=1e-13, abs=1e-300)
        turned = entry if entry.category is None else estimand_of(f"{entry.name}(category={2 - entry.category})")
        moved = float(turned.value(one[::-1].copy(), other[::-1].copy()))
        assert moved == pytest.approx(value, rel=1e-12, abs=1e-300)
        wider = float(entry.value(np.append(one, 0.0), np.append(other, 0.0)))
        assert wider == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.slow
@pytest.mark.parametrize("entry", DIVERGENCES)
@given(pmfs(0.0078125))
def test_a_divergence_is_0_at_the_model_and_above_elsewhere(
    entry: Estimand, pair: tuple[list[float], list[float]]
) -> None:
    p, q = map(np.array, pair)
    assert entry.value(p, p) == pytest.approx(0, abs=1e-14)
    assert float(entry.value(p, q)) >= 0


def tree(p: Pmf, order: Annotated[Number, NONNEGATIVE] = 3) -> Array:
    """The probability that so many draws coincide.

    Formula: Σ p^α
    Valid:   any P
    Source:  this test
    """
    return np.asarray(p ** float(order))


def test_an_estimand_with_a_parameter_is_entered_by_one_function(mcdiv_command: Command) -> None:
    estimand(symbol="S_{order}(P)", unit_power=0, additive=True)(tree)
    assert "S_order(P)" in mcdiv_command("show", "tree").stdout
    assert "\n tree " in mcdiv_command("list", "estimands").stdout
    truth = [0.2, 0.3, 0.5]
    found = mcdiv.exact_performance("tree(order=2)", estimator="plugin", truth=truth, sample_size=10)
    assert found.bias == pytest.approx((1 - 0.38) / 10, rel=1e-12)
    many = [0.01] * 100
    large = mcdiv.exact_performance("tree(order=2)", estimator="plugin", truth=many, sample_size=1000)
    assert large.bias == pytest.approx((1 - 0.01) / 1000, rel=1e-12)
    assert mcdiv.estimate("tree", [3, 1], estimator="plugin") == pytest.approx(28 / 64)


def test_an_estimator_may_be_of_an_estimand_at_one_value_of_its_parameter() -> None:
    @estimator("tsallis(order=2)", reference_values=[], properties=set())
    def different_pairs(counts: Counts) -> Nats:
        """The share of pairs of draws that differ.

        Formula: 1 − Σ n (n − 1) / (N (N − 1))
        Valid:   N ≥ 2
        Source:  this test
        """
        draws = counts.sum(axis=-1)
        return np.asarray(1 - (counts * (counts - 1)).sum(axis=-1) / (draws * (draws - 1)))

    assert mcdiv.estimate("tsallis(order=2)", [3, 2, 1], estimator="different_pairs") == pytest.approx(1 - 8 / 30)
    with pytest.raises(ValueError, match="different_pairs does not estimate tsallis"):
        mcdiv.estimate("tsallis(order=3)", [3, 2, 1], estimator="different_pairs")


FORMS: list[Any] = ["renyi(order=2)", "renyi(order=2.0)", {"renyi": {"order": 2}}, {"renyi": {"order": "4/2"}}]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_spelling_of_an_estimand_is_the_same_one(form: Any) -> None:
    assert scenario_of(estimators=["plugin"], estimands=[form]).estimands == ("renyi(order=2)",)
    check = {"estimand": form, "measure": "bias", "below": 1}
    assert scenario_of(estimators=["plugin"], estimands=[form], checks=[check]).checks[0].estimand == "renyi(order=2)"


WRONG: list[tuple[Any, str]] = [
    ("renyi", "parameter 'order' is missing; expected 'renyi: {order: …}' with an order from 0 to 1000"),
    ("renyi(order=-1)", "expected an order from 0 to 1000, got '-1'"),
    ("renyi(order=1e308)", "expected an order from 0 to 1000, got '1e308'"),
    ("renyi(\n\x1b", "such as additive(alpha=0.5), got 'renyi(\\n\\x1b'"),
    ([f"renyi(order={i})" for i in range(101)], "expected at most 100 of them, got 101"),
    ("renyi(odder=1)", "unknown parameter 'odder'; did you mean 'order'?"),
    ("renyi(order=1", "expected a name and its parameters"),
    ("renyi(2)", "expected a name and its parameters"),
    ("reny(order=2)", "unknown estimand 'reny'; did you mean 'renyi'?"),
    (["renyi(order=2)", {"renyi": {"order": 2.0}}], "renyi(order=2) is given twice"),
]


@pytest.mark.parametrize("value, said", WRONG, ids=str)
def test_what_is_no_estimand_is_refused_by_name(value: Any, said: str) -> None:
    _, problems = read_scenario(small(estimators=["plugin"], estimands=value))
    assert said in " ".join(problem.text() for problem in problems)


@pytest.mark.parametrize("spelling", ["additive(alpha=0.5)", "additive(alpha=1/2)"])
def test_an_estimator_may_be_spelled_as_the_tables_print_it(spelling: str) -> None:
    assert (
        scenario_of(estimators=[spelling]).estimators
        == scenario_of(estimators=[{"additive": {"alpha": 0.5}}]).estimators
    )


@pytest.mark.slow
def test_a_study_of_estimands_with_parameters_is_whole(mcdiv_command: Command, folder: Any) -> None:
    chosen = ["entropy", {"renyi": {"order": 2}}, "hill(order=1)", "chi_squared"]
    check = {"estimand": "renyi(order=2)", "measure": "bias", "below": 0.2}
    values = small(truth={"coin": 0.3}, model={"coin": 0.5}, estimands=chosen, estimators=["plugin"], checks=[check])
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    printed = mcdiv_command("run", "s.yaml").stdout
    assert "✓ renyi(order=2): bias size below 0.2" in printed
    assert "hill(order=1), chi_squared have no unit" in printed
    results = run("s.yaml", backend="serial")
    rows = results.summary[results.summary["sample_size"] == 10].set_index("estimand")
    assert dict(rows["unit"]) == {"entropy": "nats", "renyi(order=2)": "nats", "hill(order=1)": "1", "chi_squared": "1"}
    outcomes = [math.comb(10, n) * 0.3**n * 0.7 ** (10 - n) for n in range(11)]
    shares = [(n / 10, 1 - n / 10) for n in range(11)]
    mean = math.fsum(w * -math.log(x**2 + y**2) for w, (x, y) in zip(outcomes, shares, strict=True))
    assert rows.loc["renyi(order=2)", "exact_bias"] == pytest.approx(mean + math.log(0.58), rel=1e-12)
    assert rows.loc["chi_squared", "exact_bias"] == pytest.approx(0.084, rel=1e-12)  # 4 Var p̂
    assert abs(rows.loc["renyi(order=2)", "z_bias"]) < 5
    page = (folder / "results" / "small" / "report.html").read_text(encoding="utf-8")
    assert "H_2(P)" in page and "D_1(P)" in page
    told = mcdiv_command("exact", "--truth", "0.3", "-n", "10", "--estimand", "renyi(order=2)", "--json").stdout
    assert '"estimand": "renyi(order=2)"' in told


PLUGIN = '''
from typing import Annotated

from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.estimands.contract import estimand


@estimand(symbol="S_{order}(P)", unit_power=0, additive=True)
def together(p, order: Annotated[Number, NONNEGATIVE]):
    """The probability that so many draws coincide.

    Formula: Σ p^α
    Valid:   any P
    Source:  this test
    """
    return p ** float(order)
'''


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_plugin_brings_an_estimand_along_also_where_the_alphabet_is_large(
    mcdiv_command: Command, folder: Any
) -> None:
    (folder / "mine.py").write_text(PLUGIN, encoding="utf-8")
    values = small(truth={"zipf": 30}, model=None, estimators=["plugin"], sample_sizes=[10, 100], replicates=200)
    values |= {"estimands": ["entropy", {"together": {"order": 2}}], "paths": 2, "plots": None}
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    assert " together " in mcdiv_command("list", "estimands", "--plugin", "mine.py").stdout
    mcdiv_command("run", "s.yaml", "--plugin", "mine.py", "-q", "--backend", "processes", "--workers", "2")
    report = (folder / "results" / "small" / "report.html").read_text(encoding="utf-8")
    mcdiv_command("report", "results/small", "--plugin", "mine.py")
    assert (folder / "results" / "small" / "report.html").read_text(encoding="utf-8") == report
    assert "S_2(P)" in report and (folder / "results" / "small" / "plots" / "convergence.svg").exists()
