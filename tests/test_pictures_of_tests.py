"""The picture of a test: the law of the statistic where nothing differs, in bins, with the observed value on it."""

import math
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from conftest import Command
from scipy import stats

import mcdiv
from mcdiv.observed.pictures_of_tests import draw_law, draw_p_values
from mcdiv.results.plots import style
from mcdiv.significance.null_bins import FAR, bins_of_model, bins_of_table
from mcdiv.significance.p_values import Precision
from mcdiv.significance.statistics import STATISTICS

TABLES = [[[7, 2, 1], [2, 3, 5]], [[5, 5, 0], [1, 4, 5]], [[4, 4, 4], [4, 4, 4]], [[30, 1, 0], [0, 1, 30]]]


@pytest.mark.slow
@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("table", TABLES)
def test_bins_from_the_observed_value_on_have_the_p_value(name: str, table: list[list[int]]) -> None:
    tested = mcdiv.test(*table, statistic=name)
    bins = bins_of_table(tested, np.array(table), Precision())
    assert bins.replicates == 0
    assert bins.edges[0] == 0
    assert np.diff(bins.edges) == pytest.approx(np.full(len(bins.probabilities), bins.edges[1]), rel=1e-9)
    assert bins.probabilities.min() > -1e-15
    finite = bins.probabilities.sum()
    assert finite + bins.infinite <= 1 + 1e-12
    assert finite + bins.infinite > 0.99
    if math.isfinite(tested.statistic) and tested.statistic <= bins.edges[-1]:
        assert tested.statistic in bins.edges
        smaller = bins.probabilities[bins.edges[:-1] < tested.statistic].sum()
        assert 1 - smaller == pytest.approx(tested.p_value, abs=1e-12)
    assert (bins.chi_squared is None) == (name == "tv")


def test_bins_of_a_coin_are_binomial() -> None:
    tested = mcdiv.test([6, 4], model=[0.5, 0.5], statistic="tv")
    bins = bins_of_model(tested, np.array([0.5, 0.5]), Precision())
    for low, high, probability in zip(bins.edges, bins.edges[1:], bins.probabilities, strict=False):
        heads = [k for k in range(11) if low - 1e-12 <= abs(k / 10 - 0.5) < high - 1e-12]
        assert probability == pytest.approx(stats.binom.pmf(heads, 10, 0.5).sum(), abs=1e-14)


def test_simulated_bins_are_those_of_the_exact_law() -> None:
    table = np.array([[7, 2, 1], [2, 3, 5]])
    tested = mcdiv.test(*table)
    simulated = bins_of_table(tested, table, Precision(method="simulated"))
    smaller = simulated.probabilities[simulated.edges[:-1] < tested.statistic].sum()
    mcse = math.sqrt(tested.p_value * (1 - tested.p_value) / simulated.replicates)
    assert abs(1 - smaller - tested.p_value) < 5 * mcse


@pytest.mark.slow
def test_a_value_far_beyond_the_law_does_not_stretch_the_axis() -> None:
    table = np.array([[4000, 10], [10, 4000]])
    bins = bins_of_table(mcdiv.test(*table), table, Precision())
    assert bins.edges[-1] < 30
    drawn = draw_law(mcdiv.test(*table), bins)
    assert "observed: " in drawn.get_suptitle()
    assert FAR * bins.edges[-1] < mcdiv.test(*table).statistic


def test_the_picture_shows_the_observed_value_and_says_what_is_shown() -> None:
    with mpl.rc_context({"text.parse_math": False}):
        table = np.array(TABLES[0])
        tested = mcdiv.test(*table, statistic="psi")
        (axes,) = draw_law(tested, bins_of_table(tested, table, Precision())).axes
        words = [text.get_text() for text in axes.get_legend().get_texts()]
        assert {*words} == {
            *("χ² approximation", "observed: p = 0.0683"),
            *("smaller than observed", "at least as large"),
        }
        assert axes.get_xlabel() == "PSI = Σ (p − q) ln(p/q)"
        assert axes.get_ylabel() == "probability of a bin, exact"
        title = axes.figure.get_suptitle() if hasattr(axes.figure, "get_suptitle") else ""
        assert "infinite with probability 4 %" in " ".join(title.split())


@pytest.mark.slow
def test_p_values_are_drawn_in_order_the_first_ones_of_many() -> None:
    many = [mcdiv.test([7, 2 + i, 1], [2, 3, 5]) for i in range(70)]
    with style():
        drawn = draw_p_values(many)
    assert len(drawn.axes[0].get_yticks()) == 60
    assert "the 60 smallest" in " ".join(drawn.get_suptitle().split())
    assert drawn.axes[0].get_legend() is None  # below, where no point is


def test_p_values_near_each_other_have_an_axis_with_numbers() -> None:
    with style():
        axes = draw_p_values([mcdiv.test([7, 2, 1], [2, 3, 5]), mcdiv.test([7, 2, 1], [6, 3, 1])]).axes[0]
    low, high = axes.get_xlim()
    assert sum(low <= tick <= high for tick in axes.get_xticks()) >= 2


@pytest.mark.slow
def test_pictures_are_new_files_of_a_kind_there_is(mcdiv_command: Command, folder: Path) -> None:
    (folder / "a.csv").write_text("c,old,new\nx,7,2\ny,2,3\nz,1,5\n", encoding="utf-8")
    asked = ["test", "a.csv", "--column", "c", "--weights", "old", "--weights", "new", "--plot"]
    assert mcdiv_command(*asked, "law.svg").stdout.endswith("wrote law.svg\n")
    assert (folder / "law.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert mcdiv_command(*asked, "law.svg", code=2).stderr == "law.svg: exists already; choose another name\n"
    said = mcdiv_command(*asked, "law.bmp", code=2).stderr
    assert said == "--plot: expected a file ending in .svg, .png or .pdf, got 'law.bmp'\n"
    mcdiv.tests("a.csv", column="c", weights=["old", "new"], plot="law.png")
    assert (folder / "law.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(mcdiv.ScenarioError, match="plot: expected a file ending in"):
        mcdiv.tests("a.csv", column="c", weights=["old", "new"], plot="law")
