"""The report without a browser: one from the run and from its files, right numbers, no script of a stranger."""

import base64
import hashlib
import json
import math
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Command
from small import scenario_of

from mcdiv.engine.plan import plan_of
from mcdiv.results.csv_tables import interval_rows_of, rows_of
from mcdiv.results.pages import read_tables
from mcdiv.results.report.html_table import MAX_LINES
from mcdiv.results.report.inline_svg import inlined
from mcdiv.results.run import run
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import digest

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)> & {{ 7*7 }}"


def ran(folder: Path, **changes: Any) -> Results:
    return run(scenario_of(**changes), backend="serial", out=folder)


def page_of(results: Results) -> str:
    assert results.folder is not None
    return (results.folder / "report.html").read_text(encoding="utf-8")


class Page(HTMLParser):
    """What the tests ask of a page: its elements, and the cells of a table by its id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.lines: dict[str, list[list[dict[str, Any]]]] = {}
        self.shaded: dict[str, list[bool]] = {}
        self._table = ""
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self._in = tag
        if tag == "table":
            self._table = found.get("id") or ""
        if tag == "tr" and self._table:
            self.lines.setdefault(self._table, []).append([])
            self.shaded.setdefault(self._table, []).append(found.get("class") == "best")
        if tag in ("td", "th") and self._table:
            self.lines[self._table][-1].append({"key": found.get("data-key"), "text": ""})
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""
        if tag == "table":
            self._table = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts[-1] += data
        elif self._table and self.lines.get(self._table) and self.lines[self._table][-1]:
            self.lines[self._table][-1][-1]["text"] += data

    def table(self, name: str) -> pd.DataFrame:
        """The sort keys of a table's cells, by the words of its head."""
        head, *lines = self.lines[name]
        names = [re.sub(r"\s+", " ", cell["text"]).strip() for cell in head]
        return pd.DataFrame([[cell["key"] for cell in line] for line in lines], columns=names)


@pytest.mark.slow
def test_the_page_made_from_the_files_is_the_page_of_the_run(folder: Path, mcdiv_command: Command) -> None:
    first = page_of(ran(folder, plots=["decomposition"], paths=2))
    manifest = (folder / "small" / "manifest.json").read_bytes()
    assert "wrote small/report.html" in mcdiv_command("report", "small").stdout.replace("\\", "/")
    assert (folder / "small" / "report.html").read_text(encoding="utf-8") == first
    assert (folder / "small" / "manifest.json").read_bytes() == manifest
    mcdiv_command("plot", "small", "--only", "decomposition", "--style", "slides")  # in place of the run's own
    mcdiv_command("report", "small")
    assert (folder / "small" / "report.html").read_text(encoding="utf-8") == first
    shutil.rmtree(folder / "small" / "plots")  # the tables are enough
    mcdiv_command("report", "small")
    assert (folder / "small" / "report.html").read_text(encoding="utf-8") == first
    entry = json.loads(manifest)["files"]["report.html"]
    assert entry["sha256"] == hashlib.sha256(first.encode()).hexdigest()


@pytest.mark.slow
def test_tables_read_back_tell_what_the_run_told(folder: Path) -> None:
    changes = {"truth": {"coin": [0.5, 0.9]}, "intervals": ["delta", {"bayes": {"alpha": 1}}], "units": "bits"}
    results = ran(folder, **changes)
    assert results.folder is not None
    tables = read_tables(results.folder)
    plan = plan_of(results.scenario)
    rows, intervals = rows_of(tables, plan), interval_rows_of(tables, plan)
    assert digest(rows, "bits", intervals) == digest(results.rows, "bits", results.intervals)
    assert [row.rank for row in rows] == [row.rank for row in results.rows]
    for name, table in results.tables.items():
        pd.testing.assert_frame_equal(tables[name], table, check_dtype=False, check_exact=True)


@pytest.mark.slow
def test_its_numbers_are_those_of_the_tables(folder: Path) -> None:
    results = ran(folder, units="bits", intervals=["delta"])
    page = Page(page_of(results))
    shown, summary = page.table("table-summary"), results.summary
    names = {"bias": "bias", "exact bias": "exact_bias", "RMSE": "rmse", "exact sd": "exact_sd"}
    names |= {"true value": "true_value"}
    assert list(shown["N"].astype(float)) == list(summary["sample_size"])
    assert list(shown["estimator"]) == list(summary["estimator"])
    for head, column in names.items():
        found = [float(text) if text else math.nan for text in shown[f"{head} [bits]"]]
        assert found == pytest.approx(list(summary[column]), rel=1e-14, abs=1e-15, nan_ok=True), head
    scipy = results.tables["decomposition"].set_index("condition")
    theirs = [float(scipy[f"scipy_{row.estimand}"][row.condition]) for row in summary.itertuples()]
    assert [float(text) for text in shown["SciPy’s [bits]"]] == pytest.approx(theirs, rel=1e-14)
    coverage = [float(text) / 100 for text in page.table("table-intervals")["coverage [%]"]]
    assert coverage == pytest.approx(list(results.tables["intervals"]["coverage"]), rel=1e-14)


@pytest.mark.slow
def test_the_best_of_each_condition_is_shaded_and_what_cannot_be_told_from_it(folder: Path) -> None:
    results = ran(folder, estimators=["plugin", "miller_madow", "jackknife"], mode="monte_carlo", replicates=400)
    shaded = Page(page_of(results)).shaded["table-summary"][1:]
    verdicts = {
        (pair.first.condition.number, frozenset((pair.first.task, pair.second.task))): pair.verdict("mse")
        for pair in results.pairs
    }
    alone = {row.task.estimand for row in results.rows} - {pair.first.task.estimand for pair in results.pairs}
    for row, shade in zip(results.rows, shaded, strict=True):
        rivals = [r for r in results.rows if (r.condition, r.task.estimand) == (row.condition, row.task.estimand)]
        best = next(r for r in rivals if r.rank == 1)
        alike = verdicts.get((row.condition.number, frozenset((row.task, best.task)))) == "indistinguishable"
        assert shade == (row.task.estimand not in alone and (row.rank == 1 or alike))
    assert 0 < sum(shaded) < len(shaded)


@pytest.mark.slow
def test_words_of_a_stranger_are_words(folder: Path) -> None:
    text = page_of(ran(folder, title=HOSTILE, question=HOSTILE))
    page = Page(text)
    assert "alert(1)</script>" not in text
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "{{ 7*7 }}" in text
    assert not any(tag == "img" for tag, _ in page.elements)


@pytest.mark.slow
def test_only_the_pages_own_scripts_may_run_and_nothing_may_load(folder: Path) -> None:
    page = Page(page_of(ran(folder, plots=["decomposition"])))
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    assert {base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in page.scripts} == allowed
    assert "script-src 'unsafe-inline'" not in policy
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png"))


@pytest.mark.slow
def test_every_id_is_there_once_and_every_name_of_one_leads_to_it(folder: Path) -> None:
    page = Page(page_of(ran(folder, plots=["agreement", "decomposition"], intervals=["delta"])))
    ids = Counter(attributes["id"] for _, attributes in page.elements if attributes.get("id"))
    assert max(ids.values()) == 1
    for _, attributes in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set((attributes.get(name) or "").split()) <= set(ids)
        if (attributes.get("href") or "").startswith("#"):
            assert str(attributes["href"])[1:] in ids


def test_a_picture_keeps_its_marks_and_loses_what_can_act() -> None:
    svg = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
      width="72pt" height="9pt" viewBox="0 0 72 9" onload="alert(1)">
      <style>*{color:red}</style><script>alert(1)</script><!-- words -->
      <defs><path id="a" d="M 0.123456 -1.5 L 2 3.0049"/></defs><use xlink:href="#a" clip-path="url(#b)"/>
      <image xlink:href="https://example.org/x.png"/><a href="javascript:0"><path d="M 0 0"/></a></svg>"""
    text = inlined(svg, "picture-x")
    assert not re.search("alert|style>|words|xlink|example|javascript", text)
    assert 'd="M 0.12 -1.5 L 2 3"' in text
    assert 'href="#picture-x-a"' in text
    assert "url(#picture-x-b)" in text


@pytest.mark.slow
def test_without_pictures_there_is_a_report_that_says_so(folder: Path) -> None:
    assert "The scenario asks for no pictures." in page_of(ran(folder, plots=[]))


@pytest.mark.slow
def test_what_was_only_computed_is_not_called_simulated(folder: Path) -> None:
    text = page_of(ran(folder, mode="exact"))
    assert "Nothing was simulated: every value is exact." in text
    assert "there is nothing to compare with the exact values" in text
    assert "exact bias [nats]" in Page(text).table("table-summary").columns


@pytest.mark.slow
def test_infinite_estimates_are_told_with_a_line_that_gives_one_again(folder: Path) -> None:
    results = ran(folder, model={"coin": 1})
    page = Page(page_of(results))
    lines = [line[-1]["text"].strip() for line in page.lines["table-problems"][1:]]
    table = results.tables["problems"]
    assert lines == list(table["replay"].fillna("–"))
    infinite = [line for line, kind in zip(lines, table["kind"], strict=True) if kind == "infinite"]
    assert infinite
    assert all(line.startswith("mcdiv replay RESULTS --condition") for line in infinite)


@pytest.mark.slow
def test_an_answer_that_was_not_met_is_at_the_top(folder: Path) -> None:
    check = {"estimand": "entropy", "estimator": "plugin", "measure": "bias", "below": 1e-9}
    text = page_of(ran(folder, checks=[check]))
    assert text.index("1 of 1 stated answers not met") < text.index("<nav")


@pytest.mark.slow
def test_of_a_long_table_the_page_shows_the_beginning_and_holds_the_whole_file(folder: Path) -> None:
    sizes = list(range(1, 1 + MAX_LINES // 4))
    results = ran(folder, sample_sizes=sizes, mode="exact", model=None, estimators=["plugin", "miller_madow"])
    assert results.folder is not None
    results = ran(folder, sample_sizes=[*sizes, *range(200, 300)], mode="exact")
    text = page_of(results)
    assert f"The first {MAX_LINES} lines of {len(results.summary):,}" in text
    assert len(Page(text).lines["table-summary"]) == MAX_LINES + 1
    assert (folder / "small" / "summary.csv").read_text(encoding="utf-8") in text


@pytest.mark.slow
def test_a_file_too_large_for_a_page_is_left_beside_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcdiv.results.report.MAX_EMBEDDED", 1000)
    results = ran(folder)
    text = page_of(results)
    assert "summary.csv is too large to embed" in text
    assert (folder / "small" / "summary.csv").read_text(encoding="utf-8") not in text


@pytest.mark.slow
def test_a_file_that_is_not_as_it_was_written_is_named(folder: Path, mcdiv_command: Command) -> None:
    ran(folder)
    table = folder / "small" / "comparison.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("small", "large"), encoding="utf-8")
    assert "comparison.csv: not as it was written" in mcdiv_command("report", "small", code=2).stderr
    table.unlink()
    assert "comparison.csv: no such file" in mcdiv_command("report", "small", code=2).stderr
    table.write_text(text, encoding="utf-8")
    scenario = folder / "small" / "scenario.yaml"
    scenario.write_text(scenario.read_text(encoding="utf-8") + "title: x\n", encoding="utf-8")
    assert "scenario.yaml: not as it was written" in mcdiv_command("report", "small", code=2).stderr


@pytest.mark.slow
def test_an_older_run_is_told_at_the_top_and_one_without_all_tables_in_a_line(
    folder: Path, mcdiv_command: Command
) -> None:
    ran(folder)
    file = folder / "small" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**manifest, "mcdiv": "0.0.1", "status": "partial"}), encoding="utf-8")
    mcdiv_command("report", "small")
    text = (folder / "small" / "report.html").read_text(encoding="utf-8")
    assert text.index("These results were made by mcdiv 0.0.1") < text.index("<nav")
    assert "marks this run as partial, not complete" in text
    del manifest["files"]["intervals.csv"]
    file.write_text(json.dumps(manifest), encoding="utf-8")
    assert "its run wrote no intervals.csv" in mcdiv_command("report", "small", code=2).stderr


def test_without_results_there_is_one_line_and_no_page(folder: Path, mcdiv_command: Command) -> None:
    (folder / "small").mkdir()
    assert mcdiv_command("report", "small", code=2).stderr == "small: holds no results (no manifest.json)\n"
    text = json.dumps({"name": "small", "status": "interrupted", "files": {}})
    (folder / "small" / "manifest.json").write_text(text, encoding="utf-8")
    told = mcdiv_command("report", "small", code=2).stderr
    assert told == "small: holds no results yet, its run was interrupted; the same command continues\n"
    assert not (folder / "small" / "report.html").exists()


@pytest.mark.slow
def test_elsewhere_the_page_overwrites_nothing(folder: Path, mcdiv_command: Command) -> None:
    ran(folder)
    assert mcdiv_command("report", "small", "-o", "page.html").stdout == "wrote page.html; open it in any browser\n"
    assert (folder / "page.html").read_bytes() == (folder / "small" / "report.html").read_bytes()
    assert "page.html: exists already" in mcdiv_command("report", "small", "-o", "page.html", code=2).stderr


@pytest.mark.slow
def test_the_page_has_the_means_over_truths_with_both_of_their_errors(folder: Path) -> None:
    truth = {"dirichlet": {"k": 3, "alpha": 1, "redraw": 6}}
    changes: dict[str, Any] = {"truth": truth, "model": None, "pool": "draws", "intervals": ["delta"], "units": "bits"}
    results = ran(folder, **changes, mode="monte_carlo", replicates=200)
    text = page_of(results)
    assert "Each truth counts alike. ± is the MCSE of the mean over all that could be drawn" in text
    shown, table = Page(text).table("table-pooled"), results.tables["pooled"]
    estimators, intervals = table[table["interval"].isna()], table[table["interval"].notna()]
    assert "each a mean over 6 truths from dirichlet(k=3, alpha=1)" in text
    lines, covered = shown[shown["bias [bits]"] != ""], shown[shown["bias [bits]"] == ""]
    for head, measure, column, rows, scale, of in (
        ("bias [bits]", "bias", "value", estimators, 1, lines),
        ("bias: MCSE given these truths [bits]", "bias", "mcse_given_truths", estimators, 1, lines),
        ("RMSE [bits]", "rmse", "value", estimators, 1, lines),
        ("coverage [%]", "coverage", "value", intervals, 100, covered),
        ("coverage: MCSE given these truths [%]", "coverage", "mcse_given_truths", intervals, 100, covered),
    ):
        wanted = scale * rows[rows["measure"] == measure][column]
        assert [float(text) for text in of[head]] == pytest.approx(list(wanted), rel=1e-12), head


@pytest.mark.slow
def test_a_page_without_means_over_truths_has_no_place_for_them(folder: Path) -> None:
    assert "Means over truths" not in page_of(ran(folder))
