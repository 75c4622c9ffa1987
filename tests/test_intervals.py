"""Intervals: each against its definition, worked out by hand or by brute force; coverage against enumeration."""

import itertools
import json
import math
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import gammaln, ndtr, ndtri, polygamma
from small import scenario_of, small

import mcdiv
from mcdiv.core.interval_performance import IntervalSummary, features_of_intervals
from mcdiv.core.moments import moments_of
from mcdiv.estimands.contract import ESTIMANDS, estimand_of
from mcdiv.estimators.entry import Estimator, Property
from mcdiv.estimators.registry import entries
from mcdiv.intervals import bootstrap
from mcdiv.intervals.contract import INTERVALS
from mcdiv.measures.contract import of_interval
from mcdiv.results.study_results import Results
from mcdiv.scenario.model import read_scenario

Study = Callable[..., Results]
pytestmark = pytest.mark.filterwarnings("ignore:bootstrap_percentile")

OFFERED = [
    pytest.param(entry.name, ESTIMANDS[estimand].example.label, design, id=f"{entry.name}-{estimand}-{design}")
    for entry in INTERVALS.values()
    for estimand, design in sorted(entry.pairs())
    if not ESTIMANDS[estimand].needs_joint
]
KL = "kl_divergence"
COIN = [[7, 3], [1, 9], [4, 4]]


def interval(name: str, estimand: str, design: str, counts: Any, level: float = 0.95) -> mcdiv.IntervalEstimate:
    k = np.shape(counts)[-1]
    given: dict[str, Any] = {"alpha": 0.5} if name == "bayes" else {}
    given |= {"resamples": 200} if name.startswith("bootstrap") else {}
    given |= {"draws": 200} if name in ("bayes", "nsb") else {}
    given |= {"q": np.arange(1, k + 1) * 2 / (k * (k + 1))} if design == "model_known" else {}
    given |= {"counts_q": np.roll(counts, 1, axis=-1) + 3} if design == "model_sampled" else {}
    return mcdiv.interval(estimand, counts, method=name, level=level, **given)


@pytest.mark.parametrize(("name", "estimand", "design"), OFFERED)
def test_a_batch_equals_one_by_one_and_nothing_given_is_changed(name: str, estimand: str, design: str) -> None:
    counts = np.array(COIN)
    found = interval(name, estimand, design, counts)
    assert (counts == COIN).all()
    for row, single in enumerate(COIN):
        alone = interval(name, estimand, design, single)
        for part in ("low", "high", "estimate", "standard_error"):
            assert getattr(alone, part) == pytest.approx(getattr(found, part)[row], rel=1e-12, nan_ok=True), part


@pytest.mark.slow
@pytest.mark.parametrize(("name", "estimand", "design"), OFFERED)
def test_a_higher_level_never_gives_a_narrower_interval(name: str, estimand: str, design: str) -> None:
    narrow, wide = (interval(name, estimand, design, COIN, level) for level in (0.8, 0.99))
    known = ~np.isnan(wide.low)
    assert (narrow.low <= narrow.high)[~np.isnan(narrow.low)].all()
    assert (wide.low[known] <= narrow.low[known] + 1e-12).all()
    assert (wide.high[known] >= narrow.high[known] - 1e-12).all()


@pytest.mark.parametrize(("name", "estimand", "design"), OFFERED)
def test_extreme_samples_give_an_interval_or_none_and_no_warning(name: str, estimand: str, design: str) -> None:
    for counts in ([1, 0], [0, 3], [1, 1]):
        found = interval(name, estimand, design, counts)
        assert found.low <= found.high or (math.isnan(found.low) and math.isnan(found.high)), counts


def test_units_scale_everything() -> None:
    nats, bits = (mcdiv.interval("entropy", [7, 3], method="jackknife", units=u) for u in ("nats", "bits"))
    for part in ("low", "high", "estimate", "standard_error"):
        assert float(getattr(bits, part)) * math.log(2) == pytest.approx(float(getattr(nats, part)))


# ---- each method against its definition


@pytest.mark.parametrize(("counts", "counts_q"), [((7, 3, 2), (4, 5, 6)), ((9, 1, 1), (3, 3, 8))])
@pytest.mark.parametrize(
    "estimand", [entry.example.label for entry in ESTIMANDS.values() if entry.needs_model and entry.slopes]
)
def test_delta_is_the_slope_of_the_definition(
    estimand: str, counts: tuple[int, ...], counts_q: tuple[int, ...]
) -> None:
    p, q = (np.array(n) / sum(n) for n in (counts, counts_q))
    # Directional derivatives by central differences of the definition, towards each category.
    slopes = np.empty((2, 3))
    h = 1e-6
    for k in range(3):
        towards = np.eye(3)[k]
        for side in (0, 1):
            ends = []
            for step in (h, -h):
                pair = [p.copy(), q.copy()]
                pair[side] = pair[side] + step * (towards - pair[side])
                ends.append(float(estimand_of(estimand).value(*pair)))
            slopes[side, k] = (ends[0] - ends[1]) / (2 * h)
    wanted = math.sqrt(p @ slopes[0] ** 2 / sum(counts) + q @ slopes[1] ** 2 / sum(counts_q))
    found = mcdiv.interval(estimand, counts, counts_q=counts_q, method="delta")
    assert float(found.standard_error) == pytest.approx(wanted, rel=1e-7)
    known = mcdiv.interval(estimand, counts, q=q, method="delta")
    assert float(known.standard_error) == pytest.approx(math.sqrt(p @ slopes[0] ** 2 / sum(counts)), rel=1e-7)
    assert float(found.high - found.low) == pytest.approx(2 * 1.959963984540054 * wanted, rel=1e-7)


def left_out(counts: tuple[int, ...], **given: Any) -> tuple[np.ndarray, float]:
    """The estimate without each single draw, and (N−1)/N times their squared deviations."""
    values = []
    for k, n in enumerate(counts):
        if n == 0:
            continue
        fewer = np.array(counts)
        fewer[k] -= 1
        values += [float(mcdiv.estimate(counts=fewer, **given))] * n
    N = sum(counts)
    return np.array(values), (N - 1) / N * float(((values - np.mean(values)) ** 2).sum())


@pytest.mark.parametrize("estimator", ["plugin", "miller_madow", "chao_shen", "nsb"])
def test_jackknife_leaves_out_every_draw_once(estimator: str) -> None:
    counts = (5, 2, 2, 1, 0)
    found = mcdiv.interval("entropy", counts, method="jackknife", estimator=estimator)
    _, wanted = left_out(counts, estimand="entropy", estimator=estimator)
    assert float(found.standard_error) == pytest.approx(math.sqrt(wanted), rel=1e-9)


@pytest.mark.parametrize(
    "entry",
    [e for e in entries() if e.entropy_terms and e.design != "pmfs_known" and not ESTIMANDS[e.estimand].needs_joint],
    ids=lambda entry: f"{entry.name}-{entry.estimand}",
)
def test_leaving_one_out_agrees_with_the_delta_method_at_large_n_unless_an_estimator_alternates(
    entry: Estimator,
) -> None:
    parameters = {"alpha": 1.0} if any(p.required for p in entry.parameters.values()) else {}
    model = {"q": [0.2, 0.3, 0.5]} if entry.design == "model_known" else {}
    given: dict[str, Any] = {"estimator": entry.name, **model, **parameters}
    counts = [2000, 3001, 9002]
    delta = mcdiv.interval(entry.estimand, counts, method="delta", **given)
    with pytest.warns(UserWarning, match="prefer delta") if Property.ALTERNATES in entry.properties else nullcontext():
        found = mcdiv.interval(entry.estimand, counts, method="jackknife", **given)
    ratio = float(found.standard_error / delta.standard_error)
    assert ratio > 1.2 if Property.ALTERNATES in entry.properties else ratio == pytest.approx(1, abs=0.05)


def test_the_delta_method_has_the_spread_of_an_alternating_estimator_and_the_jackknife_has_not() -> None:
    counts = np.random.default_rng(5).multinomial(200, [0.5, 0.2, 0.15, 0.1, 0.05], size=2000)
    spread = float(mcdiv.estimate("entropy", counts, estimator="grassberger_2003").std(ddof=1))
    given: dict[str, Any] = {"estimator": "grassberger_2003"}
    delta = mcdiv.interval("entropy", counts, method="delta", **given).standard_error.mean()
    assert delta == pytest.approx(spread, rel=0.1)
    with pytest.warns(UserWarning, match="overstates its spread"):
        assert mcdiv.interval("entropy", counts, method="jackknife", **given).standard_error.mean() > 1.3 * spread


def test_jackknife_of_two_samples_adds_what_each_contributes() -> None:
    n, m = (5, 2, 4), (3, 6, 2)
    found = mcdiv.interval("kl_divergence", n, counts_q=m, method="jackknife")
    assert float(found.standard_error) == pytest.approx(
        float(mcdiv.standard_error("kl_divergence", n, counts_q=m, method="jackknife")), rel=1e-10
    )
    known = mcdiv.interval("kl_divergence", n, q=[0.2, 0.3, 0.5], method="jackknife")
    _, wanted = left_out(n, estimand="kl_divergence", estimator="plugin", q=[0.2, 0.3, 0.5])
    assert float(known.standard_error) == pytest.approx(math.sqrt(wanted), rel=1e-9)


def every_resample(counts: tuple[int, ...], estimator: str) -> np.ndarray:
    """The estimates on all N^N ways to draw N times with replacement, in order."""
    N, k = sum(counts), len(counts)
    draws = np.repeat(np.arange(k), counts)
    rows = [np.bincount(draws[list(chosen)], minlength=k) for chosen in itertools.product(range(N), repeat=N)]
    return np.sort(mcdiv.estimate("entropy", rows, estimator=estimator))


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["plugin", "miller_madow"])
def test_bootstrap_intervals_are_the_quantiles_over_every_resample(estimator: str) -> None:
    counts, level = (3, 2, 1), 0.8
    values = every_resample(counts, estimator)
    estimate = float(mcdiv.estimate("entropy", counts, estimator=estimator))

    def quantile(share: float) -> float:
        return float(values[math.ceil(share * len(values) - 1e-6) - 1])

    found = {
        name: mcdiv.interval("entropy", counts, method=f"bootstrap_{name}", estimator=estimator, level=level)
        for name in ("percentile", "basic", "bca")
    }
    low, high = quantile(0.1), quantile(0.9)
    assert [float(found["percentile"].low), float(found["percentile"].high)] == pytest.approx([low, high])
    assert [float(found["basic"].low), float(found["basic"].high)] == pytest.approx(
        [2 * estimate - high, 2 * estimate - low]
    )
    assert float(found["basic"].standard_error) == pytest.approx(values.std())
    near = np.abs(values - estimate) < 1e-9
    shift = ndtri((values[~near] < estimate).sum() / len(values) + near.mean() / 2)
    without, _ = left_out(counts, estimand="entropy", estimator=estimator)
    steps = without.mean() - without
    skew = (steps**3).sum() / (6 * (steps**2).sum() ** 1.5)
    ends = [quantile(float(ndtr(shift + (shift + z) / (1 - skew * (shift + z))))) for z in ndtri([0.1, 0.9])]
    assert [float(found["bca"].low), float(found["bca"].high)] == pytest.approx(ends)


def test_drawn_resamples_agree_with_listed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = mcdiv.interval("entropy", [20, 9, 4], method="bootstrap_basic")
    monkeypatch.setattr(bootstrap, "_MAX_LISTED", 0)
    drawn = mcdiv.interval("entropy", [20, 9, 4], method="bootstrap_basic", resamples=20_000)
    # the standard error of a standard deviation of 20,000 values that are not far from normal
    assert float(drawn.standard_error) == pytest.approx(
        float(listed.standard_error), rel=5 / math.sqrt(2 * 20_000) * 1.5
    )
    assert float(drawn.low) == pytest.approx(float(listed.low), abs=0.02)
    assert mcdiv.interval("entropy", [20, 9, 4], method="bootstrap_basic", resamples=20_000).low == drawn.low
    other = mcdiv.interval("entropy", [20, 9, 4], method="bootstrap_basic", resamples=20_000, seed=2)
    assert float(other.standard_error) != float(drawn.standard_error)


def test_the_percentile_bootstrap_is_flagged() -> None:
    with pytest.warns(UserWarning, match="miss its own estimate"):
        mcdiv.interval("entropy", [7, 3], method="bootstrap_percentile")


@pytest.mark.parametrize("counts", [(7, 3), (0, 5), (1, 1), (400, 3)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_coins_interval_is_the_image_of_scipys_exact_one(counts: tuple[int, int], level: float) -> None:
    ends = stats.binomtest(counts[0], sum(counts)).proportion_ci(level, method="exact")
    grid = np.linspace(ends.low, ends.high, 20_001)
    for estimand, q in (("entropy", None), ("kl_divergence", [0.6, 0.4]), ("cross_entropy", [0.6, 0.4])):
        pmfs = np.stack([grid, 1 - grid], axis=1)
        values = getattr(mcdiv, estimand)(*([pmfs] if q is None else [pmfs, q]))
        found = mcdiv.interval(estimand, counts, method="clopper_pearson", q=q, level=level)
        assert float(found.low) == pytest.approx(values.min(), abs=1e-7)
        assert float(found.high) == pytest.approx(values.max(), abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("counts", [(7, 3), (0, 5), (40, 41)])
@pytest.mark.parametrize("alpha", [0.5, 1])
def test_the_posterior_of_a_coin_leaves_equal_tails(counts: tuple[int, int], alpha: float) -> None:
    found = mcdiv.interval("entropy", counts, method="bayes", alpha=alpha, level=0.9)
    posterior = stats.beta(counts[0] + alpha, counts[1] + alpha)
    grid = np.linspace(0, 1, 400_001)
    entropies = mcdiv.entropy(np.stack([grid, 1 - grid], axis=1))
    mass = np.diff(posterior.cdf(grid))
    middles = (entropies[1:] + entropies[:-1]) / 2
    assert mass[middles < found.low].sum() == pytest.approx(0.05, abs=1e-4)
    assert mass[middles > found.high].sum() == pytest.approx(0.05, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("estimand", ["kl_divergence", "cross_entropy", "js_divergence", "jeffreys_divergence"])
def test_the_posterior_of_a_coin_with_a_known_model_leaves_the_tails_it_should(estimand: str) -> None:
    counts, q = [7, 3], [0.6, 0.4]
    found = mcdiv.interval(estimand, counts, q=q, method="bayes", alpha=1)
    grid = np.linspace(0, 1, 200_001)[1:-1]
    values = getattr(mcdiv, estimand)(np.stack([grid, 1 - grid], axis=1), q)
    density = stats.beta(8, 4).pdf(grid) * (grid[1] - grid[0])
    mean = density @ values
    assert float(found.standard_error) == pytest.approx(math.sqrt(density @ (values - mean) ** 2), rel=1e-3)
    for end, tail in ((found.low, density[values < found.low].sum()), (found.high, density[values > found.high].sum())):
        assert end >= 0
        assert tail == pytest.approx(0.025, abs=1 / 10_000 + 1e-5)


def nsb_tails(counts: list[int], low: float, high: float) -> tuple[float, float]:
    """P{H < low} and P{H > high} of a coin under the prior of nsb, by the trapezoid rule over ln β."""
    n, m = counts
    u = np.arange(-40, 25, 0.25)
    beta = np.exp(u)
    slope = beta * (2 * polygamma(1, 2 * beta + 1) - polygamma(1, beta + 1))
    logs = gammaln(n + beta) + gammaln(m + beta) - 2 * gammaln(beta) - gammaln(n + m + 2 * beta) + gammaln(2 * beta)
    share = np.exp(logs - logs.max()) * slope
    share /= share.sum()
    # The p below ½ at which the entropy is that of either end.
    ends = [brentq(lambda p, end=end: float(mcdiv.entropy([p, 1 - p])) - end, 0, 0.5) for end in (low, high)]
    heads = np.array([*ends, *(1 - end for end in ends)])
    law = sum(s * stats.beta(n + b, m + b).cdf(heads) for s, b in zip(share, beta, strict=True) if s > 1e-12)
    return float(law[0] + 1 - law[2]), float(law[3] - law[1])


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("counts", [[7, 3], [19, 1], [40, 41]])
def test_the_nsb_posterior_of_a_coin_leaves_equal_tails(counts: list[int]) -> None:
    found = mcdiv.interval("entropy", counts, method="nsb")
    assert nsb_tails(counts, float(found.low), float(found.high)) == pytest.approx((0.025, 0.025), abs=1e-8)
    assert float(found.standard_error) == float(mcdiv.standard_error("entropy", counts, method="nsb"))


@pytest.mark.slow
@pytest.mark.unmeasured
def test_posterior_draws_leave_the_tails_they_should_for_three_categories() -> None:
    """Against Dirichlet draws of another stream; the ends rest on 20,000 draws, those that check them on 400,000."""
    counts, q, checks = [7, 3, 1], [0.5, 0.3, 0.2], 400_000
    pmfs = np.random.default_rng(5).dirichlet(np.array(counts) + 0.5, size=checks)
    for estimand, model in (("entropy", {}), ("kl_divergence", {"q": q})):
        found = mcdiv.interval(estimand, counts, method="bayes", alpha=0.5, **model)
        values = getattr(mcdiv, estimand)(pmfs, *model.values())
        tails = (values < found.low).mean(), (values > found.high).mean()
        assert tails == pytest.approx((0.025, 0.025), abs=5 * math.sqrt(0.025 * 0.975 * (1 / 20_000 + 1 / checks)))


def test_fewer_draws_can_be_asked_for_and_the_error_is_that_of_the_posterior() -> None:
    counts = [4, 2, 1, 1, 0, 0]
    wanted = float(mcdiv.standard_error("entropy", counts, method="bayes", alpha=0.5))
    for draws in (0, 100, 5000):
        found = mcdiv.interval("entropy", counts, method="bayes", alpha=0.5, draws=draws)
        assert float(found.standard_error) == wanted
    with pytest.raises(ValueError, match=re.escape("or a whole number from 100 to 10^6, got 50")):
        mcdiv.interval("entropy", counts, method="bayes", alpha=0.5, draws=50)


@pytest.mark.parametrize("counts", [[4, 2, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0], [30, 1, 0]])
def test_the_nsb_interval_has_the_spread_of_the_nsb_posterior(counts: list[int]) -> None:
    found = mcdiv.interval("entropy", counts, method="nsb", draws=20_000)
    assert float(found.standard_error) == float(mcdiv.standard_error("entropy", counts, method="nsb"))
    assert found.low < found.estimate < found.high


# ---- coverage


def test_coverage_of_two_flips_by_hand(study: Study) -> None:
    """N = 2, fair coin: estimates 0, ln 2, 0 with probabilities ¼, ½, ¼; the delta interval is the estimate itself."""
    results = study(estimands="entropy", model=None, estimators="plugin", intervals="delta", sample_sizes=2)
    (row,) = results.tables["intervals"].to_dict("records")
    assert row["exact_coverage"] == pytest.approx(0.5)
    assert row["exact_bias_eliminated_coverage"] == 0
    assert row["exact_width"] == row["exact_modse"] == 0
    assert abs(row["z_coverage"]) < 5
    assert row["coverage_mcse"] == pytest.approx(math.sqrt(row["coverage"] * (1 - row["coverage"]) / 1000))


@pytest.mark.slow
def test_the_coins_interval_covers_at_least_as_often_as_it_says(study: Study) -> None:
    results = study(
        truth={"coin": [i / 40 for i in range(21)]},
        model={"coin": 0.6},
        estimators="plugin",
        intervals=["clopper_pearson", "delta"],
        sample_sizes=[1, 2, 3, 5, 8, 13, 21, 34, 55, 89],
        mode="exact",
    )
    rows = results.tables["intervals"]
    exact = rows[rows["interval"] == "clopper_pearson"]["exact_coverage"]
    assert len(exact) == 21 * 10 * 3
    assert exact.min() >= 0.95
    assert rows[rows["interval"] == "delta"]["exact_coverage"].min() < 0.2


@pytest.mark.slow
def test_simulated_coverage_is_within_five_mcse_of_the_exact_one(study: Study) -> None:
    results = study(
        truth={"zipf": 3},
        model={"uniform": 3},
        intervals=["jackknife", "bootstrap_bca", {"bayes": {"alpha": 1, "draws": 200}}],
        sample_sizes=[6, 15],
        replicates=20_000,
    )
    rows = results.tables["performance"]
    rows = rows[rows["interval"].notna()]
    assert set(rows["measure"]) >= {"coverage", "bias_eliminated_coverage", "width", "modse"}
    assert (rows["z"].dropna().abs() < 5).all()
    assert rows["z"].notna().sum() > 30


@pytest.mark.slow
def test_drawn_outcomes_have_coverage_with_an_mcse_and_the_mean_of_an_unlisted_centre(study: Study) -> None:
    results = study(
        truth={"zipf": 40},
        model=None,
        estimators="plugin",
        intervals=[{"bayes": {"alpha": 0.5, "draws": 100}}, "jackknife"],
        sample_sizes=[30],
        replicates=300,
    )
    rows = results.tables["intervals"].set_index("interval")
    assert rows["exact_coverage"].isna().all()
    assert list(rows["estimator"]) == ["bayes(alpha=0.5)", "plugin"]
    assert rows["bias_eliminated_coverage"].between(0.5, 1).all()
    assert set(results.summary["estimator"]) == {"plugin"}  # what an interval brings along is not a result of its own


@pytest.mark.slow
def test_every_interval_is_held_to_the_mean_of_its_own_estimator(study: Study) -> None:
    """With two estimands, and no exact mean to fall back on."""
    changes = {"truth": {"zipf": 3}, "model": {"uniform": 3}, "estimators": "plugin", "sample_sizes": 12, "level": 0.5}
    changes["intervals"] = {"bayes": {"alpha": 2, "draws": 200}}
    exact = study(**changes, mode="exact").tables["intervals"].set_index("estimand")
    found = study(**changes, mode="monte_carlo", replicates=10**6).tables["intervals"].set_index("estimand")
    # A simulated mean that is next to an end of intervals decides about those.
    apart = found["bias_eliminated_coverage"] - exact["exact_bias_eliminated_coverage"]
    assert (apart.abs() <= 5 * found["bias_eliminated_coverage_mcse"]).all()


REFERENCE = json.loads((Path(__file__).parent / "reference" / "performance.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c["id"]) for c in REFERENCE if c["kind"] == "performance" and "se" in c["inputs"]]
)
def test_measures_of_given_intervals(case: dict[str, Any]) -> None:
    inputs, expected = case["inputs"], case["expected"]
    estimates, error = np.array(inputs["estimates"], dtype=float), np.array(inputs["se"], dtype=float)
    reach = ndtri((1 + inputs["level"]) / 2) * error
    features = features_of_intervals(estimates - reach, estimates + reach, error, inputs["truth"], estimates.mean())
    found = of_interval(IntervalSummary(moments=moments_of(features, np.ones(len(error))), simulated=True))
    names = {
        "coverage": "coverage",
        "bias_eliminated_coverage": "be_coverage",
        "width": "ci_width",
        "modse": "modse",
    }
    for measure, name in names.items():
        assert found[measure].value == pytest.approx(expected[name], rel=1e-11), name
        assert found[measure].mcse == pytest.approx(expected[f"{name}_mcse"], rel=1e-11), name


def test_only_an_interval_without_end_holds_an_infinite_truth() -> None:
    low, high = np.array([0.0, 1.0, np.inf, np.nan]), np.array([2.0, np.inf, np.inf, np.nan])
    features = features_of_intervals(low, high, np.ones(4), np.inf, np.inf)
    found = of_interval(IntervalSummary(moments=moments_of(features, np.ones(4)), simulated=True))
    assert found["coverage"].value == found["bias_eliminated_coverage"].value == 0.5


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in REFERENCE if c["kind"] == "proportion"])
def test_coverage_of_given_hits(case: dict[str, Any]) -> None:
    hits, count = case["inputs"]["hits"], case["inputs"]["n_sim"]
    low = np.where(np.arange(count) < hits, 0.0, 2.0)
    features = features_of_intervals(low, low + 1, low, 0.5, 0.5)
    found = of_interval(IntervalSummary(moments=moments_of(features, np.ones(count)), simulated=True))
    assert found["coverage"].value == pytest.approx(case["expected"]["coverage"])
    assert found["coverage"].mcse == pytest.approx(case["expected"]["coverage_mcse"])
    ends = mcdiv.intervals.coin.clopper_pearson_ends(np.array([[hits, count - hits]]), case["inputs"]["level"])
    assert [float(end[0]) for end in ends] == pytest.approx(
        [case["expected"]["clopper_pearson_lower"], case["expected"]["clopper_pearson_upper"]]
    )


# ---- mistakes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "delta", "level": 1}, "level: expected a level between 0 and 1, got 1"),
        ({"method": "delta", "level": "95"}, "level: expected a level between 0 and 1, got '95'"),
        ({"method": "delat"}, "unknown method 'delat'; did you mean 'delta'?"),
        ({"method": "bayes"}, "parameter 'alpha' is missing"),
        ({"method": "nsb", "estimator": "plugin"}, "nsb brings its own, nsb; got 'plugin'"),
        ({"method": "delta", "resamples": 500}, "unknown parameter; delta has none"),
        ({"method": "bootstrap_basic", "resamples": 5}, "expected a whole number from 100 to 10^6, got 5"),
        ({"method": "clopper_pearson", "counts": [1, 2, 3]}, "clopper_pearson is for 2 categories, got 3"),
        ({"method": "delta", "q": [0.5, 0.5], "counts_q": [1, 1]}, "q and counts_q are both given"),
    ],
)
def test_a_mistake_is_named(given: dict[str, Any], said: str) -> None:
    counts = given.get("counts", [7, 3])
    with pytest.raises(ValueError, match=re.escape(said)):
        mcdiv.interval("entropy", counts, **{key: value for key, value in given.items() if key != "counts"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"intervals": ["delat"]}, "unknown interval 'delat'; did you mean 'delta'?"),
        ({"intervals": ["clopper_pearson"], "truth": {"uniform": 3}, "model": None}, "is for 2 categories, got 3"),
        (
            {"intervals": "clopper_pearson", "model_sample_sizes": 4, "estimators": "plugin", "estimands": KL},
            "gives no interval for kl_divergence with the model sampled",
        ),
        ({"level": 1.5}, "expected a level between 0 and 1, got 1.5"),
        (
            {"checks": [{"estimand": "entropy", "measure": "coverage", "above": 0.9}]},
            "'interval' goes with the measures coverage",
        ),
        (
            {"checks": [{"estimand": "entropy", "measure": "bias", "near": 0, "within": -1}]},
            "expected a number >= 0, got -1",
        ),
    ],
)
def test_a_scenarios_mistake_is_named(changes: dict[str, Any], said: str) -> None:
    scenario, problems = read_scenario(small(**changes))
    assert scenario is None
    assert said in problems[0].text()


def test_a_check_may_speak_of_coverage(study: Study) -> None:
    check = {"estimand": "entropy", "interval": "clopper_pearson", "measure": "coverage", "above": 0.95}
    results = study(intervals=["clopper_pearson"], checks=[check, {**check, "above": 0.999}])
    assert [verdict.met for verdict in results.checks] == [True, False]
    assert scenario_of(intervals=["delta"], level="0.9").as_written()["level"] == 0.9
