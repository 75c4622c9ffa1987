"""How many draws a goal takes, against scans of every N with SciPy's binomial law, and closed forms."""

import json
import math
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import entr, rel_entr

import mcdiv
from mcdiv.core.distributions import distribution_of
from mcdiv.engine.plan import Task
from mcdiv.planning.coin import CoinLaw, coin_law
from mcdiv.planning.proofs import falling_bound
from mcdiv.planning.question import Goal, Question
from mcdiv.planning.values import exact_value


def entropy(x: Any) -> Any:
    return entr(x) + entr(1 - x)


def kl(x: Any, q: float) -> Any:
    return rel_entr(x, q) + rel_entr(1 - x, 1 - q)


def coverage(curve: Any, p: float, size: float, draws: int) -> float:
    """P(|f(k/N) − f(p)| ≤ size), k binomial: SciPy's pmf, summed."""
    heads = np.arange(draws + 1)
    close = np.abs(curve(heads / draws) - curve(p)) <= size * (1 + 1e-12) + 1e-14 * curve(p)
    return float(stats.binom.pmf(heads, draws, p)[close].sum())


def last_failure(curve: Any, p: float, size: float, confidence: float, most: int) -> int:
    missed = [draws for draws in range(1, most) if coverage(curve, p, size, draws) < confidence - 1e-12]
    return max(missed, default=0)


@pytest.mark.parametrize(("p", "draws"), [(0.5, 206), (0.7, 5830), (0.9, 16797), (0.1, 16797)])
def test_plug_in_entropy_of_a_coin_is_within_a_hundredth_of_a_nat_from_the_known_sample_size_on(
    p: float, draws: int
) -> None:
    found = mcdiv.plan("entropy", truth=p, within=0.01)
    assert (found.sample_size, found.proved, found.verified_to) == (draws, True, None)
    assert found.value == pytest.approx(coverage(entropy, p, 0.01, draws), abs=1e-12)
    assert found.value_before == pytest.approx(coverage(entropy, p, 0.01, draws - 1), abs=1e-12)
    assert found.value_before < 0.95 <= found.value


@pytest.mark.slow
def test_plug_in_kl_of_a_coin_is_within_a_hundredth_of_a_nat_from_1598_draws_on() -> None:
    found = mcdiv.plan("kl_divergence", truth=0.5, model=0.6, within=0.01)
    assert (found.sample_size, found.proved) == (1598, True)
    curve = partial(kl, q=0.6)
    assert last_failure(curve, 0.5, 0.01, 0.95, 1800) == 1597


@pytest.mark.parametrize(
    ("p", "estimator", "draws", "rmse", "before"),
    [
        (0.5, "plugin", 126, 0.009955967677298097, 0.010035943616998468),
        (0.5, "miller_madow", 103, 0.00995358003093943, 0.010051665212047303),
        (0.9, "plugin", 9046, 0.009999618161589731, 0.010000171022500875),
    ],
)
def test_the_rmse_of_entropy_reaches_a_hundredth_of_a_bit_at_the_known_sample_size(
    p: float, estimator: str, draws: int, rmse: float, before: float
) -> None:
    found = mcdiv.plan("entropy", truth=p, estimator=estimator, rmse=0.01, units="bits")
    assert found.sample_size == draws
    assert found.value == pytest.approx(rmse, rel=1e-12)
    assert found.value_before == pytest.approx(before, rel=1e-12)


@pytest.mark.slow
@example(p=0.5625, size=0.140625, confidence=0.5, q=0.3)
@settings(max_examples=30)
@given(
    p=st.floats(0.02, 0.98),
    size=st.floats(0.1, 0.3),
    confidence=st.sampled_from([0.5, 0.8, 0.95]),
    q=st.sampled_from([None, 0.3, 0.6]),
)
def test_the_plan_of_a_coin_is_one_draw_more_than_the_last_failure_of_a_scan(
    p: float, size: float, confidence: float, q: float | None
) -> None:
    curve = entropy if q is None else partial(kl, q=q)
    estimand = "entropy" if q is None else "kl_divergence"
    found = mcdiv.plan(estimand, truth=p, model=q, within=size, confidence=confidence)
    assert found.sample_size == 1 + last_failure(curve, p, size, confidence, 2 * found.sample_size + 50)


def law_of(p: float, size: float) -> CoinLaw:
    law = coin_law(question(p, Goal(kind="within", size=size, confidence=0.95)))
    assert law is not None
    return law


def question(p: float, goal: Goal, estimand: str = "entropy", q: float | None = None) -> Question:
    design: Any = "sample" if q is None else "model_known"
    task = Task(estimand=estimand, name="plugin", design=design, parameters=(), label="plugin")
    model = None if q is None else distribution_of("coin", q)
    return Question(goal=goal, task=task, truth=distribution_of("coin", p), model=model)


@pytest.mark.slow
@given(p=st.floats(0.02, 0.98), size=st.floats(0.005, 0.2), fewest=st.integers(1, 2000), more=st.integers(0, 100))
def test_the_bound_of_a_range_is_below_the_probability_at_each_of_its_sample_sizes(
    p: float, size: float, fewest: int, more: int
) -> None:
    law = law_of(p, size)
    bound = law.least(np.array([fewest]), np.array([fewest + more]))[0]
    exact = [coverage(entropy, p, size, draws) for draws in range(fewest, fewest + more + 1)]
    assert bound <= min(exact) + 1e-12


@pytest.mark.slow
@given(p=st.floats(0.02, 0.98), size=st.floats(0.02, 0.2))
def test_chernoffs_bound_holds_where_the_search_ends(p: float, size: float) -> None:
    law = law_of(p, size)
    enough = law.reached_for_good(0.95)
    assert all(coverage(entropy, p, size, int(enough) + more) >= 0.95 - 1e-12 for more in range(0, 60, 7))


@pytest.mark.parametrize(
    ("estimand", "p", "q"),
    [("entropy", 0.9, None), ("entropy", 0.3, None), ("kl_divergence", 0.5, 0.7), ("kl_divergence", 0.8, 0.3)],
)
def test_the_bound_of_an_rmse_falls_with_n_and_is_nowhere_below_the_rmse(
    estimand: str, p: float, q: float | None
) -> None:
    asked = question(p, Goal(kind="rmse", size=0.01, confidence=0.95), estimand, q)
    bound = falling_bound(asked)
    assert bound is not None
    curve = entropy if q is None else partial(kl, q=q)
    before = math.inf
    for draws in (1, 2, 3, 5, 8, 13, 50, 51, 400, 2000):
        heads = np.arange(draws + 1)
        exact = math.sqrt(stats.binom.pmf(heads, draws, p) @ (curve(heads / draws) - curve(p)) ** 2)
        assert exact <= bound(draws) * (1 + 1e-12)
        assert exact_value(asked, draws) == pytest.approx(exact, rel=1e-9)
        assert bound(draws) <= before
        before = bound(draws)


def test_an_estimator_that_is_a_mean_over_draws_needs_its_variance_over_the_squared_rmse() -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    variance = p @ np.log(q) ** 2 - (p @ np.log(q)) ** 2
    found = mcdiv.plan("cross_entropy", truth=p, model=q, rmse=0.001)
    assert (found.sample_size, found.proved) == (math.ceil(variance / 0.001**2), True)
    assert found.guess == found.sample_size


def test_an_estimator_without_bias_reaches_every_bias_with_one_draw() -> None:
    found = mcdiv.plan("cross_entropy", truth=0.5, model=0.6, bias=1e-9)
    assert (found.sample_size, found.proved) == (1, True)
    assert math.isnan(found.value_before)


@pytest.mark.slow
def test_nothing_is_proved_of_an_estimand_that_may_be_infinite() -> None:
    for q in (0.6, 0.7):
        found = mcdiv.plan("jeffreys_divergence", truth=0.6, model=q, bias=0.01)
        assert (found.proved, found.verified_to) == (False, 2 * found.sample_size)


def test_the_bias_of_a_die_is_planned_by_linearity() -> None:
    def bias(draws: int) -> float:
        counts = np.arange(draws + 1)
        return 5 * float(stats.binom.pmf(counts, draws, 0.2) @ entr(counts / draws)) - math.log(5)

    found = mcdiv.plan("entropy", truth=[0.2] * 5, bias=0.001)
    assert (found.sample_size, found.proved) == (2002, True)
    assert found.value == pytest.approx(bias(2002), rel=1e-9)
    assert abs(bias(2001)) > 0.001


def test_a_die_is_planned_over_all_its_outcomes() -> None:
    found = mcdiv.plan("entropy", truth=[0.5, 0.3, 0.2], within=0.2)
    pmf = [Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)]
    truth = sum(-float(p) * math.log(p) for p in pmf)

    def exact(n: int) -> float:
        total = 0.0
        for a in range(n + 1):
            for b in range(n + 1 - a):
                counts = (a, b, n - a - b)
                if abs(sum(entr(c / n) for c in counts) - truth) <= 0.2:
                    total += stats.multinomial.pmf(counts, n, [float(p) for p in pmf])
        return total

    assert exact(found.sample_size - 1) < 0.95 <= exact(found.sample_size)
    assert found.value == pytest.approx(exact(found.sample_size), rel=1e-10)
    assert found.verified_to is not None
    assert found.verified_to >= 2 * found.sample_size


def test_a_model_that_is_sampled_too_needs_draws_in_proportion() -> None:
    found = mcdiv.plan("kl_divergence", truth=0.5, model=0.6, within=0.3, ratio=1.5, confidence=0.8)
    assert found.model_sample_size == math.ceil(1.5 * found.sample_size)

    def exact(n: int) -> float:
        m = math.ceil(1.5 * n)
        x, y = np.arange(n + 1)[:, None], np.arange(m + 1)[None]
        with np.errstate(all="ignore"):
            close = np.abs(kl(x / n, y / m) - kl(0.5, 0.6)) <= 0.3
        return float((np.outer(stats.binom.pmf(x, n, 0.5), stats.binom.pmf(y, m, 0.6)) * close).sum())

    assert found.value == pytest.approx(exact(found.sample_size), rel=1e-10)
    assert exact(found.sample_size - 1) < 0.8 <= exact(found.sample_size)


@pytest.mark.slow
def test_the_width_of_intervals_is_planned() -> None:
    found = mcdiv.plan("entropy", truth=0.7, width=0.1, interval="delta")

    def width(n: int) -> float:
        heads = np.arange(n + 1)
        inside = np.clip(heads, 1, max(1, n - 1))
        slopes = np.where((heads > 0) & (heads < n), np.log(inside / np.maximum(n - inside, 1)), 0.0)
        sd = np.abs(slopes) * np.sqrt(heads * (n - heads)) / n
        return float(stats.binom.pmf(heads, n, 0.7) @ (2 * stats.norm.ppf(0.975) * sd / math.sqrt(n)))

    assert found.interval == "delta"
    assert width(found.sample_size) <= 0.1 < width(found.sample_size - 1)


def test_the_guess_is_the_delta_methods() -> None:
    found = mcdiv.plan("entropy", truth=0.9, within=0.01)
    variance = 0.9 * 0.1 * math.log(9) ** 2
    assert found.guess == math.ceil(stats.norm.ppf(0.975) ** 2 * variance / 0.01**2)
    fair = mcdiv.plan("entropy", truth=0.5, within=0.01)
    assert fair.guess == math.ceil(stats.chi2.ppf(0.95, 1) / 0.02)
    assert mcdiv.plan("entropy", truth=0.5, bias=0.01).guess == 50


def test_a_share_of_the_true_value_is_the_same_goal() -> None:
    whole = mcdiv.plan("entropy", truth=0.7, within=0.05 * entropy(0.7))
    assert mcdiv.plan("entropy", truth=0.7, relative=0.05).sample_size == whole.sample_size


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"within": 0.01, "rmse": 0.01},
            "expected exactly one goal of within, relative, rmse, bias and width, got within",
        ),
        ({}, "expected exactly one goal of within, relative, rmse, bias and width, got none"),
        ({"within": 0}, "within: expected a number > 0, got 0"),
        ({"within": 0.01, "confidence": 1}, "confidence: expected a level between 0 and 1, got 1"),
        ({"within": 1e-7, "truth": 0.9}, "no plan goes beyond 10^9 draws"),
        ({"rmse": 1e-7, "truth": 0.9}, "with 1,000,000,000 draws the RMSE of plugin is 2.08447e−05 nats"),
        ({"within": 0.01, "ratio": 1}, "ratio: entropy has no model to draw from; leave ratio out"),
        ({"within": 0.01, "estimand": "kl_divergence"}, "kl_divergence needs a model; give model"),
        (
            {"within": 0.01, "estimand": "kl_divergence", "model": 1},
            "kl_divergence is infinite for coin(p=0.5) and coin(p=1)",
        ),
        ({"relative": 0.01, "truth": 1}, "relative: entropy is 0 for coin(p=1); give within, an error in nats"),
        ({"rmse": 0.01, "truth": "zipf: {k: [2, 3], s: [1, 2]}"}, "or a range"),
        ({"rmse": 0.01, "truth": [[0.5, 0.5], [0.4, 0.6]]}, "truth: expected two ends of a range of one number"),
        ({"rmse": 0.01, "seed": -1}, "seed: expected a whole number from 0 to 2^63 − 1"),
        ({"within": 0.01, "truth": "zipf: {k: [2, 3, 4]}"}, "truth: expected one distribution, or a range"),
        ({"within": 0.01, "estimator": "plugn"}, "did you mean 'plugin'?"),
        ({"width": 0.01, "interval": "dleta"}, "did you mean 'delta'?"),
    ],
)
def test_a_goal_that_cannot_be_planned_is_one_line(arguments: dict[str, Any], said: str) -> None:
    given = {"estimand": "entropy", "truth": 0.5} | arguments
    with pytest.raises(mcdiv.ScenarioError) as caught:
        mcdiv.plan(given.pop("estimand"), **given)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


@pytest.mark.slow
def test_the_command_prints_the_same_as_the_function_gives(mcdiv_command: Command) -> None:
    options = ["plan", "--truth", "0.5", "--rmse", "0.01", "-u", "bits", "-e", "plugin", "-e", "miller_madow"]
    records = json.loads(mcdiv_command(*options, "--json").stdout)
    for record in records:
        found = mcdiv.plan("entropy", truth=0.5, estimator=record["estimator"], rmse=0.01, units="bits")
        assert record == json.loads(json.dumps({key: getattr(found, key) for key in record}))
    printed = mcdiv_command(*options).stdout
    assert "entropy of P = coin(p=0.5): 1 bit\ngoal: RMSE at most 0.01 bits\n" in printed
    assert "plugin: every larger N reaches the goal too (proved)." in printed
    assert "miller_madow: every N from 103 to 206 was computed and reaches the goal" in printed


def test_a_mistake_in_the_command_is_one_line_and_exit_code_2(mcdiv_command: Command) -> None:
    said = mcdiv_command("plan", "--truth", "0.5", "--within", "x", code=2).stderr
    assert said == "within: expected a number > 0, got 'x'\n"


def test_a_file_that_is_not_there_is_no_coin(mcdiv_command: Command, folder: Path) -> None:
    done = mcdiv_command("plan", "--truth", "nosuch.csv", "--within", "0.1", code=2)
    assert done.stderr == "nosuch.csv: there is no such file\n"


def test_the_command_says_which_goals_there_are_and_what_it_wrote(mcdiv_command: Command, folder: Path) -> None:
    said = mcdiv_command("plan", "--truth", "0.5", code=2).stderr
    assert "give one goal: --within, --relative, --rmse, --bias, --width, or --power with --against." in said
    done = mcdiv_command("plan", "--truth", "0.5", "--rmse", "0.1", "--plot", "plan.svg")
    assert done.stdout.endswith("\nwrote plan.svg\n")
