"""The nested-loop plot: a measure in all conditions of a grid, above the steps of its factors."""

import math
from collections.abc import Mapping
from itertools import product
from math import comb
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cases import quick
from conftest import Command
from legibility import illegible
from matplotlib.figure import Figure
from small import scenario_of, small

from mcdiv.files.yaml_text import write_text
from mcdiv.results.plots import PLOTS, STYLES, render, style
from mcdiv.results.plots import nested_loop as module
from mcdiv.results.run import run

GRID: dict[str, Any] = {
    "truth": {"coin": [0.3, 0.1]},
    "model": {"coin": [0.4, 0.6]},
    "estimands": ["entropy"],
    "estimators": ["plugin"],
    "sample_sizes": [3, 2],
}
PICTURE = PLOTS["nested_loop"]


def tables_of(**changes: Any) -> Mapping[str, pd.DataFrame]:
    return run(scenario_of(**{**GRID, **changes}), backend="serial").tables


def bias_of_plugin(p: float, size: int) -> float:
    """By all outcomes of so many flips."""

    def entropy(p: float) -> float:
        return -sum(x * math.log(x) for x in (p, 1 - p) if x > 0)

    law = [(comb(size, heads) * p**heads * (1 - p) ** (size - heads), heads / size) for heads in range(size + 1)]
    return sum(weight * entropy(share) for weight, share in law) - entropy(p)


def drawn(rows: pd.DataFrame, kind: str = "paper") -> Figure:
    with style(kind):
        figure = PICTURE.draw(rows)
        render(figure, "png")
    return figure


def test_conditions_come_in_nested_order_with_the_value_of_each() -> None:
    rows = PICTURE.data(tables_of(mode="exact"))
    expected = list(product([0.1, 0.3], [0.4, 0.6], [2, 3]))
    assert rows["step"].tolist() == list(range(1, 9))
    assert list(rows[["truth_p", "model_p", "sample_size"]].itertuples(index=False, name=None)) == expected
    assert rows["value"].to_numpy() == pytest.approx([bias_of_plugin(p, size) for p, _, size in expected], rel=1e-12)
    assert rows["exact"].all()


@pytest.mark.slow
def test_a_line_has_a_step_for_each_condition_and_each_factor_has_its_own_below() -> None:
    rows = PICTURE.data(tables_of(mode="exact"))
    (axes,) = drawn(rows).axes
    value, *_ = axes.lines
    assert value.get_xdata().tolist() == [end for step in range(1, 9) for end in (step - 0.5, step + 0.5)]
    assert value.get_ydata().tolist() == [value for value in rows["value"] for _ in range(2)]
    assert [text.get_text() for text in axes.texts] == ["p of P: 0.1, 0.3", "p of Q: 0.4, 0.6", "N: 2, 3"]
    traces = [line.get_ydata()[::2] for line in axes.lines[-4:-1]]
    levels = [(trace > trace.min()).astype(int).tolist() for trace in traces]
    assert levels == [[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1]]
    assert max(trace.max() for trace in traces) < rows["value"].min()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"truth": {"coin": 0.3}, "model": {"coin": 0.4}},
        {"sample_sizes": [3], "model": {"coin": 0.4}},
        {"truth": {"uniform": {"k": [2, 3]}}, "model": None, "zip": ["truth.uniform.k", "sample_sizes"]},
    ],
)
def test_one_factor_is_no_grid(changes: dict[str, Any]) -> None:
    assert PICTURE.data(tables_of(mode="exact", **changes)).empty


@pytest.mark.slow
def test_the_title_says_where_values_come_from_and_what_they_leave_out() -> None:
    def title(**changes: Any) -> str:
        return " ".join(drawn(PICTURE.data(tables_of(**changes))).get_suptitle().split())

    assert title(mode="exact") == "Bias by condition: exact p of P changes slowest, N fastest"
    assert "simulated, bands ± 2 MCSE" in title(mode="monte_carlo")
    sampled = {"model_sample_sizes": [2], "estimands": ["kl_divergence"], "mode": "exact"}
    assert "exact; of finite estimates only" in title(**sampled)
    # Where Q lacks what P has, no estimate is finite.
    part = {"model": {"coin": [0, 0.6]}, "estimands": ["cross_entropy"], "mode": "exact"}
    assert "a gap is no finite value" in title(**part)


@pytest.mark.slow
def test_any_measure_can_be_shown_those_of_intervals_too() -> None:
    tables = tables_of(mode="exact", intervals=["delta"])
    coverage = PICTURE.data(tables, measure="coverage")
    known = tables["intervals"].set_index("condition")["coverage"]
    assert sorted(coverage["value"]) == pytest.approx(sorted(known))
    assert coverage["series"].eq("delta").all()
    (axes,) = drawn(coverage).axes
    best = next(line for line in axes.lines if set(line.get_ydata()) == {0.95})
    assert len(best.get_xdata()) == 16
    assert axes.get_ylabel().startswith("coverage of H(P)")


def test_of_very_many_conditions_the_first_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_STEPS", 5)
    rows = PICTURE.data(tables_of(mode="exact"))
    assert rows["shown"].iloc[0] == "2 of 4 settings shown"
    assert rows["step"].tolist() == [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("kind", quick(1, STYLES))
def test_a_nested_loop_plot_can_be_read_in_every_style(kind: str) -> None:
    families = [
        {"zipf": {"k": 4, "s": [1, 2]}},
        {"uniform": [3, 5]},
        {"dirichlet": {"k": 5, "alpha": 0.5, "seed": [1, 2]}},
    ]
    rows = PICTURE.data(tables_of(truth=families, model=None, estimators=["plugin", "miller_madow"]))
    figure = drawn(rows, kind)
    assert illegible(figure) == []
    truths = dict.fromkeys(rows["truth"])
    assert len(truths) == 6
    # Levels are in the order of the steps, in as many lines as they need.
    assert " ".join(figure.axes[0].texts[0].get_text().split()) == f"P: {', '.join(truths)}"


@pytest.mark.slow
def test_of_very_many_levels_the_first_and_the_last_are_named() -> None:
    rows = PICTURE.data(tables_of(truth={"uniform": list(range(2, 72))}, model=None, mode="exact", sample_sizes=[1, 2]))
    words = drawn(rows).axes[0].texts[0].get_text()
    assert words == "k of P: 2 … 71 (70 levels)"


@pytest.mark.slow
def test_it_is_drawn_where_it_is_named_and_with_the_measure_asked_for(mcdiv_command: Command, folder: Path) -> None:
    changes = {**GRID, "mode": "exact", "plots": ["nested_loop"]}
    (folder / "s.yaml").write_text(write_text(small(**changes)), encoding="utf-8")
    mcdiv_command("run", "s.yaml", "-q")
    assert (folder / "results" / "small" / "plots" / "nested_loop.svg").exists()
    said = mcdiv_command("plot", "results/small", "nested_loop", "--measure", "rmse").stdout
    assert "nested_loop-rmse.svg" in said
