"""Five kinds of entry, each one function in one file outside the package: all that is asked of them is there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from making.cards import measure_section
from making.entries import entries_page
from scipy import stats
from small import small

from mcdiv.files.yaml_text import write_text
from mcdiv.measures.contract import MEASURES

ESTIMAND = '''
from typing import Annotated

from mcdiv.core.domains import NONNEGATIVE, Number
from mcdiv.estimands.contract import estimand


@estimand(symbol="C_{order}(P)", unit_power=0, additive=True)
def coincidence(p, order: Annotated[Number, NONNEGATIVE]):
    """The probability that so many draws coincide.

    Formula: C_α(P) = Σ p^α
    Valid:   any P
    Source:  this test
    """
    return p ** float(order)
'''
MEASURE = '''
from mcdiv.measures.contract import measure


@measure(unit_power=1, best="zero", signed=True, title="upper quartile of the errors")
def upper_error(law):
    """The error that three quarters of the estimates do not exceed.

    Formula: Q_{3/4}(θ̂ − θ)
    Valid:   θ finite
    MCSE:    from order statistics (Woodruff 1952)
    Source:  this test
    """
    return law.errors.quantile(0.75)
'''
MEASURE_OF_INTERVALS = '''
from mcdiv.core.interval_performance import BOUNDED
from mcdiv.measures.contract import measure


@measure(unit_power=0, best="zero", statistic="share")
def finite_share(interval):
    """The share of intervals with finite ends.

    Formula: P(−∞ < low, high < ∞)
    Valid:   always
    MCSE:    √(p (1 − p)/R)
    Source:  this test
    """
    return interval.share(BOUNDED)
'''
DISTRIBUTION = '''
from math import comb
from typing import Annotated

from mcdiv.core.distributions import distribution
from mcdiv.core.domains import PROBABILITY, WHOLE, Number


@distribution
def heads(tosses: Annotated[int, WHOLE], p: Annotated[Number, PROBABILITY] = 0.5):
    """How many of so many tosses are heads."""
    return [comb(tosses, n) * p**n * (1 - p) ** (tosses - n) for n in range(tosses + 1)]
'''
PICTURE = """
from matplotlib.figure import Figure

from mcdiv.results.plots.picture import Picture, register


def rows(tables):
    summary = tables["summary"]
    return summary[["estimand", "estimator", "sample_size", "unit", "true_value"]]


def draw(rows):
    figure = Figure()
    axes = figure.subplots()
    axes.plot(rows["sample_size"], rows["true_value"], "o")
    axes.set(xlabel="sample size N", ylabel="true value")
    return figure


register(Picture(name="truths", caption="The true values, all in one.", data=rows, draw=draw))
"""
READER = '''
from collections import Counter

from mcdiv.files.counts import reader


@reader(suffixes=[".letters"])
def letters(text):
    """Letters, one after the other."""
    return Counter("".join(line.strip() for line in text.lines()))
'''
FILES = {
    "estimand": ESTIMAND,
    "measure": MEASURE,
    "of_intervals": MEASURE_OF_INTERVALS,
    "distribution": DISTRIBUTION,
    "picture": PICTURE,
    "reader": READER,
}
LISTED = {
    "estimands": "coincidence",
    "measures": "upper_error",
    "distributions": "heads",
    "plots": "truths",
    "readers": "letters",
}
CHECKS = [
    {"estimand": "coincidence(order=3)", "estimator": "plugin", "measure": "bias", "near": 0.15, "within": 1e-9},
    {"estimand": "entropy", "estimator": "plugin", "measure": "upper_error", "near": 0, "within": 1},
    {"estimand": "entropy", "measure": "finite_share", "interval": "delta", "above": 0},
]


@pytest.fixture
def given(folder: Path) -> tuple[str, ...]:
    """The options that give the files, beside a scenario that names what each brings."""
    (folder / "two.letters").write_text("AB\nBA\n", encoding="utf-8")
    values = small(
        truth={"counts": {"file": "two.letters"}},
        model={"heads": {"tosses": 1}},
        estimands=["entropy", "kl_divergence", {"coincidence": {"order": 3}}],
        estimators=["plugin"],
        sample_sizes=[5],
        measures="upper_error",
        intervals=["delta"],
        plots=["truths", "upper_error"],
        checks=[check | {"sample_size": 5} for check in CHECKS],
    )
    (folder / "small.yaml").write_text(write_text(values), encoding="utf-8")
    for name, text in FILES.items():
        (folder / f"my_{name}.py").write_text(text, encoding="utf-8")
    return tuple(part for name in FILES for part in ("--plugin", f"my_{name}.py"))


@pytest.mark.slow
def test_each_is_listed_has_a_card_and_a_section_of_the_docs(mcdiv_command: Command, given: tuple[str, ...]) -> None:
    for kind, name in LISTED.items():
        assert f" {name} " in mcdiv_command("list", kind, *given).stdout
        card = mcdiv_command("show", name, *given).stdout
        assert str(Path("my_").absolute()) in card
    assert " upper_error " in mcdiv_command("list", "plots", *given).stdout
    assert "## coincidence\n\nThe probability that so many draws coincide.\n" in entries_page("estimands")
    assert "- **Definition:** C_α(P) = Σ p^α" in entries_page("estimands")
    assert "## heads\n\nHow many of so many tosses are heads.\n" in entries_page("distributions")
    assert "## truths\n\nThe true values, all in one.\n" in entries_page("pictures")
    assert "## letters\n\nLetters, one after the other.\n\n- **Suffixes:** .letters\n" in entries_page("readers")
    assert "- **Formula:** Q_{3/4}(θ̂ − θ)" in measure_section(MEASURES["upper_error"])


@pytest.mark.parametrize("backend", quick(1, ["threads", "processes"]))
def test_each_is_in_tables_checks_pictures_and_the_report_of_a_study(
    mcdiv_command: Command, folder: Path, given: tuple[str, ...], backend: str
) -> None:
    assert "small.yaml: fine" in mcdiv_command("check", "small.yaml", *given).stdout
    printed = mcdiv_command("run", "small.yaml", *given, "--backend", backend, "--workers", "2").stdout
    assert "✓ coincidence(order=3)" in printed and "upper_error within 1 of 0" in printed
    assert "finite_share above 0; found 1" in printed
    place = folder / "results" / "small"
    summary = pd.read_csv(place / "summary.csv").set_index("estimand")
    # A fair coin: p³ + (1 − p)³ = 1 − 3 p (1 − p), and E p̂ (1 − p̂) = (1 − 1/N)/4.
    assert summary.loc["coincidence(order=3)", "true_value"] == pytest.approx(1 / 4, rel=1e-14)
    assert summary.loc["coincidence(order=3)", "exact_bias"] == pytest.approx(3 / 20, rel=1e-12)
    assert abs(summary.loc["coincidence(order=3)", "z_bias"]) < 5
    assert summary.loc["kl_divergence", "true_value"] == 0
    measures = pd.read_csv(place / "performance.csv")
    rows = measures.set_index(["measure", "estimand"])
    # Of five flips: ln 2 is the truth, and 20 of 32 outcomes give the largest estimate, that of 2 and 3.
    wanted = float(stats.entropy([2, 3]) - np.log(2))
    assert rows.loc[("upper_error", "entropy"), "exact"].item() == pytest.approx(wanted, rel=1e-12)
    assert set(measures.query("measure == 'finite_share'")["interval"]) == {"delta"}
    assert {path.name for path in (place / "plots").glob("*.svg")} == {"truths.svg", "upper_error.svg"}
    page = (place / "report.html").read_text(encoding="utf-8")
    for text in ("C_3(P)", "upper quartile of the errors", "The true values, all in one.", "heads(tosses=1"):
        assert text in page
    assert "The error that three quarters of the estimates do not exceed." in page
    mcdiv_command("report", "results/small", *given)
    assert (place / "report.html").read_text(encoding="utf-8") == page


def test_without_their_files_each_is_unknown(mcdiv_command: Command, given: tuple[str, ...]) -> None:
    told = mcdiv_command("check", "small.yaml", code=2).stderr
    for name in ("distribution 'heads'", "estimand 'coincidence'", "measure 'upper_error'", "plot 'truths'"):
        assert f"unknown {name}" in told


def test_the_size_of_a_distribution_is_that_of_its_pmf(mcdiv_command: Command, given: tuple[str, ...]) -> None:
    printed = mcdiv_command(
        "exact", "--truth", "heads: 2", "--model", "uniform: 3", "-n", "2", "-e", "plugin", "--units", "bits", *given
    ).stdout
    assert " 1.5 " in printed  # 1/4, 1/2, 1/4
    told = mcdiv_command("exact", "--truth", "heads: 2", "--model", "0.5", "-n", "2", "-e", "plugin", *given, code=2)
    assert "has 2 categories, truth has 3" in told.stderr


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[1, 2]", "ValueError: expected probabilities that sum to 1, got a sum of 3"),
        ("[1.5, -0.5]", "ValueError: expected probabilities that sum to 1, got a sum of 1"),
        ("[[0.5, 0.5]]", "ValueError: expected one probability for each of the 2 categories, got shape (1, 2)"),
        ("[]", "ValueError: expected one probability for each of the 0 categories, got shape (0,)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_distribution_that_gives_no_pmf_is_one_line(
    mcdiv_command: Command, folder: Path, body: str, said: str
) -> None:
    text = (
        f"from mcdiv.core.distributions import distribution\nfrom mcdiv.core.domains import WHOLE\n{HEADLESS}{body}\n"
    )
    (folder / "bad.py").write_text(text, encoding="utf-8")
    given = ("-n", "2", "-e", "plugin", "--plugin", "bad.py")
    told = mcdiv_command("exact", "--truth", "bad: 2", *given, code=2).stderr
    assert told == f"--truth bad: 2: bad: distribution 'bad(size=2)' fails: {said}\n"


HEADLESS = """from typing import Annotated


@distribution
def bad(size: Annotated[int, WHOLE]):
    "Given by a test."
    return """


def test_a_distribution_without_a_docstring_is_refused_by_name(mcdiv_command: Command, folder: Path) -> None:
    bare = HEADLESS.replace('    "Given by a test."\n', "") + "[0.5, 0.5]\n"
    text = "from mcdiv.core.distributions import distribution\nfrom mcdiv.core.domains import WHOLE\n" + bare
    (folder / "bad.py").write_text(text, encoding="utf-8")
    told = mcdiv_command("list", "distributions", "--plugin", "bad.py", code=2).stderr
    assert told.startswith("bad.py:")
    assert told.endswith("bad: the docstring is empty; expected what the distribution is\n") and told.count("\n") == 1


def test_a_picture_without_a_caption_or_with_a_name_that_is_no_file_is_refused(
    mcdiv_command: Command, folder: Path
) -> None:
    for old, new in (("The true values, all in one.", ""), ('"truths"', '"../truths"')):
        (folder / "bad.py").write_text(PICTURE.replace(old, new), encoding="utf-8")
        told = mcdiv_command("list", "plots", "--plugin", "bad.py", code=2).stderr
        assert told.startswith("bad.py:") and "expected a name of letters, digits and '_', and a caption" in told
        assert told.count("\n") == 1
    assert " bias " in mcdiv_command("list", "plots").stdout
