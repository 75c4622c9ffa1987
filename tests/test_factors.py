"""What varies in the grid of a study, as pictures are laid out by it."""

from itertools import product

import pandas as pd
from small import scenario_of

from mcdiv.results.plots.factors import factors, independent
from mcdiv.results.run import run


def found(table: pd.DataFrame) -> dict[str, tuple[object, ...]]:
    return {factor.symbol: factor.levels for factor in factors(table)}


def table_of(**changes: object) -> pd.DataFrame:
    return run(scenario_of(mode="exact", estimators=["plugin"], **changes), backend="serial").tables["performance"]


def test_each_parameter_of_a_truth_is_a_factor_where_all_are_crossed() -> None:
    table = table_of(truth={"zipf": {"k": [4, 3], "s": [0.5, 1, 2]}}, model=None)
    assert found(table) == {"k of P": (3, 4), "s of P": (0.5, 1, 2), "N": (5, 10)}


def test_truths_of_different_families_are_the_levels_of_one_factor() -> None:
    table = table_of(truth=[{"zipf": {"k": 4, "s": [1, 2]}}, {"uniform": 3}], model=None)
    assert found(table) == {"P": tuple(dict.fromkeys(table["truth"])), "N": (5, 10)}
    assert len(found(table)["P"]) == 3


def test_what_does_not_vary_is_no_factor() -> None:
    assert found(table_of()) == {"N": (5, 10)}
    assert found(table_of(sample_sizes=[5])) == {}
    assert found(table_of(sample_sizes=[5], model={"coin": [0.3, 0.6]})) == {"p of Q": (0.3, 0.6)}


def test_what_others_decide_is_not_independent() -> None:
    along = table_of(truth={"uniform": {"k": [2, 3]}}, model=None, zip=["truth.uniform.k", "sample_sizes"])
    assert [one.symbol for one in independent(along, factors(along))] == ["k of P"]
    sampled = table_of(model_sample_sizes=[3, 4], zip=["sample_sizes", "model_sample_sizes"])
    assert [one.symbol for one in independent(sampled, factors(sampled))] == ["N"]
    crossed = table_of(model_sample_sizes=[3, 4])
    assert [one.symbol for one in independent(crossed, factors(crossed))] == ["M", "N"]


def test_a_grid_with_a_missing_corner_has_all_its_factors() -> None:
    rows = [{"truth": p, "model": None, "sample_size": n} for p, n in product("ab", (5, 10)) if (p, n) != ("b", 10)]
    table = pd.DataFrame(rows)
    assert [one.symbol for one in independent(table, factors(table))] == ["P", "N"]


def test_levels_have_places_and_words() -> None:
    table = pd.DataFrame({"truth": ["b", "a", "b"], "model": [None, "q", "q"], "sample_size": [10_000, 5, 50]})
    truth, model, size = factors(table)
    assert truth.places(table).tolist() == [0, 1, 0]
    assert [model.word(level) for level in model.levels] == ["q", "none"]
    assert model.places(table).tolist() == [1, 0, 0]
    assert [size.word(level) for level in size.levels] == ["5", "50", "10k"]
    assert size.places(table).tolist() == [2, 0, 1]
