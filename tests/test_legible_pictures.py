"""Pictures can be read in every style: nothing cut, nothing overprinted, nothing said that is not so."""

from collections.abc import Mapping
from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from cases import quick
from legibility import faults
from small import scenario_of

from mcdiv import fit
from mcdiv.lessons.fit import plots as fit_plots
from mcdiv.results.plots import STYLES, catalogue, drawable, render, style
from mcdiv.results.plots.figure_style import DARK, SLIDE, panels, plain_ticks
from mcdiv.results.plots.shown import shown
from mcdiv.results.plots.slides import in_style, one_panel_each
from mcdiv.results.plots.wrapping import balanced
from mcdiv.results.run import run

Tables = Mapping[str, pd.DataFrame]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*quick(1, list(STYLES))])
def test_nothing_is_cut_or_overprinted_in_the_picture_of_a_fit(kind: str) -> None:
    fitted = fit("learning")
    with style(kind):
        assert faults(in_style(fit_plots.learning(drawable(fitted.steps), drawable(fitted.summary)))) == []


@pytest.fixture(scope="module")
def small_tables() -> Tables:
    coins = {"truth": {"coin": [0.2, 0.5]}, "sample_sizes": [5, 10, 50], "intervals": ["delta"]}
    return run(scenario_of(paths=2, **coins), backend="serial").tables


@cache
def of_many_estimators(*estimands: str) -> Tables:
    names = ["plugin", "miller_madow", "jackknife", "grassberger_1988", "grassberger_2003", "schurmann", "zhang"]
    names += ["bonachela", "chao_shen", "chao_wang_jost", "james_stein", "jeffreys", "laplace"]
    names += ["perks", "minimax", "bub", "nsb"]
    coin = {"truth": {"coin": 0.4}, "sample_sizes": [2, 5, 10, 50], "estimands": estimands}
    return run(scenario_of(**coin, estimators=names, mode="exact"), backend="serial").tables


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["slides", "paper"])
@pytest.mark.parametrize("name", ["rate", "bias_log", "rmse", "lolly"])
@pytest.mark.parametrize("estimands", [["entropy"], ["entropy", "kl_divergence"]])
def test_the_legend_of_many_estimators_leaves_the_panels_most_of_the_canvas(
    name: str, estimands: list[str], kind: str
) -> None:
    rows = catalogue()[name].data(of_many_estimators(*estimands))
    with style(kind):
        assert faults(catalogue()[name].draw(rows)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", quick(2, list(catalogue())))
def test_a_slide_is_sixteen_to_nine(small_tables: Tables, name: str) -> None:
    rows = catalogue()[name].data(small_tables)
    if rows.empty:
        return
    with style("slides"):
        width, height = catalogue()[name].draw(rows).get_size_inches()
        assert width / height == pytest.approx(16 / 9, rel=1e-3)


@pytest.mark.parametrize("name", quick(0, list(catalogue())))
@pytest.mark.parametrize("kind", ["paper", "slides"])
def test_each_panel_can_have_a_figure_of_its_own(small_tables: Tables, name: str, kind: str) -> None:
    picture = catalogue()[name]
    rows = picture.data(small_tables)
    if rows.empty:
        return
    with style(kind):
        panels = sum(axes.get_visible() and axes.get_label() != "<colorbar>" for axes in picture.draw(rows).axes)
        alone = one_panel_each(partial(picture.draw, rows))
        assert len(alone) == panels
        for figure in alone:
            assert faults(figure) == []
            assert [axes.get_label() for axes in figure.axes if axes.get_label() != "<colorbar>"] == [""]


@pytest.mark.slow
def test_a_dark_slide_has_light_text_on_a_dark_background(small_tables: Tables) -> None:
    with style("slides-dark"):
        picture = catalogue()["agreement"]
        figure = picture.draw(picture.data(small_tables))
        render(figure, "png")
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    values, counts = np.unique(pixels @ np.array([65536, 256, 1]), return_counts=True)
    assert f"#{values[counts.argmax()]:06x}" == DARK
    assert pixels.max() > 200


@pytest.mark.slow
def test_a_picture_says_what_of_the_study_it_does_not_show(small_tables: Tables) -> None:
    rows = catalogue()["distribution"].data(small_tables)
    assert rows["shown"].iloc[0].startswith("1 of 2 truths, ")
    with style():
        figure = catalogue()["distribution"].draw(rows)
    assert rows["shown"].iloc[0] in " ".join(figure.get_suptitle().split())


def test_what_is_shown_is_counted_by_column_and_by_setting() -> None:
    study = pd.DataFrame(
        [
            {"truth": p, "model": q, "model_sample_size": None, "estimand": "entropy", "estimator": e, "sample_size": n}
            for p in "ab"
            for q in "cd"
            for e in "ef"
            for n in (5, 10)
        ]
    )
    tables = {"summary": study}
    assert shown(study, tables) == ""
    assert shown(study[study["truth"] == "a"], tables) == "2 of 4 settings shown"
    assert shown(study[(study["model"] == "c") & (study["sample_size"] == 5)], tables) == (
        "2 of 4 settings, 1 of 2 sample sizes N shown"
    )
    assert shown(study[study["estimator"] == "e"], tables, ["estimator"]) == ""
    one_model = study[study["model"] == "c"]
    assert shown(one_model[one_model["truth"] == "a"], {"summary": one_model}) == "1 of 2 truths shown"
    # Checkpoints of an experiment are no sample sizes of the study.
    assert shown(study.assign(sample_size=range(len(study))), tables) == ""


@pytest.mark.parametrize(
    ("text", "letters", "lines"),
    [
        ("bias of H(P) [bits]", 18, ["bias of", "H(P) [bits]"]),
        ("bias of H(P) [bits]", 19, ["bias of H(P) [bits]"]),
        ("Bias by sample size: points simulated", 25, ["Bias by sample size:", "points simulated"]),
        ("P = coins(k=2, p=1), Q = coins(k=2, p=0.5)", 30, ["P = coins(k=2, p=1),", "Q = coins(k=2, p=0.5)"]),
        ("bias of H(P, Q) [bits]", 15, ["bias of", "H(P, Q) [bits]"]),
        ("Q = normal(k=160, mean=1, sd=1)", 28, ["Q = normal(k=160,", "mean=1, sd=1)"]),
        ("total variation |p̂\u00a0−\u00a0p|/2", 20, ["total variation", "|p̂\u00a0−\u00a0p|/2"]),
        ("alphabetagammadelta", 10, ["alphabetag", "ammadelta"]),
        ("", 10, []),
    ],
)
def test_a_line_ends_where_a_reader_pauses_and_leaves_no_word_alone(text: str, letters: int, lines: list[str]) -> None:
    assert balanced(text, letters) == lines


@pytest.mark.parametrize(("low", "high"), [(0.011, 0.95), (0.11, 9.5), (1, 1000), (0.003, 0.004), (2, 900), (1e-9, 1)])
def test_a_logarithmic_axis_has_two_numbers_at_the_least(low: float, high: float) -> None:
    with style():
        _, [axes] = panels(1)
        axes.set(yscale="log", ylim=(low, high))
        plain_ticks(axes)
        assert sum(low <= tick <= high for tick in axes.get_yticks()) >= 2


def test_an_estimator_looks_alike_in_all_pictures_of_a_study() -> None:
    of_a_fair_coin = scenario_of(estimators=["grassberger_2003", "plugin"], estimands=["entropy"], mode="exact")
    tables = run(of_a_fair_coin, backend="serial").tables
    looks = []
    with style():
        for name in ("bias", "bias_log"):  # the first estimator has no bias, and is left out of the second
            [legend] = catalogue()[name].draw(catalogue()[name].data(tables)).legends
            shown = zip(legend.get_texts(), legend.legend_handles, strict=True)
            looks.append({text.get_text(): handle.get_color() for text, handle in shown})  # type: ignore[union-attr]
    assert list(looks[0]) == ["grassberger_2003", "plugin"]
    assert list(looks[1]) == ["plugin"]
    assert looks[0]["plugin"] == looks[1]["plugin"]


#: the true values and bands of these are exact in any mode
OF_EXACT = ("convergence", "decomposition")


@cache
def simulated_tables() -> Tables:
    return run(scenario_of(mode="monte_carlo"), backend="serial").tables


@pytest.mark.slow
@pytest.mark.parametrize("name", quick(3, [name for name in catalogue() if name not in OF_EXACT]))
def test_exact_is_in_no_legend_where_nothing_is_exact(name: str) -> None:
    rows = catalogue()[name].data(simulated_tables())
    if rows.empty:
        return
    with style():
        figure = catalogue()[name].draw(rows)
    texts = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert not any("exact" in text for text in [*texts, figure.get_suptitle()])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["best", "heatmap", "lolly"])
def test_the_letters_of_a_slide_stay_large_however_large_the_grid(name: str) -> None:
    coins = {"coin": [i / 60 for i in range(1, 31)]}
    tables = run(scenario_of(truth=coins, mode="exact", sample_sizes=[5, 10, 20]), backend="serial").tables
    with style("slides"):
        rows = catalogue()[name].data(tables)
        figure = catalogue()[name].draw(rows)
        assert figure.get_figwidth() < 1.5 * SLIDE[0]
        assert faults(figure) == []
    assert " of 30 truths" in rows["shown"].iloc[0]
