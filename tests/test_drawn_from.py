"""Samples from O while the estimands are those of P and Q: exact, simulated, recorded, and what is refused."""

import json
import math
from collections.abc import Callable
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
from mcdiv.results.compare import compare
from mcdiv.results.loading import load_plan, parse
from mcdiv.results.methods import methods
from mcdiv.results.plots.figure_style import style
from mcdiv.results.plots.picture import PLOTS
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.scenario.model import read_scenario

P, Q, DRAWN = (["1/2", "3/10", "1/5"], ["7/10", "1/5", "1/10"], ["2/5", "2/5", "1/5"])
OFF: dict[str, Any] = {
    "truth": {"categorical": [P]},
    "model": {"categorical": [Q]},
    "drawn_from": {"categorical": [DRAWN]},
    "estimands": ["kl_divergence"],
    "estimators": ["k1", "k2", "k3"],
    "sample_sizes": [4],
}
#: Σ o_x k_x in exact rationals and 30 digits
MEANS = {"k1": 0.16622658470676965, "k2": 0.10356840537382953, "k3": 0.0928932513734363}
SDS = {"k1": 0.42368093335006496, "k2": 0.06928110662288255, "k3": 0.05027443069547423}


def rows_of(**changes: Any) -> dict[str, Any]:
    return {row.task.label: row for row in run(scenario_of(**OFF | changes)).rows}


#: the same with weights p/o, and with these clipped to [0.8, 1.2]
WEIGHTED = {
    "k1(weight=weighted)": (0.09203285023383191, 0.44200619412853315),
    "k1(weight=weighted, clip=0.2)": (0.10687159712841945, 0.43814036419078667),
    "k2(weight=weighted)": (0.10100898598001533, 0.06972782618521113),
    "k2(weight=weighted, clip=0.2)": (0.10152086985877817, 0.06935959147109688),
    "k3(weight=weighted)": (0.09203285023383191, 0.05180883138201756),
    "k3(weight=weighted, clip=0.2)": (0.0922049304617528, 0.05114675993157458),
}


@pytest.mark.parametrize("size", [4, 3000])
def test_means_and_spreads_off_the_policy_are_the_sums_over_what_is_drawn(size: int) -> None:
    rows = rows_of(sample_sizes=[size])
    for name, mean in MEANS.items():
        row = rows[name]
        assert row.true_value == pytest.approx(0.09203285023383191, rel=1e-13)
        assert row.exact["bias"] == pytest.approx(mean - 0.09203285023383191, rel=1e-11)
        assert row.exact["sd"] == pytest.approx(SDS[name] / math.sqrt(size), rel=1e-12)
        simulated = row.simulated["bias"]
        assert abs(simulated.value - row.exact["bias"]) < 5 * simulated.mcse
        if "bias_cv" in row.simulated:
            controlled = row.simulated["bias_cv"]
            assert abs(controlled.value - row.exact["bias"]) <= 5 * controlled.mcse + 1e-15


def test_weights_make_means_those_over_the_truth_and_clipped_ones_do_not() -> None:
    rows = rows_of(estimators=[*WEIGHTED])
    for label, (mean, sd) in WEIGHTED.items():
        assert rows[label].exact["mean"] == pytest.approx(mean, rel=1e-13)
        assert rows[label].exact["sd"] == pytest.approx(sd / 2, rel=1e-12)
        simulated = rows[label].simulated["bias"]
        assert abs(simulated.value - rows[label].exact["bias"]) < 5 * simulated.mcse
    for name in ("k1", "k3"):
        assert rows[f"{name}(weight=weighted)"].exact["bias"] == pytest.approx(0, abs=1e-16)


def test_on_the_truth_a_weight_is_1() -> None:
    rows = rows_of(estimators=["k3", "k3(weight=weighted)", "k3(weight=weighted, clip=0)"], drawn_from=None)
    assert len({row.exact["sd"] for row in rows.values()}) == 1


def test_named_for_one_side_and_drawn_from_the_other_k3_is_low_and_its_weight_mends_it() -> None:
    # A trainer P whose tokens were drawn by a generator: the reference of the KL is the generator too.
    rows = rows_of(
        model={"categorical": [Q]}, drawn_from={"categorical": [Q]}, estimators=["k3", "k3(weight=weighted)"]
    )
    assert rows["k3"].exact["mean"] == pytest.approx(0.0782105073761117, rel=1e-13)
    assert rows["k3(weight=weighted)"].exact["mean"] == pytest.approx(0.09203285023383191, rel=1e-13)


def test_a_category_that_only_the_draws_have_makes_k1_infinite_and_weighs_nothing() -> None:
    changes = {"truth": {"categorical": [[0.5, 0.5, 0]]}, "estimators": ["k1", "k1(weight=weighted)", "k3"]}
    rows = rows_of(**changes)
    drawn_once = 1 - (4 / 5) ** 4
    assert rows["k1"].exact["infinite_share"] == pytest.approx(drawn_once, rel=1e-12)
    assert rows["k3"].exact["infinite_share"] == pytest.approx(drawn_once, rel=1e-12)
    assert rows["k1(weight=weighted)"].exact["infinite_share"] == 0
    assert rows["k1(weight=weighted)"].exact["bias"] == pytest.approx(0, abs=1e-16)


def test_a_claim_to_be_unbiased_is_one_of_draws_from_the_truth() -> None:
    assert rows_of(drawn_from=None)["k1"].exact["bias"] == 0
    assert rows_of(drawn_from={"categorical": [P]})["k1"].exact["bias"] == pytest.approx(0, abs=1e-16)


def test_what_is_never_drawn_adds_nothing() -> None:
    # Only the third category: ln(p/q) = ln 2 every time.
    row = rows_of(drawn_from={"categorical": [[0, 0, 1]]})["k1"]
    assert row.exact["bias"] == pytest.approx(math.log(2) - 0.09203285023383191, rel=1e-13)
    assert row.exact["sd"] == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"estimators": ["k1", "plugin"]}, "estimators.1: plugin takes the draws for draws from P, .* k1, k2, k3"),
        ({"model": None, "estimands": None}, "drawn_from: only estimators that know P and Q .*; give 'model'"),
        (
            {"model_sample_sizes": [5]},
            "drawn_from: only estimators that know P and Q .*; leave out 'model_sample_sizes'",
        ),
        ({"estimators": ["k1(clip=0.2)"]}, r"estimators.0: k1\(clip=0.2\): clip: there is no weight to clip; expected"),
        ({"drawn_from": {"coin": 0.5}}, r"drawn_from: coin\(p=0.5\) has 2 categories, categorical\(.*\) has 3; they"),
        ({"drawn_from": {"uniform": [3, 4]}}, "drawn_from: expected one distribution, got 2"),
        ({"drawn_from": {"con": 0.5}}, "drawn_from.con: unknown distribution 'con'; did you mean 'coin'?"),
        ({"paths": 3}, "drawn_from: paths take samples for draws from P; leave out 'paths' or 'drawn_from'"),
        ({"learning": {}}, "drawn_from: a fit takes samples for draws from P"),
        (
            {"sample_sizes": {"until": {"measure": "rmse", "below": 0.1}}},
            "drawn_from: a goal takes samples for draws from P",
        ),
    ],
)
def test_what_takes_samples_for_draws_from_the_truth_is_refused_in_one_line(changes: dict[str, Any], said: str) -> None:
    _, problems = read_scenario(small(**OFF | changes))
    lines = [f"{'.'.join(map(str, problem.path))}: {problem.message}" for problem in problems]
    with pytest.raises(ScenarioError, match=said):
        raise ScenarioError(lines)
    assert len(lines) == 1, lines


def test_a_scenario_reads_back_with_what_it_draws_from_and_without_paths() -> None:
    mapping = small(**OFF | {"paths": None})
    fit_the_schema(mapping)
    scenario = scenario_of(**OFF | {"paths": None})
    assert scenario.paths == 0
    written = scenario.as_written()
    again, problems = read_scenario(written)
    assert again is not None, problems
    assert again.as_written() == written
    assert parse(read_text(write_text(written), "again")).drawn_from == scenario.drawn_from


def test_other_draws_are_other_random_numbers_and_none_leave_them_as_they_were() -> None:
    plan = plan_of(scenario_of(**OFF | {"drawn_from": None}))
    off = plan_of(scenario_of(**OFF))
    assert plan.conditions[0].address != off.conditions[0].address


@pytest.mark.slow
def test_tables_sentences_and_a_ranking_say_what_was_drawn_from(mcdiv_command: Command, folder: Path) -> None:
    Path("off.yaml").write_text(write_text(small(**OFF | {"name": "off"})), encoding="utf-8")
    Path("on.yaml").write_text(write_text(small(**OFF | {"name": "on", "drawn_from": None})), encoding="utf-8")
    said = mcdiv_command("run", "off.yaml", "on.yaml", "-o", "out").stdout
    label = "categorical(pmf=[2/5, 2/5, 1/5])"
    assert said.count(f"drawn from O = {label}") == 1
    off, on = (pd.read_csv(f"out/{name}/summary.csv") for name in ("off", "on"))
    assert set(off["drawn_from"]) == {label} and list(off.columns)[-1] == "drawn_from"
    assert "drawn_from" not in on.columns
    table = compare("out/off", "out/on")
    assert table["truth"].nunique() == 2
    assert "drawn from O" in Path("out/off/report.html").read_text(encoding="utf-8")
    assert f", drawn from O = {label}." in mcdiv_command("table", "out/off").stdout
    assert "drawn from O" not in mcdiv_command("table", "out/on").stdout
    assert "Samples were not drawn from P but from O, categorical(" in methods("out/off")
    assert "counts from O" in mcdiv_command("replay", "out/off", "--condition", "1", "--replicate", "3").stdout
    found = json.loads(mcdiv_command("replay", "out/off", "--condition", "1", "--replicate", "3", "--json").stdout)
    assert found["drawn_from"] == label


def test_setting_what_is_drawn_from_makes_another_study() -> None:
    plan = load_plan("policy_gradient", ["drawn_from={uniform: 3}"], own_name=True)
    assert plan.scenario.name.startswith("policy_gradient-drawn_from=")
    assert "(drawn_from = {uniform: 3})" in plan.scenario.title


def test_a_fit_is_refused(mcdiv_command: Command, folder: Path) -> None:
    Path("off.yaml").write_text(write_text(small(**OFF)), encoding="utf-8")
    assert "a fit takes samples for draws from P" in mcdiv_command("fit", "off.yaml", code=2).stderr


def test_an_estimator_that_needs_p_is_refused_where_there_are_data_only(mcdiv_command: Command, folder: Path) -> None:
    Path("draws.txt").write_text("a\na\nb\n", encoding="utf-8")
    told = mcdiv_command("estimate", "draws.txt", "--model", "0.5", "-e", "k1", code=2).stderr
    assert told == "--estimator: k1 needs P besides Q, which no data tell\n"
    told = mcdiv_command("estimate", "draws.txt", "--model", "0.5", "--estimand", "kl_gradient", code=2).stderr
    assert told.startswith("--estimand: parameter 'category' is missing") and told.count("\n") == 1


@pytest.mark.slow
def test_every_picture_of_a_study_says_what_was_drawn_from(study: Callable[..., Results]) -> None:
    results = study(**OFF)
    for name in ("bias", "rate", "estimators", "distribution"):
        rows = PLOTS[name].data(results.tables)
        assert set(rows["drawn_from"]) == {"categorical(pmf=[2/5, 2/5, 1/5])"}, name
        with style():
            title = PLOTS[name].draw(rows).get_suptitle()
        assert "drawn from O" in " ".join(title.split()), name
