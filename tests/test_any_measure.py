"""Pictures of any measure: the heat map over two factors, and how a measure is chosen."""

import math
from pathlib import Path

import pytest
from conftest import Command
from small import scenario_of, small

from mcdiv.errors import ScenarioError
from mcdiv.files.yaml_text import write_text
from mcdiv.results.plots import PLOTS, style
from mcdiv.results.plots.any_measure import values_of, words_of
from mcdiv.results.run import run
from mcdiv.results.study_results import Results

COINS = {"truth": {"coin": [0.2, 0.5]}, "model": None, "sample_sizes": [3, 5], "estimators": ["plugin"]}


def results_of(**changes: object) -> Results:
    return run(scenario_of(**{"mode": "exact", **COINS, **changes}), backend="serial")


def rmse(p: float, size: int) -> float:
    """Of the plug-in entropy of a coin, from all of its outcomes."""

    def entropy(share: float) -> float:
        return -sum(x * math.log(x) for x in (share, 1 - share) if x)

    law = {n: math.comb(size, n) * p**n * (1 - p) ** (size - n) for n in range(size + 1)}
    return math.sqrt(sum(weight * (entropy(n / size) - entropy(p)) ** 2 for n, weight in law.items()))


def test_a_cell_of_the_heat_map_is_the_measure_of_its_condition() -> None:
    rows = PLOTS["heatmap"].data(results_of().tables)
    assert list(rows[["row_label", "column_label"]].itertuples(index=False, name=None)) == [
        ("0.2", "3"), ("0.2", "5"), ("0.5", "3"), ("0.5", "5")
    ]  # fmt: skip
    assert rows["value"].tolist() == pytest.approx([rmse(p, size) for p in (0.2, 0.5) for size in (3, 5)], rel=1e-12)
    with style():
        [axes, bar] = PLOTS["heatmap"].draw(rows).axes
    assert [text.get_text() for text in axes.texts] == [f"{rmse(p, n):.3f}" for p in (0.2, 0.5) for n in (3, 5)]
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("N", "p of P", "RMSE of H(P) [nats]")


def test_the_two_factors_with_most_levels_are_drawn_and_the_value_of_the_third_is_said() -> None:
    grid = {"truth": {"zipf": {"k": [3, 4, 5], "s": [1, 2]}}, "sample_sizes": [3, 5, 8]}
    with style():
        rows = PLOTS["heatmap"].data(results_of(**grid).tables)
        title = PLOTS["heatmap"].draw(rows).get_suptitle()
    assert set(rows["row_factor"]) == {"k of P"} and set(rows["column_factor"]) == {"N"}
    assert len(rows) == 9 and set(rows["truth"]) == {f"zipf(k={k}, s=1)" for k in (3, 4, 5)}
    assert title.split("\n") == ["RMSE by k of P and N: exact", "s of P = 1", "3 of 6 truths shown"]


@pytest.mark.slow
def test_of_very_many_levels_the_first_are_drawn_on_a_canvas_that_stays_small() -> None:
    truths = {"truth": {"zipf": {"k": list(range(3, 33))}}, "estimators": ["plugin", "miller_madow", "laplace"]}
    rows = PLOTS["heatmap"].data(results_of(**truths, mode="monte_carlo", replicates=10, paths=0).tables)
    assert list(dict.fromkeys(rows["row_label"])) == [str(k) for k in range(3, 27)]
    with style():
        figure = PLOTS["heatmap"].draw(rows)
    assert "24 of 30 truths shown" in figure.get_suptitle()
    assert max(figure.get_size_inches()) < 30


@pytest.mark.parametrize(
    "changes",
    [{"truth": {"coin": 0.2}}, {"sample_sizes": [5]}, {"zip": ["truth.coin", "sample_sizes"]}],
)
def test_there_is_no_heat_map_of_one_factor(changes: dict) -> None:
    assert PLOTS["heatmap"].data(results_of(**changes).tables).empty


def test_what_is_simulated_has_the_digit_of_its_mcse_and_what_is_exact_has_none() -> None:
    assert words_of(0.2971, 0.0071) == "0.297(7)"
    assert words_of(0.2971, 0) == "0.297"
    assert words_of(math.nan, math.nan) == "undefined"
    assert words_of(math.inf, 0) == "∞"
    simulated = values_of(results_of(mode="monte_carlo").tables, "rmse")
    assert (simulated["mcse"] > 0).all() and not simulated["exact"].any()
    both = values_of(results_of(mode="both").tables, "rmse")
    assert (both["mcse"] == 0).all() and both["exact"].all()


def test_estimates_that_are_left_out_are_marked_and_cells_without_a_value_are_named() -> None:
    grid = {"truth": {"coin": [0.2, 1]}, "model": {"coin": 1}, "estimands": ["kl_divergence"]}
    rows = PLOTS["heatmap"].data(results_of(**grid).tables)
    never = rows[rows["truth"] == "coin(p=0.2)"]
    assert never["value"].isna().all()
    with style():
        figure = PLOTS["heatmap"].draw(rows)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[:2] == ["undefined"] * 2 and texts[2:] == ["0", "0"]
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["no finite value"]


def test_a_value_of_some_of_the_estimates_has_a_mark() -> None:
    support = {"truth": {"categorical": [0.8, 0.2]}, "model": {"categorical": [1, 0]}, "estimands": ["cross_entropy"]}
    tables = results_of(**support, sample_sizes=[1, 2]).tables
    kept = values_of(tables, "bias")
    assert kept["left_out"].tolist() == pytest.approx([0.2, 1 - 0.8**2])
    rows = PLOTS["heatmap"].data(results_of(estimators=["plugin"]).tables).assign(left_out=[0.1, 0, 0, 0])
    with style():
        figure = PLOTS["heatmap"].draw(rows)
    assert [text.get_text().endswith("†") for text in figure.axes[0].texts] == [True, False, False, False]
    assert figure.legends[0].get_texts()[0].get_text().startswith("† some estimates are infinite or undefined")


def middle(tables: object, measure: str) -> float | None:
    """The value at which the colours part; None where they do not."""
    with style():
        mesh = PLOTS["heatmap"].draw(PLOTS["heatmap"].data(tables, measure=measure)).axes[0].collections[0]
    low, high = mesh.norm.vmin, mesh.norm.vmax
    return (low + high) / 2 if mesh.get_cmap().name == "vlag" else None


@pytest.mark.slow
def test_colours_part_at_the_best_value_where_a_measure_can_miss_it_both_ways() -> None:
    tables = results_of(intervals=["delta"]).tables
    assert middle(tables, "bias") == pytest.approx(0, abs=1e-12)
    assert middle(tables, "coverage") == pytest.approx(0.95)
    for measure in ("rmse", "infinite_share", "width", "mean"):
        assert middle(tables, measure) is None
    assert middle(results_of(truth={"coin": 0.2}, model={"coin": [0.3, 0.6]}, estimands=["entropy"]).tables, "mean")


@pytest.mark.slow
def test_numbers_on_colours_are_the_same_on_a_dark_slide() -> None:
    inks = []
    for kind in ("slides", "slides-dark"):
        with style(kind):
            figure = PLOTS["heatmap"].draw(PLOTS["heatmap"].data(results_of().tables))
        inks.append([text.get_color() for text in figure.axes[0].texts])
    assert inks[0] == inks[1]


def test_an_interval_has_a_map_for_each_estimator_that_it_is_around() -> None:
    tables = results_of(intervals=["delta"], estimators=["plugin", "miller_madow"]).tables
    rows = PLOTS["heatmap"].data(tables, measure="coverage")
    assert list(dict.fromkeys(rows["series"])) == ["delta around plugin", "delta around miller_madow"]
    assert set(rows["best"]) == {0.95}


@pytest.mark.slow
def test_pictures_of_any_measure_are_drawn_where_they_are_asked_for(
    mcdiv_command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = {name: each for name, each in PLOTS.snapshot().items() if name in ("bias", "heatmap", "lolly")}
    monkeypatch.setattr(PLOTS, "_entries", some)  # all that are drawn of any run take seconds
    write = {**COINS, "mode": "exact", "intervals": ["delta"], "plots": ["bias", "heatmap"]}
    (folder / "small.yaml").write_text(write_text(small(**write)), encoding="utf-8")
    mcdiv_command("run", "small.yaml")
    assert {path.stem for path in (folder / "results/small/plots").iterdir()} == {"bias", "heatmap"}
    done = mcdiv_command("plot", "results/small", "heatmap", "--measure", "coverage", "--format", "png", "-o", "some")
    assert done.stdout == "wrote some/: heatmap-coverage.png\n"
    assert "heatmap" not in mcdiv_command("plot", "results/small", "-o", "all").stdout
    assert "heatmap-sd.svg" in mcdiv_command("plot", "results/small", "--measure", "sd", "-o", "all").stdout
    wrong = mcdiv_command("plot", "results/small", "--measure", "biass", code=2).stderr
    assert wrong == "unknown measure 'biass'; did you mean 'bias'?\n"
    missing = mcdiv_command("plot", "results/small", "heatmap", "--measure", "median_bias", code=2).stderr
    assert missing == "these results have no median_bias; run the scenario with 'measures: median_bias'\n"
    other = mcdiv_command("plot", "results/small", "bias", "--measure", "sd", code=2).stderr
    assert other.startswith("bias: not a picture of any measure; a measure can be chosen for heatmap")


def test_a_picture_of_a_measure_can_be_had_from_results() -> None:
    results = results_of()
    assert results.plot("heatmap", measure="bias").figure.get_suptitle().startswith("Bias by p of P and N: exact")
    with pytest.raises(ScenarioError, match="unknown measure"):
        results.plot("heatmap", measure="biass")


def test_a_lolly_goes_from_the_best_value_to_the_measure() -> None:
    rows = PLOTS["lolly"].data(results_of(truth={"coin": 0.2}).tables, measure="rmse")
    assert rows["value"].tolist() == pytest.approx([rmse(0.2, size) for size in (3, 5)], rel=1e-12)
    with style():
        panels = PLOTS["lolly"].draw(rows).axes
    assert [axes.get_title() for axes in panels] == ["N = 3", "N = 5"]
    for axes, size in zip(panels, (3, 5), strict=True):
        [[start, end]] = axes.collections[0].get_segments()
        assert (start[0], end[0]) == (0, pytest.approx(rmse(0.2, size), rel=1e-12))
        assert axes.get_xlabel() == "RMSE of H(P) [nats]"


@pytest.mark.slow
def test_lollies_stand_at_four_sizes_of_the_first_setting_or_in_four_settings() -> None:
    several = PLOTS["lolly"].data(results_of(sample_sizes=[1, 2, 3, 4, 5, 6, 7]).tables)
    assert set(several["sample_size"]) == {1, 3, 5, 7} and set(several["truth"]) == {"coin(p=0.2)"}
    one = results_of(truth={"coin": [0.1, 0.2, 0.3, 0.4, 0.5]}, sample_sizes=[3])
    rows = PLOTS["lolly"].data(one.tables)
    assert len(rows) == 4 and rows["shown"].iloc[0] == "4 of 5 truths shown"
    with style():
        titles = [axes.get_title() for axes in PLOTS["lolly"].draw(rows).axes]
    assert titles[0] == "P = coin(p=0.1), N = 3"


@pytest.mark.slow
def test_only_what_is_simulated_has_bars_on_a_lolly() -> None:
    def legend(mode: str) -> list[str]:
        with style():
            figure = PLOTS["lolly"].draw(PLOTS["lolly"].data(results_of(mode=mode).tables))
        return [text.get_text() for text in figure.legends[0].get_texts()]

    assert legend("exact") == ["exact"]
    assert legend("monte_carlo") == ["simulated", "± 2 MCSE"]


def test_a_lolly_without_a_finite_value_is_named() -> None:
    never = results_of(truth={"coin": 0.2}, model={"coin": 1}, estimands=["kl_divergence"])
    with style():
        figure = PLOTS["lolly"].draw(PLOTS["lolly"].data(never.tables))
    assert [text.get_text() for text in figure.axes[0].texts] == ["undefined"]
