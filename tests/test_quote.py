"""What `mcdiv estimate --advise` says to quote: intervals ranked by coverage, or the reason why none is trusted."""

import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import Command
from scipy.stats import multinomial

import mcdiv
from mcdiv.observed import interval_advice
from mcdiv.observed.quote import quotes

SMALL = "c,n\na,12\nb,6\nc,2\n"


def _last(table: str, tmp_path: Path, **arguments: object) -> str:
    path = tmp_path / "t.csv"
    path.write_text(table)
    return mcdiv.estimates(path, advise=True, **arguments).sentences[""][-1]  # type: ignore[arg-type]


def _exact_coverage() -> float:
    """Of the plug-in ± 1.96 first-order standard errors, for 20 draws from (12, 6, 2)/20, by listing all samples."""
    p, covered = np.array([12, 6, 2]) / 20, 0.0
    true_value = -float((p * np.log(p)).sum())
    for a, b in itertools.product(range(21), repeat=2):
        if a + b > 20:
            continue
        shares = np.array([a, b, 20 - a - b]) / 20
        shares = shares[shares > 0]
        entropy = -float((shares * np.log(shares)).sum())
        error = math.sqrt(max(0.0, float((shares * np.log(shares) ** 2).sum()) - entropy**2) / 20)
        if abs(entropy - true_value) <= 1.959963984540054 * error + 1e-12:
            covered += float(multinomial.pmf([a, b, 20 - a - b], 20, p))
    return covered


@pytest.fixture
def advised(tmp_path: Path) -> pd.DataFrame:
    (tmp_path / "t.csv").write_text(SMALL)
    return mcdiv.estimates(tmp_path / "t.csv", advise=True).table


def test_coverage_is_that_of_all_samples(advised: pd.DataFrame) -> None:
    (found,) = advised[(advised.estimator == "plugin") & (advised.interval == "delta")].to_dict("records")
    assert found["interval_coverage"] == pytest.approx(_exact_coverage(), abs=1e-12)
    assert found["interval_coverage_mcse"] == 0


def test_every_estimator_compared_has_its_errors_in_the_table(advised: pd.DataFrame) -> None:
    assert "jackknife" in set(advised.estimator)  # compared, and not among the usual ones
    assert advised.groupby("estimator").rmse.nunique().eq(1).all()
    assert advised.loc[advised["rank"] == 1, "estimator"].eq("chao_shen").all()


@pytest.mark.slow
def test_intervals_that_cover_are_ranked_by_width_and_the_others_by_coverage(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("c,n\na,28\nb,12\n")
    names = ["plugin", "miller_madow", "james_stein", "zhang"]
    table = mcdiv.estimates(path, model=0.5, estimands="kl_divergence", estimators=names, advise=True).table
    ranked = table[table.interval_rank.notna()].sort_values("interval_rank", kind="stable")
    covers = ranked.interval_coverage >= 0.94
    assert covers.any()
    assert not covers.all()
    assert covers.is_monotonic_decreasing
    assert ranked[covers].interval_width.round(9).is_monotonic_increasing
    assert ranked[~covers].interval_coverage.is_monotonic_decreasing


@pytest.mark.slow
def test_the_last_line_quotes_an_interval_with_its_coverage(mcdiv_command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("c,n\na,60\nb,40\n")
    told = mcdiv_command("estimate", "t.csv", "--alphabet-size", "2", "--advise", "-o", "o.csv").stdout
    last = [line for line in told.splitlines() if line][-2]
    assert last.startswith("Quote H(P) = 0.67")
    assert "of samples, to the extent" in last
    rows = pd.read_csv(tmp_path / "o.csv")
    (chosen,) = rows[rows.quoted].to_dict("records")
    assert f"{chosen['interval']} around {chosen['estimator']}" in last
    assert f"in exactly {100 * chosen['interval_coverage']:.4g} %" in last


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "why"),
    [
        (SMALL, "none of them covers in about 95 % of samples; jackknife around grassberger_2003 comes closest"),
        ("c,n\na,5\n", "all draws are of one category"),
        ("c,n\n" + "".join(f"c{i},1\n" for i in range(5)), "every draw is of a different category"),
        ("c,n\n" + "".join(f"c{i},2\n" for i in range(12)) + "x,30\ny,40\n", "rare categories seem to be missing"),
        ("c\n" + "a\na\na\na\nb\nb\nb\nb\n" * 20, "successive draws do not look independent"),
    ],
    ids=["few draws", "one category", "all different", "no singletons", "runs"],
)
def test_where_no_interval_can_be_trusted_the_last_line_says_why(tmp_path: Path, table: str, why: str) -> None:
    last = _last(table, tmp_path, estimators=["plugin", "grassberger_2003"])
    assert last.startswith("H(P): none of these intervals can be trusted here: ")
    assert why in last


def test_an_interval_that_covers_too_seldom_says_so_beside_it(mcdiv_command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SMALL)
    told = mcdiv_command("estimate", "t.csv", "-e", "plugin", "--advise").stdout
    (line,) = [line for line in told.splitlines() if "plugin" in line and "± 0.15" in line]
    assert line.endswith("[0.61, 1.18] covers less than its level")
    assert "covers" not in mcdiv_command("estimate", "t.csv", "-e", "plugin").stdout.partition("20 draws")[0]


@pytest.mark.slow
def test_an_interval_is_cut_to_what_is_possible_where_it_is_quoted(tmp_path: Path) -> None:
    last = _last(SMALL, tmp_path, model="uniform: {k: 3}", estimands="entropy")
    assert "interval [0.72, 1.10] (delta around minimax, cut to what is possible)" in last  # ln 3 = 1.0986


def test_without_advice_the_last_line_says_that_coverage_is_unknown(mcdiv_command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SMALL)
    (found,) = json.loads(mcdiv_command("estimate", "t.csv", "--json").stdout)
    assert found["sentences"][-1].startswith(
        "How often these intervals cover on data like yours is not known: --advise"
    )
    assert "rmse" not in found["estimates"][0]
    path = tmp_path / "w.csv"
    path.write_text("c,share\na,0.25\nb,0.75\n")
    assert "--advise" not in mcdiv_command("estimate", "w.csv", "--layout", "probabilities").stdout


def test_an_interval_of_width_0_is_not_quoted_unless_the_value_is_certain(tmp_path: Path) -> None:
    last = _last("c,n\na,5\nb,5\n", tmp_path, estimators="plugin", interval="delta", alphabet_size=2)
    assert "[0.693147, 0.693147]" not in last
    assert "clopper_pearson around plugin" in last  # all but 0, 1, 9 and 10 of 10: 1 − 22/1024
    assert "exactly 97.85 %" in last
    path = tmp_path / "one.csv"
    path.write_text("c,n\na,5\n")
    (said,) = [mcdiv.estimates(path, estimators="plugin", alphabet_size=1, advise=True).sentences[""][-1]]
    assert said.startswith("Quote H(P) = 0 nats, with the 95 % interval [0, 0]")


def test_samples_too_many_to_list_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval_advice, "MAX_LISTED", 2 * 231)
    last = _last(SMALL, tmp_path, estimators=["plugin", "zhang"])
    # 20 draws of three categories have C(22, 2) = 231 outcomes; jackknife and delta around both, then around one
    assert "grassberger" not in last
    monkeypatch.setattr(interval_advice, "MAX_LISTED", 2 * 231 - 1)
    drawn = mcdiv.estimates(tmp_path / "t.csv", estimators="plugin", interval="delta", advise=True)
    of_plugin = drawn.table[(drawn.table.estimator == "plugin") & (drawn.table.interval == "delta")]
    (found,) = of_plugin.to_dict("records")
    assert found["interval_coverage_mcse"] > 0
    assert found["interval_coverage"] == pytest.approx(_exact_coverage(), abs=5 * found["interval_coverage_mcse"])


@pytest.mark.slow
def test_an_estimator_that_the_advice_names_is_in_the_table(mcdiv_command: Command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("c,n\na,9\nb,7\nc,6\nd,5\ne,1\n")
    (found,) = json.loads(mcdiv_command("estimate", "t.csv", "--advise", "--json").stdout)
    best = {record["estimator"] for record in found["advice"] if record["rank"] == 1}
    with_intervals = {row["estimator"] for row in found["estimates"] if row["low"] is not None}
    assert best <= with_intervals


@pytest.mark.slow
def test_unseen_categories_that_matter_more_than_the_width_are_a_reason(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "c,n\n" + "".join(f"c{i},{n}\n" for i, n in enumerate([1] * 100 + [2] * 50 + [10] * 60))
    )
    (group,) = mcdiv.estimates(tmp_path / "t.csv", estimators="plugin", advise=True).groups
    assert group.advice is not None
    covering = [replace(each, row=replace(each.row, exact={"coverage": 1.0})) for each in group.advice.intervals]
    (last,) = quotes(replace(group, advice=replace(group.advice, intervals=tuple(covering))))
    # Chao (1984): 799/800 · 100²/(2 · 50) = 99.9 unseen have 100/800 of the probability; twice as many add ln 2/8.
    assert "the 100 unseen categories assumed are a lower bound" in last
    assert f"by {math.log(2) / 8:.3g} nats" in last


@pytest.mark.parametrize("wrong", [1, "yes"])
def test_advise_is_true_or_false(tmp_path: Path, wrong: object) -> None:
    (tmp_path / "t.csv").write_text(SMALL)
    with pytest.raises(TypeError, match="advise: expected True or False"):
        mcdiv.estimates(tmp_path / "t.csv", advise=wrong)  # type: ignore[arg-type]


@pytest.mark.slow
def test_with_unseen_categories_no_interval_is_quoted_that_owes_its_coverage_to_the_smoothing(tmp_path: Path) -> None:
    """60 draws from Zipf's law on 30 categories, whose entropy is 2.8288 nats."""
    counts = [11, 5, 4, 4, 3, 4, 4, 2, 1, 2, 1, 1, 0, 1, 0, 2, 2, 2, 2, 0, 2, 1, 1, 1, 0, 1, 1, 0, 1, 1]
    path = tmp_path / "t.csv"
    path.write_text("c,n\n" + "".join(f"c{i:02d},{n}\n" for i, n in enumerate(counts)))
    found = mcdiv.estimates(path, estimands="entropy", estimators=["plugin", "miller_madow", "laplace"], advise=True)
    *_, why, last = found.sentences[""]
    assert why.startswith("H(P): intervals around laplace rank higher and are not quoted.")
    (quoted,) = found.table[found.table.quoted].to_dict("records")
    narrowest = found.table.sort_values("interval_rank").iloc[0]
    assert (quoted["estimator"], narrowest.estimator) == ("miller_madow", "laplace")
    assert quoted["low"] < 2.8288 < quoted["high"] and not narrowest.low < 2.8288 < narrowest.high
    assert last.endswith("to the extent that the true distribution resembles your smoothed counts.")
