"""The interval that an estimate has where none is named: of a divergence, the one that is right where P = Q."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

import mcdiv
from mcdiv.observed.diagnostics import BEYOND, NO_TEST

Command = Callable[..., CompletedProcess[str]]
EDGE = "noncentral_chi2"


@pytest.fixture
def samples(folder: Path) -> tuple[str, str]:
    """2,000 draws on each side, between which there is no more than noise: G = 19.6, p = 0.42."""
    for name, counts in (("p", [93, 107] * 10), ("q", [107, 93] * 10)):
        rows = "".join(f"c{i:02},{count}\n" for i, count in enumerate(counts))
        (folder / f"{name}.csv").write_text(f"category,count\n{rows}", encoding="utf-8")
    return "p.csv", "q.csv"


def test_a_divergence_that_noise_explains_does_not_exclude_0(mcdiv_command: Command, samples: tuple[str, str]) -> None:
    told = mcdiv_command("estimate", samples[0], "--against", samples[1]).stdout
    assert "[0.0000, 0.0105] (noncentral_chi2)" in told
    assert "†" not in told and "‡" not in told
    assert "KL(P‖Q): the interval is noncentral_chi2, which holds near 0 as well." in told


def test_another_interval_is_had_by_its_name_and_marked(mcdiv_command: Command, samples: tuple[str, str]) -> None:
    told = mcdiv_command("estimate", samples[0], "--against", samples[1], "--interval", "jackknife").stdout
    assert "noncentral_chi2" not in told
    assert "† Not a test of P = Q" in told


@pytest.mark.slow
def test_named_it_is_marked_by_nothing_and_its_name_is_in_the_heading(
    mcdiv_command: Command, samples: tuple[str, str]
) -> None:
    arguments = ("estimate", samples[0], "--against", samples[1], "--estimand", "kl_divergence")
    for told in (mcdiv_command(*arguments).stdout, mcdiv_command(*arguments, "--interval", EDGE).stdout):
        assert "95 % interval (noncentral_chi2)" in told
        assert "[0.0000, 0.0105]\n" in told


@pytest.mark.slow
def test_the_standard_error_beside_it_is_the_usual_one(mcdiv_command: Command, samples: tuple[str, str]) -> None:
    arguments = ("estimate", samples[0], "--against", samples[1], "--json")
    usual, named = (
        json.loads(mcdiv_command(*each).stdout)[0] for each in (arguments, (*arguments, "--interval", "jackknife"))
    )
    for one, other in zip(usual["estimates"], named["estimates"], strict=True):
        assert one["standard_error"] == other["standard_error"] and one["value"] == other["value"]
        assert (one["interval"] == EDGE) == (one["estimand"] == "kl_divergence")
        assert (one["low"] == other["low"]) == (one["estimand"] != "kl_divergence")
        assert (one["notes"] == other["notes"]) or NO_TEST in other["notes"] or BEYOND in other["notes"]


def test_an_estimate_below_0_is_beyond_its_range_and_its_interval_is_not(mcdiv_command: Command, folder: Path) -> None:
    (folder / "p.csv").write_text("category,count\na,51\nb,49\nc,50\n", encoding="utf-8")
    told = mcdiv_command("estimate", "p.csv", "--model", "uniform: {k: 3}", "--estimand", "kl_divergence").stdout
    (line,) = [line for line in told.splitlines() if "miller_madow" in line and "±" in line]
    assert "−0.00" in line and "*" in line and "‡" not in line
    assert "An estimate beyond that is off by at least as much." in told
    assert "do not rely on the interval" not in told


@pytest.mark.parametrize(
    ("estimand", "given", "method"),
    [
        ("kl_divergence", {"q": [0.5, 0.5]}, EDGE),
        ("js_divergence", {"counts_q": [5, 6]}, EDGE),
        ("chi_squared", {"q": [0.5, 0.5]}, EDGE),
        ("cross_entropy", {"q": [0.4, 0.6]}, "jackknife"),
        ("entropy", {}, "jackknife"),
        ("entropy", {"estimator": "grassberger_2003"}, "delta"),
    ],
)
def test_from_python_too_a_method_may_be_left_out(estimand: str, given: dict[str, object], method: str) -> None:
    usual = mcdiv.interval(estimand, [7, 4], **given)  # type: ignore[arg-type]
    named = mcdiv.interval(estimand, [7, 4], method=method, **given)  # type: ignore[arg-type]
    assert usual.method == method
    assert (usual.low, usual.high) == (named.low, named.high)


def test_of_mutual_information_it_holds_0_where_the_test_of_independence_does_not_reject() -> None:
    tables = np.array([[[12, 9], [8, 11]], [[18, 2], [3, 17]]])
    found = mcdiv.interval("mutual_information", tables)
    assert found.method == EDGE
    assert found.low[0] == 0 < found.low[1]


def test_an_end_is_never_beyond_what_the_estimand_can_be() -> None:
    found = mcdiv.interval("js_divergence", [5, 0, 0], counts_q=[0, 1, 2])
    assert float(found.high) == pytest.approx(np.log(2))
    found = mcdiv.interval("kl_divergence", [5, 0, 0], q=[0.2, 0.3, 0.5])
    assert float(found.high) == pytest.approx(np.log(5))
