"""docs/rsimsum.R: what rsimsum makes of the estimates that a run saves is what the run reports, to ten digits."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from pages import ROOT
from small import small

from mcdiv.files.yaml_text import write_text

NAMES = {"mean", "bias", "relative_bias", "sd", "mse"}
WITH_INTERVALS = NAMES | {"modse", "relative_error_modse", "coverage"}
FLIPS: dict[str, Any] = {
    "truth": {"coin": [0.7, 0.9]},
    "model": {"coin": 0.4},
    "sample_sizes": [20],
    "estimators": ["plugin"],
}
DRAWN = {"truth": {"zipf": 30}, "model": None, "sample_sizes": [20, 50], "estimators": ["plugin", "jackknife"]}
#: not finite in some replicates: where a category of Q has no draws, and where all draws are alike
FAILING = {"truth": {"zipf": 3}, "model": {"zipf": {"k": 3, "s": 2}}, "sample_sizes": [3], "model_sample_sizes": [4]}
STUDIES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "listed": ({**FLIPS, "intervals": ["delta"]}, WITH_INTERVALS),
    "drawn": (
        {**DRAWN, "intervals": ["delta", "jackknife"], "mode": "monte_carlo", "measures": ["relative_precision"]},
        WITH_INTERVALS | {"bias_eliminated_coverage", "relative_precision"},
    ),
    "without intervals": (DRAWN, NAMES),
    "one replicate": ({**FLIPS, "replicates": 1}, NAMES - {"sd"}),
    "failing": ({**FAILING, "estimators": ["plugin", "laplace"], "intervals": ["delta"]}, WITH_INTERVALS),
}


def rscript(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["Rscript", *arguments], check=False, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture(scope="module")
def rsimsum() -> Path:
    if shutil.which("Rscript") is None:
        pytest.skip("there is no R")
    if rscript("-e", "library(rsimsum)").returncode:
        pytest.skip("R has no package rsimsum")
    return ROOT / "docs" / "rsimsum.R"


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_rsimsum_gets_the_measures_that_the_run_reports(
    name: str, rsimsum: Path, mcdiv_command: Command, folder: Path
) -> None:
    changes, expected = STUDIES[name]
    (folder / "s.yaml").write_text(write_text(small(**changes, save="estimates")), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    done = rscript(rsimsum, folder / "results" / "small")
    assert done.returncode == 0, done.stdout + done.stderr
    compared = set(re.findall(r"^(\w+) +\d+ values", done.stdout, flags=re.MULTILINE))
    assert compared == expected


def test_a_measure_that_is_not_that_of_the_estimates_is_found(
    rsimsum: Path, mcdiv_command: Command, folder: Path
) -> None:
    (folder / "s.yaml").write_text(write_text(small(**FLIPS, save="estimates")), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    results = folder / "results" / "small"
    other = results.with_name("other")
    other.mkdir()
    shutil.copy(results / "estimates.csv", other)
    text = (results / "performance.csv").read_text(encoding="utf-8")
    (other / "performance.csv").write_text(text.replace(",sd,0.", ",sd,1."), encoding="utf-8")
    done = rscript(rsimsum, other)
    assert done.returncode == 1
    off = re.findall(r"^(.+?) +\d+ values, largest relative difference (\S+)$", done.stdout, flags=re.MULTILINE)
    assert [measure for measure, share in off if float(share) > 1e-10] == ["sd"]


@pytest.mark.parametrize(
    ("changes", "said"), [({"mode": "exact"}, "nothing was simulated"), ({"save": None}, "--set save=estimates")]
)
def test_where_there_is_nothing_to_compare_one_line_says_so(
    changes: dict[str, Any], said: str, rsimsum: Path, mcdiv_command: Command, folder: Path
) -> None:
    (folder / "s.yaml").write_text(write_text(small(**{**FLIPS, "save": "estimates", **changes})), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    done = rscript(rsimsum, folder / "results" / "small")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
