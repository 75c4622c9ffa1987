"""Whether two samples differ in entropy: against Basharin's variances, in Python and as a command."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

import mcdiv

Command = Callable[..., CompletedProcess[str]]
FIRST, SECOND = [30, 12, 6, 2], [14, 13, 12, 11]


def basharin(counts: list[int]) -> float:
    """(Σ p ln² p − H²)/N."""
    p = np.array(counts) / sum(counts)
    return float((p * np.log(p) ** 2).sum() - (p * np.log(p)).sum() ** 2) / sum(counts)


def test_the_variances_of_both_are_added() -> None:
    """Worked by hand from (Σ p ln² p − H²)/N of each (Basharin, 1959; Hutcheson, 1970)."""
    found = mcdiv.entropy_difference(FIRST, SECOND)
    assert float(found.difference) == pytest.approx(0.3500956072791441, rel=1e-12)
    assert float(found.standard_error) == pytest.approx(0.1040991717626469, rel=1e-12)
    assert float(found.z) == pytest.approx(3.363096952177349, rel=1e-12)
    assert float(found.p_value) == pytest.approx(0.0007707329045577317, rel=1e-10)
    assert [float(found.low), float(found.high)] == pytest.approx([0.14606497980390723, 0.554126234754381], rel=1e-12)
    assert float(found.standard_error) == pytest.approx(math.sqrt(basharin(FIRST) + basharin(SECOND)), rel=1e-12)
    corrected = mcdiv.entropy_difference(FIRST, SECOND, estimator="miller_madow")
    assert float(corrected.difference) == pytest.approx(0.3500956072791441, rel=1e-12)


def test_the_other_way_round_the_signs_are() -> None:
    found, other = mcdiv.entropy_difference(FIRST, SECOND), mcdiv.entropy_difference(SECOND, FIRST)
    assert (other.difference, other.z, other.low, other.high) == (-found.difference, -found.z, -found.high, -found.low)
    assert other.p_value == found.p_value


def test_units_change_the_difference_and_not_the_test() -> None:
    nats, bits = mcdiv.entropy_difference(FIRST, SECOND), mcdiv.entropy_difference(FIRST, SECOND, units="bits")
    for part in ("first", "second", "difference", "standard_error", "low", "high"):
        assert float(getattr(bits, part)) * math.log(2) == pytest.approx(float(getattr(nats, part)))
    assert float(bits.p_value) == pytest.approx(float(nats.p_value))


def test_the_interval_excludes_0_where_the_test_rejects() -> None:
    for level in (0.9, 0.999, 0.9999):
        found = mcdiv.entropy_difference(FIRST, SECOND, level=level)
        assert (found.low > 0) == (found.p_value < 1 - level)
        assert float(found.high - found.difference) == pytest.approx(norm.isf((1 - level) / 2) * found.standard_error)


def test_batches_are_compared_one_by_one() -> None:
    found = mcdiv.entropy_difference([FIRST, SECOND], SECOND)
    assert found.difference.shape == (2,)
    assert found.difference[0] == mcdiv.entropy_difference(FIRST, SECOND).difference
    assert found.difference[1] == 0 and found.p_value[1] == 1


def test_samples_may_have_different_categories() -> None:
    found = mcdiv.entropy_difference([5, 3], [4, 1, 1])
    assert float(found.second) == pytest.approx(float(mcdiv.entropy(np.array([4, 1, 1]) / 6)))
    labelled = mcdiv.entropy_difference(pd.Series({"a": 5, "b": 3}), pd.Series({"b": 4, "c": 1, "d": 1}))
    assert labelled.difference == found.difference


def test_without_variation_there_is_no_test() -> None:
    found = mcdiv.entropy_difference([5, 5], [3, 3, 3])
    assert float(found.difference) == pytest.approx(math.log(1.5))
    assert found.standard_error == 0
    assert np.isnan([found.z, found.p_value, found.low, found.high]).all()
    assert repr(found).endswith("nats, no test>")


@pytest.mark.parametrize(("p", "few", "many"), [(0.6, 8, 60), (0.7, 20, 200), (0.9, 8, 60), (0.9, 20, 20)])
def test_equal_entropies_are_seldom_told_apart_without_a_sentence(p: float, few: int, many: int) -> None:
    """Exact, over all pairs of samples of one coin: the test itself rejects in up to 45 % of them."""
    heads, others = np.arange(few + 1), np.arange(many + 1)
    weights = np.outer(binom.pmf(heads, few, p), binom.pmf(others, many, p))
    silent = rejected = 0.0
    second = np.stack([others, many - others], axis=-1)
    for i in heads:
        found = mcdiv.entropy_difference([i, few - i], second)
        rejects = found.p_value < 0.05
        with np.errstate(all="ignore"):
            apart = np.ptp(np.broadcast_arrays(*found.by_estimator.values()), axis=0) / found.standard_error
        told = (apart > 0.5) | (found.first_standard_error == 0) | (found.second_standard_error == 0)
        rejected += float(weights[i][rejects].sum())
        silent += float(weights[i][rejects & ~told].sum())
    assert silent < 0.05
    assert (p, few) != (0.9, 8) or rejected == pytest.approx(0.45114149758984, rel=1e-9)


def test_the_differences_of_other_estimators_are_beside_it() -> None:
    found = mcdiv.entropy_difference([5, 3, 2], [70, 20, 9, 1], estimator="laplace")
    assert list(found.by_estimator) == ["plugin", "miller_madow", "chao_shen", "laplace"]
    assert found.by_estimator["laplace"] == found.difference
    by_hand = found.by_estimator["plugin"] + 3 / 200 - 2 / 20
    assert float(found.by_estimator["miller_madow"]) == pytest.approx(float(by_hand), rel=1e-12)
    assert float(found.second_standard_error) == pytest.approx(math.sqrt(basharin([70, 20, 9, 1])), rel=1e-12)


def test_what_the_test_leaves_out_is_told() -> None:
    biased = mcdiv.entropy_difference([11, 6, 4, 3, 1, 1, 1, 1, 1, 1], [300, 150, 100, 75, 60, 50, 40, 40, 30, 30, 20])
    assert biased.sentences[0].startswith("The difference depends on the estimator: from ")
    assert "miller_madow with jackknife" in biased.sentences[1] and repr(biased).endswith("; see .sentences>")
    constant = mcdiv.entropy_difference([30, 30], [290, 310])
    assert constant.sentences[0].startswith("The standard error of the first entropy is 0 because")
    assert mcdiv.entropy_difference(FIRST, SECOND).sentences == []
    several = mcdiv.entropy_difference([[3, 3], FIRST[:2], [30, 20]], [15, 12])
    assert [line[:16] for line in several.sentences[:2]] == ["In 1 of 3 pairs:", "In 1 of 3 pairs "]


def test_the_jackknife_and_parameters_of_estimators_may_be_named() -> None:
    found = mcdiv.entropy_difference(FIRST, SECOND, estimator="additive(alpha=0.5)", method="jackknife")
    parts = [
        mcdiv.interval("entropy", each, method="jackknife", estimator="additive", alpha=0.5) for each in (FIRST, SECOND)
    ]
    assert found.difference == parts[1].estimate - parts[0].estimate
    assert float(found.standard_error) == pytest.approx(math.hypot(*(float(part.standard_error) for part in parts)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first": [3, -1]}, "first[1] is -1; expected a whole number >= 0"),
        ({"second": [0, 0]}, "second has no draws: all its counts are 0"),
        ({"first": [[1, 2]] * 2, "second": [[1, 2]] * 3}, "first has samples of shape (2,), second of (3,)"),
        ({"method": "bayes"}, "method: expected delta or jackknife, got bayes"),
        ({"level": 1}, "level: expected a level between 0 and 1, got 1"),
        ({"estimator": "plug"}, "unknown estimator 'plug'"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        mcdiv.entropy_difference(**({"first": [1, 2], "second": [2, 2]} | given))


def files(folder: Path) -> tuple[str, str]:
    for name, counts in (("first.csv", FIRST), ("second.csv", SECOND)):
        rows = "".join(f"{label},{count}\n" for label, count in zip("abcd", counts, strict=True))
        (folder / name).write_text(f"category,count\n{rows}", encoding="utf-8")
    return "first.csv", "second.csv"


def test_the_command_says_the_same(mcdiv_command: Command, folder: Path) -> None:
    names = files(folder)
    told = mcdiv_command("difference", *names).stdout
    (line,) = [line for line in told.splitlines() if line.strip().startswith("difference")]
    assert line.split() == ["difference", "0.35", "±", "0.10", "[0.15,", "0.55]", "3.363", "0.000771"]
    record = json.loads(mcdiv_command("difference", *names, "--json", "-u", "bits").stdout)
    assert record == mcdiv.entropy_difference(FIRST, SECOND, units="bits").record()
    (folder / "few.csv").write_text("category,count\na,3\nb,3\n", encoding="utf-8")
    told = mcdiv_command("difference", "few.csv", names[1]).stdout
    assert told.endswith("\n".join([*mcdiv.entropy_difference([3, 3], SECOND).sentences, ""]))


def test_the_alphabet_is_that_of_both_files_or_as_given(mcdiv_command: Command, folder: Path) -> None:
    names = files(folder)
    for size in (None, 9):
        option = () if size is None else ("--alphabet-size", str(size))
        record = json.loads(mcdiv_command("difference", *names, "--json", "-e", "laplace", *option).stdout)
        assert record == mcdiv.entropy_difference(FIRST, SECOND, estimator="laplace", alphabet_size=size).record()


def test_the_command_says_where_there_is_no_test(mcdiv_command: Command, folder: Path) -> None:
    (folder / "u.csv").write_text("category,count\na,5\nb,5\n", encoding="utf-8")
    told = mcdiv_command("difference", "u.csv", "u.csv").stdout
    assert "there is no variation" in told and "p-value:" not in told


def test_mistakes_are_one_line(mcdiv_command: Command, folder: Path) -> None:
    names = files(folder)
    for arguments in (("-e", "nope"), ("--level", "2"), ("-u", "x"), ("--alphabet-size", "2")):
        told = mcdiv_command("difference", *names, *arguments, code=2)
        assert told.stderr.count("\n") == 1 and "Traceback" not in told.stderr
