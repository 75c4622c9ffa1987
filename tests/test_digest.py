"""What is printed at the end of a run of several conditions is true of all of them, and fits on a screen."""

import math
from collections.abc import Callable
from math import comb, log2
from typing import Any

import pytest
from conftest import Command

from mcdiv.core.number_format import concise, rounded
from mcdiv.core.performance import Measured
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import Digest, condition_named, digest
from mcdiv.results.words.digest_table import DigestTable
from mcdiv.results.words.grid import spread
from mcdiv.results.words.places import where

Study = Callable[..., Results]

GRID: dict[str, Any] = {
    "truth": {"zipf": {"k": [2, 3, 5], "s": [0, 1]}},
    "model": None,
    "estimands": ["entropy"],
    "estimators": ["plugin", "miller_madow", "laplace"],
    "sample_sizes": [3, 6, 12, 24],
    "mode": "exact",
}


def told(results: Results, **changes: Any) -> Digest:
    return digest(results.rows, results.scenario.units, results.intervals, results.pairs, **changes)


def table(shown: Digest, title: str) -> DigestTable:
    (found,) = (one for one in shown.tables if one.title == title)
    return found


def cell(shown: Digest, title: str, line: tuple[str, ...], size: str) -> str:
    """A printed cell by what its line begins with and by its column."""
    found = table(shown, title)
    (there,) = (one for one in found.printed if one[: len(line)] == line)
    return there[found.header.index(size)]


def coin_errors(p: float, n: int, correction: float = 0.0) -> tuple[float, float]:
    """Bias and RMSE in bits of plug-in entropy + correction · (S − 1), by its 'n + 1' outcomes."""

    def entropy(*shares: float) -> float:
        return -sum(share * log2(share) for share in shares if share)

    law = [(comb(n, h) * p**h * (1 - p) ** (n - h), h) for h in range(n + 1)]
    errors = [(w, entropy(h / n, 1 - h / n) + correction * (0 < h < n) - entropy(p, 1 - p)) for w, h in law]
    return sum(w * e for w, e in errors), math.sqrt(sum(w * e**2 for w, e in errors))


@pytest.mark.parametrize(
    "value, mcse, text",
    [
        (-0.053027, 0.00024, "−0.0530(2)"),
        (-0.053027, 0.0, "−0.0530"),
        (0.0, 0.0, "0"),
        (99.96, 0.0, "100"),
        (12345.0, 30.0, "12345(30)"),
        (-3.66e-5, 0.0, "−3.66e−05"),
        (1e-12, 1e-14, "1.00(1)e−12"),
        (3e7, 1e5, "3.00(1)e+07"),
        (-1e-5, 0.004, "0.000(4)"),
        (0.5, 0.00096, "0.5000(10)"),
        (0.1, 1e-9, "0.100"),
        (5e-324, 0.0, "4.94e−324"),
        (math.nan, 0.1, "–"),
        (-math.inf, 0.0, "−∞"),
    ],
)
def test_a_concise_number_has_one_digit_of_its_mcse_in_brackets(value: float, mcse: float, text: str) -> None:
    assert concise(Measured(value=value, mcse=mcse)) == text


def test_the_tables_of_a_study_of_one_setting_have_every_estimator_by_sample_size(study: Study) -> None:
    shown = told(study(units="bits", sample_sizes=[5, 10]))
    for n in (5, 10):
        for name, correction in (("plugin", 0.0), ("miller_madow", 1 / (2 * n * math.log(2)))):
            bias, rmse = coin_errors(0.5, n, correction)
            for title, value in (("Bias", bias), ("RMSE", rmse)):
                text = f"{value:#.3g}".replace("-", "−")
                assert cell(shown, title, ("H(P)", name), f"N = {n}").lstrip("*") == text
    assert cell(shown, "Bias", ("H(P)", "miller_madow"), "N = 5").startswith("*")
    assert not cell(shown, "Bias", ("H(P)", "plugin"), "N = 5").startswith("*")
    assert "all in summary.csv" in shown.caption
    assert dict(shown.legend)["*"] == "the smallest; all values are exact"


def test_of_many_sizes_some_are_shown_the_first_and_the_last_among_them(study: Study) -> None:
    sizes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30]
    shown = told(study(sample_sizes=sizes, mode="exact"))
    head = shown.tables[0].header
    assert (head[2], head[-1], len(head)) == ("N = 2", "N = 30", 8)
    assert "6 of 11 N" in shown.caption
    narrow = told(study(sample_sizes=sizes, mode="exact"), width=60)
    lines = [*narrow.tables[0].printed, narrow.tables[0].header]
    assert sum(max(map(len, column)) + 2 for column in zip(*lines, strict=True)) <= 60
    assert spread([1, 2, 3, 4], 2) == [1, 4]


def test_of_many_estimators_the_plug_in_and_those_that_lead_somewhere_are_shown(study: Study) -> None:
    many = ["plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "jeffreys", "perks"]
    results = study(estimators=[*reversed(many)], mode="exact")
    shown = told(results)
    names = [line[1] for line in table(shown, "RMSE").lines if line[0] == "H(P)"]
    assert "plugin" in names
    summary = results.summary[results.summary["estimand"] == "entropy"]
    assert set(summary[summary["rank"] == 1]["estimator"]) <= set(names)
    assert "11 of 17 estimators" in shown.caption


def test_a_mark_is_what_comparison_csv_does_not_tell_from_the_smallest(study: Study) -> None:
    results = study(truth={"uniform": 6}, model=None, estimators=["plugin", "jackknife", "nsb"], mode="monte_carlo")
    shown = told(results)
    comparison = results.tables["comparison"]
    for n, condition in ((5, 1), (10, 2)):
        for title, column in (("Bias", "abs_bias_difference"), ("RMSE", "mse_difference")):
            here = comparison[comparison["condition"] == condition]
            worse = {
                row["estimator_a"] if row[column] > 0 else row["estimator_b"]
                for row in here.to_dict("records")
                if abs(row[column]) > 2 * row[f"{column}_mcse"]
            }
            marks = {
                name: cell(shown, title, ("H(P)", name), f"N = {n}")[0] == "*" for name in results.summary["estimator"]
            }
            assert {name for name, marked in marks.items() if not marked} == worse


@pytest.mark.slow
def test_the_table_of_who_is_best_is_that_of_ranks(study: Study) -> None:
    results = study(**GRID)
    shown = told(results)
    found = table(shown, "Smallest RMSE")
    best = results.summary[results.summary["rank"] == 1].groupby(["truth", "sample_size"])["estimator"].apply(list)
    for line in found.lines:
        for size, text in zip(found.header[2:], line[2:], strict=True):
            names = best[line[1], int(size.removeprefix("N = "))]
            assert text == names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")
    alone = [names[0] for names in best if len(names) == 1]
    (sentences,) = shown.of_estimands
    for name in set(alone):
        assert f"{name} in {alone.count(name)}" in sentences
    assert "of 24 conditions" in sentences


def test_a_grid_fits_on_a_screen(study: Study) -> None:
    shown = told(study(**GRID))
    # A header, a rule and an empty line belong to each table; caption and legend are a line each.
    lines = sum(len(one.lines) + 3 for one in shown.tables) + 2 + len(shown.sentences)
    assert lines <= 40
    for one in shown.tables:
        columns = zip(one.header, *one.printed, strict=True)
        assert sum(max(map(len, column)) + 2 for column in columns) <= 100


@pytest.mark.parametrize(
    "chosen, text",
    [
        ([5, 10, 20, 50, 100], "at every N"),
        ([5], "at N = 5"),
        ([100], "at N = 100"),
        ([5, 10], "up to N = 10"),
        ([50, 100], "from N = 50 on"),
        ([10, 20, 50], "for N = 10 to 50"),
        ([5, 20], "at N = 5 and at N = 20"),
        ([5, 20, 100], "at N = 5, at N = 20 and at N = 100"),
        ([5, 50, 100], "at N = 5 and from N = 50 on"),
    ],
)
def test_sizes_are_told_as_stretches(study: Study, chosen: list[int], text: str) -> None:
    rows = study(sample_sizes=[5, 10, 20, 50, 100], model=None, estimators=["plugin"], mode="exact").rows
    assert where([row for row in rows if row.condition.sample_size in chosen], rows) == text


def test_conditions_of_several_settings_are_counted_unless_they_are_all_of_some_sizes(study: Study) -> None:
    rows = study(truth={"coin": [0.5, 0.9]}, model=None, estimators=["plugin"], mode="exact").rows
    assert where(rows, rows) == "in all 4 conditions"
    assert where(rows[:1], rows) == "in 1 of 4 conditions"
    assert where([row for row in rows if row.condition.sample_size == 10], rows) == "at N = 10"


def test_the_sentence_of_a_bias_has_its_size_at_both_ends_and_its_rate(study: Study) -> None:
    results = study(sample_sizes=[10, 100, 1000, 10_000], units="bits", mode="exact", estimators=["plugin"], model=None)
    (sentences,) = told(results).of_estimands
    first, last = (f"{-coin_errors(0.5, n)[0]:#.3g} bits at N = {n:,}" for n in (10, 1000))
    assert sentences.startswith(f"The plug-in underestimates H(P) at every N, by {first} and ")
    assert last not in sentences
    # ln of the four biases on ln N by hand: 1/2N nats and a little more at N = 10.
    (rate,) = (row for row in results.tables["rates"].to_dict("records") if row["measure"] == "bias")
    assert f"|bias| ∝ N^({rate['slope']:.4f}".replace("-", "−") in sentences
    assert "Its bias is smaller than its sd at every N" in sentences
    assert "mallest" not in sentences  # there is nothing to compare


def test_where_the_bias_is_larger_than_the_sd_is_said(study: Study) -> None:
    results = study(truth={"uniform": 100}, model=None, sample_sizes=[10, 20], estimators=["plugin"], mode="both")
    assert "Its bias is at least as large as its sd at every N" in told(results).sentences[0]


def test_only_simulated_values_have_an_mcse_and_none_is_called_exact(study: Study) -> None:
    shown = told(study(mode="monte_carlo"))
    assert all("(" in text for one in shown.tables for line in one.lines for text in line[2:])
    assert "exact" not in " ".join([shown.caption, *shown.sentences, *map(" ".join, shown.legend)])
    assert "shows no bias for H(P, Q) at any N" in shown.of_estimands[1]
    assert not any("mirror" in sentence for sentence in shown.sentences)


def test_what_is_infinite_somewhere_is_said_of_there_only(study: Study) -> None:
    results = study(model={"coin": [0.6, 1]}, mode="exact", estimands=["kl_divergence"])
    (sentences,) = told(results).of_estimands
    assert "KL(P‖Q) is infinite in 2 of 4 conditions: P gives weight to a category that Q excludes." in sentences
    # Finite only where all flips are heads: 2⁻⁵ and 2⁻¹⁰.
    assert "97 % to 99.90 % of the estimates by the plug-in are infinite" in sentences
    assert "The plug-in overestimates KL(P‖Q) in 2 of 4 conditions" in sentences


def test_estimates_that_are_infinite_now_and_then_are_marked_ranked_last_and_told(study: Study) -> None:
    changes: dict[str, Any] = {"truth": {"coin": 0.3}, "model": {"coin": 0.4}, "model_sample_sizes": [10]}
    shown = told(study(**changes, estimands=["kl_divergence"], estimators=["plugin", "laplace"], mode="exact"))
    assert cell(shown, "RMSE", ("KL(P‖Q)", "plugin"), "N = 10").endswith("†")
    assert cell(shown, "RMSE", ("KL(P‖Q)", "laplace"), "N = 10").startswith("*")
    assert "†" in dict(shown.legend)
    # 0.6¹⁰ + 0.4¹⁰ of the samples of Q are all alike, and the others of P notice nearly always.
    assert ", not counting estimates that are infinite (up to 0.6 %)" in shown.sentences[0]


def test_simulated_estimates_that_are_never_infinite_do_not_prove_that_none_is(study: Study) -> None:
    ten = {"truth": {"zipf": 10}, "model": {"uniform": 10}, "sample_sizes": [50, 60], "estimators": ["plugin"]}
    results = study(**ten, model_sample_sizes=[300], estimands=["kl_divergence"], mode="monte_carlo")
    assert "(no simulated estimate is infinite: at most 0.3 % are, with 95 % confidence)" in told(results).sentences[0]


def test_a_condition_is_named_by_its_number_or_by_a_size_that_no_other_has(study: Study) -> None:
    conditions = [row.condition for row in study(truth={"coin": [0.5, 0.9]}, model=None, estimators=["plugin"]).rows]
    assert condition_named(conditions, 3) is condition_named(conditions, " 3") is conditions[2]
    assert condition_named(conditions[:2], "N = 10") is conditions[1]
    for wanted, message in {
        "N=10": "2 conditions have N = 10; give the number of one: 2, 4",
        "N=7": "no condition has N = 7; there are N = 5, 10",
        9: "there is no condition 9; they are numbered from 1 to 4",
        "M=3": "expected the number of a condition, or a sample size such as N=10, got M=3",
        "-1": "expected the number of a condition, or a sample size such as N=10, got -1",
    }.items():
        with pytest.raises(ValueError) as refused:
            condition_named(conditions, wanted)
        assert str(refused.value) == message


@pytest.mark.slow
def test_detail_prints_one_condition_and_bad_ones_are_refused_before_anything_runs(
    mcdiv_command: Command, folder: Any
) -> None:
    short = ["--set", "plots=[]", "--set", "replicates=1000", "--set", "paths=0"]
    printed = mcdiv_command("run", "fair", *short, "--detail", "N=10").stdout
    assert "P = coin(p=0.5), Q = coin(p=0.6), N = 10 (bits)" in printed
    assert f"underestimates H(P) by {-coin_errors(0.5, 10)[0]:.6g} bits; Miller–Madow removes 94 % of it." in printed
    assert mcdiv_command("run", "fair", *short, "--detail", "2").stdout == printed
    refused = mcdiv_command("run", "fair", "--detail", "9", "-o", "elsewhere", code=2).stderr
    assert "Error: --detail: fair: there is no condition 9; they are numbered from 1 to 8" in refused
    assert not (folder / "elsewhere").exists()
    assert "neither --quiet nor --json" in mcdiv_command("run", "fair", "--detail", "1", "--json", code=2).stderr


def test_python_gives_the_digest_that_is_printed(study: Study) -> None:
    results = study()
    assert results.digest() == told(results)
    assert (
        results.digest(2).caption == results.digest("N=10").caption == "P = coin(p=0.5), Q = coin(p=0.6), N = 10 (nats)"
    )
    with pytest.raises(ValueError, match="no condition 3"):
        results.digest(3)


def coverage_of(shown: Digest) -> DigestTable:
    (found,) = (table for table in shown.tables if "overage" in table.title)
    return found


def test_coverage_is_a_table_of_intervals_by_size_and_what_reaches_the_level_is_marked(study: Study) -> None:
    # Of one flip the plug-in is 0 with a standard error of 0: [0, 0] covers the entropy of a certain outcome only.
    wanted = {
        "model": None,
        "estimands": ["entropy"],
        "estimators": ["plugin"],
        "intervals": ["delta"],
        "mode": "exact",
    }
    one = told(study(**wanted, truth={"coin": [1, 0.5]}, sample_sizes=[1, 2]))
    table = coverage_of(one)
    assert table.header == ("lowest coverage [%] of", "estimator", "interval", "N = 1", "N = 2")
    # Of two flips that differ the plug-in is ln 2, with a standard error of 0: [ln 2, ln 2] covers, half of the time.
    assert table.lines == (("H(P)", "plugin", "delta", "0", "50.0"),)
    assert not table.marked
    assert one.sentences[-1] == (
        "Intervals for H(P) that cover at least 95 % of the time in every condition: none. The lowest coverage is 0 % "
        "(plugin, P = coin(p=0.5), N = 1); all are in intervals.csv."
    )
    certain = told(study(**wanted, truth={"coin": 1}, sample_sizes=[1, 2]))
    assert coverage_of(certain).header[0] == "coverage [%] of"
    assert coverage_of(certain).lines[0][3:] == ("100", "100")
    assert set(coverage_of(certain).marked) == {(0, 3), (0, 4)}
    assert any(words.endswith("coverage of at least the level, or within 2 MCSE of it") for _, words in certain.legend)
    assert "that cover at least 95 % of the time in every condition: delta." in certain.sentences[-1]


def test_the_coverage_of_one_condition_has_its_mcse_and_what_is_cut_is_said(study: Study) -> None:
    estimators = ["plugin", "miller_madow", "jackknife", "zhang", "chao_shen", "laplace", "jeffreys"]
    changes = {"estimators": estimators, "intervals": ["delta", "jackknife"], "estimands": ["entropy"]}
    results = study(**changes, sample_sizes=[4], mode="monte_carlo")
    table = coverage_of(told(results))
    first = results.intervals[0].reported("coverage")
    assert table.lines[0][3] == rounded(Measured(value=100 * first.value, mcse=100 * first.mcse))
    left = len(results.intervals) - 12
    assert left > 0
    assert table.lines[-1][:3] == ("…", f"{left} more in", "intervals.csv")


def test_which_estimator_to_use_everywhere_is_told_by_how_far_it_is_from_the_best_at_most(study: Study) -> None:
    changes = {"model": None, "estimands": ["entropy"], "mode": "exact", "units": "bits", "sample_sizes": [5, 10]}
    truths = (0.5, 0.99)
    shown = table(told(study(**changes, truth={"coin": list(truths)})), "Over all conditions")
    corrections = {"plugin": lambda n: 0.0, "miller_madow": lambda n: 1 / (2 * n * math.log(2))}
    errors = {name: [coin_errors(p, n, of(n))[1] for p in truths for n in (5, 10)] for name, of in corrections.items()}
    smallest = [min(at) for at in zip(*errors.values(), strict=True)]
    worst = {name: max(e / s for e, s in zip(found, smallest, strict=True)) for name, found in errors.items()}
    times = {name: sum(e == s for e, s in zip(found, smallest, strict=True)) for name, found in errors.items()}
    wanted = [
        ("H(P)", name, str(times[name]), f"{worst[name]:.3g} × the smallest") for name in sorted(worst, key=worst.get)
    ]
    assert shown.header == ("of 4 conditions", "estimator", "smallest RMSE in", "RMSE at most")
    assert list(shown.lines) == wanted


def test_nothing_is_a_multiple_of_an_error_of_0_or_of_one_that_is_not_always_finite(study: Study) -> None:
    certain = told(study(truth={"coin": [0.5, 0.9, 1]}, model=None, mode="exact"))
    assert "Over all conditions" not in {one.title for one in certain.tables}
    changes = {"model_sample_sizes": [5], "estimands": ["kl_divergence"], "truth": {"coin": [0.5, 0.9]}}
    shown = told(study(**changes, estimators=["plugin", "laplace", "jeffreys"], mode="exact", sample_sizes=[5, 20]))
    assert all("plugin" not in line for one in shown.tables if one.title == "Over all conditions" for line in one.lines)
