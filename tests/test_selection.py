"""Rows of a run's tables by truth, model, estimand, estimator and sample sizes."""

from typing import Any

import pytest
from small import scenario_of

import mcdiv
from mcdiv.errors import ScenarioError
from mcdiv.results.loading import OPTIONS
from mcdiv.results.selection import Selection, select
from mcdiv.results.study_results import Results


@pytest.fixture(scope="module")
def results() -> Results:
    given = {
        "truth": {"coin": [0.5, 0.7]},
        "model": {"coin": 0.6},
        "estimands": ["entropy", "renyi(order=2)", "kl_divergence"],
        "estimators": ["plugin", {"additive": {"alpha": 0.5}}, {"additive": {"alpha": 1}}],
        "sample_sizes": [5, 10],
        "mode": "exact",
    }
    return mcdiv.run(scenario_of(**given))


def labels(results: Results, column: str, **given: Any) -> set[Any]:
    rows = select(results.tables, Selection(**given))["performance"]
    return set(rows[column])


def test_a_label_is_found_as_the_tables_have_it_and_as_a_scenario_writes_it(results: Results) -> None:
    for given in ("coin(p=0.7)", "coin: 0.7", "{coin: {p: 0.7}}", "0.7", 0.7, {"coin": 0.7}, ["coin(p=0.7)"]):
        assert labels(results, "truth", truth=given) == {"coin(p=0.7)"}
    for given in ("renyi(order=2)", "renyi(order=2.0)", "{renyi: {order: 2}}", "renyi"):
        assert labels(results, "estimand", estimands=given) == {"renyi(order=2)"}
    for given in ("additive(alpha=0.5)", "additive: {alpha: 1/2}", "{additive: {alpha: 0.5}}"):
        assert labels(results, "estimator", estimators=given) == {"additive(alpha=0.5)"}
    for size in (10, "10", "1e1", [10]):
        assert labels(results, "sample_size", sample_sizes=size) == {10}


def test_a_name_without_parameters_means_all_of_that_name(results: Results) -> None:
    assert labels(results, "estimator", estimators="additive") == {"additive(alpha=0.5)", "additive(alpha=1)"}
    assert labels(results, "truth", truth="coin") == {"coin(p=0.5)", "coin(p=0.7)"}


def test_every_table_is_selected_by_the_columns_it_has(results: Results) -> None:
    tables = select(results.tables, Selection(truth=0.5, estimators="plugin", sample_sizes=5))
    assert set(tables) == set(results.tables) and len(tables) == len(results.tables)
    assert len(tables["summary"]) == 3  # one for each estimand
    assert len(tables["decomposition"]) == 1
    assert tables["comparison"].empty  # a pair needs both of its estimators
    both = select(results.tables, Selection(estimators=["plugin", "additive(alpha=1)"]))["comparison"]
    assert set(both["estimator_a"]) | set(both["estimator_b"]) <= {"plugin", "additive(alpha=1)"}


def test_nothing_asked_for_leaves_the_tables_as_they_are(results: Results) -> None:
    assert select(results.tables, Selection()) is results.tables


def test_what_these_results_do_not_have_is_one_line_each(results: Results) -> None:
    with pytest.raises(ScenarioError) as caught:
        select(results.tables, Selection(truth="coin(p=0.9)", estimators="plugn", sample_sizes="7", called=OPTIONS))
    assert caught.value.problems == [
        "--truth coin(p=0.9): these results have no such truth; did you mean 'coin(p=0.7)'?",
        "-e plugn: these results have no such estimator; did you mean 'plugin'?",
        "-n 7: these results have no such N; expected one of: 5, 10",
    ]
    with pytest.raises(ScenarioError, match=r"^model_sample_sizes 3: these results have no M$"):
        select(results.tables, Selection(model_sample_sizes=3))


def test_parts_that_no_row_has_together_are_refused(results: Results) -> None:
    summary = results.tables["performance"]
    apart = summary[(summary["sample_size"] == 5) == (summary["truth"] == "coin(p=0.5)")]
    with pytest.raises(ScenarioError, match=r"no row of these results has all of truth 0.7, sample_sizes 5"):
        select({"performance": apart}, Selection(truth=0.7, sample_sizes=5))
