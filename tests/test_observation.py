"""`mcdiv estimate`: which category is which, many groups at once, huge samples, and what is said of doubt."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.core.number_format import percent_of_level, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import Reading
from mcdiv.observed.estimates import Line, estimate_all
from mcdiv.observed.observe import observe
from mcdiv.observed.question import Question
from mcdiv.observed.recommend import advice_scenario, advise, estimates_here
from mcdiv.observed.recommendation import Recommendation, recommendations
from mcdiv.observed.trust import data_sentences, estimate_sentences, infinite_sentence, model_sentence

Write = Callable[[str, str], str]


@pytest.fixture
def write(folder: Path) -> Write:
    """Write a file into an empty folder, and name it."""

    def put(name: str, text: str) -> str:
        (folder / name).write_text(text, encoding="utf-8")
        return name

    return put


def lines_of(**question: Any) -> list[Line]:
    (lines,) = estimate_all(observe(Question(**question)))
    return lines


# ---- which category is which


def test_a_distribution_goes_to_the_categories_as_they_are_sorted_in_every_group(write: Write) -> None:
    name = write("a.csv", "site,k,n\nx,b,3\nx,a,7\ny,c,1\ny,b,2\nz,c,5\n")
    question = {"reading": Reading(column="k", weights="n", by="site"), "model": "categorical: {pmf: [.5, .3, .2]}"}
    groups = observe(Question(source=name, **question))
    assert [group.labels for group in groups] == [("a", "b", "c")] * 3
    assert [group.sample.counts.tolist() for group in groups] == [[[7, 3, 0]], [[0, 2, 1]], [[0, 0, 5]]]
    assert all(group.sample.q is not None and group.sample.q.tolist() == [0.5, 0.3, 0.2] for group in groups)


def test_the_order_of_the_rows_changes_nothing(write: Write) -> None:
    one, two = write("a.csv", "k,n\n10,7\n9,3\n"), write("b.csv", "k,n\n9,3\n10,7\n")
    values = [
        [line.value for line in lines_of(source=name, model="0.6", estimators=("plugin",))] for name in (one, two)
    ]
    assert values[0] == pytest.approx(values[1])
    wanted = mcdiv.estimate("kl_divergence", [3, 7], q=[0.6, 0.4], estimator="plugin")  # 9 comes before 10
    assert values[0][2] == pytest.approx(float(wanted))


def test_a_model_given_with_entropy_is_refused_not_ignored() -> None:
    with pytest.raises(ValueError, match="entropy has no model: leave out q"):
        mcdiv.estimate("entropy", [7, 3], estimator="plugin", q=[0.5, 0.5])
    with pytest.raises(ValueError, match="entropy has no model: leave out q"):
        mcdiv.interval("entropy", [7, 3], method="delta", q=[0.5, 0.5])


def test_sentences_say_no_more_than_the_numbers_do() -> None:
    errors = {"plugin": 0.01, "zhang": 0.01}
    (near,) = estimate_sentences({"plugin": 2.0, "zhang": 2.017}, errors, "bits")
    assert "1.7 times their standard error. Use --advise" in near
    (far,) = estimate_sentences({"plugin": 2.0, "zhang": 900.0}, errors, "bits")
    assert "more than 100 times their standard error." in far
    (close,) = estimate_sentences({"plugin": 2.8991, "zhang": 2.89912}, errors, "bits")
    assert "from plugin (2.8991) to zhang (2.89912)" in close
    (certain,) = estimate_sentences({"plugin": 2.0}, {"plugin": 0.0}, "bits", certain="Q is uniform.")
    assert certain == "Q is uniform."
    counts = np.array([5, 4, 0])
    # (1 − p)^9 = 0.05 at p = 0.283
    assert "a category that was not seen has a probability below 28.3 %" in list(data_sentences(counts, "listed"))[1]
    assert "no sign of unseen categories" in list(data_sentences(counts[:2], "seen"))[1]
    many = np.repeat([1, 2], [99_950, 50])
    assert "(99.95 % of those seen)" in list(data_sentences(many, "seen"))[1]


@pytest.mark.parametrize("estimand", ["js_divergence", "jeffreys_divergence", "entropy", "cross_entropy"])
@pytest.mark.parametrize("option", ["model", "against", "alphabet_size"])
def test_the_usual_estimators_are_those_of_the_estimand_asked_for(write: Write, estimand: str, option: str) -> None:
    name = write("a.csv", "k,n\na,7\nb,3\n")
    given: dict[str, Any] = {"model": {"model": "0.6"}, "against": {"against": name}}.get(option, {"alphabet_size": 2})
    if option == "alphabet_size" and estimand != "entropy":
        with pytest.raises(ScenarioError, match=f"{estimand} needs a model; give --model or --against"):
            observe(Question(source=name, estimands=(estimand,), **given))
        return
    lines = lines_of(source=name, estimands=(estimand,), **given)
    assert {line.estimand for line in lines} == {estimand}
    assert "plugin" in {line.estimator for line in lines}


@pytest.mark.slow
def test_the_output_says_which_category_has_which_probability(mcdiv_command: Command, write: Write) -> None:
    name = write("a.csv", "k,n\ntails,7\nheads,3\n")
    told = mcdiv_command("estimate", name, "--model", "0.6", "-e", "plugin").stdout
    assert "Q(heads) = 0.6, Q(tails) = 0.4." in told
    told = mcdiv_command("estimate", name, "--model", "uniform: {k: 3}", "--alphabet-size", "3").stdout
    assert "Q(heads) = 0.333333, Q(tails) = 0.333333, Q(not seen) = 0.333333." in told
    labels = [f"k{i}" for i in range(20)]
    assert model_sentence(labels, np.full(20, 0.05)).count("Q(") == 8
    assert model_sentence(labels, np.full(20, 0.05)).endswith("…, Q(k19) = 0.05.")


@pytest.mark.parametrize("arguments", [["--against", "f.csv"], ["--model", "zipf: {k: 3}"], ["--model", "m.csv"]])
def test_categories_without_a_name_are_not_matched_by_their_place(
    mcdiv_command: Command, write: Write, arguments: list[str]
) -> None:
    write("f.csv", "count,categories\n1,2\n5,1\n")
    write("m.csv", "k,p\n1,0.5\n2,0.3\n3,0.2\n")
    told = mcdiv_command("estimate", "f.csv", *arguments, code=2).stderr
    assert "f.csv: says how many categories occurred how often, but not which" in told
    assert told.strip().count("\n") == 0
    known = lines_of(source="f.csv", model="uniform: {k: 3}", estimators=("plugin",))[2]
    assert known.value == pytest.approx(
        float(mcdiv.estimate("kl_divergence", [1, 1, 5], q=[1 / 3] * 3, estimator="plugin"))
    )


# ---- many groups, many draws


@pytest.mark.slow
def test_groups_are_estimated_together_as_they_are_one_by_one(write: Write) -> None:
    generator = np.random.default_rng(5)
    rows = [f"g{g},s{s},{generator.integers(0, 5)}" for g in range(30) for s in range(2 + g % 3)]
    rows += [f"g{g},t,1" for g in range(30)]
    name = write("a.csv", "\n".join(["g,s,n", *rows]))
    reading = Reading(column="s", weights="n", by="g")
    observed = observe(Question(source=name, reading=reading))
    assert len({id(group.scenario) for group in observed}) == 3
    together = estimate_all(observed)
    for group, lines in zip(observed, together, strict=True):
        (alone,) = estimate_all([group])
        for one, other in zip(lines, alone, strict=True):
            assert (one.estimand, one.estimator) == (other.estimand, other.estimator)
            for part in ("value", "standard_error", "low", "high"):
                assert getattr(one, part) == pytest.approx(getattr(other, part), rel=1e-12, nan_ok=True)
        counts = group.sample.counts[0]
        assert lines[0].value == pytest.approx(float(mcdiv.estimate("entropy", counts, estimator="plugin")))


@pytest.mark.slow
def test_a_screen_is_not_filled_with_thousands_of_groups(mcdiv_command: Command, write: Write) -> None:
    name = write("a.csv", "\n".join(["g,s", *(f"g{g},{s}" for g in range(150) for s in "ab")]))
    options = ["--by", "g", "--column", "s", "-e", "plugin"]
    told = mcdiv_command("estimate", name, *options).stdout
    assert " g99 " in told
    assert " g100 " not in told
    assert "50 more groups; use --output for a table of all, or --json" in told
    assert len(json.loads(mcdiv_command("estimate", name, *options, "--json").stdout)) == 150


def test_more_draws_than_can_be_simulated_are_estimated_all_the_same(mcdiv_command: Command, write: Write) -> None:
    name = write("a.csv", "k,n\na,7000000000\nb,3000000000\n")
    (line,) = lines_of(source=name, estimators=("plugin",))
    delta = mcdiv.interval("entropy", [7 * 10**9, 3 * 10**9], method="delta")
    assert line.standard_error == pytest.approx(float(delta.standard_error), rel=1e-6)
    (both, *_) = lines_of(source=name, against=name, estimators=("plugin",))
    assert both.value == pytest.approx(line.value)
    told = mcdiv_command("estimate", name, "--advise", code=2).stderr
    assert "--advise, draws in a sample: expected a whole number from 1 to 10^9, got 10000000000" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nothere.csv"], "nothere.csv: there is no such file"),
        (["--model", "x" * 300], "x: file name too long"),
        (["--model", "."], ".: is a folder"),
        (
            ["--model", f"categorical: {{pmf: [{', '.join(['0.001'] * 1000)}]}}"],
            "has 1000 categories, the counts have 2",
        ),
        (
            ["--model", "uniform: {k: 3}"],
            "--model: uniform(k=3) has 3 categories, the counts have 2; --alphabet-size 3",
        ),
        (["--model", "coin: [0.1, 0.2]"], "--model coin: [0.1, 0.2]: expected one distribution, got 2"),
        (["--model", "unifrom: {k: 2}"], "--model: unknown distribution 'unifrom'; did you mean 'uniform'?"),
        (["--alphabet-size", "5e8"], "--alphabet-size: expected a whole number from 1 to 10^6, got '5e8'"),
        (["--alphabet-size", "2e12"], "--alphabet-size: expected a whole number from 1 to 10^6, got '2e12'"),
        (["-o", ""], ".: exists already; choose another name"),
        (["-o", "none/a.csv"], "none/a.csv: cannot write: there is no folder none"),
        (["-o", "x" * 300], "x: cannot write: file name too long"),
        (["--against", "b.csv", "--alphabet-size", "2"], "alphabet_size is 2, but P and Q are given over 3 categories"),
        (["--symbols"], "a.csv: --symbols is not for tables"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    mcdiv_command: Command, write: Write, arguments: list[str], said: str
) -> None:
    write("a.csv", "k,n\na,7\nb,3\n")
    write("b.csv", "k,n\na,7\nc,3\n")
    told = mcdiv_command("estimate", "a.csv", *arguments, code=2)
    assert said in told.stderr
    assert told.stderr.strip().count("\n") == 0
    assert not told.stdout


def test_a_folder_that_may_not_be_looked_into_is_one_line(
    mcdiv_command: Command, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    write("a.csv", "k,n\na,7\n")
    monkeypatch.setattr(Path, "is_dir", refuse)
    told = mcdiv_command("estimate", "a.csv", "-o", "closed/b.csv", code=2).stderr
    assert "closed/b.csv: cannot write: permission denied" in told


@pytest.mark.slow
@pytest.mark.unmeasured
def test_categories_beyond_what_can_be_held_are_refused(write: Write) -> None:
    name = write("a.txt", " ".join(f"w{i}" for i in range(10**6 + 1)))
    with pytest.raises(ScenarioError, match="1,000,001 categories are more than 1,000,000"):
        observe(Question(source=name))


# ---- what is said


def test_a_standard_error_without_an_end_is_written_and_explained(mcdiv_command: Command, write: Write) -> None:
    assert rounded(Measured(value=0.5, mcse=math.inf)) == "0.5 ± ∞"
    first, second = write("a.csv", "k,n\na,7\nb,3\n"), write("b.csv", "k,n\na,7\nb,1\n")
    told = mcdiv_command("estimate", first, "--against", second, "-e", "plugin", "--estimand", "kl_divergence").stdout
    assert "± ∞" in told
    assert "The standard error of plugin is infinite: without one of the draws" in told


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("5 5", ["-e", "plugin"], True),
        ("5 5", [], True),
        ("1", ["-e", "plugin"], True),
        ("7 3", ["-e", "plugin"], False),
        ("7 3", ["-e", "plugin", "--model", "0.5", "--estimand", "cross_entropy"], False),
    ],
)
def test_an_interval_without_width_is_not_left_unexplained(
    mcdiv_command: Command, text: str, options: list[str], *, expected: bool
) -> None:
    told = mcdiv_command("estimate", "-", *options, stdin=text).stdout
    assert ("is 0 because every draw contributes the same, not because the estimate is certain" in told) == expected
    assert ("Q is uniform, so this is the logarithm of K whatever P is." in told) == ("cross_entropy" in options)


def test_nothing_is_missed_where_all_of_a_known_alphabet_was_seen() -> None:
    told = list(data_sentences(np.array([3, 1, 1]), "given"))
    assert told == ["5 draws, 3 categories seen.", "These are all the categories there are."]
    told = list(data_sentences(np.array([3, 2, 0]), "given"))
    assert "no sign of unseen categories" not in told[1]
    assert "categories not seen yet" in " ".join(data_sentences(np.array([3, 1, 1]), "seen"))


def recommended(**question: Any) -> list[Recommendation]:
    (observed,) = observe(Question(**question))
    results = advise(observed)
    return list(recommendations(results.rows, results.pairs, "nats", estimates_here(observed, results)))


def test_advice_calls_exact_errors_alike_and_explains_shares(write: Write) -> None:
    (told,) = recommended(source=write("a.csv", "k,n\na,9\n"), estimators=("plugin", "zhang"))
    assert (
        told.sentences[0] == "On data like yours, plugin and zhang are most accurate for H(P); their RMSEs are equal."
    )
    (told,) = recommended(source=write("b.csv", "k,n\na,2\nb,1\nc,1\n"), estimators=("plugin", "ansb"))
    assert any(sentence.startswith("ansb is undefined in ") for sentence in told.sentences)
    *_, last = recommended(source="b.csv", model="categorical: {pmf: [1, 0, 0]}", estimators=("plugin",))
    assert last.sentences[0] == "No estimator of KL(P‖Q) has an error to rank it by."


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ({"estimands": ("collision_probability",)}, "coincidences"),
        ({"estimands": ("renyi(order=3)",), "model": "uniform: {k: 4}"}, "laplace"),
        ({"estimands": ("renyi_divergence(order=3)",), "model": "uniform: {k: 4}"}, "laplace"),
    ],
)
def test_advice_compares_all_that_estimate_what_is_asked(write: Write, question: dict[str, Any], compared: str) -> None:
    (observed,) = observe(Question(source=write("a.csv", "k,n\na,5\nb,3\nc,1\nd,2\n"), **question))
    labels = {choice.label for choice in advice_scenario(observed).estimators}
    assert {"plugin", compared} <= labels
    assert not labels & {"pym", "unseen", "additive"}


def test_why_an_estimate_is_infinite_names_no_model_where_there_is_none() -> None:
    assert infinite_sentence(["a"], "renyi(order=2)", sampled=False) == "a is infinite: see its card (mcdiv show)."
    said = infinite_sentence(["a", "b"], "renyi_divergence(order=2)", sampled=False)
    assert said == "a and b are infinite: the model gives probability 0 to a category that was drawn."


def test_a_level_is_written_as_it_was_given(mcdiv_command: Command) -> None:
    assert [percent_of_level(level) for level in (0.95, 0.57, 0.999)] == ["95 %", "57 %", "99.9 %"]
    told = mcdiv_command("estimate", "-", "--level", "0.99999999", stdin="7 3").stdout
    assert "99.999999 % interval" in told


def test_small_errors_do_not_cost_a_large_value_its_digits() -> None:
    assert rounded(Measured(value=0.66156323816, mcse=2.8e-9)) == "0.6615632382 ± 0.0000000028"
    assert span(0.66156323268, 0.66156324365, 2.8e-9) == "[0.6615632327, 0.6615632436]"


def test_ends_that_rest_on_draws_have_no_more_digits_than_the_draws_support() -> None:
    assert span(1.23456, 2.34567, 0.06) == "[1.235, 2.346]"
    assert span(1.23456, 2.34567, 0.06, 0.004) == "[1.23, 2.35]"
    assert span(1.23456, 2.34567, 0.06, 0.011) == "[1.2, 2.3]"
    assert span(1.23456, 2.34567, 0.06, 0.3) == "[1, 2]"
