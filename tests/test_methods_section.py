"""The methods section to paste, and what it takes to repeat a run with plug-ins."""

import shlex
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.files.yaml_text import write_text
from mcdiv.results.report.exact_values import exact_values

PLUGIN = """from mcdiv.estimators.contract import pmf_estimator


@pmf_estimator()
def halved_{name}(counts):
    return (counts + 0.5) / (counts + 0.5).sum(axis=-1, keepdims=True)
"""


def test_the_methods_section_goes_in_the_order_of_a_paper_and_names_what_repeats_the_study() -> None:
    text = mcdiv.methods(mcdiv.run(scenario_of(seed=11), backend="serial"))
    names = [part.partition(". ")[0] for part in text.strip().split("\n\n")]
    wanted = ["Aims", "Data-generating mechanisms", "Estimands", "Methods", "Performance measures", "Software"]
    assert names == wanted
    for said in (
        "SFC64",
        "entropy=11",
        "N = 5, 10 draws from P",
        "There were 1,000 replicates in each condition.",
        "NumPy ",
    ):
        assert said in text


def test_estimands_are_spelled_as_in_the_field() -> None:
    estimands = ["entropy", "cross_entropy", "kl_divergence", "js_divergence", {"renyi": {"order": 2}}, "min_entropy"]
    scenario = scenario_of(estimands=estimands, estimators=["plugin"], mode="exact", sample_sizes=[2])
    text = mcdiv.methods(mcdiv.run(scenario, backend="serial"))
    for said in (
        "cross-entropy H(P, Q) (",
        "KL divergence KL(P‖Q) (",
        "JS divergence JS(",
        "Rényi(order=2) ",
        "min-entropy ",
    ):
        assert said in text


def test_where_nothing_is_drawn_no_generator_and_no_replicates_are_named() -> None:
    text = mcdiv.methods(mcdiv.run(scenario_of(mode="exact"), backend="serial"))
    assert "SFC64" not in text and "All values are exact: no replicates were drawn." in text


def test_exact_values_have_the_units_of_their_estimands_and_scipys_where_it_has_them() -> None:
    of = {"estimands": ["entropy", "total_variation"], "estimators": ["plugin"], "units": "bits", "mode": "exact"}
    found = mcdiv.run(scenario_of(**of, truth={"coin": [0.5, 0.25]}, model={"coin": 0.5}), backend="serial")
    values = exact_values(found.rows, found.tables["decomposition"], "bits")
    assert [(one.head, one.unit) for one in values.columns] == [("H(P)", "bits"), ("SciPy’s", "bits"), ("TV(P, Q)", "")]
    assert [setting.values for setting in values.settings] == [["1", "1", "0"], ["0.811278", "0.811278", "0.25"]]
    assert (values.scipy, values.more) == (True, 0)
    alone = mcdiv.run(scenario_of(**{**of, "estimands": ["total_variation"]}), backend="serial")
    assert not exact_values(alone.rows, alone.tables["decomposition"], "bits").scipy


def test_what_samples_are_drawn_from_is_not_called_the_model(tmp_path: Path) -> None:
    mcdiv.run(
        scenario_of(drawn_from={"coin": 0.3}, estimands=["kl_divergence"], estimators=["k1"], mode="exact"),
        out=tmp_path,
    )
    page = (tmp_path / "small" / "report.html").read_text(encoding="utf-8")
    assert "<dt>Drawn from O</dt><dd>coin(p=0.3)" in page
    assert page.count("<dt>Model Q</dt>") == 1


@pytest.mark.slow
def test_the_command_of_a_run_with_a_plugin_gives_the_same_tables(
    mcdiv_command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "halved half"
    monkeypatch.chdir(tmp_path)
    source = PLUGIN.format(name="again")
    Path(f"{name}.py").write_text(source, encoding="utf-8")
    Path("small.yaml").write_text(write_text(small(estimators=["plugin", "halved_again"])), encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q", "--plugin", f"{name}.py")
    text = mcdiv_command("report", "results/small", "--methods", "--plugin", f"{name}.py").stdout
    assert f"Plug-ins: {name}.py (sha256 {sha256(source.encode()).hexdigest()})." in text
    assert mcdiv.methods("results/small") == text.rstrip("\n") + "\n"
    command = text.rstrip().rpartition("is: ")[2]
    before = {path.name: path.read_bytes() for path in Path("results/small").glob("*.csv")}
    shutil.copy("results/small/scenario.yaml", "scenario.yaml")
    shutil.rmtree("results")
    mcdiv_command(*shlex.split(command)[1:], "-q")
    assert {path.name: path.read_bytes() for path in Path("results/small").glob("*.csv")} == before


def methods_of(**changes: Any) -> str:
    return mcdiv.methods(mcdiv.run(scenario_of(**changes), backend="serial"))


@pytest.mark.slow
def test_draws_of_a_random_truth_and_the_means_over_them_are_told_once() -> None:
    truth = {"dirichlet": {"k": 3, "alpha": 1, "seed": 4, "redraw": 12}}
    text = methods_of(truth=truth, model=None, pool="draws", sample_sizes=[3])
    assert "The truths P were 12 draws from dirichlet(k=3, alpha=1) (seeds 4 to 15), with 3 categories." in text
    assert "means over the truths that differ in their seed only" in text
    assert "as if they were a random sample" not in text
    text = methods_of(truth={"coin": [0.5, 0.9]}, pool="truth")
    assert "The truths P were coin(p=0.5), coin(p=0.9), with 2 categories." in text
    assert "means over all truths, each of which counts alike" in text
    assert "as if they were a random sample" in text
    assert "means over" not in methods_of()


def test_a_test_of_p_equal_to_q_is_told_with_its_statistics_and_quantile() -> None:
    text = methods_of(estimands=["entropy", "kl_divergence", "chi_squared"], test={"null": "model", "level": 0.01})
    assert "tested at a nominal level of 1 % by each estimate of KL(P‖Q) and χ²(P‖Q)" in text
    assert "rejected where T = 2N K̂L or T = N χ̂² exceeded the 99 % quantile of the χ² distribution" in text
    assert "was tested" not in methods_of()


def test_the_measure_that_decided_how_many_replicates_there_are_is_named() -> None:
    until = {"until": {"measure": "coverage", "mcse": 0.02}, "min": 200, "max": 2000}
    text = methods_of(intervals=["delta"], replicates=until, mode="monte_carlo")
    assert (
        "at least 200, and more until the MCSE of the coverage was at most 0.02 in all of its rows or there were 2,000."
        in text
    )
