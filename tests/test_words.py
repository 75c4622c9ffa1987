"""What is said at the end of a run is true, and no digit more than the MCSE supports."""

from collections.abc import Callable

import pytest

from mcdiv.core.performance import Measured
from mcdiv.edges.words import MOST_LINES, digest, rounded
from mcdiv.pipeline import Results

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
        (float("inf"), 0.1, "inf"),
    ],
)
def test_values_are_rounded_by_their_mcse(value: float, mcse: float, text: str) -> None:
    assert rounded(Measured(value=value, mcse=mcse)) == text


def test_the_condition_shown_has_five_draws_for_each_category_or_the_most_there_are(study: Study) -> None:
    assert "N = 10 " in digest(study(sample_sizes=[200, 5, 10]).rows, "nats").caption
    assert "N = 9 " in digest(study(sample_sizes=[5, 9]).rows, "nats").caption


def test_a_digest_is_a_dozen_lines_and_a_sentence_for_each_estimand(study: Study) -> None:
    many = ["plugin", "miller_madow", "jackknife", "zhang", "grassberger_2003", "laplace", "jeffreys", "perks"]
    told = digest(study(estimators=many).rows, "bits")
    assert len(told.lines) == MOST_LINES
    assert "5 more rows there" in told.caption
    assert len([s for s in told.sentences if s.startswith("At N = 10")]) == 3


def test_sentences_tell_what_happened(study: Study) -> None:
    def sentences(**changes) -> str:
        results = study(replicates=100_000, **changes)
        return "\n".join(digest(results.rows, results.scenario.units).sentences)

    plain = sentences()
    assert "the plug-in underestimates H(P) by 0.05" in plain
    assert "Miller–Madow removes 94 % of it" in plain
    assert "the plug-in estimates H(P, Q) without bias" in plain
    assert "mirror each other" in plain
    excluded = sentences(model={"coin": 1})
    assert "KL(P‖Q) is infinite: P gives weight to a category that Q excludes" in excluded
    assert "mirror" not in excluded
    sampled = sentences(model_sample_sizes=[4], estimators=["plugin", "laplace"])
    assert "of its estimates are infinite and left out of that" in sampled
    assert "alike in every sample" in sentences(model={"coin": 0.5})
    assert "grassberger" not in sentences(estimators=["plugin", "grassberger_2003"]).lower().replace(
        "grassberger 2003", ""
    )
    assert "Grassberger 2003 has no bias" in sentences(estimators=["plugin", "grassberger_2003"])
    assert "exact" not in sentences(mode="monte_carlo")
