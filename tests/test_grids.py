"""Conditions beyond the cross product: lists that go together, combinations left out, and how many there may be."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from editors import fit_the_schema
from hypothesis import given
from hypothesis import strategies as st
from small import scenario_of, small

from mcdiv.engine.bands import bands
from mcdiv.engine.learning import fits
from mcdiv.engine.plan import plan_of
from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import read_text, write_text
from mcdiv.results.loading import parse
from mcdiv.scenario.model import Scenario, read_scenario


def found(**changes: Any) -> list[tuple[str, str, int, int | None]]:
    """The conditions as the tables name them."""
    return labels(scenario_of(**changes))


def labels(scenario: Scenario) -> list[tuple[str, str, int, int | None]]:
    return [
        (c.truth.label, c.model.label if c.model else "", c.sample_size, c.model_sample_size)
        for c in plan_of(scenario).conditions
    ]


ZIPF: dict[str, Any] = {"truth": {"zipf": {"k": [3, 4], "s": [1, 2]}}, "model": None}


def test_lists_that_go_together_make_one_condition_for_each_entry() -> None:
    assert found(**ZIPF, sample_sizes=[30, 40], zip=["truth.zipf.k", "sample_sizes"]) == [
        ("zipf(k=3, s=1)", "", 30, None),
        ("zipf(k=3, s=2)", "", 30, None),
        ("zipf(k=4, s=1)", "", 40, None),
        ("zipf(k=4, s=2)", "", 40, None),
    ]
    assert found(**ZIPF, sample_sizes=[9], zip=["truth.zipf", "truth.zipf.s"]) == [
        ("zipf(k=3, s=1)", "", 9, None),
        ("zipf(k=4, s=2)", "", 9, None),
    ]


def test_alphabets_may_grow_together() -> None:
    changes = {"truth": {"zipf": [3, 4]}, "model": {"uniform": [3, 4]}, "sample_sizes": [5]}
    with pytest.raises(AssertionError, match=r"uniform\(k=4\) has 4 categories, truth has 3; they must be the same"):
        scenario_of(**changes)
    together = [("zipf(k=3, s=1)", "uniform(k=3)", 5, None), ("zipf(k=4, s=1)", "uniform(k=4)", 5, None)]
    assert found(**changes, zip=["truth.zipf.k", "model.uniform.k"]) == together
    left_out = [{"truth": {"zipf": 3}, "model": {"uniform": 4}}, {"truth": {"zipf": 4}, "model": {"uniform": 3}}]
    assert found(**changes, exclude=left_out) == together


def test_several_groups_each_go_together() -> None:
    groups = [["truth.coin", "model.coin"], ["sample_sizes", "model_sample_sizes"]]
    changes = {"truth": {"coin": [0.1, 0.2]}, "model": {"coin": [0.3, 0.4]}}
    assert found(**changes, model_sample_sizes=[7, 8], sample_sizes=[5, 6], zip=groups) == [
        ("coin(p=0.1)", "coin(p=0.3)", 5, 7),
        ("coin(p=0.1)", "coin(p=0.3)", 6, 8),
        ("coin(p=0.2)", "coin(p=0.4)", 5, 7),
        ("coin(p=0.2)", "coin(p=0.4)", 6, 8),
    ]


@given(st.permutations(["truth.zipf.k", "truth.zipf.s", "sample_sizes"]), st.integers(2, 4))
def test_going_together_is_the_diagonal_of_the_cross_product(order: list[str], length: int) -> None:
    ks, ss, sizes = ([10 * j + i for i in range(1, length + 1)] for j in (1, 2, 3))
    changes = {"truth": {"zipf": {"k": ks, "s": ss}}, "model": None, "sample_sizes": sizes}
    diagonal = {(f"zipf(k={k}, s={s})", "", n, None) for k, s, n in zip(ks, ss, sizes, strict=True)}
    assert set(found(**changes, zip=order)) == diagonal
    assert diagonal < set(found(**changes))


@pytest.mark.parametrize(
    "exclusion",
    [
        {"truth": "zipf(k=4, s=2)", "sample_size": [40, 50]},
        {"truth": {"zipf": {"k": 4, "s": 2}}, "sample_size": [40, 50]},
    ],
)
def test_left_out_are_the_conditions_of_which_all_that_is_named_is_so(exclusion: dict[str, Any]) -> None:
    everything = found(**ZIPF, sample_sizes=[30, 40, 50])
    kept = found(**ZIPF, sample_sizes=[30, 40, 50], exclude=[exclusion])
    gone = [("zipf(k=4, s=2)", "", 40, None), ("zipf(k=4, s=2)", "", 50, None)]
    assert kept == [each for each in everything if each not in gone]
    assert len(kept) == len(everything) - 2


def test_what_is_written_reads_back() -> None:
    for changes in (
        {"zip": ["truth.zipf", "sample_sizes"]},
        {
            "model": {"uniform": [3, 4]},
            "model_sample_sizes": [5, 6],
            "zip": [["truth.zipf.k", "sample_sizes"], ["truth.zipf.s", "model_sample_sizes"]],
            "exclude": [
                {"truth": {"zipf": {"k": 3, "s": [1, 2]}}, "model": {"uniform": 4}},
                {"truth": {"zipf": {"k": 4, "s": [1, 2]}}, "model": {"uniform": 3}},
            ],
        },
        {"exclude": [{"truth": "zipf(k=4, s=2)", "sample_size": [30]}]},
    ):
        values = {**ZIPF, "sample_sizes": [30, 40], "estimands": ["entropy"], **changes}
        scenario = scenario_of(**values)
        written = scenario.as_written()
        again = parse(read_text(write_text(written), "again.yaml"))
        assert labels(again) == labels(scenario)
        assert again.as_written() == written
        for mapping in (small(**values), written):
            fit_the_schema(json.loads(json.dumps(mapping, default=str)))


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_study_runs_on_such_conditions_alone(mcdiv_command: Command, folder: Path) -> None:
    values = small(
        truth={"zipf": [3, 4, 6]},
        model={"uniform": [3, 4, 6]},
        sample_sizes=[5, 10, 20],
        zip=["truth.zipf.k", "model.uniform.k", "sample_sizes"],
        exclude=[{"sample_size": 20}],
        paths=2,
        plots=None,
    )
    (folder / "s.yaml").write_text(write_text(values), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    table = pd.read_csv(folder / "results" / "small" / "summary.csv")
    places = table[["condition", "categories", "sample_size"]].drop_duplicates()
    assert places.to_numpy().tolist() == [[1, 3, 5], [2, 4, 10]]
    # An override that makes an exclusion void takes it along, as it does a check.
    settings = ["zip=null", "truth={zipf: 3}", "model={uniform: 3}", "sample_sizes=[5]"]
    told = mcdiv_command("check", "s.yaml", *(part for setting in settings for part in ("--set", setting))).stdout
    assert "1 condition × " in told


def many(count: int) -> list[float]:
    return [i / (count + 1) for i in range(1, count + 1)]


@pytest.mark.slow
def test_a_thousand_million_conditions_are_refused_with_their_number() -> None:
    text = write_text(small(truth={"coin": many(1000)}, model={"coin": many(1000)}, sample_sizes=list(range(1, 1001))))
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(text, "s.yaml"))
    (line,) = caught.value.problems
    assert line.startswith("s.yaml:")
    assert line.endswith("the scenario has 1,000,000,000 conditions; at most 100,000 fit into a study")
    within = {"k": list(range(2, 1002)), "share": many(1000), "mass": many(1000)}
    _, problems = read_scenario(small(truth={"two_level": within}, model=None))
    assert re.search(r"makes 1,000,000,000 distributions; at most 100,000 conditions fit", str(problems))


def test_of_lists_that_go_together_only_the_entries_count() -> None:
    sizes = list(range(1, 1001))
    together = ["truth.coin", "model.coin", "sample_sizes"]
    scenario = scenario_of(truth={"coin": many(1000)}, model={"coin": many(1000)}, sample_sizes=sizes, zip=together)
    assert len(plan_of(scenario).conditions) == 1000


def test_a_mixture_is_written_as_it_was_read_and_a_list_of_mixtures_is_a_grid() -> None:
    half = [{"weight": "1/3", "zipf": 5}, {"weight": "2/3", "two_level": {"k": 5, "share": 0.2, "mass": 0.9}}]
    whole = [{"weight": 1, "mixture": [{"weight": 1, "uniform": 5}]}]
    for mixture, count in ((half, 1), ([half, whole], 2)):
        scenario = scenario_of(truth={"mixture": {"components": mixture}}, model=None)
        assert len(scenario.truth) == count
        assert scenario_of(truth=scenario.as_written()["truth"], model=None).truth == scenario.truth


def test_what_is_followed_and_learnt_are_the_pairs_that_there_are_conditions_of() -> None:
    scenario = scenario_of(
        truth={"coin": [0.2, 0.5]}, model={"coin": [0.3, 0.6]}, zip=["truth.coin.p", "model.coin.p"], paths=1
    )
    pairs = [("coin(p=0.2)", "coin(p=0.3)"), ("coin(p=0.5)", "coin(p=0.6)")]
    assert list(dict.fromkeys((b.truth.label, b.model.label) for b in bands(plan_of(scenario)) if b.model)) == pairs
    learnt = dict.fromkeys(
        (fit.flips.truth.label, fit.flips.model.label) for fit in fits(plan_of(scenario).seeded(1)) if fit.flips.model
    )
    assert list(learnt) == pairs
