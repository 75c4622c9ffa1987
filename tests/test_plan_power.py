"""How many draws a test needs to notice a difference, against values known from elsewhere and sums over outcomes."""

import itertools
import json
import math
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Command
from scipy import stats

import mcdiv
from mcdiv.planning.power import PowerQuestion, power_at
from mcdiv.planning.simulated_power import SimulatedPower
from mcdiv.significance.power import power_of_samples


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_power_of_four_fifths_of_the_g_test_takes_154_draws() -> None:
    """By enumeration of all outcomes, elsewhere."""
    found = mcdiv.plan_power([0.5, 0.3, 0.2], [0.4, 0.3, 0.3], alpha=0.05, power=0.8)
    assert found.sample_size == 154
    assert found.power == pytest.approx(0.8057706145305815, abs=1e-11)
    assert found.power_before == pytest.approx(0.7986936789318743, abs=1e-11)
    assert found.verified_to >= 260
    assert found.guess == 149  # noncentral χ², 2 degrees of freedom: λ = 9.6347 = 2 N KL


def test_power_and_size_with_100_draws_are_those_found_elsewhere() -> None:
    """There the least value that rejects is named, 6.036261704387818; here the largest that does not."""
    found = power_at(question("g", [0.5, 0.3, 0.2], [0.4, 0.3, 0.3]), 100)
    assert found.power == pytest.approx(0.6078949622043374, abs=1e-11)
    assert found.size == pytest.approx(0.049677761494272374, abs=1e-12)
    rest = [(a, b, 100 - a - b) for a in range(101) for b in range(101 - a)]
    above = [value for counts in rest if (value := by_hand("g", counts, [0.5, 0.3, 0.2])) > found.critical_value + 1e-9]
    assert min(above) == pytest.approx(6.036261704387818, rel=1e-12)


def question(statistic: str, reference: Any, alternative: Any, power: float = 0.8) -> PowerQuestion:
    q, p = (np.asarray(pmf, dtype=np.float64) for pmf in (reference, alternative))
    return PowerQuestion(statistic=statistic, reference=q, alternative=p, alpha=0.05, power=power)


def by_hand(name: str, counts: tuple[int, ...], q: list[float]) -> float:
    """The statistic of a sample, written out."""
    n = sum(counts)
    p = [c / n for c in counts]
    pairs = list(zip(p, q, strict=True))
    if name != "tv" and any(a > 0 == b for a, b in pairs):
        return math.inf
    pairs = [(a, b) for a, b in pairs if a > 0 or b > 0]
    if name == "psi":
        return sum(math.inf if a == 0 else (a - b) * math.log(a / b) for a, b in pairs)
    if name == "pearson":
        return n * sum((a - b) ** 2 / b for a, b in pairs)
    if name == "tv":
        return sum(abs(a - b) for a, b in pairs) / 2
    return (2 * n if name == "g" else 1) * sum(a * math.log(a / b) for a, b in pairs if a > 0)


@pytest.mark.parametrize("name", ["g", "pearson", "kl", "psi", "tv"])
@pytest.mark.parametrize(
    ("q", "p"),
    [([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]), ([0.5, 0.5, 0.0], [0.4, 0.5, 0.1]), ([0.4, 0.3, 0.3], [1.0, 0.0, 0.0])],
)
def test_the_power_is_the_probability_of_the_outcomes_that_reject(name: str, q: list[float], p: list[float]) -> None:
    if name == "tv" and q[2] == 0:
        pytest.skip("refused: it is finite there")
    n = 12
    outcomes = [c for c in itertools.product(range(n + 1), repeat=3) if sum(c) == n]
    values = [by_hand(name, c, q) for c in outcomes]
    null = [float(stats.multinomial.pmf(c, n, q)) for c in outcomes]
    there = [float(stats.multinomial.pmf(c, n, p)) for c in outcomes]

    def exceeding(weights: list[float], critical: float) -> float:
        above = math.inf if math.isinf(critical) else critical * (1 + 1e-12)
        return sum(w for w, value in zip(weights, values, strict=True) if value > above)

    attained = sorted(v for v, w in zip(values, null, strict=True) if w > 0)
    critical = next(v for v in attained if exceeding(null, v) <= 0.05)
    found = power_at(question(name, q, p), n)
    assert found.critical_value == pytest.approx(critical, rel=1e-10)
    assert found.size == pytest.approx(exceeding(null, critical), abs=1e-12)
    assert found.power == pytest.approx(exceeding(there, critical), abs=1e-12)


def test_no_size_is_above_its_level() -> None:
    coins = [question(name, [p, 1 - p], [0.5, 0.5]) for name in ("g", "pearson", "js", "tv") for p in (0.1, 0.3)]
    assert all(power_at(each, draws).size <= 0.05 for each in coins for draws in (1, 2, 5, 20, 100))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"alternative": 0.5}, "alternative and reference are the same: there is nothing to notice"),
        ({"alpha": 0}, "alpha: expected a number between 0 and 1, got 0"),
        ({"power": 1}, "power: expected a number between 0 and 1, got 1"),
        ({"statistic": "chi"}, "unknown statistic 'chi'"),
        ({"alternative": [0.2, 0.3, 0.5]}, "reference: coin(p=0.5) has 2 categories"),
        ({"reference": [1, 0], "statistic": "tv"}, "tv: reference lacks a category that can be drawn"),
        ({"alternative": 0.5000001}, "with 1,000,000,000 draws the power is 0."),
        ({"seed": -1}, "seed: expected a whole number from 0"),
    ],
)
def test_what_cannot_be_planned_is_one_line(arguments: dict[str, Any], said: str) -> None:
    given = {"reference": 0.5, "alternative": 0.6} | arguments
    with pytest.raises(mcdiv.ScenarioError) as caught:
        mcdiv.plan_power(given.pop("reference"), given.pop("alternative"), **given)
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_the_command_prints_the_same_as_the_function_gives(mcdiv_command: Command) -> None:
    options = ["plan", "--truth", "0.8", "--against", "0.5", "--power", "0.8"]
    record = json.loads(mcdiv_command(*options, "--json").stdout)
    found = mcdiv.plan_power(0.5, 0.8)
    assert record == {key: getattr(found, key) for key in record} | {"curve": []}
    printed = mcdiv_command(*options).stdout
    assert "draws from coin(p=0.8), tested against coin(p=0.5)" in printed
    assert f"Every N from {found.sample_size} to {found.verified_to} was computed and has the power" in printed


def test_power_and_against_go_together(mcdiv_command: Command) -> None:
    assert (
        "--power and --against go together" in mcdiv_command("plan", "--truth", "0.8", "--power", "0.8", code=2).stderr
    )


@pytest.mark.parametrize("name", ["g", "pearson", "kl", "js", "psi", "tv"])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_a_simulated_power_is_the_exact_one_within_its_error(name: str, alpha: float) -> None:
    asked = replace(question(name, [0.5, 0.3, 0.2], [0.37, 0.3, 0.33]), alpha=alpha)
    exact = power_at(asked, 151)
    power, mcse = SimulatedPower(asked, seed=1).at(151, 20_000, 0)
    assert abs(power - exact.power) <= 4.5 * mcse
    assert mcse < 0.02
    critical = SimulatedPower(asked, seed=1).critical_value(151)
    assert abs(critical.alarm_rate.value - exact.size) <= 4.5 * critical.alarm_rate.mcse + 0.02 * alpha


#: the loaded die against the fair one: by sums over what each face adds, power 0.7976 of 294 and 0.8003 of 296 rolls
FAIR, LOADED = [1 / 6] * 6, [0.15] * 5 + [0.25]


@pytest.mark.slow
def test_where_outcomes_cannot_be_listed_the_plan_is_simulated() -> None:
    found = mcdiv.plan_power(FAIR, LOADED)
    assert found.sample_size_interval is not None
    low, high = found.sample_size_interval
    assert 290 <= low <= 296 <= high <= 302
    assert abs(found.power - 0.8) <= 4.5 * found.mcse
    assert abs(found.size - 0.05) <= 4.5 * found.size_mcse
    assert (found.verified_to, found.guess) == (None, 288)
    assert found.replicates > 0
    assert mcdiv.plan_power(FAIR, LOADED) == found
    assert mcdiv.plan_power(FAIR, LOADED, seed=1) != found


@pytest.mark.slow
def test_the_simulated_plan_has_the_power_exactly() -> None:
    q, p = np.array(FAIR), np.array(LOADED)
    there, before = (power_of_samples("g", q, p, n, alpha=0.05, limit=2**26) for n in (296, 292))
    assert there is not None
    assert before is not None
    assert before.power == pytest.approx(0.79441, abs=1e-5)
    assert there.power == pytest.approx(0.80028, abs=1e-5)


def test_the_command_says_that_a_plan_is_simulated(mcdiv_command: Command) -> None:
    options = ["--truth", ", ".join(map(str, LOADED)), "--against", "uniform: {k: 6}", "--power", "0.8"]
    printed = mcdiv_command("plan", *options).stdout
    assert "N is simulated; its 95 % confidence interval is 29" in printed
    assert "Every N" not in printed


@pytest.mark.slow
def test_a_power_that_replicates_cannot_tell_from_1_is_refused() -> None:
    with pytest.raises(mcdiv.ScenarioError, match=r"replicates do not tell how many draws a value of 0.9999999 takes"):
        mcdiv.plan_power(FAIR, LOADED, power=0.9999999)


def test_a_law_of_a_thousand_million_draws_is_simulated_without_a_table_of_their_numbers() -> None:
    tracemalloc.start()
    found = mcdiv.threshold([0.2, 0.3, 0.5], n=10**9, replicates=2000, statistic="psi")
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.replicates == 2000
    assert found.value * 10**9 == pytest.approx(stats.chi2.isf(0.05, 2), rel=0.15)
    assert used < 5e7


@pytest.mark.slow
@pytest.mark.parametrize("statistic", ["g", "pearson", "kl", "js", "psi", "tv"])
def test_the_study_of_a_plan_finds_the_same_power(statistic: str, folder: Path) -> None:
    found = mcdiv.plan_power([0.5, 0.3, 0.2], [0.4, 0.3, 0.3], power=0.5, statistic=statistic)
    (folder / "plan.yaml").write_text(found.scenario, encoding="utf-8")
    done = mcdiv.run(folder / "plan.yaml", settings=["plots=[]"])
    there = done.tables["performance"].query("measure == 'power' and sample_size == @found.sample_size")
    assert there["exact"].item() == pytest.approx(found.power, abs=1e-9)
    assert [check.met for check in done.checks] == [True]


@pytest.mark.slow
def test_the_study_of_a_simulated_plan_runs_and_has_no_check(folder: Path, mcdiv_command: Command) -> None:
    found = mcdiv.plan_power(FAIR, LOADED)
    (folder / "plan.yaml").write_text(found.scenario, encoding="utf-8")
    done = mcdiv.run(folder / "plan.yaml", settings=["plots=[]"])
    assert not done.checks
    assert set(done.summary["sample_size"]) == {found.sample_size - 1, found.sample_size}
    assert mcdiv.plan_power(FAIR, LOADED, statistic="tv").scenario == ""
    options = ["--truth", ", ".join(map(str, LOADED)), "--against", "uniform: {k: 6}", "--power", "0.8", "--yaml"]
    printed = mcdiv.plan_power("uniform: {k: 6}", LOADED).scenario
    assert mcdiv_command("plan", *options).stdout == printed.rstrip("\n") + "\n"
    refused = mcdiv_command("plan", *options, "--statistic", "tv", code=2).stderr
    assert "no study tests by tv where outcomes cannot be listed" in refused


def test_powers_around_a_plan_are_drawn(folder: Path, mcdiv_command: Command) -> None:
    options = ["--truth", "0.8", "--against", "0.5", "--power", "0.8", "--plot", "power.svg"]
    assert "wrote power.svg" in mcdiv_command("plan", *options).stdout
    assert (folder / "power.svg").exists()
    found = mcdiv.plan_power(0.5, 0.8, curve=True)
    powers = {size: (power, mcse) for size, power, mcse in found.curve}
    assert powers[found.sample_size] == (found.power, 0)
    assert (min(powers), max(powers)) == (found.sample_size // 2, 2 * found.sample_size)
    with pytest.raises(ValueError, match="give curve=True"):
        mcdiv.plan_power(0.5, 0.8).draw()


@pytest.mark.slow
def test_simulated_powers_around_a_plan_have_errors() -> None:
    found = mcdiv.plan_power(FAIR, LOADED, curve=True)
    assert len(found.curve) == 15
    assert all(0 < mcse < 0.02 for _, _, mcse in found.curve)
