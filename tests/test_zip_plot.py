"""The zip plot: intervals of replicates, ranked by how far off their estimates are."""

import math
from collections.abc import Mapping
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import quick
from conftest import Command
from legibility import illegible
from matplotlib.colors import to_rgba
from small import scenario_of, small

from mcdiv.engine.plan import plan_of
from mcdiv.engine.ranked_intervals import at_centiles
from mcdiv.engine.saving import saving_problems
from mcdiv.files.yaml_text import write_text
from mcdiv.results.csv_tables import read_table, to_csv
from mcdiv.results.plots import PLOTS, STYLES, render, style
from mcdiv.results.plots.zip_plot import _COVERS, _MISSES
from mcdiv.results.run import run

COIN = {"truth": {"coin": 0.7}, "model": None, "estimands": ["entropy"], "estimators": ["plugin"], "sample_sizes": [6]}


def test_a_study_without_what_a_zip_plot_takes_says_so() -> None:
    results = run(scenario_of(**COIN, intervals=["delta"], replicates=100), backend="serial")
    with pytest.raises(ValueError, match="nothing to draw; it takes the intervals of replicates, which a run"):
        results.plot("zip")


def tables_of(**changes: Any) -> Mapping[str, pd.DataFrame]:
    return run(scenario_of(**{**COIN, "intervals": ["delta"], "save": "estimates", **changes}), backend="serial").tables


def plain_entropy(p: float) -> float:
    return -sum(x * math.log(x) for x in (p, 1 - p) if x > 0)


def enumerated() -> list[tuple[float, float, float, float]]:
    """All outcomes of six flips by |z|: |z|, probability, and the ends of the delta interval, by its formula."""
    true, found = plain_entropy(0.7), list[tuple[float, float, float, float, float]]()
    for heads in range(7):
        p = heads / 6
        h = plain_entropy(p)
        square = sum(x * math.log(x) ** 2 for x in (p, 1 - p) if x > 0) - h**2
        se = math.sqrt(max(square, 0) / 6)
        z = abs(h - true) / se if se > 1e-12 else math.inf
        half = 1.959963984540054 * se
        found.append((z, abs(h - true), comb(6, heads) * 0.7**heads * 0.3 ** (6 - heads), h - half, h + half))
    return [(z, probability, low, high) for z, _, probability, low, high in sorted(found)]


def test_the_interval_at_a_centile_is_that_of_the_outcome_which_all_of_them_have_there() -> None:
    table = tables_of(mode="exact")["zip"]
    assert len(table) == 200
    outcomes = enumerated()
    below = np.cumsum([probability for _, probability, _, _ in outcomes])
    for centile, size, low, high, covers in table[["centile", "size", "low", "high", "covers"]].itertuples(index=False):
        z, _, lowest, highest = outcomes[int(np.searchsorted(below, centile))]
        assert size == pytest.approx(z, rel=1e-9)
        assert (low, high) == pytest.approx((lowest, highest), abs=1e-9)
        assert covers == (lowest <= plain_entropy(0.7) <= highest)
    assert table["replicates"].eq(0).all()


def test_the_share_of_centiles_that_cover_is_the_coverage_to_a_centile() -> None:
    for changes in ({"mode": "exact"}, {}, {"truth": {"zipf": 40}, "sample_sizes": [100], "replicates": 400}):
        tables = tables_of(**changes)
        coverage = tables["intervals"]["coverage"].iloc[0]
        assert abs(tables["zip"]["covers"].astype(float).mean() - coverage) <= 1 / 200


def test_where_there_are_few_replicates_all_of_them_are_there() -> None:
    changes: dict[str, Any] = {"truth": {"zipf": 40}, "sample_sizes": [100], "replicates": 60}
    tables = tables_of(**changes)
    table = tables["zip"]
    assert len(table) == 60
    assert table["size"].is_monotonic_increasing
    summary = tables["summary"].iloc[0]
    assert table["estimate"].mean() == pytest.approx(summary["mean"], rel=1e-12)
    assert table["estimate"].std(ddof=1) == pytest.approx(summary["sd"], rel=1e-9)
    assert table["covers"].astype(float).mean() == pytest.approx(tables["intervals"]["coverage"].iloc[0], rel=1e-12)


def test_a_weight_counts_as_so_many_values_and_what_has_no_size_is_last() -> None:
    sizes, weights = np.array([2.0, math.nan, 0.5, math.inf]), np.array([1.0, 2.0, 3.0, 2.0])
    chosen, centiles = at_centiles(sizes, sizes, weights, 8)
    assert chosen.tolist() == [2, 2, 2, 0, 3, 3, 1, 1]
    assert centiles.tolist() == [x / 16 for x in range(1, 16, 2)]
    assert at_centiles(sizes, sizes, weights, 2)[0].tolist() == [2, 3]
    ties = np.full(3, math.inf)
    assert at_centiles(ties, np.array([0.3, 0.1, 0.2]), np.ones(3), 3)[0].tolist() == [1, 2, 0]


def test_an_interval_without_a_standard_error_is_ranked_by_its_error() -> None:
    table = tables_of(mode="exact", intervals=["clopper_pearson"])["zip"]
    assert table["ranked_by"].eq("abs_error").all()
    assert table["size"].to_numpy() == pytest.approx((table["estimate"] - plain_entropy(0.7)).abs().to_numpy())
    bits = tables_of(mode="exact", intervals=["clopper_pearson"], units="bits")["zip"]
    assert bits["size"].to_numpy() == pytest.approx(table["size"].to_numpy() / math.log(2))
    z = tables_of(mode="exact", units="bits")["zip"]["size"]
    assert z.to_numpy() == pytest.approx(tables_of(mode="exact")["zip"]["size"].to_numpy())


def test_without_kept_intervals_there_is_no_such_table() -> None:
    for changes in ({"save": None}, {"intervals": None}, {"save": "outcomes"}):
        tables = tables_of(**changes)
        assert "zip" not in tables
        assert "zip" not in list(tables)
        assert PLOTS["zip"].data(tables).empty


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"save": None}, "zip shows the intervals of replicates; give 'save: estimates'"),
        (
            {"save": None, "intervals": None},
            "zip shows the intervals of replicates; give 'intervals' and 'save: estimates'",
        ),
        ({"intervals": None}, "zip shows the intervals of replicates; give 'intervals'"),
    ],
)
def test_a_zip_plot_of_what_is_not_kept_is_refused(changes: dict[str, Any], said: str) -> None:
    scenario = scenario_of(**{**COIN, "intervals": ["delta"], "save": "estimates", "plots": ["bias", "zip"], **changes})
    (problem,) = saving_problems(plan_of(scenario))
    assert (problem.path, problem.text()) == (("plots", 1), f"plots[1]: {said}")


@pytest.mark.slow
def test_lines_have_the_colour_of_what_they_do_and_the_title_says_how_many_there_are() -> None:
    tables = tables_of(truth={"zipf": 40}, sample_sizes=[100], replicates=1000)
    rows = PLOTS["zip"].data(tables)
    with style():
        figure = PLOTS["zip"].draw(rows)
    assert "200 of 1,000 replicates, at even centiles" in figure.get_suptitle()
    assert "ranked by |z|" in figure.get_suptitle()
    (axes,) = (axes for axes in figure.axes if axes.get_visible())
    drawn = {tuple(lines.get_color()[0]): len(lines.get_segments()) for lines in axes.collections}
    covers = int(rows["covers"].sum())
    assert drawn[to_rgba(_COVERS)] == covers
    assert drawn.get(to_rgba(_MISSES), 0) == 200 - covers
    exact = PLOTS["zip"].data(tables_of(mode="exact"))
    with style():
        title = PLOTS["zip"].draw(exact).get_suptitle()
    assert "Exact: the intervals at 200 even centiles of their law" in " ".join(title.split())


@pytest.mark.slow
@pytest.mark.parametrize("kind", quick(1, STYLES))
def test_a_zip_plot_can_be_read_in_every_style(kind: str) -> None:
    model = {"model": {"coin": 0.4}, "estimands": None, "estimators": ["plugin", "miller_madow"]}
    rows = PLOTS["zip"].data(tables_of(**model, sample_sizes=[5, 10, 20, 40], intervals=["delta", "clopper_pearson"]))
    assert rows["shown"].iloc[0] == "1 of 3 estimands, 3 of 4 sample sizes N shown"
    with style(kind):
        figure = PLOTS["zip"].draw(rows)
        render(figure, "png")
        assert illegible(figure) == []


@pytest.mark.slow
def test_the_table_of_a_run_is_that_of_its_files_and_plot_draws_from_it(mcdiv_command: Command, folder: Path) -> None:
    changes: dict[str, Any] = {**COIN, "intervals": ["delta"], "save": "estimates", "plots": ["zip"]}
    (folder / "s.yaml").write_text(write_text(small(**changes)), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    written = (folder / "results" / "small" / "zip.csv").read_text(encoding="utf-8")
    assert written == to_csv(tables_of()["zip"])
    pd.testing.assert_frame_equal(read_table(written), read_table(to_csv(read_table(written))))
    assert (folder / "results" / "small" / "plots" / "zip.svg").exists()
    report = (folder / "results" / "small" / "report.html").read_bytes()
    mcdiv_command("report", "results/small")
    assert (folder / "results" / "small" / "report.html").read_bytes() == report
    assert "zip.svg" in mcdiv_command("plot", "results/small", "zip", "-e", "plugin").stdout
