"""No valid scenario ends in a traceback, a warning or an empty picture, and what fails all the same costs no table."""

import itertools
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases import quick
from conftest import Command
from small import scenario_of, small
from valid_scenarios import run_whole, valid_scenario

from mcdiv.files.yaml_text import write_text
from mcdiv.lessons.fit import plots
from mcdiv.measures.contract import names_of
from mcdiv.results import pages
from mcdiv.results.plots import PLOTS, STYLES, render, style
from mcdiv.results.run import run

UNBIASED = {"estimands": ["kl_divergence"], "estimators": ["k1", "k3"]}
ONE_INFINITE = {"model": {"coin": [0.5, 1]}, "estimators": ["plugin"], "sample_sizes": [10]}
#: with three draws of Q, and many of P, a category is missing in those of Q
SIZE_INFINITE = {
    "truth": {"uniform": 4},
    "model": {"uniform": 4},
    "model_sample_sizes": [3],
    "estimands": ["kl_divergence"],
    "estimators": ["plugin"],
    "sample_sizes": [3, 200],
    "mode": "monte_carlo",
    "paths": 0,
}
#: two replicates whose mean is the true value, where exact biases are known
BY_CHANCE_RIGHT = {
    "truth": {"zipf": {"k": 2, "s": 0}},
    "model": {"coin": 0.6},
    "estimands": ["entropy", "kl_divergence"],
    "estimators": ["perks", "minimax", "jeffreys"],
    "sample_sizes": [4, 20, 200],
    "replicates": 2,
    "seed": 321,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes, drawn",
    quick(
        1,
        [
            (UNBIASED, {"bias", "rmse", "estimators", "distribution", "agreement"}),
            ({"estimands": ["cross_entropy"], "estimators": ["plugin"]}, {"bias", "rmse", "distribution", "agreement"}),
            (ONE_INFINITE, {"bias", "bias_log", "rmse", "rate", "distribution", "agreement"}),
            (SIZE_INFINITE, {"bias", "bias_log", "rmse", "rate", "distribution"}),
            (BY_CHANCE_RIGHT, {"bias", "bias_log", "rmse", "rate", "estimators", "distribution", "agreement"}),
        ],
    ),
    ids=[
        "every-estimator-is-unbiased",
        "the-only-one-is-unbiased",
        "one-setting-has-nothing-finite",
        "one-size-has-nothing-finite",
        "a-simulated-bias-is-0",
    ],
)
def test_a_study_of_which_some_has_nothing_to_draw_has_its_other_pictures(
    tmp_path: Path, changes: dict[str, Any], drawn: set[str]
) -> None:
    left_out = ("convergence", "decomposition", "zip", *names_of(usual=False))
    values = small(**changes, plots=[name for name in PLOTS if PLOTS[name].usual and name not in left_out])
    assert run_whole(values, tmp_path) == drawn


@pytest.mark.slow
@pytest.mark.parametrize("dice", quick(1, [f"0 {number}" for number in range(20)] + ["1 23", "1 29"], measured=2))
def test_a_random_valid_scenario_runs_from_its_file_to_its_page(tmp_path: Path, dice: str) -> None:
    run_whole(valid_scenario(random.Random(dice)), tmp_path, twice=dice.endswith("5"))


def _failing(*_: object, **__: object) -> Any:
    raise ValueError("no such\x1b luck\nat all")


NOT_MADE = "not made (ValueError: no such\\x1b luck\\nat all); the tables are complete"


@pytest.mark.slow
def test_a_picture_that_fails_costs_one_line_and_neither_tables_nor_other_pictures(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "small.yaml").write_text(write_text(small(plots=["bias", "decomposition"])), encoding="utf-8")
    monkeypatch.setitem(PLOTS._entries, "bias", replace(PLOTS["bias"], draw=_failing))
    done = mcdiv_command("run", "small.yaml", "-q", code=1)
    assert done.stderr == f"plots/bias: {NOT_MADE}\n"
    results = folder / "results" / "small"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    assert {"summary.csv", "report.html", "plots/decomposition.svg", "plots/decomposition.png"} <= set(
        manifest["files"]
    )
    page = (results / "report.html").read_bytes()
    assert "plots/bias: not made" in page.decode()
    mcdiv_command("report", "results/small")
    assert (results / "report.html").read_bytes() == page


@pytest.mark.slow
def test_plot_and_fit_say_on_one_line_what_they_could_not_draw(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "small.yaml").write_text(write_text(small()), encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    monkeypatch.setitem(PLOTS._entries, "bias", replace(PLOTS["bias"], draw=_failing))
    done = mcdiv_command("plot", "results/small", "--only", "bias,decomposition", code=1)
    assert (done.stderr, done.stdout) == (
        f"plots/bias: {NOT_MADE}\n",
        "wrote results/small/plots/: decomposition.svg\n",
    )
    assert mcdiv_command("plot", "results/small", "--only", "bias", code=1).stderr == f"plots/bias: {NOT_MADE}\n"
    monkeypatch.setattr(plots, "learning", _failing)
    text = write_text(small(plots=None, sample_sizes=[5], learning={"steps": 3}))
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    for options in (["-q"], ["--json"], []):
        done = mcdiv_command("fit", "small.yaml", *options, code=1)
        assert done.stderr == f"plots/learning: {NOT_MADE}\n"
    assert "learning_summary.csv\n" in done.stdout
    assert (folder / "results" / "small" / "learning.csv").exists()


def test_a_report_that_fails_costs_one_line_and_no_table(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "small.yaml").write_text(write_text(small()), encoding="utf-8")
    monkeypatch.setattr(pages, "page", _failing)
    done = mcdiv_command("run", "small.yaml", code=1)
    assert f"report.html: {NOT_MADE}\n" in done.stderr
    assert "wrote results/small/: summary.csv and the other tables, scenario.yaml, …\n" in done.stdout
    assert (folder / "results" / "small" / "summary.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes, title",
    [
        ({"mode": "monte_carlo", "paths": 0}, "simulated ± 2 MCSE estimator plugin 6 of 8 truths shown"),
        ({"mode": "both"}, "points simulated ± 2 MCSE, lines exact estimator plugin 6 of 8 truths shown"),
        ({"mode": "exact"}, "exact estimator plugin 6 of 8 truths shown"),
    ],
    ids=str,
)
def test_the_coverage_picture_says_what_is_exact_and_how_much_of_the_study_it_shows(
    changes: dict[str, Any], title: str
) -> None:
    coins = {"truth": {"coin": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]}, "model": None, "intervals": ["delta"]}
    tables = run(scenario_of(**coins, estimators=["plugin"], sample_sizes=[5], **changes), backend="serial").tables
    with style():
        figure = PLOTS["coverage"].draw(PLOTS["coverage"].data(tables))
    assert title in " ".join(figure.get_suptitle().split())


@pytest.mark.slow
@pytest.mark.parametrize("looks", STYLES)
@pytest.mark.parametrize("name", quick(1, ["best", "decomposition", "estimators", "bias_log"]))
def test_no_word_of_a_picture_is_cut_off_or_printed_over_another(name: str, looks: str) -> None:
    long = {"categorical": [0.2, 0.3, 0.1, 0.25, 0.15]}
    model = {"softmax": {"logits": [0.25, -1.5, 2.25, 1.125, 0.5], "temperature": [1, 2.25]}}
    estimators = ["plugin", {"additive": {"alpha": 0.25}}, "grassberger_2003", "chao_wang_jost"]
    study = scenario_of(truth=long, model=model, estimators=estimators, sample_sizes=[5, 100], replicates=100)
    rows = PLOTS[name].data(run(study, backend="serial").tables)
    with style(looks):
        figure = PLOTS[name].draw(rows)
        render(figure, "png")
        places = [(axes.xaxis, axes.yaxis) for axes in figure.axes]
        ticks = [[tick.label1 for tick in axis._update_ticks()] for pair in places for axis in pair]
        legends = [text for legend in figure.legends for text in legend.get_texts()]
        titles = [text for axes in figure.axes for text in (axes.title, axes.xaxis.label, axes.yaxis.label)]
        for text in (*legends, *titles, *itertools.chain(*ticks), *figure.texts):
            if text.get_text().strip():
                box = text.get_window_extent()
                assert figure.bbox.padded(1).containsx(box.x0), text
                assert figure.bbox.padded(1).containsx(box.x1), text
        for labels in ticks[::2]:
            boxes = [label.get_window_extent() for label in labels if label.get_text()]
            assert all(one.x1 <= other.x0 for one, other in itertools.pairwise(boxes))
        for axes in figure.axes:
            assert axes.yaxis.label.get_window_extent().y1 <= axes.bbox.y1 + 0.1 * axes.bbox.height
