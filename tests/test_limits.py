"""Where the doors end: pairs of samples over different alphabets, sums that floats cannot tell apart, absurd levels."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mcdiv
from mcdiv.estimators.variances import entropy_variance_jackknife, kl_variance_jackknife

KL = "kl_divergence"
BY_PAIRS: list[Callable[..., Any]] = [
    lambda *counts, **given: mcdiv.estimate(KL, *counts, estimator="plugin", **given),
    lambda *counts, **given: mcdiv.interval(KL, *counts, method="delta", **given),
]


@pytest.mark.parametrize("function", BY_PAIRS)
@pytest.mark.parametrize("counts", [[5, 3, 0], [5, 3]])
@pytest.mark.parametrize("given", [{"counts_q": [5, 0, 3]}, {"q": [0.5, 0, 0.5]}])
def test_categories_are_never_left_out_of_one_of_two_samples(
    function: Callable[..., Any], counts: list[int], given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="alphabet_size is 2, but P and Q are given over 3 categories"):
        function(counts, alphabet_size=2, **given)


def test_a_standard_error_pairs_its_samples_as_an_estimate_does() -> None:
    with pytest.raises(ValueError, match="alphabet_size is 2, but P and Q are given over 3 categories"):
        mcdiv.standard_error(KL, [5, 3, 0], counts_q=[5, 0, 3], method="jackknife", alphabet_size=2)


def test_unseen_categories_of_one_sample_may_be_left_out() -> None:
    assert float(mcdiv.estimate("entropy", [5, 3, 0], estimator="plugin", alphabet_size=2)) == pytest.approx(
        float(mcdiv.estimate("entropy", [5, 3], estimator="plugin"))
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([2**52] * 2048, "counts has 9.22337e+18 draws in all; expected a sum below 2^53"),
        ([2**52, 2**52], "counts has 9.0072e+15 draws in all; expected a sum below 2^53"),
        ([[1, 2], [2**52, 2**52]], "counts[1] has 9.0072e+15 draws in all"),
    ],
)
def test_more_draws_than_floats_can_count_are_refused(counts: list[Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        mcdiv.estimate("entropy", counts, estimator="plugin")


@pytest.mark.parametrize("draws", [10**6, 10**9, 10**13, 10**15])
@pytest.mark.parametrize("counts", [(3, 2), (3, 2, 1, 1), (40, *[1] * 30)])
def test_the_jackknife_keeps_its_digits_however_many_draws_there_are(draws: int, counts: tuple[int, ...]) -> None:
    many = np.array([*(draws // sum(counts) * np.array(counts)), 10**4, 7, 1])
    found = mcdiv.interval("entropy", many, method="jackknife")
    assert float(found.standard_error) == pytest.approx(float(np.sqrt(entropy_variance_jackknife(many))), rel=2e-6)
    other = [*np.roll(many[:-3], 1).tolist(), 3 * 10**4, 9, 8]
    divergence = mcdiv.interval(KL, many, counts_q=other, method="jackknife")
    wanted = np.sqrt(kl_variance_jackknife(many, np.array(other)))
    assert float(divergence.standard_error) == pytest.approx(float(wanted), rel=2e-6)


def test_bca_ends_stay_in_order_at_any_level() -> None:
    widths = []
    for level in (0.9, 0.999999, 1 - 1e-9, 1 - 2e-16):
        found = mcdiv.interval("entropy", [8, 1, 8], method="bootstrap_bca", level=level)
        assert found.low <= found.high
        widths.append(float(found.high - found.low))
    assert widths == sorted(widths)
