"""A setting that changes what is studied: the study is called by it, and leaves the results of the other alone."""

import re
from pathlib import Path

import pytest
from cases import quick
from conftest import Command
from small import small

import mcdiv
from mcdiv.files.yaml_text import write_text
from mcdiv.results.loading import load
from mcdiv.results.variants import variant_name, variant_title
from mcdiv.scenario.model import is_name


@pytest.fixture(autouse=True)
def scenario(folder: Path) -> Path:
    path = folder / "small.yaml"
    path.write_text(write_text(small(title="Two sizes", replicates=100)), encoding="utf-8")
    return path


def runs(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "results").glob("[!.]*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting, name",
    quick(
        3,
        [
            ("sample_sizes=[10, 20]", "small-sample_sizes=10,20"),
            ("truth.coin=0.9", "small-truth.coin=0.9"),
            ("replicates=200", "small"),
            ("sample_sizes=10", "small-sample_sizes=10"),
            ("estimands=entropy", "small-estimands=entropy"),
            ("units=bits", "small"),
            ("estimators=[plugin, laplace]", "small"),
            ("sample_sizes=[5, 10]", "small"),
            ("mode=exact", "small"),
        ],
    ),
)
def test_a_run_goes_to_a_folder_that_says_what_was_set_of_what_is_studied(
    mcdiv_command: Command, folder: Path, setting: str, name: str
) -> None:
    told = mcdiv_command("run", "small.yaml", "--set", setting).stdout
    assert runs(folder) == [name]
    assert f"\nwrote results/{name}/: " in told
    key, _, value = setting.partition("=")
    assert told.startswith("Two sizes\n" if name == "small" else f"Two sizes ({key} = {value})\n")


@pytest.mark.slow
def test_the_results_of_the_other_study_stay_as_they_are(mcdiv_command: Command, folder: Path) -> None:
    mcdiv_command("run", "small.yaml", "-q")
    before = (folder / "results" / "small" / "summary.csv").read_bytes()
    mcdiv_command("run", "small.yaml", "-q", "--set", "truth.coin=0.9")
    assert runs(folder) == ["small", "small-truth.coin=0.9"]
    assert (folder / "results" / "small" / "summary.csv").read_bytes() == before
    mcdiv_command("compare", "results/small", "results/small-truth.coin=0.9")
    # What it recorded goes back to the same folder, as does the same command: with the same ledger.
    recorded = folder / "results" / "small-truth.coin=0.9" / "scenario.yaml"
    mcdiv_command("run", str(recorded), "-q")
    again = mcdiv_command("run", "small.yaml", "--set", "truth.coin=0.9").stderr
    assert "2 of 2 blocks were there from earlier runs" in again
    assert runs(folder) == ["small", "small-truth.coin=0.9"]


@pytest.mark.slow
def test_more_replicates_go_on_with_the_same_ledger(mcdiv_command: Command, folder: Path) -> None:
    for replicates in ("100", "100", "200"):
        told = mcdiv_command("run", "small.yaml", "--set", f"replicates={replicates}").stderr
    assert runs(folder) == ["small"]
    assert "blocks were there" not in told  # another number of replicates of listed outcomes is drawn anew
    again = mcdiv_command("run", "small.yaml", "--set", "replicates=200").stderr
    assert "2 of 2 blocks were there from earlier runs" in again


@pytest.mark.slow
@pytest.mark.parametrize(
    "given, place",
    [
        (["-o", "results"], "results/small"),
        (["-o", "other"], "other/small"),
        (["--name", "mine"], "results/mine"),
        (["--name", "mine", "-o", "other"], "other/mine"),
        (["--set", "name=mine"], "results/mine"),
    ],
)
def test_an_output_or_a_name_that_is_given_decides(
    mcdiv_command: Command, folder: Path, given: list[str], place: str
) -> None:
    told = mcdiv_command("run", "small.yaml", *given, "--set", "sample_sizes=10").stdout
    assert f"\nwrote {place}/: " in told
    assert (folder / place / "summary.csv").is_file()
    assert told.startswith("Two sizes (sample_sizes = 10)\n")


def test_a_name_goes_with_one_scenario_and_is_one(mcdiv_command: Command) -> None:
    told = mcdiv_command("run", "small.yaml", "fair", "--name", "x", code=2).stderr
    assert told.endswith("Error: --name goes with one scenario.\n")
    told = mcdiv_command("run", "small.yaml", "--name", "../x", code=2).stderr
    assert "expected letters, digits, '.', '_', '-', '=' and ',', got '../x'" in told


@pytest.mark.slow
def test_python_takes_the_name_of_the_command_where_it_is_asked_to(folder: Path) -> None:
    settings = ["sample_sizes=[10]"]
    assert mcdiv.run("small.yaml", settings=settings, out="results").folder == Path("results/small")
    own = mcdiv.run("small.yaml", settings=settings, out="results", own_name=True)
    assert own.folder == Path("results/small-sample_sizes=10")
    assert mcdiv.fit("small.yaml", settings=settings, own_name=True).scenario.name == "small-sample_sizes=10"


@pytest.mark.slow
def test_a_fit_goes_beside_the_run_of_the_same_settings(mcdiv_command: Command, folder: Path) -> None:
    for command in ("run", "fit"):
        mcdiv_command(command, "small.yaml", "-q", "--set", "sample_sizes=10")
    assert runs(folder) == ["small-sample_sizes=10"]
    assert (folder / "results" / "small-sample_sizes=10" / "learning.csv").is_file()


def test_a_title_that_is_given_stays_and_one_that_is_missing_is_what_was_set(folder: Path) -> None:
    assert load("small.yaml", ["truth.coin=0.9", "title=Mine"]).title == "Mine"
    (folder / "untitled.yaml").write_text(write_text(small()), encoding="utf-8")
    assert load("untitled.yaml", ["truth.coin = 0.9"]).title == "With truth.coin = 0.9"


NAMES = [
    {"truth": "{zipf: {k: 10}}"},
    {"truth": "{zipf: {k: [1, 0]}}"},
    {"truth.coin": "1/3"},
    {"truth.coin": "1-3"},
    {"sample_sizes": str(list(range(100)))},
    {"sample_sizes": str(list(range(101)))},
    {"truth.coin": "0.9", "sample_sizes": "10"},
    {"truth": "«»"},
]


def test_what_was_set_becomes_a_name_of_its_own_however_long_it_is() -> None:
    for base in ("fair", "x" * 100):
        names = [variant_name(base, changed) for changed in NAMES]
        assert all(map(is_name, names)), names
        assert len(set(names)) == len(names)
    assert re.fullmatch(r"fair-truth=zipf-k-10-[0-9a-f]{4}", variant_name("fair", NAMES[0]))
    assert variant_name("fair", NAMES[6]) == "fair-sample_sizes=10,truth.coin=0.9"
    assert variant_name("fair", dict(reversed(NAMES[6].items()))) == variant_name("fair", NAMES[6])
    assert len(variant_title("A title", NAMES[4])) < 200
