"""Sentences of pages and digests hold for whatever reaches them: one condition, ties, no bias, nothing simulated."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small import scenario_of

from mcdiv.engine.plan import plan_of
from mcdiv.results.report.answer import answer
from mcdiv.results.report.methods import methods
from mcdiv.results.report.problems import about_problems
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import Digest, digest

Study = Callable[..., Results]


def told(results: Results) -> Digest:
    return digest(results.rows, results.scenario.units, results.intervals, results.pairs)


def test_estimators_without_bias_are_not_only_said_to_be_alike(study: Study) -> None:
    draws = {"estimands": ["kl_divergence"], "estimators": ["k1", "k2", "k3"], "sample_sizes": [1, 2, 4]}
    text = " ".join(told(study(**draws, mode="exact")).sentences)
    assert "Smallest |bias| of KL(P‖Q): 0 within rounding for k1 and k3 at every N." in text
    # Of a coin of no uncertainty every estimate of the entropy is right.
    certain = told(study(truth={"coin": 1}, model=None, estimators=["plugin", "laplace"], mode="exact"))
    assert "0 within rounding for plugin at every N" in " ".join(certain.sentences)


def test_a_count_of_who_is_best_says_where_ties_are(study: Study) -> None:
    # At N = 1 all three are 0.
    grid = {"truth": {"coin": [0.5, 0.6, 0.9]}, "model": None, "estimands": ["entropy"], "sample_sizes": [1, 5, 20]}
    shown = told(study(**grid, estimators=["plugin", "miller_madow", "jackknife"], mode="exact"))
    [text] = [part for part in " ".join(shown.sentences).split(". ") if part.startswith("Smallest RMSE")]
    parts = dict(re.findall(r"(\w+) (?:alone )?in (\d)", text))
    assert parts["tie"] == "3" and sum(map(int, parts.values())) == 9 and " alone in " in text
    [of_all] = [one for one in shown.tables if one.title == "Over all conditions"]
    assert "smallest RMSE or tied in" in of_all.header
    column = of_all.header.index("smallest RMSE or tied in")
    assert [line[column] for line in of_all.lines] == [str(3 + int(parts.get(line[1], 0))) for line in of_all.lines]


def test_a_bias_that_does_not_depend_on_n_has_no_power_of_n(study: Study) -> None:
    sampled = {"model_sample_sizes": [30, 40, 50], "estimands": ["cross_entropy"], "truth": {"coin": 0.3}}
    smoothed = study(**sampled, estimators=["plugin"], sample_sizes=[2, 8, 32], mode="exact")
    text = " ".join(told(smoothed).sentences)
    assert "|bias| hardly changes with N in all 3 settings" in text and "N^(" not in text


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([4], ["In the one condition every possible outcome is listed"]),
        ([4, 8], ["In all 2 conditions every possible outcome is listed"]),
        ([4, 10_000], ["In 1 of 2 conditions every", "The other one has too many outcomes to list"]),
        ([4, 5000, 10_000], ["In 1 of 3 conditions every", "The other 2 have too many outcomes to list"]),
        ([10_000], ["The one condition has too many outcomes to list"]),
        ([5000, 10_000], ["All 2 conditions have too many outcomes to list"]),
    ],
)
def test_how_many_conditions_are_listed_is_said_in_grammar(sizes: list[int], words: list[str]) -> None:
    scenario = scenario_of(truth={"uniform": 3}, model=None, sample_sizes=sizes, replicates=10)
    empty = pd.DataFrame({"max_abs_difference": [], "condition": []})
    found = methods(plan_of(scenario), [], {"decomposition": empty, "convergence": empty})
    for text in words:
        assert any(sentence.startswith(text) for sentence in found.sampling)


def test_what_is_said_of_problems_is_of_those_there_are() -> None:
    def about(*rows: tuple[str, Any]) -> str:
        return " ".join(about_problems(pd.DataFrame(rows, columns=["kind", "replay"])))

    rare, infinite = ("rare_events", None), ("infinite", "mcdiv replay RESULTS")
    assert about(rare) == "The message says what is wrong with a simulated number."
    assert "finite estimates" in about(infinite) and "message" not in about(infinite)
    assert "RESULTS" not in about(("infinite", None)) and "RESULTS" in about(rare, infinite)
    assert about() == ""


def test_the_page_of_an_exact_study_says_that_nothing_was_simulated(tmp_path: Path) -> None:
    for mode, words in (("exact", "computed"), ("both", "simulated")):
        run(scenario_of(mode=mode, estimands=["entropy"], model=None), backend="serial", out=tmp_path)
        page = (tmp_path / "small" / "report.html").read_text(encoding="utf-8")
        assert f"What was {words}</h2>" in page
        assert ("of every replicate" in page) == (mode == "both")
        assert ("A simulation study" in page) == (mode == "both")


def test_the_interval_that_covers_least_is_the_same_wherever_it_is_named(study: Study) -> None:
    # None of these intervals ever holds ln 2 at N = 3.
    names = ["bootstrap_percentile", "bootstrap_basic", "clopper_pearson"]
    found = study(intervals=names, model=None, sample_sizes=[3], mode="exact", estimators=["plugin"])
    shown = told(found)
    [first] = [part for part in answer(shown, found.intervals)[0] if part.startswith("Of the")]
    [lowest] = [text for text in shown.sentences if "The lowest coverage" in text]
    assert re.search(r"; (\w+) covers 0", first)[1] == re.search(r"\((\w+),", lowest)[1]  # type: ignore[index]
