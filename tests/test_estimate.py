"""`mcdiv estimate`: how files are read, what is said of them, and the advice that is given."""

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.core.distributions import FAMILIES
from mcdiv.errors import ScenarioError
from mcdiv.files.counts import CategoryCounts, Reading, read_tallies
from mcdiv.files.shipped import shipped_data
from mcdiv.observed.estimates import estimate_all
from mcdiv.observed.observe import observe
from mcdiv.observed.question import Question
from mcdiv.observed.recommend import advice_scenario, advise, estimates_here, unseen_categories
from mcdiv.observed.recommendation import recommendations
from mcdiv.results.loading import load

Write = Callable[[str, str | bytes], str]


@pytest.fixture
def write(folder: Path) -> Write:
    """Write a file into an empty folder, and name it."""

    def put(name: str, content: str | bytes) -> str:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return put


def counts_of(tally: CategoryCounts) -> dict[str, int]:
    return dict(zip(tally.labels, tally.counts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "reading", "expected"),
    [
        ("a.csv", "species\na\nb\na\n", {}, {"a": 2, "b": 1}),
        ("a.csv", "species,n\na,2\nb,1\na,4\n", {}, {"a": 6, "b": 1}),
        ("a.tsv", "species\tn\na\t2\nb\t1\n", {}, {"a": 2, "b": 1}),
        ("a.csv", "species;n\na;2\nb;1\n", {}, {"a": 2, "b": 1}),
        ("a.csv", "# a remark\n\nspecies,n\n\na,2.0\nb,1\n", {}, {"a": 2, "b": 1}),
        ("a.csv", 'species,n\n"a, the first",2\n"b\nc",1\n', {}, {"a, the first": 2, "b\nc": 1}),
        ("a.csv", "n\n3\n0\n5\n", {}, {"1": 3, "2": 0, "3": 5}),
        ("a.csv", "n\n3\n0\n3\n", {"column": "n"}, {"3": 2, "0": 1}),
        ("a.csv", "oak,elm\n3,1\n", {}, {"oak": 3, "elm": 1}),
        ("a.csv", "count,categories\n1,2\n4,1\n", {}, {"1": 1, "2": 1, "3": 4}),
        ("a.csv", "who,what,n\nx,a,1\ny,a,2\nx,b,3\n", {"column": "what", "weights": "n"}, {"a": 3, "b": 3}),
        ("a.txt", "7 3\n", {}, {"1": 7, "2": 3}),
        ("a.txt", "7 3 7\n", {"symbols": True}, {"7": 2, "3": 1}),
        ("a.txt", "H T\nH\n", {}, {"H": 2, "T": 1}),
        ("a.txt", "To be, or not to be!", {"text": "words"}, {"to": 2, "be": 2, "or": 1, "not": 1}),
        ("a.txt", "Ab, ba\n", {"text": "letters"}, {"a": 2, "b": 2}),
        ("a.txt", "don’t don’t", {"text": "words"}, {"don’t": 2}),
    ],
)
def test_a_file_is_counted(write: Write, name: str, text: str, reading: dict[str, Any], expected: dict) -> None:
    (tally,) = read_tallies(write(name, text), Reading(**reading))
    assert counts_of(tally) == expected


def test_groups_are_told_apart_by_a_column_or_are_the_rows_of_a_wide_table(write: Write) -> None:
    name = write("a.csv", "species,site\na,x\nb,y\na,x\n")
    groups = read_tallies(name, Reading(column="species", by="site"))
    assert [(group.group, counts_of(group)) for group in groups] == [("x", {"a": 2}), ("y", {"b": 1})]
    wide = read_tallies(write("w.csv", "site,oak,elm\nA,1,2\nB,0,4\nA,1,0\n"), Reading())
    assert [(group.group, counts_of(group)) for group in wide] == [
        ("A (row 1)", {"oak": 1, "elm": 2}),
        ("B", {"oak": 0, "elm": 4}),
        ("A (row 3)", {"oak": 1, "elm": 0}),
    ]


MISTAKES = [
    ("a.csv", "a,b\n1,-2\n", {}, "a.csv:2: column 'b': expected a whole number >= 0, got '-2'"),
    ("a.csv", "k,n\na,1.5\n", {}, "a.csv:2: column 'n': expected a whole number >= 0, got '1.5'"),
    (
        "a.csv",
        "k,n\na,1\nb,nan\n",
        {},
        "a.csv:3: column 'n' has 'nan', which may be a missing value; leave such rows out with --missing drop",
    ),
    ("a.csv", "k,n\na,inf\n", {}, "a.csv:2: column 'n': expected a whole number >= 0, got 'inf'"),
    ("a.csv", "# so\nk,n\na,3\nb,x\nc,5\n", {}, "a.csv:4: column 'n': expected a whole number >= 0, got 'x'"),
    ("a.csv", 'k,n\n"a\n\nb",3\nc,x\nd,4\n', {}, "a.csv:5: column 'n': expected a whole number >= 0, got 'x'"),
    ("a.csv", "k,n\na,0\n", {}, "a.csv: there are no draws: all counts are 0"),
    ("a.csv", "k,n\na,3,4\n", {}, "a.csv:2: expected 2 columns, got 3"),
    ("a.csv", "k,k\na,3\n", {}, "a.csv:1: column 'k' is there twice"),
    ("a.csv", 'k\na\n\n""\n', {}, "a.csv:4: column 'k' is empty; leave such rows out"),
    ("a.csv", "", {}, "a.csv: the file is empty"),
    ("a.csv", "k,n\n", {}, "a.csv:1: there are no rows below the header"),
    ("a.csv", "k,n\na,3\n", {"column": "m"}, "a.csv:1: unknown column 'm'; expected one of: k, n"),
    ("a.csv", "a,b\nx,y\n", {}, "which column holds the symbols? Choose one with --column: a, b"),
    ("a.csv", b"k,n\na,\xff\n", {}, "a.csv:2: not a text file (not UTF-8)"),
    ("a.txt", "3 4 x", {}, "a.txt: number 3: expected a whole number >= 0 (or say --symbols), got 'x'"),
    ("a.txt", "...", {"text": "words"}, "a.txt: the text has no words"),
]


@pytest.mark.parametrize(("name", "text", "reading", "said"), MISTAKES, ids=[m[-1][:45] for m in MISTAKES])
def test_a_file_that_does_not_say_what_it_counts_is_refused_with_its_place(
    write: Write, name: str, text: str | bytes, reading: dict[str, Any], said: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_tallies(write(name, text), Reading(**reading))
    assert len(caught.value.problems) == 1
    assert said in caught.value.problems[0]


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_long_file_is_read_in_bounded_memory(folder: Path) -> None:
    generator = np.random.default_rng(1)
    symbols = generator.integers(0, 50, 2_000_000)
    (folder / "long.csv").write_text("symbol\n" + "\n".join(map(str, symbols)) + "\n", encoding="utf-8")
    told: list[tuple[int, int]] = []
    code = (
        "import resource, sys; from mcdiv.files.counts import *\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "(tally,) = read_tallies('long.csv', Reading(column='symbol'))\n"
        "print(int(tally.counts.sum()), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    total, megabytes = found.stdout.split()
    assert int(total) == 2_000_000
    assert float(megabytes) < 100  # 2,000,000 rows as Python lists would be several hundred
    (tally,) = read_tallies("long.csv", Reading(column="symbol"), lambda done, size: told.append((done, size)))
    assert counts_of(tally) == Counter(map(str, symbols.tolist()))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_estimates_are_those_of_python(write: Write) -> None:
    name = write("a.csv", "k,n\na,7\nb,3\nc,1\n")
    (observed,) = observe(Question(source=name, estimators=("plugin", "additive: {alpha: 0.5}"), alphabet_size=5))
    plugin, additive = estimate_all([observed])[0]
    counts = [7, 3, 1, 0, 0]
    assert plugin.value == pytest.approx(float(mcdiv.estimate("entropy", counts, estimator="plugin")))
    assert additive.value == pytest.approx(float(mcdiv.estimate("entropy", counts, estimator="additive", alpha=0.5)))
    interval = mcdiv.interval("entropy", counts, method="jackknife", estimator="additive", alpha=0.5)
    assert [additive.standard_error, additive.low, additive.high] == pytest.approx(
        [float(interval.standard_error), float(interval.low), float(interval.high)]
    )


def test_two_samples_and_models_are_matched_by_category(write: Write) -> None:
    first, second = write("p.csv", "k,n\na,7\nb,3\n"), write("q.csv", "k,n\nb,4\nc,2\na,1\n")
    (observed,) = observe(Question(source=first, against=second, estimators=("jeffreys",)))
    assert observed.sample.counts.tolist() == [[7, 3, 0]]
    assert observed.sample.counts_q is not None
    assert observed.sample.counts_q.tolist() == [[1, 4, 2]]
    lines = {line.estimand: line.value for line in estimate_all([observed])[0]}
    wanted = mcdiv.estimate("kl_divergence", [7, 3, 0], counts_q=[1, 4, 2], estimator="jeffreys")
    assert lines["kl_divergence"] == pytest.approx(float(wanted))
    model = write("m.csv", "k,p\nc,0.25\nb,0.25\na,0.5\n")
    (observed,) = observe(Question(source=first, model=model, estimators=("plugin",)))
    lines = {line.estimand: line.value for line in estimate_all([observed])[0]}
    wanted = mcdiv.estimate("kl_divergence", [7, 3, 0], q=[0.5, 0.25, 0.25], estimator="plugin")
    assert lines["kl_divergence"] == pytest.approx(float(wanted))
    (observed,) = observe(Question(source=first, model="0.6", estimators=("plugin",)))
    assert observed.sample.q is not None
    assert observed.sample.q.tolist() == [0.6, 0.4]


def test_an_interval_brings_its_own_estimator_and_the_others_keep_a_standard_error(write: Write) -> None:
    (observed,) = observe(
        Question(source=write("a.txt", "7 3"), estimators=("plugin",), interval="bayes: {alpha: 1}", alphabet_size=2)
    )
    plugin, bayes = estimate_all([observed])[0]
    assert bayes.estimator == "bayes(alpha=1)"
    assert math.isnan(plugin.low)
    assert plugin.standard_error == pytest.approx(
        float(mcdiv.interval("entropy", [7, 3], method="jackknife").standard_error)
    )


def test_the_usual_interval_of_an_alternating_estimator_is_by_the_delta_method_and_says_so(
    mcdiv_command: Command, write: Write
) -> None:
    name = write("a.txt", "100 41 30 20 9")
    arguments = ("estimate", name, "-e", "plugin", "-e", "grassberger_2003", "--quiet")
    told = json.loads(mcdiv_command(*arguments, "--json").stdout)[0]
    plugin, other = told["estimates"]
    assert (plugin["interval"], other["interval"]) == ("jackknife", "delta")
    wanted = mcdiv.interval("entropy", [100, 41, 30, 20, 9], method="delta", estimator="grassberger_2003")
    assert [other["standard_error"], other["low"]] == [float(wanted.standard_error), float(wanted.low)]
    said = "grassberger_2003: standard error and interval are by the delta method"
    assert [said in sentence for sentence in told["sentences"]].count(True) == 1
    found = mcdiv_command(*arguments).stdout
    assert "(delta)" in found
    asked = mcdiv_command(*arguments, "--interval", "jackknife").stdout
    assert "jackknife around grassberger_2003: the terms of this estimator jump" in asked
    assert said not in asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.csv", "--level", "1.5"], "--level: expected a level between 0 and 1, got '1.5'"),
        (["a.csv", "-e", "plugn"], "--estimator: unknown estimator 'plugn'; did you mean 'plugin'?"),
        (["a.csv", "--interval", "delat"], "--interval: unknown interval 'delat'; did you mean 'delta'?"),
        (["a.csv", "-u", "nat"], "--units: expected nats, bits or bans, got 'nat'"),
        (["a.csv", "--alphabet-size", "1"], "a.csv: alphabet_size is 1, but counts has draws in 2 categories"),
        (["a.csv", "--model", "m.csv"], "m.csv: the column of probabilities sums to 1.1; probabilities must sum to 1"),
        (["a.csv", "--model", "short.csv"], "short.csv: has no probability for category 'b'"),
        (["a.csv", "--model", "0.5", "--against", "a.csv"], "--against and --model are both given"),
        (["buterflies"], "buterflies: there is no such file; did you mean the shipped table 'butterflies'?"),
        (["none.csv"], "none.csv: there is no such file"),
        (["a.csv", "-o", "a.csv"], "a.csv: exists already; choose another name"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    mcdiv_command: Command, write: Write, arguments: list[str], said: str
) -> None:
    write("a.csv", "k,n\na,7\nb,3\n")
    write("m.csv", "k,p\na,0.5\nb,0.6\n")
    write("short.csv", "k,p\na,1\n")
    found = mcdiv_command("estimate", *arguments, code=2)
    assert found.stderr.strip().count("\n") == 0
    assert said in found.stderr
    assert not found.stdout


def test_the_command_prints_a_table_and_says_what_limits_trust(mcdiv_command: Command, folder: Path) -> None:
    found = mcdiv_command("estimate", "butterflies", "-o", "out.csv", "--quiet")
    assert "5.807 ± 0.016" in found.stdout
    assert "118 categories were seen once (23.6 % of those seen)" in found.stdout
    assert "C = 1 − f₁/N = 96.4 %" in found.stdout
    assert "The choice of estimator matters more here than sampling error." in found.stdout
    assert (folder / "out.csv").read_text(encoding="utf-8").startswith("group,estimand,estimator,value")
    as_json = json.loads(mcdiv_command("estimate", "butterflies", "--json", "--quiet", "-e", "plugin").stdout)
    assert as_json[0]["estimates"][0]["value"] == pytest.approx(5.8067459)


def test_standard_input_is_counts_or_symbols(mcdiv_command: Command) -> None:
    found = mcdiv_command("estimate", "-", "-e", "plugin", "--interval", "clopper_pearson", stdin="7 3\n")
    assert "[0.25, 0.69]" in found.stdout
    found = mcdiv_command("estimate", "-", "-e", "plugin", stdin="H\nT\nH\n")
    assert "3 draws, 2 categories seen." in found.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_data())
def test_every_table_of_data_has_a_source_and_can_be_estimated(name: str) -> None:
    text = shipped_data()[name].read_text(encoding="utf-8")
    assert "# Source: " in text
    (observed,) = observe(Question(source=name, estimators=("plugin", "chao_shen")))
    plugin, other = estimate_all([observed])[0]
    assert 0 < plugin.value <= other.value


def test_what_a_file_cautions_of_is_told_with_its_estimates(mcdiv_command: Command, write: Write) -> None:
    told = mcdiv_command("estimate", "shakespeare", "-e", "plugin", "--quiet").stdout
    assert "The file says: The last two rows are made up from totals." in told
    assert "estimates of entropy come out more than one bit too high." in told
    assert "Licence" not in told
    assert "made up" in mcdiv_command("show", "shakespeare").stdout
    write("a.csv", "# A title\n# Caution: half of it\n#   is guessed.\n#\n# Other things: none.\nk,n\na,2\nb,1\n")
    assert "The file says: half of it is guessed.\n" in mcdiv_command("estimate", "a.csv", "-e", "plugin").stdout
    assert "The file says" not in mcdiv_command("estimate", "butterflies", "-e", "plugin", "--quiet").stdout


def test_published_totals_of_the_data() -> None:
    """Fisher, Corbet & Williams 1943; Efron & Thisted 1976."""
    butterflies, shakespeare = (
        read_tallies(str(shipped_data()[n]), Reading())[0] for n in ("butterflies", "shakespeare")
    )
    assert (len(butterflies.labels), int(butterflies.counts.sum())) == (501, 3306)
    assert (len(shakespeare.labels), int(shakespeare.counts.sum())) == (31_534, 884_647)
    assert (shakespeare.counts == 1).sum() == 14_376


@pytest.mark.slow
def test_advice_names_no_winner_that_the_numbers_do_not_separate(write: Write) -> None:
    (observed,) = observe(Question(source=write("a.csv", "n\n" + "\n".join(["20", "12", "5", "3", "1"]) + "\n")))
    results = advise(observed)
    (advice,) = recommendations(results.rows, results.pairs, "nats", estimates_here(observed, results))
    by_rank = sorted(results.rows, key=lambda row: row.rank or 99)
    assert advice.lines[0][1] == by_rank[0].task.label
    assert by_rank[0].value("rmse") < by_rank[-1].value("rmse")
    alike = [pair for pair in results.pairs if by_rank[0] in (pair.first, pair.second)]
    separated = all(pair.verdict("mse") == by_rank[0].task.label for pair in alike)
    assert advice.sentences[0].startswith(f"On data like yours, {by_rank[0].task.label} is most accurate") == separated
    # one and the same rule under two parameters: nothing can separate them
    (same,) = observe(Question(source="a.csv", estimators=("laplace", "additive: {alpha: 1}"), alphabet_size=9))
    few = advise(same)
    (told,) = recommendations(few.rows, few.pairs, "nats", estimates_here(same, few))
    assert "laplace and additive(alpha=1) are most accurate" in told.sentences[0]
    assert told.sentences[0].endswith("for H(P); their RMSEs are equal.")


def test_advice_without_a_known_alphabet_compares_only_estimators_that_do_not_ask_for_it(write: Write) -> None:
    name = write("a.csv", "count,categories\n1,10\n2,5\n7,3\n")
    (observed,) = observe(Question(source=name))
    scenario = advice_scenario(observed)
    assert len(scenario.truth[0].pmf()) == 18 + unseen_categories(observed.sample.counts[0]) > 18
    chosen = {choice.name for choice in scenario.estimators}
    assert "nsb" not in chosen
    assert {"plugin", "chao_shen", "zhang"} <= chosen
    (known,) = observe(Question(source=name, alphabet_size=40))
    assert len(advice_scenario(known).truth[0].pmf()) == 40
    assert "nsb" in {choice.name for choice in advice_scenario(known).estimators}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "options"),
    [
        ("count,categories\n1,100000\n", ()),
        ("count,categories\n1,90000\n2,40000\n", ()),
        ("count,categories\n5,3\n", ("--alphabet-size", "100001")),
    ],
)
def test_a_study_that_would_be_too_large_is_declined_before_it_is_made_and_the_estimates_stay(
    mcdiv_command: Command, write: Write, table: str, options: tuple[str, ...]
) -> None:
    write("a.csv", table)
    found = mcdiv_command("estimate", "a.csv", "--advise", "-e", "plugin", *options, "--quiet")
    assert "H(P)" in found.stdout
    assert "categories seen" in found.stdout
    assert found.stderr.startswith("--advise: no advice: its study would have ")
    assert found.stderr.endswith("at most 100,000 are supported\n")
    assert found.stderr.count("\n") == 1


def test_chaos_number_of_unseen_categories_by_hand() -> None:
    assert unseen_categories(np.array([1, 1, 1, 1, 2, 2, 5])) == math.ceil(12 / 13 * 16 / 4)
    assert unseen_categories(np.array([1, 1, 1, 4])) == math.ceil(6 / 7 * 3)
    assert unseen_categories(np.array([5, 3])) == 0


def test_counts_as_a_truth_with_their_smoothings_by_hand() -> None:
    counts = FAMILIES["counts"].rule
    assert counts((3, 1, 0)).tolist() == [0.75, 0.25, 0]
    assert counts((3, 1, 0), smoothing="laplace").tolist() == [4 / 7, 2 / 7, 1 / 7]
    assert counts((2, 1, 1, 0, 0), smoothing="coverage").tolist() == [0.25, 0.125, 0.125, 0.25, 0.25]
    assert counts((3, 1), smoothing="coverage").tolist() == [0.75, 0.25]


def test_a_truth_may_be_a_file_of_counts(write: Write) -> None:
    write("a.csv", "k,n\na,7\nb,3\n")
    write("b.csv", "k,n\nb,5\nc,1\n")
    text = "schema: 1\nname: s\ntruth: {counts: {file: a.csv}}\nmodel: {counts: {file: b.csv, smoothing: laplace}}\n"
    scenario = load(write("s.yaml", text + "estimators: plugin\nsample_sizes: 10\n"))
    assert scenario.truth[0].pmf().tolist() == [0.7, 0.3, 0]
    assert scenario.model[0].pmf().tolist() == pytest.approx([1 / 9, 6 / 9, 2 / 9])
    assert scenario.truth[0].label == "counts(a)"
    with pytest.raises(ScenarioError, match=r"s\.yaml:3:.*nothing\.csv: there is no such file"):
        load(write("s.yaml", text.replace("a.csv", "nothing.csv") + "estimators: plugin\nsample_sizes: 10\n"))


def test_counts_in_a_scenario_may_be_written_as_runs(write: Write) -> None:
    text = "schema: 1\nname: s\ntruth: {counts: {values: [2*3, 4]}}\nestimators: plugin\nsample_sizes: 10\n"
    scenario = load(write("s.yaml", text))
    assert scenario.truth[0].pmf().tolist() == [0.3, 0.3, 0.4]
    assert scenario.as_written()["truth"]["counts"]["values"] == ["2*3", 4]
    for wrong in ("[0]", "[-1]", "[1.5]", "7", "[x*3]", "[2000000*1]"):
        with pytest.raises(ScenarioError, match=r"s\.yaml:3:"):
            load(write("s.yaml", text.replace("[2*3, 4]", wrong)))
