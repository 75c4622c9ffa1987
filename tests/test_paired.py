"""Two models on the same items: errors, tests and ratios against closed forms, enumeration and stated values."""

import itertools
import json
import math
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import mcdiv
from mcdiv.observed.paired_words import sentences
from mcdiv.significance import sign_flips

NLL_A = [2.31, 0.02, 5.1, 0.88, 0.02, 1.7, 3.2, 0.45, 0.07, 1.25]
NLL_B = [2.4, 0.03, 5.05, 0.95, 0.02, 1.81, 3.31, 0.47, 0.08, 1.33]
DOCUMENTS = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
BYTES = [4, 2, 7, 3, 1, 5, 6, 3, 2, 4]
TABLE = "doc,bytes,nll_a,nll_b\n" + "".join(
    f"d{doc},{size},{a},{b}\n" for doc, size, a, b in zip(DOCUMENTS, BYTES, NLL_A, NLL_B, strict=True)
)


def by_enumeration(differences: list[Fraction]) -> Fraction:
    """The share of all patterns of signs that give a sum as far from 0."""
    observed = abs(sum(differences))
    patterns = list(itertools.product((1, -1), repeat=len(differences)))
    hits = sum(abs(sum(s * d for s, d in zip(signs, differences, strict=True))) >= observed for signs in patterns)
    return Fraction(hits, len(patterns))


def test_a_comparison_has_the_values_worked_out_for_it() -> None:
    found = mcdiv.paired(NLL_A, NLL_B, byte_counts=BYTES)
    expected = {  # Student's t on the differences; signs in integers; perplexity = exp(mean): 14 digits
        "difference": 0.045,
        "standard_error": 0.017143187827498,
        "interval": (0.0062194148628295, 0.08378058513717),
        "t": 2.6249493648911,
        "p_t": 0.027586152257026,
        "p_sign": 36 / 1024,
        "p_sign_mcse": 0,
        "mean_a": 1.5,
        "mean_b": 1.545,
        "standard_error_a": 0.5219748823246,
        "standard_error_b": 0.52200947202986,
        "unpaired_standard_error": 0.73820841682188,
        "unpaired_p": 0.95139234366845,
        "correlation": 0.99946070869939,
        "perplexity_a": 4.4816890703381,
        "perplexity_b": 4.687971627022,
        "perplexity_ratio": 1.0460278599087,
        "perplexity_ratio_interval": (1.0062387955815, 1.0873902780432),
        "bits_per_byte_a": 0.58487636792796,
        "bits_per_byte_b": 0.6024226589658,
        "items_needed": 11.39110392173,
        "unpaired_items_needed": 21122.272062715,
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-12), name
    assert (found.items, found.groups, found.differing) == (10, None, 9)
    assert (found.scores, found.units, found.only_a) == ("nll", "nats", None)
    said = "<mcdiv.PairedComparison: b − a = 0.045 ± 0.017, p = 0.02759 (t), 0.03516 (sign flips, exact)>"
    assert repr(found) == said


@pytest.mark.parametrize("groups", [DOCUMENTS, list("aabbccddee"), pd.Series(DOCUMENTS), np.array(DOCUMENTS) / 2])
def test_errors_by_document_are_cluster_robust_and_whole_documents_turn_their_signs(groups: Any) -> None:
    found = mcdiv.paired(NLL_A, NLL_B, groups)
    assert found.difference == pytest.approx(0.045, rel=1e-14)
    assert found.standard_error == pytest.approx(0.0093541434669349, rel=1e-12)
    assert found.interval == pytest.approx((0.019028734157911, 0.070971265842089), rel=1e-12)
    assert (found.p_sign, found.p_sign_mcse) == (2 / 32, 0)
    assert found.p_t == pytest.approx(2 * stats.t.sf(0.045 / 0.0093541434669349, 4), rel=1e-9)
    assert found.groups == 5


def test_groups_of_one_item_are_no_groups() -> None:
    by_item = mcdiv.paired(NLL_A, NLL_B, range(10), byte_counts=BYTES)
    assert replace(by_item, groups=None) == mcdiv.paired(NLL_A, NLL_B, byte_counts=BYTES)


@pytest.mark.slow
@pytest.mark.unmeasured
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=9))
def test_the_sign_flip_p_of_decimals_counts_all_patterns(pairs: list[tuple[int, int]]) -> None:
    a, b = ([pair[i] / 10 for pair in pairs] for i in (0, 1))
    found = mcdiv.paired(a, b, scores="other")
    assert found.p_sign == by_enumeration([Fraction(y - x, 10) for x, y in pairs])


@pytest.mark.slow
@pytest.mark.unmeasured
@given(st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=9))
def test_the_sign_flip_p_of_any_numbers_counts_all_patterns(differences: list[float]) -> None:
    found = mcdiv.paired([0.0] * len(differences), differences, scores="other")
    exact, observed = [Fraction(x) for x in differences], abs(sum(map(Fraction, differences)))
    sums = [
        abs(sum(s * d for s, d in zip(t, exact, strict=True))) for t in itertools.product((1, -1), repeat=len(exact))
    ]
    near = max(sum(map(abs, exact)) * Fraction(1e-11), Fraction(0))
    least, most = (sum(each >= observed + reach for each in sums) / len(sums) for reach in (near, -near))
    assert least <= found.p_sign <= most


def test_sums_that_differ_by_roundings_are_ties() -> None:
    # In floats 0.3 − 0.1 is not 0.2 − 0.0, and (1 + 1e-16) − 1 is not 1e-16.
    assert mcdiv.paired([0.1, 0.0, 0.2], [0.3, 0.2, 0.0]).p_sign == 1
    third = 1 / 3
    assert mcdiv.paired([third, 2 * third, 1.0], [2 * third, 1.0, 2 * third], scores="other").p_sign == 1


def exactly(sizes: list[int], observed: int) -> Fraction:
    """P(|Σ ±d| ≥ observed), in whole numbers."""
    counts = {0: 1}
    for size in sizes:
        new: dict[int, int] = {}
        for total, ways in counts.items():
            for signed in (total - size, total + size):
                new[signed] = new.get(signed, 0) + ways
        counts = new
    return Fraction(sum(ways for total, ways in counts.items() if abs(total) >= observed), 2 ** len(sizes))


@pytest.mark.slow
@pytest.mark.parametrize("turned", [100, 290, 340])
def test_seven_hundred_differences_are_counted_exactly(turned: int) -> None:
    sizes = [1 + i % 3 for i in range(700)]
    steps = np.array([-size if i < turned else size for i, size in enumerate(sizes)])
    found = sign_flips.sign_flip_p(steps, replicates=None, seed=1)
    assert found.mcse == 0
    assert found.value == pytest.approx(float(exactly(sizes, abs(int(steps.sum())))), rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize(("steps", "sizes"), [(60, 7), (200, 90)])
def test_a_simulated_p_is_near_the_exact_one(steps: int, sizes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(5)
    differences = generator.integers(-sizes, sizes + 1, steps) + 1
    exact = sign_flips.sign_flip_p(differences, replicates=None, seed=1)
    assert exact.mcse == 0
    assert exact.value == pytest.approx(
        float(exactly(np.abs(differences).tolist(), abs(int(differences.sum())))), rel=1e-12
    )
    monkeypatch.setattr(sign_flips, "_MAX_ADDITIONS", 0)
    drawn = sign_flips.sign_flip_p(differences, replicates=20_000, seed=1)
    assert drawn.mcse > 0
    assert abs(drawn.value - exact.value) <= 5 * drawn.mcse
    assert drawn == sign_flips.sign_flip_p(differences, replicates=20_000, seed=1)


@pytest.mark.parametrize(("only_a", "only_b"), [(15, 5), (0, 1), (3, 3), (40, 21), (0, 12), (600, 700)])
def test_right_and_wrong_have_mcnemars_exact_p(only_a: int, only_b: int) -> None:
    both = [1] * 7 + [0] * 4
    a = [1] * only_a + [0] * only_b + both
    b = [0] * only_a + [1] * only_b + both
    found = mcdiv.paired(a, np.array(b, dtype=bool))
    n, fewer = only_a + only_b, min(only_a, only_b)
    expected = min(Fraction(1), Fraction(2 * sum(math.comb(n, i) for i in range(fewer + 1)), 2**n))
    assert found.p_sign == pytest.approx(float(expected), rel=1e-11)
    assert (found.scores, found.only_a, found.only_b, found.units) == ("right", only_a, only_b, "1")
    assert found.difference == pytest.approx((only_b - only_a) / len(a), rel=1e-14, abs=0)
    assert found.perplexity_ratio is None


def test_student_is_scipys() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.normal(size=(2, 50)) + 3
    found = mcdiv.paired(a, b, level=0.9)
    student = stats.ttest_rel(b, a)
    assert (found.t, found.p_t) == pytest.approx((student.statistic, student.pvalue), rel=1e-9)
    assert found.interval == pytest.approx(tuple(student.confidence_interval(0.9)), rel=1e-9)
    assert found.correlation == pytest.approx(np.corrcoef(a, b)[0, 1], rel=1e-12)


@pytest.mark.parametrize("units", ["bits", "bans"])
def test_scores_in_another_unit_are_the_same_models(units: str) -> None:
    base = {"bits": 2, "bans": 10}[units]
    scaled = [[x / math.log(base) for x in scores] for scores in (NLL_A, NLL_B)]
    found = mcdiv.paired(*scaled, byte_counts=BYTES, units=units)  # type: ignore[arg-type]
    assert found.units == units
    assert found.difference == pytest.approx(0.045 / math.log(base), rel=1e-12)
    assert found.perplexity_ratio_interval == pytest.approx((1.0062387955815, 1.0873902780432), rel=1e-12)
    assert found.bits_per_byte_b == pytest.approx(0.6024226589658, rel=1e-12)
    assert found.p_sign == 36 / 1024


@pytest.mark.parametrize("factor", [2.0**-560, 2.0**300])
def test_tiny_and_huge_scores_are_compared_as_others_are(factor: float) -> None:
    a, b = np.array(NLL_A), np.array(NLL_B)
    found, scaled = mcdiv.paired(a, b, DOCUMENTS), mcdiv.paired(a * factor, b * factor, DOCUMENTS, scores="other")
    for name in ("p_t", "p_sign", "unpaired_p", "correlation", "items_needed", "unpaired_items_needed"):
        assert getattr(scaled, name) == pytest.approx(getattr(found, name), rel=1e-9), name
    assert scaled.standard_error == pytest.approx(found.standard_error * factor, rel=1e-9)


def test_roundings_of_large_scores_are_no_spread() -> None:
    a = np.array([1 / 3, 100 / 3, 7e5 / 3])
    found = mcdiv.paired(a, a + 0.1)
    assert found.standard_error == 0
    assert math.isnan(found.p_t)


def test_log_probabilities_are_turned() -> None:
    turned = mcdiv.paired([-x for x in NLL_A], [-x for x in NLL_B], scores="logprobs")
    assert turned == mcdiv.paired(NLL_A, NLL_B)


def test_bits_per_byte_of_equal_bytes_have_the_interval_of_the_mean() -> None:
    found = mcdiv.paired(NLL_A, NLL_B, byte_counts=[4] * 10)
    expected = tuple(end / 4 / math.log(2) for end in (0.0062194148628295, 0.08378058513717))
    assert found.bits_per_byte_interval == pytest.approx(expected, rel=1e-11)


def test_the_interval_of_bits_per_byte_is_that_of_a_ratio_of_sums() -> None:
    found = mcdiv.paired([1, 2, 4], [2, 2, 5], byte_counts=[1, 2, 3])
    # r = 2/6; residuals 2/3, −2/3, 0; SE = √(3/2 · 8/9)/6 = √(4/3)/6; t_{2, 0.975} = 4.302652729749464
    reach = 4.302652729749464 * math.sqrt(4 / 3) / 6
    expected = ((1 / 3 - reach) / math.log(2), (1 / 3 + reach) / math.log(2))
    assert found.bits_per_byte_interval == pytest.approx(expected, rel=1e-12)


def test_series_are_matched_by_their_labels() -> None:
    labels = list("abcdefghij")
    a, b, documents = pd.Series(NLL_A, labels), pd.Series(NLL_B, labels)[::-1], pd.Series(DOCUMENTS, labels)
    assert mcdiv.paired(a, b, documents.sample(frac=1, random_state=1)) == mcdiv.paired(NLL_A, NLL_B, DOCUMENTS)
    with pytest.raises(ValueError, match="b has no entry for 'a', which a has; expected the same items"):
        mcdiv.paired(a, b.drop("a"))
    with pytest.raises(ValueError, match="label 'a' occurs twice"):
        mcdiv.paired(a.rename({"b": "a"}), b.rename({"b": "a"}))


def test_equal_differences_have_no_error_to_judge_by() -> None:
    found = mcdiv.paired([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])
    assert (found.standard_error, found.p_sign) == (0, 0.25)
    assert all(map(math.isnan, (found.p_t, found.t, *found.interval, found.items_needed)))
    same = mcdiv.paired([0.1, 0.2], [0.1, 0.2])
    assert (same.difference, same.p_sign, same.differing) == (0, 1, 0)
    opposite = mcdiv.paired([1, 2], [2, 1])
    assert (opposite.p_t, opposite.p_sign, opposite.items_needed) == (1, 1, math.inf)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"a": [1, 2], "b": [1, 2, 3]}, "a has 2 items, b has 3; expected as many of each"),
    ({"a": [1], "b": [2]}, "there is one item; an error of the difference takes at least two"),
    ({"a": [], "b": []}, "a: expected a number for each item, shape (n,), got shape (0,)"),
    ({"a": [[1, 2]], "b": [1, 2]}, "a: expected a number for each item, shape (n,), got shape (1, 2)"),
    ({"a": [1, math.nan], "b": [1, 2]}, "a: item 2 is nan; expected a number below 1e+100; leave the item out of both"),
    ({"a": [1, 2], "b": [math.inf, 2]}, "b: item 1 is inf; expected a number below 1e+100"),
    ({"a": ["x", "y"], "b": [1, 2]}, "a: expected a number for each item, got ['x', 'y']"),
    ({"a": [1, -2], "b": [1, 2]}, "a: item 2 is -2, and an NLL is never negative: give scores="),
    ({"a": [1, 2], "b": [1, 2], "scores": "logprobs"}, "a: item 1 is 1, and a log-probability is never positive"),
    ({"a": [1, 2], "b": [1, 2], "scores": "right"}, "a: item 2 is 2, and right is 1 and wrong is 0"),
    ({"a": [1, 2], "b": [1, 2], "scores": "bleu"}, "scores: expected nll, logprobs, right or other, got bleu"),
    ({"a": [1, 2], "b": [1, 3], "groups": [1, 1]}, "groups: all items are of one group; errors by group take at"),
    ({"a": [1, 2], "b": [1, 3], "groups": [1]}, "a has 2 items, groups has 1; expected as many of each"),
    ({"a": [1, 2], "b": [1, 3], "groups": ["x", None]}, "groups: item 2 has none; expected a label for each item"),
    ({"a": [1, 2], "b": [1, 3], "groups": [[1, 2]]}, "groups: expected a label for each item, shape (n,), got"),
    ({"a": [1, 2], "b": [1, 3], "byte_counts": [-1, 2]}, "byte_counts: item 1 has -1; expected a number >= 0"),
    ({"a": [1, 2], "b": [1, 3], "byte_counts": [0, 0]}, "byte_counts: all are 0; expected some that are not"),
    (
        {"a": [1, 0], "b": [1, 1], "byte_counts": [1, 2]},
        "byte_counts: only NLLs give bits per byte; these scores are 'right'",
    ),
    ({"a": [1, 0], "b": [1, 1], "units": "bits"}, "units: only NLLs have a unit; these scores are 'right'"),
    ({"a": [1, 2], "b": [1, 3], "units": "bytes"}, "units: expected nats, bits or bans, got 'bytes'"),
    ({"a": [1, 2], "b": [1, 3], "level": 1}, "level: expected a number between 0 and 1, got 1"),
    ({"a": [1, 2], "b": [1, 3], "power": 0.05}, "power: expected more than 1 - level, 0.05, got 0.05"),
    ({"a": [1, 2], "b": [1, 3], "power": "x"}, "power: expected a number between 0 and 1, got x"),
    ({"a": [1, 2], "b": [1, 3], "replicates": 0}, "replicates: expected a whole number >= 1, got 0"),
    ({"a": [1, 2], "b": [1, 3], "seed": -1}, "seed: expected a whole number >= 0, got -1"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as said:
        mcdiv.paired(**arguments)
    assert str(said.value).startswith(message)
    assert "\n" not in str(said.value)


def test_the_command_is_the_function(mcdiv_command: Command, folder: Path) -> None:
    (folder / "scores.csv").write_text(TABLE, encoding="utf-8")
    words = ("paired", "scores.csv", "--a", "nll_a", "--b", "nll_b", "--by", "doc", "--bytes", "bytes")
    printed = json.loads(mcdiv_command(*words, "--json").stdout)
    found = mcdiv.paired(NLL_A, NLL_B, DOCUMENTS, byte_counts=BYTES)
    assert printed == json.loads(json.dumps(asdict(found)))
    lines = mcdiv_command(*words).stdout.splitlines()
    assert lines[0] == "read as 10 items with two scores each, NLLs in nats, in 5 groups by doc"
    assert "With 5 differing groups no sign-flip p can be below 0.0625." in lines


def test_two_files_are_matched_by_order_or_by_a_column(mcdiv_command: Command, folder: Path) -> None:
    rows = list(zip(range(10), DOCUMENTS, NLL_A, NLL_B, strict=True))
    (folder / "a.csv").write_text("i,doc,nll\n" + "".join(f"{i},{d},{a}\n" for i, d, a, _ in rows), encoding="utf-8")
    (folder / "b.csv").write_text("i;doc;nll\n" + "".join(f"{i};{d};{b}\n" for i, d, _, b in rows), encoding="utf-8")
    turned = "".join(f"{i},{b}\n" for i, _, _, b in rows[::-1])
    (folder / "c.csv").write_text(f"i,nll\n{turned}", encoding="utf-8")
    by_order = mcdiv_command("paired", "a.csv", "b.csv", "--a", "nll", "--by", "doc", "--json").stdout
    by_item = mcdiv_command("paired", "a.csv", "c.csv", "--by", "doc", "--item", "i", "--json").stdout
    assert json.loads(by_order) == json.loads(by_item) == json.loads(json.dumps(asdict(_documents())))
    ordered = mcdiv.read_scores("a.csv", "b.csv", a="nll", by="doc")
    for read in (ordered, mcdiv.read_scores("a.csv", folder / "c.csv", by="doc", item="i")):
        assert asdict(mcdiv.paired(read.a, read.b, read.groups)) == asdict(_documents())


def test_scores_from_python_are_those_of_the_command(folder: Path) -> None:
    (folder / "scores.csv").write_text(TABLE, encoding="utf-8")
    read = mcdiv.read_scores("scores.csv", a="nll_a", b="nll_b", by="doc", byte_counts="bytes")
    assert (read.a.tolist(), read.b.tolist(), read.groups) == (NLL_A, NLL_B, [f"d{each}" for each in DOCUMENTS])
    assert read.byte_counts is not None
    assert read.byte_counts.tolist() == BYTES
    (folder / "lines.jsonl").write_text('{"a": 1.5, "b": 2}\n{"a": 0.5, "b": 1}\n', encoding="utf-8")
    lines = mcdiv.read_scores("lines.jsonl")
    assert (lines.names, lines.a.tolist(), lines.b.tolist()) == (("a", "b"), [1.5, 0.5], [2, 1])
    with pytest.raises(mcdiv.ScenarioError, match=r"which columns hold the scores\? Choose them with 'a' and 'b': "):
        mcdiv.read_scores("scores.csv")
    with pytest.raises(mcdiv.ScenarioError, match=r"^item matches the rows of two files; there is one$"):
        mcdiv.read_scores("scores.csv", item="doc")


def _documents() -> mcdiv.PairedComparison:
    return mcdiv.paired(NLL_A, NLL_B, DOCUMENTS)


WRONG = [
    (("a.csv",), "a.csv:1: which columns hold the scores? Choose them with --a and --b: i, doc, x, y"),
    (("a.csv", "--a", "x", "--b", "z"), "a.csv:1: unknown column 'z'; "),
    (("a.csv", "--a", "x", "--b", "x"), "a.csv:1: column 'x' is given for both scores; expected two columns"),
    (("a.csv", "--a", "x", "--b", "doc"), "a.csv:2: column 'doc': expected a number, got 'one'"),
    (("a.csv", "--a", "x", "--b", "y", "--by", "x"), "a.csv:1: column 'x' is given for two things; expected a "),
    (("a.csv", "--a", "x", "--b", "y", "--by", "same"), "a.csv:1: unknown column 'same'; "),
    (("a.csv", "--a", "x", "--b", "y", "--item", "i"), "--item matches the rows of two files; there is one"),
    (("a.csv", "--a", "x", "--b", "y", "--level", "2"), "--level: expected a number between 0 and 1, got 2.0"),
    (("one.csv", "--by", "doc"), "--by: all items are of one group; errors by group take at least two"),
    (("nan.csv",), "nan.csv:3: column 'y': expected a number, got 'nan'"),
    (("gap.csv",), "gap.csv:3: column 'y' has no number here"),
    (("minus.csv",), "x: item 2 is -1, and an NLL is never negative: give --scores logprobs for log-probabilities, "),
    (("a.csv", "nan.csv", "--a", "x", "--b", "x"), "a.csv has 3 rows, nan.csv has 2; expected the same items in the "),
    (("a.csv", "other.csv", "--a", "x", "--item", "i"), "other.csv: there is no item '3'; expected the same items in"),
    (
        ("a.csv", "other.csv", "--a", "x", "--by", "doc"),
        "column 'doc': item 2 has 'one' in a.csv and 'two' in other.csv",
    ),
    (
        ("a.csv", "twice.csv", "--a", "x", "--item", "i"),
        "twice.csv: column 'i' has '1' twice; expected a name for each",
    ),
    (("-", "-"), "standard input is given twice; expected a file for one of the two"),
    (("absent.csv",), "absent.csv: there is no such file"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_bad_files_are_one_line(words: tuple[str, ...], message: str, mcdiv_command: Command, folder: Path) -> None:
    tables = {
        "a": "i,doc,x,y\n1,one,0.5,1\n2,one,2,3\n3,two,1,1.5\n",
        "one": "doc,x,y\n1,0.5,1\n1,2,3\n",
        "nan": "x,y\n0.5,1\n2,nan\n",
        "gap": "x,y\n0.5,1\n2,\n",
        "minus": "x,y\n0.5,1\n-1,2\n",
        "other": "i,doc,x\n1,one,0.5\n2,two,2\n4,two,1\n",
        "twice": "i,x\n1,0.5\n1,2\n3,1\n",
    }
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    (line,) = mcdiv_command("paired", *words, code=2).stderr.splitlines()
    assert line.startswith(message)


SAID = [
    ([1, 1, 0, 0], [1, 1, 0, 0], None, "No item has two scores that differ."),
    ([1, 2, 3], [2, 3, 4], None, "All differences are the same: there is no spread to take a standard error from"),
    ([1, 2, 2, 3], [2, 3, 4, 3], [1, 1, 2, 2], "Every group has the same mean difference: there is no spread"),
    ([1, 2, 3, 5], [2, 1, 5, 3], [1, 1, 2, 2], "In every group a and b have the same sum."),
    ([1] * 15 + [0] * 5, [0] * 15 + [1] * 5, None, "Only a is right in 15, only b in 5 items; p (sign flips) "),
    ([1, 2, 3], [3, 2, 1], None, "Pairing makes the standard error 1.4 times larger: the scores of an item have corr"),
    ([1, 2, 3, 9], [4, 5, 1, 2], None, "At level 0.05 neither test tells the mean difference from chance."),
]


@pytest.mark.parametrize(("a", "b", "groups", "sentence"), SAID)
def test_what_is_said_fits_the_scores(a: list[int], b: list[int], groups: list[int] | None, sentence: str) -> None:
    said = list(sentences(mcdiv.paired(a, b, groups)))
    assert any(each.startswith(sentence) for each in said), said
    assert not any("nan" in each or "∞" in each for each in said)
