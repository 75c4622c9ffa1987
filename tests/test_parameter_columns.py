"""Columns for analysis: one for each parameter of truth and model, after the columns of every study."""

from collections.abc import Callable

import pandas as pd
import pytest

from mcdiv.results.csv_tables import read_table, to_csv
from mcdiv.results.study_results import Results

Study = Callable[..., Results]
TABLES = ("summary", "performance", "comparison", "intervals")


def _added(results: Results, table: str) -> list[str]:
    return [name for name in results.tables[table].columns if name.startswith(("truth_", "model_"))][1:]


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_a_column_for_each_parameter_of_truth_and_model(study: Study, table: str) -> None:
    changes = {"truth": {"zipf": {"k": [3, 4], "s": "1/2"}}, "model": {"uniform": [3, 4]}, "zip": ["truth", "model"]}
    changes = changes | {"zip": ["truth.zipf.k", "model.uniform.k"], "intervals": ["delta"]}
    results = study(**changes, replicates=50)
    assert _added(results, table) == ["truth_family", "truth_k", "truth_s", "model_family", "model_k"]
    found = results.tables[table]
    assert set(found["truth_family"]) == {"zipf"}
    assert set(zip(found["categories"], found["truth_k"], found["model_k"], strict=True)) == {(3, 3, 3), (4, 4, 4)}
    assert set(found["truth_s"]) == {0.5}


def test_lists_have_no_column_and_no_column_is_empty_in_all_rows(study: Study) -> None:
    truth = {"categorical": {"pmf": [[0.5, 0.5], [0.2, 0.8]]}}
    assert _added(study(truth=truth, model=None, replicates=50), "summary") == ["truth_family"]
    counts = {"counts": {"values": [3, 4, 5]}}
    assert _added(study(truth=counts, model=None, replicates=50), "summary") == ["truth_family", "truth_smoothing"]
    named = {"counts": {"values": [3, 4, 5], "name": "007"}}
    found = study(truth=named, model=None, replicates=50).tables["summary"]
    assert set(found["truth_name"]) == {"007"}
    assert set(read_table(to_csv(found))["truth_name"]) == {"007"}


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_the_columns_are_read_back_as_they_were_written(study: Study, table: str) -> None:
    changes = {"truth": {"zipf": {"k": [3, 4], "s": [1, 1.5]}}, "model": None, "intervals": ["delta"]}
    found = study(**changes, replicates=50).tables[table]
    back = read_table(to_csv(found))
    added = [name for name in found.columns if name.startswith("truth_")]
    pd.testing.assert_frame_equal(back[added], found[added])
    assert to_csv(back) == to_csv(found)
