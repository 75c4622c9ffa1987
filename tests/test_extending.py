"""An estimator is one function in one file: it appears everywhere, and no other file is touched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small import small

from mcdiv.files.yaml_text import write_text

TOY = '''
"""A toy estimator."""

import numpy as np

from mcdiv.estimators.contract import ReferenceValue, Property, additive_estimator
from mcdiv.estimators.lifts import plugin_terms


@additive_estimator(
    "entropy",
    reference_values=[ReferenceValue(counts=(1, 1), value=0.6931471805599453 + 0.5, origin="by hand: ln 2 + 1/2")],
    properties={Property.CONSISTENT, Property.IGNORES_UNSEEN, Property.NONNEGATIVE},
)
def toy(n, N, K):
    """Plug-in entropy and a bit for luck.

    Formula: Ĥ = Ĥ_plugin + 1/N
    Valid:   N ≥ 1
    Source:  this test
    """
    return np.asarray(plugin_terms(n, N, K) + n / N**2)
'''


pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its tests, with one more file in mcdiv/estimators/."""
    root = Path(__file__).parents[1]
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("mcdiv", "tests", "scenarios"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", copy)
    (copy / "mcdiv" / "estimators" / "toy.py").write_text(TOY, encoding="utf-8")
    (copy / "s.yaml").write_text(write_text(small(estimators=["plugin", "toy"])), encoding="utf-8")
    return copy


def python(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_listed_and_has_a_card(checkout: Path) -> None:
    assert "toy" in python(checkout, "-m", "mcdiv", "list", "estimators")
    card = python(checkout, "-m", "mcdiv", "show", "toy")
    assert "Ĥ = Ĥ_plugin + 1/N" in card
    assert "kl_divergence with Q known" in card


def test_it_runs_in_a_scenario_as_entropy_and_as_kl_with_its_exact_bias(checkout: Path) -> None:
    python(checkout, "-m", "mcdiv", "run", "s.yaml", "-q")
    rows = pd.read_csv(checkout / "results" / "small" / "summary.csv").set_index(
        ["estimand", "estimator", "sample_size"]
    )
    for size in (5, 10):
        plain, lucky = rows.loc[("entropy", "plugin", size)], rows.loc[("entropy", "toy", size)]
        assert lucky["exact_bias"] == pytest.approx(plain["exact_bias"] + 1 / size, rel=1e-12)
        assert rows.loc[("kl_divergence", "toy", size)]["exact_bias"] == -lucky["exact_bias"]


def test_it_is_held_to_the_laws(checkout: Path) -> None:
    told = python(
        checkout,
        "-m",
        "pytest",
        "tests/test_laws.py",
        "-qm",
        "",
        "-n0",
        "-k",
        "toy or all_that_are_quick",
        "-p",
        "no:cacheprovider",
    )
    passed = int(told.split(" passed")[0].split()[-1])
    assert passed >= 20
