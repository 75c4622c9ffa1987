"""Pages made from the code say what the code says; commands on all pages run and print what is quoted below them.

How a page is run: its blocks in their order, in one empty folder. A block whose first line is `# study.yaml` (or
another file's name) is written there. Of a block of `sh` every line is run, and must end as it says
(`# exit code 130`), else with 0; every line of a `text` block must have been printed by then. Nothing is left out but
what says so in its own first line: `readme-…` is run by .ci/run, a text that `varies` is not compared.
docs/at_scale.md is run by tests/test_at_scale.py.

Only this is made shorter: pictures are not drawn by `mcdiv run` and `mcdiv fit` (`--set plots=[]`; tests of their own
draw them), and `--advise` simulates a tenth as often.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cases import quick
from conftest import Command
from making.cards import estimator_section, estimators_page, interval_section, intervals_page, measures_page
from making.scenarios import answers, fingerprint, index, page, studied
from pages import PAGES, ROOT, Block, blocks, plain

import mcdiv.observed.recommend
from mcdiv.cli.main import cli
from mcdiv.estimators.registry import names
from mcdiv.files.shipped import shipped_scenarios
from mcdiv.intervals.contract import INTERVALS

DOCS = ROOT / "docs"
#: a page of these takes about a second; of the others only what they are made from is compared
QUICK = ["biased", "coverage", "fair", "fair_table", "learning", "nearly_right", "triplet", "two_sample"]


def run_line(line: str, mcdiv_command: Command) -> str:
    """What a line of a `sh` block prints."""
    code = int(found[1]) if (found := re.search(r"# exit code (\d+)", line)) else 0
    words = shlex.split(line, comments=True)
    if words[0] == "mcdiv" and not re.search(r"[|>&$]", line):
        short = ["--set", "plots=[]"] if words[1] in ("run", "fit") else []
        printed = mcdiv_command(*words[1:], *short, code=code).stdout
        return printed.replace("the other tables, scenario.yaml", "the other tables, plots/, scenario.yaml")
    path = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], check=False, env=path, capture_output=True, text=True)
    assert done.returncode == code, done
    return done.stdout


def run_page(found: list[Block], folder: Path, mcdiv_command: Command) -> None:
    """Everything on a page, as the head of this file says."""
    printed: list[str] = []
    for block in found:
        if block.file:
            (folder / block.file).write_text(block.body, encoding="utf-8")
        elif block.language == "sh" and block.info != "readme-test":
            for line in block.commands:
                # Of the README's first line what comes after the installation.
                printed += plain(run_line(line.split("&& ")[-1], mcdiv_command))
        elif block.language == "python":
            exec(compile(block.body, "a block of python", "exec"), {})
        elif block.language == "text" and not block.info:
            missing = [line for line in plain(block.body) if line != "…" and line not in printed]
            assert not missing, missing


@pytest.mark.parametrize(
    "path",
    quick(0, [path for path in PAGES if path.stem != "at_scale"], measured=len(PAGES)),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_command_of_a_page_runs_and_prints_what_is_quoted(
    path: Path, mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcdiv.observed.recommend, "_MAX_REPLICATES", mcdiv.observed.recommend._MAX_REPLICATES // 10)
    monkeypatch.setattr(mcdiv.observed.recommend, "_MIN_REPLICATES", mcdiv.observed.recommend._MIN_REPLICATES // 10)
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    run_page(list(blocks(path)), folder, mcdiv_command)


def test_no_command_is_left_out_without_a_reason() -> None:
    for path in PAGES:
        for block in blocks(path):
            if block.language == "sh" and block.info:
                assert block.info in ("readme-run", "readme-test") or block.info.startswith("cluster: "), path
            assert block.file or block.language in ("sh", "text", "python", "yaml"), (
                f"{path}: {block.language} is run by no test"
            )


def test_every_command_named_in_a_sentence_exists_with_its_options() -> None:
    for path in PAGES:
        for quoted in re.findall(r"`(mcdiv [a-z][^`]*)`", path.read_text("utf-8")):
            words = shlex.split(quoted.replace("\\|", "|").replace("…", ""))
            command = cli.commands.get(words[1])
            assert command is not None, f"{path.name}: {quoted}"
            options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            options |= set(command.get_help_option_names(click.Context(command)))
            asked = {re.split("=", word)[0] for word in words[2:] if re.match("--?[a-z]", word)}
            assert asked <= options, f"{path.name}: {quoted}"


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for path in [*PAGES, ROOT / "CONTRIBUTING.md", *ROOT.glob("*/README.md"), *(DOCS / "scenarios").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert link.startswith("http") or (path.parent / link).exists(), f"{path}: {link}"


def test_the_index_names_every_page() -> None:
    named = set(re.findall(r"\]\(([^)]+)\)", (DOCS / "README.md").read_text("utf-8")))
    assert {path.name for path in [*DOCS.glob("*.md"), *DOCS.glob("*.ipynb")]} - {"README.md"} <= named
    assert "scenarios/README.md" in named


@pytest.mark.parametrize("name", names())
def test_the_card_of_every_estimator_is_on_the_page_as_it_is_now(name: str) -> None:
    assert f"\n{estimator_section(name)}\n" in (DOCS / "estimators.md").read_text("utf-8"), (
        "run python docs/generate.py"
    )


@pytest.mark.parametrize("name", list(INTERVALS))
def test_the_card_of_every_interval_is_on_the_page_as_it_is_now(name: str) -> None:
    assert f"\n{interval_section(INTERVALS[name])}" in (DOCS / "intervals.md").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_page_of_estimators_is_not_stale() -> None:
    assert (DOCS / "estimators.md").read_text("utf-8") == estimators_page(), "run python docs/generate.py estimators"


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_page_of_intervals_is_not_stale() -> None:
    assert (DOCS / "intervals.md").read_text("utf-8") == intervals_page(), "run python docs/generate.py intervals"


def test_the_page_of_measures_is_not_stale() -> None:
    assert (DOCS / "measures.md").read_text("utf-8") == measures_page(), "run python docs/generate.py measures"


@pytest.mark.slow
def test_every_shipped_scenario_has_a_page_and_a_place_in_the_index() -> None:
    assert list(answers()) == sorted(shipped_scenarios())
    assert (DOCS / "scenarios" / "README.md").read_text("utf-8") == index(), "run python docs/generate.py"


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_the_page_of_a_scenario_is_made_from_what_is_there_now(name: str) -> None:
    written = (DOCS / "scenarios" / f"{name}.md").read_text("utf-8")
    assert fingerprint(name) in written, f"run python docs/generate.py {name}"
    assert "✗" not in written
    assert (DOCS / "scenarios" / f"{name}.svg").stat().st_size > 10_000


@pytest.mark.parametrize("name", quick(0, QUICK, measured=1))
def test_the_numbers_on_the_page_of_a_quick_scenario_are_those_of_today(name: str) -> None:
    written = (DOCS / "scenarios" / f"{name}.md").read_text("utf-8")
    assert plain(written) == plain(page(studied(name))), f"run python docs/generate.py {name}"


def test_the_yaml_of_the_page_on_learning_is_a_scenario(mcdiv_command: Command, folder: Path) -> None:
    recipe = next(block.body for block in blocks(DOCS / "learning.md") if block.language == "yaml")
    head = "schema: 1\nname: own\ntruth: {coin: 0.7}\nsample_sizes: [10]\nestimators: [plugin]\n"
    (folder / "own.yaml").write_text(head + recipe, encoding="utf-8")
    assert "own.yaml: fine" in mcdiv_command("check", "own.yaml").stdout
