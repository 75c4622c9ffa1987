"""A second run keeps tables, pictures and the page of the first where they would be the same, else makes them anew."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cases import quick
from small import scenario_of

import mcdiv
from mcdiv.engine.problems import Problem
from mcdiv.results import pages, reuse
from mcdiv.results.lazy_tables import LazyTables
from mcdiv.results.run import run
from mcdiv.results.table_source import TableSource

PAGE, SVG = "report.html", "plots/decomposition.svg"
Again = Callable[..., bool]


@pytest.fixture
def again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Again:
    """Run the study; whether pictures were drawn for it."""
    drawn: list[object] = []
    honest = pages.draw

    def watched(*given: Any, **named: Any) -> Any:
        drawn.append(given)
        return honest(*given, **named)

    monkeypatch.setattr(pages, "draw", watched)

    def call(*, fresh: bool = False, **changes: Any) -> bool:
        drawn.clear()
        scenario = scenario_of(**{"plots": ["decomposition"], "sample_sizes": [5], **changes})
        run(scenario, out=tmp_path, backend="serial", fresh=fresh)
        return bool(drawn)

    assert call()
    return call


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_second_run_of_the_same_makes_nothing_and_leaves_the_same_files(
    again: Again, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(tmp_path / "small")
    made: list[str] = []
    honest = LazyTables.__getitem__

    def watched(self: LazyTables, name: str) -> Any:
        made.append(name)
        return honest(self, name)

    monkeypatch.setattr(LazyTables, "__getitem__", watched)
    assert {PAGE, SVG, "plots/decomposition.png", "manifest.json"} <= set(before)
    assert not again()
    assert not made
    assert contents(tmp_path / "small") == before
    assert again(fresh=True)
    assert "performance" in made
    assert contents(tmp_path / "small") == before


@pytest.mark.slow
def test_other_numbers_other_words_and_other_code_are_drawn(again: Again, monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"plots": [], "replicates": 2000, "title": "Another title"}
    assert again(plots=[], replicates=2000)
    assert again(**words)
    assert not again(**words)
    monkeypatch.setattr(reuse, "_code", lambda: "other code")
    assert again(**words)


@pytest.mark.slow
def test_files_that_are_not_as_the_run_made_them_are_made_anew(again: Again, tmp_path: Path) -> None:
    before = contents(tmp_path / "small")
    mcdiv.plot(tmp_path / "small", only="decomposition", style="slides")  # in place of the run's own
    assert contents(tmp_path / "small")[SVG] != before[SVG]
    assert again()
    (tmp_path / "small" / PAGE).write_text("another page", encoding="utf-8")
    assert again()
    (tmp_path / "small" / SVG).unlink()
    assert again()
    (tmp_path / "small" / "summary.csv").write_text("another table", encoding="utf-8")
    assert again()
    assert contents(tmp_path / "small") == before


@pytest.mark.slow
def test_every_value_that_was_found_decides_whether_files_are_kept() -> None:
    found = run(scenario_of(plots=[], sample_sizes=[5], intervals=["delta"]), backend="serial")
    assert isinstance(found.tables, LazyTables)
    source = found.tables._source

    def hash_with(**changed: Any) -> str:
        return reuse._records(TableSource(replace(source.findings, **changed)))

    [row, *others] = found.rows
    [pair, *_] = found.pairs
    bias = row.simulated["bias"]
    other = replace(row, simulated={**row.simulated, "bias": replace(bias, mcse=math.nextafter(bias.mcse, 1))})
    apart = replace(pair, left_out=pair.left_out + 1e-9)
    problem = Problem.of("imprecise", row, ["bias"], {"mcse": 1.0, "wanted": 0.5})
    hashes = [
        hash_with(),
        hash_with(rows=[other, *others]),
        hash_with(rows=[*others, row]),
        hash_with(pairs=[apart, *found.pairs[1:]]),
        hash_with(intervals=found.intervals[1:]),
        hash_with(problems=[problem]),
        hash_with(problems=[replace(problem, message="other")]),
    ]
    assert len(set(hashes)) == len(hashes)
    assert hash_with(rows=list(found.rows)) == hashes[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", quick(1, ["plots/../../secret", "../secret", "/secret", "summary.csv"]))
def test_a_manifest_can_name_no_other_file(again: Again, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    file = tmp_path / "small" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    of = manifest["made"]["of"]
    assert reuse.kept(tmp_path / "small", of)
    manifest["made"]["files"][name] = hashlib.sha256(b"secret").hexdigest()
    file.write_text(json.dumps(manifest), encoding="utf-8")
    assert reuse.kept(tmp_path / "small", of) is None


@pytest.mark.slow
def test_pages_that_a_plugin_has_a_part_in_are_made_anew(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from mcdiv.estimators.contract import estimator\n"
        '@estimator("entropy")\n'
        "def mine(counts):\n"
        '    """One half.\\n\\n    Formula: 1/2\\n    Valid:   never\\n    Source:  a test\\n    """\n'
        "    return 0.5 + 0 * counts[..., 0]\n",
        encoding="utf-8",
    )
    settings = ["plots=[]", "sample_sizes=[5]", "estimators=[mine]", "checks=[]", "replicates=100"]
    found = mcdiv.run("fair", settings=settings, plugins=[tmp_path / "mine.py"], out=tmp_path, backend="serial")
    assert found.folder is not None
    assert "made" not in json.loads((found.folder / "manifest.json").read_text(encoding="utf-8"))
