"""A second run keeps pictures and the page of the first where they would be the same, and makes them anew elsewhere."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import quick
from small import scenario_of

import mcdiv
from mcdiv.results import pages, reuse
from mcdiv.results.run import run

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


def test_a_second_run_of_the_same_draws_nothing_and_leaves_the_same_files(again: Again, tmp_path: Path) -> None:
    before = contents(tmp_path / "small")
    assert {PAGE, SVG, "plots/decomposition.png", "manifest.json"} <= set(before)
    assert not again()
    assert contents(tmp_path / "small") == before
    assert again(fresh=True)
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
    assert contents(tmp_path / "small") == before


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
