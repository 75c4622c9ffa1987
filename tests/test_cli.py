"""The command as a person uses it: what it prints, what it writes, how it ends."""

import errno
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from checked import meets_its_checks
from conftest import Command
from small import scenario_of, small

import mcdiv
from mcdiv.engine.estimate_block import EstimateBlock
from mcdiv.engine.plan import plan_of
from mcdiv.files import disk, store
from mcdiv.files.yaml_text import write_text
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.tables import information, laws, performance, pooled, problems, rates


@pytest.fixture
def scenario(folder: Path) -> Path:
    path = folder / "small.yaml"
    path.write_text(write_text(small(paths=2)), encoding="utf-8")
    return path


def test_a_run_writes_every_file_of_the_contract_with_its_columns(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    done = mcdiv_command("run", "small.yaml")
    assert "The plug-in underestimates H(P) at every N, by" in done.stdout
    assert "mirror each other" in done.stdout
    assert "wrote results/small/" in done.stdout
    results = folder / "results" / "small"
    columns = {
        "summary": performance.SUMMARY,
        "performance": performance.PERFORMANCE,
        "decomposition": information.DECOMPOSITION,
        "convergence": information.CONVERGENCE_COIN,
        "bands": laws.BANDS,
        "distribution": laws.DISTRIBUTION,
        "comparison": performance.COMPARISON,
        "rates": rates.RATES,
        "pooled": pooled.POOLED,
        "problems": problems.PROBLEMS,
    }
    for name, expected in columns.items():
        found = list(pd.read_csv(results / f"{name}.csv").columns)
        assert found[: len(expected)] == expected
        assert found[len(expected) :] == (PARAMETERS if name in ("summary", "performance", "comparison") else [])
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    assert manifest["seed"] == 7
    for name, entry in manifest["files"].items():
        content = (results / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        if name.endswith(".csv"):
            assert entry["rows"] == len(content.decode("utf-8").splitlines()) - 1
    assert sorted(path.name for path in (folder / "results").iterdir()) == ["small"]


#: a column for each parameter of truth and model, after the others
PARAMETERS = ["truth_family", "truth_p", "model_family", "model_p"]


def test_the_contract_of_columns() -> None:
    assert ",".join(performance.SUMMARY) == (
        "scenario,condition,truth,model,categories,sample_size,model_sample_size,estimand,estimator,unit,true_value,"
        "mean,bias,bias_mcse,sd,sd_mcse,rmse,rmse_mcse,exact_bias,exact_sd,exact_rmse,z_bias,rank,replicates,"
        "infinite_share,undefined_share,infinite_share_bound,undefined_share_bound"
    )
    assert performance.PERFORMANCE[-9:] == [
        *["measure", "value", "mcse", "unit", "exact", "z", "source", "bound", "events"]
    ]


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes_also_from_the_scenario_it_recorded(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    mcdiv_command("run", "small.yaml")
    first = {path.name: path.read_bytes() for path in (folder / "results" / "small").glob("*.csv")}
    assert len(first) == 11
    shutil.copy(folder / "results" / "small" / "scenario.yaml", folder / "again.yaml")
    mcdiv_command("run", "again.yaml", "--workers", "1", "-o", "other")
    assert {path.name: path.read_bytes() for path in (folder / "other" / "small").glob("*.csv")} == first


def test_a_shipped_scenario_meets_its_checks(mcdiv_command: Command) -> None:  # the others: test_shipped_scenarios
    meets_its_checks(mcdiv_command("run", "fair", "--set", "plots=[]", "--set", "paths=2").stdout)


@pytest.mark.slow
def test_pictures_are_drawn_as_png_and_svg_alike_every_time(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    for output in ("one", "two"):
        mcdiv_command(
            "run", "small.yaml", "-q", "-o", output, "--set", "plots=[convergence, decomposition, bias, rmse]"
        )
    pictures = sorted(path.relative_to(folder / "one") for path in (folder / "one").rglob("plots/*"))
    assert len(pictures) == 8
    for picture in pictures:
        content = (folder / "one" / picture).read_bytes()
        assert content == (folder / "two" / picture).read_bytes()
        assert content.startswith(b"\x89PNG" if picture.suffix == ".png" else b"<?xml")


@pytest.mark.slow
def test_json_is_for_programs_and_quiet_is_quiet(mcdiv_command: Command, scenario: Path) -> None:
    found = json.loads(mcdiv_command("run", "small.yaml", "--json").stdout)
    assert found["name"] == "small"
    assert found["summary"][0]["estimator"] == "plugin"
    silent = mcdiv_command("run", "small.yaml", "--quiet")
    assert silent.stdout == silent.stderr == ""


@pytest.mark.slow
def test_the_answer_is_there_before_any_file(folder: Path) -> None:
    seen: list[object] = []

    def on_answer(results: Results) -> None:
        written = [path.name for path in folder.rglob("*") if path.is_file()]
        seen.append((results.folder, len(results.rows), [name for name in written if name.endswith((".csv", ".svg"))]))

    results = run(scenario_of(plots=["decomposition"]), out="r", on_answer=on_answer)
    assert seen == [(None, len(results.rows), [])]
    assert results.folder == Path("r/small")
    run(scenario_of(), on_answer=on_answer)
    assert len(seen) == 2


@pytest.mark.slow
def test_a_screen_that_is_full_costs_no_file(scenario: Path, folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no full device here")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            ["mcdiv", "run", "small.yaml", "--set", "plots=[]"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.endswith("cannot print: No space left on device\n")
    assert (folder / "results" / "small" / "report.html").exists()


@pytest.mark.slow
def test_a_screen_that_is_full_within_a_program_costs_no_file(
    mcdiv_command: Command, scenario: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, text: str, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    done = mcdiv_command("run", "small.yaml", code=2)
    assert done.stderr.endswith("cannot print: No space left on device\n")
    assert (folder / "results" / "small" / "report.html").exists()


@pytest.mark.slow
def test_a_check_writes_a_minus_sign_in_what_it_says(mcdiv_command: Command, scenario: Path) -> None:
    check = (
        "checks=[{estimand: entropy, estimator: plugin, sample_size: 10, measure: bias, near: -0.053, within: 1e-4}]"
    )
    # −0.0530267706728 nats: ten flips of a fair coin, by enumeration.
    told = "✓ entropy, plugin, N = 10: bias within 0.0001 of −0.053 nats; found −0.0530268"
    assert told in mcdiv_command("run", "small.yaml", "--set", check).stdout


@pytest.mark.slow
def test_a_check_that_is_not_met_ends_with_one(mcdiv_command: Command, scenario: Path, folder: Path) -> None:
    check = "checks=[{estimand: entropy, measure: bias, below: 1e-9}]"
    assert "✗ entropy" in mcdiv_command("run", "small.yaml", "--set", check, code=1).stdout
    assert "✗ entropy" in mcdiv_command("run", "small.yaml", "-q", "--set", check, code=1).stderr
    assert (folder / "results" / "small" / "summary.csv").exists()


MISTAKES = [
    (["run", "fare"], "fare: there is no such file, and none is shipped; did you mean 'fair'?"),
    (["run", "nope"], "nope: there is no such file, and none is shipped; expected one of: arora_2022, biased, "),
    (["run", "nope.yaml"], "nope.yaml: there is no such file"),
    (["run", "scenarios/fair.yaml"], "scenarios/fair.yaml: there is no such file; 'mcdiv run fair' runs the one that is shipped"),
    (["run", "small.yaml", "--set", "replicats=5"], "--set replicats=5: unknown key 'replicats'; did you mean 'replicates'?"),
    (["run", "small.yaml", "--backend", "gpu"], "'gpu' is not one of"),
    (["run", "small.yaml", "--workers", "0"], "0 is not in the range"),
    (["run"], "Missing argument"),
    (["runn"], "No such command 'runn'"),
    (["check", "small.yaml", "--set", "units=bit"], "--set units=bit: units: expected nats, bits or bans, got 'bit'"),
    (["show", "plugn"], "unknown name 'plugn'; did you mean 'plugin'?"),
    (["list", "estimator"], "'estimator' is not one of"),
    (["exact"], "Give either a SCENARIO or --truth."),
    (["exact", "--truth", "1.5", "-n", "10"], "--truth 1.5: coin: expected a probability in [0, 1], got 1.5"),
    (["exact", "--truth", "0.5"], "-n: expected at least one sample size"),
    (["exact", "--truth", "0.5", "-n", "9", "-e", "k1"], "-e k1: k1 needs a model; give --model"),
    (["exact", "--truth", "0.5", "-n", "9", "-m", "9"], "-m: there is no model to draw from; give --model"),
    (["exact", "--truth", "uniform: 3", "--model", "0.5", "-n", "9"], "--model 0.5: coin(p=0.5) has 2 categories"),
    (["exact", "--truth", "0.5", "-n", "ten"], "-n ten: expected a whole number from 1 to 10^9, got 'ten'"),
    (["compare", "nothing"], "nothing: there is no such folder"),
    (["compare", "."], ".: holds no results (no manifest.json)"),
    (["new", "small.yaml"], "small.yaml: exists already; choose another name"),
    (["new", "a b.yaml"], "a b.yaml: a scenario's name has letters, digits"),
    (["check", "x" * 5000], "file name too long"),
    (["run", "small.yaml", "--set", "²=1"], "unknown key '²'"),
    (["run", "small.yaml", "--set", "truth.coin.0=0.3"], "--set truth.coin.0=0.3: truth.coin.0: unknown parameter '0'"),
    (["run", "small.yaml", "--set", "seed=" + "1" * 400], "seed: expected a whole number from 0 to 2^63"),
    (["run", "small.yaml", "--set", "plots=[[a]]"], "unknown plot '['a']'"),
    (["run", "small.yaml", "--set", "plots=[learning]"], "not of the results of a run; mcdiv fit SCENARIO draws it"),
    (["plot", ".", "learning"], "not of the results of a run; mcdiv fit SCENARIO draws it"),
    (["run", "small.yaml", "--set", "truth={zipf: 1000}", "--set", "model={zipf: 1000}", "--set", "replicates=1e12"], "blocks of draws are more than"),
    (["run", "small.yaml", "--set", "truth={uniform: 1e6}", "--set", "model={uniform: 1e6}", "--set", "paths=200"], "would be looked at; use fewer paths"),
    (["new", "x.yaml", "--from", "fare"], "unknown scenario 'fare'; did you mean 'fair'?"),
]  # fmt: skip


@pytest.mark.parametrize("arguments, line", MISTAKES, ids=[" ".join(arguments) for arguments, _ in MISTAKES])
def test_a_mistake_ends_with_two_and_writes_nothing(
    mcdiv_command: Command, scenario: Path, folder: Path, arguments: list[str], line: str
) -> None:
    done = mcdiv_command(*arguments, code=2)
    assert line in " ".join(done.stderr.replace("│", " ").split())
    assert [path.name for path in folder.iterdir()] == ["small.yaml"]


@pytest.mark.slow
def test_check_says_what_a_run_would_do_and_prints_the_schema(mcdiv_command: Command, scenario: Path) -> None:
    assert "small.yaml: fine; 2 conditions" in mcdiv_command("check", "small.yaml").stdout
    told = mcdiv_command("check", "small.yaml", "--set", "truth={zipf: 90}", "--set", "model={uniform: 90}").stdout
    assert re.search(
        r"; about [\d.]+ (s|min) on one core, \d+ MB for each worker; about 2 s more for tables and the report$",
        told.strip(),
    )
    until = "replicates={until: {measure: bias, mcse: 1e-9}, max: 2e5}"
    assert "; at most about " in mcdiv_command("check", "small.yaml", "--set", until).stdout
    drawn = (
        "truth={uniform: 300}",
        "model={zipf: 300}",
        "intervals=[delta]",
        "sample_sizes=[50, 300]",
        "replicates=1e9",
    )
    told = mcdiv_command("check", "small.yaml", *(part for each in drawn for part in ("--set", each))).stdout
    assert re.search(r"; about \d+ (min|h|days) on one core", told)
    assert json.loads(mcdiv_command("check", "--schema").stdout)["title"] == "mcdiv scenario"


@pytest.mark.parametrize("what", ["estimators", "distributions", "estimands", "scenarios", "plots"])
def test_list_and_show_tell_all_there_is(mcdiv_command: Command, what: str) -> None:
    entries = json.loads(mcdiv_command("list", what, "--json").stdout)
    text = mcdiv_command("list", what).stdout
    for entry in entries:
        assert entry["name"] in text
    if what == "plots":
        assert "learning: mcdiv fit SCENARIO draws it" in text
    else:
        card = json.loads(mcdiv_command("show", entries[0]["name"], "--json").stdout)
        assert entries[0]["name"] in card.values()


@pytest.mark.slow
def test_exact_needs_no_simulation_and_no_file(mcdiv_command: Command, folder: Path) -> None:
    done = mcdiv_command("exact", "--truth", "0.5", "--model", "0.6", "-n", "10", "-e", "plugin", "--json")
    rows = {row["estimand"]: row for row in json.loads(done.stdout)}
    assert rows["entropy"]["exact_bias"] == pytest.approx(-0.0530267706728, abs=5e-14)
    assert rows["kl_divergence"]["exact_bias"] == pytest.approx(0.0530267706728, abs=5e-14)
    assert rows["cross_entropy"]["exact_bias"] == 0
    assert "−0.0530268" in mcdiv_command("exact", "fair", "--set", "units=nats").stdout
    wide = mcdiv_command("exact", "--truth", "zipf: {k: 1000}", "-n", "100", "-e", "zhang", "-u", "bits").stdout
    assert "zipf(k=1000, s=1)" in wide
    assert not list(folder.iterdir())


@pytest.mark.slow
def test_compare_ranks_within_and_across_runs(mcdiv_command: Command, scenario: Path) -> None:
    mcdiv_command("run", "small.yaml", "-q")
    mcdiv_command("run", "small.yaml", "-q", "-o", "b", "--set", "mode=monte_carlo", "--set", "seed=8")
    within = json.loads(mcdiv_command("compare", "results/small", "--json").stdout)
    entropies = [row for row in within if row["estimand"] == "entropy" and row["sample_size"] == 10]
    assert [(row["estimator"], row["rank_rmse"]) for row in entropies] == [("miller_madow", 1), ("plugin", 2)]
    across = mcdiv_command("compare", "results/small", "b/small").stdout
    assert "indistinguishable" in across
    assert "b/small" in across


def test_new_writes_a_scenario_that_runs(mcdiv_command: Command, folder: Path) -> None:
    mcdiv_command("new", "mine")
    assert "mine.yaml: fine" in mcdiv_command("check", "mine.yaml").stdout
    mcdiv_command("new", "other.yaml", "--from", "die")
    assert "name: 'other'" in (folder / "other.yaml").read_text(encoding="utf-8")


def test_a_file_in_place_of_the_output_folder_is_refused_before_anything_runs(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    (folder / "results").write_text("not a folder", encoding="utf-8")
    done = mcdiv_command("run", "small.yaml", code=2)
    assert "results: cannot write results here" in done.stderr
    assert (folder / "results").read_text(encoding="utf-8") == "not a folder"


def test_a_folder_of_someone_else_is_never_replaced(mcdiv_command: Command, scenario: Path, folder: Path) -> None:
    (folder / "results" / "small").mkdir(parents=True)
    (folder / "results" / "small" / "thesis.tex").write_text("years", encoding="utf-8")
    done = mcdiv_command("run", "small.yaml", code=2)
    assert "exists and holds no results of mcdiv" in done.stderr
    assert (folder / "results" / "small" / "thesis.tex").read_text(encoding="utf-8") == "years"


@pytest.mark.slow
def test_notes_beside_the_results_outlive_the_next_run_and_old_pictures_do_not(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    mcdiv_command("run", "small.yaml", "-q", "--set", "plots=[decomposition]")
    notes = folder / "results" / "small" / "notes" / "mine.txt"
    notes.parent.mkdir()
    notes.write_text("keep", encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q")
    assert notes.read_text(encoding="utf-8") == "keep"
    assert not (folder / "results" / "small" / "plots").exists()


def test_two_runs_cannot_write_the_same_results(folder: Path) -> None:
    refused = pytest.raises(store.StoreError, match="another mcdiv run is writing")
    with store.lock_output(folder, "small"), refused, store.lock_output(folder, "small"):
        pass
    with store.lock_output(folder, "small") as partial:
        disk.write_text(partial, "summary.csv", "a\n1\n")
    assert not list(folder.iterdir())


def test_a_refused_run_leaves_the_other_one_alone(folder: Path) -> None:
    with store.lock_output(folder, "small") as partial:
        disk.write_text(partial, "summary.csv", "a\n1\n")
        with pytest.raises(store.StoreError), store.lock_output(folder, "small"):
            pass
        assert (partial / "summary.csv").exists()
        store.write_manifest(partial, {})
        store.commit(partial, folder, "small")
    assert (folder / "small" / "summary.csv").exists()


@pytest.mark.parametrize("manifest", ['{"name": "my web app"}', '{"files": 5}', "{bro", "[]"])
def test_a_folder_with_a_manifest_of_another_kind_is_left_alone(folder: Path, manifest: str) -> None:
    (folder / "small").mkdir()
    (folder / "small" / "manifest.json").write_text(manifest, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(store.StoreError, match="holds no results of mcdiv"), store.lock_output(folder, "small"):
            pass
    assert (folder / "small" / "manifest.json").read_text(encoding="utf-8") == manifest


def test_links_are_not_followed_and_not_replaced(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "small").symlink_to(folder / "real")
    with (
        pytest.raises(store.StoreError, match="is a link or a file, not a results folder"),
        store.lock_output(folder, "small"),
    ):
        pass
    (folder / "precious").write_text("years", encoding="utf-8")
    (folder / ".other.lock").symlink_to(folder / "precious")
    with pytest.raises(store.StoreError, match="cannot write results here"), store.lock_output(folder, "other"):
        pass
    assert (folder / "precious").read_text(encoding="utf-8") == "years"


@pytest.mark.slow
def test_an_edited_table_is_not_ranked(mcdiv_command: Command, scenario: Path, folder: Path) -> None:
    mcdiv_command("run", "small.yaml", "-q")
    table = folder / "results" / "small" / "summary.csv"
    for text in ("", "scenario\n", table.read_text(encoding="utf-8").replace("plugin", "better")):
        table.write_text(text, encoding="utf-8")
        assert "not as it was written" in mcdiv_command("compare", "results/small", code=2).stderr


def test_what_fails_half_way_leaves_the_earlier_results(folder: Path) -> None:
    def write(text: str, *, fails: bool) -> None:
        with store.lock_output(folder, "small") as partial:
            disk.write_text(partial, "summary.csv", text)
            if fails:
                raise KeyboardInterrupt
            store.write_manifest(partial, {"status": "complete"})
            store.commit(partial, folder, "small")

    write("first\n", fails=False)
    with pytest.raises(KeyboardInterrupt):
        write("second\n", fails=True)
    assert (folder / "small" / "summary.csv").read_text(encoding="utf-8") == "first\n"
    # Killed between the two renames of publish: the next run puts the earlier results back first.
    (folder / "small").rename(folder / ".small.old")
    with pytest.raises(KeyboardInterrupt):
        write("third\n", fails=True)
    assert (folder / "small" / "summary.csv").read_text(encoding="utf-8") == "first\n"
    assert [path.name for path in folder.iterdir()] == ["small"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are not sent this way there")
def test_interrupted_it_ends_with_130_and_keeps_what_is_finished(scenario: Path, folder: Path) -> None:
    long = ["truth={zipf: 1000}", "model={uniform: 1000}", "replicates=1e8", "mode=monte_carlo"]
    settings = [argument for setting in long for argument in ("--set", setting)]
    process = subprocess.Popen(
        [sys.executable, "-m", "mcdiv", "run", "small.yaml", "--name", "small", *settings],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(mcdiv.__file__).parents[1])},
    )
    while not (folder / "results" / ".small.partial").exists():
        time.sleep(0.05)
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; finished blocks are kept, and the same command continues" in told
    assert "Traceback" not in told
    assert [path.name for path in (folder / "results").iterdir()] == ["small"]
    assert {path.name for path in (folder / "results" / "small").iterdir()} == {"ledger.sqlite", "manifest.json"}
    assert store.read_manifest(folder / "results" / "small")["status"] == "interrupted"


def test_the_help_of_every_command_is_there(mcdiv_command: Command) -> None:
    for command in ("run", "check", "list", "show", "exact", "compare", "new", "replay"):
        assert command in mcdiv_command("--help").stdout
        assert "Usage" in mcdiv_command(command, "--help").stdout
    assert mcdiv.__version__ in mcdiv_command("--version").stdout


def test_two_scenarios_of_one_name_are_refused_before_anything_runs(
    mcdiv_command: Command, scenario: Path, folder: Path
) -> None:
    (folder / "other.yaml").write_text(scenario.read_text(encoding="utf-8"), encoding="utf-8")
    told = mcdiv_command("run", "small.yaml", "other.yaml", code=2).stderr
    assert "small.yaml and other.yaml have the same name, small" in told
    assert not (folder / "results").exists()


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "variables",
    [{"PYTHONOPTIMIZE": "2"}, {"PYTHONOPTIMIZE": "1", "MPLBACKEND": "module://not.there"}],
    ids="-".join,
)
def test_the_environment_of_another_program_changes_nothing(
    scenario: Path, folder: Path, variables: dict[str, str]
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(mcdiv.__file__).parents[1]), **variables}
    for arguments in (["show", "coin"], ["run", "small.yaml", "--set", "plots=[decomposition]"]):
        command = [sys.executable, "-m", "mcdiv", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert "Traceback" not in done.stderr
    assert (folder / "results" / "small" / "plots" / "decomposition.svg").exists()


def test_what_a_trial_takes_whatever_its_draws_is_not_taken_for_what_each_draw_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mcdiv.engine import cost

    monkeypatch.setattr(cost, "_timed", lambda work: (2.0 + 0.001 * work.block.replicates, 7e6 + work.block.replicates))
    plan = plan_of(scenario_of(truth={"zipf": 3000}, model=None, mode="monte_carlo", replicates=1000))
    block = next(block for block in plan.blocks(plan.conditions[0]) if block.kind == "draws")
    each, memory = cost._try_estimates(EstimateBlock(block=block))
    assert memory == pytest.approx(7e6 + block.replicates, rel=1e-9)
    assert each == pytest.approx(0.001 + 2.0 / block.replicates, rel=1e-9)


def test_every_condition_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from mcdiv.engine import cost

    monkeypatch.setattr(cost, "_timed", lambda work: (0.001 * work.block.replicates, 0.0))
    plan = plan_of(scenario_of(truth={"zipf": 3000}, model=None, mode="monte_carlo", replicates=100_000))
    assert str(cost.cost(plan)).startswith("about 3 min on one core")  # 2 sizes × 100,000 draws of a thousandth


@pytest.mark.slow
def test_blocks_that_were_found_do_not_count_as_work(folder: Path) -> None:
    drawn = {"truth": {"zipf": 6000}, "model": None, "mode": "monte_carlo", "seed": 1}
    per_block = plan_of(scenario_of(**drawn)).conditions[0].replicates_per_block
    run(scenario_of(**drawn, replicates=900), out="r", backend="serial")
    told: list[tuple[int, int]] = []
    run(scenario_of(**drawn, replicates=1800), out="r", backend="serial", on_work=lambda *pair: told.append(pair))
    computed = 2 * (-(-1800 // per_block) - 900 // per_block)  # of either size, those that were not full before
    assert told[-1] == (computed, 0)
    assert len(told) > computed
