"""Slides whose letters can be read, lines that end where a reader would end them, marks that a legend explains."""

from collections.abc import Mapping
from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from small import scenario_of

from mcdiv.results.plots import catalogue, style
from mcdiv.results.plots.figure_style import SLIDE, panels
from mcdiv.results.plots.legends import shared_legend
from mcdiv.results.plots.rate import _words
from mcdiv.results.plots.wrapping import in_lines
from mcdiv.results.run import run

Tables = Mapping[str, pd.DataFrame]


@cache
def tables() -> Tables:
    """Two coins, both known from samples: some plug-in estimates are infinite."""
    changed = {
        "estimators": ["plugin", "laplace"],
        "model": {"coin": 0.4},
        "model_sample_sizes": [5, 20, 40],
        "sample_sizes": [5, 10, 40],
        "paths": 3,
    }
    return run(scenario_of(estimands=["cross_entropy", "kl_divergence"], **changed), backend="serial").tables


@cache
def infinite() -> Tables:
    """One setting of them, exact, with a measure that not every study has."""
    model = {"model": {"coin": 0.4}, "model_sample_sizes": [5], "measures": ["mean_absolute_error"]}
    changed = {"estimators": ["plugin", "laplace"], "sample_sizes": [3, 9, 30], "mode": "exact"}
    return run(scenario_of(estimands=["kl_divergence"], **changed, **model), backend="serial").tables


@cache
def plain(mode: str = "both") -> Tables:
    """A coin and a known model: every estimate is finite."""
    return run(scenario_of(mode=mode), backend="serial").tables


def drawn(name: str, given: Tables | None = None, kind: str = "paper") -> Figure:
    picture = catalogue()[name]
    with style(kind):
        return picture.draw(picture.data(given or tables()))


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for each in figure.legends for text in each.get_texts()]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bias", "distribution", "estimators", "convergence", "best"])
def test_letters_on_a_slide_are_those_of_fourteen_points(name: str) -> None:
    figure = drawn(name, kind="slides")
    on_screen = SLIDE[0] / figure.get_figwidth()
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    assert on_screen <= 1
    assert np.median(sizes) * on_screen >= 13.5
    assert figure.get_figwidth() * figure.dpi == pytest.approx(1920)


@pytest.mark.slow
def test_panels_of_a_slide_say_once_what_a_row_or_a_column_has_in_common() -> None:
    figure = drawn("bias", kind="slides")
    assert [axes.xaxis.label.get_visible() for axes in figure.axes] == [False] * 4 + [True] * 2
    assert all(axes.xaxis.label.get_visible() for axes in drawn("bias").axes)


def test_lines_end_at_joints_and_never_within_a_number_with_its_sign() -> None:
    with style():
        size = mpl.rcParams["font.size"]
        two = in_lines("Bias by sample size: points simulated ± 2 MCSE, lines exact", 4.4, size).split("\n")
        names = in_lines("P = dirichlet_with_zeros(k=1000, alpha=1, zeros=500, seed=1)", 4.0, size).split("\n")
        for inches in (1.5, 2.0, 3.0, 4.0):
            lines = in_lines("total variation |p̂ − p|/2, points simulated ± 2 MCSE", inches, size).split("\n")
            assert not any(line.endswith(("±", "−", "2")) and "MCSE" not in line and "/2" not in line for line in lines)
    assert two == ["Bias by sample size:", "points simulated ± 2 MCSE, lines exact"]
    assert names[0].startswith("P = dirichlet_with_zeros(k=1000,")


@pytest.mark.parametrize("inches", [0.5, 1.0, 3.0, 9.0])
def test_lines_have_all_words_and_cut_none_that_fits(inches: float) -> None:
    text = "1 of 4 truths; 3 of 4 sample sizes N: P = zipf(k=10, s=1), M = N"
    with style():
        lines = in_lines(text, inches, 10.0).split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    if inches >= 1.0:
        assert " ".join(lines) == text


@pytest.mark.slow
def test_an_estimator_looks_alike_in_all_pictures_of_a_study() -> None:
    summary = tables()["summary"]
    without_first = {**tables(), "summary": summary[summary["estimator"] != summary["estimator"].iloc[0]]}
    picture = catalogue()["bias"]
    with style():
        all_of_them, some = picture.draw(picture.data(tables())), picture.draw(picture.data(without_first, tables()))

    def colors(figure: Figure) -> set[tuple[str, str]]:
        handles, labels = figure.axes[0].get_legend_handles_labels()
        lines = zip(labels, handles, strict=True)
        return {
            (label, str(line.get_color())) for label, line in lines if isinstance(line, Line2D) and "†" not in label
        }

    assert {label for label, _ in colors(some)} >= {"laplace"}
    assert colors(some) <= colors(all_of_them)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bias", "rmse", "rate", "estimators", "mean_absolute_error"])
def test_a_series_that_leaves_infinite_estimates_out_is_marked(name: str) -> None:
    given = infinite()
    assert (given["summary"]["infinite_share"] > 0).any()
    figure = drawn(name, given)
    inside = [text.get_text() for axes in figure.axes if (box := axes.get_legend()) for text in box.get_texts()]
    ticks = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    words = [*legend(figure), *inside]
    assert words[-1] == "†: finite estimates only"
    assert any(word.startswith("plugin †") for word in [*words, *ticks])


@pytest.mark.slow
def test_nothing_is_marked_where_every_estimate_is_finite() -> None:
    assert not any("†" in word for word in legend(drawn("bias", plain())))


def test_notes_of_a_legend_come_after_all_series() -> None:
    with style():
        figure, grid = panels(2, columns=2)
        grid[0].plot([], [], label="hollow: so")
        for label in ("†: finite", "a", "b"):
            grid[1].plot([], [], label=label)
        shared_legend(figure, grid)
    assert legend(figure) == ["a", "b", "hollow: so", "†: finite"]


@pytest.mark.slow
def test_bars_of_what_may_be_noise_do_not_fall_to_the_end_of_a_logarithmic_axis() -> None:
    summary = plain("monte_carlo")["summary"]
    given = {"summary": summary.assign(bias=1e-3, bias_mcse=1e-2)}
    axes = drawn("bias_log", given).axes[0]
    ends = np.concatenate([bar.vertices[:, 1] for each in axes.collections for bar in each.get_paths()])
    assert ends.size and ends.min() == pytest.approx(1e-3)


@pytest.mark.slow
def test_a_line_goes_on_where_no_exact_value_is_known() -> None:
    summary = plain()["summary"]
    largest = summary["sample_size"] == summary["sample_size"].max()
    given = {"summary": summary.assign(exact_rmse=summary["exact_rmse"].mask(largest))}
    lines = [line for line in drawn("rmse", given).axes[0].lines if not str(line.get_label()).startswith("1/")]
    curves = [np.asarray(line.get_ydata(), float) for line in lines if line.get_linestyle() != "None"]
    assert curves and all(np.isfinite(curve).all() for curve in curves)


@pytest.mark.slow
def test_one_sample_size_has_its_tick_and_no_guides() -> None:
    given = run(scenario_of(sample_sizes=[3], mode="exact"), backend="serial").tables
    for name in ("bias", "rmse"):
        figure = drawn(name, given)
        assert figure.axes[0].get_xticks().tolist() == [3]
        assert not {"1/√N", "1/N"} & set(legend(figure))


@pytest.mark.slow
def test_a_legend_of_the_best_has_ties_where_there_are_some() -> None:
    rows = catalogue()["best"].data(tables())
    for tied in (1, 2):
        with style():
            words = legend(catalogue()["best"].draw(rows.assign(tied=tied)))
        assert ("tie within 2 MCSE" in words) == (tied == 2)


@pytest.mark.parametrize(
    ("error", "words"),
    [(0.09, "−0.80 ± 0.09"), (0.0004, "−0.8000 ± 0.0004"), (0.0, "−0.80 ± 0.00"), (1e-9, "−0.8000 ± 0.0000")],
)
def test_the_error_of_a_slope_has_a_digit(error: float, words: str) -> None:
    assert _words(pd.Series({"slope": -0.8, "slope_se": error, "note": ""})) == words


@pytest.mark.slow
def test_axes_of_the_distribution_say_what_is_drawn() -> None:
    for mode, word in (("exact", "probability"), ("monte_carlo", "share")):
        given = plain(mode)
        assert {axes.get_ylabel() for axes in drawn("distribution", given).axes} == {word}


@pytest.mark.slow
def test_a_picture_of_paths_explains_their_gaps_where_there_are_some() -> None:
    rows = catalogue()["convergence"].data(tables())
    paths = rows[rows["kind"] == "path"]
    gaps = [bool(np.isinf(group["value"]).any()) for _, group in paths.groupby("quantity", sort=False)]
    assert set(gaps) == {True, False}
    titles = [axes.get_title() for axes in drawn("convergence").axes if axes.get_visible()]
    assert [title == "where a path has a gap, its estimate is infinite" for title in titles] == gaps
