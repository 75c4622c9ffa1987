"""What is said at the end of a run is true, and no digit more than the MCSE supports."""

import math
from collections.abc import Callable

import pytest

from mcdiv.core.number_format import amount, percent, rounded, span
from mcdiv.core.performance import Measured
from mcdiv.engine.plan import plan_of
from mcdiv.results.report.methods import methods
from mcdiv.results.study_results import Results
from mcdiv.results.words.digest import detail, digest
from mcdiv.results.words.one_condition import MAX_LINES

Study = Callable[..., Results]


@pytest.mark.parametrize(
    "value, mcse, text",
    [
        (-0.053027, 0.00024, "−0.05303 ± 0.00024"),
        (123.456, 1.5, "123.5 ± 1.5"),
        (0.5, 0.0, "0.5"),
        (12345.6, 30.0, "12346 ± 30"),
        (1e-12, 1e-14, "1e−12 ± 1e−14"),
        (float("nan"), 0.1, "–"),
        (float("inf"), 0.1, "∞"),
        (0.0, 5.06e107, "0 ± 5.1e+107"),
        (3.2e107, 5.06e107, "3.2e+107 ± 5.1e+107"),
        (-123456789.0, 2.3e6, "−1.235e+08 ± 2.3e+06"),
        (2.0, 3e6, "0 ± 3e+06"),
    ],
)
def test_values_are_rounded_by_their_mcse(value: float, mcse: float, text: str) -> None:
    assert rounded(Measured(value=value, mcse=mcse)) == text


def test_one_bit_is_singular() -> None:
    assert (amount("1", "bits"), amount("1.0", "bits"), amount("0.5", "nats")) == ("1 bit", "1.0 bits", "0.5 nats")


def test_an_interval_whose_ends_are_huge_is_written_with_powers_of_ten() -> None:
    assert span(-1e107, 2.5e108, 5e107) == "[−1e+107, 2.5e+108]"


def test_an_end_of_an_interval_beside_0_is_not_written_as_0() -> None:
    assert span(0.00021, 0.033, 0.01) == "[0.0002, 0.033]"
    assert span(-0.00021, 0.033, 0.01) == "[−0.0002, 0.033]"
    assert span(0.0, 0.033, 0.01) == "[0.000, 0.033]"


def test_squares_of_errors_that_are_all_the_same_have_an_error_of_0_and_no_roundings(study: Study) -> None:
    # One flip: the cross-entropy of a fair coin is off by ½ ln(0.6/0.4) either way.
    results = study(truth={"coin": 0.5}, model={"coin": 0.6}, estimators=["plugin"], sample_sizes=[1])
    (found,) = (row.simulated["rmse"] for row in results.rows if row.task.estimand == "cross_entropy")
    assert found.value == pytest.approx(math.log(1.5) / 2, rel=1e-12)
    assert found.mcse == 0


def test_a_bias_of_0_is_found_to_be_0_and_not_minus_0(study: Study) -> None:
    check = {"estimand": "kl_divergence", "estimator": "plugin", "measure": "bias", "below": 1e-9}
    results = study(truth={"coin": 0}, model={"coin": 0.6}, estimands=["kl_divergence"], checks=[check])
    assert all("found 0" in verdict.text for verdict in results.checks)
    assert "-0" not in set(results.tables["summary"]["exact_bias"].map("{:g}".format))


def test_a_digest_is_a_dozen_lines_and_a_sentence_for_each_estimand(study: Study) -> None:
    many = ["plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "jeffreys", "perks"]
    told = digest(study(estimators=many, sample_sizes=[10]).rows, "bits")
    assert len(told.tables[0].lines) == MAX_LINES
    assert "5 more rows in summary.csv" in told.caption
    assert len([s for s in told.sentences if s.startswith("At N = 10")]) == 3


def test_sentences_tell_what_happened(study: Study) -> None:
    def sentences(**changes) -> str:
        results = study(replicates=100_000, **changes)
        return "\n".join(detail(results.rows, results.scenario.units, number=2).sentences)

    plain = sentences()
    assert "the plug-in underestimates H(P) by 0.05" in plain
    assert "Miller–Madow removes 94 % of it" in plain
    assert "the plug-in estimates H(P, Q) without bias" in plain
    assert "mirror each other" in plain
    excluded = sentences(model={"coin": 1})
    assert "KL(P‖Q) is infinite: P gives weight to a category that Q excludes" in excluded
    assert "mirror" not in excluded
    sampled = sentences(model_sample_sizes=[4], estimators=["plugin", "laplace"])
    assert "of its estimates that are infinite)" in sampled
    assert "with the same estimate in every sample" in sentences(model={"coin": 0.5})
    assert "grassberger" not in sentences(estimators=["plugin", "grassberger_2003"]).lower().replace(
        "grassberger 2003", ""
    )
    assert "Grassberger 2003 has no bias" in sentences(estimators=["plugin", "grassberger_2003"])
    assert "exact" not in sentences(mode="monte_carlo")


def first_sentence(results: Results, estimand: str) -> str:
    rows = [row for row in results.rows if row.task.estimand == estimand]
    return detail(rows, results.scenario.units, number=2).sentences[0]


def test_what_is_infinite_says_why_and_how_many_estimates_are(study: Study) -> None:
    excluded = study(truth={"coin": 1}, estimands=["jeffreys_divergence"], estimators=["plugin"])
    told = first_sentence(excluded, "jeffreys_divergence")
    assert told.startswith("J(P, Q) is infinite: one of P and Q gives weight to a category that the other excludes.")
    assert told.endswith("all estimates are infinite too.")
    smoothed = study(model={"coin": 1}, model_sample_sizes=[4], estimators=["laplace"])
    told = first_sentence(smoothed, "kl_divergence")
    assert told.endswith("At N = 10, no estimate is infinite.")


def test_a_bias_that_is_only_simulated_is_not_told_as_none(study: Study) -> None:
    told = first_sentence(study(mode="monte_carlo", estimators=["plugin"]), "cross_entropy")
    assert told.startswith("At N = 10 the plug-in shows no bias for H(P, Q) (simulated: ")


def test_the_lowest_coverage_names_estimator_model_and_sizes(study: Study) -> None:
    results = study(model={"coin": [0.5, 0.6]}, intervals=["delta"], estimators=["plugin"])
    told = digest(results.rows, "nats", results.intervals).sentences
    every = "Intervals for KL(P‖Q) that cover at least 95 % of the time in every condition: none. "
    assert any(sentence.startswith(f"{every}The lowest coverage is ") for sentence in told)
    assert any("% (plugin, P = coin(p=0.5), Q = coin(p=0." in sentence for sentence in told)
    results = study(intervals=["jackknife"], estimators=["plugin"], estimands=["renyi(order=2)"])
    told = digest(results.rows, "nats", results.intervals).sentences
    assert any("% (plugin, P = coin(p=0.5), N = " in sentence for sentence in told)


def test_a_report_speaks_of_replicates_only_where_there_are_some(study: Study) -> None:
    for mode, drawn, summed in (("exact", False, True), ("monte_carlo", True, False), ("both", True, True)):
        results = study(mode=mode)
        told = " ".join(methods(plan_of(results.scenario), results.rows, results.tables).sampling)
        assert ("replicates" in told) == drawn
        assert ("Exact values" in told) == summed
        assert ("applied to the same samples" in told) == drawn


def test_only_all_of_it_is_100_per_cent() -> None:
    assert [percent(share) for share in (1, 0.9995, 0.99998, 1 - 3e-11)] == [
        "100 %",
        "99.95 %",
        "99.998 %",
        "more than 99.999 %",
    ]


def test_a_tiny_exact_bias_is_not_called_none(study: Study) -> None:
    # −1.9011e-12 bits, by 50 digits over the binomial law of one count.
    results = study(
        truth={"uniform": 6}, model=None, sample_sizes=[60], estimators=["plugin", "grassberger_2003"], units="bits"
    )
    (told,) = digest(results.rows, "bits").sentences
    assert results.rows[1].exact["bias"] != 0
    assert told.endswith("Grassberger 2003 leaves 1.9e−12 bits of it.")
