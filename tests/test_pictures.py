"""The pictures, what they are drawn from, and `mcdiv plot`."""

import hashlib
import json
import math
import re
import shutil
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from small import scenario_of

from mcdiv.core.weighted import binned, central, distinct
from mcdiv.engine.bands import bands
from mcdiv.engine.plan import plan_of
from mcdiv.engine.sampling_law import MAX_DISTINCT, MAX_FEW, sampling_law
from mcdiv.errors import StoreError
from mcdiv.results.csv_tables import read_table, to_csv
from mcdiv.results.pages import read_tables
from mcdiv.results.plots import FORMATS, PLOTS, render, render_all, style, usual
from mcdiv.results.plots.figure_style import count
from mcdiv.results.run import run
from mcdiv.results.selection import Selection, select
from mcdiv.results.study_results import Results

Study = Callable[..., Results]
ALWAYS = {"bias", "bias_log", "rmse", "rate", "distribution", "estimators", "agreement"}
USUAL = ALWAYS | {"convergence", "decomposition"}


@pytest.mark.parametrize(
    "changes, expected",
    [
        *quick(
            2,
            [
                (
                    {"sample_sizes": [1], "truth": {"coin": 1}},
                    {"convergence", "decomposition", "bias", "rmse", "estimators"},
                ),
                ({"intervals": ["delta"]}, USUAL | {"coverage"}),
                ({"mode": "exact"}, USUAL - {"agreement"}),
                ({"model_sample_sizes": [3, 5]}, USUAL | {"best"}),
                ({}, USUAL),
                ({"model": None}, USUAL - {"decomposition"}),
                ({"paths": 0}, USUAL - {"convergence"}),
                ({"model": {"coin": 1}}, USUAL - {"decomposition"}),
                ({"mode": "monte_carlo"}, USUAL - {"agreement"}),
                ({"truth": {"zipf": 5}, "model": {"uniform": 5}}, USUAL),
                ({"truth": {"coin": [0.1, 0.2, 0.3, 0.4]}}, USUAL | {"best"}),
            ],
        )
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else f"{len(value)}-pictures",
)
def test_pictures_are_drawn_where_there_is_something_to_draw(study: Study, changes: dict, expected: set[str]) -> None:
    results = study(**{"paths": 2, **changes})
    with style():
        rows = {name: PLOTS[name].data(results.tables) for name in usual()}
        assert {name for name in rows if not rows[name].empty} == expected
        for name in expected:
            before = rows[name].copy()
            figure = PLOTS[name].draw(rows[name])
            pd.testing.assert_frame_equal(rows[name], before)
            for axes in (axes for axes in figure.axes if axes.get_visible()):
                assert axes.get_xlabel()


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_picture_is_the_same_bytes_every_time_in_every_format_and_both_styles(study: Study) -> None:
    tables = study(paths=2).tables
    for kind, looks in product(FORMATS, ("paper", "slides")):
        with style(looks):
            one, two = (render(PLOTS["bias"].draw(PLOTS["bias"].data(tables)), kind) for _ in range(2))
        assert one == two
        assert one.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])


@pytest.mark.slow
def test_a_picture_does_not_depend_on_the_formats_it_was_drawn_in_before(study: Study) -> None:
    with style():
        rows = PLOTS["estimators"].data(study(paths=0).tables)
        alone, after = PLOTS["estimators"].draw(rows), PLOTS["estimators"].draw(rows)
        render(after, "svg")
        assert render(after, "png") == render(alone, "png")
        both = render_all(PLOTS["estimators"].draw(rows), ("svg", "png"))
        assert both == {kind: render(PLOTS["estimators"].draw(rows), kind) for kind in both}


@pytest.mark.slow
def test_pictures_from_the_files_are_those_from_the_run(study: Study) -> None:
    tables = study(paths=2, intervals=["delta"]).tables
    read = {name: read_table(to_csv(table)) for name, table in tables.items()}
    for name in PLOTS:
        ours, theirs = PLOTS[name].data(tables), PLOTS[name].data(read)
        assert to_csv(ours) == to_csv(theirs)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["convergence", "distribution"])
def test_results_of_older_runs_without_the_new_tables_can_be_drawn_all_the_same(study: Study, name: str) -> None:
    tables = {key: table for key, table in study(paths=2).tables.items() if key not in ("bands", "distribution")}
    assert PLOTS[name].data(tables).empty == (name == "distribution")


def test_bands_are_the_quantiles_of_every_sequence_of_flips() -> None:
    p, size = Fraction(3, 10), 7
    law = {n: math.comb(size, n) * p**n * (1 - p) ** (size - n) for n in range(size + 1)}
    [band] = [b for b in bands(plan_of(scenario_of(truth={"coin": "3/10"}, sample_sizes=[size], paths=1)))
              if b.sample_size == size and b.quantity == "p_hat"]  # fmt: skip
    low = min(n for n in law if sum(law[m] for m in range(n + 1)) >= Fraction(1, 40))
    high = min(n for n in law if sum(law[m] for m in range(n + 1)) >= Fraction(39, 40))
    assert (band.low, band.high) == (low / size, high / size)
    assert band.probability == pytest.approx(float(sum(law[n] for n in range(low, high + 1))), rel=1e-13)


@pytest.mark.parametrize("changes", [{}, {"model_sample_sizes": [4]}, {"truth": {"uniform": 3}, "model": {"zipf": 3}}])
def test_every_band_holds_its_level(changes: dict) -> None:
    found = list(bands(plan_of(scenario_of(paths=1, **changes))))
    assert found
    for band in found:
        assert 0.95 - 1e-12 <= band.probability <= 1 + 1e-12
        assert band.low <= band.high


def test_there_are_no_bands_without_paths_nor_where_outcomes_are_too_many() -> None:
    assert not list(bands(plan_of(scenario_of(paths=0))))
    wide = {"truth": {"uniform": 1000}, "model": None, "sample_sizes": [50]}
    assert max((band.sample_size for band in bands(plan_of(scenario_of(paths=1, **wide)))), default=0) < 5


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"model_sample_sizes": [20], "sample_sizes": [20]},
        {"truth": {"uniform": 6}, "model": {"zipf": 6}},
        {"truth": {"zipf": 200}, "model": None, "sample_sizes": [300]},
        {"mode": "monte_carlo"},
        {"mode": "exact"},
        {"model": {"coin": 1}},
    ],
    ids=str,
)
def test_probabilities_and_shares_of_a_law_sum_to_one_and_have_the_mean_of_the_summary(changes: dict) -> None:
    results = run(scenario_of(**changes), backend="serial")
    table, summary = results.tables["distribution"], results.summary
    assert len(table)
    for (condition, estimand), law in table.groupby(["condition", "estimand"]):
        assert len(law) <= MAX_DISTINCT
        for column in ("probability", "share"):
            if law[column].notna().any():
                assert law[column].sum() == pytest.approx(1, abs=1e-6)
        row = summary[(summary["condition"] == condition) & (summary["estimand"] == estimand)].iloc[0]
        exact = law["probability"].notna().all() and np.isfinite(law["high"]).all()
        if exact and (law["low"] == law["high"]).all():
            mean = (law["probability"] * law["low"]).sum()
            assert mean == pytest.approx(row["true_value"] + row["exact_bias"], abs=1e-6)


def test_the_laws_that_are_drawn_are_of_one_setting_whatever_is_left_out() -> None:
    coins, left_out = {"coin": [0.2, 0.5]}, [{"truth": "coin(p=0.2)", "sample_size": [4, 5]}]
    scenario = scenario_of(truth=coins, model=None, estimators=["plugin"], sample_sizes=[3, 4, 5], exclude=left_out)
    assert {
        (piece.condition.truth.label, piece.condition.sample_size)
        for piece in sampling_law(plan_of(scenario).seeded(1))
    } == {("coin(p=0.2)", 3)}


@pytest.mark.slow
def test_a_law_of_many_estimates_is_told_in_bins() -> None:
    pieces = list(sampling_law(plan_of(scenario_of(truth={"uniform": 6}, model=None, sample_sizes=[30])).seeded(7)))
    assert len(pieces) <= MAX_FEW
    assert all(piece.low < piece.high for piece in pieces)


@pytest.mark.slow
def test_the_new_tables_are_the_same_bytes_with_every_backend_and_more_workers(folder: Path) -> None:
    scenario = scenario_of(truth={"zipf": 200}, model=None, sample_sizes=[300], paths=1)
    found = [run(scenario, backend=name, workers=2).tables for name in ("serial", "threads", "processes")]
    for name in ("bands", "distribution"):
        assert len({to_csv(tables[name]) for tables in found}) == 1


def test_values_that_differ_by_roundings_are_one() -> None:
    values = np.array([0.3, 0.1 + 0.2, 1.0, np.nan, np.inf, np.inf])
    found, [weights] = distinct(values, np.ones(6))
    assert found.tolist() == [0.3, 1.0, np.inf]
    assert weights.tolist() == [2, 1, 2]
    assert distinct(np.array([np.nan]), np.ones(1))[0].size == 0


def test_bins_keep_all_the_weight_and_a_quantile_is_a_value() -> None:
    values, weights = np.arange(100.0), np.full(100, 0.01)
    edges, [sums] = binned(values, weights, [weights], 10, 0.05)
    assert sums.sum() == pytest.approx(1)
    assert (edges[0], edges[-1]) == (0, 99)
    low, high, probability = central(values, weights, 0.9)
    assert low in values
    assert high in values
    assert probability >= 0.9 - 1e-12


def rate_of(**columns: object) -> pd.Series:
    """The first row behind the rate picture of one estimator with these columns of summary.csv."""
    values = {"truth": "P", "model": None, "model_sample_size": None, "estimand": "entropy", "estimator": "e"}
    values |= {"unit": "nats", "true_value": 1.0, "bias_mcse": math.nan, "exact_bias": math.nan, "bias": math.nan}
    return PLOTS["rate"].data({"summary": pd.DataFrame(values | columns)}).iloc[0]


def test_the_slope_of_a_power_of_n_is_that_power() -> None:
    sizes = np.array([10, 20, 50, 100, 200])
    exact = rate_of(sample_size=sizes, exact_bias=-3.0 * sizes**-1.5)
    assert exact["slope"] == pytest.approx(-1.5)
    assert exact["slope_se"] == pytest.approx(0, abs=1e-7)
    simulated = rate_of(sample_size=sizes, bias=2.0 / sizes, bias_mcse=0.02 / sizes)
    assert simulated["slope"] == pytest.approx(-1)
    # By hand: Var = 1/Σ w (x − x̄)², with every weight (2/0.02)² = 10⁴.
    assert simulated["slope_se"] == pytest.approx(1 / (100 * math.sqrt(5 * np.var(np.log(sizes)))))


def test_no_slope_is_given_where_the_range_is_small_or_the_bias_drowned() -> None:
    assert "factor" in rate_of(sample_size=[10, 20, 30], exact_bias=[0.3, 0.2, 0.1])["note"]
    drowned = rate_of(sample_size=[10, 100, 1000], bias=[1e-3, 1e-4, 1e-5], bias_mcse=[1e-2] * 3)
    assert "drowned" in drowned["note"]
    assert math.isnan(drowned["slope"])
    assert "sign" in rate_of(sample_size=[10, 100, 1000], exact_bias=[-0.1, 0.01, 0.001])["note"]


def test_estimators_that_a_simulation_cannot_tell_apart_share_the_map(study: Study) -> None:
    few = {"mode": "monte_carlo", "replicates": 20, "truth": {"coin": [0.5, 0.6]}, "model": None}
    rows = PLOTS["best"].data(study(estimators=["plugin", "laplace", "miller_madow"], **few).tables)
    assert rows["tied"].max() > 1
    exact = PLOTS["best"].data(study(estimators=["plugin", "laplace"], **(few | {"mode": "exact"})).tables)
    assert (exact["tied"] == 1).all()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run, to be copied."""
    found = run(scenario_of(paths=2, plots=["decomposition"]), backend="serial", out=tmp_path_factory.mktemp("results"))
    assert found.folder is not None
    return found.folder


@pytest.fixture
def results(written: Path, folder: Path) -> Path:
    """A folder of results of its own."""
    return Path(shutil.copytree(written, folder / "results" / "small"))


@pytest.mark.slow
def test_plot_draws_from_the_files_and_tells_the_manifest(mcdiv_command: Command, results: Path) -> None:
    before = (results / "plots" / "decomposition.svg").read_bytes()
    drawn = ("--only", "decomposition,agreement", "--format", "pdf", "--style", "slides")
    assert "decomposition.pdf, agreement.pdf" in mcdiv_command("plot", str(results), *drawn).stdout
    mcdiv_command("plot", str(results), "--only", "decomposition")
    assert (results / "plots" / "decomposition.svg").read_bytes() == before
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert {"plots/agreement.pdf", "plots/decomposition.pdf", "plots/decomposition.svg", "summary.csv"} <= set(
        manifest["files"]
    )
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((results / name).read_bytes()).hexdigest() == entry["sha256"]
    assert not list(results.rglob("*.partial"))


@pytest.mark.slow
def test_plot_elsewhere_leaves_the_results_alone(mcdiv_command: Command, results: Path, folder: Path) -> None:
    before = (results / "manifest.json").read_bytes()
    done = mcdiv_command("plot", str(results), "--only", "rmse", "--only", "coverage", "-o", "slides")
    assert done.stderr == "coverage: these results have nothing to draw; it takes `intervals` in the scenario\n"
    assert [path.name for path in (folder / "slides").iterdir()] == ["rmse.svg"]
    assert (results / "manifest.json").read_bytes() == before


@pytest.mark.slow
def test_plot_draws_some_of_a_study_and_says_how_much_of_it(mcdiv_command: Command, results: Path) -> None:
    chosen = ["--estimand", "entropy", "-e", "plugin", "--format", "png", "--split", "-o", "some"]
    done = mcdiv_command("plot", str(results), "bias", "estimators", *chosen)
    # One estimator has no other beside it.
    assert done.stderr == "estimators: these results have nothing to draw\n"
    assert done.stdout == "wrote some/: bias-1.png\n"
    study = read_tables(results)
    rows = PLOTS["bias"].data(select(study, Selection(estimators="plugin")), study)
    count = study["summary"]["estimator"].nunique()
    assert set(rows["estimator"]) == {"plugin"}
    assert f"1 of {count} estimators" in rows["shown"].iloc[0]


def test_the_best_of_some_estimators_is_the_best_of_these(study: Study) -> None:
    three = study(
        truth={"coin": [0.5, 0.6]}, model=None, mode="exact", estimators=["plugin", "laplace", "zhang"]
    ).tables
    two = PLOTS["best"].data(select(three, Selection(estimators=["plugin", "zhang"])), three)
    rmse = three["summary"].set_index(["condition", "estimator"])["exact_rmse"]
    for row in two.itertuples():
        assert row.best_rmse == min(rmse[row.condition, "plugin"], rmse[row.condition, "zhang"])
    assert "2 of 3 estimators" in two["shown"].iloc[0]


#: what a study of one truth and one model by N has not
TAKEN = [
    ("coverage", "`intervals` in the scenario"),
    ("pooled", "`pool` in the scenario"),
    ("nested_loop", "two or more factors that vary"),
    ("heatmap", "two or more factors that vary"),
]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--only", "bais"], "unknown plot 'bais'; did you mean 'bias'?"),
        *quick(
            0,
            [
                (["--only", ""], "unknown plot ''; expected one of: " + ", ".join(sorted(PLOTS))),
                (["--format", "gif"], "unknown format 'gif'; expected one of: pdf, png, svg"),
                (["--style", "slide"], "unknown style 'slide'; did you mean 'slides'?"),
                (["--truth", "0.9"], "--truth 0.9: these results have no such truth; expected one of: coin(p=0.5)"),
                *[([name], f"{name}: these results have nothing to draw; it takes {what}") for name, what in TAKEN],
            ],
        ),
    ],
)
def test_what_plot_cannot_do_is_one_line(
    mcdiv_command: Command, results: Path, arguments: list[str], message: str
) -> None:
    assert mcdiv_command("plot", str(results), *arguments, code=2).stderr == f"{message}\n"


def test_plot_names_a_table_that_was_edited_and_a_folder_that_has_no_results(
    mcdiv_command: Command, results: Path, folder: Path
) -> None:
    with (results / "bands.csv").open("a", encoding="utf-8") as handle:
        handle.write("x\n")
    assert "bands.csv: not as it was written" in mcdiv_command("plot", str(results), code=2).stderr
    (results / "bands.csv").unlink()
    assert "bands.csv" in mcdiv_command("plot", str(results), code=2).stderr
    assert "there is no such folder" in mcdiv_command("plot", "nowhere", code=2).stderr
    (folder / "empty").mkdir()
    assert "holds no results" in mcdiv_command("plot", "empty", code=2).stderr
    begun = {"name": "small", "status": "interrupted", "files": {}}
    (folder / "empty" / "manifest.json").write_text(json.dumps(begun), encoding="utf-8")
    assert "interrupted" in mcdiv_command("plot", "empty", code=2).stderr


def test_the_name_of_a_run_in_place_of_its_folder_is_answered_with_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results" / "small").mkdir(parents=True)
    (tmp_path / "results" / "small" / "manifest.json").write_text("{}", encoding="utf-8")
    for name, told in (("small", "small: there is no such folder; did you mean 'results/small'?"), ("other", "folder")):
        with pytest.raises(StoreError, match=f"{re.escape(told)}$"):
            read_tables(Path(name))


def test_plots_are_listed_with_what_they_show(mcdiv_command: Command) -> None:
    listed = json.loads(mcdiv_command("list", "plots", "--json").stdout)
    assert [entry["name"] for entry in listed] == list(PLOTS)
    assert all(30 < len(entry["about"]) < 400 for entry in listed)


@pytest.mark.slow
def test_paths_of_a_run_without_bands_are_drawn_without_them(study: Study) -> None:
    tables = {name: table for name, table in study(paths=2).tables.items() if name != "bands"}
    with style():
        rows = PLOTS["convergence"].data(tables)
        assert set(rows["kind"]) == {"exact", "path"}
        assert len(PLOTS["convergence"].draw(rows).axes) > 1


@pytest.mark.slow
def test_the_normal_law_beside_estimates_that_can_be_infinite_has_the_mass_of_the_finite_ones() -> None:
    support = {"truth": {"categorical": [0.5, 0.3, 0.15, 0.05]}, "model": {"categorical": [0.5, 0.3, 0.2, 0]}}
    study = scenario_of(**support, sample_sizes=[5, 20, 80], estimators=["plugin"], mode="exact")
    rows = PLOTS["distribution"].data(run(study, backend="serial").tables)
    with style():
        figure = PLOTS["distribution"].draw(rows[rows["estimand"] == "kl_divergence"])
    heights = [np.ptp(line.get_ydata()) for axes in figure.axes for line in axes.lines if line.get_ls() == "--"]
    # At N = 80, 0.95^80 = 1.7 % of the estimates are finite.
    assert heights[-1] < 0.95**80


@pytest.mark.parametrize(("estimand", "truth", "size"), [
    ("kl_divergence", {"coin": 0.3}, 20),  # values from either side of the truth, in between each other
    ("kl_divergence", {"categorical": [0.6, 0.3, 0.1]}, 9),
    ("cross_entropy", {"coin": 0.3}, 200),  # even stems, which are nearly normal
])  # fmt: skip
def test_the_normal_law_beside_stems_has_its_own_shape_and_their_height(
    estimand: str, truth: dict[str, object], size: int
) -> None:
    model = {"coin": 0.6} if "coin" in truth else {"uniform": 3}
    of = {"truth": truth, "model": model, "estimands": [estimand], "sample_sizes": [size], "estimators": ["plugin"]}
    rows = PLOTS["distribution"].data(run(scenario_of(**of, mode="exact"), backend="serial").tables)
    with style():
        figure = PLOTS["distribution"].draw(rows)
    [curve] = [line for line in figure.axes[0].lines if line.get_ls() == "--"]
    x, y = (np.asarray(column) for column in curve.get_data())
    z = (x - rows["mean"].iloc[0]) / rows["sd"].iloc[0]
    scale = y / np.exp(-(z**2) / 2)
    assert np.ptp(scale) < 1e-9 * scale[0]
    largest = rows["probability"].max()
    assert 0.5 * largest < scale[0] < 1.5 * largest
    if estimand == "cross_entropy":
        assert scale[0] == pytest.approx(largest, rel=0.01)


def test_the_coverage_picture_says_around_which_estimator_the_intervals_are() -> None:
    coins = {"truth": {"coin": 0.3}, "intervals": ["delta"], "sample_sizes": [5, 10], "mode": "exact"}
    tables = run(scenario_of(**coins, estimators=["plugin", "zhang"]), backend="serial").tables
    with style():
        title = PLOTS["coverage"].draw(PLOTS["coverage"].data(tables)).get_suptitle()
    assert "estimator plugin, Q = coin(p=0.6)" in " ".join(title.split())


@pytest.mark.slow
def test_simulated_bars_do_not_look_like_exact_ones() -> None:
    # At N = 20 every outcome is listed, at N = 80 none is.
    study = scenario_of(truth={"uniform": 6}, model=None, sample_sizes=[20, 80], estimators=["plugin"])
    with style():
        figure = PLOTS["distribution"].draw(PLOTS["distribution"].data(run(study, backend="serial").tables))
    colours = [{bar.get_facecolor() for bar in axes.patches} for axes in figure.axes]
    assert [len(colour) for colour in colours] == [1, 1]
    assert colours[0] != colours[1]


def test_an_axis_of_sample_sizes_has_no_label_below_one_draw() -> None:
    assert [count(n) for n in (0.1, 0.5, 1, 2, 1000, 20_000)] == ["", "", "1", "2", "1,000", "20k"]


@pytest.mark.slow
def test_where_m_goes_along_with_n_there_is_one_panel_over_n(study: Study) -> None:
    sizes = {"sample_sizes": [3, 5, 8], "estimators": ["laplace"], "estimands": ["kl_divergence"]}
    for model_sizes, told in (([3, 5, 8], "M = N"), ([6, 10, 16], "M = 6 to 16")):
        together = study(**sizes, model_sample_sizes=model_sizes, zip=["sample_sizes", "model_sample_sizes"])
        with style():
            rows = PLOTS["bias"].data(together.tables)
            figure = PLOTS["bias"].draw(rows)
        assert len(rows) == 3 and len([axes for axes in figure.axes if axes.get_visible()]) == 1
        assert told in figure.get_suptitle()
    # One truth for each N: then M is one number in each setting.
    apart = study(**sizes, truth={"coin": [0.2, 0.3, 0.4]}, model_sample_sizes=[3, 5, 8], zip=[
        "truth.coin", "sample_sizes", "model_sample_sizes"
    ])  # fmt: skip
    assert set(PLOTS["bias"].data(apart.tables)["model_sample_size"]) == {3, 5, 8}


@pytest.mark.slow
def test_means_over_truths_have_a_picture_of_their_own(study: Study) -> None:
    pooled = study(truth={"coin": [0.2, 0.3, 0.5]}, pool="truth", sample_sizes=[3, 8], estimands=["entropy"])
    with style():
        rows = PLOTS["pooled"].data(pooled.tables)
        figure = PLOTS["pooled"].draw(rows)
    assert set(rows["measure"]) == {"bias", "rmse"} and set(rows["sample_size"]) == {3, 8}
    assert [axes.get_ylabel() for axes in figure.axes] == ["mean bias of H(P) [nats]", "RMSE of H(P) [nats]"]
    assert figure.get_suptitle().startswith("Means over 3 truths ± 2 MCSE")
    assert PLOTS["pooled"].data(study(paths=0).tables).empty
