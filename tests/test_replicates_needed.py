"""How many replicates a wanted MCSE takes: `mcdiv check --mcse`."""

import math
from pathlib import Path

import pytest
from conftest import Command
from small import small

import mcdiv
from mcdiv.engine.replicates_needed import at_precision
from mcdiv.files.yaml_text import write_text

#: 20 flips at P(heads) = 0.7, the plug-in entropy with delta intervals: by enumerating all outcomes in another program
COIN = {"truth": {"coin": 0.7}, "model": None, "estimands": ["entropy"], "estimators": ["plugin"], "sample_sizes": [20]}
EMPSE, COVERAGE, RELATIVE_MCSE_AT_1000 = 0.0946547389753772, 0.8841694372219082, 3.1061868849572565
DRAWN = {"truth": {"zipf": 600}, "model": None, "estimators": ["chao_shen", "plugin"], "sample_sizes": [30, 100]}


@pytest.fixture
def scenario(folder: Path) -> Path:
    path = folder / "coin.yaml"
    path.write_text(write_text(small(**COIN, intervals=["delta"])), encoding="utf-8")
    return path


def test_a_share_takes_its_variance_over_the_square_of_the_mcse() -> None:
    # Morris, White & Crowther (2019), section 5.3: p (1 − p)/MCSE², and sd²/MCSE².
    assert at_precision(math.sqrt(0.95 * 0.05), 1, 0.005) == 1900
    assert at_precision(math.sqrt(0.5 * 0.5), 1, 0.01) == 2500
    assert at_precision(math.sqrt(26114.56e-6), 1, 0.001) == 26115
    assert at_precision(0.0, 1000, 0.1) == 1


@pytest.mark.slow
def test_where_outcomes_are_listed_the_answer_is_that_of_the_law(scenario: Path) -> None:
    asked = {"bias": 0.001, "coverage": 0.005, "relative_error_modse": 1}
    bias, coverage, relative = mcdiv.check(scenario, mcse=asked).replicates
    assert bias.replicates == math.ceil(EMPSE**2 / 1e-6)
    assert coverage.replicates == math.ceil(COVERAGE * (1 - COVERAGE) / 0.005**2)
    assert relative.replicates == math.ceil(1000 * RELATIVE_MCSE_AT_1000**2)
    assert {one.source for one in (bias, coverage, relative)} == {"exact"}
    assert (coverage.interval, coverage.unit, relative.unit, bias.unit) == ("delta", "1", "%", "nats")


@pytest.mark.slow
def test_an_mcse_in_other_units_takes_the_same_replicates(scenario: Path) -> None:
    (nats,) = mcdiv.check(scenario, mcse={"bias": 0.001}).replicates
    (bits,) = mcdiv.check(scenario, mcse={"bias": 0.001 / math.log(2)}, settings=["units=bits"]).replicates
    assert nats.replicates == bits.replicates


@pytest.mark.slow
def test_so_many_replicates_do_have_the_mcse(folder: Path) -> None:
    path = folder / "drawn.yaml"
    path.write_text(write_text(small(**DRAWN, mode="monte_carlo")), encoding="utf-8")
    (rmse,) = mcdiv.check(path, mcse={"rmse": 0.002}).replicates
    assert rmse.source == "pilot"
    assert 0 < rmse.relative_error < 0.2
    results = mcdiv.run(path, settings=[f"replicates={rmse.replicates}", "paths=0"])
    assert results.summary["rmse_mcse"].max() == pytest.approx(0.002, rel=5 * rmse.relative_error)
    worst = results.summary.loc[results.summary["rmse_mcse"].idxmax()]
    assert (worst["estimator"], worst["sample_size"]) == (rmse.task.label, rmse.condition.sample_size)


@pytest.mark.slow
def test_a_bias_whose_exact_spread_is_known_takes_what_that_says(folder: Path) -> None:
    path = folder / "drawn.yaml"
    path.write_text(write_text(small(**DRAWN | {"estimators": ["plugin"], "truth": {"uniform": 40}})), encoding="utf-8")
    (bias,) = mcdiv.check(path, mcse={"bias": 0.001}).replicates
    sd = mcdiv.run(path, settings=["mode=exact"]).summary["exact_sd"].max()
    assert (bias.source, bias.replicates) == ("exact", math.ceil(sd**2 / 1e-6))


@pytest.mark.slow
def test_a_share_that_no_replicate_had_is_answered_by_its_bound(folder: Path) -> None:
    path = folder / "drawn.yaml"
    path.write_text(write_text(small(**DRAWN, mode="monte_carlo")), encoding="utf-8")
    (share,) = mcdiv.check(path, mcse={"infinite_share": 0.001}).replicates
    bound = 1 - 0.05 ** (1 / 1000)
    assert share.source == "bound"
    assert share.replicates == math.ceil(bound * (1 - bound) / 0.001**2)
    assert "at most: a 95 % bound" in str(share)


def test_rows_without_an_mcse_are_counted(folder: Path) -> None:
    path = folder / "infinite.yaml"
    values = small(model={"coin": 1}, estimators=["plugin"], estimands=["entropy", "kl_divergence"], sample_sizes=[10])
    path.write_text(write_text(values), encoding="utf-8")
    (bias,) = mcdiv.check(path, mcse={"bias": 0.01}).replicates
    assert bias.without == 1
    assert str(bias).endswith("; 1 row has no MCSE of it)")
    with pytest.raises(mcdiv.ScenarioError, match="no row has an MCSE of bias"):
        mcdiv.check(path, settings=["estimands=[kl_divergence]"], mcse={"bias": 0.01})


@pytest.mark.slow
def test_the_command_says_what_the_function_says(mcdiv_command: Command, scenario: Path) -> None:
    printed = mcdiv_command("check", str(scenario), "--mcse", "bias=1e-3", "--mcse", "coverage=0.005").stdout
    found = mcdiv.check(scenario, mcse={"bias": 1e-3, "coverage": 0.005}).replicates
    assert printed.splitlines()[1:] == [f"  {one}" for one in found]
    assert printed.splitlines()[1] == (
        "  bias with an MCSE of 0.001 nats: 8,960 replicates (exact; most for plugin of H(P), P = coin(p=0.7), N = 20)"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("bais=1", "mcse: unknown measure 'bais'; did you mean 'bias'?"),
        ("bias=0", "mcse: bias: expected a number > 0, got '0'"),
        ("bias", "expected MEASURE=NUMBER, such as bias=0.001, got 'bias'"),
        ("coverage=0.01", "mcse: coverage is a measure of intervals; give 'intervals'"),
    ],
)
def test_what_cannot_be_asked_is_one_line(mcdiv_command: Command, given: str, said: str) -> None:
    found = mcdiv_command("check", "fair", "--mcse", given, code=2)
    assert said in found.stderr.splitlines()[-1]
    assert not found.stdout
