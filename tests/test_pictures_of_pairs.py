"""The picture of `mcdiv paired`: differences by item or group, and their mean under random signs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command

import mcdiv
from mcdiv.observed.pictures_of_pairs import draw
from mcdiv.results.plots import style
from mcdiv.significance.sign_flips import flipped_sums

A = np.array([2.31, 0.02, 5.1, 0.88, 1.2, 3.4])
B = np.array([2.4, 0.03, 5.05, 0.95, 1.1, 3.9])


def drawn(a: Any, b: Any, groups: list[int] | None = None) -> Any:
    found = mcdiv.paired(a, b, groups)
    names = [] if groups is None else [f"d{i}" for i in sorted(set(groups))]
    with style():
        return found, draw(found, np.subtract(b, a), None if groups is None else np.array(groups), names, 1)


def test_of_few_differences_all_patterns_of_signs_are_there() -> None:
    sums, every = flipped_sums(np.array([1, -2, 3, 0]), 1)
    assert every
    assert sorted(sums) == [0, 0, 2, 2, 4, 4, 6, 6]


def test_of_many_differences_patterns_are_drawn_and_have_the_right_spread() -> None:
    differences = np.arange(1.0, 31.0)
    sums, every = flipped_sums(differences, 1)
    assert not every
    # E S² = Σ d², and E S⁴ = 3 (Σ d²)² − 2 Σ d⁴
    mean, fourth = (
        float((differences**2).sum()),
        3 * float((differences**2).sum()) ** 2 - 2 * float((differences**4).sum()),
    )
    assert abs((sums**2).mean() - mean) <= 5 * np.sqrt((fourth - mean**2) / len(sums))


@pytest.mark.slow
@pytest.mark.parametrize("groups", [None, [0, 0, 1, 1, 2, 3]])
def test_the_hatched_bars_add_up_to_the_p_value(groups: list[int] | None) -> None:
    found, figure = drawn(A, B, groups)
    heights = [bar.get_height() for bar in figure.axes[1].patches]
    hatched = [bar.get_height() for bar in figure.axes[1].patches if bar.get_hatch()]
    assert sum(heights) == pytest.approx(1, rel=1e-12)
    assert sum(hatched) == pytest.approx(found.p_sign, rel=1e-12)


def test_groups_have_t_intervals_of_their_items_where_they_have_two() -> None:
    _, figure = drawn(A, B, [0, 0, 1, 1, 2, 3])
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["d2", "d1", "d0", "d3"]
    (segments,) = [each.get_segments() for each in figure.axes[0].collections]
    # Group 1: −0.05 and 0.07; t(1) at 97.5 % is 12.7062: 0.01 ± 12.7062 · 0.06.
    assert np.sort(segments[0][:, 0]) == pytest.approx([0.01 - 12.7062047 * 0.06, 0.01 + 12.7062047 * 0.06], rel=1e-7)


def test_the_legend_hides_no_group() -> None:
    _, figure = drawn(A, B, [0, 0, 1, 1, 2, 3])
    assert [axes.get_legend() for axes in figure.axes] == [None, None]
    assert {"mean of all items", "observed"} <= {text.get_text() for text in figure.legends[0].get_texts()}


def test_many_items_are_a_histogram_and_equal_scores_say_that_signs_change_nothing() -> None:
    generator = np.random.default_rng(1)
    a = generator.exponential(size=100)
    _, figure = drawn(a, a + 0.1 * generator.random(100))
    assert figure.axes[0].get_ylabel() == "items"
    assert sum(bar.get_height() for bar in figure.axes[0].patches if bar.get_width() < 0.01) == 100
    _, figure = drawn([1.0, 2.0], [1.0, 2.0])
    assert figure.axes[1].texts[0].get_text() == "no sign changes anything"


@pytest.mark.slow
def test_the_command_and_python_write_a_new_file(folder: Path, mcdiv_command: Command) -> None:
    rows = "".join(f"{x},{y}\n" for x, y in zip(A, B, strict=True))
    (folder / "scores.csv").write_text(f"a,b\n{rows}", encoding="utf-8")
    asked = ["paired", "scores.csv", "--a", "a", "--b", "b", "--plot"]
    assert mcdiv_command(*asked, "one.svg").stdout.endswith("wrote one.svg\n")
    assert mcdiv_command(*asked, "one.svg", code=2).stderr == "one.svg: exists already; choose another name\n"
    assert "expected a name that ends in .svg, .png or .pdf" in mcdiv_command(*asked, "one.gif", code=2).stderr
    mcdiv.paired(A, B, plot="two.svg")
    assert (folder / "two.svg").read_bytes()[:5] == b"<?xml"
    with pytest.raises(ValueError, match="plot: expected a file ending in"):
        mcdiv.paired(A, B, plot="three.gif")
