"""Text from outside is harmless on every way out, and what is written is there as a whole."""

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from conftest import Command
from hypothesis import given
from hypothesis import strategies as st
from small import scenario_of, small

from mcdiv.cli.console import print_table
from mcdiv.core.escapes import csv_cell, in_json, markdown, one_line, printable
from mcdiv.files import disk, store
from mcdiv.files.yaml_text import write_text
from mcdiv.lessons.explain.derivation import explain
from mcdiv.lessons.explain.pages import as_html, as_markdown
from mcdiv.results.csv_tables import to_csv
from mcdiv.results.run import run

HOSTILE = "$\\bad{x$ \x1b[31m <b>|`*_[a](b) \x00\u2028\u202e\ud83d 漢 =1"
ANY = st.text(st.characters(codec=None, categories=None), max_size=30)


@given(ANY)
def test_printable_text_holds_no_control_character_and_printing_it_again_changes_nothing(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    shown.encode("utf-8")
    assert not [c for c in shown if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160]
    assert len(one_line(text).splitlines()) <= 1 or re.search("[\x1c-\x1e]", text)
    ElementTree.fromstring(f"<a>{shown.replace('&', '').replace('<', '')}</a>")


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "=", "-"])
def test_a_cell_is_no_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a", "-5", "+1.5e3", "1=2", "coin(p=0.5)", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert csv_cell(text) == text


def test_markdown_of_ordinary_labels_stays_as_it_is_and_markup_is_text() -> None:
    for text in ("spike_and_slab(k=4, spike=0.5)", "categorical(pmf=[0.1, 0.9])", "H(P, Q) = KL(P‖Q) + H(P)", "1 & 2"):
        assert markdown(text) == text
    assert markdown("a|b <i> *c* [d](e) `f` _g_ $h$ &lt;") == (
        "a\\|b \\<i> \\*c\\* [d\\](e) \\`f\\` \\_g\\_ \\$h\\$ \\&lt;"
    )


def _named(name: str) -> dict[str, Any]:
    return {"counts": {"values": [3, 2], "name": name}}


@pytest.mark.slow
def test_a_hostile_label_costs_no_run_and_is_no_mathematics_in_pictures(tmp_path: Path) -> None:
    [truth] = scenario_of(truth=_named("plain")).truth
    named = ("name", HOSTILE.replace("\ud83d", ""))  # half a character is refused before
    hostile = truth.__class__(family="counts", parameters=(*truth.parameters[:2], named))
    scenario = scenario_of(plots=["bias", "estimators"], sample_sizes=[5]).model_copy(update={"truth": (hostile,)})
    results = run(scenario, out=tmp_path, backend="serial")
    assert results.folder is not None
    assert not [line for line in results.failures if line.startswith("plots/")]
    svg = (results.folder / "plots" / "bias.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    assert "$\\bad{x$ \\x1b[31m" in unescape(svg)  # matplotlib says in a comment what it draws
    for path in results.folder.rglob("*.csv"):
        assert not re.search("[\x00\x1b\u2028]", path.read_text(encoding="utf-8"))


def test_an_explanation_of_a_hostile_label_is_text_in_markdown_and_html() -> None:
    [truth] = scenario_of(truth=_named("plain")).truth
    hostile = truth.__class__(family="counts", parameters=(*truth.parameters[:2], ("name", HOSTILE)))
    found = explain(hostile, truth, "bits")
    title = as_markdown(found).split("\n")[0]
    assert "\\$\\\\bad{x\\$ \\\\x1b[31m \\<b>\\|\\`\\*\\_[a\\](b)" in title
    assert not re.search("[\x00\x1b\u2028\ud83d]|<b>", as_html(found))


def test_tables_of_estimates_and_of_runs_hold_no_formula(mcdiv_command: Command, folder: Path) -> None:
    rows = [(group, symbol) for group in ("=1+1", "@x", "-2", "plain") for symbol in "aab"]
    (folder / "t.csv").write_text("g,s\n" + "".join(f"{g},{s}\n" for g, s in rows), encoding="utf-8")
    options = ["--column", "s", "--by", "g", "--estimand", "entropy", "-e", "plugin", "-o", "out.csv", "-q"]
    mcdiv_command("estimate", "t.csv", *options)
    assert set(pd.read_csv(folder / "out.csv", dtype=str)["group"]) == {"'=1+1", "'@x", "-2", "plain"}
    assert to_csv(pd.DataFrame({"message": ["=1", "a\x1b", None], "value": [1.5, -2, 0]})) == (
        "message,value\n'=1,1.5\na\\x1b,-2\n,0\n"
    )


def test_a_disk_without_room_leaves_no_file_and_the_next_try_writes_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def half(path: Path, content: bytes) -> int:
        write(path, content[: len(content) // 2])
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        for call in (
            lambda: disk.write_new(folder / "a.html", "text"),
            lambda: disk.replace_file(folder, "a.svg", b"1234"),
        ):
            with pytest.raises(store.StoreError, match=r"a\.(html|svg): cannot write: no space left on device"):
                call()
    assert not list(folder.iterdir())
    disk.write_new(folder / "a.html", "text")
    with pytest.raises(store.StoreError, match="exists already"):
        disk.write_new(folder / "a.html", "other")
    assert (folder / "a.html").read_text(encoding="utf-8") == "text"


def test_a_file_made_by_another_meanwhile_is_not_overwritten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "raise_if_exists", lambda path: path.write_text("theirs", encoding="utf-8"))
    with pytest.raises(store.StoreError, match="exists already"):
        disk.write_new(folder / "a.html", "ours")
    assert [path.read_text(encoding="utf-8") for path in folder.iterdir()] == ["theirs"]


@pytest.mark.slow
def test_an_output_folder_called_like_an_address_is_a_folder(mcdiv_command: Command, folder: Path) -> None:
    (folder / "small.yaml").write_text(write_text(small(replicates=10)), encoding="utf-8")
    mcdiv_command("run", "small.yaml", "-q", "-o", "file:elsewhere")
    assert json.loads((folder / "file:elsewhere/small/manifest.json").read_text())["status"] == "complete"
    assert (folder / "file:elsewhere/small/ledger.sqlite").is_file()
    assert sorted(path.name for path in folder.iterdir()) == ["file:elsewhere", "small.yaml"]


def test_a_table_prints_labels_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(None, (":b:", "[bold]x"), [("3:100:1", "1"), (":heart:", "[red]2[/red]")])
    words = capsys.readouterr().out.split()
    assert {":b:", "[bold]x", "3:100:1", ":heart:", "[red]2[/red]"} <= set(words)


def test_what_is_printed_gives_the_terminal_no_order(mcdiv_command: Command, folder: Path) -> None:
    (folder / "t.csv").write_text("g,s\nA\x1b[31m,a\nA\x1b[31m,b\n", encoding="utf-8")
    options = ["--column", "s", "--by", "g", "--estimand", "entropy", "-e", "plugin", "-q"]
    assert "A\\x1b[31m:" in mcdiv_command("estimate", "t.csv", *options).stdout
    assert "\x1b" not in "".join(mcdiv_command("run", "no\x1b[31m.yaml", code=2))
    [group] = json.loads(mcdiv_command("estimate", "t.csv", *options, "--json").stdout)
    assert group["group"] == "A\x1b[31m"


@given(ANY)
def test_json_reads_back_as_the_same_text(text: str) -> None:
    written = in_json(json.dumps([text], ensure_ascii=False))
    [read] = json.loads(written)
    assert read.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    written.encode("utf-8")
