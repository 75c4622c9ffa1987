"""Replicates until precise enough: no more than that takes, the same whatever the backend, honest where it fails."""

import math
from collections.abc import Callable

import jsonschema
import pytest
from cases import quick
from editors import fit_the_schema
from small import scenario_of, small

from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.loading import parse
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.scenario.model import Scenario, read_scenario
from mcdiv.scenario.precision import Until

Study = Callable[..., Results]
DRAWN = {"truth": {"zipf": 600}, "model": None, "estimators": ["chao_shen"], "sample_sizes": [100, 30]}


def until(measure: str = "bias", mcse: float = 0.005, least: int = 1000, most: int = 10**5) -> dict:
    return {"until": {"measure": measure, "mcse": mcse}, "min": least, "max": most}


def drawn(scenario: Scenario, condition: int = 0, stages: int = 30) -> list[list[int]]:
    """Replicates of the blocks of draws of each stage."""
    plan = plan_of(scenario)
    place = plan.conditions[condition]
    found = [[b.replicates for b in plan.blocks(place, stage) if b.kind == "draws"] for stage in range(stages)]
    return [stage for stage in found if stage]


def test_stages_double_in_whole_blocks_up_to_the_most() -> None:
    stages = drawn(scenario_of(**DRAWN, replicates=until(least=1000, most=20_000)))
    size = 2**19 // 600
    assert [len(stage) for stage in stages] == [2, 2, 4, 8, 7]
    assert sum(map(sum, stages)) == 20_000
    assert {n for stage in stages for n in stage[:-1]} == {size}
    assert drawn(scenario_of(**DRAWN, replicates=500)) == [[500]]
    assert drawn(scenario_of(**DRAWN, replicates=until(least=7, most=7))) == [[7]]


@pytest.mark.slow
def test_every_row_is_as_precise_as_asked_for_with_no_more_than_twice_the_replicates(study: Study) -> None:
    results = study(**DRAWN, replicates=until(mcse=0.003))
    rows = results.summary
    assert (rows["bias_mcse"] <= 0.003).all()
    needed = rows["replicates"] * (rows["bias_mcse"] / 0.003) ** 2
    assert (rows["replicates"] <= 2.2 * needed + 1746).all()
    assert rows["replicates"].nunique() == 2, "each condition stops by itself"
    assert results.tables["problems"].empty


@pytest.mark.slow
def test_stopping_early_gives_the_numbers_of_as_many_replicates(study: Study) -> None:
    stopped = study(**DRAWN, replicates=until(mcse=0.003))
    for row in stopped.rows:
        sizes = {"sample_sizes": [row.condition.sample_size]}
        plain = study(**DRAWN | sizes, replicates=row.replicates).rows[0]
        assert plain.simulated == row.simulated


@pytest.mark.slow
def test_intervals_are_measured_on_all_replicates_of_all_stages(study: Study) -> None:
    stopped = study(**DRAWN, intervals=["delta"], replicates=until(mcse=0.01, least=500))
    rows = stopped.tables["intervals"]
    assert list(rows["replicates"]) == list(stopped.summary["replicates"])
    assert rows["replicates"].nunique() == 2, "each condition stops by itself"
    for row in stopped.intervals:
        sizes = {"sample_sizes": [row.condition.sample_size]}
        plain = study(**DRAWN | sizes, intervals=["delta"], replicates=row.replicates).intervals[0]
        assert plain.simulated == row.simulated


@pytest.mark.slow
@pytest.mark.parametrize("intervals", [None, ["delta"]])
@pytest.mark.parametrize("replicates", quick(2, [until(mcse=0.01, least=500), 3000, until(mcse=1e-9, most=5000)]))
def test_progress_never_falls_and_ends_at_its_total(replicates: object, intervals: list[str] | None) -> None:
    told: list[tuple[int, int]] = []
    scenario = scenario_of(**DRAWN, replicates=replicates, intervals=intervals)
    run(scenario, backend="threads", on_progress=lambda done, total: told.append((done, total)))
    shares = [done / total for done, total in told]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert shares == sorted(shares)
    assert shares.index(1) >= len(shares) - 2, "told once more at the end"


@pytest.mark.slow
@pytest.mark.parametrize("backend", quick(1, ["threads", "processes"]))
def test_no_backend_makes_a_difference(backend: str) -> None:
    scenario = scenario_of(**DRAWN, replicates=until(mcse=0.01))
    expected, found = run(scenario, backend="serial"), run(scenario, backend=backend, workers=3)
    for name, table in expected.tables.items():
        assert to_csv(found.tables[name]) == to_csv(table), name


def test_rows_that_missed_the_precision_are_problems_and_no_failure(study: Study) -> None:
    results = study(**DRAWN, replicates=until(mcse=1e-5, most=3000), units="bits")
    problems = results.tables["problems"]
    assert list(problems["kind"]) == ["imprecise"] * 2
    assert (problems["replicates"] == 3000).all()
    mcse = results.summary["bias_mcse"].iloc[0]
    assert problems["message"].iloc[0] == f"bias has an MCSE of {mcse:.3g} bits, asked for was 1e-05"
    assert not results.failed


@pytest.mark.slow
def test_with_control_variates_the_same_precision_takes_fewer_replicates(study: Study) -> None:
    changes = DRAWN | {"truth": {"zipf": 100}, "sample_sizes": [200]}
    plain = study(**changes, replicates=until(mcse=7e-4)).summary["replicates"]
    controlled = study(**changes, replicates=until("bias_cv", mcse=7e-4)).summary["replicates"]
    assert (controlled * 8 <= plain).all()


@pytest.mark.slow
def test_exact_values_need_no_replicates_and_listed_outcomes_get_all_at_once(study: Study) -> None:
    both = study(replicates=until(mcse=1e-9), model=None)
    assert (both.summary["replicates"] == 1000).all()
    assert both.tables["problems"].empty
    additive = study(**DRAWN | {"estimators": ["zhang"]}, replicates=until(mcse=1e-9))
    assert (additive.summary["replicates"] < 2000).all()
    simulated = study(replicates=until(mcse=1e-9), model=None, mode="monte_carlo")
    assert (simulated.summary["replicates"] == 10**5).all()
    assert set(simulated.tables["problems"]["kind"]) == {"imprecise"}


def test_a_precision_is_read_written_and_in_the_schema() -> None:
    given = {"until": {"measure": "rmse", "mcse": "1e-4"}, "max": "1e6"}
    scenario = scenario_of(replicates=given)
    assert scenario.replicates == Until(measure="rmse", mcse=1e-4, least=1000, most=10**6)
    again, problems = read_scenario(scenario.as_written())
    assert not problems
    assert again is not None
    assert again.replicates == scenario.replicates
    fit_the_schema(small(replicates=given))
    with pytest.raises(jsonschema.ValidationError):
        fit_the_schema(small(replicates={"until": {"measure": "speed", "mcse": 1}}))


BAD = [
    ("{until: {measure: bias, mcse: 0}}", ":43: replicates.until.mcse: expected a number > 0, got 0"),
    ("{until: {measure: bias, mcse: -1e-4}}", ":43: replicates.until.mcse: expected a number > 0, got -0.0001"),
    (
        "{until: {measure: bais, mcse: 1}}",
        ":31: replicates.until.measure: unknown measure 'bais'; did you mean",
    ),
    ("{until: {measure: bias}}", "replicates.until: 'mcse' is missing"),
    ("{until: 5}", "replicates.until: expected {measure: …, mcse: …}, got 5"),
    ("{min: 5}", "replicates.until: expected {measure: …, mcse: …}, got null"),
    ("{until: {measure: bias, mcse: 1}, min: 9, max: 8}", "replicates.min: min is 9, more than max, which is 8"),
    ("{until: {measure: bias, mcse: 1}, max: 9}", "replicates.max: max is 9, less than min, which is 1000"),
    ("{until: {measure: bias, mcse: 1}, max: many}", "replicates.max: expected a whole number from 1 to 10^12"),
    ("{until: {measure: bias, mcse: 1}, most: 9}", "replicates.most: unknown key 'most'"),
]


@pytest.mark.parametrize(("written", "told"), BAD)
def test_a_precision_that_cannot_be_is_one_line_with_its_place(written: str, told: str) -> None:
    text = write_text(small(replicates=None))
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(f"replicates: {written}\n{text}", "s.yaml"))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith("s.yaml:1:")
    assert told in caught.value.problems[0]


WIDE = DRAWN | {"truth": {"zipf": 20}, "sample_sizes": [500, 30], "intervals": ["delta"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "mcse"),
    quick(2, [("coverage", 0.011), ("relative_error_modse", 1.5), ("bias_eliminated_coverage", 0.011)]),
)
def test_replicates_are_added_until_a_measure_of_intervals_is_precise(study: Study, measure: str, mcse: float) -> None:
    stopped = study(**WIDE, replicates=until(measure, mcse=mcse, least=500))
    assert all(0 < row.simulated[measure].mcse <= mcse for row in stopped.intervals)
    assert [row.replicates for row in stopped.rows] == [row.replicates for row in stopped.intervals]
    assert stopped.tables["problems"].empty
    for row in stopped.intervals:
        sizes = {"sample_sizes": [row.condition.sample_size]}
        plain = study(**WIDE | sizes, replicates=row.replicates).intervals[0]
        assert plain.simulated == row.simulated


def test_intervals_that_miss_the_precision_are_problems_named_with_the_interval(study: Study) -> None:
    results = study(**WIDE, replicates=until("coverage", mcse=1e-6, most=3000))
    assert list(results.tables["problems"]["kind"]) == ["imprecise"] * 2
    (first, _) = results.tables["problems"]["message"]
    mcse = results.tables["intervals"]["coverage_mcse"].iloc[0]
    assert first == f"coverage of the interval delta has an MCSE of {mcse:.3g}, asked for was 1e-06"


def test_a_rule_without_standard_errors_lacks_no_precision(study: Study) -> None:
    coin = {"truth": {"coin": 0.7}, "model": None, "estimators": ["plugin"], "estimands": ["entropy"]}
    asked = until("relative_error_modse", mcse=1)
    results = study(
        **coin, sample_sizes=[20], intervals=["delta", "clopper_pearson"], mode="monte_carlo", replicates=asked
    )
    found = {row.interval: row.simulated["relative_error_modse"] for row in results.intervals}
    assert 0 < found["delta"].mcse <= 1
    assert math.isnan(found["clopper_pearson"].value)
    assert results.tables["problems"].empty


def test_the_precision_of_a_measure_of_intervals_needs_intervals() -> None:
    text = write_text(small(replicates=until("coverage")))
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(text, "s.yaml"))
    told = "replicates.until.measure: coverage is a measure of intervals; give 'intervals'"
    assert [problem.partition(": ")[2] for problem in caught.value.problems] == [told]


def test_the_precision_of_an_infinite_bias_is_refused() -> None:
    text = write_text(small(model={"coin": 1}, replicates=until()))
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(text, "s.yaml"))
    assert len(caught.value.problems) == 1
    told = "replicates.until.measure: cross_entropy of coin(p=0.5) with coin(p=1) is infinite: its bias has no MCSE"
    assert told in caught.value.problems[0]
    assert parse(read_text(write_text(small(model={"coin": 1}, replicates=until("sd"))), "s.yaml"))


def test_a_share_that_is_0_in_every_replicate_asks_for_no_more_than_the_fewest(study: Study) -> None:
    results = study(**DRAWN, replicates=until("infinite_share", mcse=1e-9, least=1000, most=20_000))
    assert (results.summary["infinite_share"] == 0).all()
    assert (results.summary["replicates"] == 2 * (2**19 // 600)).all(), "in whole blocks"
