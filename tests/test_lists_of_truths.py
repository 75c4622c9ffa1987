"""Truths and models of different families in one list: read, paired, left out, written, run."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from editors import fit_the_schema
from small import scenario_of, small

from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse
from mcdiv.scenario.model import Scenario

ALONE: dict[str, Any] = {"model": None, "estimands": ["entropy"], "sample_sizes": [5]}


def pairs(scenario: Scenario) -> list[tuple[str, str | None, int]]:
    return [(c.truth.label, c.model.label if c.model else None, c.sample_size) for c in plan_of(scenario).conditions]


def test_a_list_of_truths_is_one_after_the_other_with_grids_written_out() -> None:
    scenario = scenario_of(**ALONE, truth=[{"coin": [0.5, 0.6]}, {"zipf": {"k": 10}}, {"uniform": 6}])
    assert [label for label, _, _ in pairs(scenario)] == [
        "coin(p=0.5)",
        "coin(p=0.6)",
        "zipf(k=10, s=1)",
        "uniform(k=6)",
    ]


def test_a_list_and_a_grid_of_the_same_truths_are_the_same_study() -> None:
    listed = scenario_of(**ALONE, truth=[{"coin": 0.5}, {"coin": 0.6}])
    assert listed.as_written() == scenario_of(**ALONE, truth={"coin": [0.5, 0.6]}).as_written()


LISTS: list[Any] = [
    [{"coin": 0.5}, {"zipf": {"k": [3, 4]}}, {"uniform": 6}],
    [{"zipf": {"k": 3, "s": 1}}, {"zipf": {"k": 4, "s": 2}}],
    [{"uniform": 6}, {"dirichlet": {"k": 6, "alpha": 1, "redraw": 4}}, {"uniform": 7}],
    [{"mixture": [{"weight": 1, "coin": 0.5}]}, {"coin": 0.25}],
]


@pytest.mark.slow
@pytest.mark.parametrize("truth", LISTS)
def test_a_list_reads_back_as_it_was_written_and_fits_the_schema(truth: Any) -> None:
    values = small(**ALONE, truth=truth)
    scenario = parse(read_text(write_text(values), "s.yaml"))
    written = scenario.as_written()
    again = parse(read_text(write_text(written), "again.yaml"))
    assert again.truth == scenario.truth
    assert again.as_written() == written
    for mapping in (values, written):
        fit_the_schema(json.loads(json.dumps(mapping, default=str)))


def test_a_list_goes_together_with_another_by_its_name() -> None:
    truth = [{"coin": 0.5}, {"zipf": 3}, {"uniform": 6}]
    model = [{"coin": 0.6}, {"uniform": 3}, {"zipf": 6}]
    together = scenario_of(truth=truth, model=model, sample_sizes=[5, 6], zip=["truth", "model"])
    expected = [("coin(p=0.5)", "coin(p=0.6)"), ("zipf(k=3, s=1)", "uniform(k=3)"), ("uniform(k=6)", "zipf(k=6, s=1)")]
    assert pairs(together) == [(p, q, n) for p, q in expected for n in (5, 6)]
    sizes = scenario_of(**{**ALONE, "sample_sizes": [4, 8, 16]}, truth=truth, zip=["truth", "sample_sizes"])
    assert [n for _, _, n in pairs(sizes)] == [4, 8, 16]
    written = parse(read_text(write_text(together.as_written()), "again.yaml"))
    assert pairs(written) == pairs(together)
    # A grid in which only one parameter varies goes by the same name.
    grid = scenario_of(
        truth={"zipf": {"k": [3, 4]}}, model={"uniform": [3, 4]}, zip=["truth", "model"], sample_sizes=[5]
    )
    assert pairs(grid) == [("zipf(k=3, s=1)", "uniform(k=3)", 5), ("zipf(k=4, s=1)", "uniform(k=4)", 5)]


def test_pairs_of_different_alphabets_are_left_out_or_refused_with_what_to_type() -> None:
    lists = {"truth": [{"coin": 0.5}, {"zipf": 3}], "model": [{"uniform": 2}, {"uniform": 3}], "sample_sizes": [5]}
    line = refusal(**lists)
    assert "uniform(k=3) has 3 categories, truth has 2; they must be the same: " in line
    assert line.endswith("pair the lists with 'zip: [truth, model]', or 'exclude' such pairs")
    left_out = [
        {"truth": {"coin": 0.5}, "model": "uniform(k=3)"},
        {"truth": ["zipf(k=3, s=1)"], "model": {"uniform": 2}},
    ]
    kept = scenario_of(**lists, exclude=left_out)
    assert [pair[:2] for pair in pairs(kept)] == [("coin(p=0.5)", "uniform(k=2)"), ("zipf(k=3, s=1)", "uniform(k=3)")]
    several = [{"truth": [{"coin": 0.5}, {"zipf": 3}], "sample_size": 5}]
    assert "exclude: excludes every condition" in refusal(**ALONE, truth=lists["truth"], exclude=several)


def refusal(**changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(write_text(small(**changes)), "s.yaml"))
    return caught.value.problems[-1]


@pytest.mark.parametrize(
    "truth, message",
    [
        ([], "truth: expected at least one distribution, got an empty list"),
        ([0.5, 0.5], "truth[1]: expected a distribution such as 'coin: 0.5' or 'uniform: {k: 6}', got 0.5"),
        ([{"coin": 0.5}, {"coin": "1/2"}], "truth[1]: coin(p=0.5) is given twice"),
        ([{"coin": 0.5}, {"zpf": 3}], "truth[1].zpf: unknown distribution 'zpf'; did you mean 'zipf'?"),
        ([{"coin": 0.5, "zipf": 3}], "truth[0]: expected one distribution, got 2: coin, zipf"),
        ([{"coin": 0.5}, {"zipf": {"k": 0}}], "truth[1].zipf.k: expected a whole number from 1 to 10^6, got 0"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_with_its_place(truth: Any, message: str) -> None:
    assert message in refusal(**ALONE, truth=truth)


def test_counts_in_a_list_are_read_from_their_files_each_with_its_own_categories(folder: Path) -> None:
    (folder / "a.csv").write_text("category,count\nx,3\ny,1\n", encoding="utf-8")
    (folder / "b.csv").write_text("category,count\nz,2\nx,2\nw,4\n", encoding="utf-8")
    truth = [{"counts": {"file": "a.csv"}}, {"counts": {"file": "b.csv"}}, {"coin": 0.5}]
    scenario = parse(read_text(write_text(small(**ALONE, truth=truth)), str(folder / "s.yaml")))
    assert [one.pmf().tolist() for one in scenario.truth] == [[0.75, 0.25], [0.25, 0.25, 0.5], [0.5, 0.5]]
    both = write_text(small(truth=truth[:2], model={"counts": {"file": "a.csv"}}))
    with pytest.raises(ScenarioError, match=r"model.counts.file: a truth and a model that are both read from files"):
        parse(read_text(both, str(folder / "s.yaml")))


@pytest.mark.slow
def test_a_study_of_a_list_runs_and_its_tables_name_each_truth(mcdiv_command: Command, folder: Path) -> None:
    values = small(**ALONE, truth=[{"uniform": 3}, {"coin": 0.5}], replicates=100, pool="truth")
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    table = pd.read_csv(folder / "results" / "small" / "summary.csv")
    rows = table[["truth", "categories"]].drop_duplicates().to_numpy().tolist()
    assert rows == [["uniform(k=3)", 3], ["coin(p=0.5)", 2]]
    exact = mcdiv_command("exact", "--truth", "[{coin: 0.5}, {uniform: 3}]", "-n", "5").stdout
    assert "coin(p=0.5)" in exact and "uniform(k=3)" in exact
