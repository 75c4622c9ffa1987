"""`mcdiv explain`: every number right to the digits shown, every degenerate case explained, three ways to write it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from cases import examples, quick
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from mcdiv.core.distributions import Distribution
from mcdiv.errors import ScenarioError
from mcdiv.lessons.explain.derivation import Explanation, explain
from mcdiv.lessons.explain.pages import FORMATS
from mcdiv.lessons.explain.worked_example import short
from mcdiv.results.loading import pair_from_options

DIGITS = 50
NUMBER = r"(−?(?:∞|[0-9.]+(?:e−?[0-9]+)?))"


def explained(truth: str, model: str, units: str = "bits") -> Explanation:
    return explain(*pair_from_options(truth, model), units)


def exact(p: np.ndarray, q: np.ndarray, units: str) -> dict[str, mpf]:
    """The terms and sums of the definitions with 50 digits; (key, k) is what category k adds."""
    base = {"nats": mp.e, "bits": mpf(2), "bans": mpf(10)}[units]
    found: dict = {"KL(P‖Q)": [], "H(P, Q)": [], "H(P)": []}
    for a, b in zip(map(mpf, map(float, p)), map(mpf, map(float, q)), strict=True):
        log_a, log_b = (mp.log(x, base) if x else -mp.inf for x in (a, b))
        found["KL(P‖Q)"].append(a * (log_a - log_b) if a else mpf(0))
        found["H(P, Q)"].append(-a * log_b if a else mpf(0))
        found["H(P)"].append(-a * log_a if a else mpf(0))
    return found


def right(shown: str, value: mpf) -> bool:
    """Whether a text is the value rounded to the digits it has."""
    plain = shown.replace("−", "-")
    if "∞" in plain:
        return mp.isinf(value) and (value < 0) == plain.startswith("-")
    mantissa, _, power = plain.partition("e")
    unit = mpf(10) ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return abs(mpf(plain) - value) <= unit * mpf("0.5000001")


CASES = [
    ("0.7", "0.5"),
    ("1/3", "0.9999"),
    ("0.5", "0.5001"),
    ("0.3", "0.30000001"),
    ("0.5", "0.500000000001"),
    ("1e-9", "0.5"),
    ("0.999", "1e-12"),
    ("0.5", "0.5"),
    ("1", "0.3"),
    ("0", "0.3"),
    ("0.3", "0"),
    ("1", "1"),
    ("1", "0"),
    ("categorical: {pmf: [0.5, 0.3, 0.2, 0]}", "categorical: {pmf: [0.25, 0.25, 0.25, 0.25]}"),
    ("categorical: {pmf: [0.5, 0.3, 0.2, 0]}", "categorical: {pmf: [0.5, 0.5, 0, 0]}"),
    ("uniform: 6", "uniform: 6"),
    ("uniform: 1", "uniform: 1"),
    ("zipf: 1000", "uniform: 1000"),
]


@pytest.mark.parametrize("units", quick(1, ["bits", "nats", "bans"]))
@pytest.mark.parametrize(("truth", "model"), CASES)
def test_every_number_is_right_to_the_digits_shown(truth: str, model: str, units: str) -> None:
    check(explained(truth, model, units))


@examples(50)
@given(st.floats(0, 1), st.floats(0, 1))
def test_every_number_of_any_coin_is_right_to_the_digits_shown(p: float, q: float) -> None:
    coins = [Distribution(family="coin", parameters=(("p", value),)) for value in (p, q)]
    found = explain(coins[0], coins[1], "bits")
    if found.case.q.all() and found.case.p.all() and min(*found.case.p, *found.case.q) > 1e-12:
        check(found)


def check(found: Explanation) -> None:
    case, rows = found.case, found.rows[:-1]
    with mp.workdps(DIGITS):
        terms = exact(case.p, case.q, case.units)
        sums = {key: mp.fsum(values) for key, values in terms.items()}
        sums["KL(P‖Q)"] += _unequal_sums(case.p, case.q, case.units)
        for k, row in enumerate(rows):
            if "more" not in row[0]:
                assert all(right(row[3 + i], terms[key][k]) for i, key in enumerate(terms)), (row, k)
            else:
                assert all(right(row[3 + i], mp.fsum(terms[key][k:])) for i, key in enumerate(terms)), (row, k)
        assert all(right(found.rows[-1][3 + i], sums[key]) for i, key in enumerate(sums)), found.rows[-1]
        by_title = {step.title: step for step in found.steps}
        results = [("The definition", "KL(P‖Q)"), ("Term 1 is the cross-entropy H(P, Q)", "H(P, Q)")]
        for title, key in [*results, ("Term 2 is −H(P), the entropy", "H(P)")]:
            assert right(by_title[title].numbers[-1].split()[1], sums[key])
        left, divergence, entropy = re.match(
            f"{NUMBER} = {NUMBER} \\+ {NUMBER} ", by_title["The identity"].numbers[0]
        ).groups()
        assert right(left, sums["H(P, Q)"])
        assert right(divergence, sums["KL(P‖Q)"])
        assert right(entropy, sums["H(P)"])
        reverse = mp.fsum(exact(case.q, case.p, case.units)["KL(P‖Q)"])
        reverse += _unequal_sums(case.q, case.p, case.units)
        assert right(by_title["The direction"].numbers[1].split()[2], reverse)
        for line in by_title["The units"].numbers:
            key, *values = line.split(" = ")
            for value in values:
                shown, units = value.split(" ")
                expected = mp.fsum(exact(case.p, case.q, units)[key])
                expected += _unequal_sums(case.p, case.q, units) if key == "KL(P‖Q)" else 0
                assert right(shown, expected), line


def _unequal_sums(p: np.ndarray, q: np.ndarray, units: str) -> mpf:
    """Σ q − Σ p: 0, but for the rounding of 1 − p, without which 0.3 against 0.30000001 has no right digit."""
    base = {"nats": mp.e, "bits": mpf(2), "bans": mpf(10)}[units]
    return mp.fsum([*map(mpf, map(float, q)), *(-mpf(float(value)) for value in p)]) / mp.log(base)


def test_the_coin_of_the_readme_in_full() -> None:
    found = explained("0.7", "0.5")
    assert [step.title for step in found.steps] == [
        "The definition",
        "The expansion",
        "Term 1 is the cross-entropy H(P, Q)",
        "Term 2 is −H(P), the entropy",
        "The identity",
        "Why it is the loss",
        "The direction",
        "The units",
    ]
    assert found.steps[0].numbers == (
        "= 0.7 · log₂(0.7/0.5) + 0.3 · log₂(0.3/0.5)",
        "= 0.339799 − 0.221090",
        "= 0.118709 bits",
    )
    assert found.steps[1].numbers == (
        "= [0.700000 + 0.300000] + [−0.360201 − 0.521090]",
        "= 1.000000 − 0.881291 = 0.118709 bits",
    )
    assert found.steps[5].numbers == ("= 0.5 − 0.7 = −0.200000",)
    assert found.notes == ()


NOTES = [
    ("0.7", "1", ["infinite: Q gives probability 0 to tails, which P has with probability 0.3", "Q is certain"]),
    ("1", "0.5", ["tails: P has probability 0 there", "P is certain: H(P) = 0"]),
    ("0.4", "0.4", ["Q is P: the divergence is 0"]),
    ("1", "1", ["(also for q = 0)", "Q is P", "P is certain", "Q is certain"]),
    ("0.5", "0.5000000000001", ["Q is so close to P"]),
    (
        "categorical: {pmf: [0.5, 0.5, 0]}",
        "categorical: {pmf: [1, 0, 0]}",
        ["probability 0 to category 2,", "category 3"],
    ),
    ("uniform: 5", "categorical: {pmf: [1, 0, 0, 0, 0]}", ["to categories 2, 3, 4 and 1 more", "Q is certain"]),
]


@pytest.mark.parametrize(("truth", "model", "said"), NOTES)
def test_what_is_out_of_the_ordinary_is_explained(truth: str, model: str, said: list[str]) -> None:
    notes = " ".join(explained(truth, model).notes)
    for text in said:
        assert text in notes


@pytest.mark.parametrize(("truth", "model"), [("0.5", "1e-17"), ("1e-17", "0.5"), ("1e-17", "1e-17")])
def test_a_probability_that_rounds_to_1_is_not_called_certain(truth: str, model: str) -> None:
    # −ln 1e-17 is 39 nats: a lot, and not infinite.
    assert "is certain" not in " ".join(explained(truth, model).notes)


def test_the_two_directions_are_called_different_only_where_they_are() -> None:
    assert explained("0.3", "0.7").steps[6].formula == "KL(P‖Q) and KL(Q‖P) are the same here, but not in general"
    assert explained("0.7", "0.5").steps[6].formula == "KL(P‖Q) and KL(Q‖P) are not the same"


def test_an_infinite_case_has_no_difference_of_infinities() -> None:
    found = explained("0.7", "1")
    identity = found.steps[4]
    assert identity.numbers == ("∞ = ∞ + 0.881291 bits",)
    assert "so the divergence is infinite" in identity.sentence
    assert found.steps[5].numbers == ("q = 0 at tails: z is infinite there",)
    for write in FORMATS.values():
        assert "nan" not in write(found).lower().replace("nant", "")


def test_a_long_table_shows_the_first_categories_and_the_sum_of_the_others() -> None:
    found = explained("zipf: 1000", "uniform: 1000")
    assert len(found.rows) == 12
    assert found.rows[10][0] == "990 more"
    assert len(explained("uniform: 12", "uniform: 12").rows) == 13


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.7, "0.7"), (1 - 0.7, "0.3"), (1 / 3, "0.333333"), (0.123456789, "0.123456789"), (0.0, "0"), (1.0, "1")],
)
def test_probabilities_are_written_in_as_few_digits_as_it_takes(value: float, text: str) -> None:
    assert short(value) == text


class _Tags(HTMLParser):
    """Whether tags are closed in order, and what a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [str(value) for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("truth", "model"), CASES)
def test_the_page_is_whole_and_needs_nothing_else(truth: str, model: str) -> None:
    page = FORMATS["html"](explained(truth, model))
    tags = _Tags()
    tags.feed(page)
    assert tags.open == tags.references == []
    assert "http" not in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_all_formats_say_the_same(mcdiv_command: Command) -> None:
    found = explained("0.7", "0.5")
    for name in FORMATS:
        words = " ".join(mcdiv_command("explain", "--truth", "0.7", "--model", "0.5", "--format", name).stdout.split())
        for step in found.steps:
            for text in (step.title, step.formula, *step.numbers, step.sentence):
                expected = text.replace("'", "&#x27;") if name == "html" else text
                assert expected in words, (name, text)


def test_markdown_has_its_tables_and_headings() -> None:
    text = FORMATS["markdown"](explained("0.7", "0.5"))
    assert text.startswith("# H(P, Q) = KL(P‖Q) + H(P) for P = coin(p=0.7), Q = coin(p=0.5)\n")
    assert "| heads | 0.7 | 0.5 | 0.339799 | 0.700000 | 0.360201 |" in text
    assert text.count("\n## ") == 8
    assert text.count("```") == 16


def test_a_file_is_written_once_and_never_over_another(mcdiv_command: Command, folder: Path) -> None:
    arguments = ("explain", "--truth", "0.7", "--model", "0.5", "--format", "html", "-o", "why.html")
    assert mcdiv_command(*arguments).stdout == "wrote why.html\n"
    before = (folder / "why.html").read_bytes()
    assert before.startswith(b"<!DOCTYPE html>")
    assert "why.html: exists already; choose another name" in mcdiv_command(*arguments, code=2).stderr
    assert (folder / "why.html").read_bytes() == before


@pytest.mark.parametrize("written", ["1/2, 1/4, 1/4", "0.5 0.25 0.25", "[0.5, 1/4, 0.25]", " 0.5,0.25 , 1/4 "])
def test_probabilities_written_out_are_a_pmf(written: str) -> None:
    truth, _ = pair_from_options(written, "uniform: 3")
    assert truth.pmf().tolist() == [0.5, 0.25, 0.25]


def test_coins_in_brackets_stay_coins_where_several_fit(mcdiv_command: Command) -> None:
    done = mcdiv_command("exact", "--truth", "[0.3, 0.7]", "-n", "3", "--estimand", "entropy")
    assert "coin(p=0.3)" in done.stdout
    assert "coin(p=0.7)" in done.stdout


MISTAKES = [
    (["--truth", "1.2", "--model", "0.5"], "--truth 1.2: coin: expected a probability in [0, 1], got 1.2"),
    (["--truth", "0.5", "--model", "unifrm"], "--model unifrm: unknown distribution 'unifrm'; did you mean 'uniform'?"),
    (["--truth", "0.5", "--model", "coin"], "got 'coin'; coin needs its parameters: p"),
    (["--truth", "0.5", "--model", "70%"], "got '70%'; write 0.5 for 50 %"),
    (["--truth", "0.5", "--model", "0.5, x"], "--model 0.5, x: expected a distribution such as 'coin: 0.5' or"),
    (["--truth", "0.5", "--model", "0.5,,0.5"], "--model 0.5,,0.5: expected a distribution such as 'coin: 0.5' or"),
    (["--truth", "0.5", "--model", "0.5, 0.6"], "--model 0.5, 0.6: categorical.pmf: sums to 1.1; probabilities must"),
    (
        ["--truth", "0.5", "--model", "uniform: 3"],
        "--model uniform: 3: uniform(k=3) has 3 categories, truth has 2",
    ),
    (["--truth", "coin: [0.2, 0.3]", "--model", "0.5"], "--truth coin: [0.2, 0.3]: expected one distribution, got 2"),
    (["--truth", "foo: 3", "--model", "0.5"], "--truth foo: 3: foo: unknown distribution 'foo'"),
    (["--truth", "categorical: {pmf: [0.5, 0.4]}", "--model", "0.5"], "sums to 0.9; probabilities must sum to 1"),
    (["--truth", "foo: {", "--model", "0.5"], "not valid YAML"),
    (["--truth", "0.5"], "Missing option '--model'"),
    (["--truth", "0.5", "--model", "0.5", "--units", "bit"], "'bit' is not one of"),
    (["--truth", "0.5", "--model", "0.5", "--format", "pdf"], "'pdf' is not one of"),
    (["--truth", "0.5", "--model", "0.5", "-o", "no/such/folder.html"], "no/such/folder.html: cannot write"),
]


@pytest.mark.parametrize(("arguments", "line"), MISTAKES, ids=[line for _, line in MISTAKES])
def test_a_mistake_is_one_line(mcdiv_command: Command, folder: Path, arguments: list[str], line: str) -> None:
    done = mcdiv_command("explain", *arguments, code=2)
    assert line in done.stderr
    assert line.startswith(("Missing", "'")) or done.stderr.count("\n") == 1
    assert not list(folder.iterdir())


def test_two_distributions_that_do_not_go_together_are_an_error_from_python_too() -> None:
    with pytest.raises(ScenarioError):
        pair_from_options("0.5", "uniform: 3")


def test_the_name_of_a_file_as_a_distribution_is_told_how_its_counts_are_asked_for(
    mcdiv_command: Command, folder: Path
) -> None:
    (folder / "t.csv").write_text("c,n\na,3\nb,1\n", encoding="utf-8")
    refused = mcdiv_command("explain", "--truth", "t.csv", "--model", "0.5", code=2).stderr
    assert refused == "t.csv: expected a distribution, got a file; its counts are 'counts: {file: t.csv}'\n"
    told = mcdiv_command("explain", "--truth", "counts: {file: t.csv}", "--model", "0.25").stdout
    assert told == mcdiv_command(
        "explain", "--truth", "categorical: {pmf: [0.75, 0.25]}", "--model", "0.25"
    ).stdout.replace("categorical(pmf=[0.75, 0.25])", "counts(t)")
