"""Scenario files: every mistake found at once, in one line each, with its place."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from editors import fit_the_schema
from small import scenario_of, small

from mcdiv.core.distributions import FAMILIES
from mcdiv.errors import ScenarioError
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.files.yaml_text import ScenarioText, read_file, read_text, read_value, write_text
from mcdiv.results.loading import load, parse
from mcdiv.scenario.json_schema import scenario_schema
from mcdiv.scenario.model import Scenario

GOOD = """\
schema: 1
name: small
truth: {coin: 1/2}
model: {coin: 0.6}
estimators: [plugin]
sample_sizes: [5, 10]
"""


def problems(text: str, *settings: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(read_text(text, "s.yaml"), settings)
    return caught.value.problems


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_file_is_read() -> None:
    scenario = parse(read_text(GOOD, "s.yaml"))
    assert scenario.name == "small"
    assert scenario.replicates == 100_000


@pytest.mark.parametrize("number, value", [("1e6", 10**6), ("100_000", 100_000), ("'1e3'", 1000), ("1000.0", 1000)])
def test_whole_numbers_may_be_written_as_people_write_them(number: str, value: int) -> None:
    assert parse(read_text(GOOD + f"replicates: {number}\n", "s.yaml")).replicates == value


BAD = [
    (GOOD + "replicats: 5\n", "s.yaml:7:1: unknown key 'replicats'; did you mean 'replicates'?"),
    (GOOD + "name: other\n", "s.yaml:7:1: key 'name' is given twice (first in line 2)"),
    (changed("{coin: 1/2}", "{coin: 1/2, coin: 1}"), "s.yaml:3:20: key 'coin' is given twice (first in line 3)"),
    (changed("{coin: 1/2}", "{coin: 1.2}"), "s.yaml:3:15: truth.coin: expected a probability in [0, 1], got 1.2"),
    (
        changed("{coin: 1/2}", "{coin: [0.5, 1.2]}"),
        "s.yaml:3:21: truth.coin[1]: expected a probability in [0, 1], got 1.2",
    ),
    (changed("{coin: 1/2}", "{coni: 1}"), "s.yaml:3:9: truth.coni: unknown distribution 'coni'; did you mean 'coin'?"),
    (changed("{coin: 1/2}", "{coin: {q: 1}}"), "s.yaml:3:16: truth.coin.q: unknown parameter 'q'; expected one of: p"),
    (changed("{coin: 1/2}", "{coin: []}"), "s.yaml:3:15: truth.coin: expected at least one value, got an empty list"),
    (changed("{coin: 1/2}", "{coin: .nan}"), "s.yaml:3:15: truth.coin: expected a probability in [0, 1], got nan"),
    (changed("{coin: 1/2}", "{coin: heads}"), "s.yaml:3:15: truth.coin: expected a probability in [0, 1], got 'heads'"),
    (changed("{coin: 1/2}", "{coin: 1/0}"), "s.yaml:3:15: truth.coin: expected a probability in [0, 1], got '1/0'"),
    (
        changed("{coin: 1/2}", "{categorical: {pmf: [0.5, 0.6]}}"),
        "s.yaml:3:28: truth.categorical.pmf: sums to 1.1; probabilities must sum to 1 (within 1e-9)",
    ),
    (changed("{coin: 1/2}", "{uniform: 3}"), "s.yaml:4:8: model: coin(p=0.6) has 2 categories, truth has 3; they must be the same"),
    (changed("schema: 1\n", ""), "s.yaml:1:1: 'schema' is missing"),
    (changed("schema: 1", "schema: 2"), "s.yaml:1:9: schema: this mcdiv reads schema 1, got 2; update mcdiv"),
    (changed("schema: 1", "schema: one"), "s.yaml:1:9: schema: this mcdiv reads schema 1, got 'one'"),
    (changed("[5, 10]", "[]"), "s.yaml:6:15: sample_sizes: expected at least one sample size, got an empty list"),
    (changed("[5, 10]", "[0]"), "s.yaml:6:16: sample_sizes[0]: expected a whole number from 1 to 10^9, got 0"),
    (changed("[5, 10]", "[-5]"), "s.yaml:6:16: sample_sizes[0]: expected a whole number from 1 to 10^9, got -5"),
    (changed("[5, 10]", "[2.5]"), "s.yaml:6:16: sample_sizes[0]: expected a whole number from 1 to 10^9, got 2.5"),
    (changed("[5, 10]", "[1e30]"), "s.yaml:6:16: sample_sizes[0]: expected a whole number from 1 to 10^9, got 1e+30"),
    (changed("[5, 10]", "[5, 5]"), "s.yaml:6:19: sample_sizes[1]: 5 is given twice"),
    (GOOD + "replicates: 0\n", "s.yaml:7:13: replicates: expected a whole number from 1 to 10^12, got 0"),
    (GOOD + "replicates: 1e15\n", "s.yaml:7:13: replicates: expected a whole number from 1 to 10^12, got 1000000000000000.0"),
    (GOOD + "replicates: many\n", "s.yaml:7:13: replicates: expected a whole number from 1 to 10^12, got 'many'"),
    (GOOD + "replicates: .inf\n", "s.yaml:7:13: replicates: expected a whole number from 1 to 10^12, got inf"),
    (GOOD + "replicates: true\n", "s.yaml:7:13: replicates: expected a whole number from 1 to 10^12, got true"),
    (GOOD + "units: bit\n", "s.yaml:7:8: units: expected nats, bits or bans, got 'bit'"),
    (GOOD + "mode: fast\n", "s.yaml:7:7: mode: expected exact, monte_carlo or both, got 'fast'"),
    (GOOD + "plots: [biass]\n", "s.yaml:7:9: plots[0]: unknown plot 'biass'; did you mean 'bias'?"),
    (changed("[plugin]", "[plugn]"), "s.yaml:5:14: estimators[0]: unknown estimator 'plugn'; did you mean 'plugin'?"),
    (changed("[plugin]", "[]"), "s.yaml:5:13: estimators: expected at least one estimator, got an empty list"),
    (changed("[plugin]", "[{plugin: {a: 1}}]"), "s.yaml:5:24: estimators[0].plugin.a: unknown parameter; plugin has none"),
    (
        changed("[plugin]", "[{additive: {alfa: 1, alpha: 1}}]"),
        "s.yaml:5:26: estimators[0].additive.alfa: unknown parameter 'alfa'; did you mean 'alpha'?",
    ),
    (changed("[plugin]", "[additive]"), "s.yaml:5:14: estimators[0]: parameter 'alpha' is missing; expected 'additive: {alpha: …}' with a number >= 0"),
    (changed("[plugin]", "[plugin, plugin]"), "s.yaml:5:22: estimators[1]: plugin is given twice"),
    (changed("[plugin]", "[3]"), "s.yaml:5:14: estimators[0]: expected an estimator's name or {name: {parameter: value}}, got 3"),
    (
        changed("model: {coin: 0.6}\n", "estimands: [entropy, cross_entropy]\n"),
        "s.yaml:4:22: estimands[1]: cross_entropy needs a model; give 'model'",
    ),
    (changed("model: {coin: 0.6}\n", "").replace("plugin", "k1"), "s.yaml:4:14: estimators[0]: k1 needs a model; give 'model'"),
    (
        changed("[plugin]", "[k1]") + "model_sample_sizes: [5]\n",
        "s.yaml:5:14: estimators[0]: k1 needs a known model; leave out 'model_sample_sizes'",
    ),
    (
        changed("model: {coin: 0.6}\n", "model_sample_sizes: [5]\n"),
        "s.yaml:4:21: model_sample_sizes: there is no model to draw from; give 'model'",
    ),
    (changed("name: small", "name: ../x"), "s.yaml:2:7: name: expected letters, digits, '.', '_', '-', '=' and ',' (the results' folder), got '../x'"),
    (changed("name: small", "name: .."), "s.yaml:2:7: name: expected letters, digits, '.', '_', '-', '=' and ',' (the results' folder), got '..'"),
    (changed("name: small", "name: [1]"), "s.yaml:2:7: name: expected text, got [1]"),
    (GOOD + "mode: exact\n".replace("mode", "checks") , "s.yaml:7:9: checks: expected a list, got 'exact'"),
    (GOOD + "until: {measure: bias, mcse: 1}\n", "s.yaml:7:1: unknown key 'until'; it goes inside sample_sizes or replicates"),
    (GOOD + "mcse: 1\n", "s.yaml:7:1: unknown key 'mcse'; it goes inside replicates.until"),
    (GOOD + "estimand: entropy\n", "s.yaml:7:1: unknown key 'estimand'; did you mean 'estimands'?"),
    (GOOD + "checks: [{estimand: entropy, mesure: bias, below: 1}]\n", "s.yaml:7:30: unknown key 'mesure'; did you mean 'measure'?"),
    (
        GOOD + "checks: [{estimand: entropy, measure: bias}]\n",
        "s.yaml:7:10: checks[0]: expected a bound: below, above, between, or near and within",
    ),
    (
        GOOD + "checks: [{estimand: entropy, measure: bias, near: 1}]\n",
        "s.yaml:7:10: checks[0]: 'near' and 'within' (how far off is still near) go together",
    ),
    (
        GOOD + "checks: [{estimand: entropy, measure: bias, below: 1, sample_size: 7}]\n",
        "s.yaml:7:10: checks[0]: matches no row of this scenario (entropy, N = 7), whose sample sizes are 5 and 10",
    ),
    (GOOD + "zip: sample_sizes\n", "s.yaml:7:6: zip: expected lists that go together, such as [truth.zipf.k, sample_sizes], got 'sample_sizes'"),
    (GOOD + "checks: [{estimand: entropy, measure: biass, below: 1}]\n", "s.yaml:7:39: checks[0].measure: unknown measure 'biass'; did you mean 'bias'?"),
    (GOOD + "zip: [truth.coin, sample_size]\n", "s.yaml:7:19: zip[1]: unknown list 'sample_size'; did you mean 'sample_sizes'?"),
    (GOOD + "zip: [truth.coin.p, sample_sizes]\n", "s.yaml:7:21: zip[1]: truth.coin.p has 1 and sample_sizes has 2 values; lists that go together are equally long"),
    (GOOD + "zip: [[truth.coin, model.coin], [sample_sizes, truth.coin.p]]\n", "s.yaml:7:48: zip[1][1]: truth.coin.p is given twice"),
    (GOOD + "exclude: [{sample_size: 7}]\n", "s.yaml:7:11: exclude[0]: excludes no condition"),
    (GOOD + "exclude: [{sample_sizes: 5}]\n", "s.yaml:7:12: unknown key 'sample_sizes'; did you mean 'sample_size'?"),
    (GOOD + "exclude: [{sample_size: 5, truth: coin(p=1/2)}]\n", "s.yaml:7:35: exclude[0].truth: excludes no condition: unknown truth 'coin(p=1/2)'; did you mean 'coin(p=0.5)'?"),
    (GOOD + "exclude: [{truth: {coni: 1}}]\n", "s.yaml:7:20: exclude[0].truth.coni: unknown distribution 'coni'; did you mean 'coin'?"),
    (GOOD + "exclude: [{truth: 0.5}]\n", "s.yaml:7:19: exclude[0].truth: expected a distribution such as 'coin(p=0.5)' or {coin: 0.5}, got 0.5"),
    (GOOD + "exclude: [{}]\n", "s.yaml:7:11: exclude[0]: expected some of truth, model, sample_size, model_sample_size"),
    (GOOD + "exclude: [{sample_size: [5, 10]}]\n", "s.yaml:7:10: exclude: excludes every condition"),
    (GOOD + "save: everything\n", "s.yaml:7:7: save: expected outcomes, estimates, a list of both or {outcomes: parquet}, got 'everything'"),
    (GOOD + "save: {outcome: csv}\n", "s.yaml:7:8: save.outcome: unknown key 'outcome'; did you mean 'outcomes'?"),
    (GOOD + "save: {outcomes: xlsx}\n", "s.yaml:7:18: save.outcomes: expected csv or parquet, got 'xlsx'"),
    (GOOD + "seed: -1\n", "s.yaml:7:7: seed: expected a whole number from 0 to 2^63 − 1, got -1"),
    (GOOD + "paths: 1e5\n", "s.yaml:7:8: paths: expected a whole number from 0 to 10,000, got 100000.0"),
]  # fmt: skip


@pytest.mark.parametrize("text, line", BAD, ids=[line for _, line in BAD])
def test_a_mistake_is_one_line_with_its_place(text: str, line: str) -> None:
    assert line in problems(text)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = changed("{coin: 1/2}", "{coin: 2}").replace("[plugin]", "[plugn, k9]") + "modus: exact\nreplicates: 0\n"
    found = problems(text)
    assert [line.split(": ")[0] for line in found] == [
        "s.yaml:3:15",
        "s.yaml:5:14",
        "s.yaml:5:21",
        "s.yaml:7:1",
        "s.yaml:8:13",
    ]


def test_exact_mode_is_refused_where_nothing_exact_can_be_had() -> None:
    text = (
        changed("{coin: 1/2}", "{zipf: 50}").replace("{coin: 0.6}", "{uniform: 50}").replace("[plugin]", "[chao_shen]")
        + "mode: exact\n"
    )
    (line,) = problems(text)
    assert line.startswith("s.yaml:7:7: mode: no exact entropy of chao_shen at zipf(k=50, s=1), N = 5")


THOUSANDTHS = [i / 1000 for i in range(1, 1000)]
TOO_LARGE: list[tuple[dict[str, Any], str]] = [
    (
        {"estimators": [{"additive": {"alpha": i}} for i in range(5000)]},
        "estimators: expected at most 1,000 of them, got 5,000",
    ),
    (
        {"estimators": [{"additive": {"alpha": i}} for i in range(600)]},
        "estimators: 600 estimators of 3 estimands are 1,200 estimates of every sample; at most 1,000 fit into a study",
    ),
    ({"truth": {"uniform": list(range(999_801, 1_000_001))}}, "truth.uniform: there are 199,980,100 probabilities in "),
    (
        {"truth": {"dirichlet": {"k": 10**6, "alpha": 1, "seed": list(range(300))}}},
        "truth.dirichlet: there are 300,000,000 ",
    ),
    (
        {"truth": {"counts": {"values": ["1000000*5"], "name": [str(i) for i in range(300)]}}},
        "truth.counts: there are 300,",
    ),
    (
        {"truth": {"uniform": 10**6}, "model": None, "sample_sizes": list(range(1, 201))},
        "truth: there are 200,000,000 prob",
    ),
    (
        {"truth": {"mixture": [{"weight": "1/1000", "zipf": 10**6} for _ in range(1000)]}},
        "truth.mixture: there are 1,000,000,000 probabilities in all conditions together; at most 100,000,000 fit into a",
    ),
    ({"plots": ["x"] * 50_000}, "plots: expected at most 1,000 of them, got 50,000"),
    (
        {
            "truth": {"coin": THOUSANDTHS[:100]},
            "sample_sizes": list(range(1, 101)),
            "checks": [{"estimand": "entropy", "measure": "bias", "below": 1}] * 5000,
        },
        "checks: 5,000 checks of 10,000 conditions are 50,000,000 comparisons; at most 2,000,000 are made",
    ),
    (
        {"truth": {"coin": THOUSANDTHS}, "exclude": [{"sample_size": 5}] * 3000},
        "exclude: 3,000 exclusions of 1,998 conditions are 5,994,000 comparisons; at most 2,000,000 are made",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("change, line", TOO_LARGE, ids=[line[:50] for _, line in TOO_LARGE])
def test_what_nobody_can_wait_for_is_refused_with_its_count(change: dict[str, Any], line: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(ScenarioText(source="s.yaml", values=small(**change)))
    assert caught.value.problems[0].startswith(f"s.yaml:1:1: {line}")


SIZES = [
    {"coin": 0.5},
    {"categorical": {"pmf": [0.5, 0.25, 0.25]}},
    {"joint": [[0.5, 0.25, 0.05], [0, 0.1, 0.1]]},
    {"uniform": 7},
    {"dirichlet": {"k": 5, "alpha": 1}},
    {"dirichlet_with_zeros": {"k": 5, "alpha": 1, "zeros": 2}},
    {"normal": {"k": 5, "mean": 1}},
    {"softmax": {"logits": [1, 2, 3, 4]}},
    {"counts": {"values": ["3*5", 1], "name": "a"}},
    {"mixture": [{"weight": 0.5, "zipf": 3}, {"weight": 0.5, "mixture": [{"weight": 1, "uniform": 3}]}]},
    *({family: {"k": 4, **given}} for family, given in (
        ("zipf", {}), ("geometric", {"ratio": 0.5}), ("power_law", {"s": 1, "cutoff": 2}),
        ("two_level", {"share": 0.5, "mass": 0.8}), ("spike_and_slab", {"spike": 0.9}),
    )),
]  # fmt: skip


@pytest.mark.parametrize("truth", SIZES, ids=[next(iter(each)) for each in SIZES])
def test_the_size_of_an_alphabet_is_known_without_its_probabilities(truth: dict[str, Any]) -> None:
    (found,) = scenario_of(truth=truth, model=None, estimators=["plugin"]).truth
    assert found.categories == len(found.pmf())
    assert {next(iter(each)) for each in SIZES} == set(FAMILIES)


@pytest.mark.slow
def test_many_checks_find_their_rows_and_those_without_one_are_told() -> None:
    values = small(truth={"coin": THOUSANDTHS[:50]}, sample_sizes=[5, 6, 7, 8], intervals=["delta"])
    checks = [
        {"estimand": "entropy", "measure": "bias", "below": 1, "truth": f"coin(p={p})", "sample_size": size}
        for p in THOUSANDTHS[:51]
        for size in (5, 9)
    ]
    checks += [{"estimand": "entropy", "measure": "coverage", "above": 0, "interval": name} for name in ("delta", "x")]
    with pytest.raises(ScenarioError) as caught:
        parse(ScenarioText(source="s.yaml", values=values | {"checks": checks}))
    assert len(caught.value.problems) == 51 + 1 + 1  # none has N = 9, one truth is not there, nor one interval


NOT_SCENARIOS = [
    ("", "s.yaml: the file is empty; 'mcdiv new' writes one to start from"),
    ("# nothing\n", "s.yaml: the file is empty; 'mcdiv new' writes one to start from"),
    ("- 1\n- 2\n", "s.yaml:1:1: expected keys such as 'name:' and 'truth:', got a list"),
    ("hello", "s.yaml:1:1: expected keys such as 'name:' and 'truth:', got a text"),
    ("a: [1, 2", "s.yaml:1:9: not valid YAML: expected ',' or ']', but got '<stream end>'"),
    ("a: &x [*x]\n", "s.yaml:1:4: too many or too deeply nested values"),
    ("a: 1\n--- \nb: 2\n", "s.yaml:2:1: not valid YAML: but found another document"),
    ("a: \tb: c\n\t- x", None),
    ('title: "\\U99999999"\n', "s.yaml:1:1: not valid YAML: "),
    ('title: "\\U00110000"\n', "s.yaml:1:1: not valid YAML: "),
    ("%YAML 99999999999999999999.1\n---\na: 1\n", None),
    ("a: 1\nb: \x1b[31m\n", "s.yaml:2:4: a scenario may not hold the character U+001B"),
    ("a: 1\nb: [x, \0]\n", "s.yaml:2:8: a scenario may not hold the character U+0000"),
    ('a: 1\ntitle: "\\uD83D\\uDE00"\n', "s.yaml:2:8: a scenario may not hold the character U+D83D"),
    ('a: 1\n"\\e[2J": 1\n', "s.yaml:2:1: a scenario may not hold the character U+001B"),
    ('a: {counts: {file: "a\\0b"}}\n', "s.yaml:1:20: a scenario may not hold the character U+0000"),
    (
        "a: [" + "1," * 300_000 + "1]\n",
        "s.yaml: 300,002 commas, brackets and line breaks or dashes are more than 100,000; give long",
    ),
    ("- " * 10_000, None),
    (
        ("- " * 40 + "1\n") * 12_000,
        "s.yaml: 480,000 commas, brackets and line breaks or dashes are more than 100,000; give ",
    ),
    (
        "a: {" + ", ".join(f"k{i}: 1" for i in range(2000)) + "}\n",
        "s.yaml:1:4: expected a mapping of at most 1,000 keys, got",
    ),
    ("[" * 10_000, None),
]


@pytest.mark.parametrize("text, line", NOT_SCENARIOS, ids=[repr(text[:12]) for text, _ in NOT_SCENARIOS])
def test_what_is_no_scenario_is_said_in_one_line(text: str, line: str | None) -> None:
    found = problems(text)
    assert len(found) == 1
    assert "\n" not in found[0]
    assert line is None or found[0].startswith(line)


def test_anchors_may_be_set_again_as_yaml_has_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_value("[&a 1, *a, &a 2, *a]", "s.yaml") == [1, 1, 2, 2]


ODD = "two\nlines\u2028\x1b[31m\ud800" + "x" * 5000


@pytest.mark.parametrize(
    "change",
    [
        {ODD: 1},
        {"truth": {ODD: 1}},
        {"truth": {"coin": ODD}},
        {"estimators": [ODD]},
        {"estimators": [{"additive": {"alpha": 1, ODD: ODD}}]},
        {"exclude": [{"truth": ODD}]},
        {"zip": [ODD, ODD]},
        {"plots": [ODD]},
        {"replicates": {"until": {"measure": ODD, "mcse": ODD}}},
        {"truth": {"counts": {"file": ODD}}},
        {"truth": {"counts": {"name": ODD, "values": [1, 2, 3]}}},
        {"checks": [{"estimand": "entropy", "measure": ODD, "below": 1}, {"estimand": ODD, "measure": "bias"}]},
    ],
)
def test_however_odd_a_text_is_its_problem_is_one_short_line(change: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(ScenarioText(source="s.yaml", values=small(**change)))
    for line in caught.value.problems:
        assert line.startswith("s.yaml:")
        assert len(line) <= 1000
        assert len(line.splitlines()) == 1
        assert line.isprintable()
        assert line.encode()


@pytest.mark.parametrize("until", [["bias"], {"bias": 1}, None, 3, 0.5, True])
def test_a_measure_that_is_no_text_is_refused(until: object) -> None:
    with pytest.raises(ScenarioError, match=r"replicates.until.measure: unknown measure"):
        parse(ScenarioText(source="s.yaml", values=small(replicates={"until": {"measure": until, "mcse": 1}})))


def test_a_scenario_without_a_seed_is_written_without_one() -> None:
    written = scenario_of(seed=None).as_written()
    assert parse(read_text(write_text(written), "again.yaml")).seed is None


def test_the_name_of_a_file_that_no_file_can_have_is_one_line() -> None:
    for name in ("a\0b.yaml", "\ud800.yaml"):
        with pytest.raises(ScenarioError, match="is not the name of a file"):
            load(name)


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "-", "pipe", "folder", "link", "x" * 400])
def test_counts_are_read_from_regular_files_only(folder: Path, name: str) -> None:
    (folder / "folder").mkdir()
    (folder / "link").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe")
    with pytest.raises(ScenarioError, match=r"truth.counts.file: .*(is not a regular file|no such file|too long)$"):
        parse(ScenarioText(source="s.yaml", values=small(truth={"counts": {"file": name}}, model=None)))


def test_aliases_that_multiply_are_refused() -> None:
    text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    (line,) = problems(text)
    assert line.endswith("too many or too deeply nested values")


@pytest.mark.parametrize(
    "content, line",
    [
        (b"\x00\xff\xfe binary", "not a text file (not UTF-8 at byte 1)"),
        (b"a" * (50 * 2**20), "larger than 1 MB; a scenario is a short text"),
        (None, "there is no such file"),
    ],
    ids=["binary", "50 MB", "missing"],
)
def test_files_that_cannot_be_read(folder: Path, content: bytes | None, line: str) -> None:
    path = folder / "s.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        read_file(path)
    assert caught.value.problems == [f"{path}: {line}"]


def test_a_folder_is_no_scenario(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="is a folder, not a scenario file"):
        read_file(folder)


def test_settings_override_the_file_and_are_checked_the_same_way() -> None:
    scenario = parse(
        read_text(GOOD, "s.yaml"),
        ["units=bits", "truth.coin=0.3", "sample_sizes=[7]", "estimators.0=zhang", "model={coin: 1/3}"],
    )
    assert scenario.units == "bits"
    assert scenario.truth[0].label == "coin(p=0.3)"
    assert scenario.model[0].label == "coin(p=1/3)"
    assert (scenario.sample_sizes, scenario.estimators[0].name) == ((7,), "zhang")


@pytest.mark.parametrize(
    "setting, line",
    [
        ("replicats=5", "--set replicats=5: unknown key 'replicats'; did you mean 'replicates'?"),
        ("truth.coin=7", "--set truth.coin=7: truth.coin: expected a probability in [0, 1], got 7"),
        ("units", "--set units: expected key=value"),
        ("=3", "--set =3: expected key=value"),
        ("estimators.9=plugin", "--set estimators.9=plugin: there is no estimators.9"),
        ("replicates=[", None),
    ],
)
def test_a_wrong_setting_names_itself(setting: str, line: str | None) -> None:
    found = problems(GOOD, setting)
    assert found[0].startswith(f"--set {setting}")
    assert line is None or found == [line]


def test_a_checks_bounds_keep_their_units_and_lost_checks_are_left_out() -> None:
    text = GOOD + "units: bits\nchecks: [{estimand: entropy, measure: bias, sample_size: 5, below: 1}]\n"
    assert parse(read_text(text, "s.yaml"), ["units=nats"]).checks[0].units == "bits"
    assert parse(read_text(text, "s.yaml"), ["sample_sizes=[9]"]).checks == ()


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_scenarios_are_fine_and_fit_the_schema_for_editors(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title
    assert scenario.question.endswith("?")
    assert scenario.checks
    fit_the_schema(read_file(shipped_scenarios()[name]).values)
    fit_the_schema(json.loads(json.dumps(scenario.as_written(), default=str)))


@pytest.mark.slow
def test_the_schema_is_one_and_refuses_what_mcdiv_refuses() -> None:
    jsonschema.Draft202012Validator.check_schema(scenario_schema())
    for change in ({"replicats": 1}, {"truth": {"coni": 1}}, {"units": "bit"}, {"estimators": ["plugn"]}):
        with pytest.raises(jsonschema.ValidationError):
            fit_the_schema(small(**change))


def test_what_is_written_reads_back(folder: Path) -> None:
    scenario = load("nearly_right")
    again = parse(read_text(write_text(scenario.as_written()), "again.yaml"))
    assert isinstance(again, Scenario)
    assert again.as_written() == scenario.as_written()
