"""Pages made from the code say what the code says."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_estimators_is_not_stale() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["page"]()
    assert (DOCS / "estimators.md").read_text(encoding="utf-8") == page, "run python docs/generate.py"


def test_the_page_of_intervals_is_not_stale() -> None:
    page = runpy.run_path(str(DOCS / "generate.py"))["intervals_page"]()
    assert (DOCS / "intervals.md").read_text(encoding="utf-8") == page, "run python docs/generate.py"
