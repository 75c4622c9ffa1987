"""Many samples: one table with a row for each, sorted as asked, and a picture of estimates with intervals."""

import math
from pathlib import Path

import pandas as pd
import pytest
from conftest import Command

import mcdiv
from mcdiv.results.sample_picture import draw

#: site i has i + 1 equally frequent species
SITES = 12


def _table(sites: int = SITES) -> str:
    rows = [f"sp{k}," + ",".join("8" if k <= i else "0" for i in range(sites)) for k in range(sites)]
    return "\n".join(["species," + ",".join(f"site{i + 1}" for i in range(sites)), *rows]) + "\n"


@pytest.fixture
def many(folder: Path) -> Path:
    (folder / "t.csv").write_text(_table())
    return folder / "t.csv"


def test_many_samples_are_one_table_with_a_row_for_each(mcdiv_command: Command, many: Path) -> None:
    told = mcdiv_command("estimate", "t.csv", "--samples", "columns", "-e", "plugin").stdout
    rows = [line.split() for line in told.splitlines() if line.strip().startswith("site")]
    assert [row[0] for row in rows] == [f"site{i + 1}" for i in range(SITES)]
    assert [row[1] for row in rows] == [str(8 * (i + 1)) for i in range(SITES)]
    assert [float(row[-2]) for row in rows] == pytest.approx([math.log(i + 1) for i in range(SITES)], abs=0.01)
    assert "--output has the standard errors and intervals of all 12 samples" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sort", "first"),
    [("plugin", "site12"), ("draws", "site12"), ("seen", "site12"), ("coverage", "site1"), ("name", "site1")],
)
def test_samples_are_sorted_as_asked(mcdiv_command: Command, many: Path, sort: str, first: str) -> None:
    options = ("--samples", "columns", "-e", "plugin", "--sort", sort)
    told = mcdiv_command("estimate", "t.csv", *options).stdout
    assert next(line.split()[0] for line in told.splitlines() if line.strip().startswith("site")) == first
    found = mcdiv.estimates(many, samples="columns", estimators="plugin").by_sample(sort=sort)
    assert found["group"][0] == first
    if sort == "name":
        assert found["group"].tolist() == sorted(found["group"])


@pytest.mark.slow
def test_an_order_that_is_none_is_refused_before_anything_is_written(mcdiv_command: Command, many: Path) -> None:
    options = ("--samples", "columns", "-e", "plugin", "-o", "o.csv", "--sort", "plugn")
    assert "--sort: unknown order" in mcdiv_command("estimate", "t.csv", *options, code=2).stderr
    assert not (many.parent / "o.csv").exists()
    with pytest.raises(ValueError, match="sort: unknown order"):
        mcdiv.estimates(many, samples="columns").by_sample(sort="plugn")
    with pytest.raises(ValueError, match="unknown estimand"):
        mcdiv.estimates(many, samples="columns").by_sample("entropi")


def test_how_many_samples_have_what_limits_trust(mcdiv_command: Command, folder: Path) -> None:
    groups = [["a"] * 5 + ["b"] * 5 if i < 9 else [f"s{k}" for k in range(10)] for i in range(12)]
    (folder / "g.csv").write_text("g,s\n" + "".join(f"g{i},{s}\n" for i, group in enumerate(groups) for s in group))
    told = mcdiv_command("estimate", "g.csv", "--by", "g", "--column", "s", "-e", "plugin").stdout
    assert "In 3 of 12 samples the estimated coverage C = 1 − f₁/N is below 90 %." in told
    assert "In 3 of 12 samples every draw is of a different category" in told


def test_few_samples_are_a_table_where_an_order_is_asked_for(mcdiv_command: Command, folder: Path) -> None:
    (folder / "t.csv").write_text(_table(3))
    assert "site2:" in mcdiv_command("estimate", "t.csv", "--samples", "columns", "-e", "plugin").stdout
    told = mcdiv_command("estimate", "t.csv", "--samples", "columns", "-e", "plugin", "--sort", "draws").stdout
    assert "site2:" not in told
    assert told.index("site3") < told.index("site1")


def test_shares_of_unknown_draws_have_no_number_of_draws(mcdiv_command: Command, folder: Path) -> None:
    rows = "".join(f"g{i},{c},{p}\n" for i in range(12) for c, p in (("a", 0.25), ("b", 0.75)))
    (folder / "w.csv").write_text("g,c,share\n" + rows)
    told = mcdiv_command("estimate", "w.csv", "--by", "g", "--column", "c", "--layout", "probabilities").stdout
    row = next(line.split() for line in told.splitlines() if line.strip().startswith("g0"))
    assert row == ["g0", "–", "2", "–", "0.562335", "–"]  # −¼ ln ¼ − ¾ ln ¾


@pytest.mark.parametrize("sites", [3, 45])
def test_a_picture_has_each_estimate_and_its_interval(folder: Path, sites: int) -> None:
    (folder / "t.csv").write_text(_table(sites))
    found = mcdiv.estimates(folder / "t.csv", samples="columns", estimators=["plugin", "chao_shen"])
    order = found.by_sample(sort="draws")["group"].tolist()
    (axes,) = draw(found.table, order).axes
    plugin = next(line for line in axes.lines if line.get_label() == "plugin")
    values = plugin.get_xdata() if sites < 40 else plugin.get_ydata()
    named = dict(zip(found.table[found.table.estimator == "plugin"]["group"], values, strict=True))
    assert named == pytest.approx({f"site{i + 1}": math.log(i + 1) for i in range(sites)})
    assert sum(len(lines.get_segments()) for lines in axes.collections) == 2 * sites
    if sites < 40:
        assert [each.get_text() for each in axes.get_yticklabels()] == ["site3", "site2", "site1"]


@pytest.mark.slow
def test_the_command_draws_what_python_draws(mcdiv_command: Command, many: Path) -> None:
    options = ("--samples", "columns", "-e", "plugin", "--plot", "p.svg")
    assert "wrote p.svg" in mcdiv_command("estimate", "t.csv", *options).stdout
    assert (many.parent / "p.svg").read_text().startswith("<?xml")
    assert "p.svg" in mcdiv_command("estimate", "t.csv", *options, code=2).stderr
    assert mcdiv.estimates(many, samples="columns").draw(sort="name").axes
    assert "--plot" in mcdiv_command("estimate", "t.csv", "--samples", "columns", "--plot", "p.gif", code=2).stderr
    assert isinstance(mcdiv.estimates(many, samples="columns").by_sample(), pd.DataFrame)
