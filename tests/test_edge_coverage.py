"""The coverage of noncentral_chi2 that docs/intervals.md shows: it is what it says, and within the stated bounds."""

import re
from pathlib import Path

import pytest
from making.edge_coverage import SETTINGS, Setting, coverage_line

PAGE = (Path(__file__).parents[1] / "docs" / "intervals.md").read_text("utf-8")
SECTION = PAGE.split("## Coverage where nothing differs, and away from it")[1].split("\n## ")[0]
ROWS = [line for line in SECTION.splitlines() if re.search(r"\d\.\d\d \|$", line)]
SMALL = [each for each in SETTINGS if not each.simulated and max(each.N, each.M or 0) <= 20]


def test_there_is_a_row_for_every_setting() -> None:
    assert len(ROWS) == len(SETTINGS)
    assert all(
        row.endswith(f"| {a:.2f} and {b:.2f} |") for row, (a, b) in zip(ROWS, (s.bounds for s in SETTINGS), strict=True)
    )


@pytest.mark.parametrize("row", ROWS)
def test_coverage_is_within_the_stated_bounds(row: str) -> None:
    *_, at, elsewhere, bounds = (cell.strip() for cell in row.strip("|").split("|"))
    for share, bound in zip((at, elsewhere), bounds.split(" and "), strict=True):
        assert float(share.split(" ")[0]) >= float(bound)


@pytest.mark.slow
@pytest.mark.parametrize("setting", SMALL, ids=lambda each: f"{each.estimand}-{len(each.q)}-{each.N}-{each.M}")
def test_a_row_is_what_enumeration_gives(setting: Setting) -> None:
    assert coverage_line(setting) in ROWS
